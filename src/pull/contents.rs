//! What is in a database, as what is pulled has it.

use super::RowMisfits;
use super::asked::AskServer;
use crate::catalog::{
    ForeignKeyConstraint, Fragment, IndexOrigin, Name, NameRef, Object, ObjectKind, Table,
    TableIndex,
};
use crate::stored::{CreateTable, index, normalized};
use crate::words::same_name;
use std::collections::{HashMap, HashSet};

/// How the names of Relata's own tables begin.
const OWN: &str = "_relata_";

/// What is in a database.
pub(super) struct DatabaseContents<'a> {
    pub(super) objects: Vec<&'a Object>,
    pub(super) tables: Vec<Table>,
    /// The places of the tables in `tables`, by name.
    pub(super) places: HashMap<Name, usize>,
    /// What its rows don't fit.
    pub(super) rows: &'a RowMisfits,
    /// The server that is asked what a script makes there; none of SQLite's.
    pub(super) server: Option<&'a dyn AskServer>,
    /// The tables that are said by their statements, whatever they have.
    pub(super) verbatim: HashSet<Name>,
    /// Sentences of what tables stand on.
    pub(super) before: Vec<String>,
}

impl<'a> DatabaseContents<'a> {
    /// All but what Relata keeps for itself, and the tables that a virtual table keeps for itself.
    pub(super) fn new(objects: &'a [Object], rows: &'a RowMisfits) -> Self {
        let is_own =
            |object: &Object| object.table.get(..OWN.len()).is_some_and(|it| same_name(it, OWN));
        let shadows = objects.iter().filter(|it| it.is_shadow());
        let shadows: HashSet<_> = shadows.map(|it| NameRef(&it.name)).collect();
        let is_said = |it: &&Object| !is_own(it) && !shadows.contains(&NameRef(&it.table));
        let objects: Vec<_> = objects.iter().filter(is_said).collect();
        let tables = objects.iter().filter(|it| it.kind() == ObjectKind::Table);
        let tables: Vec<_> = tables.filter_map(|it| read(it.sql.as_deref()?)).collect();
        let names = tables.iter().enumerate();
        let places = names.map(|(at, it)| (Name::from(&it.name), at)).collect();
        let (server, verbatim, before) = (None, HashSet::new(), Vec::new());
        let mut found = Self { objects, tables, places, rows, server, verbatim, before };
        for at in 0..found.tables.len() {
            let Some(table) = found.tables.get(at) else { break };
            let indexes: Vec<_> = (found.objects.iter())
                .filter(|it| it.kind() == ObjectKind::Index && same_name(&it.table, &table.name))
                .filter_map(|it| Some(read_index(table, &it.name, it.sql.as_deref()?)))
                .collect();
            let keys = found.resolved(&table.keys);
            if let Some(table) = found.tables.get_mut(at) {
                table.indexes.extend(indexes);
                table.keys = keys;
            }
        }
        found
    }

    /// Foreign keys that name the columns that they refer to.
    pub(super) fn resolved(&self, keys: &[ForeignKeyConstraint]) -> Vec<ForeignKeyConstraint> {
        let resolved = |key: &ForeignKeyConstraint| {
            let place = self.places.get(&Name::from(&key.table)).filter(|_| key.to.is_empty());
            let table = place.and_then(|it| self.tables.get(*it));
            let own = table.map_or_else(Vec::new, Table::primary_key);
            let own = own.into_iter().map(str::to_owned);
            ForeignKeyConstraint { to: key.to.iter().cloned().chain(own).collect(), ..key.clone() }
        };
        keys.iter().map(resolved).collect()
    }
}

/// What a table's statement says; none where it can't be read. A check that says more than its condition has no words.
pub(super) fn read(sql: &str) -> Option<Table> {
    let mut table = CreateTable::read(sql)?.table;
    for check in std::mem::take(&mut table.checks) {
        if check.more.is_empty() {
            table.checks.push(check);
            continue;
        }
        let text = format!("CHECK ({}) {}", check.condition, check.more);
        let text = Fragment::new(text.as_str(), normalized(&text));
        match check.column.and_then(|it| table.columns.get_mut(it)) {
            Some(column) => column.others.push(text),
            None => table.others.push(text),
        }
    }
    Some(table)
}

/// What the statement of a table's index says; nothing but its name where it can't be read.
pub(super) fn read_index(table: &Table, name: &str, sql: &str) -> TableIndex {
    let read = index(sql, |it| table.place(it).is_some());
    let sql = Some(sql.to_owned());
    TableIndex { name: name.to_owned(), sql, ..read.unwrap_or_default() }
}

/// The columns of each key of a table in which rows differ: its primary key and its uniques.
pub(super) fn uniques(table: &Table) -> Vec<Vec<&str>> {
    let mut all = vec![table.primary_key()];
    let others = table.indexes.iter().filter(|it| it.origin != IndexOrigin::PrimaryKey);
    all.extend(others.filter_map(TableIndex::unique_columns));
    all
}

//! Names that change: what tables are with their new names, before they have them.

use super::work::{ServerWork, WorkPhase, WorkStatement, WorkStep, texts};
use super::{ServerEngine, TablesAside};
use crate::catalog::Table;
use crate::client::{Client, RunResult, quoted};
use crate::migrate::alteration::change;
use crate::migrate::ddl::TableDdl;
use crate::migrate::history::{Renamed, settled_names};
use crate::migrate::renames::{ASIDE, Renaming, column_moves_of, in_order};
use crate::migrate::{Change, ChangeMethod, Migrator, PlanPart, Sign, StepCost};
use crate::source::Span;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The names that change.
#[derive(Debug, Default)]
pub(in crate::migrate) struct FormerNames {
    /// Of tables, the old one and the new one.
    moved: Vec<Renaming>,
    /// Of columns of tables, by their new names.
    columns: BTreeMap<String, Vec<Renaming>>,
    /// The tables whose own names change, as they are then.
    pub tables: BTreeMap<String, Table>,
    /// For each of them, its name and its columns as they are now.
    now: BTreeMap<String, (String, Vec<String>, bool)>,
}

impl FormerNames {
    /// What is to be renamed, which comes first of all work.
    pub(in crate::migrate) fn of(
        server: &dyn ServerEngine,
        migrator: &mut Migrator<'_>,
        (at, tables): (Span, &[TableDdl]),
        work: &mut ServerWork,
    ) -> RunResult<Self> {
        let schema = migrator.client.scripts.schema;
        work.models = tables.iter().map(|it| it.model).collect();
        let settled = settled_names(&mut migrator.client)?;
        let mut res =
            Self { moved: migrator.table_moves(at, tables, &settled)?, ..Self::default() };
        let mut ran: Vec<WorkStatement> = Vec::new();
        let mut aside = TablesAside::default();
        let ordered = in_order(res.moved.clone());
        aside.renames.clone_from(&ordered);
        for ((from, to), own) in ordered.iter().cloned().zip(server.rename_tables(&ordered)) {
            ran.extend(own);
            if !to.starts_with(ASIDE) {
                let from = from.trim_start_matches(ASIDE);
                let what = (Sign::Change, PlanPart::Table, format!("rename table from `{from}`"));
                renamed(work, &to, what, std::mem::take(&mut ran));
            }
            work.renames.push(Renamed { table: None, from, to });
        }
        let mut olds = Vec::new();
        for table in tables {
            let model = &schema[table.model];
            let former = res.former(&table.name).to_owned();
            let is_moved = former != table.name.as_str();
            if !is_moved && model.attributes.iter().all(|it| it.was().is_none()) {
                continue;
            }
            let Some(current) = migrator.client.ask(at, |it| it.table(&former))? else { continue };
            let name = table.name.to_string();
            let moves = column_moves_of(model, (&former, &current), &settled);
            if !is_moved && moves.is_empty() {
                continue;
            }
            let ordered = in_order(moves.clone());
            let own = server.rename_columns(&name, &ordered, &moves);
            for ((from, to), own) in ordered.into_iter().zip(own) {
                aside.behind.extend(texts(&own));
                ran.extend(own);
                if !to.starts_with(ASIDE) {
                    let from = from.trim_start_matches(ASIDE);
                    let text = format!("rename column `{from}` to `{to}`");
                    let what = (Sign::Change, PlanPart::Column, text);
                    renamed(work, &name, what, std::mem::take(&mut ran));
                }
                work.renames.push(Renamed { table: Some(name.clone()), from, to });
            }
            let columns = current.columns.iter().map(|it| it.name.clone()).collect();
            let keyless = !current.columns.iter().any(|it| it.primary_key > 0);
            res.now.insert(name.clone(), (former, columns, keyless));
            res.columns.insert(name, moves);
            olds.push(current);
        }
        res.make(server, migrator, at, (&olds, aside))?;
        Ok(res)
    }

    /// Makes the tables aside, with their new names.
    fn make(
        &mut self,
        server: &dyn ServerEngine,
        migrator: &mut Migrator<'_>,
        at: Span,
        (olds, mut aside): (&[Table], TablesAside),
    ) -> RunResult<()> {
        if olds.is_empty() {
            return Ok(());
        }
        aside.tables = olds.iter().map(|it| (it.name.clone(), server.without_keys(it))).collect();
        let names: Vec<String> = self.now.keys().cloned().collect();
        let made = server.made_of(migrator, at, &aside, &names)?;
        for (name, made) in names.into_iter().zip(made) {
            let old = self.now.get(&name).and_then(|now| olds.iter().find(|it| it.name == now.0));
            let (Some(mut made), Some(old)) = (made, old) else { continue };
            made.keys.clone_from(&old.keys);
            let moves = self.columns.get(&name).cloned().unwrap_or_default();
            for key in &mut made.keys {
                key.columns.iter_mut().for_each(|it| rename(it, &moves));
            }
            self.rename_keys(&mut made);
            self.tables.insert(name, made);
        }
        Ok(())
    }

    /// Gives what the keys of a table refer to its new names.
    pub(in crate::migrate) fn rename_keys(&self, table: &mut Table) {
        for key in &mut table.keys {
            key.table = self.later(&key.table);
            if let Some(moves) = self.columns.get(&key.table) {
                key.to.iter_mut().for_each(|it| rename(it, moves));
            }
        }
    }

    /// What a table is called then.
    pub(in crate::migrate) fn later(&self, name: &str) -> String {
        let found = self.moved.iter().find(|it| it.0 == name);
        found.map_or_else(|| name.to_owned(), |it| it.1.clone())
    }

    /// What it is called now.
    pub(in crate::migrate) fn former<'n>(&'n self, name: &'n str) -> &'n str {
        self.moved.iter().find(|it| it.1 == name).map_or(name, |it| &it.0)
    }

    /// What stands before a query for rows by the new names.
    pub(in crate::migrate) fn before_queries(
        &self,
        server: &dyn ServerEngine,
        client: &Client<'_>,
        at: Span,
    ) -> RunResult<String> {
        if self.now.is_empty() {
            return Ok(String::new());
        }
        let schema = server.around(client, at)?;
        let mut res = "WITH ".to_owned();
        for (place, (name, (former, columns, keyless))) in self.now.iter().enumerate() {
            let moves = self.columns.get(name).cloned().unwrap_or_default();
            let each = columns.iter().map(|old| {
                let mut new = old.clone();
                rename(&mut new, &moves);
                format!("{} AS {}", quoted(old), quoted(&new))
            });
            let row = server.row_name();
            let row = (*keyless && !row.is_empty()).then(|| row.to_owned());
            let each: Vec<_> = each.chain(row).collect();
            let comma = if place > 0 { ", " } else { "" };
            let _ = write!(
                res,
                "{comma}{} AS {}(SELECT {} FROM {schema}.{})",
                quoted(name),
                server.query_word(),
                each.join(", "),
                quoted(former)
            );
        }
        res.push(' ');
        Ok(res)
    }
}

fn rename(name: &mut String, moves: &[Renaming]) {
    if let Some(found) = moves.iter().find(|it| it.0 == *name) {
        name.clone_from(&found.1);
    }
}

fn renamed(
    work: &mut ServerWork,
    name: &str,
    what: (Sign, PlanPart, String),
    statements: Vec<WorkStatement>,
) {
    let change = change(name, what, ChangeMethod::Rename, Vec::new());
    let change = Change { cost: Some(StepCost::default()), ..change };
    work.steps.push(WorkStep::of(WorkPhase::Renames, change, statements));
}

//! Foreign keys that would refer to what is no key any more, or to what is gone.

use super::Change;
use super::alter_engine;
use super::alteration::Alteration;
use crate::catalog::{ForeignKeyConstraint, Name, ObjectKind, Table};
use crate::client::Client;
use crate::client::{RunResult, quoted};
use crate::diagnostics::{Hazard, HazardKind, RunProblem, UnkeyedReference};
use crate::source::Span;
use crate::words::folded;
use std::collections::{BTreeSet, HashSet};

/// The foreign keys that refer to columns which aren't unique. SQLite refuses every write to their tables.
pub(super) fn unkeyed_references(
    client: &mut Client<'_>,
    at: Span,
) -> RunResult<BTreeSet<UnkeyedReference>> {
    let mut found = BTreeSet::new();
    for object in client.ask(at, |it| it.objects())? {
        if object.kind() != ObjectKind::Table {
            continue;
        }
        let Some(child) = client.ask(at, |it| it.table(&object.name))? else {
            continue;
        };
        for key in &child.keys {
            let Some(parent) = client.ask(at, |it| it.table(&key.table))? else {
                continue;
            };
            if !is_key(&parent, key) {
                found.insert(UnkeyedReference {
                    columns: key.columns.clone(),
                    table: child.name.clone(),
                    parent: parent.name,
                });
            }
        }
    }
    Ok(found)
}

/// Refuses what would leave a foreign key without what it refers to.
pub(super) fn refuse_unkeyed_references(
    client: &mut Client<'_>,
    alter: &Alteration,
    before: &BTreeSet<UnkeyedReference>,
    changes: &mut Vec<Change>,
) -> RunResult<()> {
    for key in unkeyed_references(client, alter.at)?.difference(before) {
        let hazard = alter.hazard(HazardKind::NoKey { key: key.clone() }, None);
        alter.refuse(hazard.clone());
        changes.push(Change::refused(key.table.as_str().into(), Vec::new(), vec![hazard]));
    }
    Ok(())
}

/// Whether what a foreign key refers to is the primary key, or unique.
fn is_key(parent: &Table, key: &ForeignKeyConstraint) -> bool {
    let lower = |it: &String| folded(it);
    let named: BTreeSet<_> = key.to.iter().map(lower).collect();
    let members = parent.columns.iter().filter(|it| it.primary_key > 0);
    let primary: BTreeSet<_> = members.map(|it| folded(&it.name)).collect();
    if named.is_empty() {
        return primary.len() == key.columns.len();
    }
    let unique = |index: &crate::catalog::TableIndex| {
        let members: Option<BTreeSet<_>> =
            (index.members.iter()).map(|it| it.column.as_deref().map(folded)).collect();
        index.unique && index.filter.is_none() && members.is_some_and(|it| it == named)
    };
    primary == named || parent.indexes.iter().any(unique)
}

/// Whether a table that stays refers to one that goes; fails where one of its rows does.
pub(super) fn refers_to_dropped(
    client: &mut Client<'_>,
    at: Span,
    gone: &HashSet<Name>,
) -> Result<bool, RunProblem> {
    if gone.is_empty() {
        return Ok(false);
    }
    let mut referred = false;
    let objects = client.ask(at, |it| it.objects())?;
    let engine = alter_engine(client.database)?;
    let outside = objects.iter().filter(|object| {
        let is_outside = !gone.contains(&object.name.as_str().into());
        let sql =
            object.sql.as_deref().filter(|_| object.kind() == ObjectKind::Table && is_outside);
        sql.is_some_and(|sql| engine.read_table(sql).is_none_or(|it| !it.keys.is_empty()))
    });
    for object in outside {
        let Some(table) = client.ask(at, |it| it.table(&object.name))? else {
            continue;
        };
        for key in &table.keys {
            if !gone.contains(&key.table.as_str().into()) {
                continue;
            }
            referred = true;
            let held: Vec<_> =
                key.columns.iter().map(|it| format!("{} IS NOT NULL", quoted(it))).collect();
            let sql = format!(
                "SELECT count(*) FROM {} WHERE {}",
                quoted(&table.name),
                held.join(" AND ")
            );
            let rows = client.count(at, &sql)?;
            if rows > 0 {
                let (table, by) = (key.table.clone(), table.name);
                let kind = HazardKind::ReferredByRows { table, by, rows };
                return Err(Hazard::of_structure(kind, Some(at)).into());
            }
        }
    }
    Ok(referred)
}

//! Foreign keys that would refer to what is no key any more, or to what is gone.

use super::engine_of;
use super::task::Alteration;
use crate::catalog::{ForeignKeyConstraint, Name, ObjectKind, Table};
use crate::client::Client;
use crate::client::{RunResult, place, quoted};
use crate::diagnostics::{Hazard, Loss, RunProblem};
use crate::source::Span;
use crate::words::folded;
use std::collections::{BTreeSet, HashSet};

/// The foreign keys that refer to columns which aren't unique, in words. SQLite refuses every write to their tables.
pub(super) fn mismatched(client: &mut Client<'_>, at: Span) -> RunResult<BTreeSet<String>> {
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
                found.insert(format!(
                    "`{}` of `{}` refers to `{}`",
                    key.columns.join("`, `"),
                    child.name,
                    parent.name
                ));
            }
        }
    }
    Ok(found)
}

/// Refuses what would leave a foreign key without what it refers to.
pub(super) fn still_referred(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    before: &BTreeSet<String>,
) -> RunResult<()> {
    for what in mismatched(client, alter.at)?.difference(before) {
        alter.refuse(Hazard {
            loss: Loss::Unaltered,
            what: format!("{what}, and would not refer to a key of it any more"),
            help: "drop the foreign key, or refer to what is the key then, in the same change"
                .to_owned(),
            declared: None,
            at: place(alter.at),
        });
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
pub(super) fn still_referenced(
    client: &mut Client<'_>,
    at: Span,
    gone: &HashSet<Name>,
) -> Result<bool, RunProblem> {
    if gone.is_empty() {
        return Ok(false);
    }
    let mut referred = false;
    let objects = client.ask(at, |it| it.objects())?;
    let engine = engine_of(client.database);
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
                let refer = if rows == 1 { "row of" } else { "rows of" };
                let to = if rows == 1 { "refers to it" } else { "refer to it" };
                let (gone, by) = (&key.table, &table.name);
                return Err(RunProblem::Hazard(Hazard {
                    loss: Loss::Referenced,
                    what: format!("`{gone}` can't be dropped: {rows} {refer} `{by}` {to}"),
                    help: format!("drop `{by}` with it, or delete these rows first"),
                    declared: None,
                    at: Some(at),
                }));
            }
        }
    }
    Ok(referred)
}

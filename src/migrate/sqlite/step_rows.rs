//! What a data step did to rows, kept so that it can be undone.
//!
//! `_relata_kept_4_Users` has the rows of `Users` that migration 4, a step, changed, inserted or deleted: `was` and `stays` say whether
//! there was such a row before and behind it, `k:` columns have its key, `o:` columns its old values, `n:` columns its new ones.

use super::kept_values::{keep_sequence, key as own_key};
use super::layout::has_rowids;
use super::sequences::sequence_of;
use crate::catalog::{Definition, Name, Object, ObjectKind, Table, TableStorage};
use crate::client::{Client, RunResult, quoted};
use crate::diagnostics::{Hazard, HazardKind};
use crate::migrate::history::kept_tables;
use crate::source::Span;
use std::collections::BTreeSet;

/// The columns by which a row is known again.
pub(super) fn key(table: &Table) -> Vec<String> {
    if has_rowids(table) { vec!["rowid".to_owned()] } else { own_key(table) }
}

/// The columns that hold values.
pub(super) fn values(table: &Table) -> impl Iterator<Item = &str> {
    let plain = table.columns.iter().filter(|it| it.generated.is_none());
    plain.map(|it| it.name.as_str())
}

pub(super) fn called(kind: &str, name: &str) -> String {
    quoted(&format!("{kind}:{name}"))
}

/// Keeps the rows of the tables that a step is going to write to; the tables.
pub(super) fn keep_before(
    client: &mut Client<'_>,
    at: Span,
    migration: u64,
    written: &BTreeSet<Name>,
) -> RunResult<Vec<Table>> {
    let objects = client.ask(at, |it| it.objects())?;
    let written = |it: &&Object| {
        it.kind() == ObjectKind::Table
            && !it.is_shadow()
            && written.contains(&it.name.as_str().into())
    };
    let mut all = Vec::new();
    for object in objects.iter().filter(written) {
        if let Definition::Table(TableStorage::Module { content }) = &object.definition {
            // One that only finds rows of another table is filled again when these are given back.
            if content.is_none() {
                let kind = HazardKind::StepWritesModule { table: object.name.clone() };
                return Err(Hazard::of_structure(kind, Some(at)).into());
            }
            continue;
        }
        let Some(table) = client.ask(at, |it| it.table(&object.name))? else { continue };
        let mut select: Vec<_> =
            key(&table).iter().map(|it| format!("{} AS {}", quoted(it), called("k", it))).collect();
        select.extend(values(&table).map(|it| format!("{} AS {}", quoted(it), called("o", it))));
        let (into, from) = (quoted(&before_name(&table.name)), quoted(&table.name));
        let sql = format!("CREATE TABLE {into} AS SELECT {} FROM {from}", select.join(", "));
        client.ask(at, |it| it.execute(&sql, &[]))?;
        if let Some(last) = sequence_of(client, at, &table.name)? {
            keep_sequence(client, at, migration, &table.name, &last)?;
        }
        all.push(table);
    }
    Ok(all)
}

fn kept_name(migration: u64, table: &str) -> String {
    kept_tables::kept_name(i64::try_from(migration).unwrap_or(i64::MAX), table)
}

/// The rows of a table while a step runs.
fn before_name(table: &str) -> String {
    format!("_relata_before_{table}")
}

/// Of the rows that were kept those stay kept which the step has changed, with what it made of them.
pub(super) fn keep_changes(
    client: &mut Client<'_>,
    at: Span,
    migration: u64,
    tables: &[Table],
) -> RunResult<()> {
    for table in tables {
        let after = quoted(&kept_name(migration, &table.name));
        let (before, now) = (quoted(&before_name(&table.name)), quoted(&table.name));
        let keys = key(table);
        let same: Vec<_> =
            keys.iter().map(|it| format!("n.{} = b.{}", quoted(it), called("k", it))).collect();
        let same = same.join(" AND ");
        let present = format!("(SELECT 1 AS present, {}* FROM {now})", rowid_of(table));
        let list = |of: &dyn Fn(&str) -> String| -> Vec<String> { values(table).map(of).collect() };
        let from_before = (keys.iter().map(|it| format!("b.{}", called("k", it))))
            .chain(list(&|it| format!("b.{}", called("o", it))))
            .chain(list(&|it| format!("n.{} AS {}", quoted(it), called("n", it))));
        let from_now = (keys.iter().map(|it| format!("n.{}", quoted(it))))
            .chain(list(&|_| "NULL".to_owned()))
            .chain(list(&|it| format!("n.{}", quoted(it))));
        let differs = list(&|it| {
            let (old, new) = (format!("b.{}", called("o", it)), format!("n.{}", quoted(it)));
            format!(" OR {old} IS NOT {new} COLLATE BINARY OR typeof({old}) <> typeof({new})")
        });
        let sql = format!(
            "CREATE TABLE {after} AS \
             SELECT 1 AS was, n.present IS NOT NULL AS stays, {} FROM {before} AS b LEFT JOIN {present} AS n ON {same} \
             WHERE n.present IS NULL{} \
             UNION ALL SELECT 0, 1, {} FROM {present} AS n LEFT JOIN (SELECT 1 AS present, * FROM {before}) AS b ON {same} \
             WHERE b.present IS NULL",
            from_before.collect::<Vec<_>>().join(", "),
            differs.concat(),
            from_now.collect::<Vec<_>>().join(", "),
        );
        client.ask(at, |it| {
            it.execute(&sql, &[])?;
            it.execute(&format!("DROP TABLE {before}"), &[])
        })?;
    }
    Ok(())
}

/// The number of a row, where `*` doesn't have it.
pub(super) fn rowid_of(table: &Table) -> &'static str {
    if has_rowids(table) { "rowid AS rowid, " } else { "" }
}

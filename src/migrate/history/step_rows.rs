//! What a data step did to rows, kept so that it can be undone.
//!
//! `_relata_kept_4_Users` has the rows of `Users` that migration 4, a step, changed, inserted or deleted: `was` and `stays` say whether
//! there was such a row before and behind it, `k:` columns have its key, `o:` columns its old values, `n:` columns its new ones.

use super::Migration;
use super::kept::{self, keep_sequence, kept_sequence, kept_tables};
use super::last::{loses, unfit};
use crate::catalog::{Name, Object, ObjectKind, Table};
use crate::client::{Client, FailedStatement, RunResult, quoted};
use crate::diagnostics::{Hazard, Loss, RunProblem};
use crate::migrate::layout::has_rowids;
use crate::migrate::sequences::sequence_of;
use crate::migrate::there::objects_beside;
use crate::source::Span;
use crate::stored::{is_virtual, quoted_text, tokens};
use std::collections::BTreeSet;

/// The columns by which a row is known again.
fn key(table: &Table) -> Vec<String> {
    if has_rowids(table) { vec!["rowid".to_owned()] } else { kept::key(table) }
}

/// The columns that hold values.
fn values(table: &Table) -> impl Iterator<Item = &str> {
    let plain = table.columns.iter().filter(|it| it.generated.is_none());
    plain.map(|it| it.name.as_str())
}

fn called(kind: &str, name: &str) -> String {
    quoted(&format!("{kind}:{name}"))
}

/// Keeps the rows of the tables that a step is going to write to; the tables.
pub(in crate::migrate) fn keep_before(
    client: &mut Client<'_>,
    at: Span,
    migration: u64,
    written: &BTreeSet<Name>,
) -> RunResult<Vec<Table>> {
    let objects = client.ask(at, |it| it.objects())?;
    let written = |it: &&Object| {
        it.kind == ObjectKind::Table && !it.is_shadow && written.contains(&it.name.as_str().into())
    };
    let mut all = Vec::new();
    for object in objects.iter().filter(written) {
        let sql = object.sql.as_deref().unwrap_or_default();
        if is_virtual(sql) {
            // One that only finds rows of another table is filled again when these are given back.
            if content_of(sql).is_none() {
                return Err(cannot_be_undone(at, &object.name));
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
    kept::name(i64::try_from(migration).unwrap_or(i64::MAX), table)
}

/// The rows of a table while a step runs.
fn before_name(table: &str) -> String {
    format!("_relata_before_{table}")
}

/// The table whose rows a virtual table finds (FTS with `content=..`).
fn content_of(sql: &str) -> Option<String> {
    let all = tokens(sql);
    all.windows(3).find_map(|it| match it {
        [option, equals, value] if option.is("content") && equals.is_sign('=') => {
            value.label().filter(|it| !it.is_empty()).map(str::to_owned)
        }
        _ => None,
    })
}

fn cannot_be_undone(at: Span, table: &str) -> RunProblem {
    RunProblem::Hazard(Hazard {
        loss: Loss::Unaltered,
        what: format!(
            "`{table}` is kept by a module of SQLite's, and what a step writes to it could not be undone"
        ),
        help: "write to it outside of the step".to_owned(),
        declared: None,
        at: Some(at),
    })
}

/// Of the rows that were kept those stay kept which the step has changed, with what it made of them.
pub(in crate::migrate) fn keep_changes(
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
fn rowid_of(table: &Table) -> &'static str {
    if has_rowids(table) { "rowid AS rowid, " } else { "" }
}

/// The tables of which a migration that is a step has kept rows.
pub(super) fn kept_rows_of(
    client: &mut Client<'_>,
    migration: &Migration,
) -> RunResult<Vec<String>> {
    if migration.step.is_none() {
        return Ok(Vec::new());
    }
    let prefix = kept::name(migration.id, "");
    let tables = kept_tables(client, Some(migration.id))?;
    let names = tables.iter().filter_map(|it| it.strip_prefix(&prefix));
    Ok(names.filter(|it| *it != kept::SEQUENCES).map(str::to_owned).collect())
}

/// Undoes what a step did to rows; what was written since stays.
pub(super) fn undo_step(
    client: &mut Client<'_>,
    (id, tables): (i64, &[String]),
    allowed: bool,
    ran: &mut Vec<String>,
) -> RunResult<()> {
    for name in tables {
        if let Some(table) = client.ask(Span::default(), |it| it.table(name))? {
            undo_rows(client, id, &table, allowed, ran)?;
        }
    }
    Ok(())
}

/// Gives the rows of a table back; no trigger fires for it.
fn undo_rows(
    client: &mut Client<'_>,
    id: i64,
    table: &Table,
    allowed: bool,
    ran: &mut Vec<String>,
) -> RunResult<()> {
    let at = Span::default();
    let (now, kept) = (quoted(&table.name), quoted(&kept::name(id, &table.name)));
    let keys = key(table);
    let same: Vec<_> =
        keys.iter().map(|it| format!("t.{} = k.{}", quoted(it), called("k", it))).collect();
    let same = same.join(" AND ");
    if !allowed {
        let differs: Vec<_> = values(table)
            .map(|it| format!("t.{} IS NOT k.{} COLLATE BINARY", quoted(it), called("n", it)))
            .collect();
        let sql = format!(
            "SELECT count(*) FROM {kept} AS k JOIN {now} AS t ON {same} WHERE NOT k.was AND ({})",
            differs.join(" OR ")
        );
        match client.count(at, &sql)? {
            0 => {}
            rows => {
                let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
                return Err(loses(&format!(
                    "{rows} of `{}` that a step wrote {} changed since",
                    table.name,
                    if rows == "1 row" { "was" } else { "were" }
                )));
            }
        }
    }
    let mut triggers = objects_beside(client, at, &table.name)?;
    triggers.retain(|it| it.kind == ObjectKind::Trigger);
    for trigger in &triggers {
        client.run_statement(at, &format!("DROP TRIGGER {}", quoted(&trigger.name)), ran)?;
    }
    // Rows come back all at once: two of them may have changed places.
    let back = quoted(&format!("_relata_back_{id}"));
    let shown = if table.rowid().is_none() && has_rowids(table) { Some("rowid") } else { None };
    let columns: Vec<_> = shown.into_iter().chain(values(table)).collect();
    let restored: Vec<_> = columns
        .iter()
        .map(|it| {
            if Some(*it) == shown {
                return format!("k.{} AS {}", called("k", it), quoted("k:rowid"));
            }
            let (was, given, current) =
                (called("o", it), called("n", it), format!("t.{}", quoted(it)));
            format!(
                "CASE WHEN NOT k.stays OR {current} IS k.{given} COLLATE BINARY THEN k.{was} ELSE {current} END AS {}",
                quoted(it)
            )
        })
        .collect();
    let join = format!(
        "{kept} AS k LEFT JOIN (SELECT 1 AS present, {}* FROM {now}) AS t ON {same}",
        rowid_of(table)
    );
    let into: Vec<_> = columns.iter().map(|it| quoted(it)).collect();
    let keyed: Vec<_> = keys.iter().map(|it| called("k", it)).collect();
    let place: Vec<_> = keys.iter().map(|it| quoted(it)).collect();
    for sql in [
        format!(
            "CREATE TABLE {back} AS SELECT {} FROM {join} WHERE k.was AND (NOT k.stays OR t.present)",
            restored.join(", ")
        ),
        format!(
            "DELETE FROM {now} WHERE ({}) IN (SELECT {} FROM {kept} WHERE stays)",
            place.join(", "),
            keyed.join(", ")
        ),
        format!("INSERT INTO {now} ({}) SELECT * FROM {back}", into.join(", ")),
        format!("DROP TABLE {back}"),
    ] {
        match client.database.execute(&sql, &[]) {
            Ok(_) => ran.push(sql),
            Err(error) if error.is_constraint() => return Err(unfit(&table.name, &error.message)),
            Err(error) => {
                let about = FailedStatement { statement: Some(&sql), ..FailedStatement::default() };
                return Err(client.failure_of(error, at, about));
            }
        }
    }
    for trigger in &triggers {
        client.run_statement(at, trigger.sql.as_deref().unwrap_or_default(), ran)?;
    }
    undo_sequence(client, id, table, ran)?;
    for object in client.ask(at, |it| it.objects())? {
        let content = object.sql.as_deref().filter(|it| is_virtual(it)).and_then(content_of);
        if content.is_some_and(|it| it.eq_ignore_ascii_case(&table.name)) {
            let name = quoted(&object.name);
            client.run_statement(
                at,
                &format!("INSERT INTO {name} ({name}) VALUES ('rebuild')"),
                ran,
            )?;
        }
    }
    Ok(())
}

/// The next number that AUTOINCREMENT gives is the one that it would have given, where no row has a later one.
fn undo_sequence(
    client: &mut Client<'_>,
    id: i64,
    table: &Table,
    ran: &mut Vec<String>,
) -> RunResult<()> {
    let at = Span::default();
    if !table.identity {
        return Ok(());
    }
    let most = format!("coalesce((SELECT max(rowid) FROM {}), 0)", quoted(&table.name));
    let name = quoted_text(&table.name);
    let sql = match kept_sequence(client, id, &table.name)? {
        Some(last) => {
            format!("UPDATE sqlite_sequence SET seq = max({last}, {most}) WHERE name = {name}")
        }
        None => format!("DELETE FROM sqlite_sequence WHERE name = {name} AND {most} = 0"),
    };
    client.run_statement(at, &sql, ran)
}

//! What a data step did to rows is undone.

use super::kept_values::kept_sequence;
use super::layout::has_rowids;
use super::step_rows::{called, key, rowid_of, values};
use crate::catalog::{Definition, ObjectKind, Table, TableStorage};
use crate::client::{Client, FailedStatement, RunResult, quoted};
use crate::diagnostics::{Loss, RollbackHazard};
use crate::migrate::Migrator;
use crate::migrate::existing::objects_beside;
use crate::migrate::history::kept_tables::kept_name;
use crate::source::Span;
use crate::stored::quoted_text;

/// Undoes what a step did to rows; what was written since stays.
pub(super) fn undo_step(
    migrator: &mut Migrator<'_>,
    id: i64,
    tables: &[String],
    ran: &mut Vec<String>,
) -> RunResult<()> {
    let allowed = migrator.consent.allow.has(Loss::WrittenSince);
    let client = &mut migrator.client;
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
    let (now, kept) = (quoted(&table.name), quoted(&kept_name(id, &table.name)));
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
                return Err(RollbackHazard::StepRows { table: table.name.clone(), rows }.into());
            }
        }
    }
    let mut triggers = objects_beside(client, at, &table.name)?;
    triggers.retain(|it| it.kind() == ObjectKind::Trigger);
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
            Err(error) if error.is_constraint() => {
                let (table, why) = (table.name.clone(), error.message);
                return Err(RollbackHazard::Unfit { table, why }.into());
            }
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
        if let Definition::Table(TableStorage::Module { content: Some(content) }) =
            &object.definition
            && content == &*table.name
        {
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

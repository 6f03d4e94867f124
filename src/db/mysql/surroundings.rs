//! What there is beside tables, views and triggers, as statements where there are some, and in words where there aren't.

use super::Mysql;
use super::describe::{made, texts};
use super::kept_text::{in_session_mode, told_statement};
use super::shown::quoted;
use crate::catalog::{ShownColumn, Surroundings, TableComment};
use crate::db::DbError;
use crate::value::Value;

/// What is Relata's own.
const OWN: &str = "LIKE '\\_relata\\_%'";

/// All of it.
pub(super) fn surroundings(database: &Mysql) -> Result<Surroundings, DbError> {
    let mut res = Surroundings { whole_tables: true, ..Surroundings::default() };
    let collation = texts(database, "SELECT @@collation_database", &[])?;
    res.collation = collation.into_iter().flatten().next();
    let of_kind = |kind: &str| {
        format!(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND table_type = '{kind}' AND table_name NOT {OWN} ORDER BY table_name"
        )
    };
    for name in texts(database, &of_kind("SEQUENCE"), &[])?.into_iter().flatten() {
        let sql = format!("SHOW CREATE SEQUENCE {}", quoted(&name));
        let shown = texts(database, &sql, &[])?;
        res.statements.extend(shown.into_iter().next().and_then(|it| it.into_iter().nth(1)));
    }
    routines(database, &mut res)?;
    for name in texts(database, &of_kind("VIEW"), &[])?.into_iter().flatten() {
        let sql = told_statement(&made(database, &name)?, "VIEW");
        res.instead.push((name, Some(sql)));
    }
    let comments = format!(
        "SELECT table_name, '', table_comment FROM information_schema.tables \
         WHERE table_schema = database() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND table_comment <> '' AND table_name NOT {OWN} \
         UNION ALL SELECT c.table_name, c.column_name, c.column_comment FROM information_schema.columns c \
         JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') \
         WHERE c.table_schema = database() AND c.column_comment <> '' AND c.table_name NOT {OWN}"
    );
    for row in texts(database, &comments, &[])? {
        let [table, column, text] = row.as_slice() else { continue };
        let column = Some(column.clone()).filter(|it| !it.is_empty());
        res.comments.push(TableComment { table: table.clone(), column, text: text.clone() });
    }
    let untold = format!(
        "SELECT concat('the event `', event_name, '`'), 'it is not in the script' FROM information_schema.events WHERE event_schema = database() \
         UNION ALL SELECT concat('how strict the trigger `', trigger_name, '` is'), 'the script''s refuses a value that doesn''t fit' \
            FROM information_schema.triggers WHERE trigger_schema = database() AND event_object_table NOT {OWN} AND sql_mode NOT LIKE '%STRICT%' \
         UNION ALL SELECT concat('how strict `', routine_name, '` is'), 'the script''s refuses a value that doesn''t fit' \
            FROM information_schema.routines WHERE routine_schema = database() AND sql_mode NOT LIKE '%STRICT%'"
    );
    for row in texts(database, &untold, &[])? {
        let [what, why] = row.as_slice() else { continue };
        res.untold.push((what.clone(), why.clone()));
    }
    Ok(res)
}

/// Functions and procedures.
fn routines(database: &Mysql, res: &mut Surroundings) -> Result<(), DbError> {
    let sql = "SELECT routine_type, routine_name, sql_mode FROM information_schema.routines \
         WHERE routine_schema = database() ORDER BY created, routine_name";
    for row in texts(database, sql, &[])? {
        let [kind, name, mode] = row.as_slice() else { continue };
        let sql = format!("SHOW CREATE {kind} {}", quoted(name));
        let shown = texts(database, &sql, &[])?;
        let shown = shown.into_iter().next().and_then(|it| it.into_iter().nth(2));
        match shown.filter(|it| !it.is_empty()) {
            Some(sql) => {
                let own = told_statement(&sql, kind);
                res.statements.push(in_session_mode(&own, mode));
            }
            // Who may not read it is told nothing of it.
            None => res.untold.push((format!("`{name}`"), "it may not be read".to_owned())),
        }
    }
    Ok(())
}

/// The columns that a view shows.
pub(super) fn shown_columns(database: &Mysql, view: &str) -> Result<Vec<ShownColumn>, DbError> {
    let sql = "SELECT column_name, column_type FROM information_schema.columns \
         WHERE table_schema = database() AND table_name = ? ORDER BY ordinal_position";
    let rows = texts(database, sql, &[Value::Text(view.into())])?;
    let each = rows.iter().filter_map(|row| {
        let [name, data_type] = row.as_slice() else { return None };
        Some(ShownColumn { name: name.clone(), data_type: data_type.clone() })
    });
    Ok(each.collect())
}

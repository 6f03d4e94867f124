//! What stands on a table and is in the way when it changes: foreign keys that refer to it, views that read it, triggers of it.

use crate::catalog::{Object, ObjectKind};
use crate::client::{Client, RunResult};
use crate::migrate::server::around::{KeyAround, ViewAround};
use crate::source::Span;
use crate::value::Value;

/// Whether names are those of the schema that is looked in first: others have theirs before them.
fn name_of(relation: &str, schema: &str) -> String {
    format!(
        "CASE WHEN {schema}.nspname = current_schema() THEN {relation}.relname::text ELSE {schema}.nspname || '.' || {relation}.relname END"
    )
}

/// All foreign keys.
pub(super) fn keys(client: &Client<'_>, at: Span) -> RunResult<Vec<KeyAround>> {
    let (child, parent) = (name_of("c", "n"), name_of("p", "m"));
    let columns = |of: &str, keys: &str| {
        format!(
            "ARRAY(SELECT a.attname::text FROM unnest(k.{keys}) WITH ORDINALITY u (at, place) \
             JOIN pg_attribute a ON a.attrelid = k.{of} AND a.attnum = u.at ORDER BY u.place)::text[]"
        )
    };
    let (from, to) = (columns("conrelid", "conkey"), columns("confrelid", "confkey"));
    let sql = format!(
        "SELECT k.conname::text, {child}, array_to_string({from}, chr(1)), {parent}, array_to_string({to}, chr(1)), i.relname::text, \
            'CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid) \
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace m ON m.oid = p.relnamespace JOIN pg_class i ON i.oid = k.conindid \
         WHERE k.contype = 'f' AND n.nspname NOT LIKE '\\_relata\\_%' ORDER BY k.oid"
    );
    let rows = client.rows(at, &sql, &[])?;
    let list = |it: &str| it.split('\u{1}').map(str::to_owned).collect::<Vec<_>>();
    let each = rows.iter().map(|row| {
        let text = |at: usize| match row.get(at) {
            Some(Value::Text(it)) => it.to_string(),
            _ => String::new(),
        };
        KeyAround {
            name: text(0),
            table: text(1),
            columns: list(&text(2)),
            parent: text(3),
            to: list(&text(4)),
            index: text(5),
            text: text(6),
        }
    });
    Ok(each.collect())
}

/// All views, with what they read of tables and of other views.
pub(super) fn views(client: &Client<'_>, at: Span) -> RunResult<Vec<ViewAround>> {
    let (view, table) = (name_of("v", "n"), name_of("t", "m"));
    let sql = format!(
        "SELECT DISTINCT {view}, {table}, a.attname::text \
         FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class JOIN pg_namespace n ON n.oid = v.relnamespace \
         JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace m ON m.oid = t.relnamespace \
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid \
         WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND v.oid <> t.oid AND v.relkind IN ('v', 'm') \
         AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3"
    );
    let rows = client.rows(at, &sql, &[])?;
    let each = rows.iter().filter_map(|row| match row.as_slice() {
        [Value::Text(view), Value::Text(table), Value::Text(column)] => Some(ViewAround {
            view: view.to_string(),
            table: table.to_string(),
            column: column.to_string(),
        }),
        _ => None,
    });
    Ok(each.collect())
}

/// The triggers of a table that fire.
pub(super) fn triggers(there: &[Object], table: &str) -> Vec<String> {
    let own = there.iter().filter(|it| it.kind() == ObjectKind::Trigger && it.table == table);
    let fires = own.filter(|it| it.sql.as_deref().is_some_and(|sql| !sql.ends_with("*/")));
    fires.map(|it| it.name.clone()).collect()
}

/// Those that fire in another way, which isn't switched off and on again.
pub(super) fn other_triggers(there: &[Object], table: &str) -> bool {
    let mut own = there.iter().filter(|it| it.kind() == ObjectKind::Trigger && it.table == table);
    own.any(|it| it.sql.as_deref().is_some_and(|sql| sql.ends_with("/* enabled otherwise */")))
}

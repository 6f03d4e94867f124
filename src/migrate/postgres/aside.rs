//! What the server makes of a script's own statements: they are run in a schema of their own, which is undone. Nothing of what is there is
//! touched, and nobody waits: foreign keys that refer to other tables refer to empty ones here.

use crate::catalog::{Object, ObjectKind, Table};
use crate::client::{Client, RunResult, quoted};
use crate::ir::{KeyTarget, Model, ModelId};
use crate::migrate::Migrator;
use crate::migrate::server_statement::run_statement;
use crate::plan;
use crate::source::Span;
use crate::sql::Statement;
use crate::value::Value;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Where they are run.
const SCRATCH: &str = "relata_scratch";

/// What a script's statements make.
#[derive(Debug, Default)]
pub(super) struct DesiredStructure {
    /// The tables that are not there, or are there otherwise.
    pub tables: HashMap<ModelId, Table>,
    /// The views, each with its statement.
    pub views: BTreeMap<String, String>,
}

/// What the server makes of the script's tables and views, but of those tables that are alike in `known`.
pub(super) fn desired(
    migrator: &mut Migrator<'_>,
    at: Span,
    known: &[Object],
) -> RunResult<DesiredStructure> {
    aside(migrator, at, |client| {
        make(client, at)?;
        read(client, at, known)
    })
}

/// The tables that these statements make, each of one table; what they say of foreign keys is left out.
pub(super) fn made_of(
    migrator: &mut Migrator<'_>,
    at: Span,
    statements: &[String],
    tables: &[String],
) -> RunResult<Vec<Option<Table>>> {
    aside(migrator, at, |client| {
        for sql in statements {
            client.ask(at, |it| it.execute(sql, &[]))?;
        }
        tables.iter().map(|name| client.ask(at, |it| it.table(name))).collect()
    })
}

/// Does something in a schema of its own, and undoes it.
fn aside<T>(
    migrator: &mut Migrator<'_>,
    at: Span,
    work: impl FnOnce(&mut Client<'_>) -> RunResult<T>,
) -> RunResult<T> {
    let depth = migrator.depth + 1;
    let client = &mut migrator.client;
    client.ask(at, |it| it.savepoint(depth))?;
    let done = enter(client, at).and_then(|()| work(client));
    client.ask(at, |it| it.rollback_to(depth))?;
    done
}

fn enter(client: &mut Client<'_>, at: Span) -> RunResult<()> {
    let create = format!("CREATE SCHEMA {SCRATCH}");
    client.ask(at, |it| it.execute(&create, &[]))?;
    // What isn't made there, a type or a function, is looked up where it is.
    let path =
        "SELECT set_config('search_path', $1 || ', ' || current_setting('search_path'), true)";
    client.rows(at, path, &[Value::from(SCRATCH)])?;
    Ok(())
}

/// Runs the script's statements.
fn make(client: &mut Client<'_>, at: Span) -> RunResult<()> {
    let (schema, dialect) = (client.scripts.schema, client.database.dialect());
    let mut keys = Vec::new();
    let mut views = Vec::new();
    for statement in plan::create(schema, dialect) {
        let statement = match statement {
            Statement::CreateTable { model, .. } if schema[model].schema.is_none() => {
                let later: Vec<usize> = (0..schema[model].foreign_keys.len()).collect();
                keys.extend(later.iter().map(|key| (model, *key)));
                Statement::CreateTable { model, later }
            }
            Statement::CreateIndex { model, .. } if schema[model].schema.is_none() => statement,
            Statement::CreateType(_) | Statement::CreateExtension(_) => {
                let there = client.ask(at, |it| it.schema_objects())?;
                if statement.object(schema, dialect).is_some_and(|it| there.contains(&it)) {
                    continue;
                }
                statement
            }
            Statement::CreateView { .. } => {
                views.push(statement);
                continue;
            }
            Statement::CreateTable { .. }
            | Statement::CreateIndex { .. }
            | Statement::CreateSchema(_)
            | Statement::Comment { .. }
            | Statement::AddForeignKey { .. }
            | Statement::DropView(_)
            | Statement::Raw(_)
            | Statement::DropForeignKey { .. }
            | Statement::DropTable(_)
            | Statement::DropRaw(_)
            | Statement::DropType(_) => continue,
        };
        run_statement(client, at, &statement)?;
    }
    let mut stubs = HashSet::new();
    for (model, key) in keys {
        let Some(found) = schema[model].foreign_keys.get(key) else { continue };
        match &found.target {
            KeyTarget::Table(name, columns) => stub(client, at, name, columns, &mut stubs)?,
            // That one isn't made here.
            KeyTarget::Model(target, _) if schema[*target].schema.is_some() => continue,
            KeyTarget::Model(..) => {}
        }
        run_statement(client, at, &Statement::AddForeignKey { model, key })?;
    }
    for view in views {
        run_statement(client, at, &view)?;
    }
    Ok(())
}

/// An empty table with the columns that a key refers to, in place of one that no model is on.
fn stub(
    client: &mut Client<'_>,
    at: Span,
    name: &str,
    columns: &[SmolStr],
    made: &mut HashSet<String>,
) -> RunResult<()> {
    let each: Vec<_> = columns.iter().map(|it| quoted(it)).collect();
    let (table, each) = (quoted(name), each.join(", "));
    if made.insert(name.to_owned()) {
        let around = "SELECT quote_ident(n.nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                      WHERE c.relname = $1 AND c.relkind IN ('r', 'p') AND n.nspname <> $2 AND n.nspname = ANY (current_schemas(false))";
        let found = client.row(at, around, &[Value::from(name), Value::from(SCRATCH)])?;
        let Some([Value::Text(schema), ..]) = found.as_deref() else { return Ok(()) };
        let sql = format!("CREATE TABLE {table} AS SELECT * FROM {schema}.{table} WITH NO DATA");
        client.ask(at, |it| it.execute(&sql, &[]))?;
    }
    let sql = format!("ALTER TABLE {table} ADD UNIQUE ({each})");
    client.ask(at, |it| it.execute(&sql, &[])).map(|_| ())
}

/// Reads what was made.
fn read(client: &mut Client<'_>, at: Span, known: &[Object]) -> RunResult<DesiredStructure> {
    let made = client.ask(at, |it| it.objects())?;
    let schema = client.scripts.schema;
    let mut res = DesiredStructure::default();
    for it in made.iter().filter(|it| it.kind() == ObjectKind::View) {
        let own = schema.views.iter().any(|view| view.name == it.name);
        if let Some(sql) = it.sql.clone().filter(|_| own) {
            res.views.insert(it.name.clone(), sql);
        }
    }
    let is_whole = |model: &Model| {
        let mut keys = model.foreign_keys.iter();
        model.schema.is_none()
            && !keys.any(
                |it| matches!(&it.target, KeyTarget::Model(to, _) if schema[*to].schema.is_some()),
            )
    };
    for (id, model) in schema.models().filter(|it| is_whole(it.1)) {
        let name = model.full_table();
        if is_alike(&made, known, &name) {
            continue;
        }
        if let Some(table) = client.ask(at, |it| it.table(&name))? {
            res.tables.insert(id, table);
        }
    }
    Ok(res)
}

/// Whether a table, and each index that is made for it, is known with the same statement.
fn is_alike(made: &[Object], known: &[Object], name: &str) -> bool {
    let mut own = made.iter().filter(|it| {
        it.table == name && matches!(it.kind(), ObjectKind::Table | ObjectKind::Index)
    });
    own.all(|it| {
        let mut known = known.iter().filter(|other| other.kind() == it.kind());
        let found = known.find(|other| other.name == it.name);
        found.is_some_and(|other| {
            let texts = (it.sql.as_deref(), other.sql.as_deref());
            other.table == it.table && is_same_statement(texts)
        })
    })
}

/// Whether two statements of a table say the same, in whatever order its columns stand.
pub(super) fn is_same_statement(texts: (Option<&str>, Option<&str>)) -> bool {
    let lines = |text: &'_ str| {
        let mut lines: Vec<String> =
            text.lines().map(|it| it.trim_end_matches(',').to_owned()).collect();
        lines.sort();
        lines
    };
    match texts {
        (Some(a), Some(b)) => a == b || lines(a) == lines(b),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_same_statement;

    #[test]
    fn the_order_of_lines_says_nothing() {
        let one = Some("CREATE TABLE t (\n  a integer,\n  b text\n)");
        assert!(is_same_statement((one, Some("CREATE TABLE t (\n  b text,\n  a integer\n)"))));
        assert!(!is_same_statement((one, Some("CREATE TABLE t (\n  b text,\n  a bigint\n)"))));
        assert!(!is_same_statement((one, None)));
    }
}

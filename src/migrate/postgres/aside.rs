//! What the server makes of a script's own statements: they are run in a schema of their own, which is undone. Nothing of what is there is
//! touched, and nobody waits: foreign keys that refer to other tables refer to empty ones here.

use crate::catalog::{Object, ObjectKind, Table};
use crate::client::{Client, RunResult, quoted};
use crate::diagnostics::RunProblem;
use crate::ir::{KeyTarget, Schema};
use crate::migrate::renames::Renaming;
use crate::migrate::server::TablesAside;
use crate::migrate::server::carried::is_same_statement;
use crate::migrate::server::plan::DesiredStructure;
use crate::migrate::server_statement::run_statement;
use crate::migrate::{Migrator, ServerTables};
use crate::plan;
use crate::source::Span;
use crate::sql::Statement;
use crate::value::Value;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::HashSet;

/// Where they are run.
const SCRATCH: &str = "relata_scratch";

/// A script's schema with names of its own for the schemas in which its tables lie: what is in these is left alone.
struct ScratchSchema<'s> {
    schema: Cow<'s, Schema>,
    /// The names of the script, by their places among those here.
    names: Vec<SmolStr>,
    /// The schema that names are looked up in first, but for this one.
    around: String,
}

impl<'s> ScratchSchema<'s> {
    fn of(client: &Client<'_>, at: Span, schema: &'s Schema) -> RunResult<Self> {
        let around = client.texts(at, "SELECT current_schema()::text")?;
        let around = around.into_iter().next().unwrap_or_default();
        let mut names: Vec<SmolStr> =
            schema.models().filter_map(|it| it.1.schema.clone()).collect();
        names.sort();
        names.dedup();
        if names.is_empty() {
            return Ok(Self { schema: Cow::Borrowed(schema), names, around });
        }
        let mut own = schema.clone();
        for model in &mut own.models {
            let place = model.schema.as_ref().and_then(|it| names.iter().position(|own| own == it));
            model.schema = place.map(|it| Self::name(it).into());
        }
        Ok(Self { schema: Cow::Owned(own), names, around })
    }

    fn name(place: usize) -> String {
        format!("{SCRATCH}_{place}")
    }

    /// A name, or a piece of SQL, with the script's names in it.
    fn said(&self, text: &str, quotes: bool) -> String {
        let mut text = text.to_owned();
        for (place, name) in self.names.iter().enumerate() {
            let own = format!("{}.", Self::name(place));
            let plain = !quotes
                || name.starts_with(|it: char| it.is_ascii_lowercase() || it == '_')
                    && name
                        .bytes()
                        .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_');
            let said = if plain { name.to_string() } else { quoted(name) };
            text = text.replace(&own, &format!("{said}."));
        }
        text
    }

    fn object(&self, object: Object) -> Object {
        if self.names.is_empty() {
            return object;
        }
        Object {
            name: self.said(&object.name, false),
            table: self.said(&object.table, false),
            sql: object.sql.map(|it| self.said(&it, true)),
            definition: object.definition,
        }
    }

    fn table(&self, mut table: Table) -> Table {
        for key in &mut table.keys {
            // A clause of raw SQL refers to what is there.
            let name = key.table.strip_prefix(&self.around).and_then(|it| it.strip_prefix('.'));
            key.table = name.unwrap_or(&key.table).to_owned();
        }
        if self.names.is_empty() {
            return table;
        }
        table.name = self.said(&table.name, false);
        table.sql = self.said(&table.sql, true);
        for key in &mut table.keys {
            key.table = self.said(&key.table, false);
            key.text = self.said(&key.text, true);
        }
        for index in &mut table.indexes {
            index.sql = index.sql.take().map(|it| self.said(&it, true));
        }
        table
    }
}

/// What the server makes of the script's tables and views, but of those tables that are alike in `known`.
pub(super) fn desired(
    migrator: &mut Migrator<'_>,
    at: Span,
    known: &[Object],
) -> RunResult<DesiredStructure> {
    let here = ScratchSchema::of(&migrator.client, at, migrator.client.scripts.schema)?;
    aside(migrator, at, |client| {
        make(client, at, &here, &mut |_, problem| Err(problem))?;
        read(client, at, &here, known)
    })
}

/// The same of a script that may say what the server refuses: that is left out, and told.
pub(super) fn tried(
    migrator: &mut Migrator<'_>,
    at: Span,
    known: &[Object],
) -> RunResult<ServerTables> {
    let schema = migrator.client.scripts.schema;
    let here = ScratchSchema::of(&migrator.client, at, schema)?;
    aside(migrator, at, |client| {
        let mut res = ServerTables::default();
        make(client, at, &here, &mut |statement, problem| {
            // What isn't the statement's fault is none of the script's.
            if !matches!(problem, RunProblem::Refused { .. } | RunProblem::NoTable { .. }) {
                return Err(problem);
            }
            match statement {
                Statement::CreateTable { model, .. } => res.refused.push(*model),
                Statement::CreateIndex { model, index } => {
                    let index = schema[*model].indexes.get(*index);
                    res.refused_parts.extend(index.map(|it| it.span));
                }
                Statement::AddForeignKey { model, key } => {
                    let key = schema[*model].foreign_keys.get(*key);
                    res.refused_parts.extend(key.map(|it| it.span));
                }
                _ => return Err(problem),
            }
            Ok(())
        })?;
        let found = read(client, at, &here, known)?;
        res.others = found.tables.into_iter().collect();
        res.others.sort_by_key(|it| it.0);
        Ok(res)
    })
}

/// What tables of these names are when they are made so.
pub(super) fn made_of(
    migrator: &mut Migrator<'_>,
    at: Span,
    tables: &TablesAside,
    names: &[String],
) -> RunResult<Vec<Option<Table>>> {
    let rename =
        |it: &Renaming| format!("ALTER TABLE {} RENAME TO {}", quoted(&it.0), quoted(&it.1));
    let statements = tables.tables.iter().flat_map(|it| it.1.clone());
    let statements = statements.chain(tables.renames.iter().map(rename));
    let statements: Vec<String> = statements.chain(tables.behind.iter().cloned()).collect();
    aside(migrator, at, |client| {
        for sql in &statements {
            client.ask(at, |it| it.execute(sql, &[]))?;
        }
        names.iter().map(|name| client.ask(at, |it| it.table(name))).collect()
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

/// Hears of a statement that failed, and says whether the others run all the same.
type Refusals<'r> = dyn FnMut(&Statement, RunProblem) -> RunResult<()> + 'r;

/// Runs the script's statements.
fn make(
    client: &mut Client<'_>,
    at: Span,
    here: &ScratchSchema<'_>,
    refused: &mut Refusals<'_>,
) -> RunResult<()> {
    let (schema, dialect) = (&*here.schema, client.database.dialect());
    let mut run = |client: &mut Client<'_>, statement: &Statement| {
        let done = run_statement(client, at, schema, statement).map(|_| ());
        done.or_else(|problem| refused(statement, problem))
    };
    let mut keys = Vec::new();
    let mut views = Vec::new();
    for statement in plan::create(schema, dialect) {
        let statement = match statement {
            Statement::CreateTable { model, .. } => {
                let later: Vec<usize> = (0..schema[model].foreign_keys.len()).collect();
                keys.extend(later.iter().map(|key| (model, *key)));
                Statement::CreateTable { model, later }
            }
            // The members of a type may be others than those of the one that is there.
            Statement::CreateIndex { .. }
            | Statement::CreateSchema(_)
            | Statement::CreateType(_) => statement,
            Statement::CreateExtension(_) => {
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
            Statement::Comment { .. }
            | Statement::AddForeignKey { .. }
            | Statement::DropView(_)
            | Statement::Raw(_)
            | Statement::DropForeignKey { .. }
            | Statement::DropTable(_)
            | Statement::DropRaw(_)
            | Statement::DropType(_) => continue,
        };
        run(client, &statement)?;
    }
    let mut stubs = HashSet::new();
    for (model, key) in keys {
        let Some(found) = schema[model].foreign_keys.get(key) else { continue };
        let key = Statement::AddForeignKey { model, key };
        match &found.target {
            KeyTarget::Table(name, columns) => stub(client, at, name, columns, &mut stubs)?,
            KeyTarget::Model(..) => {}
        }
        run(client, &key)?;
    }
    for view in views {
        run(client, &view)?;
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
fn read(
    client: &mut Client<'_>,
    at: Span,
    here: &ScratchSchema<'_>,
    known: &[Object],
) -> RunResult<DesiredStructure> {
    let made = client.ask(at, |it| it.objects())?;
    let made: Vec<Object> = made.into_iter().map(|it| here.object(it)).collect();
    let schema = client.scripts.schema;
    let mut res = DesiredStructure::default();
    for it in made.iter().filter(|it| it.kind() == ObjectKind::View) {
        let own = schema.views.iter().any(|view| view.name == it.name);
        if let Some(sql) = it.sql.clone().filter(|_| own) {
            res.views.insert(it.name.clone(), sql);
        }
    }
    for (id, model) in schema.models() {
        if is_alike(&made, known, &model.full_table()) {
            continue;
        }
        let name = here.schema[id].full_table();
        if let Some(table) = client.ask(at, |it| it.table(&name))? {
            res.tables.insert(id, here.table(table));
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

/// A table's statement without its foreign keys.
pub(super) fn without_keys(sql: &str) -> String {
    let is_key = |line: &str| line.starts_with("  CONSTRAINT ") && line.contains(" FOREIGN KEY (");
    let lines: Vec<&str> = sql.lines().filter(|it| !is_key(it)).collect();
    let mut res = String::with_capacity(sql.len());
    for (at, line) in lines.iter().enumerate() {
        let last = lines.get(at + 1).is_some_and(|it| it.starts_with(')'));
        res.push_str(if last { line.trim_end_matches(',') } else { line });
        res.push('\n');
    }
    res
}

#[cfg(test)]
mod tests {
    use super::without_keys;

    #[test]
    fn keys_are_left_out_with_their_commas() {
        let sql =
            "CREATE TABLE t (\n  a integer,\n  CONSTRAINT k FOREIGN KEY (a) REFERENCES u(b)\n)";
        assert_eq!(without_keys(sql), "CREATE TABLE t (\n  a integer\n)\n");
    }
}

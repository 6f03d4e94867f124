//! What the server makes of a script's tables: each is made as a table that this session alone has, in place of the one that is there, is read, and goes
//! again. Nobody else sees it, and no row is touched. Foreign keys, which such a table can't have, are read off the statements that add them.

use crate::catalog::{ForeignKeyConstraint, Object, ObjectKind, Table, TableIndex};
use crate::client::{Client, FailedStatement, RunResult, quoted};
use crate::db::{default_collation, shown_key, temporary_table, told_table, without_own_name};
use crate::diagnostics::RunProblem;
use crate::ir::{ModelId, Schema};
use crate::migrate::server::TablesAside;
use crate::migrate::server::plan::DesiredStructure;
use crate::migrate::{Migrator, ServerTables, ddl};
use crate::plan;
use crate::source::Span;
use crate::sql::{Dialect, Statement, render, render_key};

/// The name under which a view is made to see what the server writes of it.
const VIEW: &str = "_relata_view";

/// What the server makes of the script's tables and views.
pub(super) fn desired(migrator: &mut Migrator<'_>, at: Span) -> RunResult<DesiredStructure> {
    let (schema, dialect) = (migrator.client.scripts.schema, migrator.client.database.dialect());
    let client = &mut migrator.client;
    let mut res = DesiredStructure::default();
    for (model, statements) in statements(schema, dialect) {
        let name = schema[model].full_table().to_string();
        let tables = [(name.clone(), statements.sql())];
        let declared = Some(schema[model].span);
        let made = temporary(client, (at, declared), (&tables, &[]), &[name])?;
        let Some(mut table) = made.into_iter().next().flatten() else { continue };
        table.keys.extend(keys_of(schema, dialect, model));
        said_collations(&schema[model], &mut table);
        res.tables.insert(model, table);
    }
    for view in ddl::views(schema, dialect) {
        if let Some(sql) = view_of(client, at, &view)? {
            res.views.insert(view.name.to_string(), sql);
        }
    }
    Ok(res)
}

/// The same of a script that may say what the server refuses: that is left out, and told. Views aren't asked for.
pub(super) fn tried(migrator: &mut Migrator<'_>, at: Span) -> RunResult<ServerTables> {
    let (schema, dialect) = (migrator.client.scripts.schema, migrator.client.database.dialect());
    let client = &mut migrator.client;
    let mut res = ServerTables::default();
    for (model, statements) in statements(schema, dialect) {
        let declared = (at, Some(schema[model].span));
        let name = [schema[model].full_table().to_string()];
        let mut made = |sql: Vec<String>| {
            let tables = [(name.concat(), sql)];
            let made = temporary(client, declared, (&tables, &[]), &name);
            match made {
                Ok(made) => Ok(made.into_iter().next().flatten()),
                Err(RunProblem::Refused { .. } | RunProblem::NoTable { .. }) => Ok(None),
                Err(problem) => Err(problem),
            }
        };
        let mut table = made(statements.sql())?;
        if table.is_none() && !statements.indexes.is_empty() {
            let before = res.refused_parts.len();
            for (index, sql) in &statements.indexes {
                if made(vec![statements.table.clone(), sql.clone()])?.is_none() {
                    res.refused_parts.extend(schema[model].indexes.get(*index).map(|it| it.span));
                }
            }
            if res.refused_parts.len() > before {
                table = made(vec![statements.table.clone()])?;
            }
        }
        let Some(mut table) = table else {
            res.refused.push(model);
            continue;
        };
        table.keys.extend(keys_of(schema, dialect, model));
        res.others.push((model, told_table(table)));
    }
    Ok(res)
}

/// The statements of a model's table but for its foreign keys.
struct ModelStatements {
    table: String,
    /// Those of its indexes, by their places.
    indexes: Vec<(usize, String)>,
}

impl ModelStatements {
    fn sql(&self) -> Vec<String> {
        let indexes = self.indexes.iter().map(|it| it.1.clone());
        std::iter::once(self.table.clone()).chain(indexes).collect()
    }
}

/// A model's foreign keys, read off what statements say of them.
fn keys_of(
    schema: &Schema,
    dialect: &Dialect,
    model: ModelId,
) -> impl Iterator<Item = ForeignKeyConstraint> {
    (0..schema[model].foreign_keys.len()).filter_map(move |key| {
        render_key((model, key), schema, dialect).and_then(|it| shown_key(&it))
    })
}

/// The statements of the script's tables.
fn statements(schema: &Schema, dialect: &Dialect) -> Vec<(ModelId, ModelStatements)> {
    let mut statements: Vec<(ModelId, ModelStatements)> = Vec::new();
    for statement in plan::create(schema, dialect) {
        match statement {
            Statement::CreateTable { model, .. } => {
                let later = (0..schema[model].foreign_keys.len()).collect();
                let table = render(&Statement::CreateTable { model, later }, schema, dialect);
                statements.push((model, ModelStatements { table, indexes: Vec::new() }));
            }
            Statement::CreateIndex { model, index } => {
                if let Some(own) = statements.iter_mut().find(|it| it.0 == model) {
                    own.1.indexes.push((index, render(&statement, schema, dialect)));
                }
            }
            Statement::CreateView { .. }
            | Statement::AddForeignKey { .. }
            | Statement::Comment { .. }
            | Statement::CreateExtension(_)
            | Statement::CreateSchema(_)
            | Statement::CreateType(_)
            | Statement::DropType(_)
            | Statement::DropForeignKey { .. }
            | Statement::DropTable(_)
            | Statement::DropView(_)
            | Statement::Raw(_)
            | Statement::DropRaw(_) => {}
        }
    }
    statements
}

/// What the script says of how values are compared is shown only where the table says otherwise.
fn said_collations(model: &crate::ir::Model, table: &mut Table) {
    let common = default_collation(&table.sql).map(str::to_owned);
    for (_, attribute) in model.columns() {
        let said = attribute.extra.as_ref().is_some_and(|it| it.collate.is_some());
        let mut columns = table.columns.iter_mut();
        if let Some(column) = columns.find(|it| it.name == *attribute.column).filter(|_| said)
            && column.collation.is_none()
        {
            column.collation = common.as_deref().map(Into::into);
        }
    }
}

/// What the server writes of a view; none where it can't be made of what is there.
fn view_of(client: &mut Client<'_>, at: Span, view: &ddl::ViewDdl) -> RunResult<Option<String>> {
    let drop = format!("DROP VIEW IF EXISTS {}", quoted(VIEW));
    client.ask(at, |it| it.execute(&drop, &[]))?;
    let create = format!("CREATE VIEW {} AS {}", quoted(VIEW), view.select);
    match client.database.execute(&create, &[]) {
        Ok(_) => {}
        Err(error) if error.kind.is_of_statement() => return Ok(None),
        Err(error) => return Err(client.failure(error, at)),
    }
    let shown = format!("SHOW CREATE VIEW {}", quoted(VIEW));
    let rows = client.ask(at, |it| it.rows(&shown, &[]));
    client.ask(at, |it| it.execute(&drop, &[]))?;
    let own = client.texts(at, "SELECT database()")?.into_iter().next().unwrap_or_default();
    Ok(rows?.first().and_then(|row| match row.get(1) {
        Some(crate::value::Value::Text(sql)) => {
            Some(without_own_name(sql, &own).replace(&quoted(VIEW), &quoted(&view.name)))
        }
        _ => None,
    }))
}

/// What tables of these names are when they are made so.
pub(super) fn made_of(
    migrator: &mut Migrator<'_>,
    at: Span,
    tables: &TablesAside,
    names: &[String],
) -> RunResult<Vec<Option<Table>>> {
    // One that gets another name is made by that: what it says of its columns follows these only so.
    let made = tables.tables.iter().map(|(name, statements)| {
        let renames = tables.renames.iter();
        let later =
            renames.fold(name, |name, rename| if rename.0 == *name { &rename.1 } else { name });
        let mut statements = statements.clone();
        if let Some(first) = statements.first_mut() {
            *first = first.replacen(&quoted(name), &quoted(later), 1);
        }
        (later.clone(), statements)
    });
    let made: Vec<_> = made.collect();
    temporary(&mut migrator.client, (at, None), (&made, &tables.behind), names)
}

/// Makes tables as such of this session, each by its name with its statements, and what is behind these; reads those of `names`.
fn temporary(
    client: &mut Client<'_>,
    (at, declared): (Span, Option<Span>),
    (tables, behind): (&[(String, Vec<String>)], &[String]),
    names: &[String],
) -> RunResult<Vec<Option<Table>>> {
    let mut made = Vec::new();
    let done = carry_out(client, (at, declared), (tables, behind), &mut made).and_then(|()| {
        let read = |name: &String| client.ask(at, |it| it.table(name));
        names.iter().map(read).collect()
    });
    made.extend(names.iter().cloned());
    made.sort();
    made.dedup();
    for name in made {
        let drop = format!("DROP TEMPORARY TABLE IF EXISTS {}", quoted(&name));
        client.ask(at, |it| it.execute(&drop, &[]))?;
    }
    done
}

fn carry_out(
    client: &mut Client<'_>,
    (at, declared): (Span, Option<Span>),
    (tables, behind): (&[(String, Vec<String>)], &[String]),
    made: &mut Vec<String>,
) -> RunResult<()> {
    let mut run = |sql: &str| match client.database.execute(sql, &[]) {
        Ok(_) => Ok(()),
        Err(error) => {
            let about = FailedStatement { statement: Some(sql), declared, raw: None };
            Err(client.failure_of(error, at, about))
        }
    };
    for (name, statements) in tables {
        for (place, sql) in statements.iter().enumerate() {
            if place > 0 {
                run(sql)?;
                continue;
            }
            run(&temporary_table(sql))?;
            made.push(name.clone());
        }
    }
    behind.iter().try_for_each(|it| run(it))
}

/// Whether a foreign key of these columns can do with an index.
pub(super) fn serves(index: &TableIndex, columns: &[String]) -> bool {
    let mut members = index.members.iter();
    columns.iter().all(|column| {
        let member = members.next().and_then(|it| it.column.as_ref());
        member.is_some_and(|it| *it == *column.as_str())
    })
}

/// The objects of a kind whose statement has a name in it.
pub(super) fn that_name<'o>(
    there: &'o [Object],
    kind: ObjectKind,
    name: &str,
) -> impl Iterator<Item = &'o Object> {
    let (name, plain) = (quoted(name), format!("`{name}`"));
    there.iter().filter(move |it| {
        it.kind() == kind
            && it.sql.as_deref().is_some_and(|sql| sql.contains(&name) || sql.contains(&plain))
    })
}

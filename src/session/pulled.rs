//! A database as a script whose types its rows fit.

use super::accept::check_with;
use crate::ast::Bundle;
use crate::catalog::{Name, Object, ObjectKind};
use crate::db::Database;
use crate::diagnostics::{
    CheckProblem, ForeignValues, PlanProblem, Problem, RunProblem, UnfitReason, UnfitValues,
};
use crate::ir::Schema;
use crate::migrate::{self, ColumnMisfit, MisfitKind, ServerTables};
use crate::pull::{self, RowMisfits, ServerContents, ServerMade};
use crate::source::{Sources, Span};
use crate::sql::Dialect;
use crate::syntax;

/// A database as a script, and what is to be said of its rows.
#[derive(Debug, Default)]
pub struct PulledDatabase {
    /// The script.
    pub text: String,
    /// Which types its rows don't fit.
    pub rows: RowMisfits,
    /// What is told: values that are no such as their attributes' types say.
    pub problems: Vec<Problem>,
    /// The script, for what the problems are about.
    pub sources: Sources,
}

/// A column whose rows don't fit a type.
struct UnfitColumn {
    table: Name,
    column: Name,
    written: String,
    misfit: ColumnMisfit,
}

/// A database as a script: types that have a word are said by it, where the rows that are there read as such.
///
/// # Errors
/// What the database says no with.
pub fn pulled(
    database: &mut dyn Database,
    objects: &[Object],
) -> Result<PulledDatabase, RunProblem> {
    if !database.dialect().keeps_statements {
        return pulled_of_server(database, objects);
    }
    let mut pulled =
        PulledDatabase { rows: shown(database, objects)?, ..PulledDatabase::default() };
    let mut told: Vec<UnfitColumn> = Vec::new();
    loop {
        pulled.text = pull::script(objects, &pulled.rows);
        let (sources, schema) = checked(&pulled.text);
        let found = migrate::misfits(&schema, &sources, database)?;
        let found: Vec<_> = found.into_iter().map(|it| unfit(&schema, it)).collect();
        told.retain(|it| it.misfit.kind == MisfitKind::Unreadable);
        let mut more = false;
        for it in &found {
            if it.misfit.kind == MisfitKind::Unreadable {
                more |= pulled.rows.refuse(&it.table, &it.column);
            }
        }
        told.extend(found);
        if !more {
            let log = &mut pulled.problems;
            migrate::other_moments(&schema, &sources, database, log)?;
            let problems = told.iter().map(|it| it.problem(&schema));
            pulled.problems.extend(problems);
            pulled.sources = sources;
            return Ok(pulled);
        }
    }
}

/// A database on a server as a script, and what that doesn't say.
fn pulled_of_server(
    database: &mut dyn Database,
    objects: &[Object],
) -> Result<PulledDatabase, RunProblem> {
    let mut rows = shown(database, objects)?;
    let (tables, beside) = migrate::described(database, objects)?;
    let contents =
        ServerContents { dialect: database.dialect(), objects: objects.to_vec(), tables, beside };
    let mut make = |schema: &Schema, sources: &Sources| {
        let made = migrate::server_tables(schema, sources, database, objects)?;
        let ServerTables { others, refused, refused_parts } = made;
        Ok(ServerMade { others, refused, refused_parts })
    };
    let (text, left) = pull::server_script(&contents, &mut rows, &mut make)?;
    let unsaid = left.into_iter().map(|it| PlanProblem::Unsaid { what: it.what, why: it.why });
    let problems = unsaid.map(Problem::from).collect();
    Ok(PulledDatabase { text, rows, problems, sources: Sources::default() })
}

/// What the views of a database show.
///
/// # Errors
/// What the database says no with.
pub fn shown(database: &mut dyn Database, objects: &[Object]) -> Result<RowMisfits, RunProblem> {
    let mut rows = RowMisfits::default();
    for it in objects.iter().filter(|it| it.kind() == ObjectKind::View) {
        rows.show(&Name::from(&it.name), migrate::shown_columns(database, &it.name)?);
    }
    Ok(rows)
}

/// A SQLite database as a script for another one, and what that one has no words for or can't take.
#[derive(Debug, Default)]
pub struct TranslatedDatabase {
    /// The script.
    pub text: String,
    /// What is told.
    pub problems: Vec<Problem>,
}

/// A SQLite database as a script for another one. Each row is looked at: a column has the type that it says, unless no value is such; it gets BIGINT where its integers need that, and values that
/// the other database can't take are told.
///
/// # Errors
/// What the database says no with.
pub fn translated(
    database: &mut dyn Database,
    objects: &[Object],
    dialect: &'static Dialect,
) -> Result<TranslatedDatabase, RunProblem> {
    let mut rows = RowMisfits::default();
    loop {
        let (text, left) = pull::script_for(objects, &rows, dialect);
        let (sources, schema) = checked(&text);
        let found = migrate::unfit(&schema, &sources, database, dialect)?;
        let mut changed = false;
        let mut told = Vec::new();
        for it in found {
            let model = &schema[it.model];
            let column = &model.attribute(it.attribute).column;
            let table = model.full_table();
            let (of, named) = (Name::from(&*table), Name::from(column));
            let retyped = match it.why {
                UnfitReason::Beyond(_) => {
                    let numbers = if it.rows == 1 { "number is" } else { "numbers are" };
                    let (rows_of, first) = (it.rows, &it.first);
                    let why = format!("{rows_of} {numbers} beyond it, the first where {first}");
                    rows.widen(&of, &named, why)
                }
                // Where no value is what the column says, it is called so only.
                UnfitReason::NoSuch(_) => it.rows == it.filled && rows.refuse(&of, &named),
                UnfitReason::Longer(_)
                | UnfitReason::Larger(_)
                | UnfitReason::Digits(_)
                | UnfitReason::Nul
                | UnfitReason::Encoding => false,
            };
            if retyped {
                changed = true;
                continue;
            }
            let what = UnfitValues {
                dialect: dialect.title,
                table: table.to_string(),
                column: column.to_string(),
                rows: it.rows,
                why: it.why,
                first: it.first,
            };
            told.push(PlanProblem::UnfitValues { what }.into());
        }
        if !changed {
            let left = left.into_iter().map(|it| {
                PlanProblem::NoWords { dialect: dialect.title, what: it.what, why: it.why }.into()
            });
            return Ok(TranslatedDatabase { text, problems: left.chain(told).collect() });
        }
    }
}

/// A script that was pulled, and its schema.
fn checked(text: &str) -> (Sources, Schema) {
    let mut sources = Sources::default();
    let Ok(id) = sources.add("the pulled script", text) else {
        return (sources, Schema::default());
    };
    let bundle = Bundle::of(syntax::parse(sources.get(id)).script);
    let schema = check_with(&bundle, &sources, Dialect::SQLITE, &[]).schema;
    (sources, schema)
}

fn unfit(schema: &Schema, misfit: ColumnMisfit) -> UnfitColumn {
    let model = &schema[misfit.model];
    let attribute = model.attribute(misfit.attribute);
    UnfitColumn {
        table: model.full_table().as_str().into(),
        column: attribute.column.as_str().into(),
        written: attribute.data_type.written(),
        misfit,
    }
}

impl UnfitColumn {
    fn problem(&self, schema: &Schema) -> Problem {
        let mut models = schema.models();
        let model = models.find(|it| self.table == *it.1.full_table().as_str());
        let attribute = model.and_then(|it| it.1.on_column(&self.column));
        let readable = match self.misfit.kind {
            MisfitKind::Unreadable => false,
            MisfitKind::Unwritable => true,
        };
        CheckProblem::OtherValues {
            what: ForeignValues {
                table: self.table.to_string(),
                column: self.column.to_string(),
                data_type: self.written.clone(),
                rows: self.misfit.rows,
                example: self.misfit.example.clone(),
                readable,
            },
            at: attribute.map_or_else(Span::default, |it| it.span),
        }
        .into()
    }
}

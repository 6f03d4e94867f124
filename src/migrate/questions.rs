//! What rows must be asked before a table changes: as data, made of what is there and of what the script says.

use super::alteration::{Alteration, TableAlteration, has_value};
use super::{Engine, engine_of};
use crate::catalog::{CheckConstraint, Column, Table};
use crate::client::Client;
use crate::client::{RunResult, quoted, told};
use crate::diagnostics::{ConcernedRows, Hazard, HazardKind};
use crate::ir::{Model, Origin};
use crate::plan::former_columns;
use crate::source::Span;
use crate::value::Value;
use crate::words;

/// So many rows are shown.
pub(super) const SHOWN: usize = 3;

/// Whether there are rows that would be lost, or broken.
#[derive(Debug)]
pub(super) struct Question {
    /// What would become of them.
    pub kind: HazardKind,
    /// What yields the rows, as SQL, where it isn't the table itself.
    pub source: Option<String>,
    /// What is true of them, as SQL.
    pub holds: String,
    /// What declares it.
    pub declared: Span,
}

/// Values that go with their columns.
pub(super) fn dropped(
    model: &Model,
    task: &TableAlteration<'_>,
    is_alike: impl Fn(&Column, &Column) -> bool,
) -> Vec<Question> {
    let mut questions = Vec::new();
    let TableAlteration { current, desired, todo, .. } = task;
    for column in &desired.columns {
        let there = current.column(&column.name);
        if column.generated.is_none() || there.is_none_or(|it| it.generated.is_some()) {
            continue;
        }
        questions.push(Question {
            kind: HazardKind::Generated {
                column: column.name.clone(),
                table: current.name.clone(),
            },
            source: None,
            holds: format!("{} IS NOT NULL", quoted(&column.name)),
            declared: model.span,
        });
    }
    for column in &todo.dropped {
        let meant_so = |it: &smol_str::SmolStr| {
            it.eq_ignore_ascii_case(column) || words::underscore(it).eq_ignore_ascii_case(column)
        };
        let found = current.column(column);
        let computed = found.is_some_and(|it| it.generated.is_some());
        if computed || model.drops().iter().any(meant_so) {
            continue;
        }
        let alike = |new: &&Column| found.is_some_and(|it| is_alike(it, new));
        let likely = likely_name(task, column, alike).map(|new| {
            let attribute = model.on_column(new);
            (new.to_owned(), attribute.map_or_else(|| new.to_owned(), |it| it.name.to_string()))
        });
        let taken = (model.attributes.iter())
            .find(|it| {
                let names = it.was().map(|was| former_columns(model, was)).unwrap_or_default();
                names.iter().any(|was| was.eq_ignore_ascii_case(column))
                    && current.column(&it.column).is_some()
            })
            .map(|it| (it.name.to_string(), it.column.to_string()));
        questions.push(Question {
            kind: HazardKind::DroppedColumn {
                column: column.clone(),
                table: current.name.clone(),
                likely,
                taken,
            },
            source: None,
            holds: format!("{} IS NOT NULL", quoted(column)),
            declared: model.span,
        });
    }
    questions
}

/// The column that comes and may be one which goes: that of the same name in the other spelling, or else one that is alike, the name nearest to
/// it first.
fn likely_name<'t>(
    task: &'t TableAlteration<'_>,
    column: &str,
    is_alike: impl Fn(&&Column) -> bool,
) -> Option<&'t str> {
    let all: Vec<_> = columns_to_come(task).collect();
    let same = all.iter().find(|it| is_respelled(&it.name, column));
    if let Some(same) = same {
        return Some(&same.name);
    }
    // Those that are another one that goes are not this one.
    let other = |it: &&&Column| task.todo.dropped.iter().any(|gone| is_respelled(&it.name, gone));
    let left = all.iter().filter(|it| !other(it)).copied();
    let names: Vec<&str> = left.filter(is_alike).map(|it| it.name.as_str()).collect();
    words::nearest(column, names.iter().copied()).or_else(|| names.first().copied())
}

fn columns_to_come<'t>(task: &'t TableAlteration<'_>) -> impl Iterator<Item = &'t Column> {
    task.todo.added.iter().filter_map(|it| task.desired.columns.get(*it))
}

/// Whether two names are one, `firstName` and `first_name`.
fn is_respelled(one: &str, two: &str) -> bool {
    words::underscore(one).eq_ignore_ascii_case(&words::underscore(two))
}

/// Nulls where none may be any more.
pub(super) fn tightened(model: &Model, task: &TableAlteration<'_>) -> Vec<Question> {
    let mut questions = Vec::new();
    let TableAlteration { current, desired, todo, .. } = task;
    for place in &todo.tightened {
        let Some(to) = desired.columns.get(*place) else {
            continue;
        };
        let given = task.given.iter().any(|it| it.0 == to.name);
        if has_value(to) || given || task.used(&to.name).is_some() {
            continue;
        }
        let attribute = model.on_column(&to.name);
        questions.push(Question {
            kind: HazardKind::Nulls { column: to.name.clone(), table: current.name.clone() },
            source: None,
            holds: format!("{} IS NULL", quoted(&to.name)),
            declared: attribute.map_or(model.span, |it| it.span),
        });
    }
    questions
}

/// Rows that have no value for a column which comes.
pub(super) fn added(model: &Model, task: &TableAlteration<'_>) -> Vec<Question> {
    let mut questions = Vec::new();
    let TableAlteration { current, desired, todo, .. } = task;
    for place in &todo.added {
        let Some(to) = desired.columns.get(*place) else {
            continue;
        };
        let attribute = model.on_column(&to.name);
        let given = task.given.iter().any(|it| it.0 == to.name);
        let filled =
            given || has_value(to) || to.generated.is_some() || task.used(&to.name).is_some();
        // A key that is the number of the row has one.
        let number = desired.rowid().is_some_and(|it| it.name == to.name);
        if filled || number || !to.not_null {
            continue;
        }
        let implied = attribute.filter(|it| it.origin == Origin::Implied);
        questions.push(Question {
            kind: HazardKind::NoValue {
                column: to.name.clone(),
                table: current.name.clone(),
                implied: implied.map(|it| it.name.to_string()),
                was: todo.dropped.iter().find(|it| is_respelled(it, &to.name)).cloned(),
            },
            source: None,
            holds: "true".to_owned(),
            declared: attribute.map_or(model.span, |it| it.span),
        });
    }
    questions
}

/// Rows that break a check which comes, or, with the values that they get, one which stays.
pub(super) fn checked(
    model: &Model,
    task: &TableAlteration<'_>,
    engine: &dyn Engine,
) -> Vec<Question> {
    let mut questions = Vec::new();
    let TableAlteration { current, desired, todo, .. } = task;
    let changed = task.values_to_come();
    let comes = |it: &CheckConstraint| todo.checks.contains(it);
    let stays = current.checks.iter().filter(|it| !todo.unchecked.contains(it) && !comes(it));
    for check in todo.checks.iter().chain(stays) {
        let named = |name: &str| check.has_name(name);
        let text = check.text();
        let added = todo.added.iter().filter_map(|it| desired.columns.get(*it));
        let added = added.map(|it| (it, task.value_to_come(it)));
        let mut new: Vec<_> =
            added.chain(changed.iter().cloned()).filter(|it| named(&it.0.name)).collect();
        // What is computed, or converted, is found while the rows move, if they do.
        let converted = todo.converted.iter().filter_map(|it| desired.columns.get(*it));
        let converted: Vec<_> = converted
            .filter(|it| todo.rebuild && named(&it.name) && task.used(&it.name).is_none())
            .map(|it| (it, engine.converted(it)))
            .collect();
        let unknown = converted.iter().any(|it| it.1.is_none());
        if unknown || new.iter().any(|it| it.0.generated.is_some()) {
            continue;
        }
        new.retain(|it| !converted.iter().any(|other| other.0.name == it.0.name));
        new.extend(converted.into_iter().filter_map(|(it, value)| Some((it, value?))));
        if new.is_empty() && !comes(check) {
            continue;
        }
        questions.push(Question {
            source: (!new.is_empty()).then(|| task.rows_with(&new, engine.row_name())),
            holds: format!("NOT {text}"),
            kind: HazardKind::Check { table: current.name.clone(), check: text },
            declared: model.span,
        });
    }
    questions
}

/// Asks a table for rows, and refuses what would become of them.
pub(in crate::migrate) fn ask_all(
    client: &mut Client<'_>,
    alter: &Alteration,
    current: &Table,
    questions: impl IntoIterator<Item = Question>,
) -> RunResult<()> {
    for Question { kind, source, holds, declared } in questions {
        let source = source.unwrap_or_else(|| quoted(&current.name));
        let rows = rows_of(client, alter, current, &source, &holds)?;
        if rows.is_some() {
            alter.refuse(Hazard { rows, ..alter.hazard(kind, Some(declared)) });
        }
    }
    Ok(())
}

/// The rows of a table of which something is true; none where there are none.
pub(in crate::migrate) fn rows_where(
    client: &mut Client<'_>,
    alter: &Alteration,
    current: &Table,
    holds: &str,
) -> RunResult<Option<ConcernedRows>> {
    rows_of(client, alter, current, &quoted(&current.name), holds)
}

/// The same of a query that yields its rows.
fn rows_of(
    client: &mut Client<'_>,
    alter: &Alteration,
    current: &Table,
    source: &str,
    holds: &str,
) -> RunResult<Option<ConcernedRows>> {
    let from = format!("FROM {source} WHERE {holds}");
    let count = client.count(alter.at, &format!("SELECT count(*) {from}"))?;
    if count == 0 {
        return Ok(None);
    }
    let mut columns: Vec<_> = current.columns.iter().filter(|it| it.primary_key > 0).collect();
    columns.sort_by_key(|it| it.primary_key);
    let mut key: Vec<_> = columns.iter().map(|it| it.name.clone()).collect();
    let mut read: Vec<_> = key.iter().map(|it| quoted(it)).collect();
    if key.is_empty() {
        let engine = engine_of(client.database);
        if engine.row_name().is_empty() {
            // Nothing tells them apart.
            return Ok(Some(ConcernedRows { count, key, first: Vec::new(), query: None }));
        }
        key.push(engine.row_name().to_owned());
        read.push(engine.row_text().to_owned());
    }
    let sql = format!("SELECT {} {from} LIMIT {SHOWN}", read.join(", "));
    let first = shown_rows(client, alter, &sql)?;
    let is_all = first.len() as u64 == count || source != quoted(&current.name);
    let query = if is_all { None } else { finding(client, current, &key, holds) };
    Ok(Some(ConcernedRows { count, key, first, query }))
}

/// A name that a script writes as it is.
pub(super) fn plain(name: &str) -> Option<&str> {
    let is_plain = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    is_plain.then_some(name)
}

/// The sentence that finds rows of a table, where its model can name their key.
fn finding(client: &Client<'_>, current: &Table, key: &[String], holds: &str) -> Option<String> {
    let mut models = client.scripts.schema.models.iter();
    let model = models.find(|it| it.table == *current.name)?;
    let names = key.iter().map(|it| plain(&model.on_column(it)?.name));
    let names = names.collect::<Option<Vec<_>>>()?.join(", ");
    let (name, holds) = (plain(&model.name)?, holds.replace('`', "``"));
    Some(format!("{name} findAll < attributes: [{names}], where: sql`{holds}` >"))
}

/// The rows of a query, each on one line.
pub(in crate::migrate) fn shown_rows(
    client: &mut Client<'_>,
    alter: &Alteration,
    sql: &str,
) -> RunResult<Vec<String>> {
    let rows = client.rows(alter.at, sql, &[])?;
    let line = |row: &Vec<Value>| row.iter().map(told).collect::<Vec<_>>().join(" ");
    Ok(rows.iter().map(line).collect())
}

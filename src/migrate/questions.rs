//! What rows must be asked before a table changes: as data, made of what is there and of what the script says.

use super::engine_of;
use super::task::{Alteration, Task, has_value};
use crate::catalog::{Column, Table};
use crate::client::Client;
use crate::client::{RunResult, place, quoted, told};
use crate::diagnostics::{Hazard, Loss};
use crate::ir::{Model, Origin};
use crate::source::Span;
use crate::value::Value;

/// So many rows are shown.
pub(super) const SHOWN: usize = 3;

/// Whether there are rows that would be lost, or broken.
#[derive(Debug)]
pub(super) struct Question {
    pub loss: Loss,
    /// What yields the rows, as SQL, where it isn't the table itself.
    pub source: Option<String>,
    /// What is true of them, as SQL.
    pub holds: String,
    /// What would become of them; how many they are, and which, follows.
    pub what: String,
    /// What settles it.
    pub help: String,
    /// What declares it.
    pub declared: Span,
}

/// Values that go with their columns.
pub(super) fn dropped(
    model: &Model,
    task: &Task<'_>,
    is_alike: impl Fn(&Column, &Column) -> bool,
) -> Vec<Question> {
    let mut questions = Vec::new();
    let Task { current, desired, todo, .. } = task;
    for column in &desired.columns {
        let there = current.column(&column.name);
        if column.generated.is_none() || there.is_none_or(|it| it.generated.is_some()) {
            continue;
        }
        questions.push(Question {
            loss: Loss::Values,
            source: None,
            holds: format!("{} IS NOT NULL", quoted(&column.name)),
            what: format!(
                "`{}` of `{}` would be generated, and the values that it has would be lost",
                column.name, current.name
            ),
            help: "generate another column, or allow E0501 if they may be lost".to_owned(),
            declared: model.span,
        });
    }
    for column in &todo.dropped {
        let meant_so = |it: &smol_str::SmolStr| {
            it.eq_ignore_ascii_case(column)
                || crate::words::underscore(it).eq_ignore_ascii_case(column)
        };
        let found = current.column(column);
        let computed = found.is_some_and(|it| it.generated.is_some());
        if computed || model.drops.iter().any(meant_so) {
            continue;
        }
        let likely = todo.added.iter().find_map(|place| {
            let new = desired.columns.get(*place)?;
            found.is_some_and(|it| is_alike(it, new)).then_some(new.name.as_str())
        });
        let renamed = likely.map_or_else(String::new, |new| {
            format!("; if it is `{new}` now, write `was: {column}` among that attribute's options")
        });
        questions.push(Question {
            loss: Loss::Values,
            source: None,
            holds: format!("{} IS NOT NULL", quoted(column)),
            what: format!(
                "the column `{column}` of `{}` would be dropped with its values",
                current.name
            ),
            help: format!(
                "write `drop {column}` into the model if they may be lost (or allow E0501){renamed}"
            ),
            declared: model.span,
        });
    }
    questions
}

/// Nulls where none may be any more.
pub(super) fn tightened(model: &Model, task: &Task<'_>) -> Vec<Question> {
    let mut questions = Vec::new();
    let Task { current, desired, todo, .. } = task;
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
            loss: Loss::Nulls,
            source: None,
            holds: format!("{} IS NULL", quoted(&to.name)),
            what: format!("`{}` of `{}` may not be null any more, and is", to.name, current.name),
            help: "give it a `defaultValue`, which these rows get, or fill them first".to_owned(),
            declared: attribute.map_or(model.span, |it| it.span),
        });
    }
    questions
}

/// Rows that have no value for a column which comes.
pub(super) fn added(model: &Model, task: &Task<'_>) -> Vec<Question> {
    let mut questions = Vec::new();
    let Task { current, desired, todo, .. } = task;
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
        questions.push(Question {
            loss: Loss::NoValue,
            source: None,
            holds: "true".to_owned(),
            what: format!(
                "the new column `{}` of `{}` can't be NULL, and there is no value for the existing rows",
                to.name, current.name
            ),
            help: match attribute.filter(|it| it.origin == Origin::Implied) {
                Some(own) => format!(
                    "declare it, with a value for them: `{}: DATE < allowNull: false, using: (now()) >`",
                    own.name
                ),
                None => "give it a `defaultValue`, or `using: (expression)`, or let it be null"
                    .to_owned(),
            },
            declared: attribute.map_or(model.span, |it| it.span),
        });
    }
    questions
}

/// Rows that break a check which comes.
pub(super) fn checked(model: &Model, task: &Task<'_>, row_name: &str) -> Vec<Question> {
    let mut questions = Vec::new();
    let Task { current, desired, todo, .. } = task;
    for check in &todo.checks {
        let named = |name: &str| check.has_name(name);
        let text = check.text();
        let added = todo.added.iter().filter_map(|it| desired.columns.get(*it));
        let used = task.used.iter().filter_map(|it| desired.column(&it.column));
        let mut new: Vec<_> = added.chain(used).filter(|it| named(&it.name)).collect();
        new.dedup_by(|a, b| a.name == b.name);
        // What is computed, or converted, is found while the rows move, if they do.
        let converted = todo.converted.iter().filter_map(|it| desired.columns.get(*it));
        let converted = todo.rebuild && converted.into_iter().any(|it| named(&it.name));
        if converted || new.iter().any(|it| it.generated.is_some()) {
            continue;
        }
        let source = (!new.is_empty()).then(|| {
            let comes = |name: &str| new.iter().any(|it| it.name.eq_ignore_ascii_case(name));
            let stays = current.columns.iter().filter(|it| !comes(&it.name));
            let mut columns: Vec<_> = stays.map(|it| quoted(&it.name)).collect();
            if !current.columns.iter().any(|it| it.primary_key > 0) {
                columns.push(format!("{row_name} AS {row_name}"));
            }
            let values = new.iter();
            columns.extend(
                values.map(|it| format!("{} AS {}", task.value_to_come(it), quoted(&it.name))),
            );
            // Called as the table, which the check may name.
            let name = quoted(&current.name);
            format!("(SELECT {} FROM {name}) AS {name}", columns.join(", "))
        });
        questions.push(Question {
            loss: Loss::Check,
            source,
            holds: format!("NOT {text}"),
            what: format!("rows of `{}` break the check {text}", current.name),
            help: "change these rows first, or drop the check".to_owned(),
            declared: model.span,
        });
    }
    questions
}

/// Asks a table for rows, and refuses what would become of them.
pub(in crate::migrate) fn ask_all(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    current: &Table,
    questions: impl IntoIterator<Item = Question>,
) -> RunResult<()> {
    for Question { loss, source, holds, what, help, declared } in questions {
        let source = source.unwrap_or_else(|| quoted(&current.name));
        if let Some(rows) = held_in(client, alter, current, &source, &holds)? {
            let what = format!("{what}: {rows}");
            let (declared, at) = (Some(declared), place(alter.at));
            alter.refuse(Hazard { loss, what, help, declared, at });
        }
    }
    Ok(())
}

/// How many rows are so, and the first of them; none where there are none.
pub(in crate::migrate) fn held_by(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    current: &Table,
    holds: &str,
) -> RunResult<Option<String>> {
    held_in(client, alter, current, &quoted(&current.name), holds)
}

/// The same of a query that yields its rows.
pub(in crate::migrate) fn held_in(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    current: &Table,
    source: &str,
    holds: &str,
) -> RunResult<Option<String>> {
    let from = format!("FROM {source} WHERE {holds}");
    let count = client.count(alter.at, &format!("SELECT count(*) {from}"))?;
    if count == 0 {
        return Ok(None);
    }
    let mut key: Vec<_> = current.columns.iter().filter(|it| it.primary_key > 0).collect();
    key.sort_by_key(|it| it.primary_key);
    let names: Vec<_> = key.iter().map(|it| it.name.as_str()).collect();
    let (shown_as, read) = if names.is_empty() {
        let row = engine_of(client.database).row_name().to_owned();
        (row.clone(), row)
    } else {
        let quoted: Vec<_> = names.iter().map(|it| quoted(it)).collect();
        (names.join(", "), quoted.join(", "))
    };
    let first = shown_rows(client, alter, &format!("SELECT {read} {from} LIMIT {SHOWN}"))?;
    let rows = if count == 1 { "row" } else { "rows" };
    let more = if count > SHOWN as u64 { ", .." } else { "" };
    Ok(Some(format!("{count} {rows} ({shown_as} {first}{more})")))
}

/// The rows of a query, on one line.
pub(in crate::migrate) fn shown_rows(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    sql: &str,
) -> RunResult<String> {
    let rows = client.rows(alter.at, sql, &[])?;
    let line = |row: &Vec<Value>| row.iter().map(told).collect::<Vec<_>>().join(" ");
    Ok(rows.iter().map(line).collect::<Vec<_>>().join(", "))
}

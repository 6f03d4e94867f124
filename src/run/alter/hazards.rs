//! What a change would lose: counted before anything is touched, and refused unless the script means it.

use super::changes::{affinity, has_value};
use super::{Meant, Task};
use crate::db::Table;
use crate::diagnostics::RunProblem;
use crate::ir::Origin;
use crate::run::sync::quoted;
use crate::run::{Ran, Runner};
use crate::value::Value;
use std::ops::ControlFlow;

/// So many rows are shown.
pub(super) const SHOWN: usize = 3;

impl Runner<'_> {
    /// Refuses what of a change of a table would lose something.
    pub(super) fn hazards(&mut self, meant: &Meant<'_>, task: &Task<'_>) -> Ran<()> {
        self.dropped(meant, task)?;
        self.converted(meant, task)?;
        self.made_strict(meant, task)?;
        self.rekeyed(meant, task)?;
        self.recollated(meant, task)?;
        self.triggers_of_dropped(meant, task)?;
        self.tightened(meant, task)?;
        self.added(meant, task)?;
        self.checked(meant, task)?;
        self.orphans(meant, task)
    }

    fn dropped(&mut self, meant: &Meant<'_>, task: &Task<'_>) -> Ran<()> {
        let Task {
            table,
            is,
            said,
            todo,
            ..
        } = task;
        if meant.allows("E0501") {
            return Ok(());
        }
        let model = &self.scripts.schema[table.model];
        for column in &said.columns {
            let there = is.column(&column.name);
            if column.generated.is_none() || there.is_none_or(|it| it.generated.is_some()) {
                continue;
            }
            let holds = format!("{} IS NOT NULL", quoted(&column.name));
            if let Some(rows) = self.held_by(meant, is, &holds)? {
                meant.refuse(RunProblem::DropsValues {
                    what: format!(
                        "`{}` of `{}` would be computed, and the values that it has would go: {rows}",
                        column.name, is.name
                    ),
                    help: "compute another column, or allow E0501 if they may go".to_owned(),
                    declared: model.span,
                    at: meant.at,
                });
            }
        }
        for column in &todo.dropped {
            let meant_so = |it: &smol_str::SmolStr| {
                it.eq_ignore_ascii_case(column)
                    || crate::words::underscore(it).eq_ignore_ascii_case(column)
            };
            let found = is.column(column);
            let computed = found.is_some_and(|it| it.generated.is_some());
            if computed || model.drops.iter().any(meant_so) {
                continue;
            }
            let holds = format!("{} IS NOT NULL", quoted(column));
            let Some(rows) = self.held_by(meant, is, &holds)? else {
                continue;
            };
            let kind = |it: &str| affinity(it);
            let likely = todo.added.iter().find_map(|place| {
                let new = said.columns.get(*place)?;
                (found.is_some_and(|it| kind(&it.data_type) == kind(&new.data_type)))
                    .then_some(new.name.as_str())
            });
            let renamed = likely.map_or_else(String::new, |new| {
                format!(
                    "; if it is `{new}` now, write `was: {column}` among that attribute's options"
                )
            });
            meant.refuse(RunProblem::DropsValues {
                what: format!(
                    "the column `{column}` of `{}` would go with its values: {rows}",
                    is.name
                ),
                help: format!(
                    "write `drop {column}` into the model if they may go (or allow E0501){renamed}"
                ),
                declared: model.span,
                at: meant.at,
            });
        }
        Ok(())
    }

    fn converted(&mut self, meant: &Meant<'_>, task: &Task<'_>) -> Ran<()> {
        let Task {
            table,
            is,
            said,
            todo,
            ..
        } = task;
        // A strict table takes no others, whatever is allowed. One that becomes strict is looked at as a whole.
        let strict = said.strict && is.strict;
        let allowed = meant.allows("E0502");
        if allowed && !strict {
            return Ok(());
        }
        let model = &self.scripts.schema[table.model];
        for place in &todo.converted {
            let Some(to) = said.columns.get(*place) else {
                continue;
            };
            let attribute = model.on_column(&to.name);
            let wider = is.column(&to.name);
            let wider = wider.is_some_and(|it| widens(&it.data_type, &to.data_type));
            if wider && !strict || model.using(&to.name).is_some() {
                continue;
            }
            let column = quoted(&to.name);
            let misfits = match (strict, allowed) {
                (false, _) => misfit(&column, &to.data_type),
                (true, true) => not_of(&column, &to.data_type),
                (true, false) => {
                    let (lost, other) = (
                        misfit(&column, &to.data_type),
                        not_of(&column, &to.data_type),
                    );
                    format!("({lost}) OR ({other})")
                }
            };
            let Some(rows) = self.held_by(meant, is, &misfits)? else {
                continue;
            };
            meant.refuse(RunProblem::DoesNotConvert {
                what: format!(
                    "`{}` of `{}` would be {}, and not every value fits: {rows}",
                    to.name, is.name, to.data_type
                ),
                help: format!(
                    "say how with `using: (expression)` among the options of `{}`{}",
                    attribute.map_or(to.name.as_str(), |it| it.name.as_str()),
                    if strict {
                        ", or mend the rows: the table is strict"
                    } else {
                        ", mend the rows, or allow E0502 to keep them as they are"
                    }
                ),
                declared: attribute.map_or(model.span, |it| it.span),
                at: meant.at,
            });
        }
        Ok(())
    }

    /// A strict table holds values of its columns' types only, whatever is allowed.
    fn made_strict(&mut self, meant: &Meant<'_>, task: &Task<'_>) -> Ran<()> {
        let Task {
            table, is, said, ..
        } = task;
        if !said.strict || is.strict {
            return Ok(());
        }
        let model = &self.scripts.schema[table.model];
        for column in said.columns.iter().filter(|it| it.generated.is_none()) {
            let attribute = model.on_column(&column.name);
            if is.column(&column.name).is_none() || model.using(&column.name).is_some() {
                continue;
            }
            let misfits = not_of(&quoted(&column.name), &column.data_type);
            let Some(rows) = self.held_by(meant, is, &misfits)? else {
                continue;
            };
            meant.refuse(RunProblem::DoesNotConvert {
                what: format!(
                    "`{}` would be strict, and not every value of `{}` is {}: {rows}",
                    is.name, column.name, column.data_type
                ),
                help: format!(
                    "mend the rows, or say how with `using: (expression)` among the options of `{}`",
                    attribute.map_or(column.name.as_str(), |it| it.name.as_str())
                ),
                declared: attribute.map_or(model.span, |it| it.span),
                at: meant.at,
            });
        }
        Ok(())
    }

    fn tightened(&mut self, meant: &Meant<'_>, task: &Task<'_>) -> Ran<()> {
        let Task {
            table,
            is,
            said,
            todo,
            ..
        } = task;
        let model = &self.scripts.schema[table.model];
        for place in &todo.tightened {
            let Some(to) = said.columns.get(*place) else {
                continue;
            };
            let given = task.given.iter().any(|it| it.0 == to.name);
            if has_value(to) || given {
                continue;
            }
            let null = format!("{} IS NULL", quoted(&to.name));
            let Some(rows) = self.held_by(meant, is, &null)? else {
                continue;
            };
            let attribute = model.on_column(&to.name);
            meant.refuse(RunProblem::NullsThere {
                what: format!(
                    "`{}` of `{}` may not be null any more, and is: {rows}",
                    to.name, is.name
                ),
                help: "give it a `defaultValue`, which these rows get, or fill them first"
                    .to_owned(),
                declared: attribute.map_or(model.span, |it| it.span),
                at: meant.at,
            });
        }
        Ok(())
    }

    fn added(&mut self, meant: &Meant<'_>, task: &Task<'_>) -> Ran<()> {
        let Task {
            table,
            is,
            said,
            todo,
            ..
        } = task;
        let model = &self.scripts.schema[table.model];
        for place in &todo.added {
            let Some(to) = said.columns.get(*place) else {
                continue;
            };
            let attribute = model.on_column(&to.name);
            let given = task.given.iter().any(|it| it.0 == to.name);
            let filled =
                given || has_value(to) || to.generated.is_some() || model.using(&to.name).is_some();
            if filled || !to.not_null {
                continue;
            }
            let Some(rows) = self.held_by(meant, is, "true")? else {
                continue;
            };
            meant.refuse(RunProblem::NoValueForRows {
                what: format!(
                    "the new column `{}` of `{}` can't be null, and there is no value for the rows that are there: {rows}",
                    to.name, is.name
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
                at: meant.at,
            });
        }
        Ok(())
    }

    fn checked(&mut self, meant: &Meant<'_>, task: &Task<'_>) -> Ran<()> {
        let Task {
            table,
            is,
            said,
            todo,
            ..
        } = task;
        for check in &todo.checks {
            let tokens = crate::stored::tokens(check);
            let named = |name: &str| {
                let mut names = tokens.iter().filter_map(|it| it.name());
                names.any(|it| it.eq_ignore_ascii_case(name))
            };
            let added = todo.added.iter().filter_map(|it| said.columns.get(*it));
            let new: Vec<_> = added.filter(|it| named(&it.name)).collect();
            // What is computed, or converted, is found while the rows move, if they do.
            let converted = todo.converted.iter().filter_map(|it| said.columns.get(*it));
            let converted = todo.rebuild && converted.into_iter().any(|it| named(&it.name));
            if converted || new.iter().any(|it| it.generated.is_some()) {
                continue;
            }
            let source = if new.is_empty() {
                quoted(&is.name)
            } else {
                let values = new.iter().map(|it| {
                    let value = self.value_to_come(task, it);
                    format!(", {value} AS {}", quoted(&it.name))
                });
                let values: String = values.collect();
                let key = is.columns.iter().any(|it| it.primary_key > 0);
                let number = if key { "" } else { ", rowid AS rowid" };
                // Called as the table, which the check may name.
                let name = quoted(&is.name);
                format!("(SELECT *{number}{values} FROM {name}) AS {name}")
            };
            let Some(rows) = self.held_in(meant, is, &source, &format!("NOT {check}"))? else {
                continue;
            };
            meant.refuse(RunProblem::CheckBroken {
                what: format!("rows of `{}` break the check {check}: {rows}", is.name),
                help: "mend these rows first, or let the check go".to_owned(),
                declared: self.scripts.schema[table.model].span,
                at: meant.at,
            });
        }
        Ok(())
    }

    /// Fails where a new foreign key refers to what isn't there. A key of columns that come, or to what comes with this sentence, is looked
    /// at when all is done.
    fn orphans(&mut self, meant: &Meant<'_>, task: &Task<'_>) -> Ran<()> {
        let Task {
            table, is, todo, ..
        } = task;
        for key in &todo.keys {
            let has = |table: &Table, name: &str| table.column(name).is_some();
            let Some(parent) = self.ask(meant.at, |it| it.table(&key.table))? else {
                continue;
            };
            let to: Vec<_> = key.to.iter().flatten().collect();
            let known =
                key.columns.iter().all(|it| has(is, it)) && to.iter().all(|it| has(&parent, it));
            if !known || to.len() != key.columns.len() {
                continue;
            }
            let child = quoted(&is.name);
            let pairs = key.columns.iter().zip(to);
            let (held, equal): (Vec<_>, Vec<_>) = pairs
                .map(|(from, to)| {
                    let from = format!("{child}.{}", quoted(from));
                    let equal = format!("parent.{} = {from}", quoted(to));
                    (format!("{from} IS NOT NULL"), equal)
                })
                .unzip();
            let lost = format!(
                "{} AND NOT EXISTS (SELECT 1 FROM {} AS parent WHERE {})",
                held.join(" AND "),
                quoted(&parent.name),
                equal.join(" AND ")
            );
            let Some(rows) = self.held_by(meant, is, &lost)? else {
                continue;
            };
            let columns = key.columns.join("`, `");
            meant.refuse(RunProblem::ParentsMissing {
                what: format!(
                    "`{columns}` of `{}` would refer to `{}`, and what rows have there isn't: {rows}",
                    is.name, parent.name
                ),
                help: format!(
                    "create the rows of `{}` that are missing, set `{columns}` of these to null, or leave the constraint out with `constraints: false`",
                    parent.name
                ),
                declared: self.scripts.schema[table.model].span,
                at: meant.at,
            });
        }
        Ok(())
    }

    /// How many rows are so, and the first of them; none where there are none.
    pub(super) fn held_by(
        &mut self,
        meant: &Meant<'_>,
        is: &Table,
        holds: &str,
    ) -> Ran<Option<String>> {
        self.held_in(meant, is, &quoted(&is.name), holds)
    }

    /// The same of a query that yields its rows.
    fn held_in(
        &mut self,
        meant: &Meant<'_>,
        is: &Table,
        source: &str,
        holds: &str,
    ) -> Ran<Option<String>> {
        let from = format!("FROM {source} WHERE {holds}");
        let count = self.counted(meant.at, &format!("SELECT count(*) {from}"))?;
        if count == 0 {
            return Ok(None);
        }
        let mut key: Vec<_> = is.columns.iter().filter(|it| it.primary_key > 0).collect();
        key.sort_by_key(|it| it.primary_key);
        let names: Vec<_> = key.iter().map(|it| it.name.as_str()).collect();
        let (shown_as, read) = if names.is_empty() {
            ("rowid".to_owned(), "rowid".to_owned())
        } else {
            let quoted: Vec<_> = names.iter().map(|it| quoted(it)).collect();
            (names.join(", "), quoted.join(", "))
        };
        let first = self.shown(meant, &format!("SELECT {read} {from} LIMIT {SHOWN}"))?;
        let rows = if count == 1 { "row" } else { "rows" };
        let more = if count > SHOWN as u64 { ", .." } else { "" };
        Ok(Some(format!("{count} {rows} ({shown_as} {first}{more})")))
    }

    /// The rows of a query, on one line.
    pub(super) fn shown(&mut self, meant: &Meant<'_>, sql: &str) -> Ran<String> {
        let mut rows = Vec::new();
        self.ask(meant.at, |it| {
            it.query(sql, &[], &mut |row| {
                let each: Vec<_> = row.iter().map(told).collect();
                rows.push(each.join(" "));
                ControlFlow::Continue(())
            })
        })?;
        Ok(rows.join(", "))
    }
}

/// A value on one line.
fn told(value: &Value) -> String {
    crate::run::rows::told(value)
}

/// What is true of a value that a column of a strict table doesn't take.
fn not_of(column: &str, data_type: &str) -> String {
    let is = |kinds: &str| format!("typeof({column}) IN ({kinds})");
    let changed = |cast: &str| {
        format!(
            "typeof({column}) = 'text' AND {}",
            comes_otherwise(column, cast)
        )
    };
    match data_type.to_uppercase().as_str() {
        "INT" | "INTEGER" => format!(
            "{} OR {} OR typeof({column}) = 'real' AND CAST({column} AS INTEGER) <> {column}",
            is("'blob'"),
            changed("INTEGER")
        ),
        "REAL" => format!("{} OR {}", is("'blob'"), changed("NUMERIC")),
        "TEXT" => is("'blob'"),
        "BLOB" => is("'integer', 'real', 'text'"),
        _ => "false".to_owned(),
    }
}

/// What is true of a text that comes back otherwise from a type, whatever the column's collation holds for equal.
fn comes_otherwise(column: &str, cast: &str) -> String {
    format!("CAST(CAST({column} AS {cast}) AS TEXT) <> {column} COLLATE BINARY")
}

/// How many letters a type takes, where it says so: 5 of `VARCHAR(5)`.
fn length(data_type: &str) -> Option<u64> {
    let upper = data_type.to_uppercase();
    let (name, rest) = upper.split_once('(')?;
    let number = rest.split(')').next()?.trim().parse().ok();
    number.filter(|_| name.contains("CHAR"))
}

/// Whether every value of a type fits another one, as well as it fits the first: SQLite holds neither to a width.
fn widens(from: &str, to: &str) -> bool {
    match (affinity(from), affinity(to)) {
        ("TEXT", "TEXT") => match (length(from), length(to)) {
            (Some(from), Some(to)) => from <= to,
            (_, to) => to.is_none(),
        },
        ("INTEGER", "INTEGER") | ("REAL", "REAL") => true,
        _ => false,
    }
}

/// What is true of a value that a type doesn't fit: it would not come back as the same text.
fn misfit(column: &str, data_type: &str) -> String {
    let upper = data_type.to_uppercase();
    let fits = |number: &str, text: &str| {
        format!("CASE typeof({column}) {number} WHEN 'text' THEN {text} ELSE false END")
    };
    let back = |cast: &str| comes_otherwise(column, cast);
    match affinity(data_type) {
        "TEXT" => match length(data_type) {
            Some(most) => format!("length({column}) > {most}"),
            None => "false".to_owned(),
        },
        "INTEGER" => fits(
            &format!("WHEN 'real' THEN CAST({column} AS INTEGER) <> {column}"),
            &back("INTEGER"),
        ),
        // Beyond 2^53 not every integer is one.
        "REAL" => fits(
            &format!("WHEN 'integer' THEN CAST({column} AS REAL) <> {column}"),
            &format!(
                "{} OR CAST({column} AS REAL) <> CAST({column} AS NUMERIC)",
                back("NUMERIC")
            ),
        ),
        "NUMERIC" if upper.starts_with("DATE") => {
            format!("{column} IS NOT NULL AND datetime({column}) IS NULL")
        }
        "NUMERIC" => fits("", &back("NUMERIC")),
        _ => "false".to_owned(),
    }
}

//! What a change would lose: counted before anything is touched, and refused unless the script means it.

use super::dates::other_form;
use super::questions::{self, Question};
use super::task::{AlterOptions, Task};
use super::types::CastCheck;
use super::using::FilledRows;
use crate::catalog::Table;
use crate::client::{RunResult, quoted, told};
use crate::diagnostics::{Hazard, Loss};
use crate::migrate::Migrator;
use crate::value::Value;

/// So many rows are shown.
pub(super) const SHOWN: usize = 3;

impl Migrator<'_> {
    /// Refuses what of a change of a table would lose something.
    pub(super) fn hazards(&mut self, alter: &AlterOptions<'_>, task: &Task<'_>) -> RunResult<()> {
        let (model, current) = (&self.client.scripts.schema[task.table.model], &task.current);
        if !alter.allow.has(Loss::Values) {
            self.ask(alter, current, questions::dropped(model, task))?;
        }
        let before = alter.refused();
        self.converted(alter, task)?;
        self.used_values(alter, task)?;
        if alter.refused() == before {
            self.ask(alter, current, questions::numbered(model, task))?;
        }
        self.rekeyed(alter, task)?;
        self.recollated(alter, task)?;
        self.triggers_of_dropped(alter, task)?;
        self.ask(alter, current, questions::tightened(model, task))?;
        self.ask(alter, current, questions::added(model, task))?;
        self.ask(alter, current, questions::checked(model, task))?;
        self.orphans(alter, task)
    }

    /// Asks a table for rows, and refuses what would become of them.
    pub(super) fn ask(
        &mut self,
        alter: &AlterOptions<'_>,
        current: &Table,
        questions: impl IntoIterator<Item = Question>,
    ) -> RunResult<()> {
        for Question { loss, source, holds, what, help, declared } in questions {
            let source = source.unwrap_or_else(|| quoted(&current.name));
            if let Some(rows) = self.held_in(alter, current, &source, &holds)? {
                let what = format!("{what}: {rows}");
                let (declared, at) = (Some(declared), Some(alter.at));
                alter.refuse(Hazard { loss, what, help, declared, at });
            }
        }
        Ok(())
    }

    /// Refuses values that a column's new type isn't for, or that would come back otherwise. A strict table holds values of its
    /// columns' types only, whatever is allowed.
    fn converted(&mut self, alter: &AlterOptions<'_>, task: &Task<'_>) -> RunResult<()> {
        let Task { table, current, desired, todo, .. } = task;
        let model = &self.client.scripts.schema[table.model];
        let becomes_strict = desired.options.strict && !current.options.strict;
        let asked =
            if alter.allow.has(Loss::Conversion) { CastCheck::Taken } else { CastCheck::Fits };
        for (place, to) in desired.columns.iter().enumerate() {
            let converted = todo.converted.contains(&place);
            let computed = to.generated.is_some() || task.used(&to.name).is_some();
            if computed || !(converted || becomes_strict) {
                continue;
            }
            let asked = if converted { asked } else { CastCheck::Taken };
            let Some(rows) = self.misfits(alter, [current, desired], to, asked)? else {
                continue;
            };
            let attribute = model.on_column(&to.name);
            let name = attribute.map_or(to.name.as_str(), |it| it.name.as_str());
            let using = format!("`using: (expression)` among the options of `{name}`");
            alter.refuse(Hazard {
                loss: Loss::Conversion,
                what: if converted && current.options.strict && !desired.options.strict {
                    format!(
                        "`{}` of `{}` would be {} outside of a strict table, and not every value stays as it is: {rows}",
                        to.name, current.name, to.data_type
                    )
                } else if converted {
                    format!(
                        "`{}` of `{}` would be {}, and not every value fits: {rows}",
                        to.name, current.name, to.data_type
                    )
                } else {
                    format!(
                        "`{}` would be strict, and not every value of `{}` is {}: {rows}",
                        current.name, to.name, to.data_type
                    )
                },
                help: match (converted, desired.options.strict) {
                    (false, _) => format!("mend the rows, or say how with {using}"),
                    (true, true) => {
                        format!("say how with {using}, or mend the rows: the table is strict")
                    }
                    (true, false) => format!(
                        "say how with {using}, mend the rows, or allow E0502 to keep them as they are"
                    ),
                },
                declared: Some(attribute.map_or(model.span, |it| it.span)),
                at: Some(alter.at),
            });
        }
        Ok(())
    }

    /// Refuses what `using` says where it isn't what the column is for: nulls, and values of another type.
    fn used_values(&mut self, alter: &AlterOptions<'_>, task: &Task<'_>) -> RunResult<()> {
        let (current, desired) = (&task.current, &task.desired);
        let model = &self.client.scripts.schema[task.table.model];
        for used in &task.used {
            let Some(to) = desired.column(&used.column) else {
                continue;
            };
            let value = task.value_to_come(to);
            let declared = model.on_column(&to.name).map_or(model.span, |it| it.span);
            let null = to.not_null.then(|| Question {
                loss: Loss::Nulls,
                source: None,
                holds: format!("{value} IS NULL"),
                what: format!(
                    "`{}` of `{}` may not be null, and what `using` says is",
                    to.name, current.name
                ),
                help: "let `using` have a value for each row (`coalesce`), or give it a `defaultValue` beside it"
                    .to_owned(),
                declared,
            });
            self.ask(alter, current, null)?;
            let lost = match used.of {
                FilledRows::All | FilledRows::Nulls => None,
                // It is for values in one form, and would be asked each time.
                FilledRows::OtherForm => {
                    let (old, sql) = (other_form(&quoted(&to.name)), &used.sql);
                    let lost = format!("{old} AND ({sql} IS NULL OR {})", other_form(sql));
                    self.held_by(alter, current, &lost)?
                }
            };
            if let Some(rows) = lost {
                alter.refuse(Hazard {
                    loss: Loss::Conversion,
                    what: format!(
                        "`{}` of `{}` has values that `using` doesn't bring into one form: {rows}",
                        to.name, current.name
                    ),
                    help: "a date is kept as `2022-01-16 12:00:00.000 +00:00`: mend these values, or take `using` away".to_owned(),
                    declared: Some(declared),
                    at: Some(alter.at),
                });
                continue;
            }
            let asked =
                if alter.allow.has(Loss::Conversion) { CastCheck::Taken } else { CastCheck::Meant };
            if let Some(rows) = self.misfits_of(alter, [current, desired], &value, to, asked)? {
                alter.refuse(Hazard {
                    loss: Loss::Conversion,
                    what: format!(
                        "`{}` of `{}` is {}, and not every value that `using` says fits: {rows}",
                        to.name, current.name, to.data_type
                    ),
                    help: "let `using` compute values of that type".to_owned(),
                    declared: Some(declared),
                    at: Some(alter.at),
                });
            }
        }
        Ok(())
    }

    /// Fails where a new foreign key refers to what isn't there. A key of columns that come, or to what comes with this sentence, is looked
    /// at when all is done.
    fn orphans(&mut self, alter: &AlterOptions<'_>, task: &Task<'_>) -> RunResult<()> {
        let Task { table, current, todo, .. } = task;
        for key in &todo.keys {
            let has = |table: &Table, name: &str| table.column(name).is_some();
            let Some(parent) = self.client.ask(alter.at, |it| it.table(&key.table))? else {
                continue;
            };
            let to: Vec<_> = key.to.iter().collect();
            let known = (key.columns.iter()).all(|it| has(current, it) && task.used(it).is_none())
                && to.iter().all(|it| has(&parent, it));
            if !known || to.len() != key.columns.len() {
                continue;
            }
            let child = quoted(&current.name);
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
            let columns = key.columns.join("`, `");
            let orphans = Question {
                loss: Loss::Parents,
                source: None,
                holds: lost,
                what: format!(
                    "`{columns}` of `{}` would refer to `{}`, and what rows have there isn't",
                    current.name, parent.name
                ),
                help: format!(
                    "create the rows of `{}` that are missing, set `{columns}` of these to null, or leave the constraint out with `constraints: false`",
                    parent.name
                ),
                declared: self.client.scripts.schema[table.model].span,
            };
            self.ask(alter, current, [orphans])?;
        }
        Ok(())
    }

    /// How many rows are so, and the first of them; none where there are none.
    pub(super) fn held_by(
        &mut self,
        alter: &AlterOptions<'_>,
        current: &Table,
        holds: &str,
    ) -> RunResult<Option<String>> {
        self.held_in(alter, current, &quoted(&current.name), holds)
    }

    /// The same of a query that yields its rows.
    fn held_in(
        &mut self,
        alter: &AlterOptions<'_>,
        current: &Table,
        source: &str,
        holds: &str,
    ) -> RunResult<Option<String>> {
        let from = format!("FROM {source} WHERE {holds}");
        let count = self.client.count(alter.at, &format!("SELECT count(*) {from}"))?;
        if count == 0 {
            return Ok(None);
        }
        let mut key: Vec<_> = current.columns.iter().filter(|it| it.primary_key > 0).collect();
        key.sort_by_key(|it| it.primary_key);
        let names: Vec<_> = key.iter().map(|it| it.name.as_str()).collect();
        let (shown_as, read) = if names.is_empty() {
            ("rowid".to_owned(), "rowid".to_owned())
        } else {
            let quoted: Vec<_> = names.iter().map(|it| quoted(it)).collect();
            (names.join(", "), quoted.join(", "))
        };
        let first = self.shown(alter, &format!("SELECT {read} {from} LIMIT {SHOWN}"))?;
        let rows = if count == 1 { "row" } else { "rows" };
        let more = if count > SHOWN as u64 { ", .." } else { "" };
        Ok(Some(format!("{count} {rows} ({shown_as} {first}{more})")))
    }

    /// The rows of a query, on one line.
    pub(super) fn shown(&mut self, alter: &AlterOptions<'_>, sql: &str) -> RunResult<String> {
        let rows = self.client.rows(alter.at, sql, &[])?;
        let line = |row: &Vec<Value>| row.iter().map(told).collect::<Vec<_>>().join(" ");
        Ok(rows.iter().map(line).collect::<Vec<_>>().join(", "))
    }
}

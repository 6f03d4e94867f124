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
    pub(super) fn hazards(&mut self, meant: &AlterOptions<'_>, task: &Task<'_>) -> RunResult<()> {
        let (model, is) = (&self.client.scripts.schema[task.table.model], &task.is);
        if !meant.allow.has(Loss::Values) {
            self.ask(meant, is, questions::dropped(model, task))?;
        }
        let before = meant.refused();
        self.converted(meant, task)?;
        self.used_values(meant, task)?;
        if meant.refused() == before {
            self.ask(meant, is, questions::numbered(model, task))?;
        }
        self.rekeyed(meant, task)?;
        self.recollated(meant, task)?;
        self.triggers_of_dropped(meant, task)?;
        self.ask(meant, is, questions::tightened(model, task))?;
        self.ask(meant, is, questions::added(model, task))?;
        self.ask(meant, is, questions::checked(model, task))?;
        self.orphans(meant, task)
    }

    /// Asks a table for rows, and refuses what would become of them.
    pub(super) fn ask(
        &mut self,
        meant: &AlterOptions<'_>,
        is: &Table,
        questions: impl IntoIterator<Item = Question>,
    ) -> RunResult<()> {
        for Question { loss, source, holds, what, help, declared } in questions {
            let source = source.unwrap_or_else(|| quoted(&is.name));
            if let Some(rows) = self.held_in(meant, is, &source, &holds)? {
                let what = format!("{what}: {rows}");
                let (declared, at) = (Some(declared), Some(meant.at));
                meant.refuse(Hazard { loss, what, help, declared, at });
            }
        }
        Ok(())
    }

    /// Refuses values that a column's new type isn't for, or that would come back otherwise. A strict table holds values of its
    /// columns' types only, whatever is allowed.
    fn converted(&mut self, meant: &AlterOptions<'_>, task: &Task<'_>) -> RunResult<()> {
        let Task { table, is, said, todo, .. } = task;
        let model = &self.client.scripts.schema[table.model];
        let becomes_strict = said.options.strict && !is.options.strict;
        let asked =
            if meant.allow.has(Loss::Conversion) { CastCheck::Taken } else { CastCheck::Fits };
        for (place, to) in said.columns.iter().enumerate() {
            let converted = todo.converted.contains(&place);
            let computed = to.generated.is_some() || task.used(&to.name).is_some();
            if computed || !(converted || becomes_strict) {
                continue;
            }
            let asked = if converted { asked } else { CastCheck::Taken };
            let Some(rows) = self.misfits(meant, [is, said], to, asked)? else {
                continue;
            };
            let attribute = model.on_column(&to.name);
            let name = attribute.map_or(to.name.as_str(), |it| it.name.as_str());
            let using = format!("`using: (expression)` among the options of `{name}`");
            meant.refuse(Hazard {
                loss: Loss::Conversion,
                what: if converted && is.options.strict && !said.options.strict {
                    format!(
                        "`{}` of `{}` would be {} outside of a strict table, and not every value stays as it is: {rows}",
                        to.name, is.name, to.data_type
                    )
                } else if converted {
                    format!(
                        "`{}` of `{}` would be {}, and not every value fits: {rows}",
                        to.name, is.name, to.data_type
                    )
                } else {
                    format!(
                        "`{}` would be strict, and not every value of `{}` is {}: {rows}",
                        is.name, to.name, to.data_type
                    )
                },
                help: match (converted, said.options.strict) {
                    (false, _) => format!("mend the rows, or say how with {using}"),
                    (true, true) => {
                        format!("say how with {using}, or mend the rows: the table is strict")
                    }
                    (true, false) => format!(
                        "say how with {using}, mend the rows, or allow E0502 to keep them as they are"
                    ),
                },
                declared: Some(attribute.map_or(model.span, |it| it.span)),
                at: Some(meant.at),
            });
        }
        Ok(())
    }

    /// Refuses what `using` says where it isn't what the column is for: nulls, and values of another type.
    fn used_values(&mut self, meant: &AlterOptions<'_>, task: &Task<'_>) -> RunResult<()> {
        let (is, said) = (&task.is, &task.said);
        let model = &self.client.scripts.schema[task.table.model];
        for used in &task.used {
            let Some(to) = said.column(&used.column) else {
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
                    to.name, is.name
                ),
                help: "let `using` have a value for each row (`coalesce`), or give it a `defaultValue` beside it"
                    .to_owned(),
                declared,
            });
            self.ask(meant, is, null)?;
            let lost = match used.of {
                FilledRows::All | FilledRows::Nulls => None,
                // It is for values in one form, and would be asked each time.
                FilledRows::OtherForm => {
                    let (old, sql) = (other_form(&quoted(&to.name)), &used.sql);
                    let lost = format!("{old} AND ({sql} IS NULL OR {})", other_form(sql));
                    self.held_by(meant, is, &lost)?
                }
            };
            if let Some(rows) = lost {
                meant.refuse(Hazard {
                    loss: Loss::Conversion,
                    what: format!(
                        "`{}` of `{}` has values that `using` doesn't bring into one form: {rows}",
                        to.name, is.name
                    ),
                    help: "a date is kept as `2022-01-16 12:00:00.000 +00:00`: mend these values, or take `using` away".to_owned(),
                    declared: Some(declared),
                    at: Some(meant.at),
                });
                continue;
            }
            let asked =
                if meant.allow.has(Loss::Conversion) { CastCheck::Taken } else { CastCheck::Meant };
            if let Some(rows) = self.misfits_of(meant, [is, said], &value, to, asked)? {
                meant.refuse(Hazard {
                    loss: Loss::Conversion,
                    what: format!(
                        "`{}` of `{}` is {}, and not every value that `using` says fits: {rows}",
                        to.name, is.name, to.data_type
                    ),
                    help: "let `using` compute values of that type".to_owned(),
                    declared: Some(declared),
                    at: Some(meant.at),
                });
            }
        }
        Ok(())
    }

    /// Fails where a new foreign key refers to what isn't there. A key of columns that come, or to what comes with this sentence, is looked
    /// at when all is done.
    fn orphans(&mut self, meant: &AlterOptions<'_>, task: &Task<'_>) -> RunResult<()> {
        let Task { table, is, todo, .. } = task;
        for key in &todo.keys {
            let has = |table: &Table, name: &str| table.column(name).is_some();
            let Some(parent) = self.client.ask(meant.at, |it| it.table(&key.table))? else {
                continue;
            };
            let to: Vec<_> = key.to.iter().collect();
            let known = (key.columns.iter()).all(|it| has(is, it) && task.used(it).is_none())
                && to.iter().all(|it| has(&parent, it));
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
            let columns = key.columns.join("`, `");
            let orphans = Question {
                loss: Loss::Parents,
                source: None,
                holds: lost,
                what: format!(
                    "`{columns}` of `{}` would refer to `{}`, and what rows have there isn't",
                    is.name, parent.name
                ),
                help: format!(
                    "create the rows of `{}` that are missing, set `{columns}` of these to null, or leave the constraint out with `constraints: false`",
                    parent.name
                ),
                declared: self.client.scripts.schema[table.model].span,
            };
            self.ask(meant, is, [orphans])?;
        }
        Ok(())
    }

    /// How many rows are so, and the first of them; none where there are none.
    pub(super) fn held_by(
        &mut self,
        meant: &AlterOptions<'_>,
        is: &Table,
        holds: &str,
    ) -> RunResult<Option<String>> {
        self.held_in(meant, is, &quoted(&is.name), holds)
    }

    /// The same of a query that yields its rows.
    fn held_in(
        &mut self,
        meant: &AlterOptions<'_>,
        is: &Table,
        source: &str,
        holds: &str,
    ) -> RunResult<Option<String>> {
        let from = format!("FROM {source} WHERE {holds}");
        let count = self.client.count(meant.at, &format!("SELECT count(*) {from}"))?;
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
    pub(super) fn shown(&mut self, meant: &AlterOptions<'_>, sql: &str) -> RunResult<String> {
        let rows = self.client.rows(meant.at, sql, &[])?;
        let line = |row: &Vec<Value>| row.iter().map(told).collect::<Vec<_>>().join(" ");
        Ok(rows.iter().map(line).collect::<Vec<_>>().join(", "))
    }
}

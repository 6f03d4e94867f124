//! What a change would lose: counted before anything is touched, and refused unless the script means it.

use super::broken::triggers_of_dropped;
use super::ddl::TableDdl;
use super::engine_of;
use super::keys::{recollated, rekeyed};
use super::questions::{self, Question, ask_all, held_by};
use super::task::{Alteration, CastCheck, FilledRows, Task};
use crate::catalog::Table;
use crate::client::Client;
use crate::client::{RunResult, place, quoted};
use crate::db::{DbError, DbErrorKind};
use crate::diagnostics::{Hazard, Loss, RunProblem};

/// Refuses what of a change of a table would lose something.
pub(super) fn refuse_hazards(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    task: &Task<'_>,
) -> RunResult<()> {
    let (model, current) = (&client.scripts.schema[task.table.model], &task.current);
    if !alter.options.allow.has(Loss::Values) {
        let engine = engine_of(client.database);
        let dropped = questions::dropped(model, task, |a, b| engine.is_alike(a, b));
        ask_all(client, alter, current, dropped)?;
    }
    let before = alter.refused();
    refuse_converted(client, alter, task)?;
    used_values(client, alter, task)?;
    if alter.refused() == before {
        let own = engine_of(client.database).questions(model, task);
        ask_all(client, alter, current, own)?;
    }
    rekeyed(client, alter, task)?;
    recollated(client, alter, task)?;
    triggers_of_dropped(client, alter, task)?;
    ask_all(client, alter, current, questions::tightened(model, task))?;
    ask_all(client, alter, current, questions::added(model, task))?;
    let row_name = engine_of(client.database).row_name();
    ask_all(client, alter, current, questions::checked(model, task, row_name))?;
    orphans(client, alter, task)
}

/// Refuses values that a column's new type isn't for, or that would come back otherwise. A strict table holds values of its
/// columns' types only, whatever is allowed.
fn refuse_converted(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    task: &Task<'_>,
) -> RunResult<()> {
    let Task { table, current, desired, todo, .. } = task;
    let model = &client.scripts.schema[table.model];
    let becomes_strict = desired.options.strict && !current.options.strict;
    let asked =
        if alter.options.allow.has(Loss::Conversion) { CastCheck::Taken } else { CastCheck::Fits };
    for (position, to) in desired.columns.iter().enumerate() {
        let converted = todo.converted.contains(&position);
        let computed = to.generated.is_some() || task.used(&to.name).is_some();
        if computed || !(converted || becomes_strict) {
            continue;
        }
        let asked = if converted { asked } else { CastCheck::Taken };
        if current.column(&to.name).is_none() {
            continue;
        }
        let value = quoted(&to.name);
        let tables = [current, desired];
        let found =
            engine_of(client.database).misfits_of(client, alter, tables, (&value, to), asked)?;
        let Some(rows) = found else {
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
                (false, _) => format!("change the rows, or say how with {using}"),
                (true, true) => {
                    format!("say how with {using}, or change the rows: the table is strict")
                }
                (true, false) => format!(
                    "say how with {using}, change the rows, or allow E0502 to keep them as they are"
                ),
            },
            declared: Some(attribute.map_or(model.span, |it| it.span)),
            at: place(alter.at),
        });
    }
    Ok(())
}

/// Refuses what `using` says where it isn't what the column is for: nulls, and values of another type.
fn used_values(client: &mut Client<'_>, alter: &Alteration<'_>, task: &Task<'_>) -> RunResult<()> {
    let (current, desired) = (&task.current, &task.desired);
    let model = &client.scripts.schema[task.table.model];
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
        ask_all(client, alter, current, null)?;
        let lost = match used.of {
            FilledRows::All | FilledRows::Nulls => None,
            // It is for values in one form, and would be asked each time.
            FilledRows::OtherForm => {
                let sql = &used.sql;
                let other = engine_of(client.database).other_form(sql);
                let lost = format!("{} AND ({sql} IS NULL OR {other})", used.rows);
                held_by(client, alter, current, &lost)?
            }
        };
        if let Some(rows) = lost {
            alter.refuse(Hazard {
                loss: Loss::Conversion,
                what: format!(
                    "`{}` of `{}` has values that `using` doesn't bring into one form: {rows}",
                    to.name, current.name
                ),
                help: "a date is kept as `2022-01-16 12:00:00.000 +00:00`: change these values, or remove `using`".to_owned(),
                declared: Some(declared),
                at: place(alter.at),
            });
            continue;
        }
        let asked = if alter.options.allow.has(Loss::Conversion) {
            CastCheck::Taken
        } else {
            CastCheck::Meant
        };
        let tables = [current, desired];
        let found =
            engine_of(client.database).misfits_of(client, alter, tables, (&value, to), asked)?;
        if let Some(rows) = found {
            alter.refuse(Hazard {
                loss: Loss::Conversion,
                what: format!(
                    "`{}` of `{}` is {}, and not every value that `using` says fits: {rows}",
                    to.name, current.name, to.data_type
                ),
                help: "let `using` compute values of that type".to_owned(),
                declared: Some(declared),
                at: place(alter.at),
            });
        }
    }
    Ok(())
}

/// Fails where a new foreign key refers to what isn't there. A key of columns that come, or to what comes with this sentence, is looked
/// at when all is done.
fn orphans(client: &mut Client<'_>, alter: &Alteration<'_>, task: &Task<'_>) -> RunResult<()> {
    let Task { table, current, todo, .. } = task;
    for key in &todo.keys {
        let has = |table: &Table, name: &str| table.column(name).is_some();
        let Some(parent) = client.ask(alter.at, |it| it.table(&key.table))? else {
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
            declared: client.scripts.schema[table.model].span,
        };
        ask_all(client, alter, current, [orphans])?;
    }
    Ok(())
}

/// What the database finds of rows that were changed on their way: nothing could count it before.
pub(super) fn misfit(
    client: &Client<'_>,
    alter: &Alteration<'_>,
    table: &TableDdl,
    error: DbError,
) -> RunProblem {
    match breaks(client, alter, table, &error) {
        Some(hazard) => hazard.into(),
        None => client.failure(error, alter.at),
    }
}

/// The rule that an error says rows to break.
#[expect(clippy::wildcard_enum_match_arm, reason = "only rules of a table are broken by rows")]
pub(super) fn breaks(
    client: &Client<'_>,
    alter: &Alteration<'_>,
    table: &TableDdl,
    error: &DbError,
) -> Option<Hazard> {
    let (loss, why) = match error.kind {
        DbErrorKind::Unique => (Loss::Duplicates, "have what only one may have"),
        DbErrorKind::Check => (Loss::Check, "break a check"),
        DbErrorKind::NotNull => (Loss::Nulls, "be null where they may not be"),
        _ => return None,
    };
    Some(Hazard {
        loss,
        what: format!("rows of `{}` would {why}: {}", table.name, error.message),
        help: "change these rows first".to_owned(),
        declared: Some(client.scripts.schema[table.model].span),
        at: place(alter.at),
    })
}

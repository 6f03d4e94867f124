//! What a change would lose: counted before anything is touched, and refused unless the script means it.

use super::alteration::{Alteration, CastCheck, FilledRows, TableAlteration};
use super::broken::refuse_triggers_of_dropped;
use super::ddl::TableDdl;
use super::engine_of;
use super::keys::{refuse_collations, refuse_equal_values, refuse_primary_key};
use super::misfits::Misfits;
use super::questions::{self, Question, ask_all, rows_where};
use crate::catalog::Table;
use crate::client::Client;
use crate::client::{RunResult, quoted};
use crate::db::{DbError, DbErrorKind};
use crate::diagnostics::{Hazard, HazardKind, Loss, RowRule, RunProblem};

/// Refuses what of a change of a table would lose something.
pub(super) fn refuse_hazards(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
) -> RunResult<()> {
    let (model, current) = (&client.scripts.schema[task.table.model], &task.current);
    if !alter.options.allow.has(Loss::Values) {
        let engine = engine_of(client.database);
        let dropped = questions::dropped(model, task, |a, b| engine.is_alike(a, b));
        ask_all(client, alter, current, dropped)?;
    }
    let before = alter.refused();
    refuse_converted(client, alter, task)?;
    refuse_used_values(client, alter, task)?;
    if alter.refused() == before {
        let own = engine_of(client.database).questions(model, task);
        ask_all(client, alter, current, own)?;
    }
    refuse_primary_key(client, alter, task)?;
    refuse_collations(client, alter, task)?;
    refuse_equal_values(client, alter, task)?;
    refuse_triggers_of_dropped(client, alter, task)?;
    ask_all(client, alter, current, questions::tightened(model, task))?;
    ask_all(client, alter, current, questions::added(model, task))?;
    let engine = engine_of(client.database);
    ask_all(client, alter, current, questions::checked(model, task, engine))?;
    refuse_orphans(client, alter, task)
}

/// Refuses values that a column's new type isn't for, or that would come back otherwise. A strict table holds values of its
/// columns' types only, whatever is allowed.
fn refuse_converted(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
) -> RunResult<()> {
    let TableAlteration { table, current, desired, todo, .. } = task;
    let model = &client.scripts.schema[table.model];
    let becomes_strict = desired.options.strict && !current.options.strict;
    let allowed = alter.options.allow.has(Loss::Conversion);
    let asked = if allowed { CastCheck::Taken } else { CastCheck::Fits };
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
        let engine = engine_of(client.database);
        let found = engine.misfits_of(client, alter, tables, (&value, to), asked)?;
        let Some(Misfits { rows, outcome }) = found else {
            if converted && allowed {
                let fits = CastCheck::Fits;
                if let Some(it) = engine.misfits_of(client, alter, tables, (&value, to), fits)? {
                    alter.found_misfits(&current.name, &to.name, &it);
                }
            }
            continue;
        };
        let said = model.on_column(&to.name);
        let attribute = said.map_or_else(|| to.name.clone(), |it| it.name.to_string());
        let (column, data_type) = (to.name.clone(), to.data_type.to_string());
        let (table, strict) = (current.name.clone(), desired.options.strict);
        let kind = if !converted {
            HazardKind::BecomesStrict { column, table, data_type, attribute }
        } else if current.options.strict && !strict {
            HazardKind::ConvertedOutOfStrict { column, table, data_type, attribute, outcome }
        } else {
            HazardKind::Converted { column, table, data_type, attribute, strict, outcome }
        };
        let declared = said.map_or(model.span, |it| it.span);
        alter.refuse(Hazard { rows: Some(rows), ..alter.hazard(kind, Some(declared)) });
    }
    Ok(())
}

/// Refuses what `using` says where it isn't what the column is for: nulls, and values of another type.
fn refuse_used_values(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
) -> RunResult<()> {
    let (current, desired) = (&task.current, &task.desired);
    let model = &client.scripts.schema[task.table.model];
    for used in &task.used {
        let Some(to) = desired.column(&used.column) else {
            continue;
        };
        let value = task.value_to_come(to);
        let declared = model.on_column(&to.name).map_or(model.span, |it| it.span);
        let names = || (to.name.clone(), current.name.clone());
        let null = to.not_null.then(|| {
            let (column, table) = names();
            let kind = HazardKind::UsingNull { column, table };
            Question { kind, source: None, holds: format!("{value} IS NULL"), declared }
        });
        ask_all(client, alter, current, null)?;
        let lost = match used.of {
            FilledRows::All | FilledRows::Nulls => None,
            // It is for values in one form, and would be asked each time.
            FilledRows::OtherForm => {
                let sql = &used.sql;
                let other = engine_of(client.database).other_form(sql);
                let lost = format!("{} AND ({sql} IS NULL OR {other})", used.rows);
                rows_where(client, alter, current, &lost)?
            }
        };
        if lost.is_some() {
            let (column, table) = names();
            let kind = HazardKind::UsingOtherForm { column, table };
            alter.refuse(Hazard { rows: lost, ..alter.hazard(kind, Some(declared)) });
            continue;
        }
        let asked = if alter.options.allow.has(Loss::Conversion) {
            CastCheck::Taken
        } else {
            CastCheck::Meant
        };
        let tables = [current, desired];
        let engine = engine_of(client.database);
        let found = engine.misfits_of(client, alter, tables, (&value, to), asked)?;
        if let Some(Misfits { rows, .. }) = found {
            let (column, table) = names();
            let kind =
                HazardKind::UsingMisfits { column, table, data_type: to.data_type.to_string() };
            alter.refuse(Hazard { rows: Some(rows), ..alter.hazard(kind, Some(declared)) });
        }
    }
    Ok(())
}

/// Fails where a new foreign key refers to what isn't there. A key of columns that come, or to what comes with this sentence, is looked
/// at when all is done.
fn refuse_orphans(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
) -> RunResult<()> {
    let TableAlteration { table, current, todo, .. } = task;
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
        let orphans = Question {
            kind: HazardKind::Orphans {
                columns: key.columns.clone(),
                table: current.name.clone(),
                parent: parent.name,
            },
            source: None,
            holds: lost,
            declared: client.scripts.schema[table.model].span,
        };
        ask_all(client, alter, current, [orphans])?;
    }
    Ok(())
}

/// What the database finds of rows that were changed on their way: nothing could count it before.
pub(super) fn failed_rows(
    client: &Client<'_>,
    alter: &Alteration,
    table: &TableDdl,
    error: DbError,
) -> RunProblem {
    match broken_rule(client, alter, table, &error) {
        Some(hazard) => hazard.into(),
        None => client.failure(error, alter.at),
    }
}

/// The rule that an error says rows to break.
#[expect(clippy::wildcard_enum_match_arm, reason = "only rules of a table are broken by rows")]
pub(super) fn broken_rule(
    client: &Client<'_>,
    alter: &Alteration,
    table: &TableDdl,
    error: &DbError,
) -> Option<Hazard> {
    let rule = match error.kind {
        DbErrorKind::Unique => RowRule::Unique,
        DbErrorKind::Check => RowRule::Check,
        DbErrorKind::NotNull => RowRule::NotNull,
        _ => return None,
    };
    let message = error.message.clone();
    let kind = HazardKind::Breaks { table: table.name.to_string(), rule, message };
    Some(alter.hazard(kind, Some(client.scripts.schema[table.model].span)))
}

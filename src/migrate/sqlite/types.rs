//! Types: which values a column's type is for, and what becomes of a value that is put into such a column. The latter SQLite is asked:
//! the values go into a table of that type, and are looked at as they come out of it.

use crate::catalog::{Column, Table};
use crate::client::Client;
use crate::client::{RunResult, quoted};
use crate::diagnostics::{ConcernedRows, MisfitOutcome};
use crate::migrate::alteration::{Alteration, CastCheck};
use crate::migrate::misfits::Misfits;
use crate::migrate::questions::rows_where;
use crate::source::Span;
use crate::sql::{Affinity, ValueClass};
use crate::stored::CreateTable;
use crate::value::Value;
use std::collections::BTreeSet;

/// Where values are tried, for a moment.
const TRIAL: &str = "_relata_trial";

/// The values, as they are or as they are computed, that don't fit the type that a column of `current` gets in `desired`; none
/// where all fit.
pub(super) fn misfits_of(
    client: &mut Client<'_>,
    alter: &Alteration,
    [current, desired]: [&Table; 2],
    value: &str,
    to: &Column,
    asked: CastCheck,
) -> RunResult<Option<Misfits>> {
    let from = current.column(&to.name).filter(|_| asked == CastCheck::Fits);
    let former = from.map(|it| Affinity::in_table(current, it));
    let held = from.map(|it| ValueClass::of(current, it));
    let (affinity, holds) = (Affinity::in_table(desired, to), ValueClass::of(desired, to));
    let mut faults = Vec::new();
    let becomes = former.filter(|it| *it != affinity).and_then(|_| becomes_another(affinity));
    // Fractions are among what is tried then.
    let tries_reals = affinity == Affinity::Text && becomes.is_some();
    faults.extend(becomes);
    if asked != CastCheck::Taken && !held.is_some_and(|it| holds.includes(it)) {
        faults.extend(not_for(holds, value));
    }
    if desired.options.strict {
        faults.extend(not_taken(Affinity::of(&to.data_type), value));
    }
    if faults.is_empty() {
        return Ok(None);
    }
    let statement = CreateTable::read(&desired.sql);
    let data_type =
        statement.and_then(|statement| statement.column(&to.name).map(|it| it.data_type.clone()));
    let data_type = data_type.and_then(|it| desired.sql.get(it)).unwrap_or_default();
    let data_type = match affinity {
        Affinity::Blob => "",
        Affinity::Text | Affinity::Numeric | Affinity::Integer | Affinity::Real => data_type,
    };
    let tried = tried(&faults, value);
    let wrong = either(faults.iter().map(|it| it.wrong.as_str()));
    let at = alter.at;
    let table = quoted(&current.name);
    // What a plan says of the column is counted in the same go.
    let count = format!("SELECT count({value}), count(*) FILTER (WHERE {tried}) FROM {table}");
    if let Some([Value::Integer(held), Value::Integer(to_try)]) =
        client.row(at, &count, &[])?.as_deref()
    {
        let is_held = format!("{value} IS NOT NULL");
        alter.found_rows(&current.name, is_held, held.unsigned_abs());
        if *to_try == 0 {
            if tries_reals {
                alter.found_no_reals(&current.name, &to.name);
            }
            return Ok(None);
        }
    }
    let all = format!("INSERT INTO {TRIAL} SELECT {value}, {value} FROM {table} WHERE {tried}");
    let all = client.named(&all).into_owned();
    let some = client.ask_rows(at, |it| {
        let made = format!("CREATE TEMP TABLE {TRIAL} (old, new {data_type})");
        if let Some(structure) = it.structure() {
            structure.create_temporary(&made)?;
        }
        let tried = it.execute(&all, &[])?;
        let right = it.execute(&format!("DELETE FROM {TRIAL} WHERE ({wrong}) IS NOT TRUE"), &[])?;
        Ok(right < tried)
    })?;
    let found = if some {
        // Neither the column's type nor its collation has a say in what is the same.
        let found = format!("+{value} COLLATE BINARY IN (SELECT old FROM {TRIAL})");
        let rows = rows_where(client, alter, current, &found)?;
        // No script can ask what was tried.
        let rows = rows.map(|it| ConcernedRows { query: None, ..it });
        let outcome = outcome(client, at)?;
        rows.map(|rows| Misfits { rows, outcome })
    } else {
        None
    };
    client.ask_rows(at, |it| it.execute(&format!("DROP TABLE {TRIAL}"), &[]))?;
    Ok(found)
}

/// What becomes of the values that were tried.
fn outcome(client: &mut Client<'_>, at: Span) -> RunResult<MisfitOutcome> {
    let from =
        format!("FROM {TRIAL} WHERE typeof(new) <> typeof(old) OR new IS NOT old COLLATE BINARY");
    let rows = client.count(at, &format!("SELECT count(*) {from}"))?;
    let example = format!("SELECT quote(old), quote(new) {from} LIMIT 1");
    Ok(match client.row(at, &example, &[])?.as_deref() {
        Some([Value::Text(from), Value::Text(to)]) => {
            MisfitOutcome::Changed { rows, from: from.to_string(), to: to.to_string() }
        }
        Some(_) | None => MisfitOutcome::Kept,
    })
}

/// What may be wrong with a value that gets into a column.
struct ValueFault {
    /// Which values it may be wrong with: the others need no trial.
    tried: Tried,
    /// Where it is wrong, `old` being the value and `new` what SQLite makes of it.
    wrong: String,
}

/// Values that something may be wrong with.
enum Tried {
    /// All of these types.
    Types(&'static [&'static str]),
    /// All of which that is true, as SQL.
    Where(String),
}

/// What is true of a value, as SQL, that something of this may be wrong with; of null it isn't. To ask for the type of a value costs as much
/// as reading the row: it is asked once.
fn tried(faults: &[ValueFault], value: &str) -> String {
    let (mut types, mut others) = (BTreeSet::<&str>::new(), Vec::new());
    for fault in faults {
        match &fault.tried {
            Tried::Types(some) => types.extend(*some),
            Tried::Where(holds) => others.push(holds.as_str()),
        }
    }
    let types: Vec<_> = types.into_iter().map(|it| format!("'{it}'")).collect();
    let of_type = format!("typeof({value}) IN ({})", types.join(", "));
    let other = format!("{value} IS NOT NULL AND ({})", either(others.iter().copied()));
    let of_type = (!types.is_empty()).then_some(of_type.as_str());
    either(of_type.into_iter().chain((!others.is_empty()).then_some(other.as_str())))
}

/// What is true where one of these is.
fn either<'s>(each: impl Iterator<Item = &'s str>) -> String {
    each.map(|it| format!("({it})")).collect::<Vec<_>>().join(" OR ")
}

/// Values that don't come back as the same text, or the same number.
fn becomes_another(affinity: Affinity) -> Option<ValueFault> {
    let text = "typeof(old) = 'text' AND CAST(new AS TEXT) IS NOT old COLLATE BINARY";
    let number = "typeof(old) IN ('integer', 'real') AND old <> new";
    let (types, wrong): (&[_], _) = match affinity {
        // Of a fraction fifteen digits are written.
        Affinity::Text => {
            (&["real"], "typeof(old) = 'real' AND CAST(new AS REAL) <> old".to_owned())
        }
        // 12 becomes 12.0.
        Affinity::Real => (
            &["text", "integer"],
            format!(
                "({text} AND (typeof(new) <> 'real' OR CAST(CAST(new AS INTEGER) AS TEXT) IS NOT old COLLATE BINARY)) OR ({number})"
            ),
        ),
        Affinity::Numeric | Affinity::Integer => {
            (&["text", "real"], format!("({text}) OR ({number})"))
        }
        // It takes all values as they are.
        Affinity::Blob => return None,
    };
    Some(ValueFault { tried: Tried::Types(types), wrong })
}

/// Values that a type isn't for.
fn not_for(holds: ValueClass, value: &str) -> Option<ValueFault> {
    let (tried, wrong) = match holds {
        ValueClass::Anything => return None,
        ValueClass::Texts => {
            (Tried::Types(&["blob"]), "typeof(new) = 'blob'".to_owned())
        }
        // A number has the letters of the text that becomes of it.
        ValueClass::Letters(most) => (
            Tried::Where(format!("typeof({value}) = 'blob' OR length({value}) > {most}")),
            format!("typeof(new) = 'blob' OR length(new) > {most}"),
        ),
        ValueClass::Numbers => (
            Tried::Types(&["text", "blob"]),
            "typeof(new) IN ('text', 'blob')".to_owned(),
        ),
        ValueClass::Decimals(before, behind) => (
            Tried::Where("true".to_owned()),
            format!(
                "typeof(new) IN ('text', 'blob') OR abs(new) >= 1e{before} OR abs(round(new, {behind}) - new) > 0.000000001"
            ),
        ),
        ValueClass::Integers => {
            (Tried::Types(&["real", "text", "blob"]), "typeof(new) <> 'integer'".to_owned())
        }
        ValueClass::Truths => (Tried::Where(format!("{value} NOT IN (0, 1)")), "new NOT IN (0, 1)".to_owned()),
        // A text of digits would be the number of a day, and the 30th of February the 1st of March.
        ValueClass::Moments => (
            Tried::Where("true".to_owned()),
            format!(
                "datetime(old) IS NULL OR typeof(new) <> typeof(old) OR typeof(old) = 'text' AND {}",
                no_day("substr(old, 1, 10)")
            ),
        ),
        ValueClass::Days => (Tried::Where("true".to_owned()), no_day("old")),
        ValueClass::Times => (
            Tried::Where("true".to_owned()),
            "time(old) IS NULL OR old NOT GLOB '[0-2][0-9]:[0-5][0-9]' AND old NOT GLOB '[0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'"
                .to_owned(),
        ),
        ValueClass::Identifiers => (
            Tried::Where("true".to_owned()),
            "typeof(old) <> 'text' OR length(old) <> 36 OR old NOT GLOB '????????-????-????-????-????????????'"
                .to_owned(),
        ),
        ValueClass::Documents => (
            Tried::Types(&["text", "blob"]),
            "typeof(old) = 'blob' OR typeof(old) = 'text' AND NOT json_valid(old)".to_owned(),
        ),
    };
    Some(ValueFault { tried, wrong })
}

/// What is true of a value, as SQL, that is no day of a calendar.
fn no_day(value: &str) -> String {
    format!("date({value}) IS NOT {value}")
}

/// Values that a column of a strict table doesn't take.
fn not_taken(of: Affinity, value: &str) -> Option<ValueFault> {
    let taken = match of {
        Affinity::Integer => "integer",
        Affinity::Real => "real",
        Affinity::Text => "text",
        Affinity::Blob => "blob",
        // Of the types of strict tables, ANY.
        Affinity::Numeric => return None,
    };
    let other = |of: &str| format!("typeof({of}) <> '{taken}'");
    Some(ValueFault { tried: Tried::Where(other(value)), wrong: other("new") })
}

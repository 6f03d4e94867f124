//! Types: which values a column's type is for, and what becomes of a value that is put into such a column. The latter SQLite is asked:
//! the values go into a table of that type, and are looked at as they come out of it.

use crate::catalog::{Column, Table};
use crate::client::Client;
use crate::client::{RunResult, quoted};
use crate::diagnostics::ConcernedRows;
use crate::migrate::questions::rows_where;
use crate::migrate::task::{Alteration, CastCheck};
use crate::sql::{Affinity, ValueClass};
use crate::stored::CreateTable;

/// Where values are tried, for a moment.
const TRIAL: &str = "_relata_trial";

/// The rows whose value, as it is or as it is computed, doesn't fit the type that a column of `current` gets in `desired`; none
/// where all fit.
pub(super) fn misfits_of(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    [current, desired]: [&Table; 2],
    value: &str,
    to: &Column,
    asked: CastCheck,
) -> RunResult<Option<ConcernedRows>> {
    let from = current.column(&to.name).filter(|_| asked == CastCheck::Fits);
    let former = from.map(|it| Affinity::in_table(current, it));
    let held = from.map(|it| ValueClass::of(current, it));
    let (affinity, holds) = (Affinity::in_table(desired, to), ValueClass::of(desired, to));
    // Which of the values are tried, and what is wrong with one of them, `old` being it and `new` what SQLite makes of it.
    let mut wrong = Vec::new();
    if former.is_some_and(|it| it != affinity) {
        wrong.push(becomes_another(affinity));
    }
    if asked != CastCheck::Taken && !held.is_some_and(|it| holds.includes(it)) {
        wrong.push(not_for(holds));
    }
    if desired.options.strict {
        wrong.push(not_taken(Affinity::of(&to.data_type)).to_owned());
    }
    if wrong.is_empty() {
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
    let wrong = wrong.join(" OR ");
    let at = alter.at;
    client.ask(at, |it| {
        it.execute(&format!("CREATE TABLE {TRIAL} (old, new {data_type})"), &[])?;
        let table = quoted(&current.name);
        let all = format!(
            "INSERT INTO {TRIAL} SELECT {value}, {value} FROM {table} WHERE {value} IS NOT NULL"
        );
        it.execute(&all, &[])?;
        it.execute(&format!("DELETE FROM {TRIAL} WHERE ({wrong}) IS NOT TRUE"), &[])
    })?;
    let some = client.count(at, &format!("SELECT EXISTS (SELECT 1 FROM {TRIAL})"))? > 0;
    let rows = if some {
        // Neither the column's type nor its collation has a say in what is the same.
        let found = format!("+{value} COLLATE BINARY IN (SELECT old FROM {TRIAL})");
        rows_where(client, alter, current, &found)?
    } else {
        None
    };
    client.ask(at, |it| it.execute(&format!("DROP TABLE {TRIAL}"), &[]))?;
    Ok(rows)
}

/// What is true of a value that doesn't come back as the same text, or the same number.
fn becomes_another(affinity: Affinity) -> String {
    let text = "typeof(old) = 'text' AND CAST(new AS TEXT) IS NOT old COLLATE BINARY";
    let text = match affinity {
        // 12 becomes 12.0.
        Affinity::Real => format!(
            "{text} AND (typeof(new) <> 'real' OR CAST(CAST(new AS INTEGER) AS TEXT) IS NOT old COLLATE BINARY)"
        ),
        Affinity::Text | Affinity::Numeric | Affinity::Integer | Affinity::Blob => text.to_owned(),
    };
    let number = match affinity {
        // Of a fraction fifteen digits are written.
        Affinity::Text => "typeof(old) = 'real' AND CAST(new AS REAL) <> old",
        Affinity::Numeric | Affinity::Integer | Affinity::Real | Affinity::Blob => {
            "typeof(old) IN ('integer', 'real') AND old <> new"
        }
    };
    format!("({text}) OR ({number})")
}

/// What is true of a value that a type isn't for.
fn not_for(holds: ValueClass) -> String {
    match holds {
        ValueClass::Anything => "false".to_owned(),
        ValueClass::Letters(most) => format!("length(new) > {most}"),
        ValueClass::Numbers => "typeof(new) IN ('text', 'blob')".to_owned(),
        ValueClass::Integers => "typeof(new) <> 'integer'".to_owned(),
        // A text of digits would be the number of a day.
        ValueClass::Moments => "datetime(old) IS NULL OR typeof(new) <> typeof(old)".to_owned(),
    }
}

/// What is true of a value that a column of a strict table doesn't take.
const fn not_taken(of: Affinity) -> &'static str {
    match of {
        Affinity::Integer => "typeof(new) <> 'integer'",
        Affinity::Real => "typeof(new) <> 'real'",
        Affinity::Text => "typeof(new) <> 'text'",
        Affinity::Blob => "typeof(new) <> 'blob'",
        // Of the types of strict tables, ANY.
        Affinity::Numeric => "false",
    }
}

//! How it is known that a new table has a column's values as the old one had them, where they are copied as they are.
//!
//! SQLite changes what is put into a column by the column's type alone. So the new table is made without the types of such columns, its
//! rows are put there, and then its text gets the types back: no value can become another one, whatever the old table held. Where
//! something else of the table depends on a type, the type stays, and the statement that moves the rows leaves out those with a value that
//! it would change: then rows are missing, and every value is compared.

use super::copied::CopiedColumn;
use crate::catalog::{Difference, IndexOrigin, Respect, Table, differences};
use crate::client::{Client, RunResult, quoted};
use crate::migrate::alteration::TableAlteration;
use crate::source::Span;
use crate::sql::Affinity;
use crate::stored::{CreateTable, Edits};
use crate::words::same_name;

/// The columns whose values are to be the old ones, by how that is known.
#[derive(Debug, Default)]
pub(super) struct CarriedColumns<'c> {
    /// The new table's statement, without the types of columns that need none while rows move; none where all keep theirs.
    pub untyped: Option<String>,
    /// Columns that keep their types: what is true of the values that these leave as they are, as SQL.
    pub asked: Vec<(&'c str, String)>,
    /// Columns whose values are compared.
    pub compared: Vec<&'c str>,
}

/// What the values of a column need.
#[derive(Debug, PartialEq, Eq)]
enum Proof {
    /// Its type changes none.
    Nothing,
    /// Its type is left out.
    NoType,
    /// What its type leaves as it is.
    Fits(String),
    /// They are compared.
    Comparison,
}

/// How it is known that the table with this text has the values that are copied.
pub(super) fn carried<'c>(
    client: &mut Client<'_>,
    at: Span,
    task: &TableAlteration<'_>,
    copied: &'c [CopiedColumn],
    text: &str,
) -> RunResult<CarriedColumns<'c>> {
    let mut found = CarriedColumns::default();
    let made = client.preview(at, &[text.to_owned()], &task.current.name)?;
    let (Ok(Some(made)), Some(statement)) = (made, CreateTable::read(text)) else {
        let same = copied.iter().filter(|it| it.same);
        found.compared = same.map(|it| it.column.as_str()).collect();
        return Ok(found);
    };
    let (mut edits, mut without) = (Edits::default(), Vec::new());
    for it in copied {
        let column = it.column.as_str();
        match proof(&task.current, &made, it) {
            Proof::Nothing => {}
            Proof::NoType => {
                if let Some(range) = statement.column(column) {
                    edits.remove(range.data_type.clone());
                }
                without.push(column);
            }
            Proof::Fits(fits) => found.asked.push((column, fits)),
            Proof::Comparison => found.compared.push(column),
        }
    }
    if without.is_empty() {
        return Ok(found);
    }
    let untyped = edits.apply(text);
    let alike = match client.preview(at, std::slice::from_ref(&untyped), &task.current.name)? {
        Ok(other) => other.is_some_and(|it| differ_in_types_alone(&it, &made)),
        Err(_why) => false,
    };
    if alike {
        found.untyped = Some(untyped);
    } else {
        found.compared.extend(without);
    }
    Ok(found)
}

/// What is needed of a column, where `made` is the new table. One whose values become others on purpose needs nothing here; that its type
/// is spelled in another way is no such purpose.
fn proof(current: &Table, made: &Table, copied: &CopiedColumn) -> Proof {
    let name = copied.column.as_str();
    let otherwise = if copied.same { Proof::Comparison } else { Proof::Nothing };
    let (Some(from), Some(to)) = (current.column(name), made.column(name)) else {
        // The number of a row stays a number.
        return if name == "rowid" { Proof::Nothing } else { otherwise };
    };
    let affinity = Affinity::in_table(made, to);
    if copied.from != quoted(name)
        || from.generated.is_some()
        || to.generated.is_some()
        || Affinity::in_table(current, from) != affinity
    {
        return otherwise;
    }
    let is_number = |table: &Table| table.rowid().is_some_and(|it| same_name(&it.name, name));
    if is_number(made) {
        return if is_number(current) { Proof::Nothing } else { otherwise };
    }
    let computed = made.columns.iter().any(|it| it.generated.is_some());
    let checked = made.checks.iter().any(|it| it.has_name(name));
    match affinity {
        Affinity::Blob => Proof::Nothing,
        // SQLite writes 5.0 as 5 where it knows that to be a fraction.
        Affinity::Real => Proof::Fits(fits(affinity, name)),
        Affinity::Text | Affinity::Numeric | Affinity::Integer => {
            if made.options.strict || computed || checked {
                Proof::Fits(fits(affinity, name))
            } else {
                Proof::NoType
            }
        }
    }
}

/// What is true of the values that a column of that affinity leaves as they are; of others it may be.
fn fits(affinity: Affinity, name: &str) -> String {
    let column = quoted(name);
    match affinity {
        Affinity::Blob => "true".to_owned(),
        // Numbers, and nothing else, stand before all texts. The sign takes the column's affinity from the comparison.
        Affinity::Text => format!("(+{column} < '') IS NOT TRUE"),
        // All but texts: bytes stand behind them. To ask each row for the type of its value would cost three times as much.
        Affinity::Numeric | Affinity::Integer | Affinity::Real => {
            format!("(+{column} COLLATE BINARY < '' OR +{column} >= x'' OR {column} IS NULL)")
        }
    }
}

/// Whether rows of either table can be read as those of the other.
fn differ_in_types_alone(untyped: &Table, typed: &Table) -> bool {
    let is_type = |it: &Difference| matches!(it, Difference::Column { what: Respect::Type, .. });
    let number = |table: &Table| table.rowid().map(|it| it.name.clone());
    let names = |table: &Table| table.columns.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
    let indexes = |table: &Table| {
        let own = table.indexes.iter().filter(|it| it.origin != IndexOrigin::Created);
        own.map(|it| (it.name.clone(), it.members.clone())).collect::<Vec<_>>()
    };
    differences(untyped, typed).iter().all(is_type)
        && number(untyped) == number(typed)
        && names(untyped) == names(typed)
        && indexes(untyped) == indexes(typed)
}

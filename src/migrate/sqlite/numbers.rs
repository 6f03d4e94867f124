//! What must be asked where a key becomes the number of each row.

use crate::catalog::Name;
use crate::client::quoted;
use crate::diagnostics::HazardKind;
use crate::ir::Model;
use crate::migrate::alteration::TableAlteration;
use crate::migrate::questions::Question;
use crate::words::same_name;

/// Rows in which a key that becomes their number is none. SQLite would give a row without one a new number, and takes nothing but whole
/// numbers.
pub(super) fn numbered(model: &Model, task: &TableAlteration<'_>) -> Vec<Question> {
    let TableAlteration { current, desired, .. } = task;
    let was = current.rowid().map(|it| Name::from(it.name.as_str()));
    let Some(number) = desired.rowid().filter(|it| was != Some(it.name.as_str().into())) else {
        return Vec::new();
    };
    let given = task.given.iter().any(|it| same_name(&it.0, &number.name));
    let computed = given || model.using(&number.name).is_some();
    if current.column(&number.name).is_none() || computed {
        return Vec::new();
    }
    let value = quoted(&number.name);
    let question = |kind, holds| Question { kind, source: None, holds, declared: model.span };
    let names = || (number.name.clone(), current.name.clone());
    let other = format!(
        "CASE typeof({value}) WHEN 'integer' THEN false WHEN 'null' THEN false \
         WHEN 'real' THEN CAST({value} AS INTEGER) <> {value} \
         WHEN 'text' THEN CAST(CAST({value} AS INTEGER) AS TEXT) <> {value} COLLATE BINARY ELSE true END"
    );
    let (column, table) = names();
    let null = HazardKind::NullNumber { column, table };
    let (column, table) = names();
    let unfit = HazardKind::NoNumber { column, table };
    vec![question(null, format!("{value} IS NULL")), question(unfit, other)]
}

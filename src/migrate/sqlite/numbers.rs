//! What must be asked where a key becomes the number of each row.

use crate::catalog::Name;
use crate::client::quoted;
use crate::diagnostics::Loss;
use crate::ir::Model;
use crate::migrate::questions::Question;
use crate::migrate::task::Task;
use crate::words::same_name;

/// Rows in which a key that becomes their number is none. SQLite would give a row without one a new number, and takes nothing but whole
/// numbers.
pub(super) fn numbered(model: &Model, task: &Task<'_>) -> Vec<Question> {
    let Task { current, desired, .. } = task;
    let was = current.rowid().map(|it| Name::from(it.name.as_str()));
    let Some(number) = desired.rowid().filter(|it| was != Some(it.name.as_str().into())) else {
        return Vec::new();
    };
    let given = task.given.iter().any(|it| same_name(&it.0, &number.name));
    let computed = given || model.using(&number.name).is_some();
    if current.column(&number.name).is_none() || computed {
        return Vec::new();
    }
    let column = quoted(&number.name);
    let question = |loss, holds, why: &str, help: &str| Question {
        loss,
        source: None,
        holds,
        what: format!(
            "`{}` of `{}` would be the number of each row, and {why}",
            number.name, current.name
        ),
        help: help.to_owned(),
        declared: model.span,
    };
    let other = format!(
        "CASE typeof({column}) WHEN 'integer' THEN false WHEN 'null' THEN false \
         WHEN 'real' THEN CAST({column} AS INTEGER) <> {column} \
         WHEN 'text' THEN CAST(CAST({column} AS INTEGER) AS TEXT) <> {column} COLLATE BINARY ELSE true END"
    );
    vec![
        question(Loss::Nulls, format!("{column} IS NULL"), "is null", "fill them first"),
        question(
            Loss::Conversion,
            other,
            "not every value is a whole number",
            "change these rows first",
        ),
    ]
}

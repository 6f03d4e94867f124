//! What of a change comes before data steps, which fill it.

use crate::catalog::Table;
use crate::migrate::alteration::has_value;
use crate::stored::{ClauseKind, CreateTable, Edits};

/// The statement of a table whose columns that come, and of which nothing says what rows hold there, may be anything: steps fill them.
pub(in crate::migrate) fn to_be_filled(
    current: &Table,
    desired: &Table,
    has_value_of: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let statement = CreateTable::read(&desired.sql)?;
    let mut edits = Edits::default();
    for column in statement.columns.iter().filter(|it| current.column(&it.name).is_none()) {
        let own = desired.column(&column.name).is_some_and(has_value);
        for clause in &column.clauses {
            let waits = match clause.kind {
                ClauseKind::NotNull => !own && !has_value_of(&column.name),
                ClauseKind::Check => true,
                _ => false,
            };
            if waits {
                edits.remove(clause.range.clone());
            }
        }
    }
    Some(edits.apply(&desired.sql))
}

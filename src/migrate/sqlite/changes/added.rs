//! What of a change comes before data steps, which fill it.

use crate::catalog::{Difference, Table};
use crate::migrate::alteration::has_value;
use crate::stored::{ClauseKind, CreateTable, Edits};

/// Whether a column is added before data steps fill it: not one that is computed, or a key.
pub(super) fn is_added(difference: Difference, desired: &Table) -> bool {
    match difference {
        Difference::AddColumn { desired: place } => {
            let column = desired.columns.get(place);
            column.is_some_and(|it| it.primary_key == 0 && it.generated.is_none())
        }
        Difference::PrimaryKey
        | Difference::Identity
        | Difference::DropColumn { .. }
        | Difference::Column { .. }
        | Difference::AddIndex { .. }
        | Difference::DropIndex { .. }
        | Difference::Index { .. }
        | Difference::AddCheck { .. }
        | Difference::DropCheck { .. }
        | Difference::RenameCheck { .. }
        | Difference::AddKey { .. }
        | Difference::DropKey { .. }
        | Difference::Key { .. }
        | Difference::Options
        | Difference::AddOther { .. }
        | Difference::DropOther { .. } => false,
    }
}

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

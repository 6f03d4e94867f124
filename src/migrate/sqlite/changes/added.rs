//! What of a change comes before data steps, which fill it.

use crate::catalog::{Difference, Table};
use crate::migrate::alteration::{has_value, is_added};
use crate::stored::{ClauseKind, CreateTable, Edits, bracketed};

/// Whether a column comes before data steps: a generated one too that isn't stored, since the steps read rows as their models declare them.
pub(in crate::migrate) fn is_before_steps(difference: Difference, desired: &Table) -> bool {
    let is_computed = |place: usize| {
        let generated = desired.columns.get(place).and_then(|it| it.generated.as_ref());
        generated.is_some_and(|it| !it.stored)
    };
    is_added(difference, desired)
        || matches!(difference, Difference::AddColumn { desired: place } if is_computed(place))
}

/// The statement of a table whose columns that come, and of which nothing says what rows hold there, may be anything: steps fill them. What
/// is generated is computed as it is read; what can't be computed yet is stored, and so doesn't come before the steps.
pub(in crate::migrate) fn to_be_filled(
    current: &Table,
    desired: &Table,
    has_value_of: &dyn Fn(&str) -> bool,
    is_computable: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let statement = CreateTable::read(&desired.sql)?;
    let mut edits = Edits::default();
    for column in statement.columns.iter().filter(|it| current.column(&it.name).is_none()) {
        let own = desired.column(&column.name).is_some_and(has_value);
        let computed = desired.column(&column.name).is_some_and(|it| it.generated.is_some());
        for clause in &column.clauses {
            if clause.kind == ClauseKind::Generated {
                let (expression, _) = bracketed(desired.sql.get(clause.body.clone())?)?;
                let kept = if is_computable(&column.name) { "VIRTUAL" } else { "STORED" };
                let text = format!("GENERATED ALWAYS AS ({expression}) {kept}");
                edits.replace(clause.range.clone(), text);
                continue;
            }
            let waits = match clause.kind {
                ClauseKind::NotNull => computed || !own && !has_value_of(&column.name),
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

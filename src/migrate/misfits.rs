//! Rows that aren't what their attributes' types say: something else wrote them.

use crate::diagnostics::{ConcernedRows, MisfitOutcome, UnfitReason};
use crate::ir::{AttributeId, ModelId};

/// What becomes of values that don't fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MisfitKind {
    /// They would be read as something else.
    Unreadable,
    /// They are read as they are, but could not be written again.
    Unwritable,
}

/// Values of a column that don't fit its attribute's type.
#[derive(Debug, Clone)]
pub struct ColumnMisfit {
    /// Whose.
    pub model: ModelId,
    /// Which attribute.
    pub attribute: AttributeId,
    /// What becomes of them.
    pub kind: MisfitKind,
    /// How many there are.
    pub rows: u64,
    /// One of them, as SQL.
    pub example: String,
}

/// Values that don't fit the type that their column is to get.
#[derive(Debug)]
pub(super) struct Misfits {
    /// The rows that have one.
    pub rows: ConcernedRows,
    /// What becomes of these values where that is allowed.
    pub outcome: MisfitOutcome,
}

impl Misfits {
    /// Those of which a server makes what it makes.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(super) const fn of(rows: ConcernedRows) -> Self {
        Self { rows, outcome: MisfitOutcome::Converted }
    }
}

/// Values of a column that another database can't take.
#[derive(Debug, Clone)]
pub struct ColumnUnfit {
    /// Whose.
    pub model: ModelId,
    /// Which attribute.
    pub attribute: AttributeId,
    /// How many there are.
    pub rows: u64,
    /// How many rows have a value there at all.
    pub filled: u64,
    /// Why.
    pub why: UnfitReason,
    /// The first row that has one: "`id` is 7".
    pub first: String,
}

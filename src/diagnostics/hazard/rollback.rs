//! Why a migration isn't rolled back.

use super::Loss;
use crate::diagnostics::BrokenReference;
use crate::words::counted;
use miette::Diagnostic;

/// What what may be lost needs.
const KEEP: &str = "keep what is needed of it elsewhere, then allow E0513 (`--allow E0513`); or write a new migration";

/// Why a migration isn't rolled back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Diagnostic)]
#[expect(missing_docs, reason = "a `table` is the name of a table, a `column` that of a column")]
#[non_exhaustive]
pub enum RollbackHazard {
    /// The values are gone.
    #[error(
        "what migration {migration} dropped was deleted by `relata history prune`; nothing was changed"
    )]
    #[diagnostic(help("{KEEP}"))]
    Pruned { migration: i64 },
    /// The rows were never kept.
    #[error(
        "migration {migration} was `sync < force >`, and the rows that it dropped can't be brought back; nothing was changed"
    )]
    #[diagnostic(help("{KEEP}"))]
    Forced { migration: i64 },
    /// The rows of a table weren't kept.
    #[error("`{table}` was dropped, and its rows can't be brought back; nothing was changed")]
    #[diagnostic(help("{KEEP}"))]
    RowsGone { table: String },
    /// A table that came has rows.
    #[error(
        "`{table}` was created by this migration, and has {} by now; nothing was changed",
        counted(*rows)
    )]
    #[diagnostic(help("{KEEP}"))]
    NewTable { table: String, rows: u64 },
    /// A column that came has values.
    #[error(
        "`{column}` of `{table}` was added by this migration, and {} {} a value in it by now; nothing was changed",
        counted(*rows),
        if *rows == 1 { "holds" } else { "hold" }
    )]
    #[diagnostic(help("{KEEP}"))]
    NewColumn { column: String, table: String, rows: u64 },
    /// Rows that a step wrote were written again.
    #[error(
        "{} of `{table}` that a step wrote {} changed since; nothing was changed",
        counted(*rows),
        if *rows == 1 { "was" } else { "were" }
    )]
    #[diagnostic(help("{KEEP}"))]
    StepRows { table: String, rows: u64 },
    /// Not all rows of a table would come back.
    #[error("rows of `{table}` would be lost; nothing was changed")]
    #[diagnostic(help("{KEEP}"))]
    Rows { table: String },
    /// Rows written since would refer to nothing.
    #[error("of what was written since, {0}; nothing was changed")]
    #[diagnostic(help("{KEEP}"))]
    Reference(BrokenReference),
    /// What was written since breaks the database's rules.
    #[error("rows written since don't fit: {damage}; nothing was changed")]
    #[diagnostic(help("{KEEP}"))]
    Damage { damage: String },
    /// Rows written since break a rule of before. Nothing but their change helps: no flag lets them go.
    #[error("rows of `{table}` written since don't fit what it was: {why}; nothing was changed")]
    #[diagnostic(help("change or delete those rows first; or write a new migration"))]
    Unfit { table: String, why: String },
    /// It stopped half-way, on a server that keeps each statement at once.
    #[error("the rollback was cut off: {done} of its {all} statements are done: {why}")]
    #[diagnostic(help(
        "change or delete what hinders it, and roll back again: it goes on from there"
    ))]
    CutOff { done: usize, all: usize, why: String },
    /// Somebody else has changed what is to be undone.
    #[error("the {noun} `{name}` was changed since by something else than Relata")]
    #[diagnostic(help("change it back, or write a new migration"))]
    ChangedSince { noun: &'static str, name: String },
    /// A view or a trigger doesn't work with what was there before.
    #[error("`{name}` would not work any more: {why}")]
    #[diagnostic(help("change it back, or write a new migration"))]
    Breaks { name: String, why: String },
    /// Something isn't as it was.
    #[error("`{name}` would not be as it was")]
    #[diagnostic(help("change it back, or write a new migration"))]
    NotAsBefore { name: String },
}

impl RollbackHazard {
    /// What would be lost.
    pub(super) const fn loss(&self) -> Loss {
        match self {
            Self::Pruned { .. }
            | Self::Forced { .. }
            | Self::RowsGone { .. }
            | Self::NewTable { .. }
            | Self::NewColumn { .. }
            | Self::StepRows { .. }
            | Self::Rows { .. }
            | Self::Reference(_)
            | Self::Damage { .. }
            | Self::Unfit { .. }
            | Self::CutOff { .. } => Loss::WrittenSince,
            Self::ChangedSince { .. } | Self::Breaks { .. } | Self::NotAsBefore { .. } => {
                Loss::Drift
            }
        }
    }
}

//! What a change of the structure would lose, or leave broken: E0501 to E0513.

mod kind;
mod rollback;

pub use kind::{
    HazardKind, RowRule, UnalterableTable, UnkeyedReference, UnplannedOutcome, UnreadableUsing,
    WrongRows,
};
pub use rollback::RollbackHazard;

use super::Page;
use super::catalogue::ProblemField;
use crate::source::Span;
use crate::words::counted;
use miette::{Diagnostic, LabeledSpan};
use std::fmt;

/// The losses, each with its code, which has a page.
macro_rules! losses {
    ($($(#[doc = $doc:literal])* $loss:ident = $code:literal,)*) => {
        /// What would be lost, or broken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Loss {
            $($(#[doc = $doc])* $loss),*
        }

        impl Loss {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$loss),*];

            /// The pages of their codes.
            pub(super) const PAGES: &'static [Page] = &[$(Page {
                code: $code,
                text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors/", $code, ".md")),
            }),*];

            /// Its code.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$loss => $code),*
                }
            }
        }
    };
}

losses! {
    /// A column that goes, and holds values.
    Values = "E0501",
    /// A type that some values don't fit.
    Conversion = "E0502",
    /// NOT NULL over nulls.
    Nulls = "E0503",
    /// A new column that can't be null, on a table with rows.
    NoValue = "E0504",
    /// A unique key that rows break.
    Duplicates = "E0505",
    /// A check that rows break.
    Check = "E0506",
    /// A foreign key that rows break.
    Parents = "E0507",
    /// A table that goes, and that other rows refer to.
    Referenced = "E0510",
    /// A change that isn't carried out.
    Unaltered = "E0511",
    /// What something else than Relata has changed, and would be overwritten.
    Drift = "E0512",
    /// What was written since the migration that is rolled back.
    WrittenSince = "E0513",
}

impl Loss {
    /// Those that may be where they are allowed: by `allow` of `sync < alter >`, or `--allow`.
    pub const ALLOWED: [Self; 3] = [Self::Values, Self::Conversion, Self::Drift];

    /// The loss of that code, in any letter case.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.code().eq_ignore_ascii_case(code))
    }

    /// What became of the sentence that would have caused it.
    const fn outcome(self) -> &'static str {
        match self {
            Self::Referenced => "would leave them without what they refer to",
            Self::Values
            | Self::Conversion
            | Self::Nulls
            | Self::NoValue
            | Self::Duplicates
            | Self::Check
            | Self::Parents
            | Self::Unaltered
            | Self::Drift
            | Self::WrittenSince => "nothing was changed",
        }
    }
}

/// Losses that may be.
///
/// ```
/// use relata::diagnostics::{Loss, Losses};
///
/// let allowed = Losses::of([Loss::Values]);
/// assert!(allowed.has(Loss::Values) && !allowed.has(Loss::Drift));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Losses(u16);

impl Losses {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// These.
    pub fn of(losses: impl IntoIterator<Item = Loss>) -> Self {
        losses.into_iter().fold(Self::NONE, |all, it| Self(all.0 | Self::bit(it)))
    }

    /// Whether it is among them.
    pub const fn has(self, loss: Loss) -> bool {
        self.0 & Self::bit(loss) != 0
    }

    /// These and those.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    const fn bit(loss: Loss) -> u16 {
        1 << loss as u16
    }
}

/// What hinders a change of the structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hazard {
    /// What it is.
    pub kind: Box<HazardKind>,
    /// The rows that are concerned, where they were counted.
    pub rows: Option<ConcernedRows>,
    /// What declares it, where that has to do with it.
    pub declared: Option<Span>,
    /// The sentence, where there is one.
    pub at: Option<Span>,
}

/// The rows that a hazard is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcernedRows {
    /// How many.
    pub count: u64,
    /// The columns that tell one from another, or what the database calls the number of a row.
    pub key: Vec<String>,
    /// What the first of them have there.
    pub first: Vec<String>,
    /// The sentence that finds all of them, where these are not all.
    pub query: Option<String>,
}

impl fmt::Display for ConcernedRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            return f.write_str(&counted(self.count));
        }
        let (key, first) = (self.key.join(", "), self.first.join(", "));
        let more = if self.count > self.first.len() as u64 { ", .." } else { "" };
        write!(f, "{} ({key} {first}{more})", counted(self.count))
    }
}

/// What becomes of values that don't fit their column's type, where that is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MisfitOutcome {
    /// They stay as they are.
    Kept,
    /// The type makes others of some.
    Changed {
        /// How many rows have one.
        rows: u64,
        /// One of them, as SQL.
        from: String,
        /// What becomes of it.
        to: String,
    },
    /// What the database makes of them.
    Converted,
}

/// Values that several rows have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EqualValues {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Vec<String>,
}

impl fmt::Display for EqualValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = if self.count == 1 { "value occurs" } else { "values occur" };
        write!(f, "{} {many} more than once: {}", self.count, self.first.join(", "))
    }
}

impl Hazard {
    /// One about the structure alone, of which nothing of the script's is the cause.
    pub(crate) fn of_structure(kind: HazardKind, at: Option<Span>) -> Self {
        Self { kind: Box::new(kind), rows: None, declared: None, at }
    }

    /// What would be lost.
    pub fn loss(&self) -> Loss {
        self.kind.loss()
    }

    /// Its code.
    pub(super) fn own_code(&self) -> &'static str {
        if let HazardKind::StepFails { code, .. } = &*self.kind {
            return code;
        }
        self.loss().code()
    }

    /// Moves its places by so many positions.
    pub(crate) fn shift(&mut self, by: u32) {
        ProblemField::shift(&mut self.declared, by);
        ProblemField::shift(&mut self.at, by);
    }

    /// What the first of its fields to have it has.
    pub(super) fn find<'a, T>(
        &'a self,
        has: impl Fn(&'a dyn ProblemField) -> Option<T>,
    ) -> Option<T> {
        has(&self.declared).or_else(|| has(&self.at))
    }
}

impl fmt::Display for Hazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rows {
            Some(rows) => write!(f, "{}: {rows}", self.kind),
            None => write!(f, "{}", self.kind),
        }
    }
}

impl std::error::Error for Hazard {}

impl Diagnostic for Hazard {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.own_code()))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let query = self.rows.as_ref().and_then(|it| it.query.as_ref());
        match (self.kind.help(), query) {
            (Some(help), Some(query)) => Some(Box::new(format!("{help}\n`{query}` finds them"))),
            (help, _) => help,
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let declared = self.declared.map(|it| ("declared here", it));
        let at = self.at.map(|it| (self.loss().outcome(), it));
        let labels = declared.into_iter().chain(at);
        Some(Box::new(
            labels.map(|(text, at)| LabeledSpan::new_with_span(Some(text.to_owned()), at)),
        ))
    }
}

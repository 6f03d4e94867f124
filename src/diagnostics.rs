//! What a user can be told: one enum a stage, one variant a kind of problem, a code for ever.
//!
//! A code is `E` (or `W`, a warning) and four digits, given once and never reused; docs/errors has a page for each.
//! A message is one line in lower case without a full stop, the script's words in backticks; what to do about it is the
//! help; a label says what *its* place is.
//!
//! Invariant: nothing here prints, and nothing here decides what is a problem.

mod catalogue;
mod check;
mod facts;
mod hazard;
mod help;
mod load;
mod pages;
mod plan;
mod run;
mod syntax;
mod violation;

pub use check::CheckProblem;
pub use facts::{
    Excess, Forbidden, ForeignValues, Having, KeyUsage, Lack, OtherForm, Stray, UnfitReason,
    UnfitRow, UnfitValues,
};
pub use hazard::{
    ConcernedRows, EqualValues, Hazard, HazardKind, Loss, Losses, MisfitOutcome, RollbackHazard,
    RowRule, UnalterableTable, UnkeyedReference, UnplannedOutcome, UnreadableUsing, WrongRows,
};
pub use help::{Edit, Fix, Help};
pub use load::LoadProblem;
pub use pages::{Page, pages};
pub use plan::PlanProblem;
pub use run::{Blame, Cause, RunProblem, Violations};
pub use syntax::SyntaxProblem;
pub use violation::{
    AttributeName, BrokenCheck, BrokenReference, Duplicate, HistoryDamage, NullViolation,
    UnreadValue,
};

use crate::source::Span;
use catalogue::{ProblemField, catalogue};
use miette::{Diagnostic, LabeledSpan};

/// One problem: an error or a warning.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum Problem {
    /// E01xx
    #[error(transparent)]
    #[diagnostic(transparent)]
    Syntax(#[from] SyntaxProblem),
    /// E02xx, E03xx, E04xx, W0xxx
    #[error(transparent)]
    #[diagnostic(transparent)]
    Check(#[from] CheckProblem),
    /// E012x
    #[error(transparent)]
    #[diagnostic(transparent)]
    Load(#[from] LoadProblem),
    /// E05xx, E06xx
    #[error(transparent)]
    #[diagnostic(transparent)]
    Run(#[from] RunProblem),
    /// E0303, E0404, E043x, W0005, W0008
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanProblem),
}

/// A place that a problem is about, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What this place is: "first given here".
    pub text: String,
}

impl Problem {
    /// Its code: `E0201`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax(it) => it.own_code(),
            Self::Check(it) => it.own_code(),
            Self::Load(it) => it.own_code(),
            Self::Run(it) => it.own_code(),
            Self::Plan(it) => it.own_code(),
        }
    }

    /// Whether it is a warning, which changes no exit code.
    pub fn is_warning(&self) -> bool {
        self.code().starts_with('W')
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        Diagnostic::help(self).map(|it| it.to_string())
    }

    /// The correction that its help holds.
    ///
    /// ```
    /// use relata::diagnostics::{CheckProblem, Help, Problem};
    /// use relata::source::Span;
    /// let problem: Problem = CheckProblem::UnknownModel {
    ///     name: "Usr".into(),
    ///     at: Span::new(0, 3),
    ///     help: Some(Help::name(Span::new(0, 3), "User")),
    /// }
    /// .into();
    /// let fix = problem.fix().unwrap();
    /// assert_eq!((fix.title, fix.edits[0].text.as_str()), ("did you mean `User`?", "User"));
    /// ```
    pub fn fix(&self) -> Option<Fix<'_>> {
        self.find(ProblemField::help)?.fix()
    }

    /// Its places, the most telling first.
    pub fn labels(&self) -> Vec<Label> {
        let labels = Diagnostic::labels(self).into_iter().flatten();
        let label = |it: LabeledSpan| Label {
            span: span_of(&it),
            text: it.label().unwrap_or_default().to_owned(),
        };
        labels.map(label).collect()
    }

    /// Its first place.
    pub fn span(&self) -> Option<Span> {
        self.find(ProblemField::place)
    }

    /// Moves its places by so many positions, as those of the text that it is about.
    pub fn shift(&mut self, by: u32) {
        match self {
            Self::Syntax(it) => it.shift(by),
            Self::Check(it) => it.shift(by),
            Self::Load(it) => it.shift(by),
            Self::Run(it) => it.shift(by),
            Self::Plan(it) => it.shift(by),
        }
    }

    /// What the first of its fields to have it has.
    fn find<'a, T>(&'a self, has: impl Fn(&'a dyn ProblemField) -> Option<T>) -> Option<T> {
        match self {
            Self::Syntax(it) => it.find(has),
            Self::Check(it) => it.find(has),
            Self::Load(it) => it.find(has),
            Self::Run(it) => it.find(has),
            Self::Plan(it) => it.find(has),
        }
    }
}

fn span_of(label: &LabeledSpan) -> Span {
    let start = u32::try_from(label.offset()).unwrap_or(u32::MAX);
    Span::new(start, start.saturating_add(u32::try_from(label.len()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_begins_where_its_first_label_is() {
        let at = Span::new(3, 5);
        let cause = Cause { message: String::new(), code: None };
        let problems: [Problem; 3] = [
            CheckProblem::DuplicateOption { option: "a".into(), first: at, again: Span::new(7, 8) }
                .into(),
            RunProblem::Busy { at: Some(at), cause }.into(),
            RunProblem::NullVariable { name: "a".into(), at }.into(),
        ];
        for it in problems {
            assert_eq!(it.span(), it.labels().first().map(|it| it.span));
            assert_eq!(Some(it.code().to_owned()), Diagnostic::code(&it).map(|it| it.to_string()));
        }
    }
}

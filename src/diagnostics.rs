//! What a user can be told: one enum a stage, one variant a kind of problem, a code for ever.
//!
//! A code is `E` (or `W`, a warning) and four digits, given once and never reused; docs/errors has a page for each.
//! A message is one line in lower case without a full stop, the script's words in backticks; what to do about it is the
//! help; a label says what *its* place is.
//!
//! Invariant: nothing here prints, and nothing here decides what is a problem.

mod check;
mod load;
mod losses;
mod pages;
mod plan;
mod run;
mod syntax;

/// The codes of what a change of a database's structure may lose where it is allowed to, by `allow` or `--allow`.
pub const ALLOWED: [&str; 3] = ["E0501", "E0502", "E0512"];

pub use check::CheckProblem;
pub use load::LoadProblem;
pub use losses::Losses;
pub use pages::{Page, pages};
pub use plan::PlanProblem;
pub use run::{Blame, Cause, RunProblem, Violations};
pub use syntax::SyntaxProblem;

use crate::source::Span;
use miette::Diagnostic;

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

/// A correction: what to write in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The place.
    pub span: Span,
    /// What belongs there.
    pub text: String,
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
    pub fn code(&self) -> String {
        Diagnostic::code(self).map(|it| it.to_string()).unwrap_or_default()
    }

    /// Whether it is a warning, which changes no exit code.
    pub fn is_warning(&self) -> bool {
        Diagnostic::severity(self) == Some(miette::Severity::Warning)
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        Diagnostic::help(self).map(|it| it.to_string())
    }

    /// What to write instead, where a misspelt name has one likely correction.
    ///
    /// ```
    /// use relata::diagnostics::{CheckProblem, Problem};
    /// use relata::source::Span;
    /// let problem: Problem = CheckProblem::UnknownModel {
    ///     name: "Usr".into(),
    ///     at: Span::new(0, 3),
    ///     help: Some("did you mean `User`?".into()),
    /// }
    /// .into();
    /// assert_eq!(problem.fix().unwrap().text, "User");
    /// ```
    pub fn fix(&self) -> Option<Fix> {
        let (at, help) = match self {
            Self::Check(
                CheckProblem::UnknownVerb { at, help, .. }
                | CheckProblem::UnknownOption { at, help, .. }
                | CheckProblem::UnknownModel { at, help, .. }
                | CheckProblem::UnknownAttribute { at, help, .. }
                | CheckProblem::UnknownAssociation { at, help, .. }
                | CheckProblem::UnknownScope { at, help, .. }
                | CheckProblem::UnknownValidator { at, help, .. }
                | CheckProblem::UnknownVariable { at, help, .. }
                | CheckProblem::UnknownType { at, help, .. }
                | CheckProblem::UnknownWord { at, help, .. },
            ) => (*at, help.as_deref()?),
            _ => return None,
        };
        let text = help.strip_prefix("did you mean `")?.strip_suffix("`?")?;
        let plain = |it: char| it.is_alphanumeric() || it == '_';
        (!text.is_empty() && text.chars().all(plain))
            .then(|| Fix { span: at, text: text.to_owned() })
    }

    /// Its places, the most telling first.
    pub fn labels(&self) -> Vec<Label> {
        let labels = Diagnostic::labels(self).into_iter().flatten();
        labels
            .map(|it| {
                let start = u32::try_from(it.offset()).unwrap_or(u32::MAX);
                let end = start.saturating_add(u32::try_from(it.len()).unwrap_or(0));
                Label {
                    span: Span::new(start, end),
                    text: it.label().unwrap_or_default().to_owned(),
                }
            })
            .collect()
    }

    /// Its first place.
    pub fn span(&self) -> Option<Span> {
        self.labels().first().map(|it| it.span)
    }
}

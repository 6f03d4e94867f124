//! E01xx: the text is no sentence.

use crate::source::Span;
use miette::Diagnostic;

/// Problems of the text itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum SyntaxProblem {
    /// Something else was expected.
    #[error("{found} is unexpected here")]
    #[diagnostic(code("E0101"))]
    Unexpected {
        /// What stands there, in words.
        found: String,
        /// The place.
        #[label("{expected}")]
        at: Span,
        /// What could stand there: "expected `,` or `}`".
        expected: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
}

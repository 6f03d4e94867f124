//! E0120 to E0129: a script that can't be had.

use super::Help;
use crate::source::Span;
use miette::Diagnostic;

super::catalogue! {
/// Problems of scripts and imports, before their text is looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum LoadProblem {
    /// No such file.
    #[error("there is no script `{path}`")]
    #[diagnostic(code("E0120"))]
    NotFound {
        /// As written.
        path: String,
        /// The place of the `import`; none for a script that was asked for from outside.
        #[label("imported here")]
        at: Option<Span>,
        /// A name near it.
        #[help]
        help: Option<Help>,
    },
    /// A path that leads out of the scripts' folder.
    #[error("`{path}` lies outside of the scripts' folder")]
    #[diagnostic(code("E0121"), help("move it into the folder of the script that is run, or run a script that lies above both"))]
    Outside {
        /// As written.
        path: String,
        /// The place.
        #[label("leads out")]
        at: Option<Span>,
    },
    /// A file that can't be read.
    #[error("`{path}` can't be read: {reason}")]
    #[diagnostic(code("E0123"))]
    Unreadable {
        /// As written.
        path: String,
        /// Why.
        reason: String,
        /// The place.
        #[label("imported here")]
        at: Option<Span>,
    },
    /// A host that has no scripts to import.
    #[error("`{path}` can't be imported here")]
    #[diagnostic(
        code("E0124"),
        help("the program that runs this script gives it no files to import")
    )]
    NoImports {
        /// As written.
        path: String,
        /// The place.
        #[label("imported here")]
        at: Option<Span>,
    },
    /// More text than positions can count.
    #[error("the scripts are larger than 4 GiB together")]
    #[diagnostic(code("E0125"))]
    TooLarge {
        /// The script that was too much.
        path: String,
        /// The place.
        #[label("imported here")]
        at: Option<Span>,
    },
    /// A script that can't be brought up to date with a database.
    #[error("`{path}` can't be brought up to date: {reason}")]
    #[diagnostic(
        code("E0126"),
        help("nothing was changed; pull without the file, and take over what is new by hand")
    )]
    CannotMerge {
        /// The script.
        path: String,
        /// Why.
        reason: String,
    },
}
}

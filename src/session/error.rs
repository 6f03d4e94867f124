//! Why a session couldn't do what a host asked for.

use crate::db::DbError;
use crate::diagnostics::{Problem, RunProblem};
use crate::report::Count;
use std::fmt;

/// Why a script didn't run, or not to its end, or has no answer.
///
/// ```
/// use relata::{Error, Session, Sqlite};
///
/// let mut session = Session::new(Sqlite::in_memory()?);
/// let error = session.run("a.schema", "model User { name: STRNG }", &mut Vec::new()).unwrap_err();
/// assert_eq!(error.to_string(), "the script has 1 error: E0301: there is no type `STRNG`");
/// let report = &session.reports(&error.problems())[0];
/// assert_eq!((report.places[0].line, report.places[0].column), (1, 20));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// It has errors; nothing of it was run. Warnings are among the problems.
    Refused(Vec<Problem>),
    /// A sentence failed; the first that did. The sentences before it have run.
    Failed(RunProblem),
    /// What came of it doesn't fit the type that was asked for.
    #[cfg(feature = "serde")]
    Read(crate::record::ReadError),
    /// The database couldn't be opened, or didn't do what no script asked for.
    Database(DbError),
    /// A call gives other parameters than the sentences name.
    Parameters {
        /// Those that they name, and that weren't given.
        missing: Vec<String>,
        /// Those that were given, and that they don't name.
        unknown: Vec<String>,
    },
}

impl Error {
    /// What is wrong with the script; nothing where it is something else.
    ///
    /// ```
    /// use relata::{Session, Sqlite};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// let error = session.run("a.schema", "model User { name: STRNG }", &mut Vec::new()).unwrap_err();
    /// let codes: Vec<&str> = error.problems().iter().map(|it| it.code()).collect();
    /// assert_eq!(codes, ["E0301"]);
    /// # Ok::<(), relata::Error>(())
    /// ```
    pub fn problems(self) -> Vec<Problem> {
        match self {
            Self::Refused(problems) => problems,
            Self::Failed(problem) => vec![problem.into()],
            #[cfg(feature = "serde")]
            Self::Read(_) => Vec::new(),
            Self::Database(_) | Self::Parameters { .. } => Vec::new(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(problems) => {
                write!(f, "the script has {}", Count::of(problems))?;
                match problems.iter().find(|it| !it.is_warning()) {
                    Some(first) => write!(f, ": {}: {first}", first.code()),
                    None => Ok(()),
                }
            }
            Self::Failed(problem) => problem.fmt(f),
            #[cfg(feature = "serde")]
            Self::Read(error) => error.fmt(f),
            Self::Database(error) => error.fmt(f),
            Self::Parameters { missing, unknown } => {
                let each = [("no value is given for", missing), ("nothing is named", unknown)];
                let mut begun = false;
                for (what, names) in each.iter().filter(|(_, names)| !names.is_empty()) {
                    let between = if begun { ", and " } else { "" };
                    write!(f, "{between}{what} `{}`", names.join("`, `"))?;
                    begun = true;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failed(problem) => Some(problem),
            Self::Database(error) => Some(error),
            #[cfg(feature = "serde")]
            Self::Read(error) => Some(error),
            Self::Refused(_) | Self::Parameters { .. } => None,
        }
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<RunProblem> for Error {
    fn from(problem: RunProblem) -> Self {
        Self::Failed(problem)
    }
}

#[cfg(feature = "serde")]
impl From<crate::record::ReadError> for Error {
    fn from(error: crate::record::ReadError) -> Self {
        Self::Read(error)
    }
}

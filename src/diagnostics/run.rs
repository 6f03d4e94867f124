//! E05xx: what would lose data; E06xx: the database said no.

use crate::source::Span;
use miette::Diagnostic;

/// Why the database said no, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Cause {
    /// What it said.
    pub message: String,
    /// Its extended result code.
    pub code: Option<i32>,
}

/// Whose fault a problem is; the command line's exit codes 1, 3 and 130.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The script's, or the data's.
    Script,
    /// The database's, or the machine's.
    Machine,
    /// Someone stopped it.
    Interrupt,
}

/// Problems of a script that runs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum RunProblem {
    /// Dropping a table that other rows need.
    #[error("`{table}` can't be dropped: {rows} {} of `{by}` {} to it", plural(*.rows, "row", "rows"), plural(*.rows, "refers", "refer"))]
    #[diagnostic(code("E0510"), help("drop `{by}` with it, or delete these rows first"))]
    StillReferenced {
        /// The table.
        table: String,
        /// The table outside of the sentence whose rows refer to it.
        by: String,
        /// How many rows.
        rows: u64,
        /// The sentence.
        #[label("would leave them without what they refer to")]
        at: Span,
    },
    /// A table in the database is not as the script has it.
    #[error("the table `{table}` differs from the script: {}", differences.join("; "))]
    #[diagnostic(
        code("W0006"),
        severity(Warning),
        help(
            "`sync` leaves existing tables as they are; `sync < force >` makes them anew, without their rows"
        )
    )]
    TableDiffers {
        /// The table.
        table: String,
        /// What differs, the first few.
        differences: Vec<String>,
        /// Where its model is declared.
        #[label("`{table}` is declared here")]
        model: Span,
        /// The sentence.
        #[label("and left as it is here")]
        at: Span,
    },
    /// Two rows where one may be.
    #[error("{what}")]
    #[diagnostic(code("E0601"))]
    Unique {
        /// What is not unique, with names.
        what: String,
        /// The sentence.
        #[label("{cause}")]
        at: Span,
        /// In the database's words.
        cause: Cause,
    },
    /// A reference to nothing.
    #[error("{what}")]
    #[diagnostic(code("E0602"))]
    ForeignKey {
        /// What refers to nothing, with names.
        what: String,
        /// The sentence.
        #[label("{cause}")]
        at: Span,
        /// In the database's words.
        cause: Cause,
    },
    /// A null where none may be.
    #[error("{what}")]
    #[diagnostic(code("E0603"))]
    NotNull {
        /// What is null, with names.
        what: String,
        /// The sentence.
        #[label("{cause}")]
        at: Span,
        /// In the database's words.
        cause: Cause,
    },
    /// A check that doesn't hold.
    #[error("{what}")]
    #[diagnostic(code("E0604"))]
    Check {
        /// Which check.
        what: String,
        /// The sentence.
        #[label("{cause}")]
        at: Span,
        /// In the database's words.
        cause: Cause,
    },
    /// Someone else has it.
    #[error("the database is busy: another program is writing to it")]
    #[diagnostic(
        code("E0605"),
        help("nothing was changed; run it again when the other program has finished")
    )]
    Busy {
        /// The sentence.
        #[label("{cause}")]
        at: Option<Span>,
        /// In the database's words.
        cause: Cause,
    },
    /// It can't be opened.
    #[error("the database `{path}` can't be opened: {cause}")]
    #[diagnostic(code("E0607"))]
    CannotOpen {
        /// Its path.
        path: String,
        /// In the database's words.
        cause: Cause,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// It is no database, or a broken one.
    #[error("`{path}` is not an SQLite database, or is damaged: {cause}")]
    #[diagnostic(
        code("E0608"),
        help("give the path of an SQLite database, or of a file that doesn't exist yet")
    )]
    NotADatabase {
        /// Its path.
        path: String,
        /// In the database's words.
        cause: Cause,
        /// The sentence.
        #[label("found here")]
        at: Option<Span>,
    },
    /// It can't write.
    #[error("the database can't be written: {cause}")]
    #[diagnostic(code("E0609"), help("nothing of this sentence was changed"))]
    CannotWrite {
        /// The sentence.
        #[label("needs to write")]
        at: Option<Span>,
        /// In the database's words.
        cause: Cause,
    },
    /// It refused a statement.
    #[error("the database refused a statement: {cause}")]
    #[diagnostic(code("E0610"))]
    Refused {
        /// The sentence, or the place inside of raw SQL.
        #[label("{}", if *.raw { "here, in raw SQL" } else { "this sentence" })]
        at: Span,
        /// Whether `at` is a place inside of raw SQL.
        raw: bool,
        /// Where what it is about is declared.
        #[label("for what is declared here")]
        declared: Option<Span>,
        /// In the database's words.
        cause: Cause,
        /// The statement.
        #[help]
        statement: Option<String>,
    },
    /// Someone stopped it.
    #[error("interrupted")]
    #[diagnostic(code("E0611"), help("what this sentence had begun was rolled back"))]
    Interrupted {
        /// The sentence.
        #[label("while this ran")]
        at: Option<Span>,
    },
    /// `` sql`..` `` that reaches for what a script may not have.
    #[error("raw SQL {cause}")]
    #[diagnostic(
        code("E0612"),
        help(
            "a script stays within its database: no other files, no extensions, no transactions of its own"
        )
    )]
    Forbidden {
        /// The sentence.
        #[label("reaches out of the database")]
        at: Span,
        /// In the database's words.
        cause: Cause,
    },
    /// `` sql`..` `` as a sentence that creates nothing.
    #[error("raw SQL as a sentence has to be one CREATE statement")]
    #[diagnostic(
        code("E0613"),
        help("such as `CREATE TRIGGER name ...`: `sync` runs it where no such object exists")
    )]
    NotACreate {
        /// The sentence.
        #[label("creates nothing that has a name")]
        at: Span,
    },
}

impl RunProblem {
    /// Whose fault it is.
    pub const fn blame(&self) -> Blame {
        match self {
            Self::StillReferenced { .. }
            | Self::TableDiffers { .. }
            | Self::Unique { .. }
            | Self::ForeignKey { .. }
            | Self::NotNull { .. }
            | Self::Check { .. }
            | Self::Refused { .. }
            | Self::Forbidden { .. }
            | Self::NotACreate { .. } => Blame::Script,
            Self::Busy { .. }
            | Self::CannotOpen { .. }
            | Self::NotADatabase { .. }
            | Self::CannotWrite { .. } => Blame::Machine,
            Self::Interrupted { .. } => Blame::Interrupt,
        }
    }
}

fn plural(number: u64, one: &'static str, many: &'static str) -> &'static str {
    if number == 1 { one } else { many }
}

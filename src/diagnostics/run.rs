//! E05xx: what would lose data; E06xx: the database said no.

use super::{
    BrokenCheck, BrokenReference, Duplicate, Hazard, HistoryDamage, NullViolation, RollbackHazard,
    UnfitRow, UnreadValue,
};
use crate::source::Span;
use miette::{Diagnostic, LabeledSpan};
use std::fmt;

/// Why the database said no, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Cause {
    /// What it said.
    pub message: String,
    /// Its extended result code.
    pub code: Option<i32>,
}

impl Cause {
    /// What is wrong with the file.
    fn of_file(&self) -> &'static str {
        if self.is_damage() { "is damaged" } else { "is not an SQLite database" }
    }

    /// What helps with the file.
    fn to_do_with_file(&self) -> &'static str {
        if self.is_damage() {
            "bring it back from a copy; `PRAGMA integrity_check` tells what of it is damaged"
        } else {
            "give the path of an SQLite database, or of a file that doesn't exist yet"
        }
    }

    /// Whether it is a database of which something is damaged.
    fn is_damage(&self) -> bool {
        self.code.is_some_and(|it| it & 0xff == 11)
    }

    /// Whether the database may only be read.
    pub(crate) fn is_read_only(&self) -> bool {
        self.code.is_some_and(|it| it & 0xff == 8)
    }

    /// What helps where it can't write, by the low byte of its code: <https://www.sqlite.org/rescode.html>.
    fn help_text(&self) -> &'static str {
        match self.code.map(|it| it & 0xff) {
            Some(7) => "it needs more memory",
            Some(8) => "make the file and its folder writable: SQLite writes a journal beside it",
            Some(13) => {
                "make room on the disk: a table that is rebuilt needs its own size once more"
            }
            Some(_) => "see to the disk, and to the rights of the file and its folder",
            None => {
                "see to the disk, and to the rights there; a server that follows another one takes no writes: `host:port,host:port` in the URL finds the one that does"
            }
        }
    }
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

/// What is wrong with the values of a sentence, the first few of them in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violations {
    /// The first few.
    pub messages: Vec<String>,
    /// How many there are in all.
    pub count: usize,
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.messages.join("; "))?;
        match self.count.saturating_sub(self.messages.len()) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

super::catalogue! {
/// Problems of a script that runs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum RunProblem {
    through Hazard: "E0501 to E0513: a change of the structure that would lose something.";
    /// Something else than Relata has changed the database.
    #[error("`{database}` was changed since the last migration, by something else than Relata: {}", differences.join("; "))]
    #[diagnostic(
        code("W0009"),
        severity(Warning),
        help(
            "`relata pull` brings it into the script; what the script overwrites of it is refused (E0512)"
        )
    )]
    ChangedSince {
        /// The database.
        database: String,
        /// What differs, in words.
        differences: Vec<String>,
    },
    /// A change was cut off, on a server that keeps each of its steps at once.
    #[error("migration {migration} was cut off: {done} of its {all} statements are done")]
    #[diagnostic(
        code("W0025"),
        severity(Warning),
        help("`relata apply` goes on from there, and `relata rollback` undoes what is done")
    )]
    CutOff {
        /// Its number.
        migration: u64,
        /// How many of its statements are done.
        done: usize,
        /// How many there are.
        all: usize,
    },
    /// A change is done there, and something isn't as it was planned.
    #[error("the change is done, and not as it was planned: {what}")]
    #[diagnostic(
        code("W0026"),
        severity(Warning),
        help("please report it; `relata rollback` undoes the change")
    )]
    OtherOutcome {
        /// What isn't, in words.
        what: String,
    },
    /// A model without a primary key, on a cluster.
    #[error("`{model}` has no primary key, and the database is on a cluster")]
    #[diagnostic(
        code("W0027"),
        severity(Warning),
        help(
            "nodes find a row of another node by its key: leave `id: false` out, or make an attribute the key (`primaryKey`)"
        )
    )]
    KeylessOnCluster {
        /// The model.
        model: String,
        /// Where it is declared.
        #[label("no key of its rows")]
        at: Span,
    },
    /// Tables with rows that no model is on.
    #[error("there are rows in {}, and no model is on {}", in_words(tables, *more), if tables.len() == 1 { "it" } else { "them" })]
    #[diagnostic(
        code("W0022"),
        severity(Warning),
        help("{}", dropped_or_pulled(tables))
    )]
    WithoutModel {
        /// The first of them.
        tables: Vec<String>,
        /// How many more there are.
        more: usize,
    },
    /// `was` of a table that isn't there, while one of nearly that name is.
    #[error("there is no table `{was}` to rename to `{table}`, but there is `{likely}`")]
    #[diagnostic(
        code("W0016"),
        severity(Warning),
        help("`{table}` is created without rows; if it was `{likely}`, write `was: \"{likely}\"`")
    )]
    NoOldTable {
        /// The new table.
        table: String,
        /// What it was called, by the script.
        was: String,
        /// The table that is there.
        likely: String,
        /// The model.
        #[label("its `was` names no table")]
        at: Span,
    },
    /// A data step that was carried out says something else by now.
    #[error("the step `{name}` was carried out here already, and it says something else now")]
    #[diagnostic(
        code("W0020"),
        severity(Warning),
        help("it isn't carried out again: what is still to be done is another step, with a name of its own")
    )]
    StepChanged {
        /// Its name.
        name: String,
        /// Where it is declared.
        #[label("changed since")]
        at: Span,
    },
    /// A data step that `sync` doesn't carry out, since tables differ.
    #[error("the step `{name}` is due, and `sync` doesn't carry it out: tables differ from the script")]
    #[diagnostic(
        code("W0021"),
        severity(Warning),
        help("`relata apply` or `sync < alter >` changes the tables, and carries it out in between")
    )]
    StepDue {
        /// Its name.
        name: String,
        /// Where it is declared.
        #[label("left for now")]
        at: Span,
    },
    /// A table, or another object, in the database is not as the script has it.
    #[error("the {kind} `{name}` differs from the script: {}", differences.join("; "))]
    #[diagnostic(
        code("W0006"),
        severity(Warning),
        help(
            "`sync` leaves it as it is; `relata diff` shows what would change, and `relata apply` or `sync < alter >` changes it and keeps \
             every row (`sync < force >` makes all anew, and every row is gone)"
        )
    )]
    Differs {
        /// What it is.
        kind: &'static str,
        /// Its name.
        name: String,
        /// What differs, the first few.
        differences: Vec<String>,
        /// Where it is declared.
        #[label("`{name}` is declared here")]
        declared: Span,
        /// The sentence.
        #[label("and left as it is here")]
        at: Span,
    },
    /// Values that don't fit their attributes' types.
    #[error("{violations}")]
    #[diagnostic(
        code("E0312"),
        help("write a value of the attribute's type, or give the attribute a type that holds it")
    )]
    DoesNotFit {
        /// Which.
        violations: Violations,
        /// Where they are written.
        #[label(collection)]
        places: Vec<LabeledSpan>,
        /// The sentence, where no place in it is known.
        #[label("this sentence wrote nothing")]
        at: Option<Span>,
    },
    /// Values that validators refuse.
    #[error("{violations}")]
    #[diagnostic(
        code("E0701"),
        help("write a value that passes, or change what `validate` says in the model")
    )]
    Invalid {
        /// Which.
        violations: Violations,
        /// Where they are written.
        #[label(collection)]
        places: Vec<LabeledSpan>,
        /// The sentence, where no place in it is known.
        #[label("this sentence wrote nothing")]
        at: Option<Span>,
    },
    /// Two rows where one may be.
    #[error("{what}")]
    #[diagnostic(code("E0601"))]
    Unique {
        /// What is not unique, with names.
        what: Duplicate,
        /// The sentence.
        #[label("{cause}")]
        at: Span,
        /// In the database's words.
        cause: Cause,
        /// What the script's own message leaves out; what to do about a row that is only marked as deleted.
        #[help]
        help: Option<String>,
    },
    /// A reference to nothing.
    #[error("{what}")]
    #[diagnostic(code("E0602"))]
    ForeignKey {
        /// What refers to nothing, with names.
        what: Box<BrokenReference>,
        /// The sentence.
        #[label("{cause}")]
        at: Span,
        /// In the database's words.
        cause: Cause,
        /// What to do about it, where that is known.
        #[help]
        help: Option<String>,
    },
    /// A null where none may be.
    #[error("{what}")]
    #[diagnostic(code("E0603"), help("{}", what.help_text()))]
    NotNull {
        /// What is null, with names.
        what: NullViolation,
        /// Where nulls are written.
        #[label(collection)]
        places: Vec<LabeledSpan>,
        /// The sentence, where no place in it is known.
        #[label("{cause}")]
        at: Option<Span>,
        /// In the database's words.
        cause: Cause,
    },
    /// A check that doesn't hold.
    #[error("{what}")]
    #[diagnostic(code("E0604"), help("{}", what.help_text()))]
    Check {
        /// Which check.
        what: Box<BrokenCheck>,
        /// The sentence.
        #[label("{cause}")]
        at: Span,
        /// Where the script declares it, if that is known.
        #[label("this has to hold")]
        rule: Option<Span>,
        /// In the database's words.
        cause: Cause,
    },
    /// Someone else has it.
    #[error("the database is busy: another program is using it")]
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
    /// Someone else changed the row.
    #[error("`{name}` is stale: its row of `{model}` was changed or deleted since it was read")]
    #[diagnostic(code("E0606"), help("`{name} reload` reads the row again"))]
    Stale {
        /// The variable.
        name: String,
        /// The row's model.
        model: String,
        /// The sentence.
        #[label("would overwrite that")]
        at: Span,
    },
    /// What Relata keeps of its own is not as it was left.
    #[error(
        "`_relata_migrations`, in which Relata keeps what it has done, {what}; nothing was changed"
    )]
    #[diagnostic(code("E0617"), help("{}", what.help_text()))]
    HistoryDamaged {
        /// What is wrong with it.
        what: HistoryDamage,
    },
    /// What a server can't be asked for yet.
    #[error("{what} isn't possible on {title} yet")]
    #[diagnostic(
        code("E0618"),
        help("`relata sql --dialect {}` prints the statements of the script's tables", title.to_ascii_lowercase())
    )]
    NotOnServer {
        /// What: "`sync < alter >`".
        what: String,
        /// The database's name for people.
        title: &'static str,
        /// The sentence.
        #[label("needs it")]
        at: Option<Span>,
    },
    /// The connection was lost before the database said whether what it was asked for is kept.
    #[error("the connection was lost before the database said whether this was kept")]
    #[diagnostic(
        code("E0619"),
        help("all of it was kept, or nothing: look at the rows before it is run again")
    )]
    OutcomeUnknown {
        /// The sentence.
        #[label("{cause}")]
        at: Option<Span>,
        /// In the database's words.
        cause: Cause,
    },
    /// A new row that the database passed over.
    #[error("the database wrote no row of `{model}`, and reported no error")]
    #[diagnostic(
        code("E0615"),
        help(
            "a trigger (`RAISE(IGNORE)`) or a conflict clause (`ON CONFLICT IGNORE`) of its table lets the row go: change that, or the row"
        )
    )]
    NotWritten {
        /// The row's model.
        model: String,
        /// The sentence.
        #[label("would have made a row")]
        at: Span,
    },
    /// A table that isn't there.
    #[error("there is no table `{table}` in the database")]
    #[diagnostic(code("E0614"), help("`sync` creates the tables that the script declares"))]
    NoTable {
        /// Its name.
        table: String,
        /// The sentence.
        #[label("needs it")]
        at: Span,
    },
    /// A row that isn't there, or that can't be referred to.
    #[error("{what}")]
    #[diagnostic(code("E0804"))]
    NoRow {
        /// Which one.
        what: UnfitRow,
        /// Where it is asked for.
        #[label("asked for here")]
        at: Span,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// An attribute that a row from elsewhere was given without.
    #[error("{what}")]
    #[diagnostic(code("E0220"), help("{}", what.help_text()))]
    Unread {
        /// What isn't known.
        what: UnreadValue,
        /// Where it is asked for.
        #[label("asked for here")]
        at: Span,
    },
    /// A sentence on a variable that holds no row.
    #[error("`{name}` is null: there is no row to work with")]
    #[diagnostic(code("E0801"), help("the sentence that gave `{name}` its value found no row: `findOrCreate` makes one where there is none"))]
    NullVariable {
        /// The variable.
        name: String,
        /// The sentence.
        #[label("needs a row")]
        at: Span,
    },
    /// An `assert` that doesn't hold.
    #[error("`{what}` does not hold{}{found}", if .found.is_empty() { "" } else { ": " })]
    #[diagnostic(
        code("E0802"),
        help("correct what is expected, or the sentence that made it so; `print` above shows more")
    )]
    AssertFailed {
        /// The expression, as written.
        what: String,
        /// What it is instead.
        found: String,
        /// The sentence.
        #[label("asserted here")]
        at: Span,
    },
    /// A file that `load` can't read, or a line of it.
    #[error("{what}")]
    #[diagnostic(code("E0803"))]
    Load {
        /// What is wrong, with the file's line.
        what: String,
        /// The sentence.
        #[label("nothing of it was loaded")]
        at: Span,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// More rows than the host allows.
    #[error("{what}")]
    #[diagnostic(code("E0805"))]
    Limit {
        /// Which limit.
        what: String,
        /// The sentence.
        #[label("reaches the limit")]
        at: Span,
    },
    /// More time than the host allows.
    #[error("the script runs {cause}, the longest that is allowed here")]
    #[diagnostic(
        code("E0806"),
        help("what this sentence had begun was rolled back; the sentences before it have run")
    )]
    TooLong {
        /// The sentence.
        #[label("time is up here")]
        at: Option<Span>,
        /// How long that is.
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
    #[error("`{path}` {}: {cause}", cause.of_file())]
    #[diagnostic(code("E0608"), help("{}", cause.to_do_with_file()))]
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
    #[diagnostic(
        code("E0609"),
        help("nothing of this sentence was changed; {}", cause.help_text())
    )]
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
        /// The sentence, or the place inside of raw SQL; none where no sentence asked for it.
        #[label("{}", if *.raw { "here, in raw SQL" } else { "this sentence" })]
        at: Option<Span>,
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
}
}

/// "`A` and `B`", "`A`, `B` and 3 more tables"
fn in_words(tables: &[String], more: usize) -> String {
    let mut names: Vec<_> = tables.iter().map(|it| format!("`{it}`")).collect();
    if more > 0 {
        names.push(format!("{more} more tables"));
    }
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.join(", "),
    }
}

/// What to do about tables that no model is on.
fn dropped_or_pulled(tables: &[String]) -> String {
    let lines: Vec<_> = tables.iter().take(3).map(|it| format!("`drop {it:?}`")).collect();
    format!(
        "{} left as {}; {} in the script drops {}, with all rows, and `relata pull` writes {}",
        if tables.len() == 1 { "it is" } else { "they are" },
        if tables.len() == 1 { "it is" } else { "they are" },
        lines.join(", "),
        if tables.len() == 1 { "it" } else { "such a table" },
        if tables.len() == 1 { "a model for it" } else { "models for them" },
    )
}

impl From<RollbackHazard> for RunProblem {
    fn from(hazard: RollbackHazard) -> Self {
        Self::Hazard(Hazard::of_structure(hazard.into(), None))
    }
}

impl From<Hazard> for RunProblem {
    fn from(hazard: Hazard) -> Self {
        Self::Hazard(hazard)
    }
}

impl RunProblem {
    /// The same, of a line of a file.
    #[must_use]
    pub fn at_line(self, file: &str, line: u64) -> Self {
        let file = file.to_owned();
        match self {
            Self::Unique { what, at, cause, help } => {
                let what = Duplicate::AtLine { file, line, what: what.into() };
                Self::Unique { what, at, cause, help }
            }
            Self::ForeignKey { what, at, cause, help } => {
                let what = BrokenReference::InFile { file, line: Some(line), what };
                Self::ForeignKey { what: what.into(), at, cause, help }
            }
            Self::Check { what, at, rule, cause } => {
                let what = BrokenCheck::AtLine { file, line, what };
                Self::Check { what: what.into(), at, rule, cause }
            }
            Self::NotNull { what, places, at, cause } => {
                let what = NullViolation::AtLine { file, line, what: what.into() };
                Self::NotNull { what, places, at, cause }
            }
            other => other,
        }
    }

    /// Whose fault it is.
    pub const fn blame(&self) -> Blame {
        match self {
            Self::Hazard(_)
            | Self::ChangedSince { .. }
            | Self::CutOff { .. }
            | Self::OtherOutcome { .. }
            | Self::KeylessOnCluster { .. }
            | Self::WithoutModel { .. }
            | Self::NoOldTable { .. }
            | Self::Differs { .. }
            | Self::StepChanged { .. }
            | Self::StepDue { .. }
            | Self::DoesNotFit { .. }
            | Self::Invalid { .. }
            | Self::Stale { .. }
            | Self::NoTable { .. }
            | Self::NotWritten { .. }
            | Self::NotOnServer { .. }
            | Self::NoRow { .. }
            | Self::Unread { .. }
            | Self::NullVariable { .. }
            | Self::AssertFailed { .. }
            | Self::Load { .. }
            | Self::Limit { .. }
            | Self::Unique { .. }
            | Self::ForeignKey { .. }
            | Self::NotNull { .. }
            | Self::Check { .. }
            | Self::Refused { .. }
            | Self::Forbidden { .. } => Blame::Script,
            Self::Busy { .. }
            | Self::OutcomeUnknown { .. }
            | Self::HistoryDamaged { .. }
            | Self::CannotOpen { .. }
            | Self::NotADatabase { .. }
            | Self::CannotWrite { .. } => Blame::Machine,
            Self::Interrupted { .. } | Self::TooLong { .. } => Blame::Interrupt,
        }
    }
}

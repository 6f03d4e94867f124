//! Steps carried out on a database, one sentence after the other.
//!
//! What happens is told as it happens, to a [`Sink`]: an [`Outcome`] for each sentence that yields something.
//!
//! Invariant: a sentence that fails has changed nothing.

mod alter;
mod batch;
mod bind;
mod blocks;
mod bulk;
mod change;
mod compare;
mod ddl;
mod draft;
mod environment;
mod evaluate;
mod failure;
mod find;
mod history;
mod insert;
mod json;
mod link;
mod links;
mod load;
mod query;
#[cfg(feature = "serde")]
mod read;
mod rows;
mod script;
mod sentence;
mod sync;
mod transaction;
mod upsert;
mod validate;
mod validators;
mod verify;

pub use environment::{Environment, Held};
pub use find::{Found, find, records, value};
pub use history::{Migration, Undone, drift, history, prune, rollback};
pub use script::script;

use crate::db::Database;
use crate::diagnostics::{Problem, RunProblem};
use crate::ir::{Schema, Step};
use crate::record::Record;
use crate::source::{Lines, SourceId, Sources, Span};
use crate::value::Value;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::io::Read;
use std::ops::ControlFlow;
use std::time::Duration;

/// What a sentence yielded.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The sentence.
    pub span: Span,
    /// The script in which it is, where another one imports that.
    pub file: Option<SmolStr>,
    /// The line in which it begins, from 1.
    pub line: usize,
    /// Its verb: `sync`.
    pub verb: SmolStr,
    /// The model that it is about, if it is about one.
    pub model: Option<SmolStr>,
    /// What came of it.
    pub result: Yield,
}

/// What comes of a sentence.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Yield {
    /// The statements that changed the database's structure, in order.
    Ddl(Vec<String>),
    /// A value: of `print`, of an aggregate, of `has..`.
    Value(Value),
    /// A row, or null.
    Row(Option<Record>),
    /// Rows.
    Rows(Vec<Record>),
    /// Values: a path through the rows of a variable.
    List(Vec<Value>),
    /// How many rows, or links, were changed.
    Count(u64),
    /// A row, and whether it was made.
    Pair(Record, bool),
    /// Rows, and how many there are in all: `findAndCountAll`.
    Page(u64, Vec<Record>),
    /// It failed, and changed nothing.
    Failed(RunProblem),
}

/// A change of a database's structure.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What changes: a table, a view, a trigger.
    pub object: SmolStr,
    /// What of it, in words, with the rows that are concerned: "`nick` goes with its values (3 rows)".
    pub what: Vec<String>,
    /// How.
    pub way: Way,
    /// How many rows are written anew.
    pub rows: u64,
    /// The statements, in order.
    pub sql: Vec<String>,
    /// The text that the database keeps of the table in the end, where the statements leave another: it is put in its place.
    pub kept: Option<String>,
    /// Why it isn't carried out, if it isn't.
    pub refused: Vec<RunProblem>,
}

impl Change {
    /// The statements, and the text that is put in the place of the table's.
    pub fn statements(&self) -> impl Iterator<Item = &str> {
        self.sql.iter().chain(&self.kept).map(String::as_str)
    }
}

/// How a [`Change`] is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// Something comes.
    Create,
    /// Something gets another name.
    Rename,
    /// The text that the database keeps of a table is edited; no row moves, those counted get a value in place of null.
    Edit,
    /// The database alters the table by itself: a column goes, and each row is written anew in its place.
    Alter,
    /// The rows move into a new table.
    Rebuild,
    /// An index comes, is made anew, or goes.
    Index,
    /// Something goes.
    Drop,
    /// Not at all.
    Refused,
}

impl Way {
    /// Its word, in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Rename => "rename",
            Self::Edit => "edit",
            Self::Alter => "alter",
            Self::Rebuild => "rebuild",
            Self::Index => "index",
            Self::Drop => "drop",
            Self::Refused => "refused",
        }
    }
}

/// Is told what happens.
pub trait Sink {
    /// A sentence has run.
    fn outcome(&mut self, outcome: Outcome);

    /// Whether rows come one by one, by [`Sink::rows`], [`Sink::row`] and [`Sink::end`]; else they come together, as a
    /// [`Yield::Rows`].
    fn streams(&self) -> bool {
        false
    }

    /// The rows of a sentence begin; it has yielded none yet.
    fn rows(&mut self, _sentence: &Outcome) {}

    /// One of them; breaks where no more are wanted.
    fn row(&mut self, _row: Found<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// They end; where the sentence fails so late, its outcome follows.
    fn end(&mut self) {}

    /// A statement is about to run, with these parameters. Only where [`Options::explain`] asks for it.
    fn statement(&mut self, _sql: &str, _parameters: &[Value]) {}

    /// There is something to say that hinders nothing.
    fn warning(&mut self, _problem: Problem) {}

    /// Values are about to go; the database as it was is in this file.
    fn backup(&mut self, _path: &str) {}

    /// So many of a sentence's statements have run.
    fn progress(&mut self, _done: usize, _all: usize) {}
}

impl Sink for Vec<Outcome> {
    fn outcome(&mut self, outcome: Outcome) {
        self.push(outcome);
    }
}

/// Opens the files that `load` reads.
pub trait Files {
    /// The file that `path` means in the script `from`.
    ///
    /// # Errors
    /// Why it can't be read, in words.
    fn open(&mut self, from: &str, path: &str) -> Result<Box<dyn Read>, String>;
}

/// There are no files: `load` fails.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn open(&mut self, _: &str, _: &str) -> Result<Box<dyn Read>, String> {
        Err("nothing can be loaded here".to_owned())
    }
}

/// How steps are carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Go on behind a sentence that fails.
    pub keep_going: bool,
    /// Tell the sink of each statement before it runs.
    pub explain: bool,
    /// The present moment, in milliseconds since 1970; the database's clock where none is given.
    pub now: Option<i64>,
    /// What random values begin with.
    pub seed: Option<u64>,
    /// A sentence that finds more rows fails; those of lists beside rows are rows, too.
    pub most_rows: Option<u64>,
    /// A run that takes longer ends with the sentence that it has come to, which fails.
    pub most_time: Option<Duration>,
    /// A sentence that takes more memory fails: bytes of the database's, and of the rows that are kept at once. SQLite counts what the whole
    /// process takes for it, and the least of all limits that were set holds.
    pub most_memory: Option<u64>,
    /// The losses that `sync < alter >` may cause, beside those that the sentence itself allows.
    pub allow: Losses,
    /// Make no copy of a file before `sync < alter >` takes values out of it.
    pub no_backup: bool,
}

impl Options {
    /// What scripts of strangers may take: 100,000 rows a sentence, 10 seconds a run, 256 MB of memory.
    pub const STRANGERS: Self = Self {
        keep_going: false,
        explain: false,
        now: None,
        seed: None,
        most_rows: Some(100_000),
        most_time: Some(Duration::from_secs(10)),
        most_memory: Some(256 << 20),
        allow: Losses::NONE,
        no_backup: false,
    };
}

/// Losses by their codes, E05xx.
///
/// ```
/// use relata::run::Losses;
///
/// let meant = Losses::of(["E0501"]);
/// assert!(meant.has("E0501") && !meant.has("E0502"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Losses(u128);

impl Losses {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// The losses of these codes; what is no code of that family is left out.
    pub fn of<'a>(codes: impl IntoIterator<Item = &'a str>) -> Self {
        let each = codes.into_iter().filter_map(Self::bit);
        Self(each.fold(0, |all, it| all | it))
    }

    /// Whether the loss of that code is among them.
    pub fn has(self, code: &str) -> bool {
        Self::bit(code).is_some_and(|it| self.0 & it != 0)
    }

    fn bit(code: &str) -> Option<u128> {
        let digits = code.get(..3)?.eq_ignore_ascii_case("E05");
        let number: u32 = code.get(3..)?.parse().ok()?;
        digits.then(|| 1_u128.checked_shl(number)).flatten()
    }
}

/// What steps are run with.
pub struct Host<'a> {
    /// What the steps are about.
    pub schema: &'a Schema,
    /// Where they are written.
    pub sources: &'a Sources,
    /// What `load` may read.
    pub files: &'a mut dyn Files,
    /// The variables.
    pub environment: &'a mut Environment,
}

/// Carries out `steps` in order; ends with the first that fails, unless told to keep going.
///
/// # Errors
/// The first problem; the sink has been told of each.
pub fn run(
    steps: &[Step],
    host: &mut Host<'_>,
    database: &mut dyn Database,
    options: Options,
    sink: &mut dyn Sink,
) -> Result<(), RunProblem> {
    let scripts = Scripts {
        schema: host.schema,
        sources: host.sources,
        database: database.name().to_owned(),
    };
    host.environment.begin(options);
    let mut runner = Runner {
        scripts: &scripts,
        database,
        sink,
        files: &mut *host.files,
        environment: &mut *host.environment,
        options,
    };
    let mut lines = Places::default();
    let mut first = None;
    let begin = steps.first().map_or(Span::default(), |it| it.span);
    if let Some(most) = options.most_memory {
        let set = runner.database.limit_memory(most);
        set.map_err(|it| runner.failure(it, begin))?;
    }
    let limited = options.most_time.is_some();
    if limited {
        let set = runner.database.limit_time(options.most_time);
        set.map_err(|it| runner.failure(it, begin))?;
    }
    runner.steps(steps, &mut lines, &mut first);
    if limited {
        let set = runner.database.limit_time(None);
        set.map_err(|it| runner.failure(it, begin))?;
    }
    first.map_or(Ok(()), Err)
}

/// What `sync < alter >` would change of `database`, which is left as it was: the changes are carried out and undone. What it would
/// refuse is among them. `keep` leaves columns that the schema doesn't know.
///
/// Rows are moved for it, and no other program can write meanwhile: give it a copy ([`crate::db::Sqlite::rehearsal`]).
///
/// # Errors
/// Where it fails as a whole, as `sync < alter >` would.
pub fn diff(
    host: &mut Host<'_>,
    database: &mut dyn Database,
    options: Options,
    keep: bool,
    sink: &mut dyn Sink,
) -> Result<Vec<Change>, RunProblem> {
    let scripts = Scripts {
        schema: host.schema,
        sources: host.sources,
        database: database.name().to_owned(),
    };
    host.environment.begin(options);
    let mut runner = Runner {
        scripts: &scripts,
        database,
        sink,
        files: &mut *host.files,
        environment: &mut *host.environment,
        options,
    };
    runner.rehearse(Span::default(), keep)
}

/// Tells of DATE columns with values that have another form than Relata's (W0017): the first rows of each table are looked at, and where they
/// show one, all are counted.
///
/// # Errors
/// What the database says no with.
pub fn other_moments(
    host: &mut Host<'_>,
    database: &mut dyn Database,
    sink: &mut dyn Sink,
) -> Result<(), RunProblem> {
    let scripts = Scripts {
        schema: host.schema,
        sources: host.sources,
        database: database.name().to_owned(),
    };
    let mut runner = Runner {
        scripts: &scripts,
        database,
        sink,
        files: &mut *host.files,
        environment: &mut *host.environment,
        options: Options::default(),
    };
    runner.tell_all_dates()
}

/// Where sentences begin.
#[derive(Default)]
struct Places<'a>(HashMap<SourceId, Lines<'a>>);

impl<'a> Places<'a> {
    fn line(&mut self, sources: &'a Sources, span: Span) -> usize {
        sources.at(span.start).map_or(0, |source| {
            let lines = self.0.entry(source.id).or_insert_with(|| Lines::new(source));
            lines.line_column(span.start).0
        })
    }
}

/// What steps are carried out with.
struct Runner<'a> {
    scripts: &'a Scripts<'a>,
    database: &'a mut dyn Database,
    sink: &'a mut dyn Sink,
    files: &'a mut dyn Files,
    environment: &'a mut Environment,
    options: Options,
}

/// What problems are told with.
struct Scripts<'a> {
    schema: &'a Schema,
    sources: &'a Sources,
    /// The database's name.
    database: String,
}

impl Scripts<'_> {
    /// The name of the script at that place, where another one imports it.
    fn imported(&self, at: Span) -> Option<SmolStr> {
        let source = self.sources.at(at.start)?;
        source.imported.then(|| SmolStr::new(&source.name))
    }
}

/// What comes of a part of a sentence.
type Ran<T> = Result<T, RunProblem>;

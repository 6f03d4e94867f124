//! Steps carried out on a database, one sentence after the other.
//!
//! What happens is told as it happens, to a [`Sink`]: an [`Outcome`] for each sentence that yields something.
//!
//! Invariant: a sentence that fails has changed nothing.

mod batch;
mod bind;
mod blocks;
mod bulk;
mod cells;
mod change;
mod conflicts;
mod draft;
mod environment;
mod evaluate;
mod failure;
mod find;
mod found;
mod held;
mod insert;
mod json;
mod json_rows;
mod keys;
mod link;
mod list;
mod load;
mod plans;
mod query;
#[cfg(feature = "serde")]
mod read;
mod references;
mod refresh;
mod reread;
mod rows;
mod sentence;
mod shared_columns;
mod structure;
mod unlinked;
mod upsert;
mod validate;

pub use environment::{Binding, Environment};
pub use find::{find, records, value};
pub use found::FoundRow;

pub(crate) use crate::client::ProblemContext;
use crate::client::{FailedStatement, RunResult};
use crate::db::{Database, DbError};
use crate::diagnostics::{Losses, Problem, RunProblem};
use crate::ir::{AlterOptions, Schema, Step, StepKind};
use crate::migrate::{self, Change, Log};
use crate::record::Record;
use crate::source::{SourceId, Sources, Span};
use crate::value::Value;
use rows::WriteLog;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::io::Read;
use std::ops::ControlFlow;
use std::time::Duration;
use structure::StepSentences;

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

/// Is told what happens.
///
/// ```
/// use relata::{Outcome, Problem, Session, Sink, Sqlite};
///
/// /// Hears what was run, and of warnings.
/// #[derive(Default)]
/// struct Ear(Vec<String>);
///
/// impl Sink for Ear {
///     fn outcome(&mut self, outcome: Outcome) {
///         self.0.push(outcome.verb.to_string());
///     }
///
///     fn warning(&mut self, problem: Problem) {
///         self.0.push(problem.code().to_owned());
///     }
/// }
///
/// let mut ear = Ear::default();
/// let mut session = Session::new(Sqlite::in_memory()?);
/// session.run("users.schema", "model User { name: STRING }\nsync\nUser count", &mut ear)?;
/// assert_eq!(ear.0, ["sync", "count"]);
/// # Ok::<(), relata::Error>(())
/// ```
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
    fn row(&mut self, _row: FoundRow<'_>) -> ControlFlow<()> {
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

    /// Whether it wants to hear what `sync < alter >` changes, by [`Sink::changed`]: the rows that are concerned are counted for that.
    fn hears_changes(&self) -> bool {
        false
    }

    /// `sync < alter >` carries out the changes of this table, view or data step from now on; none, when they are done.
    fn carrying_out(&mut self, _object: Option<&str>) {}

    /// `sync < alter >` has changed this, and it stays; the outcome follows.
    fn changed(&mut self, _changes: &[Change]) {}
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

impl<F: Files + ?Sized> Files for Box<F> {
    fn open(&mut self, from: &str, path: &str) -> Result<Box<dyn Read>, String> {
        (**self).open(from, path)
    }
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
    /// How much a script may take.
    pub limits: Limits,
    /// The losses that `sync < alter >` may cause, beside those that the sentence itself allows.
    pub allow: Losses,
    /// Make no copy of a file before `sync < alter >` takes values out of it.
    pub no_backup: bool,
}

/// How much a script may take.
///
/// ```
/// use relata::{Error, Limits, Session, Sqlite};
///
/// let limits = Limits { rows: Some(1), ..Limits::STRANGERS };
/// let mut session = Session::new(Sqlite::in_memory()?).with_limits(limits);
/// session.run("a.schema", "model User { }\nsync\nUser bulkCreate [{ }, { }]", &mut Vec::new())?;
/// let found = session.run("b.schema", "User findAll", &mut Vec::new());
/// assert!(matches!(found, Err(Error::Failed(_))));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// A sentence that finds more rows fails; those of lists beside rows are rows, too.
    pub rows: Option<u64>,
    /// A run that takes longer ends with the sentence that it has come to, which fails.
    pub time: Option<Duration>,
    /// A sentence that takes more memory fails: bytes of the database's, and of the rows that are kept at once. SQLite counts what the whole
    /// process takes for it, and the least of all limits that were set holds.
    pub memory: Option<u64>,
}

impl Limits {
    /// What scripts of strangers may take: 100,000 rows a sentence, 10 seconds a run, 256 MB of memory.
    pub const STRANGERS: Self =
        Self { rows: Some(100_000), time: Some(Duration::from_secs(10)), memory: Some(256 << 20) };
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

impl<'a> Host<'a> {
    /// What problems with the database are told with.
    pub(crate) fn problems(&self, database: &(impl Database + ?Sized)) -> ProblemContext<'a> {
        ProblemContext {
            schema: self.schema,
            sources: self.sources,
            database: database.name().into(),
        }
    }
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
    // The schema may be another one by now.
    host.environment.forget_plans();
    let scripts = host.problems(database);
    carry_out(steps, &scripts, host, database, options, sink)
}

/// As [`run`], for the schema for which the environment was used before.
pub(crate) fn carry_out(
    steps: &[Step],
    scripts: &ProblemContext<'_>,
    host: &mut Host<'_>,
    database: &mut dyn Database,
    options: Options,
    sink: &mut dyn Sink,
) -> Result<(), RunProblem> {
    host.environment.begin(options);
    let begin = steps.first().map_or(Span::default(), |it| it.span);
    let said = |it: DbError| scripts.failure(it, begin, FailedStatement::default());
    let limits = options.limits;
    if let Some(most) = limits.memory {
        database.limit_memory(most).map_err(said)?;
    }
    if limits.time.is_some() {
        database.limit_time(limits.time).map_err(said)?;
    }
    let ran = {
        let mut kept;
        let mut runner = Runner {
            scripts,
            database: if is_many(steps) {
                kept = database.keeping_statements();
                &mut *kept
            } else {
                &mut *database
            },
            sink,
            files: &mut *host.files,
            environment: &mut *host.environment,
            options,
            written: WriteLog::default(),
            all: all_steps,
        };
        all_steps(&mut runner, steps, begin)
    };
    if limits.time.is_some() {
        database.limit_time(None).map_err(said)?;
    }
    ran
}

/// Whether there is more than one sentence to carry out.
fn is_many(steps: &[Step]) -> bool {
    match steps {
        [one] => matches!(one.kind, StepKind::Transaction(_)),
        some => !some.is_empty(),
    }
}

/// Where sentences begin. They are asked for in their order, about, so that each line is counted once.
#[derive(Default)]
struct Places {
    /// The place that was asked for last: its text, its byte and its line.
    last: Option<(SourceId, usize, usize)>,
    /// Those of the texts before it.
    others: BTreeMap<SourceId, (usize, usize)>,
}

impl Places {
    /// The script in which a span is, where another one imports that, and the line, from 1, in which it begins.
    fn of(&mut self, sources: &Sources, span: Span) -> (Option<SmolStr>, usize) {
        let Some(source) = sources.at(span.start) else {
            return (None, 0);
        };
        let (from, line) = match self.last {
            Some((id, from, line)) if id == source.id => (from, line),
            before => {
                self.others.extend(before.map(|(id, from, line)| (id, (from, line))));
                self.others.get(&source.id).copied().unwrap_or((0, 1))
            }
        };
        let at = source.offset(span.start);
        let line = if from == at {
            line
        } else {
            let between = source.text.as_bytes().get(from.min(at)..from.max(at));
            let ends = between.map_or(0, |it| memchr::memchr_iter(b'\n', it).count());
            if from < at { line + ends } else { line.saturating_sub(ends) }
        };
        self.last = Some((source.id, at, line));
        (source.imported.then(|| SmolStr::new(&source.name)), line)
    }
}

/// What steps are carried out with.
struct Runner<'a> {
    scripts: &'a ProblemContext<'a>,
    database: &'a mut dyn Database,
    sink: &'a mut dyn Sink,
    files: &'a mut dyn Files,
    environment: &'a mut Environment,
    options: Options,
    /// What was written, where that is noted.
    written: WriteLog,
    /// What carries out steps, those of a data step too.
    all: AllSteps,
}

/// Carries out steps, of which this is the first one's place.
type AllSteps = fn(&mut Runner<'_>, &[Step], Span) -> RunResult<()>;

fn all_steps(run: &mut Runner<'_>, steps: &[Step], begin: Span) -> RunResult<()> {
    blocks::StepRunner::new(run).all(steps, begin)
}

/// What `sync < alter >` would change of `database`, which is left as it was. What it would refuse is among them. `now` is the present moment,
/// where that is fixed.
///
/// Its rows are asked what a change would make of them. Where that doesn't tell it, the change is carried out and undone; on a copy, where the
/// database may only be read ([`crate::db::Sqlite::read_only`]). Where it may be written, no other program can write meanwhile.
///
/// # Errors
/// Where it fails as a whole, as `sync < alter >` would.
pub fn diff(
    scripts: (&Schema, &Sources),
    files: &mut dyn Files,
    database: &mut dyn Database,
    alter: AlterOptions,
    now: Option<i64>,
    log: &mut dyn Log,
) -> Result<Vec<Change>, RunProblem> {
    let options = Options { now, ..Options::default() };
    let mut steps = StepSentences { files, options, all: all_steps };
    migrate::diff(scripts, database, alter, now, log, &mut steps)
}

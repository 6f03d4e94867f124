//! What a host holds: a database, the scripts that were accepted, and what they declare.

mod accept;
mod calls;
mod error;
mod forget;
mod prepared;
mod pulled;
mod remember;
mod stream;
mod tools;
mod transaction;
mod variables;

#[cfg(feature = "machinery")]
pub use accept::{check, check_noting};
pub use calls::Calls;
pub use error::Error;
pub use prepared::{Params, Prepared};
pub use pulled::{PulledDatabase, TranslatedDatabase, pulled, shown, translated};

use crate::ast::Bundle;
use crate::check::{KnownNames, Policy};
use crate::db::{Database, Interrupter};
use crate::diagnostics::Problem;
use crate::ir::{Schema, Step};
use crate::load::{Input, Library, Loader, NoLoader};
use crate::report::{Report, reports};
use crate::run::{self, Environment, Files, Host, Limits, NoFiles, Options, Sink};
use crate::source::Sources;
use remember::SessionVariable;
use std::sync::atomic::{AtomicU64, Ordering};

/// Scripts, one after the other, on one database.
///
/// What a script declares stays for those after it, and so do its variables; nothing else does, so a program may ask for ever.
/// The text of one that declares nothing, or has errors, is in [`Session::sources`] until the next one comes: what is said of it can be
/// shown so long.
///
/// ```
/// use relata::{Session, Sqlite, Yield};
///
/// let mut session = Session::new(Sqlite::in_memory()?);
/// let mut outcomes = Vec::new();
/// session.run("users.schema", "model User { name: STRING }\nsync", &mut outcomes)?;
/// assert!(matches!(&outcomes[0].result, Yield::Ddl(statements) if statements.len() == 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Session<D> {
    database: D,
    loader: Box<dyn Loader + Send>,
    files: Box<dyn Files + Send>,
    environment: Environment,
    /// What is known of the variables: the host's, and those of scripts that have run.
    variables: Vec<SessionVariable>,
    options: Options,
    policy: Policy,
    sources: Sources,
    /// So many texts declare something.
    kept: usize,
    library: Library,
    schema: Schema,
    /// What names stand for in the accepted scripts.
    names: KnownNames,
    /// What has been said of the accepted scripts already.
    known: Vec<Problem>,
    /// Which session this is.
    number: u64,
    /// How often what is known became something else: what is declared, and what variables hold.
    changes: u64,
}

impl<D: Database> Session<D> {
    /// A session in which nothing has been declared, and nothing can be imported.
    pub fn new(database: D) -> Self {
        Self {
            database,
            loader: Box::new(NoLoader),
            files: Box::new(NoFiles),
            environment: Environment::default(),
            variables: Vec::new(),
            options: Options::default(),
            policy: Policy::OPEN,
            sources: Sources::default(),
            kept: 0,
            library: Library::default(),
            schema: Schema::default(),
            names: KnownNames::default(),
            known: Vec::new(),
            number: SESSIONS.fetch_add(1, Ordering::Relaxed),
            changes: 0,
        }
    }

    /// The same, with scripts to import.
    ///
    /// ```
    /// use relata::{MapLoader, Session, Sqlite};
    ///
    /// let files = MapLoader::from_iter([("users.schema", "model User { name: STRING }")]);
    /// let mut session = Session::new(Sqlite::in_memory()?).with_loader(files);
    /// session.run("shop.schema", "import \"users.schema\"\nsync", &mut Vec::new())?;
    /// assert!(session.pull()?.starts_with("model User"));
    /// # Ok::<(), relata::Error>(())
    /// ```
    #[must_use]
    pub fn with_loader(mut self, loader: impl Loader + Send + 'static) -> Self {
        self.loader = Box::new(loader);
        self
    }

    /// The same, with files to load rows from.
    ///
    /// ```
    /// use relata::{Files, Session, Sqlite};
    /// use std::io::Read;
    ///
    /// struct Uploads;
    ///
    /// impl Files for Uploads {
    ///     fn open(&mut self, _from: &str, path: &str) -> Result<Box<dyn Read>, String> {
    ///         match path {
    ///             "users.csv" => Ok(Box::new("name\nAnn\nBob\n".as_bytes())),
    ///             _ => Err("there is no such upload".to_owned()),
    ///         }
    ///     }
    /// }
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?).with_files(Uploads);
    /// let script = "model User { name: STRING }\nsync\nUser load \"users.csv\"";
    /// session.run("users.schema", script, &mut Vec::new())?;
    /// # #[cfg(feature = "serde")]
    /// assert_eq!(session.ask::<u64>("count.schema", "User count")?, 2);
    /// # Ok::<(), relata::Error>(())
    /// ```
    #[must_use]
    pub fn with_files(mut self, files: impl Files + Send + 'static) -> Self {
        self.files = Box::new(files);
        self
    }

    /// The same, running its scripts like that.
    ///
    /// ```
    /// use relata::{Options, Session, Sqlite};
    ///
    /// // What is random, and what is now, the same in each run: for golden files.
    /// let options = Options { seed: Some(7), now: Some(1_642_334_400_000), ..Options::default() };
    /// let mut session = Session::new(Sqlite::in_memory()?).with_options(options);
    /// let script = "model User { name: STRING }\nsync\nUser create { name: \"Ann\" }";
    /// session.run("users.schema", script, &mut Vec::new())?;
    /// # #[cfg(feature = "serde")]
    /// # {
    /// let at: String = session.ask("at.schema", "let ann = User findOne\nprint ann.createdAt")?;
    /// assert_eq!(at, "2022-01-16T12:00:00.000Z");
    /// # }
    /// # Ok::<(), relata::Error>(())
    /// ```
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// The same, with scripts that may take no more than that.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// The same, for scripts that may say no more than that.
    ///
    /// ```
    /// use relata::check::Policy;
    /// use relata::db::Sqlite;
    /// use relata::session::Session;
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?).with_policy(Policy::CLOSED);
    /// let problems = session.check("users.schema", "model User { born: sql`DATETIME` }");
    /// assert_eq!(problems[0].to_string(), "raw SQL is not allowed here");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// From now on scripts run like that.
    pub fn set_options(&mut self, options: Options) {
        self.options = options;
    }

    /// All problems of a script that follows the accepted ones, warnings too, in order of place. Nothing is run, and
    /// nothing of it stays.
    ///
    /// ```
    /// use relata::db::Sqlite;
    /// use relata::session::Session;
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// let problems = session.check("users.schema", "model User { name: STRNG }");
    /// assert_eq!(problems[0].code(), "E0301");
    /// let place = &session.reports(&problems)[0].places[0];
    /// assert_eq!((place.line, place.column), (1, 20));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(&mut self, name: &str, text: &str) -> Vec<Problem> {
        self.check_all(&[Input::Text { name, text }])
    }

    /// As [`Session::check`], for several scripts that count as one.
    pub fn check_all(&mut self, inputs: &[Input<'_>]) -> Vec<Problem> {
        let mark = self.library.mark();
        let checked = self.read(inputs, Vec::new());
        self.library.forget(mark);
        checked.problems
    }

    /// Checks a script and, where it has no errors, accepts and runs it.
    ///
    /// ```
    /// use relata::{Session, Sqlite, Yield};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// let mut outcomes = Vec::new();
    /// let script = "model User { name: STRING }\nsync\nUser create { name: \"Ann\" }";
    /// session.run("users.schema", script, &mut outcomes)?;
    /// let Yield::Row(Some(ann)) = &outcomes[1].result else { panic!() };
    /// assert!(ann.to_json().starts_with(r#"{"id":1,"name":"Ann","#));
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// The script's problems, or the first sentence's that fails.
    pub fn run(&mut self, name: &str, text: &str, sink: &mut dyn Sink) -> Result<(), Error> {
        self.run_all(&[Input::Text { name, text }], sink)
    }

    /// As [`Session::run`], for several scripts that count as one.
    ///
    /// ```
    /// use relata::{Input, Session, Sqlite};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// // Neither could stand alone: each names a model of the other.
    /// let users = Input::Text { name: "users.schema", text: "model User { }\nUser hasMany Post" };
    /// let posts = Input::Text { name: "posts.schema", text: "model Post { }\nPost belongsTo User\nsync" };
    /// session.run_all(&[users, posts], &mut Vec::new())?;
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// The scripts' problems, or the first sentence's that fails.
    pub fn run_all(&mut self, inputs: &[Input<'_>], sink: &mut dyn Sink) -> Result<(), Error> {
        let checked = self.accept(inputs)?;
        for problem in checked.problems {
            sink.warning(problem);
        }
        let mut host = Host {
            schema: &self.schema,
            sources: &self.sources,
            files: self.files.as_mut(),
            environment: &mut self.environment,
        };
        let scripts = host.problems(&self.database);
        let database = &mut self.database;
        let ran = run::carry_out(&checked.steps, &scripts, &mut host, database, self.options, sink);
        self.learn(&checked.learned);
        self.keep_variables(&checked.variables, &checked.steps);
        ran.map_err(Error::Failed)
    }

    /// Checks a script and, where it has no errors, accepts what it declares; none of its other sentences is run. Its warnings.
    ///
    /// ```
    /// use relata::{Session, Sqlite};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.declare("users.schema", "model User { name: STRING }\nsync\nUser create { name: \"Ann\" }")?;
    /// // Nothing is there yet.
    /// assert_eq!(session.diff()?.len(), 1);
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// The script's problems.
    pub fn declare(&mut self, name: &str, text: &str) -> Result<Vec<Problem>, Error> {
        self.accept(&[Input::Text { name, text }]).map(|it| it.problems)
    }

    /// Runs steps with variables that are gone behind them.
    fn call(
        &mut self,
        steps: &[Step],
        sources: &Sources,
        given: Params,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        let before = self.environment.enter(given.into_bindings());
        let mut host = Host {
            schema: &self.schema,
            sources,
            files: self.files.as_mut(),
            environment: &mut self.environment,
        };
        let scripts = host.problems(&self.database);
        let database = &mut self.database;
        let ran = run::carry_out(steps, &scripts, &mut host, database, self.options, sink);
        self.environment.exit(before);
        ran.map_err(Error::Failed)
    }

    /// Which session this is, and what it knows.
    const fn version(&self) -> (u64, u64) {
        (self.number, self.changes)
    }

    /// Runs a script and gives what its last sentence that yields something yields, as a type of the program's:
    /// [`Yield::read`](crate::run::Yield::read) says which fit.
    ///
    /// ```
    /// use relata::db::Sqlite;
    /// use relata::session::Session;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct User {
    ///     id: i64,
    ///     name: String,
    /// }
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.run("users.schema", "model User { name: STRING }\nsync", &mut Vec::new())?;
    /// session.set("name", "Ann");
    /// let ann: User = session.ask("create.schema", "User create { name: name }")?;
    /// let all: Vec<User> = session.ask("find.schema", "User findAll")?;
    /// assert_eq!((ann.id, all[0].name.as_str()), (1, "Ann"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Where the script has errors or fails, and where what came of it doesn't fit.
    #[cfg(feature = "serde")]
    pub fn ask<T: serde::de::DeserializeOwned>(
        &mut self,
        name: &str,
        text: &str,
    ) -> Result<T, Error> {
        let mut outcomes: Vec<run::Outcome> = Vec::new();
        self.run(name, text, &mut outcomes)?;
        last(&outcomes)
    }

    /// What the accepted scripts declare.
    #[cfg(feature = "machinery")]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The accepted scripts.
    #[cfg(feature = "machinery")]
    pub fn accepted(&self) -> &Bundle {
        self.library.bundle()
    }

    /// The texts that declare something, and the last one: problems and outcomes point to them.
    #[cfg(feature = "machinery")]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The database.
    pub fn database(&mut self) -> &mut D {
        &mut self.database
    }

    /// The database, given back; what scripts have declared is forgotten.
    ///
    /// ```
    /// use relata::{Session, Sqlite};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.run("users.schema", "model User { name: STRING }\nsync", &mut Vec::new())?;
    /// let mut other = Session::new(session.into_database());
    /// assert!(other.pull()?.starts_with("model User"));
    /// # Ok::<(), relata::Error>(())
    /// ```
    pub fn into_database(self) -> D {
        self.database
    }

    /// What stops a script that runs, from another thread.
    ///
    /// ```
    /// use relata::{Error, Session, Sqlite};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// let stop = session.interrupter();
    /// std::thread::spawn(move || stop.interrupt()).join().unwrap();
    /// // What ran, or would run next, fails.
    /// let error = session.run("a.schema", "model User { }\nsync", &mut Vec::new()).unwrap_err();
    /// assert!(matches!(&error, Error::Failed(_)), "{error}");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn interrupter(&self) -> Interrupter {
        self.database.interrupter()
    }

    /// Problems of the last script, or of those that declare something, as data, with files, lines and columns.
    ///
    /// ```
    /// use relata::{Session, Severity, Sqlite};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// let problems = session.check("users.schema", "model User { nmae: STRING }\nUser findAll < where: (name = 1) >");
    /// let reports = session.reports(&problems);
    /// assert_eq!((reports[0].code, reports[0].severity), ("E0205", Severity::Error));
    /// assert_eq!((&*reports[0].places[0].file, reports[0].places[0].line), ("users.schema", 2));
    /// # Ok::<(), relata::Error>(())
    /// ```
    pub fn reports(&self, problems: &[Problem]) -> Vec<Report> {
        reports(&self.sources, problems)
    }
}

/// What the last sentence yielded that yields something, as a type of the program's.
#[cfg(feature = "serde")]
fn last<T: serde::de::DeserializeOwned>(outcomes: &[run::Outcome]) -> Result<T, Error> {
    let nothing = run::Yield::Row(None);
    let last = outcomes.last().map_or(&nothing, |it| &it.result);
    Ok(last.read()?)
}

/// Sessions are counted, so that what is prepared for one is known.
static SESSIONS: AtomicU64 = AtomicU64::new(0);

impl<D: Database> std::fmt::Debug for Session<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = f.debug_struct("Session");
        text.field("database", &self.database.name());
        text.field("schema", &self.schema).finish_non_exhaustive()
    }
}

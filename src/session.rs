//! What a host holds: a database, the scripts that were accepted, and what they declare.

mod forget;
mod remember;

use crate::ast::Bundle;
use crate::check::{self, Checked, Given, Policy, Remembered};
use crate::db::{Database, Interrupter};
use crate::diagnostics::{Problem, RunProblem};
use crate::ir::Schema;
use crate::load::{Input, Library, Loader, NoLoader, OwnOnly};
use crate::plan;
use crate::report::Count;
use crate::run::{self, Environment, Files, Held, Host, NoFiles, Options, Sink};
use crate::source::{Sources, Span};
use crate::sql::Dialect;
use remember::Variable;
use smol_str::SmolStr;
use std::collections::HashSet;

/// Scripts, one after the other, on one database.
///
/// What a script declares stays for those after it, and so do its variables; nothing else does, so a program may ask for ever.
/// The text of one that declares nothing, or has errors, is in [`Session::sources`] until the next one comes: what is said of it can be
/// shown so long.
///
/// ```
/// use relata::db::Sqlite;
/// use relata::run::Yield;
/// use relata::session::Session;
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
    variables: Vec<Variable>,
    options: Options,
    policy: Policy,
    sources: Sources,
    /// So many texts declare something.
    kept: usize,
    library: Library,
    schema: Schema,
    /// What has been said of the accepted scripts already.
    known: Vec<Problem>,
}

/// What scripts mean, and all that is wrong with them for a database that speaks `dialect`; in order of place.
pub fn check(bundle: &Bundle, sources: &Sources, dialect: &Dialect) -> Checked {
    check_with(bundle, sources, dialect, &[])
}

/// As [`check`], where these variables are there already.
fn check_with(
    bundle: &Bundle,
    sources: &Sources,
    dialect: &Dialect,
    given: &[Remembered],
) -> Checked {
    let mut checked = check::check_with(bundle, sources, given);
    let told: HashSet<_> = checked.problems.iter().map(Problem::span).collect();
    let lacks = plan::problems(&checked.schema, dialect).into_iter();
    // What is said of a place already may be why the database seems to lack something.
    checked.problems.extend(lacks.filter(|it| it.is_warning() || !told.contains(&it.span())));
    checked.problems.sort_by_cached_key(Problem::span);
    checked
}

/// Why a script didn't run, or not to its end.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// It has errors; nothing of it was run. Warnings are among the problems.
    #[error("the script has {}", Count::of(.0))]
    Refused(Vec<Problem>),
    /// A sentence failed; the first that did. The sentences before it have run.
    #[error(transparent)]
    Failed(RunProblem),
}

impl Failure {
    /// What is wrong.
    pub fn problems(self) -> Vec<Problem> {
        match self {
            Self::Refused(problems) => problems,
            Self::Failed(problem) => vec![problem.into()],
        }
    }
}

/// Why [`Session::ask`] has no answer.
#[cfg(feature = "serde")]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AskError {
    /// The script didn't run, or not to its end.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// What came of it doesn't fit the type that was asked for.
    #[error(transparent)]
    Read(#[from] crate::record::ReadError),
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
            known: Vec::new(),
        }
    }

    /// The same, with scripts to import.
    #[must_use]
    pub fn with_loader(mut self, loader: impl Loader + Send + 'static) -> Self {
        self.loader = Box::new(loader);
        self
    }

    /// The same, with files to load rows from.
    #[must_use]
    pub fn with_files(mut self, files: impl Files + Send + 'static) -> Self {
        self.files = Box::new(files);
        self
    }

    /// The same, running its scripts like that.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
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
    /// let place = &relata::report::reports(session.sources(), &problems)[0].places[0];
    /// assert_eq!((place.line, place.column), (1, 20));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(&mut self, name: &str, text: &str) -> Vec<Problem> {
        self.check_all(&[Input::Text { name, text }])
    }

    /// As [`Session::check`], for several scripts that count as one.
    pub fn check_all(&mut self, inputs: &[Input<'_>]) -> Vec<Problem> {
        let mark = self.library.mark();
        let checked = self.read(inputs);
        self.library.forget(mark);
        checked.problems
    }

    /// Checks a script and, where it has no errors, accepts and runs it.
    ///
    /// # Errors
    /// The script's problems, or the first sentence's that fails.
    pub fn run(&mut self, name: &str, text: &str, sink: &mut dyn Sink) -> Result<(), Failure> {
        self.run_all(&[Input::Text { name, text }], sink)
    }

    /// As [`Session::run`], for several scripts that count as one.
    ///
    /// # Errors
    /// The scripts' problems, or the first sentence's that fails.
    pub fn run_all(&mut self, inputs: &[Input<'_>], sink: &mut dyn Sink) -> Result<(), Failure> {
        let mark = self.library.mark();
        let checked = self.read(inputs);
        if checked.has_errors() {
            self.library.forget(mark);
            return Err(Failure::Refused(checked.problems));
        }
        for problem in &checked.problems {
            sink.warning(problem.clone());
        }
        self.schema = checked.schema;
        // What has been done needs no second look with what comes; only declarations do.
        let done: HashSet<Span> = checked.steps.iter().map(|it| it.span).collect();
        if self.library.remove_behind(mark, |it| done.contains(&it.span)) == 0 {
            self.library.forget(mark);
        } else {
            self.kept = self.sources.len();
            self.known.extend(checked.problems);
        }
        let ran = run::run(
            &checked.steps,
            &mut Host {
                schema: &self.schema,
                sources: &self.sources,
                files: self.files.as_mut(),
                environment: &mut self.environment,
            },
            &mut self.database,
            self.options,
            sink,
        );
        self.learn(checked.learned);
        self.remember(&checked.variables, &checked.steps);
        ran.map_err(Failure::Failed)
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
    ) -> Result<T, AskError> {
        let mut outcomes: Vec<run::Outcome> = Vec::new();
        self.run(name, text, &mut outcomes)?;
        let nothing = run::Yield::Row(None);
        let last = outcomes.last().map_or(&nothing, |it| &it.result);
        Ok(last.read()?)
    }

    /// What the accepted scripts declare.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The accepted scripts.
    pub fn accepted(&self) -> &Bundle {
        self.library.bundle()
    }

    /// The texts that declare something, and the last one: problems and outcomes point to them.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Gives scripts a variable that holds a value, or a list of values: they reach the database as parameters, whatever
    /// is in them.
    ///
    /// ```
    /// use relata::db::Sqlite;
    /// use relata::run::Yield;
    /// use relata::session::Session;
    /// use relata::value::Value;
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.set("name", "O'Neil");
    /// session.set("ids", vec![Value::Integer(1), Value::Integer(2)]);
    /// let script = "model User { name: STRING }\nsync\nUser create { name: name }\nUser count < where: (id in ids) >";
    /// let mut outcomes = Vec::new();
    /// session.run("users.schema", script, &mut outcomes)?;
    /// assert_eq!(outcomes[2].result, Yield::Value(Value::Integer(1)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Rows that it is given can be looked into; [`Session::set_rows`] says of which model they are.
    pub fn set(&mut self, name: &str, value: impl Into<Held>) {
        self.give(name, Given::Value, value.into());
    }

    /// Gives scripts a variable that holds a row of a model, or rows of it: it may stand wherever one that `let` made may.
    ///
    /// ```
    /// use relata::db::Sqlite;
    /// use relata::run::Yield;
    /// use relata::session::Session;
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// let mut outcomes = Vec::new();
    /// let script = "model User { name: STRING }\nmodel Post { }\nUser hasMany Post\nsync\nUser create { name: \"Ann\" }";
    /// session.run("users.schema", script, &mut outcomes)?;
    /// let Yield::Row(Some(ann)) = outcomes.remove(1).result else { panic!() };
    /// session.set_rows("author", "User", ann);
    /// session.run("posts.schema", "author createPost { }\nauthor countPosts", &mut Vec::new())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_rows(&mut self, name: &str, model: &str, rows: impl Into<Held>) {
        let held = rows.into();
        let given = match &held {
            Held::Row(_) => Given::Row(model.into()),
            Held::Rows(_) => Given::Rows(model.into()),
            Held::Value(_) | Held::List(_) => Given::Value,
        };
        self.give(name, given, held);
    }

    fn give(&mut self, name: &str, given: Given, held: Held) {
        let name = SmolStr::new(name);
        self.know(Variable { known: Remembered::given(name.clone(), given), sentence: None });
        self.environment.set(name, held);
    }

    /// The variables of the scripts that have run.
    pub fn variables(&self) -> &Environment {
        &self.environment
    }

    /// The database.
    pub fn database(&mut self) -> &mut D {
        &mut self.database
    }

    /// What stops a script that runs, from another thread.
    pub fn interrupter(&self) -> Interrupter {
        self.database.interrupter()
    }

    /// Adds scripts to the library and checks everything together; only problems that are new come back.
    fn read(&mut self, inputs: &[Input<'_>]) -> Checked {
        let mut problems = Vec::new();
        self.sources.release(self.kept);
        let first = self.library.bundle().scripts.len();
        for input in inputs {
            let mut own = OwnOnly(self.loader.as_mut());
            let loader: &mut dyn Loader = if self.policy.imports { &mut *own.0 } else { &mut own };
            problems.extend(self.library.add(&mut self.sources, loader, *input));
        }
        for script in self.library.bundle().scripts.iter().skip(first) {
            problems.extend(self.policy.problems(script));
        }
        let dialect = self.database.dialect();
        let bundle = self.library.bundle();
        let mut checked = check_with(bundle, &self.sources, dialect, &self.remembered());
        problems.append(&mut checked.problems);
        problems.retain(|it| !self.known.contains(it));
        problems.sort_by_cached_key(Problem::span);
        Checked { problems, ..checked }
    }
}

impl<D: Database> std::fmt::Debug for Session<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = f.debug_struct("Session");
        text.field("database", &self.database.name());
        text.field("schema", &self.schema).finish_non_exhaustive()
    }
}

//! What the command line does with a database, for a host: each gives data, and prints nothing.

use super::{Error, Params, Session};
use crate::db::Database;
use crate::diagnostics::Problem;
use crate::ir::{AlterOptions, Existing, ExtraColumns, Step, StepKind};
use crate::migrate::{self, Change, Undone};
use crate::plan;
use crate::run::{self, Outcome, Sink, Yield};
use crate::source::{Sources, Span};
use crate::sql::Dialect;
use crate::syntax;

impl<D: Database> Session<D> {
    /// The statements that make what the accepted scripts declare, for a database: one a line, each with its semicolon.
    ///
    /// ```
    /// use relata::{Dialect, Session, Sqlite};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// let script = "defaults < timestamps: false >\nmodel User { name: STRING < allowNull: false > }";
    /// session.run("users.schema", script, &mut Vec::new())?;
    /// let sql = session.sql(Dialect::POSTGRES);
    /// assert!(sql.starts_with("CREATE TABLE IF NOT EXISTS \"Users\" ("), "{sql}");
    /// # Ok::<(), relata::Error>(())
    /// ```
    pub fn sql(&self, dialect: &Dialect) -> String {
        plan::script(&self.schema, dialect, &plan::create(&self.schema, dialect))
    }

    /// A script in the one style.
    ///
    /// ```
    /// use relata::{Session, Sqlite};
    ///
    /// let text = Session::<Sqlite>::format("model   User{name:STRING}")?;
    /// assert_eq!(text, "model User { name: STRING }\n");
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// What can't be read of it.
    pub fn format(text: &str) -> Result<String, Error> {
        let mut sources = Sources::default();
        let problem =
            crate::diagnostics::LoadProblem::TooLarge { path: "the text".into(), at: None };
        let id = sources.add("the text", text).map_err(|_| Error::Refused(vec![problem.into()]))?;
        let parsed = syntax::parse(sources.get(id));
        if parsed.problems.iter().any(|it| !it.is_warning()) {
            return Err(Error::Refused(parsed.problems));
        }
        Ok(syntax::format(sources.get(id), &parsed))
    }

    /// What [`Session::apply`] would change of the database, which is left as it was; what it would refuse is among it. Where rows
    /// don't tell it the changes are carried out and undone; nobody else can write meanwhile.
    ///
    /// ```
    /// use relata::{Session, Sqlite, ChangeMethod};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.run("users.schema", "model User { name: STRING }", &mut Vec::new())?;
    /// let changes = session.diff()?;
    /// assert_eq!((changes[0].object.as_str(), changes[0].way), ("Users", ChangeMethod::Create));
    /// assert!(changes[0].refused.is_empty());
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where it fails as a whole.
    pub fn diff(&mut self) -> Result<Vec<Change>, Error> {
        let (allow, now) = (self.options.allow, self.options.now);
        let options = AlterOptions { allow, extra: ExtraColumns::Drop, online: false };
        let mut warnings: Vec<Problem> = Vec::new();
        let (scripts, files) = ((&self.schema, &self.sources), self.files.as_mut());
        let database = &mut self.database;
        Ok(run::diff(scripts, files, database, options, now, &mut warnings)?)
    }

    /// Makes the database what the accepted scripts declare, with every row, as `sync < alter >` does; the statements that it ran. Losses that it
    /// may cause are [`Options::allow`](crate::run::Options::allow)'s.
    ///
    /// ```
    /// use relata::{Session, Sqlite};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.run("users.schema", "model User { name: STRING }", &mut Vec::new())?;
    /// assert_eq!(session.diff()?.len(), 1);
    /// assert_eq!(session.apply()?.len(), 1);
    /// assert!(session.diff()?.is_empty());
    /// assert!(session.pull()?.starts_with("model User {"));
    /// assert_eq!(session.rollback()?.map(|it| it.migration.id), Some(1));
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// What is refused, or fails: nothing was changed then.
    pub fn apply(&mut self) -> Result<Vec<String>, Error> {
        let mut outcomes: Vec<Outcome> = Vec::new();
        self.apply_telling(&mut outcomes)?;
        let statements = outcomes.into_iter().filter_map(|it| match it.result {
            Yield::Ddl(statements) => Some(statements),
            Yield::Value(_)
            | Yield::Row(_)
            | Yield::Rows(_)
            | Yield::List(_)
            | Yield::Count(_)
            | Yield::Pair(..)
            | Yield::Page(..)
            | Yield::Failed(_) => None,
        });
        Ok(statements.flatten().collect())
    }

    /// The same, which tells a [`Sink`] what it changes, by [`Sink::changed`] and as an outcome.
    ///
    /// # Errors
    /// What is refused, or fails: nothing was changed then.
    pub fn apply_telling(&mut self, sink: &mut dyn Sink) -> Result<(), Error> {
        let existing = Existing::Alter(AlterOptions::default());
        let kind = StepKind::Sync { model: None, existing };
        let step = Step { span: Span::default(), verb: "apply".into(), kind };
        let sources = self.sources.clone();
        self.call(&[step], &sources, Params::default(), sink)
    }

    /// Undoes the last change of the database's structure, and brings back what it took away; nothing where there is none.
    ///
    /// ```
    /// use relata::{Session, Sqlite};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// assert_eq!(session.rollback()?, None);
    /// session.run("users.schema", "model User { name: STRING }", &mut Vec::new())?;
    /// session.apply()?;
    /// let undone = session.rollback()?;
    /// assert_eq!(undone.map(|it| it.migration.id), Some(1));
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where it would lose what [`Options::allow`](crate::run::Options::allow) doesn't allow, or fails: nothing was changed then.
    pub fn rollback(&mut self) -> Result<Option<Undone>, Error> {
        let (allow, now) = (self.options.allow, self.options.now);
        Ok(migrate::rollback(&mut self.database, allow, now)?)
    }

    /// What is in the database, as a script.
    ///
    /// ```
    /// use relata::{Session, Sqlite};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.run("users.schema", "model User { name: STRING }\nsync", &mut Vec::new())?;
    /// assert!(session.pull()?.contains("name: STRING"));
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// What the database says no with.
    pub fn pull(&mut self) -> Result<String, Error> {
        let objects = self.database.objects()?;
        Ok(super::pulled(&mut self.database, &objects)?.text)
    }
}

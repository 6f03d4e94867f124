//! Prepared sentences that run many times, one call behind the other.

use super::remember::{SessionVariable, learn};
use super::{Error, Params, Prepared, Session};
use crate::db::Database;
use crate::record::Record as Row;
use crate::run::{self, Binding, Host, Options, Outcome, ProblemContext, Sink, Yield};
use crate::value::Value;

/// Prepared sentences that have a session for themselves: [`Prepared::calls`].
///
/// What they ask the database stays at hand from one call to the next, so that many calls cost less than by [`Prepared::run`]. What a call
/// does is the same.
pub struct Calls<'s> {
    prepared: &'s Prepared,
    scripts: ProblemContext<'s>,
    host: Host<'s>,
    database: Box<dyn Database + 's>,
    options: Options,
    variables: &'s mut Vec<SessionVariable>,
    changes: &'s mut u64,
    /// How many variables there were before; behind them stand the parameters, whose places stay.
    before: usize,
}

impl Prepared {
    /// Begins calls of these sentences, for which they have the session for themselves.
    ///
    /// ```
    /// use relata::{Session, Sqlite, Yield, params};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.run("users.schema", "model User { name: STRING }\nsync", &mut Vec::new())?;
    /// let mut create = session.prepare("User create { name: who }\nUser count")?;
    /// let mut calls = create.calls(&mut session)?;
    /// for (count, who) in (1..).zip(["Ann", "Bea"]) {
    ///     let outcomes = calls.run(params! { who: who })?;
    ///     assert_eq!(outcomes[1].result, Yield::Value(count.into()));
    /// }
    /// // Then the session is free again.
    /// drop(calls);
    /// session.run("all.schema", "User findAll", &mut Vec::new())?;
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where they have to be checked again, and something is wrong with them now.
    pub fn calls<'s, D: Database>(
        &'s mut self,
        session: &'s mut Session<D>,
    ) -> Result<Calls<'s>, Error> {
        self.check_again(session)?;
        let prepared = &*self;
        let before = session.environment.enter(prepared.parameters.iter().map(|it| {
            // Each call gives it a value.
            (it.clone(), Binding::Value(Value::Null))
        }));
        let host = Host {
            schema: &session.schema,
            sources: &prepared.sources,
            files: session.files.as_mut(),
            environment: &mut session.environment,
        };
        Ok(Calls {
            prepared,
            scripts: host.problems(&session.database),
            host,
            database: session.database.keeping_statements(),
            options: session.options,
            variables: &mut session.variables,
            changes: &mut session.changes,
            before,
        })
    }
}

impl Calls<'_> {
    /// As [`Prepared::run`].
    ///
    /// # Errors
    /// As [`Prepared::run`].
    pub fn run(&mut self, parameters: Params) -> Result<Vec<Outcome>, Error> {
        let mut outcomes = Vec::with_capacity(self.prepared.steps.len());
        self.run_into(parameters, &mut outcomes)?;
        Ok(outcomes)
    }

    /// As [`Prepared::run_into`].
    ///
    /// # Errors
    /// As [`Prepared::run`].
    pub fn run_into(&mut self, parameters: Params, sink: &mut dyn Sink) -> Result<(), Error> {
        self.prepared.takes(&parameters)?;
        for (name, held) in parameters.into_bindings() {
            self.host.environment.give(self.before, &name, held);
        }
        let ran = run::carry_out(
            &self.prepared.steps,
            &self.scripts,
            &mut self.host,
            &mut *self.database,
            self.options,
            sink,
        );
        self.host.environment.exit(self.before + self.prepared.parameters.len());
        ran.map_err(Error::Failed)?;
        learn(self.variables, self.changes, &self.prepared.learned);
        Ok(())
    }

    /// Runs the sentences and gives the row that the last of them yields, if it yields one.
    ///
    /// ```
    /// use relata::{Item, Session, Sqlite, params};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// let script = "model User { name: STRING }\nsync\nUser create { name: \"Ann\" }";
    /// session.run("users.schema", script, &mut Vec::new())?;
    /// let mut find = session.prepare("User findByPk key")?;
    /// let mut calls = find.calls(&mut session)?;
    /// let ann = calls.row(params! { key: 1 })?.unwrap();
    /// assert_eq!(ann.get("name"), Some(&Item::Value("Ann".into())));
    /// assert!(calls.row(params! { key: 2 })?.is_none());
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Prepared::run`].
    pub fn row(&mut self, parameters: Params) -> Result<Option<Row>, Error> {
        let mut last = LastYield::default();
        self.run_into(parameters, &mut last)?;
        Ok(match last.0 {
            Some(Yield::Row(row)) => row,
            Some(Yield::Pair(row, _)) => Some(row),
            Some(
                Yield::Ddl(_)
                | Yield::Value(_)
                | Yield::Rows(_)
                | Yield::List(_)
                | Yield::Count(_)
                | Yield::Page(..)
                | Yield::Failed(_),
            )
            | None => None,
        })
    }

    /// As [`Prepared::ask`].
    ///
    /// # Errors
    /// As [`Prepared::ask`].
    #[cfg(feature = "serde")]
    pub fn ask<T: serde::de::DeserializeOwned>(&mut self, parameters: Params) -> Result<T, Error> {
        super::last(&self.run(parameters)?)
    }
}

impl Drop for Calls<'_> {
    fn drop(&mut self) {
        self.host.environment.exit(self.before);
    }
}

/// Keeps what the last sentence yields.
#[derive(Default)]
struct LastYield(Option<Yield>);

impl Sink for LastYield {
    fn outcome(&mut self, outcome: Outcome) {
        self.0 = Some(outcome.result);
    }
}

impl std::fmt::Debug for Calls<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = f.debug_struct("Calls");
        text.field("prepared", self.prepared).finish_non_exhaustive()
    }
}

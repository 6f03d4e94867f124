//! Sentences that are read once and run often, each time with other parameters.

use super::{Error, Session};
use crate::check::{HostVariable, KnownVariable, declares};
use crate::db::Database;
use crate::diagnostics::{CheckProblem, Problem, Stray};
use crate::ir::Step;
use crate::load::Input;
use crate::report::{Report, reports};
use crate::run::{Binding, Outcome, Sink};
use crate::source::{Sources, Span};
use smol_str::SmolStr;

/// Values for the names that prepared sentences leave open: `params! { id: 7, name: "Ann" }`.
///
/// ```
/// use relata::{Params, params};
///
/// let ids: Vec<relata::Value> = vec![1.into(), 2.into()];
/// let some: Params = params! { ids: ids, name: "Ann" };
/// assert_eq!(some.names().collect::<Vec<_>>(), ["ids", "name"]);
/// ```
#[macro_export]
macro_rules! params {
    ($($name:ident : $value:expr),* $(,)?) => {
        $crate::Params::default()$(.with_own(stringify!($name), $value))*
    };
}

/// What [`params!`](crate::params) gives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Params {
    /// The first: most calls have no other.
    first: Option<(SmolStr, Binding)>,
    others: Vec<(SmolStr, Binding)>,
}

impl Params {
    /// The same, and one more: a value, a list of values, a row, or rows.
    ///
    /// ```
    /// use relata::Params;
    ///
    /// // As `params! { name: "Ann" }`, where the name is known only now.
    /// let some = Params::default().with("name", "Ann");
    /// assert_eq!(some.names().collect::<Vec<_>>(), ["name"]);
    /// ```
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<Binding>) -> Self {
        self.and(name.into(), value.into())
    }

    /// The same, with a name that the program has: what `params!` says.
    #[doc(hidden)]
    #[must_use]
    pub fn with_own(self, name: &'static str, value: impl Into<Binding>) -> Self {
        self.and(SmolStr::new_static(name), value.into())
    }

    fn and(mut self, name: SmolStr, value: Binding) -> Self {
        match &self.first {
            None => self.first = Some((name, value)),
            Some(_) => self.others.push((name, value)),
        }
        self
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.first.iter().chain(&self.others).map(|(name, _)| name.as_str())
    }

    /// They, with their values.
    pub(super) fn into_bindings(self) -> impl Iterator<Item = (SmolStr, Binding)> {
        self.first.into_iter().chain(self.others)
    }

    /// Whether these are their names, in that order.
    fn are(&self, names: &[SmolStr]) -> bool {
        let Some((first, _)) = &self.first else { return names.is_empty() };
        let others = || self.others.iter().map(|(name, _)| name);
        names.split_first().is_some_and(|(own, rest)| own == first && others().eq(rest))
    }
}

/// Sentences that were read and checked, for a session: [`Session::prepare`].
///
/// They are checked again where what the session's scripts declare has become something else since.
#[derive(Debug, Clone)]
pub struct Prepared {
    text: Box<str>,
    pub(super) parameters: Vec<SmolStr>,
    pub(super) steps: Vec<Step>,
    pub(super) learned: Vec<KnownVariable>,
    pub(super) sources: Sources,
    /// For which session, and what it knew then.
    known: (u64, u64),
}

impl Prepared {
    /// Runs the sentences; what each yields, in order.
    ///
    /// ```
    /// use relata::{Session, Sqlite, Yield, params};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.run("users.schema", "model User { name: STRING }\nsync", &mut Vec::new())?;
    /// let mut create = session.prepare("User create { name: who }\nUser count")?;
    /// let outcomes = create.run(&mut session, params! { who: "Ann" })?;
    /// assert_eq!(outcomes[1].result, Yield::Value(1.into()));
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the parameters aren't those that the sentences name; the first sentence's that fails.
    pub fn run<D: Database>(
        &mut self,
        session: &mut Session<D>,
        parameters: Params,
    ) -> Result<Vec<Outcome>, Error> {
        let mut outcomes = Vec::with_capacity(self.steps.len());
        self.run_into(session, parameters, &mut outcomes)?;
        Ok(outcomes)
    }

    /// Runs the sentences and tells a sink what happens.
    ///
    /// # Errors
    /// As [`Prepared::run`].
    pub fn run_into<D: Database>(
        &mut self,
        session: &mut Session<D>,
        parameters: Params,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        self.check_again(session)?;
        self.takes(&parameters)?;
        session.call(&self.steps, &self.sources, parameters, sink)?;
        session.learn(&self.learned);
        Ok(())
    }

    /// Checks the sentences again, where what the session knows is something else than it was.
    pub(super) fn check_again<D: Database>(
        &mut self,
        session: &mut Session<D>,
    ) -> Result<(), Error> {
        if self.known != session.version() {
            *self = session.prepare(&self.text)?;
        }
        Ok(())
    }

    /// Runs the sentences and gives what the last one that yields something yields, as a type of the program's: see [`Session::ask`].
    ///
    /// ```
    /// use relata::{Session, Sqlite, params};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.run("users.schema", "model User { name: STRING }\nsync", &mut Vec::new())?;
    /// let mut create = session.prepare("User create { name: who }")?;
    /// for who in ["Ann", "Robert'); DROP TABLE Users; --"] {
    ///     create.run(&mut session, params! { who: who })?;
    /// }
    /// let mut count = session.prepare("User count < where: (name = who) >")?;
    /// let found: u64 = count.ask(&mut session, params! { who: "Ann" })?;
    /// assert_eq!(found, 1);
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Prepared::run`], and where what comes of them doesn't fit.
    #[cfg(feature = "serde")]
    pub fn ask<T: serde::de::DeserializeOwned>(
        &mut self,
        session: &mut Session<impl Database>,
        parameters: Params,
    ) -> Result<T, Error> {
        super::last(&self.run(session, parameters)?)
    }

    /// The names that are left open, in the order in which they were found.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(SmolStr::as_str)
    }

    /// Problems of these sentences as data, with lines and columns in their text.
    pub fn reports(&self, problems: &[Problem]) -> Vec<Report> {
        reports(&self.sources, problems)
    }

    /// Whether these are the parameters: a name that is another thing's stands for that thing, and isn't passed over.
    pub(super) fn takes(&self, given: &Params) -> Result<(), Error> {
        if given.are(&self.parameters) {
            return Ok(());
        }
        let missing = self.parameters().filter(|own| given.names().all(|it| it != *own));
        let unknown = given.names().filter(|it| self.parameters.iter().all(|own| own != it));
        let missing: Vec<String> = missing.map(str::to_owned).collect();
        let unknown: Vec<String> = unknown.map(str::to_owned).collect();
        if missing.is_empty() && unknown.is_empty() {
            return Ok(());
        }
        Err(Error::Parameters { missing, unknown })
    }
}

impl<D: Database> Session<D> {
    /// Reads and checks sentences that are to run often. Names in them that stand for nothing else are parameters: each call gives each of
    /// them a value, and nothing else. They declare nothing.
    ///
    /// ```
    /// use relata::{Error, Session, Sqlite, params};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.run("users.schema", "model User { name: STRING }\nsync\nUser create { name: \"Ann\" }", &mut Vec::new())?;
    /// let mut find = session.prepare("User findByPk key")?;
    /// assert_eq!(find.parameters().collect::<Vec<_>>(), ["key"]);
    /// let outcomes = find.run(&mut session, params! { key: 1 })?;
    /// assert_eq!(outcomes.len(), 1);
    /// // A name that isn't given, and one that would be passed over, are errors.
    /// let error = find.run(&mut session, params! { kee: 1 }).unwrap_err();
    /// assert_eq!(error.to_string(), "no value is given for `key`, and nothing is named `kee`");
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn prepare(&mut self, text: &str) -> Result<Prepared, Error> {
        let mut parameters: Vec<SmolStr> = Vec::new();
        let input = [Input::Text { name: "the prepared sentences", text }];
        let checked = loop {
            let given =
                parameters.iter().map(|it| KnownVariable::given(it.clone(), HostVariable::Value));
            let mark = self.library.mark();
            let mut checked = self.read(&input, given.collect());
            let declares = self.library.behind(mark).find(|it| declares(it)).map(|it| it.span);
            self.library.forget(mark);
            if let Some(at) = declares {
                checked.problems.push(declaration(at));
                break checked;
            }
            // One by one: a `let` that names one of them gives a name to what it holds.
            let mut unknown = checked.problems.iter().filter_map(unknown);
            match unknown.find(|it| !parameters.contains(it)) {
                Some(name) => parameters.push(name),
                None => break checked,
            }
        };
        if checked.has_errors() {
            return Err(Error::Refused(checked.problems));
        }
        Ok(Prepared {
            text: text.into(),
            parameters,
            steps: checked.steps,
            learned: checked.learned,
            sources: self.sources.last_alone(),
            known: self.version(),
        })
    }
}

/// The name that a problem says nothing is known of.
fn unknown(problem: &Problem) -> Option<SmolStr> {
    match problem {
        Problem::Check(
            CheckProblem::UnknownVariable { name, .. }
            | CheckProblem::UnknownAttribute { name, .. }
            | CheckProblem::UnknownWord { word: name, .. },
        ) => Some(name.into()),
        Problem::Check(_)
        | Problem::Syntax(_)
        | Problem::Load(_)
        | Problem::Run(_)
        | Problem::Plan(_) => None,
    }
}

fn declaration(at: Span) -> Problem {
    let problem = CheckProblem::NotHere {
        what: Stray::Declaration,
        at,
        label: "what is prepared declares nothing".into(),
        help: Some("run it once, before".into()),
    };
    problem.into()
}

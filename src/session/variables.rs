//! Variables that a host sets, and what is known of all.

use super::Session;
use super::remember::SessionVariable;
use crate::check::{HostVariable, KnownVariable};
use crate::db::Database;
use crate::run::{Binding, Environment};
use smol_str::SmolStr;

impl<D: Database> Session<D> {
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
    pub fn set(&mut self, name: &str, value: impl Into<Binding>) {
        self.set_variable(name, HostVariable::Value, value.into());
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
    pub fn set_rows(&mut self, name: &str, model: &str, rows: impl Into<Binding>) {
        let held = rows.into();
        let given = match &held {
            Binding::Row(_) => HostVariable::Row(model.into()),
            Binding::Rows(_) => HostVariable::Rows(model.into()),
            Binding::Value(_) | Binding::List(_) => HostVariable::Value,
        };
        self.set_variable(name, given, held);
    }

    fn set_variable(&mut self, name: &str, given: HostVariable, held: Binding) {
        let name = SmolStr::new(name);
        self.add_variable(SessionVariable {
            known: KnownVariable::given(name.clone(), given),
            sentence: None,
        });
        self.environment.set(name, held);
    }

    /// The variables of the scripts that have run.
    ///
    /// ```
    /// use relata::{Session, Sqlite};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.run("a.schema", "let answer = 42", &mut Vec::new())?;
    /// assert_eq!(session.variables().get("answer"), Some(&42.into()));
    /// # Ok::<(), relata::Error>(())
    /// ```
    pub fn variables(&self) -> &Environment {
        &self.environment
    }

    /// What is known of the variables, the latest last.
    #[cfg(feature = "machinery")]
    pub fn known_variables(&self) -> impl Iterator<Item = &KnownVariable> {
        self.variables.iter().map(|it| &it.known)
    }
}

//! What a script has at hand beside the database: its variables, the present moment, chance.

use super::Options;
use super::plans::{KeptPlans, literal};
use crate::client::Clock;
use crate::ir::Expression;
use crate::record::Record;
use crate::value::Value;
use smol_str::SmolStr;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a `let` variable holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Binding {
    /// A value; null also where no row was found.
    Value(Value),
    /// A row.
    Row(Record),
    /// Rows.
    Rows(Vec<Record>),
    /// Values.
    List(Vec<Value>),
}

impl From<Option<Record>> for Binding {
    fn from(row: Option<Record>) -> Self {
        row.map_or(Self::Value(Value::Null), Self::Row)
    }
}

impl<T: Into<Value>> From<T> for Binding {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

impl From<Vec<Value>> for Binding {
    fn from(values: Vec<Value>) -> Self {
        Self::List(values)
    }
}

impl From<Record> for Binding {
    fn from(row: Record) -> Self {
        Self::Row(row)
    }
}

impl From<Vec<Record>> for Binding {
    fn from(rows: Vec<Record>) -> Self {
        Self::Rows(rows)
    }
}

/// The variables, and what else outlives a sentence.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: Vec<(SmolStr, Arc<Binding>)>,
    /// The variables outside of blocks that were given values in this run, each as often as it was.
    given: Vec<SmolStr>,
    /// How many transactions are open.
    pub(super) depth: usize,
    /// How many of them a host has opened.
    outer: usize,
    /// Whether what variables are given now is gone when a call ends.
    in_call: bool,
    /// The present moment, and chance.
    pub(super) clock: Clock,
    /// Plans that are kept.
    pub(super) plans: KeptPlans,
    /// Whether a moment was read that has another form than Relata's, and nothing is told of it yet.
    pub(super) other_moment: bool,
    /// The tables whose moments of other forms were told.
    pub(super) told_moments: BTreeSet<String>,
    /// The validators' regular expressions.
    pub(super) patterns: crate::value::Patterns,
}

/// How far an [`Environment`] had come.
pub(crate) struct EnvironmentMark(Vec<(SmolStr, Arc<Binding>)>);

impl Environment {
    /// One within so many transactions, which belong to somebody else.
    pub(super) fn within(depth: usize, clock: Clock) -> Self {
        Self { depth, outer: depth, clock, ..Self::default() }
    }

    /// What the variable of that name holds.
    ///
    /// ```
    /// use relata::{Session, Sqlite};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.set("limit", 10);
    /// assert_eq!(session.variables().get("limit"), Some(&10.into()));
    /// assert_eq!(session.variables().get("offset"), None);
    /// # Ok::<(), relata::Error>(())
    /// ```
    pub fn get(&self, name: &str) -> Option<&Binding> {
        let found = self.variables.iter().rev().find(|(it, _)| it == name);
        found.map(|(_, held)| held.as_ref())
    }

    /// Lets a variable hold something. Within a block the one of the same name outside of it comes back behind it.
    pub fn set(&mut self, name: SmolStr, held: Binding) {
        if self.depth == self.outer && !self.in_call {
            self.forget(&name);
            self.given.push(name.clone());
        }
        self.variables.push((name, Arc::new(held)));
    }

    /// How often the variable of that name was given a value in this run, outside of blocks.
    pub(crate) fn assignment_count(&self, name: &str) -> usize {
        self.given.iter().filter(|it| *it == name).count()
    }

    /// The variable of that name is no more.
    pub(crate) fn forget(&mut self, name: &str) {
        self.variables.retain(|(it, _)| it != name);
    }

    /// What the variable of that name holds, without a copy of it.
    pub(super) fn shared_binding(&self, name: &str) -> Option<Arc<Binding>> {
        let found = self.variables.iter().rev().find(|(it, _)| it == name);
        found.map(|(_, held)| Arc::clone(held))
    }

    /// The value that an expression is as it stands: a literal's, or that of a variable.
    pub(super) fn plain_value<'e>(&'e self, expression: &'e Expression) -> Option<&'e Value> {
        match expression {
            Expression::Variable(variable) if variable.steps.is_empty() => {
                match self.get(&variable.name)? {
                    Binding::Value(value) => Some(value),
                    Binding::Row(_) | Binding::Rows(_) | Binding::List(_) => None,
                }
            }
            other => literal(other),
        }
    }

    /// Lets the variable that is known under that name hold something else.
    pub(super) fn change(&mut self, name: &str, held: Binding) {
        if let Some((_, there)) = self.variables.iter_mut().rev().find(|(it, _)| it == name) {
            *there = Arc::new(held);
        }
    }

    /// Begins a run.
    pub(super) fn begin(&mut self, options: Options) {
        self.depth = self.outer;
        self.given.clear();
        self.clock.begin(options.now, options.seed);
    }

    /// What was planned is planned again: the schema is another one.
    pub(crate) fn forget_plans(&mut self) {
        self.plans.forget();
    }

    /// Begins a call with these variables; what is given to variables until its end is gone then. How many there were.
    pub(crate) fn enter(&mut self, given: impl Iterator<Item = (SmolStr, Binding)>) -> usize {
        let before = self.variables.len();
        self.in_call = true;
        self.variables.extend(given.map(|(name, held)| (name, Arc::new(held))));
        before
    }

    /// A call ends, before which there were so many variables.
    pub(crate) fn exit(&mut self, before: usize) {
        self.in_call = false;
        self.variables.truncate(before);
    }

    /// Begins a call behind another one of the same sentences, before which there were so many variables: one of those that are its own holds
    /// something else.
    pub(crate) fn give(&mut self, before: usize, name: &str, held: Binding) {
        self.in_call = true;
        let own = self.variables.iter_mut().skip(before);
        let Some((_, room)) = own.into_iter().find(|(it, _)| it == name) else { return };
        match Arc::get_mut(room) {
            Some(room) => *room = held,
            None => *room = Arc::new(held),
        }
    }

    /// How many transactions a host has opened.
    pub(crate) const fn outer(&self) -> usize {
        self.outer
    }

    /// A host has opened so many transactions.
    pub(crate) const fn set_outer(&mut self, outer: usize) {
        self.outer = outer;
    }

    /// How far it has come.
    pub(crate) fn mark(&self) -> EnvironmentMark {
        EnvironmentMark(self.variables.clone())
    }

    /// A block ends: its own variables go.
    pub(super) fn leave_block(&mut self, mark: &EnvironmentMark) {
        self.variables.truncate(mark.0.len());
    }

    /// A block is undone: its own variables go, and the others hold what they held.
    pub(crate) fn undo(&mut self, mark: EnvironmentMark) {
        self.variables = mark.0;
    }
}

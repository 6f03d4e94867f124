//! What stays of the variables when the sentences that gave them their values are gone.

use super::Session;
use crate::check::KnownVariable;
use crate::db::Database;
use crate::ir::{Step, StepKind};

/// A variable of the host, or of a script that has run.
#[derive(Debug, Clone)]
pub(super) struct SessionVariable {
    pub(super) known: KnownVariable,
    /// The sentence that gave it its value, if one did.
    pub(super) sentence: Option<Box<str>>,
}

impl<D: Database> Session<D> {
    /// What `check` is to know of the variables.
    pub(super) fn variables_to_check(&self) -> Vec<KnownVariable> {
        self.variables.iter().map(|it| it.known.clone()).collect()
    }

    /// Knows a variable, which takes the place of one of the same name.
    pub(super) fn add_variable(&mut self, variable: SessionVariable) {
        if self.variables.iter().all(|it| it.known != variable.known) {
            self.changes += 1;
        }
        self.variables.retain(|it| it.known.name != variable.known.name);
        self.variables.push(variable);
    }

    /// What sentences have told variables that were there already: `reload` reads all of a row.
    pub(super) fn learn(&mut self, learned: &[KnownVariable]) {
        learn(&mut self.variables, &mut self.changes, learned);
    }

    /// Keeps what is known of the variables that the steps which have run gave values to: `known` says it of all `let`s among them, in
    /// order. Where it can't be told which of several was the last to run, the variable is gone.
    pub(super) fn keep_variables(&mut self, known: &[KnownVariable], steps: &[Step]) {
        let lets = steps.iter().filter_map(|it| match &it.kind {
            StepKind::Let(name, _) => Some((name, it.span)),
            StepKind::Sync { .. }
            | StepKind::Drop { .. }
            | StepKind::Data(..)
            | StepKind::Print(_)
            | StepKind::Assert(_)
            | StepKind::Transaction(_)
            | StepKind::Rollback
            | StepKind::Sql(_) => None,
        });
        let lets: Vec<_> = lets.collect();
        for (place, (name, span)) in lets.iter().enumerate() {
            if lets.iter().skip(place + 1).any(|(it, _)| it == name) {
                continue;
            }
            let said: Vec<&KnownVariable> = known.iter().filter(|it| it.name == **name).collect();
            let ran = self.environment.assignment_count(name);
            let (Some(last), true) = (said.last(), ran > 0) else {
                continue;
            };
            if ran == said.len() || said.iter().all(|it| it == last) {
                self.add_variable(SessionVariable {
                    known: KnownVariable::clone(last),
                    sentence: Some(self.sources.slice(*span).into()),
                });
            } else {
                self.changes += 1;
                self.environment.forget(name);
                self.variables.retain(|it| it.known.name != **name);
            }
        }
    }
}

/// What sentences have told variables that were there already; what is known changes with each of which something new was told.
pub(super) fn learn(
    variables: &mut [SessionVariable],
    changes: &mut u64,
    learned: &[KnownVariable],
) {
    for it in learned {
        let mut variables = variables.iter_mut();
        if let Some(there) = variables.find(|there| there.known.name == it.name)
            && there.known != *it
        {
            there.known = it.clone();
            *changes += 1;
        }
    }
}

//! What scripts mean to a session: checked with what was accepted before, and accepted where they have no errors.

use super::{Error, Session};
use crate::ast::Bundle;
use crate::check::{self, Checked, KnownNames, KnownVariable};
use crate::db::Database;
use crate::diagnostics::Problem;
use crate::ir::Schema;
use crate::load::{Input, Loader, OwnOnly};
use crate::plan;
use crate::source::{Sources, Span};
use crate::sql::Dialect;
use std::collections::HashSet;

/// What scripts mean, and all that is wrong with them for a database that speaks `dialect`; in order of place.
#[cfg(feature = "machinery")]
pub fn check(bundle: &Bundle, sources: &Sources, dialect: &Dialect) -> Checked {
    check_with(bundle, sources, dialect, &[])
}

/// As [`check`], where these variables are there already.
pub(super) fn check_with(
    bundle: &Bundle,
    sources: &Sources,
    dialect: &Dialect,
    given: &[KnownVariable],
) -> Checked {
    with_lacks(check::check_with(bundle, sources, given), dialect)
}

/// As [`check()`], and notes which name at which place means what: what an editor asks.
#[cfg(feature = "machinery")]
pub fn check_noting(bundle: &Bundle, sources: &Sources, dialect: &Dialect) -> Checked {
    with_lacks(check::check_noting(bundle, sources), dialect)
}

/// What was checked, with what the dialect lacks of it.
fn with_lacks(mut checked: Checked, dialect: &Dialect) -> Checked {
    let told: HashSet<_> = checked.problems.iter().map(Problem::span).collect();
    let lacks = plan::problems(&checked.schema, dialect).into_iter();
    // What is said of a place already may be why the database seems to lack something.
    checked.problems.extend(lacks.filter(|it| it.is_warning() || !told.contains(&it.span())));
    checked.problems.sort_by_cached_key(Problem::span);
    checked
}

impl<D: Database> Session<D> {
    /// Checks scripts and accepts what they declare. What is left of what was found: problems, steps, variables.
    pub(super) fn accept(&mut self, inputs: &[Input<'_>]) -> Result<Checked, Error> {
        let mark = self.library.mark();
        let mut checked = self.read(inputs, Vec::new());
        if checked.has_errors() {
            self.library.forget(mark);
            return Err(Error::Refused(checked.problems));
        }
        // What has been done needs no second look with what comes; only declarations do.
        let done: HashSet<Span> = checked.steps.iter().map(|it| it.span).collect();
        if self.library.remove_behind(mark, |it| done.contains(&it.span)) == 0 {
            self.library.forget(mark);
        } else {
            self.kept = self.sources.len();
            self.known.extend(checked.problems.iter().cloned());
            let (schema, names) = (&mut checked.schema, &mut checked.names);
            self.set_declared(std::mem::take(schema), std::mem::take(names));
        }
        Ok(checked)
    }

    /// The accepted scripts declare something else from now on.
    pub(super) fn set_declared(&mut self, schema: Schema, names: KnownNames) {
        self.schema = schema;
        self.names = names;
        self.environment.forget_plans();
        self.changes += 1;
    }

    /// Adds scripts to the library and checks them with those that were accepted; only problems that are new come back. Where they
    /// declare nothing, they alone are looked at. `more` are variables beside the session's.
    pub(super) fn read(&mut self, inputs: &[Input<'_>], more: Vec<KnownVariable>) -> Checked {
        let mut problems = Vec::new();
        let mut place = 0;
        self.sources.retain(|_| {
            place += 1;
            place <= self.kept
        });
        let mark = self.library.mark();
        let first = self.library.bundle().scripts.len();
        for input in inputs {
            let mut own = OwnOnly(self.loader.as_mut());
            let loader: &mut dyn Loader = if self.policy.imports { &mut *own.0 } else { &mut own };
            problems.extend(self.library.add(&mut self.sources, loader, *input));
        }
        for script in self.library.bundle().scripts.iter().skip(first) {
            problems.extend(self.policy.problems(script));
        }
        let bundle = self.library.bundle();
        let mut given = self.variables_to_check();
        given.extend(more);
        let whole = !problems.is_empty() || self.library.behind(mark).any(check::declares);
        let behind = (!whole).then(|| {
            let accepted = (std::mem::take(&mut self.schema), std::mem::take(&mut self.names));
            let mut checked =
                check::check_behind(bundle, mark.order, &self.sources, accepted, &given);
            self.schema = std::mem::take(&mut checked.schema);
            self.names = std::mem::take(&mut checked.names);
            checked
        });
        // Of what is wrong all is said that can be said with the declarations' own words.
        let mut checked = match behind.filter(|it| !it.has_errors()) {
            Some(checked) => checked,
            None => check_with(bundle, &self.sources, self.database.dialect(), &given),
        };
        problems.append(&mut checked.problems);
        problems.retain(|it| !self.known.contains(it));
        problems.sort_by_cached_key(Problem::span);
        Checked { problems, ..checked }
    }
}

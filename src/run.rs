//! Steps carried out on a database, one sentence after the other.
//!
//! What happens is told as it happens, to a [`Sink`]: an [`Outcome`] for each sentence that yields something.
//!
//! Invariant: a sentence that fails has changed nothing.

mod compare;
mod ddl;
mod failure;
mod find;
mod sync;
mod transaction;

pub use find::{Found, find, records, value};

use crate::db::Database;
use crate::diagnostics::{Blame, Problem, RunProblem};
use crate::ir::{Schema, Step, StepKind};
use crate::source::{Lines, SourceId, Sources, Span};
use smol_str::SmolStr;
use std::collections::HashMap;

/// What a sentence yielded.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The sentence.
    pub span: Span,
    /// The line in which it begins, from 1.
    pub line: usize,
    /// Its verb: `sync`.
    pub verb: &'static str,
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
    /// It failed, and changed nothing.
    Failed(RunProblem),
}

/// Is told what happens.
pub trait Sink {
    /// A sentence has run.
    fn outcome(&mut self, outcome: Outcome);

    /// There is something to say that hinders nothing.
    fn warning(&mut self, _problem: Problem) {}

    /// So many of a sentence's statements have run.
    fn progress(&mut self, _done: usize, _all: usize) {}
}

impl Sink for Vec<Outcome> {
    fn outcome(&mut self, outcome: Outcome) {
        self.push(outcome);
    }
}

/// How steps are carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Go on behind a sentence that fails.
    pub keep_going: bool,
}

/// Carries out `steps` in order; ends with the first that fails, unless told to keep going.
///
/// # Errors
/// The first problem; the sink has been told of each.
pub fn run(
    steps: &[Step],
    schema: &Schema,
    sources: &Sources,
    database: &mut dyn Database,
    options: Options,
    sink: &mut dyn Sink,
) -> Result<(), RunProblem> {
    let scripts = Scripts {
        schema,
        sources,
        database: database.name().to_owned(),
    };
    let mut runner = Runner {
        scripts: &scripts,
        database,
        sink,
    };
    let mut lines: HashMap<SourceId, Lines<'_>> = HashMap::new();
    let mut first = None;
    for step in steps {
        let line = sources.at(step.span.start).map_or(0, |source| {
            let lines = lines.entry(source.id).or_insert_with(|| Lines::new(source));
            lines.line_column(step.span.start).0
        });
        let (model, result) = match &step.kind {
            StepKind::Sync { model, force } => (*model, runner.sync(step.span, *model, *force)),
            StepKind::Drop { model } => (*model, runner.drop(step.span, *model)),
            // `check` refuses these sentences until they are carried out.
            StepKind::Data(..)
            | StepKind::Let(..)
            | StepKind::Print(_)
            | StepKind::Assert(_)
            | StepKind::Transaction(_)
            | StepKind::Rollback => continue,
        };
        let failed = result.as_ref().err().cloned();
        runner.sink.outcome(Outcome {
            span: step.span,
            line,
            verb: step.verb,
            model: model.map(|it| schema[it].name.clone()),
            result: match result {
                Ok(statements) => Yield::Ddl(statements),
                Err(problem) => Yield::Failed(problem),
            },
        });
        if let Some(problem) = failed {
            let ends = !options.keep_going || problem.blame() == Blame::Interrupt;
            first.get_or_insert(problem);
            if ends {
                break;
            }
        }
    }
    first.map_or(Ok(()), Err)
}

/// What steps are carried out with.
struct Runner<'a> {
    scripts: &'a Scripts<'a>,
    database: &'a mut dyn Database,
    sink: &'a mut dyn Sink,
}

/// What problems are told with.
struct Scripts<'a> {
    schema: &'a Schema,
    sources: &'a Sources,
    /// The database's name.
    database: String,
}

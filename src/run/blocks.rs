//! Sentences in order, and blocks of them that happen as a whole or not at all.

use super::insert::tells_all_keys;
use super::sentence::sentence;
use super::{Outcome, Places, RunResult, Runner, Yield};
use crate::client::FailedStatement;
use crate::db::{DbError, KeyViolations};
use crate::diagnostics::{Blame, RunProblem};
use crate::ir::{Data, LetValue, Step, StepKind};
use crate::source::Span;

/// So often a sentence is tried again that lost against somebody else's transaction.
const AGAIN: usize = 3;

/// So often one is tried again that found somebody else's row where it makes one itself: each time somebody has come further, so that many who do the
/// same at once lose more often than three times.
const OVERTAKEN: usize = 20;

/// How it goes on behind a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// With the next.
    On,
    /// Out of the block, which is undone.
    Leave,
    /// Not at all.
    End,
}

impl Runner<'_> {
    /// Opens a transaction, or one within it.
    fn open(&mut self) -> Result<(), DbError> {
        if self.environment.depth == 0 {
            self.database.begin()?;
        } else {
            self.database.savepoint(self.environment.depth)?;
        }
        self.environment.depth += 1;
        Ok(())
    }

    /// Keeps what the innermost transaction did.
    fn close(&mut self) -> Result<(), DbError> {
        let outer = self.environment.depth - 1;
        if outer == 0 {
            self.database.commit()?;
        } else {
            self.database.release(outer)?;
        }
        self.environment.depth = outer;
        Ok(())
    }

    /// Undoes what the innermost transaction did.
    fn undo(&mut self) -> Result<(), DbError> {
        self.environment.depth = self.environment.depth.saturating_sub(1);
        match self.environment.depth {
            0 => self.database.rollback(),
            // The database has undone it with all that is around it.
            _ if self.database.has_ended() => Ok(()),
            outer => self.database.rollback_to(outer),
        }
    }

    /// What `work` does, as a whole or not at all.
    pub(super) fn whole<T>(
        &mut self,
        at: Span,
        work: impl FnOnce(&mut Self) -> RunResult<T>,
    ) -> RunResult<T> {
        if self.environment.depth > 0 {
            // A sentence that fails undoes its block.
            return work(self);
        }
        self.open().map_err(|it| self.failure(it, at))?;
        let mark = self.environment.mark();
        let done = work(self).and_then(|it| match self.close() {
            Ok(()) => Ok(it),
            Err(error) => Err(self.failure(error, at)),
        });
        if let Err(problem) = done {
            let undone = self.undo();
            self.environment.undo(mark);
            undone.map_err(|it| self.failure(it, at))?;
            return Err(problem);
        }
        done
    }

    /// What `work` does in several statements, as if it were one: a row may refer to one that comes behind it. Keys are looked
    /// at as rows come; only where one refers to nothing then, all is done again and they are looked at when it is done.
    /// `blame` finds the row that still refers to nothing.
    pub(super) fn keys_at_end<T>(
        &mut self,
        at: Span,
        mut work: impl FnMut(&mut Self) -> RunResult<T>,
        blame: impl FnOnce(&mut Self) -> RunResult<Option<RunProblem>>,
    ) -> RunResult<T> {
        let depth = self.environment.depth;
        let said = |it: DbError| self.scripts.failure(it, at, FailedStatement::default());
        self.database.savepoint(depth).map_err(said)?;
        let mark = self.written.mark();
        let refused = match work(self) {
            Err(refused @ RunProblem::ForeignKey { .. }) => refused,
            Ok(it) => return self.release(at, depth).map(|()| it),
            // What fails is undone with the whole sentence.
            Err(problem) => return Err(problem),
        };
        let looks = self.database.dialect().deferrable;
        if !looks && !self.scripts.schema.models().all(|(_, it)| tells_all_keys(it)) {
            return Err(refused);
        }
        self.database.rollback_to(depth).map_err(|it| self.failure(it, at))?;
        self.written.back(mark);
        self.database.savepoint(depth).map_err(|it| self.failure(it, at))?;
        let before = self.violations(at)?;
        self.defer(at, true)?;
        let done = work(self);
        let again = self.defer(at, false);
        let done = done?;
        again?;
        if self.violations(at)?.since(&before).is_some() {
            return Err(blame(self)?.unwrap_or(refused));
        }
        if !looks && let Some(problem) = passed_over(self, at, blame)? {
            return Err(problem);
        }
        self.release(at, depth)?;
        Ok(done)
    }

    fn release(&mut self, at: Span, depth: usize) -> RunResult<()> {
        let released = self.database.release(depth);
        released.map_err(|it| self.failure(it, at))
    }

    /// What foreign keys say of the rows that are there.
    pub(super) fn violations(&mut self, at: Span) -> RunResult<KeyViolations> {
        let all = self.database.violations();
        all.map_err(|it| self.failure(it, at))
    }

    /// Looks at keys when the transaction ends, or at once again.
    pub(super) fn defer(&mut self, at: Span, on: bool) -> RunResult<()> {
        let deferred = self.database.defer_foreign_keys(on);
        deferred.map_err(|it| self.failure(it, at))
    }

    /// What the database said, of a sentence.
    pub(super) fn failure(&self, error: DbError, at: Span) -> RunProblem {
        self.scripts.failure(error, at, FailedStatement::default())
    }
}

/// A row that refers to nothing, where the database looked at none: one of the sentence's, or any other.
fn passed_over<'a>(
    run: &mut Runner<'a>,
    at: Span,
    blame: impl FnOnce(&mut Runner<'a>) -> RunResult<Option<RunProblem>>,
) -> RunResult<Option<RunProblem>> {
    if let Some(problem) = blame(run)? {
        return Ok(Some(problem));
    }
    let schema = run.scripts.schema;
    for (id, _) in schema.models().filter(|(_, it)| !it.view && !it.foreign_keys.is_empty()) {
        match run.refusal(at).orphan(id) {
            Ok(None) | Err(RunProblem::NoTable { .. }) => {}
            Ok(found) => return Ok(found),
            Err(problem) => return Err(problem),
        }
    }
    Ok(None)
}

/// A script's steps, one after the other.
pub(super) struct StepRunner<'r, 'a> {
    pub(super) run: &'r mut Runner<'a>,
    places: Places,
    /// The first that failed, and why.
    first: Option<RunProblem>,
}

impl<'r, 'a> StepRunner<'r, 'a> {
    pub(super) fn new(run: &'r mut Runner<'a>) -> Self {
        Self { run, places: Places::default(), first: None }
    }

    /// Carries out all steps. In a transaction of a host's they happen as a whole or not at all, so that it can go on without them.
    pub(super) fn all(mut self, steps: &[Step], begin: Span) -> RunResult<()> {
        if self.run.environment.depth == 0 {
            self.steps(steps);
            return self.first.map_or(Ok(()), Err);
        }
        let mark = self.run.environment.mark();
        let depth = self.run.environment.depth;
        let asked = self.run.database.savepoint(depth);
        asked.map_err(|it| self.run.failure(it, begin))?;
        self.steps(steps);
        let Some(problem) = self.first else {
            let kept = self.run.database.release(depth);
            return kept.map_err(|it| self.run.failure(it, begin));
        };
        self.run.environment.undo(mark);
        if !self.run.database.has_ended() {
            let undone = self.run.database.rollback_to(depth);
            undone.map_err(|it| self.run.failure(it, begin))?;
        }
        Err(problem)
    }

    /// Carries out steps, those of a block or of all scripts.
    pub(super) fn steps(&mut self, steps: &[Step]) -> Flow {
        let nested = self.run.environment.depth > 0;
        for step in steps {
            self.run.environment.clock.tick();
            let flow = match &step.kind {
                StepKind::Transaction(inner) => self.block(step, inner),
                StepKind::Rollback => return Flow::Leave,
                StepKind::Sync { .. }
                | StepKind::Drop { .. }
                | StepKind::Data(..)
                | StepKind::Let(..)
                | StepKind::Print(_)
                | StepKind::Assert(_)
                | StepKind::Sql(_) => self.one(step),
            };
            match flow {
                Flow::On => {}
                Flow::Leave if !nested => {}
                Flow::Leave | Flow::End => return flow,
            }
        }
        Flow::On
    }

    /// One sentence.
    fn one(&mut self, step: &Step) -> Flow {
        let told = told(step);
        let model = match &told.kind {
            StepKind::Sync { model, .. } | StepKind::Drop { model } => *model,
            StepKind::Data(model, _) => Some(*model),
            StepKind::Let(..)
            | StepKind::Print(_)
            | StepKind::Assert(_)
            | StepKind::Transaction(_)
            | StepKind::Rollback
            | StepKind::Sql(_) => None,
        };
        let (file, line) = self.places.of(self.run.scripts.sources, step.span);
        let mut outcome = Outcome {
            span: step.span,
            file,
            line,
            verb: told.verb.clone(),
            model: model.map(|it| self.run.scripts.schema[it].name.clone()),
            result: Yield::Count(0),
        };
        let mut done = sentence(self.run, step, &outcome);
        // Nothing of it has happened, and nobody has been told: within a block all of that had to be done again.
        for tries in 0..OVERTAKEN {
            let again = if let Err(RunProblem::Busy { .. }) = &done {
                tries < AGAIN && self.run.database.lost_race()
            } else {
                // Somebody else has made the row since this sentence looked for it: now it is found.
                matches!(done, Err(RunProblem::Unique { .. })) && self.looks_first(&told.kind)
            };
            if !again || self.run.environment.depth > 0 {
                break;
            }
            done = sentence(self.run, step, &outcome);
        }
        match done {
            Ok(None) => Flow::On,
            Ok(Some(result)) => {
                outcome.result = result;
                self.run.sink.outcome(outcome);
                Flow::On
            }
            Err(problem) => {
                outcome.result = Yield::Failed(problem.clone());
                self.run.sink.outcome(outcome);
                self.failed(problem)
            }
        }
    }

    /// Whether a sentence looks for rows before it makes those that it doesn't find, where others may make them in between.
    fn looks_first(&self, told: &StepKind) -> bool {
        let StepKind::Data(_, data) = told else { return false };
        let looks = matches!(**data, Data::FindOrCreate(..) | Data::Upsert(..) | Data::Link(_));
        looks && !self.run.database.dialect().keeps_statements
    }

    /// How it goes on behind a failure.
    fn failed(&mut self, problem: RunProblem) -> Flow {
        let ends = !self.run.options.keep_going || problem.blame() == Blame::Interrupt;
        self.first.get_or_insert(problem);
        if ends { Flow::End } else { Flow::Leave }
    }

    /// `transaction { .. }`
    fn block(&mut self, step: &Step, inner: &[Step]) -> Flow {
        let mark = self.run.environment.mark();
        let written = self.run.written.mark();
        if let Err(error) = self.run.open() {
            return self.block_failed(step, error);
        }
        let mut flow = self.steps(inner);
        if flow == Flow::On {
            match self.run.close() {
                Ok(()) => {
                    self.run.environment.leave_block(&mark);
                    return Flow::On;
                }
                Err(error) => flow = self.block_failed(step, error),
            }
        }
        if let Err(error) = self.run.undo() {
            let failed = self.block_failed(step, error);
            flow = if flow == Flow::End { flow } else { failed };
        }
        self.run.written.back(written);
        self.run.environment.undo(mark);
        // The block has been left, and the script goes on behind it; within a transaction that is none any more nothing goes on.
        let outside = self.run.environment.depth == 0 || !self.run.database.has_ended();
        if flow == Flow::Leave && outside { Flow::On } else { flow }
    }

    /// A transaction couldn't begin, or end.
    fn block_failed(&mut self, step: &Step, error: DbError) -> Flow {
        let problem = self.run.failure(error, step.span);
        let (file, line) = self.places.of(self.run.scripts.sources, step.span);
        self.run.sink.outcome(Outcome {
            span: step.span,
            file,
            line,
            verb: step.verb.clone(),
            model: None,
            result: Yield::Failed(problem.clone()),
        });
        self.failed(problem)
    }
}

/// The step that a step's outcome tells of: in `let x = ..` the sentence.
fn told(step: &Step) -> &Step {
    match &step.kind {
        StepKind::Let(_, LetValue::Step(inner)) => told(inner),
        _ => step,
    }
}

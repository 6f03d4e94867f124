//! What sentences do to the structure, which `migrate` carries out; and what is told of moments in another form.

use super::rows::WriteLog;
use super::{AllSteps, Environment, Files, Options, Outcome, Runner, Sink};
use crate::client::{Client, ProblemContext, RunResult};
use crate::db::Database;
use crate::diagnostics::Problem;
use crate::ir::{DataStep, Existing, ModelId, Query, Schema, Step};
use crate::migrate::{Change, Consent, DataSteps, Log, Migrator, StepOutcome, StepSurroundings};
use crate::source::Span;

/// Tells a [`Sink`] what `migrate` says.
struct SinkLog<'a>(&'a mut dyn Sink);

impl Log for SinkLog<'_> {
    fn warning(&mut self, problem: Problem) {
        self.0.warning(problem);
    }

    fn backup(&mut self, path: &str) {
        self.0.backup(path);
    }

    fn progress(&mut self, done: usize, all: usize) {
        self.0.progress(done, all);
    }

    fn hears_changes(&self) -> bool {
        self.0.hears_changes()
    }

    fn carrying_out(&mut self, object: Option<&str>) {
        self.0.carrying_out(object);
    }

    fn changed(&mut self, changes: &[Change]) {
        self.0.changed(changes);
    }
}

impl Runner<'_> {
    /// Tells, once for each table, of moments in another form that a query has read.
    pub(super) fn tell_read_moments(&mut self, at: Span, query: &Query) -> RunResult<()> {
        if !std::mem::take(&mut self.environment.other_moment) {
            return Ok(());
        }
        let schema = self.scripts.schema;
        for id in models(schema, query) {
            let model = &schema[id];
            let table = model.full_table();
            if model.view || self.environment.told_moments.contains(table.as_str()) {
                continue;
            }
            migrate(self, |it, _| it.tell_moments(at, model))?;
            self.environment.told_moments.insert(table.to_string());
        }
        Ok(())
    }
}

fn migrate<T>(
    run: &mut Runner<'_>,
    work: impl FnOnce(&mut Migrator<'_>, &mut StepSentences<'_>) -> RunResult<T>,
) -> RunResult<T> {
    let mut migrator = Migrator {
        client: Client::new(run.scripts, &mut *run.database),
        log: &mut SinkLog(&mut *run.sink),
        clock: &mut run.environment.clock,
        consent: Consent { allow: run.options.allow, no_backup: run.options.no_backup },
        depth: run.environment.depth,
    };
    let (files, options, all) = (&mut *run.files, run.options, run.all);
    work(&mut migrator, &mut StepSentences { files, options, all })
}

/// Carries out the sentences of data steps.
pub(super) struct StepSentences<'f> {
    pub(super) files: &'f mut dyn Files,
    pub(super) options: Options,
    pub(super) all: AllSteps,
}

impl DataSteps for StepSentences<'_> {
    fn carry_out(
        &mut self,
        step: &DataStep,
        scripts: &ProblemContext<'_>,
        database: &mut dyn Database,
        around: StepSurroundings<'_>,
    ) -> RunResult<StepOutcome> {
        let StepSurroundings { log, clock, depth } = around;
        let mut environment = Environment::within(depth, std::mem::take(clock));
        let mut runner = Runner {
            scripts,
            database,
            sink: &mut StepSink(log),
            files: &mut *self.files,
            environment: &mut environment,
            options: Options { keep_going: false, explain: false, ..self.options },
            written: WriteLog(Some(StepOutcome::default())),
            all: self.all,
        };
        let ran = (self.all)(&mut runner, &step.steps, step.span);
        let written = runner.written.0.take().unwrap_or_default();
        *clock = environment.clock;
        ran.map(|()| written)
    }
}

/// What the sentences of a step yield is nobody's.
struct StepSink<'a>(&'a mut dyn Log);

impl Sink for StepSink<'_> {
    fn outcome(&mut self, _: Outcome) {}

    fn warning(&mut self, problem: Problem) {
        self.0.warning(problem);
    }
}

/// `sync`; the statements that it ran.
pub(super) fn sync(
    run: &mut Runner<'_>,
    step: &Step,
    model: Option<ModelId>,
    existing: &Existing,
) -> RunResult<Vec<String>> {
    let at = step.span;
    migrate(run, |it, steps| match existing {
        Existing::Leave => it.sync(at, (model, false), steps),
        Existing::Drop => it.sync(at, (model, true), steps),
        Existing::Alter(options) => it.alter((at, &step.verb), model, *options, steps),
    })
}

/// `drop`; the statements that it ran.
pub(super) fn drop(
    run: &mut Runner<'_>,
    at: Span,
    model: Option<ModelId>,
) -> RunResult<Vec<String>> {
    migrate(run, |it, _| it.drop(at, model))
}

/// The models that a query reads.
fn models(schema: &Schema, query: &Query) -> Vec<ModelId> {
    let mut res: Vec<_> = query.model.into_iter().collect();
    let mut queries = vec![query];
    while let Some(query) = queries.pop() {
        for include in &query.include {
            res.push(schema[include.association].target);
            queries.push(&include.query);
        }
    }
    res
}

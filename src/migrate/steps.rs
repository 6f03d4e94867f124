//! `once`: data steps, carried out between what a change adds and what it drops, in its transaction and a single time.

use super::alter_engine;
use super::alteration::{Alteration, Purpose, change};
use super::ddl::TableDdl;
use super::history::record::next_migration;
use super::history::steps::{StepGroup, group_steps, note_step, step_hash, steps_done};
use super::history::{MigrationRecord, MigrationVerb, Renamed};
use super::{Change, ChangeMethod, Detail, Log, Migrator, PlanPart, Sign};
use crate::catalog::{NameRef, Object, ObjectKind};
use crate::client::{Client, Clock, ProblemContext, RunResult};
use crate::db::Database;
use crate::diagnostics::{Blame, Hazard, HazardKind, Problem, RunProblem};
use crate::ir::{DataStep, DroppedTable};
use crate::source::Span;
use crate::sql::Sql;
use std::collections::HashSet;

/// A sentence in a plan is cut behind so many characters.
const SHOWN: usize = 80;

/// What carries out the sentences of data steps.
pub(crate) trait DataSteps {
    /// Carries out a step's sentences, in the transaction that is open.
    fn carry_out(
        &mut self,
        step: &DataStep,
        scripts: &ProblemContext<'_>,
        database: &mut dyn Database,
        around: StepSurroundings<'_>,
    ) -> RunResult<StepOutcome>;
}

/// What is around a step.
pub(crate) struct StepSurroundings<'a> {
    pub log: &'a mut dyn Log,
    pub clock: &'a mut Clock,
    /// How many transactions are open.
    pub depth: usize,
}

/// What came of a step.
#[derive(Debug, Default)]
pub(crate) struct StepOutcome {
    /// The statements that wrote.
    pub sql: Vec<Sql>,
    /// How many rows they wrote.
    pub rows: u64,
}

/// Whether a database had nothing that steps could move: none of the scripts' tables, nor of those that they drop; and where a step
/// has SQL of its own, no table.
pub(super) fn is_new(
    due: &[&DataStep],
    (tables, dropped): (&[TableDdl], &[DroppedTable]),
    before: &[Object],
    renames: &[Renamed],
) -> bool {
    let there = before.iter().filter(|it| it.kind() == ObjectKind::Table);
    let there: HashSet<_> = there.map(|it| NameRef(&it.name)).collect();
    let known = tables.iter().any(|it| there.contains(&NameRef(&it.name)))
        || dropped.iter().any(|it| there.contains(&NameRef(&it.name)));
    !known && renames.is_empty() && (there.is_empty() || !due.iter().any(|it| it.raw))
}

impl<'a> Migrator<'a> {
    /// The steps that this database hasn't had, in their order. Tells of those that say something else by now.
    pub(super) fn due_steps(&mut self) -> RunResult<Vec<&'a DataStep>> {
        let schema = self.client.scripts.schema;
        if schema.data_steps.is_empty() {
            return Ok(Vec::new());
        }
        let done = steps_done(&mut self.client)?;
        let mut due = Vec::new();
        for step in &schema.data_steps {
            match done.get(step.name.as_str()) {
                None => due.push(step),
                Some(says) if *says == step_hash(step) => {}
                Some(_) => {
                    let name = step.name.to_string();
                    self.log.warning(RunProblem::StepChanged { name, at: step.span }.into());
                }
            }
        }
        Ok(due)
    }

    /// The steps have nothing to move in a database that is new: they count as carried out.
    pub(super) fn mark_steps(
        &mut self,
        at: Span,
        due: &[&DataStep],
        migration: u64,
        changes: &mut Vec<Change>,
    ) -> RunResult<()> {
        for step in due {
            note_step(&mut self.client, at, step, false, migration)?;
            let what =
                (Sign::Change, PlanPart::Step, "nothing to move in a new database".to_owned());
            changes.push(change(&titled(step), what, ChangeMethod::Once, Vec::new()));
        }
        let group = StepGroup { first: migration, last: migration };
        group_steps(&mut self.client, at, &group)
    }

    /// Carries a step out, and records it.
    pub(super) fn carry_out_step(
        &mut self,
        at: Span,
        step: &DataStep,
        purpose: Purpose,
        steps: &mut dyn DataSteps,
    ) -> RunResult<Change> {
        let title = titled(step);
        self.log.carrying_out(Some(&title));
        let migration = next_migration(&mut self.client)?;
        let before = self.client.ask(at, |it| it.objects())?;
        let engine = alter_engine(self.client.database)?;
        let outer = self.depth + 1;
        let mut kept = Vec::new();
        if purpose == Purpose::Change {
            // Which tables it writes to shows when it runs; what is in them is kept before it does.
            self.client.ask(at, |it| it.savepoint(outer))?;
            engine.watch(&mut self.client, at)?;
            let mut clock = self.clock.clone();
            self.run_step(step, &mut clock, &mut Vec::new(), steps)?;
            changes_rows_alone(&mut self.client, at, step, &before)?;
            let written = engine.written(&mut self.client, at)?;
            self.client.ask(at, |it| it.rollback_to(outer))?;
            kept = engine.keep_before(&mut self.client, step.span, migration, &written)?;
        }
        let mut clock = self.clock.clone();
        let mut told = Vec::new();
        let done = self.run_step(step, &mut clock, &mut told, steps)?;
        *self.clock = clock;
        for it in told {
            self.log.warning(it);
        }
        changes_rows_alone(&mut self.client, at, step, &before)?;
        engine.keep_changes(&mut self.client, at, migration, &kept)?;
        let dialect = self.client.database.dialect();
        let sql: Vec<_> = done.sql.iter().map(|it| engine.inline(it, dialect)).collect();
        let record = MigrationRecord {
            verb: MigrationVerb::Once,
            sql: &sql,
            always: true,
            ..MigrationRecord::default()
        };
        self.record(at, &before, &before, &record)?;
        note_step(&mut self.client, at, step, true, migration)?;
        self.log.carrying_out(None);
        Ok(self.told(step, done.rows, sql))
    }

    pub(super) fn run_step(
        &mut self,
        step: &DataStep,
        clock: &mut Clock,
        told: &mut Vec<Problem>,
        steps: &mut dyn DataSteps,
    ) -> RunResult<StepOutcome> {
        let around = StepSurroundings { log: told, clock, depth: self.depth + 2 };
        steps.carry_out(step, self.client.scripts, &mut *self.client.database, around)
    }

    /// What a step does, for a plan.
    pub(super) fn told(&self, step: &DataStep, rows: u64, sql: Vec<String>) -> Change {
        let sources = self.client.scripts.sources;
        let sentence = |at: Span| {
            let source = sources.at(at.start)?;
            let text = source.text.get(source.range(at))?;
            let text: Vec<_> = text.split_whitespace().collect();
            let mut text = text.join(" ");
            if let Some((end, _)) = text.char_indices().nth(SHOWN) {
                text.truncate(end);
                text.push('…');
            }
            Some(Detail { sign: Sign::Change, part: PlanPart::Step, column: None, text })
        };
        Change {
            object: titled(step).into(),
            what: step.steps.iter().filter_map(|it| sentence(it.span)).collect(),
            way: ChangeMethod::Once,
            rows,
            sql,
            kept: None,
            cost: None,
            refused: Vec::new(),
        }
    }
}

/// Carries a step out; a plan tells of one that fails.
pub(super) fn step_change(
    migrator: &mut Migrator<'_>,
    alter: &Alteration,
    step: &DataStep,
    steps: &mut dyn DataSteps,
) -> RunResult<Change> {
    let failed = match migrator.carry_out_step(alter.at, step, alter.purpose, steps) {
        Err(RunProblem::Hazard(hazard)) if alter.plans() => hazard,
        Err(failed) if alter.plans() && failed.blame() == Blame::Script => {
            if migrator.client.database.has_ended() {
                return Err(failed);
            }
            let problem = Problem::from(failed);
            let kind = HazardKind::StepFails {
                code: problem.code(),
                why: problem.to_string(),
                help: problem.help(),
            };
            Hazard::of_structure(kind, problem.span().or(Some(step.span)))
        }
        done => return done,
    };
    migrator.log.carrying_out(None);
    alter.refuse(failed.clone());
    Ok(Change { refused: vec![failed], ..migrator.told(step, 0, Vec::new()) })
}

/// How a step is called in a plan.
pub(super) fn titled(step: &DataStep) -> String {
    format!("{} \"{}\"", MigrationVerb::Once, step.name)
}

/// Fails where a step has changed the structure.
pub(super) fn changes_rows_alone(
    client: &mut Client<'_>,
    at: Span,
    step: &DataStep,
    before: &[Object],
) -> RunResult<()> {
    if client.ask(at, |it| it.objects())? == before {
        return Ok(());
    }
    let kind = HazardKind::StepAlters { step: step.name.to_string() };
    Err(Hazard::of_structure(kind, Some(step.span)).into())
}

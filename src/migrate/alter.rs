//! `sync < alter >`: the tables that are there become what the script says, with every row.
//!
//! All of it is one transaction, in which foreign keys are not enforced: no row of another table is touched. Renames come first; then the parts
//! of the change, each in the order that `Migrator::alter_part` shows.

use super::alter_engine;
use super::alteration::{Alteration, ChangePart, Purpose};
use super::broken::refuse_broken_objects;
use super::dropped::{drop_tables, tables_without_model};
use super::history::drift::drift_since;
use super::history::record::next_migration;
use super::history::steps::{StepGroup, group_steps};
use super::history::{MigrationRecord, MigrationVerb, Renamed};
use super::objects::{carry_out_object, drop_object};
use super::plan::Plan;
use super::referred::{refuse_unkeyed_references, unkeyed_references};
use super::scope::PartScope;
use super::steps::{DataSteps, is_new, step_change};
use super::tables::{TableStep, loses_values};
use super::transaction::{KeyEnforcement, TransactionEnd};
use super::verify::{Snapshot, before_change, is_small, verify_outcome, verify_undamaged};
use super::{Change, Migrator, ddl, engine_of};
use crate::catalog::Object;
use crate::client::{Client, RunResult, broken_reference};
use crate::db::KeyViolations;
use crate::diagnostics::{Hazard, HazardKind, Loss, RunProblem, UnkeyedReference};
use crate::ir::{AlterOptions, ModelId};
use crate::source::Span;
use std::collections::BTreeSet;

impl Migrator<'_> {
    /// `sync < alter >`, `User sync < alter >`
    pub(crate) fn alter(
        &mut self,
        (at, verb): (Span, &str),
        model: Option<ModelId>,
        mut options: AlterOptions,
        steps: &mut dyn DataSteps,
    ) -> RunResult<Vec<String>> {
        options.allow = options.allow.and(self.consent.allow);
        let verb = MigrationVerb::read(verb);
        let alter = Alteration::new((at, verb), options, Purpose::Change);
        let changes = engine_of(self.client.database).alter(self, alter, model, steps)?;
        self.log.changed(&changes);
        let all = changes.iter().flat_map(Change::statements);
        Ok(all.map(str::to_owned).collect())
    }

    /// What `sync < alter >` changes; what it would refuse is left as it is, and said.
    pub(super) fn rehearse(
        &mut self,
        at: Span,
        options: AlterOptions,
        steps: &mut dyn DataSteps,
    ) -> RunResult<Vec<Change>> {
        let alter = Alteration::new((at, MigrationVerb::Apply), options, Purpose::Plan);
        engine_of(self.client.database).rehearse(self, alter, steps)
    }

    /// Tells what somebody else has changed, unless what is refused tells it.
    pub(super) fn tell_drift(&mut self, alter: &Alteration) {
        let drifted = |it: &Hazard| it.loss() == Loss::Drift;
        let told = alter.refused.borrow().iter().any(drifted);
        if !told && !alter.drift.is_empty() {
            let database = self.client.scripts.database.to_string();
            let differences = alter.drift.words();
            let problem = RunProblem::ChangedSince { database, differences };
            self.log.warning(problem.into());
        }
    }

    /// All of it in one transaction.
    pub(super) fn alter_in_transaction(
        &mut self,
        mut alter: Alteration,
        model: Option<ModelId>,
        steps: &mut dyn DataSteps,
    ) -> RunResult<Vec<Change>> {
        let at = alter.at;
        let (changes, copy) = self.transact(at, KeyEnforcement::Suspended, |inner| {
            // Another program may have been there until now.
            alter.migration.set(next_migration(&mut inner.client)?);
            let snapshot = inner.client.ask(at, |it| it.objects())?;
            alter.drift = drift_since(&mut inner.client, &snapshot)?;
            let mut changes = Vec::new();
            match inner.alter_parts(&alter, (model, &snapshot), steps, &mut changes) {
                // What is found on the way is one more that is refused.
                Err(RunProblem::Hazard(hazard)) if alter.plans() => alter.refuse(hazard),
                done => done?,
            }
            if inner.client.is_unknown() {
                return Ok(TransactionEnd::Undone((changes, None)));
            }
            inner.tell_drift(&alter);
            if alter.plans() {
                // Whatever is refused is in the plan.
                let is_told =
                    |hazard: &Hazard| changes.iter().any(|it| it.refused.contains(hazard));
                let mut untold = alter.refused_since(0);
                untold.retain(|it| !is_told(it));
                if !untold.is_empty() {
                    let database = inner.client.scripts.database.as_str().into();
                    changes.push(Change::refused(database, Vec::new(), untold));
                }
                // By the names that tables have then.
                let now = inner.client.ask(at, |it| it.objects())?;
                if let Some(problem) = tables_without_model(&mut inner.client, &now)? {
                    inner.log.warning(problem.into());
                }
                return Ok(TransactionEnd::Undone((changes, None)));
            }
            refuse_hazards(inner, &alter)?;
            Ok(TransactionEnd::Kept((changes, alter.copy.take())))
        })?;
        if let Some(path) = copy {
            self.log.backup(&path);
        }
        Ok(changes)
    }

    /// All that is to be done, where `snapshot` is there.
    fn alter_parts(
        &mut self,
        alter: &Alteration,
        (model, snapshot): (Option<ModelId>, &[Object]),
        steps: &mut dyn DataSteps,
        changes: &mut Vec<Change>,
    ) -> RunResult<()> {
        let at = alter.at;
        let schema = self.client.scripts.schema;
        let tables = ddl::tables(schema, model, self.client.database.dialect());
        let due = if model.is_none() { self.due_steps()? } else { Vec::new() };
        let broken = alter_engine(self.client.database)?.broken(&mut self.client, at)?;
        let renames = self.rename(alter, &tables, &broken, changes)?;
        if self.client.is_sketching() {
            let engine = alter_engine(self.client.database)?;
            self.client.names = engine.former_names(&mut self.client, at, snapshot, &renames)?;
        }
        let scope =
            PartScope { model, tables: &tables, broken: &broken, renames: &renames, snapshot };
        let first = alter.migration.get();
        if due.is_empty() {
            self.alter_part(alter, &scope, &renames, changes)?;
        } else if is_new(&due, (&tables, &schema.dropped), snapshot, &renames) {
            self.alter_part(alter, &scope, &renames, changes)?;
            self.client.begin_sketch(at)?;
            if alter.refused() == 0 && !self.client.is_unknown() {
                self.mark_steps(at, &due, first, changes)?;
            }
        } else if self.client.is_sketching() {
            // What the sentences of steps do shows when they run.
            self.client.cannot_know();
        } else {
            self.back_up(alter, None)?;
            let before = self.client.ask(at, |it| it.violations())?;
            alter.part.set(ChangePart::Added);
            self.alter_part(alter, &scope, &renames, changes)?;
            if alter.stops() {
                return Ok(());
            }
            let refused = alter.refused();
            for step in due {
                changes.push(if alter.refused() == 0 {
                    step_change(self, alter, step, steps)?
                } else {
                    self.told(step, 0, Vec::new())
                });
            }
            if refused == 0 && alter.refused() > 0 {
                // What comes behind a step that fails isn't known.
                return Ok(());
            }
            alter.part.set(ChangePart::Rest);
            alter.migration.set(next_migration(&mut self.client)?);
            let snapshot = self.client.ask(at, |it| it.objects())?;
            let scope = PartScope { snapshot: &snapshot, ..scope };
            self.alter_part(alter, &scope, &[], changes)?;
            if alter.refused() == 0 {
                // Keys aren't enforced while steps run.
                verify_keys(&mut self.client, alter, &before)?;
                let last = next_migration(&mut self.client)?.saturating_sub(1);
                group_steps(&mut self.client, at, &StepGroup { first, last })?;
            }
        }
        Ok(())
    }

    /// What is there before a plan is carried out, to hold the outcome against; and a copy of the file, where values will be taken out of it.
    pub(super) fn before(
        &mut self,
        alter: &Alteration,
        plan: &Plan<'_, '_>,
        (there, renamed): (Vec<Object>, &[Renamed]),
    ) -> RunResult<StateBefore> {
        let at = alter.at;
        self.back_up(alter, Some(plan))?;
        let mismatched = if plan.steps().any(TableStep::drops_keys) {
            Some(unkeyed_references(&mut self.client, at)?)
        } else {
            None
        };
        for it in plan.steps() {
            it.announce(alter);
        }
        if plan.to_drop.iter().any(|it| it.rows > 0) {
            self.back_up(alter, None)?;
        }
        let writes = plan.writes_rows();
        let mut snapshot =
            before_change(&mut self.client, at, there, &alter.named.borrow(), writes)?;
        snapshot.renamed = !renamed.is_empty();
        let violations = if plan.steps().any(TableStep::moves_rows) {
            Some(self.client.ask(at, |it| it.violations())?)
        } else {
            None
        };
        Ok(StateBefore { snapshot, violations, mismatched })
    }

    /// Carries a plan out: names that are to be free, tables, what goes, then what stands on tables.
    pub(super) fn carry_out_plan(
        &mut self,
        alter: &Alteration,
        plan: &Plan<'_, '_>,
        changes: &mut Vec<Change>,
    ) -> RunResult<()> {
        for it in &plan.to_free {
            drop_object(&mut self.client, alter, it, changes)?;
        }
        let count = plan.steps().count();
        let steps = plan.tables.iter().filter_map(|it| Some((it.step.as_ref()?, &*it.indexes)));
        for (done, (step, indexes)) in steps.enumerate() {
            self.log.carrying_out(Some(step.name()));
            let made = self.change_table(alter, (step, indexes), changes);
            if let (true, Err(RunProblem::Hazard(hazard))) = (alter.plans(), &made) {
                let mut refused = vec![hazard.clone()];
                refused.extend(indexes.iter().flat_map(|it| it.refused.iter().cloned()));
                changes.push(Change::refused(step.name().into(), Vec::new(), refused));
            }
            made?;
            self.log.progress(done + 1, count);
        }
        drop_tables((&mut self.client, self.log), alter, &plan.to_drop, changes)?;
        self.log.carrying_out(None);
        for it in &plan.objects {
            carry_out_object(&mut self.client, alter, it, changes)?;
        }
        Ok(())
    }

    /// Copies the file, where values are going to be taken out of it; always where nothing is known of the tables.
    fn back_up(&mut self, alter: &Alteration, plan: Option<&Plan<'_, '_>>) -> RunResult<()> {
        if alter.plans() || self.consent.no_backup || alter.copy.borrow().is_some() {
            return Ok(());
        }
        let mut takes = plan.is_none();
        for step in plan.into_iter().flat_map(Plan::steps) {
            takes = takes || loses_values(&mut self.client, alter, step)?;
        }
        if takes {
            let name = format!("backup-{}", alter.migration.get());
            let engine = alter_engine(self.client.database)?;
            let copy = engine.backup(&mut self.client, alter.at, &name)?;
            alter.copy.replace(copy);
        }
        Ok(())
    }
}

/// Fails with what was refused, and tells the rest of it.
pub(super) fn refuse_hazards(migrator: &mut Migrator<'_>, alter: &Alteration) -> RunResult<()> {
    let mut refused = alter.refused_since(0).into_iter();
    let Some(first) = refused.next() else { return Ok(()) };
    for hazard in refused {
        migrator.log.warning(RunProblem::Hazard(hazard).into());
    }
    Err(first.into())
}

/// What is only told is done to a sketch from here on, if anything is; whether the plan is to be carried out.
pub(super) fn begin_sketch(
    client: &mut Client<'_>,
    alter: &Alteration,
    plan: &Plan<'_, '_>,
) -> RunResult<bool> {
    if client.is_sketching() && !plan.is_empty() {
        let engine = alter_engine(client.database)?;
        // What is known is of no use where there will be no sketch.
        if !plan.creates_index_of_sql()
            && client.is_sketch_cheap(alter.at)?
            && engine.is_known(client, alter, &plan.touched())?
        {
            client.begin_sketch(alter.at)?;
        } else {
            client.cannot_know();
        }
    }
    Ok(!client.is_unknown())
}

/// What is there before a plan is carried out.
#[derive(Debug)]
pub(super) struct StateBefore {
    snapshot: Snapshot,
    /// What foreign keys said, where rows move.
    violations: Option<KeyViolations>,
    /// Which of them referred to no key, where keys change.
    mismatched: Option<BTreeSet<UnkeyedReference>>,
}

/// Whether every row still has what it refers to.
fn verify_keys(
    client: &mut Client<'_>,
    alter: &Alteration,
    before: &KeyViolations,
) -> RunResult<()> {
    let first = client.scripts.schema.models().next();
    let declared = first.map_or(alter.at, |(_, it)| it.span);
    let violations = client.ask(alter.at, |it| it.violations())?;
    if let Some(what) = violations.since(before) {
        let key_check = alter_engine(client.database)?.key_check();
        let kind = HazardKind::Reference { broken: broken_reference(what), key_check };
        return Err(alter.hazard(kind, Some(declared)).into());
    }
    Ok(())
}

/// Refuses what was carried out where it leaves something broken that worked before.
pub(super) fn refuse_broken(
    client: &mut Client<'_>,
    alter: &Alteration,
    scope: &PartScope<'_>,
    before: &StateBefore,
    all: &mut Vec<Change>,
) -> RunResult<()> {
    if let Some(before) = &before.mismatched {
        refuse_unkeyed_references(client, alter, before, all)?;
    }
    refuse_broken_objects(client, alter, scope.broken, all)
}

/// Records what was done; what is there now.
pub(super) fn record_plan(
    migrator: &mut Migrator<'_>,
    alter: &Alteration,
    (scope, plan): (&PartScope<'_>, &Plan<'_, '_>),
    before: &StateBefore,
    renames: &[Renamed],
    own: &[Change],
) -> RunResult<Vec<Object>> {
    let sql: Vec<_> = own.iter().flat_map(Change::statements).map(str::to_owned).collect();
    let mut anew: Vec<_> = plan.steps().filter_map(TableStep::only_rows).collect();
    anew.extend(plan.to_drop.iter().map(|it| it.name.clone()));
    let models: Vec<_> = scope.tables.iter().map(|it| it.model).collect();
    let done = MigrationRecord {
        verb: alter.verb.clone(),
        sql: &sql,
        renames,
        anew: &anew,
        models: &models,
        dangling: before.violations.as_ref().map(|it| it.rows),
        always: false,
    };
    let now = migrator.client.ask(alter.at, |it| it.objects())?;
    if !migrator.client.is_sketching() {
        migrator.record(alter.at, scope.snapshot, &now, &done)?;
    }
    Ok(now)
}

/// Fails where what came of a plan isn't what it says, or isn't whole.
pub(super) fn verify_plan(
    client: &mut Client<'_>,
    alter: &Alteration,
    plan: &Plan<'_, '_>,
    before: &StateBefore,
    now: &[Object],
) -> RunResult<()> {
    let rebuilt = plan.steps().any(TableStep::is_rebuilt);
    let whole = rebuilt && is_small(client, alter.at)?;
    if whole && let Some(damage) = alter_engine(client.database)?.damage(client, alter.at, None)? {
        return Err(alter.hazard(HazardKind::Damaged { damage }, None).into());
    }
    if let Some(before) = &before.violations {
        verify_keys(client, alter, before)?;
    }
    let named = alter.named.borrow();
    verify_outcome(client, alter.at, &before.snapshot, now, &named)?;
    for table in plan.steps().filter_map(TableStep::changed).filter(|_| !whole) {
        verify_undamaged(client, alter.at, table)?;
    }
    Ok(())
}

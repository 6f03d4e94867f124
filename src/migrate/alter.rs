//! `sync < alter >`: the tables that are there become what the script says, with every row.
//!
//! All of it is one transaction, in which foreign keys are not enforced: no row of another table is touched. Renames come first.
//! Then all is planned: each table is to get the text that [`changes`] makes of the one that is kept, and what would lose something
//! is refused ([`hazards`]), all of it at once. Only then tables change. Where no row is touched the text is put in its place; a column
//! that nothing else names SQLite takes out by itself; else the rows move into a new table, by the procedure of <https://www.sqlite.org/lang_altertable.html>, section 7. What came of it is
//! compared with what the script says before it is kept.

use super::broken::{Broken, none_broken};
use super::ddl::TableDdl;
use super::dropped::{doomed_tables, drop_tables, tables_without_model};
use super::engine_of;
use super::history::drift::drift_since;
use super::history::record::next_migration;
use super::history::steps::{StepGroup, group_steps};
use super::history::{MigrationRecord, Renamed};
use super::objects::alter_objects;
use super::objects::drop_made;
use super::objects::free_names;
use super::referred::mismatched;
use super::referred::still_referred;
use super::steps::{DataSteps, is_new};
use super::tables::Planned;
use super::tables::takes_values;
use super::task::{Alteration, ChangePart, Purpose};
use super::there::by_name;
use super::transaction::{KeyEnforcement, TransactionEnd};
use super::verify::before_change;
use super::verify::followed;
use super::verify::nothing_unsaid;
use super::verify::still_sound;
use super::{Change, Migrator, ddl};
use crate::catalog::Object;
use crate::client::Client;
use crate::client::{RunResult, broken_reference, place};
use crate::db::KeyViolations;
use crate::diagnostics::{Hazard, Loss, RunProblem};
use crate::ir::{AlterOptions, ModelId};
use crate::source::Span;

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
        let alter = Alteration::new((at, verb), options, Purpose::Change);
        let changes = self.in_one(alter, model, steps)?;
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
        let alter = Alteration::new((at, "diff"), options, Purpose::Plan);
        self.in_one(alter, None, steps)
    }

    /// Tells what somebody else has changed, unless what is refused tells it.
    fn tell_drift(&mut self, alter: &Alteration<'_>) {
        let drifted = |it: &Hazard| it.loss == Loss::Drift;
        let told = alter.refused.borrow().iter().any(drifted);
        if !told && !alter.drift.is_empty() {
            let database = self.client.scripts.database.to_string();
            let differences = alter.drift.words();
            let problem = RunProblem::ChangedSince { database, differences };
            self.log.warning(problem.into());
        }
    }

    /// All of it in one transaction.
    fn in_one(
        &mut self,
        mut alter: Alteration<'_>,
        model: Option<ModelId>,
        steps: &mut dyn DataSteps,
    ) -> RunResult<Vec<Change>> {
        let at = alter.at;
        let (changes, copy) = self.transact(at, KeyEnforcement::Suspended, |inner| {
            // Another program may have been there until now.
            alter.migration.set(next_migration(&mut inner.client)?);
            let snapshot = inner.client.ask(at, |it| it.objects())?;
            alter.drift = drift_since(&mut inner.client, &snapshot)?;
            let changes = inner.altered(&alter, model, &snapshot, steps)?;
            inner.tell_drift(&alter);
            if alter.plans() {
                // By the names that tables have then.
                let now = inner.client.ask(at, |it| it.objects())?;
                if let Some(problem) = tables_without_model(&mut inner.client, &now)? {
                    inner.log.warning(problem.into());
                }
                return Ok(TransactionEnd::Undone((changes, None)));
            }
            let mut refused = alter.refused_since(0).into_iter();
            if let Some(first) = refused.next() {
                for hazard in refused {
                    inner.log.warning(RunProblem::Hazard(hazard).into());
                }
                return Err(first.into());
            }
            Ok(TransactionEnd::Kept((changes, alter.copy.take())))
        })?;
        if let Some(path) = copy {
            self.log.backup(&path);
        }
        Ok(changes)
    }

    /// All that is to be done, where `snapshot` is there.
    fn altered(
        &mut self,
        alter: &Alteration<'_>,
        model: Option<ModelId>,
        snapshot: &[Object],
        steps: &mut dyn DataSteps,
    ) -> RunResult<Vec<Change>> {
        let at = alter.at;
        let tables = ddl::tables(self.client.scripts.schema, model, self.client.database.dialect());
        let due = if model.is_none() { self.due_steps()? } else { Vec::new() };
        let mut changes = Vec::new();
        let broken = engine_of(self.client.database).broken(&mut self.client, at)?;
        let renames = self.rename(alter, &tables, &broken, &mut changes)?;
        let course =
            Course { model, tables: &tables, broken: &broken, renames: &renames, snapshot };
        let first = alter.migration.get();
        if due.is_empty() {
            self.carry_out_part(alter, &course, &renames, &mut changes)?;
        } else if is_new(&due, &tables, snapshot, &renames) {
            self.carry_out_part(alter, &course, &renames, &mut changes)?;
            if alter.refused() == 0 {
                self.mark_steps(at, &due, first, &mut changes)?;
            }
        } else {
            self.back_up(alter, None)?;
            let before = self.client.ask(at, |it| it.violations())?;
            alter.part.set(ChangePart::Added);
            self.carry_out_part(alter, &course, &renames, &mut changes)?;
            if alter.stops() {
                return Ok(changes);
            }
            for step in due {
                changes.push(if alter.refused() == 0 {
                    self.carry_out_step(at, step, alter.purpose, steps)?
                } else {
                    self.told(step, 0, Vec::new())
                });
            }
            alter.part.set(ChangePart::Rest);
            alter.migration.set(next_migration(&mut self.client)?);
            let snapshot = self.client.ask(at, |it| it.objects())?;
            let course = Course { snapshot: &snapshot, ..course };
            self.carry_out_part(alter, &course, &[], &mut changes)?;
            if alter.refused() == 0 {
                // Keys aren't enforced while steps run.
                still_whole(&mut self.client, alter, false, &before)?;
                let last = next_migration(&mut self.client)?.saturating_sub(1);
                group_steps(&mut self.client, at, &StepGroup { first, last })?;
            }
        }
        Ok(changes)
    }

    /// A part of it. `renamed` has been renamed in this part.
    fn carry_out_part(
        &mut self,
        alter: &Alteration<'_>,
        course: &Course<'_>,
        renamed: &[Renamed],
        all: &mut Vec<Change>,
    ) -> RunResult<()> {
        let at = alter.at;
        let Course { model, tables, broken, renames, snapshot } = *course;
        let whole = alter.part.get() == ChangePart::Rest;
        let mut changes = Vec::new();
        let there = followed(&mut self.client, at, snapshot, renamed)?;
        let planned = self.planned(alter, tables, renames, &there, &mut changes)?;
        if alter.stops() {
            all.extend(changes);
            return Ok(());
        }
        self.back_up(alter, Some(&planned))?;
        let mismatched = if planned.iter().any(Planned::unkeys) {
            Some(mismatched(&mut self.client, at)?)
        } else {
            None
        };
        for it in &planned {
            it.name(alter);
        }
        let doomed = if model.is_none() && whole {
            let schema = self.client.scripts.schema;
            doomed_tables(&mut self.client, alter, schema, &by_name(&there), &mut changes)?
        } else {
            Vec::new()
        };
        if doomed.iter().any(|it| it.rows > 0) {
            self.back_up(alter, None)?;
        }
        let writes = planned.iter().any(Planned::writes_rows);
        let mut was =
            before_change(&mut self.client, at, there.into_owned(), &alter.named.borrow(), writes)?;
        was.renamed = !renamed.is_empty();
        let moves = planned.iter().any(Planned::moves_rows);
        let rebuilt = planned.iter().any(Planned::is_rebuilt);
        let before = if moves { Some(self.client.ask(at, |it| it.violations())?) } else { None };
        if model.is_none() && whole {
            drop_made(&mut self.client, alter, tables, &mut changes)?;
            free_names(&mut self.client, alter, tables, snapshot, &mut changes)?;
        } else if whole {
            free_names(&mut self.client, alter, tables, snapshot, &mut changes)?;
        }
        let count = planned.len();
        for (done, plan) in planned.iter().enumerate() {
            self.change_table(alter, plan, &mut changes)?;
            self.log.progress(done + 1, count);
        }
        drop_tables(&mut self.client, alter, &doomed, &mut changes)?;
        if model.is_none() && whole {
            alter_objects(&mut self.client, alter, &mut changes)?;
        }
        let begun = all.len();
        all.append(&mut changes);
        if all.len() == begun && renamed.is_empty() {
            return Ok(());
        }
        if let Some(before) = mismatched {
            still_referred(&mut self.client, alter, &before)?;
        }
        none_broken(&mut self.client, alter, broken, all)?;
        if alter.stops() {
            return Ok(());
        }
        let dangling = before.as_ref().map(|it| it.rows);
        let own = if renamed.is_empty() { all.get(begun..) } else { Some(all.as_slice()) };
        let sql = own.unwrap_or_default().iter().flat_map(Change::statements);
        let sql: Vec<_> = sql.map(str::to_owned).collect();
        let mut anew: Vec<_> = planned.iter().filter_map(Planned::only_rows).collect();
        anew.extend(doomed.iter().map(|it| it.name.clone()));
        let done = MigrationRecord {
            verb: alter.verb,
            sql: &sql,
            renames: renamed,
            anew: &anew,
            dangling,
            always: false,
        };
        let now = self.client.ask(at, |it| it.objects())?;
        self.record(at, snapshot, &now, &done)?;
        if let Some(before) = before {
            still_whole(&mut self.client, alter, rebuilt, &before)?;
        }
        nothing_unsaid(&mut self.client, at, &was, &now, &alter.named.borrow())?;
        for table in planned.iter().filter_map(Planned::edited) {
            still_sound(&mut self.client, at, table)?;
        }
        Ok(())
    }

    /// Copies the file, where values are going to be taken out of it; always where nothing is known of the tables.
    fn back_up(
        &mut self,
        alter: &Alteration<'_>,
        planned: Option<&[Planned<'_>]>,
    ) -> RunResult<()> {
        if alter.plans() || self.consent.no_backup || alter.copy.borrow().is_some() {
            return Ok(());
        }
        let mut takes = planned.is_none();
        for plan in planned.unwrap_or_default() {
            takes = takes || takes_values(&mut self.client, alter, plan)?;
        }
        if takes {
            let name = format!("backup-{}", alter.migration.get());
            let engine = engine_of(self.client.database);
            let copy = engine.backup(&mut self.client, alter.at, &name)?;
            alter.copy.replace(copy);
        }
        Ok(())
    }
}

/// What all parts of a change are about.
#[derive(Debug, Clone, Copy)]
struct Course<'c> {
    model: Option<ModelId>,
    tables: &'c [TableDdl],
    /// What didn't work before.
    broken: &'c Broken,
    /// What got another name.
    renames: &'c [Renamed],
    /// What was there before the part.
    snapshot: &'c [Object],
}

/// Whether the file is whole, and every row still has what it refers to.
fn still_whole(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    rebuilt: bool,
    before: &KeyViolations,
) -> RunResult<()> {
    let first = client.scripts.schema.models().next();
    let declared = first.map_or(alter.at, |(_, it)| it.span);
    if rebuilt && let Some(damage) = engine_of(client.database).damage(client, alter.at, None)? {
        return Err(RunProblem::Hazard(Hazard {
            loss: Loss::Unaltered,
            what: format!("nothing was altered: {damage}"),
            help: "if the file was whole before, please report it".to_owned(),
            declared: None,
            at: place(alter.at),
        }));
    }
    let violations = client.ask(alter.at, |it| it.violations())?;
    if let Some(what) = violations.since(before) {
        return Err(RunProblem::Hazard(Hazard {
            loss: Loss::Parents,
            what: broken_reference(what).to_string(),
            help: format!(
                "run `{}` to see which tables' rows do so already",
                engine_of(client.database).key_check()
            ),
            declared: Some(declared),
            at: place(alter.at),
        }));
    }
    Ok(())
}

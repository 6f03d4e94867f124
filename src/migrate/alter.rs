//! `sync < alter >`: the tables that are there become what the script says, with every row.
//!
//! All of it is one transaction, in which foreign keys are not enforced: no row of another table is touched. Renames come first.
//! Then all is planned: each table is to get the text that [`changes`] makes of the one that is kept, and what would lose something
//! is refused ([`hazards`]), all of it at once. Only then tables change. Where no row is touched the text is put in its place; a column
//! that nothing else names SQLite takes out by itself; else the rows move into a new table, by the procedure of <https://www.sqlite.org/lang_altertable.html>, section 7. What came of it is
//! compared with what the script says before it is kept.

use super::broken::find_broken;
use super::broken::none_broken;
use super::history::drift::drift_since;
use super::history::record::next_migration;
use super::history::{Drift, MigrationRecord};
use super::objects::alter_objects;
use super::objects::drop_made;
use super::objects::free_names;
use super::referred::mismatched;
use super::referred::still_referred;
use super::tables::Planned;
use super::tables::takes_values;
use super::task::AlterOptions;
use super::transaction::{KeyEnforcement, TransactionEnd};
use super::verify::before_change;
use super::verify::followed;
use super::verify::nothing_unsaid;
use super::verify::still_sound;
use super::{Change, Migrator, ddl};
use crate::catalog::Object;
use crate::client::Client;
use crate::client::{RunResult, place};
use crate::db::KeyViolations;
use crate::diagnostics::{Hazard, Loss, Losses, RunProblem};
use crate::ir::ModelId;
use crate::source::Span;
use std::cell::RefCell;

impl Migrator<'_> {
    /// `sync < alter >`, `User sync < alter >`
    pub(crate) fn alter(
        &mut self,
        at: Span,
        verb: &str,
        model: Option<ModelId>,
        allow: Losses,
        keep: bool,
    ) -> RunResult<Vec<String>> {
        let alter = AlterOptions {
            at,
            verb,
            allow: allow.and(self.consent.allow),
            keep,
            rehearsal: false,
            migration: 0,
            drift: Drift::default(),
            refused: RefCell::default(),
            copy: RefCell::default(),
            named: RefCell::default(),
        };
        let changes = self.in_one(alter, model)?;
        let all = changes.iter().flat_map(Change::statements);
        Ok(all.map(str::to_owned).collect())
    }

    /// What `sync < alter >` changes; what it would refuse is left as it is, and said.
    pub(super) fn rehearse(&mut self, at: Span, keep: bool) -> RunResult<Vec<Change>> {
        let alter = AlterOptions {
            at,
            verb: "diff",
            allow: self.consent.allow,
            keep,
            rehearsal: true,
            migration: 0,
            drift: Drift::default(),
            refused: RefCell::default(),
            copy: RefCell::default(),
            named: RefCell::default(),
        };
        self.in_one(alter, None)
    }

    /// Tells what somebody else has changed, unless what is refused tells it.
    fn tell_drift(&mut self, alter: &AlterOptions<'_>) {
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
        mut alter: AlterOptions<'_>,
        model: Option<ModelId>,
    ) -> RunResult<Vec<Change>> {
        let at = alter.at;
        let (changes, copy) = self.transact(at, KeyEnforcement::Suspended, |inner| {
            // Another program may have been there until now.
            alter.migration = next_migration(&mut inner.client)?;
            let snapshot = inner.client.ask(at, |it| it.objects())?;
            alter.drift = drift_since(&mut inner.client, &snapshot)?;
            let changes = inner.altered(&alter, model, &snapshot)?;
            inner.tell_drift(&alter);
            if alter.rehearsal {
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
        alter: &AlterOptions<'_>,
        model: Option<ModelId>,
        snapshot: &[Object],
    ) -> RunResult<Vec<Change>> {
        let at = alter.at;
        let tables = ddl::tables(self.client.scripts.schema, model, self.client.database.dialect());
        let mut changes = Vec::new();
        let broken = find_broken(&mut self.client, at)?;
        let renames = self.rename(alter, &tables, &broken, &mut changes)?;
        let there = followed(&mut self.client, at, snapshot, &renames)?;
        let planned = self.planned(alter, &tables, &renames, &there, &mut changes)?;
        if alter.refused() > 0 && !alter.rehearsal {
            return Ok(changes);
        }
        self.back_up(alter, &planned)?;
        let mismatched = if planned.iter().any(Planned::unkeys) {
            Some(mismatched(&mut self.client, at)?)
        } else {
            None
        };
        for it in &planned {
            it.name(alter);
        }
        let writes = planned.iter().any(Planned::writes_rows);
        let mut was =
            before_change(&mut self.client, at, there.into_owned(), &alter.named.borrow(), writes)?;
        was.renamed = !renames.is_empty();
        let moves = planned.iter().any(Planned::moves_rows);
        let rebuilt = planned.iter().any(Planned::is_rebuilt);
        let before = if moves { Some(self.client.ask(at, |it| it.violations())?) } else { None };
        if model.is_none() {
            drop_made(&mut self.client, alter, &tables, &mut changes)?;
        }
        free_names(&mut self.client, alter, &tables, snapshot, &mut changes)?;
        let all = planned.len();
        for (done, plan) in planned.iter().enumerate() {
            self.change_table(alter, plan, &mut changes)?;
            self.log.progress(done + 1, all);
        }
        if model.is_none() {
            alter_objects(&mut self.client, alter, &mut changes)?;
        }
        if changes.is_empty() {
            return Ok(changes);
        }
        if let Some(before) = mismatched {
            still_referred(&mut self.client, alter, &before)?;
        }
        none_broken(&mut self.client, alter, &broken, &mut changes)?;
        if alter.refused() > 0 && !alter.rehearsal {
            return Ok(changes);
        }
        let dangling = before.as_ref().map(|it| it.rows);
        let sql = changes.iter().flat_map(Change::statements);
        let sql: Vec<_> = sql.map(str::to_owned).collect();
        let anew: Vec<_> = planned.iter().filter_map(Planned::only_rows).collect();
        let done = MigrationRecord {
            verb: alter.verb,
            sql: &sql,
            renames: &renames,
            anew: &anew,
            dangling,
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
        Ok(changes)
    }

    /// Copies the file, where values are going to be taken out of it.
    fn back_up(&mut self, alter: &AlterOptions<'_>, planned: &[Planned<'_>]) -> RunResult<()> {
        if alter.rehearsal || self.consent.no_backup {
            return Ok(());
        }
        for plan in planned {
            if !takes_values(&mut self.client, alter, plan)? {
                continue;
            }
            let name = format!("backup-{}", alter.migration);
            let copy = self.client.structure(alter.at, |it| it.backup(&name))?;
            alter.copy.replace(copy);
            return Ok(());
        }
        Ok(())
    }
}

/// Whether the file is whole, and every row still has what it refers to.
fn still_whole(
    client: &mut Client<'_>,
    alter: &AlterOptions<'_>,
    rebuilt: bool,
    before: &KeyViolations,
) -> RunResult<()> {
    let first = client.scripts.schema.models().next();
    let declared = first.map_or(alter.at, |(_, it)| it.span);
    if rebuilt && let Some(damage) = client.structure(alter.at, |it| it.damage(None))? {
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
            what,
            help: "run `PRAGMA foreign_key_check` to see which tables' rows do so already"
                .to_owned(),
            declared: Some(declared),
            at: place(alter.at),
        }));
    }
    Ok(())
}

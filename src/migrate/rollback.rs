//! The last migration, undone.

use super::Migrator;
use super::history::kept_tables::{is_kept_whole, kept_rows_of, kept_tables};
use super::history::last_migration::{LastMigration, last_done};
use super::history::steps::{first_of, forget_steps};
use super::history::{
    Migration, MigrationVerb, RecordedChange, Renamed, Undone, damaged, migrations_done,
};
use super::transaction::{KeyEnforcement, TransactionEnd};
use super::verify::{PlannedObjects, before_change, verify_outcome};
use super::{alter_engine, engine_of};
use crate::catalog::{Definition, Name, Object, ObjectKind, TableStorage};
use crate::client::Client;
use crate::client::{FailedStatement, RunResult, broken_reference, quoted};
use crate::db::KeyViolations;
use crate::diagnostics::{HistoryDamage, Loss, RollbackHazard};
use crate::source::Span;
use crate::value::Value;
use std::collections::HashSet;

/// Whether two are of one kind and name.
pub(super) fn same(a: &Object, b: &Object) -> bool {
    a.kind() == b.kind() && a.name.eq_ignore_ascii_case(&b.name)
}

/// Whether a table only finds the rows of another one: it can be filled again.
const fn has_no_own_rows(table: &Object) -> bool {
    matches!(table.definition, Definition::Table(TableStorage::Module { content: Some(_) }))
}

impl Migrator<'_> {
    /// Undoes the last migration.
    pub(super) fn rollback_in_transaction(&mut self) -> RunResult<Option<Undone>> {
        self.transact(Span::default(), KeyEnforcement::Suspended, |inner| {
            inner.undo_last().map(TransactionEnd::Kept)
        })
    }

    /// Undoes the last migration, and those that belong to it.
    fn undo_last(&mut self) -> RunResult<Option<Undone>> {
        self.undo_last_by(&mut Self::undo_one)
    }

    /// The same, where `undo` undoes one.
    pub(super) fn undo_last_by(
        &mut self,
        undo: &mut dyn FnMut(&mut Self, Migration) -> RunResult<Undone>,
    ) -> RunResult<Option<Undone>> {
        let mut all = migrations_done(&mut self.client)?;
        all.retain(|it| it.rolled_back_at.is_none());
        let Some(last) = all.pop() else {
            return Ok(None);
        };
        let first = first_of(&mut self.client, last.id)?;
        let mut res = undo(self, last)?;
        while let Some(before) = all.pop_if(|it| it.id >= first) {
            let Undone { migration, changes, sql, .. } = undo(self, before)?;
            res.with.push(migration);
            res.changes.extend(changes);
            res.sql.extend(sql);
        }
        Ok(Some(res))
    }

    fn undo_one(&mut self, mut migration: Migration) -> RunResult<Undone> {
        let engine = alter_engine(self.client.database)?;
        refuse_forgotten(self, &migration)?;
        let mut last = last_done(&mut self.client, migration.id)?;
        refuse_changed_since(&mut self.client, &last)?;
        migration.changes = last.changes(engine, &migration.verb);
        let mut changes = last.undone(engine, &migration.verb);
        if let Some(step) = &migration.step {
            changes.push(RecordedChange::of_step(step));
        }
        let mut named = PlannedObjects::default();
        for object in last.before.iter().chain(&last.after) {
            named.add(object.kind(), &object.name);
        }
        let written = kept_rows_of(&mut self.client, &migration)?;
        for table in &written {
            named.add(ObjectKind::Table, table);
        }
        let there = self.client.ask(Span::default(), |it| it.objects())?;
        let mut was = before_change(&mut self.client, Span::default(), there, &named, true)?;
        was.follows = !last.renames.is_empty();
        was.renamed = was.follows;
        let mut ran = Vec::new();
        let before = self.client.ask(Span::default(), |it| it.violations())?;
        let broken = engine.broken(&mut self.client, Span::default())?;
        self.undo_objects(&mut last, !broken.is_empty(), &mut ran)?;
        if migration.step.is_some() {
            engine.undo_step(self, migration.id, &written, &mut ran)?;
        }
        let at = Span::default();
        migration.rolled_back_at = Some(self.present());
        let now = Value::Text(self.present());
        forget_steps(&mut self.client, migration.id, &now)?;
        self.note_rollback(migration.id, now)?;
        for table in kept_tables(&mut self.client, Some(migration.id))? {
            let sql = format!("DROP TABLE {}", quoted(&table));
            self.client.ask(at, |it| it.execute(&sql, &[]))?;
        }
        let after = self.client.ask(at, |it| it.violations())?;
        // Those that the migration let go come back as they were.
        let before = KeyViolations { rows: before.rows.max(last.dangling), ..before };
        if let Some(what) = after.since(&before)
            && !self.consent.allow.has(Loss::WrittenSince)
        {
            return Err(RollbackHazard::Reference(broken_reference(what)).into());
        }
        if let Some(damage) = engine.damage(&mut self.client, at, None)? {
            return Err(RollbackHazard::Damage { damage }.into());
        }
        let now_broken = engine.broken(&mut self.client, at)?;
        if let Some((_, name, why)) = now_broken.since(&broken).into_iter().next() {
            return Err(RollbackHazard::Breaks { name: name.to_owned(), why }.into());
        }
        let now = self.client.ask(at, |it| it.objects())?;
        verify_as_before(&last, &now)?;
        verify_outcome(&mut self.client, at, &was, &now, &named)?;
        Ok(Undone { migration, with: Vec::new(), changes, sql: ran })
    }

    /// Notes in the history that a migration is undone.
    pub(super) fn note_rollback(&mut self, migration: i64, now: Value) -> RunResult<()> {
        let noted = self.client.ask(Span::default(), |it| {
            let sql = "UPDATE _relata_migrations SET \"rolledBackAt\" = $1 WHERE id = $2";
            it.execute(sql, &[now, Value::Integer(migration)])
        })?;
        if noted == 1 { Ok(()) } else { Err(damaged(HistoryDamage::TakesNoNote)) }
    }

    /// Takes back what was done; `broken` is whether there are views or triggers that didn't work before.
    fn undo_objects(
        &mut self,
        last: &mut LastMigration,
        broken: bool,
        ran: &mut Vec<String>,
    ) -> RunResult<()> {
        let at = Span::default();
        let mut others = self.client.ask(at, |it| it.objects())?;
        others.retain(|it| {
            it.kind() != ObjectKind::Table
                && it.sql.is_some()
                && !last.after.iter().any(|own| same(own, it))
        });
        // Views and triggers first, so that nothing speaks of what changes.
        for object in &last.after {
            if matches!(object.kind(), ObjectKind::View | ObjectKind::Trigger) {
                let sql = format!("DROP {} {}", object.kind().word(), quoted(&object.name));
                self.client.run_statement(at, &sql, ran)?;
            }
        }
        // Tables that came go next, so that their names are free.
        let later: HashSet<_> = LastMigration::tables(&last.before)
            .map(|it| Name::from(last.later(&it.name)))
            .collect();
        // One that went and came again is another one.
        let mut anew = HashSet::new();
        for table in LastMigration::tables(&last.before) {
            if is_kept_whole(&mut self.client, last.id, &table.name)? {
                anew.insert(Name::from(table.name.as_str()));
            }
        }
        let mut came: Vec<_> = LastMigration::tables(&last.after)
            .filter(|it| {
                let name = it.name.as_str().into();
                !later.contains(&name) || anew.contains(&name)
            })
            .collect();
        // A virtual table takes those with it that it keeps its rows in.
        came.sort_by_key(|it| !it.is_virtual());
        for table in came {
            self.undo_creation(table, ran)?;
        }
        undo_renames(&mut self.client, last, broken, ran)?;
        // What the migration left as it was doesn't follow the names.
        let there = self.client.ask(at, |it| it.objects())?;
        others.retain(|it| !there.contains(it));
        for object in &others {
            let sql = format!("DROP {} IF EXISTS {}", object.kind().word(), quoted(&object.name));
            self.client.run_statement(at, &sql, ran)?;
        }
        last.before.extend(others);
        for table in LastMigration::tables(&last.before) {
            let later = last.later(&table.name);
            if anew.contains(&table.name.as_str().into()) {
                let engine = alter_engine(self.client.database)?;
                engine.make_again(&mut self.client, last.id, table, ran)?;
            } else if LastMigration::tables(&last.after)
                .any(|it| it.name.eq_ignore_ascii_case(&later))
            {
                alter_engine(self.client.database)?.undo_table(self, last, (table, &later), ran)?;
            } else {
                self.create_without_rows(table, ran)?;
            }
        }
        undo_rest(&mut self.client, last, ran)
    }

    /// A table of which nothing is kept comes again, without its rows.
    fn create_without_rows(&mut self, table: &Object, ran: &mut Vec<String>) -> RunResult<()> {
        if !self.consent.allow.has(Loss::WrittenSince) {
            return Err(RollbackHazard::RowsGone { table: table.name.clone() }.into());
        }
        let sql = table.sql.as_deref().unwrap_or_default();
        self.client.make(Span::default(), sql, ran)
    }

    /// A table that came goes.
    fn undo_creation(&mut self, table: &Object, ran: &mut Vec<String>) -> RunResult<()> {
        let at = Span::default();
        let name = quoted(&table.name);
        if self.client.ask(at, |it| it.table(&table.name))?.is_none() {
            return Ok(());
        }
        let rows = if has_no_own_rows(table) {
            0
        } else {
            self.client.count(at, &format!("SELECT count(*) FROM {name}"))?
        };
        if rows > 0 && !self.consent.allow.has(Loss::WrittenSince) {
            return Err(RollbackHazard::NewTable { table: table.name.clone(), rows }.into());
        }
        self.client.run_statement(at, &format!("DROP TABLE {name}"), ran)
    }
}

/// Refuses to undo a migration of whose rows nothing is kept any more, or never was.
pub(super) fn refuse_forgotten(
    migrator: &mut Migrator<'_>,
    migration: &Migration,
) -> RunResult<()> {
    if !migration.kept {
        return Err(RollbackHazard::Pruned { migration: migration.id }.into());
    }
    let forgotten = migration.verb == MigrationVerb::Force
        && kept_tables(&mut migrator.client, Some(migration.id))?.is_empty();
    if forgotten && !migrator.consent.allow.has(Loss::WrittenSince) {
        return Err(RollbackHazard::Forced { migration: migration.id }.into());
    }
    Ok(())
}

/// Fails where somebody else has changed what is to be undone.
pub(super) fn refuse_changed_since(client: &mut Client<'_>, last: &LastMigration) -> RunResult<()> {
    let there = client.ask(Span::default(), |it| it.objects())?;
    let engine = engine_of(client.database);
    // Where it keeps no texts, a column that came again stands at the end.
    let is_it = |a: &Object, b: &Object| {
        let texts = a.sql.as_deref().zip(b.sql.as_deref());
        a.sql == b.sql
            || engine.alters().is_none()
                && texts.is_some_and(|(is, was)| engine.same_object(a.kind(), is, was))
    };
    for left in &last.after {
        if !there.iter().any(|it| same(it, left) && is_it(it, left)) {
            let (noun, name) = (left.kind().noun(), left.name.clone());
            return Err(RollbackHazard::ChangedSince { noun, name }.into());
        }
    }
    Ok(())
}

fn undo_renames(
    client: &mut Client<'_>,
    last: &mut LastMigration,
    broken: bool,
    ran: &mut Vec<String>,
) -> RunResult<()> {
    for it in last.renames.clone().iter().rev() {
        let (from, to) = (quoted(&it.from), quoted(&it.to));
        let Some(table) = &it.table else {
            let sql = format!("ALTER TABLE {to} RENAME TO {from}");
            undo_rename(client, &sql, broken, ran)?;
            continue;
        };
        let rename = format!("ALTER TABLE {} RENAME COLUMN", quoted(table));
        // A column that came has the old name: it steps aside until its turn to go.
        let current = client.ask(Span::default(), |it| it.table(table))?;
        let came = current.and_then(|current| current.column(&it.from).cloned());
        if let Some(came) = came.filter(|_| !it.from.eq_ignore_ascii_case(&it.to)) {
            let aside = format!("_relata_came_{}", came.name);
            let sql = format!("{rename} {from} TO {}", quoted(&aside));
            undo_rename(client, &sql, broken, ran)?;
            last.renames.push(Renamed { table: Some(table.clone()), from: aside, to: came.name });
        }
        undo_rename(client, &format!("{rename} {to} TO {from}"), broken, ran)?;
    }
    Ok(())
}

fn undo_rename(
    client: &mut Client<'_>,
    sql: &str,
    broken: bool,
    ran: &mut Vec<String>,
) -> RunResult<()> {
    alter_engine(client.database)?.rename(client, Span::default(), sql, (1, broken))?;
    ran.push(sql.to_owned());
    Ok(())
}

/// Indexes, views and triggers as they were.
fn undo_rest(
    client: &mut Client<'_>,
    last: &LastMigration,
    ran: &mut Vec<String>,
) -> RunResult<()> {
    let at = Span::default();
    let there = client.ask(at, |it| it.objects())?;
    for object in &last.after {
        let current = there.iter().find(|it| same(it, object));
        let was = last.before.iter().find(|it| same(it, object));
        let keeps = was.is_some_and(|was| current.is_some_and(|current| current.sql == was.sql));
        if object.kind() == ObjectKind::Index && current.is_some() && !keeps {
            client.run_statement(at, &format!("DROP INDEX {}", quoted(&object.name)), ran)?;
        }
    }
    let there = client.ask(at, |it| it.objects())?;
    for kind in [ObjectKind::Index, ObjectKind::View, ObjectKind::Trigger] {
        for object in last.before.iter().filter(|it| it.kind() == kind) {
            let missing = !there.iter().any(|it| same(it, object));
            if let Some(sql) = object.sql.as_deref().filter(|_| missing) {
                create_as_before(client, object, sql, ran)?;
            }
        }
    }
    Ok(())
}

/// An index, a view or a trigger comes back; rows written since may break a unique index.
fn create_as_before(
    client: &mut Client<'_>,
    object: &Object,
    sql: &str,
    ran: &mut Vec<String>,
) -> RunResult<()> {
    match client.create(sql) {
        Ok(()) => ran.push(sql.to_owned()),
        Err(error) if object.kind() == ObjectKind::Index && error.is_constraint() => {
            let (table, why) = (object.table.clone(), error.message);
            return Err(RollbackHazard::Unfit { table, why }.into());
        }
        Err(error) => {
            let about = FailedStatement { statement: Some(sql), ..FailedStatement::default() };
            return Err(client.failure_of(error, Span::default(), about));
        }
    }
    Ok(())
}

/// Holds what is there against what was there before.
fn verify_as_before(last: &LastMigration, there: &[Object]) -> RunResult<()> {
    for object in &last.before {
        let current = there.iter().find(|it| same(it, object));
        if current.is_none_or(|it| it.sql != object.sql) {
            return Err(RollbackHazard::NotAsBefore { name: object.name.clone() }.into());
        }
    }
    Ok(())
}

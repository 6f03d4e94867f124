//! Data steps on a server: what a step does to rows is kept, so that it can be undone. Where a transaction undoes what it makes, all of it is in the
//! one that is open; else each step is a transaction of its own, with its row of the history, around which tables come and go.
//!
//! What is kept has a row for each that the step changed, made or deleted: `was` and `stays` say whether there was such a row before and
//! behind it; `k:` columns have its key, `o:` columns its old values, `n:` columns its new ones.

use super::ServerEngine;
use crate::catalog::{Object, ObjectKind, Table};
use crate::client::{Client, FailedStatement, RunResult, quoted};
use crate::diagnostics::{Loss, RollbackHazard, RunProblem};
use crate::ir::DataStep;
use crate::migrate::history::record::{begin_history, next_migration};
use crate::migrate::history::steps::{make_room_for_steps, note_step};
use crate::migrate::history::{MigrationRecord, MigrationVerb};
use crate::migrate::steps::{DataSteps, changes_rows_alone, titled};
use crate::migrate::transaction::{KeyEnforcement, TransactionEnd};
use crate::migrate::{Change, Migrator};
use crate::source::Span;
use crate::sql::Dialect;
use std::collections::BTreeSet;

/// A table that a step writes to, and where its rows are kept.
struct StepTable {
    /// Its name, in quotes.
    name: String,
    key: Vec<StepColumn>,
    values: Vec<StepColumn>,
    /// Whose rows are kept while the step runs; in quotes.
    before: String,
    /// What is kept of them; in quotes.
    kept: String,
}

/// A column, and what keeps its values: names in quotes.
struct StepColumn {
    name: String,
    key: String,
    old: String,
    new: String,
}

impl StepColumn {
    fn of(dialect: &Dialect, name: &str) -> Self {
        let kept = |kind: &str| quoted(&dialect.shortened(&format!("{kind}:{name}")));
        Self { name: quoted(name), key: kept("k"), old: kept("o"), new: kept("n") }
    }
}

/// A column's own name, or that of what keeps its values.
type ColumnName = fn(&StepColumn) -> &str;

const OWN: ColumnName = |it| &it.name;
const KEY: ColumnName = |it| &it.key;
const OLD: ColumnName = |it| &it.old;
const NEW: ColumnName = |it| &it.new;

/// `a.x, a.y`, or `a.x AS z, ..`.
fn listed(columns: &[StepColumn], of: &str, name: ColumnName, kept: Option<ColumnName>) -> String {
    let each = columns.iter().map(|it| match kept {
        Some(kept) => format!("{of}.{} AS {}", name(it), kept(it)),
        None => format!("{of}.{}", name(it)),
    });
    each.collect::<Vec<_>>().join(", ")
}

impl StepTable {
    /// One without a key has no rows that could be known again.
    fn of(
        (server, dialect): (&dyn ServerEngine, &Dialect),
        migration: u64,
        table: &Table,
    ) -> Option<Self> {
        let column = |it: &str| StepColumn::of(dialect, it);
        let key: Vec<_> = table.primary_key().into_iter().map(column).collect();
        let plain = table.columns.iter().filter(|it| it.generated.is_none());
        let values = plain.map(|it| column(&it.name)).collect();
        let [before, kept] = server.step_tables(migration, &table.name);
        let res = Self { name: quoted(&table.name), key, values, before, kept };
        (!res.key.is_empty()).then_some(res)
    }

    /// Whether it is the same row.
    fn same(&self, now: &str, kept: &str) -> String {
        let each = self.key.iter().map(|it| format!("{now}.{} = {kept}.{}", it.name, it.key));
        each.collect::<Vec<_>>().join(" AND ")
    }

    /// Whether a value is another one than what is kept.
    fn differs(
        &self,
        server: &dyn ServerEngine,
        now: &str,
        kept: &str,
        name: ColumnName,
    ) -> String {
        let each = self.values.iter().map(|it| {
            server.differs(&format!("{now}.{}", it.name), &format!("{kept}.{}", name(it)))
        });
        each.collect::<Vec<_>>().join(" OR ")
    }

    /// Statements that make the tables in which its rows are kept.
    fn make(&self, server: &dyn ServerEngine, migration: u64) -> Vec<String> {
        let names: Vec<String> = self.key.iter().map(|it| it.key.clone()).collect();
        let keyed = server.kept_key(&names);
        // Nothing of it has to be there.
        let name = &self.name;
        let from = format!("FROM (SELECT 1 AS one) AS z LEFT JOIN {name} AS t ON 1 = 0 LIMIT 0");
        let key = listed(&self.key, "t", OWN, Some(KEY));
        let [old, new] = [OLD, NEW].map(|it| listed(&self.values, "t", OWN, Some(it)));
        let (before, kept) = (&self.before, &self.kept);
        let mut res = server.room_for_steps(migration);
        res.push(format!("CREATE TABLE {before}{keyed} AS SELECT {key}, {old} {from}"));
        res.push(format!(
            "CREATE TABLE {kept}{keyed} AS SELECT 1 AS was, 1 AS stays, {key}, {old}, {new} {from}"
        ));
        res
    }

    /// Keeps its rows.
    fn fill(&self) -> String {
        let [key, values] = [&self.key, &self.values].map(|it| listed(it, "t", OWN, None));
        format!("INSERT INTO {} SELECT {key}, {values} FROM {} AS t", self.before, self.name)
    }

    /// Of the rows that were kept those stay kept which the step has changed, with what it made of them.
    fn keep(&self, server: &dyn ServerEngine) -> [String; 2] {
        let (same, differs) = (self.same("n", "b"), self.differs(server, "n", "b", OLD));
        let first = self.key.first();
        let present = first.map_or_else(String::new, |it| format!("n.{}", it.name));
        let was = first.map_or_else(String::new, |it| format!("b.{}", it.key));
        let new = listed(&self.values, "n", OWN, None);
        let (key, old) = (listed(&self.key, "b", KEY, None), listed(&self.values, "b", OLD, None));
        let none: Vec<_> = self.values.iter().map(|_| "NULL").collect();
        let (none, own) = (none.join(", "), listed(&self.key, "n", OWN, None));
        let (before, kept, now) = (&self.before, &self.kept, &self.name);
        [
            format!(
                "INSERT INTO {kept} SELECT 1, CASE WHEN {present} IS NULL THEN 0 ELSE 1 END, {key}, {old}, {new} \
                 FROM {before} AS b LEFT JOIN {now} AS n ON {same} WHERE {present} IS NULL OR {differs}"
            ),
            format!(
                "INSERT INTO {kept} SELECT 0, 1, {own}, {none}, {new} \
                 FROM {now} AS n LEFT JOIN {before} AS b ON {same} WHERE {was} IS NULL"
            ),
        ]
    }

    /// How many of the rows that the step made have been written since.
    fn written_since(&self, server: &dyn ServerEngine) -> String {
        let (same, differs) = (self.same("t", "k"), self.differs(server, "t", "k", NEW));
        let (kept, now) = (&self.kept, &self.name);
        format!(
            "SELECT count(*) FROM {kept} AS k JOIN {now} AS t ON {same} WHERE k.was = 0 AND ({differs})"
        )
    }

    /// What gives rows back that went.
    fn restore_deleted(&self, server: &dyn ServerEngine) -> String {
        let into: Vec<_> = self.values.iter().map(|it| it.name.as_str()).collect();
        let (into, old) = (into.join(", "), listed(&self.values, "k", OLD, None));
        let (kept, now, given) = (&self.kept, &self.name, server.given_numbers());
        let same = self.same("t", "k");
        format!(
            "INSERT INTO {now} ({into}){given} SELECT {old} FROM {kept} AS k \
             WHERE k.was = 1 AND k.stays = 0 AND NOT EXISTS (SELECT 1 FROM {now} AS t WHERE {same})"
        )
    }

    /// What gives rows their values back, where nobody has written others since.
    fn restore_changed(&self, server: &dyn ServerEngine) -> Option<String> {
        let (kept, now) = (&self.kept, &self.name);
        let same = self.same(now, "k");
        let is_key = |it: &&StepColumn| self.key.iter().any(|key| key.name == it.name);
        let set = self.values.iter().filter(|it| !is_key(it)).map(|it| {
            let (name, old) = (&it.name, &it.old);
            let differs = server.differs(&format!("{now}.{name}"), &format!("k.{}", it.new));
            format!(
                "{name} = (SELECT CASE WHEN {differs} THEN {now}.{name} ELSE k.{old} END FROM {kept} AS k WHERE {same})"
            )
        });
        let set: Vec<_> = set.collect();
        let (set, empty) = (set.join(", "), set.is_empty());
        (!empty).then(|| {
            format!(
                "UPDATE {now} SET {set} WHERE EXISTS (SELECT 1 FROM {kept} AS k WHERE {same} AND k.was = 1 AND k.stays = 1)"
            )
        })
    }

    /// What deletes the rows that the step made.
    fn delete_made(&self) -> String {
        let (kept, now) = (&self.kept, &self.name);
        let same = self.same(now, "k");
        format!(
            "DELETE FROM {now} WHERE EXISTS (SELECT 1 FROM {kept} AS k WHERE {same} AND k.was = 0)"
        )
    }
}

/// What is done within the transaction that is open, or in one of its own where none is.
fn within<T>(
    migrator: &mut Migrator<'_>,
    at: Span,
    work: impl FnOnce(&mut Migrator<'_>) -> RunResult<TransactionEnd<T>>,
) -> RunResult<T> {
    if !migrator.client.database.dialect().transactional_ddl {
        return migrator.transact(at, KeyEnforcement::Enforced, work);
    }
    let depth = migrator.depth + 1;
    migrator.client.ask(at, |it| it.savepoint(depth))?;
    match work(migrator)? {
        TransactionEnd::Kept(done) => {
            migrator.client.ask(at, |it| it.release(depth))?;
            Ok(done)
        }
        TransactionEnd::Undone(done) => {
            migrator.client.ask(at, |it| it.rollback_to(depth))?;
            Ok(done)
        }
    }
}

fn run(client: &mut Client<'_>, at: Span, sql: &str) -> RunResult<()> {
    match client.database.execute(sql, &[]) {
        Ok(_) => Ok(()),
        Err(error) => {
            let about = FailedStatement { statement: Some(sql), ..FailedStatement::default() };
            Err(client.failure_of(error, at, about))
        }
    }
}

/// Carries a step out, and records it.
pub(in crate::migrate) fn carry_out_step(
    server: &'static dyn ServerEngine,
    migrator: &mut Migrator<'_>,
    at: Span,
    step: &DataStep,
    steps: &mut dyn DataSteps,
) -> RunResult<Change> {
    migrator.log.carrying_out(Some(&titled(step)));
    begin_history(&mut migrator.client, at)?;
    make_room_for_steps(&mut migrator.client, at)?;
    let migration = next_migration(&mut migrator.client)?;
    let before = migrator.client.ask(at, |it| it.objects())?;
    // Which tables it writes to shows when it runs; what is in them is kept before it does.
    let written = within(migrator, at, |inner| {
        let mut clock = inner.clock.clone();
        let done = inner.run_step(step, &mut clock, &mut Vec::new(), steps)?;
        changes_rows_alone(&mut inner.client, at, step, &before)?;
        server.written(&mut inner.client, at, step, &done).map(TransactionEnd::Undone)
    })?;
    let (mut tables, dialect) = (Vec::new(), migrator.client.database.dialect());
    for name in &written {
        let Some(table) = migrator.client.ask(at, |it| it.table(name))? else { continue };
        let Some(table) = StepTable::of((server, dialect), migration, &table) else {
            let title = dialect.title;
            let what = format!(
                "the step `{}`, which may write to `{name}`: that has no primary key by which its rows could be given back,",
                step.name
            );
            return Err(RunProblem::NotOnServer { what, title, at: Some(step.span) });
        };
        tables.push(table);
    }
    let transactional = migrator.client.database.dialect().transactional_ddl;
    for table in &tables {
        if !transactional {
            // One that was cut off has left it.
            run(&mut migrator.client, at, &format!("DROP TABLE IF EXISTS {}", table.before))?;
            run(&mut migrator.client, at, &format!("DROP TABLE IF EXISTS {}", table.kept))?;
        }
        for sql in table.make(server, migration) {
            run(&mut migrator.client, at, &sql)?;
        }
    }
    if !transactional {
        server.isolate(&mut migrator.client, at)?;
    }
    let change = within(migrator, at, |inner| {
        server.keep_writers_out(&mut inner.client, at, &written)?;
        for table in &tables {
            run(&mut inner.client, at, &table.fill())?;
        }
        let (mut clock, mut told) = (inner.clock.clone(), Vec::new());
        let done = inner.run_step(step, &mut clock, &mut told, steps)?;
        *inner.clock = clock;
        for it in told {
            inner.log.warning(it);
        }
        changes_rows_alone(&mut inner.client, at, step, &before)?;
        let may = server.written(&mut inner.client, at, step, &done)?;
        if let Some(other) = may.iter().find(|it| !written.contains(*it)) {
            let title = inner.client.database.dialect().title;
            let what = format!(
                "the step `{}`, which writes to `{other}` at one time and not at another,",
                step.name
            );
            return Err(RunProblem::NotOnServer { what, title, at: Some(step.span) });
        }
        for sql in tables.iter().flat_map(|it| it.keep(server)) {
            run(&mut inner.client, at, &sql)?;
        }
        let sql: Vec<String> = done.sql.iter().map(|it| it.text.clone()).collect();
        let record = MigrationRecord {
            verb: MigrationVerb::Once,
            sql: &sql,
            always: true,
            ..MigrationRecord::default()
        };
        inner.record(at, &before, &before, &record)?;
        note_step(&mut inner.client, at, step, true, migration)?;
        Ok(TransactionEnd::Kept(inner.told(step, done.rows, sql)))
    })?;
    for table in &tables {
        run(&mut migrator.client, at, &format!("DROP TABLE {}", table.before))?;
    }
    migrator.log.carrying_out(None);
    Ok(change)
}

/// The tables of which a step has kept rows; those come first to which others refer.
fn kept_of(
    server: &'static dyn ServerEngine,
    client: &mut Client<'_>,
    migration: u64,
    there: &[Object],
) -> RunResult<Vec<(String, StepTable)>> {
    let (at, dialect) = (Span::default(), client.database.dialect());
    let mut left = Vec::new();
    for object in there.iter().filter(|it| it.kind() == ObjectKind::Table) {
        if !server.has_kept_step(client, migration, &object.name)? {
            continue;
        }
        let Some(table) = client.ask(at, |it| it.table(&object.name))? else { continue };
        let table = StepTable::of((server, dialect), migration, &table);
        left.extend(table.map(|it| (object.name.clone(), it)));
    }
    let keys = server.keys(client, at)?;
    let (mut res, mut done): (Vec<(String, StepTable)>, BTreeSet<String>) = Default::default();
    while !left.is_empty() {
        let waits = |name: &String| {
            keys.iter().any(|key| {
                key.table == *name
                    && key.parent != *name
                    && !done.contains(&key.parent)
                    && left.iter().any(|it| it.0 == key.parent)
            })
        };
        // Of those that refer to each other one comes first.
        let at = left.iter().position(|it| !waits(&it.0)).unwrap_or_default();
        let next = left.remove(at);
        done.insert(next.0.clone());
        res.push(next);
    }
    Ok(res)
}

/// Undoes what a step did to rows, in the transaction that is open; what was written since stays.
pub(in crate::migrate) fn undo_step(
    server: &'static dyn ServerEngine,
    migrator: &mut Migrator<'_>,
    migration: u64,
    ran: &mut Vec<String>,
) -> RunResult<()> {
    let at = Span::default();
    let allowed = migrator.consent.allow.has(Loss::WrittenSince);
    let client = &mut migrator.client;
    let there = client.ask(at, |it| it.objects())?;
    let tables = kept_of(server, client, migration, &there)?;
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for (name, table) in &tables {
        if !allowed {
            let rows = client.count(at, &table.written_since(server))?;
            if rows > 0 {
                return Err(RollbackHazard::StepRows { table: name.clone(), rows }.into());
            }
        }
        let Some([off, on]) = server.silenced(&there, name) else {
            let why = "its triggers would fire for rows that come back".to_owned();
            return Err(RollbackHazard::Unfit { table: name.clone(), why }.into());
        };
        first.extend(off.into_iter().map(|it| (name, it)));
        last.extend(on.into_iter().map(|it| (name, it)));
    }
    let each = tables.iter();
    let back = each.clone().map(|(name, it)| (name, it.restore_deleted(server)));
    let changed = each.clone().filter_map(|(name, it)| Some((name, it.restore_changed(server)?)));
    let made = each.rev().map(|(name, it)| (name, it.delete_made()));
    let all = first.into_iter().chain(back).chain(changed).chain(made).chain(last);
    for (name, sql) in all.collect::<Vec<_>>() {
        match client.database.execute(&sql, &[]) {
            Ok(_) => ran.push(sql),
            Err(error) if error.is_constraint() => {
                let (table, why) = (name.clone(), error.message);
                return Err(RollbackHazard::Unfit { table, why }.into());
            }
            Err(error) => {
                let about = FailedStatement { statement: Some(&sql), ..FailedStatement::default() };
                return Err(client.failure_of(error, at, about));
            }
        }
    }
    Ok(())
}

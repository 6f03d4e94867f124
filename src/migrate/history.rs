//! What was done to a database's structure, kept in the database itself, and undone.
//!
//! `_relata_migrations` has a row for each sentence that changed something: its statements, what was there before of what it changed,
//! and all that was there behind it. Values that a migration takes out of a table, or changes, are kept beside it in a table
//! `_relata_kept_..` ([`kept`]), until they are pruned.
//!
//! Invariant: all of it is written in the transaction of the change itself. Names that begin with `_relata_` are Relata's: nothing
//! else sees them.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method of a `Migrator` of one lifetime is no function of all"
)]

use crate::client::Client;
pub(super) mod drift;
pub(super) mod kept_tables;
pub(super) mod last_migration;
mod lists;
pub(super) mod record;
mod recorded_changes;
mod renamed;
pub(super) mod settled;
pub(super) mod steps;

pub(super) use drift::Drift;
pub(super) use record::MigrationRecord;
pub use recorded_changes::RecordedChange;
pub(super) use renamed::Renamed;
pub(super) use settled::{SettledNames, settled_names};

use self::drift::drift_since;
use self::last_migration::last_done;
use super::engine_of;
use super::{Consent, Migrator, alone};
use crate::catalog::{Column, Object, ObjectKind};
use crate::client::RunResult;
use crate::db::{Database, DbErrorKind};
use crate::diagnostics::{HistoryDamage, Losses, RunProblem};
use crate::ir::moment_of;
use crate::source::Span;
use crate::value::Value;
use crate::words::same_name;
use sha2::{Digest, Sha256};
use smol_str::{SmolStr, ToSmolStr};
use std::fmt::Write;

/// The table that has it.
const TABLE: &str = "_relata_migrations";

/// The columns of the history that are read, and their place in its key.
const COLUMNS: &[(&str, usize)] = &[
    ("id", 1),
    ("verb", 0),
    ("appliedAt", 0),
    ("version", 0),
    ("script", 0),
    ("sql", 0),
    ("renames", 0),
    ("before", 0),
    ("after", 0),
    ("schema", 0),
    ("made", 0),
    ("dangling", 0),
    ("rolledBackAt", 0),
];

/// A change of a database's structure that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its number, from 1.
    pub id: i64,
    /// What it was.
    pub verb: MigrationVerb,
    /// The data step that it is, if it is one.
    pub step: Option<SmolStr>,
    /// When: `2022-01-16T12:00:00.000Z`.
    pub applied_at: SmolStr,
    /// The version of Relata.
    pub version: SmolStr,
    /// The SHA-256 of the scripts, in hexadecimal digits.
    pub script: SmolStr,
    /// What it changed. Nothing is known of it behind `relata history prune`.
    pub changes: Vec<RecordedChange>,
    /// Its statements, in order.
    pub sql: Vec<String>,
    /// When it was rolled back, if it was.
    pub rolled_back_at: Option<SmolStr>,
    /// Whether what it took away is kept, so that it can be rolled back.
    pub kept: bool,
}

/// What a migration was: the verb of its sentence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum MigrationVerb {
    /// `sync`
    #[default]
    Sync,
    /// `relata apply`
    Apply,
    /// `drop`
    Drop,
    /// `sync < force >`: the tables may be as they were, but their rows are gone.
    Force,
    /// A data step.
    Once,
    /// What this version of Relata has no name for.
    Other(SmolStr),
}

impl MigrationVerb {
    /// The one that is written so.
    pub(super) fn read(word: &str) -> Self {
        let known = [Self::Sync, Self::Apply, Self::Drop, Self::Force, Self::Once];
        known.into_iter().find(|it| it.word() == word).unwrap_or_else(|| Self::Other(word.into()))
    }

    /// Its word.
    pub fn word(&self) -> &str {
        match self {
            Self::Sync => "sync",
            Self::Apply => "apply",
            Self::Drop => "drop",
            Self::Force => "force",
            Self::Once => "once",
            Self::Other(word) => word,
        }
    }
}

impl std::fmt::Display for MigrationVerb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// What a rollback undid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The migration.
    pub migration: Migration,
    /// Those before it that were carried out by the same sentence, with data steps, the last one first.
    pub with: Vec<Migration>,
    /// What was changed to undo it.
    pub changes: Vec<RecordedChange>,
    /// The statements that undid it, in order.
    pub sql: Vec<String>,
}

/// What was done to a database, the last one at the end.
///
/// # Errors
/// Where the database can't be read.
pub fn history(database: &mut dyn Database) -> RunResult<Vec<Migration>> {
    alone(database, Consent::default(), None, |migrator| {
        let mut all = migrations_done(&mut migrator.client)?;
        for migration in all.iter_mut().filter(|it| it.kept) {
            let recorded = last_done(&mut migrator.client, migration.id)?;
            let engine = engine_of(migrator.client.database);
            migration.changes = recorded.changes(engine, &migration.verb);
            migration.changes.extend(migration.step.as_deref().map(RecordedChange::of_step));
        }
        Ok(all)
    })
}

/// What differs from how the last migration left it: somebody else has been there.
///
/// # Errors
/// Where the database can't be read.
pub fn drift(database: &mut dyn Database) -> RunResult<Vec<String>> {
    alone(database, Consent::default(), None, |migrator| {
        let there = migrator.client.ask(Span::default(), |it| it.objects())?;
        drift_since(&mut migrator.client, &there).map(|it| it.words())
    })
}

/// Undoes the last migration that isn't undone yet, and gives back what it took away; nothing, where there is none. Rows written since
/// stay. `allow` says which losses may happen; `now` is the present moment, where that is fixed.
///
/// # Errors
/// Where something would be lost (E0513), where somebody else has changed what is to be undone (E0512), and where the database says no.
/// Nothing is changed then.
pub fn rollback(
    database: &mut dyn Database,
    allow: Losses,
    now: Option<i64>,
) -> RunResult<Option<Undone>> {
    let consent = Consent { allow, ..Consent::default() };
    alone(database, consent, now, |it| engine_of(it.client.database).rollback(it))
}

/// Gives up what is kept for rollbacks; how many migrations had kept something.
///
/// # Errors
/// Where the database can't be written.
pub fn prune(database: &mut dyn Database) -> RunResult<u64> {
    alone(database, Consent::default(), None, |it| it.prune())
}

impl Migrator<'_> {
    /// The present moment, as it is kept.
    pub(super) fn present(&mut self) -> SmolStr {
        let milliseconds = self.clock.now(self.client.database);
        let stored = moment_of(milliseconds).unwrap_or_default();
        crate::ir::iso(&stored)
    }
}

/// The rows of one of Relata's own queries.
pub(super) fn rows_of(
    client: &mut Client<'_>,
    sql: &str,
    parameters: &[Value],
) -> RunResult<Vec<Vec<Value>>> {
    // As the history was before a change that is only told.
    match client.rows_database().rows(sql, parameters) {
        Ok(rows) => Ok(rows),
        // These are asked of what Relata keeps, and of nothing else.
        Err(error) if error.kind == DbErrorKind::Refused => {
            Err(damaged(HistoryDamage::Unreadable(error.message)))
        }
        Err(error) => Err(client.failure(error, Span::default())),
    }
}

/// Whether anything was ever recorded; fails where the history is not as Relata makes it.
fn has_history(client: &mut Client<'_>) -> RunResult<bool> {
    let own = engine_of(client.database).own_objects(client)?;
    let Some(there) = own.iter().find(|it| same_name(&it.name, TABLE)) else {
        return Ok(false);
    };
    if there.kind() != ObjectKind::Table {
        return Err(damaged(HistoryDamage::Kind(there.kind().noun().to_owned())));
    }
    let table = client.ask(Span::default(), |it| it.table(TABLE))?;
    for (name, key) in COLUMNS {
        let is_it = |it: &Column| it.name == *name && it.primary_key == *key;
        if !table.iter().flat_map(|it| &it.columns).any(is_it) {
            return Err(damaged(HistoryDamage::Column(name)));
        }
    }
    let is_trigger = |it: &&Object| it.kind() == ObjectKind::Trigger && same_name(&it.table, TABLE);
    match own.iter().find(is_trigger) {
        None => Ok(true),
        Some(trigger) => Err(damaged(HistoryDamage::Trigger(trigger.name.clone()))),
    }
}

pub(super) fn migrations_done(client: &mut Client<'_>) -> RunResult<Vec<Migration>> {
    if !has_history(client)? {
        return Ok(Vec::new());
    }
    let rows = rows_of(
        client,
        "SELECT id, verb, \"appliedAt\", version, script, \"rolledBackAt\", CASE WHEN \"before\" IS NULL THEN 0 ELSE 1 END, \"sql\" \
         FROM _relata_migrations ORDER BY id",
        &[],
    )?;
    let mut names = steps::names(client)?;
    let each = rows.iter().map(|row| {
        let mut res = migration(row)?;
        res.step = names.remove(&res.id).map(SmolStr::from);
        Ok(res)
    });
    each.collect()
}

/// The objects of a list that is kept.
fn objects_of(client: &Client<'_>, list: &str) -> RunResult<Vec<Object>> {
    let engine = engine_of(client.database);
    let each = kept_lists(list)?.into_iter().map(|list| {
        let mut texts = list.into_iter();
        let mut next = || texts.next().flatten();
        let word = next().unwrap_or_default();
        let kind = ObjectKind::ALL.into_iter().find(|it| same_name(it.word(), &word));
        let (name, table, sql) = (next(), next(), next());
        Object {
            name: name.unwrap_or_default(),
            table: table.unwrap_or_default(),
            definition: engine
                .definition(kind.unwrap_or(ObjectKind::Table), sql.as_deref().unwrap_or_default()),
            sql,
        }
    });
    Ok(each.collect())
}

/// The lists that the history keeps as a text.
fn kept_lists(json: &str) -> RunResult<Vec<Vec<Option<String>>>> {
    let unreadable = || damaged(HistoryDamage::Unreadable("malformed JSON".to_owned()));
    lists::read(json).ok_or_else(unreadable)
}

/// The history isn't as Relata makes it.
pub(super) fn damaged(what: HistoryDamage) -> RunProblem {
    RunProblem::HistoryDamaged { what }
}

fn migration(row: &[Value]) -> RunResult<Migration> {
    let id = match row.first() {
        Some(Value::Integer(id)) => *id,
        _ => 0,
    };
    Ok(Migration {
        id,
        verb: MigrationVerb::read(&text(row, 1)),
        step: None,
        applied_at: text(row, 2),
        version: text(row, 3),
        script: text(row, 4),
        changes: Vec::new(),
        rolled_back_at: some_text(row, 5),
        kept: row.get(6) == Some(&Value::Integer(1)),
        sql: kept_lists(&text(row, 7))?.into_iter().flatten().flatten().collect(),
    })
}

/// The SHA-256 of texts.
fn hash<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update(text.as_bytes());
    }
    let mut text = String::with_capacity(64);
    for byte in hasher.finalize() {
        // Into a text it can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn some_text(row: &[Value], at: usize) -> Option<SmolStr> {
    match row.get(at)? {
        Value::Text(it) => Some(it.to_smolstr()),
        _ => None,
    }
}

pub(super) fn text(row: &[Value], at: usize) -> SmolStr {
    some_text(row, at).unwrap_or_default()
}

//! A row of `_relata_migrations` for what has just been done.

use super::MigrationVerb;
use super::damaged;
use super::has_history;
use super::hash;
use super::kept_lists;
use super::kept_tables::kept_tables;
use super::lists;
use super::renamed::Renamed;
use super::rows_of;
#[cfg(feature = "mysql")]
use super::settled::names_of;
use super::settled::{self, SettledScope, settled_by};
use super::steps::forget_migrations;
use crate::catalog::{Name, NameRef, Object, ObjectKind};
use crate::client::Client;
use crate::client::RunResult;
use crate::diagnostics::HistoryDamage;
use crate::ir::ModelId;
use crate::migrate::transaction::{KeyEnforcement, TransactionEnd};
use crate::migrate::{Migrator, engine_of};
use crate::source::Span;
use crate::sql::Namespace;
use crate::value::Value;
use std::collections::{HashMap, HashSet};

const INSERT: &str = "INSERT INTO _relata_migrations \
     (verb, \"appliedAt\", version, script, \"sql\", renames, \"before\", after, \"schema\", made, dangling, id) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, (SELECT coalesce(max(id), 0) + 1 FROM _relata_migrations))";

/// What a migration is recorded with.
#[derive(Debug, Default)]
pub(in crate::migrate) struct MigrationRecord<'a> {
    pub verb: MigrationVerb,
    pub sql: &'a [String],
    pub renames: &'a [Renamed],
    /// The tables that went, even those that are there again, and those whose rows alone are others.
    pub anew: &'a [String],
    /// How many rows referred to nothing before, where it was counted.
    pub dangling: Option<u64>,
    /// The models whose tables are as the script says now, beside those whose tables it created.
    pub models: &'a [ModelId],
    /// Whether it is recorded even where the structure is as it was: rows have changed.
    pub always: bool,
}

/// The history is there. Whoever had its name before, or made a trigger in this very transaction, is told of.
pub(in crate::migrate) fn begin_history(client: &mut Client<'_>, at: Span) -> RunResult<()> {
    if !has_history(client)? {
        let table = engine_of(client.database).history_table();
        client.ask(at, |it| it.execute(table, &[]))?;
        forget_migrations(client, at)?;
    }
    Ok(())
}

impl Migrator<'_> {
    /// Records what was done since `before` was there, if that is anything. In the transaction that did it.
    pub(in crate::migrate) fn record(
        &mut self,
        at: Span,
        before: &[Object],
        now: &[Object],
        done: &MigrationRecord<'_>,
    ) -> RunResult<()> {
        let indexes = self.client.database.dialect().index_names;
        let (was, current) = (by_name(before, indexes), by_name(now, indexes));
        // A sentence may drop very many tables.
        let tables: HashSet<_> = done.anew.iter().map(|it| NameRef(it)).collect();
        let anew = |it: &Object| tables.contains(&NameRef(&it.table));
        let gone = before.iter().filter(|it| anew(it) || !same(&current, it, indexes));
        let gone: Vec<_> = gone.collect();
        let come = now.iter().filter(|it| anew(it) || !same(&was, it, indexes));
        let come: Vec<_> = come.collect();
        if gone.is_empty() && come.is_empty() && !done.always {
            return Ok(());
        }
        let made = made_names(&mut self.client, [before, now], done.renames)?;
        let of = SettledScope { renames: done.renames, anew: done.anew, models: done.models };
        let settled = settled_by(&mut self.client, at, [before, now], of)?;
        let parameters = [
            Value::Text(done.verb.word().into()),
            Value::Text(self.present()),
            Value::Text(env!("CARGO_PKG_VERSION").into()),
            Value::Text(hash(self.client.scripts.sources.iter().map(|it| it.text.as_str())).into()),
            Value::Text(lists::written(done.sql.iter().map(|it| Some(it.as_str()))).into()),
            Value::Text(settled::written(done.renames, &settled).into()),
            Value::Text(written(gone.into_iter()).into()),
            Value::Text(written(come.into_iter()).into()),
            Value::Text(written(now.iter()).into()),
            Value::Text(made.into()),
            done.dangling
                .map_or(Value::Null, |it| Value::Integer(i64::try_from(it).unwrap_or(i64::MAX))),
        ];
        begin_history(&mut self.client, at)?;
        match self.client.ask(at, |it| it.execute(INSERT, &parameters))? {
            1 => Ok(()),
            _ => Err(damaged(HistoryDamage::TakesNoRow)),
        }
    }

    /// Gives up what is kept.
    pub(super) fn prune(&mut self) -> RunResult<u64> {
        if !has_history(&mut self.client)? {
            return Ok(0);
        }
        let at = Span::default();
        self.transact(at, KeyEnforcement::Enforced, |inner| {
            engine_of(inner.client.database).let_go(&mut inner.client, at)?;
            let sql =
                "UPDATE _relata_migrations SET \"before\" = NULL WHERE \"before\" IS NOT NULL";
            inner.client.ask(at, |it| it.execute(sql, &[])).map(TransactionEnd::Kept)
        })
    }
}

/// The number that the next migration will have.
pub(in crate::migrate) fn next_migration(client: &mut Client<'_>) -> RunResult<u64> {
    if !has_history(client)? {
        return Ok(1);
    }
    let sql = "SELECT coalesce(max(id), 0) + 1 FROM _relata_migrations";
    let next = client.count(Span::default(), sql)?;
    let kept = kept_tables(client, Some(i64::try_from(next).unwrap_or(i64::MAX)))?;
    match kept.first() {
        None => Ok(next),
        Some(kept) => Err(damaged(HistoryDamage::Row { migration: next, kept: kept.clone() })),
    }
}

/// The indexes and views that Relata made.
pub(in crate::migrate) fn made_before(client: &mut Client<'_>) -> RunResult<HashSet<Name>> {
    if !has_history(client)? {
        return Ok(HashSet::new());
    }
    let sql = "SELECT made FROM _relata_migrations WHERE \"rolledBackAt\" IS NULL ORDER BY id DESC LIMIT 1";
    let rows = rows_of(client, sql, &[])?;
    let Some(made) = rows.first() else { return Ok(HashSet::new()) };
    Ok(kept_lists(&super::text(made, 0))?.into_iter().flatten().flatten().map(Name::from).collect())
}

/// By what an object is found: its kind, its name, and the table of an index where those of two tables may be called the same.
type ObjectName = (ObjectKind, String, Option<String>);

/// By what an object is found where names of `indexes` are unique so far.
pub(super) fn name_of(object: &Object, indexes: Namespace) -> ObjectName {
    let is_of_table = object.kind() == ObjectKind::Index && indexes == Namespace::Table;
    (object.kind(), object.name.clone(), is_of_table.then(|| object.table.clone()))
}

fn by_name(all: &[Object], indexes: Namespace) -> HashMap<ObjectName, &Object> {
    all.iter().map(|it| (name_of(it, indexes), it)).collect()
}

/// Whether an object is there, and is the same.
fn same(there: &HashMap<ObjectName, &Object>, object: &Object, indexes: Namespace) -> bool {
    let found = there.get(&name_of(object, indexes));
    found.is_some_and(|found| *found == object)
}

/// The indexes and views that Relata made, as a list: what it made before and is there still, and what has just come. An index whose table
/// got another name was there.
fn made_names(
    client: &mut Client<'_>,
    [before, now]: [&[Object]; 2],
    renames: &[Renamed],
) -> RunResult<String> {
    let indexes = client.database.dialect().index_names;
    let known = made_before(client)?;
    let later = |it: &Object| {
        let (kind, name, table) = name_of(it, indexes);
        (kind, name, table.map(|table| Renamed::later(renames, None, &table)))
    };
    let was: HashSet<ObjectName> = before.iter().map(later).collect();
    let is_new = |it: &Object| !was.contains(&name_of(it, indexes));
    let made = now.iter().filter(|it| {
        matches!(it.kind(), ObjectKind::Index | ObjectKind::View)
            && (known.contains(&it.name.as_str().into()) || is_new(it))
    });
    Ok(lists::written(made.map(|it| Some(it.name.as_str()))))
}

/// Objects as JSON: lists of kind, name, table and statement.
pub(super) fn written<'o>(all: impl Iterator<Item = &'o Object>) -> String {
    let one = |it: &'o Object| {
        let texts = [it.kind().noun(), &it.name, &it.table].map(Some).into_iter();
        lists::written(texts.chain([it.sql.as_deref()]))
    };
    lists::nested(all.map(one))
}

/// All that was there when a migration was begun.
#[cfg(feature = "mysql")]
pub(in crate::migrate) fn objects_left(
    client: &mut Client<'_>,
    migration: u64,
) -> RunResult<Vec<Object>> {
    let key = [Value::Integer(i64::try_from(migration).unwrap_or(i64::MAX))];
    let rows = rows_of(client, "SELECT \"schema\" FROM _relata_migrations WHERE id = $1", &key)?;
    let text = rows.first().map(|it| super::text(it, 0)).unwrap_or_default();
    super::objects_of(client, &text)
}

/// What a migration was to rename, and what it was to settle.
#[cfg(feature = "mysql")]
pub(in crate::migrate) fn names_kept(
    client: &mut Client<'_>,
    migration: u64,
) -> RunResult<(Vec<Renamed>, Vec<Renamed>)> {
    let key = [Value::Integer(i64::try_from(migration).unwrap_or(i64::MAX))];
    let rows = rows_of(client, "SELECT renames FROM _relata_migrations WHERE id = $1", &key)?;
    rows.first().map_or_else(|| Ok((Vec::new(), Vec::new())), |it| names_of(&super::text(it, 0)))
}

/// Records what is about to be done, where that can't be undone as a whole: what came of it is told by [`record_end`]. Its number.
#[cfg(feature = "mysql")]
pub(in crate::migrate) fn record_begin(
    migrator: &mut Migrator<'_>,
    at: Span,
    before: &[Object],
    done: &MigrationRecord<'_>,
) -> RunResult<u64> {
    let migration = next_migration(&mut migrator.client)?;
    // It is recorded though nothing differs yet.
    let (verb, sql, renames, models) = (done.verb.clone(), done.sql, done.renames, done.models);
    let begun =
        MigrationRecord { verb, sql, renames, models, always: true, ..MigrationRecord::default() };
    migrator.record(at, before, before, &begun)?;
    Ok(migration)
}

/// Records what came of a change that was begun with `before` there.
#[cfg(feature = "mysql")]
pub(in crate::migrate) fn record_end(
    migrator: &mut Migrator<'_>,
    at: Span,
    migration: u64,
    [before, now]: [&[Object]; 2],
    (done, settled): (&MigrationRecord<'_>, &[Renamed]),
) -> RunResult<()> {
    let indexes = migrator.client.database.dialect().index_names;
    let (was, current) = (by_name(before, indexes), by_name(now, indexes));
    let tables: HashSet<_> = done.anew.iter().map(|it| NameRef(it)).collect();
    let anew = |it: &Object| tables.contains(&NameRef(&it.table));
    let gone = before.iter().filter(|it| anew(it) || !same(&current, it, indexes));
    let come = now.iter().filter(|it| anew(it) || !same(&was, it, indexes));
    let made = made_names(&mut migrator.client, [before, now], done.renames)?;
    let parameters = [
        Value::Text(lists::written(done.sql.iter().map(|it| Some(it.as_str()))).into()),
        Value::Text(settled::written(done.renames, settled).into()),
        Value::Text(written(gone).into()),
        Value::Text(written(come).into()),
        Value::Text(written(now.iter()).into()),
        Value::Text(made.into()),
        Value::Integer(i64::try_from(migration).unwrap_or(i64::MAX)),
    ];
    let sql = "UPDATE _relata_migrations SET \"sql\" = $1, renames = $2, \"before\" = $3, after = $4, \"schema\" = $5, made = $6 WHERE id = $7";
    match migrator.client.ask(at, |it| it.execute(sql, &parameters))? {
        1 => Ok(()),
        _ => Err(damaged(HistoryDamage::TakesNoNote)),
    }
}

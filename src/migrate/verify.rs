//! What a change of the structure leaves is held against what was there, before it is kept.
//!
//! Whatever was there, and isn't afterwards or is another, must be something that the plan says of; tables of which it doesn't speak have
//! the rows and the numbers that they had; another connection reads what is there; and the file is whole. What isn't so is a fault of
//! Relata's own, and is rolled back.

use super::alter_engine;
use crate::catalog::{Name, NameRef, Object, ObjectKind, Sequence};
use crate::client::Client;
use crate::client::{RunResult, place, quoted};
use crate::diagnostics::{Hazard, HazardKind, RunProblem, UnplannedOutcome};
use crate::migrate::history::Renamed;
use crate::source::Span;
use crate::value::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Up to so many rows of a table that changed are looked at, each of them: some milliseconds.
const LOOKED_AT: u64 = 50_000;

/// Up to so many bytes a database is looked at as a whole where rows have moved: some milliseconds, too.
const SMALL: u64 = 16 << 20;

/// What a plan says that it drops or changes.
#[derive(Debug, Default)]
pub(super) struct PlannedObjects(BTreeSet<(ObjectKind, Name)>);

impl PlannedObjects {
    /// The plan says it of this one.
    pub(super) fn add(&mut self, kind: ObjectKind, name: &str) {
        self.0.insert((kind, name.into()));
    }

    pub(super) fn has(&self, kind: ObjectKind, name: &str) -> bool {
        self.0.contains(&(kind, name.into()))
    }
}

/// What is there of a table's rows: how many, the first and the last number.
#[derive(Debug, PartialEq)]
pub(super) struct RowExtent(pub(super) Vec<Value>);

/// What is there before a change.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub objects: Vec<Object>,
    /// Of the tables that a trigger or a foreign key may write to.
    extents: BTreeMap<Name, RowExtent>,
    /// The last numbers that were given.
    sequences: Vec<Sequence<Value>>,
    /// Whether what tables say may follow names that change.
    pub follows: bool,
    /// Whether names have changed already.
    pub renamed: bool,
}

/// What is there before the tables change of which a plan speaks; what of the others, where it `writes` rows and they may follow. From
/// here on the database notes what is written to.
pub(super) fn before_change(
    client: &mut Client<'_>,
    at: Span,
    objects: Vec<Object>,
    named: &PlannedObjects,
    writes: bool,
) -> RunResult<Snapshot> {
    let engine = alter_engine(client.database)?;
    let mut extents = BTreeMap::new();
    let follow = writes
        && (objects.iter().any(|it| it.kind() == ObjectKind::Trigger)
            || client.ask(at, |it| it.foreign_keys())?);
    for object in objects.iter().filter(|_| follow) {
        if object.kind() == ObjectKind::Table && !named.has(object.kind(), &object.name) {
            let extent = engine.extent(client, at, object)?;
            extents.extend(extent.map(|it| (object.name.as_str().into(), it)));
        }
    }
    let sequences = if writes { engine.sequences(client, at)? } else { Vec::new() };
    engine.watch(client, at)?;
    Ok(Snapshot { objects, extents, sequences, follows: false, renamed: false })
}

/// Fails where a rename took something away: whatever was there is there, a table under its new name.
pub(super) fn verify_renames<'o>(
    client: &mut Client<'_>,
    at: Span,
    before: &'o [Object],
    renames: &[Renamed],
) -> RunResult<Cow<'o, [Object]>> {
    if renames.is_empty() {
        return Ok(Cow::Borrowed(before));
    }
    let now = client.ask(at, |it| it.objects())?;
    let there: HashSet<(ObjectKind, Name, Name)> = (now.iter())
        .map(|it| (it.kind(), it.name.as_str().into(), it.table.as_str().into()))
        .collect();
    for object in before {
        let table = Name::from(Renamed::later(renames, None, &object.table));
        let name = match object.kind() {
            ObjectKind::Table => table.clone(),
            ObjectKind::Index | ObjectKind::View | ObjectKind::Trigger => {
                object.name.as_str().into()
            }
        };
        if !there.contains(&(object.kind(), name, table)) {
            return Err(unplanned(at, gone(object)));
        }
    }
    Ok(Cow::Owned(now))
}

/// Fails where what was there is gone or another `now`, and the plan says nothing of it.
pub(super) fn verify_outcome(
    client: &mut Client<'_>,
    at: Span,
    before: &Snapshot,
    now: &[Object],
    named: &PlannedObjects,
) -> RunResult<()> {
    let engine = alter_engine(client.database)?;
    let there: HashMap<_, _> =
        (now.iter()).map(|it| ((it.kind(), NameRef(&it.name)), it)).collect();
    for was in &before.objects {
        if named.has(was.kind(), &was.name) {
            continue;
        }
        let current = there.get(&(was.kind(), NameRef(&was.name)));
        match current {
            Some(current)
                if current.name == was.name
                    && current.table == was.table
                    && current.sql == was.sql => {}
            Some(_) if before.follows && was.kind() == ObjectKind::Table => {}
            Some(_) => return Err(unplanned(at, another(was))),
            None => return Err(unplanned(at, gone(was))),
        }
    }
    let other = |table: &Object| {
        let (noun, name) = (table.kind().noun(), table.name.clone());
        Err(unplanned(at, UnplannedOutcome::OtherRows { noun, name }))
    };
    let known: HashSet<_> = (before.objects.iter())
        .filter(|it| it.kind() == ObjectKind::Table)
        .map(|it| NameRef(&it.name))
        .collect();
    let unnamed = |name: &str| {
        let table = there.get(&(ObjectKind::Table, NameRef(name))).copied();
        table.filter(|it| known.contains(&NameRef(name)) && !named.has(it.kind(), name))
    };
    // A module prepares what it may write to tables of its own where it is only looked at.
    let compared = |table: &Object, name: &Name| {
        !table.is_virtual() && (!table.is_shadow() || before.extents.contains_key(name))
    };
    for name in engine.written(client, at)? {
        if let Some(table) = unnamed(&name)
            && compared(table, &name)
            && engine.extent(client, at, table)?.as_ref() != before.extents.get(&name)
        {
            return other(table);
        }
    }
    let numbered = !before.sequences.is_empty();
    let sequences = if numbered { engine.sequences(client, at)? } else { Vec::new() };
    for was in &before.sequences {
        if let Some(table) = unnamed(&was.table)
            && !sequences.contains(was)
        {
            return other(table);
        }
    }
    let was: HashMap<_, _> = (before.objects.iter().filter(|_| !before.renamed))
        .map(|it| ((it.kind(), it.name.as_str()), it))
        .collect();
    let unchanged = |current: &&Object| {
        let was = was.get(&(current.kind(), current.name.as_str()));
        was.is_some_and(|was| was.sql == current.sql && !named.has(current.kind(), &current.name))
    };
    // What is as it was can be read as it was.
    let touched = now.iter().filter(|it| !unchanged(it));
    let touched = touched.map(|it| it.table.as_str().into()).collect();
    if let Some(why) = engine.unreadable(client, at, &touched)? {
        return Err(unplanned(at, UnplannedOutcome::Unreadable(why)));
    }
    Ok(())
}

/// Whether a database is small enough to be looked at as a whole.
pub(super) fn is_small(client: &mut Client<'_>, at: Span) -> RunResult<bool> {
    Ok(alter_engine(client.database)?.size(client, at)? <= SMALL)
}

/// Fails where a table that changed isn't whole: each row and each index of it, where they aren't too many.
pub(super) fn verify_undamaged(client: &mut Client<'_>, at: Span, table: &str) -> RunResult<()> {
    let some =
        format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {})", quoted(table), LOOKED_AT + 1);
    if client.on_structure_itself().count(at, &some)? > LOOKED_AT {
        return Ok(());
    }
    match alter_engine(client.database)?.damage(client, at, Some(table))? {
        None => Ok(()),
        Some(damage) => {
            Err(unplanned(at, UnplannedOutcome::Damaged { table: table.to_owned(), damage }))
        }
    }
}

fn gone(object: &Object) -> UnplannedOutcome {
    UnplannedOutcome::Gone { noun: object.kind().noun(), name: object.name.clone() }
}

fn another(object: &Object) -> UnplannedOutcome {
    UnplannedOutcome::Another { noun: object.kind().noun(), name: object.name.clone() }
}

/// What Relata itself would have done wrong.
fn unplanned(at: Span, outcome: UnplannedOutcome) -> RunProblem {
    Hazard::of_structure(HazardKind::Unplanned(outcome), place(at)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Database, Sqlite};
    use crate::migrate::{Consent, alone};

    const THERE: [&str; 7] = [
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)",
        "CREATE TABLE u (a UNIQUE)",
        "CREATE INDEX i ON t (a)",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
        "INSERT INTO t VALUES (1, 'a'), (5, 'b')",
        "INSERT INTO u VALUES (1)",
    ];

    /// What is said of statements that a plan runs and does not tell of, but of what is `named`.
    #[track_caller]
    fn check(statements: &[&str], named: &[(ObjectKind, &str)], expected: Option<&str>) {
        check_in(true, statements, named, expected);
        // Where nothing follows what is written, nothing is read before.
        check_in(false, statements, named, expected);
    }

    #[track_caller]
    fn check_in(
        follows: bool,
        statements: &[&str],
        named: &[(ObjectKind, &str)],
        expected: Option<&str>,
    ) {
        let mut database = Sqlite::in_memory().unwrap();
        for sql in THERE.iter().filter(|it| follows || !it.contains("TRIGGER")) {
            database.execute(sql, &[]).unwrap();
        }
        database.set_foreign_keys(follows).unwrap();
        let at = Span::default();
        let mut told = PlannedObjects::default();
        for (kind, name) in named {
            told.add(*kind, name);
        }
        let held = alone(&mut database, Consent::default(), None, |migrator| {
            let there = migrator.client.ask(at, |it| it.objects())?;
            let was = before_change(&mut migrator.client, at, there, &told, true)?;
            for sql in statements {
                migrator.client.ask(at, |it| it.execute(sql, &[]))?;
            }
            let now = migrator.client.ask(at, |it| it.objects())?;
            verify_outcome(&mut migrator.client, at, &was, &now, &told)
        });
        let desired = match held {
            Ok(()) => None,
            Err(RunProblem::Hazard(hazard)) => Some(hazard.to_string()),
            Err(other) => Some(format!("{other:?}")),
        };
        let expected = expected
            .map(|it| format!("nothing was altered: the {it}, and the plan doesn't say so"));
        assert_eq!(desired, expected, "{statements:?}");
    }

    #[test]
    fn what_is_gone_or_another_is_told() {
        check(&[], &[], None);
        check(&["CREATE TABLE w (a)"], &[], None);
        check(&["DROP INDEX i"], &[], Some("index `i` would be dropped"));
        check(&["DROP INDEX i"], &[(ObjectKind::Index, "I")], None);
        check(&["DROP VIEW v"], &[(ObjectKind::Index, "v")], Some("view `v` would be dropped"));
        check(
            &["DROP INDEX i", "CREATE INDEX i ON t (a DESC)"],
            &[],
            Some("index `i` would be another one"),
        );
        check_in(
            true,
            &["DROP TABLE t"],
            &[(ObjectKind::Table, "t"), (ObjectKind::Index, "i")],
            Some("trigger `g` would be dropped"),
        );
        check(&["ALTER TABLE u ADD COLUMN b"], &[], Some("table `u` would be another one"));
    }

    #[test]
    fn rows_and_numbers_of_other_tables_are_told() {
        let other =
            |table| format!("table `{table}` would have other rows, or other numbers of rows");
        check(&["DELETE FROM u"], &[], Some(&other("u")));
        check(&["DELETE FROM u"], &[(ObjectKind::Table, "u")], None);
        check(&["UPDATE u SET rowid = 7"], &[], Some(&other("u")));
        check(
            &["INSERT INTO t VALUES (9, 'c')", "DELETE FROM t WHERE id = 9"],
            &[],
            Some(&other("t")),
        );
    }
}

//! Views, and what raw SQL creates: what is missing comes, and what has another text is made anew.

use super::alteration::{Alteration, change};
use super::existing::created;
use super::existing::objects_beside;
use super::history::record::made_before;
use super::{AlterEngine, alter_engine};
use crate::catalog::{Name, NameRef, Object, ObjectKind};
use crate::client::Client;
use crate::client::{RunResult, quoted};
use crate::diagnostics::{Hazard, HazardKind, Loss};
use crate::ir::RawObject;
use crate::migrate::ddl::TableDdl;
use crate::migrate::{Change, ChangeMethod, PlanPart, Sign, ddl};
use std::collections::{HashMap, HashSet};

/// Indexes and views that Relata made go with their lines.
pub(super) fn drop_undeclared(
    client: &mut Client<'_>,
    alter: &Alteration,
    tables: &[TableDdl],
    changes: &mut Vec<Change>,
) -> RunResult<()> {
    let made = made_before(client)?;
    if made.is_empty() {
        return Ok(());
    }
    let mut desired: HashSet<Name> = HashSet::new();
    for table in tables {
        desired.extend(table.indexes.iter().map(|it| it.name.as_str().into()));
    }
    let views = ddl::views(client.scripts.schema, client.database.dialect());
    desired.extend(views.iter().map(|it| it.name.as_str().into()));
    let raw = client.scripts.schema.objects.iter();
    desired.extend(raw.filter_map(|it| created(&it.sql)).map(|it| it.1.as_str().into()));
    if made.is_subset(&desired) {
        return Ok(());
    }
    for object in client.ask(alter.at, |it| it.objects())? {
        let name = Name::from(object.name.as_str());
        let declared = |it: &TableDdl| it.name.eq_ignore_ascii_case(&object.table);
        let its_line = match object.kind() {
            ObjectKind::View => true,
            ObjectKind::Index => object.sql.is_some() && tables.iter().any(declared),
            ObjectKind::Table | ObjectKind::Trigger => false,
        };
        if !its_line || desired.contains(&name) || !made.contains(&name) {
            continue;
        }
        let mut ran = Vec::new();
        let (word, quoted) = (object.kind().word(), quoted(&object.name));
        let mut what = format!("drop {} `{}`", object.kind().noun(), object.name);
        alter.name(object.kind(), &object.name);
        if object.kind() == ObjectKind::View {
            for trigger in objects_beside(client, alter.at, &object.name)? {
                alter.name(trigger.kind(), &trigger.name);
                what = format!("{what} and its trigger `{}`", trigger.name);
            }
        }
        client.run_statement(alter.at, &format!("DROP {word} {quoted}"), &mut ran)?;
        let way = match object.kind() {
            ObjectKind::Index => ChangeMethod::Index,
            _ => ChangeMethod::Drop,
        };
        let what = (Sign::Drop, object.kind().into(), what);
        changes.push(change(&object.table, what, way, ran));
    }
    Ok(())
}

/// An index's name is one in the whole database: one that another table has by now is free before that table takes it.
pub(super) fn free_index_names(
    client: &mut Client<'_>,
    alter: &Alteration,
    tables: &[TableDdl],
    snapshot: &[Object],
    changes: &mut Vec<Change>,
) -> RunResult<()> {
    let mut desired = HashMap::new();
    for table in tables {
        for index in &table.indexes {
            desired.insert(NameRef(&index.name), table);
        }
    }
    let elsewhere = |it: &Object| {
        let wanted = desired.get(&NameRef(&it.name))?;
        let is_index = it.kind() == ObjectKind::Index && it.sql.is_some();
        let same = it.table.eq_ignore_ascii_case(&wanted.name);
        (is_index && !same).then_some(*wanted)
    };
    // Renames have come since: only where there may be one is it worth another look.
    if !snapshot.iter().any(|it| elsewhere(it).is_some()) {
        return Ok(());
    }
    let known: HashSet<_> = tables.iter().map(|it| NameRef(&it.name)).collect();
    for object in client.ask(alter.at, |it| it.objects())? {
        let Some(wanted) = elsewhere(&object) else {
            continue;
        };
        if !known.contains(&NameRef(&object.table)) {
            return Err(name_taken(client, alter, &object, wanted).into());
        }
        let mut ran = Vec::new();
        let sql = format!("DROP INDEX {}", quoted(&object.name));
        alter.name(object.kind(), &object.name);
        client.run_statement(alter.at, &sql, &mut ran)?;
        let what = format!("drop index `{}`, which `{}` gets", object.name, wanted.name);
        let what = (Sign::Drop, PlanPart::Index, what);
        changes.push(change(&object.table, what, ChangeMethod::Index, ran));
    }
    Ok(())
}

/// A table that the script doesn't know has an index of that name, which is not for us to take.
fn name_taken(
    client: &Client<'_>,
    alter: &Alteration,
    index: &Object,
    wanted: &TableDdl,
) -> Hazard {
    let kind = HazardKind::IndexTaken {
        table: wanted.name.to_string(),
        index: index.name.clone(),
        owner: index.table.clone(),
    };
    alter.hazard(kind, Some(client.scripts.schema[wanted.model].span))
}

/// Views come behind tables, triggers and their like behind views.
pub(super) fn alter_objects(
    client: &mut Client<'_>,
    alter: &Alteration,
    changes: &mut Vec<Change>,
) -> RunResult<()> {
    let schema = client.scripts.schema;
    if schema.views.is_empty() && schema.objects.is_empty() {
        return Ok(());
    }
    let objects = client.ask(alter.at, |it| it.objects())?;
    for view in ddl::views(client.scripts.schema, client.database.dialect()) {
        let current = found(&objects, ObjectKind::View, &view.name);
        let kept = current.and_then(|it| it.sql.as_deref());
        let there: Vec<_> = objects.iter().collect();
        let engine = alter_engine(client.database)?;
        if kept.is_some_and(|it| engine.same_view(it, &view.create, &there)) {
            continue;
        }
        alter_object(client, alter, ObjectKind::View, current, &view.name, &view.create, changes)?;
    }
    for object in &client.scripts.schema.objects {
        let Some((kind, name)) = created(&object.sql) else {
            // Told before anything runs.
            continue;
        };
        let current = found(&objects, kind, &name);
        if kind == ObjectKind::Table
            && let Some(current) = current
        {
            raw_table(alter_engine(client.database)?, alter, current, object, changes);
            continue;
        }
        alter_object(client, alter, kind, current, &name, &object.sql, changes)?;
    }
    Ok(())
}

fn alter_object(
    client: &mut Client<'_>,
    alter: &Alteration,
    kind: ObjectKind,
    current: Option<&Object>,
    name: &str,
    create: &str,
    changes: &mut Vec<Change>,
) -> RunResult<()> {
    let engine = alter_engine(client.database)?;
    let kept = current.map(|it| it.sql.as_deref().unwrap_or_default());
    if kept.is_some_and(|it| engine.same_object(kind, it, create)) {
        return Ok(());
    }
    let left = alter.drift.left(kind, name);
    if left.is_some_and(|it| engine.same_object(kind, it, create))
        && !alter.options.allow.has(Loss::Drift)
    {
        alter.refuse(overwrites(kind, name));
        return Ok(());
    }
    let mut ran = Vec::new();
    let mut beside = Vec::new();
    if let Some(current) = current {
        let sql = format!("DROP {} {}", kind.word(), quoted(&current.name));
        alter.name(kind, &current.name);
        // The triggers of a view go with it.
        if kind == ObjectKind::View {
            beside = objects_beside(client, alter.at, &current.name)?;
        }
        client.run_statement(alter.at, &sql, &mut ran)?;
    }
    client.make(alter.at, &engine.to_create(create), &mut ran)?;
    for trigger in &beside {
        client.make(alter.at, trigger.sql.as_deref().unwrap_or_default(), &mut ran)?;
    }
    let (sign, verb) = match current {
        Some(_) => (Sign::Change, "replace"),
        None => (Sign::Add, "create"),
    };
    let what = (sign, kind.into(), format!("{verb} {}", kind.noun()));
    changes.push(change(name, what, ChangeMethod::Create, ran));
    Ok(())
}

/// A table that raw SQL makes is told to be another: its rows are nobody's to make anew.
fn raw_table(
    engine: &dyn AlterEngine,
    alter: &Alteration,
    current: &Object,
    desired: &RawObject,
    changes: &mut Vec<Change>,
) {
    if engine.same_object(
        ObjectKind::Table,
        current.sql.as_deref().unwrap_or_default(),
        &desired.sql,
    ) {
        return;
    }
    let kind = HazardKind::RawTable { table: current.name.clone() };
    let refused = alter.hazard(kind, Some(desired.span));
    alter.refuse(refused.clone());
    let what = (Sign::Change, PlanPart::Table, "its statement differs".to_owned());
    changes.push(Change {
        refused: vec![refused],
        ..change(&current.name, what, ChangeMethod::Refused, Vec::new())
    });
}

fn found<'o>(objects: &'o [Object], kind: ObjectKind, name: &str) -> Option<&'o Object> {
    let mut there = objects.iter().filter(|it| it.kind() == kind);
    there.find(|it| it.name.eq_ignore_ascii_case(name))
}

/// Somebody else's change would be overwritten.
pub(super) fn overwrites(kind: ObjectKind, name: &str) -> Hazard {
    let kind = HazardKind::Replaces { noun: kind.noun(), name: name.to_owned() };
    Hazard::of_structure(kind, None)
}

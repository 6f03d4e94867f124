//! Views, and what raw SQL creates: what is missing is created, and what has another text is created again. Indexes and views that Relata made
//! go with their lines.

use super::alteration::{Alteration, ChangePart, change};
use super::existing::created;
use super::existing::objects_beside;
use super::history::record::made_before;
use super::scope::PartScope;
use super::{AlterEngine, alter_engine};
use crate::catalog::{Name, NameRef, Object, ObjectKind};
use crate::client::Client;
use crate::client::{RunResult, quoted};
use crate::diagnostics::{Hazard, HazardKind, Loss};
use crate::ir::Schema;
use crate::migrate::ddl::TableDdl;
use crate::migrate::{Change, ChangeMethod, PlanPart, Sign, ddl};
use crate::sql::Dialect;
use crate::words::same_name;
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};

/// An index or a view that goes before tables change.
#[derive(Debug)]
pub(super) struct ObjectToDrop {
    object: Object,
    /// The triggers of a view, which go with it.
    triggers: Vec<String>,
    /// The table that gets an index of its name; none where the script has no line for it any more.
    wanted_by: Option<SmolStr>,
}

impl ObjectToDrop {
    /// Whether it is the index of that name.
    pub(super) fn is_index(&self, name: &str) -> bool {
        self.object.kind() == ObjectKind::Index && same_name(&self.object.name, name)
    }

    /// Whether an object goes with it, or is it.
    pub(super) fn takes(&self, object: &Object) -> bool {
        let is_it =
            object.kind() == self.object.kind() && same_name(&object.name, &self.object.name);
        let is_trigger = object.kind() == ObjectKind::Trigger;
        is_it || is_trigger && self.triggers.iter().any(|it| same_name(it, &object.name))
    }
}

/// What is to go before tables change, so that its name is free: indexes and views that Relata made, whose lines are gone, and indexes that
/// other tables get.
pub(super) fn objects_to_free(
    client: &mut Client<'_>,
    alter: &Alteration,
    scope: &PartScope<'_>,
    there: &[Object],
) -> RunResult<Vec<ObjectToDrop>> {
    let mut res =
        if scope.of_all(alter) { undeclared(client, scope.tables, there)? } else { Vec::new() };
    if alter.part.get() == ChangePart::Rest {
        names_to_free(client, alter, scope.tables, there, &mut res)?;
    }
    Ok(res)
}

/// Indexes and views that Relata made go with their lines.
fn undeclared(
    client: &mut Client<'_>,
    tables: &[TableDdl],
    there: &[Object],
) -> RunResult<Vec<ObjectToDrop>> {
    let made = made_before(client)?;
    if made.is_empty() {
        return Ok(Vec::new());
    }
    let schema = client.scripts.schema;
    let mut desired: HashSet<Name> = HashSet::new();
    for table in tables {
        desired.extend(table.indexes.iter().map(|it| it.name.as_str().into()));
    }
    desired.extend(schema.views.iter().map(|it| it.name.as_str().into()));
    let raw = schema.objects.iter();
    desired.extend(raw.filter_map(|it| created(&it.sql)).map(|it| it.1.as_str().into()));
    let mut res = Vec::new();
    if made.is_subset(&desired) {
        return Ok(res);
    }
    let declared: HashSet<_> = tables.iter().map(|it| NameRef(&it.name)).collect();
    for object in there {
        let name = Name::from(object.name.as_str());
        let its_line = match object.kind() {
            ObjectKind::View => true,
            ObjectKind::Index => object.sql.is_some() && declared.contains(&NameRef(&object.table)),
            ObjectKind::Table | ObjectKind::Trigger => false,
        };
        if !its_line || desired.contains(&name) || !made.contains(&name) {
            continue;
        }
        let is_beside = |it: &&Object| {
            object.kind() == ObjectKind::View
                && it.kind() == ObjectKind::Trigger
                && same_name(&it.table, &object.name)
        };
        let triggers = there.iter().filter(is_beside).map(|it| it.name.clone()).collect();
        res.push(ObjectToDrop { object: object.clone(), triggers, wanted_by: None });
    }
    Ok(res)
}

/// An index's name is one in the whole database: one that another table has by now is free before that table takes it.
fn names_to_free(
    client: &Client<'_>,
    alter: &Alteration,
    tables: &[TableDdl],
    there: &[Object],
    res: &mut Vec<ObjectToDrop>,
) -> RunResult<()> {
    let mut desired = HashMap::new();
    for table in tables {
        for index in &table.indexes {
            desired.insert(NameRef(&index.name), table);
        }
    }
    let known: HashSet<_> = tables.iter().map(|it| NameRef(&it.name)).collect();
    for object in there {
        let wanted = desired.get(&NameRef(&object.name));
        let is_index = object.kind() == ObjectKind::Index && object.sql.is_some();
        let Some(wanted) = wanted.filter(|it| is_index && !same_name(&object.table, &it.name))
        else {
            continue;
        };
        if res.iter().any(|it| it.is_index(&object.name)) {
            continue;
        }
        if !known.contains(&NameRef(&object.table)) {
            return Err(name_taken(client, alter, object, wanted).into());
        }
        res.push(ObjectToDrop {
            object: object.clone(),
            triggers: Vec::new(),
            wanted_by: Some(wanted.name.clone()),
        });
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

/// Drops what is to go before tables change.
pub(super) fn drop_object(
    client: &mut Client<'_>,
    alter: &Alteration,
    ObjectToDrop { object, triggers, wanted_by }: &ObjectToDrop,
    changes: &mut Vec<Change>,
) -> RunResult<()> {
    let kind = object.kind();
    let mut what = format!("drop {} `{}`", kind.noun(), object.name);
    alter.name(kind, &object.name);
    for trigger in triggers {
        alter.name(ObjectKind::Trigger, trigger);
        what = format!("{what} and its trigger `{trigger}`");
    }
    if let Some(table) = wanted_by {
        what = format!("{what}, which `{table}` gets");
    }
    let mut ran = Vec::new();
    let sql = format!("DROP {} {}", kind.word(), quoted(&object.name));
    client.run_statement(alter.at, &sql, &mut ran)?;
    let way = match kind {
        ObjectKind::Index => ChangeMethod::Index,
        ObjectKind::Table | ObjectKind::View | ObjectKind::Trigger => ChangeMethod::Drop,
    };
    changes.push(change(&object.table, (Sign::Drop, kind.into(), what), way, ran));
    Ok(())
}

/// What is to be done to a view, or to what raw SQL creates.
#[derive(Debug)]
pub(super) struct ObjectStep {
    kind: ObjectKind,
    name: SmolStr,
    create: String,
    /// What is there of that name, and goes.
    replaces: Option<String>,
    /// Why it isn't done, where it is refused.
    pub(super) refused: Vec<Hazard>,
}

impl ObjectStep {
    /// Whether it creates an object of that kind.
    pub(super) fn creates(&self, kind: ObjectKind) -> bool {
        self.kind == kind && self.refused.is_empty()
    }
}

/// What is to be done to views, and behind them to triggers and their like, where `there` is what is there when all tables have changed.
pub(super) fn object_steps(
    engine: &dyn AlterEngine,
    alter: &Alteration,
    (schema, dialect): (&Schema, &Dialect),
    there: &[Object],
) -> Vec<ObjectStep> {
    let mut steps = Vec::new();
    let all: Vec<_> = there.iter().collect();
    for view in ddl::views(schema, dialect) {
        let current = found(there, ObjectKind::View, &view.name);
        let kept = current.and_then(|it| it.sql.as_deref());
        if kept.is_some_and(|it| engine.same_view(it, &view.create, &all)) {
            continue;
        }
        steps.extend(step(engine, alter, (ObjectKind::View, view.name), current, view.create));
    }
    for object in &schema.objects {
        // What creates nothing of these is told before anything runs.
        let Some((kind, name)) = created(&object.sql) else { continue };
        let current = found(there, kind, &name);
        let made = step(engine, alter, (kind, name), current, object.sql.to_string());
        // A table that raw SQL makes is told to be another: its rows are nobody's to make anew.
        let is_table = kind == ObjectKind::Table && current.is_some();
        steps.extend(made.map(|it| ObjectStep {
            refused: if is_table {
                let table = it.replaces.clone().unwrap_or_default();
                vec![alter.hazard(HazardKind::RawTable { table }, Some(object.span))]
            } else {
                it.refused
            },
            ..it
        }));
    }
    steps
}

/// What is to be done to one object; none where it is there as the script has it.
fn step(
    engine: &dyn AlterEngine,
    alter: &Alteration,
    (kind, name): (ObjectKind, SmolStr),
    current: Option<&Object>,
    create: String,
) -> Option<ObjectStep> {
    let kept = current.map(|it| it.sql.as_deref().unwrap_or_default());
    if kept.is_some_and(|it| engine.same_object(kind, it, &create)) {
        return None;
    }
    let left = alter.drift.left(kind, &name);
    let theirs = left.is_some_and(|it| engine.same_object(kind, it, &create));
    let refused = if theirs && !alter.options.allow.has(Loss::Drift) {
        vec![overwrites(kind, &name)]
    } else {
        Vec::new()
    };
    Some(ObjectStep { kind, name, create, replaces: current.map(|it| it.name.clone()), refused })
}

/// Creates a view or the like, in place of what is there.
pub(super) fn carry_out_object(
    client: &mut Client<'_>,
    alter: &Alteration,
    step: &ObjectStep,
    changes: &mut Vec<Change>,
) -> RunResult<()> {
    let ObjectStep { kind, name, create, replaces, refused } = step;
    let (kind, part) = (*kind, PlanPart::from(*kind));
    if !refused.is_empty() {
        let text = if kind == ObjectKind::Table {
            "its statement differs".to_owned()
        } else {
            format!("replace {}", kind.noun())
        };
        let what = change(name, (Sign::Change, part, text), ChangeMethod::Refused, Vec::new());
        changes.push(Change { refused: refused.clone(), ..what });
        return Ok(());
    }
    let mut ran = Vec::new();
    let mut beside = Vec::new();
    if let Some(current) = replaces {
        let sql = format!("DROP {} {}", kind.word(), quoted(current));
        alter.name(kind, current);
        // The triggers of a view go with it.
        if kind == ObjectKind::View {
            beside = objects_beside(client, alter.at, current)?;
        }
        client.run_statement(alter.at, &sql, &mut ran)?;
    }
    let engine = alter_engine(client.database)?;
    client.make(alter.at, &engine.to_create(create), &mut ran)?;
    for trigger in &beside {
        client.make(alter.at, trigger.sql.as_deref().unwrap_or_default(), &mut ran)?;
    }
    let (sign, verb) = match replaces {
        Some(_) => (Sign::Change, "replace"),
        None => (Sign::Add, "create"),
    };
    let what = (sign, part, format!("{verb} {}", kind.noun()));
    changes.push(change(name, what, ChangeMethod::Create, ran));
    Ok(())
}

fn found<'o>(objects: &'o [Object], kind: ObjectKind, name: &str) -> Option<&'o Object> {
    let mut there = objects.iter().filter(|it| it.kind() == kind);
    there.find(|it| same_name(&it.name, name))
}

/// Somebody else's change would be overwritten.
pub(super) fn overwrites(kind: ObjectKind, name: &str) -> Hazard {
    let kind = HazardKind::Replaces { noun: kind.noun(), name: name.to_owned() };
    Hazard::of_structure(kind, None)
}

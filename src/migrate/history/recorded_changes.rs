//! What a migration changed, told by the statements before and behind it.

use super::MigrationVerb;
use super::last_migration::LastMigration;
use super::renamed::Renamed;
use crate::catalog::{Name, NameRef, Object, ObjectKind, Table, differences};
use crate::migrate::Engine;
use crate::migrate::plan_words::plan_detail;
use crate::migrate::{Detail, PlanPart, Sign};
use crate::words::same_name;
use smol_str::{SmolStr, format_smolstr};
use std::collections::{HashMap, HashSet};

/// What was changed of a table, a view or a trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedChange {
    /// Its name behind the change.
    pub object: SmolStr,
    /// Whether it was added, changed or dropped.
    pub sign: Sign,
    /// What was done to all of it: "create".
    pub how: Option<&'static str>,
    /// What changed of it.
    pub what: Vec<Detail>,
}

impl RecordedChange {
    /// A data step, which changed rows.
    pub(in crate::migrate) fn of_step(name: &str) -> Self {
        Self {
            object: format_smolstr!("\"{name}\""),
            sign: Sign::Change,
            how: Some("change rows"),
            what: Vec::new(),
        }
    }
}

impl LastMigration {
    /// What it changed; `verb` is that of its sentence.
    pub(in crate::migrate) fn changes(
        &self,
        engine: &dyn Engine,
        verb: &MigrationVerb,
    ) -> Vec<RecordedChange> {
        changes(engine, [&self.before, &self.after], &self.renames, *verb == MigrationVerb::Force)
    }

    /// What it changes to undo it.
    pub(in crate::migrate) fn undone(
        &self,
        engine: &dyn Engine,
        verb: &MigrationVerb,
    ) -> Vec<RecordedChange> {
        // A column's rename names its table as it is called behind the renames.
        let back = self.renames.iter().rev().map(|it| Renamed {
            table: it.table.as_deref().map(|table| earlier(&self.renames, table)),
            from: it.to.clone(),
            to: it.from.clone(),
        });
        let back: Vec<Renamed> = back.collect();
        changes(engine, [&self.after, &self.before], &back, *verb == MigrationVerb::Force)
    }
}

/// What a table of behind renames was called before them.
fn earlier(renames: &[Renamed], table: &str) -> String {
    let of_tables = renames.iter().rev().filter(|it| it.table.is_none());
    let earlier =
        of_tables.fold(table, |name, it| if same_name(&it.to, name) { &it.from } else { name });
    earlier.to_owned()
}

fn changes(
    engine: &dyn Engine,
    [before, after]: [&[Object]; 2],
    renames: &[Renamed],
    forced: bool,
) -> Vec<RecordedChange> {
    let later = |name: &str| Renamed::later(renames, None, name);
    let of_kind = |all: &'_ [Object], kind: ObjectKind| -> Vec<Object> {
        all.iter().filter(|it| it.kind() == kind).cloned().collect()
    };
    let mut res: Vec<RecordedChange> = Vec::new();
    let (old, new) = (of_kind(before, ObjectKind::Table), of_kind(after, ObjectKind::Table));
    // A migration may change very many tables.
    let places = by_name(&new);
    let mut was_there = HashSet::with_capacity(old.len());
    for table in &old {
        let name = later(&table.name);
        let found = places.get(&NameRef(&name)).copied();
        was_there.insert(Name::from(&name));
        res.push(match found {
            None => whole(&table.name, Sign::Drop, "drop"),
            Some(_) if forced => whole(&name, Sign::Change, "drop and create"),
            Some(found) => RecordedChange {
                object: name.as_str().into(),
                sign: Sign::Change,
                how: None,
                what: table_details(engine, table, found, renames),
            },
        });
    }
    let is_new = |it: &&Object| !was_there.contains(&Name::from(&it.name));
    res.extend(new.iter().filter(is_new).map(|it| whole(&it.name, Sign::Add, "create")));
    indexes(
        [&of_kind(before, ObjectKind::Index), &of_kind(after, ObjectKind::Index)],
        &later,
        &mut res,
    );
    for kind in [ObjectKind::View, ObjectKind::Trigger] {
        let (old, new) = (of_kind(before, kind), of_kind(after, kind));
        let (was, is) = (by_name(&old), by_name(&new));
        for it in &old {
            let found = is.contains_key(&NameRef(&it.name));
            let (sign, how) = if found { (Sign::Change, "replace") } else { (Sign::Drop, "drop") };
            res.push(whole(&it.name, sign, how));
        }
        let come = new.iter().filter(|it| !was.contains_key(&NameRef(&it.name)));
        res.extend(come.map(|it| whole(&it.name, Sign::Add, "create")));
    }
    res
}

/// What there is by its name; of several of one name the first.
fn by_name(all: &[Object]) -> HashMap<NameRef<'_>, &Object> {
    let mut res = HashMap::with_capacity(all.len());
    for it in all {
        res.entry(NameRef(&it.name)).or_insert(it);
    }
    res
}

fn whole(name: &str, sign: Sign, how: &'static str) -> RecordedChange {
    RecordedChange { object: name.into(), sign, how: Some(how), what: Vec::new() }
}

/// What changed of a table that was there and is there.
fn table_details(
    engine: &dyn Engine,
    old: &Object,
    new: &Object,
    renames: &[Renamed],
) -> Vec<Detail> {
    let mut what = Vec::new();
    let detail =
        |part: PlanPart, text: String| Detail { sign: Sign::Change, part, column: None, text };
    if !same_name(&old.name, &new.name) {
        what.push(detail(PlanPart::Table, format!("rename table from `{}`", old.name)));
    }
    let own =
        |rename: &&Renamed| rename.table.as_deref().is_some_and(|it| same_name(it, &new.name));
    for it in renames.iter().filter(own) {
        let text = format!("rename column `{}` to `{}`", it.from, it.to);
        what.push(detail(PlanPart::Column, text));
    }
    let read = |object: &Object| object.sql.as_deref().and_then(|it| engine.read_table(it));
    if let Some((mut current, desired)) = read(old).zip(read(new)) {
        rename(&mut current, &new.name, renames);
        let found = differences(&current, &desired);
        let tables = [&current, &desired];
        let details = found.into_iter().filter_map(|it| plan_detail(it, tables, &|_| false));
        what.extend(details.map(|it| it.0));
    }
    if what.is_empty() {
        let text = |it: &'_ Object| it.sql.clone().unwrap_or_default();
        let same = engine.same_object(ObjectKind::Table, &text(old), &text(new));
        let text = if same { "change values" } else { "change its statement" };
        what.push(detail(PlanPart::Table, text.to_owned()));
    }
    what
}

/// Gives a table, which is called `name` later on, its later names, so that what is left differs by itself.
fn rename(table: &mut Table, name: &str, renames: &[Renamed]) {
    for it in renames {
        let to_new = |name: &mut String| {
            if same_name(name, &it.from) {
                name.clone_from(&it.to);
            }
        };
        let Some(of) = &it.table else {
            table.keys.iter_mut().for_each(|key| to_new(&mut key.table));
            continue;
        };
        for key in table.keys.iter_mut().filter(|key| same_name(&key.table, of)) {
            key.to.iter_mut().for_each(to_new);
        }
        if same_name(of, name) {
            table.columns.iter_mut().for_each(|column| to_new(&mut column.name));
            table.keys.iter_mut().flat_map(|key| &mut key.columns).for_each(to_new);
            let members = table.indexes.iter_mut().flat_map(|index| &mut index.members);
            for column in members.filter_map(|member| member.column.as_mut()) {
                if *column == *it.from.as_str() {
                    *column = Name::from(it.to.as_str());
                }
            }
        }
    }
}

/// Adds what changed of indexes to what changed of their tables; those of a table that is created or dropped are a part of that.
fn indexes(
    [old, new]: [&[Object]; 2],
    later: &dyn Fn(&str) -> String,
    res: &mut Vec<RecordedChange>,
) {
    let own =
        |all: &[Object]| all.iter().filter(|it| it.sql.is_some()).cloned().collect::<Vec<_>>();
    let (old, new) = (own(old), own(new));
    let (was, is) = (by_name(&old), by_name(&new));
    let dropped = old.iter().filter(|it| !is.contains_key(&NameRef(&it.name)));
    let dropped =
        dropped.map(|it| (later(&it.table), Sign::Drop, format!("drop index `{}`", it.name)));
    let made = new.iter().map(|it| {
        let (sign, verb) = if was.contains_key(&NameRef(&it.name)) {
            (Sign::Change, "create again")
        } else {
            (Sign::Add, "create")
        };
        (it.table.clone(), sign, format!("{verb} index `{}`", it.name))
    });
    let mut places = HashMap::with_capacity(res.len());
    for (place, it) in res.iter().enumerate() {
        places.entry(Name::from(it.object.as_str())).or_insert(place);
    }
    for (table, sign, text) in dropped.chain(made) {
        let detail = Detail { sign, part: PlanPart::Index, column: None, text };
        let place = *places.entry(Name::from(&table)).or_insert(res.len());
        match res.get_mut(place) {
            Some(change) if change.how.is_none() => change.what.push(detail),
            Some(_) => {}
            None => res.push(RecordedChange {
                object: table.into(),
                sign: Sign::Change,
                how: None,
                what: vec![detail],
            }),
        }
    }
}

//! What a change of a table is refused for on MariaDB, beside what holds everywhere: values that become equal, indexes on which keys of others rely, what doesn't
//! follow a name, rows that can't get values.

use super::around::{says, triggers};
use super::aside::{serves, that_name};
use super::statements::fills_of;
use crate::catalog::{
    Definition, Difference, ForeignKeyConstraint, Object, ObjectKind, TableIndex, TriggerEvent,
};
use crate::client::{RunResult, quoted};
use crate::diagnostics::{EqualValues, HazardKind, UnkeyedReference};
use crate::migrate::Migrator;
use crate::migrate::alteration::TableAlteration;
use crate::migrate::questions::shown_rows;
use crate::migrate::server::plan::Planning;

/// Refuses what can't be done to a table, or what would be broken by it.
pub(super) fn refuse(
    planning: &Planning<'_>,
    migrator: &mut Migrator<'_>,
    task: &TableAlteration<'_>,
    indexes: &[Difference],
) -> RunResult<()> {
    for difference in indexes {
        if let Difference::AddIndex { desired: to } | Difference::Index { desired: to, .. } =
            *difference
            && let Some(index) = task.desired.indexes.get(to).filter(|it| it.unique)
        {
            planning.refuse_equal(migrator, task, index)?;
        }
    }
    // One that stays is asked of everywhere.
    let comes = |index: &&TableIndex| {
        let key = index.unique_key();
        index.unique && !task.current.indexes.iter().any(|it| it.unique_key() == key)
    };
    for index in task.desired.indexes.iter().filter(comes) {
        refuse_equal_values(planning, migrator, task, index)?;
    }
    refuse_keys_of_indexes(planning, migrator, task, indexes);
    refuse_broken(planning, task);
    let former = planning.work.former(&task.current.name);
    let filled = !fills_of(task).is_empty();
    let fires = |it: &Object| match &it.definition {
        Definition::Trigger(it) => matches!(it.event, TriggerEvent::Update { .. }),
        Definition::Table(_) | Definition::Index | Definition::View(_) => false,
    };
    if filled && triggers(planning.objects, former).any(fires) {
        let what = "give rows of a table values which has triggers that fire for these";
        planning.not_yet(migrator, task, what.to_owned());
    }
    for used in &task.used {
        let place = task.desired.place(&used.column);
        if place.is_some_and(|it| task.todo.converted.contains(&it)) {
            let what = format!("let `using` say what `{}` holds, whose type changes", used.column);
            planning.not_yet(migrator, task, what);
        }
    }
    for (from, to) in
        task.desired.columns.iter().filter_map(|to| Some((task.current.column(&to.name)?, to)))
    {
        if let (Some(from), None) = (&from.generated, &to.generated)
            && !from.stored
        {
            let what = format!("keep the values of `{}`, which are computed each time", to.name);
            planning.not_yet(migrator, task, what);
        }
    }
    Ok(())
}

/// Refuses rows that become equal in what is unique, by the values that they get.
fn refuse_equal_values(
    planning: &Planning<'_>,
    migrator: &mut Migrator<'_>,
    task: &TableAlteration<'_>,
    index: &TableIndex,
) -> RunResult<()> {
    let (desired, todo) = (&task.desired, &task.todo);
    let Some(columns) = index.unique_columns() else { return Ok(()) };
    let gets = |name: &str| {
        let place = desired.place(name);
        let has = |all: &[usize]| place.is_some_and(|it| all.contains(&it));
        has(&todo.added) || has(&todo.tightened) || task.used(name).is_some()
    };
    let computed = |name: &&str| {
        let given = task.given.iter().any(|it| it.0 == **name);
        given
            || desired.column(name).is_none_or(|column| {
                let default = column.default.as_deref();
                column.generated.is_some()
                    || column.identity
                    || task.used(&column.name).is_none()
                        && default.is_some_and(|it| it.starts_with("uuid("))
            })
    };
    if !columns.iter().any(|it| gets(it)) || columns.iter().any(computed) {
        return Ok(());
    }
    let each = columns.iter().filter_map(|name| {
        let column = desired.column(name)?;
        let own = task.current.column(name).map(|it| quoted(&it.name));
        Some(match (gets(name), own) {
            (false, own) => own?,
            (true, Some(own)) if task.used(name).is_none() => {
                format!("coalesce({own}, {})", task.value_to_come(column))
            }
            (true, _) => task.value_to_come(column),
        })
    });
    let each: Vec<String> = each.collect();
    // By names, since a number there would be a place.
    let names: Vec<String> = (0..each.len()).map(|at| format!("v{at}")).collect();
    let read: Vec<String> =
        each.iter().zip(&names).map(|(value, name)| format!("{value} AS {name}")).collect();
    let held: Vec<String> = names.iter().map(|it| format!("{it} IS NOT NULL")).collect();
    let groups = format!(
        "FROM (SELECT {} FROM {}) AS alike WHERE {} GROUP BY {} HAVING count(*) > 1",
        read.join(", "),
        quoted(&task.current.name),
        held.join(" AND "),
        names.join(", ")
    );
    let (at, alter) = (planning.alter.at, planning.alter);
    let sql = format!("SELECT count(*) FROM (SELECT 1 {groups}) AS found");
    let count = migrator.client.count(at, &sql)?;
    if count > 0 {
        let shown = format!("SELECT {} {groups} LIMIT 3", names.join(", "));
        let first = shown_rows(&mut migrator.client, alter, &shown)?;
        let kind = HazardKind::Equal {
            columns: columns.iter().map(|it| (*it).to_owned()).collect(),
            table: task.current.name.clone(),
            values: EqualValues { count, first },
            query: None,
        };
        let declared = migrator.client.scripts.schema[task.table.model].span;
        alter.refuse(alter.hazard(kind, Some(declared)));
    }
    Ok(())
}

/// Refuses that an index goes on which a foreign key of another table relies.
fn refuse_keys_of_indexes(
    planning: &Planning<'_>,
    migrator: &Migrator<'_>,
    task: &TableAlteration<'_>,
    indexes: &[Difference],
) {
    let former = planning.work.former(&task.current.name);
    let declared = migrator.client.scripts.schema[task.table.model].span;
    let goes = Going::of(planning, migrator, task, indexes);
    for index in goes.dropped.iter().filter_map(|it| task.current.indexes.get(*it)) {
        let relies =
            planning.keys.iter().filter(|it| it.parent == former && it.index == index.name);
        for key in relies {
            let others = task.desired.indexes.iter().any(|it| serves(it, &key.to));
            let stays = planning.desired.tables.values().find(|it| it.name == key.table);
            let stays = stays.is_none_or(|table| {
                table.keys.iter().any(|it| it.columns == key.columns && it.to == key.to)
            });
            if stays && !others {
                let key = UnkeyedReference {
                    columns: key.columns.clone(),
                    table: key.table.clone(),
                    parent: task.current.name.clone(),
                };
                let kind = HazardKind::NoKey { key };
                planning.alter.refuse(planning.alter.hazard(kind, Some(declared)));
            }
        }
    }
}

/// Refuses that views and triggers are broken which the script doesn't make again: they don't follow a name, and fail when they are used.
fn refuse_broken(planning: &Planning<'_>, task: &TableAlteration<'_>) {
    let name = task.current.name.as_str();
    let former = planning.work.former(name);
    let renamed = planning.work.renames.iter().filter(|it| it.table.as_deref() == Some(name));
    let renamed: Vec<&str> = renamed.map(|it| it.from.as_str()).collect();
    let gone = task.todo.dropped.iter().map(String::as_str).chain(renamed);
    for column in gone {
        for trigger in triggers(planning.objects, former).filter(|it| says(it, column)) {
            let why = format!("it speaks of `{column}`, which would be gone");
            let name = trigger.name.clone();
            let kind = HazardKind::BreaksObject { view: false, name, why };
            planning.alter.refuse(planning.alter.hazard(kind, None));
        }
    }
}

/// Refuses what names that change would break: called once for all of them.
pub(super) fn refuse_renamed(planning: &Planning<'_>, migrator: &Migrator<'_>) {
    let schema = migrator.client.scripts.schema;
    let own = |name: &str| schema.views.iter().any(|it| it.name == name);
    let mut told: Vec<String> = Vec::new();
    for rename in &planning.work.renames {
        let (table, column) = match &rename.table {
            None => (planning.work.former(&rename.to).to_owned(), None),
            Some(table) => (planning.work.former(table).to_owned(), Some(rename.from.as_str())),
        };
        let reads = planning
            .views
            .iter()
            .filter(|it| it.table == table && column.is_none_or(|column| it.column == column));
        for view in reads.filter(|it| !own(&it.view)) {
            if told.contains(&view.view) {
                continue;
            }
            told.push(view.view.clone());
            let what = column.unwrap_or(&table);
            let why = format!("it reads `{what}`, which gets another name");
            let kind = HazardKind::BreaksObject { view: true, name: view.view.clone(), why };
            planning.alter.refuse(planning.alter.hazard(kind, None));
        }
        let Some(table) = column.is_none().then_some(&table) else { continue };
        let others = that_name(planning.objects, ObjectKind::Trigger, table);
        for trigger in others.filter(|it| it.table != *table) {
            let why = format!("it speaks of `{table}`, which gets another name");
            let name = trigger.name.clone();
            let kind = HazardKind::BreaksObject { view: false, name, why };
            planning.alter.refuse(planning.alter.hazard(kind, None));
        }
    }
}

/// The indexes that go.
pub(super) struct Going {
    /// Their places: those that Relata made and the script doesn't say any more.
    pub(super) dropped: Vec<usize>,
}

impl Going {
    pub(super) fn of(
        planning: &Planning<'_>,
        migrator: &Migrator<'_>,
        task: &TableAlteration<'_>,
        indexes: &[Difference],
    ) -> Self {
        let (current, desired) = (&task.current, &task.desired);
        let declared = |name: &str| {
            let schema = migrator.client.scripts.schema;
            let dialect = migrator.client.database.dialect();
            let own = schema[task.table.model].indexes.iter();
            own.map(|it| dialect.shortened(&it.name)).any(|it| it == name)
        };
        // A foreign key that stays needs one of its indexes.
        let stays = |key: &&ForeignKeyConstraint| {
            desired.keys.iter().any(|it| it.columns == key.columns && it.table == key.table)
        };
        let keys: Vec<_> = current.keys.iter().filter(stays).chain(&desired.keys).collect();
        let mut dropped: Vec<usize> = Vec::new();
        for difference in indexes {
            let Difference::DropIndex { current: at } = *difference else { continue };
            let Some(index) = current.indexes.get(at) else { continue };
            let own = planning.made.contains(&index.name.as_str().into()) && !declared(&index.name);
            if !own || task.gone.contains(&index.name) {
                continue;
            }
            let needed = keys.iter().any(|key| {
                let others = current.indexes.iter().enumerate().filter(|it| {
                    it.0 != at && !dropped.contains(&it.0) && !task.gone.contains(&it.1.name)
                });
                serves(index, &key.columns)
                    && !others
                        .map(|it| it.1)
                        .chain(&desired.indexes)
                        .any(|it| it.name != index.name && serves(it, &key.columns))
            });
            if !needed {
                dropped.push(at);
            }
        }
        Self { dropped }
    }
}

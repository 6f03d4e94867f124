//! Tables: what becomes of each, and that it does.

use super::ddl::TableDdl;
use super::differs::{self, differences, is_of_extra_column, is_same_change};
use super::history::Renamed;
use super::indexes::{alter_indexes, desired_table, has_indexes};
use super::task::{Alteration, ChangePart, FilledRows, Task, change};
use super::there::ExistingObjects;
use super::using::used_of;
use super::words::told;
use super::{AlteredTable, Outlook, engine_of};
use super::{Change, ChangeMethod, Detail, Migrator, PlanPart, Sign};
use crate::catalog::{Difference, NameRef, ObjectKind};
use crate::client::{Client, RunResult, quoted};
use crate::diagnostics::{Hazard, HazardKind, Loss, UnalterableTable};
use crate::ir::ExtraColumns;
use crate::source::Span;
use smol_str::SmolStr;
use std::fmt::Write as _;

/// What becomes of a table.
#[derive(Debug)]
pub(super) enum Planned<'a> {
    /// It comes.
    New(&'a TableDdl),
    /// It is there as the script has it, its indexes aside.
    Same(&'a TableDdl),
    /// It changes.
    Changes(Box<Task<'a>>),
}

impl Planned<'_> {
    /// Whether columns may be no key any more to which others may refer.
    pub(super) fn unkeys(&self) -> bool {
        match self {
            Self::New(_) | Self::Same(_) => false,
            Self::Changes(it) => it.todo.rekeyed || it.todo.unkeyed,
        }
    }

    /// The table's name, as the database has it.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::New(table) | Self::Same(table) => &table.name,
            Self::Changes(task) => &task.current.name,
        }
    }

    /// Names what it changes.
    pub(super) fn announce(&self, alter: &Alteration<'_>) {
        if let Self::Changes(task) = self {
            alter.name(ObjectKind::Table, &task.current.name);
            for index in &task.gone {
                alter.name(ObjectKind::Index, index);
            }
        }
    }

    /// Whether a statement writes rows.
    pub(super) fn writes_rows(&self) -> bool {
        match self {
            Self::New(_) | Self::Same(_) => false,
            Self::Changes(it) => it.todo.rebuild || !it.todo.tightened.is_empty(),
        }
    }

    /// The table, where nothing but its text changes.
    pub(super) fn edited(&self) -> Option<&str> {
        match self {
            Self::Changes(it) if !it.todo.rebuild => Some(&it.current.name),
            Self::Changes(_) | Self::New(_) | Self::Same(_) => None,
        }
    }

    /// Its name, where its rows change and it stays as it is.
    pub(super) fn only_rows(&self) -> Option<String> {
        match self {
            Self::New(_) | Self::Same(_) => None,
            Self::Changes(it) => {
                let text = it.todo.text.as_deref();
                (text == Some(it.current.sql.as_str())).then(|| it.current.name.clone())
            }
        }
    }

    /// Whether its rows move into a new table.
    pub(super) fn is_rebuilt(&self) -> bool {
        matches!(self, Self::Changes(it) if it.todo.rebuild)
    }

    /// Whether rows are written anew, or refer to other rows than before.
    pub(super) fn moves_rows(&self) -> bool {
        match self {
            Self::New(_) | Self::Same(_) => false,
            Self::Changes(it) => {
                it.todo.rebuild
                    || !it.todo.keys.is_empty()
                    || it.current.keys.len() > it.desired.keys.len()
            }
        }
    }
}

impl Migrator<'_> {
    /// What becomes of a table; nothing is changed yet. What can't be planned is refused.
    pub(super) fn plan_table<'t>(
        &mut self,
        alter: &Alteration<'_>,
        table: &'t TableDdl,
        renames: &[Renamed],
        there: &ExistingObjects<'_>,
    ) -> RunResult<Option<Planned<'t>>> {
        let at = alter.at;
        // Of a table that is as the script has it nothing more is asked: there may be a thousand.
        let kept = there.get(&(ObjectKind::Table, NameRef(&table.name)));
        let kept = kept.and_then(|it| it.sql.as_deref());
        let engine = engine_of(self.client.database);
        let as_desired = kept.is_some_and(|it| engine.is_kept(it, &table.create));
        let rest = alter.part.get() == ChangePart::Rest;
        if as_desired && !rest {
            return Ok(None);
        }
        if as_desired && engine.dates(self, alter, table, (&|_| true, alter.plans()))?.is_empty() {
            let whole = has_indexes(engine, table, there);
            return Ok(if whole { None } else { Some(Planned::Same(table)) });
        }
        let Some(current) = self.client.ask(at, |it| it.table(&table.name))? else {
            return Ok(Some(Planned::New(table)));
        };
        let Some(mut desired) = desired_table(&mut self.client, at, table)? else {
            return Ok(None);
        };
        let model = &self.client.scripts.schema[table.model];
        if !rest {
            let filled = |column: &str| {
                let attribute = model.on_column(column);
                model.using(column).is_some() || attribute.is_some_and(|it| it.default.is_some())
            };
            let open = engine.to_be_filled(&current, &desired, &filled).unwrap_or_default();
            let open = engine.preview(&mut self.client, at, &[open], &table.name)?;
            desired = open.unwrap_or(desired);
        }
        let cannot = |why: UnalterableTable| {
            let kind = HazardKind::Unalterable { table: current.name.clone(), why };
            alter.hazard(kind, Some(model.span))
        };
        let scope = (alter.part.get(), alter.options.extra);
        let Some(mut todo) = engine.changes(&current, &desired, scope) else {
            alter.refuse(cannot(UnalterableTable::Unreadable));
            return Ok(None);
        };
        let has = |it: &str| current.column(it).is_some();
        let dates = if rest {
            engine.dates(self, alter, table, (&has, alter.plans() && !as_desired))?
        } else {
            Vec::new()
        };
        if todo.text.is_none() && !rest {
            return Ok(None);
        }
        if todo.text.is_none() {
            if dates.is_empty() {
                return Ok(Some(Planned::Same(table)));
            }
            todo.text = Some(current.sql.clone());
        }
        let given = self.given(at, table.model, &desired, &todo)?;
        let tables = [&current, &desired];
        let used = used_of(&mut self.client, alter, table, tables, &todo, renames, &dates)?;
        todo.rebuild |= !given.is_empty() || !used.is_empty();
        let outlook = engine.outlook(&mut self.client, at, (&current, &mut desired), &mut todo)?;
        let gone = match outlook {
            Outlook::Sound(gone) => gone,
            Outlook::Nothing => return Ok(None),
            Outlook::Unreadable(why) => {
                let title = self.client.database.dialect().title;
                alter.refuse(cannot(UnalterableTable::UnreadableOutcome { title, why }));
                return Ok(None);
            }
        };
        let task = Task { table, current, desired, todo, gone, given, used };
        Ok(Some(Planned::Changes(Box::new(task))))
    }

    /// Carries out what was planned for a table.
    pub(super) fn change_table(
        &mut self,
        alter: &Alteration<'_>,
        planned: &Planned<'_>,
        changes: &mut Vec<Change>,
    ) -> RunResult<()> {
        let at = alter.at;
        let table = match planned {
            Planned::New(table) | Planned::Same(table) => *table,
            Planned::Changes(task) => task.table,
        };
        let before = changes.len();
        match planned {
            Planned::Same(_) => {}
            Planned::New(table) => {
                let mut ran = Vec::new();
                let create = engine_of(self.client.database).to_create(&table.create);
                self.client.run_statement(at, &create, &mut ran)?;
                let what = (Sign::Add, PlanPart::Table, "create table".to_owned());
                changes.push(change(&table.name, what, ChangeMethod::Create, ran));
            }
            Planned::Changes(task) => {
                let done = self.carry_out_task(alter, task)?;
                changes.push(done);
            }
        }
        let whole = alter.part.get() == ChangePart::Rest || matches!(planned, Planned::New(_));
        if whole {
            alter_indexes(&mut self.client, alter, table, changes)?;
        }
        if whole && changes.len() > before {
            as_desired(&mut self.client, alter, table)?;
        }
        Ok(())
    }

    fn carry_out_task(&mut self, alter: &Alteration<'_>, task: &Task<'_>) -> RunResult<Change> {
        let what = if alter.is_told(self.log) {
            words_of(&mut self.client, alter.at, task)?
        } else {
            Vec::new()
        };
        let AlteredTable { way, rows, ran, kept } =
            engine_of(self.client.database).alter_table(self, alter, task)?;
        Ok(Change {
            object: task.current.name.as_str().into(),
            what,
            way,
            rows,
            sql: ran,
            kept,
            refused: Vec::new(),
        })
    }
}

/// Refuses what would undo what somebody else has changed of a table: what would not have to change without that.
pub(super) fn drifted(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    task: &Task<'_>,
) -> RunResult<()> {
    let (current, desired) = (&task.current, &task.desired);
    let Some(left) = alter.drift.left(ObjectKind::Table, &current.name) else {
        return Ok(());
    };
    if alter.options.allow.has(Loss::Drift) {
        return Ok(());
    }
    let engine = engine_of(client.database);
    // Where it can't be made any more, all of it may be somebody else's.
    let left = engine.former_table(client, alter.at, left, &current.name)?;
    let scope = (alter.part.get(), alter.options.extra);
    let anyway = engine.changes(&left, desired, scope).map_or_else(Vec::new, |it| it.differences);
    let mut undone = task.todo.differences.clone();
    undone.retain(|one| !anyway.iter().any(|it| is_same_change([*one, *it], [current, &left])));
    let undone: Vec<_> = undone.into_iter().map(|it| told_of(client, task, it).0.text).collect();
    if !undone.is_empty() {
        let kind = HazardKind::UndoesTable { table: current.name.clone(), changes: undone };
        alter.refuse(Hazard::of_structure(kind, None));
    }
    Ok(())
}

/// Whether values go, or become others.
pub(super) fn takes_values(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    planned: &Planned<'_>,
) -> RunResult<bool> {
    let Planned::Changes(task) = planned else {
        return Ok(false);
    };
    let Task { current, desired, todo, .. } = &**task;
    // A value that fits comes back as the same text: it is still there.
    let converted = todo.converted.iter().filter(|_| alter.options.allow.has(Loss::Conversion));
    let converted = converted.filter_map(|it| desired.columns.get(*it));
    let there = |name: &&String| current.column(name).is_some();
    let used = task.used.iter().filter(|it| it.of != FilledRows::Nulls);
    let columns = (todo.dropped.iter())
        .chain(converted.map(|it| &it.name).filter(there))
        .chain(used.map(|it| &it.column).filter(there));
    let held: Vec<_> = columns.map(|it| format!("{} IS NOT NULL", quoted(it))).collect();
    if held.is_empty() {
        return Ok(false);
    }
    client.has_row(alter.at, &current.name, &held.join(" OR "))
}

/// What a difference changes of a table, in words, and which rows are concerned.
fn told_of(
    client: &Client<'_>,
    task: &Task<'_>,
    difference: Difference,
) -> (Detail, Option<String>) {
    let model = &client.scripts.schema[task.table.model];
    told(difference, [&task.current, &task.desired], &|it| model.using(it).is_some())
}

/// What changes of a table, in words, with the rows that are concerned.
pub(super) fn words_of(
    client: &mut Client<'_>,
    at: Span,
    task: &Task<'_>,
) -> RunResult<Vec<Detail>> {
    let told: Vec<_> = task.todo.differences.iter().map(|it| told_of(client, task, *it)).collect();
    let number = task.todo.renumbers.as_ref();
    let changed = |part: PlanPart, column: Option<&str>, text: String| {
        let column = column.map(SmolStr::from);
        Detail { sign: Sign::Change, part, column, text }
    };
    let number = number.map(|it| {
        let row = engine_of(client.database).row_name();
        let text = format!("use `{it}` as the {row}; the {row}s of before are lost");
        (changed(PlanPart::Table, None, text), None)
    });
    let used = (task.used.iter())
        .map(|it| (changed(PlanPart::Column, Some(&it.column), it.words()), Some(it.rows.clone())));
    let mut words = Vec::new();
    for (mut what, concerned) in told.into_iter().chain(number).chain(used) {
        let Some(concerned) = concerned else {
            words.push(what);
            continue;
        };
        let sql = format!("SELECT count(*) FROM {} WHERE {concerned}", quoted(&task.current.name));
        match client.count(at, &sql)? {
            0 => {}
            1 => what.text.push_str(" (1 row)"),
            rows => {
                let _ = write!(what.text, " ({rows} rows)");
            }
        }
        words.push(what);
    }
    let columns = task.todo.dropped.join("`, `");
    for index in &task.gone {
        let text = format!("drop index `{index}` with `{columns}`");
        words.push(Detail { sign: Sign::Drop, part: PlanPart::Index, column: None, text });
    }
    Ok(words)
}

/// Holds a table against what the script says.
fn as_desired(client: &mut Client<'_>, alter: &Alteration<'_>, table: &TableDdl) -> RunResult<()> {
    let (Some(current), Some(desired)) = (
        client.ask(alter.at, |it| it.table(&table.name))?,
        desired_table(client, alter.at, table)?,
    ) else {
        return Ok(());
    };
    let mut found = differences(&current, &desired);
    // An index that the script doesn't know is left alone.
    found.retain(|it| !matches!(it, Difference::DropIndex { .. }));
    if alter.options.extra == ExtraColumns::Keep {
        found.retain(|it| !is_of_extra_column(*it, &current, &desired));
    }
    // What was refused isn't there.
    if found.is_empty() || alter.refused() > 0 {
        return Ok(());
    }
    let differences = differs::told(&found, &current, &desired);
    let kind = HazardKind::StillDiffers { table: table.name.to_string(), differences };
    Err(alter.hazard(kind, Some(client.scripts.schema[table.model].span)).into())
}

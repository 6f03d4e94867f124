//! Tables: what becomes of each, and that it does.

use super::alteration::{Alteration, ChangePart, FilledRows, TableAlteration, change};
use super::ddl::TableDdl;
use super::existing::ExistingObjects;
use super::indexes::{IndexStep, carry_out_index, desired_table, has_indexes};
use super::plan_words::plan_detail;
use super::script_differences::{self, differences, is_of_extra_column, is_same_change};
use super::{AlteredTable, alter_engine, engine_of};
use super::{Change, ChangeMethod, Detail, Migrator, PlanPart, Sign};
use crate::catalog::{Column, Difference, NameRef, ObjectKind, Respect, Table};
use crate::client::{Client, RunResult, quoted};
use crate::diagnostics::{Hazard, HazardKind, Loss, UnalterableTable};
use crate::ir::{ExtraColumns, Model};
use crate::words::counted;
use smol_str::SmolStr;
use std::fmt::Write as _;

/// What becomes of a table.
#[derive(Debug)]
pub(super) enum TableStep<'a> {
    /// It is created.
    New(&'a TableDdl),
    /// It is there as the script has it, its indexes aside.
    Same(&'a TableDdl),
    /// It changes.
    Changes(Box<TableAlteration<'a>>),
}

impl TableStep<'_> {
    /// Whether columns may be no key any more to which others may refer.
    pub(super) fn drops_keys(&self) -> bool {
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
    pub(super) fn announce(&self, alter: &Alteration) {
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

    /// The table, where it changes.
    pub(super) fn changed(&self) -> Option<&str> {
        match self {
            Self::Changes(it) => Some(&it.current.name),
            Self::New(_) | Self::Same(_) => None,
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

/// In what a table differs, before anything is asked of rows.
#[derive(Debug)]
pub(super) enum TableDraft<'a> {
    /// It isn't there.
    New(&'a TableDdl),
    /// It is there as the script has it; its indexes may not be.
    AsDesired {
        table: &'a TableDdl,
        /// Whether its indexes are as the script has them, too.
        whole: bool,
    },
    /// It is another.
    Differs(Box<TableAlteration<'a>>),
}

impl Migrator<'_> {
    /// In what a table differs: its rows are asked nothing, and nothing is changed. What can't be planned is refused.
    pub(super) fn plan_table<'t>(
        &mut self,
        alter: &Alteration,
        table: &'t TableDdl,
        there: &ExistingObjects<'_>,
    ) -> RunResult<Option<TableDraft<'t>>> {
        // Of a table that is as the script has it nothing more is read: there may be a thousand.
        let kept = there.get(&(ObjectKind::Table, NameRef(&table.name)));
        let kept = kept.and_then(|it| it.sql.as_deref());
        let engine = alter_engine(self.client.database)?;
        if kept.is_some_and(|it| engine.is_kept(it, &table.create)) {
            let whole = has_indexes(engine, table, there);
            let rest = alter.part.get() == ChangePart::Rest;
            return Ok(rest.then_some(TableDraft::AsDesired { table, whole }));
        }
        self.differing_table(alter, table)
    }

    /// In what a table differs whose statement is another, or whose rows are to change.
    pub(super) fn differing_table<'t>(
        &mut self,
        alter: &Alteration,
        table: &'t TableDdl,
    ) -> RunResult<Option<TableDraft<'t>>> {
        let at = alter.at;
        let engine = alter_engine(self.client.database)?;
        let Some(current) = self.client.ask(at, |it| it.table(&table.name))? else {
            return Ok(Some(TableDraft::New(table)));
        };
        let Some(mut desired) = desired_table(&mut self.client, at, table)? else {
            return Ok(None);
        };
        let model = &self.client.scripts.schema[table.model];
        if alter.part.get() == ChangePart::Added {
            let filled = |column: &str| {
                let attribute = model.on_column(column);
                model.using(column).is_some() || attribute.is_some_and(|it| it.default.is_some())
            };
            let computable = computable(&self.client, &current, &desired);
            let is_computable = |it: &str| computable.iter().any(|other| other == it);
            let open = engine.to_be_filled(&current, &desired, &filled, &is_computable);
            let open = open.unwrap_or_default();
            let open = engine.preview(&mut self.client, at, &[open], &table.name)?;
            desired = open.unwrap_or(desired);
        }
        let scope = (alter.part.get(), alter.options.extra);
        let Some(todo) = engine.changes(&current, &desired, scope) else {
            alter.refuse(unalterable(alter, model, &current, UnalterableTable::Unreadable));
            return Ok(None);
        };
        let (gone, given, used) = (Vec::new(), Vec::new(), Vec::new());
        let task = TableAlteration { table, current, desired, todo, gone, given, used };
        Ok(Some(TableDraft::Differs(Box::new(task))))
    }

    /// Carries out what was planned for a table and its indexes.
    pub(super) fn change_table(
        &mut self,
        alter: &Alteration,
        (planned, indexes): (&TableStep<'_>, &[IndexStep<'_>]),
        changes: &mut Vec<Change>,
    ) -> RunResult<()> {
        let at = alter.at;
        let table = match planned {
            TableStep::New(table) | TableStep::Same(table) => *table,
            TableStep::Changes(task) => task.table,
        };
        let before = changes.len();
        match planned {
            TableStep::Same(_) => {}
            TableStep::New(table) => {
                let mut ran = Vec::new();
                let create = alter_engine(self.client.database)?.to_create(&table.create);
                self.client.run_statement(at, &create, &mut ran)?;
                let what = (Sign::Add, PlanPart::Table, "create table".to_owned());
                changes.push(change(&table.name, what, ChangeMethod::Create, ran));
            }
            TableStep::Changes(task) => {
                let done = self.carry_out_task(alter, task)?;
                changes.push(done);
            }
        }
        for it in indexes {
            carry_out_index(&mut self.client, alter, table, it, changes)?;
        }
        let whole = alter.part.get() == ChangePart::Rest || matches!(planned, TableStep::New(_));
        if whole && changes.len() > before {
            verify_table(&mut self.client, alter, table)?;
        }
        Ok(())
    }

    fn carry_out_task(
        &mut self,
        alter: &Alteration,
        task: &TableAlteration<'_>,
    ) -> RunResult<Change> {
        let what = if alter.is_told(self.log) {
            describe(&mut self.client, alter, task)?
        } else {
            Vec::new()
        };
        let AlteredTable { way, rows, ran, kept } =
            alter_engine(self.client.database)?.alter_table(self, alter, task)?;
        Ok(Change {
            object: task.current.name.as_str().into(),
            what,
            way,
            rows,
            sql: ran,
            kept,
            cost: None,
            refused: Vec::new(),
        })
    }
}

/// The generated columns that come which can be computed of all rows that are there.
fn computable(client: &Client<'_>, current: &Table, desired: &Table) -> Vec<String> {
    let comes = |it: &&Column| current.column(&it.name).is_none();
    let nulls = desired.columns.iter().filter(comes);
    let nulls: Vec<String> = nulls.map(|it| format!(", NULL AS {}", quoted(&it.name))).collect();
    let nulls = nulls.concat();
    let is_computable = |it: &&Column| {
        let Some(generated) = &it.generated else { return false };
        let (expression, from) = (&generated.expression, quoted(&current.name));
        let sql = format!("SELECT count(({expression})) FROM (SELECT *{nulls} FROM {from})");
        match client.number(&sql) {
            Ok(_) => true,
            // It is stored behind the steps, where it fails again unless they have mended the row.
            Err(_why) => false,
        }
    };
    let all = desired.columns.iter().filter(comes).filter(is_computable);
    all.map(|it| it.name.clone()).collect()
}

pub(super) fn unalterable(
    alter: &Alteration,
    model: &Model,
    current: &Table,
    why: UnalterableTable,
) -> Hazard {
    let kind = HazardKind::Unalterable { table: current.name.clone(), why };
    alter.hazard(kind, Some(model.span))
}

/// Refuses what would undo what somebody else has changed of a table: what would not have to change without that.
pub(super) fn refuse_overwriting(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
) -> RunResult<()> {
    let (current, desired) = (&task.current, &task.desired);
    let Some(left) = alter.drift.left(ObjectKind::Table, &current.name) else {
        return Ok(());
    };
    if alter.options.allow.has(Loss::Drift) {
        return Ok(());
    }
    let engine = alter_engine(client.database)?;
    // Where it can't be made any more, all of it may be somebody else's.
    let left = engine.former_table(client, alter.at, left, &current.name)?;
    let scope = (alter.part.get(), alter.options.extra);
    let anyway = engine.changes(&left, desired, scope).map_or_else(Vec::new, |it| it.differences);
    let mut undone = task.todo.differences.clone();
    undone.retain(|one| !anyway.iter().any(|it| is_same_change([*one, *it], [current, &left])));
    let undone = undone.into_iter().filter_map(|it| describe_difference(client, task, it));
    let undone: Vec<_> = undone.map(|it| it.0.text).collect();
    if !undone.is_empty() {
        let kind = HazardKind::UndoesTable { table: current.name.clone(), changes: undone };
        alter.refuse(Hazard::of_structure(kind, None));
    }
    Ok(())
}

/// Whether values go, or become others.
pub(super) fn loses_values(
    client: &mut Client<'_>,
    alter: &Alteration,
    planned: &TableStep<'_>,
) -> RunResult<bool> {
    let TableStep::Changes(task) = planned else {
        return Ok(false);
    };
    let TableAlteration { current, desired, todo, .. } = &**task;
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
pub(super) fn describe_difference(
    client: &Client<'_>,
    task: &TableAlteration<'_>,
    difference: Difference,
) -> Option<(Detail, Option<String>)> {
    let model = &client.scripts.schema[task.table.model];
    plan_detail(difference, [&task.current, &task.desired], &|it| model.using(it).is_some())
}

/// What changes of a table, in words, with the rows that are concerned.
pub(super) fn describe(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
) -> RunResult<Vec<Detail>> {
    let differences = task.todo.differences.iter();
    let details: Vec<_> = differences
        .filter_map(|it| {
            let (what, concerned) = describe_difference(client, task, *it)?;
            Some((what, concerned, changed_rows(alter, task, *it)))
        })
        .collect();
    let number = task.todo.renumbers.as_ref();
    let changed = |part: PlanPart, column: Option<&str>, text: String| {
        let column = column.map(SmolStr::from);
        Detail { sign: Sign::Change, part, column, text }
    };
    let row = engine_of(client.database).row_name();
    let number = number.map(|it| {
        let text = format!("use `{it}` as the {row}; the {row}s of before are lost");
        (changed(PlanPart::Table, None, text), None, None)
    });
    let used = (task.used.iter()).map(|it| {
        (changed(PlanPart::Column, Some(&it.column), it.words()), Some(it.rows.clone()), None)
    });
    let mut words = Vec::new();
    for (mut what, concerned, others) in details.into_iter().chain(number).chain(used) {
        let Some(concerned) = concerned else {
            words.push(what);
            continue;
        };
        let table = &task.current.name;
        let rows = match alter.known_rows(table, &concerned) {
            Some(rows) => rows,
            None => {
                let sql = format!("SELECT count(*) FROM {} WHERE {concerned}", quoted(table));
                client.count(alter.at, &sql)?
            }
        };
        match rows {
            0 => {}
            rows => {
                let others = others.map_or_else(String::new, |it| match it {
                    1 => ", 1 of them gets another value".to_owned(),
                    _ => format!(", {it} of them get another value"),
                });
                let _ = write!(what.text, " ({}{others})", counted(rows));
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

/// In how many rows a difference makes other values than the column can keep, where that is allowed.
fn changed_rows(
    alter: &Alteration,
    task: &TableAlteration<'_>,
    difference: Difference,
) -> Option<u64> {
    match difference {
        Difference::Column { desired, what: Respect::Type, .. } => {
            let column = task.desired.columns.get(desired)?;
            alter.changed_rows(&task.current.name, &column.name)
        }
        Difference::Column { .. }
        | Difference::PrimaryKey
        | Difference::Identity
        | Difference::AddColumn { .. }
        | Difference::DropColumn { .. }
        | Difference::AddIndex { .. }
        | Difference::DropIndex { .. }
        | Difference::Index { .. }
        | Difference::AddCheck { .. }
        | Difference::DropCheck { .. }
        | Difference::RenameCheck { .. }
        | Difference::AddKey { .. }
        | Difference::DropKey { .. }
        | Difference::Key { .. }
        | Difference::Options
        | Difference::AddOther { .. }
        | Difference::DropOther { .. } => None,
    }
}

/// Holds a table against what the script says.
fn verify_table(client: &mut Client<'_>, alter: &Alteration, table: &TableDdl) -> RunResult<()> {
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
    let differences = script_differences::told(&found, &current, &desired);
    let kind = HazardKind::StillDiffers { table: table.name.to_string(), differences };
    Err(alter.hazard(kind, Some(client.scripts.schema[table.model].span)).into())
}

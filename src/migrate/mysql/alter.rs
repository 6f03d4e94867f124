//! What is done to a table that is there: one `ALTER TABLE`; where rows get values in between, one before that and one behind it.

use super::clauses::{AlterAlgorithm, holds_all, index_clause};
use super::kept::{keep_given, keep_rows};
use super::refusals::Going;
use super::statements::AlterStatements;
use crate::catalog::{Column, Difference, IndexOrigin, ObjectKind, Respect, TableIndex};
use crate::client::{RunResult, quoted};
use crate::migrate::alteration::{FilledRows, TableAlteration, has_value};
use crate::migrate::server::plan::{Planning, altered, index_detail};
use crate::migrate::server::work::{WorkPhase, WorkStatement, WorkStep};
use crate::migrate::{Detail, Migrator, PlanPart, Sign, StepCost, StepWaits, StepWork};

/// Adds what is done to a table.
pub(super) fn alter_table(
    planning: &mut Planning<'_>,
    migrator: &mut Migrator<'_>,
    (task, mut details): (&TableAlteration<'_>, Vec<Detail>),
    indexes: &[Difference],
) -> RunResult<()> {
    planning.keys_of(migrator, task, &mut details)?;
    let (current, desired) = (&task.current, &task.desired);
    let name = current.name.as_str();
    details.retain(|it| !it.text.is_empty());
    let again = |name: &str| {
        indexes.iter().any(|difference| match *difference {
            Difference::Index { current: at, .. } => {
                current.indexes.get(at).is_some_and(|it| it.name == name)
            }
            _ => false,
        })
    };
    let gone: Vec<&TableIndex> = (current.indexes.iter())
        .filter(|it| it.origin == IndexOrigin::Created)
        .filter(|it| task.gone.contains(&it.name) && !again(&it.name))
        .collect();
    let mut made = AlterStatements::of(task, &gone);
    comments(task, &mut details);
    let going = Going::of(planning, migrator, task, indexes);
    for index in going.dropped.iter().filter_map(|it| current.indexes.get(*it)) {
        planning.alter.name(ObjectKind::Index, &index.name);
        let clause = format!("DROP INDEX {}", quoted(&index.name));
        made.rest().add(clause, AlterAlgorithm::Index);
        let text = format!("drop index `{}`", index.name);
        details.push(Detail { sign: Sign::Drop, part: PlanPart::Index, column: None, text });
    }
    for difference in indexes {
        if let Difference::Index { current: at, .. } = *difference
            && let Some(index) = current.indexes.get(at)
        {
            planning.alter.name(ObjectKind::Index, &index.name);
            let clause = format!("DROP INDEX {}", quoted(&index.name));
            made.rest().add(clause, AlterAlgorithm::Index);
        }
        if let Difference::AddIndex { desired: to } | Difference::Index { desired: to, .. } =
            *difference
            && let Some(index) = desired.indexes.get(to)
            && let Some(clause) = index_clause(index, &desired.name)
        {
            made.rest().add(clause, AlterAlgorithm::Index);
            details.extend(index_detail(*difference, task).map(|it| it.0));
        }
    }
    // An index that a foreign key made for itself goes where another one can do its work.
    for index in &current.indexes {
        let of_key = current.keys.iter().any(|it| it.name.as_deref() == Some(&index.name));
        if of_key && index.origin == IndexOrigin::Created {
            planning.alter.name(ObjectKind::Index, &index.name);
        }
    }
    let sql = made.statements(current);
    if sql.is_empty() {
        return Ok(());
    }
    let keeps = keeps(planning, task);
    let reads = StepCost { work: StepWork::Scans, waits: StepWaits::Nobody };
    let cost = if keeps.is_empty() { made.cost() } else { made.cost().and(reads) };
    let rows = if cost.work == StepWork::Instant { 0 } else { planning.rows(migrator, name)? };
    let change = altered(name, details, Vec::new(), cost, rows);
    let mut step = WorkStep::of(WorkPhase::Tables, change, sql);
    step.keeps = keeps;
    step.keeps_after = keeps_given(planning, task);
    planning.work.steps.push(step);
    Ok(())
}

/// What is said of a table and its columns, in words.
fn comments(task: &TableAlteration<'_>, details: &mut Vec<Detail>) {
    for difference in &task.todo.differences {
        let (is, of) = match *difference {
            Difference::Column { current: at, desired: to, what: Respect::Other } => {
                let (Some(is), Some(to)) =
                    (task.current.columns.get(at), task.desired.columns.get(to))
                else {
                    continue;
                };
                (is.comment.is_empty(), format!("`{}`", to.name))
            }
            Difference::Options => (task.current.comment.is_empty(), "the table".to_owned()),
            _ => continue,
        };
        let (sign, verb) =
            if is { (Sign::Add, "add comment on") } else { (Sign::Change, "change comment on") };
        let text = format!("{verb} {of}");
        details.push(Detail { sign, part: PlanPart::Column, column: None, text });
    }
}

/// What keeps the values that go, or become others.
fn keeps(planning: &Planning<'_>, task: &TableAlteration<'_>) -> Vec<WorkStatement> {
    let (current, desired, todo) = (&task.current, &task.desired, &task.todo);
    let key: Vec<String> = current.primary_key().into_iter().map(str::to_owned).collect();
    let column = |it: &usize| Some(&desired.columns.get(*it)?.name);
    let used = task.used.iter().filter(|it| it.of == FilledRows::All).map(|it| &it.column);
    let computed = desired.columns.iter().filter(|it| it.generated.is_some()).map(|it| &it.name);
    let all = (todo.dropped.iter())
        .chain(todo.converted.iter().filter_map(column))
        .chain(todo.tightened.iter().filter_map(column))
        .chain(used)
        .chain(computed);
    let mut columns: Vec<String> = all.cloned().collect();
    columns.retain(|name| {
        let column = current.column(name);
        column.is_some_and(|it| it.generated.is_none()) && !key.contains(name)
    });
    columns.sort();
    columns.dedup();
    if columns.is_empty() || key.is_empty() {
        return Vec::new();
    }
    keep_rows(planning.alter.migration.get(), &current.name, &key, &columns)
}

/// What keeps the values that rows get in columns which come: what is written since differs from them.
fn keeps_given(planning: &Planning<'_>, task: &TableAlteration<'_>) -> Vec<WorkStatement> {
    let (desired, todo) = (&task.desired, &task.todo);
    let key: Vec<String> = task.current.primary_key().into_iter().map(str::to_owned).collect();
    let added = todo.added.iter().filter_map(|it| desired.columns.get(*it));
    let computed = |column: &Column| {
        has_value(column) && column.default.as_deref().is_some_and(|it| it.contains('('))
    };
    let filled = added.filter(|it| {
        task.used(&it.name).is_some()
            || computed(it)
            || task.given.iter().any(|given| given.0 == it.name)
    });
    // What becomes of values that are there.
    let there = |column: &&Column| {
        let is = task.current.column(&column.name);
        is.is_some_and(|it| it.generated.is_none())
    };
    let column = |it: &usize| desired.columns.get(*it);
    let lossy = |to: &&Column| {
        let from = task.current.column(&to.name);
        from.is_some_and(|from| !holds_all(&from.data_type, &to.data_type))
    };
    let others = todo.converted.iter().filter_map(column).filter(lossy);
    let others = others.chain(todo.tightened.iter().filter_map(column));
    let used = task.used.iter().filter_map(|it| desired.column(&it.column));
    let others = others.chain(used).filter(there).filter(|it| it.generated.is_none());
    let mut columns: Vec<String> = filled.chain(others).map(|it| it.name.clone()).collect();
    columns.retain(|it| !key.contains(it));
    columns.sort();
    columns.dedup();
    if columns.is_empty() || key.is_empty() || desired.primary_key() != task.current.primary_key() {
        return Vec::new();
    }
    keep_given(planning.alter.migration.get(), &task.current.name, &key, &columns)
}

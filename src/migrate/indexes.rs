//! Indexes of tables: which are there, and which are created.

use super::alteration::{Alteration, change};
use super::ddl::{IndexDdl, TableDdl};
use super::existing::ExistingObjects;
use super::hazards::broken_rule;
use super::keys::{EqualRows, refuse_duplicates};
use super::objects::overwrites;
use super::script_differences::{differences, is_missing};
use super::{AlterEngine, alter_engine};
use super::{Change, ChangeMethod, PlanPart, Sign};
use crate::catalog::{NameRef, ObjectKind, Table};
use crate::client::{Client, FailedStatement, RunResult, quoted};
use crate::db::DbErrorKind;
use crate::diagnostics::{Hazard, Loss};
use crate::source::Span;
use crate::words::same_name;

/// The table as the script's statements would make it.
pub(super) fn desired_table(
    client: &mut Client<'_>,
    at: Span,
    table: &TableDdl,
) -> RunResult<Option<Table>> {
    let mut desired = vec![table.create.clone()];
    desired.extend(table.indexes.iter().map(|it| it.sql.clone()));
    alter_engine(client.database)?.preview(client, at, &desired, &table.name)
}

/// What is to be done to an index.
#[derive(Debug)]
pub(super) struct IndexStep<'t> {
    pub(super) index: &'t IndexDdl,
    /// The one of its name that is there and says something else.
    pub(super) replaces: Option<String>,
    /// Why it isn't, where it is refused.
    pub(super) refused: Vec<Hazard>,
}

/// What is to be done to the indexes of a table that `becomes` this: those that are missing are created, and those that are others created
/// again.
pub(super) fn index_steps<'t>(
    engine: &dyn AlterEngine,
    alter: &Alteration,
    table: &'t TableDdl,
    (becomes, desired): (&Table, Option<&Table>),
) -> Vec<IndexStep<'t>> {
    let found = desired.map(|desired| differences(becomes, desired)).unwrap_or_default();
    let lacks = |name: &str| desired.is_none_or(|it| is_missing(&found, it, name));
    let mut steps = Vec::new();
    for index in &table.indexes {
        let mut there = becomes.indexes.iter();
        let found = there.find(|it| same_name(&it.name, &index.name));
        let is_there = match found {
            Some(found) => {
                let kept = found.sql.as_deref().unwrap_or_default();
                engine.same_index(becomes, kept, &index.sql)
            }
            None => !lacks(&index.name),
        };
        if is_there {
            continue;
        }
        let left = alter.drift.left(ObjectKind::Index, &index.name);
        let theirs = left.is_some_and(|it| engine.same_object(ObjectKind::Index, it, &index.sql));
        let refused = if theirs && !alter.options.allow.has(Loss::Drift) {
            vec![overwrites(ObjectKind::Index, &index.name)]
        } else {
            Vec::new()
        };
        let replaces = found.map(|it| it.name.clone());
        steps.push(IndexStep { index, replaces, refused });
    }
    steps
}

/// Refuses rows that are equal in what is to be unique, before anything is carried out. Where a plan does nothing but create indexes, which
/// `alone` says, the database finds them by itself, and each row is read once; unless other things are refused, so that all is told at once.
pub(super) fn refuse_equal_rows(
    client: &mut Client<'_>,
    alter: &Alteration,
    (table, current, alone): (&TableDdl, &Table, bool),
    steps: &mut [IndexStep<'_>],
    is_kept: impl Fn(&str) -> bool,
) -> RunResult<()> {
    for step in steps {
        let before = alter.refused();
        for it in &step.refused {
            alter.refuse(it.clone());
        }
        let is_asked = !alone || alter.plans() || step.replaces.is_some() || alter.refused() > 0;
        if is_asked && step.index.unique && step.index.columns.iter().all(|it| is_kept(it)) {
            refuse_duplicates(client, alter, table, &EqualRows::of(step.index, current))?;
        }
        step.refused = alter.refused_since(before);
    }
    Ok(())
}

/// Creates an index, in place of another where there is one.
pub(super) fn carry_out_index(
    client: &mut Client<'_>,
    alter: &Alteration,
    table: &TableDdl,
    step: &IndexStep<'_>,
    changes: &mut Vec<Change>,
) -> RunResult<()> {
    let mut ran = Vec::new();
    let mut refused = step.refused.clone();
    if refused.is_empty() {
        if let Some(name) = &step.replaces {
            alter.name(ObjectKind::Index, name);
            let drop = format!("DROP INDEX {}", quoted(name));
            client.run_statement(alter.at, &drop, &mut ran)?;
        }
        let before = alter.refused();
        create_index(client, alter, table, step.index, &mut ran)?;
        refused = alter.refused_since(before);
    }
    let (sign, verb) = match step.replaces {
        Some(_) => (Sign::Change, "create again"),
        None => (Sign::Add, "create"),
    };
    let what = (sign, PlanPart::Index, format!("{verb} index `{}`", step.index.name));
    changes.push(if refused.is_empty() {
        change(&table.name, what, ChangeMethod::Index, ran)
    } else {
        Change { refused, ..change(&table.name, what, ChangeMethod::Refused, Vec::new()) }
    });
    Ok(())
}

/// Creates an index. That rows are equal the database finds by itself: which ones are is asked only then.
fn create_index(
    client: &mut Client<'_>,
    alter: &Alteration,
    table: &TableDdl,
    index: &IndexDdl,
    ran: &mut Vec<String>,
) -> RunResult<()> {
    let sql = alter_engine(client.database)?.to_create(&index.sql);
    let Err(error) = client.database.execute(&sql, &[]) else {
        ran.push(sql.into_owned());
        return Ok(());
    };
    if error.kind == DbErrorKind::Unique {
        let before = alter.refused();
        let current = client.ask(alter.at, |it| it.table(&table.name))?.unwrap_or_default();
        refuse_duplicates(client, alter, table, &EqualRows::of(index, &current))?;
        // Of an expression nobody can say which ones they are.
        if alter.refused() == before
            && let Some(hazard) = broken_rule(client, alter, table, &error)
        {
            alter.refuse(hazard);
        }
        return Ok(());
    }
    let about = FailedStatement { statement: Some(&sql), ..FailedStatement::default() };
    Err(client.failure_of(error, alter.at, about))
}

/// Whether the indexes of a table are there as the script has them.
pub(super) fn has_indexes(
    engine: &dyn AlterEngine,
    table: &TableDdl,
    there: &ExistingObjects<'_>,
) -> bool {
    table.indexes.iter().all(|index| {
        let found = there.get(&(ObjectKind::Index, NameRef(&index.name)));
        let own = found.filter(|it| it.table.eq_ignore_ascii_case(&table.name));
        own.and_then(|it| it.sql.as_deref())
            .is_some_and(|kept| engine.same_object(ObjectKind::Index, kept, &index.sql))
    })
}

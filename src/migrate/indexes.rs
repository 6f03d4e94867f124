//! Indexes of tables: which are there, which go with columns, which are created.

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
use crate::diagnostics::Loss;
use crate::source::Span;

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

/// Its indexes: those that are missing come, and those that are others are made anew.
pub(super) fn alter_indexes(
    client: &mut Client<'_>,
    alter: &Alteration,
    table: &TableDdl,
    changes: &mut Vec<Change>,
) -> RunResult<()> {
    let at = alter.at;
    let engine = alter_engine(client.database)?;
    if table.indexes.is_empty() {
        return Ok(());
    }
    let Some(current) = client.ask(at, |it| it.table(&table.name))? else {
        return Ok(());
    };
    let missing = table.indexes.iter().any(|index| {
        let mut there = current.indexes.iter();
        index.unique && !there.any(|it| it.name.eq_ignore_ascii_case(&index.name))
    });
    let desired = if missing { desired_table(client, at, table)? } else { None };
    let found = desired.as_ref().map(|desired| differences(&current, desired)).unwrap_or_default();
    let lacks = |name: &str| desired.as_ref().is_none_or(|it| is_missing(&found, it, name));
    for index in &table.indexes {
        let mut there = current.indexes.iter();
        let found = there.find(|it| it.name.eq_ignore_ascii_case(&index.name));
        let mut ran = Vec::new();
        if let Some(found) = found {
            let kept = found.sql.as_deref().unwrap_or_default();
            if engine.same_index(&current, kept, &index.sql) {
                continue;
            }
        } else if !lacks(&index.name) {
            continue;
        }
        let before = alter.refused();
        let left = alter.drift.left(ObjectKind::Index, &index.name);
        let theirs = left.is_some_and(|it| engine.same_object(ObjectKind::Index, it, &index.sql));
        if theirs && !alter.options.allow.has(Loss::Drift) {
            alter.refuse(overwrites(ObjectKind::Index, &index.name));
        }
        let sql = engine.to_create(&index.sql);
        match found {
            Some(_) if index.unique => {
                refuse_duplicates(client, alter, table, &EqualRows::of(index, &current))?;
            }
            None if alter.refused() == before => {
                make_index(client, alter, (table, &current), index)?;
            }
            _ => {}
        }
        let refused = alter.refused_since(before);
        let (sign, verb) = match found {
            Some(_) => (Sign::Change, "create again"),
            None => (Sign::Add, "create"),
        };
        let what = (sign, PlanPart::Index, format!("{verb} index `{}`", index.name));
        if !refused.is_empty() {
            changes
                .push(Change { refused, ..change(&table.name, what, ChangeMethod::Refused, ran) });
            continue;
        }
        if let Some(found) = found {
            let drop = format!("DROP INDEX {}", quoted(&found.name));
            alter.name(ObjectKind::Index, &found.name);
            client.run_statement(at, &drop, &mut ran)?;
            client.run_statement(at, &sql, &mut ran)?;
        } else {
            ran.push(sql.into_owned());
        }
        changes.push(change(&table.name, what, ChangeMethod::Index, ran));
    }
    Ok(())
}

/// Makes an index that isn't there. That rows are equal SQLite finds by itself: which ones are is asked only then.
fn make_index(
    client: &mut Client<'_>,
    alter: &Alteration,
    (table, current): (&TableDdl, &Table),
    index: &IndexDdl,
) -> RunResult<()> {
    let sql = alter_engine(client.database)?.to_create(&index.sql);
    let Err(error) = client.database.execute(&sql, &[]) else {
        return Ok(());
    };
    if error.kind == DbErrorKind::Unique {
        let before = alter.refused();
        refuse_duplicates(client, alter, table, &EqualRows::of(index, current))?;
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

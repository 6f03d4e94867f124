//! What is told of a plan, and what must hold of what came of it.

use super::ServerEngine;
use super::plan::plan;
use super::work::ServerWork;
use crate::catalog::{Difference, IndexOrigin, Object, ObjectKind};
use crate::client::{RunResult, place, quoted};
use crate::db::{DbError, DbErrorKind};
use crate::diagnostics::{Hazard, HazardKind, RollbackHazard, RowRule, UnplannedOutcome};
use crate::ir::DataStep;
use crate::migrate::alteration::{Alteration, ChangePart};
use crate::migrate::dropped::tables_without_model;
use crate::migrate::history::Renamed;
use crate::migrate::history::drift::drift_since;
use crate::migrate::history::last_migration::LastMigration;
use crate::migrate::history::record::next_migration;
use crate::migrate::rollback::same;
use crate::migrate::script_differences::told;
use crate::migrate::server_plan::have_nothing_to_move;
use crate::migrate::{Change, ChangeMethod, Detail, Migrator, PlanPart, Sign};

/// What would be changed.
pub(in crate::migrate) fn rehearsed(
    server: &'static dyn ServerEngine,
    inner: &mut Migrator<'_>,
    alter: &mut Alteration,
) -> RunResult<Vec<Change>> {
    let there = begin(inner, alter)?;
    let due = inner.due_steps()?;
    let before = if due.is_empty() || have_nothing_to_move(inner, &due, &there) {
        Vec::new()
    } else {
        let before = before_rest(server, inner, alter, (&due, &there))?;
        if alter.refused() > 0 {
            return Ok(before);
        }
        before
    };
    let work = plan(server, inner, (alter, None), &there)?;
    inner.tell_drift(alter);
    // Those in other schemas have none of the names that a script gives.
    let later = |name: &str| Renamed::later(&work.renames, None, name);
    let own: Vec<Object> = there
        .iter()
        .filter(|it| !it.name.contains('.') && later(&it.name) == it.name)
        .cloned()
        .collect();
    if let Some(problem) = tables_without_model(&mut inner.client, &own)? {
        inner.log.warning(problem.into());
    }
    if before.is_empty() {
        return Ok(work.changes());
    }
    // What rows are then shows when the steps have run: only then is something refused.
    alter.refused.borrow_mut().clear();
    let mut all = with_rest(before, work.changes());
    for change in all.iter_mut().filter(|it| it.way == ChangeMethod::Alter && it.cost.is_none()) {
        // What it costs isn't known; more than all rows it can't be.
        let sql = format!("SELECT count(*) FROM {}", quoted(&change.object));
        change.rows = inner.client.count(alter.at, &sql)?;
    }
    Ok(all)
}

/// What comes before data steps, and these.
fn before_rest(
    server: &'static dyn ServerEngine,
    inner: &mut Migrator<'_>,
    alter: &Alteration,
    (due, there): (&[&DataStep], &[Object]),
) -> RunResult<Vec<Change>> {
    alter.part.set(ChangePart::Added);
    let work = plan(server, inner, (alter, None), there);
    alter.part.set(ChangePart::Rest);
    let mut changes = work?.changes();
    changes.extend(due.iter().map(|step| inner.told(step, 0, Vec::new())));
    Ok(changes)
}

/// The rest behind that, without what has come by then. Its statements aren't known yet.
fn with_rest(mut before: Vec<Change>, rest: Vec<Change>) -> Vec<Change> {
    let first = before.len();
    for mut change in rest {
        let added: Vec<Detail> = before
            .iter()
            .take(first)
            .filter(|it| it.object == change.object)
            .flat_map(|it| it.what.iter().cloned())
            .collect();
        let is_whole = before
            .iter()
            .take(first)
            .any(|it| it.object == change.object && it.way == ChangeMethod::Create);
        let of_column = |it: &Detail| it.sign == Sign::Add && it.part == PlanPart::Column;
        let what = std::mem::take(&mut change.what);
        let left = what.into_iter().filter_map(|detail| {
            let mut earlier = added.iter().filter(|it| of_column(it) && of_column(&detail));
            match earlier.find(|it| it.column == detail.column) {
                Some(it) if it.text == detail.text => None,
                // It comes as one that may be null.
                Some(_) => {
                    let column = detail.column.clone().unwrap_or_default();
                    let text = format!("set `{column}` NOT NULL");
                    Some(Detail { sign: Sign::Change, text, ..detail })
                }
                None => Some(detail),
            }
        });
        change.what = left.collect();
        if change.what.is_empty() || is_whole {
            continue;
        }
        change.refused.clear();
        change.sql.clear();
        if change.way == ChangeMethod::Refused {
            change.way = ChangeMethod::Alter;
        }
        before.push(change);
    }
    before
}

/// What is there, and what somebody else has changed of it.
pub(in crate::migrate) fn begin(
    migrator: &mut Migrator<'_>,
    alter: &mut Alteration,
) -> RunResult<Vec<Object>> {
    alter.migration.set(next_migration(&mut migrator.client)?);
    let there = migrator.client.ask(alter.at, |it| it.objects())?;
    if !alter.open {
        alter.drift = drift_since(&mut migrator.client, &there)?;
    }
    Ok(there)
}

/// What the server finds of rows on their way, which nothing could count before.
#[expect(clippy::wildcard_enum_match_arm, reason = "only rules of a table are broken by rows")]
pub(in crate::migrate) fn broken(
    alter: &Alteration,
    table: &str,
    error: &DbError,
) -> Option<Hazard> {
    let rule = match error.kind {
        DbErrorKind::Unique => RowRule::Unique,
        DbErrorKind::Check => RowRule::Check,
        DbErrorKind::NotNull => RowRule::NotNull,
        _ => return None,
    };
    let kind = HazardKind::Breaks { table: table.to_owned(), rule, message: error.message.clone() };
    Some(alter.hazard(kind, None))
}

/// Fails where something is gone or another of which the plan says nothing.
pub(in crate::migrate) fn verify_objects(
    alter: &Alteration,
    work: &ServerWork,
    before: &[Object],
    now: &[Object],
) -> RunResult<()> {
    let named = alter.named.borrow();
    for was in before {
        if named.has(was.kind(), &was.name) {
            continue;
        }
        let later = match was.kind() {
            ObjectKind::Table => Renamed::later(&work.renames, None, &was.name),
            ObjectKind::Index | ObjectKind::View | ObjectKind::Trigger => was.name.clone(),
        };
        let (noun, name) = (was.kind().noun(), was.name.clone());
        let found = || now.iter().filter(|it| it.kind() == was.kind() && it.name == later);
        // What names say follows them.
        if found().any(|it| it.sql == was.sql || !work.renames.is_empty()) {
            continue;
        }
        let outcome = match found().next() {
            Some(_) => UnplannedOutcome::Another { noun, name },
            None => UnplannedOutcome::Gone { noun, name },
        };
        return Err(Hazard::of_structure(HazardKind::Unplanned(outcome), place(alter.at)).into());
    }
    Ok(())
}

/// Fails where a table isn't what the script says.
pub(in crate::migrate) fn verify_tables(
    server: &dyn ServerEngine,
    migrator: &mut Migrator<'_>,
    alter: &Alteration,
    now: &[Object],
) -> RunResult<()> {
    let schema = migrator.client.scripts.schema;
    let desired = server.desired(migrator, alter.at, now)?;
    let mut tables: Vec<_> = desired.tables.into_iter().collect();
    tables.sort_by_key(|it| it.0);
    for (id, desired) in tables {
        let name = schema[id].full_table();
        let named = alter.named.borrow().has(ObjectKind::Table, &name);
        if !named {
            continue;
        }
        let client = &mut migrator.client;
        let Some(current) = server.current(client, alter.at, &name, now)? else { continue };
        let mut found = server.found(&current, &desired, alter.options.extra);
        // An index that the script doesn't know is left alone.
        found.retain(|found| match *found {
            Difference::DropIndex { .. } => false,
            // It comes behind the transaction.
            Difference::AddIndex { desired: to } if alter.options.online => {
                let index = desired.indexes.get(to);
                index.is_none_or(|it| it.origin != IndexOrigin::Created)
            }
            _ => true,
        });
        if !found.is_empty() {
            let differences = told(&found, &current, &desired);
            let kind = HazardKind::StillDiffers { table: name.to_string(), differences };
            return Err(alter.hazard(kind, Some(schema[id].span)).into());
        }
    }
    Ok(())
}

/// Fails where something isn't as it was before the migration, or where something else isn't as it was before the rollback.
pub(in crate::migrate) fn verify_undone(
    last: &LastMigration,
    others: &[Object],
    there: &[Object],
) -> RunResult<()> {
    let own = |it: &&Object| {
        last.before
            .iter()
            .chain(&last.after)
            .any(|own| same(own, it) || own.table == it.table || last.later(&own.table) == it.table)
    };
    for object in last.before.iter().chain(others.iter().filter(|it| !own(it))) {
        // An index that wasn't whole comes back as one that is.
        let text = |it: &'_ Object| {
            let sql = it.sql.as_deref();
            sql.map(|text| text.trim_end_matches(" /* invalid */").to_owned())
        };
        let is_it = |it: &Object| is_same_statement((text(it).as_deref(), text(object).as_deref()));
        // What other tables say of the names that changed back follows these.
        let follows = !last.renames.is_empty() && !last.before.contains(object);
        if !there.iter().any(|it| same(it, object) && (follows || is_it(it))) {
            return Err(RollbackHazard::NotAsBefore { name: object.name.clone() }.into());
        }
    }
    Ok(())
}

/// Whether two statements of a table say the same, in whatever order its columns stand.
pub(in crate::migrate) fn is_same_statement(texts: (Option<&str>, Option<&str>)) -> bool {
    let lines = |text: &'_ str| {
        let mut lines: Vec<String> =
            text.lines().map(|it| it.trim_end_matches(',').to_owned()).collect();
        lines.sort();
        lines
    };
    match texts {
        (Some(a), Some(b)) => a == b || lines(a) == lines(b),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_same_statement;

    #[test]
    fn the_order_of_lines_says_nothing() {
        let one = Some("CREATE TABLE t (\n  a integer,\n  b text\n)");
        assert!(is_same_statement((one, Some("CREATE TABLE t (\n  b text,\n  a integer\n)"))));
        assert!(!is_same_statement((one, Some("CREATE TABLE t (\n  b text,\n  a bigint\n)"))));
        assert!(!is_same_statement((one, None)));
    }
}

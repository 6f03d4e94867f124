//! Values that are kept of a table, and given back.

use super::clauses::holds_all;
use super::fits::has_misfits;
use super::kept::{name_of, name_of_given};
use crate::catalog::{Column, Table};
use crate::client::{Client, RunResult, quoted};
use crate::db::{nullable_text, split_check};
use crate::diagnostics::{Loss, RollbackHazard};
use crate::migrate::Migrator;
use crate::migrate::alteration::{
    FillExpression, FilledRows, TableAlteration, TableChanges, has_value,
};
use crate::migrate::history::last_migration::LastMigration;
use crate::migrate::server::work::{StatementEffect, WorkStatement};
use crate::source::Span;

/// What a migration has kept of a table's rows.
#[derive(Debug, Default)]
pub(super) struct KeptValues {
    /// The table that has it. None where nothing was kept.
    old: Option<Table>,
    /// The same of the values that rows got.
    given: Option<Table>,
    /// The columns of the key, as kept and as they are called now.
    key: Vec<(String, String)>,
    /// The columns that had other names behind the migration: that one, and the name of now.
    renamed: Vec<(String, String)>,
}

/// That two values are the same, to the letter.
fn same(a: &str, b: &str) -> String {
    format!("CAST({a} AS BINARY) <=> CAST({b} AS BINARY)")
}

impl KeptValues {
    /// What is kept of a table, which has its name of before by now.
    pub(super) fn of(
        client: &mut Client<'_>,
        last: &LastMigration,
        current: &Table,
    ) -> RunResult<Self> {
        let at = Span::default();
        let (id, later) = (last.id.unsigned_abs(), last.later(&current.name));
        let pair = |it: &str| (last.later_column(&later, it), it.to_owned());
        let key: Vec<_> = current.primary_key().into_iter().map(pair).collect();
        let renamed = current.columns.iter().map(|it| pair(&it.name)).filter(|it| it.0 != it.1);
        let renamed = renamed.collect();
        let mut res = Self { key, renamed, ..Self::default() };
        let has_key = |it: &Table| {
            !res.key.is_empty() && res.key.iter().all(|key| it.column(&key.0).is_some())
        };
        let old = client.ask(at, |it| it.table(&name_of(id, &later)))?.filter(has_key);
        let given = client.ask(at, |it| it.table(&name_of_given(id, &later)))?.filter(has_key);
        (res.old, res.given) = (old, given);
        Ok(res)
    }

    /// What a column was called behind the migration.
    fn later<'n>(&'n self, column: &'n str) -> &'n str {
        self.renamed.iter().find(|it| it.1 == column).map_or(column, |it| &it.0)
    }

    /// Whether the values of a column are kept.
    fn has(&self, column: &str) -> bool {
        self.old.as_ref().is_some_and(|it| it.column(self.later(column)).is_some())
    }

    /// What holds between a row of `t` and the one that was kept of it.
    fn joined(&self, kept: &str, t: &str) -> String {
        let each = self.key.iter();
        let each = each.map(|(old, now)| format!("{kept}.{} = {t}.{}", quoted(old), quoted(now)));
        each.collect::<Vec<_>>().join(" AND ")
    }

    /// What is true of rows that hold what the migration gave them, of table `t`.
    fn unchanged(&self, column: &str, t: &str) -> Option<String> {
        let given = self.given.as_ref().filter(|it| it.column(self.later(column)).is_some())?;
        let (joined, name) = (self.joined("g", t), quoted(self.later(column)));
        let same = same(&format!("g.{name}"), &format!("{t}.{}", quoted(column)));
        Some(format!(
            "EXISTS (SELECT 1 FROM {} AS g WHERE {joined} AND {same})",
            quoted(&given.name)
        ))
    }

    /// Refuses that values don't come back which nobody has kept, and values that wouldn't fit any more.
    pub(super) fn refuse_lost(
        &self,
        migrator: &mut Migrator<'_>,
        task: &TableAlteration<'_>,
    ) -> RunResult<()> {
        if migrator.consent.allow.has(Loss::WrittenSince) {
            return Ok(());
        }
        let columns = |places: &[usize]| -> Vec<Column> {
            places.iter().filter_map(|it| task.desired.columns.get(*it)).cloned().collect()
        };
        let added = columns(&task.todo.added);
        let converted = columns(&task.todo.converted);
        let table = &task.current.name;
        let is_key = |it: &str| self.key.iter().any(|key| key.1 == it);
        let lossy = |it: &&Column| {
            let is = task.current.column(&it.name);
            is.is_some_and(|is| !holds_all(&it.data_type, &is.data_type))
        };
        // Where nothing was lost, what is there is what was there.
        let whole = |it: &&Column| {
            let is = task.current.column(&it.name);
            is.is_some_and(|is| holds_all(&it.data_type, &is.data_type))
        };
        let lost = (added.iter().filter(|it| it.generated.is_none()))
            .chain(converted.iter().filter(|it| !whole(it)))
            .any(|it| !self.has(&it.name) && !is_key(&it.name));
        // What took another type comes back where it is known what became of it.
        let untold = |it: &Column| {
            let given = self.given.as_ref();
            given.is_none_or(|given| given.column(self.later(&it.name)).is_none())
        };
        let lost = lost || converted.iter().any(|it| !is_key(&it.name) && lossy(&it) && untold(it));
        if lost && migrator.client.has_row(Span::default(), table, "true")? {
            return Err(RollbackHazard::Rows { table: table.clone() }.into());
        }
        for to in &converted {
            let unchanged = self.unchanged(&to.name, &quoted(table)).filter(|_| self.has(&to.name));
            let holds = unchanged.map_or_else(String::new, |it| format!(" AND NOT {it}"));
            let value = quoted(&to.name);
            if has_misfits(&mut migrator.client, &task.current, (&value, to), &holds)? {
                let why = format!(
                    "`{}` would be {} again, and not every value fits",
                    to.name, to.data_type
                );
                return Err(RollbackHazard::Unfit { table: table.clone(), why }.into());
            }
        }
        for place in &task.todo.tightened {
            let Some(to) = task.desired.columns.get(*place) else { continue };
            let value = quoted(&to.name);
            if task.current.column(&to.name).is_some()
                && migrator.client.has_row(Span::default(), table, &format!("{value} IS NULL"))?
            {
                let why = format!("`{}` may not be null again, and is", to.name);
                return Err(RollbackHazard::Unfit { table: table.clone(), why }.into());
            }
        }
        Ok(())
    }

    /// What rows get in columns that come again.
    pub(super) fn of_added(&self, todo: &TableChanges, desired: &Table) -> Vec<FillExpression> {
        let Some(kept) = &self.old else { return Vec::new() };
        let added = todo.added.iter().filter_map(|it| desired.columns.get(*it));
        let known = added.filter(|it| self.has(&it.name) && it.generated.is_none());
        let each = known.map(|it| {
            let joined = self.joined("k", &quoted(&desired.name));
            let (name, kept) = (quoted(self.later(&it.name)), quoted(&kept.name));
            FillExpression {
                column: it.name.clone(),
                sql: format!("(SELECT k.{name} FROM {kept} AS k WHERE {joined})"),
                of: FilledRows::All,
                rows: "true".to_owned(),
            }
        });
        each.collect()
    }

    /// Statements that give back values which have become others: those of rows whose value nobody has changed since. They run behind the change of the type, by which
    /// what the migration gave them becomes the same.
    pub(super) fn restore(&self, task: &TableAlteration<'_>) -> Vec<WorkStatement> {
        let (Some(old), Some(given)) = (&self.old, &self.given) else { return Vec::new() };
        let name = quoted(&task.desired.name);
        let mut res = Vec::new();
        for to in &task.desired.columns {
            let later = quoted(self.later(&to.name));
            let Some(is) = task.current.column(&to.name) else { continue };
            let is_key = self.key.iter().any(|it| it.1 == to.name);
            if is_key || !self.has(&to.name) || given.column(self.later(&to.name)).is_none() {
                continue;
            }
            let (own_table, given, old) = (&given.name, quoted(&given.name), quoted(&old.name));
            if is.data_type != to.data_type {
                let text = nullable_text(split_check(&to.text).0);
                let sql = format!("ALTER TABLE {given} MODIFY COLUMN {later} {text}");
                res.push(WorkStatement::new(StatementEffect::OwnTable, own_table, sql));
            }
            let own = format!("{name}.{}", quoted(&to.name));
            let sql = format!(
                "UPDATE {name}, {old} AS k, {given} AS g SET {own} = k.{later} WHERE {} AND {} AND {}",
                self.joined("k", &name),
                self.joined("g", &name),
                same(&own, &format!("g.{later}"))
            );
            res.push(WorkStatement::new(StatementEffect::Fills, &task.desired.name, sql));
        }
        res
    }
}

/// Refuses that columns go which came with the migration, and hold what was written since.
pub(super) fn refuse_new_values(
    migrator: &Migrator<'_>,
    kept: &KeptValues,
    [current, desired]: [&Table; 2],
) -> RunResult<()> {
    if migrator.consent.allow.has(Loss::WrittenSince) {
        return Ok(());
    }
    let goes = |it: &&Column| desired.column(&it.name).is_none() && it.generated.is_none();
    for column in current.columns.iter().filter(goes) {
        let value = format!("t.{}", quoted(&column.name));
        let mut differs = vec![format!("{value} IS NOT NULL")];
        if let Some(default) = column.default.as_deref().filter(|_| has_value(column)) {
            differs.push(format!("NOT ({value} <=> {default})"));
        }
        differs.extend(kept.unchanged(&column.name, "t").map(|it| format!("NOT {it}")));
        let sql = format!(
            "SELECT count(*) FROM {} AS t WHERE {}",
            quoted(&current.name),
            differs.join(" AND ")
        );
        let rows = migrator.client.count(Span::default(), &sql)?;
        if rows > 0 {
            let (column, table) = (column.name.clone(), current.name.clone());
            return Err(RollbackHazard::NewColumn { column, table, rows }.into());
        }
    }
    Ok(())
}

//! Values that are kept of a table, and given back.

use super::fits::{ServerCast, is_wider, unfit};
use super::kept::{KeptBeside, kept_schema};
use crate::catalog::{Column, Table};
use crate::client::{RunResult, quoted};
use crate::diagnostics::{Loss, RollbackHazard};
use crate::migrate::Migrator;
use crate::migrate::alteration::CastCheck;
use crate::migrate::alteration::{
    FillExpression, FilledRows, TableAlteration, TableChanges, has_value,
};
use crate::migrate::history::last_migration::LastMigration;
use crate::source::Span;
use crate::value::Value;

/// What a migration has kept of a table's rows.
#[derive(Debug, Default)]
pub(super) struct KeptRows {
    /// The table that has it, and its columns; the key, which it has too, is among these. None where nothing was kept.
    old: Option<(String, Vec<String>)>,
    /// The same of the values that rows got.
    given: Option<(String, Vec<String>)>,
    /// The columns of the key, as kept and as they are called now.
    key: Vec<(String, String)>,
    /// The columns that had other names behind the migration: that one, and the name of now.
    renamed: Vec<(String, String)>,
}

impl KeptRows {
    /// What is kept of a table, which has its name of before by now.
    pub(super) fn of(
        migrator: &mut Migrator<'_>,
        last: &LastMigration,
        table: &str,
    ) -> RunResult<Self> {
        let at = Span::default();
        let later = last.later(table);
        let schema = kept_schema(last.id.unsigned_abs());
        let Some(current) = migrator.client.ask(at, |it| it.table(table))? else {
            return Ok(Self::default());
        };
        let key = current
            .primary_key()
            .into_iter()
            .map(|it| (last.later_column(&later, it), it.to_owned()));
        let mut res = Self { key: key.collect(), ..Self::default() };
        let columns = |name: &str| -> RunResult<Option<(String, Vec<String>)>> {
            let sql = "SELECT a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
                       WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
            let rows = migrator.client.rows(
                at,
                sql,
                &[Value::from(schema.as_str()), Value::from(name)],
            )?;
            let names = rows.iter().filter_map(|row| match row.first() {
                Some(Value::Text(it)) => Some(it.to_string()),
                _ => None,
            });
            let names: Vec<String> = names.collect();
            let whole = format!("{}.{}", quoted(&schema), quoted(name));
            Ok((!names.is_empty()).then_some((whole, names)))
        };
        let has_key = |it: &(String, Vec<String>)| {
            !res.key.is_empty() && res.key.iter().all(|key| it.1.contains(&key.0))
        };
        let old = columns(&later)?.filter(has_key);
        let given = columns(&KeptBeside::Given.name_of(&later))?.filter(has_key);
        (res.old, res.given) = (old, given);
        Ok(res)
    }

    /// What a column was called behind the migration.
    fn later<'n>(&'n self, column: &'n str) -> &'n str {
        self.renamed.iter().find(|it| it.1 == column).map_or(column, |it| &it.0)
    }

    /// Whether the values of a column are kept.
    fn has(&self, column: &str) -> bool {
        let later = self.later(column);
        self.old.as_ref().is_some_and(|old| old.1.iter().any(|it| it == later))
    }

    /// Refuses that values don't come back which nobody has kept.
    pub(super) fn refuse_lost(
        &self,
        migrator: &mut Migrator<'_>,
        task: &TableAlteration<'_>,
        casts: &[(String, ServerCast)],
    ) -> RunResult<()> {
        if migrator.consent.allow.has(Loss::WrittenSince) {
            return Ok(());
        }
        let added = task.todo.added.iter().filter_map(|it| task.desired.columns.get(*it));
        let added = added.filter(|it| it.generated.is_none()).map(|it| &it.name);
        // Where nothing was written, what is there is what was there.
        let wider = |it: &str| {
            let columns = task.desired.column(it).zip(task.current.column(it));
            columns.is_some_and(|(was, is)| is_wider(&was.data_type, &is.data_type))
        };
        let converted = casts.iter().map(|it| &it.0).filter(|it| !wider(it));
        let lost = added
            .chain(converted)
            .any(|it| !self.has(it) && !self.key.iter().any(|key| key.1 == *it));
        let table = &task.current.name;
        if lost && migrator.client.has_row(Span::default(), table, "true")? {
            return Err(RollbackHazard::Rows { table: table.clone() }.into());
        }
        for to in casts.iter().filter_map(|it| task.desired.column(&it.0)) {
            let value = quoted(&to.name);
            let client = &mut migrator.client;
            let asked = (value.as_str(), to);
            let Some(unfit) =
                unfit(client, Span::default(), &task.current, asked, CastCheck::Fits)?
            else {
                continue;
            };
            let is = task
                .current
                .column(&to.name)
                .map(|it| it.data_type.to_string())
                .unwrap_or_default();
            let restored = self.old.as_ref().filter(|_| self.has(&to.name)).map(|(kept, _)| {
                let joined = self.joined("k", &quoted(table));
                let became = ServerCast::Text.sql(&format!("k.{}", quoted(self.later(&to.name))), &is);
                format!(" AND NOT EXISTS (SELECT 1 FROM {kept} AS k WHERE {joined} AND {}.{value}::text IS NOT DISTINCT FROM ({became})::text)", quoted(table))
            });
            if client.has_row(
                Span::default(),
                table,
                &format!("{unfit}{}", restored.unwrap_or_default()),
            )? {
                let why = format!(
                    "`{}` would be {} again, and not every value fits",
                    to.name, to.data_type
                );
                return Err(RollbackHazard::Unfit { table: table.clone(), why }.into());
            }
        }
        Ok(())
    }

    /// What holds between a row of `t` and the one that was kept of it.
    fn joined(&self, kept: &str, t: &str) -> String {
        let each = self
            .key
            .iter()
            .map(|(old, now)| format!("{kept}.{} = {t}.{}", quoted(old), quoted(now)));
        each.collect::<Vec<_>>().join(" AND ")
    }

    /// What rows get in columns that come again.
    pub(super) fn of_added(&self, todo: &TableChanges, desired: &Table) -> Vec<FillExpression> {
        let Some((kept, _)) = &self.old else { return Vec::new() };
        let added = todo.added.iter().filter_map(|it| desired.columns.get(*it));
        let known = added.filter(|it| self.has(&it.name) && it.generated.is_none());
        let each = known.map(|it| {
            let joined = self.joined("k", &quoted(&desired.name));
            FillExpression {
                column: it.name.clone(),
                sql: format!("(SELECT k.{} FROM {kept} AS k WHERE {joined})", quoted(&it.name)),
                of: FilledRows::All,
                rows: "true".to_owned(),
            }
        });
        each.collect()
    }
}

/// Refuses that columns go which came with the migration, and hold what was written since.
pub(super) fn refuse_new_values(
    migrator: &Migrator<'_>,
    kept: &KeptRows,
    last: &LastMigration,
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
            differs.push(format!("{value}::text IS DISTINCT FROM ({default})::text"));
        }
        let name = last.later_column(&last.later(&current.name), &column.name);
        if let Some((table, _)) = kept.given.as_ref().filter(|it| it.1.contains(&name)) {
            let joined = kept.joined("g", "t");
            let given = format!("g.{}::text IS NOT DISTINCT FROM {value}::text", quoted(&name));
            differs.push(format!(
                "NOT EXISTS (SELECT 1 FROM {table} AS g WHERE {joined} AND {given})"
            ));
        }
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

/// Statements that give back values which have taken another type: those of rows whose value nobody has changed since. They run behind
/// the change of the type.
pub(super) fn restore(
    kept: &KeptRows,
    task: &TableAlteration<'_>,
    casts: &[(String, ServerCast)],
) -> Vec<String> {
    let mut res = Vec::new();
    let Some((table, _)) = &kept.old else { return res };
    let name = quoted(&task.desired.name);
    // Nulls that a default took the place of.
    for was in task.desired.columns.iter().filter(|it| !it.not_null && kept.has(&it.name)) {
        let is = task.current.column(&was.name).filter(|it| it.not_null && has_value(it));
        let Some(default) = is.and_then(|it| it.default.as_deref()) else { continue };
        let (own, old) = (quoted(&was.name), quoted(kept.later(&was.name)));
        let joined = kept.joined("k", &name);
        res.push(format!(
            "UPDATE {name} SET {own} = NULL FROM {table} AS k WHERE {joined} AND k.{old} IS NULL AND {name}.{own}::text IS NOT DISTINCT FROM ({default})::text"
        ));
    }
    for (column, back) in casts {
        let (Some(was), Some(is)) = (task.desired.column(column), task.current.column(column))
        else {
            continue;
        };
        if !kept.has(column) {
            continue;
        }
        let (own, old) = (quoted(column), quoted(kept.later(column)));
        // What the old value became, as it comes back from there.
        let became = ServerCast::Text.sql(&format!("k.{old}"), &is.data_type);
        let came = back.sql(&became, &was.data_type);
        let joined = kept.joined("k", &name);
        res.push(format!(
            "UPDATE {name} SET {own} = k.{old} FROM {table} AS k WHERE {joined} AND {name}.{own}::text IS NOT DISTINCT FROM ({came})::text"
        ));
    }
    res
}

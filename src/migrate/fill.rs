//! What rows get that are there already: in columns that come, and in place of nulls.

use super::changes::TableChanges;
use super::history::kept::keep_nulls;
use super::rebuild::misfit;
use super::task::{Alteration, Task};
use super::there::objects_beside;
use crate::catalog::{Column, ObjectKind, Table};
use crate::client::Client;
use crate::client::{RunResult, quoted};
use crate::ir::{Default, Expression, ModelId};
use crate::migrate::Migrator;
use crate::source::Span;
use crate::sql::Writer;
use crate::value::Value;

/// A UUID of chance, for each row another.
const UUID: &str = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || ";
/// How each of them ends.
const UUID_END: &str = "substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";

impl Task<'_> {
    /// What rows that are there hold in a column that comes, or of which `using` says it, as SQL.
    pub(super) fn value_to_come(&self, column: &Column) -> String {
        let given = self.given.iter().find(|it| it.0 == column.name);
        let value = given.map(|it| it.1.as_str()).or(column.default.as_deref());
        let Some(used) = self.used(&column.name) else {
            return value.unwrap_or("NULL").to_owned();
        };
        let old = self.current.column(&column.name).map(|it| quoted(&it.name));
        let used = used.instead_of(old.as_deref());
        match value.filter(|_| column.not_null) {
            Some(value) => format!("coalesce({used}, {value})"),
            None => used,
        }
    }
}

impl Migrator<'_> {
    /// What Relata itself, not the database, fills in where a row is created: rows that are there get it too.
    pub(super) fn given(
        &mut self,
        at: Span,
        model: ModelId,
        desired: &Table,
        todo: &TableChanges,
    ) -> RunResult<Vec<(String, String)>> {
        let model = &self.client.scripts.schema[model];
        let mut all = Vec::new();
        for place in todo.added.iter().chain(&todo.tightened) {
            let Some(column) = desired.columns.get(*place) else {
                continue;
            };
            let Some(attribute) = model.on_column(&column.name) else {
                continue;
            };
            let sql = match attribute.default.as_deref() {
                Some(Default::Now) => {
                    let now = Expression::Literal(
                        self.clock.moment_as(&attribute.data_type, self.client.database),
                    );
                    let mut writer = Writer::inline(self.client.database.dialect());
                    writer.expression(model, &now);
                    writer.finish().text
                }
                Some(Default::UuidV4) => format!("{UUID}{UUID_END}"),
                Some(Default::UuidV1) => {
                    let Value::Text(uuid) = self.clock.uuid_of_moment(&mut self.client, at)? else {
                        continue;
                    };
                    let moment = uuid.get(..19).unwrap_or_default();
                    format!("lower('{moment}' || {UUID_END}")
                }
                None | Some(Default::Value(_) | Default::Expression(_) | Default::Sql(_)) => {
                    continue;
                }
            };
            all.push((column.name.clone(), sql));
        }
        Ok(all)
    }
}

/// Puts the default in place of nulls that may not be any more. The rows stay where they are, and no trigger fires for it.
pub(super) fn fill_nulls(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    task: &Task<'_>,
    ran: &mut Vec<String>,
) -> RunResult<u64> {
    let at = alter.at;
    let places = task.todo.tightened.iter();
    let columns = places.filter_map(|it| task.desired.columns.get(*it));
    let filled: Vec<_> = columns
        .filter_map(|it| Some((it.name.clone(), it.default.as_ref()?.to_string())))
        .collect();
    let (mut null, mut set) = (Vec::new(), Vec::new());
    for (name, value) in &filled {
        let column = quoted(name);
        null.push(format!("{column} IS NULL"));
        set.push(format!("{column} = coalesce({column}, {value})"));
    }
    if filled.is_empty() {
        return Ok(0);
    }
    let (table, null) = (quoted(&task.current.name), null.join(" OR "));
    let rows = client.count(at, &format!("SELECT count(*) FROM {table} WHERE {null}"))?;
    if rows == 0 {
        return Ok(0);
    }
    keep_nulls(client, at, alter.migration.get(), &task.current, &filled)?;
    let mut triggers = objects_beside(client, at, &task.current.name)?;
    triggers.retain(|it| it.kind == ObjectKind::Trigger);
    for trigger in &triggers {
        client.run_statement(at, &format!("DROP TRIGGER {}", quoted(&trigger.name)), ran)?;
    }
    // Whatever the table says that a conflict does, no row may go for it.
    let sql = format!("UPDATE OR ABORT {table} SET {} WHERE {null}", set.join(", "));
    if let Err(error) = client.database.execute(&sql, &[]) {
        return Err(misfit(client, alter, task.table, error));
    }
    ran.push(sql);
    for trigger in &triggers {
        client.run_statement(at, trigger.sql.as_deref().unwrap_or_default(), ran)?;
    }
    Ok(rows)
}

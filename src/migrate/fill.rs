//! What rows get that are there already: in columns that come, and in place of nulls.

use super::alteration::{TableAlteration, TableChanges, has_value};
use super::engine_of;
use crate::catalog::{Column, Table};
use crate::client::{RunResult, quoted};
use crate::ir::{Default, Expression, ModelId};
use crate::migrate::Migrator;
use crate::source::Span;
use crate::sql::Writer;
use crate::value::Value;

impl TableAlteration<'_> {
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

    /// The columns that are there and of which rows get another value, and that value, as SQL over the table as it is. What a column's
    /// type makes of values isn't among it.
    pub(super) fn values_to_come(&self) -> Vec<(&Column, String)> {
        let Self { current, desired, todo, given, .. } = self;
        let mut all = Vec::new();
        for (place, to) in desired.columns.iter().enumerate() {
            let Some(old) = current.column(&to.name) else { continue };
            let filled = || has_value(to) || given.iter().any(|it| it.0 == to.name);
            if self.used(&to.name).is_some() {
                all.push((to, self.value_to_come(to)));
            } else if todo.tightened.contains(&place) && filled() {
                let value = self.value_to_come(to);
                all.push((to, format!("coalesce({}, {value})", quoted(&old.name))));
            }
        }
        all
    }

    /// The rows of the table with these values, as what a query is about; it is called as the table, which a check may name.
    pub(super) fn rows_with(&self, values: &[(&Column, String)], row_name: &str) -> String {
        let comes = |name: &str| values.iter().any(|it| it.0.name.eq_ignore_ascii_case(name));
        let stays = self.current.columns.iter().filter(|it| !comes(&it.name));
        let mut columns: Vec<_> = stays.map(|it| quoted(&it.name)).collect();
        if !row_name.is_empty() && !self.current.columns.iter().any(|it| it.primary_key > 0) {
            columns.push(format!("{row_name} AS {row_name}"));
        }
        columns.extend(values.iter().map(|(it, value)| format!("{value} AS {}", quoted(&it.name))));
        let name = quoted(&self.current.name);
        format!("(SELECT {} FROM {name}) AS {name}", columns.join(", "))
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
                Some(Default::UuidV4) => engine_of(self.client.database).uuid(None),
                Some(Default::UuidV1) => {
                    let Value::Text(uuid) = self.clock.uuid_of_moment(&mut self.client, at)? else {
                        continue;
                    };
                    let moment = uuid.get(..19).unwrap_or_default();
                    engine_of(self.client.database).uuid(Some(moment))
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

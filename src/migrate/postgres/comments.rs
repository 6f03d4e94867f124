//! Comments on tables and columns that are there: the script's come, or take the place of others. Those that it doesn't say are left alone.

use crate::client::RunResult;
use crate::ir::ModelId;
use crate::migrate::ddl::TableDdl;
use crate::migrate::history::Renamed;
use crate::migrate::server::plan::{Planning, altered};
use crate::migrate::server::work::WorkPhase;
use crate::migrate::{Detail, Migrator, PlanPart, Sign, StepCost};
use crate::sql::{Statement, comment_of, needs_comment, render};
use crate::value::Value;
use std::collections::HashMap;

/// What is said there, by the table and the column; of the table itself the column is empty.
type CommentsThere = HashMap<(String, String), String>;

impl Planning<'_> {
    pub(super) fn comments_on_postgres(
        &mut self,
        migrator: &mut Migrator<'_>,
        model: Option<ModelId>,
        tables: &[TableDdl],
    ) -> RunResult<()> {
        let (schema, dialect) =
            (migrator.client.scripts.schema, migrator.client.database.dialect());
        let own = tables.iter().filter(|it| model.is_none_or(|model| model == it.model));
        let mut said = Vec::new();
        for table in own.filter(|it| self.is_there(self.names.former(&it.name))) {
            let model = &schema[table.model];
            let columns = model.columns().map(|it| Some(it.0));
            let all = std::iter::once(None).chain(columns);
            let all = all.filter(|it| needs_comment(dialect, model, *it));
            said.extend(all.map(|it| (table, it)));
        }
        if said.is_empty() {
            return Ok(());
        }
        let there = self.comments_there(migrator)?;
        let mut steps: Vec<(&TableDdl, Vec<Detail>, Vec<String>)> = Vec::new();
        for (table, attribute) in said {
            let model = &schema[table.model];
            let column = attribute.map_or("", |it| model.attribute(it).column.as_str());
            let former = self.names.former(&table.name).to_owned();
            let mut earlier = self.work.renames.iter().rev();
            let earlier =
                earlier.find(|it| it.table.as_deref() == Some(&*table.name) && it.to == column);
            let former_column = earlier.map_or(column, |it: &Renamed| &it.from).to_owned();
            let is = there.get(&(former, former_column));
            let says = comment_of(model, attribute).unwrap_or_default();
            if is.is_some_and(|it| it == says) {
                continue;
            }
            let of = if column.is_empty() { "the table".to_owned() } else { format!("`{column}`") };
            let (sign, verb) = match is {
                Some(_) => (Sign::Change, "change comment on"),
                None => (Sign::Add, "add comment on"),
            };
            let part = PlanPart::Column;
            let detail = Detail { sign, part, column: None, text: format!("{verb} {of}") };
            let sql =
                render(&Statement::Comment { model: table.model, attribute }, schema, dialect);
            match steps.iter_mut().find(|it| it.0.model == table.model) {
                Some((_, details, statements)) => {
                    details.push(detail);
                    statements.push(sql);
                }
                None => steps.push((table, vec![detail], vec![sql])),
            }
        }
        for (table, details, sql) in steps {
            let step = altered(&table.name, details, sql, StepCost::default(), 0);
            self.work.add(WorkPhase::Comments, step);
        }
        Ok(())
    }

    fn comments_there(&self, migrator: &Migrator<'_>) -> RunResult<CommentsThere> {
        let sql = "SELECT CASE WHEN n.nspname = current_schema() THEN c.relname::text ELSE n.nspname || '.' || c.relname END, coalesce(a.attname::text, ''), d.description \
                   FROM pg_description d JOIN pg_class c ON c.oid = d.objoid JOIN pg_namespace n ON n.oid = c.relnamespace \
                   LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0 \
                   WHERE d.classoid = 'pg_class'::regclass AND c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')";
        let rows = migrator.client.rows(self.alter.at, sql, &[])?;
        let each = rows.iter().filter_map(|row| match row.as_slice() {
            [Value::Text(table), Value::Text(column), Value::Text(said)] => {
                Some(((table.to_string(), column.to_string()), said.to_string()))
            }
            _ => None,
        });
        Ok(each.collect())
    }
}

//! Which columns tables and views have, as queries read them.

use super::super::CreateTable;
use super::{SqlExpression, ViewQuery};
use crate::catalog::{Definition, Name, Object, ObjectKind, TableStorage};
use smol_str::SmolStr;
use std::collections::HashMap;

/// A column of what a query reads.
#[derive(Debug, Clone)]
pub(super) struct SourceColumn {
    pub(super) name: SmolStr,
    /// Whether its values have an order of their own: `COLLATE`
    pub(super) is_collated: bool,
}

/// A source while its query is read.
pub(super) struct NamedSource<'t> {
    /// What it is called.
    pub(super) name: SmolStr,
    pub(super) columns: &'t [SourceColumn],
}

/// The columns of tables and views.
#[derive(Debug, Clone, Default)]
pub struct QueryColumns {
    of: HashMap<Name, Vec<SourceColumn>>,
}

impl QueryColumns {
    /// Those of everything in a database that can be read.
    pub fn of_objects<'o>(objects: impl Iterator<Item = &'o Object> + Clone) -> Self {
        let mut res = Self::default();
        for it in objects.clone() {
            if it.definition == Definition::Table(TableStorage::Rows) {
                res.add_table(it.sql.as_deref().unwrap_or_default());
            }
        }
        let mut views: Vec<_> = objects.filter(|it| it.kind() == ObjectKind::View).collect();
        // A view may read another one that comes behind it.
        loop {
            let before = views.len();
            views.retain(|it| {
                let sql = it.sql.as_deref().unwrap_or_default();
                let read = ViewQuery::read(sql, &res);
                if let Some(query) = &read {
                    res.add_view(&it.name, query);
                }
                read.is_none()
            });
            if views.len() == before {
                return res;
            }
        }
    }

    /// Adds those of the table that a statement makes.
    pub fn add_table(&mut self, sql: &str) {
        let Some(read) = CreateTable::read(sql) else { return };
        let columns = read.table.columns.iter().map(|it| SourceColumn {
            name: it.name.as_str().into(),
            is_collated: it.collation.is_some(),
        });
        self.of.insert(Name::from(&read.table.name), columns.collect());
    }

    /// Adds those of a view.
    pub fn add_view(&mut self, name: &str, query: &ViewQuery) {
        let is_collated = |expression: &SqlExpression| {
            expression.any_part(&|it| match it {
                SqlExpression::Column(source, place) => {
                    let source = query.sources.get(*source);
                    let columns = source.and_then(|it| self.of.get(&it.table));
                    columns.and_then(|it| it.get(*place)).is_none_or(|it| it.is_collated)
                }
                _ => false,
            })
        };
        let columns = query.columns.iter().map(|(name, expression)| SourceColumn {
            name: name.clone(),
            is_collated: is_collated(expression),
        });
        let columns = columns.collect();
        self.of.insert(Name::from(name), columns);
    }

    /// The name of a column, by its place.
    pub fn name(&self, table: &Name, place: usize) -> Option<&str> {
        self.of.get(table)?.get(place).map(|it| it.name.as_str())
    }

    pub(super) fn of(&self, table: &str) -> Option<&[SourceColumn]> {
        self.of.get(&Name::from(table)).map(Vec::as_slice)
    }
}

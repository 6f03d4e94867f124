//! The times that Sequelize, Rails and Prisma keep of a row.

use super::RowMisfits;
use super::names::NamingStyle;
use crate::catalog::{Column, Table};
use crate::ir::DataType;
use crate::sql::{Dialect, type_text};
use crate::stored::data_type;
use crate::verbs::{NamedFlag, OptionId};
use smol_str::SmolStr;

/// The places of the columns of a row's times.
#[derive(Debug, Clone)]
pub(super) struct Timestamps {
    created: (usize, String),
    updated: (usize, String),
    pub(super) deleted: Option<(usize, String)>,
}

/// What the attributes are called: by Sequelize and Prisma, by Rails.
const NAMES: [[&str; 3]; 2] =
    [["createdAt", "updatedAt", "deletedAt"], ["created_at", "updated_at", "deleted_at"]];

/// Whether a column holds moments, and whether it may be null.
fn is_moment(table: &Table, column: &Column, not_null: bool, rows: &RowMisfits) -> bool {
    // On a server a type is what it is called: moments have one.
    let is_own = |it| type_text(it, &DataType::Date(None)).eq_ignore_ascii_case(&column.data_type);
    rows.server.is_none_or(is_own)
        && !table.options.strict
        && matches!(DataType::of_database(&column.data_type), Some(DataType::Date(_)))
        && column.not_null == not_null
        && column.generated.is_none()
        && column.primary_key == 0
}

impl Timestamps {
    /// Those of a table whose attributes are called so; `fits` tells whether a column's rows are moments.
    pub(super) fn of(
        table: &Table,
        names: &[String],
        rows: &RowMisfits,
        fits: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        let place = |name: &str, not_null: bool| {
            let at = names.iter().position(|it| it == name)?;
            let column = table.columns.get(at)?;
            let is_so = is_moment(table, column, not_null, rows) && fits(&column.name);
            is_so.then(|| (at, name.to_owned()))
        };
        let mut all = NAMES.iter().filter_map(|[created, updated, deleted]| {
            Some(Self {
                created: place(created, true)?,
                updated: place(updated, true)?,
                deleted: place(deleted, false),
            })
        });
        all.next()
    }

    /// What their attributes are called, as options.
    pub(super) fn names(&self) -> Vec<(OptionId, NamedFlag)> {
        let all = [
            (OptionId::CreatedAt, Some(&self.created)),
            (OptionId::UpdatedAt, Some(&self.updated)),
            (OptionId::DeletedAt, self.deleted.as_ref()),
        ];
        let named = all.into_iter().filter_map(|(id, it)| {
            let name = &it?.1;
            let own = name == id.name();
            Some((id, if own { NamedFlag::On } else { NamedFlag::As(SmolStr::new(name)) }))
        });
        named.collect()
    }

    /// Whether the column at a place is one of them, and such as `timestamps` makes it.
    pub(super) fn makes(
        &self,
        style: NamingStyle,
        table: &Table,
        place: usize,
        rows: &RowMisfits,
    ) -> bool {
        let all = [Some(&self.created), Some(&self.updated), self.deleted.as_ref()];
        let known = all.into_iter().flatten().find(|it| it.0 == place);
        let (Some((_, name)), Some(column)) = (known, table.columns.get(place)) else {
            return false;
        };
        let own = data_type(&type_text(Dialect::SQLITE, &DataType::Date(None)));
        (rows.server.is_some() || column.data_type == own)
            && style.column(name) == column.name
            && column.default.is_none()
            && column.collation.is_none()
            && column.others.is_empty()
            && column.comment.is_empty()
            && !table.checks.iter().any(|it| it.column == Some(place))
    }
}

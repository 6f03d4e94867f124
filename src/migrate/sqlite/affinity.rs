//! What SQLite makes of a value that is put into a column.

use crate::catalog::{Column, Table};

pub(in crate::migrate) use crate::sql::Affinity;

impl Affinity {
    /// Of a column of a table: a strict one leaves what is put into ANY as it is.
    pub(in crate::migrate) fn in_table(table: &Table, column: &Column) -> Self {
        if table.options.strict && column.data_type.eq_ignore_ascii_case("any") {
            return Self::Blob;
        }
        Self::of(&column.data_type)
    }
}

//! Names that became others.

use crate::words::same_name;

/// A name that became another: of a table, or of a column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::migrate) struct Renamed {
    /// The column's table, by its new name.
    pub table: Option<String>,
    pub from: String,
    pub to: String,
}

impl Renamed {
    /// Whether it is of tables; or of the columns of a table, by its later name.
    pub(in crate::migrate) fn is_of(&self, table: Option<&str>) -> bool {
        match (&self.table, table) {
            (None, None) => true,
            (Some(of), Some(table)) => same_name(of, table),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// What a table is called behind renames, one after the other; or a column of a table, which is given by its later name.
    pub(in crate::migrate) fn later(renames: &[Self], table: Option<&str>, name: &str) -> String {
        let own = renames.iter().filter(|it| it.is_of(table));
        own.fold(name, |name, it| if same_name(&it.from, name) { &it.to } else { name }).to_owned()
    }
}

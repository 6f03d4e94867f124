//! What a migration keeps of rows, and how: statements.

use crate::client::quoted;
use crate::sql::Dialect;

/// The schema in which a migration keeps what it takes away.
pub(super) fn kept_schema(migration: u64) -> String {
    format!("_relata_kept_{migration}")
}

/// Statements that keep the values of columns, with the key of their rows.
pub(super) fn keep_columns(migration: u64, table: &str, columns: &[String]) -> Vec<String> {
    let schema = quoted(&kept_schema(migration));
    let each: Vec<_> = columns.iter().map(|it| quoted(it)).collect();
    let (table, each) = (quoted(table), each.join(", "));
    vec![
        format!("CREATE SCHEMA IF NOT EXISTS {schema}"),
        format!("CREATE TABLE {schema}.{table} AS SELECT {each} FROM {table}"),
    ]
}

/// What keeps something of a table beside what is called as the table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeptBeside {
    /// The values that its rows got.
    Given,
    /// Its rows, while a data step runs.
    Before,
}

impl KeptBeside {
    /// Its name, which the server would cut without a word where it is too long.
    pub(super) fn name_of(self, table: &str) -> String {
        let begin = match self {
            Self::Given => "_relata_given_",
            Self::Before => "_relata_before_",
        };
        Dialect::POSTGRES.shortened(&format!("{begin}{table}")).into_owned()
    }
}

/// Statements that keep the values that rows got, with their key.
pub(super) fn keep_given(migration: u64, table: &str, columns: &[String]) -> Vec<String> {
    let schema = quoted(&kept_schema(migration));
    let each: Vec<_> = columns.iter().map(|it| quoted(it)).collect();
    let (kept, table, each) =
        (quoted(&KeptBeside::Given.name_of(table)), quoted(table), each.join(", "));
    vec![
        format!("CREATE SCHEMA IF NOT EXISTS {schema}"),
        format!("CREATE TABLE {schema}.{kept} AS SELECT {each} FROM {table}"),
    ]
}

/// Statements that keep a table that goes, with all that is on it; its keys refer to nothing any more.
pub(super) fn keep_table(migration: u64, table: &str, keys: &[String]) -> Vec<String> {
    let schema = quoted(&kept_schema(migration));
    let table = quoted(table);
    let mut res = vec![format!("CREATE SCHEMA IF NOT EXISTS {schema}")];
    if !keys.is_empty() {
        let each: Vec<_> =
            keys.iter().map(|it| format!("DROP CONSTRAINT {}", quoted(it))).collect();
        res.push(format!("ALTER TABLE {table} {}", each.join(", ")));
    }
    res.push(format!("ALTER TABLE {table} SET SCHEMA {schema}"));
    res
}

#[cfg(test)]
mod tests {
    use super::KeptBeside;

    #[test]
    fn long_names_of_two_tables_are_two() {
        let table = |end: &str| format!("{}{end}", "t".repeat(60));
        let name = |end: &str| KeptBeside::Given.name_of(&table(end));
        assert!(name("a").len() <= 63);
        assert_ne!(name("a"), name("b"));
        assert_eq!(KeptBeside::Before.name_of("users"), "_relata_before_users");
    }
}

//! What a server's database has beside tables, views and triggers, for whoever says all of it.

/// What is there beside that, and what tables are beyond their columns and keys.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The enumerations that are types, with their members, by names as columns' types have them.
    pub enumerations: Vec<(String, Vec<String>)>,
    /// Statements of what tables may stand on: extensions, schemas, types, sequences, functions.
    pub statements: Vec<String>,
    /// What stands in the place of an object's own statement, which wouldn't make it again; nothing for what comes with another one.
    pub instead: Vec<(String, Option<String>)>,
    /// Columns that a sequence of their own numbers by their default: each behind its table.
    pub serial: Vec<(String, String)>,
    /// What is said of a table, or of a column of it.
    pub comments: Vec<TableComment>,
    /// Whether the statement of a table says all of it: its indexes, and what is said of it.
    pub whole_tables: bool,
    /// How texts are compared in a table that says nothing of that.
    pub collation: Option<String>,
    /// What has no statement here: what, and what becomes of it.
    pub untold: Vec<(String, String)>,
}

/// What a database keeps as said of a table, or of a column of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableComment {
    /// The table.
    pub table: String,
    /// The column; none where it is about the table.
    pub column: Option<String>,
    /// What is said.
    pub text: String,
}

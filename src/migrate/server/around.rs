//! What stands on a table and is in the way when it changes: foreign keys that refer to it, views that read it.

/// A foreign key, wherever it is.
#[derive(Debug, Clone)]
pub(in crate::migrate) struct KeyAround {
    pub name: String,
    pub table: String,
    pub columns: Vec<String>,
    pub parent: String,
    pub to: Vec<String>,
    /// The name of the index that it relies on.
    pub index: String,
    /// All of it as a clause.
    pub text: String,
}

/// A view, and a column that it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::migrate) struct ViewAround {
    pub view: String,
    pub table: String,
    pub column: String,
}

//! What a database keeps statements of.

/// A table, an index, a view or a trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Which of them.
    pub kind: ObjectKind,
    /// Its name.
    pub name: String,
    /// The table that it belongs to; a table's own name.
    pub table: String,
    /// The statement that made it; none for an index that a constraint makes.
    pub sql: Option<String>,
    /// Whether it is a table that a virtual table keeps for itself.
    pub is_shadow: bool,
}

/// The kinds of [`Object`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A table, a virtual one too.
    Table,
    /// An index.
    Index,
    /// A view.
    View,
    /// A trigger.
    Trigger,
}

impl ObjectKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Table, Self::Index, Self::View, Self::Trigger];

    /// Its word in SQL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Table => "TABLE",
            Self::Index => "INDEX",
            Self::View => "VIEW",
            Self::Trigger => "TRIGGER",
        }
    }

    /// Its word in a report.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Index => "index",
            Self::View => "view",
            Self::Trigger => "trigger",
        }
    }
}

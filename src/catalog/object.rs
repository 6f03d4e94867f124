//! What a database keeps statements of.

use super::{Fragment, Name};

/// A table, an index, a view or a trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its name.
    pub name: String,
    /// The table that it belongs to; a table's own name.
    pub table: String,
    /// The statement that made it; none for an index that a constraint makes.
    pub sql: Option<String>,
    /// What it is.
    pub definition: Definition,
}

impl Object {
    /// Which kind of them it is.
    pub const fn kind(&self) -> ObjectKind {
        match self.definition {
            Definition::Table(_) => ObjectKind::Table,
            Definition::Index => ObjectKind::Index,
            Definition::View(_) => ObjectKind::View,
            Definition::Trigger(_) => ObjectKind::Trigger,
        }
    }

    /// Whether it is a table that a module keeps, such as `fts5`.
    pub const fn is_virtual(&self) -> bool {
        matches!(self.definition, Definition::Table(TableStorage::Module { .. }))
    }

    /// Whether it is a table that a virtual table keeps for itself.
    pub const fn is_shadow(&self) -> bool {
        matches!(self.definition, Definition::Table(TableStorage::Shadow))
    }
}

/// What an [`Object`] is. What can't be read of a view or a trigger is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Definition {
    /// A table; its columns are in a [`Table`](super::Table).
    Table(TableStorage),
    /// An index; its members are in a [`TableIndex`](super::TableIndex).
    Index,
    /// A view.
    View(ViewDefinition),
    /// A trigger.
    Trigger(TriggerDefinition),
}

/// Who keeps the rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableStorage {
    /// The database.
    Rows,
    /// A module, such as `fts5`.
    Module {
        /// The table whose rows it finds, where it has none of its own: it can be filled again.
        content: Option<Name>,
    },
    /// A module, for a virtual table of its.
    Shadow,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ViewDefinition {
    /// The names that it gives its columns, where it does.
    pub columns: Vec<Name>,
    /// Its query.
    pub query: Fragment,
}

/// A column that a view shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShownColumn {
    /// Its name.
    pub name: String,
    /// The type of the column that it hands on, as that was declared; nothing of what is computed.
    pub data_type: String,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TriggerDefinition {
    /// The table or view whose rows it is about.
    pub of: Name,
    /// When it fires.
    pub timing: TriggerTiming,
    /// What it fires for.
    pub event: TriggerEvent,
    /// For which rows, where not for all.
    pub when: Option<Fragment>,
    /// What it does.
    pub body: Fragment,
}

impl TriggerDefinition {
    /// Whether it is for updates of that column by name.
    pub fn is_of_column(&self, column: &str) -> bool {
        matches!(&self.event, TriggerEvent::Update { of } if of.iter().any(|it| it == column))
    }
}

/// When a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum TriggerTiming {
    /// `BEFORE`
    #[default]
    Before,
    /// `AFTER`
    After,
    /// `INSTEAD OF`
    Instead,
}

/// What a trigger fires for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TriggerEvent {
    /// `INSERT`
    #[default]
    Insert,
    /// `DELETE`
    Delete,
    /// `UPDATE`
    Update {
        /// The columns; none for any.
        of: Vec<Name>,
    },
}

/// The numbers that a table gives its rows, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence<T> {
    /// The table.
    pub table: Name,
    /// The last one that was given.
    pub last: T,
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

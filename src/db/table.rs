//! What a database knows of its tables.

use crate::words::{folded, same_name};
use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;

/// A name in a database: two that differ in the case of their letters only are one.
#[derive(Debug, Clone)]
pub struct Name(String);

impl Name {
    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Self(name)
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        same_name(&self.0, &other.0)
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        folded(&self.0).cmp(&folded(&other.0))
    }
}

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

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The statement that made it.
    pub sql: String,
    /// Rows need their columns' types.
    pub strict: bool,
    /// `WITHOUT ROWID`
    pub without_rowid: bool,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its foreign keys, in order.
    pub keys: Vec<Key>,
    /// Its indexes, those of constraints too.
    pub indexes: Vec<Index>,
}

impl Table {
    /// The column of that name, whatever the case of its letters.
    pub fn column(&self, name: &str) -> Option<&Column> {
        let mut columns = self.columns.iter();
        columns.find(|it| same_name(&it.name, name))
    }

    /// The column that is another name of the numbers which SQLite gives rows. It is the one whose key needs no index: the database
    /// itself so says which spelling of a type makes one (`INTEGER PRIMARY KEY` does; `BIGINT`, or `INTEGER PRIMARY KEY DESC`, doesn't).
    pub fn rowid(&self) -> Option<&Column> {
        let has_index = (self.indexes.iter()).any(|it| it.origin == IndexOrigin::PrimaryKey);
        let mut columns = self.columns.iter();
        columns.find(|it| it.primary_key > 0 && !has_index && !self.without_rowid)
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as written.
    pub data_type: String,
    /// Whether it may be null.
    pub not_null: bool,
    /// Its default, as written.
    pub default: Option<String>,
    /// Its place in the primary key, from 1; 0 outside.
    pub primary_key: i64,
    /// Whether its value is computed, and kept.
    pub generated: Option<bool>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The referencing columns.
    pub columns: Vec<String>,
    /// The table referred to.
    pub table: String,
    /// The columns referred to; none for the primary key.
    pub to: Vec<Option<String>>,
    /// `ON UPDATE`
    pub on_update: String,
    /// `ON DELETE`
    pub on_delete: String,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Whether rows must differ in it.
    pub unique: bool,
    /// Whether it holds only some rows.
    pub partial: bool,
    /// What makes it.
    pub origin: IndexOrigin,
    /// Its members, in order.
    pub members: Vec<Member>,
    /// The statement that made it.
    pub sql: Option<String>,
}

/// What makes an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IndexOrigin {
    /// CREATE INDEX
    Created,
    /// UNIQUE in the table
    Unique,
    /// PRIMARY KEY in the table
    PrimaryKey,
}

/// A member of an index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// The column; none for an expression.
    pub column: Option<Name>,
    /// `DESC`
    pub descending: bool,
    /// `COLLATE`
    pub collation: Option<Name>,
}

/// What foreign keys say of the rows that are there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Violations {
    /// How many rows refer to nothing.
    pub rows: u64,
    /// The tables with a key that can't be followed, in order: it refers to columns that aren't unique, or aren't there.
    pub broken: Vec<String>,
}

impl Violations {
    /// What is wrong and was not before, in words.
    ///
    /// ```
    /// use relata::db::Violations;
    ///
    /// let before = Violations { rows: 1, broken: vec!["Old".to_owned()] };
    /// assert_eq!(before.since(&before), None);
    /// let after = Violations { rows: 3, ..before.clone() };
    /// assert_eq!(after.since(&before), Some("2 rows would refer to nothing".to_owned()));
    /// ```
    pub fn since(&self, before: &Self) -> Option<String> {
        let new = |it: &&String| !before.broken.contains(it);
        if let Some(table) = self.broken.iter().find(new) {
            return Some(format!(
                "a foreign key of `{table}` would refer to columns that aren't unique"
            ));
        }
        match self.rows.saturating_sub(before.rows) {
            0 => None,
            1 => Some("1 row would refer to nothing".to_owned()),
            rows => Some(format!("{rows} rows would refer to nothing")),
        }
    }
}

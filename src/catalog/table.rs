//! Tables.

use super::{CheckConstraint, Fragment, Name};
use crate::words::same_name;

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The statement that made it.
    pub sql: String,
    /// What it is as a whole.
    pub options: TableOptions,
    /// Whether its key counts on and gives no number twice: `AUTOINCREMENT`.
    pub identity: bool,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its checks: those of columns, then its own.
    pub checks: Vec<CheckConstraint>,
    /// Its foreign keys, in order.
    pub keys: Vec<ForeignKeyConstraint>,
    /// Its indexes, those that constraints make too.
    pub indexes: Vec<TableIndex>,
    /// Clauses that have no other place here, as written: a primary key with `ON CONFLICT`, a unique with a collation.
    pub others: Vec<Fragment>,
    /// What is said of it, line by line.
    pub comment: Vec<String>,
    /// What a server's statement says of its primary key and behind its columns, where that is a script's matter: its engine, how its texts are
    /// compared.
    pub ending: String,
}

impl Table {
    /// The column of that name, whatever the case of its letters.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(self.place(name)?)
    }

    /// The place of the column of that name.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|it| same_name(&it.name, name))
    }

    /// The columns of its primary key, in order.
    pub fn primary_key(&self) -> Vec<&str> {
        let mut key: Vec<_> = self.columns.iter().filter(|it| it.primary_key > 0).collect();
        key.sort_by_key(|it| it.primary_key);
        key.into_iter().map(|it| it.name.as_str()).collect()
    }

    /// Whether rows differ in these columns already, by what isn't its primary key.
    pub fn has_unique(&self, columns: &[String]) -> bool {
        let columns: Vec<_> = columns.iter().map(|it| Name::from(it.as_str())).collect();
        let mut others = self.indexes.iter().filter(|it| it.origin != IndexOrigin::PrimaryKey);
        others.any(|other| other.unique_key().is_some_and(|it| it.into_iter().eq(&columns)))
    }

    /// The column that is another name of the numbers which SQLite gives rows. It is the one whose key needs no index: the database
    /// itself so says which spelling of a type makes one (`INTEGER PRIMARY KEY` does; `BIGINT`, or `INTEGER PRIMARY KEY DESC`, doesn't).
    pub fn rowid(&self) -> Option<&Column> {
        let has_index = (self.indexes.iter()).any(|it| it.origin == IndexOrigin::PrimaryKey);
        let mut columns = self.columns.iter();
        columns.find(|it| it.primary_key > 0 && !has_index && !self.options.without_rowid)
    }
}

/// What a table is as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TableOptions {
    /// `STRICT`: rows need their columns' types.
    pub strict: bool,
    /// `WITHOUT ROWID`
    pub without_rowid: bool,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as written.
    pub data_type: Fragment,
    /// Whether it may not be null.
    pub not_null: bool,
    /// Its default, as written.
    pub default: Option<Fragment>,
    /// Its place in the primary key, from 1; 0 outside.
    pub primary_key: usize,
    /// How its values are compared, where it says so.
    pub collation: Option<Name>,
    /// What it is computed from.
    pub generated: Option<Generated>,
    /// Whether it numbers rows by a clause of its own: `GENERATED .. AS IDENTITY`.
    pub identity: bool,
    /// Clauses that have no other place here, as written.
    pub others: Vec<Fragment>,
    /// All of it behind its name as its database writes it, but what is a table's matter too: keys and uniques.
    pub text: String,
    /// What is said of it, line by line.
    pub comment: Vec<String>,
}

/// What a column is computed from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Generated {
    /// What is computed.
    pub expression: Fragment,
    /// Whether the value is kept.
    pub stored: bool,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ForeignKeyConstraint {
    /// Its name.
    pub name: Option<String>,
    /// The referencing columns.
    pub columns: Vec<String>,
    /// The table referred to.
    pub table: String,
    /// The columns referred to; none for the primary key.
    pub to: Vec<String>,
    /// `ON UPDATE`
    pub on_update: ForeignKeyAction,
    /// `ON DELETE`
    pub on_delete: ForeignKeyAction,
    /// When it is looked at, where it says so.
    pub deferrable: Option<ConstraintTiming>,
    /// What else it says, in one spelling.
    pub more: String,
    /// All of it as a table's clause.
    pub text: String,
}

/// What a foreign key does with rows whose parent changes or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum ForeignKeyAction {
    /// `NO ACTION`
    #[default]
    NoAction,
    /// `RESTRICT`
    Restrict,
    /// `SET NULL`
    SetNull,
    /// `SET DEFAULT`
    SetDefault,
    /// `CASCADE`
    Cascade,
}

impl ForeignKeyAction {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::NoAction, Self::Restrict, Self::SetNull, Self::SetDefault, Self::Cascade];

    /// As SQL.
    pub const fn sql(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
            Self::Cascade => "CASCADE",
        }
    }

    /// As a plan says it, in small letters.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoAction => "no action",
            Self::Restrict => "restrict",
            Self::SetNull => "set null",
            Self::SetDefault => "set default",
            Self::Cascade => "cascade",
        }
    }

    /// The one that is written so.
    pub fn read(sql: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| same_name(it.sql(), sql))
    }
}

/// When a foreign key that may be looked at later is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConstraintTiming {
    /// With each statement, unless a transaction says otherwise.
    Immediate,
    /// When the transaction ends.
    Deferred,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableIndex {
    /// Its name; none where a constraint makes it and the database wasn't asked what it calls it.
    pub name: String,
    /// Whether rows must differ in it.
    pub unique: bool,
    /// What makes it.
    pub origin: IndexOrigin,
    /// The name of the constraint that makes it.
    pub constraint: Option<String>,
    /// Its members, in order.
    pub members: Vec<IndexedColumn>,
    /// The rows that it holds, where it doesn't hold all.
    pub filter: Option<Fragment>,
    /// The statement that made it.
    pub sql: Option<String>,
}

impl TableIndex {
    /// The columns of a unique key that holds for all rows, where it has nothing but columns.
    pub fn unique_key(&self) -> Option<Vec<&Name>> {
        let whole = self.unique && self.filter.is_none();
        let members = self.members.iter();
        members.map(|it| it.column.as_ref().filter(|_| whole)).collect()
    }

    /// The same, where none of them says how it is compared or ordered.
    pub fn unique_columns(&self) -> Option<Vec<&str>> {
        let is_plain = |it: &IndexedColumn| it.collation.is_none() && !it.descending;
        let columns = self.unique_key().filter(|_| self.members.iter().all(is_plain))?;
        Some(columns.into_iter().map(Name::as_str).collect())
    }

    /// Whether two of them hold the same, whatever they are called.
    pub fn says(&self, other: &Self) -> bool {
        self.unique == other.unique && self.members == other.members && self.filter == other.filter
    }
}

/// What makes an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum IndexOrigin {
    /// `CREATE INDEX`
    #[default]
    Created,
    /// `UNIQUE` in the table
    Unique,
    /// `PRIMARY KEY` in the table
    PrimaryKey,
}

/// A member of an index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IndexedColumn {
    /// The column; none for an expression.
    pub column: Option<Name>,
    /// What is computed, where it is no column.
    pub expression: Option<Fragment>,
    /// `DESC`
    pub descending: bool,
    /// `COLLATE`
    pub collation: Option<Name>,
}

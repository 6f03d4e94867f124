//! What databases differ in: every fact about each, as one constant.
//!
//! Whoever plans reads these fields and never asks which database it is; how a thing is spelled, which is no fact, is a
//! match on [`DialectKind`] inside `sql`.

mod mariadb;
mod mysql;
mod postgres;
mod sqlite;
pub(super) mod types;

use crate::ir::{DataType, IntegerWidth, Misfit, TypeParts, TypeWord};
use crate::value::Value;
use std::borrow::Cow;
use std::fmt;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DialectKind {
    /// SQLite
    Sqlite,
    /// PostgreSQL
    Postgres,
    /// MySQL
    Mysql,
    /// MariaDB
    Mariadb,
}

/// The facts about one database.
///
/// ```
/// use relata::sql::Dialect;
///
/// let postgres = Dialect::named("postgresql").unwrap();
/// assert!(postgres.adds_constraints);
/// assert_eq!(postgres.title, "PostgreSQL");
/// ```
pub struct Dialect {
    /// Which one it is.
    pub kind: DialectKind,
    /// Its name in commands: `postgres`.
    pub name: &'static str,
    /// Other names that commands take.
    pub aliases: &'static [&'static str],
    /// Its name for people: `PostgreSQL`.
    pub title: &'static str,
    /// What stands around names.
    pub quote: char,
    /// The longest name.
    pub longest_name: Option<NameLength>,
    /// So many columns a table may have.
    pub most_columns: usize,
    /// false and true.
    pub booleans: [&'static str; 2],
    /// Whether a backslash in a literal means something.
    pub backslashes: bool,
    /// How parameters are written.
    pub placeholder: Placeholder,
    /// What a parameter says of its type, where that doesn't come from what stands beside it: as a literal in its place would have it.
    pub(super) parameter_type: fn(&Value) -> &'static str,
    /// How many parameters a statement may have.
    pub most_parameters: usize,
    /// So many values of new rows a statement takes before each costs more. SQLite has some hundred small pieces of memory at hand for a
    /// statement's texts, and asks the system for more; a server is asked less often.
    pub values_at_once: usize,
    /// The names by which a table knows a row of its own, whatever its key holds.
    pub row_names: &'static [&'static str],
    /// Whether a statement that makes rows tells what became of them. Else that is foreseen, and a row's number is asked for.
    pub tells_new_rows: bool,
    /// Whether a statement that changes rows tells what became of them. Else they are locked before, and read behind it.
    pub tells_changed_rows: bool,
    /// Whether null in a key that numbers itself is a new number.
    pub null_numbers: bool,
    /// Whether a number that a row brings with it moves what numbers rows.
    pub counts_given_numbers: bool,
    /// Whether what a row is changed for, being there already, has to be named.
    pub names_conflicts: bool,
    /// Whether one of several unique keys can be the one that makes a row the same.
    pub tells_keys_apart: bool,
    /// Whether a table that exists can be given a constraint.
    pub adds_constraints: bool,
    /// Whether it keeps the statement of each table as it was written, which can be edited.
    pub keeps_statements: bool,
    /// Whether a transaction undoes DDL.
    pub transactional_ddl: bool,
    /// Whether a unique rule is a constraint of the table (else it is a unique index).
    pub unique_constraints: bool,
    /// Whether a single primary key stands at its column (else the table has a clause for it).
    pub keys_at_columns: bool,
    /// Whether checks stand at columns (else all are the table's).
    pub checks_at_columns: bool,
    /// Among what the names of indexes differ.
    pub index_names: Namespace,
    /// Among what the names of foreign keys differ.
    pub key_names: Namespace,
    /// Whether names that differ in case only are one name.
    pub folds_case: bool,
    /// Whether more can be created than tables, indexes, views and triggers.
    pub other_objects: bool,
    /// How names begin that are the database's own, and whose they are: "SQLite's".
    pub own_names: &'static [(&'static str, &'static str)],
    /// `CREATE INDEX IF NOT EXISTS`
    pub index_if_not_exists: bool,
    /// `WHERE` of an index
    pub partial_indexes: bool,
    /// Expressions as members of an index
    pub expression_indexes: bool,
    /// `COLLATE` of an index's member
    pub index_collations: bool,
    /// Whether TEXT and BLOB columns may be members of keys as they are.
    pub text_keys: bool,
    /// Which documents may be members of keys and indexes.
    pub document_keys: DocumentKeys,
    /// Whether TEXT, BLOB and JSON take a literal as their default.
    pub text_defaults: bool,
    /// Whether tables lie in schemas (else a schema is a prefix of the name).
    pub schemas: bool,
    /// Where comments go.
    pub comments: Comments,
    /// What an enumeration is.
    pub enumerations: Enumerations,
    /// `DEFERRABLE`
    pub deferrable: bool,
    /// `SET DEFAULT` as an action
    pub sets_defaults: bool,
    /// Whether a foreign key may name columns in another order than the unique key to which it refers.
    pub keys_in_any_order: bool,
    /// Generated columns that are not stored
    pub virtual_columns: bool,
    /// `STRICT` and `WITHOUT ROWID`
    pub table_kinds: bool,
    /// How many digits of a DECIMAL are kept, where that isn't as many as it says.
    pub decimal_digits: Option<u32>,
    /// What SQLite's collations are called; none where nothing is like it.
    pub collations: [(&'static str, Option<&'static str>); 3],
    /// Whether there are other collations.
    pub more_collations: bool,
    /// How many bits an INTEGER has.
    pub integer_bits: u32,
    /// Whether a text may have a NUL character.
    pub nul_in_texts: bool,
    /// Whether it has integers of 8 and of 24 bits, and unsigned ones.
    pub all_integers: bool,
    /// How many bytes a TEXT without a size has at most.
    pub text_bytes: Option<u32>,
    /// What a query may show of a group of rows beside its keys and what is put together.
    pub shown_of_group: ShownOfGroup,
    /// Functions of SQLite that it lacks, by which a script for SQLite may compute something.
    pub lacks_functions: &'static [&'static str],
    /// Names that it gives no column of a view and of a SELECT within another, in small letters: it calls them by their places.
    pub unshown_names: &'static [&'static str],
    /// The seconds since 1970, as an expression.
    pub seconds: &'static str,
    /// Its word for a type; none where it has no such.
    pub(super) word: fn(TypeWord) -> Option<&'static str>,
    /// Writes a column's type, which is no raw SQL, with its word.
    pub(super) write_type: fn(TypeWord, &'static str, &TypeParts, &mut String),
    /// Says what a type has that this database hasn't, where it has its word.
    pub(super) lack: fn(TypeWord, &TypeParts) -> Option<&'static str>,
}

impl Dialect {
    /// So many rows one statement inserts at most: more were no faster when that was measured.
    pub const ROWS_AT_ONCE: usize = 64;

    /// How many rows of so many values one statement inserts.
    pub fn rows_at_once(&self, values: usize) -> usize {
        // So many it takes, however many values they have, as long as it may have so many parameters.
        const LEAST: usize = 8;
        const PARAMETERS: usize = 16_384;
        match values {
            0 => 1,
            some => {
                let cheap = (self.values_at_once / some).max(LEAST);
                cheap.min(PARAMETERS / some).clamp(1, Self::ROWS_AT_ONCE)
            }
        }
    }

    /// All of them.
    pub const ALL: [&'static Self; 4] =
        [&sqlite::SQLITE, &postgres::POSTGRES, &mysql::MYSQL, &mariadb::MARIADB];

    /// SQLite, on which scripts run.
    pub const SQLITE: &'static Self = &sqlite::SQLITE;
    /// PostgreSQL.
    pub const POSTGRES: &'static Self = &postgres::POSTGRES;
    /// MySQL.
    pub const MYSQL: &'static Self = &mysql::MYSQL;
    /// MariaDB.
    pub const MARIADB: &'static Self = &mariadb::MARIADB;

    /// The dialect of that name, in any letter case.
    pub fn named(name: &str) -> Option<&'static Self> {
        let is = |it: &&str| it.eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(|it| is(&it.name) || it.aliases.iter().any(is))
    }

    /// What the database lacks of `data_type`: `ARRAY`; none where it has it, or what comes nearest.
    pub fn lacks(&self, data_type: &DataType) -> Option<&'static str> {
        let word = data_type.word()?;
        match (self.word)(word) {
            None => Some(word.word()),
            Some(_) => (self.lack)(word, &data_type.parts()),
        }
    }

    /// Why the database holds no such value in a column of that type, where it fits the type.
    pub fn cannot_hold(&self, value: &Value, data_type: &DataType) -> Option<Misfit> {
        match (value, data_type) {
            (Value::Integer(number), DataType::Integer(integer))
                if self.integer_bits < 64 && integer.width == IntegerWidth::Normal =>
            {
                let whole = integer.unsigned && self.all_integers;
                let high = (1_i64 << (self.integer_bits - u32::from(!whole))) - 1;
                let low = if whole { 0 } else { -high - 1 };
                (*number < low || *number > high).then(|| {
                    Misfit(format!("outside of {low} to {high}, which {} has", self.title))
                })
            }
            (Value::Text(text), _) if !self.nul_in_texts && text.contains('\0') => {
                Some(Misfit(format!("a NUL character, which no text of {} has", self.title)))
            }
            (Value::Json(text), DataType::Jsonb)
                if !self.nul_in_texts && text.contains("\\u0000") =>
            {
                Some(Misfit(format!("a NUL character, which no JSONB of {} has", self.title)))
            }
            _ => None,
        }
    }

    /// The extension that a type needs.
    pub fn extension(&self, data_type: &DataType) -> Option<&'static str> {
        match self.kind {
            DialectKind::Sqlite | DialectKind::Mysql | DialectKind::Mariadb => None,
            DialectKind::Postgres => types::spelling(data_type.word()?).extension,
        }
    }

    /// Writes a column's type; raw SQL as it is.
    pub(super) fn write_type(&self, data_type: &DataType, text: &mut String) {
        match (data_type, data_type.word()) {
            (DataType::Raw(raw), _) => text.push_str(raw),
            // What it lacks is refused before; its word stands for it.
            (_, Some(word)) => {
                let own = (self.word)(word).unwrap_or_else(|| word.word());
                (self.write_type)(word, own, &data_type.parts(), text);
            }
            (_, None) => {}
        }
    }

    /// What the database calls a collation; none where it has nothing like it.
    pub fn collation<'a>(&self, name: &'a str) -> Option<&'a str> {
        let known = |it: &&(&str, Option<&'static str>)| it.0.eq_ignore_ascii_case(name);
        match self.collations.iter().find(known) {
            Some((_, own)) => *own,
            None => self.more_collations.then_some(name),
        }
    }

    /// Whether `name` is no longer than names may be.
    pub fn fits(&self, name: &str) -> bool {
        match self.longest_name {
            None => true,
            Some(NameLength::Bytes(most)) => name.len() <= most,
            Some(NameLength::Characters(most)) => name.chars().count() <= most,
        }
    }

    /// `name`, or where it is too long its beginning and eight hexadecimal digits that stand for the whole.
    ///
    /// For names that Relata gives (of indexes and constraints); they come out the same on every run.
    pub fn shortened<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if self.fits(name) {
            return Cow::Borrowed(name);
        }
        // FNV-1a, which needs nothing and never changes.
        let hash = name
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let hash = format!("_{hash:08x}");
        let ends = name.char_indices().map(|(at, _)| at).zip(0..);
        let fits = |(at, letters): &(usize, usize)| match self.longest_name {
            None => true,
            Some(NameLength::Bytes(most)) => at + hash.len() <= most,
            Some(NameLength::Characters(most)) => letters + hash.len() <= most,
        };
        let end = ends.take_while(fits).last().map_or(0, |(at, _)| at);
        let kept = name.get(..end).unwrap_or_default();
        Cow::Owned(format!("{kept}{hash}"))
    }
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Dialect").field(&self.name).finish()
    }
}

impl PartialEq for Dialect {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Dialect {}

/// How long a name may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameLength {
    /// In bytes.
    Bytes(usize),
    /// In characters.
    Characters(usize),
}

/// How parameters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// `?`
    Question,
    /// `$1`
    Numbered,
}

/// Among what names must differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    /// Among all of the database, tables included.
    Database,
    /// Among all of the schema, tables included.
    Schema,
    /// Among those of all tables, but not the tables.
    Kind,
    /// Among those of the table.
    Table,
}

/// Where comments go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comments {
    /// Nowhere.
    None,
    /// Into the table's statement.
    Inline,
    /// Into statements of their own.
    Statements,
}

/// What a query may show of a group of rows, beside what they are grouped by and what is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownOfGroup {
    /// Whatever it likes: the value of one of its rows.
    Anything,
    /// Columns of a table whose primary key is among its keys.
    OfPrimaryKey,
    /// Nothing.
    Nothing,
}

/// Documents that have an order, so that they may be members of keys and indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKeys {
    /// All of them.
    All,
    /// JSONB alone.
    Binary,
    /// None of them.
    None,
}

/// What an enumeration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enumerations {
    /// A text with a check.
    Check,
    /// The column's type.
    Inline,
    /// A type of its own where it is declared by name, else a text with a check.
    Declared,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_go_by_their_aliases_too() {
        assert_eq!(Dialect::named("PostgreSQL"), Some(Dialect::POSTGRES));
        assert_eq!(Dialect::named("sqlite3"), Some(Dialect::SQLITE));
        assert_eq!(Dialect::named("oracle"), None);
    }

    #[test]
    fn long_names_are_shortened_to_the_same_name_every_time() {
        let long = "é".repeat(40);
        assert_eq!(Dialect::SQLITE.shortened(&long), long);
        assert_eq!(Dialect::MYSQL.shortened(&long), long);
        let short = Dialect::POSTGRES.shortened(&long);
        assert_eq!(short.len(), 63);
        assert!(short.starts_with(&"é".repeat(27)) && short.contains('_'));
        assert_eq!(short, Dialect::POSTGRES.shortened(&long));
        assert_ne!(short, Dialect::POSTGRES.shortened(&"é".repeat(41)));
    }
}

//! What some problems are about, as facts; their words are made here.

use crate::words;
use std::fmt;

/// What there is more of than a statement may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Excess {
    /// So many tables that are read together.
    Tables(usize),
    /// So many columns that are read together.
    Columns(usize),
    /// So many conditions that are joined by `and`.
    Conjuncts(usize),
    /// So many conditions that are joined by `or`.
    Alternatives(usize),
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tables(count) => write!(f, "{count} tables are read together"),
            Self::Columns(count) => write!(f, "{count} columns are read together"),
            Self::Conjuncts(count) => write!(f, "{count} conditions are joined by `and`"),
            Self::Alternatives(count) => write!(f, "{count} conditions are joined by `or`"),
        }
    }
}

/// What a host can forbid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Forbidden {
    /// SQL in backquotes.
    RawSql,
    /// A verb that reads a file.
    Verb(&'static str),
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RawSql => f.write_str("raw SQL"),
            Self::Verb(name) => write!(f, "`{name}`"),
        }
    }
}

/// A row that can't be what a sentence needs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnfitRow {
    /// There is none of that key.
    Absent {
        /// Its model.
        model: String,
        /// "`id` is 7", for each attribute that it was looked for by.
        key: String,
    },
    /// It is only marked as deleted.
    Deleted {
        /// Its model.
        model: String,
        /// "`id` is 7", for each attribute of its key.
        key: String,
    },
    /// It has nothing that others could refer to it by.
    WithoutKey {
        /// Its model.
        model: String,
        /// What is null.
        key: String,
    },
    /// Another key of it has a column, too, that would become something else.
    SharedColumn {
        /// `Shift.orgId`
        column: String,
        /// What it is.
        is: String,
        /// What it would become.
        new: String,
    },
    /// Two things that are said of it give one column different values.
    TwoValues {
        /// `Shift.orgId`
        column: String,
        /// The one.
        one: String,
        /// The other.
        other: String,
    },
}

impl UnfitRow {
    /// What to do about it.
    pub(crate) fn help_text(&self) -> String {
        match self {
            Self::Absent { model, .. } => format!(
                "`{model} findAll` shows the rows that there are, `{model} create {{ .. }}` makes one"
            ),
            Self::Deleted { .. } => "`restore` it before it is linked".to_owned(),
            Self::WithoutKey { key, .. } => format!("give it a `{key}` first"),
            Self::SharedColumn { .. } => {
                "`update` sets all of its columns at once, and lets both keys refer to other rows"
                    .to_owned()
            }
            Self::TwoValues { .. } => "leave one of them out, or let both say the same".to_owned(),
        }
    }
}

impl fmt::Display for UnfitRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent { model, key } => {
                write!(f, "there is no row of `{model}` whose {key}")
            }
            Self::Deleted { model, key } => {
                write!(f, "the row of `{model}` whose {key} is deleted")
            }
            Self::SharedColumn { column, is, new } => write!(
                f,
                "`{column}` is {is}, by which the row refers to another one, too: it can't become {new} alone"
            ),
            Self::TwoValues { column, one, other } => {
                write!(f, "`{column}` would be {one} and {other} at once")
            }
            Self::WithoutKey { model, key } => {
                write!(f, "no row can refer to this one of `{model}`: its `{key}` is null")
            }
        }
    }
}

/// What a database lacks beside types.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lack {
    /// Tables of so many columns.
    WideTable {
        /// How many there are.
        columns: usize,
        /// How many there may be.
        most: usize,
    },
    /// `autoIncrement` in a table that is `withoutRowid`.
    CountingWithoutRowid,
    /// A collation.
    Collation {
        /// Its name.
        name: String,
        /// The name that was meant, perhaps.
        nearest: Option<&'static str>,
        /// Those that there are.
        known: Vec<&'static str>,
    },
    /// The collation of a member of a unique index.
    MemberCollation,
    /// Texts of any length as keys.
    TextKey(KeyUsage),
    /// JSON documents in keys and indexes; whether JSONB may be in them.
    DocumentKey(bool),
    /// `setDefault`
    SetDefault,
    /// Foreign keys whose columns stand in another order than those of the unique key.
    KeyOrder {
        /// The key's attributes in that order.
        own: Vec<String>,
        /// Those to which they refer.
        referenced: Vec<String>,
    },
    /// Unique indexes over some of the rows.
    PartialUnique,
    /// Indexes over expressions.
    ExpressionIndex,
    /// Columns of views that are called so.
    ShownColumn(String),
}

/// For what a key is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUsage {
    /// A primary key.
    Primary,
    /// A foreign key.
    Foreign,
    /// A unique key.
    Unique,
}

impl Lack {
    /// What to do about it.
    pub(crate) fn help_text(&self) -> String {
        match self {
            Self::WideTable { .. } => "give some of them a model of their own, with a `hasOne`",
            Self::CountingWithoutRowid => "take `autoIncrement` away, or `withoutRowid`",
            Self::Collation { nearest: Some(nearest), .. } => {
                return format!("did you mean `{nearest}`?");
            }
            Self::Collation { nearest: None, known, .. } => {
                return format!("there is `{}`", known.join("`, `"));
            }
            Self::MemberCollation => "give the attribute the collation: `collate: NOCASE`",
            Self::TextKey(_) => "give it a length: `STRING(255)`",
            Self::DocumentKey(true) => "write `JSONB`, which may be in them",
            Self::DocumentKey(false) => {
                "add an attribute that is `generated` from what is looked for in it, and index that"
            }
            Self::SetDefault => "take `setNull`, `cascade`, `restrict` or `noAction`",
            Self::KeyOrder { own, referenced } => {
                let (own, to) = (own.join(", "), referenced.join(", "));
                return format!("write both lists in its order: `[{own}]` for `[{to}]`");
            }
            Self::ShownColumn(name) => {
                return format!(
                    "it would call it by its place, `column1`: show it under another name, `` attributes: [`{name}` as its{}] ``",
                    words::upper_first(name)
                );
            }
            Self::PartialUnique => "take `where` away, or `unique`",
            Self::ExpressionIndex => {
                "add an attribute that is `generated` from the expression, and index that"
            }
        }
        .to_owned()
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WideTable { columns, most } => {
                return write!(f, "tables of {columns} columns; {most} are the most");
            }
            Self::CountingWithoutRowid => "counting keys in tables without rowid",
            Self::Collation { name, .. } => return write!(f, "collation `{name}`"),
            Self::MemberCollation => "collation of an index's member",
            Self::TextKey(KeyUsage::Primary) => "TEXT or BLOB as a primary key",
            Self::TextKey(KeyUsage::Foreign) => "TEXT or BLOB as a foreign key",
            Self::TextKey(KeyUsage::Unique) => "TEXT or BLOB as a unique key",
            Self::DocumentKey(_) => "JSON in keys and indexes",
            Self::SetDefault => "action SET DEFAULT",
            Self::KeyOrder { .. } => "keys to columns in another order than their unique key's",
            Self::ShownColumn(name) => return write!(f, "columns of views called `{name}`"),
            Self::PartialUnique => "unique indexes over some of the rows",
            Self::ExpressionIndex => "indexes over expressions",
        })
    }
}

/// The databases that have something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Having(pub Vec<&'static str>);

impl fmt::Display for Having {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} it", self.0.join(", "), if self.0.len() == 1 { "has" } else { "have" })
    }
}

/// Dates in another form than Relata's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherForm {
    /// Those of a column.
    Stored {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// How many there are.
        rows: u64,
        /// The attribute.
        attribute: String,
        /// The expression that brings them into one form.
        using: String,
    },
    /// What the database's own clock gives: `CURRENT_TIMESTAMP`
    Clock(String),
}

impl OtherForm {
    /// What brings them into one form.
    pub(crate) fn help_text(&self) -> String {
        match self {
            Self::Stored { attribute, using, .. } => format!(
                "`using: ({using})` among the options of `{attribute}` brings them into one form with the next `sync < alter >` or `relata apply`"
            ),
            Self::Clock(_) => "`defaultValue: now()` is filled in by Relata, `defaultValue: (now())` by the database in Relata's form".to_owned(),
        }
    }
}

impl fmt::Display for OtherForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stored { table, column, rows, .. } => {
                let values = if *rows == 1 { "value" } else { "values" };
                write!(
                    f,
                    "`{column}` of `{table}` has {rows} {values} of another form than Relata's"
                )
            }
            Self::Clock(word) => write!(f, "`{word}` gives a DATE another form than Relata's"),
        }
    }
}

/// Values that their column's type doesn't have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignValues {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The type, as written.
    pub data_type: String,
    /// How many rows have them.
    pub rows: u64,
    /// One of them, and where it is.
    pub example: String,
    /// Whether the attribute keeps a type that they can be read as.
    pub readable: bool,
}

impl ForeignValues {
    /// What follows from it.
    pub(crate) const fn help_text(&self) -> &'static str {
        if self.readable {
            "they are read as they are; a row that is written has to fit"
        } else {
            "the attribute keeps a type that takes them; change the rows, and pull again"
        }
    }
}

impl fmt::Display for ForeignValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, column, data_type, rows, example, .. } = self;
        let values = if *rows == 1 { "value that is" } else { "values that are" };
        write!(f, "`{column}` of `{table}` has {rows} {values} no {data_type}: {example}")
    }
}

/// Values that another database can't take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfitValues {
    /// The other database.
    pub dialect: &'static str,
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// How many rows have them.
    pub rows: u64,
    /// Why it can't take them.
    pub why: UnfitReason,
    /// The first row that has one: "`id` is 7".
    pub first: String,
}

/// Why a database can't take values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnfitReason {
    /// Integers of that type are smaller.
    Beyond(String),
    /// Texts may have so many characters.
    Longer(u32),
    /// Texts may have so many bytes.
    Larger(u32),
    /// Numbers may have so many digits before the point.
    Digits(u32),
    /// There is a NUL character in them.
    Nul,
    /// Their bytes are no text.
    Encoding,
    /// They aren't of that type.
    NoSuch(String),
}

impl fmt::Display for UnfitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Beyond(data_type) => write!(f, "beyond what {data_type} holds"),
            Self::Longer(most) => write!(f, "longer than {most} characters"),
            Self::Larger(most) => write!(f, "larger than {most} bytes"),
            Self::Digits(most) => write!(f, "with more than {most} digits before the point"),
            Self::Nul => f.write_str("with a NUL character"),
            Self::Encoding => f.write_str("whose bytes are no UTF-8"),
            Self::NoSuch(data_type) => write!(f, "of another type than {data_type}"),
        }
    }
}

impl fmt::Display for UnfitValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dialect, table, column, rows, why, first } = self;
        let values = if *rows == 1 { "value" } else { "values" };
        write!(
            f,
            "{dialect} can't take {rows} {values} of `{column}` of `{table}`, {why}: the first is where {first}"
        )
    }
}

/// What stands where it can't.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stray {
    /// Something that has no name.
    This,
    /// A word, as written.
    Word(String),
    /// An association.
    Association(String),
    /// An attribute.
    Attribute(String),
    /// One that is VIRTUAL.
    Virtual(String),
    /// One that is VIRTUAL, and that nothing computes.
    Uncomputed(String),
    /// The row of a through table.
    Link(String),
    /// A path.
    Path(String),
    /// A path through an association that leads to many rows.
    PathToMany(String),
    /// A call of a function.
    Call(String),
    /// An aggregate.
    Aggregate(String),
    /// An aggregate within another one.
    InnerAggregate(String),
    /// `drop "Tags"`
    DropOfTable,
    /// A declaration.
    Declaration,
    /// `name: TYPE`
    TypedAttribute,
    /// A value.
    Value,
    /// Several values.
    Values,
    /// Several expressions.
    Expressions,
    /// A list.
    List,
    /// A list in round brackets.
    RoundList,
    /// An object.
    Object,
    /// A number in brackets behind an association.
    Place,
    /// `in` beside a list in JSON.
    InJson,
}

impl fmt::Display for Stray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Word(it) => return write!(f, "`{it}`"),
            Self::Association(it) => return write!(f, "the association `{it}`"),
            Self::Attribute(it) => return write!(f, "the attribute `{it}`"),
            Self::Virtual(it) => return write!(f, "the VIRTUAL attribute `{it}`"),
            Self::Uncomputed(it) => {
                return write!(f, "the VIRTUAL attribute `{it}`, which nothing computes,");
            }
            Self::Link(it) => return write!(f, "the link `{it}`"),
            Self::Path(it) => return write!(f, "the path `{it}`"),
            Self::PathToMany(it) => {
                return write!(f, "a path through `{it}`, which leads to many rows,");
            }
            Self::Call(it) => return write!(f, "the call `{it}`"),
            Self::Aggregate(it) => return write!(f, "the aggregate `{it}`"),
            Self::InnerAggregate(it) => return write!(f, "the aggregate `{it}` within another"),
            Self::This => "this",
            Self::DropOfTable => "`drop` of a table by its name",
            Self::Declaration => "a declaration",
            Self::TypedAttribute => "an attribute",
            Self::Value => "a value",
            Self::Values => "more than one value",
            Self::Expressions => "more than one expression",
            Self::List => "a list",
            Self::RoundList => "a list in round brackets",
            Self::Object => "an object",
            Self::Place => "a place in an association",
            Self::InJson => "`in` over a list in JSON",
        })
    }
}

//! The types of attributes.

use super::BareWord;
use crate::value::Value;
use smol_str::SmolStr;
use std::sync::Arc;

/// An attribute's type. Lengths are in characters, precisions in digits.
#[derive(Debug, Clone, PartialEq)]
pub enum DataType {
    /// `STRING`, `STRING(n)`, `.BINARY`
    String {
        /// 255 unless given.
        length: Option<u32>,
        /// `.BINARY`
        binary: bool,
    },
    /// `CHAR`, `CHAR(n)`, `.BINARY`
    Char {
        /// 255 unless given.
        length: Option<u32>,
        /// `.BINARY`
        binary: bool,
    },
    /// `TEXT`, `TEXT(tiny)`
    Text(Option<Size>),
    /// `CITEXT`
    CiText,
    /// `TINYINT` to `BIGINT`
    Integer(Integer),
    /// `FLOAT`, `REAL`, `DOUBLE`
    Float(Float),
    /// `DECIMAL`, `NUMERIC`
    Decimal(Decimal),
    /// `BOOLEAN`
    Boolean,
    /// `DATE`, `DATE(n)`: a moment, with n digits of a second's fraction.
    Date(Option<u32>),
    /// `DATEONLY`
    DateOnly,
    /// `TIME`
    Time,
    /// `UUID`
    Uuid,
    /// `BLOB`, `BLOB(tiny)`
    Blob(Option<Size>),
    /// `ENUM(a, b)`, or the name of an `enum`
    Enum(Arc<Enumeration>),
    /// `JSON`
    Json,
    /// `JSONB`
    Jsonb,
    /// `VIRTUAL`: no column
    Virtual,
    /// `` sql`VARCHAR(7)` ``
    Raw(SmolStr),
    /// A type that SQLite lacks.
    Foreign(Box<Foreign>),
}

/// The sizes of `TEXT` and `BLOB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// up to 255 bytes
    Tiny,
    /// up to 16 MiB
    Medium,
    /// up to 4 GiB
    Long,
}

impl Size {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tiny, Self::Medium, Self::Long];

    /// How it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Medium => "medium",
            Self::Long => "long",
        }
    }
}

/// An integer type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Integer {
    /// How wide it is.
    pub width: IntegerWidth,
    /// `INTEGER(11)`: a display width, which bounds nothing.
    pub length: Option<u32>,
    /// `.UNSIGNED`
    pub unsigned: bool,
    /// `.ZEROFILL`
    pub zerofill: bool,
}

/// How wide an integer type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntegerWidth {
    /// `TINYINT`, 8 bits
    Tiny,
    /// `SMALLINT`, 16 bits
    Small,
    /// `MEDIUMINT`, 24 bits
    Medium,
    /// `INTEGER`, 32 bits in other databases, 64 in SQLite
    Normal,
    /// `BIGINT`, 64 bits
    Big,
}

/// A floating point type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Float {
    /// Which word it was.
    pub kind: FloatKind,
    /// `FLOAT(11)`
    pub length: Option<u32>,
    /// `FLOAT(11, 2)`
    pub decimals: Option<u32>,
    /// `.UNSIGNED`
    pub unsigned: bool,
    /// `.ZEROFILL`
    pub zerofill: bool,
}

impl Float {
    /// `DOUBLE`
    pub const DOUBLE: Self = Self {
        kind: FloatKind::Double,
        length: None,
        decimals: None,
        unsigned: false,
        zerofill: false,
    };
}

/// The floating point types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloatKind {
    /// `FLOAT`
    Float,
    /// `REAL`
    Real,
    /// `DOUBLE`
    Double,
}

/// `DECIMAL(precision, scale)`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    /// How many digits in all.
    pub precision: Option<u32>,
    /// How many of them behind the point.
    pub scale: Option<u32>,
    /// `.UNSIGNED`
    pub unsigned: bool,
    /// `.ZEROFILL`
    pub zerofill: bool,
}

/// A list of words of which a value is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enumeration {
    /// The name of the `enum` that declares it; none where it is written in the attribute.
    pub name: Option<SmolStr>,
    /// Its words, in order.
    pub members: Vec<SmolStr>,
    /// Its documentation.
    pub doc: Option<SmolStr>,
}

/// Types that not every dialect has.
#[derive(Debug, Clone, PartialEq)]
pub enum Foreign {
    /// `ARRAY(type)`
    Array(Box<DataType>),
    /// `RANGE(type)`
    Range(Box<DataType>),
    /// `HSTORE`
    Hstore,
    /// `GEOMETRY`, `GEOMETRY(POINT)`, `GEOMETRY(POINT, 4326)`
    Geometry(Option<BareWord>, Option<u32>),
    /// `GEOGRAPHY`, `GEOGRAPHY(POINT, 4326)`
    Geography(Option<BareWord>, Option<u32>),
    /// `CIDR`
    Cidr,
    /// `INET`
    Inet,
    /// `MACADDR`
    MacAddr,
    /// `TSVECTOR`
    TsVector,
}

/// What an attribute holds where a row says nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Default {
    /// A literal, which fits the type; it reaches the DDL (except on an integer primary key).
    Value(Value),
    /// `(expression)`, which reaches the DDL in brackets.
    Expression(super::Expression),
    /// `` sql`..` ``, verbatim
    Sql(SmolStr),
    /// `now()`, filled in by Relata
    Now,
    /// `uuid()`, filled in by Relata
    UuidV4,
    /// `uuid(1)`, filled in by Relata
    UuidV1,
}

/// What happens to rows whose referenced row goes or changes its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// `cascade`
    Cascade,
    /// `restrict`
    Restrict,
    /// `setNull`
    SetNull,
    /// `setDefault`
    SetDefault,
    /// `noAction`
    NoAction,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Cascade, Self::Restrict, Self::SetNull, Self::SetDefault, Self::NoAction];

    /// The word for it in a script.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cascade => "cascade",
            Self::Restrict => "restrict",
            Self::SetNull => "setNull",
            Self::SetDefault => "setDefault",
            Self::NoAction => "noAction",
        }
    }

    /// The words for it in SQL.
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Cascade => "CASCADE",
            Self::Restrict => "RESTRICT",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
            Self::NoAction => "NO ACTION",
        }
    }
}

/// When a foreign key is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deferrable {
    /// `initiallyDeferred`: at the transaction's end
    InitiallyDeferred,
    /// `initiallyImmediate`: at once, unless the transaction defers it
    InitiallyImmediate,
}

impl Deferrable {
    /// Both.
    pub const ALL: [Self; 2] = [Self::InitiallyDeferred, Self::InitiallyImmediate];

    /// How it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::InitiallyDeferred => "initiallyDeferred",
            Self::InitiallyImmediate => "initiallyImmediate",
        }
    }
}

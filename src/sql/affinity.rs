//! How SQLite treats what is put into a column: <https://www.sqlite.org/datatype3.html>, section 3.1.

use crate::catalog::{Column, Table};

/// How SQLite treats what is put into a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affinity {
    /// Texts.
    Text,
    /// Numbers where they are such.
    Numeric,
    /// Integers where they are such.
    Integer,
    /// Floats where they are numbers.
    Real,
    /// All stays as it is.
    Blob,
}

/// The parts of a type's name that SQLite goes by, in the order in which it looks for them.
const AFFINITIES: [(&str, Affinity); 8] = [
    ("INT", Affinity::Integer),
    ("CHAR", Affinity::Text),
    ("CLOB", Affinity::Text),
    ("TEXT", Affinity::Text),
    ("BLOB", Affinity::Blob),
    ("REAL", Affinity::Real),
    ("FLOA", Affinity::Real),
    ("DOUB", Affinity::Real),
];

/// The parts of other names that are for numbers.
const NUMBERS: [&str; 4] = ["NUM", "DEC", "BOOL", "MONEY"];

/// A type that strict tables know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrictType {
    /// `INT`
    Int,
    /// `INTEGER`
    Integer,
    /// `REAL`
    Real,
    /// `TEXT`
    Text,
    /// `BLOB`
    Blob,
    /// `ANY`
    Any,
}

impl StrictType {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Int, Self::Integer, Self::Real, Self::Text, Self::Blob, Self::Any];

    /// The one that is written so, in any letter case.
    pub fn of(data_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word().eq_ignore_ascii_case(data_type))
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Int => "INT",
            Self::Integer => "INTEGER",
            Self::Real => "REAL",
            Self::Text => "TEXT",
            Self::Blob => "BLOB",
            Self::Any => "ANY",
        }
    }
}

/// Which values a declared type is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueClass {
    /// All.
    Anything,
    /// Texts of so many letters at most.
    Letters(u64),
    /// Numbers.
    Numbers,
    /// Numbers without a fraction.
    Integers,
    /// Dates, and dates with a time.
    Moments,
}

impl ValueClass {
    /// Of a column of a table.
    pub fn of(table: &Table, column: &Column) -> Self {
        let upper = column.data_type.to_uppercase();
        match Affinity::in_table(table, column) {
            Affinity::Integer => Self::Integers,
            Affinity::Real => Self::Numbers,
            Affinity::Text => length(&upper).map_or(Self::Anything, Self::Letters),
            Affinity::Numeric if upper.starts_with("DATE") => Self::Moments,
            Affinity::Numeric if NUMBERS.iter().any(|it| upper.contains(it)) => Self::Numbers,
            // JSON, UUID, TIME, and whatever else is kept as a text.
            Affinity::Numeric | Affinity::Blob => Self::Anything,
        }
    }

    /// Whether it is for all that the other one is for.
    pub const fn includes(self, other: Self) -> bool {
        match (self, other) {
            (Self::Anything, _)
            | (Self::Numbers, Self::Numbers | Self::Integers)
            | (Self::Integers, Self::Integers)
            | (Self::Moments, Self::Moments) => true,
            (Self::Letters(most), Self::Letters(fewer)) => fewer <= most,
            (Self::Letters(_) | Self::Numbers | Self::Integers | Self::Moments, _) => false,
        }
    }
}

/// How many letters a type takes, where it says so: 5 of `VARCHAR(5)`.
fn length(upper: &str) -> Option<u64> {
    let (name, rest) = upper.split_once('(')?;
    let number = rest.split(')').next()?.trim().parse().ok();
    number.filter(|_| name.contains("CHAR"))
}

impl Affinity {
    /// Of a declared type in a table that isn't strict.
    pub fn of(data_type: &str) -> Self {
        if data_type.is_empty() {
            return Self::Blob;
        }
        let upper = data_type.to_uppercase();
        AFFINITIES.iter().find(|it| upper.contains(it.0)).map_or(Self::Numeric, |it| it.1)
    }

    /// Of a column of a table: a strict one leaves what is put into ANY as it is.
    pub fn in_table(table: &Table, column: &Column) -> Self {
        if table.options.strict && StrictType::of(&column.data_type) == Some(StrictType::Any) {
            return Self::Blob;
        }
        Self::of(&column.data_type)
    }

    /// Whether SQLite stores the same of what is put into columns of either. INTEGER and NUMERIC differ in casts alone.
    pub const fn stores_as(self, other: Self) -> bool {
        match self {
            Self::Integer | Self::Numeric => matches!(other, Self::Integer | Self::Numeric),
            Self::Text => matches!(other, Self::Text),
            Self::Real => matches!(other, Self::Real),
            Self::Blob => matches!(other, Self::Blob),
        }
    }

    /// The type of that affinity which strict tables and casts know.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Numeric => "NUMERIC",
            Self::Integer => "INTEGER",
            Self::Real => "REAL",
            Self::Blob => "BLOB",
        }
    }
}

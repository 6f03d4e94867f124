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
    /// Texts.
    Texts,
    /// Texts of so many letters at most.
    Letters(u64),
    /// Numbers.
    Numbers,
    /// Numbers of so many digits before the point and behind it.
    Decimals(u64, u64),
    /// Numbers without a fraction.
    Integers,
    /// True and false: 1 and 0.
    Truths,
    /// Dates, and dates with a time.
    Moments,
    /// Dates without a time.
    Days,
    /// Times of a day.
    Times,
    /// UUIDs.
    Identifiers,
    /// JSON.
    Documents,
}

impl ValueClass {
    /// Of a column of a table.
    pub fn of(table: &Table, column: &Column) -> Self {
        let upper = column.data_type.to_uppercase();
        match Affinity::in_table(table, column) {
            Affinity::Integer if is_truth(&upper) => Self::Truths,
            Affinity::Integer => Self::Integers,
            Affinity::Real => Self::Numbers,
            Affinity::Text => length(&upper).map_or(Self::Texts, Self::Letters),
            Affinity::Numeric => match upper.trim() {
                "DATE" => Self::Days,
                "TIME" => Self::Times,
                "UUID" => Self::Identifiers,
                "JSON" | "JSONB" => Self::Documents,
                _ if upper.starts_with("DATE") => Self::Moments,
                _ if is_truth(&upper) => Self::Truths,
                _ if NUMBERS.iter().any(|it| upper.contains(it)) => digits(&upper)
                    .map_or(Self::Numbers, |(before, behind)| Self::Decimals(before, behind)),
                _ => Self::Anything,
            },
            Affinity::Blob => Self::Anything,
        }
    }

    /// Whether it is for all that the other one is for.
    pub const fn includes(self, other: Self) -> bool {
        match (self, other) {
            (Self::Anything, _)
            | (Self::Texts, Self::Texts | Self::Letters(_))
            | (Self::Numbers, Self::Numbers | Self::Decimals(..) | Self::Integers | Self::Truths)
            | (Self::Integers, Self::Integers | Self::Truths)
            | (Self::Truths, Self::Truths)
            | (Self::Moments, Self::Moments | Self::Days)
            | (Self::Days, Self::Days)
            | (Self::Times, Self::Times)
            | (Self::Identifiers, Self::Identifiers)
            | (Self::Documents, Self::Documents) => true,
            (Self::Letters(most), Self::Letters(fewer)) => fewer <= most,
            (Self::Decimals(before, behind), Self::Decimals(fewer, less)) => {
                fewer <= before && less <= behind
            }
            (
                Self::Texts
                | Self::Letters(_)
                | Self::Numbers
                | Self::Decimals(..)
                | Self::Integers
                | Self::Truths
                | Self::Moments
                | Self::Days
                | Self::Times
                | Self::Identifiers
                | Self::Documents,
                _,
            ) => false,
        }
    }
}

/// Whether a type is how Relata, and others, call what is true or false.
fn is_truth(upper: &str) -> bool {
    upper.contains("BOOL") || upper.replace(' ', "") == "TINYINT(1)"
}

/// How many letters a type takes, where it says so: 5 of `VARCHAR(5)`.
fn length(upper: &str) -> Option<u64> {
    let (name, rest) = upper.split_once('(')?;
    let number = rest.split(')').next()?.trim().parse().ok();
    number.filter(|_| name.contains("CHAR"))
}

/// How many digits a type takes before the point and behind it, where it says so: 3 and 2 of `DECIMAL(5, 2)`.
fn digits(upper: &str) -> Option<(u64, u64)> {
    let (_, rest) = upper.split_once('(')?;
    let mut numbers = rest.split(')').next()?.split(',').map(|it| it.trim().parse::<u64>().ok());
    let (all, behind) = (numbers.next()??, numbers.next().unwrap_or(Some(0))?);
    Some((all.checked_sub(behind)?, behind))
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

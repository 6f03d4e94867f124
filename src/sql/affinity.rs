//! How SQLite treats what is put into a column: <https://www.sqlite.org/datatype3.html>, section 3.1.

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

impl Affinity {
    /// Of a declared type in a table that isn't strict.
    pub fn of(data_type: &str) -> Self {
        let upper = data_type.to_uppercase();
        let has = |word: &str| upper.contains(word);
        if has("INT") {
            Self::Integer
        } else if has("CHAR") || has("CLOB") || has("TEXT") {
            Self::Text
        } else if has("BLOB") || upper.is_empty() {
            Self::Blob
        } else if has("REAL") || has("FLOA") || has("DOUB") {
            Self::Real
        } else {
            Self::Numeric
        }
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

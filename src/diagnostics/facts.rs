//! What some problems are about, as facts; their words are made here.

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
    pub(crate) fn help_text(&self) -> Option<String> {
        match self {
            Self::Absent { .. } => None,
            Self::Deleted { .. } => Some("`restore` it before it is linked".to_owned()),
            Self::WithoutKey { key, .. } => Some(format!("give it a `{key}` first")),
            Self::SharedColumn { .. } => Some(
                "`update` sets all of its columns at once, and lets both keys refer to other rows"
                    .to_owned(),
            ),
            Self::TwoValues { .. } => {
                Some("leave one of them out, or let both say the same".to_owned())
            }
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

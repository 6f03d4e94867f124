//! What rows and Relata's own table are at fault for, as facts; their words are made here.

use std::fmt;

/// An attribute of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeName {
    /// The model.
    pub model: String,
    /// The attribute.
    pub attribute: String,
}

impl fmt::Display for AttributeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}.{}`", self.model, self.attribute)
    }
}

/// What a unique key refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Duplicate {
    /// A row has these values already, as far as they are known.
    Existing(Vec<(AttributeName, Option<String>)>),
    /// The same of a row that is only marked as deleted.
    Deleted(Vec<(AttributeName, Option<String>)>),
    /// What the script says in that case.
    Said(String),
    /// Two rows have the same values of these.
    Same(Vec<AttributeName>),
    /// Of what, the database doesn't say.
    Unknown,
    /// The same, of a line of a file that is loaded.
    AtLine {
        /// The file.
        file: String,
        /// The line.
        line: u64,
        /// What is wrong there.
        what: Box<Self>,
    },
}

impl Duplicate {
    /// What to do about it.
    pub(crate) fn help_text(&self) -> String {
        match self {
            Self::Existing(values) => {
                let Some((AttributeName { model, .. }, _)) = values.first() else {
                    return Self::Unknown.help_text();
                };
                let each = values.iter().map(|(attribute, value)| {
                    let value = value.as_deref().unwrap_or("..");
                    format!("{} = {value}", attribute.attribute)
                });
                let each = each.collect::<Vec<_>>().join(" and ");
                format!(
                    "give another value, or change the row that is there: `{model} update {{ .. }} < where: ({each}) >`"
                )
            }
            Self::Same(_) | Self::Unknown => {
                "give each row a value of its own; `ignoreDuplicates` of `bulkCreate` and `load` passes over rows that are there"
                    .to_owned()
            }
            Self::AtLine { what, .. } => what.help_text(),
            // whoever says these says what to do
            Self::Deleted(_) | Self::Said(_) => String::new(),
        }
    }
}

impl fmt::Display for Duplicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLine { file, line, what } => write!(f, "{file}:{line}: {what}"),
            Self::Said(text) => f.write_str(text),
            Self::Existing(values) | Self::Deleted(values) => {
                f.write_str(match self {
                    Self::Deleted(_) => "there is a deleted row with ",
                    _ => "there is a row with ",
                })?;
                for (at, (attribute, value)) in values.iter().enumerate() {
                    f.write_str(if at > 0 { " and " } else { "" })?;
                    write!(f, "{attribute}")?;
                    if let Some(value) = value {
                        write!(f, " {value}")?;
                    }
                }
                f.write_str(" already")
            }
            Self::Same(attributes) => {
                f.write_str("two rows have the same ")?;
                listed(attributes, f)
            }
            Self::Unknown => f.write_str("two rows have what only one may have"),
        }
    }
}

/// A foreign key that a row breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokenReference {
    /// No row has what these attributes refer to.
    Missing {
        /// The attributes with their values.
        own: Vec<(AttributeName, String)>,
        /// The model that they refer to.
        parent: String,
        /// Its attributes.
        referenced: Vec<String>,
    },
    /// So many rows refer to what would be deleted.
    Referred {
        /// How many.
        rows: u64,
        /// By which attributes.
        own: Vec<AttributeName>,
    },
    /// So many rows would refer to nothing.
    Orphans(u64),
    /// A key of a table would refer to columns that aren't unique.
    NotUnique(String),
    /// Of what, the database doesn't say.
    Unknown,
    /// The same, of a file that is loaded.
    InFile {
        /// The file.
        file: String,
        /// The line, where one is known.
        line: Option<u64>,
        /// What is wrong there.
        what: Box<Self>,
    },
}

impl BrokenReference {
    /// What to do about it, where that is known.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Missing { own, parent, .. } => {
                let own: Vec<_> = own.iter().map(|it| it.0.attribute.as_str()).collect();
                let own = own.join("` and `");
                Some(format!(
                    "create that `{parent}` first, or let `{own}` say one that is there"
                ))
            }
            Self::Referred { .. } => Some(
                "destroy or change those rows first; or `onDelete: cascade` or `setNull`, where the association is declared, says what becomes of them"
                    .to_owned(),
            ),
            Self::InFile { what, .. } => what.help(),
            Self::Orphans(_) | Self::NotUnique(_) | Self::Unknown => None,
        }
    }

    /// The problem that it is for the sentence at `at`.
    pub fn at(self, at: crate::source::Span, cause: super::Cause) -> super::RunProblem {
        let help = self.help();
        super::RunProblem::ForeignKey { what: self.into(), at, cause, help }
    }
}

impl fmt::Display for BrokenReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { own, parent, referenced } => {
                for (at, (attribute, value)) in own.iter().enumerate() {
                    f.write_str(if at > 0 { " and " } else { "" })?;
                    write!(f, "{attribute} is {value}")?;
                }
                let this = if referenced.len() > 1 { "these" } else { "this" };
                write!(f, ", and no `{parent}` has {this} `{}`", referenced.join("` and `"))
            }
            Self::Referred { rows, own } => {
                let refer = if *rows == 1 { "row refers" } else { "rows refer" };
                write!(f, "{rows} {refer} to what would be deleted, by ")?;
                for (at, attribute) in own.iter().enumerate() {
                    write!(f, "{}{attribute}", if at > 0 { " and " } else { "" })?;
                }
                Ok(())
            }
            Self::Orphans(1) => f.write_str("1 row would refer to nothing"),
            Self::Orphans(rows) => write!(f, "{rows} rows would refer to nothing"),
            Self::NotUnique(table) => {
                write!(f, "a foreign key of `{table}` would refer to columns that aren't unique")
            }
            Self::Unknown => f.write_str("a row refers to one that isn't there"),
            Self::InFile { file, line: Some(line), what } => write!(f, "{file}:{line}: {what}"),
            Self::InFile { file, line: None, what } => write!(f, "{file}: {what}"),
        }
    }
}

/// A null that the database refuses, or a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NullViolation {
    /// Of these attributes.
    Of(Vec<AttributeName>),
    /// Of which, the database doesn't say.
    Unknown,
    /// What the sentence's own check found.
    Found(super::Violations),
    /// The same, of a line of a file that is loaded.
    AtLine {
        /// The file.
        file: String,
        /// The line.
        line: u64,
        /// What is wrong there.
        what: Box<Self>,
    },
}

impl NullViolation {
    /// What to do about it.
    pub(crate) fn help_text(&self) -> String {
        match self {
            Self::Of(attributes) => {
                let names: Vec<_> = attributes.iter().map(|it| it.attribute.as_str()).collect();
                format!("give `{}` a value, or {DEFAULT_OR_NULL}", names.join("` and `"))
            }
            Self::Unknown | Self::Found(_) => format!("give it a value, or {DEFAULT_OR_NULL}"),
            Self::AtLine { what, .. } => what.help_text(),
        }
    }
}

/// What makes rows possible that don't say an attribute.
const DEFAULT_OR_NULL: &str = "say in the model what it is otherwise (`defaultValue: ..`) or that it may be null (no `allowNull: false`)";

impl fmt::Display for NullViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLine { file, line, what } => write!(f, "{file}:{line}: {what}"),
            Self::Of(attributes) => {
                listed(attributes, f)?;
                f.write_str(" may not be null")
            }
            Self::Unknown => f.write_str("a value may not be null"),
            Self::Found(violations) => violations.fmt(f),
        }
    }
}

/// A check that doesn't hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokenCheck {
    /// One of that name.
    Named(String),
    /// One of an attribute, for this value.
    Of(AttributeName, String),
    /// Which, the database doesn't say.
    Unknown,
    /// The same, of a line of a file that is loaded.
    AtLine {
        /// The file.
        file: String,
        /// The line.
        line: u64,
        /// What is wrong there.
        what: Box<Self>,
    },
}

impl BrokenCheck {
    /// What to do about it.
    pub(crate) fn help_text(&self) -> String {
        match self {
            Self::Named(_) | Self::Of(..) | Self::Unknown => {
                "write a value for which it holds, or change the check in the model and `apply` the script"
                    .to_owned()
            }
            Self::AtLine { what, .. } => what.help_text(),
        }
    }
}

impl fmt::Display for BrokenCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLine { file, line, what } => write!(f, "{file}:{line}: {what}"),
            Self::Named(name) => write!(f, "the check `{name}` doesn't hold"),
            Self::Of(attribute, value) => write!(f, "{value} breaks a check of {attribute}"),
            Self::Unknown => f.write_str("a check doesn't hold"),
        }
    }
}

/// What isn't known of a row or a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnreadValue {
    /// An attribute of a row.
    Attribute(AttributeName),
    /// A member of what a variable holds.
    Member {
        /// The variable.
        variable: String,
        /// The member.
        member: String,
    },
    /// The primary key of a row.
    Key {
        /// The variable that holds it, if one does.
        variable: Option<String>,
        /// Its model.
        model: String,
    },
    /// The model of the rows that a variable holds.
    Model(String),
    /// The one value of a variable that holds a list.
    Single(String),
    /// The list of a variable that holds one value.
    List(String),
    /// The number that an aggregate adds up, where a list holds something else.
    Number {
        /// The aggregate.
        function: &'static str,
        /// What was found.
        found: String,
    },
    /// How many rows are wanted, or passed over: what was found in place of that.
    RowCount(String),
    /// The attribute for a member of a row.
    Surplus(AttributeName),
}

impl UnreadValue {
    /// What to do about it.
    pub(crate) fn help_text(&self) -> String {
        match self {
            Self::Attribute(_) => {
                "what was not read isn't null; `reload` reads all of a row".into()
            }
            Self::Member { .. } => "what was not read isn't null".into(),
            Self::Key { .. } => "without it nothing tells which row is meant".into(),
            Self::Model(_) => "a program says it with `set_rows`".into(),
            Self::Single(variable) => format!("a list stands behind `in`: `in {variable}`"),
            Self::List(_) => "a list of values is written in brackets: `let xs = [1, 2, 3]`; one in a JSON attribute is added up where it is, \
                 `User findAll < attributes: [sql`(SELECT sum(value) FROM json_each(tags))` as total] >`"
                .into(),
            Self::Number { .. } => "`cast(.. as INTEGER)` makes a number of a text".into(),
            Self::RowCount(_) => "a query without `limit` finds all rows".into(),
            Self::Surplus(_) => "`fields: [..]` says which attributes are written".into(),
        }
    }
}

impl fmt::Display for UnreadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(AttributeName { model, attribute }) => {
                write!(f, "`{attribute}` of this `{model}` was not read")
            }
            Self::Member { variable, member } => {
                write!(f, "`{variable}` has no member `{member}`")
            }
            Self::Key { variable: Some(variable), model } => {
                write!(f, "the primary key of `{variable}`, a `{model}`, was not read")
            }
            Self::Key { variable: None, model } => {
                write!(f, "the primary key of this `{model}` was not read")
            }
            Self::Model(variable) => {
                write!(f, "`{variable}` holds rows, and of which model isn't known")
            }
            Self::Single(variable) => {
                write!(f, "`{variable}` is a list, and one value is needed")
            }
            Self::List(variable) => {
                write!(f, "`{variable}` is one value, and a list is needed")
            }
            Self::Number { function, found } => {
                write!(f, "`{function}` takes numbers, and the list holds {found}")
            }
            Self::RowCount(found) => {
                write!(f, "a number of rows is needed, 0 or more, and this is {found}")
            }
            Self::Surplus(AttributeName { model, attribute }) => {
                write!(f, "`{model}` has no attribute `{attribute}`")
            }
        }
    }
}

/// In what `_relata_migrations` is not as Relata made it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HistoryDamage {
    /// It is a view, or another thing.
    Kind(String),
    /// It lacks a column.
    Column(&'static str),
    /// It has a trigger.
    Trigger(String),
    /// It has no row of a migration of which there is a table of values.
    Row {
        /// The migration.
        migration: u64,
        /// The table.
        kept: String,
    },
    /// It can't be read, in the database's words.
    Unreadable(String),
    /// It takes no row.
    TakesNoRow,
    /// It takes no note of a rollback.
    TakesNoNote,
}

impl HistoryDamage {
    /// What to do about it.
    pub(crate) fn help_text(&self) -> String {
        match self {
            Self::Kind(kind) => format!("drop it: `DROP {} _relata_migrations`", kind.to_uppercase()),
            Self::Trigger(name) => {
                format!("drop it: `DROP TRIGGER \"{}\"`", name.replace('"', "\"\""))
            }
            Self::Column(_)
            | Self::Row { .. }
            | Self::Unreadable(_)
            | Self::TakesNoRow
            | Self::TakesNoNote => {
                "restore it from a copy of the database; or drop it and begin a new one (`DROP TABLE _relata_migrations`): \
                 what was done before can't be rolled back then"
                    .to_owned()
            }
        }
    }
}

impl fmt::Display for HistoryDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => write!(f, "is a {kind}"),
            Self::Column(name) => write!(f, "has no column `{name}` as Relata made it"),
            Self::Trigger(name) => write!(f, "has a trigger, `{name}`"),
            Self::Row { migration, kept } => {
                write!(f, "has no row {migration}, of which there is `{kept}`")
            }
            Self::Unreadable(message) => write!(f, "can't be read: {message}"),
            Self::TakesNoRow => f.write_str("takes no row"),
            Self::TakesNoNote => f.write_str("takes no note of a rollback"),
        }
    }
}

fn listed(attributes: &[AttributeName], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, attribute) in attributes.iter().enumerate() {
        f.write_str(if at > 0 { ", " } else { "" })?;
        write!(f, "{attribute}")?;
    }
    Ok(())
}

//! What a plan changes, as data.

use crate::catalog::ObjectKind;
use crate::diagnostics::Hazard;
use smol_str::SmolStr;

/// A change of a database's structure.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What changes: a table, a view, a trigger.
    pub object: SmolStr,
    /// What of it, with the rows that are concerned.
    pub what: Vec<Detail>,
    /// How.
    pub way: ChangeMethod,
    /// How many rows are written anew.
    pub rows: u64,
    /// The statements, in order.
    pub sql: Vec<String>,
    /// The text that the database keeps of the table in the end, where the statements leave another: it is put in its place.
    pub kept: Option<String>,
    /// What it costs whoever else works with the database, where that is known.
    pub cost: Option<StepCost>,
    /// Why it isn't carried out, if it isn't.
    pub refused: Vec<Hazard>,
}

/// What a change costs whoever else works with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StepCost {
    /// What is done with rows.
    pub work: StepWork,
    /// Who waits meanwhile.
    pub waits: StepWaits,
}

impl StepCost {
    /// That of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { work: self.work.max(other.work), waits: self.waits.max(other.waits) }
    }
}

/// What a change does with rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum StepWork {
    /// Nothing, however many there are.
    #[default]
    Instant,
    /// It reads all of them.
    Scans,
    /// It writes them anew.
    Rewrites,
}

impl StepWork {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Instant => "instant",
            Self::Scans => "scans",
            Self::Rewrites => "rewrites",
        }
    }
}

/// Who waits while a change is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum StepWaits {
    /// Nobody for longer than a moment.
    #[default]
    Nobody,
    /// Who writes to the table.
    Writes,
    /// Who reads it, too.
    ReadsAndWrites,
}

impl StepWaits {
    /// What waits: `reads`, `writes`.
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Nobody => &[],
            Self::Writes => &["writes"],
            Self::ReadsAndWrites => &["reads", "writes"],
        }
    }
}

/// Something that changes of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// Whether it is added, changed or dropped.
    pub sign: Sign,
    /// What it is about.
    pub part: PlanPart,
    /// Which column, where more than one thing may change of one.
    pub column: Option<SmolStr>,
    /// What, in words: "drop column `nick` and its values (3 rows)".
    pub text: String,
}

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlanPart {
    /// A table as a whole, or one of its options.
    Table,
    /// A view.
    View,
    /// A trigger.
    Trigger,
    /// A column, its type, its default.
    Column,
    /// A primary key.
    PrimaryKey,
    /// A foreign key.
    ForeignKey,
    /// A unique key that the table itself says.
    UniqueKey,
    /// A check.
    Check,
    /// An index.
    Index,
    /// A data step.
    Step,
}

impl PlanPart {
    /// Its word: `foreign key`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::View => "view",
            Self::Trigger => "trigger",
            Self::Column => "column",
            Self::PrimaryKey => "primary key",
            Self::ForeignKey => "foreign key",
            Self::UniqueKey => "unique key",
            Self::Check => "check",
            Self::Index => "index",
            Self::Step => "data step",
        }
    }
}

impl From<ObjectKind> for PlanPart {
    fn from(kind: ObjectKind) -> Self {
        match kind {
            ObjectKind::Table => Self::Table,
            ObjectKind::Index => Self::Index,
            ObjectKind::View => Self::View,
            ObjectKind::Trigger => Self::Trigger,
        }
    }
}

/// Whether something is added, changed or dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sign {
    /// It is added.
    Add,
    /// It is changed.
    Change,
    /// It is dropped.
    Drop,
}

impl Sign {
    /// As a plan shows it: `+`, `~`, `-`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Change => "~",
            Self::Drop => "-",
        }
    }
}

impl Change {
    /// One that isn't carried out, and why.
    pub(super) fn refused(object: SmolStr, what: Vec<Detail>, refused: Vec<Hazard>) -> Self {
        Self {
            object,
            what,
            way: ChangeMethod::Refused,
            rows: 0,
            sql: Vec::new(),
            kept: None,
            cost: None,
            refused,
        }
    }

    /// What becomes of the object as a whole.
    pub fn sign(&self) -> Sign {
        match self.way {
            ChangeMethod::Create | ChangeMethod::Drop => {
                self.what.first().map_or(Sign::Change, |it| it.sign)
            }
            ChangeMethod::Rename
            | ChangeMethod::Edit
            | ChangeMethod::Alter
            | ChangeMethod::Rebuild
            | ChangeMethod::Index
            | ChangeMethod::Once
            | ChangeMethod::Refused => Sign::Change,
        }
    }

    /// The statements, and the text that is put in the place of the table's.
    pub fn statements(&self) -> impl Iterator<Item = &str> {
        self.sql.iter().chain(&self.kept).map(String::as_str)
    }
}

/// How a [`Change`] is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeMethod {
    /// Something is created, or a view or trigger replaced.
    Create,
    /// Something is renamed.
    Rename,
    /// The text that the database keeps of a table is edited; no row is copied, those counted get a value in place of null.
    Edit,
    /// The database alters the table by itself: a column is dropped, and each row is written again in its place.
    Alter,
    /// The rows move into a new table.
    Rebuild,
    /// An index is created, created again, or dropped.
    Index,
    /// Something is dropped.
    Drop,
    /// The sentences of a data step write rows.
    Once,
    /// Not at all.
    Refused,
}

impl ChangeMethod {
    /// Its word, in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Rename => "rename",
            Self::Edit => "edit",
            Self::Alter => "alter",
            Self::Rebuild => "rebuild",
            Self::Index => "index",
            Self::Drop => "drop",
            Self::Once => "once",
            Self::Refused => "refused",
        }
    }
}

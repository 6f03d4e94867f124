//! What hinders a change of the structure, each with its facts: what is said of it, and what settles it, is made of them here alone.

use super::{EqualValues, Loss, MisfitOutcome, RollbackHazard};
use crate::diagnostics::BrokenReference;
use crate::words::counted;
use miette::Diagnostic;

/// What hinders a change of the structure. The rows that are concerned stand beside it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Diagnostic)]
#[expect(missing_docs, reason = "a `table` is the name of a table, a `column` that of a column")]
#[non_exhaustive]
pub enum HazardKind {
    /// A column with values becomes one that is computed.
    #[error("`{column}` of `{table}` would be generated, and the values that it has would be lost")]
    #[diagnostic(help("generate another column, or allow E0501 if they may be lost"))]
    Generated { column: String, table: String },
    /// A column goes with its values; `likely` comes, and may be the same: a column, and its attribute. Or `taken` says that it was this one,
    /// and is there beside it: an attribute, and its column.
    #[error("the column `{column}` of `{table}` would be dropped with its values")]
    #[diagnostic(help(
        "write `drop {column}` into the model if they may be lost (or allow E0501){}",
        renamed(column, likely.as_ref(), taken.as_ref())
    ))]
    DroppedColumn {
        column: String,
        table: String,
        likely: Option<(String, String)>,
        taken: Option<(String, String)>,
    },
    /// Values don't fit the type that their column gets, which makes others of some.
    #[error("`{column}` of `{table}` would be {data_type}, and not every value fits")]
    #[diagnostic(help("{}", converted(attribute, *strict, outcome)))]
    Converted {
        column: String,
        table: String,
        data_type: String,
        attribute: String,
        strict: bool,
        outcome: MisfitOutcome,
    },
    /// The same, where the table was strict and is no more.
    #[error(
        "`{column}` of `{table}` would be {data_type} outside of a strict table, and not every value stays as it is"
    )]
    #[diagnostic(help("{}", converted(attribute, false, outcome)))]
    ConvertedOutOfStrict {
        column: String,
        table: String,
        data_type: String,
        attribute: String,
        outcome: MisfitOutcome,
    },
    /// A table becomes strict, and takes values of its columns' types alone.
    #[error("`{table}` would be strict, and not every value of `{column}` is {data_type}")]
    #[diagnostic(help("change the rows, or say how with {}", using(attribute)))]
    BecomesStrict { column: String, table: String, data_type: String, attribute: String },
    /// `using` leaves dates in more than one form.
    #[error("`{column}` of `{table}` has values that `using` doesn't bring into one form")]
    #[diagnostic(help(
        "a date is kept as `2022-01-16 12:00:00.000 +00:00`: change these values, or remove `using`"
    ))]
    UsingOtherForm { column: String, table: String },
    /// What `using` says has another type.
    #[error("`{column}` of `{table}` is {data_type}, and not every value that `using` says fits")]
    #[diagnostic(help("let `using` compute values of that type"))]
    UsingMisfits { column: String, table: String, data_type: String },
    /// A column becomes the number of each row, and holds other values.
    #[error(
        "`{column}` of `{table}` would be the number of each row, and not every value is a whole number"
    )]
    #[diagnostic(help("change these rows first"))]
    NoNumber { column: String, table: String },
    /// The same, over nulls.
    #[error("`{column}` of `{table}` would be the number of each row, and is null")]
    #[diagnostic(help("fill them first"))]
    NullNumber { column: String, table: String },
    /// A column may not be null any more, and is.
    #[error("`{column}` of `{table}` may not be null any more, and is")]
    #[diagnostic(help(
        "give it a `defaultValue`, which these rows get, or give them a value first: `update {{ {column}: .. }} < where: ({column} is null) >`"
    ))]
    Nulls { column: String, table: String },
    /// What `using` says is null.
    #[error("`{column}` of `{table}` may not be null, and what `using` says is")]
    #[diagnostic(help(
        "let `using` have a value for each row (`coalesce`), or give it a `defaultValue` beside it"
    ))]
    UsingNull { column: String, table: String },
    /// A primary key that is null.
    #[error("`{column}` of `{table}` would be its primary key, and is null")]
    #[diagnostic(help("fill them first"))]
    NullKey { column: String, table: String },
    /// A column comes that can't be null; `implied` is its attribute, where the script doesn't declare it, and `was` a column that goes, and is
    /// called so but for its spelling.
    #[error(
        "the new column `{column}` of `{table}` can't be NULL, and there is no value for the existing rows"
    )]
    #[diagnostic(help("{}", given(implied.as_deref(), was.as_deref())))]
    NoValue { column: String, table: String, implied: Option<String>, was: Option<String> },
    /// What is to be unique isn't; `query` finds the values.
    #[error("`{}` would be unique in `{table}`, and {values}", columns.join("`, `"))]
    #[diagnostic(help(
        "change or destroy the rows that have the same value{}",
        query.as_ref().map_or_else(String::new, |it| format!("\n`{it}` finds them"))
    ))]
    Equal { columns: Vec<String>, table: String, values: EqualValues, query: Option<String> },
    /// What is unique isn't under another collation.
    #[error("`{}` is unique in `{table}`, and with {collation} {values}", columns.join("`, `"))]
    #[diagnostic(help("change or destroy the rows that have the same value"))]
    EqualCollated { columns: Vec<String>, table: String, collation: String, values: EqualValues },
    /// Rows break a rule on their way into another table, in the database's words.
    #[error("rows of `{table}` would {}: {message}", rule.broken())]
    #[diagnostic(help("change these rows first"))]
    Breaks { table: String, rule: RowRule, message: String },
    /// A check that rows break.
    #[error("rows of `{table}` break the check {check}")]
    #[diagnostic(help("change these rows first, or drop the check"))]
    Check { table: String, check: String },
    /// A foreign key that rows break.
    #[error("`{}` of `{table}` would refer to `{parent}`, and what rows have there isn't", columns.join("`, `"))]
    #[diagnostic(help(
        "create the rows of `{parent}` that are missing, set `{0}` of these to null, or leave the constraint out with `constraints: false`",
        columns.join("`, `")
    ))]
    Orphans { columns: Vec<String>, table: String, parent: String },
    /// Rows refer to nothing when all is done; `key_check` shows which.
    #[error("{broken}")]
    #[diagnostic(help("run `{key_check}` to see which tables' rows do so already"))]
    Reference { broken: BrokenReference, key_check: &'static str },
    /// A foreign key of a table that stays refers to one that goes.
    #[error("`{table}` can't be dropped: a foreign key of `{by}` refers to it")]
    #[diagnostic(help("drop `{by}` with it, or take the key out of its model in the same change"))]
    Referred { table: String, by: String },
    /// Rows of a table that stays refer to one that goes.
    #[error("`{table}` can't be dropped: {}", referring(*rows, by))]
    #[diagnostic(help("drop `{by}` with it, or delete these rows first"))]
    ReferredByRows { table: String, by: String, rows: u64 },
    /// A foreign key would refer to what is no key.
    #[error("{key}, and would not refer to a key of it any more")]
    #[diagnostic(help(
        "let what it refers to stay a primary key or `unique`, or drop the foreign key in the same change"
    ))]
    NoKey { key: UnkeyedReference },
    /// What `using` says can't be computed of the rows, which have these columns.
    #[error("`{column}` of `{table}` can't get what `using` says: {why}")]
    #[diagnostic(help("the rows have `{}`", there.join("`, `")))]
    UsingUnreadable { column: String, table: String, why: UnreadableUsing, there: Vec<String> },
    /// A table that can't be altered.
    #[error("`{table}` can't be altered: {why}")]
    #[diagnostic(help("{}", why.help_text()))]
    Unalterable { table: String, why: UnalterableTable },
    /// A table isn't what it should be when its rows have moved.
    #[error("`{table}` was not altered: {why}")]
    #[diagnostic(help("nothing was changed; please report it"))]
    WrongRows { table: String, why: WrongRows },
    /// A table isn't what the script says when all is done.
    #[error("`{table}` was not altered: afterwards it would differ from the script: {}", differences.join("; "))]
    #[diagnostic(help("please report this; nothing was changed"))]
    StillDiffers { table: String, differences: Vec<String> },
    /// What is there afterwards isn't what the plan says.
    #[error("nothing was altered: {0}")]
    #[diagnostic(help("this is a fault of Relata: please report it; nothing was changed"))]
    Unplanned(UnplannedOutcome),
    /// The file is damaged when all is done.
    #[error("nothing was altered: {damage}")]
    #[diagnostic(help("if the file was whole before, please report it"))]
    Damaged { damage: String },
    /// The database couldn't read what it was to become.
    #[error("nothing was altered: {title} couldn't read the schema that it would have ({cause})")]
    #[diagnostic(help(
        "the file is whole, and as it was: this is a fault of Relata, please report it"
    ))]
    UnreadableSchema { title: &'static str, cause: String },
    /// Another table has an index of that name.
    #[error(
        "`{table}` can't have an index `{index}`: the table `{owner}` has it, of which the script knows nothing"
    )]
    #[diagnostic(help(
        "where `{table}` is that table under a new name, say so (`< was: \"{owner}\" >`); else give the index another name (`< name: .. >`)"
    ))]
    IndexTaken { table: String, index: String, owner: String },
    /// A table that raw SQL makes is another.
    #[error(
        "the table `{table}` is another than the one that the script keeps as SQL, which nothing is known of"
    )]
    #[diagnostic(help(
        "declare it as a model (`relata pull` writes one); or change it by SQL of your own, then the script (or `relata pull` does)"
    ))]
    RawTable { table: String },
    /// A data step that fails, with what a sentence of it says then.
    #[error("{why}")]
    StepFails {
        code: &'static str,
        why: String,
        #[help]
        help: Option<String>,
    },
    /// A data step that changes the structure.
    #[error("the step `{step}` changes the structure")]
    #[diagnostic(help("what tables are to be is declared; a step changes rows"))]
    StepAlters { step: String },
    /// A data step writes to what can't be kept.
    #[error(
        "`{table}` is kept by a module of SQLite's, and what a step writes to it could not be undone"
    )]
    #[diagnostic(help("write to it outside of the step"))]
    StepWritesModule { table: String },
    /// A view, or a trigger of a table, that would not work any more.
    #[error("{} `{name}` would not work any more: {why}", if *view { "the view" } else { "a trigger of" })]
    #[diagnostic(help("drop it first, or create it again without what is dropped"))]
    BreaksObject { view: bool, name: String, why: String },
    /// A trigger of a table that gets another name doesn't work as it is, so that it can't follow.
    #[error("`{table}` can't be renamed: a trigger of it doesn't work as it is: {why}")]
    #[diagnostic(help("drop the trigger first, or create it again as it should be"))]
    BrokenTrigger { table: String, why: String },
    /// A trigger for updates of a column that goes.
    #[error(
        "the trigger `{trigger}` is for updates of `{column}` of `{table}`, which would be dropped"
    )]
    #[diagnostic(help("drop it first, or create it again without what is dropped"))]
    TriggerOfColumn { trigger: String, column: String, table: String },
    /// `drop` of a view.
    #[error("`{name}` can't be dropped: it is a view")]
    #[diagnostic(help(
        "a view that the script made goes with its line; drop others by hand: `DROP VIEW ..`"
    ))]
    DropsView { name: String },
    /// `drop` of what the script makes.
    #[error("`{name}` can't be dropped: the script makes it, by raw SQL")]
    #[diagnostic(help("leave out one of the two"))]
    DropsMade { name: String },
    /// Somebody else's change of a table would be undone.
    #[error(
        "`{table}` was changed since the last migration by something else than Relata, and the script would undo it: {}",
        changes.join("; ")
    )]
    #[diagnostic(help(
        "take the change into the script (`relata pull`), or allow E0512 to overwrite it"
    ))]
    UndoesTable { table: String, changes: Vec<String> },
    /// Somebody else's view, index or trigger would be replaced.
    #[error(
        "the {noun} `{name}` was changed since the last migration by something else than Relata, and would be replaced"
    )]
    #[diagnostic(help(
        "take the change into the script (`relata pull`), or allow E0512 to overwrite it"
    ))]
    Replaces { noun: &'static str, name: String },
    /// A rollback.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Rollback(#[from] RollbackHazard),
}

impl HazardKind {
    /// What would be lost.
    pub const fn loss(&self) -> Loss {
        match self {
            Self::Generated { .. } | Self::DroppedColumn { .. } => Loss::Values,
            Self::Converted { .. }
            | Self::ConvertedOutOfStrict { .. }
            | Self::BecomesStrict { .. }
            | Self::UsingOtherForm { .. }
            | Self::UsingMisfits { .. }
            | Self::NoNumber { .. } => Loss::Conversion,
            Self::NullNumber { .. }
            | Self::Nulls { .. }
            | Self::UsingNull { .. }
            | Self::NullKey { .. } => Loss::Nulls,
            Self::NoValue { .. } => Loss::NoValue,
            Self::Equal { .. } | Self::EqualCollated { .. } => Loss::Duplicates,
            Self::Breaks { rule, .. } => rule.loss(),
            Self::Check { .. } => Loss::Check,
            Self::Orphans { .. } | Self::Reference { .. } => Loss::Parents,
            Self::Referred { .. } | Self::ReferredByRows { .. } => Loss::Referenced,
            Self::NoKey { .. }
            | Self::UsingUnreadable { .. }
            | Self::Unalterable { .. }
            | Self::WrongRows { .. }
            | Self::StillDiffers { .. }
            | Self::Unplanned(_)
            | Self::Damaged { .. }
            | Self::UnreadableSchema { .. }
            | Self::IndexTaken { .. }
            | Self::RawTable { .. }
            | Self::StepFails { .. }
            | Self::StepAlters { .. }
            | Self::StepWritesModule { .. }
            | Self::BrokenTrigger { .. }
            | Self::BreaksObject { .. }
            | Self::TriggerOfColumn { .. }
            | Self::DropsView { .. }
            | Self::DropsMade { .. } => Loss::Unaltered,
            Self::UndoesTable { .. } | Self::Replaces { .. } => Loss::Drift,
            Self::Rollback(it) => it.loss(),
        }
    }
}

/// A rule of a table that rows may break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowRule {
    /// A unique key.
    Unique,
    /// A check.
    Check,
    /// NOT NULL.
    NotNull,
}

impl RowRule {
    const fn loss(self) -> Loss {
        match self {
            Self::Unique => Loss::Duplicates,
            Self::Check => Loss::Check,
            Self::NotNull => Loss::Nulls,
        }
    }

    const fn broken(self) -> &'static str {
        match self {
            Self::Unique => "have what only one may have",
            Self::Check => "break a check",
            Self::NotNull => "be null where they may not be",
        }
    }
}

/// A foreign key that refers to what is no key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("`{}` of `{table}` refers to `{parent}`", columns.join("`, `"))]
pub struct UnkeyedReference {
    /// Its columns.
    pub columns: Vec<String>,
    /// Its table.
    pub table: String,
    /// What it refers to.
    pub parent: String,
}

/// Why rows can't get what `using` says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableUsing {
    /// They don't have this.
    #[error("it reads `{0}`, which the rows don't have")]
    Missing(String),
    /// The database says so.
    #[error("{0}")]
    Refused(String),
}

/// Why a table can't be altered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnalterableTable {
    /// Nobody knows what it is.
    #[error("the statement that made it can't be read")]
    Unreadable,
    /// That isn't possible there yet.
    #[error("on {title} it isn't possible yet to {what}")]
    NotYet {
        /// The database's name.
        title: &'static str,
        /// What.
        what: String,
    },
    /// The database can't read what it would be, and says why.
    #[error("{title} can't read what it would be: {why}")]
    UnreadableOutcome {
        /// The database's name.
        title: &'static str,
        /// What it says.
        why: String,
    },
}

impl UnalterableTable {
    const fn help_text(&self) -> &'static str {
        match self {
            Self::Unreadable | Self::NotYet { .. } => {
                "alter it by hand; nothing else of it is in the way"
            }
            Self::UnreadableOutcome { .. } => "nothing was changed; please report it",
        }
    }
}

/// In what rows aren't what they were when they have moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongRows {
    /// There are more of them, or fewer.
    #[error("its rows would not be as many")]
    Count,
    /// There would be no column.
    #[error("no column of it would be left")]
    NoColumn,
    /// They have other values.
    #[error("its rows would not be the same")]
    Values,
}

/// What is there afterwards, and the plan says nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the object's kind and its name")]
pub enum UnplannedOutcome {
    /// Something isn't there any more.
    #[error("the {noun} `{name}` would be dropped, and the plan doesn't say so")]
    Gone { noun: &'static str, name: String },
    /// Something is another.
    #[error("the {noun} `{name}` would be another one, and the plan doesn't say so")]
    Another { noun: &'static str, name: String },
    /// A table's rows are others.
    #[error(
        "the {noun} `{name}` would have other rows, or other numbers of rows, and the plan doesn't say so"
    )]
    OtherRows { noun: &'static str, name: String },
    /// Another program can't read it.
    #[error("another program could not read it any more ({0})")]
    Unreadable(String),
    /// A table isn't whole.
    #[error("`{table}` would be damaged ({damage})")]
    Damaged { table: String, damage: String },
}

fn referring(rows: u64, by: &str) -> String {
    let refer = if rows == 1 { "refers" } else { "refer" };
    format!("{} of `{by}` {refer} to it", counted(rows))
}

fn renamed(
    column: &str,
    likely: Option<&(String, String)>,
    taken: Option<&(String, String)>,
) -> String {
    if let Some((attribute, new)) = taken {
        return format!(
            "; `was: {column}` of `{attribute}` has no effect, since there is a column `{new}`: where `{column}` is to get that name, drop `{new}` in a change before this one"
        );
    }
    likely.map_or_else(String::new, |(new, attribute)| {
        let whose = if new == attribute {
            "that attribute's options".to_owned()
        } else {
            format!("the options of `{attribute}`")
        };
        format!("; if it is `{new}` now, write `was: {column}` among {whose}")
    })
}

fn using(attribute: &str) -> String {
    format!("`using: (expression)` among the options of `{attribute}`")
}

fn converted(attribute: &str, strict: bool, outcome: &MisfitOutcome) -> String {
    let using = using(attribute);
    if strict {
        return format!("say how with {using}, or change the rows: the table is strict");
    }
    let allowed = match outcome {
        MisfitOutcome::Kept => " to keep them as they are".to_owned(),
        MisfitOutcome::Changed { rows, from, to } => {
            format!(", with which {} would get another value: {from} becomes {to}", counted(*rows))
        }
        MisfitOutcome::Converted => " to take what the database makes of them".to_owned(),
    };
    format!("say how with {using}, change the rows, or allow E0502{allowed}")
}

fn given(implied: Option<&str>, was: Option<&str>) -> String {
    match (implied, was) {
        (Some(own), Some(was)) => {
            format!("declare it, as what it was: `{own}: DATE < allowNull: false, was: {was} >`")
        }
        (Some(own), None) => format!(
            "declare it, with a value for them: `{own}: DATE < allowNull: false, using: (now()) >`"
        ),
        (None, Some(was)) => {
            format!("write `was: {was}` among its options, and it has their values")
        }
        (None, None) => {
            "give it a `defaultValue`, or `using: (expression)`, or let it be null".to_owned()
        }
    }
}

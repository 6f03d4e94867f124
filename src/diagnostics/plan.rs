//! What a database lacks: problems of a schema in one dialect.

use super::{Having, Lack, UnfitValues};
use crate::source::Span;
use miette::Diagnostic;

super::catalogue! {
/// Problems of a schema in one dialect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum PlanProblem {
    /// A type that the database lacks.
    #[error("{dialect} has no type {data_type}")]
    #[diagnostic(code("E0303"))]
    LacksType {
        /// Which database.
        dialect: &'static str,
        /// What it lacks: `ARRAY`
        data_type: &'static str,
        /// The attribute.
        #[label("not a type there")]
        at: Span,
        /// Which databases have it.
        #[help]
        having: Option<Having>,
    },
    /// Something of a database that another one has no words for.
    #[error("{dialect} has no words for {what}: {why}")]
    #[diagnostic(
        code("W0019"),
        severity(Warning),
        help("it is a comment at the end of the script: say it in that database's own words")
    )]
    NoWords {
        /// Which database.
        dialect: &'static str,
        /// What: "the trigger `t`".
        what: String,
        /// Why, or what it becomes.
        why: String,
    },
    /// Something of a server's database that a pulled script doesn't say.
    #[error("the script doesn't say {what}: {why}")]
    #[diagnostic(
        code("W0024"),
        severity(Warning),
        help("it is a comment at the end of the script, too; whoever makes the database again does it by SQL")
    )]
    Unsaid {
        /// What: "the policy `p` of `t`".
        what: String,
        /// What becomes of it.
        why: String,
    },
    /// Values of a database that another one can't take.
    #[error("{what}")]
    #[diagnostic(
        code("W0023"),
        severity(Warning),
        help("rows that have them can't be copied as they are: change them, or the type in the script")
    )]
    UnfitValues {
        /// Which.
        what: UnfitValues,
    },
    /// A spelling that a column of the type can't have.
    #[error("{message}")]
    #[diagnostic(code("E0324"))]
    ColumnType {
        /// What is wrong: "a STRING isn't stored as `INTEGER` stores".
        message: String,
        /// The attribute.
        #[label("spelled `{spelled}`")]
        at: Span,
        /// As said.
        spelled: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// One name for two things.
    #[error("two things would be called `{name}` in the database")]
    #[diagnostic(
        code("E0404"),
        help("give one of them another `name`; {dialect} has one name for each, {scope}")
    )]
    SameName {
        /// The name.
        name: String,
        /// What the first one is: "an index".
        first_what: &'static str,
        /// Its place.
        #[label("{first_what}")]
        first: Span,
        /// What the second one is.
        again_what: &'static str,
        /// Its place.
        #[label("and {again_what}")]
        again: Span,
        /// Which database.
        dialect: &'static str,
        /// Within what: "in the whole database, whatever the letter case".
        scope: &'static str,
    },
    /// A name that is someone else's.
    #[error("the name `{name}` is {whose} own")]
    #[diagnostic(
        code("E0616"),
        help("give {what} another name: those that begin with `{prefix}` are {whose}")
    )]
    Reserved {
        /// The name.
        name: String,
        /// What would have it: "the table".
        what: &'static str,
        /// How such names begin.
        prefix: &'static str,
        /// "Relata's".
        whose: &'static str,
        /// The place.
        #[label("{what}")]
        at: Span,
    },
    /// Something other than a type that the database lacks.
    #[error("{dialect} has no {what}")]
    #[diagnostic(code("E0430"), help("{}", what.help_text()))]
    Lacks {
        /// Which database.
        dialect: &'static str,
        /// What it lacks.
        what: Lack,
        /// The place.
        #[label("not possible there")]
        at: Span,
    },
    /// A view that includes lists of rows.
    #[error("the view `{view}` includes `{association}`, which leads to many rows")]
    #[diagnostic(
        code("E0434"),
        help(
            "a row of a view is flat: take the include away, or count with `(count({association})) as n`"
        )
    )]
    ViewOfLists {
        /// The view.
        view: String,
        /// The association.
        association: String,
        /// The view's place.
        #[label("a view has no lists")]
        at: Span,
    },
    /// `` sql`..` `` as a sentence that creates nothing.
    #[error("raw SQL as a sentence has to be one CREATE statement")]
    #[diagnostic(
        code("E0613"),
        help("such as `CREATE TRIGGER name ...`: `sync` runs it where no such object exists")
    )]
    NotACreate {
        /// The sentence.
        #[label("creates nothing that has a name")]
        at: Span,
    },
    /// A name that is too long.
    #[error("the name `{name}` is too long for {dialect}")]
    #[diagnostic(code("E0431"))]
    NameTooLong {
        /// The name.
        name: String,
        /// Which database.
        dialect: &'static str,
        /// The place.
        #[label("at most {most}")]
        at: Span,
        /// How long it may be: "63 bytes".
        most: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A raw type in a strict table.
    #[error("a strict table has no column type `{data_type}`")]
    #[diagnostic(
        code("E0432"),
        help("take one of INT, INTEGER, REAL, TEXT, BLOB and ANY, or take `strict` away")
    )]
    NotStrict {
        /// As written.
        data_type: String,
        /// The attribute.
        #[label("this column's type")]
        at: Span,
        /// The model.
        #[label("its table is strict")]
        model: Span,
    },
    /// Digits that a database doesn't keep.
    #[error("{dialect} keeps {kept} digits of `{attribute}`, which has {precision}")]
    #[diagnostic(
        code("W0005"),
        severity(Warning),
        help(
            "longer numbers are rounded; `STRING` keeps every digit, `BIGINT` counts the smallest unit"
        )
    )]
    DecimalRounded {
        /// Which database.
        dialect: &'static str,
        /// `Invoice.amount`
        attribute: String,
        /// How many digits are asked for.
        precision: u32,
        /// How many are kept.
        kept: u32,
        /// The attribute.
        #[label("stored as a floating point number")]
        at: Span,
    },
    /// `deferrable` where keys are checked at once.
    #[error("{dialect} checks foreign keys at once")]
    #[diagnostic(
        code("W0008"),
        severity(Warning),
        help(
            "`deferrable` is left out there; rows that refer to each other need a key that may be null"
        )
    )]
    ChecksAtOnce {
        /// Which database.
        dialect: &'static str,
        /// The key.
        #[label("this key can't wait for the transaction's end")]
        at: Span,
    },
}
}

//! E02xx names, verbs and options; E03xx types and values; E04xx models and associations: what sentences mean.

use super::{Excess, Forbidden, ForeignValues, Help, OtherForm, Stray};
use crate::source::Span;
use miette::Diagnostic;

super::catalogue! {
/// Problems in the meaning of sentences.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum CheckProblem {
    // ---- E02xx: names, verbs, options ------------------------------------------------------
    /// No verb of that name.
    #[error("there is no verb `{verb}`")]
    #[diagnostic(code("E0201"))]
    UnknownVerb {
        /// As written.
        verb: String,
        /// Its place.
        #[label("unknown verb")]
        at: Span,
        /// The nearest one, or all.
        #[help]
        help: Option<Help>,
    },
    /// No option of that name.
    #[error("{owner} has no option `{option}`")]
    #[diagnostic(code("E0202"))]
    UnknownOption {
        /// Whose options: "`belongsTo`", "an attribute".
        owner: String,
        /// As written.
        option: String,
        /// Its place.
        #[label("unknown option")]
        at: Span,
        /// The nearest one, or all.
        #[help]
        help: Option<Help>,
    },
    /// An option twice in one list.
    #[error("`{option}` is given twice")]
    #[diagnostic(code("E0203"), help("keep one of the two"))]
    DuplicateOption {
        /// Which one.
        option: String,
        /// The first place.
        #[label("first given here")]
        first: Span,
        /// The second.
        #[label("and again here")]
        again: Span,
    },
    /// No model of that name.
    #[error("there is no model `{name}`")]
    #[diagnostic(code("E0204"))]
    UnknownModel {
        /// As written.
        name: String,
        /// Its place.
        #[label("unknown model")]
        at: Span,
        /// The nearest one.
        #[help]
        help: Option<Help>,
    },
    /// No attribute of that name.
    #[error("`{model}` has no attribute `{name}`")]
    #[diagnostic(code("E0205"))]
    UnknownAttribute {
        /// Whose.
        model: String,
        /// As written.
        name: String,
        /// Its place.
        #[label("unknown attribute")]
        at: Span,
        /// The nearest one, or all.
        #[help]
        help: Option<Help>,
    },
    /// An option that can't be left out.
    #[error("`{verb}` needs the option `{option}`")]
    #[diagnostic(code("E0206"))]
    MissingOption {
        /// Whose option.
        verb: String,
        /// Which one.
        option: String,
        /// The sentence.
        #[label("`{option}` is missing")]
        at: Span,
        /// What to write.
        #[help]
        help: Option<String>,
    },
    /// A view that becomes too large where the views that it reads are put in.
    #[error(
        "the view `{view}` is too large: with the views that it reads put in, it has more than {most} names, values and operators"
    )]
    #[diagnostic(
        code("E0225"),
        help(
            "each view that uses an attribute of the one below several times makes it so many times as large: compute it once, in a `generated` attribute"
        )
    )]
    ViewTooLarge {
        /// The view.
        view: String,
        /// How large it may be.
        most: u64,
        /// Its name.
        #[label("too large")]
        at: Span,
    },
    /// Dates in another form than Relata's.
    #[error("{what}")]
    #[diagnostic(code("W0017"), severity(Warning), help("{}", what.help_text()))]
    OtherDates {
        /// What has them.
        what: OtherForm,
        /// The attribute.
        #[label("compared as texts, letter by letter")]
        at: Span,
    },
    /// Values that their column's type doesn't have.
    #[error("{what}")]
    #[diagnostic(code("W0018"), severity(Warning), help("{}", what.help_text()))]
    OtherValues {
        /// Which.
        what: ForeignValues,
        /// The attribute.
        #[label("this attribute")]
        at: Span,
    },
    /// A sentence that lacks a part or has one too many.
    #[error("{message}")]
    #[diagnostic(code("E0210"))]
    Malformed {
        /// What is wrong: "`model` needs a name".
        message: String,
        /// Its place.
        #[label("{label}")]
        at: Span,
        /// What this place is.
        label: String,
        /// How it is written.
        #[help]
        help: Option<Help>,
    },
    /// No association of that name.
    #[error("`{model}` has no association `{name}`")]
    #[diagnostic(code("E0211"))]
    UnknownAssociation {
        /// Whose.
        model: String,
        /// As written.
        name: String,
        /// Its place.
        #[label("unknown association")]
        at: Span,
        /// The nearest one, or all.
        #[help]
        help: Option<Help>,
    },
    /// No scope of that name.
    #[error("`{model}` has no scope `{name}`")]
    #[diagnostic(code("E0212"))]
    UnknownScope {
        /// Whose.
        model: String,
        /// As written.
        name: String,
        /// Its place.
        #[label("unknown scope")]
        at: Span,
        /// The nearest one, or all.
        #[help]
        help: Option<Help>,
    },
    /// A sentence in a place where it means nothing.
    #[error("{what} does not belong here")]
    #[diagnostic(code("E0213"))]
    NotHere {
        /// What.
        what: Stray,
        /// Its place.
        #[label("{label}")]
        at: Span,
        /// What this place is.
        label: String,
        /// Where it belongs.
        #[help]
        help: Option<Help>,
    },
    /// No validator of that name.
    #[error("there is no validator `{name}`")]
    #[diagnostic(code("E0214"))]
    UnknownValidator {
        /// As written.
        name: String,
        /// Its place.
        #[label("unknown validator")]
        at: Span,
        /// The nearest one.
        #[help]
        help: Option<Help>,
    },

    /// No variable of that name.
    #[error("there is no variable `{name}`")]
    #[diagnostic(code("E0215"))]
    UnknownVariable {
        /// As written.
        name: String,
        /// Its place.
        #[label("unknown variable")]
        at: Span,
        /// The nearest one, or what to do.
        #[help]
        help: Option<Help>,
    },
    /// A change of rows that doesn't say which.
    #[error("`{verb}` needs `where`, or `all`")]
    #[diagnostic(code("E0207"))]
    WhichRows {
        /// Its verb.
        verb: String,
        /// Its place.
        #[label("of which rows?")]
        at: Span,
        /// What to write.
        #[help]
        help: Option<String>,
    },
    /// A row that is sought by nothing.
    #[error("`findOrCreate` doesn't say which row it looks for")]
    #[diagnostic(code("E0218"))]
    AnyRow {
        /// What is sought.
        #[label("any row would do")]
        at: Span,
        /// What to write.
        #[help]
        help: Option<String>,
    },
    /// More of something than a statement may hold.
    #[error("{what}, and a statement takes {most}")]
    #[diagnostic(code("E0222"))]
    TooMuch {
        /// What there is.
        what: Excess,
        /// So many there may be.
        most: usize,
        /// The place.
        #[label("too many")]
        at: Span,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// An attribute of a held row that wasn't read.
    #[error("`{name}` of this `{model}` was not read")]
    #[diagnostic(code("E0219"))]
    Unread {
        /// The attribute.
        name: String,
        /// The row's model.
        model: String,
        /// Where it is used.
        #[label("{label}")]
        at: Span,
        /// Why it isn't known.
        label: String,
        /// What to write.
        #[help]
        help: Option<String>,
    },
    /// A text where a name is meant.
    #[error("a text stands where a name is meant")]
    #[diagnostic(code("E0221"))]
    QuotedName {
        /// What it is in.
        place: String,
        /// The text.
        #[label("{place} takes names, and this is a value")]
        at: Span,
        /// The line to write.
        #[help]
        help: Option<Help>,
    },
    /// A constant where something of a row is meant.
    #[error("a constant is the same for all rows")]
    #[diagnostic(code("E0316"))]
    Constant {
        /// The option that it is in.
        option: String,
        /// The constant.
        #[label("in `{option}` it does nothing")]
        at: Span,
        /// What to write.
        #[help]
        help: Option<String>,
    },
    /// Two attributes, or two models, that were the same one.
    #[error("`{one}` and `{two}` can't both have been `{was}`")]
    #[diagnostic(code("E0436"), help("keep `was` where its rows are to be"))]
    SameFormer {
        /// What they were.
        was: String,
        /// The first of them.
        one: String,
        /// The other one.
        two: String,
        /// Where the first one is declared.
        #[label("was `{was}`")]
        first: Span,
        /// Where the other one is.
        #[label("and so was this")]
        again: Span,
    },
    /// `sync < alter >` in a transaction.
    #[error("`sync < alter >` can't run inside of a transaction")]
    #[diagnostic(code("E0208"), help("write it before the transaction: it is one by itself"))]
    AlterInTransaction {
        /// Its place.
        #[label("inside of a transaction")]
        at: Span,
    },

    /// What the program that runs the script forbids.
    #[error("{what} is not allowed here")]
    #[diagnostic(code("E0216"), help("the program that runs this script forbids it"))]
    NotAllowed {
        /// What.
        what: Forbidden,
        /// Its place.
        #[label("forbidden")]
        at: Span,
    },

    /// A sentence that would write through a view.
    #[error("`{view}` is a view, and views are read-only")]
    #[diagnostic(code("E0217"))]
    ReadOnly {
        /// Its name.
        view: String,
        /// The verb's place.
        #[label("would write through it")]
        at: Span,
        /// Where it is declared.
        #[label("`{view}` is declared here")]
        declared: Span,
        /// What to write.
        #[help]
        help: Option<String>,
    },

    // ---- E03xx: types and values -----------------------------------------------------------
    /// No type of that name.
    #[error("there is no type `{name}`")]
    #[diagnostic(code("E0301"))]
    UnknownType {
        /// As written.
        name: String,
        /// Its place.
        #[label("unknown type")]
        at: Span,
        /// The nearest one.
        #[help]
        help: Option<Help>,
    },
    /// Arguments or suffixes that a type doesn't take.
    #[error("{message}")]
    #[diagnostic(code("E0302"))]
    TypeArguments {
        /// What is wrong: "`TIME` takes no argument".
        message: String,
        /// Its place.
        #[label("{label}")]
        at: Span,
        /// What this place is.
        label: String,
        /// What the type takes.
        #[help]
        help: Option<Help>,
    },
    /// A value of another kind than its attribute.
    #[error("{value} does not fit {type_name}")]
    #[diagnostic(code("E0304"))]
    DoesNotFit {
        /// The value, in words or as written.
        value: String,
        /// The type, as written.
        type_name: String,
        /// The value's place.
        #[label("{reason}")]
        at: Span,
        /// Why: "longer than 3 characters".
        reason: String,
        /// What fits.
        #[help]
        help: Option<Help>,
    },
    /// An option's value of the wrong kind.
    #[error("`{option}` takes {expected}")]
    #[diagnostic(code("E0305"))]
    WrongKind {
        /// Whose value.
        option: String,
        /// What it takes: "true or false".
        expected: String,
        /// The value's place.
        #[label("this is {found}")]
        at: Span,
        /// What stands there.
        found: String,
        /// What to write.
        #[help]
        help: Option<Help>,
    },
    /// A word that is none of those an option knows.
    #[error("`{word}` is not {expected}")]
    #[diagnostic(code("E0306"))]
    UnknownWord {
        /// As written.
        word: String,
        /// Of what kind it should be: "a referential action".
        expected: String,
        /// Its place.
        #[label("unknown word")]
        at: Span,
        /// The nearest one, or all.
        #[help]
        help: Option<Help>,
    },
    /// An enumeration of nothing.
    #[error("an enumeration needs at least one member")]
    #[diagnostic(
        code("E0307"),
        help("name the values that the attribute may have: `ENUM(draft, paid)`")
    )]
    EmptyEnumeration {
        /// Its place.
        #[label("no members")]
        at: Span,
    },
    /// A member twice.
    #[error("`{member}` is a member twice")]
    #[diagnostic(code("E0308"), help("keep one of the two"))]
    DuplicateMember {
        /// Which one.
        member: String,
        /// The first place.
        #[label("first here")]
        first: Span,
        /// The second.
        #[label("and again here")]
        again: Span,
    },
    /// An attribute without a type.
    #[error("the attribute `{attribute}` has no type")]
    #[diagnostic(code("E0309"))]
    MissingType {
        /// Which one.
        attribute: String,
        /// Its place.
        #[label("a type is missing behind the colon")]
        at: Span,
        /// What to write.
        #[help]
        help: Option<String>,
    },
    /// Something that an expression of the schema can't hold.
    #[error("{what} can't stand in {place}")]
    #[diagnostic(code("E0310"))]
    NotInExpression {
        /// What.
        what: Stray,
        /// Where: "a check".
        place: &'static str,
        /// Its place.
        #[label("not possible here")]
        at: Span,
        /// What to do.
        #[help]
        help: Option<Help>,
    },
    /// A validator's arguments are wrong.
    #[error("the validator `{name}` takes {expected}")]
    #[diagnostic(code("E0311"))]
    ValidatorArguments {
        /// Which one.
        name: String,
        /// What it takes.
        expected: String,
        /// Their place.
        #[label("this is {found}")]
        at: Span,
        /// What stands there.
        found: String,
        /// What to do.
        #[help]
        help: Option<Help>,
    },

    /// Operands of kinds that have nothing in common.
    #[error("{one} and {other} can't be compared")]
    #[diagnostic(code("E0313"))]
    Incomparable {
        /// The one kind: "a text".
        one: String,
        /// The other.
        other: String,
        /// The left operand.
        #[label("{left_is}")]
        left: Span,
        /// What it is: "STRING".
        left_is: String,
        /// The right one.
        #[label("{right_is}")]
        right: Span,
        /// What it is.
        right_is: String,
        /// What to write.
        #[help]
        help: Option<Help>,
    },
    /// An operand that its operator can't do anything with.
    #[error("{message}")]
    #[diagnostic(code("E0314"))]
    WrongOperand {
        /// What is needed: "`+` takes numbers".
        message: String,
        /// The operand.
        #[label("{found}")]
        at: Span,
        /// What it is: "STRING".
        found: String,
        /// What to write.
        #[help]
        help: Option<Help>,
    },

    /// A pattern that is no regular expression.
    #[error("`{pattern}` is no regular expression: {reason}")]
    #[diagnostic(
        code("E0315"),
        help("a bracket, a dot or another sign that is meant as itself stands behind a backslash, which a text writes twice: `\"a\\\\(b\"`")
    )]
    NoPattern {
        /// As written.
        pattern: String,
        /// Why it is none.
        reason: String,
        /// Its place.
        #[label("nothing matches this")]
        at: Span,
    },

    // ---- E04xx: models and associations ----------------------------------------------------
    /// Two declarations of one name.
    #[error("`{name}` is declared twice")]
    #[diagnostic(code("E0401"))]
    DeclaredTwice {
        /// Which one.
        name: String,
        /// The first place.
        #[label("first declared here")]
        first: Span,
        /// The second.
        #[label("and again here")]
        again: Span,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// Two attributes on one column.
    #[error("`{model}` has two attributes on the column `{column}`")]
    #[diagnostic(code("E0402"))]
    SameColumn {
        /// Whose.
        model: String,
        /// Which column.
        column: String,
        /// The first place.
        #[label("first here")]
        first: Span,
        /// The second.
        #[label("and again here")]
        again: Span,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// Two models on one table.
    #[error("two models are on the table `{table}`")]
    #[diagnostic(
        code("E0403"),
        help("give one of them another `tableName`; names that differ in case only are one name")
    )]
    SameTable {
        /// Which table.
        table: String,
        /// The first model.
        #[label("this model's table")]
        first: Span,
        /// The second.
        #[label("and this one's")]
        again: Span,
    },
    /// `autoIncrement` where it can't be.
    #[error("{message}")]
    #[diagnostic(code("E0405"))]
    AutoIncrement {
        /// Why.
        message: String,
        /// Its place.
        #[label("can't count up")]
        at: Span,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// An `id` that is no key.
    #[error("`id` of `{model}` is not the primary key, and no other attribute is")]
    #[diagnostic(
        code("E0406"),
        help(
            "write `id: INTEGER < primaryKey >`, make another attribute the primary key, or say `id: false` on the model"
        )
    )]
    IdIsNoKey {
        /// Whose.
        model: String,
        /// Its place.
        #[label("a plain attribute")]
        at: Span,
    },
    /// `paranoid` without timestamps.
    #[error("`paranoid` needs timestamps")]
    #[diagnostic(
        code("E0407"),
        help(
            "take `timestamps: false` away, or `paranoid`; without a time of deletion, rows would be deleted for good"
        )
    )]
    ParanoidWithoutTimestamps {
        /// Where it says `paranoid`.
        #[label("rows are to be marked as deleted")]
        paranoid: Span,
        /// Where it says no timestamps.
        #[label("but there is no time to mark them with")]
        timestamps: Span,
    },
    /// `validate: { notNull }` on an attribute that may be null.
    #[error("the validator `{validator}` needs `allowNull: false`")]
    #[diagnostic(code("E0408"), help("add `allowNull: false` to the attribute's options"))]
    ValidatorNeedsNotNull {
        /// `notNull`
        validator: String,
        /// Its place.
        #[label("the attribute may be null")]
        at: Span,
    },
    /// An action without a key.
    #[error("`{option}` of an attribute needs a foreign key")]
    #[diagnostic(
        code("E0409"),
        help(
            "say what the attribute refers to, `references: {{ model: User }}`, or declare an association with it as its `foreignKey`"
        )
    )]
    ActionWithoutKey {
        /// `onDelete` or `onUpdate`
        option: String,
        /// Its place.
        #[label("nothing is referred to")]
        at: Span,
    },
    /// Two declarations of one key say different things.
    #[error("two declarations of the key `{key}` disagree about {about}")]
    #[diagnostic(code("E0410"))]
    KeysDisagree {
        /// `Invoices.UserId`
        key: String,
        /// "`onDelete`", "the model it refers to"
        about: String,
        /// What the first one says.
        first_says: String,
        /// Its place.
        #[label("{first_says}")]
        first: Span,
        /// What the second one says.
        then_says: String,
        /// Its place.
        #[label("{then_says}")]
        again: Span,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// An option that SQL takes as a word, and that is none.
    #[error("`{option}` is a word of letters, digits and `_`")]
    #[diagnostic(code("E0323"), help("write the word alone: `{option}: {example}`"))]
    NoWord {
        /// The option.
        option: String,
        /// Its value.
        #[label("this is more than a word")]
        at: Span,
        /// A word that it takes.
        example: &'static str,
    },
    /// A verb that two associations make.
    #[error("`{verb}` may mean two associations of `{model}`: `{first_name}` and `{second_name}`")]
    #[diagnostic(
        code("E0435"),
        help(
            "name the rows of one of them otherwise, by its `as`: `as: {{ singular: .., plural: .. }}`"
        )
    )]
    AmbiguousVerb {
        /// The verb.
        verb: String,
        /// Whose associations.
        model: String,
        /// The one.
        first_name: String,
        /// The other.
        second_name: String,
        /// The verb's place.
        #[label("which one?")]
        at: Span,
        /// Where the one is declared.
        #[label("`{first_name}` has it")]
        first: Span,
        /// Where the other is.
        #[label("and `{second_name}`")]
        second: Span,
    },
    /// Two associations of one name.
    #[error("`{model}` has two associations called `{name}`")]
    #[diagnostic(code("E0411"))]
    SameAssociation {
        /// Whose.
        model: String,
        /// The name.
        name: String,
        /// The first place.
        #[label("first here")]
        first: Span,
        /// The second.
        #[label("and again here")]
        again: Span,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// An association and an attribute of one name.
    #[error("`{model}` has an association and an attribute called `{name}`")]
    #[diagnostic(code("E0412"))]
    NamedLikeAttribute {
        /// Whose.
        model: String,
        /// The name.
        name: String,
        /// The association.
        #[label("the association")]
        association: Span,
        /// The attribute.
        #[label("the attribute")]
        attribute: Span,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A composite primary key can't be referred to by one column.
    #[error("{message}")]
    #[diagnostic(code("E0413"))]
    NoSingleKey {
        /// What is wrong.
        message: String,
        /// The association.
        #[label("refers to `{target}`")]
        at: Span,
        /// The model.
        target: String,
        /// Its declaration.
        #[label("{why}")]
        declared: Span,
        /// Why it can't be referred to.
        why: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// `setNull` on a key that can't be null.
    #[error("the key `{key}` can't be set to null")]
    #[diagnostic(code("E0414"))]
    SetNullOnNotNull {
        /// `Invoices.UserId`
        key: String,
        /// Where the action is.
        #[label("sets it to null")]
        at: Span,
        /// Where it says that it can't be null.
        #[label("but it can't be null")]
        not_null: Span,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// An action for a constraint that is left out.
    #[error("`{option}` needs the constraint that `constraints: false` leaves out")]
    #[diagnostic(code("E0415"), help("take `{option}` away, or `constraints: false`"))]
    ActionWithoutConstraint {
        /// `onDelete` or `onUpdate`
        option: String,
        /// Its place.
        #[label("what the constraint would do")]
        at: Span,
        /// Where it is left out.
        #[label("no constraint")]
        constraints: Span,
    },
    /// Two pairs of models through one table.
    #[error("two pairs of models go through `{through}`, which has no primary key of its own")]
    #[diagnostic(code("E0416"))]
    SharedThrough {
        /// The through model.
        through: String,
        /// The first place.
        #[label("first here")]
        first: Span,
        /// The second.
        #[label("and again here")]
        again: Span,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// `withoutRowid` without a key.
    #[error("`{model}` is `withoutRowid`, which needs a primary key of its own")]
    #[diagnostic(
        code("E0417"),
        help(
            "make an attribute the primary key, without `autoIncrement`: `code: STRING < primaryKey >`"
        )
    )]
    WithoutRowid {
        /// Whose.
        model: String,
        /// Its place.
        #[label("{label}")]
        at: Span,
        /// What this place is.
        label: String,
    },
    /// A base that is none.
    #[error("{message}")]
    #[diagnostic(code("E0418"))]
    BadBase {
        /// Why: "`User` is not abstract".
        message: String,
        /// Its place.
        #[label("{label}")]
        at: Span,
        /// What this place is.
        label: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// An abstract model has no table.
    #[error("`{name}` is abstract and has no table")]
    #[diagnostic(code("E0419"))]
    AbstractUsed {
        /// Which one.
        name: String,
        /// Its place.
        #[label("needs a table")]
        at: Span,
        /// Its declaration.
        #[label("declared as abstract here")]
        declared: Span,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// An index of nothing.
    #[error("`{verb}` needs members")]
    #[diagnostic(code("E0420"))]
    NoMembers {
        /// `index` or `unique`
        verb: String,
        /// Its place.
        #[label("of what?")]
        at: Span,
        /// How it is written.
        #[help]
        help: Option<String>,
    },
    /// Options that contradict each other.
    #[error("{message}")]
    #[diagnostic(code("E0421"))]
    Contradiction {
        /// Why.
        message: String,
        /// The one.
        #[label("{label}")]
        at: Span,
        /// What this place is.
        label: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A table without columns.
    #[error("the table of `{model}` would have no column")]
    #[diagnostic(code("E0422"), help("give it an attribute, or take `id: false` away"))]
    NoColumns {
        /// Whose.
        model: String,
        /// Its place.
        #[label("no attribute is a column")]
        at: Span,
    },
    /// Two constraints of one name.
    #[error("two constraints of `{model}` are called `{name}`")]
    #[diagnostic(code("E0423"), help("give one of them another name"))]
    SameConstraint {
        /// Whose.
        model: String,
        /// The name.
        name: String,
        /// The first place.
        #[label("first here")]
        first: Span,
        /// The second.
        #[label("and again here")]
        again: Span,
    },
    /// The two keys of a through table are one.
    #[error("both keys of the through table would be called `{key}`")]
    #[diagnostic(
        code("E0424"),
        help("give each key a name: `foreignKey: parentId, otherKey: childId`")
    )]
    SameKeys {
        /// The name.
        key: String,
        /// The association.
        #[label("leads from a model to itself")]
        at: Span,
    },
    /// A key that is no column.
    #[error("`{attribute}` is no column, so nothing can refer to it")]
    #[diagnostic(code("E0425"), help("name an attribute that is stored: `targetKey: id`"))]
    KeyIsNoColumn {
        /// `User.fullName`
        attribute: String,
        /// The association.
        #[label("refers to it")]
        at: Span,
        /// The attribute.
        #[label("computed when it is read")]
        declared: Span,
    },

    /// A key of so many columns is said to refer to another number of them.
    #[error("the key `{key}` has {has}, and what it refers to has {refers}")]
    #[diagnostic(code("E0426"), help("name as many attributes on both sides, in the same order: `foreignKey: [orgId, userId], targetKey: [orgId, userId]`"))]
    KeyWidth {
        /// `Shift.(orgId, userId)`
        key: String,
        /// "2 columns"
        has: String,
        /// "one column"
        refers: String,
        /// The key.
        #[label("{has}")]
        at: Span,
        /// What it refers to.
        #[label("{refers}")]
        said: Span,
    },
    /// One attribute is named twice in a key.
    #[error("`{name}` is named twice in one key")]
    #[diagnostic(code("E0427"), help("name another attribute in one of the two places"))]
    KeyColumnTwice {
        /// The attribute.
        name: String,
        /// The first place.
        #[label("named here")]
        first: Span,
        /// The second.
        #[label("and again here")]
        again: Span,
    },

    // ---- W00xx: warnings -------------------------------------------------------------------
    /// An action that sets a column to null by which another key refers.
    #[error("when `{key}` is set to null, another key loses its `{column}`")]
    #[diagnostic(
        code("W0010"),
        severity(Warning),
        help("the database sets all columns of the key to null; `noAction` or `cascade` leave the other key alone")
    )]
    SetsSharedNull {
        /// `Shift.(orgId, userId)`
        key: String,
        /// The column.
        column: String,
        /// The action.
        #[label("sets `{column}` to null, too")]
        at: Span,
        /// The other key.
        #[label("refers by `{column}`")]
        other: Span,
    },
    /// A referenced column is made unique.
    #[error("`{attribute}` is made unique, since a foreign key refers to it")]
    #[diagnostic(code("W0001"), severity(Warning))]
    MadeUnique {
        /// `User.firstName`
        attribute: String,
        /// The association.
        #[label("a key must point at one row")]
        at: Span,
        /// The attribute.
        #[label("{label}")]
        declared: Span,
        /// What may be so far.
        label: String,
        /// What to write.
        #[help]
        help: Option<String>,
    },
    /// Two sides that make two keys.
    #[error("`{has}` and `{belongs}` make two keys, `{first_key}` and `{second_key}`")]
    #[diagnostic(code("W0002"), severity(Warning))]
    TwoKeys {
        /// `User hasMany Invoice`
        has: String,
        /// `Invoice belongsTo User`
        belongs: String,
        /// The one key.
        first_key: String,
        /// The other.
        second_key: String,
        /// The one side.
        #[label("makes the key `{first_key}`")]
        first: Span,
        /// The other.
        #[label("makes the key `{second_key}`")]
        second: Span,
        /// What to write.
        #[help]
        help: Option<String>,
    },
    /// One association under two names.
    #[error("`{first_name}` and `{second_name}` of `{model}` are the same association")]
    #[diagnostic(code("W0003"), severity(Warning))]
    SameTwice {
        /// Whose.
        model: String,
        /// The one name.
        first_name: String,
        /// The other.
        second_name: String,
        /// The first place.
        #[label("declared here")]
        first: Span,
        /// The second.
        #[label("and again here, by the same key")]
        again: Span,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A key of another type than its target.
    #[error("the key `{key}` is {key_type}, but refers to {target_type}")]
    #[diagnostic(code("W0004"), severity(Warning))]
    KeyType {
        /// `Invoices.UserId`
        key: String,
        /// The key's type.
        key_type: String,
        /// The target's type.
        target_type: String,
        /// The key.
        #[label("{key_type}")]
        at: Span,
        /// The target.
        #[label("{target_type}")]
        target: Span,
        /// What to write.
        #[help]
        help: Option<String>,
    },
    /// A table that no model is on.
    #[error("no model is on the table `{table}`")]
    #[diagnostic(code("W0007"), severity(Warning))]
    OutsideTable {
        /// Which table.
        table: String,
        /// Its place.
        #[label("not among the script's tables")]
        at: Span,
        /// What to do.
        #[help]
        help: String,
    },
}
}

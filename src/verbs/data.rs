//! The verbs that read and write rows.

use super::facts::{Argument, Effect, Subject, Yields, verbs};
use super::options::{Opt, OptionId, Side, Takes, members, opt};

verbs! {
    /// A verb that reads or writes rows.
    RowVerb:
    /// `findAll`
    FindAll {
        name: "findAll",
        subject: Subject::Model,
        argument: Argument::Nothing,
        effect: Effect::Reads,
        yields: Yields::Rows,
        options: &[QUERY],
        usage: "Invoice findAll < where: (amount > 100) >",
        summary: "reads rows",
    }
    /// `findOne`
    FindOne {
        name: "findOne",
        subject: Subject::Model,
        argument: Argument::Nothing,
        effect: Effect::Reads,
        yields: Yields::Row,
        options: &[QUERY],
        usage: "User findOne < where: (id = 1) >",
        summary: "reads the first row",
    }
    /// `findByPk`
    FindByPk {
        name: "findByPk",
        subject: Subject::Model,
        argument: Argument::Key,
        effect: Effect::Reads,
        yields: Yields::Row,
        options: &[QUERY],
        usage: "User findByPk 1",
        summary: "reads a row by its primary key",
    }
    /// `findAndCountAll`
    FindAndCountAll {
        name: "findAndCountAll",
        subject: Subject::Model,
        argument: Argument::Nothing,
        effect: Effect::Reads,
        yields: Yields::Value,
        options: &[QUERY],
        usage: "User findAndCountAll < limit: 10 >",
        summary: "reads rows and counts them all",
    }
    /// `findOrCreate`
    FindOrCreate {
        name: "findOrCreate",
        subject: Subject::Model,
        argument: Argument::Row,
        effect: Effect::Writes,
        yields: Yields::Row,
        options: &[&[
            opt(OptionId::Defaults, Takes::Row(Side::Source), "what a new row has beside"),
            WHERE,
            opt(OptionId::Paranoid, Takes::Flag, "false: deleted rows too"),
        ]],
        usage: "User findOrCreate { email: \"a@x.org\" } < defaults: { age: 1 } >",
        summary: "reads a row, or writes it",
    }
    /// `count`
    Count {
        name: "count",
        subject: Subject::Model,
        argument: Argument::Attribute,
        effect: Effect::Reads,
        yields: Yields::Value,
        options: &[AGGREGATE],
        usage: "User count < where: (age > 30) >",
        summary: "counts rows",
    }
    /// `sum`
    Sum {
        name: "sum",
        subject: Subject::Model,
        argument: Argument::Attribute,
        effect: Effect::Reads,
        yields: Yields::Value,
        options: &[AGGREGATE],
        usage: "Invoice sum amount",
        summary: "adds up",
    }
    /// `min`
    Min {
        name: "min",
        subject: Subject::Model,
        argument: Argument::Attribute,
        effect: Effect::Reads,
        yields: Yields::Value,
        options: &[AGGREGATE],
        usage: "Invoice min amount",
        summary: "the least",
    }
    /// `max`
    Max {
        name: "max",
        subject: Subject::Model,
        argument: Argument::Attribute,
        effect: Effect::Reads,
        yields: Yields::Value,
        options: &[AGGREGATE],
        usage: "Invoice max amount",
        summary: "the greatest",
    }
    /// `avg`
    Avg {
        name: "avg",
        subject: Subject::Model,
        argument: Argument::Attribute,
        effect: Effect::Reads,
        yields: Yields::Value,
        options: &[AGGREGATE],
        usage: "Invoice avg amount",
        summary: "the mean",
    }
    /// `create`
    Create {
        name: "create",
        subject: Subject::Model,
        argument: Argument::Row,
        effect: Effect::Writes,
        yields: Yields::Row,
        options: &[&[FIELDS, VALIDATE]],
        usage: "User create { firstName: \"Ann\" }",
        summary: "writes a row",
    }
    /// `bulkCreate`
    BulkCreate {
        name: "bulkCreate",
        subject: Subject::Model,
        argument: Argument::Rows,
        effect: Effect::Writes,
        yields: Yields::Rows,
        options: &[&[
            FIELDS,
            VALIDATE,
            IGNORE,
            UPDATE,
            CONFLICT,
        ]],
        usage: "User bulkCreate [{ firstName: \"Ann\" }, { firstName: \"Bob\" }]",
        summary: "writes rows, all or none",
    }
    /// `upsert`
    Upsert {
        name: "upsert",
        subject: Subject::Model,
        argument: Argument::Row,
        effect: Effect::Writes,
        yields: Yields::Row,
        options: &[&[FIELDS, VALIDATE, CONFLICT]],
        usage: "User upsert { id: 1, firstName: \"Ann\" }",
        summary: "writes a row, or changes it",
    }
    /// `update`
    Update {
        name: "update",
        subject: Subject::Either,
        argument: Argument::Row,
        effect: Effect::Writes,
        yields: Yields::Value,
        options: &[&[WHERE, ALL_ROWS, LIMIT, ORDER, FIELDS, VALIDATE, PARANOID]],
        usage: "User update { age: 31 } < where: (id = 1) >",
        summary: "changes rows",
    }
    /// `increment`
    Increment {
        name: "increment",
        subject: Subject::Either,
        argument: Argument::Row,
        effect: Effect::Writes,
        yields: Yields::Value,
        options: &[&[WHERE, ALL_ROWS, PARANOID]],
        usage: "User increment { age: 1 } < where: (id = 1) >",
        summary: "adds to rows",
    }
    /// `decrement`
    Decrement {
        name: "decrement",
        subject: Subject::Either,
        argument: Argument::Row,
        effect: Effect::Writes,
        yields: Yields::Value,
        options: &[&[WHERE, ALL_ROWS, PARANOID]],
        usage: "User decrement { age: 1 } < where: (id = 1) >",
        summary: "takes from rows",
    }
    /// `destroy`
    Destroy {
        name: "destroy",
        subject: Subject::Either,
        argument: Argument::Nothing,
        effect: Effect::Writes,
        yields: Yields::Value,
        options: &[&[
            WHERE,
            ALL_ROWS,
            LIMIT,
            ORDER,
            opt(OptionId::Force, Takes::Flag, "for good, also where the model is paranoid"),
        ]],
        usage: "User destroy < where: (id = 1) >",
        summary: "deletes rows",
    }
    /// `restore`
    Restore {
        name: "restore",
        subject: Subject::Either,
        argument: Argument::Nothing,
        effect: Effect::Writes,
        yields: Yields::Value,
        options: &[&[WHERE, ALL_ROWS]],
        usage: "User restore < where: (id = 1) >",
        summary: "brings deleted rows back",
    }
    /// `truncate`
    Truncate {
        name: "truncate",
        subject: Subject::Model,
        argument: Argument::Nothing,
        effect: Effect::Writes,
        yields: Yields::Value,
        options: &[],
        usage: "User truncate",
        summary: "deletes all rows",
    }
    /// `load`
    Load {
        name: "load",
        subject: Subject::Model,
        argument: Argument::File,
        effect: Effect::Writes,
        yields: Yields::Value,
        options: &[&[
            opt(OptionId::Columns, Takes::Columns, "what the file's names stand for"),
            opt(OptionId::Delimiter, Takes::Text, "what stands between fields: \";\", \"\\t\""),
            opt(OptionId::Skip, Takes::Number, "so many lines before the one with the names"),
            IGNORE,
            UPDATE,
            CONFLICT,
        ]],
        usage: "User load \"users.csv\" < columns: { Name: firstName } >",
        summary: "writes rows from a file",
    }
    /// `reload`
    Reload {
        name: "reload",
        subject: Subject::Row,
        argument: Argument::Nothing,
        effect: Effect::Reads,
        yields: Yields::Row,
        options: &[],
        usage: "ann reload",
        summary: "reads a row again",
    }
}

const WHERE: Opt = opt(OptionId::Where, Takes::Condition, "only the rows of which this holds");
const ALL_ROWS: Opt = opt(OptionId::All, Takes::Flag, "all rows are meant");
const LIMIT: Opt = opt(OptionId::Limit, Takes::Number, "at most how many");
const ORDER: Opt = opt(OptionId::Order, Takes::List { ordered: true }, "which ones first");
const PARANOID: Opt = opt(OptionId::Paranoid, Takes::Flag, "false: deleted rows too");
const FIELDS: Opt =
    opt(OptionId::Fields, Takes::List { ordered: false }, "only these attributes are written");
const VALIDATE: Opt = opt(OptionId::Validate, Takes::Flag, "false: validators are not asked");
const IGNORE: Opt =
    opt(OptionId::IgnoreDuplicates, Takes::Flag, "rows that exist already are passed over");
const UPDATE: Opt = opt(
    OptionId::UpdateOnDuplicate,
    Takes::List { ordered: false },
    "these attributes of rows that exist already change",
);
const CONFLICT: Opt =
    opt(OptionId::ConflictFields, Takes::List { ordered: false }, "what makes a row the same");

/// The options of a query, which a scope has too.
pub const QUERY: &[Opt] = &[
    opt(OptionId::Attributes, Takes::Selection, "what a row has"),
    WHERE,
    opt(OptionId::Include, Takes::Associations, "what is read beside the rows"),
    opt(OptionId::Order, Takes::List { ordered: true }, "in which order"),
    LIMIT,
    opt(OptionId::Offset, Takes::Number, "how many are passed over"),
    opt(OptionId::Group, Takes::List { ordered: false }, "by what rows are put together"),
    opt(OptionId::Having, Takes::Condition, "only the groups of which this holds"),
    opt(OptionId::Distinct, Takes::Flag, "equal rows count once"),
    opt(OptionId::Raw, Takes::Flag, "flat rows, as the database has them"),
    PARANOID,
];

/// What an include has beside a query's options.
pub const INCLUDE: &[Opt] = &[
    opt(OptionId::Required, Takes::Flag, "only rows that have one"),
    opt(OptionId::Separate, Takes::Flag, "by a statement of its own"),
    THROUGH,
    opt(OptionId::As, Takes::Name, "the association's name"),
];

/// What `getTags` and its kin have beside their own options where a table links the rows.
pub(super) const LINKED: &[Opt] = &[THROUGH];

/// The options of `hasTag`.
pub(super) const HAS: &[Opt] = &[WHERE, PARANOID];

const THROUGH: Opt = opt(
    OptionId::Through,
    Takes::Object(members("{ attributes, where, as }", &[THROUGH_ROW])),
    "the row of the through table",
);

/// The options of `through` in a query.
const THROUGH_ROW: &[Opt] = &[
    opt(OptionId::Attributes, Takes::Selection, "what the row has"),
    opt(OptionId::Where, Takes::Condition, "which rows"),
    opt(OptionId::As, Takes::Name, "its name in the result"),
    PARANOID,
];

/// What `setInvoices` has where rows refer to the one that they are linked to.
pub(super) const ORPHANS: &[Opt] =
    &[opt(OptionId::Destroy, Takes::Flag, "rows that are linked no more are destroyed")];

/// What verbs take that write through rows: `ann addProject p < through: { role: "lead" } >`
pub(super) const LINK: &[Opt] =
    &[opt(OptionId::Through, Takes::Row(Side::Target), "what the through row holds")];

const AGGREGATE: &[Opt] = &[
    WHERE,
    opt(OptionId::Include, Takes::Associations, "only rows that have these, where `required`"),
    opt(OptionId::Group, Takes::List { ordered: false }, "one result for each group"),
    opt(OptionId::Distinct, Takes::Flag, "equal values count once"),
    PARANOID,
];

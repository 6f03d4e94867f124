//! The verbs that read and write rows.

use super::facts::{Argument, Effect, Subject, Yields, verbs};
use super::options::{Opt, opt};

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
            opt("defaults", "{ attribute: value }", "what a new row has beside"),
            WHERE,
            opt("paranoid", FLAG, "false: deleted rows too"),
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
            opt("ignoreDuplicates", FLAG, "rows that are there already are passed over"),
            opt("updateOnDuplicate", "a list", "these attributes of rows that are there already change"),
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
            opt("force", FLAG, "for good, also where the model is paranoid"),
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
        options: &[&[opt("columns", "{ Name: attribute }", "what the file's names stand for")]],
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

const FLAG: &str = "true or false";
const WHERE: Opt = opt("where", "(expression)", "only the rows of which this holds");
const ALL_ROWS: Opt = opt("all", FLAG, "all rows are meant");
const LIMIT: Opt = opt("limit", "a number", "at most how many");
const ORDER: Opt = opt("order", "a list", "which ones first");
const PARANOID: Opt = opt("paranoid", FLAG, "false: deleted rows too");
const FIELDS: Opt = opt("fields", "a list", "only these attributes are written");
const VALIDATE: Opt = opt("validate", FLAG, "false: validators are not asked");
const CONFLICT: Opt = opt("conflictFields", "a list", "what makes a row the same");

/// The options of a query, which a scope has too.
pub const QUERY: &[Opt] = &[
    opt("attributes", "a list, or { include, exclude }", "what a row has"),
    WHERE,
    opt("include", "associations", "what is read beside the rows"),
    opt("order", "a list", "in which order"),
    LIMIT,
    opt("offset", "a number", "how many are passed over"),
    opt("group", "a list", "by what rows are put together"),
    opt("having", "(expression)", "only the groups of which this holds"),
    opt("distinct", FLAG, "equal rows count once"),
    opt("raw", FLAG, "flat rows, as the database has them"),
    PARANOID,
];

const AGGREGATE: &[Opt] = &[
    WHERE,
    opt("include", "associations", "only rows that have these, where `required`"),
    opt("group", "a list", "one result for each group"),
    opt("distinct", FLAG, "equal values count once"),
    PARANOID,
];

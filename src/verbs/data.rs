//! The verbs that read and write rows.

use super::options::{Opt, opt};
use super::{Place, Verb};

pub(super) const ALL: &[&Verb] = &[
    &FIND_ALL,
    &verb("findOne", QUERY, "User findOne < where: (id = 1) >", "reads the first row"),
    &verb("findByPk", QUERY, "User findByPk 1", "reads a row by its primary key"),
    &verb(
        "findAndCountAll",
        QUERY,
        "User findAndCountAll < limit: 10 >",
        "reads rows and counts them all",
    ),
    &verb(
        "findOrCreate",
        &[
            opt("defaults", "{ attribute: value }", "what a new row has beside"),
            WHERE,
            opt("paranoid", FLAG, "false: deleted rows too"),
        ],
        "User findOrCreate { email: \"a@x.org\" } < defaults: { age: 1 } >",
        "reads a row, or writes it",
    ),
    &verb("count", AGGREGATE, "User count < where: (age > 30) >", "counts rows"),
    &verb("sum", AGGREGATE, "Invoice sum amount", "adds up"),
    &verb("min", AGGREGATE, "Invoice min amount", "the least"),
    &verb("max", AGGREGATE, "Invoice max amount", "the greatest"),
    &verb("avg", AGGREGATE, "Invoice avg amount", "the mean"),
    &verb("create", &[FIELDS, VALIDATE], "User create { firstName: \"Ann\" }", "writes a row"),
    &verb(
        "bulkCreate",
        &[
            FIELDS,
            VALIDATE,
            opt("ignoreDuplicates", FLAG, "rows that are there already are passed over"),
            opt(
                "updateOnDuplicate",
                "a list",
                "these attributes of rows that are there already change",
            ),
            CONFLICT,
        ],
        "User bulkCreate [{ firstName: \"Ann\" }, { firstName: \"Bob\" }]",
        "writes rows, all or none",
    ),
    &verb(
        "upsert",
        &[FIELDS, VALIDATE, CONFLICT],
        "User upsert { id: 1, firstName: \"Ann\" }",
        "writes a row, or changes it",
    ),
    &verb(
        "update",
        &[WHERE, ALL_ROWS, LIMIT, ORDER, FIELDS, VALIDATE, PARANOID],
        "User update { age: 31 } < where: (id = 1) >",
        "changes rows",
    ),
    &verb(
        "increment",
        &[WHERE, ALL_ROWS, PARANOID],
        "User increment { age: 1 } < where: (id = 1) >",
        "adds to rows",
    ),
    &verb(
        "decrement",
        &[WHERE, ALL_ROWS, PARANOID],
        "User decrement { age: 1 } < where: (id = 1) >",
        "takes from rows",
    ),
    &verb(
        "destroy",
        &[
            WHERE,
            ALL_ROWS,
            LIMIT,
            ORDER,
            opt("force", FLAG, "for good, also where the model is paranoid"),
        ],
        "User destroy < where: (id = 1) >",
        "deletes rows",
    ),
    &verb(
        "restore",
        &[WHERE, ALL_ROWS],
        "User restore < where: (id = 1) >",
        "brings deleted rows back",
    ),
    &verb("truncate", &[], "User truncate", "deletes all rows"),
    &verb(
        "load",
        &[opt("columns", "{ Name: attribute }", "what the file's names stand for")],
        "User load \"users.csv\" < columns: { Name: firstName } >",
        "writes rows from a file",
    ),
    &verb("reload", &[], "ann reload", "reads a row again"),
];

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

/// `Invoice findAll < .. >`
pub const FIND_ALL: Verb =
    verb("findAll", QUERY, "Invoice findAll < where: (amount > 100) >", "reads rows");

const fn verb(
    name: &'static str,
    options: &'static [Opt],
    usage: &'static str,
    summary: &'static str,
) -> Verb {
    Verb { name, place: Place::Second, usage, summary, options }
}

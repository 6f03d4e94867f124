//! The verbs that read and write rows: known, but not carried out by this version.

use super::options::{Opt, opt};
use super::{Place, Verb};

pub(super) const ALL: &[&Verb] = &[
    &FIND_ALL,
    &query(
        "findOne",
        "User findOne < where: (id = 1) >",
        "reads the first row",
    ),
    &query(
        "findByPk",
        "User findByPk 1",
        "reads a row by its primary key",
    ),
    &query(
        "findAndCountAll",
        "User findAndCountAll < limit: 10 >",
        "reads rows and counts them all",
    ),
    &query(
        "findOrCreate",
        "User findOrCreate { email: \"a@x.org\" }",
        "reads a row, or writes it",
    ),
    &query("count", "User count < where: (age > 30) >", "counts rows"),
    &query("sum", "Invoice sum amount", "adds up"),
    &query("min", "Invoice min amount", "the least"),
    &query("max", "Invoice max amount", "the greatest"),
    &query("avg", "Invoice avg amount", "the mean"),
    &write(
        "create",
        "User create { firstName: \"Ann\" }",
        "writes a row",
    ),
    &write(
        "bulkCreate",
        "User bulkCreate [{ firstName: \"Ann\" }]",
        "writes rows",
    ),
    &write(
        "upsert",
        "User upsert { id: 1, firstName: \"Ann\" }",
        "writes a row, or changes it",
    ),
    &write(
        "update",
        "User update { age: 31 } < where: (id = 1) >",
        "changes rows",
    ),
    &write(
        "increment",
        "User increment { age: 1 } < where: (id = 1) >",
        "adds to rows",
    ),
    &write(
        "decrement",
        "User decrement { age: 1 } < where: (id = 1) >",
        "takes from rows",
    ),
    &write(
        "destroy",
        "User destroy < where: (id = 1) >",
        "deletes rows",
    ),
    &write(
        "restore",
        "User restore < where: (id = 1) >",
        "brings deleted rows back",
    ),
    &write("truncate", "User truncate", "deletes all rows"),
    &write("load", "User load \"users.csv\"", "writes rows from a file"),
    &write("reload", "ann reload", "reads a row again"),
];

/// The options of a query, which a scope has too.
pub const QUERY: &[Opt] = &[
    opt(
        "attributes",
        "a list, or { include, exclude }",
        "what a row has",
    ),
    opt("where", "(expression)", "only the rows of which this holds"),
    opt("include", "associations", "what is read beside the rows"),
    opt("order", "a list", "in which order"),
    opt("limit", "a number", "at most how many"),
    opt("offset", "a number", "how many are passed over"),
    opt("group", "a list", "by what rows are put together"),
    opt(
        "having",
        "(expression)",
        "only the groups of which this holds",
    ),
    opt("distinct", "true or false", "equal rows count once"),
    opt(
        "raw",
        "true or false",
        "flat rows, as the database has them",
    ),
    opt("paranoid", "true or false", "false: deleted rows too"),
];

/// `Invoice findAll < .. >`
pub const FIND_ALL: Verb = query(
    "findAll",
    "Invoice findAll < where: (amount > 100) >",
    "reads rows",
);

const fn query(name: &'static str, usage: &'static str, summary: &'static str) -> Verb {
    Verb {
        name,
        place: Place::Second,
        usage,
        summary,
        options: QUERY,
        ready: false,
    }
}

const fn write(name: &'static str, usage: &'static str, summary: &'static str) -> Verb {
    Verb {
        name,
        place: Place::Second,
        usage,
        summary,
        options: &[],
        ready: false,
    }
}

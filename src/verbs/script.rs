//! The sentences of a script that declare nothing: `sync`, `drop`, `import`, `let`, `transaction` and the like.

use super::options::opt;
use super::{Place, Verb};

pub(super) const ALL: &[&Verb] =
    &[&IMPORT, &SYNC, &DROP, &LET, &TRANSACTION, &ROLLBACK, &PRINT, &ASSERT];

/// `import "billing.schema"`
pub const IMPORT: Verb = Verb {
    name: "import",
    place: Place::First,
    usage: "import \"billing.schema\"",
    summary: "brings another file in, once",
    options: &[],
};

/// `sync`
pub const SYNC: Verb = Verb {
    name: "sync",
    place: Place::Both,
    usage: "sync < force >",
    summary: "creates the tables that are missing",
    options: &[
        opt("force", "true or false", "drop and create again"),
        opt("alter", "true or false", "change the tables into what the script says"),
        opt("allow", "a list of codes", "which losses are meant, under `alter`"),
        opt("keep", "true or false", "leave unknown columns as they are, under `alter`"),
    ],
};

/// `drop`
pub const DROP: Verb = Verb {
    name: "drop",
    place: Place::Both,
    usage: "User drop",
    summary: "drops the tables",
    options: &[],
};

const LET: Verb = script("let", "let ann = User create { firstName: \"Ann\" }", "keeps a value");
const TRANSACTION: Verb =
    script("transaction", "transaction { .. }", "all of its sentences or none");
const ROLLBACK: Verb = script("rollback", "rollback", "leaves a transaction and undoes it");
const PRINT: Verb = script("print", "print ann.firstName", "prints a value");
const ASSERT: Verb =
    script("assert", "assert (ann.firstName = \"Ann\")", "stops where something doesn't hold");

const fn script(name: &'static str, usage: &'static str, summary: &'static str) -> Verb {
    Verb { name, place: Place::First, usage, summary, options: &[] }
}

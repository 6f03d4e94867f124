//! The sentences of a model's body.

use super::data::QUERY;
use super::options::{Opt, opt};
use super::{Place, Verb};

pub(super) const ALL: &[&Verb] = &[&INDEX, &UNIQUE, &CHECK, &SCOPE, &DROP_NAME];

const NAME: Opt = opt("name", "a name", "its name");
const WHERE: Opt = opt("where", "(expression)", "only the rows of which this holds");

/// `index (a, b desc) < unique, where: (..), name: n >`
pub const INDEX: Verb = Verb {
    name: "index",
    place: Place::Body,
    usage: "index (lastName, firstName desc) < unique, name: by_name >",
    summary: "finds rows fast",
    options: &[opt("unique", "true or false", "no two rows have the same"), WHERE, NAME],
};

/// `unique (a, b)`
pub const UNIQUE: Verb = Verb {
    name: "unique",
    place: Place::Body,
    usage: "unique (email, role)",
    summary: "no two rows have the same",
    options: &[WHERE, NAME],
};

/// `check (..)`
pub const CHECK: Verb = Verb {
    name: "check",
    place: Place::Body,
    usage: "check (length(firstName) > 0) < name: has_name >",
    summary: "what holds of each row",
    options: &[NAME],
};

/// `scope active < where: (..) >`
pub const SCOPE: Verb = Verb {
    name: "scope",
    place: Place::Body,
    usage: "scope active < where: (deletedAt is null) >",
    summary: "names a part of a query; `default` holds by itself",
    options: QUERY,
};

/// `drop oldName`
pub const DROP_NAME: Verb = Verb {
    name: "drop",
    place: Place::Body,
    usage: "drop oldName",
    summary: "lets a column go, with its values, when the database is changed",
    options: &[],
};

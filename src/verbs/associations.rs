//! `hasOne`, `hasMany`, `belongsTo` and `belongsToMany`: how models belong to each other.

use super::options::{Opt, opt};
use super::{Place, Verb};

pub(super) const ALL: &[&Verb] = &[&HAS_ONE, &HAS_MANY, &BELONGS_TO, &BELONGS_TO_MANY];

const AS: Opt = opt("as", "a name, or { singular, plural }", "the association's name");
const KEY: Opt = opt("foreignKey", "a name, or { name, attribute options }", "the key's attribute");
const SOURCE_KEY: Opt = opt("sourceKey", "an attribute of the source", "what the key refers to");
const TARGET_KEY: Opt = opt("targetKey", "an attribute of the target", "what the key refers to");
const ON_DELETE: Opt =
    opt("onDelete", "an action", "what happens to the row when the referenced one goes");
const ON_UPDATE: Opt =
    opt("onUpdate", "an action", "what happens to it when the referenced key changes");
const CONSTRAINTS: Opt =
    opt("constraints", "true or false", "whether the database enforces the key");
const UNIQUE_KEY: Opt = opt("uniqueKey", "a name", "the foreign key constraint's name");
const DEFERRABLE: Opt =
    opt("deferrable", "initiallyDeferred or initiallyImmediate", "when it is checked");
const SCOPE: Opt =
    opt("scope", "{ attribute: value }", "which of the target's rows: a polymorphic association");

const HAS: &[Opt] =
    &[AS, KEY, SOURCE_KEY, ON_DELETE, ON_UPDATE, CONSTRAINTS, UNIQUE_KEY, DEFERRABLE, SCOPE];

/// `User hasOne Profile`
pub const HAS_ONE: Verb = Verb {
    name: "hasOne",
    place: Place::Second,
    usage: "User hasOne Profile < foreignKey: userId >",
    summary: "one row of the target refers to each row: the key is the target's",
    options: HAS,
};

/// `User hasMany Invoice`
pub const HAS_MANY: Verb = Verb {
    name: "hasMany",
    place: Place::Second,
    usage: "User hasMany Invoice < as: invoices >",
    summary: "many rows of the target refer to each row: the key is the target's",
    options: HAS,
};

/// `Invoice belongsTo User`
pub const BELONGS_TO: Verb = Verb {
    name: "belongsTo",
    place: Place::Second,
    usage: "Invoice belongsTo User < as: creator, onDelete: cascade >",
    summary: "each row refers to one of the target: the key is the source's",
    options: &[AS, KEY, TARGET_KEY, ON_DELETE, ON_UPDATE, CONSTRAINTS, UNIQUE_KEY, DEFERRABLE],
};

/// `User belongsToMany Project`
pub const BELONGS_TO_MANY: Verb = Verb {
    name: "belongsToMany",
    place: Place::Second,
    usage: "User belongsToMany Project < through: Membership >",
    summary: "rows of both refer to each other: the keys are the through table's",
    options: &[
        AS,
        KEY,
        opt(
            "otherKey",
            "a name, or { name, attribute options }",
            "the key that refers to the target",
        ),
        opt(
            "through",
            "a model, a table's name, or { model, unique, scope, .. }",
            "the table of the keys",
        ),
        SOURCE_KEY,
        TARGET_KEY,
        ON_DELETE,
        ON_UPDATE,
        CONSTRAINTS,
        opt("uniqueKey", "a name", "the through table's unique key's name"),
        opt("timestamps", "true or false", "whether a through table that is made has timestamps"),
        DEFERRABLE,
        SCOPE,
    ],
};

/// What `foreignKey` and `otherKey` have beside an attribute's options.
pub const FOREIGN_KEY: &[Opt] = &[opt("name", "a name", "the key's attribute")];

/// What `through` has beside a model's options.
pub const THROUGH: &[Opt] = &[
    opt("model", "a model, or a table's name", "the table of the keys"),
    opt("unique", "true or false", "whether two rows may hold the same pair of keys"),
    opt("scope", "{ attribute: value }", "which of the through table's rows"),
];

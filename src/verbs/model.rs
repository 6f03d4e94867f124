//! `model`, `abstract`, `enum`, `view` and `defaults`: what there is.

use super::options::{Opt, opt};
use super::{Place, Verb};

pub(super) const ALL: &[&Verb] = &[&MODEL, &ABSTRACT, &ENUM, &VIEW, &DEFAULTS];

const FLAG: &str = "true or false";
const NAMED: &str = "true, false or a name";
const TEXT: &str = "a name or a text";

/// Options that `defaults` may set for every model.
const SHARED: &[Opt] = &[
    opt("timestamps", FLAG, "`createdAt` and `updatedAt` come by themselves"),
    opt("createdAt", NAMED, "the attribute of a row's creation"),
    opt("updatedAt", NAMED, "the attribute of a row's last change"),
    opt("deletedAt", NAMED, "the attribute of a row's deletion, under `paranoid`"),
    opt("paranoid", FLAG, "`destroy` marks rows instead of deleting them"),
    opt("underscored", FLAG, "columns and tables are in snake case"),
    opt("freezeTableName", FLAG, "the table is called like the model, not its plural"),
    opt("version", NAMED, "rows count their changes: a stale one can't be saved"),
    opt("schema", TEXT, "the schema that the table lies in; a prefix on SQLite"),
    opt("strict", FLAG, "the columns hold values of their types only (SQLite)"),
    opt("withoutRowid", FLAG, "the table is its primary key's index (SQLite)"),
    opt("id", "false", "no key comes by itself"),
    opt("mysql", "{ engine, charset, collate }", "what MySQL alone has"),
];

/// Options of one model.
const OWN: &[Opt] = &[
    opt("tableName", TEXT, "the table's name"),
    opt("name", "{ singular, plural }", "the names of one and of many"),
    opt("comment", "a text", "the table's comment, where the database has such"),
    opt("was", TEXT, "the model's former name: its table is renamed"),
];

/// The options of a model.
pub const MODEL_OPTIONS: [&[Opt]; 2] = [SHARED, OWN];

/// `model User { .. }`
pub const MODEL: Verb = Verb {
    name: "model",
    place: Place::First,
    usage: "model User { firstName: STRING } < timestamps: false >",
    summary: "declares a model and its table",
    options: SHARED,
};

/// `abstract model Base { .. }`
pub const ABSTRACT: Verb = Verb {
    name: "abstract",
    place: Place::First,
    usage: "abstract model Base { note: TEXT }",
    summary: "declares what models share, without a table",
    options: SHARED,
};

/// `enum Status { draft, paid }`
pub const ENUM: Verb = Verb {
    name: "enum",
    place: Place::First,
    usage: "enum Status { draft, paid }",
    summary: "declares an enumeration for many attributes",
    options: &[],
};

/// `view Debtor = Invoice findAll < .. >`
pub const VIEW: Verb = Verb {
    name: "view",
    place: Place::First,
    usage: "view Debtor = Invoice findAll < where: (amount > 100) >",
    summary: "names a query as a view",
    options: &[],
};

/// `defaults < timestamps: false >`
pub const DEFAULTS: Verb = Verb {
    name: "defaults",
    place: Place::First,
    usage: "defaults < timestamps: false, underscored >",
    summary: "sets options for all models after it in the file",
    options: SHARED,
};

/// The options of an attribute.
pub const ATTRIBUTE: &[Opt] = &[
    opt("allowNull", FLAG, "whether it may be null"),
    opt("defaultValue", "a value", "what it holds where a row says nothing"),
    opt("unique", NAMED, "no two rows have the same; of one name: the same together"),
    opt("primaryKey", FLAG, "it is, or belongs to, the primary key"),
    opt("autoIncrement", FLAG, "it counts up by itself"),
    opt("field", TEXT, "the column's name"),
    opt("comment", "a text", "the column's comment, where the database has such"),
    opt("references", "{ model, key, deferrable }", "it is a foreign key"),
    opt("onDelete", "an action", "what happens to the row when the referenced one goes"),
    opt("onUpdate", "an action", "what happens to it when the referenced key changes"),
    opt("validate", "{ validators }", "what a value must be, checked before it is written"),
    opt("get", "(expression)", "how a VIRTUAL is computed"),
    opt("generated", "(expression)", "how the database computes it"),
    opt("stored", FLAG, "what is generated is kept, not computed when read"),
    opt("collate", TEXT, "how texts are compared"),
    opt("check", "(expression)", "what holds of each row"),
    opt("was", TEXT, "its former name: the column is renamed"),
    opt(
        "using",
        "(expression)",
        "what rows that are there get when it comes, or when its type, its members or `allowNull` change",
    ),
];

/// The members of `references`.
pub const REFERENCES: &[Opt] = &[
    opt("model", "a model, or a table in quotes", "what it refers to"),
    opt("key", TEXT, "which attribute of it; its primary key unless given"),
    opt("deferrable", "initiallyDeferred or initiallyImmediate", "when it is checked"),
];

/// The members of `name`.
pub const NAME: &[Opt] =
    &[opt("singular", TEXT, "the name of one"), opt("plural", TEXT, "the name of many")];

/// The members of `mysql`.
pub const MYSQL: &[Opt] = &[
    opt("engine", TEXT, "the storage engine"),
    opt("charset", TEXT, "the character set"),
    opt("collate", TEXT, "the collation"),
];

/// The options that `defaults` takes.
pub const SHARED_OPTIONS: [&[Opt]; 1] = [SHARED];

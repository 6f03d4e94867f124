//! `model`, `abstract`, `enum`, `view`, `defaults` and `import`: what there is.

use super::facts::{Argument, Effect, Subject, Yields, verbs};
use super::options::{Opt, opt};

verbs! {
    /// A verb that declares, of its own, something that has a name.
    Declaration:
    /// `model User { .. }`
    Model {
        name: "model",
        subject: Subject::None,
        argument: Argument::Body,
        effect: Effect::Declares,
        yields: Yields::Nothing,
        options: &[SHARED, OWN],
        usage: "model User { firstName: STRING } < timestamps: false >",
        summary: "declares a model and its table",
    }
    /// `abstract model Base { .. }`
    Abstract {
        name: "abstract",
        subject: Subject::None,
        argument: Argument::Body,
        effect: Effect::Declares,
        yields: Yields::Nothing,
        options: &[SHARED, OWN],
        usage: "abstract model Base { note: TEXT }",
        summary: "declares what models share, without a table",
    }
    /// `enum Status { draft, paid }`
    Enum {
        name: "enum",
        subject: Subject::None,
        argument: Argument::Members,
        effect: Effect::Declares,
        yields: Yields::Nothing,
        options: &[],
        usage: "enum Status { draft, paid }",
        summary: "declares an enumeration for many attributes",
    }
    /// `view Debtor = Invoice findAll < .. >`
    View {
        name: "view",
        subject: Subject::None,
        argument: Argument::Assigned,
        effect: Effect::Declares,
        yields: Yields::Nothing,
        options: &[],
        usage: "view Debtor = Invoice findAll < where: (amount > 100) >",
        summary: "names a query as a view",
    }
    /// `defaults < timestamps: false >`
    Defaults {
        name: "defaults",
        subject: Subject::None,
        argument: Argument::Nothing,
        effect: Effect::Declares,
        yields: Yields::Nothing,
        options: &[SHARED],
        usage: "defaults < timestamps: false, underscored >",
        summary: "sets options for all models after it in the file",
    }
    /// `import "billing.schema"`
    Import {
        name: "import",
        subject: Subject::None,
        argument: Argument::File,
        effect: Effect::Control,
        yields: Yields::Nothing,
        options: &[],
        usage: "import \"billing.schema\"",
        summary: "brings another file in, once",
    }
}

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

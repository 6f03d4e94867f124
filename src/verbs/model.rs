//! `model`, `abstract`, `enum`, `view`, `defaults` and `import`: what there is.

use super::facts::{Argument, Effect, Subject, Yields, verbs};
use super::options::{Opt, OptionId, Takes, members, opt};

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
        summary: "names a query as a view, or the columns of one that SQL makes",
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
    /// `once "split names" { .. }`
    Once {
        name: "once",
        subject: Subject::None,
        argument: Argument::Sentences,
        effect: Effect::Declares,
        yields: Yields::Nothing,
        options: &[],
        usage: "once \"split names\" { User update { nick: (name) } < all > }",
        summary: "moves values while the tables change, once for each database",
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

/// Options that `defaults` may set for every model.
pub(super) const SHARED: &[Opt] = &[
    opt(OptionId::Timestamps, Takes::Flag, "`createdAt` and `updatedAt` are added"),
    opt(OptionId::CreatedAt, Takes::Named, "the attribute of a row's creation"),
    opt(OptionId::UpdatedAt, Takes::Named, "the attribute of a row's last change"),
    opt(OptionId::DeletedAt, Takes::Named, "the attribute of a row's deletion, under `paranoid`"),
    opt(OptionId::Paranoid, Takes::Flag, "`destroy` marks rows instead of deleting them"),
    opt(OptionId::Underscored, Takes::Flag, "columns and tables are in snake case"),
    opt(
        OptionId::FreezeTableName,
        Takes::Flag,
        "the table is called like the model, not its plural",
    ),
    opt(OptionId::Version, Takes::Named, "rows count their changes: a stale one can't be saved"),
    opt(OptionId::Schema, Takes::Name, "the schema that the table lies in; a prefix on SQLite"),
    opt(OptionId::Strict, Takes::Flag, "the columns hold values of their types only (SQLite)"),
    opt(OptionId::WithoutRowid, Takes::Flag, "the table is its primary key's index (SQLite)"),
    opt(OptionId::Id, Takes::Off, "no `id` is added"),
    opt(
        OptionId::Mysql,
        Takes::Object(members("{ engine, charset, collate }", &[MYSQL])),
        "what MySQL alone has",
    ),
];

/// Options of one model.
pub(super) const OWN: &[Opt] = &[
    opt(OptionId::TableName, Takes::Name, "the table's name"),
    opt(
        OptionId::Name,
        Takes::Parts(members("{ singular, plural }", &[NAME])),
        "the names of one and of many",
    ),
    opt(OptionId::Comment, Takes::Text, "the table's comment, where the database has such"),
    opt(OptionId::Was, Takes::Name, "the model's former name: its table is renamed"),
];

/// What `unique` says of itself.
const UNIQUE: &[Opt] = &[
    opt(OptionId::Name, Takes::Name, "attributes of one name are unique together"),
    opt(OptionId::Msg, Takes::Text, "what is said where a row breaks it"),
];

/// The options of a column of a view that SQL makes.
pub const SHOWN: &[Opt] = &[
    opt(OptionId::Field, Takes::Name, "the column's name in the view"),
    opt(
        OptionId::PrimaryKey,
        Takes::Flag,
        "it tells each row from the others, perhaps with more such",
    ),
];

/// The options of an attribute.
pub const ATTRIBUTE: &[Opt] = &[
    opt(OptionId::AllowNull, Takes::Flag, "whether it may be null"),
    opt(OptionId::DefaultValue, Takes::Value, "what it holds where a row says nothing").of_column(),
    opt(
        OptionId::Unique,
        Takes::NamedOr(members("true, false, a name, or { name, msg }", &[UNIQUE])),
        "no two rows have the same; of one name: the same together",
    )
    .of_column(),
    opt(OptionId::PrimaryKey, Takes::Flag, "it is, or belongs to, the primary key").of_column(),
    opt(OptionId::AutoIncrement, Takes::Flag, "it counts up by itself").of_column(),
    opt(OptionId::Field, Takes::Name, "the column's name").of_column(),
    opt(OptionId::Comment, Takes::Text, "the column's comment, where the database has such"),
    opt(
        OptionId::References,
        Takes::Object(
            members("{ model, key, deferrable }", &[REFERENCES])
                .needing(OptionId::Model, "say what it refers to: `references: { model: User }`"),
        ),
        "it is a foreign key",
    )
    .of_column(),
    opt(
        OptionId::OnDelete,
        Takes::Action,
        "what happens to the row when the referenced one is deleted",
    ),
    opt(OptionId::OnUpdate, Takes::Action, "what happens to it when the referenced key changes"),
    opt(
        OptionId::Validate,
        Takes::Validators,
        "what a value must be, checked before it is written",
    ),
    opt(OptionId::Get, Takes::Expression, "how a VIRTUAL is computed"),
    opt(OptionId::Generated, Takes::Expression, "how the database computes it").of_column(),
    opt(OptionId::Stored, Takes::Flag, "what is generated is kept, not computed when read"),
    opt(OptionId::Collate, Takes::Name, "how texts are compared").of_column(),
    opt(OptionId::Check, Takes::Expression, "what holds of each row").of_column(),
    opt(OptionId::ColumnType, Takes::Text, "how SQLite's column spells the type").of_column(),
    opt(OptionId::Was, Takes::Name, "its former name: the column is renamed"),
    opt(
        OptionId::Using,
        Takes::Expression,
        "what existing rows get when it is added, or when its type, its members or `allowNull` change",
    ),
];

/// The members of `references`.
pub const REFERENCES: &[Opt] = &[
    opt(OptionId::Model, Takes::Model, "what it refers to"),
    opt(OptionId::Key, Takes::Name, "which attribute of it; its primary key unless given"),
    opt(OptionId::Deferrable, Takes::Deferrable, "when it is checked"),
];

/// The members of `name`.
pub const NAME: &[Opt] = &[
    opt(OptionId::Singular, Takes::Name, "the name of one"),
    opt(OptionId::Plural, Takes::Name, "the name of many"),
];

/// The members of `mysql`.
pub const MYSQL: &[Opt] = &[
    opt(OptionId::Engine, Takes::Word("InnoDB"), "the storage engine"),
    opt(OptionId::Charset, Takes::Word("utf8mb4"), "the character set"),
    opt(OptionId::Collate, Takes::Word("utf8mb4_bin"), "the collation"),
];

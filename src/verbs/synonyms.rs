//! The words of others: what Prisma, SQL, Rails and JavaScript call a verb or an option of Relata's.

use super::bounds::into_validate;
use super::item::OptionItem;
use super::options::{Opt, OptionId};
use super::{Control, Declaration, RowVerb, Settings, TableVerb, Verb};
use crate::ast::{Member, ValueKind, ValueNode, Word};
use crate::diagnostics::{Edit, Help};
use crate::ir::{AssociationKind, Validator};
use crate::source::Span;

const VERBS: &[(&[&str], Verb)] = &[
    (
        &[
            "find", "findMany", "get", "getAll", "fetch", "select", "list", "query", "filter",
            "where", "read", "all", "pluck",
        ],
        Verb::Rows(RowVerb::FindAll),
    ),
    (
        &["findFirst", "findUnique", "first", "one", "findOneBy", "find_by", "last", "take"],
        Verb::Rows(RowVerb::FindOne),
    ),
    (&["findById", "findByID", "findByPrimaryKey", "getById"], Verb::Rows(RowVerb::FindByPk)),
    (&["findAndCount", "paginate"], Verb::Rows(RowVerb::FindAndCountAll)),
    (
        &[
            "firstOrCreate",
            "findOrInsert",
            "getOrCreate",
            "findOrBuild",
            "find_or_create_by",
            "get_or_create",
            "first_or_create",
        ],
        Verb::Rows(RowVerb::FindOrCreate),
    ),
    (&["length", "size"], Verb::Rows(RowVerb::Count)),
    (&["total"], Verb::Rows(RowVerb::Sum)),
    (&["average", "mean"], Verb::Rows(RowVerb::Avg)),
    (
        &["insert", "insertOne", "add", "new", "build", "save", "make", "persist"],
        Verb::Rows(RowVerb::Create),
    ),
    (
        &[
            "createMany",
            "insertMany",
            "bulkInsert",
            "insertAll",
            "addAll",
            "bulk_create",
            "insert_all",
        ],
        Verb::Rows(RowVerb::BulkCreate),
    ),
    (&["merge", "createOrUpdate", "insertOrUpdate", "updateOrCreate"], Verb::Rows(RowVerb::Upsert)),
    (
        &["updateMany", "set", "modify", "edit", "change", "patch", "updateOne", "update_all"],
        Verb::Rows(RowVerb::Update),
    ),
    (
        &[
            "delete",
            "deleteMany",
            "deleteOne",
            "remove",
            "removeAll",
            "erase",
            "deleteAll",
            "delete_all",
            "destroy_all",
        ],
        Verb::Rows(RowVerb::Destroy),
    ),
    (&["undelete"], Verb::Rows(RowVerb::Restore)),
    (&["clear", "empty"], Verb::Rows(RowVerb::Truncate)),
    (&["refresh"], Verb::Rows(RowVerb::Reload)),
    (&["has_one", "oneToOne"], Verb::Associate(AssociationKind::HasOne)),
    (&["has_many", "oneToMany"], Verb::Associate(AssociationKind::HasMany)),
    (&["belongs_to", "manyToOne"], Verb::Associate(AssociationKind::BelongsTo)),
    (
        &["manyToMany", "has_and_belongs_to_many", "many_to_many"],
        Verb::Associate(AssociationKind::BelongsToMany),
    ),
    (
        &["table", "class", "entity", "struct", "interface", "define"],
        Verb::Declare(Declaration::Model),
    ),
    (&["require", "include", "source"], Verb::Declare(Declaration::Import)),
    (&["log", "echo", "puts", "printf", "console.log"], Verb::Control(Control::Print)),
    (&["var", "const", "set"], Verb::Control(Control::Let)),
    (&["begin"], Verb::Control(Control::Transaction)),
    (&["migrate", "push"], Verb::Tables(TableVerb::Sync)),
];

/// The verb that others call so; where it may stand is said.
pub fn verb_of_others(word: &str, first: bool) -> Option<Verb> {
    let stands = |it: &Verb| if first { it.begins_sentence() } else { it.follows_subject() };
    let named = |it: &&(&[&str], Verb)| it.0.contains(&word) && stands(&it.1);
    VERBS.iter().find(named).map(|it| it.1)
}

const OPTIONS: &[(&[&str], OptionId)] = &[
    (&["default"], OptionId::DefaultValue),
    (&["pk", "primary", "isPrimary"], OptionId::PrimaryKey),
    (&["autoincrement", "increment", "identity", "generatedId"], OptionId::AutoIncrement),
    (&["column", "columnName", "map", "db_column", "column_name"], OptionId::Field),
    (&["isUnique"], OptionId::Unique),
    (&["note", "description", "doc", "help_text", "verbose_name"], OptionId::Comment),
    (&["ref", "reference"], OptionId::References),
    (&["validates", "validations", "validators"], OptionId::Validate),
    (&["table", "map", "db_table", "table_name"], OptionId::TableName),
    (&["softDelete", "softDeletes"], OptionId::Paranoid),
    (&["filter", "condition", "conditions", "if"], OptionId::Where),
    (&["select", "columns"], OptionId::Attributes),
    (&["sort", "orderBy", "order_by", "sortBy", "sorted"], OptionId::Order),
    (&["take", "top", "first", "max", "count"], OptionId::Limit),
    (&["skip", "from", "start"], OptionId::Offset),
    (&["via", "joinTable"], OptionId::Through),
    (&["groupBy", "group_by"], OptionId::Group),
    (&["joins", "join", "with", "populate", "relations", "includes", "eager"], OptionId::Include),
    (&["alias", "name"], OptionId::As),
    (&["fk", "key", "column", "foreign_key"], OptionId::ForeignKey),
    (&["delete"], OptionId::OnDelete),
];

/// The option of a list that others call so.
pub(super) fn option_of_others(tables: &[&'static [Opt]], name: &str) -> Option<&'static Opt> {
    let all = || tables.iter().copied().flatten();
    let named = |id: OptionId| all().find(|it| it.id == id);
    if Validator::named(name).is_some()
        && let Some(validate) = named(OptionId::Validate)
    {
        return Some(validate);
    }
    let mut known = OPTIONS.iter().filter(|it| it.0.contains(&name));
    known.find_map(|it| named(it.1))
}

/// Sequelize's `indexes: [{ fields: [name], unique: true, name: by_name }]` as the sentences of a model's body.
fn index_sentences(value: &ValueNode) -> Option<String> {
    let ValueKind::List(entries) = &value.kind else {
        return None;
    };
    let word = |value: &ValueNode| match &value.kind {
        ValueKind::Name(Word { text, .. }) | ValueKind::Text(text) => Some(text.to_string()),
        _ => None,
    };
    let sentence = |entry: &ValueNode| {
        let ValueKind::Object(braces) = &entry.kind else {
            return None;
        };
        let (mut fields, mut options) = (None, Vec::new());
        for member in &braces.members {
            let Member::Pair(pair) = member else {
                return None;
            };
            let value = pair.value.as_ref()?;
            match (pair.key.text.as_str(), &value.kind) {
                ("fields", ValueKind::List(all)) => {
                    fields = all.iter().map(word).collect::<Option<Vec<String>>>();
                }
                ("unique", ValueKind::Bool(false)) => {}
                ("unique", ValueKind::Bool(true)) => options.push("unique".to_owned()),
                ("name", _) => options.push(format!("name: {}", word(value)?)),
                _ => return None,
            }
        }
        let options = match options.as_slice() {
            [] => String::new(),
            all => format!(" < {} >", all.join(", ")),
        };
        Some(format!("`index ({}){options}`", fields?.join(", ")))
    };
    let sentences: Vec<String> = entries.iter().map(sentence).collect::<Option<_>>()?;
    (!sentences.is_empty()).then(|| sentences.join(", "))
}

/// What to write in place of an option that is said otherwise: by another option with another value, or in another place.
pub(super) fn instead(
    tables: &[&'static [Opt]],
    item: OptionItem<'_>,
    others: &Settings<'_>,
    before: Option<Span>,
) -> Option<Help> {
    let has = |id: OptionId| tables.iter().copied().flatten().any(|it| it.id == id);
    let name = item.name.text.as_str();
    let is_off = matches!(item.value.map(|it| &it.kind), Some(ValueKind::Bool(false)));
    let within = |before: &str| {
        let edits = match item.value {
            None => vec![Edit { at: item.span, text: format!("{before}: {{ {name} }}") }],
            Some(value) => vec![
                Edit { at: item.name.span, text: format!("{before}: {{ {name}") },
                Edit { at: value.span.at_end(), text: " }".to_owned() },
            ],
        };
        let text = match item.value.map(|it| &it.kind) {
            Some(ValueKind::Bool(value)) => format!("write `{before}: {{ {name}: {value} }}`"),
            None => format!("write `{before}: {{ {name} }}`"),
            Some(_) => format!("it stands in `{before}: {{ {name}: .. }}`"),
        };
        Help { text, edits }
    };
    // There may be one `foreignKey` only.
    let of_key = || {
        let key = OptionId::ForeignKey;
        let help = within(key.name());
        if !others.has(key) && !others.is_wrong(key) {
            return help;
        }
        let said = if name == "unique" { name } else { "allowNull: false" };
        format!("it stands in the braces of the key: `foreignKey: {{ name: .., {said} }}`").into()
    };
    match name {
        "required" | "notNull" | "notnull" | "not_null" | "mandatory" if has(OptionId::AllowNull) => {
            Some(Help::write(item.span, if is_off { "allowNull" } else { "allowNull: false" }))
        }
        "nullable" | "optional" | "null" if has(OptionId::AllowNull) => {
            Some(Help::write(item.span, if is_off { "allowNull: false" } else { "allowNull" }))
        }
        "index" | "indexed" | "indexes" | "db_index" if has(OptionId::AllowNull) || has(OptionId::TableName) => {
            let sentences = item.value.and_then(index_sentences);
            let sentences = sentences.unwrap_or_else(|| "`index (name)`".to_owned());
            Some(
                format!(
                    "an index stands beside the attributes, in the model's braces: {sentences}"
                )
                .into(),
            )
        }
        "unique" if has(OptionId::ForeignKey) && !has(OptionId::Through) => {
            Some(of_key())
        }
        "choices" | "enum" | "values" if has(OptionId::AllowNull) => {
            Some("the type says which there are: `ENUM(draft, paid)`".into())
        }
        "defaultScope" | "scopes" | "scope" if has(OptionId::TableName) => Some(
            "a scope stands in the model's braces: `scope default < where: (..) >`, or `scope name < .. >`".into(),
        ),
        "unique" | "primaryKey" if has(OptionId::TableName) => Some(
            "a key stands in the model's braces: `unique (name, email)`, `id: INTEGER < primaryKey >`".into(),
        ),
        "engine" | "charset" | "collate" if has(OptionId::Mysql) => {
            Some(format!("it stands in `mysql: {{ {name}: .. }}`").into())
        }
        "include" if has(OptionId::Fields) => {
            Some("what belongs to a row is written in it: leave this out".into())
        }
        "hooks" | "individualHooks" | "logging" | "benchmark" | "transaction" | "lock" | "returning"
        | "nest" | "plain" | "subQuery" | "duplicating" | "silent" | "sequelize" | "modelName"
        | "rejectOnEmpty" => Some(
            "a script has no need of it: leave it out (`transaction { .. }` holds sentences together)".into(),
        ),
        "cascade" if has(OptionId::OnDelete) && item.value.is_none() => {
            Some(Help::write(item.span, "onDelete: cascade"))
        }
        "dependent" if has(OptionId::OnDelete) => {
            let word = match item.value.map(|it| &it.kind) {
                Some(ValueKind::Name(word)) => word.text.as_str(),
                _ => "",
            };
            Some(match word {
                "destroy" | "delete" | "delete_all" => {
                    Help::write(item.span, "onDelete: cascade")
                }
                "nullify" => Help::write(item.span, "onDelete: setNull"),
                _ => "what becomes of the other rows is said by `onDelete: cascade`".into(),
            })
        }
        "where" | "order" | "limit" if has(OptionId::SourceKey) => Some(
            format!("it is said where the rows are read: `user getPosts < {name}: .. >`, `include: [posts < {name}: .. >]`").into(),
        ),
        "exclude" if has(OptionId::Attributes) && has(OptionId::Limit) => Some(match item.value {
            Some(value) => Help {
                text: "it stands in `attributes: { exclude: [..] }`".to_owned(),
                edits: vec![
                    Edit { at: item.name.span, text: "attributes: { exclude".to_owned() },
                    Edit { at: value.span.at_end(), text: " }".to_owned() },
                ],
            },
            None => "it stands in `attributes: { exclude: [..] }`".into(),
        }),
        "unsigned" if has(OptionId::AllowNull) => {
            Some("it stands behind the type: `INTEGER.UNSIGNED`".into())
        }
        "presence" | "blank" if has(OptionId::AllowNull) => {
            Some(Help::write(item.span, "allowNull: false, validate: { notEmpty: true }"))
        }
        "max_length" | "limit" | "length" | "size"
            if has(OptionId::AllowNull)
                && let Some(ValueKind::Integer(length)) = item.value.map(|it| &it.kind) =>
        {
            Some(format!("the type has the length: `STRING({length})`").into())
        }
        "minimum" | "maximum"
            if has(OptionId::AllowNull)
                && let Some(ValueKind::Integer(bound)) = item.value.map(|it| &it.kind) =>
        {
            let (word, length) = if name == "minimum" {
                ("min", format!("{bound}"))
            } else {
                ("max", format!("0, {bound}"))
            };
            Some(
                format!(
                    "of a number it is `validate: {{ {word}: {bound} }}`, of a text `validate: {{ len: [{length}] }}`"
                )
                .into(),
            )
        }
        "as" | "alias" if has(OptionId::AllowNull) => Some(
            "an attribute's name stands before its colon; `field` is the column's name".into(),
        ),
        "type" if has(OptionId::AllowNull) => {
            Some("the type stands behind the name, with its length: `name: STRING(80)`".into())
        }
        "allowNull" | "required" | "notNull" | "nullable" | "null" | "optional"
            if has(OptionId::ForeignKey) && !has(OptionId::Through) =>
        {
            let key = OptionId::ForeignKey.name();
            Some(match (name, item.value) {
                _ if others.has(OptionId::ForeignKey) => of_key(),
                ("allowNull", _) => of_key(),
                ("required" | "notNull", None) => {
                    Help::write(item.span, &format!("{key}: {{ allowNull: false }}"))
                }
                ("nullable" | "null", Some(_)) if is_off => {
                    Help::write(item.span, &format!("{key}: {{ allowNull: false }}"))
                }
                _ => "whether there must be one is said of the key: `foreignKey: { allowNull: false }`".into(),
            })
        }
        _ if has(OptionId::Validate) => into_validate(item, others, before),
        _ => None,
    }
}

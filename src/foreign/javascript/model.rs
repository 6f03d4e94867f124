//! `sequelize.define(..)` and `Model.init(..)`: attributes and options, said as a model.

use super::super::draft::{ForeignAttribute, ForeignModel, action, name, operand, options, text};
use super::condition::condition;
use super::names::Names;
use super::query;
use super::value::JsValue;

/// Sequelize's words for types that Relata has, too.
const TYPES: [&str; 24] = [
    "STRING",
    "CHAR",
    "TEXT",
    "CITEXT",
    "INTEGER",
    "TINYINT",
    "SMALLINT",
    "MEDIUMINT",
    "BIGINT",
    "FLOAT",
    "REAL",
    "DOUBLE",
    "DECIMAL",
    "NUMERIC",
    "BOOLEAN",
    "DATE",
    "DATEONLY",
    "TIME",
    "UUID",
    "BLOB",
    "ENUM",
    "JSON",
    "JSONB",
    "VIRTUAL",
];

/// The model that these attributes and options define.
pub(super) fn model(
    called: &str,
    attributes: &JsValue,
    given: Option<&JsValue>,
    names: &Names,
) -> ForeignModel {
    let mut model = ForeignModel { name: called.to_owned(), ..ForeignModel::default() };
    for (key, value) in attributes.members() {
        match attribute(key, value, names) {
            Ok(it) => model.attributes.push(it),
            Err(why) => model.remarks.push(why),
        }
    }
    for (key, value) in given.map_or(&[][..], JsValue::members) {
        option(&mut model, key, value, names);
    }
    model
}

pub(super) fn attribute(
    key: &str,
    value: &JsValue,
    names: &Names,
) -> Result<ForeignAttribute, String> {
    if key.is_empty() {
        return Err("what `...` adds has to be written out".to_owned());
    }
    let written = value.member("type").unwrap_or(value);
    let mut res = ForeignAttribute { name: key.to_owned(), ..ForeignAttribute::default() };
    res.data_type = data_type(written, value.member("values"), &mut res.remarks)
        .ok_or_else(|| format!("{key}: its type has no word in Relata"))?;
    for (option, value) in value.members() {
        if let ("validate", JsValue::Object(_)) = (option.as_str(), value) {
            validators(value, &mut res);
            continue;
        }
        match attribute_option(option, value, names) {
            Ok(it) => res.options.extend(it),
            Err(why) => res.remarks.push(format!("{key}: {why}")),
        }
    }
    Ok(res)
}

pub(super) fn data_type(
    value: &JsValue,
    members: Option<&JsValue>,
    remarks: &mut Vec<String>,
) -> Option<String> {
    let (path, arguments, suffix) = match value {
        JsValue::Path(path) | JsValue::Text(path) => (path.as_str(), &[][..], ""),
        JsValue::Call(path, arguments, suffix) => (path.as_str(), &arguments[..], suffix.as_str()),
        _ => return None,
    };
    let steps: Vec<&str> = path.split('.').collect();
    if steps.contains(&"ARRAY") {
        remarks.push("a list is kept as JSON".to_owned());
        return Some("JSON".to_owned());
    }
    let known = steps.iter().enumerate().find(|it| TYPES.contains(it.1));
    // one that Relata doesn't know is its own check's matter
    let unknown = || steps.iter().enumerate().next_back().filter(|it| is_type_word(it.1));
    let (at, word) = known.or_else(unknown)?;
    let own: Vec<&&str> = steps.iter().skip(at + 1).collect();
    let suffixes: String = own.iter().flat_map(|it| [".", it]).collect();
    let word = *word;
    let arguments = match (word, arguments) {
        ("ENUM", list) => {
            let list = members.map_or(list, std::slice::from_ref);
            let list = match list {
                [JsValue::List(items)] => items.as_slice(),
                [it @ JsValue::Object(_)] => it.member("values")?.items(),
                it => it,
            };
            let each: Option<Vec<String>> =
                list.iter().map(|it| Some(operand_member(it.text()?))).collect();
            each.filter(|it| !it.is_empty())?
        }
        ("VIRTUAL", _) => Vec::new(),
        (_, [JsValue::Object(_)]) => {
            remarks.push("the length of its type is left out".to_owned());
            Vec::new()
        }
        (_, [JsValue::Text(size)]) => vec![size.clone()],
        (_, list) => list.iter().map(JsValue::written).collect::<Option<_>>()?,
    };
    let arguments =
        if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
    Some(format!("{word}{arguments}{suffixes}{suffix}"))
}

/// `STRNG`, `GEOMETRY`
fn is_type_word(word: &str) -> bool {
    word.len() > 1 && word.chars().all(|it| it.is_ascii_uppercase())
}

/// A member of an ENUM.
fn operand_member(member: &str) -> String {
    let plain = name(member);
    if plain.starts_with('`') { text(member) } else { operand(member) }
}

/// An option of an attribute; nothing where it goes without saying.
pub(super) fn attribute_option(
    option: &str,
    value: &JsValue,
    names: &Names,
) -> Result<Option<String>, String> {
    let unsaid = || format!("`{option}` can't be said");
    Ok(match option {
        "type" | "values" => None,
        "allowNull" | "primaryKey" | "autoIncrement" => {
            Some(value.flag(option).ok_or_else(unsaid)?)
        }
        "unique" => Some(match value {
            JsValue::Text(group) => format!("unique: {}", name(group)),
            JsValue::Object(members) => {
                let message = value.member("msg").and_then(JsValue::text);
                let group = value.member("name").and_then(JsValue::text);
                let known = |it: &(String, JsValue)| match it.0.as_str() {
                    "name" => group.is_some(),
                    "msg" => message.is_some(),
                    "args" => it.1.is("true"),
                    _ => false,
                };
                if !members.iter().all(known) {
                    return Err(unsaid());
                }
                match (group, message) {
                    (None, None) => option.to_owned(),
                    (Some(group), None) => format!("unique: {}", name(group)),
                    (None, Some(message)) => format!("unique: {{ msg: {} }}", text(message)),
                    (Some(group), Some(message)) => {
                        format!("unique: {{ name: {}, msg: {} }}", name(group), text(message))
                    }
                }
            }
            _ => value.flag(option).ok_or_else(unsaid)?,
        }),
        "defaultValue" => match value {
            JsValue::Path(it) if it == "null" || it == "undefined" => None,
            JsValue::Path(it) if it == "Date.now" => Some("defaultValue: now()".to_owned()),
            // a value that the program computes
            JsValue::Path(it)
                if !matches!(it.as_str(), "true" | "false")
                    && !it.ends_with("NOW")
                    && !it.contains("UUIDV") =>
            {
                return Err(unsaid());
            }
            JsValue::Call(called, arguments, _)
                if called.ends_with("fn")
                    && arguments.iter().all(|it| matches!(it.text(), Some("now" | "NOW"))) =>
            {
                Some("defaultValue: now()".to_owned())
            }
            it => Some(format!("defaultValue: {}", it.written().ok_or_else(unsaid)?)),
        },
        "field" => Some(format!("field: {}", name(value.text().ok_or_else(unsaid)?))),
        "comment" => Some(format!("comment: {}", text(value.text().ok_or_else(unsaid)?))),
        "references" => Some(references(value, names).ok_or_else(unsaid)?),
        "onDelete" | "onUpdate" => {
            let action = value.text().and_then(action).ok_or_else(unsaid)?;
            Some(format!("{option}: {action}"))
        }
        "get" => {
            return Err("`get` is a function: write it as an expression, `get: (..)`".to_owned());
        }
        "set" => return Err("`set` is a function, which a script has none of".to_owned()),
        _ => return Err(unsaid()),
    })
}

fn references(value: &JsValue, names: &Names) -> Option<String> {
    let model = match value.member("model").unwrap_or(value) {
        JsValue::Text(table) => text(table),
        it => name(&names.model(it)?),
    };
    let mut said = vec![format!("model: {model}")];
    for (option, value) in value.members() {
        match option.as_str() {
            "model" => {}
            "key" => said.push(format!("key: {}", name(value.text()?))),
            "deferrable" => said.push(query::deferrable(value)?),
            _ => return None,
        }
    }
    Some(format!("references: {{ {} }}", said.join(", ")))
}

/// `validate: { .. }`
fn validators(value: &JsValue, attribute: &mut ForeignAttribute) {
    let mut each = Vec::new();
    for (key, value) in value.members() {
        match validator(key, value) {
            Ok(it) => each.extend(it),
            Err(why) => attribute.remarks.push(format!("{}: {why}", attribute.name)),
        }
    }
    if !each.is_empty() {
        attribute.options.push(format!("validate: {{ {} }}", each.join(", ")));
    }
}

fn validator(key: &str, value: &JsValue) -> Result<Option<String>, String> {
    let unsaid = || format!("its validator `{key}` is a function, which a script has none of");
    let one = |value: &JsValue| -> Option<String> {
        Some(match value {
            JsValue::Regex(pattern, flags) if flags.is_empty() => text(pattern),
            JsValue::Regex(pattern, flags) => format!("[{}, {}]", text(pattern), text(flags)),
            JsValue::List(items) if matches!(key, "isIn" | "notIn") => match items.as_slice() {
                [it @ JsValue::List(_)] => it.written()?,
                _ => value.written()?,
            },
            it => it.written()?,
        })
    };
    if value.is("false") {
        return Ok(None);
    }
    if value.is("true") {
        return Ok(Some(key.to_owned()));
    }
    let message = value.member("msg").and_then(JsValue::text);
    let arguments = match (value, value.member("args")) {
        (JsValue::Object(_), arguments) => arguments.filter(|it| !it.is("true")),
        (it, _) => Some(it),
    };
    let arguments = arguments.map(|it| one(it).ok_or_else(unsaid)).transpose()?;
    Ok(Some(match (arguments, message) {
        (None, None) => key.to_owned(),
        (Some(it), None) => format!("{key}: {it}"),
        (None, Some(message)) => format!("{key}: {{ msg: {} }}", text(message)),
        (Some(it), Some(message)) => format!("{key}: {{ args: {it}, msg: {} }}", text(message)),
    }))
}

pub(super) fn option(model: &mut ForeignModel, key: &str, value: &JsValue, names: &Names) {
    let said = match key {
        "modelName" | "sequelize" => return,
        "timestamps" | "paranoid" | "underscored" | "freezeTableName" => value.flag(key),
        "createdAt" | "updatedAt" | "deletedAt" | "version" => match value {
            JsValue::Text(it) => Some(format!("{key}: {}", name(it))),
            it => it.flag(key),
        },
        "tableName" | "schema" => value.text().map(|it| format!("{key}: {}", name(it))),
        "comment" => value.text().map(|it| format!("{key}: {}", text(it))),
        "name" => value.written().map(|it| format!("{key}: {}", it.replace('"', ""))),
        "indexes" => {
            for it in value.items() {
                match index(it, names) {
                    Some(it) => model.body.push(it),
                    None => model.remarks.push("an index can't be said".to_owned()),
                }
            }
            return;
        }
        "defaultScope" => {
            scope(model, "default", value, names);
            return;
        }
        "scopes" => {
            for (key, value) in value.members() {
                scope(model, key, value, names);
            }
            return;
        }
        _ => None,
    };
    match said {
        Some(it) => model.options.push(it),
        None if key.is_empty() => {
            model.remarks.push("what `...` adds has to be written out".to_owned());
        }
        None => model.remarks.push(format!("the option `{key}` can't be said")),
    }
}

fn scope(model: &mut ForeignModel, key: &str, value: &JsValue, names: &Names) {
    match query::query(value, names) {
        Some(it) if !it.is_empty() => {
            model.body.push(format!("scope {}{}", name(key), options(&it)));
        }
        _ => model.remarks.push(format!("the scope `{key}` can't be said")),
    }
}

pub(super) fn index(value: &JsValue, names: &Names) -> Option<String> {
    // the kind of index and how it is made may be more than Relata has a word for
    let only = |value: &JsValue, known: &[&str]| {
        value.members().iter().all(|it| known.contains(&it.0.as_str()))
    };
    let says = |key: &str, word: &str| {
        value
            .member(key)
            .is_none_or(|it| it.text().is_some_and(|text| text.eq_ignore_ascii_case(word)))
    };
    if !only(value, &["fields", "name", "unique", "type", "using", "where"])
        || !says("type", "UNIQUE")
        || !says("using", "BTREE")
    {
        return None;
    }
    let fields = value.member("fields")?.items();
    let fields: Option<Vec<String>> = fields
        .iter()
        .map(|field| match field {
            JsValue::Text(text) => Some(operand(text)),
            entry if only(entry, &["name", "attribute", "order"]) => {
                let field = entry.member("name").or(entry.member("attribute"))?.text()?;
                let order = entry.member("order").and_then(JsValue::text);
                let order = if order.is_some_and(|it| it.eq_ignore_ascii_case("desc")) {
                    " desc"
                } else {
                    ""
                };
                Some(format!("{}{order}", operand(field)))
            }
            _ => None,
        })
        .collect();
    let mut said = Vec::new();
    let is_unique = value.member("unique").is_some_and(|it| it.is("true"))
        || value.member("type").and_then(JsValue::text) == Some("UNIQUE");
    if is_unique {
        said.push("unique".to_owned());
    }
    if let Some(it) = value.member("name").and_then(JsValue::text) {
        said.push(format!("name: {}", name(it)));
    }
    if let Some(it) = value.member("where") {
        said.push(format!("where: ({})", condition(it, names)?));
    }
    Some(format!("index ({}){}", fields?.join(", "), options(&said)))
}

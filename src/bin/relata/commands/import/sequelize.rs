//! Sequelize's models, as `examples/sequelize-models.js` prints them: JSON.

use relata::diagnostics::Problem;
use relata::import::{self, ImportFormat};
use relata::source::Source;
use serde_json::{Map, Value};
use std::fmt::Write;

/// What they are as a script.
pub(super) fn script(source: &Source) -> Result<String, Box<Problem>> {
    let format = ImportFormat::Sequelize;
    let read: Value = serde_json::from_str(&source.text).map_err(|error| {
        let line = source.text.split_inclusive('\n').take(error.line().saturating_sub(1));
        let at = line.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
        let at = (0..=at.min(source.text.len())).rev().find(|it| source.text.is_char_boundary(*it));
        let at = at.unwrap_or_default();
        let why = error.to_string();
        let why = why.split(" at line ").next().unwrap_or_default();
        let help = "the file is what `examples/sequelize-models.js` prints: JSON";
        Box::new(import::unread(source, format, at..at, why, help))
    })?;
    let models = read.get("models").and_then(Value::as_array);
    let models = models.ok_or_else(|| {
        let help = "`examples/sequelize-models.js` prints one";
        Box::new(import::unread(source, format, 0..0, "there is no list `models`", help))
    })?;
    let (mut script, mut sentences) = (String::new(), String::new());
    for model in models.iter().filter_map(Value::as_object) {
        self::model(model, &mut script);
        let own = text_of(model, "name").unwrap_or_default();
        let all = model.get("associations").and_then(Value::as_array);
        for association in all.into_iter().flatten().filter_map(Value::as_object) {
            self::association(own, association, &mut sentences);
        }
    }
    Ok(format!("{script}\n{sentences}\nsync\n"))
}

fn text_of<'v>(of: &'v Map<String, Value>, key: &str) -> Option<&'v str> {
    of.get(key).and_then(Value::as_str)
}

fn flag(of: &Map<String, Value>, key: &str) -> Option<bool> {
    of.get(key).and_then(Value::as_bool)
}

fn name(text: &str) -> String {
    let begins = text.starts_with(|it: char| it.is_alphabetic() || it == '_');
    if begins && text.chars().all(|it| it.is_alphanumeric() || it == '_') {
        text.to_owned()
    } else {
        format!("`{}`", text.replace('`', "``"))
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// `{ model, key }`, an option's name, and a list of names.
fn options(all: &[String]) -> String {
    if all.is_empty() { String::new() } else { format!(" < {} >", all.join(", ")) }
}

fn model(model: &Map<String, Value>, out: &mut String) {
    let own = text_of(model, "name").unwrap_or_default();
    let _ = writeln!(out, "model {} {{", name(own));
    let attributes = model.get("attributes").and_then(Value::as_object);
    for (attribute, said) in attributes.into_iter().flatten() {
        if let Some(said) = said.as_object() {
            self::attribute(attribute, said, out);
        }
    }
    let indexes = model.get("indexes").and_then(Value::as_array);
    for index in indexes.into_iter().flatten().filter_map(Value::as_object) {
        let fields = index.get("fields").and_then(Value::as_array);
        let fields: Vec<_> = fields.into_iter().flatten().filter_map(member).collect();
        let mut said = Vec::new();
        if flag(index, "unique") == Some(true) {
            said.push("unique".to_owned());
        }
        said.extend(text_of(index, "where").map(|it| format!("where: ({it})")));
        said.extend(text_of(index, "name").map(|it| format!("name: {}", quoted(it))));
        let _ = writeln!(out, "  index ({}){}", fields.join(", "), options(&said));
    }
    let scopes = model.get("scopes").and_then(Value::as_object);
    for (scope, said) in scopes.into_iter().flatten() {
        let _ = writeln!(out, "  scope {} < {} >", name(scope), said.as_str().unwrap_or_default());
    }
    let left = model.get("left").and_then(Value::as_array);
    for why in left.into_iter().flatten().filter_map(Value::as_str) {
        let _ = writeln!(out, "  // {}", why.replace('\n', " "));
    }
    let mut said = Vec::new();
    said.extend(text_of(model, "tableName").map(|it| format!("tableName: {}", quoted(it))));
    said.extend(
        text_of(model, "schema")
            .filter(|it| !it.is_empty())
            .map(|it| format!("schema: {}", quoted(it))),
    );
    said.extend(text_of(model, "comment").map(|it| format!("comment: {}", quoted(it))));
    for key in ["timestamps", "paranoid", "underscored"] {
        let unless = key == "timestamps";
        match flag(model, key) {
            Some(on) if on != unless => {
                said.push(if on { key.to_owned() } else { format!("{key}: false") });
            }
            _ => {}
        }
    }
    for key in ["createdAt", "updatedAt", "deletedAt", "version"] {
        match model.get(key) {
            Some(Value::Bool(false)) if key != "version" => said.push(format!("{key}: false")),
            Some(Value::Bool(true)) if key == "version" => said.push(key.to_owned()),
            Some(Value::String(it)) if it != key => said.push(format!("{key}: {}", name(it))),
            _ => {}
        }
    }
    if flag(model, "noPrimaryKey") == Some(true) {
        said.push("id: false".to_owned());
    }
    let _ = writeln!(out, "}}{}\n", options(&said));
}

/// A member of an index: a name, or `{ name, call, descending, collate }`.
fn member(said: &Value) -> Option<String> {
    if let Some(text) = said.as_str() {
        return Some(name(text));
    }
    let said = said.as_object()?;
    let mut res = name(text_of(said, "name")?);
    if let Some(call) = text_of(said, "call") {
        res = format!("{}({res})", call.to_lowercase());
    }
    if let Some(collation) = text_of(said, "collate") {
        res = format!("{res} collate {}", name(collation));
    }
    if flag(said, "descending") == Some(true) {
        res.push_str(" desc");
    }
    Some(res)
}

fn attribute(own: &str, said: &Map<String, Value>, out: &mut String) {
    let data_type = text_of(said, "type").unwrap_or("STRING");
    let mut all = Vec::new();
    for key in ["primaryKey", "autoIncrement"] {
        if flag(said, key) == Some(true) {
            all.push(key.to_owned());
        }
    }
    let is_key = flag(said, "primaryKey") == Some(true);
    if flag(said, "allowNull") == Some(false) && !is_key {
        all.push("allowNull: false".to_owned());
    }
    match said.get("unique") {
        Some(Value::Bool(true)) => all.push("unique".to_owned()),
        Some(Value::String(it)) => all.push(format!("unique: {}", quoted(it))),
        Some(Value::Object(it)) => {
            let each = ["name", "msg"]
                .into_iter()
                .filter_map(|key| text_of(it, key).map(|it| format!("{key}: {}", quoted(it))));
            all.push(format!("unique: {{ {} }}", each.collect::<Vec<_>>().join(", ")));
        }
        _ => {}
    }
    all.extend(text_of(said, "field").map(|it| format!("field: {}", quoted(it))));
    match said.get("defaultValue") {
        None | Some(Value::Null) => {}
        Some(Value::Object(call)) => {
            // `{ "call": "now()" }`, `{ "sql": ".." }`, and JSON itself.
            if let Some(it) = text_of(call, "call") {
                all.push(format!("defaultValue: {it}"));
            } else if let Some(it) = text_of(call, "sql") {
                all.push(format!("defaultValue: sql`{}`", it.replace('`', "``")));
            } else {
                all.push(format!("defaultValue: {}", Value::Object(call.clone())));
            }
        }
        Some(it) => all.push(format!("defaultValue: {it}")),
    }
    if let Some(refers) = said.get("references").and_then(Value::as_object)
        && let Some(table) = text_of(refers, "model")
    {
        let key = text_of(refers, "key").map(|it| format!(", key: {}", quoted(it)));
        all.push(format!("references: {{ model: {}{} }}", quoted(table), key.unwrap_or_default()));
        for key in ["onDelete", "onUpdate"] {
            all.extend(text_of(said, key).map(|it| format!("{key}: {}", quoted(it))));
        }
    }
    if let Some(validators) = said.get("validate").and_then(Value::as_object) {
        let each = validators.iter().map(|(key, it)| match it {
            Value::Bool(true) => key.clone(),
            it => format!("{key}: {it}"),
        });
        let each: Vec<_> = each.collect();
        if !each.is_empty() {
            all.push(format!("validate: {{ {} }}", each.join(", ")));
        }
    }
    all.extend(text_of(said, "comment").map(|it| format!("comment: {}", quoted(it))));
    for why in
        said.get("left").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    {
        let _ = writeln!(out, "  // {own}: {}", why.replace('\n', " "));
    }
    let _ = writeln!(out, "  {}: {data_type}{}", name(own), options(&all));
}

fn association(own: &str, said: &Map<String, Value>, out: &mut String) {
    let (Some(verb), Some(target)) = (text_of(said, "verb"), text_of(said, "target")) else {
        return;
    };
    let mut all = Vec::new();
    let scope = |key: &str| {
        let each = said.get(key).and_then(Value::as_object)?.iter();
        let each: Vec<_> = each.map(|(key, it)| format!("{}: {it}", name(key))).collect();
        Some(format!("scope: {{ {} }}", each.join(", ")))
    };
    if let Some(through) = text_of(said, "through") {
        all.push(match scope("throughScope") {
            Some(scope) => format!("through: {{ model: {}, {scope} }}", name(through)),
            None => format!("through: {}", name(through)),
        });
    }
    all.extend(scope("scope"));
    if let Some(it) = text_of(said, "as") {
        let singular = text_of(said, "singular").filter(|one| *one != it);
        match singular {
            Some(one) => {
                all.push(format!("as: {{ singular: {}, plural: {} }}", quoted(one), quoted(it)));
            }
            None => all.push(format!("as: {}", name(it))),
        }
    }
    for key in ["foreignKey", "otherKey", "sourceKey", "targetKey"] {
        all.extend(text_of(said, key).map(|it| format!("{key}: {}", name(it))));
    }
    if flag(said, "constraints") == Some(false) {
        all.push("constraints: false".to_owned());
    } else {
        for key in ["onDelete", "onUpdate"] {
            all.extend(text_of(said, key).map(|it| format!("{key}: {}", quoted(it))));
        }
    }
    let _ = writeln!(out, "{} {verb} {}{}", name(own), name(target), options(&all));
}

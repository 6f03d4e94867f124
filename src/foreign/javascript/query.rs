//! What a call says about rows: conditions, includes, orders; and the options of associations.

use super::super::draft::{action, name};
use super::condition::condition;
use super::names::{Names, column, computed};
use super::value::JsValue;

/// The options of a query: nothing where one can't be said.
pub(super) fn query(value: &JsValue, names: &Names) -> Option<Vec<String>> {
    let mut res = Vec::new();
    // what a variable or a call gives isn't known
    if !matches!(value, JsValue::Object(_)) && !value.is("undefined") {
        return None;
    }
    for (key, value) in value.members() {
        let said = match key.as_str() {
            "transaction" | "logging" | "nest" | "returning" | "individualHooks" | "hooks" => {
                continue;
            }
            "where" if value.members().is_empty() && matches!(value, JsValue::Object(_)) => {
                continue;
            }
            // of a list Sequelize means all, TypeORM any
            "where" if value.items().len() > 1 => return None,
            "where" => format!("where: ({})", condition(value, names)?),
            "having" => format!("having: ({})", condition(value, names)?),
            "include" => {
                let each: Option<Vec<String>> =
                    value.items().iter().map(|it| include(it, names)).collect();
                format!("include: [{}]", each?.join(", "))
            }
            "order" => {
                let each: Option<Vec<String>> =
                    value.items().iter().map(|it| order(it, names)).collect();
                format!("order: [{}]", each?.join(", "))
            }
            "attributes" => attributes(value)?,
            "group" => {
                let each: Option<Vec<String>> =
                    value.items().iter().map(|it| Some(name(column(it)?))).collect();
                format!("group: [{}]", each?.join(", "))
            }
            "limit" | "offset" => format!("{key}: {}", names.row(value)?),
            "raw" | "distinct" | "force" | "required" | "separate" | "paranoid" | "validate"
            | "ignoreDuplicates" => value.flag(key)?,
            "fields" | "updateOnDuplicate" | "conflictFields" => {
                let each: Option<Vec<String>> =
                    value.items().iter().map(|it| it.text().map(name)).collect();
                format!("{key}: [{}]", each?.join(", "))
            }
            "defaults" => format!("defaults: {}", names.row(value)?),
            _ => return None,
        };
        res.push(said);
    }
    Some(res)
}

fn attributes(value: &JsValue) -> Option<String> {
    let list = |value: &JsValue| -> Option<String> {
        let each = value.items().iter().map(|it| match it {
            JsValue::Text(it) => Some(name(it)),
            JsValue::List(pair) => match pair.as_slice() {
                [of, JsValue::Text(alias)] => Some(format!("{} as {}", computed(of)?, name(alias))),
                _ => None,
            },
            _ => None,
        });
        Some(format!("[{}]", each.collect::<Option<Vec<_>>>()?.join(", ")))
    };
    if value.members().is_empty() {
        return Some(format!("attributes: {}", list(value)?));
    }
    let each = value.members().iter().map(|(key, it)| Some(format!("{key}: {}", list(it)?)));
    Some(format!("attributes: {{ {} }}", each.collect::<Option<Vec<_>>>()?.join(", ")))
}

pub(super) fn include(value: &JsValue, names: &Names) -> Option<String> {
    // `{ include }`: what the program's variable holds
    if value.is("include") {
        return None;
    }
    let target = |value: &JsValue| match value {
        JsValue::Text(it) => Some(name(it)),
        it => names.model(it).map(|it| name(&it)),
    };
    let members = match value {
        JsValue::Object(members) => members,
        it => return target(it),
    };
    let subject = value.member("as").or(value.member("association")).or(value.member("model"))?;
    let own = |key: &str| matches!(key, "as" | "association" | "model");
    let rest = JsValue::Object(members.iter().filter(|it| !own(&it.0)).cloned().collect());
    let mut said = Vec::new();
    for it in rest.members() {
        if it.0 == "through" {
            let through = query(&it.1, names)?;
            said.push(format!("through: {{ {} }}", through.join(", ")));
        } else {
            said.extend(query(&JsValue::Object(vec![it.clone()]), names)?);
        }
    }
    Some(format!("{}{}", target(subject)?, super::super::draft::options(&said)))
}

fn order(value: &JsValue, names: &Names) -> Option<String> {
    let JsValue::List(items) = value else {
        return match value {
            JsValue::Text(it) => Some(name(it)),
            _ => None,
        };
    };
    let is_direction = |value: &JsValue| {
        let word = value.text().and_then(|it| it.split_whitespace().next());
        word.is_some_and(|it| matches!(it.to_ascii_lowercase().as_str(), "asc" | "desc"))
    };
    let (path, direction) = match items.split_last() {
        Some((last, path)) if is_direction(last) && !path.is_empty() => {
            (path, format!(" {}", last.text()?.to_ascii_lowercase()))
        }
        _ => (items.as_slice(), String::new()),
    };
    let (last, before) = path.split_last()?;
    let mut steps: Vec<String> = Vec::new();
    for it in before {
        let step = it.member("as").or(it.member("model")).unwrap_or(it);
        steps.push(match step {
            JsValue::Text(it) => name(it),
            it => name(&names.model(it)?),
        });
    }
    let direction = if direction.trim() == "asc" { String::new() } else { direction };
    match last {
        JsValue::Text(it) => {
            steps.extend(it.split('.').map(name));
            Some(format!("{}{direction}", steps.join(".")))
        }
        it => Some(format!("({}){direction}", computed(it)?)),
    }
}

/// The options of an association; what can't be said becomes a remark.
pub(super) fn association(
    value: &JsValue,
    names: &Names,
    remarks: &mut Vec<String>,
) -> Vec<String> {
    let mut res = Vec::new();
    for (key, value) in value.members() {
        let said = match key.as_str() {
            "as" | "uniqueKey" | "sourceKey" | "targetKey" if value.text().is_some() => {
                value.text().map(|it| format!("{key}: {}", name(it)))
            }
            "as" => value.written().map(|it| format!("as: {}", it.replace('"', ""))),
            "foreignKey" | "otherKey" => foreign_key(key, value),
            "onDelete" | "onUpdate" => {
                value.text().and_then(action).map(|it| format!("{key}: {it}"))
            }
            "constraints" | "timestamps" => value.flag(key),
            "scope" => value.written().map(|it| format!("{key}: {it}")),
            "through" => through(value, names),
            "deferrable" => deferrable(value),
            _ => None,
        };
        match said {
            Some(it) => res.push(it),
            None => remarks.push(format!("the option `{key}` can't be said")),
        }
    }
    res
}

/// `Deferrable.INITIALLY_DEFERRED`
pub(super) fn deferrable(value: &JsValue) -> Option<String> {
    let word = match value.last_step()? {
        "INITIALLY_DEFERRED" => "initiallyDeferred",
        "INITIALLY_IMMEDIATE" => "initiallyImmediate",
        _ => return None,
    };
    Some(format!("deferrable: {word}"))
}

fn foreign_key(key: &str, value: &JsValue) -> Option<String> {
    if let Some(it) = value.text() {
        return Some(format!("{key}: {}", name(it)));
    }
    let mut said = Vec::new();
    for (option, value) in value.members() {
        said.push(match option.as_str() {
            "name" | "fieldName" => format!("name: {}", name(value.text()?)),
            "field" => format!("field: {}", name(value.text()?)),
            "allowNull" | "unique" | "primaryKey" => value.flag(option)?,
            "defaultValue" => format!("{option}: {}", value.written()?),
            // it is the one of the key that it refers to
            "type" => continue,
            _ => return None,
        });
    }
    (!said.is_empty()).then(|| format!("{key}: {{ {} }}", said.join(", ")))
}

fn through(value: &JsValue, names: &Names) -> Option<String> {
    let model = |value: &JsValue| match value {
        JsValue::Text(value) => Some(name(value)),
        value => names.model(value).map(|it| name(&it)),
    };
    if value.members().is_empty() {
        return Some(format!("through: {}", model(value)?));
    }
    let each = value.members().iter().map(|(key, it)| match key.as_str() {
        "model" => Some(format!("model: {}", model(it)?)),
        "unique" | "timestamps" | "paranoid" => it.flag(key),
        "scope" => Some(format!("scope: {}", it.written()?)),
        _ => None,
    });
    Some(format!("through: {{ {} }}", each.collect::<Option<Vec<_>>>()?.join(", ")))
}

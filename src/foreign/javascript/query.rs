//! What a call says about rows: conditions, includes, orders; and the options of associations.

use super::super::draft::{action, name, operand, text};
use super::value::JsValue;
use std::collections::BTreeMap;

/// Which model each variable is.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) models: BTreeMap<String, String>,
}

impl Names {
    /// The model that a value names.
    pub(super) fn model(&self, value: &JsValue) -> Option<String> {
        match value {
            JsValue::Path(_) => value.last_step().map(|it| self.of(it)),
            _ => None,
        }
    }

    /// The model that a variable is.
    pub(super) fn of(&self, variable: &str) -> String {
        self.models.get(variable).map_or(variable, String::as_str).to_owned()
    }
}

/// The options of a query: nothing where one can't be said.
pub(super) fn query(value: &JsValue, names: &Names) -> Option<Vec<String>> {
    let mut res = Vec::new();
    for (key, value) in value.members() {
        let said = match key.as_str() {
            "transaction" | "logging" | "nest" | "returning" | "individualHooks" | "hooks" => {
                continue;
            }
            "where" if value.members().is_empty() && matches!(value, JsValue::Object(_)) => {
                continue;
            }
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
            "limit" | "offset" => format!("{key}: {}", value.written()?),
            "raw" | "distinct" | "force" | "required" | "separate" | "paranoid" | "validate"
            | "ignoreDuplicates" => value.flag(key)?,
            "fields" | "updateOnDuplicate" | "conflictFields" => {
                let each: Option<Vec<String>> =
                    value.items().iter().map(|it| it.text().map(name)).collect();
                format!("{key}: [{}]", each?.join(", "))
            }
            "defaults" => format!("defaults: {}", value.written()?),
            _ => return None,
        };
        res.push(said);
    }
    Some(res)
}

/// A column that is named or asked for by `col(..)`.
fn column(value: &JsValue) -> Option<&str> {
    match value {
        JsValue::Text(it) => Some(it),
        JsValue::Call(called, arguments, _) if called.ends_with("col") => arguments.first()?.text(),
        _ => None,
    }
}

/// `amount`, `count(*)`
fn computed(value: &JsValue) -> Option<String> {
    match value {
        JsValue::Text(it) if it == "*" => Some(it.clone()),
        JsValue::Call(called, arguments, _) if called.ends_with("fn") => {
            let (function, rest) = arguments.split_first()?;
            let rest: Option<Vec<String>> = rest
                .iter()
                .map(|it| match it {
                    JsValue::Text(it) => Some(text(it)),
                    it => computed(it),
                })
                .collect();
            Some(format!("{}({})", function.text()?.to_lowercase(), rest?.join(", ")))
        }
        it => match column(it) {
            Some("*") => Some("*".to_owned()),
            Some(it) => Some(it.split('.').map(operand).collect::<Vec<_>>().join(".")),
            None => it.literal().or_else(|| it.written()),
        },
    }
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

fn include(value: &JsValue, names: &Names) -> Option<String> {
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

/// What `where` says.
pub(super) fn condition(value: &JsValue, names: &Names) -> Option<String> {
    let each: Option<Vec<String>> = match value {
        JsValue::Object(members) => {
            members.iter().map(|(key, it)| member(key, it, names)).collect()
        }
        JsValue::List(items) => items.iter().map(|it| condition(it, names)).collect(),
        it => return it.literal(),
    };
    let each = each?;
    (!each.is_empty()).then(|| each.join(" and "))
}

/// An operator's name: of `Op.gt`, of `$gt`.
fn operator(key: &str) -> Option<&str> {
    key.strip_prefix('$').filter(|it| !it.ends_with('$')).or_else(|| {
        let (before, name) = key.rsplit_once('.')?;
        before.ends_with("Op").then_some(name)
    })
}

fn member(key: &str, value: &JsValue, names: &Names) -> Option<String> {
    match operator(key) {
        Some("and") => condition(value, names).map(|it| format!("({it})")),
        Some("or") => {
            let each: Option<Vec<String>> = match value {
                JsValue::Object(members) => {
                    members.iter().map(|(key, it)| member(key, it, names)).collect()
                }
                it => it.items().iter().map(|it| condition(it, names)).collect(),
            };
            Some(format!("({})", each?.join(" or ")))
        }
        Some("not") => condition(value, names).map(|it| format!("not ({it})")),
        Some(_) => None,
        None => {
            let path: Vec<String> = key.trim_matches('$').split('.').map(operand).collect();
            compared(&path.join("."), value)
        }
    }
}

fn compared(left: &str, value: &JsValue) -> Option<String> {
    let written = |it: &JsValue| it.literal().or_else(|| computed_value(it));
    match value {
        it if it.is("null") => Some(format!("{left} is null")),
        JsValue::List(_) => Some(format!("{left} in {}", value.written()?)),
        JsValue::Object(members) => {
            let each: Option<Vec<String>> = members
                .iter()
                .map(|(key, condition)| {
                    let by = |sign: &str| Some(format!("{left} {sign} {}", written(condition)?));
                    match operator(key)? {
                        "eq" | "is" if condition.is("null") => Some(format!("{left} is null")),
                        "ne" | "not" if condition.is("null") => Some(format!("{left} is not null")),
                        "eq" | "is" => by("="),
                        "not" if matches!(condition, JsValue::List(_)) => by("not in"),
                        "not" if matches!(condition, JsValue::Object(_)) => {
                            Some(format!("not ({})", compared(left, condition)?))
                        }
                        "ne" | "not" => by("!="),
                        "gt" => by(">"),
                        "gte" => by(">="),
                        "lt" => by("<"),
                        "lte" => by("<="),
                        "in" => by("in"),
                        "notIn" => by("not in"),
                        "like" | "iLike" => by("like"),
                        "notLike" | "notILike" => by("not like"),
                        "startsWith" => by("startsWith"),
                        "endsWith" => by("endsWith"),
                        "substring" => by("contains"),
                        "regexp" => by("matches"),
                        "between" | "notBetween" => {
                            let [from, to] = condition.items() else { return None };
                            let not = if key.ends_with("notBetween") { "not " } else { "" };
                            Some(format!(
                                "{left} {not}between {} and {}",
                                written(from)?,
                                written(to)?
                            ))
                        }
                        "or" => {
                            let each: Option<Vec<String>> = match condition {
                                JsValue::Object(members) => members
                                    .iter()
                                    .map(|it| compared(left, &JsValue::Object(vec![it.clone()])))
                                    .collect(),
                                condition => {
                                    condition.items().iter().map(|it| compared(left, it)).collect()
                                }
                            };
                            Some(format!("({})", each?.join(" or ")))
                        }
                        "and" => compared(left, condition).map(|it| format!("({it})")),
                        _ => None,
                    }
                })
                .collect();
            each.filter(|it| !it.is_empty()).map(|it| it.join(" and "))
        }
        it => Some(format!("{left} = {}", written(it)?)),
    }
}

/// A value in an expression.
fn computed_value(value: &JsValue) -> Option<String> {
    match value {
        JsValue::Call(called, ..) if called.ends_with("fn") || called.ends_with("col") => {
            computed(value)
        }
        JsValue::Object(_) => None,
        it => it.written(),
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
            _ => None,
        };
        match said {
            Some(it) => res.push(it),
            None => remarks.push(format!("the option `{key}` can't be said")),
        }
    }
    res
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

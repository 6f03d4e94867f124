//! Calls of Prisma's client, said as sentences.

use super::super::draft::{name, options};
use super::condition::condition;
use super::names::Names;
use super::value::JsValue;

/// `prisma.user.findMany({ where: {..} })`: nothing where it can't be said.
pub(super) fn rows(
    names: &Names,
    subject: &str,
    method: &str,
    argument: Option<&JsValue>,
) -> Option<String> {
    let nothing = JsValue::Object(Vec::new());
    let asked = argument.unwrap_or(&nothing);
    // what a variable holds isn't known
    if !matches!(asked, JsValue::Object(_)) {
        return None;
    }
    let without = |keys: &[&str]| {
        let kept = asked.members().iter().filter(|it| !keys.contains(&it.0.as_str()));
        query(&JsValue::Object(kept.cloned().collect()), names)
    };
    // what belongs to other rows is said by other words
    let is_nested = |it: &(String, JsValue)| matches!(it.1, JsValue::Object(_));
    let is_plain =
        |row: &&JsValue| !row.items().iter().any(|it| it.members().iter().any(is_nested));
    let data = || asked.member("data").filter(is_plain);
    let which = || {
        let mut said = without(&["data", "select", "include"])?;
        if said.is_empty() {
            method.ends_with("Many").then_some(())?;
            said.push("all".to_owned());
        }
        Some(options(&said))
    };
    Some(match method {
        "findMany" => format!("{subject} findAll{}", options(&without(&[])?)),
        "findFirst" | "findUnique" | "findFirstOrThrow" | "findUniqueOrThrow" => {
            format!("{subject} findOne{}", options(&without(&[])?))
        }
        "count" => format!("{subject} count{}", options(&without(&[])?)),
        "create" => format!("{subject} create {}", names.row(data()?)?),
        "createMany" => {
            let ignore = asked.member("skipDuplicates").is_some_and(|it| it.is("true"));
            let said = if ignore { " < ignoreDuplicates >" } else { "" };
            format!("{subject} bulkCreate {}{said}", names.row(data()?)?)
        }
        "update" | "updateMany" => {
            format!("{subject} update {}{}", names.row(data()?)?, which()?)
        }
        "delete" | "deleteMany" => format!("{subject} destroy{}", which()?),
        _ => return None,
    })
}

/// The options of a query: nothing where one can't be said.
pub(super) fn query(value: &JsValue, names: &Names) -> Option<Vec<String>> {
    let mut said = Vec::new();
    for (key, value) in value.members() {
        said.push(match key.as_str() {
            "where" if *value == JsValue::Object(Vec::new()) => continue,
            "where" => format!("where: ({})", condition(value, names)?),
            "select" | "attributes" => format!("attributes: [{}]", chosen(value)?.join(", ")),
            "include" => format!("include: [{}]", included(value, names)?),
            "orderBy" | "order" => {
                let each: Option<Vec<String>> = value.items().iter().map(ordered).collect();
                format!("order: [{}]", each?.join(", "))
            }
            // the last ones
            "take" if matches!(value, JsValue::Number(it) if it.starts_with('-')) => return None,
            "take" | "limit" => format!("limit: {}", names.row(value)?),
            "skip" | "offset" => format!("offset: {}", names.row(value)?),
            _ => return None,
        });
    }
    Some(said)
}

/// The members of an object that are true.
fn chosen(value: &JsValue) -> Option<Vec<String>> {
    let members = value.members();
    let each = members.iter().map(|(key, it)| it.is("true").then(|| name(key)));
    each.collect::<Option<Vec<String>>>().filter(|it| !it.is_empty())
}

/// `{ posts: true, profile: { select: {..} } }`
pub(super) fn included(value: &JsValue, names: &Names) -> Option<String> {
    let each = value.members().iter().map(|(key, it)| match it {
        it if it.is("true") && key != "_count" => Some(name(key)),
        JsValue::Object(_) => Some(format!("{}{}", name(key), options(&query(it, names)?))),
        _ => None,
    });
    let each: Option<Vec<String>> = each.collect();
    each.filter(|it| !it.is_empty()).map(|it| it.join(", "))
}

/// `{ name: "desc" }`
fn ordered(value: &JsValue) -> Option<String> {
    let each = value.members().iter().map(|(key, it)| {
        let direction = it.text().or(match it {
            JsValue::Path(path) => Some(path),
            _ => None,
        });
        match direction? {
            "asc" => Some(name(key)),
            "desc" => Some(format!("{} desc", name(key))),
            _ => None,
        }
    });
    let each: Option<Vec<String>> = each.collect();
    each.filter(|it| !it.is_empty()).map(|it| it.join(", "))
}

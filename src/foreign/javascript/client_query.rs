//! What a call of Prisma's client says about rows: conditions, what is included, chosen and counted, orders.

use super::super::draft::{name, operand, options};
use super::condition::condition;
use super::names::Names;
use super::value::JsValue;

/// The options of a query: nothing where one can't be said.
pub(super) fn query(value: &JsValue, names: &Names) -> Option<Vec<String>> {
    let mut said = Vec::new();
    if let Some(included) = value.member("include") {
        let (counts, _) = counted(included)?;
        if !counts.is_empty() {
            value.member("select").is_none().then_some(())?;
            said.push(format!("attributes: {{ include: [{}] }}", counts.join(", ")));
        }
    }
    for (key, value) in value.members() {
        said.push(match key.as_str() {
            "where" if *value == JsValue::Object(Vec::new()) => continue,
            "where" => format!("where: ({})", condition(value, names)?),
            "select" | "attributes" => format!("attributes: [{}]", chosen(value)?.join(", ")),
            "include" => {
                let (counts, rows) = counted(value)?;
                if rows.members().is_empty() && !counts.is_empty() {
                    continue;
                }
                format!("include: [{}]", included(&rows, names)?)
            }
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

/// The members of an object that are true, and what is counted.
fn chosen(value: &JsValue) -> Option<Vec<String>> {
    let (counts, rest) = counted(value)?;
    let each = rest.members().iter().map(|(key, it)| it.is("true").then(|| name(key)));
    let mut each: Vec<String> = each.collect::<Option<_>>()?;
    each.extend(counts);
    (!each.is_empty()).then_some(each)
}

/// `_count: { select: { posts: true } }`, and everything else.
fn counted(value: &JsValue) -> Option<(Vec<String>, JsValue)> {
    let (mut counts, mut rest) = (Vec::new(), Vec::new());
    for (key, value) in value.members() {
        if key == "_count" {
            for (of, chosen) in value.member("select")?.members() {
                chosen.is("true").then_some(())?;
                counts.push(format!("count({}) as {}", operand(of), name(&format!("{of}Count"))));
            }
        } else {
            rest.push((key.clone(), value.clone()));
        }
    }
    Some((counts, JsValue::Object(rest)))
}

/// `{ posts: true, profile: { select: {..} } }`
pub(super) fn included(value: &JsValue, names: &Names) -> Option<String> {
    let each = value.members().iter().map(|(key, chosen)| match chosen {
        it if it.is("true") && key != "_count" => Some(name(key)),
        JsValue::Object(_) => {
            let mut said = query(chosen, names)?;
            // rows without such ones are found, too
            if said.iter().any(|it| it.starts_with("where")) {
                said.push("required: false".to_owned());
            }
            Some(format!("{}{}", name(key), options(&said)))
        }
        _ => None,
    });
    let each: Option<Vec<String>> = each.collect();
    each.filter(|it| !it.is_empty()).map(|it| it.join(", "))
}

/// `{ name: "desc" }`, `{ posts: { _count: "desc" } }`, `{ _sum: { views: "desc" } }`
pub(super) fn ordered(value: &JsValue) -> Option<String> {
    let each = value.members().iter().map(|(key, it)| {
        if let [(of, direction)] = it.members() {
            let behind = match direction.text()? {
                "asc" => "",
                "desc" => " desc",
                _ => return None,
            };
            return Some(match (key.strip_prefix('_'), of.as_str()) {
                (None, "_count") => format!("(count({})){behind}", operand(key)),
                (Some(verb), of) => format!("({verb}({})){behind}", operand(of)),
                (None, of) => format!("{}.{}{behind}", name(key), name(of)),
            });
        }
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

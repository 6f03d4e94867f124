//! What Prisma's client writes to rows that belong to a row, and counts of them: `connect`, `increment`, `upsert`, `groupBy`.
//!
//! Invariant: what is said does what the call does. Where it takes a row that isn't known by its key, nothing is said.

use super::super::draft::{name, operand, options};
use super::client_query::{ordered, query};
use super::condition::{comparison, condition};
use super::names::Names;
use super::value::JsValue;
use crate::words::{lower_first, pluralize, singular, upper_first};

/// What a write says: a row's own values, and sentences about what belongs to it.
#[derive(Default)]
struct NestedWrite {
    /// `name: value`
    values: Vec<String>,
    /// `name: 1`, where nothing else is written.
    steps: Vec<(&'static str, String)>,
    /// What the row is asked to do afterwards: `addTag 2`
    links: Vec<String>,
}

/// The words of the client's for writing what belongs to a row.
const RELATION: [&str; 11] = [
    "create",
    "createMany",
    "connect",
    "connectOrCreate",
    "disconnect",
    "set",
    "delete",
    "deleteMany",
    "update",
    "updateMany",
    "upsert",
];

/// The words for a value that is computed from the one that is there.
fn computed_step(word: &str) -> Option<(&'static str, &'static str)> {
    Some(match word {
        "increment" => ("increment", "+"),
        "decrement" => ("decrement", "-"),
        "multiply" => ("", "*"),
        "divide" => ("", "/"),
        _ => return None,
    })
}

fn is_rows(value: &JsValue) -> bool {
    matches!(value, JsValue::Object(_))
        || matches!(value, JsValue::List(items) if items.iter().all(|it| matches!(it, JsValue::Object(_))))
}

/// Whether a name speaks of several.
fn is_plural(of: &str) -> bool {
    let one = singular(of);
    one != of && pluralize(&one) == of
}

/// The key of a row that is named by it alone: `{ id: 1 }`
fn key(value: &JsValue, names: &Names) -> Option<String> {
    match value.members() {
        [(id, value)] if id == "id" && !matches!(value, JsValue::Object(_)) => names.row(value),
        _ => None,
    }
}

fn keys(value: &JsValue, names: &Names) -> Option<Vec<String>> {
    value.items().iter().map(|it| key(it, names)).collect()
}

/// A row that is made with what belongs to it: nothing where a row of another's isn't known by its key.
pub(super) fn row(data: &JsValue, names: &Names) -> Option<String> {
    let JsValue::Object(members) = data else { return None };
    let mut said = Vec::new();
    for (field, value) in members {
        let written = match value.members() {
            [(word, rows)]
                if RELATION.contains(&word.as_str()) && (is_rows(rows) || word != "set") =>
            {
                match word.as_str() {
                    "create" => {
                        let each: Option<Vec<String>> =
                            rows.items().iter().map(|it| row(it, names)).collect();
                        listed(field, rows, &each?)
                    }
                    "createMany" => {
                        let rows = rows.member("data")?;
                        // others would be passed over
                        let all: Option<Vec<String>> =
                            rows.items().iter().map(|it| row(it, names)).collect();
                        format!("[{}]", all?.join(", "))
                    }
                    "connect" => listed(field, rows, &keys(rows, names)?),
                    _ => return None,
                }
            }
            [(word, value)] if word == "set" => names.row(value)?,
            members if members.iter().any(|it| RELATION.contains(&it.0.as_str())) => return None,
            _ => names.row(value)?,
        };
        said.push(format!("{}: {written}", name(field)));
    }
    Some(if said.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", said.join(", ")) })
}

/// One row or a list, as the association's name speaks of one or several.
fn listed(field: &str, written: &JsValue, each: &[String]) -> String {
    match each {
        [only] if !matches!(written, JsValue::List(_)) && !is_plural(field) => only.clone(),
        all => format!("[{}]", all.join(", ")),
    }
}

/// What an update writes.
fn write(data: &JsValue, names: &Names) -> Option<NestedWrite> {
    let JsValue::Object(members) = data else { return None };
    let mut res = NestedWrite::default();
    for (field, value) in members {
        let inner = value.members();
        let is_relation = |it: &(String, JsValue)| {
            RELATION.contains(&it.0.as_str()) && (it.0 != "set" || is_rows(&it.1))
        };
        match inner {
            [(word, by)] if let Some((verb, sign)) = computed_step(word) => {
                let by = names.row(by)?;
                let value = format!("{}: ({} {sign} {by})", name(field), operand(field));
                if verb.is_empty() {
                    res.values.push(value);
                } else {
                    res.steps.push((verb, format!("{}: {by}", name(field))));
                }
            }
            [(word, value)] if word == "set" && !is_rows(value) => {
                res.values.push(format!("{}: {}", name(field), names.row(value)?));
            }
            _ if inner.iter().any(is_relation) => {
                for (word, rows) in inner {
                    link(field, word, rows, names, &mut res.links)?;
                }
            }
            _ => res.values.push(format!("{}: {}", name(field), names.row(value)?)),
        }
    }
    Some(res)
}

/// `tags: { connect: { id: 2 } }`
fn link(
    field: &str,
    word: &str,
    rows: &JsValue,
    names: &Names,
    links: &mut Vec<String>,
) -> Option<()> {
    let one = upper_first(&singular(field)).to_string();
    let all = upper_first(field).to_string();
    let several = is_plural(field);
    let listed = |keys: &[String]| format!("[{}]", keys.join(", "));
    match word {
        "create" => {
            for it in rows.items() {
                links.push(format!("create{one} {}", row(it, names)?));
            }
        }
        "connect" if several => match keys(rows, names)?.as_slice() {
            [only] => links.push(format!("add{one} {only}")),
            keys => links.push(format!("add{all} {}", listed(keys))),
        },
        "connect" => links.push(format!("set{all} {}", key(rows, names)?)),
        "disconnect" if several => match keys(rows, names)?.as_slice() {
            [only] => links.push(format!("remove{one} {only}")),
            keys => links.push(format!("remove{all} {}", listed(keys))),
        },
        "disconnect" if rows.is("true") => links.push(format!("set{all} null")),
        "set" if several => links.push(format!("set{all} {}", listed(&keys(rows, names)?))),
        _ => return None,
    }
    Some(())
}

/// `update({ where: { id: 1 }, data: { .. } })` where something is computed, or belongs to other rows.
pub(super) fn update(
    names: &Names,
    subject: &str,
    which: &JsValue,
    data: &JsValue,
    variable: Option<&str>,
) -> Option<String> {
    let mut found = write(data, names)?;
    let condition = condition(which, names)?;
    let mut said = Vec::new();
    if found.values.is_empty() && found.steps.len() == 1 {
        let (verb, row) = found.steps.first()?;
        said.push(format!("{subject} {verb} {{ {row} }} < where: ({condition}) >"));
    } else {
        for (verb, row) in &found.steps {
            let sign = if *verb == "increment" { "+" } else { "-" };
            let (field, by) = row.split_once(": ")?;
            found
                .values
                .push(format!("{field}: ({} {sign} {by})", operand(field.trim_matches('`'))));
        }
        if !found.values.is_empty() {
            let row = found.values.join(", ");
            said.push(format!("{subject} update {{ {row} }} < where: ({condition}) >"));
        }
    }
    if found.links.is_empty() {
        if let Some(own) = variable {
            // the row, as it is by then: what it was found by has to find it still
            let JsValue::Object(members) = data else { return None };
            members.iter().all(|it| which.member(&it.0).is_none()).then_some(())?;
            said.push(format!("let {} = {subject} findOne < where: ({condition}) >", name(own)));
        }
        return Some(said.join("\n"));
    }
    let own = variable.map_or_else(|| lower_first(subject), str::to_owned);
    // another variable of that name is meant by what follows: this one ends with its block
    let is_taken = variable.is_none() && names.variables.contains(&own);
    let of = match key(which, names) {
        Some(key) => format!("findByPk {key}"),
        None => format!("findOne < where: ({condition}) >"),
    };
    let row = format!("let {} = {subject} {of}", name(&own));
    let writes = said.len() + found.links.len();
    said.push(row.clone());
    said.extend(found.links.iter().map(|it| format!("{} {it}", name(&own))));
    let said = said.join("\n");
    // all of it or nothing
    Some(match (writes, variable) {
        (1, _) if !is_taken => said,
        (_, None) => format!("transaction {{\n{said}\n}}"),
        (_, Some(_)) => format!("transaction {{\n{said}\n}}\n{row}"),
    })
}

/// `upsert({ where, update, create })`: what is there is changed first, so that what is made isn't changed.
pub(super) fn upsert(
    names: &Names,
    subject: &str,
    asked: &JsValue,
    variable: Option<&str>,
) -> Option<String> {
    let which = asked.member("where")?;
    let (changed, made) = (asked.member("update")?, asked.member("create")?);
    let known = ["where", "update", "create"];
    asked.members().iter().all(|it| known.contains(&it.0.as_str())).then_some(())?;
    let is_plain = |it: &(String, JsValue)| !matches!(it.1, JsValue::Object(_));
    let plain = [which, changed, made].iter().all(|it| it.members().iter().all(is_plain));
    // what is made has the values that are looked for, and what is there keeps them
    let is_kept = |it: &(String, JsValue)| {
        made.member(&it.0).is_none_or(|value| *value == it.1) && changed.member(&it.0).is_none()
    };
    (plain && !which.members().is_empty() && which.members().iter().all(is_kept)).then_some(())?;
    let without = |row: &JsValue| {
        let kept = row.members().iter().filter(|it| which.member(&it.0).is_none()).cloned();
        JsValue::Object(kept.collect())
    };
    let rest = without(made);
    let defaults = if rest.members().is_empty() {
        String::new()
    } else {
        format!(" < defaults: {} >", names.row(&rest)?)
    };
    let own = variable.map_or(String::new(), |it| format!("let {} = ", name(it)));
    let mut said = Vec::new();
    if !changed.members().is_empty() {
        let condition = condition(which, names)?;
        said.push(format!("{subject} update {} < where: ({condition}) >", names.row(changed)?));
    }
    said.push(format!("{own}{subject} findOrCreate {}{defaults}", names.row(which)?));
    Some(said.join("\n"))
}

/// The aggregates that an object chooses, each with its name: `sum(views) as sumViews`.
fn aggregates(asked: &JsValue) -> Option<Vec<(String, String)>> {
    let mut res = Vec::new();
    for (word, value) in asked.members() {
        let Some(verb) = word.strip_prefix('_') else { continue };
        matches!(verb, "count" | "sum" | "avg" | "min" | "max").then_some(())?;
        if verb == "count" && value.is("true") {
            res.push(("count(*)".to_owned(), "count".to_owned()));
            continue;
        }
        for (field, chosen) in value.members() {
            chosen.is("true").then_some(())?;
            if field == "_all" {
                res.push(("count(*)".to_owned(), "count".to_owned()));
            } else {
                let alias = format!("{verb}{}", upper_first(field));
                res.push((format!("{verb}({})", operand(field)), name(&alias)));
            }
        }
    }
    (!res.is_empty()).then_some(res)
}

/// `aggregate({ _avg: { views: true } })`
pub(super) fn aggregate(names: &Names, subject: &str, asked: &JsValue) -> Option<String> {
    let known = |it: &str| it == "where" || it.starts_with('_');
    asked.members().iter().all(|it| known(&it.0)).then_some(())?;
    let found = aggregates(asked)?;
    let mut said = Vec::new();
    if let Some(which) = asked.member("where").filter(|it| !it.members().is_empty()) {
        said.push(format!("where: ({})", condition(which, names)?));
    }
    if let [(only, _)] = found.as_slice() {
        let behind = options(&said);
        if only == "count(*)" {
            return Some(format!("{subject} count{behind}"));
        }
        let (verb, of) = only.trim_end_matches(')').split_once('(')?;
        if verb != "count" {
            return Some(format!("{subject} {verb} {of}{behind}"));
        }
    }
    let each: Vec<String> = found.iter().map(|it| format!("{} as {}", it.0, it.1)).collect();
    said.insert(0, format!("attributes: [{}]", each.join(", ")));
    Some(format!("{subject} findAll{}", options(&said)))
}

/// `groupBy({ by: ["authorId"], _count: true })`
pub(super) fn grouped(names: &Names, subject: &str, asked: &JsValue) -> Option<String> {
    let by: Option<Vec<String>> =
        asked.member("by")?.items().iter().map(|it| it.text().map(name)).collect();
    let by = by?;
    let mut each = by.clone();
    if asked.members().iter().any(|it| it.0.starts_with('_')) {
        each.extend(aggregates(asked)?.iter().map(|it| format!("{} as {}", it.0, it.1)));
    }
    let mut said = vec![format!("attributes: [{}]", each.join(", "))];
    let mut behind = Vec::new();
    for (key, value) in asked.members() {
        match key.as_str() {
            "by" => {}
            it if it.starts_with('_') => {}
            "where" if value.members().is_empty() => {}
            "where" => said.push(format!("where: ({})", condition(value, names)?)),
            "having" => behind.push(format!("having: ({})", having(value, names)?)),
            "orderBy" => {
                let each: Option<Vec<String>> = value.items().iter().map(ordered).collect();
                behind.push(format!("order: [{}]", each?.join(", ")));
            }
            "take" | "skip" => {
                let kept = JsValue::Object(vec![(key.clone(), value.clone())]);
                behind.extend(query(&kept, names)?);
            }
            _ => return None,
        }
    }
    said.push(format!("group: [{}]", by.join(", ")));
    said.extend(behind);
    Some(format!("{subject} findAll{}", options(&said)))
}

/// `{ views: { _sum: { gt: 10 } } }`
fn having(value: &JsValue, names: &Names) -> Option<String> {
    let each = value.members().iter().map(|(field, it)| match it.members() {
        [(verb, compared)] if let Some(verb) = verb.strip_prefix('_') => {
            comparison(&format!("{verb}({})", operand(field)), compared, names)
        }
        _ => None,
    });
    let each: Option<Vec<String>> = each.collect();
    each.filter(|it| !it.is_empty()).map(|it| it.join(" and "))
}

/// Why a call of the client's can't be said, or how the nearest thing is.
pub(super) fn nearest(subject: &str, asked: Option<&JsValue>) -> Option<String> {
    let asked = asked?;
    let own = lower_first(subject);
    let within = |word: &str| holds(asked, word, 0);
    let data = asked.member("data").unwrap_or(asked);
    let linked = |word: &str| {
        let (field, inner) = data.members().iter().find(|it| it.1.member(word).is_some())?;
        let one = singular(field);
        let (link, row) =
            if is_plural(field) { ("add", format!("[{one}]")) } else { ("set", one.to_string()) };
        let model = upper_first(&one);
        Some((
            inner.member(word)?.items().first()?,
            format!(
                "then link it, `{own} {link}{model} {one}`, or write `{}: {row}` in what is created",
                name(field)
            ),
            format!("let {one} = {model}"),
        ))
    };
    let empty = Names { is_script: true, ..Names::default() };
    if let Some((rows, then, start)) = linked("connectOrCreate") {
        let which =
            rows.member("where").and_then(|it| empty.row(it)).unwrap_or("{ .. }".to_owned());
        return Some(format!(
            "find or make the other row first, by its model's name: `{start} findOrCreate {which}`; {then}"
        ));
    }
    if let Some((which, then, start)) = linked("connect").or_else(|| linked("disconnect")) {
        let which = condition(which, &empty).unwrap_or("..".to_owned());
        return Some(format!(
            "find the other row first, by its model's name: `{start} findOne < where: ({which}) >`; {then}"
        ));
    }
    Some(if within("connect") || within("connectOrCreate") {
        format!(
            "find the other row first, `let tag = Tag findOne < where: (label = \"red\") >`, and link it: `{own} addTag tag`"
        )
    } else if within("data")
        && ["updateMany", "deleteMany", "update", "upsert", "delete"].iter().any(|it| within(it))
    {
        "rows that belong to it are changed by a sentence of their own: `Post update { .. } < where: (authorId = 1) >`, `Post destroy < where: (..) >`".to_owned()
    } else if within("cursor") {
        format!(
            "write where it goes on: `{subject} findAll < where: (id > 3), order: [id], limit: 10 >`"
        )
    } else if asked.member("distinct").is_some() {
        format!("`distinct` is of whole rows: `{subject} findAll < attributes: [name], distinct >`")
    } else if within("mode") {
        "leave `mode` out: `contains`, `startsWith` and `like` have the letter case that the database's LIKE has".to_owned()
    } else if asked.member("update").is_some() && asked.member("create").is_some() {
        format!(
            "one row that is there or not: `{subject} upsert {{ .. }}`, or `{subject} update {{ .. }} < where: (..) >` and then `{subject} findOrCreate {{ .. }}`"
        )
    } else {
        return None;
    })
}

/// Whether that key stands somewhere in a value.
fn holds(value: &JsValue, key: &str, depth: usize) -> bool {
    let inner = |it: &JsValue| depth < 16 && holds(it, key, depth + 1);
    match value {
        JsValue::Object(members) => members.iter().any(|it| it.0 == key || inner(&it.1)),
        JsValue::List(items) => items.iter().any(inner),
        JsValue::Text(_)
        | JsValue::Number(_)
        | JsValue::Path(_)
        | JsValue::Call(..)
        | JsValue::Regex(..)
        | JsValue::Code(_) => false,
    }
}

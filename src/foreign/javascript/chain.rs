//! Calls behind each other, as query builders have them: `User.where({ age: 3 }).order("name").limit(5)`.

use super::super::draft::{all_of, is_plain_name, name, operand, options};
use super::super::lexeme::{LexemeCursor, LexemeKind, LexemeSpelling};
use super::super::{sql, without_parameter};
use super::condition::condition;
use super::names::Names;
use super::query;
use super::value::JsValue;
use crate::words::Reserved;

/// What has been asked so far.
#[derive(Default)]
struct ChainedQuery {
    conditions: Vec<String>,
    /// What holds of groups.
    having: Vec<String>,
    /// Each call's, in order.
    order: Vec<String>,
    /// Everything else, each as it is written.
    options: Vec<String>,
}

impl ChainedQuery {
    fn options(&self) -> Vec<String> {
        let mut res = Vec::new();
        if !self.conditions.is_empty() {
            res.push(format!("where: ({})", all_of(&self.conditions)));
        }
        if !self.order.is_empty() {
            res.push(format!("order: [{}]", self.order.join(", ")));
        }
        res.extend(self.options.iter().cloned());
        if !self.having.is_empty() {
            res.push(format!("having: ({})", all_of(&self.having)));
        }
        res
    }

    /// Whether nothing has been asked.
    fn is_empty(&self) -> bool {
        self.conditions.is_empty() && asks_nothing_else(self)
    }
}

fn asks_nothing_else(asked: &ChainedQuery) -> bool {
    asked.options.is_empty() && asked.having.is_empty() && asked.order.is_empty()
}

/// What the calls ask for: nothing where one of them can't be said.
pub(super) fn rows(
    names: &Names,
    subject: &str,
    steps: &[(String, Vec<JsValue>)],
) -> Option<String> {
    // Django's
    if subject == "objects" {
        return None;
    }
    let mut asked = ChainedQuery::default();
    let mut end: Option<(&str, &[JsValue])> = None;
    for (step, arguments) in steps {
        if end.is_some() {
            return None;
        }
        let first = arguments.first();
        match step.as_str() {
            "where" | "filter" | "andWhere" if arguments.len() == 1 => {
                asked.conditions.push(said(first?, subject, names)?);
            }
            // `where("age", ">", 3)`, `where("age", 3)`
            "where" | "andWhere" => asked.conditions.push(compared(arguments, names)?),
            "having" if arguments.len() == 1 => asked.having.push(said(first?, subject, names)?),
            "having" => asked.having.push(compared(arguments, names)?),
            "order" | "orderBy" | "sort" | "order_by" => asked.order.push(ordered(arguments)?),
            // a second name would be what is read of the first
            "limit" | "take" | "offset" | "skip" | "populate" if arguments.len() != 1 => {
                return None;
            }
            "limit" | "take" => asked.options.push(format!("limit: {}", names.row(first?)?)),
            "offset" | "skip" => asked.options.push(format!("offset: {}", names.row(first?)?)),
            "include" | "includes" | "with" | "populate" | "eager_load" | "preload" => {
                asked.options.push(format!("include: [{}]", named(arguments)?));
            }
            "select" if matches!(arguments.as_slice(), [JsValue::Text(it)] if it == "*") => {}
            "select" | "attributes" | "pluck" => {
                asked.options.push(format!("attributes: [{}]", named(arguments)?));
            }
            "group" | "groupBy" => asked.options.push(format!("group: [{}]", named(arguments)?)),
            "distinct" if arguments.is_empty() => asked.options.push("distinct".to_owned()),
            other => end = Some((other, arguments)),
        }
    }
    let (verb, arguments) = end.unwrap_or(("findAll", &[]));
    if arguments.len() > 1 {
        return None;
    }
    let first = arguments.first();
    let mut queried = |verb: &str| {
        if let Some(it) = first {
            matches!(it, JsValue::Object(_)).then_some(())?;
            asked.options.extend(query::query(it, names)?);
        }
        Some(format!("{subject} {verb}{}", options(&asked.options())))
    };
    match (verb, first) {
        ("findAll" | "all" | "findMany" | "getMany" | "toArray" | "exec" | "to_a", _) => {
            queried("findAll")
        }
        ("find" | "get", None | Some(JsValue::Object(_))) => queried("findAll"),
        ("findOne" | "first" | "one" | "getOne" | "take", None | Some(JsValue::Object(_))) => {
            queried("findOne")
        }
        ("findBy" | "findOneBy" | "find_by" | "countBy", Some(it)) => {
            let verb = match verb {
                "findBy" => "findAll",
                "countBy" => "count",
                _ => "findOne",
            };
            asked.conditions.push(said(it, subject, names)?);
            Some(format!("{subject} {verb}{}", options(&asked.options())))
        }
        ("count" | "exists" | "size" | "length" | "any", None) => queried("count"),
        ("sum" | "min" | "max" | "avg" | "average" | "minimum" | "maximum", Some(of)) => {
            let verb = match verb {
                "average" => "avg",
                "minimum" => "min",
                "maximum" => "max",
                it => it,
            };
            let of = name(of.text()?);
            Some(format!("{subject} {verb} {of}{}", options(&asked.options())))
        }
        ("update" | "update_all" | "set", Some(row)) => {
            changed(&asked).then_some(())?;
            Some(format!("{subject} update {}{}", names.row(row)?, options(&asked.options())))
        }
        ("delete" | "destroy" | "destroy_all" | "delete_all" | "del" | "remove", None) => {
            changed(&asked).then_some(())?;
            Some(format!("{subject} destroy{}", options(&asked.options())))
        }
        ("delete", Some(it @ JsValue::Object(_))) if it.member("where").is_none() => {
            asked.conditions.push(said(it, subject, names)?);
            Some(format!("{subject} destroy{}", options(&asked.options())))
        }
        // what is asked first would be part of the row, and one with a key may be there
        ("insert" | "new" | "make" | "insertMany" | "createMany" | "save", Some(rows))
            if !asked.is_empty()
                || verb == "save" && rows.items().iter().any(|it| it.member("id").is_some()) =>
        {
            None
        }
        ("insert" | "save" | "new" | "make", Some(row @ JsValue::Object(_))) => {
            Some(format!("{subject} create {}", names.row(row)?))
        }
        ("insert" | "insertMany" | "createMany" | "save", Some(rows @ JsValue::List(_))) => {
            Some(format!("{subject} bulkCreate {}", names.row(rows)?))
        }
        _ => None,
    }
}

/// Whether it is said which rows are changed, and nothing else of them.
fn changed(asked: &ChainedQuery) -> bool {
    !asked.conditions.is_empty() && asks_nothing_else(asked)
}

/// A condition in an object, as an expression, or as a text of SQL.
fn said(value: &JsValue, subject: &str, names: &Names) -> Option<String> {
    match value {
        JsValue::Text(text) => sql::condition(text, subject),
        JsValue::Code(text) => match text.split_once("=>") {
            Some((parameter, body)) => {
                let parameter = parameter.trim().trim_matches(['(', ')']).trim();
                is_plain_name(parameter).then_some(())?;
                expression(&without_parameter(body, parameter)?)
            }
            None => expression(text),
        },
        JsValue::Object(members) if !members.is_empty() => condition(value, names),
        _ => None,
    }
}

/// A condition of JavaScript's, its operators as a script writes them. `||` joins texts in one.
fn expression(text: &str) -> Option<String> {
    if text.contains(['?', ';', '`', ':', '$', '{']) || text.contains("=>") || text.contains("||") {
        return None;
    }
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, 0);
    let mut all = Vec::new();
    while let Some(next) = cursor.take() {
        all.push(next);
    }
    let mut res = text.trim_end().to_owned();
    for lexeme in all.iter().rev() {
        let lower = lexeme.text.to_ascii_lowercase();
        let instead = match lexeme.text {
            "==" | "===" => "=",
            "!==" | "<>" => "!=",
            "&&" => "and",
            _ if lexeme.kind == LexemeKind::Word && Reserved::of(&lower).is_some() => &lower,
            _ => continue,
        };
        res.replace_range(lexeme.start..lexeme.end, instead);
    }
    Some(res.trim_start().to_owned())
}

/// `"age", ">", 3`
fn compared(arguments: &[JsValue], names: &Names) -> Option<String> {
    let (left, sign, value) = match arguments {
        [JsValue::Text(left), value] => (left, "=", value),
        [JsValue::Text(left), JsValue::Text(sign), value] => (left, sign.as_str(), value),
        _ => return None,
    };
    let left = is_plain_name(left).then(|| operand(left))?;
    let sign = sign.to_ascii_lowercase();
    let sign = match (sign.as_str(), value) {
        ("=" | "==" | "is", it) if it.is("null") => return Some(format!("{left} is null")),
        ("!=" | "<>" | "is not", it) if it.is("null") => {
            return Some(format!("{left} is not null"));
        }
        (_, JsValue::Path(path)) if value.is("null") || names.is_ambiguous(path, &left) => {
            return None;
        }
        ("in" | "not in", JsValue::List(_)) => &sign,
        (_, JsValue::List(_) | JsValue::Object(_)) => return None,
        ("==", _) => "=",
        ("<>", _) => "!=",
        ("=" | "!=" | "<" | "<=" | ">" | ">=" | "like", _) => &sign,
        _ => return None,
    };
    Some(format!("{left} {sign} {}", names.row(value)?))
}

/// `"name"`, `"name", "desc"`, `{ name: "desc" }`, `"name desc"`
fn ordered(arguments: &[JsValue]) -> Option<String> {
    let direction = |word: &str| match word.to_ascii_lowercase().as_str() {
        "asc" | "1" => Some(""),
        "desc" | "-1" => Some(" desc"),
        _ => None,
    };
    if let [JsValue::Text(of), JsValue::Text(word)] = arguments
        && let Some(direction) = direction(word)
    {
        is_plain_name(of).then_some(())?;
        return Some(format!("{}{direction}", name(of)));
    }
    let mut res = Vec::new();
    for it in arguments.iter().flat_map(JsValue::items) {
        match it {
            JsValue::Text(text) => {
                let mut words = text.split_whitespace();
                let of = words.next()?;
                let said = words.next().map_or(Some(""), direction)?;
                let plain = of.strip_prefix('-').unwrap_or(of);
                if words.next().is_some() || !is_plain_name(plain) {
                    return None;
                }
                res.push(match of.strip_prefix('-') {
                    Some(it) => format!("{} desc", name(it)),
                    None => format!("{}{said}", name(of)),
                });
            }
            JsValue::Object(members) => {
                for (key, it) in members {
                    let (JsValue::Text(word) | JsValue::Number(word) | JsValue::Path(word)) = it
                    else {
                        return None;
                    };
                    res.push(format!("{}{}", name(key), direction(word)?));
                }
            }
            _ => return None,
        }
    }
    (!res.is_empty()).then(|| res.join(", "))
}

/// `"posts", "profile"`
fn named(arguments: &[JsValue]) -> Option<String> {
    let plain = |value: &JsValue| value.text().filter(|it| is_plain_name(it)).map(str::to_owned);
    let each: Option<Vec<String>> = arguments.iter().flat_map(JsValue::items).map(plain).collect();
    each.filter(|it| !it.is_empty()).map(|it| it.join(", "))
}

//! Calls about rows, tables and the connection, said as sentences.

use super::super::draft::{model_of_table, name, options};
use super::super::{Translation, WithinModel};
use super::block::{NO_CALLS, NO_LOOPS, NO_STEPS};
use super::model;
use super::names::Names;
use super::query;
use super::value::JsValue;
use super::{NO_CONNECTION, NO_FUNCTIONS};

/// A sentence about rows.
pub(super) fn rows(
    names: &Names,
    subject: &str,
    method: &str,
    arguments: &[JsValue],
) -> Option<String> {
    let nothing = JsValue::Object(Vec::new());
    let first = arguments.first();
    let second = arguments.get(1).unwrap_or(&nothing);
    let of = |value: &JsValue| query::query(value, names).map(|it| options(&it));
    // an empty condition is one of all rows; Sequelize refuses a write that says none
    let rows = |value: &JsValue| {
        let mut said = query::query(value, names)?;
        if !said.iter().any(|it| it.starts_with("where")) {
            (method == "restore" || value.member("where").is_some()).then_some(())?;
            said.push("all".to_owned());
        }
        Some(options(&said))
    };
    let is_instance =
        subject.starts_with(char::is_lowercase) && !names.models.values().any(|it| it == subject);
    Some(match (method, first) {
        ("findAll" | "findOne" | "findAndCountAll" | "count", it) => {
            format!("{subject} {method}{}", of(it.unwrap_or(&nothing))?)
        }
        ("findAndCount", it) => {
            format!("{subject} findAndCountAll{}", of(it.unwrap_or(&nothing))?)
        }
        ("find", Some(key @ (JsValue::Text(_) | JsValue::Number(_)))) => {
            format!("{subject} findByPk {}", names.row(key)?)
        }
        ("findByPk" | "findById", Some(key)) => {
            format!("{subject} findByPk {}{}", names.row(key)?, of(second)?)
        }
        ("sum" | "min" | "max", Some(JsValue::Text(column))) => {
            format!("{subject} {method} {}{}", name(column), of(second)?)
        }
        ("create" | "build" | "upsert", Some(row)) => {
            let verb = if method == "build" { "create" } else { method };
            let kept = second
                .members()
                .iter()
                .filter(|it| it.0 != "include" && it.0 != "returning")
                .cloned();
            format!("{subject} {verb} {}{}", names.row(row)?, of(&JsValue::Object(kept.collect()))?)
        }
        ("bulkCreate", Some(JsValue::List(rows))) => {
            let rows: Option<Vec<String>> = rows.iter().map(|it| names.row(it)).collect();
            format!("{subject} {method} [{}]{}", rows?.join(", "), of(second)?)
        }
        ("findOrCreate" | "findOrBuild", Some(value)) => {
            let row = names.row(value.member("where")?)?;
            let defaults = value.member("defaults").map(|it| names.row(it));
            let defaults = match defaults {
                Some(it) => format!(" < defaults: {} >", it?),
                None => String::new(),
            };
            format!("{subject} findOrCreate {row}{defaults}")
        }
        ("update" | "set", Some(values)) if is_instance => {
            // which of them are kept, say
            of(second)?.is_empty().then_some(())?;
            format!("{subject} update {}", names.row(values)?)
        }
        ("update", Some(values)) => {
            format!("{subject} update {}{}", names.row(values)?, rows(second)?)
        }
        ("destroy" | "restore" | "reload", _) if is_instance => {
            let given = of(first.unwrap_or(&nothing))?;
            (method == "destroy" || given.is_empty()).then_some(())?;
            format!("{subject} {method}{given}")
        }
        ("destroy", Some(it)) if it.member("truncate").is_some_and(|it| it.is("true")) => {
            only(it, &["truncate"])?;
            format!("{subject} truncate")
        }
        ("destroy" | "restore", it) => {
            format!("{subject} {method}{}", rows(it.unwrap_or(&nothing))?)
        }
        ("truncate", it) => {
            only(it.unwrap_or(&nothing), &[])?;
            format!("{subject} truncate")
        }
        ("increment" | "decrement", Some(what)) => {
            let by = match second.member("by") {
                Some(it) => names.row(it)?,
                None => "1".to_owned(),
            };
            let row = match what {
                JsValue::Text(it) => format!("{{ {}: {by} }}", name(it)),
                JsValue::List(items) => {
                    let each: Option<Vec<String>> = items
                        .iter()
                        .map(|it| Some(format!("{}: {by}", name(it.text()?))))
                        .collect();
                    format!("{{ {} }}", each?.join(", "))
                }
                it => names.row(it)?,
            };
            let kept = second.members().iter().filter(|it| it.0 != "by").cloned().collect();
            let kept = JsValue::Object(kept);
            let said = if is_instance { of(&kept)? } else { rows(&kept)? };
            format!("{subject} {method} {row}{said}")
        }
        ("sync" | "drop", given) => table(Some(subject), method, given)?,
        (verb, argument) if is_instance && is_association_method(verb) => {
            let reads = verb.starts_with("get") || verb.starts_with("count");
            match argument {
                None => format!("{subject} {verb}"),
                Some(it) if reads => format!("{subject} {verb}{}", of(it)?),
                Some(it) => {
                    format!("{subject} {verb} {}{}", names.row(it)?, linked(second, names)?)
                }
            }
        }
        _ => return None,
    })
}

/// What is said beside rows that are linked: the link's own values.
fn linked(value: &JsValue, names: &Names) -> Option<String> {
    let mut said = Vec::new();
    for (key, value) in value.members() {
        match (key.as_str(), value) {
            ("transaction" | "logging" | "hooks" | "individualHooks", _) => {}
            ("through", JsValue::Object(_)) => {
                said.push(format!("through: {}", names.row(value)?));
            }
            _ => return None,
        }
    }
    matches!(value, JsValue::Object(_)).then(|| options(&said))
}

/// Nothing where more is said than these options, and what a script needs no word for.
fn only(value: &JsValue, known: &[&str]) -> Option<()> {
    const NEEDLESS: [&str; 4] = ["transaction", "logging", "hooks", "benchmark"];
    let mut said = value.members().iter().map(|it| it.0.as_str());
    let is_object = matches!(value, JsValue::Object(_));
    (is_object && said.all(|it| known.contains(&it) || NEEDLESS.contains(&it))).then_some(())
}

/// Whether an association gives a row this method.
fn is_association_method(method: &str) -> bool {
    ["get", "count", "create", "has", "set", "add", "remove"].iter().any(|prefix| {
        method.strip_prefix(prefix).is_some_and(|it| it.starts_with(char::is_uppercase))
    })
}

/// `sync < force >`; nothing where more is asked than a script has words for.
pub(super) fn table(
    subject: Option<&str>,
    method: &str,
    given: Option<&JsValue>,
) -> Option<String> {
    let mut said = Vec::new();
    if let Some(given) = given.filter(|it| !it.is("undefined")) {
        only(given, &["force", "alter", "cascade"])?;
        for (key, value) in given.members() {
            match (key.as_str(), value) {
                ("force" | "alter", it) if it.is("true") => said.push(key.clone()),
                ("force" | "alter", it) if it.is("false") => {}
                // columns that no model has stay
                ("alter", JsValue::Object(members)) => match members.as_slice() {
                    [(drop, no)] if drop == "drop" && no.is("false") => {
                        said.extend(["alter".to_owned(), "keep".to_owned()]);
                    }
                    _ => return None,
                },
                ("force" | "alter", _) => return None,
                _ => {}
            }
        }
    }
    let said = if method == "sync" { options(&said) } else { String::new() };
    Some(subject.map_or_else(String::new, |it| format!("{it} ")) + method + &said)
}

/// A step of a migration of Sequelize's.
pub(super) fn step(names: &Names, method: &str, arguments: &[JsValue]) -> Translation {
    said_step(names, method, arguments).unwrap_or_else(|| Translation::Unsaid(NO_STEPS.to_owned()))
}

fn said_step(names: &Names, method: &str, arguments: &[JsValue]) -> Option<Translation> {
    let (table, rest) = arguments.split_first()?;
    let table = table.text()?;
    let model = model_of_table(table);
    let within = |line: String| {
        let why = format!("write `{line}` in the braces of `model {}`", name(&model));
        Translation::Within(WithinModel { model: name(&model), line, why })
    };
    Some(match (method, rest) {
        ("createTable", [attributes @ JsValue::Object(_), ..]) => {
            let mut res = model::model(&model, attributes, None, names);
            res.options =
                vec![format!("tableName: {}", name(table)), "timestamps: false".to_owned()];
            Translation::Said(res.written())
        }
        ("addColumn", [JsValue::Text(column), value, ..]) => {
            let it = model::attribute(column, value, names).ok()?;
            it.remarks.is_empty().then_some(())?;
            within(format!("{}: {}{}", name(column), it.data_type, options(&it.options)))
        }
        ("addIndex", [fields @ JsValue::List(_), given @ ..]) => {
            let mut members = vec![("fields".to_owned(), fields.clone())];
            members.extend(given.first().map_or(&[][..], JsValue::members).iter().cloned());
            within(model::index(&JsValue::Object(members), names)?)
        }
        ("bulkInsert", [rows @ JsValue::List(_), ..]) => {
            Translation::Said(format!("{} bulkCreate {}", name(&model), names.row(rows)?))
        }
        _ => return None,
    })
}

/// What is asked of the connection.
pub(super) fn connection(method: &str, first: Option<&JsValue>) -> Translation {
    match method {
        "sync" | "drop" => match table(None, method, first) {
            Some(it) => Translation::Said(it),
            None => Translation::Unsaid(
                "tables are made by `sync`, and changed by `sync < alter >`, which keeps their rows"
                    .to_owned(),
            ),
        },
        "authenticate" | "close" => Translation::Nothing(NO_CONNECTION),
        "require" => Translation::Nothing(NO_FUNCTIONS),
        "transaction" => Translation::Unsaid("all or nothing is `transaction { .. }`, with the sentences in it".to_owned()),
        "select" | "insert" | "update" | "delete" => Translation::Unsaid(
            "rows are found, made and changed so: `User findAll < where: (id = 1) >`, `User create { name: \"Ann\" }`, `User destroy < where: (id = 1) >`; their values are literals and variables"
                .to_owned(),
        ),
        "query" => Translation::Unsaid("a script asks in its own words: `User findAll < where: (..) >`; raw SQL stands in expressions, sql`..`".to_owned()),
        _ => Translation::Unsaid(format!("a script has no `{method}`")),
    }
}

/// The nearest thing to a call that can't be said.
pub(super) fn nearest(names: &Names, subject: &str, method: &str, arguments: &[JsValue]) -> String {
    let is_function = |it: &JsValue| matches!(it, JsValue::Code(it) if it.contains("=>") || it.starts_with("function"));
    let is_called = arguments.iter().any(is_function);
    if subject == "Promise" || is_called && matches!(method, "forEach" | "map" | "reduce") {
        return NO_LOOPS.to_owned();
    }
    if subject == "process" {
        return "a script ends with its last sentence: what stands behind this isn't run, so take it out with it".to_owned();
    }
    if is_called && !matches!(method, "where" | "filter") {
        return NO_CALLS.to_owned();
    }
    if matches!(method, "where" | "filter" | "find_by" | "exclude" | "order" | "order_by") {
        let subject = if subject == "objects" { "User" } else { subject };
        return format!(
            "rows are found so: `{subject} findAll < where: (age >= 3 and name = \"Ann\"), order: [name desc] >`"
        );
    }
    if let Some(variable) = arguments.iter().find_map(|it| names.unknown_in(it)) {
        let last = variable.rsplit('.').next().unwrap_or(variable);
        return format!(
            "a script doesn't know the program's `{variable}`: write its value in its place, or keep it first, `let {last} = ..`"
        );
    }
    let is_own = |it: &(String, JsValue)| it.1.is(&it.0);
    let conditions = arguments.iter().filter_map(|it| it.member("where"));
    if let Some((own, _)) = conditions.flat_map(JsValue::members).find(|it| is_own(it)) {
        return format!("in a condition `{own}` is the attribute, on both sides: write the value");
    }
    let has_list = |value: &JsValue| value.member("where").is_some_and(|it| it.items().len() > 1);
    if arguments.iter().any(has_list) {
        return "of such a list one library means all and another any: write `where: (a = 1 and b = 2)`, or `or`".to_owned();
    }
    if subject.starts_with(char::is_lowercase) && !names.models.values().any(|it| it == subject) {
        return format!(
            "what is said of a row has few options: `{subject} update {{ name: \"Ann\" }}`, `{subject} destroy`, `{subject} reload`"
        );
    }
    let row = if matches!(method, "destroy") { "" } else { " { .. }" };
    let is_write = matches!(method, "update" | "destroy" | "increment" | "decrement");
    if is_write && !arguments.iter().any(|it| it.member("where").is_some()) {
        return format!(
            "say which rows: `{subject} {method}{row} < where: (id = 1) >`, or `< all >` where all are meant"
        );
    }
    match method {
        "addScope" => "a scope stands in its model: `scope active < where: (..) >`".to_owned(),
        _ => format!(
            "a sentence is `{subject} verb < options >`, as in `{subject} findAll < where: (id = 1) >`; its values are literals and variables"
        ),
    }
}

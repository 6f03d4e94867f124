//! Cases with the answers of Sequelize, as recorded: tests/recorded/README.md says how.

use harness::Tests;
use harness::tables::{self, Column, ForeignKey, Index, Member, Table};
use libtest_mimic::{Failed, Trial};
use relata::db::Database as _;
use relata::testing::{ScriptFindings, TestHost, TestSession};
use relata::value;
use serde_json::{Map, Value, json};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// One test a folder.
pub(crate) fn trials(folder: &Path) -> Vec<Trial> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut cases: Vec<PathBuf> = entries.map(|it| it.unwrap().path()).collect();
    cases.retain(|it| it.is_dir());
    cases.sort();
    let trials = cases.into_iter().map(|case| {
        let folder = case.file_name().unwrap().display().to_string();
        let script = fs::read_to_string(case.join("input.schema")).unwrap();
        let expected = fs::read_to_string(case.join("expected.json")).unwrap();
        let expected: Value = serde_json::from_str(&expected).unwrap();
        let test = move || check(&case, &script, &expected).map_err(Failed::from);
        Trial::test(format!("recorded/{folder}"), test)
    });
    trials.collect()
}

/// Holds the library against a case.
fn check(case: &Path, script: &str, expected: &Value) -> Result<(), String> {
    let mut session = TestSession::new(&TestHost::default())?;
    let name = format!("{}/input.schema", case.file_name().unwrap().display());
    let wanted = |key: &str| expected.get(key).and_then(Value::as_str);
    let found = session.check(&name, script);
    if let Some(prefix) = wanted("error").or_else(|| wanted("warning")) {
        if !found.codes.iter().any(|it| it.starts_with(prefix)) {
            return Err(format!("reports {}, expected {prefix}", all(&found)));
        }
        if wanted("error").is_some() {
            let message = || format!("{prefix} is reported, but as a warning");
            return if found.has_errors { Ok(()) } else { Err(message()) };
        }
    }
    if found.has_errors {
        return Err(format!("reports {}, expected none", all(&found)));
    }
    let ran = session.run(&name, script);
    let results = expected.get("results").and_then(Value::as_array);
    let fails = |it: &Value| it.get("error").is_some();
    if ran.found.has_errors && !results.is_some_and(|it| it.iter().any(fails)) {
        return Err(format!("reports {}, expected none", all(&ran.found)));
    }
    if let Some(results) = results {
        compare_results(results, &ran.results)?;
    }
    let tables = tables::read(&mut |sql| query(&mut session, sql))?;
    let differences = differences(expected, &tables);
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n")) }
}

/// The rows of a query, every value as text.
fn query(session: &mut TestSession, sql: &str) -> tables::Result<Vec<Vec<Option<String>>>> {
    let mut rows = Vec::new();
    let mut each = |row: &mut [value::Value]| {
        rows.push(row.iter().map(text).collect());
        ControlFlow::Continue(())
    };
    let res = session.database().query(sql, &[], &mut each);
    res.map_err(|it| it.to_string())?;
    Ok(rows)
}

fn text(value: &value::Value) -> Option<String> {
    use value::Value;
    match value {
        Value::Null => None,
        Value::Bool(it) => Some(u8::from(*it).to_string()),
        Value::Integer(it) => Some(it.to_string()),
        Value::Float(it) => Some(it.to_string()),
        Value::Text(it) | Value::Decimal(it) | Value::Date(it) | Value::Json(it) => {
            Some(it.to_string())
        }
        Value::Blob(it) => Some(String::from_utf8_lossy(it).into_owned()),
    }
}

/// Holds what sentences yielded against what they are to yield.
pub(crate) fn compare_results(expected: &[Value], actual: &[String]) -> Result<(), String> {
    for (place, (expected, line)) in (1..).zip(expected.iter().zip(actual)) {
        let actual: Value = serde_json::from_str(line).map_err(|it| format!("{it}: {line}"))?;
        let holds = match expected.get("error").and_then(Value::as_str) {
            Some(prefix) => {
                actual["error"]["code"].as_str().is_some_and(|it| it.starts_with(prefix))
            }
            None => actual
                .get("value")
                .is_some_and(|it| same(&expected["value"], it, expected.get("part").is_none())),
        };
        if !holds {
            return Err(format!("result {place} is {line}, expected {expected}"));
        }
    }
    if expected.len() == actual.len() {
        return Ok(());
    }
    Err(format!("{} results, expected {}", actual.len(), expected.len()))
}

/// Whether two values are the same; where not `whole`, the actual objects may have more members.
pub(crate) fn same(expected: &Value, actual: &Value, whole: bool) -> bool {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            let held = |(key, it): (&String, &Value)| {
                actual.get(key).is_some_and(|actual| same(it, actual, whole))
            };
            (!whole || expected.len() == actual.len()) && expected.iter().all(held)
        }
        (Value::Array(expected), Value::Array(actual)) => {
            let pairs = expected.iter().zip(actual);
            expected.len() == actual.len() && pairs.into_iter().all(|(a, b)| same(a, b, whole))
        }
        (Value::Number(a), Value::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
            _ => a == b,
        },
        _ => expected == actual,
    }
}

fn all(found: &ScriptFindings) -> String {
    format!("{:?}\n{}", found.codes, found.report)
}

/// What differs between the tables expected and those that are there, in words.
fn differences(expected: &Value, actual: &[Table]) -> Vec<String> {
    let mut res = Vec::new();
    let Some(tables) = expected.get("tables").and_then(Value::as_array) else {
        return res;
    };
    for table in actual {
        if !tables.iter().any(|it| it["name"] == *table.name) {
            res.push(format!("table {} is not expected", table.name));
        }
    }
    for table in tables {
        match actual.iter().find(|it| table["name"] == *it.name) {
            Some(actual) => differences_of_table(table, actual, &mut res),
            None => res.push(format!("table {} is missing", table["name"])),
        }
    }
    let order = json!(actual.iter().map(|it| &it.name).collect::<Vec<_>>());
    let mut compare = |what: &str, expected: &Value, actual: &Value| {
        if expected != actual {
            res.push(format!("{what} {actual}, expected {expected}"));
        }
    };
    if let Some(expected) = expected.get("order") {
        compare("tables created in the order", expected, &order);
    }
    let constraints = expected.get("constraints").and_then(Value::as_object);
    for (name, expected) in constraints.into_iter().flatten() {
        let table = actual.iter().find(|it| it.name == *name);
        let actual = table.map(|it| &it.constraints);
        compare(&format!("{name}: constraints"), expected, &json!(actual));
    }
    res
}

fn differences_of_table(expected: &Value, actual: &Table, res: &mut Vec<String>) {
    let table = &actual.name;
    let mut compare = |what: &str, expected: &Value, actual: &Value| {
        if expected != actual {
            res.push(format!("{table}{what} {actual}, expected {expected}"));
        }
    };
    let columns = expected["columns"].as_array().cloned().unwrap_or_default();
    let names: Vec<&Value> = columns.iter().map(|it| &it["name"]).collect();
    let actual_names: Vec<&str> = actual.columns.iter().map(|it| it.name.as_str()).collect();
    compare(": columns", &json!(names), &json!(actual_names));
    if json!(names) == json!(actual_names) {
        for (expected, column) in columns.iter().zip(&actual.columns) {
            for (field, actual) in fields(column) {
                let Some(expected) = expected.get(field) else {
                    continue;
                };
                let what = format!(".{}: {field}", column.name);
                match field {
                    // Whether a key is NOT NULL is SQLite's affair.
                    "notnull" if column.key > 0 => (),
                    "type" => compare(&what, &json!(type_of(expected)), &json!(type_of(&actual))),
                    "default" => compare(&what, &bare(expected), &bare(&actual)),
                    _ => compare(&what, expected, &actual),
                }
            }
        }
    }
    if let Some(expected) = expected.get("autoincrement") {
        compare(": autoincrement", expected, &json!(actual.autoincrement));
    }
    let keys = actual.foreign_keys.iter().map(key).collect();
    compare(": foreign keys", &sorted(expected.get("foreign_keys")), &in_order(keys));
    let (uniques, indexes): (Vec<&Index>, Vec<&Index>) =
        actual.indexes.iter().partition(|it| it.is_plain_unique());
    let uniques = uniques.iter().filter(|it| it.origin != "pk");
    let uniques = uniques.map(|it| json!(it.columns.iter().map(|it| &it.name).collect::<Vec<_>>()));
    let mut uniques = in_order(uniques.collect());
    if let Some(list) = uniques.as_array_mut() {
        list.dedup();
    }
    compare(": uniques", &sorted(expected.get("uniques")), &uniques);
    let indexes = indexes.into_iter().map(index).collect();
    compare(": indexes", &sorted(expected.get("indexes")), &in_order(indexes));
}

/// A column as expected.json has it.
fn fields(column: &Column) -> [(&'static str, Value); 4] {
    [
        ("type", json!(column.data_type)),
        ("notnull", json!(u8::from(column.not_null))),
        ("pk", json!(column.key)),
        ("default", json!(column.default)),
    ]
}

fn key(key: &ForeignKey) -> Value {
    json!({
        "table": key.table,
        "from": key.from,
        "to": key.to,
        "on_update": key.on_update,
        "on_delete": key.on_delete,
    })
}

fn index(index: &Index) -> Value {
    let member = |it: &Member| json!({"name": it.name, "desc": u8::from(it.descending), "coll": it.collation});
    json!({
        "name": index.name,
        "unique": u8::from(index.unique),
        "partial": u8::from(index.partial),
        "columns": index.columns.iter().map(member).collect::<Vec<_>>(),
    })
}

fn type_of(text: &Value) -> String {
    let text = text.as_str().unwrap_or_default();
    text.split_whitespace().collect::<String>().to_uppercase()
}

/// A default without the brackets around it and without its case.
fn bare(text: &Value) -> Value {
    match text.as_str() {
        Some(text) => json!(text.trim_matches(['(', ')']).to_uppercase()),
        None => text.clone(),
    }
}

fn sorted(list: Option<&Value>) -> Value {
    in_order(list.and_then(Value::as_array).cloned().unwrap_or_default())
}

/// A list whose order doesn't matter, in the order of its members' text (their keys sorted).
fn in_order(mut list: Vec<Value>) -> Value {
    list.sort_by_cached_key(|it| with_sorted_keys(it).to_string());
    Value::Array(list)
}

fn with_sorted_keys(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<_> =
                map.iter().map(|(key, it)| (key.clone(), with_sorted_keys(it))).collect();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(Map::from_iter(pairs))
        }
        Value::Array(list) => list.iter().map(with_sorted_keys).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// The tests of this file.
pub(crate) const TESTS: Tests = &[
    ("results are compared as they are and as they differ", compared_results),
    ("tables are compared as they are and as they differ", compared_tables),
];

fn compared_results() {
    let expected = [
        json!({"value": {"id": 1}, "part": true}),
        json!({"error": "E06"}),
        json!({"value": [0.5]}),
    ];
    let line = |text: &str| text.to_owned();
    let mut actual = vec![
        line(r#"{"value":{"id":1.0,"name":"Ann"}}"#),
        line(r#"{"error":{"code":"E0601"}}"#),
        line(r#"{"value":[0.5]}"#),
    ];
    assert_eq!(compare_results(&expected, &actual), Ok(()));
    actual[2] = line(r#"{"value":[0.6]}"#);
    assert!(compare_results(&expected, &actual).is_err());
    actual.pop();
    assert!(compare_results(&expected, &actual).is_err());
}

fn compared_tables() {
    let mut table = Table {
        name: "Users".to_owned(),
        columns: vec![Column {
            name: "id".to_owned(),
            data_type: "varchar (9)".to_owned(),
            not_null: true,
            default: Some("(now())".to_owned()),
            key: 1,
            generated: None,
        }],
        autoincrement: false,
        foreign_keys: Vec::new(),
        constraints: vec!["a".to_owned()],
        checks: Vec::new(),
        indexes: Vec::new(),
    };
    let expected = json!({
        "tables": [{
            "name": "Users",
            "columns": [{"name": "id", "type": "VARCHAR(9)", "notnull": 0, "default": "NOW(", "pk": 1}],
            "foreign_keys": [],
        }],
        "order": ["Users"],
        "constraints": {"Users": ["a"]},
    });
    assert_eq!(differences(&expected, std::slice::from_ref(&table)), [""; 0]);
    table.columns[0].key = 0;
    table.constraints.clear();
    let found = differences(&expected, std::slice::from_ref(&table));
    assert_eq!(found.len(), 3, "{found:?}");
    "People".clone_into(&mut table.name);
    assert_eq!(differences(&expected, &[table]).len(), 4);
}

//! Changes of databases with rows, as recorded: tests/migrations has a folder for each.
//!
//! `before.schema` makes a database (`before.sql` adds what Relata can't make), `after.schema` alters it, and `expected.json`
//! says what must hold then. Beyond that every change must be whole: a second time there is nothing left to do.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may fail so, and reads its cases"
)]

use relata::db::Sqlite;
use relata::diagnostics::Problem;
use relata::run::{Options, Outcome, Yield};
use relata::session::Session;
use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// What came of a script: its outcomes, and the codes of what went wrong.
fn run(path: &Path, script: &str) -> (Vec<Outcome>, Vec<&'static str>) {
    let options = Options { keep_going: true, ..Options::default() };
    let mut session = Session::new(Sqlite::open(path).unwrap()).with_options(options);
    let mut outcomes = Vec::new();
    let codes = match session.run("case.schema", script, &mut outcomes) {
        Ok(()) => Vec::new(),
        Err(failure) => failure.problems().iter().map(Problem::code).collect(),
    };
    (outcomes, codes)
}

fn rows(link: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let mut statement = link.prepare(sql).unwrap();
    let width = statement.column_count();
    let read = statement.query_map([], |row| {
        (0..width)
            .map(|it| {
                Ok(match row.get::<_, Sql>(it)? {
                    Sql::Null => Value::Null,
                    Sql::Integer(it) => json!(it),
                    Sql::Real(it) => json!(it),
                    Sql::Text(it) => json!(it),
                    Sql::Blob(it) => json!(format!("{it:?}")),
                })
            })
            .collect()
    });
    read.unwrap().map(Result::unwrap).collect()
}

/// What the database declares, Relata's own tables left out.
fn declared(link: &Connection) -> Vec<Vec<Value>> {
    rows(
        link,
        "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '\\_relata%' ESCAPE '\\' ORDER BY 1, 2",
    )
}

fn same(wanted: &Value, there: &Value) -> bool {
    if wanted.is_object() { !there.is_null() } else { wanted == there }
}

fn check(case: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.db");
    let text = |name: &str| fs::read_to_string(case.join(name));
    let name = case.file_name().unwrap().display().to_string();
    let expected: Value = serde_json::from_str(&text("expected.json").unwrap()).unwrap();
    let (_, codes) = run(&path, &text("before.schema").unwrap());
    assert!(codes.is_empty(), "{name}: before.schema: {codes:?}");
    let link = Connection::open(&path).unwrap();
    if let Ok(sql) = text("before.sql") {
        link.execute_batch(&sql).unwrap();
    }
    let before = declared(&link);
    let after = text("after.schema").unwrap();
    let (outcomes, codes) = run(&path, &after);
    let refused = expected["refused"] == true;
    let failing = expected["failing"].as_u64().unwrap_or(0);
    if refused {
        assert!(codes.iter().any(|it| it.starts_with("E05")), "{name}: {codes:?}");
    } else if failing == 0 {
        assert!(codes.is_empty(), "{name}: {codes:?}");
    }
    if refused || expected["statements"] == 0 {
        assert_eq!(declared(&link), before, "{name}: the schema changed");
    }
    let failed = outcomes.iter().filter(|it| matches!(it.result, Yield::Failed(_)));
    if expected.get("failing").is_some() {
        assert_eq!(failed.count() as u64, failing, "{name}");
    }
    for table in expected["tables"].as_array().unwrap() {
        let columns = format!("PRAGMA table_info({})", table["name"]);
        let there: Vec<Value> = rows(&link, &columns)
            .into_iter()
            .map(|it| json!([it[1], it[2], it[5].as_i64().unwrap_or(0) > 0]))
            .collect();
        let wanted: Vec<Value> = table["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| json!([it["name"], it["type"], it["pk"].as_i64().unwrap_or(0) > 0]))
            .collect();
        assert_eq!(there, wanted, "{name}: columns of {}", table["name"]);
    }
    for (table, wanted) in expected["rows"].as_object().unwrap() {
        let there = rows(&link, &format!("SELECT * FROM \"{table}\" ORDER BY 1"));
        let wanted = wanted.as_array().unwrap();
        let equal = |(a, b): (&Value, &Vec<Value>)| {
            let a = a.as_array().unwrap();
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        };
        let all = wanted.len() == there.len() && wanted.iter().zip(&there).all(equal);
        assert!(all, "{name}: rows of {table}: {there:?}, expected {wanted:?}");
    }
    for object in expected["objects"].as_array().into_iter().flatten() {
        let there = declared(&link);
        let found = there.iter().any(|it| json!([it[0], it[1]]) == *object);
        assert!(found, "{name}: {object} is gone");
    }
    assert_eq!(rows(&link, "PRAGMA integrity_check"), [[json!("ok")]], "{name}");
    if !refused {
        assert!(rows(&link, "PRAGMA foreign_key_check").is_empty(), "{name}");
        let end = after.find("sync < alter").unwrap_or(after.len());
        let again = format!("{}sync < alter >", after.get(..end).unwrap());
        let (outcomes, codes) = run(&path, &again);
        assert!(codes.is_empty(), "{name}, again: {codes:?}");
        let nothing = |it: &Outcome| matches!(&it.result, Yield::Ddl(sql) if sql.is_empty());
        assert!(outcomes.iter().all(nothing), "{name}, again: {outcomes:?}");
    }
}

#[test]
fn every_recorded_change_keeps_what_it_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/migrations");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 20);
    for case in cases {
        check(&case);
    }
}

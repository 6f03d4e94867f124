//! Data steps, `once`: in imported scripts, as SQL, where a script goes on behind a failure, and at the prompt.

#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use crate::kit::Folder;
use rusqlite::Connection;

const BASE: &str = r##"defaults < timestamps: false >
model Tag { label: STRING }
once "labels of tags" {
  Tag update { label: ("#" || label) } < where: (not (label startsWith "#")) >
}
"##;

const APP: &str = r#"import "base.schema"
model Label { name: STRING, size: INTEGER } < timestamps: false >
drop "Old"
once "copy labels" {
  Label bulkCreate (Tag findAll < attributes: [label as name] >)
  Label update { size: (length(name)) } < all >
}
"#;

/// A folder with the scripts, and a database that has what they move.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("base.schema", BASE).write("app.schema", APP);
    open(&folder, "a.db")
        .execute_batch(
            "CREATE TABLE Tags (id INTEGER PRIMARY KEY AUTOINCREMENT, label VARCHAR(255));
             INSERT INTO Tags (label) VALUES ('a'), ('bb'), ('#c');
             CREATE TABLE Old (x);",
        )
        .unwrap();
    std::fs::copy(folder.path("a.db"), folder.path("b.db")).unwrap();
    folder
}

fn open(folder: &Folder, name: &str) -> Connection {
    Connection::open(folder.path(name)).unwrap()
}

/// The texts that a statement finds.
fn texts(folder: &Folder, db: &str, sql: &str) -> Vec<String> {
    let link = open(folder, db);
    let mut asked = link.prepare(sql).unwrap();
    let rows = asked.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

const MOVED: &str = "SELECT name || size FROM Labels ORDER BY id";

#[test]
fn steps_of_imported_scripts_come_first_and_none_comes_twice() {
    let folder = folder();
    let apply = ["apply", "app.schema", "--db", "a.db"];
    folder.run(&apply).fine();
    assert_eq!(texts(&folder, "a.db", MOVED), ["#a2", "#bb3", "#c2"]);
    assert_eq!(folder.run(&apply).fine().out, "");
    let history = folder.run(&["history", "--db", "a.db"]);
    let out = &history.fine().out;
    let places = ["labels of tags", "copy labels", "Old: drop"].map(|it| out.find(it));
    assert!(places.is_sorted() && places[0].is_some(), "{out}");
    // Without the importing script the step is still known.
    folder.run(&["diff", "base.schema", "--db", "a.db"]).says(0, "");
    folder.run(&["rollback", "--db", "a.db"]).fine();
    let tags = texts(&folder, "a.db", "SELECT label FROM Tags ORDER BY id");
    assert_eq!(tags, ["a", "bb", "#c"]);
    assert_eq!(
        texts(&folder, "a.db", "SELECT name FROM sqlite_master WHERE name = 'Old'"),
        ["Old"]
    );
}

#[test]
fn the_sql_of_a_plan_does_what_apply_does_and_tells_nothing() {
    let folder = folder();
    let diff = folder.run(&["diff", "app.schema", "--db", "a.db", "--format", "sql"]);
    let sql = &diff.says(1, "").out;
    assert!(sql.contains("INSERT INTO `Labels`") && !sql.contains("RETURNING"), "{sql}");
    let script: String =
        sql.lines().filter(|it| !it.starts_with('.')).collect::<Vec<_>>().join("\n");
    open(&folder, "b.db").execute_batch(&script).unwrap();
    folder.run(&["apply", "app.schema", "--db", "a.db"]).fine();
    let moved = texts(&folder, "b.db", MOVED);
    assert_eq!((moved.len(), &moved), (3, &texts(&folder, "a.db", MOVED)));
}

#[test]
fn a_step_that_fails_is_undone_with_all_and_the_script_goes_on() {
    let folder = folder();
    let script = "import \"base.schema\"\nmodel Label { name: STRING } < timestamps: false >
once \"fails\" { Label create { name: \"x\" }; assert (1 = 2) }
sync < alter >\nTag findAll < attributes: [label] >\nTag create { label: \"d\" }\n";
    folder.write("bad.schema", script);
    let run = ["run", "bad.schema", "--db", "a.db", "--format", "json", "--keep-going"];
    let done = folder.run(&run);
    let out = &done.says(1, "E0802").out;
    assert!(out.contains(r##""value":[{"label":"a"},{"label":"bb"},{"label":"#c"}]"##), "{out}");
    let tables = "SELECT name FROM sqlite_master WHERE name IN ('Labels', '_relata_steps')";
    assert_eq!(texts(&folder, "a.db", tables), Vec::<String>::new());
    assert_eq!(texts(&folder, "a.db", "SELECT label FROM Tags WHERE id = 4"), ["d"]);
}

#[test]
fn a_step_at_the_prompt_runs_with_the_next_sync_alone() {
    let folder = folder();
    let typed = "import \"app.schema\"\nsync < alter >\nLabel count\n
once \"at the prompt\" { Label create { name: \"z\" } }\nLabel count\nsync\nLabel count\nsync\nLabel count\n";
    let done = folder.feed(&["repl", "--db", "a.db"], typed.as_bytes());
    let counts: Vec<_> = done.fine().out.lines().filter(|it| it.parse::<u8>().is_ok()).collect();
    assert_eq!(counts, ["3", "3", "4", "4"], "{}", done.out);
}

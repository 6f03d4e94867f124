//! `relata diff`.

use crate::kit::Folder;

const BEFORE: &str = "\
model User { name: STRING, nick: STRING } < timestamps: false >
sync
User create { name: \"Ann\", nick: \"a\" }
User create { name: \"Bob\" }
";
const AFTER: &str =
    "model User { name: STRING, age: INTEGER, index (age) } < timestamps: false >\n";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("a.schema", BEFORE);
    folder.write("b.schema", AFTER);
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    folder
}

#[test]
fn nothing_differs_and_something_does() {
    let folder = folder();
    let same = folder.run(&["diff", "a.schema", "--db", "a.db"]);
    assert_eq!(same.says(0, "nothing differs").out, "");
    let done = folder.run(&["diff", "b.schema", "--db", "a.db"]);
    let done = done.says(1, "E0501");
    assert!(done.out.contains("~ Users: refused\n"), "{}", done.out);
    let allowed = ["diff", "b.schema", "--db", "a.db", "--allow", "E0501"];
    let expected = "\
~ Users: rebuild, 2 rows copied
  + add column `age` INTEGER
  - drop column `nick` and its values (1 row)
  + create index `users_age`

1 column to add, 1 index to add, 1 column to drop
";
    let done = folder.run(&allowed);
    assert_eq!(done.says(1, "").out, expected);
    // Nothing was touched.
    folder.run(&["diff", "a.schema", "--db", "a.db"]).fine();
    folder.run(&["apply", "b.schema", "--db", "a.db", "--allow", "E0501"]).fine();
    folder.run(&["diff", "b.schema", "--db", "a.db"]).fine();
}

/// The plans of the front page, and what its script is before it says what is meant.
#[test]
fn the_front_page_shows_what_is_said() {
    let page = include_str!("../../../README.md");
    let blocks = |kind: &str| -> Vec<&str> {
        let parts = page.split(kind).skip(1);
        parts.filter_map(|it| it.split("```").next()).collect()
    };
    let folder = Folder::new();
    folder.write("a.schema", BEFORE);
    folder.run(&["run", "a.schema", "--db", "shop.db"]).fine();
    let meant = blocks("```schema\n").first().copied().unwrap_or_default();
    let first =
        meant.replace("  drop nick\n", "").replace(", using: (lower(name) || \"@shop.org\")", "");
    assert_ne!(first, meant);
    let consoles = blocks("```console\n");
    for (script, console) in [first.as_str(), meant].into_iter().zip(consoles) {
        folder.write("shop.schema", script);
        let said = folder.run(&["diff", "shop.schema", "--db", "shop.db"]);
        let shown = console.lines().skip(1).take_while(|it| !it.starts_with(['$', 'E']));
        let shown: Vec<&str> = shown.collect();
        assert_eq!(said.out.trim_end(), shown.join("\n").trim_end());
    }
}

#[test]
fn it_is_told_to_programs() {
    let folder = folder();
    let json = ["diff", "b.schema", "--db", "a.db", "--format", "json"];
    let done = folder.run(&json);
    let out = &done.says(1, "E0501").out;
    let first: serde_json::Value =
        out.lines().next().unwrap_or_default().parse().unwrap_or_default();
    assert_eq!(first["object"], "Users");
    assert_eq!(first["way"], "refused");
    assert_eq!((&first["sign"], &first["signs"][0]), (&"~".into(), &"+".into()));
    assert_eq!(first["refused"][0]["code"], "E0501");
    let last = out.lines().last().unwrap_or_default();
    assert_eq!(last, r#"{"summary":[],"refused":1}"#);
    let sql = folder.run(&["diff", "b.schema", "--db", "a.db", "--format", "sql", "--keep"]);
    let out = &sql.says(1, "").out;
    assert!(out.contains("CREATE INDEX `users_age`"), "{out}");
}

#[test]
fn two_scripts_are_compared() {
    let folder = folder();
    folder.run(&["diff", "a.schema", "a.schema"]).fine();
    let done = folder.run(&["diff", "a.schema", "b.schema"]);
    assert!(done.says(1, "").out.starts_with("~ Users: "), "{}", done.out);
}

#[test]
fn what_is_at_fault_is_told_by_the_exit_code() {
    let folder = folder();
    folder.write("broken.schema", "model User {");
    folder.run(&["diff", "broken.schema", "--db", "a.db"]).says(2, "E01");
    folder.run(&["diff", "a.schema"]).says(2, "nothing to compare");
    let none = folder.run(&["diff", "a.schema", "--db", "none.db"]);
    none.says(3, "E0607").says(3, "`relata apply` and `relata run` make one");
    assert!(!folder.path("none.db").exists());
}

#[test]
fn what_gets_a_value_where_it_is_is_told() {
    let folder = Folder::new();
    let model = |of: &str| format!("model User {{ age: INTEGER{of} }} < timestamps: false >\n");
    let rows = "sync\nUser create { }\nUser create { age: 1 }\n";
    folder.write("a.schema", model("") + rows);
    folder.write("b.schema", model(" < allowNull: false, defaultValue: 0 >"));
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    let human = folder.run(&["diff", "b.schema", "--db", "a.db"]);
    assert!(human.out.contains("1 row updated"), "{human:?}");
    let sql = folder.run(&["diff", "b.schema", "--db", "a.db", "--format", "sql"]);
    // What explains a line is a comment.
    let lines = sql.out.lines().filter(|it| !it.starts_with("--"));
    let begins: Vec<_> = lines.map(|it| it.split(' ').next().unwrap_or_default()).collect();
    let wanted = [
        ".bail", "PRAGMA", "BEGIN", "UPDATE", "PRAGMA", "UPDATE", "PRAGMA", "CREATE", "DROP",
        "COMMIT;",
    ];
    assert_eq!(begins, wanted, "{sql:?}");
}

#[test]
fn sql_of_a_plan_that_is_refused_changes_nothing() {
    let folder = folder();
    let sql = folder.run(&["diff", "b.schema", "--db", "a.db", "--format", "sql"]);
    assert!(sql.says(1, "E0501").out.ends_with("ROLLBACK;\n"), "{sql:?}");
}

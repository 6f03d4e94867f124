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

/// What the type makes another value of is counted where that is allowed: nothing else would tell.
#[test]
fn values_that_a_type_makes_others_are_counted() {
    let folder = Folder::new();
    folder.write("a.schema", "model User { age: STRING, one: STRING } < timestamps: false >\nsync\nUser bulkCreate [{ age: \"007\", one: \"01\" }, { age: \" 5\" }, { age: \"old\" }, { age: \"12\" }]\n");
    folder.write("b.schema", "model User { age: INTEGER, one: INTEGER } < timestamps: false >\n");
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    let refused = folder.run(&["diff", "b.schema", "--db", "a.db"]);
    refused.says(1, "with which 2 rows would get another value: '007' becomes 7");
    let expected = "\
~ Users: rebuild, 4 rows copied
  ~ change the type of `age` from VARCHAR(255) to INTEGER (4 rows, 2 of them get another value)
  ~ change the type of `one` from VARCHAR(255) to INTEGER (1 row, 1 of them gets another value)

2 columns to change
";
    let allowed = folder.run(&["diff", "b.schema", "--db", "a.db", "--allow", "E0502"]);
    assert_eq!(allowed.says(1, "").out, expected);
    let done = folder.run(&["apply", "b.schema", "--db", "a.db", "--allow", "E0502"]);
    let done = done.says(0, "");
    assert!(done.out.contains("(4 rows, 2 of them get another value)"), "{}", done.out);
}

/// The front page, typed: each of its scripts and commands in order, with all that is printed.
#[test]
fn the_front_page_shows_what_is_said() {
    let page = include_str!("../../../README.md");
    let blocks = |kind: &str| -> Vec<&str> {
        let parts = page.split(kind).skip(1);
        parts.filter_map(|it| it.split("```").next()).collect()
    };
    let folder = Folder::new();
    folder.write("before.schema", blocks("```schema before\n")[0]);
    folder.run(&["run", "before.schema", "--db", "shop.db"]).fine();
    let scripts = [blocks("```text\n")[0], blocks("```schema\n")[0]];
    let mut typed = 0;
    for (script, console) in scripts.into_iter().zip(blocks("```console\n")) {
        folder.write("shop.schema", script);
        for said in console.split("$ relata ").skip(1) {
            let (command, shown) = said.split_once('\n').unwrap_or((said, ""));
            let (words, behind) = command.split_once(['|', '>']).unwrap_or((command, ""));
            let words: Vec<&str> = words.split_whitespace().collect();
            let done = folder.run(&words);
            typed += 1;
            let (out, err) = (done.out.trim_end(), done.err.trim());
            let said = match behind {
                "" if err.is_empty() => out.to_owned(),
                "" => format!("{out}\n\n{err}"),
                " tail -1" => format!("{err}\n{}", out.lines().last().unwrap_or_default()),
                _ => err.to_owned(),
            };
            assert_eq!(without_times(&said), without_times(shown.trim_end()), "{command}");
        }
    }
    assert_eq!(typed, 4);
}

/// Without how long something took, and when it was done.
fn without_times(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once(" of 20") {
        Some((begin, rest)) if line.starts_with("migration ") => {
            format!("{begin} {}", rest.split_once(' ').map_or("", |it| it.1))
        }
        _ if line.starts_with("applied:") => line.split(" (").next().unwrap_or_default().to_owned(),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
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

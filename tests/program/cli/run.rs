//! `run` and `sql`.

use super::unread;
use crate::kit::{Folder, exists};
use relata::db::{Database, Sqlite};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

const SHOP: &str = "\
model User { firstName: STRING } < timestamps: false >
model Invoice { amount: INTEGER } < timestamps: false >
Invoice belongsTo User
sync
";

#[test]
fn sync_creates_the_tables_and_shows_the_statements() {
    let folder = Folder::new();
    folder.write("a.schema", SHOP);
    let done = folder.run(&["run", "a.schema", "--db", "a.db"]);
    assert_eq!(done.fine().out.matches("CREATE TABLE").count(), 2);
    assert_eq!(done.err, "");
    let mut db = Sqlite::open(folder.path("a.db")).unwrap();
    assert_eq!(db.objects().unwrap().len(), 2);
    let again = folder.run(&["run", "a.schema", "--db", "sqlite:a.db"]);
    assert_eq!(again.fine().out, "");
}

#[test]
fn json_has_a_line_a_sentence() {
    let folder = Folder::new();
    folder.write("a.schema", format!("{SHOP}User sync\n"));
    let done = folder.run(&["run", "a.schema", "--format", "json"]);
    let lines: Vec<serde_json::Value> =
        done.fine().out.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["line"], 4);
    assert_eq!(lines[0]["verb"], "sync");
    assert_eq!(lines[0].get("model"), None);
    assert_eq!(lines[0]["sql"].as_array().unwrap().len(), 2);
    assert_eq!(lines[1].to_string(), r#"{"line":5,"verb":"sync","model":"User","sql":[]}"#);
}

const PEOPLE: &str = "\
model User { name: STRING, age: INTEGER }
sync
User load \"people.csv\" < columns: { Name: name } >
";

#[test]
fn a_file_is_loaded_and_rows_are_printed() {
    let folder = Folder::new();
    folder.write("people.csv", "\u{feff}Name,age\nAnn,30\n\"Bob, \"\"the\"\" Cid\",\n");
    let find = "User findAll < attributes: [name, age], order: [id] >\n";
    folder.write("a.schema", format!("{PEOPLE}{find}User count\n"));
    let json = folder.run(&["run", "a.schema", "--format", "json"]);
    let lines: Vec<&str> = json.fine().out.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            r#"{"line":3,"verb":"load","model":"User","value":2}"#,
            r#"{"line":4,"verb":"findAll","model":"User","value":[{"name":"Ann","age":30},{"name":"Bob, \"the\" Cid","age":null}]}"#,
            r#"{"line":5,"verb":"count","model":"User","value":2}"#,
        ]
    );
    let csv = folder.run(&["run", "a.schema", "--format", "csv"]);
    let rows = "2\n\nname,age\nAnn,30\n\"Bob, \"\"the\"\" Cid\",\n\n2\n";
    assert_eq!(csv.fine().out, rows);
    let table = folder.run(&["run", "a.schema"]);
    let rows = "name             age\n──────────────  ────\nAnn               30\nBob, \"the\" Cid  null\n2 rows\n";
    assert!(table.fine().out.contains(rows), "{}", table.out);
}

#[test]
fn a_file_is_loaded_where_the_database_computes_the_rest() {
    let folder = Folder::new();
    folder.write("people.csv", "name,Years old\nAnn,30\nBob,\n");
    let text = "model User {
  name: STRING
  age: INTEGER
  double: INTEGER < generated: (age * 2), stored >
  loud: VIRTUAL < get: (upper(name)) >
} < timestamps: false >
sync
User load \"people.csv\" < columns: { `Years old`: age } >
User findAll
";
    folder.write("a.schema", text);
    let done = folder.run(&["run", "a.schema", "--format", "csv"]);
    let rows = "2\n\nid,name,age,double,loud\n1,Ann,30,60,ANN\n2,Bob,,,BOB\n";
    assert_eq!(done.fine().out, rows);
    folder.write("a.schema", text.replace("< columns: { `Years old`: age } >", ""));
    let help = "say which attribute it is: `< columns: { \"Years old\": .. } >`";
    folder.run(&["run", "a.schema"]).says(1, help);
    // What follows the nearest name would load whole lines into it.
    folder.write("people.csv", "name;age\nAnn;30\n");
    folder.run(&["run", "a.schema"]).says(1, "said by `< delimiter: \";\" >`");
    folder.write("a.schema", text.replace("people.csv", "none.csv"));
    folder.run(&["run", "a.schema"]).says(1, "no such file");
}

#[test]
fn a_value_stays_on_its_line_and_in_its_column() {
    let folder = Folder::new();
    folder.write(
        "a.schema",
        "model T { a: STRING, b: INTEGER } < timestamps: false >
sync
T create { a: \"x\\ty\\nDROP TABLE Ts;\", b: 1 }
",
    );
    let done = folder.run(&["run", "a.schema", "--explain"]);
    assert!(done.fine().out.contains(" 1  x    y          1\n"), "{}", done.out);
    assert!(done.err.lines().all(|it| it.contains("--")), "{}", done.err);
}

#[test]
fn a_line_that_is_no_row_is_named_and_nothing_is_loaded() {
    let folder = Folder::new();
    folder.write("people.csv", "Name,age\nAnn,30\nBob,old\n");
    folder.write("a.schema", format!("{PEOPLE}User count\n"));
    let done = folder.run(&["run", "a.schema", "--format", "json", "--keep-going"]);
    done.says(1, "people.csv:3: \"old\" does not fit `User.age`");
    let last = done.out.lines().last();
    assert_eq!(last, Some(r#"{"line":4,"verb":"count","model":"User","value":0}"#));
    folder.write("people.csv", "Nom,age\nAnn,30\n");
    folder.run(&["run", "a.schema"]).says(1, "no attribute `Nom`");
    folder.write("people.csv", "Name,age,name\nAnn,30,Bob\n");
    folder.run(&["run", "a.schema"]).says(1, "people.csv:1: there are two values for `name`");
    let outside = PEOPLE.replace("people.csv", "../people.csv");
    folder.write("a.schema", outside);
    folder.run(&["run", "a.schema"]).says(1, "E0803");
}

#[test]
fn the_clock_and_chance_can_be_fixed_and_statements_shown() {
    let folder = Folder::new();
    let script = "model T { u: UUID < defaultValue: uuid() > }\nsync\nT create {}\n";
    folder.write("a.schema", script);
    let fixed = ["run", "a.schema", "--format", "json", "--now", "2022-01-16", "--seed", "7"];
    let (one, two) = (folder.run(&fixed), folder.run(&fixed));
    assert_eq!(one.fine().out, two.fine().out);
    assert!(one.out.contains("2022-01-16T00:00:00.000Z"), "{}", one.out);
    let explained = folder.run(&["run", "a.schema", "--explain"]);
    assert!(explained.err.contains("INSERT INTO `Ts`"), "{}", explained.err);
}

#[test]
fn a_script_with_an_error_touches_no_database() {
    let folder = Folder::new();
    folder.write("a.schema", format!("{SHOP}User hasMany Nobody\n"));
    let done = folder.run(&["run", "a.schema", "--db", "a.db"]);
    done.says(1, "E0204");
    assert!(!exists(&folder.path("a.db")));
}

#[test]
fn what_is_no_database_is_the_machines_fault() {
    let folder = Folder::new();
    folder
        .write("a.schema", SHOP)
        .write("a.db", "no database at all, but long enough to be read as one");
    let run = |db: &str| folder.run(&["run", "a.schema", "--db", db]);
    run("a.db").says(3, "E0608");
    run("missing/a.db").says(3, "E0607").says(3, "there is no folder `missing`");
    run(".").says(3, "E0607");
}

#[test]
fn other_databases_come_later() {
    let folder = Folder::new();
    folder.write("a.schema", SHOP);
    let run = |db: &str| folder.run(&["run", "a.schema", "--db", db]);
    run("postgres://localhost/x").says(2, "doesn't run on PostgreSQL");
    run("mysql://localhost/x").says(2, "--dialect mysql");
    run("oracle://localhost/x").says(2, "no kind of database");
    run("").says(2, "empty");
}

#[test]
fn a_database_that_may_only_be_read_is_said_so() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    folder.write("a.schema", SHOP).write("b.schema", "model Other { a: STRING }\nsync\n");
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    let mode = std::fs::Permissions::from_mode(0o444);
    std::fs::set_permissions(folder.path("a.db"), mode).unwrap();
    // Where all is there, nothing needs to be written.
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    let done = folder.run(&["run", "b.schema", "--db", "a.db"]);
    // root may write anything.
    if done.code != Some(0) {
        done.says(3, "E0609");
    }
}

#[test]
fn a_database_that_is_locked_is_waited_for_and_then_said_so() {
    let folder = Folder::new();
    folder.write("a.schema", SHOP);
    let mut db = Sqlite::open(folder.path("a.db")).unwrap();
    db.begin().unwrap();
    let done = folder.run(&["run", "a.schema", "--db", "a.db"]);
    done.says(3, "E0605");
    db.rollback().unwrap();
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
}

#[test]
fn options_are_checked() {
    let folder = Folder::new();
    folder.write("a.schema", SHOP);
    let run = |more: &[&str]| folder.run(&[&["run", "a.schema"], more].concat());
    run(&["--now", "2022-01-16T12:00:00Z", "--seed", "7", "--keep-going", "--explain"]).fine();
    run(&["--allow", "E0501"]).fine();
    run(&["--allow", "E0503"]).says(2, "E0501, E0502, E0512");
    run(&["--now", "noon"]).says(2, "2022-01-16T12:00:00Z");
    run(&["--seed", "x"]).says(2, "--seed");
    run(&["--allow", "E0601"]).says(2, "E0501");
}

#[test]
fn dropping_what_other_rows_need_is_refused() {
    let folder = Folder::new();
    folder.write("a.schema", SHOP).write(
        "b.schema",
        "model User { firstName: STRING } < timestamps: false >\nUser sync < force >\n",
    );
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    let mut db = Sqlite::open(folder.path("a.db")).unwrap();
    db.execute("INSERT INTO Users (firstName) VALUES ('Ann')", &[]).unwrap();
    db.execute("INSERT INTO Invoices (amount, UserId) VALUES (1, 1)", &[]).unwrap();
    let done = folder.run(&["run", "b.schema", "--db", "a.db", "--format", "json"]);
    done.says(1, "E0510").says(1, "1 row of `Invoices` refers to it");
    assert!(done.out.contains(r#""error":{"code":"E0510""#), "{}", done.out);
    db.execute("UPDATE Invoices SET UserId = NULL", &[]).unwrap();
    folder.run(&["run", "b.schema", "--db", "a.db"]).fine();
    let mut rows = 0;
    db.query("SELECT 1 FROM Invoices", &[], &mut |_| {
        rows += 1;
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(rows, 1, "no ON DELETE fired");
}

#[test]
fn a_failing_sentence_ends_the_run_unless_told_otherwise() {
    let folder = Folder::new();
    folder.write(
        "a.schema",
        "sql`CREATE TABLE t (a DEFAULT (nothing(1)))`\nmodel User { a: STRING }\nsync\nUser sync\n",
    );
    let done = folder.run(&["run", "a.schema", "--db", "a.db", "--format", "json"]);
    done.says(1, "E0610").says(1, "in raw SQL");
    assert_eq!(done.out.lines().count(), 1);
    let mut db = Sqlite::open(folder.path("a.db")).unwrap();
    assert_eq!(db.objects().unwrap(), [], "nothing is left half done");
    let done = folder.run(&["run", "a.schema", "--db", "a.db", "--format", "json", "--keep-going"]);
    assert_eq!((done.code, done.out.lines().count()), (Some(1), 2));
    assert_eq!(db.objects().unwrap().len(), 1);
}

#[test]
fn raw_sql_stays_within_its_database() {
    let folder = Folder::new();
    let run = |sql: &str| {
        folder.write("a.schema", format!("sql`{sql}`\nsync\n"));
        folder.run(&["run", "a.schema", "--db", "a.db"])
    };
    run("CREATE TABLE t AS SELECT load_extension('x')").says(1, "E0612");
    run("CREATE VIRTUAL TABLE t USING dbstat").says(1, "E0612");
    run("CREATE TABLE t (a); ATTACH 'x.db' AS x").says(1, "E06");
    for sql in ["ATTACH 'x.db' AS x", "VACUUM INTO 'x.db'", "DROP TABLE t"] {
        assert_eq!(run(sql).code, Some(1), "{sql}");
    }
    assert!(!exists(&folder.path("x.db")));
    run("CREATE VIRTUAL TABLE t USING fts5(a)").fine();
}

#[test]
fn a_reader_who_leaves_hinders_nothing() {
    let folder = Folder::new();
    folder.write("a.schema", SHOP);
    let done = unread(&folder, &["run", "a.schema", "--db", "a.db"]);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
}

#[test]
fn sql_prints_the_statements_of_each_dialect() {
    let folder = Folder::new();
    folder.write("a.schema", SHOP);
    for dialect in ["sqlite", "postgres", "mysql"] {
        let done = folder.run(&["sql", "a.schema", "--dialect", dialect]);
        assert_eq!(done.fine().out.matches("CREATE TABLE").count(), 2);
    }
    folder.run(&["sql", "a.schema", "--dialect", "oracle"]).says(2, "possible values");
}

#[test]
fn scripts_of_strangers_are_held_back() {
    let folder = Folder::new();
    folder.write("other.schema", "model Other { }");
    let refused = |script: &str, flags: &[&str], code: i32, said: &str| {
        folder.write("a.schema", script);
        let done = folder.run(&[&["run", "a.schema"], flags].concat());
        done.says(code, said);
        assert!(!exists(&folder.path("b.db")), "{script}");
    };
    let strangers = ["--untrusted", "--db", "b.db"];
    refused("sync\nprint sql`1`", &strangers, 1, "E0216");
    refused("model A { t: sql`DATETIME` }\nsync", &["--no-sql", "--db", "b.db"], 1, "E0216");
    refused("model A { t: STRING }\nsync\nA load \"a.csv\"", &strangers, 1, "E0216");
    refused("import \"other.schema\"\nsync", &strangers, 1, "E0124");

    let model = "model A { t: TEXT } < timestamps: false >\nsync\nA bulkCreate [{ t: \"x\" }, { t: \"y\" }]\n";
    let run = |script: &str, flags: &[&str]| {
        folder.write("a.schema", format!("{model}{script}"));
        folder.run(&[&["run", "a.schema"], flags].concat())
    };
    let large = "print length(hex(zeroblob(400000000)))";
    run(large, &["--untrusted"]).says(1, "a value is larger than 32 MB");
    run(large, &["--max-memory", "8MB"]).says(1, "a value is larger than 1 MB");
    run("print length(hex(zeroblob(1000)))", &["--untrusted"]).fine();
    let rows = "A findAll < attributes: [(hex(zeroblob(950000))) as t] >";
    run(rows, &["--max-memory", "16MB"]).fine();
    // Those that are only printed needn't be there at once; what is held must.
    let more = format!("A bulkCreate [{}]\nlet all = {rows}", ["{ t: \"z\" }"; 10].join(", "));
    run(&more, &["--max-memory", "16MB"]).says(1, "the rows take more than 16 MB");
    run("A findAll", &["--untrusted", "--max-rows", "1"]).says(1, "there are more than 1 rows");
    run("A findAll", &["--untrusted"]).fine();
    let endless = "print sql`(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n)`";
    run(endless, &["--max-time", "50ms"]).says(1, "E0806");
    run("", &["--max-time", "1h"]).says(2, "a time looks like 250ms");
    run("", &["--max-memory", "1kB"]).says(2, "at least 4MB");
    let completions = folder.run(&["completions", "bash"]);
    for flag in ["--untrusted", "--no-sql", "--max-time", "--max-rows", "--max-memory"] {
        assert!(completions.fine().out.contains(flag), "{flag}");
    }
}

#[test]
fn a_watched_script_runs_again_when_a_file_changes() {
    let folder = Folder::new();
    folder.write("shop.schema", "model User { }\nsync\n");
    folder.write("a.schema", "import \"shop.schema\"\nprint \"one\"\n");
    let mut command = folder.command(["run", "a.schema", "--watch", "--quiet"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut messages = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let waits = |it: &String| it.starts_with("waiting for");
    assert!(messages.any(|it| waits(&it)));
    // What is imported counts, too; a mistake ends nothing.
    folder.write("shop.schema", "modl User { name: STRING }\nsync\n");
    assert!(messages.any(|it| it.contains("shop.schema changed")));
    assert!(messages.any(|it| it.contains("did you mean `model`?")));
    assert!(messages.any(|it| waits(&it)));
    folder.write("shop.schema", "model User { name: STRING }\nsync\n");
    assert!(messages.any(|it| waits(&it)));
    // Ctrl-C is how it ends: nothing is said of that.
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let left: Vec<String> = messages.filter(|it| !it.is_empty()).collect();
    assert_eq!(left, [""; 0]);
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    // A file may be seen while it is written, and then its script runs once more.
    assert!(out.matches("one").count() >= 2, "{out}");
    folder.run(&["run", "-", "--watch"]).says(2, "`--watch` looks at files");
}

#[test]
fn what_was_meant_is_told_where_a_command_or_an_option_is_missing() {
    let folder = Folder::new();
    folder.write("a.schema", "model User { }\nsync\n");
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    folder.run(&["run", "a.schema", "a.db"]).says(1, "it is a database: `--db a.db` names it");
    folder.run(&["a.schema"]).says(2, "`relata run a.schema` runs a script");
    folder.run(&["sync"]).says(2, "`sync` stands in a script");
    folder.run(&["migrate"]).says(2, "`relata apply shop.schema --db shop.db`");
    folder.run(&["chekc"]).says(2, "a similar subcommand exists: 'check'");
}

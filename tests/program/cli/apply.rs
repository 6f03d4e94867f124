//! `relata apply`.

#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use crate::kit::{Done, Folder};
use relata::db::{Database, Sqlite};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Stdio;

const BEFORE: &str =
    "model User { name: STRING } < timestamps: false >\nsync\nUser create { name: \"Ann\" }\n";

/// A folder with a database that has a row, and the script that it is to follow.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("a.schema", BEFORE);
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    folder.write(
        "b.schema",
        "model User { age: INTEGER } < timestamps: false >\nUser create { age: 4 }\n",
    );
    folder
}

fn columns(folder: &Folder) -> Vec<String> {
    let mut db = Sqlite::open(folder.path("a.db")).unwrap();
    let table = db.table("Users").unwrap().unwrap();
    table.columns.into_iter().map(|it| it.name).collect()
}

#[test]
fn a_loss_is_refused_unless_it_is_allowed() {
    let folder = folder();
    let done = folder.run(&["apply", "b.schema", "--db", "a.db"]);
    done.says(1, "E0501");
    assert_eq!(columns(&folder), ["id", "name"]);
    let done = folder.run(&["apply", "b.schema", "--db", "a.db", "--allow", "e0501"]);
    let expected = "\
~ Users: rebuild, 1 row copied
  + add column `age` INTEGER
  - drop column `name` and its values (1 row)

applied: 1 column added, 1 column dropped
";
    assert_eq!(done.fine().out, expected);
    assert_eq!(columns(&folder), ["id", "age"]);
    let again = folder.run(&["apply", "b.schema", "--db", "a.db"]);
    assert_eq!(again.says(0, "nothing differs").out, "");
}

#[test]
fn the_sql_is_printed_where_it_is_asked_for() {
    let folder = folder();
    let apply = ["apply", "b.schema", "--db", "a.db", "--allow", "E0501", "--verbose"];
    let out = folder.run(&apply).fine().out.clone();
    let (_, sql) = out.split_once("applied: ").unwrap();
    assert!(sql.contains("\n\nCREATE TABLE ") && sql.contains("INSERT INTO"), "{out}");
    // A script says the same of its own sentence.
    folder.write(
        "c.schema",
        "model User { } < timestamps: false >\nsync < alter, allow: [E0501] >\n",
    );
    let run = ["run", "c.schema", "--db", "a.db"];
    let other = folder.run(&["run", "c.schema", "--db", "a.db", "--format", "json"]);
    assert!(other.fine().out.contains(r#""sql":["#), "{other:?}");
    folder.run(&["rollback", "--db", "a.db"]).fine();
    let done = folder.run(&run);
    let expected = "\
~ Users: alter in place, 1 row written
  - drop column `age` and its values

applied: 1 column dropped
";
    assert_eq!(done.fine().out, expected);
    folder.run(&["rollback", "--db", "a.db"]).fine();
    let shown = folder.run(&[&run[..], &["--explain"]].concat());
    assert!(shown.fine().out.ends_with("DROP COLUMN \"age\";\n"), "{shown:?}");
    folder.run(&["rollback", "--db", "a.db"]).fine();
    let quiet = folder.run(&[&run[..], &["--quiet"]].concat());
    assert_eq!(quiet.fine().out, "");
}

#[test]
fn columns_that_are_not_known_can_be_kept() {
    let folder = folder();
    let done = folder.run(&["apply", "b.schema", "--db", "a.db", "--keep"]);
    done.fine();
    assert_eq!(columns(&folder), ["id", "name", "age"]);
}

#[test]
fn a_copy_is_made_before_values_go() {
    let folder = folder();
    let allowed = ["apply", "b.schema", "--db", "a.db", "--allow", "E0501"];
    let done = folder.run(&allowed);
    done.says(0, "kept in `a.db.backup-2`");
    let mut copy = Sqlite::open(folder.path("a.db.backup-2")).unwrap();
    assert!(copy.table("Users").unwrap().unwrap().sql.contains("name"));
    // Nothing goes: no copy.
    folder.run(&allowed).fine();
    folder.write("c.schema", "model User { age: TEXT } < timestamps: false >\n");
    folder.run(&["apply", "c.schema", "--db", "a.db", "--no-backup"]).fine();
    assert!(!folder.path("a.db.backup-3").exists());
}

#[test]
fn two_appliers_wait_for_each_other() {
    let folder = folder();
    let allowed = ["apply", "b.schema", "--db", "a.db", "--allow", "E0501"];
    let start = || {
        let mut command = folder.command(allowed);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let both = [start(), start()].map(|it| Done::of(it.wait_with_output().unwrap()));
    let did = both.iter().filter(|it| !it.fine().out.is_empty()).count();
    assert_eq!(did, 1, "one does it, the other finds nothing to do");
    assert_eq!(columns(&folder), ["id", "age"]);
}

#[test]
fn a_database_that_is_locked_is_waited_for_and_told() {
    let folder = folder();
    let other = rusqlite::Connection::open(folder.path("a.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let done = folder.run(&["apply", "b.schema", "--db", "a.db", "--allow", "E0501"]);
    done.says(3, "E0605");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(columns(&folder), ["id", "name"]);
}

#[test]
fn what_is_no_database_is_left_as_it_is() {
    let folder = folder();
    folder.write("text.db", "this is a text and no database, whatever its name says");
    folder.run(&["apply", "b.schema", "--db", "text.db"]).says(3, "E0608");
    assert!(folder.read("text.db").starts_with("this is a text"));
    // Another way for one who may write everything, as in a container.
    let full = Path::new("/dev/full");
    if full.exists() {
        let done = folder.run(&["apply", "b.schema", "--db", "/dev/full"]);
        assert_eq!(done.code, Some(3), "{}", done.err);
    }
}

/// The same for somebody who isn't root, whom no right stops.
fn as_nobody(folder: &Folder, arguments: &[&str]) -> Done {
    let program = folder.path("relata");
    if !program.exists() {
        fs::copy(env!("CARGO_BIN_EXE_relata"), &program).unwrap();
    }
    let mut command = std::process::Command::new(program);
    command.args(arguments).current_dir(folder.path(""));
    let id = std::process::Command::new("id").arg("-u").output().unwrap();
    if id.stdout.trim_ascii() == b"0" {
        command.uid(65534).gid(65534);
    }
    Done::of(command.output().unwrap())
}

#[test]
fn a_file_that_may_only_be_read_is_left_as_it_is() {
    let folder = folder();
    let mode = |name: &str, mode: u32| {
        fs::set_permissions(folder.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    let apply = ["apply", "b.schema", "--db", "a.db", "--allow", "E0501"];
    mode("", 0o755);
    mode("b.schema", 0o644);
    as_nobody(&folder, &["check", "b.schema"]).fine();
    // The file may not be written; then it may, and its folder may not.
    for (file, dir) in [(0o444, 0o777), (0o666, 0o555)] {
        mode("a.db", file);
        mode("", dir);
        as_nobody(&folder, &apply).says(3, "E0609");
        as_nobody(&folder, &["diff", "b.schema", "--db", "a.db"]).says(1, "E0501");
        as_nobody(&folder, &["rollback", "--db", "a.db", "--allow", "E0513"]).says(3, "E0609");
    }
    mode("", 0o755);
    assert_eq!(columns(&folder), ["id", "name"]);
    assert!(!folder.path("a.db.backup-2").exists());
}

#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    let folder = folder();
    let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
                INSERT INTO Users (name) SELECT 'name ' || i FROM n";
    let path = folder.path("a.db");
    let open = || rusqlite::Connection::open(&path).unwrap();
    open().execute_batch(fill).unwrap();
    let size = fs::metadata(&path).unwrap().len();
    // Files may not grow beyond what this one has, and a little.
    let blocks = size / 1024 + 64;
    let script = format!(
        "ulimit -f {blocks}; exec '{}' apply b.schema --db a.db --allow E0501 --no-backup",
        env!("CARGO_BIN_EXE_relata")
    );
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &script]).current_dir(folder.path(""));
    let done = Done::of(command.output().unwrap());
    done.says(3, "E06");
    let whole: String = open().query_row("PRAGMA integrity_check", [], |it| it.get(0)).unwrap();
    assert_eq!(whole, "ok");
    assert_eq!(columns(&folder), ["id", "name"]);
    let rows: i64 = open().query_row("SELECT count(*) FROM Users", [], |it| it.get(0)).unwrap();
    assert_eq!(rows, 20_001);
}

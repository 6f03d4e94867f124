//! `relata apply`.

#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use super::kit::Folder;
use relata::db::{Database, Sqlite};

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
    assert!(done.fine().out.contains("INSERT INTO"));
    assert_eq!(columns(&folder), ["id", "age"]);
    let again = folder.run(&["apply", "b.schema", "--db", "a.db"]);
    assert_eq!(again.fine().out, "");
}

#[test]
fn columns_that_are_not_known_can_be_kept() {
    let folder = folder();
    let done = folder.run(&["apply", "b.schema", "--db", "a.db", "--keep"]);
    done.fine();
    assert_eq!(columns(&folder), ["id", "name", "age"]);
}

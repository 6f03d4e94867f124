//! What a file, a lock, a link or a full disk has to do with it.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail so, and looks at its files"
)]

use crate::kit::{Done, Folder};
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
#[cfg(target_os = "linux")]
use std::process::Stdio;

const BEFORE: &str = "model User { name: STRING, nick: STRING } < timestamps: false >\nsync\n";
const AFTER: &str = "model User { name: STRING, drop nick } < timestamps: false >\n";

/// A folder with a database and a script that takes values out of it.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("a.schema", BEFORE).write("b.schema", AFTER);
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    let connection = Connection::open(folder.path("a.db")).unwrap();
    let rows = "INSERT INTO Users (name, nick) VALUES ('a', 'x'), ('b', 'y')";
    connection.execute_batch(rows).unwrap();
    folder
}

fn names(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path("")).unwrap();
    let mut names: Vec<_> = entries
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .filter(|it| it.starts_with("a.db"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_copy_is_seen_by_whom_the_database_is_seen_by() {
    for mode in [0o600, 0o640, 0o644] {
        let folder = folder();
        let set = fs::Permissions::from_mode(mode);
        fs::set_permissions(folder.path("a.db"), set).unwrap();
        folder.run(&["apply", "b.schema", "--db", "a.db"]).fine();
        let copy = fs::metadata(folder.path("a.db.backup-2")).unwrap();
        assert_eq!(copy.permissions().mode() & 0o777, mode);
        assert_eq!(names(&folder), ["a.db", "a.db.backup-2"]);
    }
}

#[test]
fn a_copy_goes_through_no_link_and_over_no_file() {
    let folder = folder();
    symlink(folder.path("elsewhere"), folder.path("a.db.backup-2")).unwrap();
    folder.write("a.db.backup-2-2", "mine");
    folder.write("target", "mine");
    symlink(folder.path("target"), folder.path("a.db.backup-2-3.partial")).unwrap();
    let done = folder.run(&["apply", "b.schema", "--db", "a.db"]);
    done.fine();
    done.says(0, "kept in `a.db.backup-2-3`");
    assert!(!folder.path("elsewhere").exists());
    assert_eq!(folder.read("a.db.backup-2-2"), "mine");
    assert_eq!(folder.read("target"), "mine");
}

#[test]
fn what_is_refused_leaves_no_copy() {
    let folder = folder();
    let view = "CREATE VIEW v AS SELECT nick FROM Users";
    let connection = Connection::open(folder.path("a.db")).unwrap();
    connection.execute_batch(view).unwrap();
    drop(connection);
    let done = folder.run(&["apply", "b.schema", "--db", "a.db"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert_eq!(names(&folder), ["a.db"]);
}

#[test]
fn the_copy_of_a_killed_run_is_no_hindrance() {
    let folder = folder();
    folder.write("a.db.backup-2.partial", "half");
    folder.run(&["apply", "b.schema", "--db", "a.db"]).fine();
    assert_eq!(names(&folder), ["a.db", "a.db.backup-2"]);
}

#[test]
fn a_name_means_the_same_to_every_command() {
    let folder = folder();
    let url = format!("file://{}", folder.path("a.db").display());
    let done = folder.run(&["apply", "b.schema", "--db", &url]);
    done.says(0, "a.db.backup-2");
    folder.run(&["history", "--db", "file:a.db"]).fine();
    folder.run(&["rollback", "--db", "FILE:a.db"]).fine();
    folder.run(&["pull", "--db", "sqlite:a.db"]).fine();
    for command in ["history", "rollback", "pull"] {
        let done = folder.run(&[command, "--db", "file:a.db?mode=rwc"]);
        done.says(2, "with more than a path in it");
        folder.run(&[command, "--db", ":memory:"]).fine();
    }
    for command in ["run", "apply"] {
        let done = folder.run(&[command, "a.schema", "--db", "file::memory:?cache=shared"]);
        done.says(2, "with more than a path in it");
        folder.run(&[command, "a.schema", "--db", ":memory:"]).fine();
    }
    let done = folder.run(&["diff", "a.schema", "--db", "sqlite::memory:"]);
    assert_eq!(done.code, Some(1));
    assert!(!folder.path(":memory:").exists());
}

#[test]
fn pull_writes_regular_files_only() {
    let folder = folder();
    symlink("/dev/null", folder.path("null")).unwrap();
    let made = Command::new("mkfifo").arg(folder.path("pipe")).status();
    assert!(made.unwrap().success());
    for name in ["null", "pipe", "/dev/null"] {
        let done = folder.run(&["pull", "--db", "a.db", name]);
        done.says(2, "is not a regular file");
    }
    folder.write("real.schema", "");
    symlink("real.schema", folder.path("link.schema")).unwrap();
    folder.run(&["pull", "--db", "a.db", "link.schema"]).fine();
    assert!(folder.read("real.schema").contains("model User"));
    assert!(fs::symlink_metadata(folder.path("link.schema")).unwrap().is_symlink());
}

/// Whether a process has said what Ctrl-C does.
#[cfg(target_os = "linux")]
fn listens(id: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let caught = status.lines().find_map(|it| it.strip_prefix("SigCgt:"));
    u64::from_str_radix(caught.unwrap().trim(), 16).unwrap() & 0b10 != 0
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_a_wait_for_a_lock() {
    let folder = folder();
    let other = Connection::open(folder.path("a.db")).unwrap();
    let commands: [&[&str]; 6] = [
        &["run", "a.schema", "--db", "a.db"],
        &["apply", "b.schema", "--db", "a.db"],
        &["diff", "b.schema", "--db", "a.db"],
        &["history", "--db", "a.db"],
        &["rollback", "--db", "a.db"],
        &["pull", "--db", "a.db"],
    ];
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for command in commands {
        let child =
            folder.command(command).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let id = child.id().to_string();
        while !listens(&id) {
            std::thread::yield_now();
        }
        let told = Command::new("kill").args(["-INT", &id]).status();
        assert!(told.unwrap().success());
        let done = Done::of(child.wait_with_output().unwrap());
        done.says(130, "E0611");
    }
}

#[test]
fn a_reader_that_blocks_is_no_writer() {
    let folder = folder();
    let other = Connection::open(folder.path("a.db")).unwrap();
    other.execute_batch("BEGIN; SELECT * FROM Users").unwrap();
    folder.write("c.schema", format!("{BEFORE}User create {{ name: \"c\" }}\n"));
    let done = folder.run(&["run", "c.schema", "--db", "a.db"]);
    done.says(3, "another program is using it");
}

#[test]
fn a_hot_journal_is_no_reason_not_to_compare() {
    let folder = folder();
    let path = folder.path("a.db");
    let other = Connection::open(&path).unwrap();
    let write = "PRAGMA cache_size = 1; BEGIN; UPDATE Users SET name = hex(randomblob(20000))";
    other.execute_batch(write).unwrap();
    // What a program that is killed leaves behind.
    let (file, journal) = (fs::read(&path), fs::read(folder.path("a.db-journal")));
    drop(other);
    folder.write("h.db", file.unwrap());
    folder.write("h.db-journal", journal.unwrap());
    let done = folder.run(&["diff", "b.schema", "--db", "h.db"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.out.contains("- drop column `nick`"), "{done:?}");
    assert!(!folder.path("h.db-journal").exists());
}

#[test]
fn a_file_that_may_grow_no_more_is_an_error() {
    let folder = folder();
    let before = fs::read(folder.path("a.db")).unwrap();
    for blocks in [1, 8, 16] {
        let script = format!(
            "ulimit -f {blocks}; exec '{}' apply b.schema --db a.db",
            env!("CARGO_BIN_EXE_relata")
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).current_dir(folder.path(""));
        Done::of(shell.output().unwrap()).says(3, "E0609");
        assert_eq!(names(&folder), ["a.db"], "{blocks}");
        assert!(fs::read(folder.path("a.db")).unwrap() == before, "{blocks}");
    }
}

#[test]
fn what_relata_did_wrong_or_the_machine_points_at_no_line() {
    let folder = folder();
    let connection = Connection::open(folder.path("a.db")).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let done = folder.run(&["apply", "b.schema", "--db", "a.db"]);
    done.says(3, "E0605");
    assert!(!done.err.contains("b.schema"), "{done:?}");
}

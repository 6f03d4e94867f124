//! `relata apply` and `relata rollback`, killed at random moments: the database is as it was before or as it would be behind, with every
//! row, and nothing is left lying about. `RELATA_KILLS` says how often (200 unless it is given; `.ci/kills` asks for 1,000).

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail so, and reads the environment"
)]

use rusqlite::Connection;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::process::{Command, Stdio};

const BEFORE: &str = "\
model User { name: STRING, nick: STRING, age: INTEGER, index (name) } < timestamps: false >
model Post { title: STRING, text: TEXT } < timestamps: false >
Post belongsTo User < onDelete: cascade >
sync
";
const AFTER: &str = "\
model User {
  fullName: STRING < was: name >
  age: INTEGER < allowNull: false, defaultValue: 0 >
  drop nick
  index (age)
} < timestamps: false >
model Post { title: STRING < allowNull: false, defaultValue: \"-\" >, text: TEXT } < timestamps: false >
Post belongsTo User < onDelete: setNull >
model Tag { label: STRING } < timestamps: false >
";
const ROWS: &str = "\
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
INSERT INTO Users SELECT i, 'name ' || i, 'nick ' || i, nullif(i % 90, 7) FROM n;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
INSERT INTO Posts SELECT i, nullif('title ' || i, 'title 9'), hex(zeroblob(40)), i FROM n;
CREATE TABLE log (it);
CREATE TRIGGER watch AFTER UPDATE ON Users BEGIN INSERT INTO log VALUES (new.id); END;
CREATE VIEW titles AS SELECT title FROM Posts;
";

fn relata(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relata"));
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// What a database holds: its statements and rows, and Relata's own names, which may not be left over.
fn state(path: &Path) -> u64 {
    let connection = Connection::open(path).unwrap();
    let whole: String = connection
        .query_row("PRAGMA integrity_check", [], |it| it.get(0))
        .unwrap();
    assert_eq!(whole, "ok");
    let mut hasher = DefaultHasher::new();
    let mut tables = Vec::new();
    let mut statement = connection
        .prepare("SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY 1, 2")
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let object: [String; 3] = [
            row.get(0).unwrap(),
            row.get(1).unwrap(),
            row.get(2).unwrap(),
        ];
        object.hash(&mut hasher);
        if object[0] == "table" && object[1] != "_relata_migrations" {
            tables.push(object[1].clone());
        }
    }
    tables.push("_relata_migrations".to_owned());
    for table in tables {
        let columns = if table == "_relata_migrations" {
            "id, verb, rolledBackAt IS NULL"
        } else {
            "*"
        };
        let sql = format!("SELECT {columns} FROM \"{table}\"");
        let mut statement = connection.prepare(&sql).unwrap();
        let width = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for place in 0..width {
                format!("{:?}", row.get_ref(place).unwrap()).hash(&mut hasher);
            }
        }
    }
    hasher.finish()
}

/// Whether a transaction has begun to write.
fn writes(folder: &Path) -> bool {
    fs::metadata(folder.join("a.db-journal")).is_ok_and(|it| it.len() > 0)
}

/// A change of a database, and what is there before and behind it.
struct Change<'a> {
    arguments: &'a [&'a str],
    from: &'a str,
    before: u64,
    behind: u64,
    /// How often it was looked at until it had ended: from its start, and from when it began to write.
    looks: [u32; 2],
}

impl<'a> Change<'a> {
    /// Carries it out once, from one file to another.
    fn done(folder: &Path, arguments: &'a [&'a str], from: &'a str, to: &str) -> Self {
        fs::copy(folder.join(from), folder.join("a.db")).unwrap();
        let mut child = relata(arguments, folder).spawn().unwrap();
        let mut looks = [0, 0];
        while child.try_wait().unwrap().is_none() {
            looks[0] += 1;
            looks[1] += u32::from(writes(folder));
            std::thread::yield_now();
        }
        assert!(child.wait().unwrap().success());
        fs::copy(folder.join("a.db"), folder.join(to)).unwrap();
        Self {
            arguments,
            from,
            before: state(&folder.join(from)),
            behind: state(&folder.join(to)),
            looks,
        }
    }

    /// Carries it out and kills it after so many looks, from its start or from when it `began` to write; whether it was in the middle,
    /// and whether it had come to its end.
    fn killed(&self, folder: &Path, began: bool, looks: u32) -> (bool, bool) {
        let path = folder.join("a.db");
        fs::copy(folder.join(self.from), &path).unwrap();
        let mut child = relata(self.arguments, folder).spawn().unwrap();
        let mut left = looks;
        while child.try_wait().unwrap().is_none() {
            if began && left == looks && !writes(folder) {
                continue;
            }
            let Some(fewer) = left.checked_sub(1) else {
                break;
            };
            left = fewer;
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let journal = folder.join("a.db-journal");
        let middle = fs::metadata(&journal).is_ok_and(|it| it.len() > 0);
        let found = state(&path);
        assert!(
            found == self.before || found == self.behind,
            "killed after {looks} looks of {:?}: neither what was nor what would be",
            self.looks
        );
        let _ = fs::remove_file(journal);
        (middle, found == self.behind)
    }
}

#[test]
fn whenever_it_is_killed_nothing_is_lost() {
    let kills = std::env::var("RELATA_KILLS").map_or(200, |it| it.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("before.schema"), BEFORE).unwrap();
    fs::write(folder.join("after.schema"), AFTER).unwrap();
    let made = relata(&["run", "before.schema", "--db", "old.db"], folder).status();
    assert!(made.unwrap().success());
    let connection = Connection::open(folder.join("old.db")).unwrap();
    connection.execute_batch(ROWS).unwrap();
    drop(connection);
    let apply = ["apply", "after.schema", "--db", "a.db"];
    let rollback = ["rollback", "--db", "a.db"];
    let there = Change::done(folder, &apply, "old.db", "new.db");
    let back = Change::done(folder, &rollback, "new.db", "back.db");
    let (mut middle, mut ended) = (0, 0);
    // A chance of our own: the same moments each time, as far as a machine can do that.
    let mut seed = 7_u64;
    for turn in 0..kills {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let change = if turn % 3 == 2 { &back } else { &there };
        let began = turn % 4 != 0;
        let most = change.looks[usize::from(began)] / 10 * 11 + 2;
        let looks = 1 + u32::try_from(seed >> 33).unwrap() % most;
        let (was_middle, had_ended) = change.killed(folder, began, looks);
        middle += usize::from(was_middle);
        ended += usize::from(had_ended);
    }
    // Else nothing was shown.
    assert!(middle > kills / 20, "{middle} of {kills} in the middle");
    assert!(ended < kills, "{ended} of {kills} at the end");
    println!("{kills} kills, {middle} within the transaction, {ended} behind it");
}

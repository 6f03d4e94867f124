//! `relata apply` and `relata rollback`, killed at random moments: the database is as it was before or as it would be behind, with every
//! row, and nothing is left lying about. `RELATA_KILLS` says how often (200 unless it is given; `.ci/kills` asks for 1,000).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test may fail so, and reads the environment"
)]

use rusqlite::Connection;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

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
        .stderr(Stdio::piped());
    command
}

/// What a database holds: its statements and rows, and Relata's own names, which may not be left over.
fn state(path: &Path) -> u64 {
    let connection = Connection::open(path).unwrap();
    let whole: String = connection.query_row("PRAGMA integrity_check", [], |it| it.get(0)).unwrap();
    assert_eq!(whole, "ok");
    let mut hasher = DefaultHasher::new();
    let mut tables = Vec::new();
    let mut statement = connection
        .prepare("SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY 1, 2")
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let object: [String; 3] = [row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap()];
        object.hash(&mut hasher);
        if object[0] == "table" && object[1] != "_relata_migrations" {
            tables.push(object[1].clone());
        }
    }
    tables.push("_relata_migrations".to_owned());
    for table in tables {
        let columns =
            if table == "_relata_migrations" { "id, verb, rolledBackAt IS NULL" } else { "*" };
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

    /// Carries it out until so many looks, from its start or from when it `began` to write.
    fn until(&self, folder: &Path, began: bool, looks: u32) -> Child {
        fs::copy(folder.join(self.from), folder.join("a.db")).unwrap();
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
        child
    }

    /// Carries it out and kills it; whether it was in the middle, and whether it had come to its end.
    fn killed(&self, folder: &Path, began: bool, looks: u32) -> (bool, bool) {
        let mut child = self.until(folder, began, looks);
        child.kill().unwrap();
        child.wait().unwrap();
        let path = folder.join("a.db");
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

    /// Carries it out while Ctrl-C is pressed, so often; whether it was stopped by that.
    fn interrupted(&self, folder: &Path, began: bool, looks: u32, times: usize) -> bool {
        let child = self.until(folder, began, looks);
        for _ in 0..times {
            let id = child.id().to_string();
            // What has ended isn't there to be told.
            Command::new("kill").args(["-INT", &id]).stderr(Stdio::null()).status().unwrap();
        }
        let done = child.wait_with_output().unwrap();
        let code = done.status.code();
        let found = state(&folder.join("a.db"));
        let told = format!("{times} times after {looks} looks of {:?}: {code:?}", self.looks);
        match code {
            Some(0) => assert_eq!(found, self.behind, "{told}"),
            // Pressed twice it may have come to its end all the same.
            Some(130) if times > 1 && found == self.behind => {}
            Some(130) => assert_eq!(found, self.before, "{told}"),
            // Before it listens.
            None if !began => assert_eq!(found, self.before, "{told}"),
            _ => panic!("{told}: {}", String::from_utf8_lossy(&done.stderr)),
        }
        if times == 1 {
            // The copy that was made aside, too, is gone.
            let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
            let left: Vec<_> = names
                .map(|it| it.into_string().unwrap())
                .filter(|it| it.ends_with(".partial") || it.ends_with("-journal"))
                .collect();
            assert!(left.is_empty(), "{told}: {left:?}");
        }
        for name in ["a.db-journal", "a.db.backup-2.partial", "a.db.backup-2"] {
            let _ = fs::remove_file(folder.join(name));
        }
        code == Some(130)
    }
}

/// A folder with a database that may be migrated, and one that was.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("before.schema"), BEFORE).unwrap();
    fs::write(path.join("after.schema"), AFTER).unwrap();
    let made = relata(&["run", "before.schema", "--db", "old.db"], path).status();
    assert!(made.unwrap().success());
    let connection = Connection::open(path.join("old.db")).unwrap();
    connection.execute_batch(ROWS).unwrap();
    folder
}

const APPLY: [&str; 4] = ["apply", "after.schema", "--db", "a.db"];
const ROLLBACK: [&str; 3] = ["rollback", "--db", "a.db"];

/// A chance of our own: the same moments each time, as far as a machine can do that.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u32) -> u32 {
        self.0 = (self.0)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap() % most
    }
}

#[test]
fn whenever_ctrl_c_is_pressed_once_or_twice_nothing_is_lost() {
    let folder = folder();
    let folder = folder.path();
    let there = Change::done(folder, &APPLY, "old.db", "new.db");
    let back = Change::done(folder, &ROLLBACK, "new.db", "back.db");
    let mut chance = Chance(11);
    let mut stopped = 0;
    for turn in 0..80 {
        let command = if turn % 3 == 2 { &back } else { &there };
        let began = turn % 4 != 0;
        let most = command.looks[usize::from(began)] / 10 * 11 + 2;
        let looks = 1 + chance.below(most);
        let times = 1 + turn % 2;
        stopped += usize::from(command.interrupted(folder, began, looks, times));
    }
    // Else nothing was shown.
    assert!(stopped > 8, "{stopped} of 80");
}

#[test]
fn whenever_it_is_killed_nothing_is_lost() {
    let kills = std::env::var("RELATA_KILLS").map_or(200, |it| it.parse().unwrap());
    let folder = folder();
    let folder = folder.path();
    let there = Change::done(folder, &APPLY, "old.db", "new.db");
    let back = Change::done(folder, &ROLLBACK, "new.db", "back.db");
    let (mut middle, mut ended) = (0, 0);
    let mut chance = Chance(7);
    for turn in 0..kills {
        let command = if turn % 3 == 2 { &back } else { &there };
        let began = turn % 4 != 0;
        let most = command.looks[usize::from(began)] / 10 * 11 + 2;
        let looks = 1 + chance.below(most);
        let (was_middle, had_ended) = command.killed(folder, began, looks);
        middle += usize::from(was_middle);
        ended += usize::from(had_ended);
    }
    // Else nothing was shown.
    assert!(middle > kills / 20, "{middle} of {kills} in the middle");
    assert!(ended < kills, "{ended} of {kills} at the end");
    println!("{kills} kills, {middle} within the transaction, {ended} behind it");
}

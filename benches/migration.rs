//! What changing a database costs, against the same done by hand: `cargo bench --bench migration`. Files are in a temporary folder; where
//! that is a disk, its speed is part of all figures.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a program for people who measure: it prints, and may stop"
)]

use relata::ast::Bundle;
use relata::check;
use relata::db::Sqlite;
use relata::ir::{AlterOptions, Existing, Step, StepKind};
use relata::run::{self, Environment, Host, NoFiles, Options};
use relata::source::{Sources, Span};
use relata::syntax;
use rusqlite::Connection;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 5;
const ROWS: usize = 1_000_000;
const TABLES: usize = 1_000;
const MODEL: &str = "model User { name: STRING, email: STRING, age: INTEGER, score: DOUBLE } < timestamps: false >\n";
const REBUILT: &str =
    "model User { name: STRING, email: STRING, age: TEXT, score: DOUBLE } < timestamps: false >\n";
const EDITED: &str = "model User { name: STRING, email: STRING, age: INTEGER, score: DOUBLE < defaultValue: 1 >, more: TEXT } < timestamps: false >\n";
const BY_HAND: &str = "\
BEGIN;
CREATE TABLE n (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(255), email VARCHAR(255), age TEXT, score DOUBLE);
INSERT INTO n SELECT id, name, email, age, score FROM Users;
DROP TABLE Users;
ALTER TABLE n RENAME TO Users;
COMMIT;";

const SAME: &str = "SELECT NOT EXISTS (SELECT 1 FROM Users AS o LEFT JOIN n ON n.rowid = o.rowid \
    WHERE n.rowid IS NULL OR o.name IS NOT n.name OR o.email IS NOT n.email OR o.score IS NOT n.score)";

fn main() {
    // `cargo test --benches` calls this too, with `--test`: there is nothing to test here.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (name, text) in [("a", MODEL), ("rebuilt", REBUILT), ("edited", EDITED)] {
        fs::write(folder.join(format!("{name}.schema")), text).unwrap();
    }
    fs::write(folder.join("sync.schema"), format!("{MODEL}sync\n")).unwrap();
    relata(folder, &["run", "sync.schema", "--db", "base.db"]);
    let fill = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) \
         INSERT INTO Users SELECT i, 'name ' || i, 'u' || i || '@example.org', nullif(i % 90, 7), i / 7.0 FROM n"
    );
    open(folder, "base.db").execute_batch(&fill).unwrap();
    rebuild(folder);
    let edit = median(|| {
        copy(folder, "base.db");
        relata(folder, &["apply", "edited.schema", "--db", "a.db"]).0
    });
    println!("a change of {ROWS} rows that moves none: {edit:?} (asked: under 50 ms)");
    tables(folder);
}

/// A rebuild, and the same by hand, turn by turn: with the program `sqlite3`, where there is one, and with the SQLite that Relata has
/// in it (which may be a faster one), without and with a look at what came of it.
fn rebuild(folder: &Path) {
    let has_program = Command::new("sqlite3").arg("--version").output().is_ok();
    let (mut ours, mut program, mut by_hand, mut verified) = (vec![], vec![], vec![], vec![]);
    let mut memory = 0;
    for _ in 0..RUNS {
        copy(folder, "base.db");
        let (took, most) = relata(folder, &["apply", "rebuilt.schema", "--db", "a.db"]);
        ours.push(took);
        memory = memory.max(most);
        if has_program {
            copy(folder, "base.db");
            let mut sqlite3 = Command::new("sqlite3");
            let started = Instant::now();
            let status = sqlite3.args(["a.db", BY_HAND]).current_dir(folder).status();
            assert!(status.unwrap().success());
            program.push(started.elapsed());
        }
        copy(folder, "base.db");
        let connection = open(folder, "a.db");
        let started = Instant::now();
        connection.execute_batch(BY_HAND).unwrap();
        by_hand.push(started.elapsed());
        copy(folder, "base.db");
        let connection = open(folder, "a.db");
        let started = Instant::now();
        let (begin, end) = BY_HAND.split_once("DROP").unwrap();
        connection.execute_batch(begin).unwrap();
        let same: bool = connection.query_row(SAME, [], |it| it.get(0)).unwrap();
        connection.execute_batch(&format!("DROP{}", end.trim_end_matches("COMMIT;"))).unwrap();
        let whole: String =
            connection.query_row("PRAGMA integrity_check", [], |it| it.get(0)).unwrap();
        assert!(same && whole == "ok");
        connection.execute_batch("COMMIT").unwrap();
        verified.push(started.elapsed());
    }
    let ours = middle(ours);
    println!("a rebuild of {ROWS} rows: {ours:?}");
    let told = |what: &str, took: Duration| {
        let ratio = ours.as_secs_f64() / took.as_secs_f64();
        println!("  {what}: {took:?}: {ratio:.2}");
    };
    if has_program {
        told("by hand, with sqlite3 (asked: 1.3)", middle(program));
    }
    told("by hand, with the SQLite of Relata", middle(by_hand));
    told("the same, with rows compared and the file checked", middle(verified));
    println!("  most memory: {} MB (asked: under 100)", memory / 1024);
}

/// One change among many tables, and reading the schema with its columns.
fn tables(folder: &Path) {
    let text = |changed: usize| {
        let mut text = String::new();
        for i in 0..TABLES {
            let rule = if i == changed { " < allowNull: false, defaultValue: 0 >" } else { "" };
            let _ = writeln!(
                text,
                "model Thing{i} {{ name: STRING, amount: INTEGER{rule}, index (name) }} < timestamps: false >"
            );
            if i > 0 {
                let _ = writeln!(text, "Thing{i} belongsTo Thing{}", i - 1);
            }
        }
        text
    };
    fs::write(folder.join("many.schema"), text(TABLES) + "sync\n").unwrap();
    relata(folder, &["run", "many.schema", "--db", "many.db"]);
    let mut sources = Sources::default();
    let id = sources.add("one.schema", &text(TABLES / 2)).unwrap();
    let parsed = syntax::parse(sources.get(id));
    let schema = check::check(&Bundle::of(parsed.script), &sources).schema;
    let apply = [Step {
        span: Span::default(),
        verb: "apply".into(),
        kind: StepKind::Sync { model: None, existing: Existing::Alter(AlterOptions::default()) },
    }];
    let ours = median(|| {
        copy(folder, "many.db");
        let mut host = Host {
            schema: &schema,
            sources: &sources,
            files: &mut NoFiles,
            environment: &mut Environment::default(),
        };
        let started = Instant::now();
        let mut database = Sqlite::open(folder.join("a.db")).unwrap();
        let options = Options::default();
        run::run(&apply, &mut host, &mut database, options, &mut Vec::new()).unwrap();
        started.elapsed()
    });
    let read = median(|| {
        copy(folder, "many.db");
        let started = Instant::now();
        let connection = open(folder, "a.db");
        let sql = "SELECT s.sql, x.name FROM sqlite_schema s JOIN pragma_table_xinfo(s.name) x WHERE s.type = 'table'";
        let mut statement = connection.prepare(sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        while rows.next().unwrap().is_some() {}
        started.elapsed()
    });
    let ratio = ours.as_secs_f64() / read.as_secs_f64();
    println!(
        "a change among {TABLES} tables: {ours:?}, reading them {read:?}: {ratio:.2} (asked: 5)"
    );
}

/// The binary as a process: how long it took, and how much memory, in KB.
fn relata(folder: &Path, arguments: &[&str]) -> (Duration, u64) {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_relata"))
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0;
    let status = format!("/proc/{}/status", child.id());
    while child.try_wait().unwrap().is_none() {
        // Where there is no such file, it is not measured.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find(|it| it.starts_with("VmHWM"));
        let kilobytes = line.and_then(|it| it.split_whitespace().nth(1)?.parse().ok());
        most = most.max(kilobytes.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success());
    (started.elapsed(), most)
}

fn copy(folder: &Path, from: &str) {
    fs::copy(folder.join(from), folder.join("a.db")).unwrap();
}

fn open(folder: &Path, name: &str) -> Connection {
    Connection::open(folder.join(name)).unwrap()
}

fn median(mut run: impl FnMut() -> Duration) -> Duration {
    middle((0..RUNS).map(|_| run()).collect())
}

fn middle(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[RUNS / 2]
}

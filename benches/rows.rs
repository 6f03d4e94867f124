//! What rows cost, against prepared statements by hand: `cargo bench --bench rows`. Everything is in memory.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for people who measure: it prints, and may stop"
)]

use relata::ast::Bundle;
use relata::check::{self, Checked};
use relata::db::Sqlite;
use relata::run::{Environment, Files, Found, Host, Options, Outcome, Sink, Yield, run};
use relata::source::Sources;
use relata::syntax;
use rusqlite::Connection;
use std::fmt::Write as _;
use std::io::Read;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

const RUNS: usize = 7;
const ROWS: usize = 100_000;
const FINDS: usize = 10_000;
const MODEL: &str =
    "model User { name: STRING, email: STRING, age: INTEGER } < timestamps: false >\nsync\n";

fn main() {
    // `cargo test --benches` calls this too, with `--test`: there is nothing to test here.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    let by_hand = median(|| insert_by_hand(&mut connection()));
    let mut script = format!("{MODEL}User bulkCreate [\n");
    for i in 0..ROWS {
        let (name, email, age) = row(i);
        let _ = writeln!(
            script,
            "  {{ name: \"{name}\", email: \"{email}\", age: {age} }},"
        );
    }
    script.push_str("]\n");
    compare("bulkCreate of 100,000 rows", time(&script), by_hand, 1.3);
    let load = format!("{MODEL}User load \"users.csv\"\n");
    compare("load of 100,000 rows of CSV", time(&load), by_hand, 1.3);

    let by_hand = median(|| {
        let mut connection = connection();
        insert_by_hand(&mut connection);
        let started = Instant::now();
        for i in 0..FINDS {
            let sql = "SELECT id, name, email, age FROM Users WHERE id = ?";
            let mut statement = connection.prepare_cached(sql).unwrap();
            let found: (i64, String, String, i64) = statement
                .query_row([i64::try_from(i + 1).unwrap()], |it| {
                    Ok((it.get(0)?, it.get(1)?, it.get(2)?, it.get(3)?))
                })
                .unwrap();
            std::hint::black_box(found);
        }
        started.elapsed()
    });
    let mut finds = load.clone();
    for i in 0..FINDS {
        let _ = writeln!(finds, "User findByPk {}", i + 1);
    }
    let ours = time(&finds).saturating_sub(time(&load));
    compare("10,000 findByPk", ours, by_hand, 2.0);
}

fn row(i: usize) -> (String, String, i64) {
    (
        format!("User {i}"),
        format!("u{i}@example.org"),
        i64::try_from(i % 90).unwrap(),
    )
}

fn connection() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    let create = "CREATE TABLE Users (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(255), email VARCHAR(255), age INTEGER)";
    connection.execute_batch(create).unwrap();
    connection
}

fn insert_by_hand(connection: &mut Connection) -> Duration {
    let rows: Vec<_> = (0..ROWS).map(row).collect();
    let started = Instant::now();
    let transaction = connection.transaction().unwrap();
    {
        let sql = "INSERT INTO Users (name, email, age) VALUES (?, ?, ?)";
        let mut statement = transaction.prepare(sql).unwrap();
        for (name, email, age) in &rows {
            statement.execute((name, email, age)).unwrap();
        }
    }
    transaction.commit().unwrap();
    started.elapsed()
}

/// How long the steps of a script run; checking it isn't counted.
fn time(script: &str) -> Duration {
    let mut sources = Sources::default();
    let id = sources.add("bench", script).unwrap();
    let parsed = syntax::parse(sources.get(id));
    let Checked { schema, steps, .. } = check::check(&Bundle::of(parsed.script), &sources);
    median(|| {
        let mut database = Sqlite::in_memory().unwrap();
        let mut environment = Environment::default();
        let mut text = "name,email,age\n".to_owned();
        for i in 0..ROWS {
            let (name, email, age) = row(i);
            let _ = writeln!(text, "{name},{email},{age}");
        }
        let mut files = Csv(text.into_bytes());
        let mut host = Host {
            schema: &schema,
            sources: &sources,
            files: &mut files,
            environment: &mut environment,
        };
        let started = Instant::now();
        let sink = &mut Nothing;
        run(&steps, &mut host, &mut database, Options::default(), sink).unwrap();
        started.elapsed()
    })
}

fn median(mut run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS).map(|_| run()).collect();
    times.sort();
    times.get(RUNS / 2).copied().unwrap_or_default()
}

fn compare(what: &str, ours: Duration, theirs: Duration, aim: f64) {
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!(
        "  {what}: {:.1} ms, by hand {:.1} ms: {ratio:.2} x (aim: {aim:.1})",
        ours.as_secs_f64() * 1e3,
        theirs.as_secs_f64() * 1e3
    );
}

struct Nothing;

impl Sink for Nothing {
    fn outcome(&mut self, outcome: Outcome) {
        assert!(!matches!(outcome.result, Yield::Failed(_)), "{outcome:?}");
    }

    fn row(&mut self, _: Found<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

struct Csv(Vec<u8>);

impl Files for Csv {
    fn open(&mut self, _: &str, _: &str) -> Result<Box<dyn Read>, String> {
        Ok(Box::new(std::io::Cursor::new(std::mem::take(&mut self.0))))
    }
}

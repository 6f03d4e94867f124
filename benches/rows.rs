//! What rows cost, as ratios measured in one run against the same work by hand: `cargo bench --bench rows`. A word behind
//! `--` chooses the figures that have it in their name. Times are those that this thread had a processor for, where Linux
//! tells them: machines have other things to do. Processes are measured by the clock on the wall.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a program for people who measure: it prints, and may stop"
)]

use relata::ast::Bundle;
use relata::check::{self, Checked};
use relata::db::Sqlite;
use relata::ir::{Schema, Step};
use relata::run::{Environment, Files, FoundRow, Host, Options, Outcome, Sink, Yield, run};
use relata::source::Sources;
use relata::syntax;
use relata::value::write_json_text;
use relata::{Session, params};
use rusqlite::{Connection, Statement};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: u32 = 15;
const ROWS: usize = 100_000;
const FINDS: usize = 10_000;
const MODEL: &str =
    "model User { name: STRING, email: STRING, age: INTEGER } < timestamps: false >\n";
const POSTS: &str = "model Post { title: STRING } < timestamps: false >\nUser hasMany Post\n";
const FIND: &str = "SELECT id, name, email, age FROM Users WHERE id = ?";
const LOAD: &str = "User load \"users.csv\"\n";

fn main() {
    // `cargo test --benches` calls this too, with `--test`: there is nothing to test here.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    let folder = std::env::temp_dir().join(format!("relata-rows-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    println!("  figure                                      ours    by hand   ratio   aim");
    writes(&folder);
    finds_by_key();
    prepared_finds();
    reads(&folder);
    peaks(&folder);
    std::fs::remove_dir_all(&folder).unwrap();
}

fn writes(folder: &Path) {
    let mut many = format!("{MODEL}User bulkCreate [\n");
    for i in 0..ROWS {
        let (name, email, age) = row(i);
        let line = format!("  {{ name: \"{name}\", email: \"{email}\", age: {age} }},\n");
        many.push_str(&line);
    }
    many.push_str("]\n");
    let load = format!("{MODEL}{LOAD}");
    // The table is there already, for both.
    for (what, script) in [("bulkCreate", &many), ("load of CSV", &load)] {
        let script = Script::new(script);
        let what = format!("{what}, 100,000 rows");
        let theirs = || insert_by_hand(&mut connection());
        compare(&what, 1.25, || script.time(ready(connection())), theirs);
        let what = format!("{what}, file");
        let fresh = || {
            let path = folder.join("written.db");
            let _ = std::fs::remove_file(&path);
            path
        };
        let file = || with_table(Connection::open(fresh()).unwrap());
        compare(&what, 1.3, || script.time(ready(file())), || insert_by_hand(&mut file()));
    }
}

fn finds_by_key() {
    let load = Script::new(&format!("{MODEL}sync\n{LOAD}"));
    let mut finds = MODEL.to_owned();
    for i in 0..FINDS {
        let _ = writeln!(finds, "User findByPk {}", i + 1);
    }
    let finds = Script::new(&finds);
    let ours = || {
        let mut database = Sqlite::in_memory().unwrap();
        load.run(&mut database);
        finds.run(&mut database)
    };
    compare("findByPk, 10,000 times", 1.3, ours, find_by_hand);
}

/// What a host asks again and again: each call gives a row as a record. By hand there is a statement of rusqlite's cache for each call, or one
/// for all of them.
fn prepared_finds() {
    let mut connection = connection();
    insert_by_hand(&mut connection);
    let mut session = Session::new(ready(connection));
    session.run("users.schema", MODEL, &mut Vec::new()).unwrap();
    let mut find = session.prepare("User findByPk key").unwrap();
    let keys = || 1..=i64::try_from(FINDS).unwrap();
    let ours = || {
        let started = Clock::start();
        for key in keys() {
            std::hint::black_box(find.run(&mut session, params! { key: key }).unwrap());
        }
        started.elapsed()
    };
    compare("prepared findByPk, 10,000 times", 1.2, ours, find_by_hand);
    let mut ours = || {
        let started = Clock::start();
        let mut calls = find.calls(&mut session).unwrap();
        for key in keys() {
            std::hint::black_box(calls.run(params! { key: key }).unwrap());
        }
        started.elapsed()
    };
    compare("calls of it", 1.2, &mut ours, find_by_hand);
    compare("calls of it (by hand: one statement)", 1.5, ours, find_by_one_statement);
}

fn reads(folder: &Path) {
    let path = folder.join("read.db");
    let connection = filled(&path, ROWS);
    let script = file(folder, "all", &format!("{MODEL}User findAll\n"));
    let select = "SELECT id, name, email, age FROM Users";
    if Command::new("sqlite3").arg("--version").output().is_ok() {
        let theirs = || spent(Command::new("sqlite3").arg("-json").arg(&path).arg(select));
        let what = "findAll as JSON (by hand: sqlite3)";
        compare(what, 1.5, || spent(&mut json(&path, &script)), theirs);
    } else {
        println!("  there is no sqlite3 to compare findAll with");
    }
    let script = Script::new(&format!("{MODEL}{POSTS}User findAll < include: Posts >\n"));
    let ours = || script.time(Sqlite::open(&path).unwrap());
    let what = "findAll with 3 of a list each";
    compare(what, 1.4, ours, || join_by_hand(&connection));
    let index = "CREATE INDEX by_user ON Posts (UserId)";
    connection.execute_batch(index).unwrap();
    let what = "the same, with an index";
    compare(what, 1.4, ours, || join_by_hand(&connection));
}

/// How much memory `findAll` takes at most, of many rows and of few.
fn peaks(folder: &Path) {
    if !cfg!(target_os = "linux") || !is_chosen("memory") {
        return;
    }
    let (few, many) = (folder.join("few.db"), folder.join("many.db"));
    drop((filled(&few, 10_000), filled(&many, 1_000_000)));
    // Without an index each chunk of rows costs a look at all posts.
    for path in [&few, &many] {
        let connection = Connection::open(path).unwrap();
        let index = "CREATE INDEX by_user ON Posts (UserId)";
        connection.execute_batch(index).unwrap();
    }
    for (what, find) in [
        ("findAll", "User findAll"),
        ("findAll, ordered", "User findAll < order: name >"),
        ("findAll, with lists", "User findAll < include: Posts >"),
    ] {
        // The second is never read: it holds the process while one looks at it.
        let script = format!("{MODEL}{POSTS}{find}\n{find}\n");
        let script = file(folder, "peak", &script);
        let (few, many) = (peak(&few, &script), peak(&many, &script));
        println!(
            "  memory of {what}: {:.1} MB for 1,000,000 rows, {:.1} MB for 10,000",
            many / 1024.0,
            few / 1024.0
        );
    }
}

/// The most memory that a process has had when the first sentence of a script has been printed, in KB.
fn peak(database: &Path, script: &Path) -> f64 {
    let mut child = json(database, script).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    while output.skip_until(b'\n').unwrap() == 0 {}
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let number = line.and_then(|it| it.split_whitespace().next());
    number.unwrap().parse().unwrap()
}

fn row(i: usize) -> (String, String, i64) {
    (format!("User {i}"), format!("u{i}@example.org"), i64::try_from(i % 90).unwrap())
}

fn connection() -> Connection {
    with_table(Connection::open_in_memory().unwrap())
}

fn with_table(connection: Connection) -> Connection {
    let create = "CREATE TABLE Users (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(255), email VARCHAR(255), age INTEGER)";
    connection.execute_batch(create).unwrap();
    connection
}

/// The same, as Relata's.
fn ready(connection: Connection) -> Sqlite {
    Sqlite::from_connection(connection).unwrap()
}

/// A database of so many users with three posts each.
fn filled(path: &Path, rows: usize) -> Connection {
    let schema = Script::new(&format!("{MODEL}{POSTS}sync\n"));
    schema.time(Sqlite::open(path).unwrap());
    let connection = Connection::open(path).unwrap();
    let fill = format!(
        "BEGIN;
         WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows})
         INSERT INTO Users (name, email, age) SELECT 'User ' || i, 'u' || i || '@example.org', i % 90 FROM n;
         WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < 3 * {rows})
         INSERT INTO Posts (title, UserId) SELECT 'Post ' || i, i / 3 + 1 FROM n;
         COMMIT"
    );
    connection.execute_batch(&fill).unwrap();
    connection
}

fn insert_by_hand(connection: &mut Connection) -> Duration {
    let rows: Vec<_> = (0..ROWS).map(row).collect();
    let started = Clock::start();
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

fn find_by_hand() -> Duration {
    let mut connection = connection();
    insert_by_hand(&mut connection);
    let started = Clock::start();
    for i in 0..FINDS {
        find_one(&mut connection.prepare_cached(FIND).unwrap(), i);
    }
    started.elapsed()
}

fn find_by_one_statement() -> Duration {
    let mut connection = connection();
    insert_by_hand(&mut connection);
    let started = Clock::start();
    let mut statement = connection.prepare(FIND).unwrap();
    for i in 0..FINDS {
        find_one(&mut statement, i);
    }
    started.elapsed()
}

fn find_one(statement: &mut Statement<'_>, i: usize) {
    let found: (i64, String, String, i64) = statement
        .query_row([i64::try_from(i + 1).unwrap()], |it| {
            Ok((it.get(0)?, it.get(1)?, it.get(2)?, it.get(3)?))
        })
        .unwrap();
    std::hint::black_box(found);
}

/// Users with their posts, read by one join, put together, and written as JSON.
fn join_by_hand(connection: &Connection) -> Duration {
    struct User {
        id: i64,
        name: String,
        email: String,
        age: i64,
        posts: Vec<(i64, String, i64)>,
    }
    let started = Clock::start();
    let sql = "SELECT u.id, u.name, u.email, u.age, p.id, p.title, p.UserId FROM Users u LEFT JOIN Posts p ON p.UserId = u.id";
    let mut statement = connection.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut users: Vec<User> = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let id = row.get(0).unwrap();
        if users.last().is_none_or(|it| it.id != id) {
            users.push(User {
                id,
                name: row.get(1).unwrap(),
                email: row.get(2).unwrap(),
                age: row.get(3).unwrap(),
                posts: Vec::new(),
            });
        }
        let user = users.last_mut().unwrap();
        if let Some(post) = row.get(4).unwrap() {
            user.posts.push((post, row.get(5).unwrap(), row.get(6).unwrap()));
        }
    }
    let mut out = String::new();
    for user in &users {
        let _ = write!(out, "{{\"id\":{},\"name\":", user.id);
        write_json_text(&user.name, &mut out);
        out.push_str(",\"email\":");
        write_json_text(&user.email, &mut out);
        let _ = write!(out, ",\"age\":{},\"Posts\":[", user.age);
        for (id, title, of) in &user.posts {
            let _ = write!(out, "{{\"id\":{id},\"title\":");
            write_json_text(title, &mut out);
            let _ = write!(out, ",\"UserId\":{of}}},");
        }
        out.push_str("]},");
    }
    std::hint::black_box(out);
    started.elapsed()
}

/// A script that has been checked.
struct Script {
    sources: Sources,
    schema: Schema,
    steps: Vec<Step>,
}

impl Script {
    fn new(text: &str) -> Self {
        let mut sources = Sources::default();
        let id = sources.add("bench", text).unwrap();
        let parsed = syntax::parse(sources.get(id));
        let Checked { schema, steps, .. } = check::check(&Bundle::of(parsed.script), &sources);
        Self { sources, schema, steps }
    }

    /// How long its steps run.
    fn run(&self, database: &mut Sqlite) -> Duration {
        let mut text = "name,email,age\n".to_owned();
        for i in 0..ROWS {
            let (name, email, age) = row(i);
            let _ = writeln!(text, "{name},{email},{age}");
        }
        let mut files = Csv(text.into_bytes());
        let mut host = Host {
            schema: &self.schema,
            sources: &self.sources,
            files: &mut files,
            environment: &mut Environment::default(),
        };
        let started = Clock::start();
        let options = Options::default();
        run(&self.steps, &mut host, database, options, &mut Json::default()).unwrap();
        started.elapsed()
    }

    /// How long its steps run on a database that is closed behind them.
    fn time(&self, mut database: Sqlite) -> Duration {
        self.run(&mut database)
    }
}

fn file(folder: &Path, name: &str, script: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, script).unwrap();
    path
}

/// `relata run --format json`
fn json(database: &Path, script: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relata"));
    command.args(["run", "--format", "json", "--db"]);
    command.arg(database).arg(script);
    command
}

/// How long a process runs whose output nobody reads.
fn spent(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?}");
    started.elapsed()
}

/// How long this thread has had a processor; how long it has been, where that isn't known.
struct Clock(Option<Duration>, Instant);

impl Clock {
    fn start() -> Self {
        Self(Self::used(), Instant::now())
    }

    fn elapsed(&self) -> Duration {
        let used = self.0.zip(Self::used());
        used.map_or_else(|| self.1.elapsed(), |(before, now)| now.saturating_sub(before))
    }

    fn used() -> Option<Duration> {
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        let nanoseconds = stat.split_whitespace().next()?;
        nanoseconds.parse().ok().map(Duration::from_nanos)
    }
}

/// Measures both in turn, and prints what each takes in the mean: the processor's time is told in steps of a few
/// milliseconds.
fn compare(
    what: &str,
    aim: f64,
    mut ours: impl FnMut() -> Duration,
    mut theirs: impl FnMut() -> Duration,
) {
    if !is_chosen(what) {
        return;
    }
    let (mut all, mut by_hand) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..RUNS {
        all += ours();
        by_hand += theirs();
    }
    let milliseconds = |it: Duration| (it / RUNS).as_secs_f64() * 1e3;
    let (ours, theirs) = (milliseconds(all), milliseconds(by_hand));
    let ratio = ours / theirs;
    println!("  {what:<36} {ours:>8.1} ms {theirs:>8.1} ms {ratio:>6.2} x {aim:>5.2}");
}

/// Whether a figure is to be measured: it has one of the words of the command line, if there are some.
fn is_chosen(what: &str) -> bool {
    let words = || std::env::args().skip(1).filter(|it| !it.starts_with('-'));
    words().next().is_none() || words().any(|it| what.contains(&it))
}

/// Writes rows as JSON, for nobody.
#[derive(Default)]
struct Json(String);

impl Sink for Json {
    fn outcome(&mut self, outcome: Outcome) {
        assert!(!matches!(outcome.result, Yield::Failed(_)), "{outcome:?}");
    }

    fn streams(&self) -> bool {
        true
    }

    fn row(&mut self, row: FoundRow<'_>) -> ControlFlow<()> {
        row.write_json(&mut self.0);
        std::hint::black_box(&self.0);
        self.0.clear();
        ControlFlow::Continue(())
    }
}

struct Csv(Vec<u8>);

impl Files for Csv {
    fn open(&mut self, _: &str, _: &str) -> Result<Box<dyn Read>, String> {
        Ok(Box::new(std::io::Cursor::new(std::mem::take(&mut self.0))))
    }
}

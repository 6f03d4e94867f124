//! Whatever fails, and wherever: a change of a database happens as a whole or not at all.
//!
//! Each scenario runs once for each thing that is asked of the database. That one fails: nothing has happened yet, or the database has
//! undone the whole transaction, as SQLite does by itself where a statement is interrupted or the disk fails. Sometimes the next one
//! fails too: Ctrl-C is pressed twice.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail so"
)]

use relata::catalog::{Name, Table};
use relata::db::{Database, DbError, DbErrorKind, Sqlite, Structure};
use relata::diagnostics::{Loss, Losses, RunProblem};
use relata::migrate;
use relata::run::{Files, Options};
use relata::session::{Error, Session};
use relata::value::Value;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::PathBuf;
use tempfile::TempDir;

/// How a thing that is asked of the database fails.
#[derive(Debug, Clone, Copy)]
struct Fault {
    kind: DbErrorKind,
    /// Whether the database undoes the transaction.
    ends: bool,
    /// How many in a row fail.
    times: usize,
}

const FAULTS: [Fault; 4] = [
    fault(DbErrorKind::Interrupted, false, 1),
    fault(DbErrorKind::Interrupted, true, 2),
    fault(DbErrorKind::CannotWrite, true, 1),
    fault(DbErrorKind::Busy, false, 1),
];

const fn fault(kind: DbErrorKind, ends: bool, times: usize) -> Fault {
    Fault { kind, ends, times }
}

/// A database that fails.
pub(crate) struct Failing {
    inner: Sqlite,
    fault: Fault,
    /// So many things go well before.
    before: Cell<usize>,
    failed: Cell<usize>,
    /// How often it was copied.
    pub(crate) copies: Cell<usize>,
}

impl Failing {
    /// Fails where it is time.
    fn turn(&self) -> Result<(), DbError> {
        if self.before.get() > 0 {
            self.before.set(self.before.get() - 1);
            return Ok(());
        }
        if self.failed.get() >= self.fault.times {
            return Ok(());
        }
        self.failed.set(self.failed.get() + 1);
        if self.fault.ends {
            // SQLite itself ends the transaction.
            let bomb = self
                .inner
                .query("INSERT INTO bomb VALUES (1)", &[], &mut |_| ControlFlow::Break(()));
            assert!(bomb.is_err());
        }
        let ended = self.inner.has_ended();
        Err(DbError { ended, ..DbError::new(self.fault.kind, "as it was to be") })
    }

    /// All that is in it.
    fn state(&self) -> String {
        let mut state = String::new();
        let mut tables = vec!["sqlite_schema".to_owned()];
        let names = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1";
        self.read(names, &mut |row| tables.push(text(&row[0])));
        for table in tables {
            let columns = if table == "sqlite_schema" { "type, name, tbl_name, sql" } else { "*" };
            let order = if table == "sqlite_schema" { "1, 2" } else { "1" };
            let sql = format!("SELECT {columns} FROM \"{table}\" ORDER BY {order}");
            self.read(&sql, &mut |row| {
                let _ = writeln!(state, "{table}: {row:?}");
            });
        }
        state
    }

    fn read(&self, sql: &str, each: &mut dyn FnMut(&[Value])) {
        let read = self.inner.query(sql, &[], &mut |row| {
            each(row);
            ControlFlow::Continue(())
        });
        read.unwrap_or_else(|it| panic!("{sql}: {it}"));
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(it) => it.to_string(),
        other => panic!("{other:?}"),
    }
}

harness::guarded_database!(Failing, turn, {
    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, DbError> {
        self.turn()?;
        self.inner.execute(sql, parameters)
    }

    fn commit(&mut self) -> Result<(), DbError> {
        self.turn()?;
        self.inner.commit()
    }

    fn structure(&mut self) -> Option<&mut dyn Structure> {
        Some(self)
    }
});

impl Structure for Failing {
    fn create(&mut self, sql: &str) -> Result<(), DbError> {
        self.turn()?;
        self.inner.create(sql)
    }

    fn quoted_texts(&mut self, sql: &str) -> Result<Vec<String>, DbError> {
        self.turn()?;
        self.inner.quoted_texts(sql)
    }

    fn preview(&mut self, statements: &[String], name: &str) -> Result<Option<Table>, DbError> {
        self.turn()?;
        self.inner.preview(statements, name)
    }

    fn rewrite(&mut self, table: &str, sql: &str) -> Result<(), DbError> {
        self.turn()?;
        self.inner.rewrite(table, sql)
    }

    fn replace_table(&mut self, new: &str, name: &str) -> Result<(), DbError> {
        self.turn()?;
        self.inner.replace_table(new, name)
    }

    fn rename(&mut self, sql: &str) -> Result<(), DbError> {
        self.turn()?;
        self.inner.rename(sql)
    }

    fn size(&mut self) -> Result<u64, DbError> {
        self.turn()?;
        self.inner.size()
    }

    fn damage(&mut self, table: Option<&str>) -> Result<Option<String>, DbError> {
        self.turn()?;
        self.inner.damage(table)
    }

    fn unreadable(&mut self, tables: &BTreeSet<Name>) -> Result<Option<String>, DbError> {
        self.turn()?;
        self.inner.unreadable(tables)
    }

    fn watch(&mut self) {
        self.inner.watch();
    }

    fn written(&mut self) -> BTreeSet<Name> {
        self.inner.written()
    }

    fn backup(&mut self, name: &str) -> Result<Option<String>, DbError> {
        self.turn()?;
        self.inner.backup(name)
    }

    fn create_temporary(&mut self, sql: &str) -> Result<(), DbError> {
        self.turn()?;
        self.inner.create_temporary(sql)
    }

    fn is_sketch_cheap(&mut self) -> Result<bool, DbError> {
        self.turn()?;
        self.inner.is_sketch_cheap()
    }

    fn sketch(&mut self) -> Result<Option<Box<dyn Database>>, DbError> {
        self.turn()?;
        self.inner.sketch()
    }

    fn copy(&mut self) -> Result<Option<Box<dyn Database>>, DbError> {
        self.turn()?;
        let copy = Structure::copy(&mut self.inner)?;
        self.copies.set(self.copies.get() + usize::from(copy.is_some()));
        Ok(copy)
    }
}

/// The clock stands still, so that two runs leave the same.
fn options() -> Options {
    Options {
        now: Some(1_642_334_400_000),
        seed: Some(1),
        allow: Losses::of([Loss::Values, Loss::WrittenSince]),
        ..Options::default()
    }
}

const BEFORE: &str = "
defaults < timestamps: false >
model User { name: STRING, nick: STRING, age: INTEGER, mail: STRING, index (name) }
model Post { title: STRING, text: TEXT, `left`: STRING, `right`: STRING }
model Note { text: STRING }
Post belongsTo User < onDelete: cascade >
sync
";

/// Rows, a trigger, a view that works, one that doesn't where `broken`, and what ends a transaction.
fn filled(broken: bool) -> Vec<&'static str> {
    let mut all = vec![
        "CREATE TABLE bomb (it UNIQUE ON CONFLICT ROLLBACK)",
        "INSERT INTO bomb VALUES (1)",
        "INSERT INTO Users VALUES (1, 'a', 'x', NULL, 'm'), (2, 'b', NULL, 3, 'n'), (7, 'c', 'y', NULL, 'o')",
        "INSERT INTO Posts VALUES (1, 't', 'u', 'l', 'r', 1), (2, NULL, 'v', 'l', 'r', 7)",
        "INSERT INTO Notes VALUES (1, 'n')",
        "CREATE TABLE seen (it)",
        "CREATE TRIGGER watch AFTER UPDATE ON Users BEGIN INSERT INTO seen VALUES (new.id); END",
        "CREATE VIEW titles AS SELECT title FROM Posts",
    ];
    if broken {
        all.push("CREATE VIEW broken AS SELECT it FROM nowhere");
    }
    all
}

/// A database with rows, in a file of its own, behind some scripts.
struct Start {
    path: PathBuf,
    _folder: TempDir,
}

impl Start {
    fn new(broken: bool, behind: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let mut session = on(Sqlite::open(&path).unwrap());
        session.run("a.schema", BEFORE, &mut Vec::new()).unwrap();
        for sql in filled(broken) {
            session.database().inner.execute(sql, &[]).unwrap();
        }
        for script in behind {
            let mut session = on(Sqlite::open(&path).unwrap());
            session.run("b.schema", script, &mut Vec::new()).unwrap();
        }
        Self { path, _folder: folder }
    }

    /// A copy of it.
    fn copy(&self) -> Session<Failing> {
        on(Sqlite::read_only(&self.path).unwrap().copy().unwrap())
    }
}

/// A session on a database in which nothing fails yet.
pub(crate) fn on(inner: Sqlite) -> Session<Failing> {
    let failing = Failing {
        inner,
        fault: FAULTS[0],
        before: Cell::new(usize::MAX),
        failed: Cell::new(0),
        copies: Cell::new(0),
    };
    Session::new(failing).with_options(options()).with_files(Rows)
}

/// Each file has two rows.
struct Rows;

impl Files for Rows {
    fn open(&mut self, _: &str, path: &str) -> Result<Box<dyn Read>, String> {
        let rows = if path == "rows.csv" {
            "name,age\nd,1\ne,2\n"
        } else {
            "{\"name\": \"d\"}\n{\"name\": \"e\", \"age\": 2}\n"
        };
        Ok(Box::new(rows.as_bytes()))
    }
}

/// The same database for a script that has nothing to do with those before.
fn again(mut session: Session<Failing>) -> Session<Failing> {
    let empty = Sqlite::in_memory().unwrap();
    on(std::mem::replace(&mut session.database().inner, empty))
}

type Work<'a> = &'a dyn Fn(&mut Session<Failing>) -> Result<(), RunProblem>;

fn script(text: &str) -> impl Fn(&mut Session<Failing>) -> Result<(), RunProblem> {
    move |session| match session.run("c.schema", text, &mut Vec::new()) {
        Ok(()) => Ok(()),
        Err(Error::Failed(problem)) => Err(problem),
        Err(error) => panic!("{error:?}"),
    }
}

/// Lets each thing fail that the work asks of a database, in each way: it is as before, or as behind, and can be gone on with.
fn whole_or_nothing(name: &str, start: &Start, work: Work<'_>) {
    let mut session = start.copy();
    let before = session.database().state();
    work(&mut session).unwrap_or_else(|it| panic!("{name}: {it:?}"));
    let behind = session.database().state();
    for fault in FAULTS {
        let mut turns = 0;
        loop {
            let mut session = start.copy();
            let database = session.database();
            (database.fault, database.before) = (fault, Cell::new(turns));
            let done = work(&mut session);
            let at = format!("{name}, {fault:?}, {turns} before");
            let database = session.database();
            let failed = database.failed.get();
            database.before = Cell::new(usize::MAX);
            let found = database.state();
            match &done {
                Ok(()) => assert_eq!(found, behind, "{at}: done"),
                Err(problem) => {
                    assert_eq!(found, before, "{at}: {problem}");
                    let told = format!("{problem:?}");
                    let own = match fault.kind {
                        DbErrorKind::Interrupted => "Interrupted",
                        DbErrorKind::Busy => "Busy",
                        _ => "CannotWrite",
                    };
                    assert!(told.starts_with(own), "{at}: {told}");
                }
            }
            assert!(failed == 0 || done.is_err(), "{at}: passed over");
            assert!(database.inner.foreign_keys().unwrap(), "{at}: keys");
            // It can be gone on with.
            if done.is_err() && turns % 7 == 3 {
                let mut session = again(session);
                work(&mut session).unwrap_or_else(|it| panic!("{at}: again: {it:?}"));
                assert_eq!(session.database().state(), behind, "{at}: again");
            }
            if failed == 0 {
                break;
            }
            // What is busy has undone nothing, and is the same anywhere.
            turns += if fault.kind == DbErrorKind::Busy { 5 } else { 1 };
        }
        assert!(turns > 0, "{name}: {turns}");
    }
}

/// Each kind of change, by what it has that others don't.
const CHANGES: &[(&str, &str)] = &[
    (
        "names of columns and tables",
        "model Person { fullName: STRING < was: name >, nick: STRING, age: INTEGER, mail: STRING, index (fullName) } < timestamps: false, was: User >
model Post { title: STRING, text: TEXT, `left`: STRING < was: right >, `right`: STRING < was: left >, UserId: INTEGER } < timestamps: false >
model Note { text: STRING } < timestamps: false >
Post belongsTo Person < foreignKey: UserId, onDelete: cascade >
sync < alter >",
    ),
    (
        "texts",
        "model User { name: STRING(100) < defaultValue: \"-\" >, nick: STRING, age: INTEGER, mail: STRING, extra: TEXT, index (name) } < timestamps: false >
model Post { title: STRING < allowNull: false, defaultValue: \"-\" >, text: TEXT, `left`: STRING, `right`: STRING } < timestamps: false >
model Note { text: STRING } < timestamps: false >
Post belongsTo User < onDelete: setNull >
sync < alter >",
    ),
    (
        "rows that move",
        "model User { name: STRING, age: TEXT, mail: STRING < unique >, drop nick, check (length(name) > 0), index (age) } < timestamps: false >
model Post { title: INTEGER < using: (length(title)) >, text: TEXT, `left`: STRING, `right`: STRING } < timestamps: false >
model Note { text: STRING } < timestamps: false >
Post belongsTo User < onDelete: restrict >
sync < alter >",
    ),
    (
        "what comes and goes",
        "model User { name: STRING, nick: STRING, age: INTEGER, mail: STRING } < timestamps: false >
model Post { title: STRING, text: TEXT, `left`: STRING, `right`: STRING } < timestamps: false >
model Tag { label: STRING < unique > } < timestamps: false >
Post belongsTo User < onDelete: cascade >
User belongsToMany Tag < through: UserTag, timestamps: false >
view Old = User findAll < where: (age > 3) >
sync < alter >",
    ),
    (
        "one model",
        "model User { name: STRING, age: INTEGER, mail: STRING, drop nick } < timestamps: false >
User sync < alter >",
    ),
    (
        "plain sync",
        "model Tag { label: STRING < unique > } < timestamps: false >
model Label { text: STRING } < timestamps: false >
Label belongsTo Tag
view Labelled = Tag findAll
sync",
    ),
    (
        "sync < force >",
        "model User { name: STRING } < timestamps: false >
model Post { title: STRING } < timestamps: false >
Post belongsTo User
sync < force >",
    ),
    (
        "drop",
        "model User { name: STRING } < timestamps: false >
model Post { title: STRING } < timestamps: false >
Post belongsTo User
drop",
    ),
];

/// Whether there is a view that doesn't work: names change in another way then.
fn views(name: &str) -> impl Iterator<Item = bool> {
    let both = name.starts_with("names");
    [false, true].into_iter().filter(move |it| both || !it)
}

#[test]
fn a_change_of_tables_happens_as_a_whole_or_not_at_all() {
    for (name, text) in CHANGES {
        for broken in views(name) {
            let name = format!("{name}, {broken}");
            whole_or_nothing(&name, &Start::new(broken, &[]), &script(text));
        }
    }
}

#[test]
fn so_does_its_rollback() {
    for (name, text) in CHANGES {
        for broken in views(name) {
            let name = format!("rollback of {name}, {broken}");
            whole_or_nothing(&name, &Start::new(broken, &[text]), &|session| {
                migrate::rollback(session.database(), options().allow, options().now)
                    .map(|it| assert!(it.is_some()))
            });
        }
    }
}

#[test]
fn so_does_what_is_given_up() {
    let changed = CHANGES[2].1;
    whole_or_nothing("prune", &Start::new(false, &[changed]), &|session| {
        migrate::prune(session.database()).map(|it| assert!(it > 0))
    });
}

const MODELS: &str = "
defaults < timestamps: false >
model User { name: STRING, nick: STRING, age: INTEGER, mail: STRING < unique > }
model Post { title: STRING, text: TEXT, `left`: STRING, `right`: STRING }
User hasMany Post < onDelete: cascade >
";

fn many() -> String {
    let row = |it: u32| format!("{{ name: \"row {it}\" }}");
    let rows: Vec<_> = (0..70).map(row).collect();
    format!("[{}]", rows.join(", "))
}

#[test]
fn so_do_sentences_and_blocks() {
    let many = many();
    let sentences = [
        "User create { name: \"d\", Posts: [{ title: \"p\" }, { title: \"q\" }] }".to_owned(),
        format!("User bulkCreate {many}"),
        "User destroy < where: (id = 1) >".to_owned(),
        "User upsert { id: 2, name: \"d\" }".to_owned(),
        "User load \"rows.csv\"".to_owned(),
        "User load \"rows.jsonl\"".to_owned(),
        "let u = User findOne < where: (id = 1) >\nu createPost { title: \"n\" }".to_owned(),
        format!(
            "transaction {{\n  User create {{ name: \"d\" }}\n  transaction {{ User bulkCreate {many} }}\n  \
             transaction {{ User update {{ age: 9 }} < all >\n    transaction {{ User destroy < where: (id = 1) > }} }}\n  sync\n}}"
        ),
    ];
    for sentence in sentences {
        let text = format!("{MODELS}{sentence}");
        whole_or_nothing(&sentence, &Start::new(false, &[]), &script(&text));
    }
}

#[test]
fn a_block_that_was_ended_is_left_with_all_around_it_and_the_script_goes_on() {
    let text = format!(
        "{MODELS}transaction {{\n  User create {{ name: \"outer\" }}\n  transaction {{\n    User create {{ name: \"inner\" }}\n    \
         User bulkCreate {}\n  }}\n  User create {{ name: \"outer\" }}\n}}\nUser create {{ name: \"behind\" }}",
        many()
    );
    let start = Start::new(false, &[]);
    for fault in FAULTS {
        for turns in 0.. {
            let mut session = start.copy().with_options(Options { keep_going: true, ..options() });
            let database = session.database();
            (database.fault, database.before) = (fault, Cell::new(turns));
            let done = script(&text)(&mut session);
            let database = session.database();
            let failed = database.failed.get();
            database.before = Cell::new(usize::MAX);
            let count = |name: &str| {
                let mut rows = 0;
                let sql = format!("SELECT 1 FROM Users WHERE name LIKE '{name}%'");
                database.read(&sql, &mut |_| rows += 1);
                rows
            };
            let at = format!("{fault:?}, {turns} before: {done:?}");
            let (outer, inner, row) = (count("outer"), count("inner"), count("row "));
            assert!(outer == 0 || outer == 2, "{at}");
            assert_eq!(inner * 70, row, "{at}");
            assert!(inner == 0 || outer == 2, "{at}");
            if fault.kind != DbErrorKind::Interrupted && fault.times == 1 && outer == 0 {
                // What failed was within the block.
                assert_eq!(count("behind"), 1, "{at}");
            }
            if failed == 0 {
                assert_eq!((outer, inner, count("behind")), (2, 1, 1), "{at}");
                break;
            }
        }
    }
}

//! A change on MariaDB, cut off at each of its statements: before that one runs, or when it has run and nobody heard of it. Then it is gone on with, and rolled
//! back; or what is done is rolled back at once. Appliers at the same time are one after the other.

use super::alike::{OPTIONS, results};
use super::mariadb::MariadbServer;
use libtest_mimic::{Failed, Trial};
use relata::catalog::Object;
use relata::db::{Database, DbError, DbErrorKind, Mysql, Structure};
use relata::diagnostics::{Losses, RunProblem};
use relata::migrate;
use relata::session::Session;
use relata::value::Value;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Arc, Barrier};

const BEFORE: &str = "model User {\n  name: STRING\n  nick: STRING(20)\n  age: INTEGER\n  index (age)\n} < timestamps: false >\n\
    model Post { title: STRING(80), words: INTEGER } < timestamps: false >\nPost belongsTo User\n";

const ROWS: &str = "sync\nUser create { name: \"Ann\", nick: \"a\", age: 3 }\nUser create { name: null, nick: \"b\", age: 4 }\n\
    Post create { title: \"one\", words: 5, UserId: 1 }\nPost create { title: \"two\", words: 6, UserId: 2 }\n";

const AFTER: &str = "model Person {\n  name: STRING < allowNull: false, defaultValue: \"?\" >\n  years: INTEGER < was: age >\n  email: STRING < using: (name || \"@x\") >\n  \
    drop nick\n  index (years, name)\n} < timestamps: false, was: User >\n\
    model Post {\n  title: STRING(80) < unique >\n  words: BIGINT\n  at: DATE < defaultValue: NOW, allowNull: false >\n} < timestamps: false >\n\
    model Tag { label: STRING } < timestamps: false >\nPost belongsTo Person < foreignKey: UserId, onDelete: cascade >\nPost hasMany Tag\n";

type Tested = Result<(), String>;

/// What is tried on a server.
type ServerTest = fn(&MariadbServer) -> Tested;

/// Every so many statements a change is cut off: each of them takes some databases.
const EACH: usize = 3;

/// The tests.
pub(crate) fn trials(server: &Arc<MariadbServer>, out: &mut Vec<Trial>) {
    let tests: [(&str, ServerTest); 4] = [
        ("a change that is cut off before a statement is gone on with", |it| cut_off(it, false)),
        ("a change that is cut off behind a statement is gone on with", |it| cut_off(it, true)),
        ("a rollback that is cut off is gone on with", rollback_cut_off),
        ("of four appliers one finds something to do", appliers),
    ];
    for (name, test) in tests {
        let server = Arc::clone(server);
        let run = move || test(&server).map_err(Failed::from);
        out.push(Trial::test(format!("mysql/{name}"), run));
    }
}

/// A database whose connection is lost at a statement.
struct Cut {
    inner: Mysql,
    /// So many statements run before.
    left: Cell<usize>,
    /// Whether that one runs.
    runs: bool,
    lost: Rc<Cell<bool>>,
}

impl Cut {
    fn check(&self) -> Result<(), DbError> {
        if self.lost.get() { Err(DbError::new(DbErrorKind::Busy, "cut off")) } else { Ok(()) }
    }

    /// Whether it is lost with this statement.
    fn counts(&self) -> Result<bool, DbError> {
        self.check()?;
        if self.left.get() == 0 {
            self.lost.set(true);
            if !self.runs {
                self.check()?;
            }
            return Ok(true);
        }
        self.left.set(self.left.get() - 1);
        Ok(false)
    }
}

harness::guarded_database!(Cut, check, {
    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, DbError> {
        // What only this session has goes with it.
        let own = sql.contains(" TEMPORARY TABLE ") || sql.contains("_relata_fits");
        let last = if own { self.check().map(|()| false)? } else { self.counts()? };
        let done = self.inner.execute(sql, parameters);
        if last { self.check().and(done) } else { done }
    }

    fn commit(&mut self) -> Result<(), DbError> {
        let last = self.counts()?;
        let done = self.inner.commit();
        if last { self.check().and(done) } else { done }
    }

    fn structure(&mut self) -> Option<&mut dyn Structure> {
        None
    }
});

fn open(url: &str) -> Result<Mysql, String> {
    Mysql::open(url).map_err(|it| it.message)
}

/// A database with rows.
fn prepared(url: &str) -> Tested {
    let mut session = Session::new(open(url)?).with_options(OPTIONS);
    match results(&mut session, &format!("{BEFORE}{ROWS}"))? {
        Some(all) if all.iter().all(|it| !it.contains("\"error\"")) => Ok(()),
        found => Err(format!("{found:?}")),
    }
}

/// Tables and views, each with its statement, in no order, and what is in them.
fn state(url: &str, script: &str) -> Result<Vec<String>, String> {
    let mut database = open(url)?;
    let objects = database.objects().map_err(|it| it.message)?;
    let lines = |it: &Object| {
        let sql = it.sql.clone().unwrap_or_default();
        let mut lines: Vec<_> = sql.lines().map(|it| it.trim_end_matches(',').to_owned()).collect();
        lines.sort();
        format!("{} {}", it.name, lines.join("\n"))
    };
    let mut all: Vec<String> = objects.iter().map(lines).collect();
    all.sort();
    let models = script.lines().filter_map(|it| it.strip_prefix("model "));
    let names: Vec<_> = models.filter_map(|it| it.split(' ').next()).collect();
    let reads = names.iter().map(|it| format!("{it} findAll < order: [id] >\n"));
    let mut session = Session::new(database).with_options(OPTIONS);
    let text = format!("{script}{}", reads.collect::<String>());
    for line in results(&mut session, &text)?.unwrap_or_default() {
        all.push(line.split_once("\"value\"").map_or(line.clone(), |it| it.1.to_owned()));
    }
    Ok(all)
}

fn apply<D: Database>(database: D) -> Result<(), String> {
    let mut session = Session::new(database).with_options(OPTIONS);
    session.declare("after.schema", AFTER).map_err(|it| it.to_string())?;
    session.apply().map(drop).map_err(|it| it.to_string())
}

/// What is left to do.
fn left(url: &str) -> Result<usize, String> {
    let mut session = Session::new(open(url)?).with_options(OPTIONS);
    session.declare("after.schema", AFTER).map_err(|it| it.to_string())?;
    session.diff().map(|it| it.len()).map_err(|it| it.to_string())
}

fn rollback<D: Database>(database: &mut D) -> Result<bool, String> {
    let told = |it: RunProblem| it.to_string();
    migrate::rollback(database, Losses::NONE, OPTIONS.now).map(|it| it.is_some()).map_err(told)
}

fn same(what: &str, expected: &[String], actual: &[String]) -> Tested {
    if expected == actual {
        return Ok(());
    }
    let only = |a: &[String], b: &[String]| -> Vec<String> {
        a.iter().filter(|it| !b.contains(it)).cloned().collect()
    };
    Err(format!("{what}: {:#?}, expected {:#?}", only(actual, expected), only(expected, actual)))
}

/// How many migrations were carried out and not rolled back.
fn migrations(url: &str) -> Result<usize, String> {
    let all = migrate::history(&mut open(url)?).map_err(|it| it.to_string())?;
    Ok(all.iter().filter(|it| it.rolled_back_at.is_none()).count())
}

fn cut(url: &str, at: usize, runs: bool) -> Result<Cut, String> {
    let (inner, lost) = (open(url)?, Rc::new(Cell::new(false)));
    Ok(Cut { inner, left: Cell::new(at), runs, lost })
}

fn cut_off(server: &MariadbServer, runs: bool) -> Tested {
    let mut whole = Vec::new();
    server.with_url(|url| {
        prepared(url)?;
        apply(open(url)?)?;
        whole = state(url, AFTER)?;
        Ok(())
    })?;
    let mut cuts = usize::from(runs);
    loop {
        let done = server.with_url(|url| {
            prepared(url)?;
            let before = state(url, BEFORE)?;
            let Err(_) = apply(cut(url, cuts, runs)?) else { return Ok(true) };
            let told = |what: String| format!("cut off at {cuts}: {what}");
            if cuts % 2 == 0 {
                // It is gone on with.
                apply(open(url)?).map_err(|it| told(format!("again: {it}")))?;
                same("behind it", &whole, &state(url, AFTER)?).map_err(told)?;
                let rest = left(url)?;
                if rest > 0 {
                    return Err(told(format!("{rest} changes are left")));
                }
            }
            // Whatever was done is undone.
            for _ in 0..4 {
                if migrations(url)? > 1 {
                    rollback(&mut open(url)?).map_err(|it| told(format!("back: {it}")))?;
                }
            }
            same("again", &before, &state(url, BEFORE)?).map_err(told)?;
            Ok(false)
        })?;
        if done {
            break;
        }
        cuts += EACH;
    }
    if cuts > 20 { Ok(()) } else { Err(format!("{cuts} statements are too few")) }
}

fn rollback_cut_off(server: &MariadbServer) -> Tested {
    let mut cuts = 0;
    loop {
        let done = server.with_url(|url| {
            prepared(url)?;
            let before = state(url, BEFORE)?;
            apply(open(url)?)?;
            let told = |what: String| format!("cut off at {cuts}: {what}");
            let Err(_) = rollback(&mut cut(url, cuts, cuts % 2 == 0)?) else { return Ok(true) };
            if migrations(url)? > 1 {
                rollback(&mut open(url)?).map_err(|it| told(format!("again: {it}")))?;
            }
            same("again", &before, &state(url, BEFORE)?).map_err(told)?;
            Ok(false)
        })?;
        if done {
            break;
        }
        cuts += EACH;
    }
    if cuts > 15 { Ok(()) } else { Err(format!("{cuts} statements are too few")) }
}

fn appliers(server: &MariadbServer) -> Tested {
    server.with_url(|url| {
        prepared(url)?;
        let start = Barrier::new(4);
        let work = || {
            let database = open(url)?;
            start.wait();
            apply(database)
        };
        let all: Vec<Tested> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        });
        all.into_iter().collect::<Result<Vec<()>, String>>()?;
        match (migrations(url)?, left(url)?) {
            (2, 0) => Ok(()),
            found => Err(format!("{found:?}")),
        }
    })
}

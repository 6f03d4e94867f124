//! A database in a file, what it holds, and what must hold of a change of it.

use relata::ast::Bundle;
use relata::check;
use relata::db::{Database, KeyViolations, Sqlite};
use relata::diagnostics::{Hazard, Losses, Problem, RunProblem};
use relata::ir::{AlterOptions, Existing, StepKind};
use relata::migrate::{self, Change};
use relata::run::{self, NoFiles, Options, Outcome, Yield};
use relata::session::Session;
use relata::source::Sources;
use relata::syntax;
use rusqlite::Connection;
use std::path::PathBuf;

/// A database that goes with it.
pub struct Shop {
    folder: tempfile::TempDir,
    /// Another program's connection.
    pub link: Connection,
}

/// All that a database holds, in lines.
pub type Dump = Vec<String>;

/// What is Relata's or SQLite's own.
const OWN: &str = "name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE '!_relata!_%' ESCAPE '!'";

/// A moment.
const NOW: Option<i64> = Some(1_642_333_600_000);

/// What a change leaves as it is, whatever it changes.
const SETTINGS: [&str; 6] = [
    "PRAGMA user_version",
    "PRAGMA application_id",
    "PRAGMA page_size",
    "PRAGMA auto_vacuum",
    "PRAGMA journal_mode",
    "PRAGMA encoding",
];

impl Shop {
    /// One of that SQL.
    pub fn new(sql: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let link = Connection::open(folder.path().join("shop.db")).unwrap();
        let shop = Self { folder, link };
        shop.execute(sql);
        shop
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("shop.db")
    }

    #[track_caller]
    pub fn execute(&self, sql: &str) {
        self.link.execute_batch(sql).unwrap();
    }

    /// The rows of a query, each on one line.
    #[track_caller]
    pub fn rows(&self, sql: &str) -> Dump {
        let mut statement = match self.link.prepare(sql) {
            Ok(it) => it,
            Err(error) => panic!("{sql}: {error}"),
        };
        let width = statement.column_count();
        let each = statement.query_map([], |row| {
            let values = (0..width).map(|it| row.get_ref(it).map(told));
            values.collect::<Result<Vec<_>, _>>()
        });
        each.unwrap().map(|it| it.unwrap().join("|")).collect()
    }

    /// The only value of a query.
    #[track_caller]
    pub fn one(&self, sql: &str) -> String {
        self.rows(sql).join(", ")
    }

    /// The statements of what is there.
    pub fn schema(&self) -> Dump {
        self.rows(&format!(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE {OWN} ORDER BY 1, 2"
        ))
    }

    /// Every statement, every row with its number and its storage classes, every sequence.
    pub fn dump(&self) -> Dump {
        let mut all = self.schema();
        let tables = format!(
            "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND {OWN} ORDER BY 1"
        );
        for line in self.rows(&tables) {
            let (name, without_rowid) = line.rsplit_once('|').unwrap();
            all.push(name.to_owned());
            let columns = self
                .rows(&format!("SELECT name FROM pragma_table_xinfo({}) ORDER BY 1", text(name)));
            let mut each: Vec<_> = (columns.iter())
                .map(|it| format!("{} || '=' || quote({})", text(it), quoted(it)))
                .collect();
            if without_rowid == "0" && !columns.iter().any(|it| it == "rowid") {
                each.insert(0, "rowid".to_owned());
            }
            let sql = format!("SELECT {} FROM {} ORDER BY 1", each.join(", "), quoted(name));
            all.extend(self.rows(&sql));
        }
        for own in ["sqlite_sequence", "sqlite_stat1"] {
            let there = format!("SELECT count(*) FROM sqlite_schema WHERE name = '{own}'");
            if self.one(&there) != "0" {
                let sql = format!(
                    "SELECT '{own}', * FROM {own} WHERE name NOT LIKE '!_relata%' ESCAPE '!' ORDER BY 2, 3"
                );
                let sql = sql.replace(
                    "name NOT",
                    if own == "sqlite_stat1" { "tbl NOT" } else { "name NOT" },
                );
                all.extend(self.rows(&sql));
            }
        }
        all
    }

    fn settings(&self) -> Dump {
        SETTINGS.iter().map(|it| self.one(it)).collect()
    }

    /// What comes of a script; the codes of what went wrong, where something did.
    pub fn run(&self, script: &str) -> Result<Vec<Outcome>, Vec<String>> {
        let options = Options { now: NOW, ..Options::default() };
        let mut session = Session::new(Sqlite::open(self.path()).unwrap()).with_options(options);
        let mut outcomes = Vec::new();
        match session.run("shop.schema", script, &mut outcomes) {
            Ok(()) => Ok(outcomes),
            Err(failure) => Err(failure
                .problems()
                .iter()
                .filter(|it| !it.is_warning())
                .map(|it| format!("{}: {it}", Problem::code(it)))
                .collect()),
        }
    }

    /// Undoes the last migration.
    pub fn roll_back(&self) -> Result<(), String> {
        let mut database = Sqlite::open(self.path()).unwrap();
        let done = migrate::rollback(&mut database, Losses::NONE, None);
        done.map(|_| ()).map_err(|it| it.to_string())
    }

    /// What foreign keys say of its rows.
    fn violations(&self) -> KeyViolations {
        let mut database = Sqlite::open(self.path()).unwrap();
        database.violations().unwrap()
    }

    /// Another one that is the same.
    fn copy(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        let sql = format!("VACUUM INTO {}", text(&path.display().to_string()));
        self.execute(&sql);
        let link = Connection::open(path).unwrap();
        Self { folder, link }
    }

    /// What a script's `sync < alter >` would change of it, nothing of which is written; none of a script that isn't run.
    fn planned(&self, script: &str) -> Option<Result<Vec<Change>, RunProblem>> {
        let mut sources = Sources::default();
        let id = sources.add("shop.schema", script).unwrap();
        let parsed = syntax::parse(sources.get(id));
        let checked = check::check(&Bundle::of(parsed.script), &sources);
        if checked.problems.iter().any(|it| !it.is_warning()) {
            return None;
        }
        let asked = checked.steps.iter().find_map(|it| match it.kind {
            StepKind::Sync { existing: Existing::Alter(options), .. } => Some(options),
            _ => None,
        });
        let alter: AlterOptions = asked.unwrap_or_default();
        let mut database = Sqlite::read_only(self.path()).unwrap();
        let (told, files) = (&mut Vec::new(), &mut NoFiles);
        let scripts = (&checked.schema, &sources);
        Some(run::diff(scripts, files, &mut database, alter, NOW, told))
    }

    /// What differs between what was told of a change and what it was: it is refused with what was told, or has run the statements that were.
    fn told(
        told: &Result<Vec<Change>, RunProblem>,
        done: &Result<Vec<Outcome>, Vec<String>>,
    ) -> Result<(), String> {
        let named = |it: RunProblem| {
            let it = Problem::from(it);
            format!("{}: {it}", Problem::code(&it))
        };
        let refused = match told {
            Ok(changes) => changes.iter().flat_map(|it| &it.refused).cloned().collect(),
            Err(_) => Vec::new(),
        };
        let mut refused: Vec<_> =
            refused.into_iter().map(|it: Hazard| named(RunProblem::from(it))).collect();
        refused.extend(told.as_ref().err().cloned().map(named));
        match done {
            Err(codes) => {
                let untold: Vec<_> = codes.iter().filter(|it| !refused.contains(it)).collect();
                let same = untold.is_empty() && !codes.is_empty();
                let why = format!("refused, and not told: {untold:#?}, of {refused:#?}");
                if same { Ok(()) } else { Err(why) }
            }
            Ok(outcomes) => {
                let ran = outcomes.iter().rev().find_map(|it| match &it.result {
                    Yield::Ddl(sql) => Some(sql.clone()),
                    _ => None,
                });
                let sql = told.iter().flatten().flat_map(Change::statements);
                let sql: Vec<_> = sql.map(str::to_owned).collect();
                if !refused.is_empty() {
                    return Err(format!("told to be refused, and done: {refused:#?}"));
                }
                same(&sql, &ran.unwrap_or_default(), "what was told")
            }
        }
    }

    /// Changes it, and says what doesn't hold of the change. What it was refused with, if it was.
    pub fn held(&self, script: &str) -> Result<Vec<String>, String> {
        let (before, settings) = (self.dump(), self.settings());
        let dangling = self.violations();
        let copy = self.copy();
        let told = copy.planned(script);
        let done = self.run(script);
        // Each time they are others: what is random, and the database's own clock.
        let random = ["uuid(", "CURRENT_TIMESTAMP"].iter().any(|other| script.contains(other));
        if let Some(told) = told.as_ref().filter(|_| !random) {
            Self::told(told, &done)?;
        }
        same(&settings, &self.settings(), "the settings")?;
        if let Err(codes) = done {
            same(&before, &self.dump(), "what was refused")?;
            return Ok(codes);
        }
        let there = self.dump();
        let whole = self.one("PRAGMA integrity_check");
        if whole != "ok" {
            return Err(whole);
        }
        if let Some(what) = self.violations().since(&dangling) {
            return Err(format!("{what:?}"));
        }
        let again = self.run(script).map_err(|it| format!("again: {it:?}"))?;
        let nothing = |it: &Outcome| matches!(&it.result, Yield::Ddl(sql) if sql.is_empty());
        if !again.iter().all(nothing) {
            return Err(format!("again: {again:?}"));
        }
        same(&there, &self.dump(), "a second time")?;
        let changes = told.transpose().map_err(|it| format!("diff: {it}"))?.unwrap_or_default();
        let mut read = Sqlite::read_only(copy.path()).unwrap();
        let sql = migrate::script(&changes, &mut read).map_err(|it| it.to_string())?;
        drop(read);
        // The first line is one of the program `sqlite3`: here a failure ends it anyway.
        let sql = sql.strip_prefix(".bail on\n").unwrap_or(&sql);
        let run = copy.link.execute_batch(sql);
        run.map_err(|it| format!("as SQL: {it}\n{sql}"))?;
        if !random {
            same(&unquoted(&there), &unquoted(&copy.dump()), "as SQL")?;
        }
        if self.schema() != schema_of(&before) {
            self.roll_back()?;
            same(&before, &self.dump(), "rolled back")?;
            self.run(script).map_err(|it| format!("once more: {it:?}"))?;
            same(&schema_of(&there), &self.schema(), "once more")?;
        }
        same(&settings, &self.settings(), "the settings, in the end")?;
        Ok(Vec::new())
    }
}

/// The lines of a dump that are statements.
fn schema_of(dump: &Dump) -> Dump {
    let kinds = ["index|", "table|", "trigger|", "view|"];
    let is_statement = |it: &&String| kinds.iter().any(|kind| it.starts_with(kind));
    dump.iter().take_while(is_statement).cloned().collect()
}

/// The lines, the names of tables in their statements without quotes: a table that was renamed has some.
fn unquoted(dump: &Dump) -> Dump {
    let table = |line: &String| {
        let (kind, rest) = line.split_once("CREATE TABLE ")?;
        let name = kind.split('|').nth(1)?;
        let quotes = [('"', '"'), ('`', '`'), ('[', ']')].map(|(a, b)| format!("{a}{name}{b}"));
        let bare = quotes.iter().find_map(|it| rest.strip_prefix(it.as_str()))?;
        Some(format!("{kind}CREATE TABLE {name}{bare}"))
    };
    dump.iter().map(|it| table(it).unwrap_or_else(|| it.clone())).collect()
}

fn same(before: &Dump, after: &Dump, when: &str) -> Result<(), String> {
    let gone: Vec<_> = before.iter().filter(|it| !after.contains(it)).collect();
    let come: Vec<_> = after.iter().filter(|it| !before.contains(it)).collect();
    if before == after { Ok(()) } else { Err(format!("{when}: {gone:#?} became {come:#?}")) }
}

fn told(value: rusqlite::types::ValueRef<'_>) -> String {
    match value {
        rusqlite::types::ValueRef::Text(it) => String::from_utf8_lossy(it).into_owned(),
        rusqlite::types::ValueRef::Integer(it) => it.to_string(),
        rusqlite::types::ValueRef::Null => "null".to_owned(),
        other => format!("{other:?}"),
    }
}

/// A name in quotes.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn text(it: &str) -> String {
    format!("'{}'", it.replace('\'', "''"))
}

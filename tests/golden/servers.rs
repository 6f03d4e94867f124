//! Recorded cases and pages once more, on PostgreSQL: what sentences yield there is what they are to yield.
//!
//! `RELATA_POSTGRES` is the URL of a server on which databases may be made; without it nothing of this runs. What differs is listed in
//! `tests/golden/postgres.txt`, a line for each test with the reason: one that differs and isn't there fails, and so does one that is there
//! and doesn't differ.

use super::alike::{
    OPTIONS, answers_alike, compare, is_about_rows, judge, known_differences, recorded,
    recorded_cases, results,
};
use libtest_mimic::Trial;
use relata::db::{Database as _, Postgres, Sqlite};
use relata::run::Options;
use relata::session::{Error, Session};
use relata::testing::{Answer, BlockKind, PageBlock, PageSection, PageStep, TestPage};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What differs.
const LIST: &str = "tests/golden/postgres.txt";

/// The databases that are free, and how others are made.
pub(crate) struct Server {
    url: String,
    free: Mutex<Vec<String>>,
    made: Mutex<usize>,
}

impl Server {
    /// A database with nothing in it.
    fn database(&self) -> Result<String, String> {
        if let Some(name) = self.free.lock().unwrap().pop() {
            return Ok(name);
        }
        let mut made = self.made.lock().unwrap();
        *made += 1;
        let name = format!("relata_test_{}_{made}", std::process::id());
        let mut server = Postgres::open(&self.url).map_err(|it| it.message)?;
        server.execute(&format!("CREATE DATABASE {name}"), &[]).map_err(|it| it.message)?;
        Ok(name)
    }

    fn url_of(&self, name: &str) -> String {
        let (before, _) = self.url.rsplit_once('/').unwrap();
        format!("{before}/{name}")
    }

    /// Does something on a database, and empties it.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(Postgres) -> Result<T, String>,
    ) -> Result<T, String> {
        let name = self.database()?;
        let open = || Postgres::open(&self.url_of(&name)).map_err(|it| it.message);
        let done = work(open()?);
        let mut database = open()?;
        let schemas = "SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'";
        let mut names = Vec::new();
        let asked = database.query(schemas, &[], &mut |row| {
            if let [relata::value::Value::Text(it)] = row {
                names.push(it.to_string());
            }
            std::ops::ControlFlow::Continue(())
        });
        asked.map_err(|it| it.message)?;
        for it in names {
            database.execute(&format!("DROP SCHEMA {it} CASCADE"), &[]).map_err(|it| it.message)?;
        }
        database.execute("CREATE SCHEMA public", &[]).map_err(|it| it.message)?;
        self.free.lock().unwrap().push(name);
        done
    }

    /// Another connection to one of them, by its name in reports.
    pub(crate) fn open(&self, name: &str) -> Result<Postgres, String> {
        let (_, name) = name.rsplit_once('/').ok_or("it has no name")?;
        Postgres::open(&self.url_of(name)).map_err(|it| it.message)
    }

    /// Drops what it has made.
    fn drop_all(&self) {
        let Ok(mut server) = Postgres::open(&self.url) else { return };
        for name in self.free.lock().unwrap().drain(..) {
            let dropped = server.execute(&format!("DROP DATABASE {name} WITH (FORCE)"), &[]);
            dropped.unwrap();
        }
    }
}

/// Drops the databases of a server when it goes.
pub(crate) struct ServerTests(pub(crate) Option<Arc<Server>>);

impl Drop for ServerTests {
    fn drop(&mut self) {
        if let Some(server) = &self.0 {
            server.drop_all();
        }
    }
}

/// The tests; none, and a word about it, where there is no server.
pub(crate) fn trials(root: &Path, pages: Vec<PathBuf>, out: &mut Vec<Trial>) -> ServerTests {
    let Ok(url) = std::env::var("RELATA_POSTGRES") else {
        out.push(Trial::test("postgres/", || Ok(())).with_kind("skipped: no server"));
        return ServerTests(None);
    };
    super::server_tls::trials(&url, out);
    let server = Arc::new(Server { url, free: Mutex::default(), made: Mutex::default() });
    let known = known_differences(root, LIST);
    let mut add = |name: String, test: ServerTest| {
        let (server, differs) = (Arc::clone(&server), known.contains(&name));
        let run = move || judge(LIST, test(&server), differs);
        out.push(Trial::test(format!("postgres/{name}"), run));
    };
    for (name, script, expected) in recorded_cases(root) {
        add(name, Box::new(move |server| server.with(|it| recorded(it, &script, &expected))));
    }
    for path in pages {
        let is_migration = path.to_string_lossy().contains("tests/cases/migration");
        let text = fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        let Ok(page) = TestPage::parse(name.clone(), text) else { continue };
        for section in page.tests().cloned() {
            let title = format!("{name}: {}", section.title);
            if is_migration && is_about_structure(&section) {
                add(title, Box::new(move |server| server.with(|it| changes_alike(it, &section))));
            } else if is_about_rows(&section) {
                add(title, Box::new(move |server| server.with(|it| answers_alike(it, &section))));
            }
        }
    }
    ServerTests(Some(server))
}

/// A test that a server is asked for.
type ServerTest = Box<dyn Fn(&Server) -> Result<(), String> + Send>;

/// Whether a heading changes a structure, and asks for nothing that is SQLite's.
fn is_about_structure(section: &PageSection) -> bool {
    let changes = |it: &PageBlock| {
        matches!(
            it.kind,
            BlockKind::Answer(
                Answer::Diff(_) | Answer::Apply(_) | Answer::Rollback | Answer::History
            )
        ) || it.kind == BlockKind::Schema && it.text.contains("< alter")
    };
    let others = |it: &PageBlock| match &it.kind {
        BlockKind::Schema | BlockKind::Prose | BlockKind::Before => false,
        BlockKind::File(_) | BlockKind::Models(_) | BlockKind::Db => true,
        BlockKind::Answer(answer) => match answer {
            Answer::Report(None)
            | Answer::Json
            | Answer::Tables
            | Answer::Sql(_)
            | Answer::Format
            | Answer::Diff(_)
            | Answer::Apply(_)
            | Answer::Rollback
            | Answer::History => false,
            Answer::Report(Some(_))
            | Answer::Complete
            | Answer::Name(_)
            | Answer::Pull(_)
            | Answer::PullFor(_)
            | Answer::Import(_) => true,
        },
    };
    section.blocks.iter().any(changes) && !section.blocks.iter().any(others)
}

/// A database, and the scripts that were accepted on it.
struct Changing<D: relata::db::Database> {
    database: Option<D>,
    scripts: Vec<String>,
}

impl<D: relata::db::Database> Changing<D> {
    /// Does something in a session that knows the scripts so far.
    fn session<T>(&mut self, work: impl FnOnce(&mut Session<D>) -> T) -> T {
        let mut session = Session::new(self.database.take().unwrap()).with_options(OPTIONS);
        for (at, script) in self.scripts.iter().enumerate() {
            session.declare(&format!("{at}.schema"), script).map(drop).unwrap_or_default();
        }
        let done = work(&mut session);
        self.database = Some(session.into_database());
        done
    }

    fn run(&mut self, script: &str, keeps: bool) -> Result<Option<Vec<String>>, String> {
        let found = self.session(|it| results(it, script));
        if keeps && matches!(found, Ok(Some(_))) {
            self.scripts.push(script.to_owned());
        }
        found
    }

    /// What changes of which object, each with the codes that it is refused by.
    fn diff(
        &mut self,
        script: &str,
        allow: relata::diagnostics::Losses,
    ) -> Result<Changes, String> {
        self.session(|it| {
            it.set_options(Options { allow, ..OPTIONS });
            it.declare("diff.schema", script).map_err(codes)?;
            let found = it.diff().map_err(codes)?;
            let mut changes = Changes::new();
            for change in found {
                let own = changes.entry(change.object.to_string()).or_default();
                own.extend(change.refused.iter().map(|it| it.loss().code().to_owned()));
                own.sort();
            }
            Ok(changes)
        })
    }

    fn apply(&mut self, script: &str, allow: relata::diagnostics::Losses) -> Result<(), String> {
        let done = self.session(|it| {
            it.set_options(Options { allow, ..OPTIONS });
            it.declare("apply.schema", script).map_err(codes)?;
            it.apply().map(drop).map_err(codes)
        });
        if done.is_ok() {
            self.scripts.push(script.to_owned());
        }
        done
    }

    fn database(&mut self) -> &mut D {
        self.database.as_mut().unwrap()
    }
}

/// Objects that change, and the codes that each is refused by.
type Changes = std::collections::BTreeMap<String, Vec<String>>;

fn codes(error: Error) -> String {
    let codes = error.problems();
    let codes = codes.iter().filter(|it| !it.is_warning());
    codes.map(relata::diagnostics::Problem::code).collect::<Vec<_>>().join(" ")
}

/// Whether a page's changes are the same there: the same objects, refused for the same reasons, with rows as on SQLite; a change that was
/// carried out is none a second time.
fn changes_alike(database: Postgres, section: &PageSection) -> Result<(), String> {
    let sqlite = Sqlite::in_memory().map_err(|it| it.message)?;
    let mut here = Changing { database: Some(sqlite), scripts: Vec::new() };
    let mut there = Changing { database: Some(database), scripts: Vec::new() };
    let same = |what: &str, expected: String, actual: String| {
        if expected == actual {
            return Ok(());
        }
        Err(format!("{what}: {actual}, expected {expected}"))
    };
    for step in section.steps().map_err(|it| it.message)? {
        match step {
            PageStep::Before(block) => {
                let expected = here.run(&block.text, false);
                let actual = there.run(&block.text, false);
                same("before", format!("{:?}", expected.is_ok()), format!("{:?}", actual.is_ok()))?;
            }
            PageStep::Script { parts, answers } => {
                let script: String = parts.iter().map(|it| it.text.as_str()).collect();
                let asked = answers.iter().find_map(|it| match it.0 {
                    Answer::Diff(allow) => Some((*allow, false)),
                    Answer::Apply(allow) => Some((*allow, true)),
                    _ => None,
                });
                let Some((allow, applies)) = asked else {
                    let expected = here.run(&script, true);
                    match (expected, there.run(&script, true)) {
                        (Ok(Some(expected)), Ok(Some(actual))) => compare(&expected, &actual)?,
                        (Err(_), Err(_)) | (Ok(None), Ok(None)) => {}
                        (expected, actual) => {
                            return Err(format!("{actual:?}, expected {expected:?}"));
                        }
                    }
                    continue;
                };
                let expected = here.diff(&script, allow);
                let actual = there.diff(&script, allow);
                same("diff", format!("{expected:?}"), format!("{actual:?}"))?;
                if applies {
                    let (expected, actual) =
                        (here.apply(&script, allow), there.apply(&script, allow));
                    same("apply", format!("{expected:?}"), format!("{actual:?}"))?;
                    if actual.is_ok() {
                        let again = there.diff(&script, allow);
                        same(
                            "again",
                            format!("{:?}", Ok::<_, String>(Changes::new())),
                            format!("{again:?}"),
                        )?;
                    }
                }
            }
            PageStep::Ask(Answer::Rollback, _) => {
                let none = relata::diagnostics::Losses::NONE;
                let code = |it: &relata::diagnostics::RunProblem| {
                    relata::diagnostics::Problem::from(it.clone()).code()
                };
                let undone = |found: &Result<Option<relata::migrate::Undone>, _>| match found {
                    Ok(it) => format!("{:?}", it.as_ref().map(|it| it.migration.id)),
                    Err(it) => code(it).to_owned(),
                };
                let expected = relata::migrate::rollback(here.database(), none, OPTIONS.now);
                let actual = relata::migrate::rollback(there.database(), none, OPTIONS.now);
                same("rollback", undone(&expected), undone(&actual))?;
            }
            PageStep::Ask(Answer::History, _) => {
                let done = |found: Vec<relata::migrate::Migration>| {
                    let each = found
                        .iter()
                        .map(|it| (it.id, it.verb.to_string(), it.rolled_back_at.is_some()));
                    format!("{:?}", each.collect::<Vec<_>>())
                };
                let expected =
                    relata::migrate::history(here.database()).map_err(|it| it.to_string())?;
                let actual =
                    relata::migrate::history(there.database()).map_err(|it| it.to_string())?;
                same("history", done(expected), done(actual))?;
            }
            PageStep::File(..) | PageStep::Db(_) | PageStep::Ask(..) => {}
        }
    }
    Ok(())
}

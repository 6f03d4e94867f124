//! Recorded cases and pages once more, on PostgreSQL: what sentences yield there is what they are to yield.
//!
//! `RELATA_POSTGRES` is the URL of a server on which databases may be made; without it nothing of this runs. What differs is listed in
//! `tests/golden/postgres.txt`, a line for each test with the reason: one that differs and isn't there fails, and so does one that is there
//! and doesn't differ.

use super::alike::{
    answers_alike, is_about_rows, judge, known_differences, recorded, recorded_cases,
};
use super::alike_changes::{changes_alike, is_about_structure};
use libtest_mimic::Trial;
use relata::db::{Database, Postgres};
use relata::testing::TestPage;
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
    let cipher = "SELECT coalesce((SELECT cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl), '')";
    let open = |it: &str| Postgres::open(it).map(|it| Box::new(it) as Box<dyn Database>);
    super::server_tls::trials(("postgres", &url, "RELATA_POSTGRES_TLS"), (open, cipher), out);
    let server = Arc::new(Server { url, free: Mutex::default(), made: Mutex::default() });
    let known = known_differences(root, LIST);
    let mut add = |name: String, test: ServerTest| {
        let (server, differs) = (Arc::clone(&server), known.contains(&name));
        let run = move || judge(LIST, test(&server), differs);
        out.push(Trial::test(format!("postgres/{name}"), run));
    };
    add("an error behind rows is one of their statement".to_owned(), Box::new(behind_rows));
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

/// What fails behind the one row that is wanted has failed, and its transaction isn't kept.
fn behind_rows(server: &Server) -> Result<(), String> {
    server.with(|mut database| {
        let fails = "SELECT 1 / (n - 3) FROM generate_series(1, 3) AS n";
        let database: &mut dyn Database = &mut database;
        let said = |it: relata::db::DbError| it.message;
        database.execute("CREATE TABLE kept (id INTEGER)", &[]).map_err(said)?;
        database.begin().map_err(said)?;
        database.execute("INSERT INTO kept VALUES (1)", &[]).map_err(said)?;
        let behind = database.number(fails, &[]);
        let kept = database.commit();
        database.rollback().map_err(said)?;
        let rows = database.number("SELECT count(*) FROM kept", &[]).map_err(said)?;
        match (behind, kept, rows) {
            (Err(error), Err(_), Some(0)) if error.message.contains("zero") => Ok(()),
            found => Err(format!("{found:?}")),
        }
    })
}

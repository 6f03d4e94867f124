//! Recorded cases and pages once more, on MariaDB: what sentences yield there is what they are to yield.
//!
//! `RELATA_MARIADB` is the URL of a server on which databases may be made; without it nothing of this runs. What differs is listed in
//! `tests/golden/mariadb.txt`.

use super::alike::{
    answers_alike, is_about_rows, judge, known_differences, recorded, recorded_cases,
};
use super::alike_changes::{changes_alike, is_about_structure};
use super::alike_pages::{OnDatabase, page};
use super::pulled_again::pulled_again;
use libtest_mimic::{Failed, Trial};
use relata::db::{Database, Mysql};
use relata::testing::TestPage;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What differs.
pub(crate) const LIST: &str = "tests/golden/mariadb.txt";

/// A server, and how many databases were made on it.
pub(crate) struct MariadbServer {
    url: String,
    made: Mutex<usize>,
}

impl MariadbServer {
    /// Does something on a database, which goes afterwards.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(Mysql) -> Result<T, String>,
    ) -> Result<T, String> {
        self.with_url(|url| Mysql::open(url).map_err(|it| it.message).and_then(work))
    }

    /// The same, by its URL.
    pub(crate) fn with_url<T>(
        &self,
        work: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, String> {
        let name = {
            let mut made = self.made.lock().unwrap();
            *made += 1;
            format!("relata_test_{}_{made}", std::process::id())
        };
        let mut server = Mysql::open(&self.url).map_err(|it| it.message)?;
        let sql = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4");
        server.execute(&sql, &[]).map_err(|it| it.message)?;
        let (before, _) = self.url.rsplit_once('/').unwrap();
        let done = work(&format!("{before}/{name}"));
        server.execute(&format!("DROP DATABASE {name}"), &[]).map_err(|it| it.message)?;
        done
    }
}

/// A test that the server is asked for.
type MariadbTest = Box<dyn Fn(&MariadbServer) -> Result<(), String> + Send>;

/// The tests; none, and a word about it, where there is no server.
pub(crate) fn trials(root: &Path, pages: Vec<PathBuf>, out: &mut Vec<Trial>) {
    let Ok(url) = std::env::var("RELATA_MARIADB") else {
        out.push(Trial::test("mysql/", || Ok(())).with_kind("skipped: no server"));
        return;
    };
    let open = |it: &str| Mysql::open(it).map(|it| Box::new(it) as Box<dyn Database>);
    let cipher = "SHOW STATUS LIKE 'Ssl_cipher'";
    super::server_tls::trials(("mysql", &url, "RELATA_MARIADB_TLS"), (open, cipher), out);
    let server = Arc::new(MariadbServer { url, made: Mutex::default() });
    super::mariadb_sessions::trials(&server, out);
    super::mariadb_changes::trials(root, &server, out);
    super::mariadb_cut_off::trials(&server, out);
    for path in harness::files(&root.join("tests/mariadb")) {
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        let server = Arc::clone(&server);
        let run = move || {
            let with = |work: &mut OnDatabase<'_, Mysql>| server.with(work);
            let pull = |database: &mut Mysql| {
                pulled_again(database, |work| server.with(work), same_in_script)
            };
            page(&path, &with, &pull).map_err(Failed::from)
        };
        out.push(Trial::test(format!("mysql/{name}"), run));
    }
    let known = known_differences(root, LIST);
    let mut add = |name: String, test: MariadbTest| {
        let (server, differs) = (Arc::clone(&server), known.contains(&name));
        let run = move || judge(LIST, test(&server), differs);
        out.push(Trial::test(format!("mysql/{name}"), run));
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
}

/// A line of a statement without what a script says otherwise: what looks at each row has two words.
fn same_in_script(line: &str) -> String {
    let line = line.trim_end_matches(',').replace(" ON DELETE NO ACTION", "");
    match line.split_once(" VIEW ") {
        Some((before, view)) if before.starts_with("CREATE ") => {
            let invoker = before.contains("INVOKER");
            format!("CREATE {invoker} VIEW {view}")
        }
        _ => line.replace(" ON UPDATE NO ACTION", ""),
    }
}

//! The scripts of examples/: they run as they stand, in the one style, and their tables take rows.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test may fail so, and reads the scripts"
)]

use relata::db::{Database, DbErrorKind, Sqlite};
use relata::diagnostics::Problem;
use relata::load::{Input, LoadError, Loader};
use relata::run::{Outcome, Sink};
use relata::session::Session;
use relata::source::Sources;
use relata::syntax;
use std::fs;
use std::path::{Path, PathBuf};

/// The scripts that warn, and with what.
const WARNINGS: &[(&str, &[&str])] = &[("target-key.schema", &["W0001"])];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// The scripts, by their paths in examples/.
pub(crate) fn scripts() -> Vec<String> {
    let mut found = Vec::new();
    for below in ["", "shop/"] {
        for entry in fs::read_dir(folder().join(below)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".schema") {
                found.push(format!("{below}{name}"));
            }
        }
    }
    found.sort();
    found
}

pub(crate) struct Examples;

impl Loader for Examples {
    fn resolve(&mut self, _from: Option<&str>, path: &str) -> Result<String, LoadError> {
        Ok(path.to_owned())
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, LoadError> {
        fs::read(folder().join(name)).map_err(|it| LoadError::Unreadable(it.to_string()))
    }
}

/// Remembers the codes of warnings.
#[derive(Default)]
struct Warnings(Vec<&'static str>);

impl Sink for Warnings {
    fn outcome(&mut self, _outcome: Outcome) {}

    fn warning(&mut self, problem: Problem) {
        self.0.push(problem.code());
    }
}

/// A database after a script has run, and the codes of its warnings.
fn run(script: &str) -> (Session<Sqlite>, Vec<&'static str>) {
    let mut session = Session::new(Sqlite::in_memory().unwrap()).with_loader(Examples);
    let mut warnings = Warnings::default();
    let res = session.run_all(&[Input::Path(script)], &mut warnings);
    res.unwrap_or_else(|it| panic!("{script}: {it}: {:#?}", it.clone().problems()));
    (session, warnings.0)
}

#[test]
fn every_script_runs_and_warns_of_what_it_says_only() {
    let scripts = scripts();
    assert!(scripts.len() > 10, "{scripts:?}");
    for script in scripts {
        let expected = WARNINGS.iter().find(|(name, _)| *name == script);
        let (_, warnings) = run(&script);
        assert_eq!(warnings, expected.map_or(&[][..], |(_, it)| it), "{script}");
    }
}

#[test]
fn every_script_is_in_the_one_style() {
    for script in scripts() {
        let text = fs::read_to_string(folder().join(&script)).unwrap();
        let mut sources = Sources::default();
        let id = sources.add(&script, &text).unwrap();
        let source = sources.get(id);
        let formatted = syntax::format(source, &syntax::parse(source));
        assert_eq!(formatted, text, "{script}");
    }
}

/// Sequelize's tables refuse every row here: what the key refers to isn't unique there.
#[test]
fn keys_to_other_columns_take_rows_and_are_enforced() {
    for script in ["source-key.schema", "target-key.schema"] {
        let (mut session, _) = run(script);
        let database = session.database();
        let mut execute = |sql: &str| database.execute(sql, &[]);
        execute("INSERT INTO Users (firstName) VALUES ('Ann')").unwrap();
        let invoice =
            |of| format!("INSERT INTO Invoices (amount, invoice_creator) VALUES (1, {of})");
        execute(&invoice("'Ann'")).unwrap();
        execute(&invoice("NULL")).unwrap();
        let refused = |it: Result<u64, relata::db::DbError>| it.unwrap_err().kind;
        assert_eq!(refused(execute(&invoice("'Bob'"))), DbErrorKind::ForeignKey, "{script}");
        let again = execute("INSERT INTO Users (firstName) VALUES ('Ann')");
        assert_eq!(refused(again), DbErrorKind::Unique, "{script}");
        // The key follows, and then is set to null.
        assert_eq!(execute("UPDATE Users SET firstName = 'Anna'"), Ok(1), "{script}");
        let followed = "UPDATE Invoices SET amount = 2 WHERE invoice_creator = 'Anna'";
        assert_eq!(execute(followed), Ok(1), "{script}");
        assert_eq!(execute("DELETE FROM Users"), Ok(1), "{script}");
        let alone = "UPDATE Invoices SET amount = 3 WHERE invoice_creator IS NULL";
        assert_eq!(execute(alone), Ok(2), "{script}");
    }
}

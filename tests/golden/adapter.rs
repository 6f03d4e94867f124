//! Where the harness calls the library, and nowhere else.

use relata::db::{Database, Sqlite};
use relata::diagnostics::Problem;
use relata::load::{Input, Library, MapLoader};
use relata::report::{Style, draw};
use relata::session;
use relata::source::{Source, Sources};
use relata::sql::Dialect;
use relata::syntax;
use relata::value::Value;
use std::fmt::Write;
use std::ops::ControlFlow;

/// Why something couldn't be asked of the library at all.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// Which of the functions below go anywhere. What needs another is ignored.
pub(crate) const CAN: Can = Can {
    run: false,
    sql: false,
    format: false,
};

/// See [`CAN`].
pub(crate) struct Can {
    pub(crate) run: bool,
    pub(crate) sql: bool,
    pub(crate) format: bool,
}

/// The answer of a function that goes nowhere yet.
fn not_yet<T>() -> Result<T> {
    Err("the library can't be asked that yet".to_owned())
}

/// What was found wrong with a script.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The codes, in order, those of warnings too.
    pub(crate) codes: Vec<String>,
    /// Whether one of them is an error.
    pub(crate) has_errors: bool,
    /// The problems as the command line draws them: no colour, no links, a fixed width. Empty where there are none.
    pub(crate) report: String,
}

/// What came of a run.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    /// What the checks and the database found wrong.
    pub(crate) found: Found,
    /// What `relata run --format json` prints: an object a line.
    pub(crate) json: String,
}

/// A database in memory, and what the scripts so far said about it.
pub(crate) struct Session {
    sources: Sources,
    /// The scripts that were checked and have no errors.
    library: Library,
    /// Those that may be imported.
    loader: MapLoader,
    database: Sqlite,
}

impl Session {
    /// Nothing said, nothing there.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            sources: Sources::default(),
            library: Library::default(),
            loader: MapLoader::default(),
            database: Sqlite::in_memory().map_err(|it| it.to_string())?,
        })
    }

    /// A script that others may import.
    pub(crate) fn file(&mut self, name: &str, script: &str) {
        self.loader.insert(name, script);
    }

    /// What is wrong with a script, given those before. One without errors is kept for those behind it.
    pub(crate) fn check(&mut self, name: &str, script: &str) -> Result<Found> {
        let mark = self.library.mark();
        let known = self.problems();
        let input = Input::Text { name, text: script };
        let mut problems = self.library.add(&mut self.sources, &mut self.loader, input);
        // What was wrong with the scripts before has been told.
        problems.extend(self.problems().into_iter().filter(|it| !known.contains(it)));
        let found = self.found(&problems);
        if found.has_errors {
            self.library.forget(mark);
        }
        Ok(found)
    }

    /// What the scripts mean that shouldn't be.
    fn problems(&self) -> Vec<Problem> {
        session::check(self.library.bundle(), &self.sources, Dialect::SQLITE).problems
    }

    /// Runs the script that was checked last and has no errors; what the database refuses is among the problems.
    #[expect(clippy::unused_self, reason = "until it is wired")]
    pub(crate) fn run(&mut self, _name: &str, _script: &str) -> Result<Ran> {
        not_yet()
    }

    /// The DDL of all that the scripts so far declare, that which was checked last included.
    #[expect(clippy::unused_self, reason = "until it is wired")]
    pub(crate) fn sql(&mut self, _dialect: &str) -> Result<String> {
        not_yet()
    }

    /// Runs one statement of SQL as it is.
    pub(crate) fn execute(&mut self, sql: &str) -> Result<()> {
        let res = self.database.execute(sql, &[]);
        res.map(|_| ()).map_err(|it| it.to_string())
    }

    /// The rows of a query, every value as text.
    pub(crate) fn query(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        let mut rows = Vec::new();
        let mut each = |row: &[Value]| {
            rows.push(row.iter().map(text).collect());
            ControlFlow::Continue(())
        };
        let res = self.database.query(sql, &[], &mut each);
        res.map_err(|it| it.to_string())?;
        Ok(rows)
    }

    fn found(&self, problems: &[Problem]) -> Found {
        Found {
            codes: problems.iter().map(Problem::code).collect(),
            has_errors: problems.iter().any(|it| !it.is_warning()),
            report: draw(&self.sources, problems, Style::default()),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(it) => Some(u8::from(*it).to_string()),
        Value::Integer(it) => Some(it.to_string()),
        Value::Float(it) => Some(it.to_string()),
        Value::Text(it) | Value::Decimal(it) | Value::Date(it) | Value::Json(it) => {
            Some(it.to_string())
        }
        Value::Blob(it) => Some(String::from_utf8_lossy(it).into_owned()),
    }
}

/// A script as the formatter writes it.
pub(crate) fn format(_script: &str) -> Result<String> {
    not_yet()
}

/// What a script says, without its places: two scripts that say the same have the same text here.
pub(crate) fn meaning(script: &str) -> Result<String> {
    let mut sources = Sources::default();
    let id = sources.add("", script).map_err(|it| it.to_string())?;
    let source: &Source = sources.get(id);
    let script = syntax::parse(source).script;
    let comments = script.comments.iter().map(|it| source.slice(it.span));
    let broken = script.broken.iter().map(|it| source.slice(*it));
    let texts: Vec<&str> = comments.chain(broken).collect();
    Ok(without_spans(&format!(
        "{:#?}\n{texts:#?}",
        script.sentences
    )))
}

/// The `Debug` text of a tree without its `Span { .. }`s.
fn without_spans(debug: &str) -> String {
    let mut res = String::with_capacity(debug.len());
    let mut rest = debug;
    while let Some((before, after)) = rest.split_once("Span {") {
        let _ = write!(res, "{before}_");
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    res + rest
}

/// The tests of this file.
pub(crate) const TESTS: &[(&str, fn())] = &[
    ("a meaning has no places", no_places),
    ("a script goes on where the one before ended", two_scripts),
];

fn no_places() {
    let debug = "Word { span: Span { start: 3, end: 4 }, text: \"a\", at: Span {\n start: 1,\n end: 2,\n} }";
    assert_eq!(without_spans(debug), "Word { span: _, text: \"a\", at: _ }");
    let spaced = meaning("  model  User {\n\n name: STRING }\n").unwrap();
    assert_eq!(spaced, meaning("model User { name: STRING }").unwrap());
    assert_ne!(spaced, meaning("model User { name: TEXT }").unwrap());
}

fn two_scripts() {
    let mut session = Session::new().unwrap();
    for script in [
        "model User { name: STRING }\n",
        "model Post {}\nUser hasMany Post\n",
    ] {
        let found = session.check("a", script).unwrap();
        assert!(!found.has_errors, "{}", found.report);
    }
    let found = session.check("a", "User hasMany Pots\n").unwrap();
    assert!(found.has_errors);
    session.execute("CREATE TABLE a (b INTEGER)").unwrap();
    let tables = crate::tables::read(&mut |sql| session.query(sql)).unwrap();
    assert_eq!(crate::tables::dump(&tables), "a\n  b  INTEGER\n");
}

//! Where the harness calls the library, and nowhere else.

use std::fmt::Write;

/// Why something couldn't be asked of the library at all.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// Whether the calls below go anywhere. Until they do, everything that needs them is ignored.
pub(crate) const WIRED: bool = false;

/// The answer until the library can be asked.
fn not_yet<T>() -> Result<T> {
    Err("the library can't be asked yet".to_owned())
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
    // relata::Session
}

impl Session {
    /// Nothing said, nothing there.
    pub(crate) fn new() -> Result<Self> {
        // relata::Session::new(relata::db::Sqlite::in_memory()) with a fixed clock: 2022-01-16T12:00:00Z
        not_yet()
    }

    /// What is wrong with a script, given those that ran before.
    #[expect(clippy::unused_self, reason = "until it is wired")]
    pub(crate) fn check(&mut self, _name: &str, _script: &str) -> Result<Found> {
        // session.check(name, script); relata::report::render(&sources, &problems, Style { width: 100, color: false })
        not_yet()
    }

    /// Runs a script that has no errors; what the database refuses is among the problems.
    #[expect(clippy::unused_self, reason = "until it is wired")]
    pub(crate) fn run(&mut self, _name: &str, _script: &str) -> Result<Ran> {
        // session.run(name, script)
        not_yet()
    }

    /// The DDL of all that the scripts and this one declare.
    #[expect(clippy::unused_self, reason = "until it is wired")]
    pub(crate) fn sql(&mut self, _name: &str, _script: &str, _dialect: &str) -> Result<String> {
        // relata::sql_text(&checked.schema, dialect)
        not_yet()
    }

    /// Runs SQL as it is, any number of statements.
    #[expect(clippy::unused_self, reason = "until it is wired")]
    pub(crate) fn execute(&mut self, _sql: &str) -> Result<()> {
        not_yet()
    }

    /// The rows of a query, every value as text.
    #[expect(clippy::unused_self, reason = "until it is wired")]
    pub(crate) fn query(&mut self, _sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        not_yet()
    }
}

/// A script as the formatter writes it.
pub(crate) fn format(_script: &str) -> Result<String> {
    // relata::syntax::format
    not_yet()
}

/// What a script says, without its places: two scripts that say the same have the same text here.
pub(crate) fn meaning(_script: &str) -> Result<String> {
    // without_spans(&format!("{:#?}", relata::syntax::parse(&source).script))
    not_yet()
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
pub(crate) const TESTS: &[(&str, fn())] = &[("a meaning has no places", no_places)];

fn no_places() {
    let debug = "Word { span: Span { start: 3, end: 4 }, text: \"a\", at: Span {\n start: 1,\n end: 2,\n} }";
    assert_eq!(without_spans(debug), "Word { span: _, text: \"a\", at: _ }");
}

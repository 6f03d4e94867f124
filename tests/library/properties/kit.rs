//! What the properties ask of the library.

#![expect(clippy::unwrap_used, reason = "a test whose database fails may panic")]

use arbtest::arbitrary::{Result, Unstructured};
use relata::db::{Database, Sqlite};
use relata::diagnostics::Problem;
use relata::report::{Style, draw};
use relata::run::{Outcome, Sink, Yield};
use relata::session::{Error, Session};
use relata::source::Sources;
use relata::value::Value;
use std::ops::ControlFlow;

/// Tries a property on random bytes, so many times, the same ones every time; `size` is the most that there are of them.
pub(crate) fn seeded(
    count: u64,
    size: u64,
    mut property: impl FnMut(&mut Unstructured<'_>) -> Result<()>,
) {
    for number in 1..=count {
        let bytes = 16 + size * (number % 16) / 16;
        let random = number.wrapping_mul(0x9E37_79B9) & 0xFFFF_FFFF;
        arbtest::arbtest(&mut property).seed(random << 32 | bytes);
    }
}

/// What a run said.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) statements: Vec<String>,
    pub(crate) warnings: Vec<String>,
}

impl Sink for Heard {
    fn outcome(&mut self, outcome: Outcome) {
        if let Yield::Ddl(statements) = outcome.result {
            self.statements.extend(statements);
        }
    }

    fn warning(&mut self, problem: Problem) {
        self.warnings.push(format!("{} {problem}", problem.code()));
    }
}

/// A database in memory.
pub(crate) fn session() -> Session<Sqlite> {
    Session::new(Sqlite::in_memory().unwrap())
}

/// Runs a script that has nothing wrong with it.
#[track_caller]
pub(crate) fn run(session: &mut Session<Sqlite>, text: &str) -> Heard {
    let mut heard = Heard::default();
    match session.run("a.schema", text, &mut heard) {
        Ok(()) => heard,
        Err(failure) => {
            let report = shown(session.sources(), &failure);
            assert!(report.is_empty(), "{report}\n{text}");
            heard
        }
    }
}

/// A failure as a user sees it.
pub(crate) fn shown(sources: &Sources, failure: &Error) -> String {
    draw(sources, &failure.clone().problems(), Style::default())
}

/// What the database's own list of objects says, the history left out.
pub(crate) fn objects(session: &mut Session<Sqlite>) -> Vec<String> {
    let mut found = Vec::new();
    let sql = "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_schema \
               WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE '!_relata!_%' ESCAPE '!' ORDER BY rowid";
    let mut each = |row: &mut [Value]| {
        if let [Value::Text(it)] = row {
            found.push(it.to_string());
        }
        ControlFlow::Continue(())
    };
    session.database().query(sql, &[], &mut each).unwrap();
    found
}

/// That every problem has a code, a message and places within one of the texts, and can be drawn.
#[track_caller]
pub(crate) fn well_formed(sources: &Sources, problems: &[Problem], text: &str) {
    for it in problems {
        let code = it.code();
        let digits = code.trim_start_matches(['E', 'W']);
        assert!(
            digits.len() == 4 && digits.bytes().all(|it| it.is_ascii_digit()),
            "{it:?}\n{text}"
        );
        assert!(!it.to_string().is_empty() && !it.to_string().contains('\n'), "{it:?}\n{text}");
        for label in it.labels() {
            let source = sources.at(label.span.start);
            let end = source.map(|it| it.base + u32::try_from(it.text.len()).unwrap());
            assert!(label.span.start <= label.span.end, "{it:?}\n{text}");
            assert!(end.is_some_and(|end| label.span.end <= end), "{it:?}\n{text}");
            let source = source.unwrap();
            assert!(
                source.text.is_char_boundary(source.offset(label.span.start)),
                "{it:?}\n{text}"
            );
            assert!(source.text.is_char_boundary(source.offset(label.span.end)), "{it:?}\n{text}");
        }
    }
    let drawn = draw(sources, problems, Style::default());
    let raw = drawn.chars().any(|it| it.is_control() && it != '\n');
    assert!(!raw, "{drawn:?}");
}

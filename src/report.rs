//! Problems as data for people and tools: files, lines and columns in place of positions.
//!
//! [`reports`] is for every host; with the feature `testing`, [`draw()`] draws them for a terminal.
//!
//! Invariant: nothing here prints, and what a report costs doesn't depend on how long its text is.

#[cfg(feature = "testing")]
mod columns;
#[cfg(feature = "testing")]
mod draw;
#[cfg(feature = "testing")]
mod excerpt;
mod fixes;
mod visible;

#[cfg(feature = "testing")]
pub use columns::wrap;
#[cfg(feature = "testing")]
pub use draw::{Style, draw};
pub use fixes::{Fixed, fixed};
pub use visible::{visible, visible_in_line};

use crate::diagnostics::{Edit, Label, Problem};
use crate::source::{Lines, Source, SourceId, Sources, Unit};
pub use crate::words::thousands;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// How grave a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The script can't be run.
    Error,
    /// It can.
    Warning,
}

impl Severity {
    /// `error`, `warning`
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One problem, by what a host shows of it. Texts are as the script has them: [`visible`] makes them safe to print.
///
/// ```
/// use relata::{Session, Sqlite};
///
/// let mut session = Session::new(Sqlite::in_memory()?);
/// let problems = session.check("a.schema", "model User { }\nUser hasMny User");
/// let report = &session.reports(&problems)[0];
/// assert_eq!(report.help.as_deref(), Some("did you mean `hasMany`?"));
/// // What an editor writes where the user takes the help.
/// assert_eq!((report.edits[0].line, report.edits[0].label.as_str()), (2, "hasMany"));
/// # Ok::<(), relata::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// `E0201`
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The places it is about, the most telling first.
    pub places: Vec<Place>,
    /// What does what the help says: each place is labelled with what to write there. Empty where that takes a decision.
    pub edits: Vec<Place>,
}

/// A place in a file. Lines and columns count from 1, columns in characters; `start` and `end` are bytes within the
/// file (a byte order mark left out), `end` the one behind the last, and so are `end_line` and `end_column`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name, as it was given.
    pub file: Arc<str>,
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
    /// The line of the first byte.
    pub line: usize,
    /// Its column.
    pub column: usize,
    /// The line of the byte behind the last.
    pub end_line: usize,
    /// Its column.
    pub end_column: usize,
    /// What this place is: "first given here".
    pub label: String,
}

/// The problems as reports, in order of place: file by file as they came, then by position; those without a place first.
pub fn reports(sources: &Sources, problems: &[Problem]) -> Vec<Report> {
    let mut index = LineIndex::new(sources);
    let each = in_order(problems).into_iter().map(|problem| Report {
        code: problem.code(),
        severity: severity(problem),
        message: problem.to_string(),
        help: problem.help(),
        places: problem.labels().into_iter().filter_map(|it| index.place(it)).collect(),
        edits: index.edits(problem),
    });
    each.collect()
}

/// How many errors and warnings there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// The errors.
    pub errors: usize,
    /// The warnings.
    pub warnings: usize,
}

impl Count {
    /// Counts.
    pub fn of(problems: &[Problem]) -> Self {
        let warnings = problems.iter().filter(|it| it.is_warning()).count();
        Self { errors: problems.len() - warnings, warnings }
    }
}

/// `2 errors, 1 warning`
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |number: usize, word: &str| {
            let s = if number == 1 { "" } else { "s" };
            format!("{} {word}{s}", thousands(number))
        };
        match (self.errors, self.warnings) {
            (errors, 0) => f.write_str(&of(errors, "error")),
            (0, warnings) => f.write_str(&of(warnings, "warning")),
            (errors, warnings) => {
                write!(f, "{}, {}", of(errors, "error"), of(warnings, "warning"))
            }
        }
    }
}

fn severity(problem: &Problem) -> Severity {
    if problem.is_warning() { Severity::Warning } else { Severity::Error }
}

/// The problems in order of place.
fn in_order(problems: &[Problem]) -> Vec<&Problem> {
    let mut order: Vec<_> = problems.iter().map(|it| (it.span(), it)).collect();
    order.sort_by_key(|(span, _)| *span);
    order.into_iter().map(|(_, it)| it).collect()
}

/// The lines of the texts that were asked for, each found once.
struct LineIndex<'a> {
    sources: &'a Sources,
    lines: HashMap<SourceId, Lines<'a>>,
}

impl<'a> LineIndex<'a> {
    fn new(sources: &'a Sources) -> Self {
        Self { sources, lines: HashMap::new() }
    }

    fn of(&mut self, source: &'a Source) -> &Lines<'a> {
        let lines = self.lines.entry(source.id);
        lines.or_insert_with(|| Lines::new(source))
    }

    /// The lines of the text in which `position` lies.
    fn at(&mut self, position: u32) -> Option<&Lines<'a>> {
        let source = self.sources.at(position)?;
        Some(self.of(source))
    }

    fn edits(&mut self, problem: &Problem) -> Vec<Place> {
        let edits = problem.fix().map_or(&[][..], |it| it.edits);
        let label = |it: &Edit| Label { span: it.at, text: it.text.clone() };
        edits.iter().filter_map(|it| self.place(label(it))).collect()
    }

    fn place(&mut self, label: Label) -> Option<Place> {
        let lines = self.at(label.span.start)?;
        let source = lines.source();
        let range = source.range(label.span);
        let (line, column) = lines.line_column(label.span.start, Unit::Utf32);
        let (end_line, end_column) = lines.line_column(source.span(range.clone()).end, Unit::Utf32);
        Some(Place {
            file: Arc::clone(&source.name),
            start: range.start,
            end: range.end,
            line,
            column,
            end_line,
            end_column,
            label: label.text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(1_234), "1,234");
        assert_eq!(thousands(123_456), "123,456");
    }

    #[test]
    fn a_count_says_what_there_is() {
        let count = |errors, warnings| Count { errors, warnings }.to_string();
        assert_eq!(count(1, 0), "1 error");
        assert_eq!(count(2, 1), "2 errors, 1 warning");
        assert_eq!(count(0, 2), "2 warnings");
    }
}

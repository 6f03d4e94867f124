//! The formats of what sentences yield: a file each, and a row here.

mod csv;
mod json;
mod table;

use crate::output::Output;
use crate::stopwatch::Stopwatch;
use crate::table::RowShape;
use clap::ValueEnum;
use relata::migrate::Change;
use relata::record::Record;
use relata::run::{FoundRow, Outcome};

/// How it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunFormat {
    /// For people: rows in columns, on a terminal no wider than it
    Table,
    /// One JSON object a line for each sentence that yields something
    Json,
    /// Rows as CSV, those of each sentence under their names; no SQL
    Csv,
    /// For people: a row is a block, a value a line
    Block,
    /// Rows as tables of Markdown; no SQL
    Markdown,
}

/// How many rows of a sentence people are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RowLimit {
    /// 40 on a terminal, all elsewhere.
    #[default]
    Usual,
    AtMost(u64),
    All,
}

impl RowLimit {
    /// `20`, or `all`
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.parse() {
            _ if text == "all" => Ok(Self::All),
            Ok(number) if number > 0 => Ok(Self::AtMost(number)),
            _ => Err("a number of rows, or `all`".to_owned()),
        }
    }

    pub(crate) fn in_words(self) -> String {
        match self {
            Self::Usual => "40 on a terminal, all elsewhere".to_owned(),
            Self::AtMost(number) => number.to_string(),
            Self::All => "all".to_owned(),
        }
    }

    const fn rows(self, on_terminal: bool) -> Option<u64> {
        match self {
            Self::Usual if on_terminal => Some(40),
            Self::AtMost(number) => Some(number),
            Self::Usual | Self::All => None,
        }
    }
}

/// What people want of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Printing {
    pub(crate) limit: RowLimit,
    /// Only what was asked for: no statements, no numbers of rows.
    pub(crate) quiet: bool,
    /// The SQL as well, where a change of the structure is told in words.
    pub(crate) verbose: bool,
    /// Whether it is all about the structure, so that it is told where nothing of it differs.
    pub(crate) applies: bool,
    /// How wide tables may be; as wide as the terminal if none is given.
    pub(crate) width: Option<usize>,
}

impl RunFormat {
    pub(crate) fn form(self, printing: Printing) -> Box<dyn Form> {
        match self {
            Self::Table => Box::new(table::TableForm::new(printing, RowShape::Line)),
            Self::Block => Box::new(table::TableForm::new(printing, RowShape::Block)),
            Self::Markdown => Box::new(table::TableForm::new(printing, RowShape::Markdown)),
            Self::Json => Box::new(json::Json::default()),
            Self::Csv => Box::new(csv::Csv::default()),
        }
    }

    /// Whether people read it; programs get everything.
    pub(crate) const fn is_for_people(self) -> bool {
        match self {
            Self::Table | Self::Block | Self::Markdown => true,
            Self::Json | Self::Csv => false,
        }
    }
}

/// A format.
pub(crate) trait Form {
    /// What a sentence yields, as a whole.
    fn outcome(&mut self, outcome: &Outcome, output: &mut Output);

    /// Rows of this sentence are coming.
    fn begin(&mut self, sentence: &Outcome, output: &mut Output);

    /// The next of them.
    fn row(&mut self, row: FoundRow<'_>, output: &mut Output);

    /// That was all of them.
    fn end(&mut self, _output: &mut Output) {}

    /// Whether it shows what `sync < alter >` changes in words.
    fn hears_changes(&self) -> bool {
        false
    }

    /// What `sync < alter >` has changed; the statements follow as its outcome.
    fn changed(&mut self, _changes: &[Change], _watch: &Stopwatch, _output: &mut Output) {}

    /// A list that no sentence yields.
    fn list(&mut self, records: Vec<Record>, output: &mut Output);
}

/// A blank line between the results of two sentences.
#[derive(Debug, Default)]
struct Separator(bool);

impl Separator {
    fn next(&mut self, output: &mut Output) {
        if std::mem::replace(&mut self.0, true) {
            output.line("");
        }
    }
}

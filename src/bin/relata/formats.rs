//! The formats of what sentences yield: a file each, and a row here.

mod csv;
mod json;
mod table;

use crate::output::Output;
use clap::ValueEnum;
use relata::record::Record;
use relata::run::{FoundRow, Outcome};

/// How it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunFormat {
    /// For people
    Table,
    /// One JSON object a line for each sentence that yields something
    Json,
    /// Rows as CSV, those of each sentence under their names; no SQL
    Csv,
}

impl RunFormat {
    pub(crate) fn form(self) -> Box<dyn Form> {
        match self {
            Self::Table => Box::new(table::TableForm::default()),
            Self::Json => Box::new(json::Json::default()),
            Self::Csv => Box::new(csv::Csv::default()),
        }
    }
}

/// A format.
pub(crate) trait Form {
    /// Whether people read it; programs get everything, and rows as they come.
    fn is_for_people(&self) -> bool {
        false
    }

    /// What a sentence yields, as a whole.
    fn outcome(&mut self, outcome: &Outcome, output: &mut Output);

    /// Rows of this sentence are coming.
    fn begin(&mut self, sentence: &Outcome, output: &mut Output);

    /// The next of them.
    fn row(&mut self, row: FoundRow<'_>, output: &mut Output);

    /// That was all of them.
    fn end(&mut self, _output: &mut Output) {}

    /// A list that no sentence yields.
    fn list(&mut self, title: &str, records: Vec<Record>, output: &mut Output);
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

//! JSON, an object a line.

use super::Form;
use crate::output::Output;
use relata::record::Record;
use relata::run::{FoundRow, Outcome};

#[derive(Debug, Default)]
pub(super) struct Json {
    /// Whether a row has been printed of those that come one by one.
    begun: bool,
    text: String,
}

impl Form for Json {
    fn outcome(&mut self, outcome: &Outcome, output: &mut Output) {
        output.exact(&outcome.to_json());
        output.exact("\n");
    }

    fn begin(&mut self, sentence: &Outcome, output: &mut Output) {
        self.begun = false;
        output.exact(&sentence.json_head());
        output.exact(",\"value\":[");
    }

    fn row(&mut self, row: FoundRow<'_>, output: &mut Output) {
        self.text.clear();
        if std::mem::replace(&mut self.begun, true) {
            self.text.push(',');
        }
        row.write_json(&mut self.text);
        output.exact(&self.text);
    }

    fn end(&mut self, output: &mut Output) {
        output.exact("]}\n");
    }

    fn list(&mut self, records: Vec<Record>, output: &mut Output) {
        for record in records {
            output.exact(&record.to_json());
            output.exact("\n");
        }
    }
}

//! Tables, as wide as their widest rows.

use super::{Form, Separator};
use crate::output::Output;
use relata::record::Record;
use relata::run::{FoundRow, Outcome, Yield};

#[derive(Debug, Default)]
pub(super) struct TableForm {
    apart: Separator,
}

impl Form for TableForm {
    fn is_for_people(&self) -> bool {
        true
    }

    fn outcome(&mut self, outcome: &Outcome, output: &mut Output) {
        match &outcome.result {
            Yield::Ddl(statements) => {
                for statement in statements {
                    output.write(statement);
                    output.line(";");
                }
                self.apart.0 |= !statements.is_empty();
            }
            Yield::Failed(_) => {}
            result => {
                self.apart.next(output);
                output.table(&outcome.verb, result);
            }
        }
    }

    fn begin(&mut self, _sentence: &Outcome, _output: &mut Output) {}

    fn row(&mut self, row: FoundRow<'_>, output: &mut Output) {
        self.list("row", vec![row.record()], output);
    }

    fn list(&mut self, title: &str, records: Vec<Record>, output: &mut Output) {
        output.table(title, &Yield::Rows(records));
    }
}

//! CSV: the rows of each sentence under their names, values alone.

use super::{Form, Separator};
use crate::output::Output;
use crate::results::field;
use relata::record::{Item, Record};
use relata::run::{FoundRow, Outcome, Yield};
use relata::value::Value;

#[derive(Debug, Default)]
pub(super) struct Csv {
    apart: Separator,
    /// The names of the rows that are being printed; none where none has been.
    columns: Option<Vec<String>>,
}

impl Csv {
    fn record(&mut self, row: &Record, output: &mut Output) {
        let columns = self.columns.get_or_insert_with(|| {
            let names: Vec<_> = row.members().map(|(name, _)| name.to_string()).collect();
            fields(&names, output);
            names
        });
        let row = columns.iter().map(|it| row.get(it).map_or_else(String::new, field));
        let row: Vec<String> = row.collect();
        fields(&row, output);
    }
}

impl Form for Csv {
    fn outcome(&mut self, outcome: &Outcome, output: &mut Output) {
        if matches!(outcome.result, Yield::Ddl(_) | Yield::Failed(_)) {
            return;
        }
        self.apart.next(output);
        self.columns = None;
        let value = |it: &Value| field(&Item::Value(it.clone()));
        match &outcome.result {
            Yield::Row(Some(row)) | Yield::Pair(row, _) => self.record(row, output),
            Yield::Rows(rows) | Yield::Page(_, rows) => {
                for row in rows {
                    self.record(row, output);
                }
            }
            Yield::Value(it) => fields(&[value(it)], output),
            Yield::List(values) => {
                for it in values {
                    fields(&[value(it)], output);
                }
            }
            Yield::Count(count) => output.line(&count.to_string()),
            _ => {}
        }
    }

    fn begin(&mut self, _sentence: &Outcome, output: &mut Output) {
        self.columns = None;
        self.apart.next(output);
    }

    fn row(&mut self, row: FoundRow<'_>, output: &mut Output) {
        self.record(&row.record(), output);
    }

    fn list(&mut self, records: Vec<Record>, output: &mut Output) {
        for record in &records {
            self.record(record, output);
        }
    }
}

fn fields(fields: &[String], output: &mut Output) {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Into memory it can't fail.
    let _ = writer.write_record(fields);
    if let Ok(bytes) = writer.into_inner() {
        output.exact(&String::from_utf8_lossy(&bytes));
    }
}

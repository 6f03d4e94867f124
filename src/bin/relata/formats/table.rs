//! Tables, blocks and Markdown, for people.

use super::{Form, Printing, Separator};
use crate::output::Output;
use crate::table::{self, RowShape, TableRows, TableStyle};
use relata::record::Record;
use relata::run::{FoundRow, Outcome, Yield};
use relata::stored::laid_out;

pub(super) struct TableForm {
    apart: Separator,
    printing: Printing,
    shape: RowShape,
    /// Those that come one by one.
    rows: Option<TableRows>,
}

impl TableForm {
    pub(super) fn new(printing: Printing, shape: RowShape) -> Self {
        Self { apart: Separator::default(), printing, shape, rows: None }
    }

    fn style(&self, output: &Output) -> TableStyle {
        let width = self.printing.width.or_else(|| output.result_width());
        TableStyle {
            width,
            color: output.has_colors(),
            shape: self.shape,
            limit: self.printing.limit.rows(output.result_width().is_some()),
        }
    }
}

impl Form for TableForm {
    fn outcome(&mut self, outcome: &Outcome, output: &mut Output) {
        match &outcome.result {
            Yield::Ddl(_) if self.printing.quiet || self.shape == RowShape::Markdown => {}
            Yield::Ddl(statements) => {
                for statement in statements {
                    output.sql(&laid_out(statement));
                    output.line(";");
                }
                self.apart.0 |= !statements.is_empty();
            }
            Yield::Failed(_) => {}
            result => {
                let style = self.style(output);
                let drawn = table::draw(&outcome.verb, result, style, self.printing.quiet);
                if !drawn.is_empty() {
                    self.apart.next(output);
                    output.drawn(&drawn);
                    output.all_drawn();
                }
            }
        }
    }

    fn begin(&mut self, _sentence: &Outcome, output: &mut Output) {
        self.apart.next(output);
        self.rows = Some(TableRows::new(self.style(output)));
    }

    fn row(&mut self, row: FoundRow<'_>, output: &mut Output) {
        let Some(rows) = &mut self.rows else { return };
        let mut drawn = String::new();
        let at_once = rows.row(|| row.record(), &mut drawn);
        output.drawn(&drawn);
        if at_once && output.result_width().is_some() {
            output.flush();
        }
    }

    fn end(&mut self, output: &mut Output) {
        let Some(rows) = self.rows.take() else { return };
        let mut drawn = String::new();
        rows.end((!self.printing.quiet).then_some(""), &mut drawn);
        output.drawn(&drawn);
        output.all_drawn();
    }

    fn list(&mut self, records: Vec<Record>, output: &mut Output) {
        let style = TableStyle { limit: None, ..self.style(output) };
        output.drawn(&table::rows(&records, style, None));
        output.all_drawn();
    }
}

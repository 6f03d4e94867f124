//! Tables, blocks and Markdown, for people.

use super::{Form, Printing, Separator};
use crate::output::Output;
use crate::stopwatch::{self, Stopwatch};
use crate::table::{self, RowShape, TableRows, TableStyle};
use relata::migrate::{self, Change, PlanCount};
use relata::record::Record;
use relata::run::{FoundRow, Outcome, Yield};

pub(super) struct TableForm {
    apart: Separator,
    printing: Printing,
    shape: RowShape,
    /// Whether what the statements of the next outcome do was told in words.
    told: bool,
    /// Those that come one by one.
    rows: Option<TableRows>,
}

impl TableForm {
    pub(super) fn new(printing: Printing, shape: RowShape) -> Self {
        Self { apart: Separator::default(), printing, shape, told: false, rows: None }
    }

    /// Whether it shows what is done to the structure.
    fn shows_structure(&self) -> bool {
        !self.printing.quiet && self.shape != RowShape::Markdown
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
            Yield::Ddl(_) if !self.shows_structure() => {}
            Yield::Ddl(_) if std::mem::take(&mut self.told) && !self.printing.verbose => {}
            Yield::Ddl(statements) => {
                for statement in statements {
                    output.statement(statement);
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

    fn hears_changes(&self) -> bool {
        self.shows_structure()
    }

    fn changed(&mut self, changes: &[Change], watch: &Stopwatch, output: &mut Output) {
        if !self.shows_structure() {
            return;
        }
        if changes.is_empty() {
            if self.printing.applies {
                output.say("nothing differs");
            }
            return;
        }
        self.apart.next(output);
        for (sign, line) in migrate::draw_done(changes, |object| watch.long_step(object)) {
            output.plan(sign, &line);
        }
        let done: Vec<String> = migrate::summary(changes).iter().map(PlanCount::done).collect();
        // Where nobody looks, two runs print the same.
        let took = watch.elapsed();
        let took = if output.result_width().is_some() {
            Some(stopwatch::in_words(took))
        } else {
            stopwatch::long(took)
        };
        let took = took.map(|it| format!(" ({it})")).unwrap_or_default();
        let colon = if done.is_empty() { "" } else { ": " };
        let line = format!("applied{colon}{}{took}", done.join(", "));
        output.line("");
        output.line(&line);
        if self.printing.verbose {
            output.line("");
        }
        self.told = true;
    }

    fn list(&mut self, records: Vec<Record>, output: &mut Output) {
        let style = TableStyle { limit: None, ..self.style(output) };
        output.drawn(&table::rows(&records, style, None));
        output.all_drawn();
    }
}

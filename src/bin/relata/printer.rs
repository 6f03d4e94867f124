//! What sentences yield, printed as it comes.

use crate::cli::RunFormat;
use crate::output::{Exit, Output, named};
use crate::results::{self, field};
use relata::diagnostics::Problem;
use relata::record::{Item, Record};
use relata::run::{Found, Outcome, Sink, Yield};
use relata::value::Value;
use std::ops::ControlFlow;

/// Prints what happens as it happens.
pub(crate) struct Printer<'a> {
    output: &'a mut Output,
    format: RunFormat,
    /// The names of the rows that are printed as CSV.
    columns: Vec<String>,
    /// Whether a row has been printed of those that come one by one.
    begun: bool,
    /// Whether something has been printed.
    anything: bool,
    text: String,
    /// What is to be reported in the end.
    pub(crate) problems: Vec<Problem>,
    pub(crate) exit: Exit,
}

impl<'a> Printer<'a> {
    pub(crate) fn new(output: &'a mut Output, format: RunFormat, problems: Vec<Problem>) -> Self {
        Self {
            output,
            format,
            columns: Vec::new(),
            begun: false,
            anything: false,
            text: String::new(),
            problems,
            exit: Exit::Done,
        }
    }

    /// A blank line between the results of two sentences.
    fn apart(&mut self) {
        if std::mem::replace(&mut self.anything, true) {
            self.output.line("");
        }
    }

    fn csv(&mut self, row: &Record) {
        if !self.begun {
            self.begun = true;
            self.columns = row.members().map(|(name, _)| name.to_string()).collect();
            let names = self.columns.clone();
            self.fields(&names);
        }
        let fields = self.columns.iter().map(|it| row.get(it).map_or_else(String::new, field));
        let fields: Vec<String> = fields.collect();
        self.fields(&fields);
    }

    fn fields(&mut self, fields: &[String]) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Into memory it can't fail.
        let _ = writer.write_record(fields);
        if let Ok(bytes) = writer.into_inner() {
            self.output.exact(&String::from_utf8_lossy(&bytes));
        }
    }

    fn as_csv(&mut self, result: &Yield) {
        self.apart();
        self.begun = false;
        match result {
            Yield::Row(Some(row)) | Yield::Pair(row, _) => self.csv(row),
            Yield::Rows(rows) | Yield::Page(_, rows) => {
                for row in rows {
                    self.csv(row);
                }
            }
            Yield::Value(value) => self.fields(&[field(&Item::Value(value.clone()))]),
            Yield::List(values) => {
                for value in values {
                    self.fields(&[field(&Item::Value(value.clone()))]);
                }
            }
            Yield::Count(count) => self.output.line(&count.to_string()),
            _ => {}
        }
    }
}

impl Sink for Printer<'_> {
    fn outcome(&mut self, outcome: Outcome) {
        match (self.format, &outcome.result) {
            (RunFormat::Json, _) => {
                self.output.exact(&outcome.to_json());
                self.output.exact("\n");
            }
            (RunFormat::Table, Yield::Ddl(statements)) => {
                for statement in statements {
                    self.output.write(statement);
                    self.output.line(";");
                }
                self.anything |= !statements.is_empty();
            }
            (_, Yield::Failed(_) | Yield::Ddl(_)) => {}
            (RunFormat::Table, result) => {
                self.apart();
                self.output.table(&outcome.verb, result);
            }
            (RunFormat::Csv, result) => self.as_csv(result),
        }
        if let Yield::Failed(problem) = outcome.result {
            let problem = Problem::from(problem);
            self.exit = self.exit.worse(Exit::of(std::slice::from_ref(&problem)));
            self.problems.push(problem);
        }
    }

    fn streams(&self) -> bool {
        // The columns of a table are as wide as its widest rows.
        self.format != RunFormat::Table
    }

    fn rows(&mut self, sentence: &Outcome) {
        self.begun = false;
        match self.format {
            RunFormat::Json => {
                let head = sentence.json_head();
                self.output.exact(&head);
                self.output.exact(",\"value\":[");
            }
            RunFormat::Csv => self.apart(),
            RunFormat::Table => {}
        }
    }

    fn row(&mut self, row: Found<'_>) -> ControlFlow<()> {
        if self.format == RunFormat::Json {
            self.text.clear();
            if std::mem::replace(&mut self.begun, true) {
                self.text.push(',');
            }
            row.write_json(&mut self.text);
            self.output.exact(&self.text);
        } else {
            self.csv(&row.record());
        }
        if self.output.is_closed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn end(&mut self) {
        if self.format == RunFormat::Json {
            self.output.exact("]}\n");
        }
    }

    fn statement(&mut self, sql: &str, parameters: &[Value]) {
        let mut text = sql.to_owned();
        if !parameters.is_empty() {
            let each: Vec<String> = parameters.iter().map(results::plain).collect();
            text.push_str("  -- ");
            // A line break would end the comment.
            text.push_str(&each.join(", ").replace('\n', "\u{240A}"));
        }
        self.output.say(&text);
    }

    fn warning(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn backup(&mut self, path: &str) {
        let path = named(path);
        self.output.say(&format!(
            "the database as it was is kept in `{path}`; `relata history prune --copies` removes it"
        ));
    }

    fn progress(&mut self, done: usize, all: usize) {
        self.output.progress(if all == 0 { "rows" } else { "done" }, done, all);
    }
}

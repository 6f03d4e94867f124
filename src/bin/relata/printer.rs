//! What sentences yield, printed as it comes.

use crate::formats::{Form, Printing, RunFormat};
use crate::output::{Exit, Output, named};
use crate::results;
use crate::stopwatch::Stopwatch;
use relata::diagnostics::Problem;
use relata::migrate::Change;
use relata::run::{FoundRow, Outcome, Sink, Yield};
use relata::value::Value;
use std::ops::ControlFlow;

/// Prints what happens as it happens.
pub(crate) struct ResultPrinter<'a> {
    output: &'a mut Output,
    form: Box<dyn Form>,
    /// What is to be reported in the end.
    pub(crate) problems: Vec<Problem>,
    pub(crate) exit: Exit,
    /// How long the sentence takes that runs.
    watch: Stopwatch,
    /// Whether statements are shown as they run.
    shows_statements: bool,
    /// The statements that read or wrote rows, the last ones; empty where nobody asks for them.
    pub(crate) statements: Vec<(String, Vec<Value>)>,
}

/// How many statements are remembered.
const REMEMBERED: usize = 100;

impl<'a> ResultPrinter<'a> {
    pub(crate) fn new(
        output: &'a mut Output,
        format: RunFormat,
        printing: Printing,
        problems: Vec<Problem>,
    ) -> Self {
        let form = format.form(printing);
        let statements = Vec::new();
        let (exit, watch) = (Exit::Done, Stopwatch::start());
        Self { output, form, problems, exit, watch, shows_statements: true, statements }
    }

    /// Remembers statements, and shows them only where that is wanted, too.
    pub(crate) fn remembering(mut self, shows_statements: bool) -> Self {
        self.shows_statements = shows_statements;
        self
    }
}

impl Sink for ResultPrinter<'_> {
    fn outcome(&mut self, outcome: Outcome) {
        self.form.outcome(&outcome, self.output);
        self.watch = Stopwatch::start();
        if let Yield::Failed(problem) = outcome.result {
            let problem = Problem::from(problem);
            self.exit = self.exit.worse(Exit::of(std::slice::from_ref(&problem)));
            self.problems.push(problem);
        }
    }

    fn streams(&self) -> bool {
        true
    }

    fn rows(&mut self, sentence: &Outcome) {
        self.form.begin(sentence, self.output);
    }

    fn row(&mut self, row: FoundRow<'_>) -> ControlFlow<()> {
        self.form.row(row, self.output);
        if self.output.is_closed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn end(&mut self) {
        self.form.end(self.output);
    }

    fn statement(&mut self, sql: &str, parameters: &[Value]) {
        if self.statements.len() < REMEMBERED {
            self.statements.push((sql.to_owned(), parameters.to_vec()));
        }
        if self.shows_statements {
            self.output.say_statement(&statement_text(sql, parameters));
        }
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

    fn hears_changes(&self) -> bool {
        self.form.hears_changes()
    }

    fn carrying_out(&mut self, object: Option<&str>) {
        self.watch.step(object);
    }

    fn changed(&mut self, changes: &[Change]) {
        self.form.changed(changes, &self.watch, self.output);
    }

    fn progress(&mut self, done: usize, all: usize) {
        self.output.progress(if all == 0 { "rows" } else { "done" }, done, all);
    }
}

/// A statement, and its parameters behind `--`.
pub(crate) fn statement_text(sql: &str, parameters: &[Value]) -> String {
    let mut text = sql.to_owned();
    if !parameters.is_empty() {
        let each: Vec<String> = parameters.iter().map(results::plain).collect();
        text.push_str("  -- ");
        // A line break would end the comment.
        text.push_str(&each.join(", ").replace('\n', "\u{240A}"));
    }
    text
}

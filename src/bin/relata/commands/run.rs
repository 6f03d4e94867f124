//! `relata run`: scripts on a database.

use crate::cli::{Run, RunFormat};
use crate::output::{Exit, Output};
use crate::results::{self, field};
use crate::scripts::{self, Scripts};
use crate::table;
use relata::db::{Database, DbError, DbErrorKind, Sqlite};
use relata::diagnostics::{Cause, Problem, RunProblem};
use relata::record::{Item, Record};
use relata::report;
use relata::run::{self, Environment, Found, Host, Options, Outcome, Sink, Yield};
use relata::sql::Dialect;
use relata::value::Value;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) fn run(arguments: &Run, output: &mut Output) -> Exit {
    let url = match arguments.db.as_deref().map(database).transpose() {
        Ok(url) => url,
        Err(Unusable { message, help }) => return output.usage(&message, Some(&help)),
    };
    let Scripts {
        sources,
        checked,
        mut loader,
    } = match scripts::read(&arguments.files, Dialect::SQLITE, output) {
        Ok(scripts) => scripts,
        Err(exit) => return exit,
    };
    if checked.has_errors() {
        output.problems(&sources, &checked.problems);
        return Exit::of(&checked.problems);
    }
    let mut database = match open(url) {
        Ok(database) => database,
        Err(problem) => {
            let problems = [problem.into()];
            output.problems(&sources, &problems);
            return Exit::of(&problems);
        }
    };
    listen(&database);
    let mut printer = Printer {
        output,
        format: arguments.format,
        columns: Vec::new(),
        begun: false,
        anything: false,
        text: String::new(),
        problems: checked.problems,
        exit: Exit::Done,
    };
    let options = Options {
        keep_going: arguments.keep_going,
        explain: arguments.explain,
        now: arguments.now,
        seed: arguments.seed,
        most_rows: None,
    };
    let mut environment = Environment::default();
    let result = run::run(
        &checked.steps,
        &mut Host {
            schema: &checked.schema,
            sources: &sources,
            files: &mut loader,
            environment: &mut environment,
        },
        &mut database,
        options,
        &mut printer,
    );
    let (problems, exit) = (printer.problems, printer.exit);
    output.problems(&sources, &problems);
    // What failed has been told to the printer.
    drop(result);
    exit
}

/// The path of a `--db`.
fn database(url: &str) -> Result<&str, Unusable> {
    if url.is_empty() {
        return Err(Unusable {
            message: "--db is empty".to_owned(),
            help: "give the path of a database, or leave it out for one in memory".to_owned(),
        });
    }
    let Some((scheme, path)) = url.split_once(':') else {
        return Ok(url);
    };
    match scheme {
        "sqlite" => Ok(path.strip_prefix("//").unwrap_or(path)),
        "postgres" | "postgresql" | "mysql" | "mariadb" => Err(Unusable {
            message: format!("running on {scheme} comes later"),
            help: format!(
                "`relata sql --dialect {}` prints the statements for it",
                if scheme.starts_with("postgres") {
                    "postgres"
                } else {
                    "mysql"
                }
            ),
        }),
        _ if path.starts_with("//") => Err(Unusable {
            message: format!("there is no kind of database `{scheme}`"),
            help: "the database is a path, or sqlite:PATH".to_owned(),
        }),
        _ => Ok(url),
    }
}

/// A database that can't be used.
struct Unusable {
    message: String,
    help: String,
}

fn open(path: Option<&str>) -> Result<Sqlite, RunProblem> {
    let Some(path) = path else {
        return Sqlite::in_memory().map_err(|it| opening(it, ":memory:"));
    };
    Sqlite::open(path).map_err(|it| opening(it, path))
}

fn opening(error: DbError, path: &str) -> RunProblem {
    let path = path.to_owned();
    let cause = Cause {
        message: error.message,
        code: error.code,
    };
    match error.kind {
        DbErrorKind::NotADatabase => RunProblem::NotADatabase {
            path,
            cause,
            at: None,
        },
        DbErrorKind::Busy => RunProblem::Busy { at: None, cause },
        DbErrorKind::CannotWrite => RunProblem::CannotWrite { at: None, cause },
        _ => {
            let folder = std::path::Path::new(&path).parent();
            let missing = folder.filter(|it| !it.as_os_str().is_empty() && !it.exists());
            let help = missing.map(|it| format!("there is no folder `{}`", it.display()));
            RunProblem::CannotOpen { path, cause, help }
        }
    }
}

/// The first Ctrl-C stops the sentence that runs, the second the process.
fn listen(database: &Sqlite) {
    let interrupter = database.interrupter();
    let again = AtomicBool::new(false);
    let handler = move || {
        if again.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
        interrupter.interrupt();
    };
    // Without it Ctrl-C ends the process, and SQLite rolls back when the file is opened next.
    let _ = ctrlc::set_handler(handler);
}

/// Prints what happens as it happens.
struct Printer<'a> {
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
    problems: Vec<Problem>,
    exit: Exit,
}

impl Printer<'_> {
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
        let fields = self
            .columns
            .iter()
            .map(|it| row.get(it).map_or_else(String::new, field));
        let fields: Vec<String> = fields.collect();
        self.fields(&fields);
    }

    fn fields(&mut self, fields: &[String]) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Into memory it can't fail.
        let _ = writer.write_record(fields);
        if let Ok(bytes) = writer.into_inner() {
            self.output.write(&String::from_utf8_lossy(&bytes));
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
            (RunFormat::Json, _) => self.output.line(&outcome.to_json()),
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
                let text = table::draw(&outcome.verb, result, self.output.table());
                self.output.write(&text);
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
                self.output.write(&head);
                self.output.write(",\"value\":[");
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
            self.output.write(&self.text);
        } else {
            self.csv(&row.record());
        }
        if self.output.is_closed() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn end(&mut self) {
        if self.format == RunFormat::Json {
            self.output.line("]}");
        }
    }

    fn statement(&mut self, sql: &str, parameters: &[Value]) {
        let mut text = sql.to_owned();
        if !parameters.is_empty() {
            let each: Vec<String> = parameters.iter().map(results::plain).collect();
            text.push_str("  -- ");
            text.push_str(&each.join(", "));
        }
        self.output.say(&report::visible(&text).to_string());
    }

    fn warning(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn progress(&mut self, done: usize, all: usize) {
        self.output
            .progress(if all == 0 { "rows" } else { "done" }, done, all);
    }
}

//! `relata run`: scripts on a database.

use crate::cli::{Run, RunFormat};
use crate::output::{Exit, Output};
use crate::scripts::{self, Scripts};
use relata::db::{Database, DbError, DbErrorKind, Sqlite};
use relata::diagnostics::{Cause, Problem, RunProblem};
use relata::run::{self, Options, Outcome, Sink, Yield};
use relata::sql::Dialect;
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) fn run(arguments: &Run, output: &mut Output) -> Exit {
    let url = match arguments.db.as_deref().map(database).transpose() {
        Ok(url) => url,
        Err(Unusable { message, help }) => return output.usage(&message, Some(&help)),
    };
    let Scripts { sources, checked } =
        match scripts::read(&arguments.files, Dialect::SQLITE, output) {
            Ok(scripts) => scripts,
            Err(exit) => return exit,
        };
    if checked.has_errors() {
        output.problems(&sources, &checked.problems);
        return Exit::of(&checked.problems);
    }
    if checked.steps.is_empty() {
        output.say(
            "nothing was run: declarations alone touch no database; `sync` creates their tables",
        );
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
        problems: checked.problems,
        exit: Exit::Done,
    };
    let options = Options {
        keep_going: arguments.keep_going,
    };
    let result = run::run(
        &checked.steps,
        &checked.schema,
        &sources,
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
    /// What is to be reported in the end.
    problems: Vec<Problem>,
    exit: Exit,
}

impl Sink for Printer<'_> {
    fn outcome(&mut self, outcome: Outcome) {
        match self.format {
            RunFormat::Json => {
                let line = line(&outcome);
                self.output.line(&line);
            }
            RunFormat::Table => {
                if let Yield::Ddl(statements) = &outcome.result {
                    for statement in statements {
                        self.output.write(statement);
                        self.output.line(";");
                    }
                }
            }
        }
        if let Yield::Failed(problem) = outcome.result {
            let problem = Problem::from(problem);
            self.exit = self.exit.worse(Exit::of(std::slice::from_ref(&problem)));
            self.problems.push(problem);
        }
    }

    fn warning(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn progress(&mut self, done: usize, all: usize) {
        self.output.progress("statements", done, all);
    }
}

/// An outcome as one line of JSON.
fn line(outcome: &Outcome) -> String {
    let mut object = Map::new();
    object.insert("line".to_owned(), outcome.line.into());
    object.insert("verb".to_owned(), outcome.verb.into());
    if let Some(model) = &outcome.model {
        object.insert("model".to_owned(), model.as_str().into());
    }
    match &outcome.result {
        Yield::Ddl(statements) => {
            object.insert("sql".to_owned(), statements.clone().into());
        }
        Yield::Failed(problem) => {
            let problem = Problem::from(problem.clone());
            let error = json!({"code": problem.code(), "message": problem.to_string()});
            object.insert("error".to_owned(), error);
        }
        _ => {}
    }
    Value::Object(object).to_string()
}

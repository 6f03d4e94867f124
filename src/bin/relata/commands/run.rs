//! `relata run`: scripts on a database.

use crate::cli::Run;
use crate::database::{self, Unusable};
use crate::output::{Exit, Output};
use crate::printer::Printer;
use crate::scripts::{self, Scripts};
use relata::db::{Database, Sqlite};
use relata::ir::Step;
use relata::run::{self, Environment, Host, Losses, Options};
use relata::sql::Dialect;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) fn run(arguments: &Run, output: &mut Output) -> Exit {
    carry_out(arguments, output, |steps| steps)
}

/// Checks scripts and carries out what `chosen` makes of their steps.
pub(crate) fn carry_out(
    arguments: &Run,
    output: &mut Output,
    chosen: impl FnOnce(Vec<Step>) -> Vec<Step>,
) -> Exit {
    let url = match arguments.db.as_deref().map(database::path).transpose() {
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
    let steps = chosen(checked.steps);
    if steps.is_empty() {
        output.say(
            "nothing was run: declarations alone touch no database; `sync` creates their tables",
        );
    }
    let mut database = match database::open(url) {
        Ok(database) => database,
        Err(problem) => {
            let problems = [problem.into()];
            output.problems(&sources, &problems);
            return Exit::of(&problems);
        }
    };
    listen(&database);
    let mut printer = Printer::new(output, arguments.format, checked.problems);
    let options = Options {
        keep_going: arguments.keep_going,
        explain: arguments.explain,
        now: arguments.now,
        seed: arguments.seed,
        most_rows: None,
        most_time: None,
        allow: Losses::of(arguments.allow.iter().map(String::as_str)),
        no_backup: arguments.no_backup,
    };
    let mut environment = Environment::default();
    let result = run::run(
        &steps,
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

/// The first Ctrl-C stops the sentence that runs, the second the process.
pub(crate) fn listen(database: &Sqlite) {
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

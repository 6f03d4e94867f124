//! `relata run`: scripts on a database.

use crate::cli::RunArgs;
use crate::database::{self, Unusable};
use crate::formats::Printing;
use crate::interrupt;
use crate::output::{Exit, Output};
use crate::printer::ResultPrinter;
use crate::scripts::{self, CheckedScripts};
use relata::check::Policy;
use relata::diagnostics::Losses;
use relata::ir::Step;
use relata::run::{self, Environment, Host, Limits, Options};
use relata::sql::Dialect;

pub(crate) fn run(arguments: &RunArgs, output: &mut Output) -> Exit {
    carry_out(arguments, output, |steps| steps)
}

/// Checks scripts and carries out what `chosen` makes of their steps.
pub(crate) fn carry_out(
    arguments: &RunArgs,
    output: &mut Output,
    chosen: impl FnOnce(Vec<Step>) -> Vec<Step>,
) -> Exit {
    if arguments.limit.is_some() && !arguments.format.is_for_people() {
        let message = "`--limit` is for tables, blocks and Markdown: programs get every row";
        return output.usage(message, Some("`limit: ..` in the sentence finds fewer"));
    }
    let place = match database::location_or_default(arguments.db.as_deref()) {
        Ok(place) => place,
        Err(Unusable { message, help }) => return output.usage(&message, Some(&help)),
    };
    let CheckedScripts { sources, checked, mut loader } =
        match scripts::read_under(policy(arguments), &arguments.files, Dialect::SQLITE, output) {
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
    let mut database = match database::open(&place) {
        Ok(database) => database,
        Err(problem) => {
            let problems = [problem.into()];
            output.problems(&sources, &problems);
            return Exit::of(&problems);
        }
    };
    interrupt::stops(&database);
    let printing = Printing { limit: arguments.limit.unwrap_or_default(), quiet: arguments.quiet };
    let mut printer = ResultPrinter::new(output, arguments.format, printing, checked.problems);
    let limits = if arguments.untrusted { Limits::STRANGERS } else { Limits::default() };
    let options = Options {
        keep_going: arguments.keep_going,
        explain: arguments.explain,
        now: arguments.now,
        seed: arguments.seed,
        limits: Limits {
            rows: arguments.max_rows.or(limits.rows),
            time: arguments.max_time.or(limits.time),
            memory: arguments.max_memory.or(limits.memory),
        },
        allow: Losses::of(arguments.allow.iter().copied()),
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

/// What the scripts may say.
const fn policy(arguments: &RunArgs) -> Policy {
    let policy = if arguments.untrusted { Policy::CLOSED } else { Policy::OPEN };
    Policy { sql: policy.sql && !arguments.no_sql, ..policy }
}

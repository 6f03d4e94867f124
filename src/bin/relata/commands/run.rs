//! `relata run`: scripts on a database.

use crate::cli::RunArgs;
use crate::database::{self, Unusable};
use crate::files::STDIN;
use crate::formats::Printing;
use crate::interrupt;
use crate::output::{Exit, Output, named};
use crate::printer::ResultPrinter;
use crate::scripts::{self, CheckedScripts};
use relata::check::Policy;
use relata::diagnostics::Losses;
use relata::ir::Step;
use relata::run::{self, Environment, Host, Limits, Options};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

pub(crate) fn run(arguments: &RunArgs, output: &mut Output) -> Exit {
    if !arguments.watch {
        return carry_out(arguments, printing(arguments), output, |steps| steps);
    }
    if arguments.files.iter().any(|it| it == STDIN.0) {
        return output.usage("`--watch` looks at files, and standard input is none", None);
    }
    loop {
        let mut files: Vec<PathBuf> = arguments.files.iter().map(PathBuf::from).collect();
        let before = states(&files);
        let exit = carry_out_of(arguments, printing(arguments), output, |steps| steps, &mut files);
        if exit > Exit::Script || output.is_closed() {
            return exit;
        }
        // What the run has found itself was read just now.
        let known = before.len();
        let states_now = states(&files);
        let before: Vec<FileState> =
            before.into_iter().chain(states_now.into_iter().skip(known)).collect();
        output.say("waiting for a file to change; Ctrl-C ends it");
        interrupt::ends_waiting();
        let changed = wait_for_change(&files, &before);
        interrupt::rest();
        output.say(&format!("\n{} changed", named(&changed.display().to_string())));
    }
}

/// When a file was changed last, and how long it is; none where it isn't there.
type FileState = Option<(SystemTime, u64)>;

fn states(files: &[PathBuf]) -> Vec<FileState> {
    let state = |it: &PathBuf| {
        let found = fs::metadata(it).ok()?;
        Some((found.modified().ok()?, found.len()))
    };
    files.iter().map(state).collect()
}

/// How often files are looked at.
const PACE: Duration = Duration::from_millis(200);

/// Waits until one of the files isn't as it was before; which.
fn wait_for_change(files: &[PathBuf], before: &[FileState]) -> PathBuf {
    loop {
        let now = states(files);
        let changed = now.iter().zip(before).position(|(now, before)| now != before);
        if let Some(file) = changed.and_then(|it| files.get(it)) {
            return file.clone();
        }
        std::thread::sleep(PACE);
    }
}

/// What is shown of what the sentences of a run yield.
fn printing(arguments: &RunArgs) -> Printing {
    let limit = arguments.limit.unwrap_or_default();
    let (quiet, verbose) = (arguments.quiet, arguments.explain);
    Printing { limit, quiet, verbose, ..Printing::default() }
}

/// Checks scripts and carries out what `chosen` makes of their steps.
pub(crate) fn carry_out(
    arguments: &RunArgs,
    printing: Printing,
    output: &mut Output,
    chosen: impl FnOnce(Vec<Step>) -> Vec<Step>,
) -> Exit {
    carry_out_of(arguments, printing, output, chosen, &mut Vec::new())
}

/// The same; the files that were read are put behind those that are there.
fn carry_out_of(
    arguments: &RunArgs,
    printing: Printing,
    output: &mut Output,
    chosen: impl FnOnce(Vec<Step>) -> Vec<Step>,
    files: &mut Vec<PathBuf>,
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
        match scripts::read_under(policy(arguments), &arguments.files, place.dialect(), output) {
            Ok(scripts) => scripts,
            Err(exit) => return exit,
        };
    files.extend(loader.found());
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
    let connected = database::connect(&place);
    let mut database = match connected.and_then(|it| database::waiting(it, arguments.wait)) {
        Ok(database) => database,
        Err(problem) => {
            let problems = [problem.into()];
            output.problems(&sources, &problems);
            return Exit::of(&problems);
        }
    };
    interrupt::stops(&database);
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
        database.as_mut(),
        options,
        &mut printer,
    );
    let (problems, exit) = (printer.problems, printer.exit);
    output.problems(&sources, &problems);
    files.extend(loader.found());
    // What failed has been told to the printer.
    drop(result);
    exit
}

/// What the scripts may say.
const fn policy(arguments: &RunArgs) -> Policy {
    let policy = if arguments.untrusted { Policy::CLOSED } else { Policy::OPEN };
    Policy { sql: policy.sql && !arguments.no_sql, ..policy }
}

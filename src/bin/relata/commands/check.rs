//! `relata check`: every problem, nothing executed.

use super::summary;
use crate::cli::{CheckArgs, CheckFormat, Deny};
use crate::files::{self, STDIN};
use crate::output::{Exit, Output, named};
use crate::scripts::{self, CheckedScripts};
use relata::diagnostics::Problem;
use relata::report::{self, Fixed};
use relata::source::{Lines, Unit};
use serde_json::{Value, json};
use std::path::Path;

/// How often corrected files are checked again.
const ROUNDS: usize = 10;

pub(crate) fn run(arguments: &CheckArgs, output: &mut Output) -> Exit {
    if arguments.files.is_empty() {
        let found = files::scripts_here();
        if found.is_empty() {
            let help = "name one, `relata check shop.schema`; `relata init` writes a first one";
            return output.usage("there is no *.schema in this folder", Some(help));
        }
        let (count, first) = (found.len(), found.first().cloned().unwrap_or_default());
        let exit = run(&CheckArgs { files: found, ..arguments.clone() }, output);
        if exit == Exit::Script && count > 1 && arguments.format == CheckFormat::Human {
            output.say(&format!(
                "the {count} scripts of this folder were checked as one; `relata check {}` checks one alone",
                named(&first)
            ));
        }
        return exit;
    }
    if arguments.fix && arguments.files.iter().any(|it| it == STDIN.0) {
        return output.usage("`--fix` corrects files, and standard input is none", None);
    }
    let mut rounds = 0;
    let CheckedScripts { sources, checked, .. } = loop {
        let scripts = match scripts::read(&arguments.files, arguments.dialect, output) {
            Ok(scripts) => scripts,
            Err(exit) => return exit,
        };
        // A corrected name may bring another to light.
        if !arguments.fix || rounds == ROUNDS {
            break scripts;
        }
        rounds += 1;
        match fix_files(&scripts, output) {
            Ok(0) => break scripts,
            Ok(_) => {}
            Err(exit) => return exit,
        }
    };
    let problems = checked.problems;
    match arguments.format {
        CheckFormat::Human => output.problems(&sources, &problems),
        CheckFormat::Json => {
            for report in report::reports(&sources, &problems) {
                output.json(&line(&report));
            }
        }
    }
    let denied = arguments.deny == Some(Deny::Warnings) && problems.iter().any(Problem::is_warning);
    let exit = Exit::of(&problems);
    if exit != Exit::Done {
        return exit;
    }
    if denied {
        if arguments.format == CheckFormat::Human {
            output.say("warnings are denied");
        }
        return Exit::Script;
    }
    if arguments.format == CheckFormat::Human {
        output.say(&format!("ok: {}", summary(&checked.schema)));
    }
    // As in `scripts::read`: the process ends here.
    std::mem::forget((sources, checked.schema));
    Exit::Done
}

/// Corrects what can be corrected, each file as a whole or not at all; how many places there were.
fn fix_files(scripts: &CheckedScripts, output: &mut Output) -> Result<usize, Exit> {
    let mut count = 0;
    for Fixed { source, text, edits } in report::fixed(&scripts.sources, &scripts.checked.problems)
    {
        let path = Path::new(&*source.name);
        let mark = if files::begins_with_mark(path) { "\u{FEFF}" } else { "" };
        if let Err(error) = files::write(path, format!("{mark}{text}").as_bytes()) {
            output.say(&format!(
                "error: {} can't be written: {}",
                named(&source.name),
                files::reason(&error)
            ));
            return Err(Exit::Machine);
        }
        let lines = Lines::new(source);
        for edit in &edits {
            let (line, column) = lines.line_column(edit.at.start, Unit::Utf32);
            output.say(&format!(
                "{}:{line}:{column}: `{}` is now `{}`",
                named(&source.name),
                source.slice(edit.at),
                edit.text
            ));
        }
        count += edits.len();
    }
    Ok(count)
}

/// A report as one line of JSON.
fn line(report: &report::Report) -> String {
    let spans: Vec<_> = report.places.iter().map(|it| place(it, "label")).collect();
    let edits: Vec<_> = report.edits.iter().map(|it| place(it, "text")).collect();
    json!({
        "file": report.places.first().map(|it| &*it.file),
        "code": report.code,
        "severity": report.severity.word(),
        "message": report.message,
        "help": report.help,
        "spans": spans,
        "edits": edits,
    })
    .to_string()
}

fn place(place: &report::Place, text: &str) -> Value {
    json!({
        "file": &*place.file,
        "start": place.start,
        "end": place.end,
        "line": place.line,
        "column": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
        text: place.label,
    })
}

//! `relata check`: every problem, nothing executed.

use super::summary;
use crate::cli::{Check, CheckFormat, Deny};
use crate::output::{Exit, Output};
use crate::scripts::{self, Scripts};
use relata::diagnostics::Problem;
use relata::report;
use serde_json::json;

pub(crate) fn run(arguments: &Check, output: &mut Output) -> Exit {
    let Scripts {
        sources, checked, ..
    } = match scripts::read(&arguments.files, arguments.dialect.of(), output) {
        Ok(scripts) => scripts,
        Err(exit) => return exit,
    };
    let problems = checked.problems;
    match arguments.format {
        CheckFormat::Human => output.problems(&sources, &problems),
        CheckFormat::Json => {
            for report in report::reports(&sources, &problems) {
                output.line(&line(&report));
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
    Exit::Done
}

/// A report as one line of JSON.
fn line(report: &report::Report) -> String {
    let spans: Vec<_> = report
        .places
        .iter()
        .map(|it| {
            json!({
                "file": &*it.file,
                "start": it.start,
                "end": it.end,
                "line": it.line,
                "column": it.column,
                "endLine": it.end_line,
                "endColumn": it.end_column,
                "label": it.label,
            })
        })
        .collect();
    json!({
        "file": report.places.first().map(|it| &*it.file),
        "code": report.code,
        "severity": report.severity.word(),
        "message": report.message,
        "help": report.help,
        "spans": spans,
    })
    .to_string()
}

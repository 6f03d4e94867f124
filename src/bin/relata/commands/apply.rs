//! `relata apply`: a database becomes what scripts declare.

use crate::cli::{ApplyArgs, RunArgs};
use crate::database;
use crate::formats::Printing;
use crate::output::{Exit, Output};
use relata::ir::{AlterOptions, Existing, ExtraColumns, Step, StepKind};
use relata::source::Span;
use relata::sql::Dialect;

pub(crate) fn run(arguments: &ApplyArgs, output: &mut Output) -> Exit {
    let place = database::place(&arguments.db);
    if arguments.online && place.is_ok_and(|it| it.dialect() != Dialect::POSTGRES) {
        let message = "`--online` is for PostgreSQL alone";
        return output.usage(message, Some("leave it out"));
    }
    let run = RunArgs {
        files: arguments.files.clone(),
        db: Some(arguments.db.clone()),
        format: arguments.format,
        limit: None,
        quiet: false,
        keep_going: false,
        explain: false,
        allow: arguments.allow.clone(),
        no_backup: arguments.no_backup,
        now: None,
        seed: None,
        watch: false,
        untrusted: false,
        no_sql: false,
        wait: arguments.wait,
        max_time: None,
        max_rows: None,
        max_memory: None,
    };
    let extra = ExtraColumns::kept(arguments.keep);
    let existing = Existing::Alter(AlterOptions {
        extra,
        online: arguments.online,
        ..AlterOptions::default()
    });
    let printing = Printing { verbose: arguments.verbose, applies: true, ..Printing::default() };
    super::run::carry_out(&run, printing, output, |steps| {
        // Where the scripts' own sentences begin, so that reports have a place.
        let first = steps.first().map_or(0, |it| it.span.start);
        vec![Step {
            span: Span::new(first, first),
            verb: "apply".into(),
            kind: StepKind::Sync { model: None, existing },
        }]
    })
}

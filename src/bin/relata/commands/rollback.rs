//! `relata rollback`: the last change of a database's structure is undone.

use crate::cli::RollbackArgs;
use crate::database::{self, Unusable};
use crate::interrupt;
use crate::output::{Exit, Output};
use relata::diagnostics::{Losses, Problem};
use relata::migrate;
use relata::source::Sources;

pub(crate) fn run(arguments: &RollbackArgs, output: &mut Output) -> Exit {
    let place = match database::place(&arguments.db) {
        Ok(place) => place,
        Err(Unusable { message, help }) => return output.usage(&message, Some(&help)),
    };
    let allow = Losses::of(arguments.allow.iter().copied());
    let found = database::existing(&place);
    let found = found.and_then(|it| database::waiting(it, arguments.wait));
    let undone = found.and_then(|mut it| {
        interrupt::stops(&it);
        migrate::rollback(&mut *it, allow, None)
    });
    match undone {
        Ok(None) => {
            output.say("there is nothing to roll back");
            Exit::Done
        }
        Ok(Some(undone)) => {
            for (sign, line) in migrate::draw_recorded(&undone.changes) {
                output.plan(sign, &line);
            }
            if arguments.verbose && !undone.changes.is_empty() {
                output.line("");
            }
            for sql in undone.sql.iter().filter(|_| arguments.verbose) {
                output.statement(sql);
                output.line(";");
            }
            let (last, applied_at) = (undone.migration.id, &undone.migration.applied_at);
            output.say(&match undone.with.last() {
                Some(first) => {
                    format!("migrations {} to {last} of {applied_at} are rolled back", first.id)
                }
                None => format!("migration {last} of {applied_at} is rolled back"),
            });
            Exit::Done
        }
        Err(problem) => {
            let problems: [Problem; 1] = [problem.into()];
            output.problems(&Sources::default(), &problems);
            Exit::of(&problems)
        }
    }
}

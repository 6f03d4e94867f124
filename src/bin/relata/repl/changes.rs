//! `.diff`, `.apply` and `.plan`: the database beside what is declared.

use super::ReplState;
use crate::commands::diff::tell as plan_of;
use crate::formats::Printing;
use crate::output::{Exit, Output};
use relata::db::Database;
use relata::diagnostics::{Problem, RunProblem};
use relata::session::Error;
use relata::value::Value;
use std::ops::ControlFlow;

/// What would change; the database stays as it is.
pub(super) fn diff(state: &mut ReplState, output: &mut Output) -> Exit {
    let changes = match state.session.diff() {
        Ok(changes) => changes,
        Err(error) => return failed(state, error, output),
    };
    if changes.is_empty() {
        output.say("nothing differs");
    }
    plan_of(&changes, output);
    let refused = changes.into_iter().flat_map(|it| it.refused);
    let problems: Vec<Problem> = refused.map(|it| Problem::from(RunProblem::from(it))).collect();
    output.problems(state.session.sources(), &problems);
    Exit::of(&problems)
}

/// Changes it.
pub(super) fn apply(state: &mut ReplState, output: &mut Output) -> Exit {
    let printing = Printing { applies: true, ..state.printing };
    let (exit, problems) =
        state.show(output, printing, |session, printer| session.apply_telling(printer));
    output.problems(state.session.sources(), &problems);
    exit.worse(Exit::of(&problems))
}

fn failed(state: &ReplState, error: Error, output: &mut Output) -> Exit {
    let problems = error.problems();
    output.problems(state.session.sources(), &problems);
    Exit::of(&problems)
}

/// How SQLite finds the rows of the last statements.
pub(super) fn plan(state: &mut ReplState, output: &mut Output) -> Exit {
    if state.statements.is_empty() {
        return output.wrong("no statement has read or written rows yet", "`User findAll`");
    }
    for (sql, parameters) in std::mem::take(&mut state.statements) {
        output.statement(&sql);
        output.line("");
        let mut lines: Vec<(i64, i64, String)> = Vec::new();
        let explained = format!("EXPLAIN QUERY PLAN {sql}");
        let asked = state.session.database().query(&explained, &parameters, &mut |row| {
            if let [Value::Integer(id), Value::Integer(parent), _, Value::Text(text)] = row {
                lines.push((*id, *parent, text.to_string()));
            }
            ControlFlow::Continue(())
        });
        if let Err(error) = asked {
            output.say(&format!("error: {}", error.message));
            return Exit::Machine;
        }
        let mut depths: Vec<(i64, usize)> = Vec::new();
        for (id, parent, text) in lines {
            let above = depths.iter().find(|it| it.0 == parent).map_or(0, |it| it.1);
            depths.push((id, above + 1));
            output.line(&format!("{}{text}", "  ".repeat(above + 1)));
        }
        state.statements.push((sql, parameters));
    }
    Exit::Done
}

//! `relata history`: what was done to a database's structure.

use crate::cli::{History, HistoryAction, RunFormat};
use crate::database::{self, Place, Unusable};
use crate::interrupt;
use crate::output::{Exit, Output};
use relata::db::Database;
use relata::diagnostics::{Problem, RunProblem};
use relata::record::{Item, Record};
use relata::run::{self, Migration, Yield};
use relata::source::Sources;
use relata::value::Value;
use serde_json::json;
use smol_str::SmolStr;

/// The columns of the table.
const NAMES: [&str; 7] = [
    "id",
    "verb",
    "applied",
    "relata",
    "script",
    "statements",
    "state",
];

pub(crate) fn run(arguments: &History, output: &mut Output) -> Exit {
    let place = match database::place(&arguments.db) {
        Ok(place) => place,
        Err(Unusable { message, help }) => return output.usage(&message, Some(&help)),
    };
    let done = match arguments.action {
        Some(HistoryAction::Prune) => prune(&place, output),
        None => list(arguments, &place, output),
    };
    let problems: Vec<Problem> = match done {
        Ok(warning) => warning.into_iter().map(Problem::from).collect(),
        Err(problem) => vec![problem.into()],
    };
    output.problems(&Sources::default(), &problems);
    Exit::of(&problems)
}

fn prune(place: &Place, output: &mut Output) -> Result<Option<RunProblem>, RunProblem> {
    let mut database = database::existing(place)?;
    interrupt::stops(&database);
    let pruned = run::prune(&mut database)?;
    output.say(&match pruned {
        0 => "nothing was kept".to_owned(),
        1 => "what 1 migration kept is given up".to_owned(),
        number => format!("what {number} migrations kept is given up"),
    });
    Ok(None)
}

/// Lists all; what somebody else has changed is the answer.
fn list(
    arguments: &History,
    place: &Place,
    output: &mut Output,
) -> Result<Option<RunProblem>, RunProblem> {
    let mut database = database::existing(place)?;
    interrupt::stops(&database);
    let all = run::history(&mut database)?;
    match arguments.format {
        RunFormat::Json => {
            for it in &all {
                output.json(&line(it));
            }
        }
        RunFormat::Csv => {
            output.exact("id,verb,appliedAt,version,script,rolledBackAt,kept\n");
            for it in &all {
                let undone = it.rolled_back_at.as_deref().unwrap_or_default();
                output.exact(&format!(
                    "{},{},{},{},{},{undone},{}\n",
                    it.id, it.verb, it.applied_at, it.version, it.script, it.kept
                ));
            }
        }
        RunFormat::Table if all.is_empty() => output.say("nothing was done yet"),
        RunFormat::Table => {
            let rows = all.iter().map(row).collect();
            output.table("history", &Yield::Rows(rows));
        }
    }
    let differences = run::drift(&mut database)?;
    Ok((!differences.is_empty()).then(|| RunProblem::ChangedSince {
        database: database.name().to_owned(),
        differences,
    }))
}

fn row(it: &Migration) -> Record {
    let statements = i64::try_from(it.sql.len()).unwrap_or(i64::MAX);
    let state = match (&it.rolled_back_at, it.kept) {
        (Some(when), _) => format!("rolled back {when}"),
        (None, true) => "applied".to_owned(),
        (None, false) => "applied, pruned".to_owned(),
    };
    let text = |it: &str| Value::Text(it.into());
    let script = it.script.get(..12).unwrap_or_default();
    let items = [
        Value::Integer(it.id),
        text(&it.verb),
        text(&it.applied_at),
        text(&it.version),
        text(script),
        Value::Integer(statements),
        text(&state),
    ];
    let names = NAMES.map(SmolStr::new_static);
    Record::new(names.into(), items.map(Item::Value).into())
}

fn line(it: &Migration) -> String {
    json!({
        "id": it.id,
        "verb": it.verb.as_str(),
        "appliedAt": it.applied_at.as_str(),
        "version": it.version.as_str(),
        "script": it.script.as_str(),
        "sql": it.sql,
        "rolledBackAt": it.rolled_back_at.as_deref(),
        "kept": it.kept,
    })
    .to_string()
}

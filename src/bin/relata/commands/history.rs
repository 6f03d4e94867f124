//! `relata history`: what was done to a database's structure.

use crate::cli::{HistoryAction, HistoryArgs};
use crate::database::{self, DatabaseLocation, Unusable};
use crate::formats::{Printing, RunFormat};
use crate::interrupt;
use crate::output::{Exit, Output, named};
use relata::db::Database;
use relata::diagnostics::{Cause, Problem, RunProblem};
use relata::migrate::{self, Migration, RecordedChange};
use relata::record::{Item, Record};
use relata::source::Sources;
use relata::value::Value;
use serde_json::json;
use smol_str::SmolStr;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The columns of the table.
const NAMES: [&str; 8] =
    ["id", "verb", "applied", "relata", "script", "statements", "changes", "state"];

pub(crate) fn run(arguments: &HistoryArgs, output: &mut Output) -> Exit {
    let place = match database::place(&arguments.db) {
        Ok(place) => place,
        Err(Unusable { message, help }) => return output.usage(&message, Some(&help)),
    };
    let done = match arguments.action {
        Some(HistoryAction::Prune) => prune(arguments, &place, output),
        None if arguments.copies => {
            let message = "`--copies` is an option of `prune`";
            return output.usage(message, Some("`relata history prune --copies --db ..`"));
        }
        None => list(arguments, &place, output),
    };
    let problems: Vec<Problem> = match done {
        Ok(warning) => warning.into_iter().map(Problem::from).collect(),
        Err(problem) => vec![problem.into()],
    };
    output.problems(&Sources::default(), &problems);
    Exit::of(&problems)
}

fn prune(
    arguments: &HistoryArgs,
    place: &DatabaseLocation,
    output: &mut Output,
) -> Result<Option<RunProblem>, RunProblem> {
    let mut database = database::existing(place)?;
    interrupt::stops(&database);
    let pruned = migrate::prune(&mut *database)?;
    output.say(&match pruned {
        0 => "nothing was kept".to_owned(),
        1 => "what 1 migration kept is deleted".to_owned(),
        number => format!("what {number} migrations kept is deleted"),
    });
    let copies = match place {
        DatabaseLocation::Memory => Vec::new(),
        #[cfg(any(feature = "mysql", feature = "postgres"))]
        DatabaseLocation::Server(..) => Vec::new(),
        DatabaseLocation::File(path) => {
            copies(Path::new(path)).map_err(|why| not_written(path, &why))?
        }
    };
    for copy in &copies {
        let shown = copy.to_string_lossy();
        if arguments.copies {
            fs::remove_file(copy).map_err(|why| not_written(&shown, &why))?;
            output.say(&format!("`{}` is removed", named(&shown)));
        } else {
            output.say(&format!(
                "`{}` is a copy from before a change; `--copies` removes it",
                named(&shown)
            ));
        }
    }
    Ok(None)
}

/// The copies that were made of a database before changes, by name.
fn copies(database: &Path) -> io::Result<Vec<PathBuf>> {
    let (Some(name), Some(folder)) = (database.file_name(), database.parent()) else {
        return Ok(Vec::new());
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let begin = format!("{}.backup-", name.to_string_lossy());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|it| it.strip_prefix(&begin));
        let is_number =
            |digits: &str| !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
        let own =
            number.is_some_and(|it| it.split('-').count() < 3 && it.split('-').all(is_number));
        if own && entry.file_type()?.is_file() {
            found.push(database.with_file_name(name));
        }
    }
    found.sort();
    Ok(found)
}

fn not_written(path: &str, why: &io::Error) -> RunProblem {
    RunProblem::CannotWrite {
        at: None,
        cause: Cause { message: format!("`{path}`: {why}"), code: None },
    }
}

/// Lists all; what somebody else has changed is the answer.
fn list(
    arguments: &HistoryArgs,
    place: &DatabaseLocation,
    output: &mut Output,
) -> Result<Option<RunProblem>, RunProblem> {
    let mut database = database::existing(place)?;
    interrupt::stops(&database);
    let all = migrate::history(&mut *database)?;
    let for_people = arguments.format.is_for_people();
    if for_people && all.is_empty() {
        output.say("nothing was done yet");
    } else if arguments.format == RunFormat::Table {
        log(&all, output);
    } else {
        let record = if for_people { row } else { whole };
        let mut form = arguments.format.form(Printing::default());
        form.list(all.iter().map(record).collect(), output);
    }
    let differences = migrate::drift(&mut *database)?;
    Ok((!differences.is_empty())
        .then(|| RunProblem::ChangedSince { database: database.name().to_owned(), differences }))
}

/// A heading for each migration, and below it what it changed, as a plan has it.
fn log(all: &[Migration], output: &mut Output) {
    for (at, migration) in all.iter().enumerate() {
        if at > 0 {
            output.line("");
        }
        let Migration { id, applied_at, .. } = migration;
        let verb = verb(migration);
        output.line(&format!("{id}  {verb}  {applied_at}  {}", state(migration)));
        for (sign, line) in migrate::draw_recorded(&migration.changes) {
            output.plan(sign, &format!("  {line}"));
        }
        if migration.changes.is_empty() {
            let statements = migration.sql.len();
            let end = if statements == 1 { "" } else { "s" };
            output.line(&format!("  {statements} statement{end}"));
        }
    }
}

fn state(migration: &Migration) -> String {
    match (&migration.rolled_back_at, migration.kept) {
        (Some(when), _) => format!("rolled back {when}"),
        (None, true) => "applied".to_owned(),
        (None, false) => "applied, pruned".to_owned(),
    }
}

/// What was asked for, with the name of a data step.
fn verb(migration: &Migration) -> String {
    match &migration.step {
        Some(step) => format!("{} \"{step}\"", migration.verb),
        None => migration.verb.to_string(),
    }
}

fn row(migration: &Migration) -> Record {
    let statements = i64::try_from(migration.sql.len()).unwrap_or(i64::MAX);
    let lines = migrate::draw_recorded(&migration.changes).into_iter();
    let lines: Vec<String> = lines.map(|(_, line)| line.trim().to_owned()).collect();
    let text = |it: &str| Value::Text(it.into());
    let script = migration.script.get(..12).unwrap_or_default();
    let items = [
        Value::Integer(migration.id),
        text(&verb(migration)),
        text(&migration.applied_at),
        text(&migration.version),
        text(script),
        Value::Integer(statements),
        text(&lines.join("; ")),
        text(&state(migration)),
    ];
    let names = NAMES.map(SmolStr::new_static);
    Record::new(names.into(), items.map(Item::Value).into())
}

/// All of it, for programs.
fn whole(migration: &Migration) -> Record {
    let text = |it: &str| Value::Text(it.into());
    let items = [
        ("id", Value::Integer(migration.id)),
        ("verb", text(migration.verb.word())),
        ("step", migration.step.as_deref().map_or(Value::Null, text)),
        ("appliedAt", text(&migration.applied_at)),
        ("version", text(&migration.version)),
        ("script", text(&migration.script)),
        ("changes", Value::Json(changes(&migration.changes).to_string().into())),
        ("sql", Value::Json(json!(migration.sql).to_string().into())),
        ("rolledBackAt", migration.rolled_back_at.as_deref().map_or(Value::Null, text)),
        ("kept", Value::Bool(migration.kept)),
    ];
    let names = items.iter().map(|(name, _)| SmolStr::new_static(name)).collect();
    Record::new(names, items.into_iter().map(|(_, it)| Item::Value(it)).collect())
}

/// What a migration changed, with the names that `diff` has for it.
fn changes(all: &[RecordedChange]) -> serde_json::Value {
    let each = all.iter().map(|change| {
        json!({
            "object": change.object.as_str(),
            "sign": change.sign.word(),
            "how": change.how,
            "what": change.what.iter().map(|it| &it.text).collect::<Vec<_>>(),
            "signs": change.what.iter().map(|it| it.sign.word()).collect::<Vec<_>>(),
        })
    });
    each.collect()
}

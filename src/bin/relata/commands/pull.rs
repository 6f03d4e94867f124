//! `relata pull`: a database as a script.

use crate::cli::PullArgs;
use crate::database::{self, DatabaseLocation, Unusable};
use crate::files::{self, FileLoader, STDIN};
use crate::interrupt;
use crate::output::{Exit, Output, named};
use relata::catalog::Object;
use relata::db::{Database, Sqlite};
use relata::diagnostics::{Problem, RunProblem};
use relata::load::{Input, Library};
use relata::migrate;
use relata::pull;
use relata::session;
use relata::source::Sources;
use relata::sql::Dialect;
use std::fs;
use std::io;
use std::path::Path;

pub(crate) fn run(arguments: &PullArgs, output: &mut Output) -> Exit {
    let place = match database::place(&arguments.db) {
        Ok(place) => place,
        Err(Unusable { message, help }) => return output.usage(&message, Some(&help)),
    };
    let (mut database, objects) = match objects(&place) {
        Ok(found) => found,
        Err(problem) => {
            let problems = [problem.into()];
            output.problems(&Sources::default(), &problems);
            return Exit::of(&problems);
        }
    };
    let text = pull::script(&objects);
    let exit = match arguments.file.as_deref() {
        Some(file) if file != STDIN.0 => into_file(file, &objects, output),
        None | Some(_) => {
            output.exact(&text);
            Exit::Done
        }
    };
    if exit == Exit::Done {
        return other_moments(&mut database, &text, output);
    }
    exit
}

/// What is in a database, and the database. None is made where there is none.
fn objects(place: &DatabaseLocation) -> Result<(Sqlite, Vec<Object>), RunProblem> {
    let mut database = database::existing(place)?;
    interrupt::stops(&database);
    let objects = database.objects();
    let objects = objects.map_err(|it| database::opening(it, database.name()))?;
    Ok((database, objects))
}

/// Tells of DATE columns whose values have other forms than Relata's.
fn other_moments(database: &mut Sqlite, text: &str, output: &mut Output) -> Exit {
    let (mut sources, mut library) = (Sources::default(), Library::default());
    let mut loader = FileLoader::new(false);
    let input = Input::Text { name: "the pulled script", text };
    library.add(&mut sources, &mut loader, input);
    let checked = session::check(library.bundle(), &sources, Dialect::SQLITE);
    let mut problems = Vec::new();
    let told = migrate::other_moments(&checked.schema, &sources, database, &mut problems);
    problems.extend(told.err().map(Problem::from));
    let exit = Exit::of(&problems);
    output.problems(&sources, &problems);
    exit
}

/// Writes the script, or brings it up to date.
fn into_file(file: &str, objects: &[Object], output: &mut Output) -> Exit {
    let path = Path::new(file);
    let there = match fs::metadata(path) {
        // A device or a pipe would become a file, and has nothing to be brought up to date.
        Ok(it) if !it.is_file() => {
            let help = "leave it out: the script goes to standard output then";
            return output.usage(&format!("`{file}` is not a regular file"), Some(help));
        }
        Ok(it) => it.len() > 0,
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    };
    let text = if there {
        let (sources, merged) = pull::merge(objects, file, &mut FileLoader::new(false));
        match merged {
            Ok(None) => {
                output.say(&format!("{} says what is there already", named(file)));
                return Exit::Done;
            }
            Ok(Some(text)) => text,
            Err(problems) => {
                output.problems(&sources, &problems);
                return Exit::of(&problems);
            }
        }
    } else {
        pull::script(objects)
    };
    match files::write(path, text.as_bytes()) {
        Ok(()) => {
            output.say(&format!("pulled {}", named(file)));
            Exit::Done
        }
        Err(error) => {
            let (path, reason) = (named(file), files::reason(&error));
            output.say(&format!("error: `{path}` can't be written: {reason}"));
            Exit::Machine
        }
    }
}

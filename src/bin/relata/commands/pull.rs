//! `relata pull`: a database as a script.

use crate::cli::Pull;
use crate::database::{self, Place, Unusable};
use crate::files::{self, FileLoader, STDIN};
use crate::interrupt;
use crate::output::{Exit, Output, named};
use relata::db::{Database, Object};
use relata::diagnostics::RunProblem;
use relata::pull;
use relata::source::Sources;
use std::fs;
use std::io;
use std::path::Path;

pub(crate) fn run(arguments: &Pull, output: &mut Output) -> Exit {
    let place = match database::place(&arguments.db) {
        Ok(place) => place,
        Err(Unusable { message, help }) => return output.usage(&message, Some(&help)),
    };
    let objects = match objects(&place) {
        Ok(objects) => objects,
        Err(problem) => {
            let problems = [problem.into()];
            output.problems(&Sources::default(), &problems);
            return Exit::of(&problems);
        }
    };
    match arguments.file.as_deref() {
        None => output.exact(&pull::script(&objects)),
        Some(file) if file == STDIN.0 => output.exact(&pull::script(&objects)),
        Some(file) => return into_file(file, &objects, output),
    }
    Exit::Done
}

/// What is in a database. None is made where there is none.
fn objects(place: &Place) -> Result<Vec<Object>, RunProblem> {
    let mut database = database::existing(place)?;
    interrupt::stops(&database);
    let objects = database.objects();
    objects.map_err(|it| database::opening(it, database.name()))
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

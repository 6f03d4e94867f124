//! `relata pull`: a database as a script.

use crate::cli::Pull;
use crate::database::{self, Unusable};
use crate::files::{self, FileLoader, STDIN};
use crate::output::{Exit, Output, named};
use relata::db::{Database, Object};
use relata::diagnostics::{Cause, RunProblem};
use relata::pull;
use relata::source::Sources;
use std::fs;
use std::io;
use std::path::Path;

pub(crate) fn run(arguments: &Pull, output: &mut Output) -> Exit {
    let path = match database::path(&arguments.db) {
        Ok(path) => path,
        Err(Unusable { message, help }) => return output.usage(&message, Some(&help)),
    };
    let objects = match objects(path) {
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
fn objects(path: &str) -> Result<Vec<Object>, RunProblem> {
    if !Path::new(path).exists() {
        return Err(RunProblem::CannotOpen {
            path: path.to_owned(),
            cause: Cause {
                message: "there is no such file".to_owned(),
                code: None,
            },
            help: None,
        });
    }
    let mut database = database::open(Some(path))?;
    database.objects().map_err(|it| database::opening(it, path))
}

/// Writes the script, or brings it up to date.
fn into_file(file: &str, objects: &[Object], output: &mut Output) -> Exit {
    let path = Path::new(file);
    let is_empty = fs::metadata(path).map(|it| it.is_file() && it.len() == 0);
    let text = match is_empty {
        Err(error) if error.kind() == io::ErrorKind::NotFound => pull::script(objects),
        Ok(true) => pull::script(objects),
        Ok(false) | Err(_) => {
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
        }
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

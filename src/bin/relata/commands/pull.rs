//! `relata pull`: a database as a script.

use crate::cli::PullArgs;
use crate::database::{self, DatabaseLocation, Unusable};
use crate::files::{self, FileLoader, STDIN};
use crate::interrupt;
use crate::output::{Exit, Output, named};
use relata::catalog::Object;
use relata::db::Database;
use relata::diagnostics::RunProblem;
use relata::pull;
use relata::session::{self, PulledDatabase, TranslatedDatabase};
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
    let own = place.dialect();
    if arguments.dialect != Dialect::SQLITE && arguments.dialect != own {
        if own != Dialect::SQLITE {
            let help =
                "leave `--for` out: what is pulled from a server is a script for that server";
            let title = arguments.dialect.title;
            let message = format!("a database of {} isn't said for {title} yet", own.title);
            return output.usage(&message, Some(help));
        }
        return for_another(arguments, &mut *database, &objects, output);
    }
    let pulled = match session::pulled(&mut *database, &objects) {
        Ok(pulled) => pulled,
        Err(problem) => {
            let problems = [problem.into()];
            output.problems(&Sources::default(), &problems);
            return Exit::of(&problems);
        }
    };
    let exit = match arguments.file.as_deref() {
        Some(file) if file != STDIN.0 && own != Dialect::SQLITE && Path::new(file).exists() => {
            let help = "name one that is to be made: a script isn't brought up to date from a server yet; `relata diff` says in what they differ";
            return output.usage(&format!("`{file}` is there already"), Some(help));
        }
        Some(file) if file != STDIN.0 => into_file(file, &objects, &pulled, output),
        None | Some(_) => {
            output.exact(&pulled.text);
            Exit::Done
        }
    };
    if exit == Exit::Done {
        output.problems(&pulled.sources, &pulled.problems);
        return Exit::of(&pulled.problems);
    }
    exit
}

/// Writes the script for another database.
fn for_another(
    arguments: &PullArgs,
    database: &mut dyn Database,
    objects: &[Object],
    output: &mut Output,
) -> Exit {
    let dialect = arguments.dialect;
    let translated = session::translated(database, objects, dialect);
    let TranslatedDatabase { text, problems } = match translated {
        Ok(translated) => translated,
        Err(problem) => {
            let problems = [problem.into()];
            output.problems(&Sources::default(), &problems);
            return Exit::of(&problems);
        }
    };
    let exit = match arguments.file.as_deref() {
        Some(file) if file != STDIN.0 => {
            if Path::new(file).exists() {
                let help = "name one that is to be made: a script for another database isn't brought up to date";
                return output.usage(&format!("`{file}` is there already"), Some(help));
            }
            write(file, &text, output)
        }
        None | Some(_) => {
            output.exact(&text);
            Exit::Done
        }
    };
    if exit != Exit::Done {
        return exit;
    }
    output.problems(&Sources::default(), &problems);
    Exit::Done
}

/// What is in a database, and the database. None is made where there is none.
fn objects(place: &DatabaseLocation) -> Result<(Box<dyn Database>, Vec<Object>), RunProblem> {
    let mut database = database::existing(place)?;
    interrupt::stops(&database);
    let objects = database.objects();
    let objects = objects.map_err(|it| database::opening(it, database.name()))?;
    Ok((database, objects))
}

/// Writes the script, or brings it up to date.
fn into_file(file: &str, objects: &[Object], pulled: &PulledDatabase, output: &mut Output) -> Exit {
    let path = Path::new(file);
    let there = match fs::metadata(path) {
        // A device or a pipe would become a file, and has nothing to be brought up to date.
        Ok(it) if !it.is_file() => {
            let help = "leave it out: the script is written to standard output then";
            return output.usage(&format!("`{file}` is not a regular file"), Some(help));
        }
        Ok(it) => it.len() > 0,
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    };
    let text = if there {
        let (sources, merged) =
            pull::merge(objects, &pulled.rows, file, &mut FileLoader::new(false));
        match merged {
            Ok(None) => {
                output.say(&format!("{} matches the database already", named(file)));
                return Exit::Done;
            }
            Ok(Some(text)) => text,
            Err(problems) => {
                output.problems(&sources, &problems);
                return Exit::of(&problems);
            }
        }
    } else {
        pulled.text.clone()
    };
    write(file, &text, output)
}

fn write(file: &str, text: &str, output: &mut Output) -> Exit {
    match files::write(Path::new(file), text.as_bytes()) {
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

//! `relata import`: models that are written elsewhere, as a script.

mod sequelize;

use crate::cli::ImportArgs;
use crate::database;
use crate::files::{self, STDIN};
use crate::output::{Exit, Output, named};
use crate::scripts;
use relata::db::Sqlite;
use relata::diagnostics::{LoadProblem, Problem, SyntaxProblem};
use relata::import::{self, ImportFormat, ImportedScript};
use relata::source::Sources;
use std::path::Path;

pub(crate) fn run(arguments: &ImportArgs, output: &mut Output) -> Exit {
    match imported(&arguments.file, arguments.from, output) {
        Ok(made) => {
            output.exact(&made.text);
            tell(&made, output);
            Exit::Done
        }
        Err(exit) => exit,
    }
}

/// Says how much is a comment.
pub(crate) fn tell(made: &ImportedScript, output: &mut Output) {
    if made.left > 0 {
        let parts = match made.left {
            1 => "1 part can't be said: it is a comment, with the reason".to_owned(),
            more => format!("{more} parts can't be said: they are comments, with the reasons"),
        };
        output.say(&parts);
    }
}

/// The script that a file makes; what hinders it is told.
pub(crate) fn imported(
    path: &str,
    format: Option<ImportFormat>,
    output: &mut Output,
) -> Result<ImportedScript, Exit> {
    let bytes = if path == STDIN.0 {
        scripts::stdin(output)?
    } else {
        files::read(Path::new(path)).map_err(|error| {
            let (path, reason) = (named(path), files::reason(&error));
            output.say(&format!("error: `{path}` can't be read: {reason}"));
            Exit::Machine
        })?
    };
    let Some(format) = format.or_else(|| ImportFormat::of_file(path)) else {
        let help = "say what it holds: `--from prisma`, `dbml`, `sql` or `sequelize`";
        return Err(output.usage(&format!("it isn't known what `{path}` is"), Some(help)));
    };
    let name = if path == STDIN.0 { STDIN.1 } else { path };
    let mut sources = Sources::default();
    let made = made(name, bytes, format, &mut sources);
    made.map_err(|problem| {
        let problems = [*problem];
        output.problems(&sources, &problems);
        Exit::of(&problems)
    })
}

fn made(
    name: &str,
    bytes: Vec<u8>,
    format: ImportFormat,
    sources: &mut Sources,
) -> Result<ImportedScript, Box<Problem>> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        Box::new(SyntaxProblem::not_utf8(name.to_owned(), error.as_bytes(), offset).into())
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let id = sources
        .add(name, text)
        .map_err(|_| Box::new(LoadProblem::TooLarge { path: name.to_owned(), at: None }.into()))?;
    let source = sources.get(id);
    let database = Sqlite::in_memory();
    let mut database = database.map_err(|it| Box::new(database::opening(it, ":memory:").into()))?;
    match format {
        ImportFormat::Prisma | ImportFormat::Dbml => import::models(source, format, &mut database),
        ImportFormat::Sql => import::sql(source, &mut database),
        ImportFormat::Sequelize => {
            sequelize::script(source).map(|it| import::whole(&it, &mut database))
        }
    }
}

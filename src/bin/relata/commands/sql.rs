//! `relata sql`: the CREATE TABLE statements.

use crate::cli::Sql;
use crate::output::{Exit, Output};
use crate::scripts;

pub(crate) fn run(arguments: &Sql, output: &mut Output) -> Exit {
    let scripts = match scripts::read(&arguments.files, output) {
        Ok(scripts) => scripts,
        Err(exit) => return exit,
    };
    output.problems(&scripts.sources, &scripts.checked.problems);
    Exit::of(&scripts.checked.problems)
}

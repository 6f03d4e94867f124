//! `relata sql`: the CREATE TABLE statements.

use crate::cli::SqlArgs;
use crate::output::{Exit, Output};
use crate::scripts;
use relata::plan;

pub(crate) fn run(arguments: &SqlArgs, output: &mut Output) -> Exit {
    let dialect = arguments.dialect;
    let scripts = match scripts::read(&arguments.files, dialect, output) {
        Ok(scripts) => scripts,
        Err(exit) => return exit,
    };
    let (schema, problems) = (&scripts.checked.schema, &scripts.checked.problems);
    if !scripts.checked.has_errors() {
        for text in plan::texts(schema, dialect, &plan::create(schema, dialect)) {
            output.exact_sql(&text, arguments.compact);
            output.exact(";\n");
        }
    }
    output.problems(&scripts.sources, problems);
    Exit::of(problems)
}

//! The scripts that were named as arguments, read and checked.

use crate::files::{self, FileLoader, STDIN};
use crate::output::{Exit, Output};
use relata::check::{Checked, Policy};
use relata::diagnostics::{Problem, SyntaxProblem};
use relata::load::{Input, Library, Loader, OwnOnly};
use relata::session;
use relata::source::Sources;
use relata::sql::Dialect;

/// Scripts and what they mean.
pub(crate) struct CheckedScripts {
    pub(crate) sources: Sources,
    pub(crate) checked: Checked,
    /// What has found them, and finds what lies beside them.
    pub(crate) loader: FileLoader,
}

/// Reads the scripts and all that they import, and checks them together. `-` is standard input.
pub(crate) fn read(
    paths: &[String],
    dialect: &Dialect,
    output: &mut Output,
) -> Result<CheckedScripts, Exit> {
    read_under(Policy::OPEN, paths, dialect, output)
}

/// As [`read`], for scripts that may say no more than that.
pub(crate) fn read_under(
    policy: Policy,
    paths: &[String],
    dialect: &Dialect,
    output: &mut Output,
) -> Result<CheckedScripts, Exit> {
    let mut sources = Sources::default();
    let mut library = Library::default();
    let mut problems: Vec<Problem> = Vec::new();
    let typed = paths.iter().any(|it| it == STDIN.0);
    let mut loader = FileLoader::new(typed);
    if paths.iter().filter(|it| *it == STDIN.0).count() > 1 {
        return Err(output.usage("`-` is given twice", Some("standard input can be read once")));
    }
    for path in paths {
        let mut own = OwnOnly(&mut loader);
        let loader: &mut dyn Loader = if policy.imports { &mut *own.0 } else { &mut own };
        if path != STDIN.0 {
            problems.extend(library.add(&mut sources, loader, Input::Path(path)));
            continue;
        }
        let bytes = stdin(output)?;
        match std::str::from_utf8(&bytes) {
            Ok(text) => {
                let input = Input::Text { name: STDIN.1, text };
                problems.extend(library.add(&mut sources, loader, input));
            }
            Err(error) => {
                let name = STDIN.1.to_owned();
                let problem = SyntaxProblem::not_utf8(name, &bytes, error.valid_up_to());
                problems.push(problem.into());
            }
        }
    }
    for script in &library.bundle().scripts {
        problems.extend(policy.problems(script));
    }
    let mut checked = session::check(library.bundle(), &sources, dialect);
    // The process ends soon: freeing a large tree piece by piece would be a tenth of the work.
    std::mem::forget(library);
    problems.append(&mut checked.problems);
    problems.sort_by_cached_key(Problem::span);
    checked.problems = problems;
    Ok(CheckedScripts { sources, checked, loader })
}

/// All of standard input.
pub(crate) fn stdin(output: &mut Output) -> Result<Vec<u8>, Exit> {
    files::stdin().map_err(|it| {
        let reason = files::reason(&it);
        output.say(&format!("error: standard input can't be read: {reason}"));
        Exit::Machine
    })
}

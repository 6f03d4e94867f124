//! `relata fmt`: the one style.

use crate::cli::FmtArgs;
use crate::files::{self, STDIN};
use crate::line_diff::LineDiff;
use crate::output::{Exit, Output, named};
use crate::scripts;
use relata::diagnostics::{LoadProblem, Problem, SyntaxProblem};
use relata::source::Sources;
use relata::syntax;
use std::io;
use std::path::Path;

pub(crate) fn run(arguments: &FmtArgs, output: &mut Output) -> Exit {
    let mut sources = Sources::default();
    let mut problems = Vec::new();
    let (mut exit, mut differ) = (Exit::Done, 0_usize);
    for path in &arguments.files {
        let bytes = if path == STDIN.0 {
            match scripts::stdin(output) {
                Ok(bytes) => bytes,
                Err(it) => return it,
            }
        } else {
            match files::read(Path::new(path)) {
                Ok(bytes) => bytes,
                Err(error) => {
                    problems.push(unreadable(path, &error));
                    continue;
                }
            }
        };
        let name = if path == STDIN.0 { STDIN.1 } else { path };
        let Some((before, after)) = format(name, &bytes, &mut sources, &mut problems) else {
            continue;
        };
        let changes = after.as_bytes() != bytes;
        if arguments.check {
            if changes {
                differ += 1;
                output.write(&diff(name, &before, &after));
            }
        } else if path == STDIN.0 {
            output.exact(&after);
        } else if changes {
            match files::write(Path::new(path), after.as_bytes()) {
                Ok(()) => output.say(&format!("formatted {}", named(path))),
                Err(error) => {
                    let (path, reason) = (named(path), files::reason(&error));
                    output.say(&format!("error: `{path}` can't be written: {reason}"));
                    exit = exit.worse(Exit::Machine);
                }
            }
        }
    }
    output.problems(&sources, &problems);
    if differ > 0 {
        let files = if differ == 1 { "file" } else { "files" };
        output.say(&format!("{differ} {files} would change"));
        exit = exit.worse(Exit::Script);
    }
    exit.worse(Exit::of(&problems))
}

/// A text before and after; none where it is no text.
fn format(
    name: &str,
    bytes: &[u8],
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> Option<(String, String)> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let problem = SyntaxProblem::not_utf8(name.to_owned(), bytes, error.valid_up_to());
            problems.push(problem.into());
            return None;
        }
    };
    let Ok(id) = sources.add(name, text) else {
        let path = name.to_owned();
        problems.push(LoadProblem::TooLarge { path, at: None }.into());
        return None;
    };
    let source = sources.get(id);
    let parsed = syntax::parse(source);
    let formatted = syntax::format(source, &parsed);
    problems.extend(parsed.problems);
    Some((text.to_owned(), formatted))
}

fn unreadable(path: &str, error: &io::Error) -> Problem {
    let (path, at) = (path.to_owned(), None);
    if error.kind() == io::ErrorKind::NotFound {
        let help = None;
        return LoadProblem::NotFound { path, at, help }.into();
    }
    let reason = if error.kind() == io::ErrorKind::IsADirectory {
        "it is a folder".to_owned()
    } else {
        files::reason(error)
    };
    LoadProblem::Unreadable { path, reason, at }.into()
}

/// What would change, as `diff -u` shows it.
fn diff(name: &str, before: &str, after: &str) -> String {
    let name = named(name);
    LineDiff::new(before, after, None).unified(2, &name, &format!("{name} (formatted)"))
}

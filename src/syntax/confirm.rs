//! Corrections of what can't be read: one is offered where more of the sentence can be read with it.

use super::explain::stops;
use crate::diagnostics::{Help, SyntaxProblem};
use crate::source::Source;
use std::ops::Range;

/// Without a correction by which nothing more of the sentence could be read.
pub(super) fn confirmed(
    source: &Source,
    range: &Range<usize>,
    mut problem: SyntaxProblem,
) -> SyntaxProblem {
    let (help, is_needed) = match &mut problem {
        SyntaxProblem::Unexpected { help, .. } => (help, false),
        SyntaxProblem::Operator { help, .. } => (help, true),
        SyntaxProblem::MissingComma { help, .. } => match help {
            Some(it) if !is_better(source, range, it) => {
                it.edits.clear();
                return problem;
            }
            Some(_) | None => return problem,
        },
        // Their corrections aren't guesses: a bracket, a quote or a sign is missing, or too many.
        SyntaxProblem::Unclosed { .. }
        | SyntaxProblem::Unopened { .. }
        | SyntaxProblem::UnclosedString { .. }
        | SyntaxProblem::UnclosedComment { .. }
        | SyntaxProblem::UnclosedName { .. }
        | SyntaxProblem::RawSql { .. }
        | SyntaxProblem::TooDeep { .. }
        | SyntaxProblem::ExpressionTooDeep { .. }
        | SyntaxProblem::Escape { .. }
        | SyntaxProblem::Integer { .. }
        | SyntaxProblem::Blob { .. }
        | SyntaxProblem::Character { .. }
        | SyntaxProblem::EmptyName { .. }
        | SyntaxProblem::MissingValue { .. }
        | SyntaxProblem::Foreign { .. }
        | SyntaxProblem::Unread { .. }
        | SyntaxProblem::NotUtf8 { .. } => return problem,
    };
    if let Some(it) = help.as_mut().filter(|it| !is_better(source, range, it)) {
        it.edits.clear();
        if !is_needed {
            *help = None;
        }
    }
    problem
}

/// Whether more of a sentence can be read once it is corrected.
fn is_better(source: &Source, range: &Range<usize>, help: &Help) -> bool {
    let Some(mut text) = source.text.get(range.clone()).map(str::to_owned) else { return true };
    let start = source.span(range.clone()).start;
    // What stands behind the last edit.
    let mut rest = None;
    for edit in help.edits.iter().rev() {
        let (Some(from), Some(to)) =
            (edit.at.start.checked_sub(start), edit.at.end.checked_sub(start))
        else {
            return true;
        };
        let (from, to) = (from as usize, to as usize);
        if text.get(from..to).is_none() {
            return true;
        }
        rest.get_or_insert(text.len() - to);
        text.replace_range(from..to, &edit.text);
    }
    let end = text.len() - rest.unwrap_or_default();
    help.edits.is_empty() || stops(&text).is_none_or(|it| it > end)
}

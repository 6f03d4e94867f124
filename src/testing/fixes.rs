//! Corrections, each made alone as an editor makes it.

use crate::diagnostics::{Problem, SyntaxProblem};
use crate::report::fixed;
use crate::source::Sources;

/// A script with each of the corrections made alone, and what its problem says.
pub(super) fn fixed_alone(
    sources: &Sources,
    name: &str,
    problems: &[Problem],
) -> Vec<(String, String)> {
    // Sentences of another language are put together: the words for one of them may leave others.
    let is_foreign = |it: &&Problem| matches!(it, Problem::Syntax(SyntaxProblem::Foreign { .. }));
    let mut found = Vec::new();
    for problem in problems.iter().filter(|it| !is_foreign(it)) {
        let alone = fixed(sources, std::slice::from_ref(problem)).into_iter();
        let own = alone.filter(|it| &*it.source.name == name);
        found.extend(own.map(|it| (it.text, problem.to_string())));
    }
    found
}

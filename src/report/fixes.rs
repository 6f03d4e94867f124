//! Corrections, carried out on the texts: what `relata check --fix` writes, and an editor applies.

use crate::diagnostics::{Edit, Problem};
use crate::source::{Source, Sources, Span};

/// A text with its corrections made.
#[derive(Debug, Clone)]
pub struct Fixed<'a> {
    /// As it was.
    pub source: &'a Source,
    /// As it is now, without a byte order mark.
    pub text: String,
    /// The edits, in order; their places are those of `source`.
    pub edits: Vec<&'a Edit>,
}

/// The texts that the corrections of `problems` change. Each correction is made as a whole; of two that touch, the first.
pub fn fixed<'a>(sources: &'a Sources, problems: &'a [Problem]) -> Vec<Fixed<'a>> {
    let mut taken: Vec<&Edit> = Vec::new();
    for fix in problems.iter().filter_map(Problem::fix) {
        let free = |it: &Edit| taken.iter().all(|other| !touch(other.at, it.at));
        if fix.edits.iter().all(free) {
            taken.extend(fix.edits);
        }
    }
    taken.sort_by_key(|it| it.at);
    let each = sources.iter().filter_map(|source| {
        let all = source.span(0..source.text.len());
        let edits: Vec<&Edit> = taken.iter().copied().filter(|it| all.to(it.at) == all).collect();
        let mut text = source.text.to_string();
        for edit in edits.iter().rev() {
            text.replace_range(source.range(edit.at), &edit.text);
        }
        (!edits.is_empty()).then_some(Fixed { source, text, edits })
    });
    each.collect()
}

/// Whether two places have something in common, or nothing between them.
fn touch(one: Span, other: Span) -> bool {
    one.start <= other.end && other.start <= one.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::{CheckProblem, Help};

    #[test]
    fn corrections_are_made_whole_and_once() {
        let mut sources = Sources::default();
        let id = sources.add("a", "Usr, Usr, Post").unwrap();
        let problem = |range, edits: &[(std::ops::Range<usize>, &str)]| {
            let at = sources.get(id).span(range);
            let edits = edits.iter().map(|(range, text)| Edit {
                at: sources.get(id).span(range.clone()),
                text: (*text).to_owned(),
            });
            let help = Help { text: "why".into(), edits: edits.collect() };
            Problem::from(CheckProblem::UnknownModel { name: "Usr".into(), at, help: Some(help) })
        };
        let problems = [
            problem(5..8, &[(5..8, "User")]),
            problem(0..3, &[(0..3, "User"), (10..14, "Bill")]),
            problem(0..3, &[(0..3, "Other")]),
            problem(5..8, &[(5..8, "User")]),
        ];
        let fixed = fixed(&sources, &problems);
        let texts: Vec<_> = fixed.iter().map(|it| (it.text.as_str(), it.edits.len())).collect();
        assert_eq!(texts, [("User, User, Bill", 3)]);
    }
}

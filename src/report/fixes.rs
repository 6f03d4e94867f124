//! Corrections, carried out on the texts: what `relata check --fix` writes, and an editor applies.

use crate::diagnostics::{Edit, Problem};
use crate::source::{Source, Sources};
use std::collections::BTreeMap;

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
    // by where they begin, then in the order of their correction
    let mut taken: BTreeMap<(u32, usize), &Edit> = BTreeMap::new();
    for fix in problems.iter().filter_map(Problem::fix) {
        let free = |it: &Edit| {
            let before = taken.range(..=(it.at.end, usize::MAX)).next_back();
            before.is_none_or(|(_, other)| other.at.end < it.at.start)
        };
        if fix.edits.iter().all(free) {
            for edit in fix.edits {
                taken.insert((edit.at.start, taken.len()), edit);
            }
        }
    }
    let each = sources.iter().filter_map(|source| {
        let all = source.span(0..source.text.len());
        let within = taken.range((all.start, 0)..=(all.end, usize::MAX)).map(|it| *it.1);
        let edits: Vec<&Edit> = within.filter(|it| all.to(it.at) == all).collect();
        (!edits.is_empty()).then(|| Fixed { source, text: corrected(source, &edits), edits })
    });
    each.collect()
}

/// A source with its edits, in order. New lines end as its first one does.
fn corrected(source: &Source, edits: &[&Edit]) -> String {
    let end = source.text.find('\n').and_then(|it| source.text.get(..it));
    let is_crlf = end.is_some_and(|it| it.ends_with('\r'));
    let (mut text, mut at) = (String::with_capacity(source.text.len()), 0);
    for edit in edits {
        let range = source.range(edit.at);
        text.push_str(source.text.get(at..range.start).unwrap_or_default());
        if is_crlf {
            text.push_str(&edit.text.replace("\r\n", "\n").replace('\n', "\r\n"));
        } else {
            text.push_str(&edit.text);
        }
        at = range.end;
    }
    text.push_str(source.text.get(at..).unwrap_or_default());
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::{CheckProblem, Help};
    use crate::source::Span;

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

    #[test]
    fn lines_end_as_they_do_in_their_text() {
        let mut sources = Sources::default();
        let id = sources.add("a", "sync\r\nUsr {}\r\n").unwrap();
        let at = sources.get(id).span(6..12);
        let edits = vec![
            Edit { at: Span::new(at.start, at.start), text: "// b\n".to_owned() },
            Edit { at, text: "model User {\r\n  a: TEXT\n}".to_owned() },
        ];
        let help = Some(Help { text: "why".into(), edits });
        let problems = [CheckProblem::UnknownModel { name: "Usr".into(), at, help }.into()];
        let fixed = fixed(&sources, &problems);
        assert_eq!(fixed[0].text, "sync\r\n// b\r\nmodel User {\r\n  a: TEXT\r\n}\r\n");
    }
}

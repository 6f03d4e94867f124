//! What is taken out of a script that was made elsewhere, and the comment that says why.
//!
//! Invariant: a text is gone over once, however much is taken out; what lies in something that goes goes with it.

use super::commented;
use crate::ast::{OptionList, OptionPair};
use crate::source::{Source, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What is taken out of a script, and the comment that says why.
#[derive(Debug)]
pub(super) struct Removal {
    cut: Cut,
    /// Where the comment belongs: in that place, or above the attribute that it was said of.
    at: usize,
    comment: String,
}

/// What goes.
#[derive(Debug)]
enum Cut {
    /// A sentence, or a member of one.
    Whole(Range<usize>),
    /// A text, for which another one comes.
    Replaced(Range<usize>, String),
    /// One of the options in these brackets.
    Option { list: Range<usize>, items: Vec<Range<usize>>, at: usize },
}

impl Removal {
    /// A sentence, or a member of one.
    pub(super) fn whole(text: &str, place: Range<usize>, why: &str) -> Self {
        let original = text.get(place.clone()).unwrap_or_default();
        let comment = format!("\n{}\n", commented(why, original).trim_end());
        Self { at: place.start, cut: Cut::Whole(place), comment }
    }

    /// Something within an attribute, for which another text comes.
    pub(super) fn replaced(
        source: &Source,
        attribute: Span,
        place: Span,
        by: String,
        why: &str,
    ) -> Self {
        let place = source.range(place);
        let original = source.text.get(place.clone()).unwrap_or_default();
        let comment = format!("\n{}", commented(why, original));
        Self { at: source.range(attribute).start, cut: Cut::Replaced(place, by), comment }
    }

    /// An option of an attribute, with its comma.
    pub(super) fn option(
        source: &Source,
        attribute: Span,
        options: &OptionList,
        at: usize,
        why: &str,
    ) -> Self {
        let range = |it: &OptionPair| source.range(it.span());
        let items: Vec<_> = options.items.iter().map(range).collect();
        let original = items.get(at).and_then(|it| source.text.get(it.clone()));
        let comment = format!("\n{}", commented(why, original.unwrap_or_default()));
        let cut = Cut::Option { list: source.range(options.span), items, at };
        Self { at: source.range(attribute).start, cut, comment }
    }
}

/// A list of options, and those of it that go.
#[derive(Debug)]
struct ShortenedList {
    list: Range<usize>,
    items: Vec<Range<usize>>,
    gone: BTreeSet<usize>,
}

/// A text without these.
pub(super) fn without(text: &str, removals: Vec<Removal>) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut lists: BTreeMap<usize, ShortenedList> = BTreeMap::new();
    for Removal { cut, at, comment } in removals {
        edits.push((at..at, comment));
        match cut {
            Cut::Whole(place) => edits.push((place, String::new())),
            Cut::Replaced(place, by) => edits.push((place, by)),
            Cut::Option { list, items, at } => {
                let shortened = lists.entry(list.start).or_insert_with(|| ShortenedList {
                    list,
                    items,
                    gone: BTreeSet::new(),
                });
                shortened.gone.insert(at);
            }
        }
    }
    for ShortenedList { list, items, gone } in lists.into_values() {
        let kept = items.into_iter().enumerate().filter(|it| !gone.contains(&it.0));
        let kept: Vec<_> = kept.filter_map(|it| text.get(it.1)).collect();
        let by = if kept.is_empty() { String::new() } else { format!("< {} >", kept.join(", ")) };
        edits.push((list, by));
    }
    edits.sort_by_key(|it| (it.0.start, it.0.end));
    let (mut res, mut at) = (String::with_capacity(text.len()), 0);
    for (place, by) in edits {
        if place.start < at {
            continue;
        }
        res.push_str(text.get(at..place.start).unwrap_or_default());
        res.push_str(&by);
        at = place.end;
    }
    res.push_str(text.get(at..).unwrap_or_default());
    res
}

#[cfg(test)]
mod tests {
    use super::{Removal, without};
    use crate::ast::Member;
    use crate::import::body;
    use crate::source::Sources;
    use crate::syntax;

    #[track_caller]
    fn check(gone: &[usize], expected: &str) {
        let text = "model A {\n  a: STRING < field: b, comment: c, unique >\n}";
        let mut sources = Sources::default();
        let id = sources.add("", text).unwrap();
        let source = sources.get(id);
        let script = syntax::parse(source).script;
        let member = script.sentences.first().and_then(|it| body(it).first());
        let Some(Member::Pair(pair)) = member else { panic!("an attribute") };
        let options = pair.options.as_ref().unwrap();
        let removal = |at: &usize| Removal::option(source, pair.span(), options, *at, "no");
        let made = without(text, gone.iter().map(removal).collect());
        let lines = made.lines().map(str::trim).filter(|it| !it.starts_with("//"));
        let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
        assert_eq!(words.join(" "), format!("model A {{ {expected} }}"));
        assert_eq!(made.matches("// no").count(), gone.len());
    }

    #[test]
    fn options_beside_one_another_go_with_their_commas() {
        check(&[0], "a: STRING < comment: c, unique >");
        check(&[1], "a: STRING < field: b, unique >");
        check(&[2], "a: STRING < field: b, comment: c >");
        check(&[0, 1], "a: STRING < unique >");
        check(&[1, 2], "a: STRING < field: b >");
        check(&[2, 0], "a: STRING < comment: c >");
        check(&[0, 1, 2], "a: STRING");
    }
}

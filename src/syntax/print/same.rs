//! Whether two texts mean the same: the same nodes of the grammar with the same words, and the same comments.

use super::super::grammar::{self, Rule};
use super::super::split::{Chunk, Split, split};
use super::super::{cores, on_threads};
use crate::source::Source;
use pest::iterators::Pair;

/// Whether `one` and `other`, which are parts of `source` or made of it, mean the same.
pub(super) fn texts(source: &Source, one: &str, other: &str) -> bool {
    one == other || {
        let [first, second] = [one, other].map(|text| all(source, text));
        first == second
    }
}

/// The nodes of a text, and its comments.
fn all<'t>(source: &Source, text: &'t str) -> (Vec<(Rule, &'t str)>, Vec<String>) {
    let source = source.scratch(text);
    let split = split(&source);
    let mut nodes = Vec::new();
    for piece in split.pieces {
        let text = text.get(piece.range).unwrap_or_default();
        if piece.problem.is_some() || !read(text, &mut nodes) {
            nodes.push((Rule::piece, text));
        }
    }
    let comments = split.comments.iter().map(|it| source.slice(it.span));
    let comments = comments.map(|it| it.replace("\r\n", "\n").trim_end().to_owned());
    (nodes, comments.collect())
}

/// Whether two texts mean the same sentence by sentence, and have the same comments within and between them: a quick look, since a sentence that is
/// written alike in both isn't read.
pub(super) fn by_sentence(source: &Source, one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(|text| source.scratch(text));
    let (first, second) = (split(&one), split(&other));
    let comments = |source: &Source, split: &Split| -> Vec<(usize, bool, String)> {
        let each = split.comments.iter().map(|it| {
            let range = source.range(it.span);
            let behind = split.pieces.partition_point(|piece| piece.range.start <= range.start);
            let before = behind.checked_sub(1).and_then(|last| split.pieces.get(last));
            let within = before.is_some_and(|piece| range.start < piece.range.end);
            let text = source.slice(it.span).replace("\r\n", "\n").trim_end().to_owned();
            (behind, within, text)
        });
        each.collect()
    };
    let alike = |(one_piece, other_piece): (&Chunk, &Chunk)| {
        let text = one.text.get(one_piece.range.clone()).unwrap_or_default();
        let printed = other.text.get(other_piece.range.clone()).unwrap_or_default();
        one_piece.problem.is_none()
            && other_piece.problem.is_none()
            && (text == printed || shape(text).is_some_and(|it| Some(it) == shape(printed)))
    };
    first.pieces.len() == second.pieces.len()
        && comments(&one, &first) == comments(&other, &second)
        && {
            let pairs: Vec<_> = first.pieces.iter().zip(&second.pieces).collect();
            let share = pairs.len().div_ceil(cores(source.text.len())).max(1);
            let shares: Vec<_> = pairs.chunks(share).collect();
            let alike = |some: &[(&Chunk, &Chunk)]| some.iter().copied().all(alike);
            on_threads(&shares, alike).into_iter().all(|it| it)
        }
}

/// The nodes of a sentence; none where it is no sentence.
fn shape(text: &str) -> Option<Vec<(Rule, &str)>> {
    let mut shape = Vec::new();
    read(text, &mut shape).then_some(shape)
}

/// Appends the nodes of a sentence; whether it is one.
fn read<'t>(text: &'t str, shape: &mut Vec<(Rule, &'t str)>) -> bool {
    grammar::parse(text, |nodes| {
        nodes.map(|all| all.for_each(|it| add(text, it, false, shape))).is_ok()
    })
}

/// Appends a node of `text` and what it is made of.
fn add<'t>(text: &'t str, node: Pair<'_, Rule>, assigned: bool, shape: &mut Vec<(Rule, &'t str)>) {
    let rule = node.as_rule();
    let leaf = matches!(
        rule,
        Rule::name
            | Rule::step
            | Rule::index
            | Rule::key
            | Rule::number
            | Rule::string
            | Rule::raw
            | Rule::operator
            | Rule::constant
            | Rule::quantifier
    );
    let span = node.as_span();
    let own = if leaf { text.get(span.start()..span.end()).unwrap_or_default() } else { "" };
    shape.push((rule, own));
    let (mut words, mut end) = (0, 0);
    for inner in node.into_inner() {
        let (start, rule_inside) = (inner.as_span().start(), inner.as_rule());
        if rule == Rule::sentence && rule_inside == Rule::group && words > usize::from(!assigned) {
            // `print now()` and `print now ()` differ
            shape.push((rule, if start == end { "together" } else { "apart" }));
        }
        words += usize::from(rule_inside == Rule::name);
        end = inner.as_span().end();
        add(text, inner, rule == Rule::sentence, shape);
    }
    shape.push((rule, ")"));
}

//! Whether two texts mean the same: the same nodes of the grammar with the same words, and the same comments.

use super::super::grammar::{self, Rule};
use super::super::split::split;
use crate::source::Source;
use pest::iterators::Pair;

/// Whether `one` and `other`, which are parts of `source` or made of it, mean the same.
pub(super) fn texts(source: &Source, one: &str, other: &str) -> bool {
    one == other || {
        let read = |text: &str| {
            let source = Source { text: text.into(), base: 0, ..source.clone() };
            let split = split(&source);
            let mut shape = Vec::new();
            for piece in split.pieces {
                let text = source.text.get(piece.range).unwrap_or_default();
                let mut read = |text| {
                    grammar::parse(text, |nodes| {
                        nodes.map(|all| all.for_each(|it| add(it, false, &mut shape))).is_ok()
                    })
                };
                if piece.problem.is_some() || !read(text) {
                    shape.push((Rule::piece, text.to_owned()));
                }
            }
            let comments = split.comments.iter().map(|it| source.slice(it.span));
            let comments = comments.map(|it| it.replace("\r\n", "\n").trim_end().to_owned());
            (shape, comments.collect::<Vec<_>>())
        };
        read(one) == read(other)
    }
}

/// Appends a node and what it is made of.
fn add(node: Pair<'_, Rule>, assigned: bool, shape: &mut Vec<(Rule, String)>) {
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
    let text = if leaf { node.as_str() } else { "" };
    shape.push((rule, text.to_owned()));
    let (mut words, mut end) = (0, 0);
    for inner in node.into_inner() {
        let (start, rule_inside) = (inner.as_span().start(), inner.as_rule());
        if rule == Rule::sentence && rule_inside == Rule::group && words > usize::from(!assigned) {
            // `print now()` and `print now ()` differ
            shape.push((rule, (start == end).to_string()));
        }
        words += usize::from(rule_inside == Rule::name);
        end = inner.as_span().end();
        add(inner, rule == Rule::sentence, shape);
    }
    shape.push((rule, ")".to_owned()));
}

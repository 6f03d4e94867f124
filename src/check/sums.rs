//! Texts that are added up, as other languages join them.

use super::operands::wrong_operand;
use super::scope::{ExpressionScope, Sort};
use super::{Context, typing};
use crate::ast;
use crate::ast::{Operator, ValueKind, ValueNode};
use crate::diagnostics::{Edit, Help};
use crate::source::Span;

/// So many of what is added up are looked at.
const MOST: usize = 50;

/// Reports `"Ann: " + name + age`, where `||` is meant.
pub(super) fn joins_texts<'a>(
    context: &mut Context<'a>,
    binary: &'a ast::Binary,
    scope: &ExpressionScope,
) -> bool {
    if binary.operator != Operator::Add {
        return false;
    }
    let (mut first, mut rest) = (&binary.left, vec![(binary.operator_span, &binary.right)]);
    while let ValueKind::Binary(it) = &first.kind
        && it.operator == Operator::Add
        && rest.len() < MOST
    {
        rest.push((it.operator_span, &it.right));
        first = &it.left;
    }
    rest.reverse();
    let all: Vec<&'a ValueNode> =
        std::iter::once(first).chain(rest.iter().map(|it| it.1)).collect();
    let kinds = all.iter().map(|it| typing::kind_of(context, it, scope));
    let kinds: Vec<_> = kinds.collect();
    let is_text =
        |it: &Option<_>| matches!(it, Some(super::scope::ValueType { sort: Sort::Text, .. }));
    let Some(place) = kinds.iter().position(is_text) else { return false };
    let (Some(text), Some(Some(kind))) = (all.get(place), kinds.get(place)) else { return false };
    let help = joined(context, &all, &rest, place);
    wrong_operand(context, "`+` takes numbers".into(), text.span, kind.words(), Some(help));
    true
}

/// The same with `||`, which binds closer than all other signs: what stands before the first text stays a sum.
fn joined(
    context: &Context<'_>,
    all: &[&ValueNode],
    rest: &[(Span, &ValueNode)],
    text: usize,
) -> Help {
    let edit = |at: u32, text: &str| Edit { at: Span::new(at, at), text: text.to_owned() };
    let mut edits = Vec::new();
    let sum = if text > 1 { all.get(..text).unwrap_or_default() } else { &[] };
    if let [first, .., last] = sum {
        edits.extend([edit(first.span.start, "("), edit(last.span.end, ")")]);
    }
    for it in all.iter().skip(sum.len()) {
        if matches!(it.kind, ValueKind::Binary(_)) {
            edits.extend([edit(it.span.start, "("), edit(it.span.end, ")")]);
        }
    }
    let signs = rest.iter().skip(sum.len().saturating_sub(1));
    edits.extend(signs.map(|it| Edit { at: it.0, text: Operator::Concat.word().to_owned() }));
    edits.sort_by_key(|it| it.at.start);
    let whole = all.first().zip(all.last()).map(|(first, last)| first.span.to(last.span));
    let said = whole.map(|it| edited(context, it, &edits)).unwrap_or_default();
    Help { text: format!("texts are joined with `||`: `{said}`"), edits }
}

/// A part of a script as these edits, in order, leave it.
pub(super) fn edited(context: &Context<'_>, whole: Span, edits: &[Edit]) -> String {
    let (mut res, mut at) = (String::new(), whole.start);
    for it in edits {
        res.push_str(context.sources.slice(Span::new(at, it.at.start)));
        res.push_str(&it.text);
        at = it.at.end;
    }
    res + context.sources.slice(Span::new(at, whole.end))
}

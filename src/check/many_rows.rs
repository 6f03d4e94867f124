//! Paths that lead to many rows: through associations, or to what a variable holds.

use super::Context;
use super::bindings::{RowType, VariableType};
use super::expressions::Lowering;
use crate::ast;
use crate::ir::{AggregateFunction, AssociationId};
use crate::source::Span;

/// A path from a row, or from rows that a variable holds, which leads to many rows.
pub(super) struct PathToMany<'a> {
    /// The row's model.
    pub model: usize,
    /// What holds the row or the rows; none: the row at hand.
    pub held: Option<HeldPath<'a>>,
    pub first: &'a ast::Word,
    pub rest: &'a [ast::PathStep],
}

/// The part of a path that leads to what a variable holds.
pub(super) struct HeldPath<'a> {
    pub head: &'a ast::Word,
    pub steps: &'a [ast::PathStep],
    pub known: RowType,
    /// Whether it is several rows.
    pub many: bool,
}

/// The path to many rows that a value is.
pub(super) fn path_of<'a>(
    lowering: &Lowering<'_, 'a>,
    value: &'a ast::ValueNode,
) -> Option<PathToMany<'a>> {
    match &value.kind {
        ast::ValueKind::Name(word) => path_to_many(lowering, word, &[]),
        ast::ValueKind::Path(path) => path_to_many(lowering, &path.head, &path.tail),
        _ => None,
    }
}

/// What a path is, if one of its associations leads to many rows, or a variable in it holds them.
pub(super) fn path_to_many<'a>(
    lowering: &Lowering<'_, 'a>,
    head: &'a ast::Word,
    tail: &'a [ast::PathStep],
) -> Option<PathToMany<'a>> {
    let context = &*lowering.context;
    if let Some(model) = lowering.scope.model {
        if super::attribute_named(context, model, &head.text).is_some() {
            return None;
        }
        if context.association_named(model, &head.text).is_some() {
            let path = PathToMany { model, held: None, first: head, rest: tail };
            return leads_to_many(context, &path).then_some(path);
        }
    }
    let (from, rest) = held_path(context, head, tail)?;
    let (ast::PathStep::Name(first), rest) = rest.split_first()? else {
        return None;
    };
    let (model, many) = (from.known.model, from.many);
    let own = !many && from.known.names.contains(&first.text);
    let path = PathToMany { model, held: Some(from), first, rest };
    (!own && (many || leads_to_many(context, &path))).then_some(path)
}

/// The row or the rows to which the beginning of a path from a variable leads, and what follows.
pub(super) fn held_path<'a>(
    context: &Context<'_>,
    head: &'a ast::Word,
    tail: &'a [ast::PathStep],
) -> Option<(HeldPath<'a>, &'a [ast::PathStep])> {
    let mut holds = context.variable_type(&head.text)?;
    let mut place = 0;
    loop {
        holds = match (tail.get(place), tail.get(place + 1), holds) {
            (Some(ast::PathStep::Index(..)), _, VariableType::Rows(known)) => {
                VariableType::Row(known)
            }
            // One of the rows of an association.
            (
                Some(ast::PathStep::Name(word)),
                Some(ast::PathStep::Index(..)),
                VariableType::Row(known),
            ) if let Some(id) = context.association_named(known.model, &word.text) => {
                let target = context.schema.associations.get(id.0 as usize)?.target;
                VariableType::Rows(RowType::whole(target.0 as usize))
            }
            (_, _, holds) => {
                let many = matches!(holds, VariableType::Rows(_));
                let (VariableType::Row(known) | VariableType::Rows(known)) = holds else {
                    return None;
                };
                let (steps, rest) = tail.split_at_checked(place)?;
                return Some((HeldPath { head, steps, known, many }, rest));
            }
        };
        place += 1;
    }
}

/// Whether one of a path's associations leads to many rows.
fn leads_to_many(context: &Context<'_>, path: &PathToMany<'_>) -> bool {
    !associations_to_many(context, path).is_empty()
}

/// A path's associations, as far as the last that leads to many rows.
pub(super) fn associations_to_many(
    context: &Context<'_>,
    path: &PathToMany<'_>,
) -> Vec<AssociationId> {
    let (mut model, mut word, mut rest) = (path.model, path.first, path.rest);
    let (mut all, mut many) = (Vec::new(), 0);
    while super::attribute_named(context, model, &word.text).is_none()
        && let Some(id) = context.association_named(model, &word.text)
        && let Some(found) = context.schema.associations.get(id.0 as usize)
    {
        all.push(id);
        if found.is_to_many() {
            many = all.len();
        }
        model = found.target.0 as usize;
        let Some((ast::PathStep::Name(next), more)) = rest.split_first() else {
            break;
        };
        (word, rest) = (next, more);
    }
    all.truncate(many);
    all
}

/// The paths to many rows in an expression, those of aggregates in it left out.
pub(super) fn paths_within<'a>(
    lowering: &Lowering<'_, 'a>,
    value: &'a ast::ValueNode,
    found: &mut Vec<(PathToMany<'a>, Span)>,
) {
    let mut rest = vec![value];
    while let Some(it) = rest.pop() {
        let is_aggregate = matches!(
            &it.kind,
            ast::ValueKind::Call(call)
                if AggregateFunction::named(&call.name.text).is_some() && call.arguments.len() == 1
        );
        if let Some(path) = path_of(lowering, it) {
            found.push((path, it.span));
        } else if !is_aggregate {
            rest.extend(it.parts().into_iter().rev());
        }
    }
}

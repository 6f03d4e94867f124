//! How large a view becomes where the views that it reads are put into it, as a database does: one that uses each attribute of the
//! one below twice doubles with every step.

use super::Context;
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{Expression, Query};
use smol_str::SmolStr;
use std::collections::HashMap;

/// So many parts may the expressions of a view have, all put in. A database takes some hundredths of a second for them.
const LARGEST: u64 = 50_000;

/// How many parts a view's expressions have.
#[derive(Debug, Clone, Default)]
pub(super) struct ViewSize {
    /// Those of each attribute.
    attributes: HashMap<SmolStr, u64>,
    /// Those of its conditions and its order, and of the views below.
    rest: u64,
}

/// Weighs a view over `model` that is about to stand behind the other models, and reports it where it is too heavy.
pub(super) fn check_view_size(
    context: &mut Context<'_>,
    name: &ast::Word,
    model: usize,
    query: &Query,
) {
    let below = context.weights.get(&model);
    let of = context.model(model);
    let own = |name: &SmolStr| below.and_then(|it| it.attributes.get(name)).copied();
    let of_one = |expression: &Expression| {
        let mut sum: u64 = 0;
        expression.visit(&mut |part| {
            let put_in = match part {
                Expression::Attribute(id) => own(&of.attribute(*id).name),
                _ => None,
            };
            sum = sum.saturating_add(put_in.unwrap_or(1));
        });
        sum
    };
    let attributes: HashMap<SmolStr, u64> = match &query.attributes {
        Some(all) => (all.iter()).map(|it| (it.name.clone(), of_one(&it.expression))).collect(),
        None => {
            (of.attributes.iter()).map(|it| (it.name.clone(), own(&it.name).unwrap_or(1))).collect()
        }
    };
    let others = (query.filter.iter())
        .chain(&query.group)
        .chain(&query.having)
        .chain(query.order.iter().map(|it| &it.expression));
    let add = |sum: u64, it: u64| sum.saturating_add(it);
    let rest = below.map_or(0, |it| it.rest);
    let rest = others.map(of_one).fold(rest, add);
    let whole = attributes.values().copied().fold(rest, add);
    if whole <= LARGEST {
        let weight = ViewSize { attributes, rest };
        context.weights.insert(context.drafts.len(), weight);
        return;
    }
    // Those above have this one's mistake, and none of their own.
    context.report(CheckProblem::ViewTooLarge {
        view: name.text.to_string(),
        most: LARGEST,
        at: name.span,
    });
}

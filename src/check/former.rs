//! What `was` says of models and attributes: one thing has become one other.

use super::Context;
use crate::diagnostics::CheckProblem;
use crate::source::Span;
use crate::words;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Who has been what, so far: names of tables, or of the columns of one, as a database tells them apart.
pub(super) type FormerOwners = HashMap<SmolStr, (SmolStr, Span)>;

/// No two attributes of a model that were the same one, and no two models.
pub(super) fn check(context: &mut Context<'_>, model: usize, tables: &mut FormerOwners) {
    let model = context.model(model);
    let mut problems = Vec::new();
    if let Some(was) = model.was() {
        problems.extend(noted(tables, was, (&model.name, model.span), false));
    }
    let mut columns = FormerOwners::new();
    for (_, it) in model.columns() {
        if let Some(was) = it.was() {
            problems.extend(noted(&mut columns, was, (&it.name, it.span), model.underscored));
        }
    }
    for it in problems {
        context.report(it);
    }
}

/// Notes who has been called so; what is wrong where another has, too.
fn noted(
    all: &mut FormerOwners,
    was: &SmolStr,
    (name, span): (&SmolStr, Span),
    underscored: bool,
) -> Option<CheckProblem> {
    let column = if underscored { words::underscore(was) } else { was.clone() };
    match all.entry(column.to_ascii_lowercase().into()) {
        Entry::Occupied(first) => {
            let (one, first) = first.get().clone();
            let (was, one, two) = (was.to_string(), one.to_string(), name.to_string());
            Some(CheckProblem::SameFormer { was, one, two, first, again: span })
        }
        Entry::Vacant(free) => {
            free.insert((name.clone(), span));
            None
        }
    }
}

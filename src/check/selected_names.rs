//! Names that a query gives to its aggregates, where `order` and `having` use them and an attribute is called the same: `sum(amount) as amount`.
//!
//! Of rows that are put together a bare attribute has no one value: any of theirs would be taken.

use super::Context;
use crate::ir::{AttributeId, Expression, Query};
use smol_str::SmolStr;

/// Puts the aggregate in the place of the attribute of its name.
pub(super) fn mean_aggregates(context: &Context<'_>, model: usize, query: &mut Query) {
    let grouped = |id: AttributeId| query.group.contains(&Expression::Attribute(id));
    let selected = query.attributes.iter().flatten().filter(|it| it.expression.aggregates());
    let named: Vec<(AttributeId, SmolStr)> = selected
        .filter_map(|it| Some((super::attribute_named(context, model, &it.name)?, it.name.clone())))
        .filter(|(id, _)| !grouped(*id))
        .collect();
    if named.is_empty() {
        return;
    }
    let orders = query.order.iter_mut().map(|it| &mut it.expression);
    let mut rest: Vec<&mut Expression> = orders.chain(&mut query.having).collect();
    while let Some(it) = rest.pop() {
        if let Expression::Attribute(id) = it {
            if let Some((_, name)) = named.iter().find(|named| named.0 == *id) {
                *it = Expression::Alias(name.clone());
            }
            continue;
        }
        // What an aggregate is of are the rows' own values.
        let is_aggregate = match it {
            Expression::Call { name, arguments, .. } => {
                Expression::is_aggregate(name, arguments.len())
            }
            _ => false,
        };
        if !is_aggregate {
            rest.extend(it.parts_mut());
        }
    }
}

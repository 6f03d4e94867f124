//! The order in which a foreign key names columns, beside that of the unique key to which it refers.

use crate::ir::{AttributeId, Expression, ForeignKey, Model};

/// A foreign key's attributes, and those to which they refer, in the order of a unique key; none where a unique key begins with
/// these as they stand, or none has them all.
pub(super) fn key_order(
    (model, key): (&Model, &ForeignKey),
    parent: &Model,
    referenced: &[AttributeId],
) -> Option<(Vec<String>, Vec<String>)> {
    let unique = parent.indexes.iter().filter(|it| it.unique && it.filter.is_none());
    let members = unique.filter_map(|index| {
        let each = index.members.iter().map(|it| match it.expression {
            Expression::Attribute(id) => Some(id),
            _ => None,
        });
        each.collect::<Option<Vec<_>>>()
    });
    let keys: Vec<_> = members.chain([parent.primary_key.to_vec()]).collect();
    if keys.iter().any(|it| it.starts_with(referenced)) {
        return None;
    }
    let same = |it: &Vec<AttributeId>| {
        it.len() == referenced.len() && referenced.iter().all(|id| it.contains(id))
    };
    let order = keys.into_iter().find(same)?;
    let own = order.iter().map(|to| {
        let place = referenced.iter().position(|it| it == to)?;
        Some(model.attribute(*key.attributes.get(place)?).name.to_string())
    });
    let referenced = order.iter().map(|it| parent.attribute(*it).name.to_string());
    Some((own.collect::<Option<_>>()?, referenced.collect()))
}

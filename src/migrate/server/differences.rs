//! What is to be done to a table for what differs.

use crate::catalog::{Difference, IndexOrigin, KeyRespect, Respect, Table};
use crate::migrate::alteration::TableChanges;

/// Whether it is about an index that no constraint makes.
pub(in crate::migrate) fn is_of_created_index(
    difference: Difference,
    current: &Table,
    desired: &Table,
) -> bool {
    let created = |table: &Table, at: usize| {
        table.indexes.get(at).is_some_and(|it| it.origin == IndexOrigin::Created)
    };
    match difference {
        Difference::Index { .. } => true,
        Difference::AddIndex { desired: to } => created(desired, to),
        Difference::DropIndex { current: at } => created(current, at),
        _ => false,
    }
}

/// Whether it is about a foreign key.
pub(in crate::migrate) const fn is_of_key(difference: Difference) -> bool {
    matches!(
        difference,
        Difference::AddKey { .. } | Difference::DropKey { .. } | Difference::Key { .. }
    )
}

/// What is to be done for these differences.
pub(in crate::migrate) fn changes(
    current: &Table,
    desired: &Table,
    found: &[Difference],
) -> TableChanges {
    let mut res = TableChanges { text: Some(desired.sql.clone()), ..TableChanges::default() };
    for difference in found {
        match *difference {
            Difference::AddColumn { desired: to } => res.added.push(to),
            Difference::DropColumn { current: at } => {
                res.dropped.extend(current.columns.get(at).map(|it| it.name.clone()));
            }
            Difference::Column { current: at, desired: to, what } => match what {
                Respect::Type | Respect::Collation => {
                    if !res.converted.contains(&to) {
                        res.converted.push(to);
                    }
                }
                Respect::Null => {
                    let tightens = desired.columns.get(to).is_some_and(|it| it.not_null);
                    res.tightened.extend(tightens.then_some(to));
                }
                Respect::Default => {
                    res.defaults.extend(current.columns.get(at).map(|it| it.name.clone()));
                }
                Respect::Generated | Respect::Other => {}
            },
            Difference::AddCheck { desired: to } => {
                res.checks.extend(desired.checks.get(to).cloned());
            }
            Difference::DropCheck { current: at } => {
                res.unchecked.extend(current.checks.get(at).cloned());
            }
            Difference::AddKey { desired: to }
            | Difference::Key { desired: to, what: KeyRespect::Rules, .. } => {
                res.keys.extend(desired.keys.get(to).cloned());
            }
            Difference::PrimaryKey => res.rekeyed = true,
            Difference::DropIndex { current: at } => {
                res.unkeyed |= current.indexes.get(at).is_some_and(|it| it.unique);
            }
            Difference::Identity
            | Difference::AddIndex { .. }
            | Difference::Index { .. }
            | Difference::RenameCheck { .. }
            | Difference::DropKey { .. }
            | Difference::Key { .. }
            | Difference::Options
            | Difference::AddOther { .. }
            | Difference::DropOther { .. } => {}
        }
    }
    // Values that can't be as they are: a generated column gets others.
    res.rebuild = !res.converted.is_empty();
    // What its own rows have to hold is told of its differences.
    res.differences = found.to_vec();
    res
}

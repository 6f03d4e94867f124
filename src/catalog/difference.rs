//! In what a table differs from the one that is desired.

use super::{
    CheckConstraint, Column, ForeignKeyConstraint, IndexOrigin, Name, Table, TableIndex,
    same_checks,
};
use crate::words::{folded, same_name};

/// In what a table, `current`, differs from a `desired` one: by the places of what it is about in either.
///
/// The order of columns is no difference, and neither is a unique index in place of a constraint.
#[cfg_attr(
    feature = "machinery",
    expect(
        missing_docs,
        reason = "`current` and `desired` are places in the tables that are called so"
    )
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Difference {
    /// The primary key has other columns, or another order of them.
    PrimaryKey,
    /// Whether the key counts on.
    Identity,
    /// A column is missing.
    AddColumn { desired: usize },
    /// A column is not desired.
    DropColumn { current: usize },
    /// A column is another in one respect.
    Column { current: usize, desired: usize, what: Respect },
    /// An index or a unique key is missing.
    AddIndex { desired: usize },
    /// An index or a unique key is not desired.
    DropIndex { current: usize },
    /// The index of that name is another.
    Index { current: usize, desired: usize },
    /// A check is missing. One at a column that is missing comes with it.
    AddCheck { desired: usize },
    /// A check is not desired. One at a column that isn't goes with it.
    DropCheck { current: usize },
    /// A check has another name.
    RenameCheck { current: usize, desired: usize },
    /// A foreign key is missing; another one that does the same may be there.
    AddKey { desired: usize },
    /// A foreign key is not desired; another one that does the same may be.
    DropKey { current: usize },
    /// A foreign key of these columns to that table is another in one respect.
    Key { current: usize, desired: usize, what: KeyRespect },
    /// What the table is as a whole.
    Options,
    /// A clause that has no other place is missing.
    AddOther { desired: usize },
    /// A clause that has no other place is not desired.
    DropOther { current: usize },
}

/// In what respect a column is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Respect {
    /// Its type.
    Type,
    /// Whether it may be null.
    Null,
    /// Its default.
    Default,
    /// How its values are compared.
    Collation,
    /// What it is computed from.
    Generated,
    /// Clauses that have no other place.
    Other,
}

/// In what respect a foreign key is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyRespect {
    /// What it refers to, what it does, or when.
    Rules,
    /// Its name alone.
    Name,
    /// What it says beside all that, which changes nothing of what it does.
    Wording,
}

/// In what a table differs from the one that is desired, in one order: the primary key, columns, those that are missing, those that go,
/// indexes, checks, foreign keys, what it is as a whole.
///
/// ```
/// use relata::catalog::{Column, Difference, Table, differences};
/// let table = |column: &str| Table {
///     columns: vec![Column { name: column.to_owned(), ..Column::default() }],
///     ..Table::default()
/// };
/// let found = differences(&table("a"), &table("b"));
/// assert_eq!(found, [Difference::AddColumn { desired: 0 }, Difference::DropColumn { current: 0 }]);
/// assert_eq!(differences(&table("a"), &table("A")), []);
/// ```
pub fn differences(current: &Table, desired: &Table) -> Vec<Difference> {
    let mut found = Vec::new();
    let key = |it: &Table| -> Vec<Name> { it.primary_key().into_iter().map(Name::from).collect() };
    if key(current) != key(desired) {
        found.push(Difference::PrimaryKey);
    }
    columns(current, desired, &mut found);
    indexes(current, desired, &mut found);
    checks(current, desired, &mut found);
    keys(current, desired, &mut found);
    if current.identity != desired.identity {
        found.push(Difference::Identity);
    }
    if current.options != desired.options {
        found.push(Difference::Options);
    }
    others(current, desired, &mut found);
    found
}

fn columns(current: &Table, desired: &Table, found: &mut Vec<Difference>) {
    let mut missing = Vec::new();
    for (to, column) in desired.columns.iter().enumerate() {
        let at = current.place(&column.name);
        let Some((at, other)) = at.and_then(|it| Some((it, current.columns.get(it)?))) else {
            missing.push(Difference::AddColumn { desired: to });
            continue;
        };
        let each = respects(other, column).into_iter();
        found.extend(each.map(|what| Difference::Column { current: at, desired: to, what }));
    }
    found.append(&mut missing);
    for (at, column) in current.columns.iter().enumerate() {
        if desired.place(&column.name).is_none() {
            found.push(Difference::DropColumn { current: at });
        }
    }
}

/// In which respects two columns differ.
fn respects(current: &Column, desired: &Column) -> Vec<Respect> {
    // That is how columns are compared that say nothing.
    let collation = |column: &'_ Column| column.collation.clone().filter(|it| *it != *"binary");
    let all = [
        (Respect::Type, current.data_type != desired.data_type),
        (Respect::Null, current.not_null != desired.not_null),
        (Respect::Default, current.default != desired.default),
        (Respect::Collation, collation(current) != collation(desired)),
        (Respect::Generated, current.generated != desired.generated),
        (Respect::Other, current.others != desired.others),
    ];
    all.into_iter().filter(|it| it.1).map(|it| it.0).collect()
}

fn indexes(current: &Table, desired: &Table, found: &mut Vec<Difference>) {
    let origin = |table: &Table, origin: IndexOrigin| -> Vec<usize> {
        let all = table.indexes.iter().enumerate();
        all.filter(|it| it.1.origin == origin).map(|it| it.0).collect()
    };
    let there = |at: usize| current.indexes.get(at);
    let wanted = |to: usize| desired.indexes.get(to);
    let mut spare = origin(current, IndexOrigin::Unique);
    let mut created = origin(current, IndexOrigin::Created);
    let mut missing = Vec::new();
    let mut changed = Vec::new();
    // What is there by its name is that one.
    for to in origin(desired, IndexOrigin::Created) {
        let Some(index) = wanted(to) else { continue };
        let same = |at: &usize| there(*at).is_some_and(|it| same_name(&it.name, &index.name));
        match created.iter().position(same) {
            Some(place) => {
                let at = created.remove(place);
                if there(at).is_some_and(|it| !it.says(index)) {
                    changed.push(Difference::Index { current: at, desired: to });
                }
            }
            None => missing.push(to),
        }
    }
    // A unique key in the table's own text stands for one that is desired, by whatever name: each for one.
    let mut keys = origin(desired, IndexOrigin::Unique);
    keys.append(&mut missing);
    for to in keys {
        let Some(index) = wanted(to) else { continue };
        let is_plain = !index.members.iter().any(|it| it.descending);
        let columns = index.unique_key().filter(|_| is_plain);
        let same = |it: &TableIndex| columns.is_some() && it.unique_key() == columns;
        let stands = spare.iter().position(|at| there(*at).is_some_and(same));
        if let Some(place) = stands {
            spare.remove(place);
            continue;
        }
        let is_inline = index.origin == IndexOrigin::Unique;
        let is_key = columns.as_ref().is_some_and(|columns| {
            let key = current.primary_key();
            key.len() == columns.len() && key.iter().zip(columns).all(|(a, b)| same_name(a, b))
        });
        if !(is_inline && (is_key || current.indexes.iter().any(same))) {
            missing.push(to);
        }
    }
    found.extend(spare.into_iter().map(|current| Difference::DropIndex { current }));
    found.extend(created.into_iter().map(|current| Difference::DropIndex { current }));
    found.append(&mut changed);
    found.extend(missing.into_iter().map(|desired| Difference::AddIndex { desired }));
}

/// The checks of a table that stand at a column which the other one has, or at none; then the others.
fn check_places(table: &Table, other: &Table) -> (Vec<usize>, Vec<usize>) {
    let is_shared = |at: &usize| {
        let column = table.checks.get(*at).and_then(|it| table.columns.get(it.column?));
        column.is_none_or(|it| other.place(&it.name).is_some())
    };
    (0..table.checks.len()).partition(is_shared)
}

fn checks_at<'t>(table: &'t Table, places: &[usize]) -> Vec<&'t CheckConstraint> {
    places.iter().filter_map(|it| table.checks.get(*it)).collect()
}

fn checks(current: &Table, desired: &Table, found: &mut Vec<Difference>) {
    let (there, gone) = check_places(current, desired);
    let (wanted, new) = check_places(desired, current);
    let same = same_checks(&checks_at(current, &there), &checks_at(desired, &wanted));
    found.extend(gone.into_iter().map(|current| Difference::DropCheck { current }));
    for (at, pair) in there.iter().zip(&same) {
        let to = pair.and_then(|it| wanted.get(it));
        match to {
            None => found.push(Difference::DropCheck { current: *at }),
            Some(to) => {
                let name = |table: &Table, at: usize| table.checks.get(at)?.name.clone();
                if name(current, *at) != name(desired, *to) {
                    found.push(Difference::RenameCheck { current: *at, desired: *to });
                }
            }
        }
    }
    let missing = wanted.iter().enumerate().filter(|(at, _)| !same.contains(&Some(*at)));
    found.extend(missing.map(|(_, it)| Difference::AddCheck { desired: *it }));
    found.extend(new.into_iter().map(|desired| Difference::AddCheck { desired }));
}

impl ForeignKeyConstraint {
    /// Whether both are of the same columns and refer to the same table.
    fn links_as(&self, other: &Self) -> bool {
        let same = |(a, b): (&String, &String)| same_name(a, b);
        same_name(&self.table, &other.table)
            && self.columns.len() == other.columns.len()
            && self.columns.iter().zip(&other.columns).all(same)
    }

    /// Whether both do the same. One without columns refers to the primary key, which the other one names.
    pub fn does_as(&self, other: &Self) -> bool {
        let to = |key: &Self| -> Vec<Name> { key.to.iter().map(|it| it.as_str().into()).collect() };
        let is_late = |it: &Self| it.deferrable == Some(super::ConstraintTiming::Deferred);
        self.links_as(other)
            && (self.to.is_empty() || other.to.is_empty() || to(self) == to(other))
            && self.on_delete == other.on_delete
            && self.on_update == other.on_update
            && is_late(self) == is_late(other)
    }

    /// Whether its name is its number among the foreign keys of its table, which Relata gives one that the script doesn't name.
    pub fn has_number_for_name(&self, table: &str) -> bool {
        let own = format!("{}_ibfk_", folded(table));
        let number = self.name.as_ref().and_then(|it| it.strip_prefix(&own));
        number.is_some_and(|digits| digits.bytes().all(|it| it.is_ascii_digit()))
    }

    fn is_called_as(&self, other: &Self) -> bool {
        let name = |it: &Self| it.name.as_deref().map(Name::from);
        name(self) == name(other)
    }
}

/// Whether a foreign key has the name that the script gives it, if it gives one: a number of its table it gives by itself.
fn has_name_of(
    current: &ForeignKeyConstraint,
    desired: &ForeignKeyConstraint,
    table: &str,
) -> bool {
    match (&current.name, &desired.name) {
        (Some(is), Some(said)) => desired.has_number_for_name(table) || same_name(is, said),
        _ => true,
    }
}

impl Difference {
    /// Whether it is about a foreign key that does what another one does that is there, or is desired: a name that the script doesn't give
    /// is none of its matters, nor is how often a key is said.
    pub fn is_key_by_another_name(self, current: &Table, desired: &Table) -> bool {
        let same = |is: &ForeignKeyConstraint, said: &ForeignKeyConstraint| {
            said.does_as(is) && has_name_of(is, said, &desired.name)
        };
        let (is, said) = (|at: usize| current.keys.get(at), |to: usize| desired.keys.get(to));
        if let Self::Key { current: at, desired: to, what: KeyRespect::Name } = self {
            is(at).zip(said(to)).is_some_and(|(is, said)| same(is, said))
        } else if let Self::DropKey { current: at } = self {
            is(at).is_some_and(|is| desired.keys.iter().any(|said| same(is, said)))
        } else if let Self::AddKey { desired: to } = self {
            said(to).is_some_and(|said| current.keys.iter().any(|is| same(is, said)))
        } else {
            false
        }
    }
}

fn keys(current: &Table, desired: &Table, found: &mut Vec<Difference>) {
    type Fits = fn(&ForeignKeyConstraint, &ForeignKeyConstraint) -> bool;
    let fits: [Fits; 4] = [
        |a, b| a.does_as(b) && a.is_called_as(b),
        |a, b| a.does_as(b) && (a.name.is_none() || b.name.is_none()),
        ForeignKeyConstraint::does_as,
        ForeignKeyConstraint::links_as,
    ];
    let mut left: Vec<_> = desired.keys.iter().enumerate().collect();
    let mut pairs = vec![None; current.keys.len()];
    for fits in fits {
        for (key, pair) in current.keys.iter().zip(&mut pairs).filter(|it| it.1.is_none()) {
            let place = left.iter().position(|it| fits(key, it.1));
            *pair = place.map(|it| left.remove(it));
        }
    }
    for (at, (key, pair)) in current.keys.iter().zip(&pairs).enumerate() {
        let Some((to, other)) = pair else {
            found.push(Difference::DropKey { current: at });
            continue;
        };
        let wording = |it: &ForeignKeyConstraint| (it.deferrable, it.more.clone());
        let what = if !key.does_as(other) {
            KeyRespect::Rules
        } else if wording(key) != wording(other) {
            KeyRespect::Wording
        } else if key.is_called_as(other) {
            continue;
        } else {
            KeyRespect::Name
        };
        found.push(Difference::Key { current: at, desired: *to, what });
    }
    found.extend(left.into_iter().map(|(to, _)| Difference::AddKey { desired: to }));
}

fn others(current: &Table, desired: &Table, found: &mut Vec<Difference>) {
    for (at, other) in current.others.iter().enumerate() {
        if !desired.others.contains(other) {
            found.push(Difference::DropOther { current: at });
        }
    }
    for (to, other) in desired.others.iter().enumerate() {
        if !current.others.contains(other) {
            found.push(Difference::AddOther { desired: to });
        }
    }
}

//! In what a table differs from what the script says, as far as that is the script's matter, and in words of the table as it is.

use crate::catalog::{
    Column, ConstraintTiming, Difference, ForeignKeyConstraint, IndexOrigin, KeyRespect, Name,
    Respect, Table,
};
use crate::words::same_name;

/// In what a table differs from what the script says. How a statement words what it says is none of the script's matters, nor is the name of
/// a foreign key that it doesn't give.
pub(super) fn differences(current: &Table, desired: &Table) -> Vec<Difference> {
    let mut found = crate::catalog::differences(current, desired);
    found.retain(|it| matters(*it, current, desired));
    found
}

fn matters(difference: Difference, current: &Table, desired: &Table) -> bool {
    if difference.is_key_by_another_name(current, desired) {
        return false;
    }
    if let Difference::Column { current: at, desired: to, what: Respect::Null } = difference {
        // A key of the script says of itself whether it may be null.
        let (current, desired) = (current.columns.get(at), desired.columns.get(to));
        return current.zip(desired).is_some_and(|(current, desired)| {
            desired.primary_key == 0 || desired.not_null && current.primary_key == 0
        });
    }
    !matches!(
        difference,
        Difference::Column { what: Respect::Other, .. }
            | Difference::RenameCheck { .. }
            | Difference::Key { what: KeyRespect::Wording, .. }
            | Difference::AddOther { .. }
            | Difference::DropOther { .. }
    )
}

/// Whether it is about a column that the script doesn't have: where that stays, so does what stands at it.
pub(super) fn is_of_extra_column(difference: Difference, current: &Table, desired: &Table) -> bool {
    let is_extra = |column: &str| desired.column(column).is_none();
    if let Difference::DropCheck { current: at } = difference {
        let column = current.checks.get(at).and_then(|it| current.columns.get(it.column?));
        column.is_some_and(|it| is_extra(&it.name))
    } else if let Difference::DropIndex { current: at } = difference {
        let mut members = current.indexes.get(at).map_or(&[][..], |it| &it.members).iter();
        members.any(|it| it.column.as_deref().is_some_and(is_extra))
    } else if let Difference::DropKey { current: at } = difference {
        current.keys.get(at).is_some_and(|key| key.columns.iter().any(|it| is_extra(it)))
    } else {
        matches!(difference, Difference::DropColumn { .. })
    }
}

/// Whether a table, and the same as it once was, become what the script says by one and the same change.
pub(super) fn is_same_change([one, other]: [Difference; 2], [current, was]: [&Table; 2]) -> bool {
    match (one, other) {
        (
            Difference::Column { current: a, desired, what: Respect::Type },
            Difference::Column { current: b, desired: to, what: Respect::Type },
        ) => {
            let data_type =
                |table: &Table, at: usize| table.columns.get(at).map(|it| it.data_type.clone());
            desired == to && data_type(current, a) == data_type(was, b)
        }
        (
            Difference::Column { desired, what, .. },
            Difference::Column { desired: to, what: other, .. },
        ) => (desired, what) == (to, other),
        (Difference::DropColumn { current: a }, Difference::DropColumn { current: b }) => {
            let name =
                |table: &Table, at: usize| table.columns.get(at).map(|it| Name::from(&*it.name));
            name(current, a) == name(was, b)
        }
        (Difference::DropCheck { current: a }, Difference::DropCheck { current: b }) => {
            let check =
                |table: &Table, at: usize| table.checks.get(at).map(|it| it.condition.clone());
            check(current, a) == check(was, b)
        }
        (Difference::DropIndex { current: a }, Difference::DropIndex { current: b }) => {
            let (a, b) = (current.indexes.get(a), was.indexes.get(b));
            a.zip(b).is_some_and(|(a, b)| a.says(b))
        }
        (Difference::DropKey { current: a }, Difference::DropKey { current: b }) => {
            let (a, b) = (current.keys.get(a), was.keys.get(b));
            a.zip(b).is_some_and(|(a, b)| a.does_as(b))
        }
        (
            Difference::Key { current: a, desired, what },
            Difference::Key { current: b, desired: to, what: other },
        ) => {
            let (a, b) = (current.keys.get(a), was.keys.get(b));
            (desired, what) == (to, other) && a.zip(b).is_some_and(|(a, b)| a.does_as(b))
        }
        (one, other) => one == other,
    }
}

/// What there is to tell of a table that stays as it is: in what it differs, in words. Indexes that are missing come, and of others the
/// script says nothing, unless rows must differ in them.
pub(super) fn told(differences: &[Difference], current: &Table, desired: &Table) -> Vec<String> {
    let told = TablePair { current, desired };
    differences.iter().flat_map(|it| told.difference(*it)).flatten().collect()
}

struct TablePair<'t> {
    current: &'t Table,
    desired: &'t Table,
}

impl TablePair<'_> {
    fn difference(&self, difference: Difference) -> [Option<String>; 2] {
        let (current, desired) = (self.current, self.desired);
        let of = |column: Option<&Column>| column.map(|it| it.name.clone()).unwrap_or_default();
        let one = |text: String| [Some(text), None];
        match difference {
            Difference::PrimaryKey => one(self.primary_key()),
            Difference::Identity => {
                let not = if current.identity { "" } else { "not " };
                one(format!("its key is {not}AUTOINCREMENT"))
            }
            Difference::AddColumn { desired: to } => {
                one(format!("it has no column `{}`", of(desired.columns.get(to))))
            }
            Difference::DropColumn { current: at } => {
                one(format!("the script has no column `{}`", of(current.columns.get(at))))
            }
            Difference::Column { current: at, desired: to, what } => {
                let columns = current.columns.get(at).zip(desired.columns.get(to));
                [columns.map(|(current, desired)| column(current, desired, what)), None]
            }
            Difference::AddIndex { desired: to } => {
                let index = desired.indexes.get(to);
                let index = index.filter(|it| it.origin == IndexOrigin::Unique);
                let columns = index.and_then(crate::catalog::TableIndex::unique_key);
                [columns.map(|it| format!("it has no unique key of {}", listed(it))), None]
            }
            Difference::DropIndex { current: at } => {
                let columns = current.indexes.get(at).and_then(|index| {
                    let columns = index.unique_key()?;
                    let is_own = index.origin == IndexOrigin::Unique;
                    let mut desired = desired.indexes.iter();
                    let is_known = desired.any(|it| it.unique_key().as_ref() == Some(&columns));
                    (is_own || !is_known).then_some(columns)
                });
                [columns.map(|it| format!("it has {} unique", listed(it))), None]
            }
            Difference::Index { desired: to, .. } => {
                let index = desired.indexes.get(to);
                [index.map(|it| format!("the index `{}` is another one", it.name)), None]
            }
            Difference::AddCheck { desired: to } => {
                let check = desired.checks.get(to);
                [check.map(|it| format!("it has no check ({})", it.condition)), None]
            }
            Difference::DropCheck { current: at } => {
                let check = current.checks.get(at);
                [check.map(|it| format!("the script has no check ({})", it.condition)), None]
            }
            Difference::RenameCheck { .. }
            | Difference::AddOther { .. }
            | Difference::DropOther { .. } => [None, None],
            Difference::Key { desired: to, what: KeyRespect::Name, .. } => {
                let key = desired.keys.get(to);
                let name = |it: &ForeignKeyConstraint| it.name.clone().unwrap_or_default();
                let told =
                    |it| format!("its foreign key {} is not called `{}`", shown(it), name(it));
                [key.map(told), None]
            }
            Difference::Key { current: at, desired: to, .. } => {
                [self.lacks_key(to), self.has_key(at)]
            }
            Difference::AddKey { desired: to } => [self.lacks_key(to), None],
            Difference::DropKey { current: at } => [self.has_key(at), None],
            Difference::Options => self.options(),
        }
    }

    fn lacks_key(&self, to: usize) -> Option<String> {
        let key = self.desired.keys.get(to);
        key.map(|it| format!("it has no foreign key {}", shown(it)))
    }

    fn has_key(&self, at: usize) -> Option<String> {
        let key = self.current.keys.get(at);
        key.map(|it| format!("the script has no foreign key {}", shown(it)))
    }

    fn primary_key(&self) -> String {
        match self.current.primary_key().as_slice() {
            [] => "it has no primary key".to_owned(),
            columns => format!("its primary key is {}", listed(columns)),
        }
    }

    fn options(&self) -> [Option<String>; 2] {
        let (current, desired) = (self.current.options, self.desired.options);
        let strict = if current.strict { "it is strict" } else { "it is not strict" };
        let rowid = if current.without_rowid { "it has no rowid" } else { "it has a rowid" };
        [
            (current.strict != desired.strict).then(|| strict.to_owned()),
            (current.without_rowid != desired.without_rowid).then(|| rowid.to_owned()),
        ]
    }
}

/// The first of many differences, and how many more there are.
pub(super) fn first_few(mut all: Vec<String>) -> Vec<String> {
    const NAMED: usize = 3;
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    if more > 0 {
        all.push(format!("and {more} more"));
    }
    all
}

/// A column, as it is in one respect.
fn column(current: &Column, desired: &Column, what: Respect) -> String {
    let name = &current.name;
    match what {
        Respect::Type => {
            format!("`{name}` is {}, not {}", typed(&current.data_type), typed(&desired.data_type))
        }
        Respect::Null => {
            let not = if current.not_null { "not " } else { "" };
            format!("`{name}` may {not}be null")
        }
        Respect::Default => match &current.default {
            None => format!("`{name}` has no default"),
            Some(it) => format!("`{name}` has the default {it}"),
        },
        Respect::Collation => match &current.collation {
            None => format!("`{name}` is compared as BINARY"),
            Some(it) => format!("`{name}` is compared as {it}"),
        },
        Respect::Generated => match (&current.generated, &desired.generated) {
            (None, _) => format!("`{name}` is not generated"),
            (Some(current), Some(desired)) if current.stored == desired.stored => {
                format!("`{name}` is generated from ({})", current.expression)
            }
            (Some(it), _) if it.stored => format!("`{name}` is generated and stored"),
            (Some(_), _) => format!("`{name}` is generated and not stored"),
        },
        Respect::Other => format!("`{name}` is written in another way"),
    }
}

fn typed(name: &str) -> &str {
    if name.is_empty() { "without a type" } else { name }
}

/// Names, each in quotes.
pub(super) fn listed(columns: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    let each: Vec<_> = columns.into_iter().map(|it| format!("`{it}`")).collect();
    each.join(", ")
}

/// A foreign key: `(a) -> t on delete SET NULL, on update CASCADE`
fn shown(key: &ForeignKeyConstraint) -> String {
    let (delete, update) = (key.on_delete.sql(), key.on_update.sql());
    let late = if key.deferrable == Some(ConstraintTiming::Deferred) { ", deferred" } else { "" };
    let columns = key.columns.join(", ");
    format!("({columns}) -> {} on delete {delete}, on update {update}{late}", key.table)
}

/// Whether an index of the script's is one that the table lacks, and has no unique key in its place.
pub(super) fn is_missing(found: &[Difference], desired: &Table, name: &str) -> bool {
    found.iter().any(|difference| match *difference {
        Difference::AddIndex { desired: to } => {
            desired.indexes.get(to).is_some_and(|it| same_name(&it.name, name))
        }
        _ => false,
    })
}

//! What of a table's rows moves into another one, and what of them is kept.

use super::changes::is_constant;
use super::kept_values::{Changed, KeptTable, key};
use super::layout::has_rowids;
use crate::catalog::Table;
use crate::client::quoted;
use crate::migrate::alteration::{FilledRows, TableAlteration};
use crate::sql::Affinity;
use crate::words::same_name;

/// What a column of the new table holds, from the old one's row.
pub(super) struct CopiedColumn {
    pub column: String,
    pub from: String,
    /// Whether it is the old value itself.
    pub same: bool,
}

/// What of a table's values a change takes, or makes others.
pub(super) fn kept(task: &TableAlteration<'_>) -> KeptTable {
    kept_of(&copied(task), task)
}

/// What of the old values is kept for a rollback.
pub(super) fn kept_of(copied: &[CopiedColumn], task: &TableAlteration<'_>) -> KeptTable {
    let TableAlteration { current, desired, todo, .. } = task;
    let number = desired.rowid().map(|it| it.name.as_str());
    let is_copied = |name: &str| {
        let mut all = copied.iter();
        all.find(|it| it.column == name || it.column == "rowid" && number == Some(name))
    };
    let stays = |name: &String| is_copied(name).is_some_and(|it| it.same);
    let keys = [key(current), key(desired), vec!["rowid".to_owned()]];
    let known = keys.into_iter().find(|it| it.iter().all(stays));
    // Nothing of a row stays by which it is known: by what `using` makes its key.
    let from = (key(desired).iter())
        .map(|name| is_copied(name).map(|it| it.from.clone()))
        .collect::<Option<Vec<_>>>();
    let anew = task.numbers_come() || task.used.iter().any(|it| it.of == FilledRows::All);
    let from = from.filter(|_| known.is_none() && anew);
    let mut kept = KeptTable {
        key: known.unwrap_or_else(|| key(if from.is_some() { desired } else { current })),
        key_from: from,
        ..KeptTable::default()
    };
    for column in current.columns.iter().filter(|it| it.generated.is_none()) {
        match is_copied(&column.name) {
            None => kept.gone.push(column.name.clone()),
            Some(it) if !it.same => kept.changed.push(Changed {
                name: column.name.clone(),
                from: Affinity::in_table(current, column),
                to: as_it_is(desired, it),
                no_reals: false,
            }),
            Some(_) => {}
        }
    }
    // What was computed, and is a value now.
    let frozen = current.columns.iter().filter(|it| it.generated.is_some());
    let frozen = frozen.filter(|it| is_copied(&it.name).is_some());
    kept.come.extend(frozen.map(|it| it.name.clone()));
    let added = todo.added.iter().filter_map(|it| desired.columns.get(*it));
    for column in added.filter(|it| it.generated.is_none()) {
        let computed = |it: &str| !is_constant(it);
        let valued = is_copied(&column.name).is_some() || column.primary_key > 0;
        if valued || column.default.as_deref().is_some_and(computed) {
            kept.come.push(column.name.clone());
        }
    }
    // Numbers that no column shows, and that rows don't bring along.
    let moves = numbers_move(current, desired) && !task.numbers_anew();
    if has_rowids(current) && current.rowid().is_none() && !moves {
        kept.gone.push("rowid".to_owned());
    }
    kept
}

/// What a column makes of its values, where the old value itself is put into it.
fn as_it_is(desired: &Table, copied: &CopiedColumn) -> Option<Affinity> {
    let to = desired.column(&copied.column)?;
    (copied.from == quoted(&copied.column)).then(|| Affinity::in_table(desired, to))
}

/// What goes into the new table.
pub(super) fn copied(task: &TableAlteration<'_>) -> Vec<CopiedColumn> {
    let TableAlteration { current, desired, todo, given, .. } = task;
    let mut all = Vec::new();
    if numbers_move(current, desired) && !task.numbers_anew() {
        all.push(CopiedColumn { column: "rowid".to_owned(), from: "rowid".to_owned(), same: true });
    } else if task.numbers_come() {
        let key: Vec<_> = key(current).iter().map(|it| quoted(it)).collect();
        all.push(CopiedColumn {
            column: "rowid".to_owned(),
            from: format!("row_number() OVER (ORDER BY {})", key.join(", ")),
            same: false,
        });
    }
    let given = |column: &str| {
        let found = given.iter().find(|it| it.0.eq_ignore_ascii_case(column));
        found.map(|it| it.1.clone())
    };
    for column in &current.columns {
        let goes = (todo.dropped.iter()).any(|it| it.eq_ignore_ascii_case(&column.name));
        let place =
            (desired.columns.iter()).position(|it| it.name.eq_ignore_ascii_case(&column.name));
        let to = place.and_then(|it| desired.columns.get(it));
        let generated = to.unwrap_or(column).generated.is_some();
        if goes || generated {
            continue;
        }
        let converted = place.is_some_and(|it| todo.converted.contains(&it));
        let tightened = place.is_some_and(|it| todo.tightened.contains(&it));
        let mut from = quoted(&column.name);
        let mut same = !converted;
        if let Some(to) = to.filter(|it| task.used(&it.name).is_some()) {
            from = task.value_to_come(to);
            same = false;
        } else if tightened
            && let Some(default) = to
                .and_then(|it| it.default.as_ref().map(ToString::to_string))
                .or_else(|| given(&column.name))
        {
            from = format!("coalesce({from}, {default})");
            same = false;
        }
        all.push(CopiedColumn { column: column.name.clone(), from, same });
    }
    for place in &todo.added {
        let Some(column) = desired.columns.get(*place) else {
            continue;
        };
        let used = task.used(&column.name).map(|_| task.value_to_come(column));
        if let Some(from) = used.or_else(|| given(&column.name)) {
            all.push(CopiedColumn { column: column.name.clone(), from, same: false });
        }
    }
    all
}

/// Whether rows have a number that goes with them, and that no column of the new table shows which they bring along.
pub(in crate::migrate) fn numbers_move(old: &Table, new: &Table) -> bool {
    let brought = new.rowid().is_some_and(|it| old.column(&it.name).is_some());
    has_rowids(old) && has_rowids(new) && !brought
}

impl TableAlteration<'_> {
    /// Whether rows get numbers that had none.
    fn numbers_come(&self) -> bool {
        let number = self.desired.rowid();
        let brought = number.is_some_and(|it| self.current.column(&it.name).is_some());
        has_rowids(&self.desired) && !has_rowids(&self.current) && !brought && !self.numbers_anew()
    }

    /// Whether `using` says which numbers rows get.
    fn numbers_anew(&self) -> bool {
        self.desired.rowid().is_some_and(|it| self.used(&it.name).is_some())
    }

    /// Whether each row has the same number in both tables.
    pub(super) fn numbers_stay(&self) -> bool {
        let (old, new) = (&self.current, &self.desired);
        let same = old.rowid().zip(new.rowid());
        let same = same.is_some_and(|(a, b)| same_name(&a.name, &b.name));
        let stay = numbers_move(old, new) || same && has_rowids(old) && has_rowids(new);
        stay && !self.numbers_anew()
    }
}

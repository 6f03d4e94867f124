//! What changes of a table, in words.

use crate::catalog::{
    Column, ConstraintTiming, Difference, ForeignKeyConstraint, KeyRespect, Name, Respect, Table,
    TableIndex, TableOptions,
};
use crate::client::quoted;

/// What a difference changes, in words; and what is true of the rows that are concerned. `used` says whether `using` has something to say of
/// a column.
pub(in crate::migrate) fn told(
    difference: Difference,
    [current, desired]: [&Table; 2],
    used: &dyn Fn(&str) -> bool,
) -> (String, Option<String>) {
    let name = |column: Option<&Column>| column.map(|it| it.name.clone()).unwrap_or_default();
    let held = |column: &str| format!("{} IS NOT NULL", quoted(column));
    let words = match difference {
        Difference::PrimaryKey => match desired.primary_key().as_slice() {
            [] => "it has no primary key any more".to_owned(),
            columns => format!("its primary key is {}", listed(columns)),
        },
        Difference::Identity => {
            let verb = if desired.identity { "comes" } else { "goes" };
            format!("AUTOINCREMENT {verb}")
        }
        Difference::AddColumn { desired: to } => {
            format!("`{}` comes", name(desired.columns.get(to)))
        }
        Difference::DropColumn { current: at } => {
            let column = name(current.columns.get(at));
            return (format!("`{column}` goes with its values"), Some(held(&column)));
        }
        Difference::Column { current: at, desired: to, what } => {
            let columns = current.columns.get(at).zip(desired.columns.get(to));
            let Some((current, desired)) = columns else { return Default::default() };
            let rows = match what {
                Respect::Type => Some(held(&current.name)),
                Respect::Null if desired.not_null => {
                    Some(format!("{} IS NULL", quoted(&current.name)))
                }
                Respect::Null
                | Respect::Default
                | Respect::Collation
                | Respect::Generated
                | Respect::Other => None,
            };
            return (column(current, desired, what, used), rows);
        }
        Difference::AddIndex { desired: to } => {
            let columns = unique(desired.indexes.get(to));
            let verb = if columns.len() == 1 { "is" } else { "are" };
            format!("{} {verb} unique", listed(columns))
        }
        Difference::DropIndex { current: at } => {
            let columns = unique(current.indexes.get(at));
            let verb = if columns.len() == 1 { "isn't" } else { "aren't" };
            format!("{} {verb} unique any more", listed(columns))
        }
        Difference::AddCheck { desired: to } => {
            let check = desired.checks.get(to).map(|it| it.condition.to_string());
            format!("the check ({}) comes", check.unwrap_or_default())
        }
        Difference::DropCheck { current: at } => {
            let check = current.checks.get(at);
            match check.and_then(|it| current.columns.get(it.column?)) {
                Some(column) => format!("the check of `{}` goes", column.name),
                None => {
                    let check = check.map(|it| it.condition.to_string());
                    format!("the check ({}) goes", check.unwrap_or_default())
                }
            }
        }
        Difference::AddKey { desired: to } => {
            let key = desired.keys.get(to);
            key.map(|it| format!("{} refers to `{}`", listed(&it.columns), it.table))
                .unwrap_or_default()
        }
        Difference::DropKey { current: at } => {
            let key = current.keys.get(at);
            key.map(|it| {
                format!("{} doesn't refer to `{}` any more", listed(&it.columns), it.table)
            })
            .unwrap_or_default()
        }
        Difference::Key { current: at, desired: to, what } => {
            let keys = current.keys.get(at).zip(desired.keys.get(to));
            keys.map(|(current, desired)| key(current, desired, what)).unwrap_or_default()
        }
        Difference::Options => {
            let numbers = desired.options.without_rowid && !current.options.without_rowid;
            let and = if numbers { "; the numbers of its rows go" } else { "" };
            format!("it gets {}{and}", options(desired.options))
        }
        // Indexes have words of their own, and how a statement words what it says is nobody's matter.
        Difference::Index { .. }
        | Difference::RenameCheck { .. }
        | Difference::AddOther { .. }
        | Difference::DropOther { .. } => String::new(),
    };
    (words, None)
}

fn column(
    current: &Column,
    desired: &Column,
    what: Respect,
    used: &dyn Fn(&str) -> bool,
) -> String {
    let name = &current.name;
    match what {
        Respect::Type => {
            let typed = |it: &str| if it.is_empty() { "untyped".to_owned() } else { it.to_owned() };
            format!(
                "`{name}` becomes {}; it was {}",
                typed(&desired.data_type),
                typed(&current.data_type)
            )
        }
        Respect::Null if !desired.not_null => format!("`{name}` may be null"),
        Respect::Null => match &desired.default {
            Some(it) if !used(name) => {
                format!("`{name}` may not be null any more; where it is, it gets {it}")
            }
            Some(_) | None => format!("`{name}` may not be null any more"),
        },
        Respect::Default => match &desired.default {
            Some(it) => format!("the default of `{name}` is {it}"),
            None => format!("`{name}` has no default any more"),
        },
        Respect::Collation => format!("`{name}` is compared in another way"),
        Respect::Generated => format!("`{name}` is computed in another way, or not any more"),
        Respect::Other => String::new(),
    }
}

fn unique(index: Option<&TableIndex>) -> Vec<&Name> {
    index.and_then(TableIndex::unique_key).unwrap_or_default()
}

fn key(current: &ForeignKeyConstraint, desired: &ForeignKeyConstraint, what: KeyRespect) -> String {
    let columns = listed(&current.columns);
    match what {
        KeyRespect::Name => {
            let name = desired.name.as_deref().unwrap_or_default();
            format!("the foreign key of {columns} is called `{name}`")
        }
        KeyRespect::Rules | KeyRespect::Wording => {
            format!(
                "{columns} refers to `{}` {}; it did so {}",
                current.table,
                rules(desired),
                rules(current)
            )
        }
    }
}

/// What a foreign key does: `(id) on delete cascade, on update cascade`.
fn rules(key: &ForeignKeyConstraint) -> String {
    let to = if key.to.is_empty() { String::new() } else { format!("({}) ", listed(&key.to)) };
    let [delete, update] = [key.on_delete, key.on_update].map(|it| it.sql().to_lowercase());
    let late = if key.deferrable == Some(ConstraintTiming::Deferred) { ", deferred" } else { "" };
    format!("{to}on delete {delete}, on update {update}{late}")
}

fn options(options: TableOptions) -> &'static str {
    match (options.strict, options.without_rowid) {
        (false, false) => "no option",
        (true, false) => "STRICT",
        (false, true) => "WITHOUT ROWID",
        (true, true) => "STRICT, WITHOUT ROWID",
    }
}

fn listed(columns: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    let each: Vec<_> = columns.into_iter().map(|it| format!("`{it}`")).collect();
    each.join(", ")
}

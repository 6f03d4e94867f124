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
    [is, said]: [&Table; 2],
    used: &dyn Fn(&str) -> bool,
) -> (String, Option<String>) {
    let name = |column: Option<&Column>| column.map(|it| it.name.clone()).unwrap_or_default();
    let held = |column: &str| format!("{} IS NOT NULL", quoted(column));
    let words = match difference {
        Difference::PrimaryKey => match said.primary_key().as_slice() {
            [] => "it has no primary key any more".to_owned(),
            columns => format!("its primary key is {}", listed(columns)),
        },
        Difference::Identity => {
            let verb = if said.identity { "comes" } else { "goes" };
            format!("AUTOINCREMENT {verb}")
        }
        Difference::AddColumn { desired } => format!("`{}` comes", name(said.columns.get(desired))),
        Difference::DropColumn { current } => {
            let column = name(is.columns.get(current));
            return (format!("`{column}` goes with its values"), Some(held(&column)));
        }
        Difference::Column { current, desired, what } => {
            let columns = is.columns.get(current).zip(said.columns.get(desired));
            let Some((is, said)) = columns else { return Default::default() };
            let rows = match what {
                Respect::Type => Some(held(&is.name)),
                Respect::Null if said.not_null => Some(format!("{} IS NULL", quoted(&is.name))),
                Respect::Null
                | Respect::Default
                | Respect::Collation
                | Respect::Generated
                | Respect::Other => None,
            };
            return (column(is, said, what, used), rows);
        }
        Difference::AddIndex { desired } => {
            let columns = unique(said.indexes.get(desired));
            let verb = if columns.len() == 1 { "is" } else { "are" };
            format!("{} {verb} unique", listed(columns))
        }
        Difference::DropIndex { current } => {
            let columns = unique(is.indexes.get(current));
            let verb = if columns.len() == 1 { "isn't" } else { "aren't" };
            format!("{} {verb} unique any more", listed(columns))
        }
        Difference::AddCheck { desired } => {
            let check = said.checks.get(desired).map(|it| it.condition.to_string());
            format!("the check ({}) comes", check.unwrap_or_default())
        }
        Difference::DropCheck { current } => {
            let check = is.checks.get(current);
            match check.and_then(|it| is.columns.get(it.column?)) {
                Some(column) => format!("the check of `{}` goes", column.name),
                None => {
                    let check = check.map(|it| it.condition.to_string());
                    format!("the check ({}) goes", check.unwrap_or_default())
                }
            }
        }
        Difference::AddKey { desired } => {
            let key = said.keys.get(desired);
            key.map(|it| format!("{} refers to `{}`", listed(&it.columns), it.table))
                .unwrap_or_default()
        }
        Difference::DropKey { current } => {
            let key = is.keys.get(current);
            key.map(|it| {
                format!("{} doesn't refer to `{}` any more", listed(&it.columns), it.table)
            })
            .unwrap_or_default()
        }
        Difference::Key { current, desired, what } => {
            let keys = is.keys.get(current).zip(said.keys.get(desired));
            keys.map(|(is, said)| key(is, said, what)).unwrap_or_default()
        }
        Difference::Options => {
            let numbers = said.options.without_rowid && !is.options.without_rowid;
            let and = if numbers { "; the numbers of its rows go" } else { "" };
            format!("it gets {}{and}", options(said.options))
        }
        // Indexes have words of their own, and how a statement words what it says is nobody's matter.
        Difference::Index { .. }
        | Difference::RenameCheck { .. }
        | Difference::AddOther { .. }
        | Difference::DropOther { .. } => String::new(),
    };
    (words, None)
}

fn column(is: &Column, said: &Column, what: Respect, used: &dyn Fn(&str) -> bool) -> String {
    let name = &is.name;
    match what {
        Respect::Type => {
            let typed = |it: &str| if it.is_empty() { "untyped".to_owned() } else { it.to_owned() };
            format!("`{name}` becomes {}; it was {}", typed(&said.data_type), typed(&is.data_type))
        }
        Respect::Null if !said.not_null => format!("`{name}` may be null"),
        Respect::Null => match &said.default {
            Some(it) if !used(name) => {
                format!("`{name}` may not be null any more; where it is, it gets {it}")
            }
            Some(_) | None => format!("`{name}` may not be null any more"),
        },
        Respect::Default => match &said.default {
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

fn key(is: &ForeignKeyConstraint, said: &ForeignKeyConstraint, what: KeyRespect) -> String {
    let columns = listed(&is.columns);
    match what {
        KeyRespect::Name => {
            let name = said.name.as_deref().unwrap_or_default();
            format!("the foreign key of {columns} is called `{name}`")
        }
        KeyRespect::Rules | KeyRespect::Wording => {
            format!("{columns} refers to `{}` {}; it did so {}", is.table, rules(said), rules(is))
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

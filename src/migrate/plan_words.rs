//! What changes of a table, in words.

use crate::catalog::{
    Column, ConstraintTiming, Difference, ForeignKeyAction, ForeignKeyConstraint, KeyRespect, Name,
    Respect, Table, TableIndex, TableOptions,
};
use crate::client::quoted;
use crate::migrate::script_differences::listed;
use crate::migrate::{Detail, PlanPart, Sign};

/// What a difference changes, in words; and what is true of the rows that are concerned. None where that is nobody's matter. `used` says
/// whether `using` has something to say of a column.
pub(in crate::migrate) fn plan_detail(
    difference: Difference,
    [current, desired]: [&Table; 2],
    used: &dyn Fn(&str) -> bool,
) -> Option<(Detail, Option<String>)> {
    let name = |column: Option<&Column>| column.map(|it| it.name.clone()).unwrap_or_default();
    let held = |column: &str| format!("{} IS NOT NULL", quoted(column));
    let mut rows = None;
    let (sign, text) = match difference {
        Difference::PrimaryKey => match desired.primary_key().as_slice() {
            [] => (Sign::Drop, "drop the primary key".to_owned()),
            columns => (Sign::Change, format!("set primary key ({})", listed(columns))),
        },
        Difference::Identity if desired.identity => (Sign::Add, "add AUTOINCREMENT".to_owned()),
        Difference::Identity => (Sign::Drop, "drop AUTOINCREMENT".to_owned()),
        Difference::AddColumn { desired: to } => {
            let column = desired.columns.get(to);
            let (kind, null) = match column {
                Some(it) if it.not_null => (&*it.data_type, " NOT NULL"),
                Some(it) => (&*it.data_type, ""),
                None => ("", ""),
            };
            let space = if kind.is_empty() { "" } else { " " };
            (Sign::Add, format!("add column `{}`{space}{kind}{null}", name(column)))
        }
        Difference::DropColumn { current: at } => {
            let column = name(current.columns.get(at));
            rows = Some(held(&column));
            (Sign::Drop, format!("drop column `{column}` and its values"))
        }
        Difference::Column { current: at, desired: to, what } => {
            let columns = current.columns.get(at).zip(desired.columns.get(to));
            rows = columns.and_then(|(current, desired)| match what {
                Respect::Type => Some(held(&current.name)),
                Respect::Null if desired.not_null => {
                    Some(format!("{} IS NULL", quoted(&current.name)))
                }
                Respect::Null
                | Respect::Default
                | Respect::Collation
                | Respect::Generated
                | Respect::Other => None,
            });
            let text = columns.map(|(current, desired)| column(current, desired, what, used));
            (Sign::Change, text.unwrap_or_default())
        }
        Difference::AddIndex { desired: to } => {
            (Sign::Add, format!("add unique key ({})", listed(unique(desired.indexes.get(to)))))
        }
        Difference::DropIndex { current: at } => {
            (Sign::Drop, format!("drop unique key ({})", listed(unique(current.indexes.get(at)))))
        }
        Difference::AddCheck { desired: to } => {
            let check = desired.checks.get(to).map(|it| it.condition.to_string());
            (Sign::Add, format!("add check ({})", check.unwrap_or_default()))
        }
        Difference::DropCheck { current: at } => {
            let check = current.checks.get(at);
            let text = match check.and_then(|it| current.columns.get(it.column?)) {
                Some(column) => format!("drop the check of `{}`", column.name),
                None => {
                    let check = check.map(|it| it.condition.to_string());
                    format!("drop check ({})", check.unwrap_or_default())
                }
            };
            (Sign::Drop, text)
        }
        Difference::AddKey { desired: to } => {
            let key = desired.keys.get(to).map(|it| format!("add foreign key {}", referring(it)));
            (Sign::Add, key.unwrap_or_default())
        }
        Difference::DropKey { current: at } => {
            let key = current.keys.get(at).map(|it| format!("drop foreign key {}", referring(it)));
            (Sign::Drop, key.unwrap_or_default())
        }
        Difference::Key { current: at, desired: to, what } => {
            let keys = current.keys.get(at).zip(desired.keys.get(to));
            let text = keys.map(|(current, desired)| key(current, desired, what));
            (Sign::Change, text.unwrap_or_default())
        }
        // What is said of a table, which has a detail of its own.
        Difference::Options if current.options == desired.options => return None,
        Difference::Options => {
            let numbers = desired.options.without_rowid && !current.options.without_rowid;
            let and = if numbers { "; its rowids are lost" } else { "" };
            (Sign::Change, format!("set {}{and}", options(desired.options)))
        }
        // Indexes have words of their own, and how a statement words what it says is nobody's matter.
        Difference::Index { .. }
        | Difference::RenameCheck { .. }
        | Difference::AddOther { .. }
        | Difference::DropOther { .. } => return None,
    };
    let column = if let Difference::AddColumn { desired: to }
    | Difference::Column { desired: to, .. } = difference
    {
        desired.columns.get(to).map(|it| it.name.as_str().into())
    } else {
        None
    };
    Some((Detail { sign, part: part(difference), column, text }, rows))
}

/// What a difference is about.
const fn part(difference: Difference) -> PlanPart {
    match difference {
        Difference::PrimaryKey => PlanPart::PrimaryKey,
        Difference::AddColumn { .. }
        | Difference::DropColumn { .. }
        | Difference::Column { .. } => PlanPart::Column,
        Difference::AddIndex { .. } | Difference::DropIndex { .. } => PlanPart::UniqueKey,
        Difference::AddCheck { .. }
        | Difference::DropCheck { .. }
        | Difference::RenameCheck { .. } => PlanPart::Check,
        Difference::AddKey { .. } | Difference::DropKey { .. } | Difference::Key { .. } => {
            PlanPart::ForeignKey
        }
        Difference::Index { .. } => PlanPart::Index,
        Difference::Identity
        | Difference::Options
        | Difference::AddOther { .. }
        | Difference::DropOther { .. } => PlanPart::Table,
    }
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
            let (from, to) = (typed(&current.data_type), typed(&desired.data_type));
            format!("change the type of `{name}` from {from} to {to}")
        }
        Respect::Null if !desired.not_null => format!("drop NOT NULL of `{name}`"),
        Respect::Null => match &desired.default {
            Some(it) if !used(name) => format!("set `{name}` NOT NULL, and {it} where it is NULL"),
            Some(_) | None => format!("set `{name}` NOT NULL"),
        },
        Respect::Default => match &desired.default {
            Some(it) => format!("set the default of `{name}` to {it}"),
            None => format!("drop the default of `{name}`"),
        },
        Respect::Collation => match &desired.collation {
            Some(it) => format!("set the collation of `{name}` to {it}"),
            None => format!("drop the collation of `{name}`"),
        },
        Respect::Generated => match &desired.generated {
            Some(it) => format!("generate `{name}` from ({})", it.expression),
            None => format!("make `{name}` a column that is not generated"),
        },
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
            format!("rename the foreign key ({columns}) to `{name}`")
        }
        KeyRespect::Rules | KeyRespect::Wording => {
            let (before, behind) = (rules(current), rules(desired));
            format!("change foreign key {}: {behind} (was: {before})", referring(current))
        }
    }
}

/// (`a`, `b`) to `t`
fn referring(key: &ForeignKeyConstraint) -> String {
    format!("({}) to `{}`", listed(&key.columns), key.table)
}

/// What a foreign key does: `(id) on delete cascade, on update cascade`.
fn rules(key: &ForeignKeyConstraint) -> String {
    let to = if key.to.is_empty() { String::new() } else { format!("({}) ", listed(&key.to)) };
    let [delete, update] = [key.on_delete, key.on_update].map(ForeignKeyAction::words);
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

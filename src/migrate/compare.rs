//! In what a table differs from what the script says, in words.

use crate::db::{Column, Index, IndexOrigin, Key, Table};
use crate::stored::{self, Check, Statement, increments, plain, plain_default};
use crate::words::folded;
use std::collections::HashMap;

/// What differs. Column order, the names of constraints, and a unique index in place of a constraint are no differences.
pub(super) fn differences(is: &Table, said: &Table) -> Vec<String> {
    let mut found = Vec::new();
    columns(is, said, &mut found);
    keys(is, said, &mut found);
    indexes(is, said, &mut found);
    if is.strict != said.strict {
        found.push(one_of(is.strict, "it is strict", "it is not strict"));
    }
    if is.without_rowid != said.without_rowid {
        found.push(one_of(is.without_rowid, "it has no rowid", "it has a rowid"));
    }
    let counts = |it: &Table| increments(&it.sql);
    if counts(is) != counts(said) {
        found.push(one_of(counts(is), "its key is AUTOINCREMENT", "its key is not AUTOINCREMENT"));
    }
    if found.is_empty() && !same_checks(&is.sql, &said.sql) {
        found.push("its checks are others".to_owned());
    }
    found
}

fn one_of(first: bool, yes: &str, no: &str) -> String {
    if first { yes } else { no }.to_owned()
}

fn by_name(columns: &[Column]) -> HashMap<String, &Column> {
    let each = columns.iter().map(|it| (it.name.to_lowercase(), it));
    each.collect()
}

fn columns(is: &Table, said: &Table, found: &mut Vec<String>) {
    let (there, wanted) = (by_name(&is.columns), by_name(&said.columns));
    for column in &said.columns {
        let Some(other) = there.get(&column.name.to_lowercase()) else {
            found.push(format!("it has no column `{}`", column.name));
            continue;
        };
        let name = &column.name;
        if !same_type(&other.data_type, &column.data_type) {
            let (is, said) = (&other.data_type, &column.data_type);
            found.push(format!("`{name}` is {}, not {}", typed(is), typed(said)));
        }
        if other.primary_key != column.primary_key {
            found.push(if column.primary_key == 0 {
                format!("`{name}` is part of the primary key")
            } else if other.primary_key == 0 {
                format!("`{name}` is not part of the primary key")
            } else {
                format!("`{name}` has another place in the primary key")
            });
        } else if other.not_null != column.not_null && column.primary_key == 0 {
            let not = if other.not_null { "not " } else { "" };
            found.push(format!("`{name}` may {not}be null"));
        }
        if default(other) != default(column) {
            found.push(match &other.default {
                None => format!("`{name}` has no default"),
                Some(it) => format!("`{name}` has the default {it}"),
            });
        }
        if other.generated != column.generated {
            found.push(match other.generated {
                None => format!("`{name}` is not generated"),
                Some(true) => format!("`{name}` is generated and stored"),
                Some(false) => format!("`{name}` is generated and not stored"),
            });
        }
    }
    for column in &is.columns {
        if !wanted.contains_key(&column.name.to_lowercase()) {
            found.push(format!("the script has no column `{}`", column.name));
        }
    }
}

/// Whether two types are one, comments and white space in them aside.
fn same_type(a: &str, b: &str) -> bool {
    let squeezed = |text: &str| plain(text).replace(' ', "");
    squeezed(a) == squeezed(b)
}

fn typed(name: &str) -> &str {
    if name.is_empty() { "without a type" } else { name }
}

/// A default, in one spelling.
fn default(column: &Column) -> Option<String> {
    column.default.as_deref().map(plain_default)
}

fn keys(is: &Table, said: &Table, found: &mut Vec<String>) {
    for key in &said.keys {
        if !is.keys.iter().any(|it| same_key(it, key)) {
            found.push(format!("it has no foreign key {}", shown(key)));
        }
    }
    for key in &is.keys {
        if !said.keys.iter().any(|it| same_key(it, key)) {
            found.push(format!("the script has no foreign key {}", shown(key)));
        }
    }
}

fn shown(key: &Key) -> String {
    format!(
        "({}) -> {} on delete {}, on update {}",
        key.columns.join(", "),
        key.table,
        key.on_delete,
        key.on_update
    )
}

/// Whether two foreign keys are one; without columns a key refers to the primary key, which the other one names.
fn same_key(a: &Key, b: &Key) -> bool {
    let lower = |it: &String| it.to_lowercase();
    let columns = |it: &Key| -> Vec<String> { it.columns.iter().map(lower).collect() };
    let to = |it: &Key| -> Vec<String> { it.to.iter().flatten().map(lower).collect() };
    let (to_a, to_b) = (to(a), to(b));
    columns(a) == columns(b)
        && lower(&a.table) == lower(&b.table)
        && (to_a == to_b || to_a.is_empty() || to_b.is_empty())
        && a.on_delete == b.on_delete
        && a.on_update == b.on_update
}

/// A unique key that holds for all rows, by its columns in lower case.
struct UniqueKey<'t> {
    index: &'t Index,
    columns: Vec<String>,
    /// Whether no member of it says how it is ordered.
    is_plain: bool,
}

/// The unique keys that hold for all rows.
fn uniques(table: &Table) -> Vec<UniqueKey<'_>> {
    let whole = |it: &&Index| it.unique && !it.partial && it.origin != IndexOrigin::PrimaryKey;
    let key = |index| {
        Some(UniqueKey {
            index,
            columns: columns_of(index)?,
            is_plain: !index.members.iter().any(|it| it.descending),
        })
    };
    let indexes = table.indexes.iter().filter(whole);
    indexes.filter_map(key).collect()
}

/// What stands for what: a unique key in a table's own text for a unique index of the script that isn't there by its name. Each stands for
/// one.
struct Standing<'t> {
    /// The keys in the table's text that stand for nothing.
    spare: Vec<UniqueKey<'t>>,
    /// The names of the indexes that have one in their place, in lower case.
    filled: Vec<String>,
}

fn standing<'t>(is: &'t Table, said: &Table) -> Standing<'t> {
    let inline = |it: &UniqueKey<'_>| it.index.origin == IndexOrigin::Unique;
    let mut spare: Vec<_> = uniques(is).into_iter().filter(inline).collect();
    let mut filled = Vec::new();
    let mut wanted = uniques(said);
    // SQLite tells of the last one first. One in the script's own text is there by no name.
    wanted.reverse();
    wanted.sort_by_key(|it| it.index.origin == IndexOrigin::Created);
    for key in wanted.iter().filter(|it| it.is_plain) {
        let is_created = key.index.origin == IndexOrigin::Created;
        let named = |it: &Index| it.name.eq_ignore_ascii_case(&key.index.name);
        if is_created && is.indexes.iter().any(named) {
            continue;
        }
        if let Some(at) = spare.iter().position(|it| it.columns == key.columns) {
            spare.remove(at);
            filled.push(folded(&key.index.name));
        }
    }
    Standing { spare, filled }
}

/// The columns of each unique key in a table's own text that the script has nothing for.
pub(super) fn spare_uniques(is: &Table, said: &Table) -> Vec<Vec<String>> {
    let spare = standing(is, said).spare.into_iter();
    spare.map(|it| it.columns).collect()
}

/// The unique indexes of the script that have a unique key of the table's own text in their place: their names, in lower case.
pub(super) fn filled_uniques(is: &Table, said: &Table) -> Vec<String> {
    standing(is, said).filled
}

/// The columns of an index that has nothing but columns.
fn columns_of(index: &Index) -> Option<Vec<String>> {
    let each = index.members.iter();
    each.map(|it| it.column.as_deref().map(folded)).collect()
}

fn indexes(is: &Table, said: &Table, found: &mut Vec<String>) {
    let wanted = uniques(said);
    let known = |it: &UniqueKey<'_>| wanted.iter().any(|said| said.columns == it.columns);
    let created = |it: &UniqueKey<'_>| it.index.origin == IndexOrigin::Created;
    let unknown = uniques(is).into_iter().filter(created);
    let unknown = unknown.filter(|it| !known(it)).map(|it| it.columns);
    for columns in spare_uniques(is, said).into_iter().chain(unknown) {
        let columns = columns.join("`, `");
        found.push(format!("it has `{columns}` unique"));
    }
    // Those that constraints make are counted, not named, and held against each other above.
    let created = |it: &&Index| it.origin == IndexOrigin::Created;
    for index in said.indexes.iter().filter(created) {
        let same = |it: &&Index| it.name.eq_ignore_ascii_case(&index.name);
        let Some(other) = is.indexes.iter().find(same) else {
            continue; // `sync` adds it.
        };
        if other.unique != index.unique
            || other.members != index.members
            || other.partial != index.partial
        {
            found.push(format!("the index `{}` is another one", index.name));
        }
    }
}

/// Whether rows differ in these columns already.
pub(super) fn has_unique(is: &Table, columns: &[String]) -> bool {
    let columns: Vec<_> = columns.iter().map(|it| folded(it)).collect();
    uniques(is).iter().any(|it| it.columns == columns)
}

/// Whether each check of either is one of the other's; a statement that can't be read has none.
fn same_checks(is: &str, said: &str) -> bool {
    let checks = |sql: &str| -> Vec<Check> {
        let read = Statement::read(sql);
        let checks = read.map_or_else(Vec::new, |it| it.checks(sql));
        checks.into_iter().map(|it| it.1).collect()
    };
    let (is, said) = (checks(is), checks(said));
    is.len() == said.len() && stored::same_checks(&is, &said).iter().all(Option::is_some)
}

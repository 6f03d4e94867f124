//! How the rows of a table lie in the file: what an edit of the table's text alone may not change.

use crate::catalog::{Column, IndexOrigin, IndexedColumn, Name, Table, TableIndex};
use crate::sql::Affinity;
use crate::words::same_name;

/// Whether rows, and the indexes that a table's text makes by itself, are read under another text as they were written under the first.
/// Columns may come behind the others.
///
/// Both are as SQLite reads the texts, so that no rule of its own is told here once more: which spelling of a key makes it the number of
/// a row, and which key or UNIQUE has an index.
pub(super) fn lies_alike(current: &Table, becomes: &Table) -> bool {
    let number = |table: &Table| table.rowid().map(|it| Name::from(it.name.as_str()));
    let kept = Affinity::in_table;
    let is_stored = |column: &Column| column.generated.as_ref().map(|it| it.stored);
    let mut columns = current.columns.iter().zip(&becomes.columns);
    current.options == becomes.options
        && number(current) == number(becomes)
        && current.columns.len() <= becomes.columns.len()
        && columns.all(|(a, b)| {
            let stored = is_stored(a) == is_stored(b);
            stored && same_name(&a.name, &b.name) && kept(current, a) == kept(becomes, b)
        })
        && automatic(current) == automatic(becomes)
}

/// The indexes that a table's text makes, by the names that SQLite counts them with.
fn automatic(table: &Table) -> Vec<(Name, &[IndexedColumn])> {
    let own = |it: &&TableIndex| it.origin != IndexOrigin::Created;
    let mut all: Vec<_> = (table.indexes.iter().filter(own))
        .map(|it| (Name::from(it.name.as_str()), it.members.as_slice()))
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// Whether its rows have numbers of SQLite's by the name `rowid`.
pub(in crate::migrate) fn has_rowids(table: &Table) -> bool {
    !table.options.without_rowid && table.column("rowid").is_none()
}

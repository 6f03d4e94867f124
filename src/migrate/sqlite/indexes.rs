//! Indexes that can't be without a column that goes.

use crate::catalog::{Name, Table};
use crate::client::{Client, RunResult};
use crate::migrate::alteration::TableChanges;
use crate::source::Span;
use crate::stored::{with_names, with_texts};
use crate::words::same_name;

/// The indexes of a table that go with the columns that go: those that have one of them as a member, or that can't be made without
/// them, as SQLite itself says of the text that the table gets.
pub(super) fn indexes_of_dropped(
    client: &mut Client<'_>,
    at: Span,
    current: &Table,
    todo: &TableChanges,
    text: &[String],
) -> RunResult<Vec<String>> {
    let goes = |it: &Name| todo.dropped.iter().any(|column| same_name(column, it));
    let mut gone = Vec::new();
    for index in current.indexes.iter().filter(|_| !todo.dropped.is_empty()) {
        let Some(sql) = &index.sql else { continue };
        let mut columns = index.members.iter().filter_map(|it| it.column.as_ref());
        let computes = index.filter.is_some() || index.members.iter().any(|it| it.column.is_none());
        let text = text.first().map_or("", String::as_str);
        let known = columns.any(goes);
        // What is a name now is nothing else then.
        let is_column = |it: &str| current.column(it).is_some();
        let sql = with_texts(sql, is_column);
        let sql = with_names(&sql);
        let cannot_come = !known && computes && {
            let with = |text: &str| [text.to_owned(), sql.to_string()];
            !client.accepts(at, &with(text), &current.name)?
                && client.accepts(at, &with(&current.sql), &current.name)?
        };
        if known || cannot_come {
            gone.push(index.name.clone());
        }
    }
    Ok(gone)
}

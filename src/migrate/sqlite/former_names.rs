//! Rows by the names that their tables and columns get, before they have them.

use super::layout::has_rowids;
use crate::catalog::{Object, ObjectKind};
use crate::client::{Client, RunResult, quoted};
use crate::migrate::history::Renamed;
use crate::source::Span;
use std::fmt::Write as _;

/// What stands before a query for rows by names that they don't have yet.
pub(super) fn former_names(
    client: &mut Client<'_>,
    at: Span,
    there: &[Object],
    renames: &[Renamed],
) -> RunResult<String> {
    let mut res = String::new();
    for object in there.iter().filter(|it| it.kind() == ObjectKind::Table) {
        let name = Renamed::later(renames, None, &object.name);
        if name == object.name && !renames.iter().any(|it| it.is_of(Some(&name))) {
            continue;
        }
        let Some(table) = client.ask_rows(at, |it| it.table(&object.name))? else { continue };
        let mut columns: Vec<_> = (table.columns.iter())
            .map(|it| {
                let later = Renamed::later(renames, Some(&name), &it.name);
                format!("{} AS {}", quoted(&it.name), quoted(&later))
            })
            .collect();
        if has_rowids(&table) {
            columns.push("rowid AS rowid".to_owned());
        }
        let with = if res.is_empty() { "WITH" } else { "," };
        let _infallible = write!(
            res,
            "{with} {} AS (SELECT {} FROM main.{}) ",
            quoted(&name),
            columns.join(", "),
            quoted(&object.name)
        );
    }
    Ok(res)
}

//! What ANALYZE found of a table, which goes with it.

use crate::client::Client;
use crate::client::RunResult;
use crate::source::Span;
use crate::stored::quoted_text;

/// The tables in which SQLite keeps it.
const KEPT_IN: [&str; 2] = ["sqlite_stat1", "sqlite_stat4"];

/// The statements that bring back what ANALYZE found of a table and its indexes.
pub(super) fn statistics_of(
    client: &mut Client<'_>,
    at: Span,
    table: &str,
) -> RunResult<Vec<String>> {
    let mut all = Vec::new();
    let name = quoted_text(table);
    for kept_in in KEPT_IN {
        let Some(there) = client.ask(at, |it| it.table(kept_in))? else {
            continue;
        };
        let values: Vec<_> =
            (there.columns.iter()).map(|it| format!("quote(\"{}\")", it.name)).collect();
        let sql = format!(
            "SELECT 'INSERT INTO {kept_in} VALUES (' || {} || ')' FROM {kept_in} WHERE tbl = {name} COLLATE NOCASE ORDER BY rowid",
            values.join(" || ', ' || ")
        );
        all.extend(client.on_structure_itself().texts(at, &sql)?);
    }
    Ok(all)
}

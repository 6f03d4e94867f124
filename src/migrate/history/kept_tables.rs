//! The tables in which a migration keeps what it takes away: `_relata_kept_3_Users` has what migration 3 took out of `Users`.

use super::Migration;
use crate::catalog::ObjectKind;
use crate::client::{Client, RunResult};
use crate::migrate::engine_of;
use crate::source::Span;

/// How their names begin.
const KEPT: &str = "_relata_kept_";

/// What the last numbers of tables are kept under. No table of a script has such a name.
pub(in crate::migrate) const SEQUENCES: &str = "sqlite_sequence";

/// The column of a table that has all rows of one that went.
pub(in crate::migrate) const WHOLE: &str = "whole";

/// The name of what migration `id` keeps of a table.
pub(in crate::migrate) fn kept_name(id: i64, table: &str) -> String {
    format!("{KEPT}{id}_{table}")
}

/// Whether a table went as a whole with a migration, and its rows are kept.
pub(in crate::migrate) fn is_kept_whole(
    client: &mut Client<'_>,
    id: i64,
    table: &str,
) -> RunResult<bool> {
    let kept = client.ask(Span::default(), |it| it.table(&kept_name(id, table)))?;
    Ok(kept.is_some_and(|it| it.column(WHOLE).is_some()))
}

/// The tables in which values are kept: those of a migration, or all.
pub(in crate::migrate) fn kept_tables(
    client: &mut Client<'_>,
    of: Option<i64>,
) -> RunResult<Vec<String>> {
    let own = engine_of(client.database).own_objects(client)?;
    let prefix = of.map_or_else(|| KEPT.to_owned(), |it| kept_name(it, ""));
    let tables = own.into_iter().filter(|it| it.kind() == ObjectKind::Table).map(|it| it.name);
    Ok(tables.filter(|it| it.starts_with(&prefix)).collect())
}

/// The tables of which a migration that is a step has kept rows.
pub(in crate::migrate) fn kept_rows_of(
    client: &mut Client<'_>,
    migration: &Migration,
) -> RunResult<Vec<String>> {
    if migration.step.is_none() {
        return Ok(Vec::new());
    }
    let prefix = kept_name(migration.id, "");
    let tables = kept_tables(client, Some(migration.id))?;
    let names = tables.iter().filter_map(|it| it.strip_prefix(&prefix));
    Ok(names.filter(|it| *it != SEQUENCES).map(str::to_owned).collect())
}

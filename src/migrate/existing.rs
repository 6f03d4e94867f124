//! What is there, found by its kind and name.

use crate::catalog::{NameRef, Object, ObjectKind};
use crate::client::Client;
use crate::client::RunResult;
use crate::source::Span;
use crate::sql;
use smol_str::SmolStr;
use std::collections::HashMap;

/// What is there, by kind and name.
pub(super) type ExistingObjects<'o> = HashMap<(ObjectKind, NameRef<'o>), &'o Object>;

/// Objects by kind and name.
pub(super) fn by_name(objects: &[Object]) -> ExistingObjects<'_> {
    let each = objects.iter().map(|it| ((it.kind(), NameRef(&it.name)), it));
    each.collect()
}

/// What raw SQL creates, where it is something that SQLite has.
pub(super) fn created(sql: &str) -> Option<(ObjectKind, SmolStr)> {
    let created = sql::created(sql)?;
    Some((created.kind.kept()?, created.name))
}

/// The indexes and triggers of a table that have statements of their own.
pub(in crate::migrate) fn objects_beside(
    client: &mut Client<'_>,
    at: Span,
    table: &str,
) -> RunResult<Vec<Object>> {
    let objects = client.ask(at, |it| it.objects())?;
    let own = objects.into_iter().filter(|it| {
        it.table.eq_ignore_ascii_case(table)
            && matches!(it.kind(), ObjectKind::Index | ObjectKind::Trigger)
            && it.sql.is_some()
    });
    Ok(own.collect())
}

//! What somebody else has changed since the last migration.

use super::has_history;
use super::objects_of;
use super::record::{name_of, written};
use super::rows_of;
use crate::catalog::{Object, ObjectKind};
use crate::client::Client;
use crate::client::RunResult;
use crate::migrate::engine_of;
use std::collections::HashMap;

/// What differs from how the last migration left it.
#[derive(Debug, Default, Clone)]
pub(in crate::migrate) struct Drift {
    /// What came.
    pub came: Vec<Object>,
    /// What went.
    pub went: Vec<Object>,
    /// What has another text, as the migration left it.
    pub changed: Vec<Object>,
}

impl Drift {
    pub(in crate::migrate) const fn is_empty(&self) -> bool {
        self.came.is_empty() && self.went.is_empty() && self.changed.is_empty()
    }

    /// What the last migration left of something that has changed since.
    pub(in crate::migrate) fn left(&self, kind: ObjectKind, name: &str) -> Option<&str> {
        let mut changed = self.changed.iter();
        let found = changed.find(|it| it.kind() == kind && it.name.eq_ignore_ascii_case(name))?;
        found.sql.as_deref()
    }

    /// All of it in words.
    pub(in crate::migrate) fn words(&self) -> Vec<String> {
        let told = |all: &[Object], how: &str| -> Vec<String> {
            let named = |it: &Object| format!("the {} `{}` {how}", it.kind().noun(), it.name);
            all.iter().map(named).collect()
        };
        let mut words = told(&self.changed, "was changed");
        words.extend(told(&self.came, "was made"));
        words.extend(told(&self.went, "was dropped"));
        words
    }
}

/// In what that which is there differs from how the last migration left it; nothing where there is none.
pub(in crate::migrate) fn drift_since(
    client: &mut Client<'_>,
    there: &[Object],
) -> RunResult<Drift> {
    let mut drift = Drift::default();
    if !has_history(client)? {
        return Ok(drift);
    }
    let sql = "SELECT \"schema\" FROM _relata_migrations WHERE \"rolledBackAt\" IS NULL ORDER BY id DESC LIMIT 1";
    let rows = rows_of(client, sql, &[])?;
    let Some(left) = rows.first().map(|it| super::text(it, 0)) else {
        return Ok(drift);
    };
    // As a rule nobody was there: then one text is as good as the other.
    if written(there.iter()) == left {
        return Ok(drift);
    }
    let left = objects_of(client, &left)?;
    // Where it keeps no texts, the order of a table's columns is nobody's matter: one that comes again is the last.
    let engine = engine_of(client.database);
    let is_same = |a: &Object, b: &Object| {
        a.sql == b.sql
            || engine.alters().is_none()
                && a.sql
                    .as_deref()
                    .zip(b.sql.as_deref())
                    .is_some_and(|(is, was)| engine.same_object(a.kind(), is, was))
    };
    let indexes = client.database.dialect().index_names;
    let mut there: HashMap<_, _> = there.iter().map(|it| (name_of(it, indexes), it)).collect();
    for object in left {
        match there.remove(&name_of(&object, indexes)) {
            None => drift.went.push(object),
            Some(current) if !is_same(current, &object) => drift.changed.push(object),
            Some(_) => {}
        }
    }
    drift.came = there.into_values().cloned().collect();
    drift.came.sort_by(|a, b| (a.kind().word(), &a.name).cmp(&(b.kind().word(), &b.name)));
    Ok(drift)
}

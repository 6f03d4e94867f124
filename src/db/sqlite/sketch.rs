//! A sketch of a database: its structure in memory, without rows, to see what becomes of it.

use super::{SharedSqlite, Sqlite};
use crate::db::{Database, DbError, Structure as _};
use crate::stored::is_virtual;
use crate::value::Value;

/// A table that is SQLite's own, by what makes it; its rows go along.
const OWN: [(&str, &str); 3] = [
    (
        "sqlite_sequence",
        "CREATE TABLE _relata_trial (id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE _relata_trial",
    ),
    ("sqlite_stat1", "ANALYZE sqlite_schema"),
    ("sqlite_stat4", "ANALYZE sqlite_schema"),
];

/// All that is kept, in its order: names and statements.
const OBJECTS: &str = "SELECT name, sql FROM sqlite_schema ORDER BY rowid";

/// So many bytes are copied while an object is made, for each one that is there already: SQLite looks through all of them then. Measured.
const BYTES: u64 = 16;

/// Whether a sketch costs less than a copy.
pub(super) fn is_cheap(original: &Sqlite) -> Result<bool, DbError> {
    let sql = "SELECT count(*) FROM sqlite_schema";
    let found = rows(original, sql)?;
    let count = match found.first().map(Vec::as_slice) {
        Some([Value::Integer(count)]) => count.unsigned_abs(),
        _ => 0,
    };
    Ok(SharedSqlite(original).size()? >= count.saturating_mul(count).saturating_mul(BYTES))
}

/// The sketch of a database; none where it can't be made as it is, of a collation or a module that it alone has, say, and where a copy of all
/// of it costs less.
pub(super) fn of(original: &Sqlite) -> Result<Option<Sqlite>, DbError> {
    if !is_cheap(original)? {
        return Ok(None);
    }
    let there = rows(original, OBJECTS)?;
    let mut made = Sqlite::in_memory()?;
    made.name.clone_from(&original.name);
    made.stops_with(original)?;
    made.execute_own("BEGIN")?;
    // What a module makes for itself is there already.
    let mut has_virtual = false;
    for object in &there {
        let [Value::Text(name), Value::Text(sql)] = object.as_slice() else { continue };
        if let Some((_, make)) = OWN.iter().find(|it| it.0 == name.as_str()) {
            if !has(&made, name)? {
                made.execute_own(make)?;
            }
            made.execute(&format!("DELETE FROM {name}"), &[])?;
            for row in rows(original, &format!("SELECT * FROM {name}"))? {
                let places = vec!["?"; row.len()].join(", ");
                made.execute(&format!("INSERT INTO {name} VALUES ({places})"), &row)?;
            }
        } else if !(has_virtual && has(&made, name)?) {
            has_virtual |= is_virtual(sql);
            match made.create(sql) {
                Ok(()) => {}
                Err(error) if error.kind.is_of_statement() => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
    made.execute_own("COMMIT")?;
    let own = |it: &[Value]| matches!(it, [Value::Text(name), ..] if name.starts_with("sqlite_"));
    let mut here = rows(&made, OBJECTS)?;
    let mut same = here.len() == there.len();
    // Those of SQLite's own may stand in another place.
    same &= there.iter().all(|it| !own(it) || here.contains(it));
    here.retain(|it| !own(it));
    same &= there.iter().filter(|it| !own(it)).eq(&here);
    Ok(same.then_some(made))
}

fn rows(database: &dyn Database, sql: &str) -> Result<Vec<Vec<Value>>, DbError> {
    database.rows(sql, &[])
}

fn has(database: &dyn Database, name: &str) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE name = ?";
    Ok(database.row(sql, &[Value::Text(name.into())])?.is_some())
}

//! A sketch of a database: its structure in memory, without rows, to see what becomes of it.

use super::Sqlite;
use crate::db::{DbError, Structure as _};
use crate::stored::is_virtual;
use rusqlite::types::Value;
use rusqlite::{Connection, Result, params_from_iter};
use std::collections::BTreeSet;

/// An object that is kept: its kind, its name, its statement.
type KeptObject = (String, String, Option<String>);

/// A table that is SQLite's own, by what makes it; its rows go along.
const OWN: [(&str, &str); 3] = [
    (
        "sqlite_sequence",
        "CREATE TABLE _relata_trial (id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE _relata_trial",
    ),
    ("sqlite_stat1", "ANALYZE sqlite_schema"),
    ("sqlite_stat4", "ANALYZE sqlite_schema"),
];

/// The sketch of a database; none where it can't be made as it is: of a collation or a module that it alone has, say.
pub(super) fn of(database: &Sqlite) -> Result<Option<Sqlite>, DbError> {
    let there = database.ask(objects)?;
    let mut sketch = Sqlite::in_memory()?;
    sketch.name.clone_from(&database.name);
    sketch.stops_with(database)?;
    sketch.execute_own("BEGIN")?;
    // What a module makes for itself is there already.
    let mut has_virtual = false;
    for (_, name, sql) in &there {
        if let Some((_, make)) = OWN.iter().find(|it| it.0 == name) {
            if !sketch.has(name)? {
                sketch.execute_own(make)?;
            }
            sketch.ask(|it| it.execute_batch(&format!("DELETE FROM {name}")))?;
            for row in database.ask(|it| rows(it, name))? {
                sketch.ask(|it| insert(it, name, row))?;
            }
        } else if let Some(sql) = sql
            && !(has_virtual && sketch.has(name)?)
        {
            has_virtual |= is_virtual(sql);
            match sketch.create(sql) {
                Ok(()) => {}
                Err(error) if error.kind.is_of_statement() => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
    sketch.execute_own("COMMIT")?;
    let made = sketch.ask(objects)?;
    Ok(is_same(&there, &made).then_some(sketch))
}

impl Sqlite {
    fn has(&self, name: &str) -> Result<bool, DbError> {
        self.ask(|it| {
            it.prepare_cached("SELECT 1 FROM sqlite_schema WHERE name = ?")?.exists([name])
        })
    }
}

/// All that is kept, in its order.
fn objects(connection: &Connection) -> Result<Vec<KeptObject>> {
    let sql = "SELECT type, name, sql FROM sqlite_schema ORDER BY rowid";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

/// Whether both have the same; those of SQLite's own may stand in another place.
fn is_same(there: &[KeptObject], made: &[KeptObject]) -> bool {
    let is_own = |it: &&KeptObject| it.1.starts_with("sqlite_");
    let own = |all: &[KeptObject]| all.iter().filter(is_own).cloned().collect::<BTreeSet<_>>();
    let others = |it: &&KeptObject| !is_own(it);
    there.iter().filter(others).eq(made.iter().filter(others)) && own(there) == own(made)
}

fn rows(connection: &Connection, table: &str) -> Result<Vec<Vec<Value>>> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|it| row.get(it)).collect())?;
    rows.collect()
}

fn insert(connection: &Connection, table: &str, row: Vec<Value>) -> Result<usize> {
    let places = vec!["?"; row.len()].join(", ");
    let sql = format!("INSERT INTO {table} VALUES ({places})");
    connection.prepare_cached(&sql)?.execute(params_from_iter(row))
}

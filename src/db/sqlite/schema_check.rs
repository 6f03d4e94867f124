//! The schema, read by another connection before it is kept.

use crate::catalog::Name;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, Result};
use std::collections::BTreeSet;

/// Room for so many pages more than there are objects.
const SPARE: i64 = 16;

/// A constraint whose index isn't there. That of a key in a table WITHOUT ROWID is the table itself.
const MISSING: &str = "SELECT t.name || '.' || l.name FROM sqlite_schema t JOIN pragma_index_list(t.name) l \
     WHERE t.type = 'table' AND t.rootpage > 0 AND l.name NOT IN (SELECT name FROM sqlite_schema WHERE type = 'index') \
     AND NOT (l.origin = 'pk' AND EXISTS (SELECT 1 FROM pragma_index_info(t.name))) LIMIT 1";

/// What keeps another connection from reading these tables and what belongs to them as they are now, within a transaction of this one: a text that isn't what the file
/// has, an index without its table's constraint, or a constraint without its index. None where it can.
///
/// What is not committed no other connection sees: so one gets the rows of `sqlite_schema`, on pages of its own, and reads them as it
/// would read a file's.
pub(super) fn unreadable(
    connection: &Connection,
    tables: &BTreeSet<Name>,
) -> Result<Option<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT type, name, tbl_name, rootpage > 0, sql FROM sqlite_schema ORDER BY rowid",
    )?;
    let mut touched = Vec::new();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if tables.contains(&Name::from(row.get_ref(2)?.as_str()?)) {
            touched.push((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, bool>(3)?,
                row.get::<_, Option<String>>(4)?,
            ));
        }
    }
    let other = Connection::open_in_memory()?;
    other.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
    other.execute_batch("PRAGMA page_size = 512; BEGIN; CREATE TABLE pages (page)")?;
    other.execute(
        "INSERT INTO pages VALUES (zeroblob(512 * ?))",
        [i64::try_from(touched.len()).map_or(i64::MAX, |it| it + SPARE)],
    )?;
    other.execute_batch("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema")?;
    {
        let mut insert = other.prepare("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)")?;
        // The first one is the schema's own.
        for (page, (kind, name, table, has_pages, sql)) in (2_i64..).zip(touched) {
            let page = if has_pages { page } else { 0 };
            insert.execute((kind, name, table, page, sql))?;
        }
    }
    other.execute_batch("PRAGMA writable_schema = RESET")?;
    match other.query_row(MISSING, [], |row| row.get::<_, String>(0)).optional() {
        Ok(None) => Ok(None),
        Ok(Some(index)) => Ok(Some(format!("the index of a constraint is missing: {index}"))),
        Err(error) => Ok(Some(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(made: &str, edited: &str, expected: Option<&str>) {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(made).unwrap();
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false).unwrap();
        connection.execute_batch("BEGIN; PRAGMA writable_schema = ON").unwrap();
        let edit = "UPDATE sqlite_schema SET sql = ? WHERE name = 't'";
        connection.execute(edit, [edited]).unwrap();
        let all = ["t", "w", "f", "v"].map(Name::from).into();
        let found = unreadable(&connection, &all).unwrap();
        assert_eq!(found.as_deref(), expected, "{edited}");
    }

    #[test]
    fn another_connection_reads_what_is_not_committed() {
        let plain = "CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE)";
        let more = "CREATE TABLE w (a, b UNIQUE, PRIMARY KEY (b, a)) WITHOUT ROWID; CREATE VIEW v AS SELECT * FROM w; \
                    CREATE VIRTUAL TABLE f USING fts5(a); CREATE INDEX i ON t (unknown(a)); ANALYZE";
        let more = more.replace("unknown", "lower");
        check(&format!("{plain}; {more}"), plain, None);
        check(plain, "CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE, b)", None);
        check(
            plain,
            "CREATE TABLE t (id BIGINT PRIMARY KEY, a UNIQUE)",
            Some("the index of a constraint is missing: t.sqlite_autoindex_t_2"),
        );
        let orphan = "malformed database schema (sqlite_autoindex_t_1) - orphan index";
        check(plain, "CREATE TABLE t (id INTEGER PRIMARY KEY, a)", Some(orphan));
        check(
            "CREATE TABLE t (id INT PRIMARY KEY)",
            "CREATE TABLE t (id INTEGER PRIMARY KEY)",
            Some(orphan),
        );
        check(
            plain,
            "CREATE TABLE t (id",
            Some("malformed database schema (t) - incomplete input"),
        );
    }
}

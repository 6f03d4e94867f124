//! What the connection lets through, and how errors are told apart.

use super::*;

fn kind(db: &mut Sqlite, sql: &str) -> DbErrorKind {
    let found = db.execute(sql, &[]).map(|_| ()).expect_err(sql);
    found.kind
}

#[test]
fn a_script_stays_within_its_database() {
    let mut db = Sqlite::in_memory().unwrap();
    db.execute("CREATE TABLE t (a)", &[]).unwrap();
    for sql in [
        "ATTACH 'x.db' AS x",
        "DETACH main",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA writable_schema = ON",
        "SELECT load_extension('x')",
        "BEGIN",
        "COMMIT",
        "SAVEPOINT x",
        "VACUUM INTO 'x.db'",
        "CREATE TEMP TABLE u (a)",
        "CREATE TABLE temp.u (a)",
        "CREATE VIRTUAL TABLE f USING dbstat",
    ] {
        assert_eq!(kind(&mut db, sql), DbErrorKind::Forbidden, "{sql}");
    }
    assert_eq!(kind(&mut db, "DELETE FROM sqlite_schema"), DbErrorKind::Refused);
    assert_eq!(kind(&mut db, "CREATE TABLE u (a); DROP TABLE t"), DbErrorKind::Refused);
    assert_eq!(kind(&mut db, "CREATE INDEX i ON t (\"text\")"), DbErrorKind::Refused);
    assert!(db.foreign_keys().unwrap());
    assert_eq!(db.objects().unwrap().len(), 1);
    db.execute("CREATE VIRTUAL TABLE f USING fts5(a)", &[]).unwrap();
}

#[test]
fn violations_are_told_apart() {
    let mut db = Sqlite::in_memory().unwrap();
    db.execute("CREATE TABLE p (id INTEGER PRIMARY KEY, a NOT NULL CHECK (a > 0), b UNIQUE)", &[])
        .unwrap();
    db.execute("CREATE TABLE c (p REFERENCES p)", &[]).unwrap();
    db.execute("INSERT INTO p VALUES (1, 1, ?)", &[Value::Text("x".into())]).unwrap();
    let mut is = |sql, expected| assert_eq!(kind(&mut db, sql), expected, "{sql}");
    is("INSERT INTO p VALUES (1, 1, 2)", DbErrorKind::Unique);
    is("INSERT INTO p VALUES (2, 1, 'x')", DbErrorKind::Unique);
    is("INSERT INTO p VALUES (2, NULL, 2)", DbErrorKind::NotNull);
    is("INSERT INTO p VALUES (2, 0, 2)", DbErrorKind::Check);
    is("INSERT INTO c VALUES (7)", DbErrorKind::ForeignKey);
    is("INSERT INTO nothing VALUES (7)", DbErrorKind::Refused);
}

#[test]
fn an_interrupt_stops_the_next_statement_too() {
    let mut db = Sqlite::in_memory().unwrap();
    db.interrupter().interrupt();
    assert_eq!(kind(&mut db, "CREATE TABLE t (a)"), DbErrorKind::Interrupted);
    db.execute("CREATE TABLE t (a)", &[]).unwrap();
}

#[test]
fn what_fails_while_someone_stops_it_was_stopped_whatever_sqlite_calls_it() {
    let mut db = Sqlite::in_memory().unwrap();
    let interrupter = db.interrupter();
    db.function("stopped", Some(0), move |_| {
        interrupter.interrupt();
        Err("error in view v after rename: interrupted".to_owned())
    })
    .unwrap();
    assert_eq!(kind(&mut db, "SELECT stopped()"), DbErrorKind::Interrupted);
    let asked = db.ask(|it| it.query_row("SELECT stopped()", [], |_| Ok(())));
    assert_eq!(asked.map_err(|it| it.kind), Err(DbErrorKind::Interrupted));
    // Behind a transaction that SQLite has undone, too.
    db.execute("CREATE TABLE bomb (it UNIQUE ON CONFLICT ROLLBACK)", &[]).unwrap();
    db.begin().unwrap();
    assert_eq!(kind(&mut db, "INSERT INTO bomb VALUES (1), (1)"), DbErrorKind::Unique);
    db.interrupter().interrupt();
    assert_eq!(kind(&mut db, "SELECT 1"), DbErrorKind::Interrupted);
    assert_eq!(kind(&mut db, "SELECT 1"), DbErrorKind::Undone);
    db.rollback().unwrap();
}

#[test]
fn time_runs_out_within_a_statement_and_before_the_next() {
    const ENDLESS: &str =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    let mut db = Sqlite::in_memory().unwrap();
    db.limit_time(Some(Duration::from_millis(20))).unwrap();
    let asked = db.query(ENDLESS, &[], &mut |_| ControlFlow::Continue(()));
    let late = DbError::new(DbErrorKind::Late, "longer than 20ms");
    assert_eq!(asked, Err(late.clone()));
    assert_eq!(db.execute("CREATE TABLE t (a)", &[]), Err(late));
    db.limit_time(None).unwrap();
    db.execute("CREATE TABLE t (a)", &[]).unwrap();
}

#[test]
fn rows_come_back_as_values() {
    let db = Sqlite::in_memory().unwrap();
    let mut rows = Vec::new();
    let parameters = [Value::Integer(7), Value::Text("x".into()), Value::Null];
    db.query("SELECT ?, ?, ?", &parameters, &mut |row| {
        rows.push(row.to_vec());
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(rows, [parameters]);
}

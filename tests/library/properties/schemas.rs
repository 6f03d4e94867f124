//! Random schemas on SQLite: what is created is what was said, twice is once, and all of it goes.

#![expect(clippy::unwrap_used, reason = "a test whose database fails may panic")]

use super::generate::{self, Script};
use super::kit::{objects, run, seeded, session, shown};
use super::read_back::{self, Shape};
use relata::ast::Bundle;
use relata::ir::Schema;
use relata::plan;
use relata::session::check;
use relata::source::Sources;
use relata::sql::Dialect;
use relata::syntax;

/// What a script means, where it has no errors.
fn schema(text: &str) -> Schema {
    let mut sources = Sources::default();
    let id = sources.add("a.schema", text).unwrap();
    let parsed = syntax::parse(sources.get(id));
    assert!(parsed.problems.is_empty(), "{:?}\n{text}", parsed.problems);
    let checked = check(&Bundle::of(parsed.script), &sources, Dialect::SQLITE);
    if checked.has_errors() {
        let failure = relata::session::Error::Refused(checked.problems);
        unreachable_report(&shown(&sources, &failure), text);
    }
    checked.schema
}

#[track_caller]
fn unreachable_report(report: &str, text: &str) {
    assert!(report.is_empty(), "{report}\n{text}");
}

/// The statements of `relata sql`.
fn sql(schema: &Schema) -> String {
    let statements = plan::create(schema, Dialect::SQLITE);
    plan::script(schema, Dialect::SQLITE, &statements)
}

/// Runs SQL as any other program would.
fn plain(sql: &str) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    let done = connection.execute_batch(sql);
    assert!(done.is_ok(), "{done:?}\n{sql}");
    connection
}

fn on_random_scripts(count: u64, check: impl Fn(&Script)) {
    seeded(count, 4_096, |random| {
        check(&generate::script(random));
        Ok(())
    });
}

#[test]
fn a_schema_reads_back_as_it_was_said() {
    on_random_scripts(24, |script| {
        let text = script.text();
        let schema = schema(&text);
        let sql = sql(&schema);
        let connection = plain(&sql);
        for (id, _) in schema.models() {
            let said = read_back::said(&schema, id);
            let is = read_back::is(&connection, &said.table);
            assert_eq!(is, said, "{text}\n{sql}");
        }
    });
}

#[test]
fn what_sql_prints_is_what_sync_does() {
    on_random_scripts(16, |script| {
        let text = script.text();
        let mut session = session();
        run(&mut session, &format!("{text}sync\n"));
        let synced = objects(&mut session);
        let connection = plain(&sql(&schema(&text)));
        assert_eq!(read_back::objects(&connection), synced, "{text}");
    });
}

#[test]
fn a_second_sync_changes_nothing_and_a_drop_leaves_nothing() {
    on_random_scripts(24, |script| {
        let text = script.text();
        let mut session = session();
        let first = run(&mut session, &format!("{text}sync\n"));
        assert!(!first.statements.is_empty(), "{text}");
        let there = objects(&mut session);
        let second = run(&mut session, "sync\n");
        assert!(second.statements.is_empty(), "{:?}\n{text}", second.statements);
        assert!(second.warnings.is_empty(), "{:?}\n{text}", second.warnings);
        let forced = run(&mut session, "sync < force >\n");
        assert!(forced.warnings.is_empty(), "{:?}\n{text}", forced.warnings);
        assert_eq!(objects(&mut session), there, "{text}");
        run(&mut session, "drop\n");
        assert_eq!(objects(&mut session), [""; 0], "{text}");
    });
}

#[test]
fn the_order_of_declarations_decides_nothing_but_order() {
    on_random_scripts(24, |script| {
        let (one, two) = (schema(&script.text()), schema(&script.reversed()));
        let shapes = |schema: &Schema| -> Vec<Shape> {
            let mut found: Vec<Shape> =
                schema.models().map(|(id, _)| read_back::said(schema, id).sorted()).collect();
            found.sort();
            found
        };
        assert_eq!(shapes(&one), shapes(&two), "{}", script.text());
    });
}

//! What `diff` says of a file that may only be read: without a copy of it, as long as the rows tell what comes of a change.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]

use super::interrupted::on;
use relata::db::Sqlite;
use relata::run::Options;
use rusqlite::Connection;
use std::fmt::Write as _;

const THERE: &str = "
CREATE TABLE Users (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(255), nick VARCHAR(255), age INTEGER, CHECK (age >= 0));
CREATE TABLE Posts (id INTEGER PRIMARY KEY AUTOINCREMENT, title VARCHAR(255), rank INTEGER,
  UserId INTEGER REFERENCES Users (id) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE INDEX posts_rank ON Posts (rank);
CREATE VIEW titles AS SELECT title FROM Posts;
CREATE TRIGGER named AFTER UPDATE ON Users BEGIN SELECT 1; END;
INSERT INTO Users VALUES (1, 'a', 'x', NULL), (2, 'b', 'x', 3), (7, 'c', NULL, 4);
INSERT INTO Posts VALUES (1, 't', 1, 1), (2, 'u', 2, 7);
ANALYZE";

/// What models say; `{user}` and `{post}` are what differs.
fn script(user: &str, post: &str) -> String {
    let user = if user.is_empty() { "nick: STRING, age: INTEGER, check (age >= 0)" } else { user };
    let post = if post.is_empty() { "rank: INTEGER, index (rank)" } else { post };
    format!(
        "defaults < timestamps: false >\nmodel User {{ name: STRING, {user} }}\nmodel Post {{ title: STRING, {post} }}\n\
         Post belongsTo User < onUpdate: cascade, onDelete: setNull >\n"
    )
}

/// How often a file is copied for what a script would change of it: the changes, and how many of them are refused.
#[track_caller]
fn check(user: &str, post: &str, more: &str, expected: (usize, bool, usize)) {
    check_of(THERE, user, post, more, expected);
}

#[track_caller]
fn check_of(there: &str, user: &str, post: &str, more: &str, expected: (usize, bool, usize)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    Connection::open(&path).unwrap().execute_batch(there).unwrap();
    let text = format!("{}{more}\n", script(user, post));
    let session = on(Sqlite::read_only(&path).unwrap());
    let mut session = session.with_options(Options::default());
    session.run("a.schema", &text, &mut Vec::new()).unwrap_or_else(|it| panic!("{text}: {it}"));
    let changes = session.diff().unwrap_or_else(|it| panic!("{text}: {it}"));
    let refused = changes.iter().filter(|it| !it.refused.is_empty()).count();
    let found = (session.database().copies.get(), changes.is_empty(), refused);
    assert_eq!(found, expected, "{text}: {changes:#?}");
}

/// It is told without a copy, and refused so often.
#[track_caller]
fn plain(user: &str, post: &str, more: &str, refused: usize) {
    check(user, post, more, (0, false, refused));
}

const USER: &str = "age: INTEGER, check (age >= 0)";

#[test]
fn what_rows_tell_needs_no_copy() {
    check("", "", "", (0, true, 0));
    let more = |it: &str| format!("nick: STRING, {USER}, {it}");
    // Columns: added, filled, dropped, renamed, of another type, not null, computed.
    plain(&more("note: STRING"), "", "", 0);
    plain(&more("level: INTEGER < allowNull: false, defaultValue: 3 >"), "", "", 0);
    plain(&more("kind: ENUM(a, b) < defaultValue: a >"), "", "", 0);
    plain(&format!("{USER}, drop nick"), "", "", 0);
    // No row was written before its columns came: what stands behind has values.
    plain(&format!("nick: STRING < defaultValue: \"z\" >, {USER}"), "", "", 0);
    plain(&format!("{USER}, alias: STRING < was: nick >"), "", "", 0);
    plain(&format!("nick: TEXT, {USER}"), "rank: BIGINT, index (rank)", "", 0);
    plain(&more("loud: STRING < generated: (upper(nick)) >"), "", "", 0);
    plain("", "rank: TEXT, index (rank)", "", 0);
    plain("", "rank: INTEGER < allowNull: false >, index (rank)", "", 0);
    // Tables, views, indexes, keys, checks.
    plain("", "", "model Tag { name: STRING }", 0);
    plain(
        "",
        "",
        "drop \"Nothing\"\nmodel Tag { name: STRING, index (name) }\nTag belongsTo User",
        0,
    );
    plain(&more("index (name)"), "", "", 0);
    plain(&more("index (lower(name)) < unique, name: by_lower >"), "", "", 0);
    plain(&more("unique (name)"), "", "", 0);
    plain(&format!("nick: STRING, {USER}, check (length(name) = 1)"), "", "", 0);
    plain("", "", "Post belongsTo User < as: editor >", 0);
    plain("", "rank: INTEGER < unique >, index (rank)", "", 0);
    plain("", "rank: INTEGER, index (rank)", "view Named = User findAll < attributes: [name] >", 0);
}

#[test]
fn what_rows_refuse_needs_no_copy() {
    let more = |it: &str| format!("nick: STRING, {USER}, {it}");
    plain(USER, "", "", 1);
    plain(&format!("{USER}, nick: STRING < allowNull: false >"), "", "", 1);
    plain(&more("level: INTEGER < allowNull: false >"), "", "", 1);
    plain(&format!("nick: STRING, {USER}, check (length(name) = 2)"), "", "", 1);
    plain(&more("unique (nick)"), "", "", 1);
    plain(&more("unique (nick), index (lower(name)) < name: by_lower >"), "", "", 1);
    plain("", "rank: INTEGER, index (rank), UserId: INTEGER, check (UserId < 5)", "", 1);
}

#[test]
fn what_they_do_not_tell_is_tried_on_a_copy() {
    let more = |it: &str| format!("nick: STRING, {USER}, {it}");
    check(&more("level: INTEGER < defaultValue: sql`(1 + 1)` >"), "", "", (1, false, 0));
    check(
        "",
        "",
        "once \"one\" { User update { name: \"x\" } < where: (id = 1) > }",
        (1, false, 0),
    );
}

#[test]
fn many_tables_with_few_rows_are_copied() {
    let mut there = format!("{THERE}; BEGIN");
    for it in 0..400 {
        let _infallible = write!(there, "; CREATE TABLE t{it} (a)");
    }
    there.push_str("; COMMIT");
    let user = format!("nick: STRING, {USER}, note: STRING");
    check_of(&there, &user, "", "", (1, false, 0));
}

//! What the answers of a page can't show: rows that are matched, numbers that come next, storage classes, plans of queries.

use harness::shop::Shop;
use relata::db::{Database, Sqlite};
use relata::session::Session;

/// `age` becomes another type, and so the rows move.
const MOVES: &str = "\
model User {
  id: INTEGER < primaryKey >
  name: TEXT
  age: INTEGER
} < timestamps: false, tableName: users >
sync < alter >
";

const USERS: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age TEXT);
INSERT INTO users VALUES (1, 'Ann', '1'), (2, 'Bob', NULL), (77, 'Cid', '3');
";

#[track_caller]
fn held(shop: &Shop, script: &str) {
    assert_eq!(shop.held(script), Ok(Vec::new()));
}

#[test]
fn settings_stay() {
    let shop = Shop::new(
        "PRAGMA page_size = 8192; PRAGMA auto_vacuum = FULL; PRAGMA user_version = 7; PRAGMA application_id = 9;",
    );
    shop.execute(USERS);
    held(&shop, MOVES);
    assert_eq!(shop.one("PRAGMA user_version"), "7");
    assert_eq!(shop.one("PRAGMA application_id"), "9");
    assert_eq!(shop.one("PRAGMA page_size"), "8192");
    assert_eq!(shop.one("PRAGMA auto_vacuum"), "1");
}

#[test]
fn foreign_keys_are_in_force_afterwards_done_or_refused() {
    let shop = Shop::new(USERS);
    let refused = MOVES.replace("INTEGER\n}", "INTEGER < allowNull: false >\n}");
    for (script, fine) in [(refused.as_str(), false), (MOVES, true)] {
        let mut session = Session::new(Sqlite::open(shop.path()).unwrap());
        let done = session.run("shop.schema", script, &mut Vec::new());
        assert_eq!(done.is_ok(), fine);
        assert!(session.database().foreign_keys().unwrap());
    }
}

#[test]
fn the_next_number_is_the_one_that_it_would_have_been() {
    for (rows, last, next) in [
        (
            "INSERT INTO users VALUES (50, 'Ann', '1'), (100, 'Bob', '2'); DELETE FROM users WHERE id = 100;",
            "100",
            "101",
        ),
        ("INSERT INTO users VALUES (9, 'Ann', '1'); DELETE FROM users;", "9", "10"),
        (
            "INSERT INTO users VALUES (1, 'Ann', '1'); UPDATE sqlite_sequence SET seq = -7;",
            "-7",
            "2",
        ),
    ] {
        let table = USERS.replace("PRIMARY KEY", "PRIMARY KEY AUTOINCREMENT");
        let shop = Shop::new(table.lines().nth(1).unwrap());
        shop.execute(rows);
        held(&shop, &MOVES.replace("primaryKey", "primaryKey, autoIncrement"));
        assert_eq!(shop.one("SELECT seq FROM sqlite_sequence WHERE name = 'users'"), last);
        assert_eq!(shop.one("INSERT INTO users (name) VALUES ('z') RETURNING id"), next);
    }
}

#[test]
fn a_key_that_no_longer_counts_on_counts_on_again_behind_a_rollback() {
    let shop = Shop::new(&USERS.replace("PRIMARY KEY", "PRIMARY KEY AUTOINCREMENT"));
    shop.execute("INSERT INTO users (id) VALUES (100); DELETE FROM users WHERE id = 100;");
    let script = MOVES.replace("primaryKey", "primaryKey, autoIncrement: false");
    held(&shop, &script);
    assert_eq!(shop.one("SELECT count(*) FROM sqlite_sequence"), "0");
    assert_eq!(shop.one("INSERT INTO users (name) VALUES ('z') RETURNING id"), "78");
    shop.roll_back().unwrap();
    assert_eq!(shop.one("INSERT INTO users (name) VALUES ('z') RETURNING id"), "101");
}

#[test]
fn a_text_index_of_the_table_finds_the_same_rows() {
    let shop = Shop::new(
        "CREATE TABLE notes (code TEXT PRIMARY KEY, body TEXT, age TEXT);
         INSERT INTO notes (rowid, code, body, age) VALUES (1, 'a', 'red fox', '1'), (2, 'b', 'blue fox', '2'), (77, 'c', 'red hen', '3');
         CREATE VIRTUAL TABLE found USING fts5(body, content = 'notes');
         INSERT INTO found (found) VALUES ('rebuild');",
    );
    let script = "model Note { code: TEXT < primaryKey >, body: TEXT, age: INTEGER } < timestamps: false, tableName: notes >\nsync < alter >\n";
    let matched = "SELECT rowid, body FROM found WHERE found MATCH 'red' ORDER BY rowid";
    let before = shop.rows(matched);
    assert_eq!(before, ["1|red fox", "77|red hen"]);
    held(&shop, script);
    assert_eq!(shop.rows(matched), before);
    shop.execute("INSERT INTO found (found) VALUES ('integrity-check')");
}

#[test]
fn values_of_any_type_stay_as_they_are() {
    let shop = Shop::new(USERS);
    shop.execute(
        "UPDATE users SET name = 3 WHERE id = 1; UPDATE users SET name = x'00ff' WHERE id = 2;",
    );
    shop.execute("ALTER TABLE users ADD COLUMN odd INTEGER; UPDATE users SET odd = CASE id WHEN 1 THEN 3.5 WHEN 2 THEN 'x' ELSE x'00' END;");
    held(&shop, &MOVES.replace("  age", "  odd: INTEGER\n  age"));
    assert_eq!(
        shop.rows("SELECT typeof(name), typeof(odd) FROM users"),
        ["text|real", "blob|text", "text|blob"]
    );
}

/// A table that is too large to be looked at when it has moved, of a file that is, too; `edit` is done to its rows, and then columns get
/// types that never saw them.
fn large(rule: &str, edit: &str) -> Shop {
    let shop = Shop::new(&format!(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name, nick, score{rule}, age TEXT);
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
         INSERT INTO users SELECT i, 'n' || i, i, i / 7.0, '3' FROM n;
         CREATE TABLE ballast (it); INSERT INTO ballast VALUES (zeroblob(17 << 20));"
    ));
    shop.execute(edit);
    shop.execute(
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, 'name, nick, score', 'name TEXT, nick INTEGER, score DOUBLE') WHERE name = 'users';
         PRAGMA writable_schema = RESET;",
    );
    shop
}

const LARGE: &str = "\
model User {
  id: INTEGER < primaryKey >
  name: TEXT
  nick: INTEGER
  score: DOUBLE
  age: INTEGER
} < timestamps: false, tableName: users >
sync < alter >
";

#[test]
fn values_that_their_columns_would_change_move_as_they_are() {
    let shop = large(
        "",
        "UPDATE users SET name = 0.1 + 0.2, nick = '007' WHERE id = 7; UPDATE users SET name = 12, nick = '1e3' WHERE id = 60000;",
    );
    let all = "SELECT id, quote(name), typeof(name), quote(nick), typeof(nick), score FROM users";
    let before = shop.rows(all);
    shop.run(LARGE).unwrap();
    assert_eq!(shop.rows(all), before);
    assert_eq!(shop.one("SELECT DISTINCT typeof(age) FROM users"), "integer");
}

#[test]
fn values_of_another_kind_are_compared_where_the_type_stays() {
    let shop = large("", "UPDATE users SET score = 'x' WHERE id = 7");
    let all = "SELECT id, name, nick, quote(score) FROM users";
    let before = shop.rows(all);
    shop.run(LARGE).unwrap();
    assert_eq!(shop.rows(all), before);

    // SQLite would make 7.0 of it.
    let shop = large("", "UPDATE users SET score = '007' WHERE id = 59999");
    let before = shop.rows("SELECT id, name, nick, quote(score), age FROM users");
    let refused = "E0511: `users` was not altered: its rows would not be the same";
    assert_eq!(shop.run(LARGE).unwrap_err(), [refused]);
    assert_eq!(shop.rows("SELECT id, name, nick, quote(score), age FROM users"), before);
}

#[test]
fn a_row_that_takes_the_place_of_another_is_missed() {
    // The column's type makes one value of two.
    let edit = "UPDATE users SET score = '7' WHERE id = 7; UPDATE users SET score = 7 WHERE id = 8";
    let shop = large(" UNIQUE ON CONFLICT REPLACE", edit);
    let before = shop.rows("SELECT id, name, nick, quote(score), age FROM users");
    let refused = shop.run(&LARGE.replace("DOUBLE", "DOUBLE < unique >")).unwrap_err();
    assert_eq!(refused, ["E0511: `users` was not altered: its rows would not be as many"]);
    assert_eq!(shop.rows("SELECT id, name, nick, quote(score), age FROM users"), before);
}

#[test]
fn rows_that_refer_to_nothing_already_are_not_in_the_way() {
    let shop = Shop::new(USERS);
    shop.execute(
        "PRAGMA foreign_keys = OFF; CREATE TABLE posts (userId INTEGER REFERENCES users (id));
         INSERT INTO posts VALUES (1), (9);",
    );
    held(&shop, MOVES);
    assert_eq!(shop.rows("PRAGMA foreign_key_check").len(), 1);
}

#[test]
fn a_foreign_key_that_refers_to_no_key_already_is_not_in_the_way() {
    let shop = Shop::new(USERS);
    shop.execute(
        "PRAGMA foreign_keys = OFF; CREATE TABLE posts (by TEXT REFERENCES users (name));
         INSERT INTO posts VALUES ('Ann');",
    );
    shop.run(MOVES).unwrap();
    assert_eq!(shop.one("SELECT typeof(age) FROM users WHERE id = 1"), "integer");
    shop.roll_back().unwrap();
    assert_eq!(shop.one("SELECT typeof(age) FROM users WHERE id = 1"), "text");
}

#[test]
fn a_deep_tree_keeps_its_keys() {
    let shop = Shop::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age TEXT, bossId INTEGER REFERENCES users (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
         INSERT INTO users SELECT i, 'n', '1', nullif(i - 1, 0) FROM n;",
    );
    held(
        &shop,
        &MOVES.replace(
            "  age",
            "  bossId: INTEGER < references: { model: User, key: id, deferrable: initiallyDeferred }, onDelete: cascade >\n  age",
        ),
    );
    assert_eq!(shop.one("SELECT count(*), sum(bossId) FROM users"), "10000|49995000");
}

#[test]
fn what_analyze_found_is_still_known() {
    let shop = Shop::new(USERS);
    shop.execute(
        "CREATE INDEX named ON users (name); CREATE INDEX aged ON users (age, name); ANALYZE;",
    );
    let plan = "EXPLAIN QUERY PLAN SELECT * FROM users WHERE name = 'Ann'";
    // The last part of it says how; one before it is an estimate of SQLite's.
    let how = || shop.one(plan).rsplit('|').next().unwrap().to_owned();
    let (stat, before) = (shop.rows("SELECT * FROM sqlite_stat1"), how());
    assert_eq!(stat.len(), 2);
    held(&shop, MOVES);
    assert_eq!(shop.rows("SELECT * FROM sqlite_stat1"), stat);
    assert_eq!(how(), before);
}

#[test]
fn uuids_of_rows_that_were_there_are_their_own() {
    let shop = Shop::new(USERS);
    let script = "model User { id: INTEGER < primaryKey >, name: TEXT, age: TEXT, a: UUID < defaultValue: uuid() >, b: UUID < defaultValue: uuid(1) > } < timestamps: false, tableName: users >\nsync < alter >\n";
    shop.run(script).unwrap();
    assert_eq!(shop.one("SELECT count(DISTINCT a), count(DISTINCT b) FROM users"), "3|3");
    let version = |it: &str| {
        let digit = "[0-9a-f]";
        let (four, eight) = (digit.repeat(4), digit.repeat(8));
        let tail =
            format!("{digit}{digit}{digit}-[89ab]{digit}{digit}{digit}-{}", digit.repeat(12));
        format!("{eight}-{four}-{it}{tail}")
    };
    let sql = format!(
        "SELECT count(*) FROM users WHERE a GLOB '{}' AND b GLOB '{}'",
        version("4"),
        version("1")
    );
    assert_eq!(shop.one(&sql), "3");
    shop.roll_back().unwrap();
}

#[test]
fn a_temporary_trigger_of_another_connection_is_not_in_the_way() {
    let shop = Shop::new(USERS);
    shop.execute(
        "CREATE TEMP TABLE log (x); CREATE TEMP TRIGGER t AFTER INSERT ON main.users BEGIN INSERT INTO log VALUES (new.id); END;",
    );
    held(&shop, MOVES);
    shop.execute("INSERT INTO users (id) VALUES (5)");
    assert_eq!(shop.one("SELECT x FROM temp.log"), "5");
}

#[test]
fn one_table_of_a_thousand_changes_alone() {
    let shop = Shop::new("");
    let models = |of: &str| -> String {
        let each = (0..1000).map(|it| {
            let kind = if it == 500 { of } else { "TEXT" };
            format!(
                "model M{it} {{ id: INTEGER < primaryKey >, x: {kind} }} < timestamps: false >\n"
            )
        });
        each.collect()
    };
    shop.run(&format!("{}sync\n", models("TEXT"))).unwrap();
    let before = shop.schema();
    shop.run(&format!("{}sync < alter >\n", models("INTEGER"))).unwrap();
    let changed = shop.schema().into_iter().filter(|it| !before.contains(it));
    assert_eq!(changed.count(), 1);
}

//! What holds of every database that is pulled: of its statements with tokens taken out, twice or in another order, valid or
//! not, the script can be read, and it is found in the end.

#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may fail so"
)]

use arbtest::arbitrary::{Result, Unstructured};
use arbtest::arbtest;
use relata::catalog::{Definition, Object, ObjectKind, Table, TableStorage, differences};
use relata::db::{Database, Sqlite, Structure};
use relata::load::MapLoader;
use relata::pull::{self, RowMisfits};
use relata::session::Session;
use relata::source::Sources;
use relata::stored::{CreateTable, definition, tokens};
use relata::syntax;

const STATEMENTS: [&str; 22] = [
    "CREATE TABLE Users (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(80) NOT NULL DEFAULT 'x', age INT CHECK (age > 0) COLLATE NOCASE, boss_id INTEGER REFERENCES Users (id) ON DELETE SET NULL)",
    "CREATE TABLE \"a `b\" (\"c \"\"d\" TEXT UNIQUE ON CONFLICT REPLACE, e AS (1 + 2) STORED, f DATETIME DEFAULT CURRENT_TIMESTAMP)",
    "CREATE TABLE Posts (id INTEGER PRIMARY KEY, /* who */ author INTEGER, CONSTRAINT k FOREIGN KEY (author) REFERENCES Users ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED, UNIQUE (author, id)) STRICT",
    "CREATE TABLE post_tags (post_id INT REFERENCES Posts (id), tag_id INT REFERENCES tags (id), PRIMARY KEY (post_id, tag_id)) WITHOUT ROWID",
    "CREATE TABLE tags (id INTEGER PRIMARY KEY, kind TEXT CHECK (kind IN ('a', 'b')), CHECK (kind <> 'c'), createdAt DATETIME NOT NULL, updatedAt DATETIME NOT NULL)",
    "CREATE TABLE tag (x, y, PRIMARY KEY (y, x))",
    "CREATE INDEX i ON Users (name COLLATE NOCASE DESC, lower(name), age + 1) WHERE age IS NOT NULL AND name IN ('x')",
    "CREATE UNIQUE INDEX u ON Posts (author)",
    "CREATE VIEW v AS SELECT * FROM Users WHERE `name` = 'x'",
    "CREATE TRIGGER t AFTER INSERT ON Users BEGIN SELECT 1; END",
    "CREATE VIRTUAL TABLE found USING fts5(body)",
    "CREATE TABLE found_data (id INTEGER PRIMARY KEY, block BLOB)",
    // Tables that look like a virtual table's own, and one that is one.
    "CREATE TABLE found_node (id INTEGER PRIMARY KEY, x TEXT)",
    "CREATE TABLE tags_content (id INTEGER PRIMARY KEY ASC NOT NULL, x TEXT)",
    // Names of columns, tables and indexes that are one, in other letters.
    "CREATE TABLE name (NAME TEXT UNIQUE, 'Age' INT, CONSTRAINT name CHECK (\"name\" <> \"age\" OR \"Age\" > 0))",
    "CREATE INDEX age ON name (AGE, \"Name\" COLLATE nocase)",
    "CREATE UNIQUE INDEX boss_id ON USERS (NAME, ID)",
    // Texts in double quotes, and comments with what else would end something.
    "CREATE TABLE quoted (a TEXT CHECK (a IN (\"x\", \"it's\", 'a, b)')) DEFAULT \"x\", b TEXT AS (a || \"(,\"), /* one, (two' */ c INT -- three), \"four\"\n, CHECK (c > 0) UNIQUE (a, c) CONSTRAINT last)",
    "CREATE INDEX by_text ON quoted (a) WHERE a = \"x\"",
    "CREATE VIEW texts AS SELECT a, \"yes, (no)\" AS said FROM quoted",
    "CREATE TRIGGER quoting AFTER INSERT ON quoted WHEN new.a = \"x\" BEGIN UPDATE quoted SET c = 1 WHERE a = \"x\"; END",
    "CREATE TABLE joined (post_id INT NOT NULL REFERENCES Posts (id), tag INT REFERENCES 'tags' ('id'), UNIQUE (post_id, 'tag'))",
];

/// How many databases a property is tried on.
const COUNT: u64 = 100;

/// Tries a property on databases made of random bytes, the same ones every time.
fn seeded(property: impl Fn(&mut Unstructured<'_>) -> Result<()>) {
    for number in 1..=COUNT {
        let size = 64 + number % 16 * 64;
        let random = number.wrapping_mul(0x9E37_79B9) & 0xFFFF_FFFF;
        arbtest(&property).seed(random << 32 | size);
    }
}

/// A statement, broken here and there.
fn broken(sql: &str, u: &mut Unstructured<'_>) -> Result<String> {
    let mut pieces: Vec<&str> = tokens(sql).into_iter().map(|it| &sql[it.range]).collect();
    for _ in 0..u.int_in_range(0..=3)? {
        let at = u.choose_index(pieces.len())?;
        let other = u.choose_index(pieces.len())?;
        match u.int_in_range(0..=3)? {
            0 if pieces.len() > 4 => drop(pieces.remove(at)),
            1 => pieces.insert(at, pieces[other]),
            2 => pieces.swap(at, other),
            _ => pieces[at] = u.choose(&["\"", "(", ")", "'", "`", "é", "--", ",", "\0"])?,
        }
    }
    Ok(pieces.join(" "))
}

fn object(sql: String, place: usize) -> Object {
    let words: Vec<&str> = STATEMENTS[place].split([' ', '(']).collect();
    let kind = match words[1] {
        "VIEW" => ObjectKind::View,
        "TRIGGER" => ObjectKind::Trigger,
        "INDEX" | "UNIQUE" => ObjectKind::Index,
        _ => ObjectKind::Table,
    };
    let table = if kind == ObjectKind::Index { "Users" } else { words[2] };
    let definition = match words[2] {
        "found_data" => Definition::Table(TableStorage::Shadow),
        _ => definition(kind, &sql),
    };
    Object { name: words[2].to_owned(), table: table.to_owned(), sql: Some(sql), definition }
}

#[test]
fn whatever_the_statements_say_there_is_a_script() {
    seeded(|u| {
        let mut objects = Vec::new();
        for (place, sql) in STATEMENTS.iter().enumerate() {
            if u.ratio(2, 3)? {
                objects.push(object(broken(sql, u)?, place));
            }
        }
        let script = pull::script(&objects, &RowMisfits::default());
        let mut sources = Sources::default();
        let id = sources.add("pulled.schema", &script).unwrap();
        let mut parsed = syntax::parse(sources.get(id));
        // What no database keeps, as its brackets are not closed, is no raw SQL either.
        parsed.problems.retain(|it| it.code() != "E0107");
        assert_eq!(parsed.problems, [], "{script}");
        let mut loader = MapLoader::from_iter([("pulled.schema", script)]);
        let _ = pull::merge(&objects, &RowMisfits::default(), "pulled.schema", &mut loader);
        Ok(())
    });
}

#[test]
fn what_sqlite_takes_is_made_again() {
    seeded(|u| {
        let mut db = Sqlite::in_memory().unwrap();
        for sql in STATEMENTS {
            // What it refuses isn't there.
            let _ = db.create(&broken(sql, u)?);
        }
        let objects = db.objects().unwrap();
        let script = pull::script(&objects, &RowMisfits::default());
        let mut same = Session::new(Sqlite::in_memory().unwrap());
        if let Err(failure) = same.run("pulled.schema", &script, &mut Vec::new()) {
            panic!("{failure}\n{script}");
        }
        let again = same.database().objects().unwrap();
        let mut loader = MapLoader::from_iter([("pulled.schema", script.as_str())]);
        let (_, merged) = pull::merge(&again, &RowMisfits::default(), "pulled.schema", &mut loader);
        assert_eq!(merged, Ok(None), "{script}");
        Ok(())
    });
}

/// What a column of a table may be.
const COLUMNS: [&str; 16] = [
    "h INTEGER",
    "H INTEGER",
    "h INTEGER /* one, (two */ NOT NULL",
    "h INTEGER CHECK (h >= 0)",
    "h INTEGER CHECK (h >= 0) CHECK (\"h\">=0)",
    "h INTEGER CONSTRAINT c CHECK (h >= 0)",
    "h INTEGER DEFAULT TRUE",
    "h INTEGER DEFAULT (1)",
    "h INTEGER DEFAULT 'x'",
    "h INTEGER DEFAULT \"x\"",
    "h INTEGER UNIQUE",
    "h INTEGER COLLATE BINARY",
    "h INTEGER COLLATE NOCASE",
    "h INTEGER CHECK (h NOT IN (7, 8) /* ) */)",
    "h INTEGER REFERENCES p (id)",
    "h INTEGER REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED",
];

/// What a table may have beside it.
const BESIDE: [&str; 9] = [
    "",
    ", CHECK (h >= 0)",
    ", CONSTRAINT c CHECK (h >= 0)",
    ", CONSTRAINT d CHECK (h >= 0) CHECK (h >= 0)",
    ", UNIQUE (h)",
    ", CONSTRAINT u UNIQUE ('h' ASC)",
    ", CHECK (h <> 7 OR \"H\" IS NULL)",
    ", CONSTRAINT k FOREIGN KEY (h) REFERENCES p (id)",
    ", UNIQUE (h) CONSTRAINT k FOREIGN KEY (h) REFERENCES 'p' ('id') ON DELETE CASCADE",
];

/// A database of such a table.
fn table(u: &mut Unstructured<'_>) -> Result<(Sqlite, String)> {
    let mut db = Sqlite::in_memory().unwrap();
    db.create("CREATE TABLE p (id INTEGER PRIMARY KEY)").unwrap();
    let (column, beside) = (u.choose(&COLUMNS)?, u.choose(&BESIDE)?);
    let sql = format!("CREATE TABLE t (id INTEGER PRIMARY KEY, {column}{beside})");
    db.create(&sql).unwrap();
    Ok((db, sql))
}

#[test]
fn altering_changes_something_where_pulling_does() {
    seeded(|u| {
        let ((mut is, is_sql), (mut said, said_sql)) = (table(u)?, table(u)?);
        let script = pull::script(&said.objects().unwrap(), &RowMisfits::default());
        let objects = is.objects().unwrap();
        let mut loader = MapLoader::from_iter([("pulled.schema", script.as_str())]);
        let (_, merged) =
            pull::merge(&objects, &RowMisfits::default(), "pulled.schema", &mut loader);
        let mut session = Session::new(is);
        let altering = script.replace("\nsync\n", "\nsync < alter >\n");
        let done = session.run("pulled.schema", &altering, &mut Vec::new());
        let same = done.is_ok() && session.database().objects().unwrap() == objects;
        assert_eq!(merged == Ok(None), same, "{said_sql}\n{is_sql}\n{script}");
        Ok(())
    });
}

/// What a statement says of a table is what SQLite makes of it: `pull` reads statements, and `sync` asks SQLite.
#[track_caller]
fn check_reading(db: &mut Sqlite) {
    for object in db.objects().unwrap() {
        let Some(read) = object.sql.as_deref().and_then(CreateTable::read) else { continue };
        let Some(made) = db.table(&object.name).unwrap() else { continue };
        let said = read.table;
        // What is kept as it is written isn't read.
        if !said.others.is_empty() || said.columns.iter().any(|it| !it.others.is_empty()) {
            continue;
        }
        let number = |it: &Table| it.rowid().map(|it| it.name.clone());
        let mut made = made;
        made.indexes.retain(|it| it.sql.is_none());
        assert_eq!(differences(&said, &made), [], "{}", said.sql);
        assert_eq!(number(&said), number(&made), "{}", said.sql);
    }
}

#[test]
fn a_statement_says_what_sqlite_makes_of_it() {
    for sql in [
        "CREATE TABLE t (a BIGINT PRIMARY KEY, b 'INTEGER' UNIQUE)",
        "CREATE TABLE t (a \"INTEGER\" PRIMARY KEY, b, UNIQUE (a), UNIQUE (b, A), UNIQUE (a, b))",
        "CREATE TABLE t (a INTEGER NOT NULL, b INT, PRIMARY KEY (b, a), UNIQUE (b, a)) WITHOUT ROWID",
        "CREATE TABLE t (a INTEGER PRIMARY KEY ASC, b INTEGER DEFAULT +1 REFERENCES u) STRICT",
        "CREATE TABLE t (a INTEGER, b AS (a + 1) STORED, c AS (b), PRIMARY KEY (A))",
        "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b, FOREIGN KEY (b, a) REFERENCES t (a, b) ON DELETE SET DEFAULT)",
        "CREATE TABLE t (ä INTEGER PRIMARY KEY, Ä INTEGER UNIQUE)",
    ] {
        let mut db = Sqlite::in_memory().unwrap();
        if let Err(error) = db.create(sql) {
            panic!("{sql}: {error}");
        }
        check_reading(&mut db);
    }
    seeded(|u| {
        let mut db = Sqlite::in_memory().unwrap();
        for sql in STATEMENTS {
            let _ = db.create(&broken(sql, u)?);
        }
        check_reading(&mut db);
        check_reading(&mut table(u)?.0);
        Ok(())
    });
}

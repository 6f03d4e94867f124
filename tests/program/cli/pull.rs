//! `relata pull`.

#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use crate::kit::Folder;
use relata::db::{Database, Sqlite};

/// A folder with a database.
fn folder() -> Folder {
    let folder = Folder::new();
    let mut db = Sqlite::open(folder.path("a.db")).unwrap();
    for sql in [
        "CREATE TABLE Users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL)",
        "CREATE TABLE Posts (id INTEGER PRIMARY KEY AUTOINCREMENT, UserId INTEGER REFERENCES Users (id))",
        "CREATE VIEW Names AS SELECT name FROM Users",
    ] {
        db.execute(sql, &[]).unwrap();
    }
    folder
}

const SCRIPT: &str = "defaults < timestamps: false >

model User {
  name: TEXT < allowNull: false >
}

model Post { }

Post belongsTo User < onDelete: noAction, onUpdate: noAction >
User hasMany Post < foreignKey: UserId >

view Names = User findAll < attributes: [name] >

sync
";

#[test]
fn the_script_goes_to_standard_output_and_runs() {
    let folder = folder();
    let done = folder.run(&["pull", "--db", "a.db"]);
    assert_eq!(done.fine().out, SCRIPT);
    folder.write("a.schema", &done.out);
    let same = folder.run(&["run", "a.schema", "--db", "a.db"]);
    assert_eq!((same.fine().out.as_str(), same.err.as_str()), ("", ""));
    let differs = folder.run(&["diff", "a.schema", "--db", "a.db"]);
    differs.fine();
    let applied = folder.run(&["apply", "a.schema", "--db", "a.db"]);
    assert_eq!(applied.fine().out, "");
    folder.run(&["run", "a.schema", "--db", "b.db"]).fine();
    let again = folder.run(&["pull", "--db", "sqlite:b.db"]);
    assert_eq!(again.fine().out, SCRIPT);
}

#[test]
fn values_that_are_no_such_are_told_and_keep_the_type_out() {
    let folder = Folder::new();
    let mut db = Sqlite::open(folder.path("a.db")).unwrap();
    for sql in [
        "CREATE TABLE items (id INTEGER PRIMARY KEY AUTOINCREMENT, price NUMERIC(10,2), name NVARCHAR(3), note VARCHAR)",
        "INSERT INTO items VALUES (1, 'abc', 'abcd', printf('%300s', 'x')), (2, 1.5, NULL, '')",
    ] {
        db.execute(sql, &[]).unwrap();
    }
    let done = folder.run(&["pull", "--db", "a.db"]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    for said in [
        "`price` of `items` has 1 value that is no DECIMAL(10, 2): 'abc'",
        "`name` of `items` has 1 value that is no STRING(3): 'abcd'",
    ] {
        assert!(done.err.contains(said), "{}", done.err);
    }
    for said in [
        "price: sql`NUMERIC(10,2)`",
        "name:  STRING(3) < columnType: \"NVARCHAR(3)\" >",
        "note:  TEXT < columnType: \"VARCHAR\" >",
    ] {
        let squeezed = |it: &str| it.replace(' ', "");
        assert!(squeezed(&done.out).contains(&squeezed(said)), "{}", done.out);
    }
}

#[test]
fn moments_in_another_form_are_told() {
    let folder = Folder::new();
    let mut db = Sqlite::open(folder.path("a.db")).unwrap();
    for sql in [
        "CREATE TABLE Visits (id INTEGER PRIMARY KEY, at DATETIME, until DATETIME)",
        "INSERT INTO Visits VALUES (1, '2022-01-16 12:00:00', NULL), (2, '2022-01-16T12:00:00Z', '2022-01-16 12:00:00.000 +00:00')",
    ] {
        db.execute(sql, &[]).unwrap();
    }
    for pulled in [["pull", "--db", "a.db"].as_slice(), &["pull", "--db", "a.db", "a.schema"]] {
        let done = folder.run(pulled);
        assert_eq!(done.code, Some(0), "{}", done.err);
        assert!(
            done.err.contains("W0017") && done.err.contains("`at` of `Visits` has 2 values"),
            "{}",
            done.err
        );
        assert!(
            done.err.contains("using: (strftime(") && !done.err.contains("until"),
            "{}",
            done.err
        );
    }
}

#[test]
fn a_file_is_made_and_then_brought_up_to_date() {
    let folder = folder();
    folder.run(&["pull", "--db", "a.db", "a.schema"]).says(0, "pulled a.schema");
    assert_eq!(folder.read("a.schema"), SCRIPT);
    let done = folder.run(&["pull", "--db", "a.db", "a.schema"]);
    done.says(0, "a.schema matches the database already");
    let mut db = Sqlite::open(folder.path("a.db")).unwrap();
    db.execute("ALTER TABLE Posts ADD COLUMN title TEXT", &[]).unwrap();
    folder.write("a.schema", SCRIPT.replace("model Post", "// What they write.\nmodel Post"));
    folder.run(&["pull", "--db", "a.db", "a.schema"]).says(0, "pulled a.schema");
    let text = folder.read("a.schema");
    assert!(text.contains("// What they write.\nmodel Post {\n  title: TEXT\n}"), "{text}");
}

#[test]
fn a_script_with_mistakes_is_not_touched() {
    let folder = folder();
    let script = "model User { name: STRNG }\n";
    folder.write("a.schema", script);
    folder.run(&["pull", "--db", "a.db", "a.schema"]).says(1, "E0301");
    assert_eq!(folder.read("a.schema"), script);
    folder.write("a.schema", "model User { name: TEXT, old: TEXT, scope o < where: (old = \"x\") > } < timestamps: false >\n");
    folder.run(&["pull", "--db", "a.db", "a.schema"]).says(1, "E0126");
    let left = std::fs::read_dir(folder.path("")).unwrap();
    let names = left.map(|it| it.unwrap().file_name().into_string().unwrap());
    assert!(names.into_iter().all(|it| !it.starts_with('.')), "nothing is left behind");
}

#[test]
fn what_is_imported_counts_and_is_not_changed() {
    let folder = folder();
    folder.write(
        "users.schema",
        "model User { name: TEXT < allowNull: false > } < timestamps: false >\n",
    );
    folder.write("a.schema", "import \"users.schema\"\n");
    folder.run(&["pull", "--db", "a.db", "a.schema"]).fine();
    let text = folder.read("a.schema");
    assert!(!text.contains("model User") && text.contains("model Post"), "{text}");
    folder.write("users.schema", "model User { name: STRING } < timestamps: false >\n");
    folder.run(&["pull", "--db", "a.db", "a.schema"]).says(1, "E0126");
}

#[test]
fn a_database_that_is_not_there_is_not_made() {
    let folder = folder();
    folder.run(&["pull", "--db", "none.db"]).says(3, "there is no such file");
    assert!(!folder.path("none.db").exists());
    folder.write("text.db", "this is no database, whatever its name says about it");
    folder.run(&["pull", "--db", "text.db"]).says(3, "E06");
    folder.run(&["pull", "--db", "postgres://x/y"]).says(2, "postgres");
    folder.run(&["pull"]).says(2, "--db");
}

#[test]
fn a_file_that_cannot_be_written_is_said() {
    let folder = folder();
    folder.run(&["pull", "--db", "a.db", "none/a.schema"]).says(3, "can't be written");
}

#[test]
fn a_script_for_another_database_says_what_that_has_no_words_for() {
    let folder = Folder::new();
    let mut db = Sqlite::open(folder.path("a.db")).unwrap();
    for sql in [
        "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name NVARCHAR(80) NOT NULL, any, ok BOOL DEFAULT 1 CHECK (ok IN (0, 1)), at DATETIME DEFAULT (datetime('now')), secs INT DEFAULT (strftime('%s', 'now')), odd TEXT DEFAULT (hex(randomblob(4))))",
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, author TEXT REFERENCES users (id))",
        "CREATE VIEW names AS SELECT [name] FROM users UNION SELECT 'x'",
        "CREATE VIEW short AS SELECT [name] FROM users WHERE length(name) < 5",
        "CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END",
    ] {
        db.execute(sql, &[]).unwrap();
    }
    let done = folder.run(&["pull", "--db", "a.db", "--for", "postgres", "a.schema"]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    for said in [
        "the type of `any` of `users`",
        "the default of `odd` of `users`: `(hex(randomblob(4)))`: PostgreSQL has no function `hex`",
        "the view `names`",
        "the trigger `t`",
        "the type of `author` of `posts`",
    ] {
        let squeezed = |it: &str| it.split_whitespace().filter(|it| *it != "│").collect::<String>();
        assert!(squeezed(&done.err).contains(&squeezed(said)), "{said}\n{}", done.err);
    }
    let sql = folder.run(&["sql", "a.schema", "--dialect", "postgres"]);
    for said in [
        "VARCHAR(80)",
        "BOOLEAN DEFAULT TRUE",
        "DEFAULT (extract(epoch from now())::bigint)",
        "\"author\" INTEGER",
        "CREATE VIEW \"short\"",
    ] {
        assert!(sql.fine().out.contains(said), "{said}\n{}", sql.out);
    }
    assert!(!sql.out.contains("CHECK") && !sql.out.contains("datetime("), "{}", sql.out);
    // One that is there would be brought up to date, which is another thing.
    folder
        .run(&["pull", "--db", "a.db", "--for", "postgres", "a.schema"])
        .says(2, "is there already");
}

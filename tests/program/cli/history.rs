//! `relata history` and `relata rollback`.

#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use crate::kit::Folder;
use rusqlite::Connection;

const BEFORE: &str = "\
model User { name: STRING, nick: STRING < defaultValue: \"-\" >, age: STRING, index (name) } < timestamps: false >
model Post { title: STRING } < timestamps: false >
Post belongsTo User
sync
User create { name: \"Ann\", nick: \"a\", age: \"07\" }
User create { name: \"Bob\", nick: null }
User create { name: \"Cid\" }
Post create { title: \"x\", UserId: 1 }
";
const AFTER: &str = "\
model Person {
  fullName: STRING < was: name >
  age: INTEGER < allowNull: false, defaultValue: 0, using: (cast(age as INTEGER)) >
  drop nick
  level: INTEGER
  index (age)
} < was: User, timestamps: false, tableName: People >
model Post { title: STRING } < timestamps: false >
Post belongsTo Person < foreignKey: { name: UserId, onDelete: cascade } >
model Tag { label: STRING } < timestamps: false >
";

/// A folder with a database that was migrated.
fn folder() -> (Folder, Vec<String>) {
    let folder = Folder::new();
    folder.write("a.schema", BEFORE);
    folder.write("b.schema", AFTER);
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    let before = dump(&folder);
    folder.run(&["apply", "b.schema", "--db", "a.db"]).fine();
    assert_ne!(dump(&folder), before);
    (folder, before)
}

fn open(folder: &Folder) -> Connection {
    Connection::open(folder.path("a.db")).unwrap()
}

/// Every statement and every row, Relata's own left out.
fn dump(folder: &Folder) -> Vec<String> {
    let connection = open(folder);
    let own = "name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE '!_relata!_%' ESCAPE '!'";
    let all = format!("SELECT type, name, sql FROM sqlite_schema WHERE {own} ORDER BY 1, 2");
    let mut found = rows(&connection, &all);
    let names = format!("SELECT name FROM sqlite_schema WHERE type = 'table' AND {own} ORDER BY 1");
    for table in rows(&connection, &names) {
        found.extend(rows(&connection, &format!("SELECT rowid, * FROM \"{table}\"")));
    }
    found.extend(rows(&connection, "SELECT * FROM sqlite_sequence ORDER BY 1"));
    found
}

fn rows(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let width = statement.column_count();
    let each = statement.query_map([], |row| {
        let values = (0..width).map(|it| row.get_ref(it).map(told));
        values.collect::<Result<Vec<_>, _>>()
    });
    each.unwrap().map(|it| it.unwrap().join("|")).collect()
}

fn told(value: rusqlite::types::ValueRef<'_>) -> String {
    match value {
        rusqlite::types::ValueRef::Text(it) => String::from_utf8_lossy(it).into_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_rollback_gives_everything_back() {
    let (folder, before) = folder();
    let done = folder.run(&["rollback", "--db", "a.db"]);
    done.says(0, "migration 2");
    assert!(!done.out.contains("CREATE") && !done.out.contains("ALTER"), "{}", done.out);
    assert_eq!(dump(&folder), before);
    // And forth, and back.
    folder.run(&["apply", "b.schema", "--db", "a.db"]).fine();
    let done = folder.run(&["rollback", "--db", "a.db", "--verbose"]);
    assert!(done.fine().out.contains("ALTER TABLE"), "{}", done.out);
    assert_eq!(dump(&folder), before);
    folder.run(&["rollback", "--db", "a.db"]).says(1, "E0513").says(1, "by now");
    folder.run(&["rollback", "--db", "a.db", "--allow", "E0513"]).fine();
    folder.run(&["rollback", "--db", "a.db"]).says(0, "nothing to roll back");
}

#[test]
fn rows_written_since_stay() {
    let (folder, _) = folder();
    let sql = "INSERT INTO People (fullName, age) VALUES ('Dan', 4); UPDATE People SET age = 9 WHERE id = 1";
    open(&folder).execute_batch(sql).unwrap();
    folder.run(&["rollback", "--db", "a.db"]).fine();
    let found = rows(&open(&folder), "SELECT name, nick, age FROM Users");
    // Ann's age was written since; Dan's nick is the default, Bob's is null as it was.
    assert_eq!(found, ["Ann|a|9", "Bob|Null|Null", "Cid|-|Null", "Dan|-|4"]);
}

#[test]
fn what_was_written_since_is_not_lost() {
    for sql in ["UPDATE People SET level = 3 WHERE id = 2", "INSERT INTO Tags (label) VALUES ('x')"]
    {
        let (folder, _) = folder();
        open(&folder).execute_batch(sql).unwrap();
        let there = dump(&folder);
        folder.run(&["rollback", "--db", "a.db"]).says(1, "E0513").says(1, "by now");
        assert_eq!(dump(&folder), there);
        folder.run(&["rollback", "--db", "a.db", "--allow", "E0513"]).fine();
    }
}

#[test]
fn somebody_elses_changes_are_told_and_kept() {
    let (folder, _) = folder();
    let sql = "ALTER TABLE People ADD COLUMN phone TEXT; CREATE INDEX theirs ON People (age)";
    open(&folder).execute_batch(sql).unwrap();
    folder.run(&["history", "--db", "a.db"]).says(0, "W0009");
    folder.run(&["apply", "b.schema", "--db", "a.db"]).says(1, "E0512");
    folder.run(&["rollback", "--db", "a.db"]).says(1, "E0512");
    folder.write("c.schema", AFTER.replace("level: ", "phone: TEXT, level: "));
    folder.run(&["apply", "c.schema", "--db", "a.db"]).fine();
    folder.run(&["apply", "b.schema", "--db", "a.db", "--allow", "E0512"]).fine();
    let there = dump(&folder).join("\n");
    assert!(there.contains("theirs") && !there.contains("phone"), "{there}");
}

#[test]
fn indexes_and_views_that_relata_made_go_with_their_lines() {
    let folder = Folder::new();
    let view = "view Adults = User findAll < where: (age > 17) >\n";
    let model = "model User { name: STRING, age: INTEGER, index (age) } < timestamps: false >\n";
    folder.write("a.schema", format!("{model}{view}sync\n"));
    folder.write("b.schema", model.replace(", index (age)", ""));
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    open(&folder)
        .execute_batch("CREATE VIEW theirs AS SELECT 1; CREATE INDEX own ON Users (name)")
        .unwrap();
    folder.run(&["apply", "b.schema", "--db", "a.db"]);
    let sql = "SELECT name FROM sqlite_schema WHERE type IN ('index', 'view') ORDER BY 1";
    assert_eq!(rows(&open(&folder), sql), ["own", "theirs"]);
    folder.run(&["rollback", "--db", "a.db"]).fine();
    assert_eq!(rows(&open(&folder), sql), ["Adults", "own", "theirs", "users_age"]);
    // With the column, too, it is told once.
    folder.write("c.schema", "model User { name: STRING, drop age } < timestamps: false >\n");
    let told = folder.run(&["diff", "c.schema", "--db", "a.db"]);
    assert_eq!(told.out.matches("index `users_age`").count(), 1, "{}", told.out);
    folder.run(&["apply", "c.schema", "--db", "a.db"]);
    assert_eq!(rows(&open(&folder), sql), ["own", "theirs"]);
    folder.run(&["rollback", "--db", "a.db"]).fine();
    assert_eq!(rows(&open(&folder), sql), ["Adults", "own", "theirs", "users_age"]);
}

#[test]
fn what_was_done_is_said_in_the_words_of_a_plan() {
    let folder = Folder::new();
    folder.write("a.schema", "model Client { name: STRING, age: INTEGER } < timestamps: false >\n");
    folder.write(
        "b.schema",
        "model Customer { name: STRING < allowNull: false, defaultValue: \"-\" >, years: INTEGER < was: age > } \
         < timestamps: false, was: Clients >\nmodel Tag { label: STRING } < timestamps: false >\n",
    );
    folder.write("sync.schema", "import \"a.schema\"\nsync\n");
    folder.run(&["run", "sync.schema", "--db", "a.db"]).fine();
    folder.run(&["apply", "b.schema", "--db", "a.db"]).fine();
    let told = folder.run(&["history", "--db", "a.db"]);
    for line in [
        "  + Clients: create\n",
        "  ~ Customers\n    ~ rename table from `Clients`\n    ~ rename column `age` to `years`\n    ~ set `name` NOT NULL",
        "  + Tags: create\n",
    ] {
        assert!(told.out.contains(line), "{line}: {}", told.out);
    }
    let undone = folder.run(&["rollback", "--db", "a.db"]);
    let plan = "~ Clients\n  ~ rename table from `Customers`\n  ~ rename column `years` to `age`\n  ~ drop NOT NULL of `name`\n";
    assert!(undone.out.contains(plan) && undone.out.contains("- Tags: drop\n"), "{}", undone.out);
}

#[test]
fn what_is_kept_can_be_given_up() {
    let (folder, _) = folder();
    let kept = "SELECT name FROM sqlite_schema WHERE name LIKE '!_relata!_kept%' ESCAPE '!'";
    assert_eq!(rows(&open(&folder), kept), ["_relata_kept_2_People"]);
    folder.run(&["history", "prune", "--db", "a.db"]).says(0, "2 migrations");
    assert_eq!(rows(&open(&folder), kept), [""; 0]);
    folder.run(&["rollback", "--db", "a.db"]).says(1, "prune");
    let listed = folder.run(&["history", "--db", "a.db", "--format", "json"]);
    assert_eq!(listed.fine().out.lines().count(), 2);
    folder.run(&["history", "--db", "none.db"]).says(3, "E0607");
    assert!(!folder.path("none.db").exists());
}

#[test]
fn what_force_dropped_comes_back() {
    let (folder, _) = folder();
    let before = dump(&folder);
    folder.write("c.schema", format!("{AFTER}sync < force >\n"));
    folder.run(&["run", "c.schema", "--db", "a.db"]).fine();
    assert_ne!(dump(&folder), before);
    folder.run(&["rollback", "--db", "a.db"]).says(0, "migration 3");
    assert_eq!(dump(&folder), before);
}

#[test]
fn a_virtual_table_goes_with_what_it_keeps() {
    let folder = Folder::new();
    folder.write("a.schema", "model Post { title: TEXT }\nsync");
    folder.write(
        "b.schema",
        "model Post { title: TEXT }\nsql`CREATE VIRTUAL TABLE a_search USING fts5 (title)`\nsync",
    );
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    let before = dump(&folder);
    folder.run(&["apply", "b.schema", "--db", "a.db"]).fine();
    folder.run(&["rollback", "--db", "a.db"]).fine();
    assert_eq!(dump(&folder), before);
    // What was written into it would go: what finds the rows of another table can be filled again.
    for (content, code, text) in
        [("", 1, "E0513"), (", content='Posts', content_rowid='id'", 0, "")]
    {
        folder.write(
            "c.schema",
            format!(
                "model Post {{ title: TEXT }}\nsql`CREATE VIRTUAL TABLE a_search USING fts5 (title{content})`\n\
                 sync < alter >\nPost create {{ title: \"a\" }}\n"
            ),
        );
        folder.run(&["run", "c.schema", "--db", "a.db"]).fine();
        let insert = "INSERT INTO a_search (rowid, title) VALUES (1, 'a')";
        let link = rusqlite::Connection::open(folder.path("a.db")).unwrap();
        link.execute_batch(insert).unwrap();
        drop(link);
        folder.run(&["rollback", "--db", "a.db"]).says(code, text);
        let allowed = ["rollback", "--db", "a.db", "--allow", "E0513"];
        if code != 0 {
            folder.run(&allowed).fine();
        }
    }
}

#[test]
fn what_was_written_since_in_other_letters_is_not_what_came() {
    let folder = Folder::new();
    let model = |of: &str| {
        format!("model User {{ name: TEXT < collate: NOCASE{of} > }} < timestamps: false >\n")
    };
    folder.write("a.schema", model("") + "sync\nUser create { }\n");
    folder.write(
        "b.schema",
        "model User {\n\
           name: TEXT < collate: NOCASE, allowNull: false, defaultValue: \"none\" >\n\
           tag: TEXT < collate: NOCASE, defaultValue: \"none\" >\n\
         } < timestamps: false >\n",
    );
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    folder.run(&["apply", "b.schema", "--db", "a.db"]).fine();
    let link = rusqlite::Connection::open(folder.path("a.db")).unwrap();
    link.execute_batch("UPDATE Users SET name = 'NONE', tag = 'NONE'").unwrap();
    folder.run(&["rollback", "--db", "a.db"]).says(1, "E0513");
    link.execute_batch("UPDATE Users SET tag = 'none'").unwrap();
    folder.run(&["rollback", "--db", "a.db"]).fine();
    let name: String = link.query_row("SELECT name FROM Users", [], |it| it.get(0)).unwrap();
    assert_eq!(name, "NONE");
}

#[test]
fn what_a_sentence_drops_comes_back() {
    for sentence in ["Post drop", "drop", "sync < force >", "Post sync < force >"] {
        let folder = Folder::new();
        folder.write("a.schema", BEFORE);
        folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
        let sql = "CREATE TRIGGER seen AFTER INSERT ON Posts BEGIN SELECT 1; END; CREATE INDEX theirs ON Posts (title); \
                   INSERT INTO Posts (id, title) VALUES (7, 'y'), (9, 'z'); DELETE FROM Posts WHERE id = 9";
        open(&folder).execute_batch(sql).unwrap();
        let before = dump(&folder);
        let models: Vec<_> = BEFORE.lines().take(3).collect();
        folder.write("b.schema", format!("{}\n{sentence}\n", models.join("\n")));
        folder.run(&["run", "b.schema", "--db", "a.db"]).fine();
        assert_ne!(dump(&folder), before, "{sentence}");
        folder.run(&["rollback", "--db", "a.db"]).fine();
        assert_eq!(dump(&folder), before, "{sentence}");
    }
}

#[test]
fn a_table_without_a_key_comes_back_with_the_numbers_of_its_rows() {
    let folder = Folder::new();
    let sql = "CREATE TABLE logs (n ANY, twice AS (n * 2), at REAL); INSERT INTO logs (rowid, n, at) VALUES (3, '007', 1), (5, x'00', NULL); \
               CREATE TABLE pairs (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID; INSERT INTO pairs VALUES (1, 'x'); CREATE TABLE empties (a)";
    open(&folder).execute_batch(sql).unwrap();
    let numbers = |folder: &Folder| {
        let connection = open(folder);
        let mut all = rows(&connection, "SELECT rowid, n, twice, at FROM logs");
        all.extend(rows(&connection, "SELECT * FROM pairs"));
        all.extend(rows(
            &connection,
            "SELECT sql FROM sqlite_schema WHERE name IN ('logs', 'pairs', 'empties')",
        ));
        all
    };
    let before = numbers(&folder);
    let script = "model Log { n: sql`ANY` } < id: false, timestamps: false, tableName: logs >\n\
                  model Pair { a: INTEGER < primaryKey >, b: TEXT < primaryKey > } < timestamps: false, tableName: pairs, withoutRowid >\n\
                  model Empty { a: TEXT } < id: false, timestamps: false, tableName: empties >\ndrop\n";
    folder.write("b.schema", script);
    folder.run(&["run", "b.schema", "--db", "a.db"]).fine();
    folder.run(&["rollback", "--db", "a.db"]).fine();
    assert_eq!(numbers(&folder), before);
}

#[test]
fn rows_in_a_table_made_anew_are_not_lost() {
    let folder = Folder::new();
    let script = format!("{BEFORE}sync < force >\nPost create {{ title: \"new\" }}\n");
    folder.write("a.schema", script);
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    folder.run(&["rollback", "--db", "a.db"]).says(1, "E0513").says(1, "by now");
    folder.run(&["rollback", "--db", "a.db", "--allow", "E0513"]).fine();
    let found = rows(&open(&folder), "SELECT title FROM Posts");
    assert_eq!(found, ["x"]);
}

#[test]
fn copies_go_when_they_are_told_to() {
    let (folder, _) = folder();
    folder
        .run(&["history", "prune", "--db", "a.db"])
        .says(0, "`a.db.backup-2` is a copy from before a change");
    assert!(folder.path("a.db.backup-2").exists());
    folder
        .run(&["history", "prune", "--copies", "--db", "a.db"])
        .says(0, "`a.db.backup-2` is removed");
    assert!(!folder.path("a.db.backup-2").exists());
    folder.run(&["history", "--copies", "--db", "a.db"]).says(2, "prune");
}

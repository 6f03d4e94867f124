//! The survival databases: `age` of a user becomes NOT NULL DEFAULT 0, and everything else must stay.
//!
//! Each has users, posts (ON DELETE CASCADE) and memos (ON DELETE SET NULL), and one thing more.

use harness::shop::Shop;

/// A database.
struct Case {
    name: &'static str,
    /// The statement of the users; `AGE` stands for the column.
    table: &'static str,
    /// What is there beside the tables.
    beside: &'static str,
    /// What else the model has.
    attributes: &'static str,
    /// Options of the model.
    options: &'static str,
    /// What works afterwards: SQL, and what it yields.
    works: &'static [(&'static str, &'static str)],
}

const PLAIN: Case = Case {
    name: "plain",
    table: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, AGE)",
    beside: "",
    attributes: "",
    options: "",
    works: &[],
};

const COLUMN: &str = "age INTEGER";
const CHANGED: &str = "age INTEGER NOT NULL DEFAULT 0";

const REST: &str = "
CREATE UNIQUE INDEX users_email ON users (email);
CREATE TABLE posts (id INTEGER PRIMARY KEY, userId INTEGER REFERENCES users (id) ON DELETE CASCADE);
CREATE TABLE memos (id INTEGER PRIMARY KEY, userId INTEGER REFERENCES users (id) ON DELETE SET NULL);
INSERT INTO users (id, email, age) VALUES (1, 'a', 1), (2, 'b', 2), (5, 'c', 3);
INSERT INTO posts VALUES (1, 1), (2, 1), (3, 2), (4, 5);
INSERT INTO memos VALUES (1, 1), (2, 2), (3, NULL);
";

const CASES: [Case; 22] = [
    PLAIN,
    Case {
        name: "null rows",
        beside: "UPDATE users SET age = NULL WHERE id > 1;",
        works: &[("SELECT group_concat(age) FROM users", "1,0,0")],
        ..PLAIN
    },
    Case {
        name: "a trigger on the table",
        beside: "CREATE TABLE log (x); UPDATE users SET age = NULL WHERE id = 2;
                 CREATE TRIGGER one AFTER UPDATE ON users BEGIN INSERT INTO log VALUES (new.id); END;",
        works: &[
            ("SELECT count(*) FROM log", "0"),
            ("UPDATE users SET age = 9 WHERE id = 5 RETURNING id", "5"),
            ("SELECT x FROM log", "5"),
        ],
        ..PLAIN
    },
    Case {
        name: "a trigger elsewhere",
        beside: "CREATE TRIGGER two AFTER INSERT ON posts BEGIN UPDATE users SET age = age + 1 WHERE id = new.userId; END;",
        works: &[
            ("INSERT INTO posts VALUES (9, 1) RETURNING id", "9"),
            ("SELECT age FROM users WHERE id = 1", "2"),
        ],
        ..PLAIN
    },
    Case {
        name: "a view",
        beside: "CREATE VIEW v AS SELECT id, age FROM users; CREATE VIEW w AS SELECT age FROM v;
                 CREATE TABLE log (x);
                 CREATE TRIGGER three INSTEAD OF INSERT ON v BEGIN INSERT INTO log VALUES (new.age); END;",
        works: &[
            ("SELECT sum(age) FROM w", "6"),
            ("INSERT INTO v VALUES (1, 7) RETURNING id", "1"),
            ("SELECT x FROM log", "7"),
        ],
        ..PLAIN
    },
    Case {
        name: "a partial index",
        beside: "CREATE INDEX part ON users (age) WHERE age > 1;",
        ..PLAIN
    },
    Case {
        name: "an index of an expression",
        beside: "CREATE INDEX low ON users (lower(email));",
        ..PLAIN
    },
    Case {
        name: "a descending index",
        beside: "CREATE INDEX down ON users (age DESC, email COLLATE NOCASE DESC);",
        ..PLAIN
    },
    Case {
        name: "a check of the column",
        table: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT CHECK(length([email])<9), AGE)",
        attributes: "check (length(email) < 9)",
        works: &[("INSERT OR IGNORE INTO users (email) VALUES ('123456789') RETURNING 1", "")],
        ..PLAIN
    },
    Case {
        name: "a check of the table",
        table: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, AGE, CONSTRAINT grown CHECK (age < 200))",
        attributes: "check (age < 200)",
        works: &[("INSERT OR IGNORE INTO users (age) VALUES (201) RETURNING 1", "")],
        ..PLAIN
    },
    Case {
        name: "a collation",
        table: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT COLLATE NOCASE, AGE)",
        attributes: "email: TEXT < collate: NOCASE >",
        works: &[("SELECT id FROM users WHERE email = 'A'", "1")],
        ..PLAIN
    },
    Case {
        name: "generated columns",
        table: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, AGE, v TEXT AS (email || age), s INTEGER GENERATED ALWAYS AS (age * 2) STORED)",
        attributes: "v: TEXT < generated: (email || age) >, s: INTEGER < generated: (age * 2), stored >",
        works: &[
            ("SELECT v, s FROM users WHERE id = 2", "b2|4"),
            ("UPDATE users SET age = 7 WHERE id = 2 RETURNING id", "2"),
            ("SELECT v, s FROM users WHERE id = 2", "b7|14"),
        ],
        ..PLAIN
    },
    Case {
        name: "AUTOINCREMENT",
        table: "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT, AGE)",
        beside: "INSERT INTO users (id) VALUES (100); DELETE FROM users WHERE id = 100;",
        works: &[("INSERT INTO users (email) VALUES ('z') RETURNING id", "101")],
        attributes: "id: INTEGER < primaryKey, autoIncrement >",
        ..PLAIN
    },
    Case {
        name: "a computed default",
        table: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT DEFAULT (lower('X')), AGE)",
        attributes: "email: TEXT < defaultValue: sql`(lower('X'))` >",
        works: &[("INSERT INTO users (id) VALUES (9) RETURNING email", "x")],
        ..PLAIN
    },
    Case {
        name: "comments",
        table: "CREATE TABLE users (id INTEGER PRIMARY KEY, -- the key, NOT NULL\n email TEXT /* , age */, AGE -- since\n )",
        ..PLAIN
    },
    Case {
        name: "STRICT",
        table: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, AGE) STRICT",
        options: ", strict",
        works: &[("INSERT OR IGNORE INTO users (age) SELECT 1 RETURNING age", "1")],
        ..PLAIN
    },
    Case {
        name: "a text key, and numbers of rows",
        table: "CREATE TABLE users (code TEXT PRIMARY KEY, id INTEGER UNIQUE, email TEXT, AGE)",
        beside: "UPDATE users SET code = 'k' || id; DELETE FROM users WHERE id = 2; UPDATE users SET rowid = 77 WHERE id = 5;",
        attributes: "code: TEXT < primaryKey >, id: INTEGER < unique >",
        works: &[("SELECT group_concat(rowid) FROM users", "1,77")],
        ..PLAIN
    },
    Case {
        name: "a deferrable key to itself",
        table: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, AGE, bossId INTEGER REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)",
        beside: "UPDATE users SET bossId = 1 WHERE id > 1;",
        attributes: "bossId: INTEGER < references: { model: User, key: id, deferrable: initiallyDeferred } >",
        works: &[("SELECT count(*) FROM users WHERE bossId = 1", "2")],
        ..PLAIN
    },
    Case {
        name: "what a conflict does",
        table: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, AGE, code TEXT UNIQUE ON CONFLICT REPLACE)",
        beside: "UPDATE users SET code = 'x' WHERE id = 5;",
        attributes: "code: TEXT < unique >",
        works: &[
            ("INSERT INTO users (id, code) VALUES (6, 'x') RETURNING id", "6"),
            ("SELECT id FROM users WHERE code = 'x'", "6"),
        ],
        ..PLAIN
    },
    Case {
        name: "odd values",
        table: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, AGE, odd INTEGER)",
        beside: "UPDATE users SET odd = 3.5 WHERE id = 1; UPDATE users SET odd = 'x', age = 'old' WHERE id = 2; UPDATE users SET odd = x'00ff' WHERE id = 5;",
        attributes: "odd: INTEGER",
        works: &[
            ("SELECT group_concat(typeof(odd)) FROM users", "real,text,blob"),
            ("SELECT typeof(age) FROM users WHERE id = 2", "text"),
        ],
        ..PLAIN
    },
    Case {
        name: "a child of two columns",
        table: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, AGE, a INTEGER, b INTEGER, UNIQUE (a, b))",
        beside: "UPDATE users SET a = id, b = id; CREATE TABLE pairs (a INTEGER, b INTEGER, FOREIGN KEY (a, b) REFERENCES users (a, b)); INSERT INTO pairs VALUES (1, 1), (5, 5);",
        attributes: "a: INTEGER, b: INTEGER, unique (a, b)",
        works: &[("INSERT INTO pairs VALUES (2, 2) RETURNING a", "2")],
        ..PLAIN
    },
    Case {
        name: "names in quotes",
        table: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, AGE, [a b] TEXT, `c``d` TEXT, \"e\"\"f\" TEXT, \"select\" TEXT)",
        beside: "UPDATE users SET [a b] = 'x', \"select\" = 'y'; CREATE TABLE \"new_users\" (x); CREATE INDEX \"i \"\"1\" ON users (\"e\"\"f\");",
        attributes: "x: TEXT < field: \"a b\" >, y: TEXT < field: \"c`d\" >, z: TEXT < field: \"e\\\"f\" >, select: TEXT",
        works: &[("SELECT count(\"select\") FROM users", "3")],
        ..PLAIN
    },
];

/// A column that comes with a computed default, for which the rows have to move.
const MORE: &str = "more: INTEGER < allowNull: false, defaultValue: sql`(1 + 1)` >";
/// What it is in the table's text, and in a row.
const MORE_IS: [&str; 2] = [", `more` INTEGER NOT NULL DEFAULT (1 + 1)", "|more=2"];

fn script(case: &Case, moves: bool) -> String {
    let said = |name: &str| case.attributes.contains(name);
    let mut attributes = vec!["age: INTEGER < allowNull: false, defaultValue: 0 >"];
    if !said("id: INTEGER") {
        attributes.push("id: INTEGER < primaryKey >");
    }
    if !said("email: TEXT") {
        attributes.push("email: TEXT");
    }
    if moves {
        attributes.push(MORE);
    }
    attributes.push("index (email) < unique, name: users_email >");
    attributes.extend(Some(case.attributes).filter(|it| !it.is_empty()));
    format!(
        "model User {{ {} }} < timestamps: false, tableName: users{} >\nsync < alter >\n",
        attributes.join(", "),
        case.options
    )
}

#[test]
fn twenty_two_of_twenty_two_databases_survive() {
    all_survive(false);
}

#[test]
fn they_survive_that_their_rows_move() {
    all_survive(true);
}

fn all_survive(moves: bool) {
    let mut wrong = Vec::new();
    for case in &CASES {
        if let Err(why) = survives(case, moves) {
            wrong.push(format!("{}: {why}", case.name));
        }
    }
    let ok = CASES.len() - wrong.len();
    assert!(wrong.is_empty(), "{ok} of 22; {}", wrong.join("\n"));
}

fn survives(case: &Case, moves: bool) -> Result<(), String> {
    let shop = Shop::new(&format!("{};{REST}{}", case.table.replace("AGE", COLUMN), case.beside));
    let wanted: Vec<_> = (shop.dump().into_iter())
        .map(|it| it.replace("age=NULL", "age=0"))
        .map(|it| if it.starts_with("table|users|") { it.replace(COLUMN, CHANGED) } else { it })
        .collect();
    let refused = shop.held(&script(case, moves))?;
    if !refused.is_empty() {
        return Err(refused.join("; "));
    }
    let mut there = shop.dump();
    if moves {
        let text = there.iter().any(|it| it.contains(MORE_IS[0]));
        assert!(text, "{}: {there:#?}", case.name);
        for it in &mut there {
            *it = it.replace(MORE_IS[0], "").replace(MORE_IS[1], "");
        }
    }
    if there != wanted {
        let lost: Vec<_> = wanted.iter().filter(|it| !there.contains(it)).collect();
        let new: Vec<_> = there.iter().filter(|it| !wanted.contains(it)).collect();
        return Err(format!("{lost:?} became {new:?}"));
    }
    for (sql, yields) in case.works {
        let there = shop.one(sql);
        if there != *yields {
            return Err(format!("`{sql}` yields {there}, not {yields}"));
        }
    }
    Ok(())
}

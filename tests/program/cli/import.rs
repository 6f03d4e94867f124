//! `relata import`.

use crate::kit::Folder;

/// What is imported from a file, which has no problems.
#[track_caller]
fn imported(file: &str, text: &str) -> (String, String) {
    let folder = Folder::new();
    folder.write(file, text);
    let done = folder.run(&["import", file]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    folder.write("a.schema", &done.out);
    folder.run(&["check", "a.schema"]).fine();
    folder.run(&["fmt", "--check", "a.schema"]).fine();
    (done.out, done.err)
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    let squeezed = |it: &str| it.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(squeezed(text).contains(&squeezed(part)), "{part}\n{text}");
    }
}

#[test]
fn prismas_schemas() {
    let (script, told) = imported(
        "schema.prisma",
        "datasource db { provider = \"sqlite\" }
model User {
  id    Int     @id @default(autoincrement())
  email String  @unique
  role  Role    @default(USER)
  posts Post[]
  odd   Unsupported(\"point\")
}
model Post {
  id       Int  @id @default(autoincrement())
  author   User @relation(fields: [authorId], references: [id])
  authorId Int
}
enum Role {
  USER
  ADMIN
}
",
    );
    says(
        &script,
        &[
            "email: TEXT    < allowNull: false, unique >",
            "User hasMany Post",
            "Post belongsTo User",
            "enum Role {\n  USER\n  ADMIN\n}",
            "odd:   sql`point` < allowNull: false >",
        ],
    );
    assert_eq!(told, "");
}

#[test]
fn tables_of_dbml() {
    let (script, _) = imported(
        "shop.dbml",
        "Table users {\n  id int [pk, increment]\n  name varchar(50) [not null]\n}\nTable posts {\n  id int [pk]\n  user_id int [ref: > users.id]\n}\n",
    );
    says(
        &script,
        &["name: STRING(50) < allowNull: false >", "Post belongsTo User", "User hasMany Post"],
    );
}

#[test]
fn sql_of_sqlite_is_made_and_pulled() {
    let (script, _) = imported(
        "shop.sql",
        "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name NVARCHAR(80) NOT NULL);
INSERT INTO users VALUES (1, 'a;b');
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));
CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT CASE WHEN 1 THEN 2 END; SELECT 1; END;
",
    );
    says(
        &script,
        &[
            "name: STRING(80) < allowNull: false, columnType: \"NVARCHAR(80)\" >",
            "Post belongsTo User",
            "CREATE TRIGGER t",
        ],
    );
}

#[test]
fn dumps_of_servers() {
    let (script, told) = imported(
        "pg.sql",
        "SET statement_timeout = 0;
CREATE TYPE public.mood AS ENUM ('sad', 'ok');
CREATE TABLE public.users (
    id integer NOT NULL,
    name character varying(80) DEFAULT 'x'::character varying NOT NULL,
    mood public.mood DEFAULT 'ok'::public.mood,
    tags text[],
    at timestamp with time zone DEFAULT now(),
    price numeric(10,2) DEFAULT 0.5,
    ok boolean DEFAULT true
);
CREATE SEQUENCE public.users_id_seq START WITH 1;
CREATE TABLE public.posts (id bigint NOT NULL, user_id integer NOT NULL);
CREATE VIEW public.v AS SELECT 1;
ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('public.users_id_seq'::regclass);
ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.posts ADD CONSTRAINT posts_pkey PRIMARY KEY (id);
CREATE INDEX users_name ON public.users USING btree (name);
ALTER TABLE ONLY public.posts ADD CONSTRAINT posts_user FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
",
    );
    says(
        &script,
        &[
            "name: STRING(80) < allowNull: false, defaultValue: \"x\" >",
            "enum mood { sad, ok }",
            "mood: mood < defaultValue: \"ok\" >",
            "tags: JSON",
            "at: DATE < defaultValue: (now()) >",
            "price: DECIMAL(10, 2) < defaultValue: 0.5 >",
            "ok: BOOLEAN < defaultValue: true >",
            "Post belongsTo User < as: user, foreignKey: { allowNull: false }, onDelete: cascade",
            "// views, functions, triggers and policies aren't carried over",
        ],
    );
    says(&told, &["2 parts can't be said: they are comments"]);
    let (script, _) = imported(
        "my.sql",
        "CREATE TABLE `users` (`id` int(11) NOT NULL AUTO_INCREMENT, `kind` enum('a','b') NOT NULL DEFAULT 'a', `n` int(10) unsigned DEFAULT NULL COMMENT 'how many', `body` longtext, `ok` tinyint(1) NOT NULL DEFAULT '0', `at` datetime DEFAULT current_timestamp() ON UPDATE current_timestamp(), PRIMARY KEY (`id`), UNIQUE KEY `one` (`kind`,`n`), KEY `two` (`body`(20))) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `posts` (`id` bigint(20) NOT NULL AUTO_INCREMENT PRIMARY KEY, `user_id` int(11) DEFAULT NULL, CONSTRAINT `fk` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
",
    );
    says(
        &script,
        &[
            "kind: ENUM(a, b) < allowNull: false, defaultValue: \"a\" >",
            "body: TEXT",
            "n: INTEGER.UNSIGNED",
            "ok: BOOLEAN",
            "unique (kind, n) < name: one >",
            "index (body) < name: two >",
            "Post belongsTo User < as: user",
        ],
    );
}

#[test]
fn models_of_sequelize() {
    let (script, _) = imported(
        "models.json",
        r#"{ "models": [
  { "name": "User", "tableName": "Users", "timestamps": true, "createdAt": "createdAt", "updatedAt": "updatedAt", "paranoid": false,
    "attributes": { "name": { "type": "STRING(80)", "allowNull": false, "validate": { "len": [2, 10], "isEmail": true } },
      "born": { "type": "DATE", "defaultValue": { "call": "now()" } }, "key": { "type": "UUID", "left": ["a default that a function gives has no word"] } },
    "indexes": [ { "fields": ["name"], "unique": true, "name": "by_name" } ],
    "associations": [ { "verb": "hasMany", "target": "Post", "as": "posts", "foreignKey": "authorId" } ] },
  { "name": "Post", "tableName": "Posts", "timestamps": false, "underscored": true,
    "attributes": { "title": { "type": "STRING" }, "on": { "type": "BOOLEAN", "field": "is_on" } },
    "scopes": { "shown": "where: (`on` = true), order: [`title` desc]" },
    "associations": [ { "verb": "hasMany", "target": "Post", "as": "twins", "foreignKey": "twinId", "scope": { "title": "a" } }, { "verb": "belongsTo", "target": "User", "as": "author", "foreignKey": "authorId", "onDelete": "SET NULL" },
      { "verb": "belongsTo", "target": "Gone", "as": "gone", "foreignKey": "goneId" } ] } ] }"#,
    );
    says(
        &script,
        &[
            "name: STRING(80) < allowNull: false, validate: { len: [2, 10], isEmail } >",
            "born: DATE < defaultValue: now() >",
            "index (name) < unique, name: \"by_name\" >",
            "User hasMany Post < as: posts, foreignKey: authorId >",
            "on: BOOLEAN < field: \"is_on\" >",
            "scope shown < where: (`on` = true), order: [`title` desc] >",
            "Post hasMany Post < scope: { title: \"a\" }, as: twins, foreignKey: twinId >",
            "// Post belongsTo Gone",
            "// key: a default",
        ],
    );
}

#[test]
fn a_first_script_of_a_schema_of_prismas() {
    let folder = Folder::new();
    folder.write(
        "schema.prisma",
        "model User {\n  id Int @id @default(autoincrement())\n  key String @default(cuid())\n}\n",
    );
    let init = ["init", "shop.schema", "--from-prisma", "schema.prisma"];
    let done = folder.run(&init);
    assert_eq!(done.code, Some(0), "{}", done.err);
    says(
        &done.err,
        &[
            "1 part can't be said: it is a comment",
            "wrote shop.schema; next: relata check shop.schema",
        ],
    );
    folder.run(&["run", "shop.schema"]).fine();
    folder.run(&init).says(2, "is there already");
    folder.run(&["init", "b.schema", "--from-prisma", "none.prisma"]).says(3, "can't be read");
    folder.write("bad.prisma", "model User {\n  id Int @id\n");
    folder.run(&["init", "b.schema", "--from-prisma", "bad.prisma"]).says(1, "never closed");
    folder.run(&["check", "b.schema"]).says(2, "b.schema");
}

/// Whatever the bytes, the command ends by itself, and what it writes has no errors.
#[test]
fn broken_files_end_in_a_report_or_in_a_script() {
    let folder = Folder::new();
    let files = [
        (
            "a.prisma",
            "model User {\n  id Int @id @default(autoincrement())\n  posts Post[]\n}\nmodel Post {\n  id Int @id\n  user User @relation(fields: [userId], references: [id])\n  userId Int\n}\n",
        ),
        (
            "a.dbml",
            "Table users as U {\n  id int [pk, note: 'x']\n  indexes { (id) [unique] }\n}\nTable p { u int [ref: > U.id, default: `now()`] }\nRef: p.u > users.id\n",
        ),
        (
            "a.sql",
            "CREATE TABLE `a` (`id` int NOT NULL AUTO_INCREMENT COMMENT 'it\\'s', `b` enum('x','y') DEFAULT 'x', PRIMARY KEY (`id`), KEY `k` (`b`(2))) ENGINE=InnoDB;\nALTER TABLE `a` ADD CONSTRAINT `c` FOREIGN KEY (`id`) REFERENCES `a` (`id`) ON DELETE CASCADE;\n",
        ),
        (
            "a.json",
            "{ \"models\": [ { \"name\": \"A\", \"attributes\": { \"b\": { \"type\": \"STRING\", \"defaultValue\": [1] } }, \"indexes\": [ { \"fields\": [ { \"name\": \"b\" } ] } ] } ] }",
        ),
    ];
    let mut seed = 1_u64;
    for (name, text) in files {
        for _ in 0..20 {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..3 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = usize::try_from(seed >> 33).unwrap() % bytes.len();
                match seed >> 20 & 3 {
                    0 => drop(bytes.remove(at)),
                    1 => bytes.insert(at, b"(){}[]'\"`\\;:,<>@"[at % 16]),
                    2 => bytes.truncate(at.max(1)),
                    _ => bytes[at] = bytes[bytes.len() / 2],
                }
            }
            folder.write(name, &bytes);
            let done = folder.run(&["import", name]);
            assert!(matches!(done.code, Some(0 | 1)), "{}: {bytes:?}", done.err);
            if done.code == Some(0) {
                folder.write("a.schema", &done.out);
                folder.run(&["check", "a.schema"]).fine();
            }
        }
    }
}

#[test]
fn what_is_wrong_is_told() {
    let folder = Folder::new();
    folder.write("a.txt", "");
    folder.run(&["import", "a.txt"]).says(2, "--from prisma");
    folder.run(&["import", "none.sql"]).says(3, "can't be read");
    folder.write("a.json", "{}");
    folder.run(&["import", "a.json"]).says(1, "sequelize-models.js");
    folder.write("a.sql", "SELECT 1;");
    folder.run(&["import", "a.sql"]).says(1, "no table");
}

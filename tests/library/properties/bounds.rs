//! A script reaches nothing but its own database and the scripts beside it.

#![expect(clippy::unwrap_used, reason = "a test whose folder fails may panic")]

use super::kit::{objects, run, session};
use relata::db::{Database, Sqlite};
use relata::session::Session;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder that goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("relata-bounds-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    #[expect(clippy::disallowed_methods, reason = "a test prepares its files")]
    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn files(&self) -> Vec<String> {
        let mut found: Vec<String> = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|it| it.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        found.sort();
        found
    }

    fn relata(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relata"));
        command.args(arguments).current_dir(&self.0).output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn raw_sql_stays_within_the_database() {
    let folder = Folder::new("sql");
    folder.write("secret.txt", "secret");
    let statements = [
        "ATTACH DATABASE 'x.db' AS x",
        "DETACH main",
        "PRAGMA writable_schema = ON",
        "PRAGMA foreign_keys = OFF",
        "VACUUM INTO 'x.db'",
        "SELECT load_extension('x')",
        "DROP TABLE Users",
        "DELETE FROM Users",
        "INSERT INTO Users VALUES (1)",
        "ALTER TABLE Users RENAME TO x",
        "BEGIN",
        "COMMIT",
        "",
        " ",
        "-- CREATE TABLE t (a)",
        "CREATE TABLE t (a); DROP TABLE Users",
        "CREATE TABLE t (a);DELETE FROM Users;",
        "CREATE TABLE t AS SELECT load_extension('x') AS a",
        "CREATE TABLE t AS SELECT readfile('secret.txt') AS a",
        "CREATE TABLE t AS SELECT writefile('x.txt', 'x') AS a",
        "CREATE TABLE t AS SELECT edit('x') AS a",
        "CREATE TABLE t AS SELECT fts3_tokenizer('x') AS a",
        "CREATE TEMP TABLE t (a)",
        "CREATE TABLE temp.t (a)",
        "CREATE TABLE x.t (a)",
        "CREATE VIRTUAL TABLE t USING csv(filename = 'secret.txt')",
        "CREATE VIRTUAL TABLE t USING zipfile('x.zip')",
        "CREATE VIRTUAL TABLE t USING fsdir('.')",
        "CREATE VIRTUAL TABLE t USING dbstat",
        "CREATE VIRTUAL TABLE t USING sqlite_dbpage",
        "CREATE TABLE sqlite_x (a)",
        "CREATE TRIGGER t AFTER INSERT ON Users BEGIN ATTACH 'x.db' AS x; END",
        "CREATE TABLE t AS SELECT * FROM fsdir('.')",
        "CREATE TABLE t AS SELECT * FROM sqlite_dbpage",
    ];
    let scripts = statements
        .map(|it| format!("model User {{ a: TEXT }} < timestamps: false >\nsql`{it}`\nsync\n"));
    let pieces = [
        "a: sql`TEXT); ATTACH 'x.db' AS x; --`",
        "a: sql`TEXT)`",
        "a: TEXT < defaultValue: sql`(load_extension('x'))` >",
        "a: TEXT < check: sql`load_extension('x')` >",
        "a: TEXT < check: sql`1); DROP TABLE Others; --` >",
        "a: TEXT\n  sql`CHECK (1)); DROP TABLE Others; --`",
        "a: TEXT\n  index (sql`load_extension(a)`)",
        "a: TEXT\n  index (sql`a); DROP TABLE Others; --`)",
        "a: TEXT\n  index (a) < where: sql`1; DROP TABLE Others` >",
        "a: TEXT < collate: `x); DROP TABLE Others; --` >",
        "a: TEXT < generated: sql`1); DROP TABLE Others; --` >",
        "a: TEXT < check: (load_extension(\"x\")) >",
        "a: TEXT < check: (readfile(a) = \"x\") >",
    ];
    let bodies =
        pieces.map(|it| format!("model Other {{ b: TEXT }}\nmodel User {{\n  {it}\n}}\nsync\n"));
    for script in scripts.iter().chain(&bodies) {
        let path = folder.0.join("a.db");
        let mut session = Session::new(Sqlite::open(&path).unwrap());
        let failure = session.run("a.schema", script, &mut Vec::new());
        assert!(failure.is_err(), "{script}");
        assert_eq!(objects(&mut session), [""; 0], "{script}");
        assert!(session.database().foreign_keys().unwrap(), "{script}");
        drop(session);
        assert_eq!(folder.files(), ["a.db", "secret.txt"], "{script}");
    }
}

#[test]
fn names_are_names_whatever_is_in_them() {
    let name = "x\"`'; DROP TABLE Users; --";
    let quoted = name.replace('`', "``");
    let mut session = session();
    let text = format!(
        "model User {{ a: TEXT }}\nmodel `{quoted}` {{ `{quoted}`: ENUM(`{quoted}`) < defaultValue: `{quoted}`, comment: `{quoted}`, unique: `{quoted}` >\n\
         check (`{quoted}` is not null) < name: `{quoted}` > }} < tableName: `{quoted}`, schema: `{quoted}` >\n\
         User belongsTo `{quoted}` < as: `{quoted} 2`, foreignKey: `{quoted} 3`, uniqueKey: `{quoted}` >\nsync\n"
    );
    run(&mut session, &text);
    assert!(objects(&mut session).iter().any(|it| it.starts_with("table Users ")));
    let again = run(&mut session, "sync\n");
    assert!(again.statements.is_empty() && again.warnings.is_empty(), "{again:?}");
    run(&mut session, "drop\n");
    assert_eq!(objects(&mut session), [""; 0]);
}

#[test]
fn imports_stay_under_the_scripts_folder() {
    let outside = Folder::new("outside");
    outside.write("secret.schema", "model Secret { a: TEXT }\n");
    let folder = Folder::new("imports");
    folder.write("sub/b.schema", "model B { a: TEXT }\n");
    let link = |from: &Path, to: &str| {
        let _ = std::os::unix::fs::symlink(from, folder.0.join(to));
    };
    link(&outside.0.join("secret.schema"), "link.schema");
    link(&outside.0, "linked");
    link(Path::new("loop.schema"), "loop.schema");
    let up = outside.0.file_name().unwrap().to_string_lossy().into_owned();
    let absolute = outside.0.join("secret.schema").to_string_lossy().into_owned();
    let paths = [
        absolute.as_str(),
        &format!("../{up}/secret.schema"),
        &format!("sub/../../{up}/secret.schema"),
        &format!("./sub/.././../{up}/secret.schema"),
        "link.schema",
        "linked/secret.schema",
        "loop.schema",
        "/etc/passwd",
        "/dev/zero",
        "/dev/stdin",
        "sub/b.schema\\0",
        "\\0",
        "",
        ".",
        "sub",
        "missing.schema",
        "sub/b.schema/",
        "-",
        "file:///etc/passwd",
        "~/x.schema",
    ];
    for path in paths {
        folder.write("a.schema", format!("import \"{path}\"\nmodel A {{ a: TEXT }}\nsync\n"));
        for arguments in [["check", "a.schema"], ["run", "a.schema"], ["sql", "a.schema"]] {
            let output = folder.relata(&arguments);
            let (out, err) =
                (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert_eq!(output.status.code(), Some(1), "{path}: {out}{err}");
            assert!(err.contains("E01") && !out.contains("CREATE"), "{path}: {out}{err}");
            assert!(!err.contains("model Secret"), "{path}: {err}");
        }
    }
    folder.write(
        "a.schema",
        "import \"sub/b.schema\"\nimport \"sub/../sub/./b.schema\"\nmodel A { a: TEXT }\nsync\n",
    );
    assert_eq!(folder.relata(&["run", "a.schema"]).status.code(), Some(0));
}

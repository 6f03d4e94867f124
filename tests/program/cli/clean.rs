//! Whatever is shown to people is clean: names, values, files, wherever they come from.

use crate::kit::{Done, Folder};

/// A control character, a bidi control, and what only joins letters.
const NAME: &str = "a\\u{1b}[31mb\\u{9b}c\\u{202e}d\\u{200d}e";
const SHOWN: &str = "a␛[31mb\u{fffd}c\u{fffd}d\u{200d}e";

fn script() -> String {
    format!(
        "model User {{ name: STRING < field: \"{NAME}\", defaultValue: \"{NAME}\" > }} < timestamps: false, tableName: \"t{NAME}\" >\n"
    )
}

#[track_caller]
fn clean(text: &str) {
    let acts = |it: char| {
        (it.is_control() && it != '\n' && it != '\t') || ('\u{202a}'..='\u{202e}').contains(&it)
    };
    assert!(!text.chars().any(acts), "{text:?}");
}

#[track_caller]
fn clean_and_shown(done: &Done) {
    clean(&done.out);
    clean(&done.err);
    assert!(done.out.contains(SHOWN) || done.err.contains(SHOWN), "{done:?}");
}

#[test]
fn statements_for_people_are_clean() {
    let folder = Folder::new();
    folder.write("a.schema", script() + "sync\n");
    let on = ["--db", "a.db"];
    let run = |arguments: &[&str]| folder.run(&[arguments, &on].concat());
    clean_and_shown(run(&["run", "a.schema"]).fine());
    folder.write("b.schema", script().replace("name: STRING", "age: INTEGER, name: STRING"));
    clean_and_shown(&run(&["diff", "b.schema"]));
    clean_and_shown(run(&["apply", "b.schema"]).fine());
    clean_and_shown(run(&["rollback"]).fine());
    clean_and_shown(&run(&["diff", "b.schema"]));
    let tables = folder.feed(&["repl", "a.schema", "--db", "a.db"], b".tables\n.sql\n");
    clean_and_shown(tables.fine());
    assert_eq!(tables.out.matches(&format!("t{SHOWN}  0 rows")).count(), 1, "{}", tables.out);
    clean_and_shown(&folder.run(&["run", "a.schema", "--explain"]));
}

#[test]
fn what_programs_read_is_exact_on_a_pipe() {
    let folder = Folder::new();
    folder.write("a.schema", script() + "sync\nUser create { }\n");
    let name = "a\u{1b}[31mb\u{9b}c\u{202e}d\u{200d}e";
    for arguments in [vec!["sql", "a.schema"], vec!["run", "a.schema", "--format", "csv"]] {
        let done = folder.run(&arguments);
        assert!(done.fine().out.contains(name), "{done:?}");
    }
}

#[test]
fn json_escapes_what_acts() {
    let folder = Folder::new();
    folder.write(
        "a.schema",
        script() + "sync\nUser create { name: \"\\u{7f}\\u{61c}\\u{2069}👨‍👩‍👧\" }\nUser findAll\nUser findOne\n",
    );
    let done = folder.run(&["run", "a.schema", "--format", "json", "--db", "a.db"]);
    clean(&done.fine().out);
    assert_eq!(done.out.matches(r#""\u007f\u061c\u2069👨‍👩‍👧""#).count(), 3, "{}", done.out);
    let texts: Vec<serde_json::Value> =
        (done.out.lines()).map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!(texts[1]["value"]["name"], "\u{7f}\u{61c}\u{2069}👨‍👩‍👧");
    folder.write("b.schema", script().replace("name: STRING", "age: INTEGER, name: STRING"));
    let on = ["b.schema", "--db", "a.db", "--format", "json"];
    clean(&folder.run(&[&["diff"][..], &on].concat()).out);
    clean(&folder.run(&["history", "--db", "a.db", "--format", "json"]).fine().out);
    folder.write("c.schema", "model `a\u{9b}b` { x: STRNG }");
    let done = folder.run(&["check", "c.schema", "--format", "json"]);
    clean(&done.out);
}

#[test]
fn names_of_files_are_clean() {
    let folder = Folder::new();
    let name = "x\u{1b}[31m\u{202e}\n.schema";
    let shown = "x␛[31m\u{fffd}␊.schema";
    folder.write(name, "model User { name: STRNG }");
    for arguments in [
        vec!["check", name],
        vec!["check", "--fix", name],
        vec!["fmt", name],
        vec!["check", "no\u{1b}[31m.schema"],
        vec!["run", "--wrong\u{1b}[31m\u{202e}"],
        vec!["pull", "--db", "a.db", name],
        vec!["run", name, "--db", "\u{1b}[31m/a.db"],
        vec!["explain", "\u{1b}[31m"],
    ] {
        folder.write("a.db", "");
        let done = folder.run(&arguments);
        clean(&done.out);
        clean(&done.err);
        assert!(done.err.contains('␛') || done.err.contains("\u{fffd}"), "{done:?}");
        if arguments.contains(&name) && arguments.len() == 2 {
            assert!(done.err.contains(shown), "{done:?}");
        }
    }
    let folder = Folder::new();
    folder.write(name, "model User { name: STRING }\nUser findAl\n");
    let done = folder.run(&["check", "--fix", name]);
    done.says(0, &format!("{shown}:2:6: `findAl` is now `findAll`"));
}

#[test]
fn joined_characters_are_spelling() {
    let folder = Folder::new();
    let text = "👨‍👩‍👧 می‌خواهم a\u{ad}b\u{200b}c\u{feff}🏴\u{e0067}\u{e007f}";
    let script = format!(
        "model E {{ t: STRING, `{text}`: STRING }} < timestamps: false >\nsync\nE create {{ t: \"{text}\", `{text}`: \"{text}\" }}\nprint \"{text}\"\n"
    );
    folder.write("a.schema", script);
    for format in ["table", "json", "csv"] {
        let done = folder.run(&["run", "a.schema", "--format", format]);
        assert!(done.fine().out.matches(text).count() >= 3, "{format}: {done:?}");
    }
}

#[test]
fn a_text_is_told_from_a_null_on_a_pipe() {
    let folder = Folder::new();
    folder.write(
        "a.schema",
        "model E { t: STRING } < timestamps: false >\nsync\nE bulkCreate [{ t: \"null\" }, { }, { t: '\"null\"' }]\nprint \"null\"\nprint null\n",
    );
    let done = folder.run(&["run", "a.schema"]);
    let (_, rows) = done.fine().out.split_once("\n\n").unwrap();
    assert_eq!(
        rows,
        "id  t\n──  ────────\n 1  \"null\"\n 2  null\n 3  \"\"null\"\"\n3 rows\n\n\"null\"\n\nnull\n"
    );
}

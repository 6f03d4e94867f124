//! `relata test`.

use crate::kit::Folder;

/// A page whose first test passes, whose second fails, and whose third has no test.
const PAGE: &str = "# Users\n\n```js\nx\n```\n\n## Formatted\n```schema\nmodel   User {  }\n```\n```format\nmodel User { }\n```\n\n## Counted\n```schema\nmodel User { }\nsync\nUser count\n```\n```json\n```\n\n## Prose\n```json\n{}\n```\n";

const COUNT: &str = r#"{"line":3,"verb":"count","model":"User","value":0}"#;

#[test]
fn what_fails_is_shown_and_told_by_the_exit_code() {
    let folder = Folder::new();
    folder.write("tests/users.md", PAGE);
    folder.write("notes.md", "# No test\n```json\n{}\n```\n");
    let done = folder.run(&["test"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    let expected = format!(
        "FAIL  tests/users.md: 1 of 2 tests\n\n  tests/users.md:21 Counted\n  what came is not what `json` says\n  - the page, + what came\n    + {COUNT}\n\n"
    );
    assert_eq!(done.out, expected);
    assert_eq!(
        done.err,
        "1 passed, 1 failed\n`relata test --bless` writes what came into the pages\n"
    );
    let done = folder.run(&["test", "--filter", "USERS formatted"]);
    assert_eq!((done.code, done.out.as_str()), (Some(0), "ok    tests/users.md: 1 test\n"));
    let done = folder.run(&["test", "--filter", "nothing"]);
    assert_eq!(
        (done.code, done.err.as_str()),
        (Some(2), "error: no test has `nothing` in its name\n")
    );
}

#[test]
fn what_came_is_written_into_the_page_and_holds_then() {
    let folder = Folder::new();
    folder.write("users.md", PAGE);
    let done = folder.run(&["test", "users.md", "--bless"]);
    assert_eq!(
        (done.code, done.out.as_str()),
        (Some(0), "wrote users.md: 1 of 2 tests\n\n"),
        "{done:?}"
    );
    let text = folder.read("users.md");
    assert_eq!(text, PAGE.replacen("```json\n```", &format!("```json\n{COUNT}\n```"), 1));
    assert_eq!(folder.run(&["test"]).code, Some(0));
}

#[test]
fn programs_read_what_came() {
    let folder = Folder::new();
    folder.write("users.md", PAGE);
    let json = folder.run(&["test", "--format", "json"]);
    let lines: Vec<serde_json::Value> =
        json.out.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["ok"], &lines[1]["ok"]), (2, &true.into(), &false.into()));
    assert_eq!(lines[1]["failures"][0]["actual"], format!("{COUNT}\n"));
    let github = folder.run(&["test", "--format", "github"]).out;
    assert!(
        github.starts_with("::error file=users.md,line=21,title=Counted::users.md:21: "),
        "{github}"
    );
    let junit = folder.run(&["test", "--format", "junit"]).out;
    assert!(junit.contains("<testsuites tests=\"2\" failures=\"1\">"), "{junit}");
    assert!(junit.contains("name=\"Formatted\" file=\"users.md\" line=\"7\"/>"), "{junit}");
}

#[test]
fn scripts_beside_a_page_are_imported_and_nothing_outside_is() {
    let folder = Folder::new();
    folder.write("shop.schema", "model User { name: STRING } < timestamps: false >\n");
    folder.write("rows.csv", "name\nAnn\n");
    let page = "# A\n```schema\nimport \"../shop.schema\"\nsync\nUser load \"../rows.csv\"\n```\n```json\n{\"line\":3,\"verb\":\"load\",\"model\":\"User\",\"value\":1}\n```\n";
    folder.write("tests/a.md", page);
    folder.run(&["test"]).fine();
    folder.write("tests/a.md", page.replace("../shop", "../../shop"));
    let done = folder.run(&["test"]);
    assert!(done.out.contains("E0121") || done.out.contains("outside"), "{done:?}");
}

#[test]
fn a_page_that_is_none_is_a_mistake() {
    let folder = Folder::new();
    for (page, message) in [
        ("```shema\n```\n", "error: a.md:1: a block can't be `shema`: did you mean `schema`?\n"),
        ("```schema\n", "error: a.md:1: a block has no end\n"),
        ("# Nothing\n", "error: a.md has no ```schema block, and so no test\n"),
        (
            "```schema\nsync\n```\n```diff allow E0101\n```\n",
            "error: a.md:4: `E0101` is no code that a change can be allowed by\n",
        ),
    ] {
        folder.write("a.md", page);
        let done = folder.run(&["test", "a.md"]);
        assert_eq!((done.code, done.err.as_str()), (Some(2), message), "{page}");
    }
    assert_eq!(folder.run(&["test", "missing.md"]).code, Some(2));
    let empty = Folder::new();
    assert_eq!(empty.run(&["test"]).code, Some(2));
}

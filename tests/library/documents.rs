//! What holds of texts that are edited: what is known of them is what a fresh start finds, and no more is parsed than was changed.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use arbtest::arbitrary::{Result, Unstructured};
use arbtest::arbtest;
use relata::ast::Bundle;
use relata::check;
use relata::diagnostics::Problem;
use relata::load::{Input, Library, MapLoader, Workspace};
use relata::report::reports;
use relata::source::Sources;
use relata::syntax::{TextDocument, parse};
use std::collections::BTreeMap;

const STYLED: &str = include_str!("styled.schema");

/// What is typed and pasted: parts of sentences, whole ones, and what breaks others.
const PARTS: [&str; 34] = [
    "a",
    "é",
    "𝄞",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    ";",
    "{",
    "}",
    "<",
    ">",
    "(",
    ")",
    "\"",
    "\"\"\"",
    "`",
    "sql`",
    "//",
    "///",
    "/*",
    "*/",
    "\\",
    "\u{FEFF}",
    "\0",
    "model User { name: STRING }\n",
    "User hasMany Post\n",
    "model Post { title: STRING < unique > }\n",
    "  body: TEXT\n",
    "print 1 +\n",
    "let ann = User create { name: \"Ann\" }\n",
    "enum State { draft, sent }",
    "User findAll < where: (name = \"x\") >\n",
    "10abc",
];

/// Holds what is known of a text that was edited against what is known of one that is read as it is now.
fn compare(sources: &Sources, document: &TextDocument) {
    let source = sources.get(document.id());
    let fresh = parse(source);
    assert_eq!(**document.script(), fresh.script, "{:?}", source.text);
    assert_eq!(document.problems(), fresh.problems, "{:?}", source.text);
}

/// What `check` says of a text, wherever that lies.
fn said(sources: &Sources, document: &TextDocument) -> Vec<String> {
    let bundle = Bundle::of((**document.script()).clone());
    let checked = check::check(&bundle, sources);
    let problems = [document.problems(), &checked.problems].concat();
    reports(sources, &problems).iter().map(|it| format!("{it:?}")).collect()
}

/// A place of a text, perhaps within a character or behind its end.
fn place(u: &mut Unstructured<'_>, length: usize) -> Result<usize> {
    u.int_in_range(0..=length + 2)
}

fn edits(u: &mut Unstructured<'_>, styled: bool) -> Result<()> {
    let mut sources = Sources::default();
    sources.add("before", "so that positions don't begin at 0").unwrap();
    let mut text = String::new();
    if styled {
        text.push_str(STYLED);
    } else {
        for _ in 0..u.int_in_range(0..=12)? {
            text.push_str(u.choose(&PARTS)?);
        }
    }
    let id = sources.add("edited", &text).unwrap();
    sources.add("behind", "so that there is no room").unwrap();
    let mut document = TextDocument::new(sources.get(id));
    let mut before = vec![sources.get(id).text.clone()];
    while !u.is_empty() {
        let length = sources.get(id).text.len();
        match u.int_in_range(0..=9)? {
            0 => {
                let old = u.choose(&before)?.clone();
                document.replace(&mut sources, &old).unwrap();
                assert_eq!(sources.get(id).text, old);
            }
            1 => {
                let (start, end) = (place(u, length)?, place(u, length)?);
                document.edit(&mut sources, start..end, "").unwrap();
            }
            _ => {
                let start = place(u, length)?;
                let end = start + u.int_in_range(0..=3)?;
                document.edit(&mut sources, start..end, u.choose(&PARTS)?).unwrap();
            }
        }
        compare(&sources, &document);
        before.push(sources.get(id).text.clone());
    }
    let mut fresh = Sources::default();
    let again = fresh.add("edited", &sources.get(id).text).unwrap();
    let read = TextDocument::new(fresh.get(again));
    assert_eq!(said(&sources, &document), said(&fresh, &read));
    Ok(())
}

#[test]
fn edits_equal_a_fresh_start() {
    for number in 1..=80_u64 {
        let random = number.wrapping_mul(0x9E37_79B9) & 0xFFFF_FFFF;
        let styled = number % 8 == 0;
        let size = if styled { 128 } else { 64 + number % 8 * 32 };
        arbtest(|u| edits(u, styled)).seed(random << 32 | size);
    }
}

#[test]
fn a_typed_character_parses_one_sentence() {
    let models = (0..1000).map(|it| format!("model M{it} {{ a: STRING }}\n"));
    let models = models.collect::<Vec<String>>().concat();
    let mut sources = Sources::default();
    let id = sources.add("many", &models).unwrap();
    let mut document = TextDocument::new(sources.get(id));
    assert_eq!(document.parsed(), 1000);
    let at = models.find("M500 {").unwrap() + 7;
    for (count, typed) in (1..).zip(["x", ":", " ", "I", "N", "T", ","]) {
        document.edit(&mut sources, at + count - 1..at + count - 1, typed).unwrap();
        assert_eq!(document.parsed(), 1000 + count);
    }
    compare(&sources, &document);
    // A sentence that the grammar refuses isn't asked about again, either.
    document.edit(&mut sources, at..at, "{").unwrap();
    let broken = document.parsed();
    document.edit(&mut sources, 0..0, "\n\n").unwrap();
    assert_eq!(document.parsed(), broken);
    compare(&sources, &document);
}

#[test]
fn ten_thousand_edits_leave_room_for_more() {
    let mut sources = Sources::default();
    let mut documents = Vec::new();
    for name in ["a", "b", "c"] {
        let id = sources.add(name, "model User { name: STRING }\n").unwrap();
        documents.push(TextDocument::new(sources.get(id)));
    }
    for round in 0..10_000_usize {
        let document = documents.get_mut(round % 3).unwrap();
        let length = sources.get(document.id()).text.len();
        if length < 200 {
            document.edit(&mut sources, length..length, "// more\n").unwrap();
        } else {
            document.edit(&mut sources, 28..length, "").unwrap();
        }
    }
    let end = sources.iter().map(|it| it.base).max().unwrap();
    assert!(end < 10_000, "{end}");
    for document in &documents {
        compare(&sources, document);
    }
}

/// What is said of all scripts of a project, each by itself.
fn said_of_all(sources: &Sources, library: &Library, problems: Vec<Problem>) -> Vec<String> {
    let checked = check::check(library.bundle(), sources);
    let problems = [problems, checked.problems].concat();
    let mut said: Vec<String> =
        reports(sources, &problems).iter().map(|it| format!("{it:?}")).collect();
    said.sort();
    said
}

fn projects(u: &mut Unstructured<'_>) -> Result<()> {
    const NAMES: [&str; 3] = ["a.schema", "b.schema", "c.schema"];
    let mut disk = BTreeMap::from(NAMES.map(|it| (it, String::new())));
    let mut open: BTreeMap<&str, String> = BTreeMap::new();
    let mut workspace = Workspace::default();
    let imports = NAMES.map(|it| format!("import \"{it}\"\n"));
    let parts: Vec<&str> = PARTS.into_iter().chain(imports.iter().map(String::as_str)).collect();
    while !u.is_empty() {
        let name = *u.choose(&NAMES)?;
        match (u.int_in_range(0..=5)?, open.get_mut(name)) {
            (0, _) => {
                let text = disk.get(name).unwrap();
                workspace.open(name, text).unwrap();
                open.insert(name, text.trim_start_matches('\u{FEFF}').to_owned());
            }
            (1, Some(_)) => {
                open.remove(name);
                workspace.close(name);
            }
            (2, _) => {
                disk.get_mut(name).unwrap().push_str(u.choose(&parts)?);
                workspace.release(|it| it != name);
            }
            (_, Some(text)) => {
                let part = *u.choose(&parts)?;
                workspace.edit(name, 0..0, part).unwrap();
                text.insert_str(0, part);
                *text = text.trim_start_matches('\u{FEFF}').to_owned();
            }
            (_, None) => {}
        }
        let mut loader: MapLoader = disk.iter().map(|it| (*it.0, it.1.as_str())).collect();
        let (library, problems) = workspace.load(&mut loader, &[name]);
        let texts = disk.iter().map(|it| (*it.0, open.get(it.0).unwrap_or(it.1).as_str()));
        let mut loader: MapLoader = texts.collect();
        let (mut sources, mut fresh) = (Sources::default(), Library::default());
        let found = fresh.add(&mut sources, &mut loader, Input::Path(name));
        assert_eq!(
            said_of_all(workspace.sources(), &library, problems),
            said_of_all(&sources, &fresh, found)
        );
    }
    Ok(())
}

#[test]
fn a_workspace_equals_a_fresh_start() {
    for number in 1..=60_u64 {
        let random = number.wrapping_mul(0x9E37_79B9) & 0xFFFF_FFFF;
        arbtest(projects).seed(random << 32 | (64 + number % 8 * 32));
    }
}

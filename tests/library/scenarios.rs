//! Changes of databases that are there: the pages of tests/cases/migration, and what their answers can't show.
//!
//! A page says what a change makes of a database. Here each of its sections is held to what must hold of all changes: what is
//! refused has changed nothing; else the file is whole, settings and keys are as they were, a second time there is nothing to
//! do, and a rollback gives back every statement and every row.

#![expect(clippy::disallowed_methods, reason = "a test may fail so, and reads pages")]

mod odd;
mod survival;

use harness::shop::Shop;
use relata::testing::{PageSection, PageStep, TestPage};
use std::fmt::Write;

/// The script up to its first `sync < alter >`, which is all that a migration has; none where there is no such sentence, or
/// another `sync` comes first.
fn migration(script: &str) -> Option<&str> {
    let mut end = 0;
    for line in script.split_inclusive('\n') {
        end += line.len();
        if line.starts_with("sync < alter") {
            return script.get(..end);
        }
        // What it changes before isn't told.
        if line.split_whitespace().any(|it| it == "sync") {
            return None;
        }
    }
    None
}

/// What is wrong with a section's change; nothing, where it has none.
fn check(section: &PageSection) -> Result<bool, String> {
    let shop = Shop::new("");
    for step in section.steps().map_err(|it| it.message)? {
        match step {
            PageStep::File(..) | PageStep::Before(_) | PageStep::Ask(..) => return Ok(false),
            PageStep::Db(block) => shop.execute(&block.text),
            PageStep::Script { parts, .. } => {
                let script: String = parts.iter().map(|it| it.text.as_str()).collect();
                let Some(script) = migration(&script) else {
                    return Ok(false);
                };
                shop.held(script)?;
                return Ok(true);
            }
        }
    }
    Ok(false)
}

#[test]
fn every_page_holds_what_must_hold_of_all_changes() {
    let pages = harness::files(&harness::root().join("tests/cases/migration"));
    let (mut held, mut wrong) = (0, String::new());
    for path in pages {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().display().to_string();
        for section in &TestPage::parse("", text).unwrap().sections {
            match check(section) {
                Ok(found) => held += usize::from(found),
                Err(why) => {
                    let _ = writeln!(wrong, "{name}:{} {}: {why}", section.line, section.title);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(held > 70, "{held} changes were tried");
}

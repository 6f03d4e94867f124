//! What must hold of the formatter, whatever it is given.

use harness::Tests;
use relata::source::{Source, Sources};
use relata::syntax;
use std::fmt::Write;

/// The formatter says the same, and has nothing to do a second time.
pub(crate) fn check_format(script: &str) -> Result<(), String> {
    let once = format(script)?;
    let twice = format(&once)?;
    if once != twice {
        let difference = harness::difference(&once, &twice);
        return Err(format!("formatting again changes it again:\n{difference}"));
    }
    let (before, after) = (meaning(script)?, meaning(&once)?);
    if before != after {
        let difference = harness::difference(&before, &after);
        return Err(format!("formatting changes what it says:\n{difference}"));
    }
    Ok(())
}

/// A script as the formatter writes it.
fn format(script: &str) -> Result<String, String> {
    let mut sources = Sources::default();
    let id = sources.add("", script).map_err(|it| it.to_string())?;
    let source: &Source = sources.get(id);
    Ok(syntax::format(source, &syntax::parse(source)))
}

/// What a script says, without its places: two scripts that say the same have the same text here.
fn meaning(script: &str) -> Result<String, String> {
    let mut sources = Sources::default();
    let id = sources.add("", script).map_err(|it| it.to_string())?;
    let source: &Source = sources.get(id);
    let script = syntax::parse(source).script;
    let comments = script.comments.iter().map(|it| source.slice(it.span));
    let broken = script.broken.iter().map(|it| source.slice(*it));
    let texts: Vec<&str> = comments.chain(broken).collect();
    Ok(without_spans(&format!("{:#?}\n{texts:#?}", script.sentences)))
}

/// The `Debug` text of a tree without its `Span { .. }`s.
fn without_spans(debug: &str) -> String {
    let mut res = String::with_capacity(debug.len());
    let mut rest = debug;
    while let Some((before, after)) = rest.split_once("Span {") {
        let _ = write!(res, "{before}_");
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    res + rest
}

/// The tests of this file.
pub(crate) const TESTS: Tests = &[("a meaning has no places", no_places)];

fn no_places() {
    let debug = "Word { span: Span { start: 3, end: 4 }, text: \"a\", at: Span {\n start: 1,\n end: 2,\n} }";
    assert_eq!(without_spans(debug), "Word { span: _, text: \"a\", at: _ }");
    let spaced = meaning("  model  User {\n\n name: STRING }\n").unwrap();
    assert_eq!(spaced, meaning("model User { name: STRING }").unwrap());
    assert_ne!(spaced, meaning("model User { name: TEXT }").unwrap());
}

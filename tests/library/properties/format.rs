//! The one style: it changes no meaning, and nothing the second time.

#![expect(clippy::unwrap_used, reason = "a test whose files fail may panic")]

use super::generate;
use super::kit::seeded;
use arbtest::arbitrary::{Result, Unstructured};
use relata::ast::Bundle;
use relata::check::check;
use relata::source::Sources;
use relata::syntax;
use std::path::Path;

/// What a script means and what is wrong with it, without places.
fn meaning(text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add("a.schema", text).unwrap();
    let parsed = syntax::parse(sources.get(id));
    let codes: Vec<_> = parsed.problems.iter().map(relata::diagnostics::Problem::code).collect();
    let checked = check(&Bundle::of(parsed.script), &sources);
    let schema = &checked.schema;
    let models: Vec<_> = schema.models().collect();
    let associations: Vec<_> = schema.associations().collect();
    let mut problems: Vec<String> =
        checked.problems.iter().map(|it| format!("{} {it}", it.code())).collect();
    problems.sort();
    let all = format!(
        "{models:#?} {associations:#?} {:#?} {:#?} {:#?} {:#?} {codes:?} {problems:#?}",
        schema.views, schema.objects, schema.enumerations, checked.steps
    );
    without_spans(&all)
}

fn without_spans(debug: &str) -> String {
    let mut res = String::with_capacity(debug.len());
    let mut rest = debug;
    while let Some((before, after)) = rest.split_once("Span {") {
        res.push_str(before);
        rest = after.split_once('}').map_or("", |it| it.1);
    }
    res + rest
}

fn formatted(text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add("a.schema", text).unwrap();
    let source = sources.get(id);
    syntax::format(source, &syntax::parse(source))
}

#[track_caller]
fn keeps_its_meaning(text: &str) {
    let once = formatted(text);
    assert_eq!(meaning(&once), meaning(text), "{text}\n---\n{once}");
    assert_eq!(formatted(&once), once, "{text}");
}

#[test]
fn formatting_a_random_script_keeps_its_meaning() {
    seeded(64, 4_096, |random| {
        let script = generate::script(random);
        keeps_its_meaning(&script.text());
        // Squeezed: several members and sentences on a line.
        let squeezed =
            script.text().replace("  /// What it is.\n", "").replace("  /// To find them.\n", "");
        keeps_its_meaning(&squeezed.replace(" < ", "\n<").replace(", ", " ,\n\n"));
        Ok(())
    });
}

/// Values of all lengths, so that some lines are just too long, with what opens and what can't.
fn value(random: &mut Unstructured<'_>, depth: usize, out: &mut String) -> Result<()> {
    let kind = random.int_in_range(0..=if depth == 0 { 3 } else { 6 })?;
    match kind {
        0 => out.push_str("true"),
        1 | 2 => {
            let length = random.int_in_range(0..=if kind == 1 { 12 } else { 70 })?;
            out.push('"');
            out.push_str(&"x".repeat(length));
            out.push('"');
        }
        3 => out.push_str("12"),
        4 => {
            out.push('[');
            for place in 0..random.int_in_range(0..=4)? {
                out.push_str(if place > 0 { ", " } else { "" });
                value(random, depth - 1, out)?;
            }
            out.push(']');
        }
        _ => {
            out.push_str("{ ");
            members(random, depth - 1, out)?;
            out.push_str(" }");
        }
    }
    Ok(())
}

/// Pairs of a body, some with options, on one line or on several.
fn members(random: &mut Unstructured<'_>, depth: usize, out: &mut String) -> Result<()> {
    const TYPES: [&str; 4] = ["STRING", "INTEGER", "DECIMAL(10, 2)", "ENUM(draft, paid)"];
    for place in 0..random.int_in_range(1..=5)? {
        if place > 0 {
            out.push_str(random.choose(&[", ", "\n", ", ", "\n\n", " // so\n"])?);
        }
        out.push_str(&"k".repeat(random.int_in_range(1..=24)?));
        out.push_str(": ");
        if random.ratio(1, 2)? {
            value(random, depth, out)?;
            continue;
        }
        out.push_str(random.choose(&TYPES)?);
        if random.ratio(2, 3)? {
            options(random, depth, out)?;
        }
    }
    Ok(())
}

fn options(random: &mut Unstructured<'_>, depth: usize, out: &mut String) -> Result<()> {
    out.push_str(" < ");
    for place in 0..random.int_in_range(1..=3)? {
        out.push_str(if place > 0 { ", " } else { "" });
        out.push_str(random.choose(&["unique", "validate", "comment", "args"])?);
        if random.ratio(3, 4)? {
            out.push_str(": ");
            value(random, depth, out)?;
        }
    }
    out.push_str(" >");
    Ok(())
}

#[test]
fn what_is_formatted_once_stays() {
    seeded(256, 2_048, |random| {
        let mut text = "model User { ".to_owned();
        members(random, 3, &mut text)?;
        text.push_str(if random.ratio(1, 2)? { ", index (a) }" } else { " }" });
        if random.ratio(1, 3)? {
            options(random, 2, &mut text)?;
        }
        let once = formatted(&text);
        assert_eq!(formatted(&once), once, "{text}");
        Ok(())
    });
}

#[test]
fn a_pair_that_is_too_long_moves_none_beside_it() {
    let long = format!(
        "model User {{ d: STRING < validate: {{ is: {{ args: \"{}\", msg: \"needs\" }} }} >, me: INTEGER, age: INTEGER < validate: {{ min: 0 }} >, index (d) }}",
        "x".repeat(52)
    );
    let once = formatted(&long);
    assert_eq!(formatted(&once), once);
}

#[test]
fn formatting_the_scripts_of_the_repository_keeps_their_meaning() {
    let mut count = 0;
    for folder in ["examples", "tests", "docs", "README.md"] {
        each(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut |script| {
            keeps_its_meaning(script);
            count += 1;
        });
    }
    assert!(count > 100, "{count} scripts");
}

/// Each script of a folder: its `.schema` files, and the blocks of its pages.
#[expect(clippy::disallowed_methods, reason = "a test reads its files")]
fn each(path: &Path, check: &mut dyn FnMut(&str)) {
    if let Ok(folder) = std::fs::read_dir(path) {
        let mut paths: Vec<_> = folder.map(|it| it.unwrap().path()).collect();
        paths.sort();
        for it in paths {
            each(&it, check);
        }
        return;
    }
    let extension = path.extension().and_then(|it| it.to_str());
    let read = || std::fs::read_to_string(path).unwrap_or_default();
    match extension {
        Some("schema") => check(&read()),
        Some("md") => {
            let text = read();
            for block in text.split("```schema").skip(1) {
                let Some((_, rest)) = block.split_once('\n') else {
                    continue;
                };
                let block = rest.split("\n```").next().unwrap_or_default();
                check(block.strip_prefix("```").unwrap_or(block));
            }
        }
        _ => {}
    }
}

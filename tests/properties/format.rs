//! The one style: it changes no meaning, and nothing the second time.

#![expect(clippy::unwrap_used, reason = "a test whose files fail may panic")]

use super::generate;
use arbtest::arbtest;
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
    let codes: Vec<String> = parsed
        .problems
        .iter()
        .map(relata::diagnostics::Problem::code)
        .collect();
    let checked = check(&Bundle::of(parsed.script), &sources);
    let schema = &checked.schema;
    let models: Vec<_> = schema.models().collect();
    let associations: Vec<_> = schema.associations().collect();
    let mut problems: Vec<String> = checked
        .problems
        .iter()
        .map(|it| format!("{} {it}", it.code()))
        .collect();
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
    arbtest(|random| {
        let script = generate::script(random);
        keeps_its_meaning(&script.text());
        // Squeezed: several members and sentences on a line.
        let squeezed = script
            .text()
            .replace("  /// What it is.\n", "")
            .replace("  /// To find them.\n", "");
        keeps_its_meaning(&squeezed.replace(" < ", "\n<").replace(", ", " ,\n\n"));
        Ok(())
    })
    .size_max(4_096)
    .budget_ms(2_000);
}

#[test]
fn formatting_the_scripts_of_the_repository_keeps_their_meaning() {
    let mut count = 0;
    for folder in ["examples", "tests", "docs", "README.md"] {
        each(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
            &mut |script| {
                keeps_its_meaning(script);
                count += 1;
            },
        );
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

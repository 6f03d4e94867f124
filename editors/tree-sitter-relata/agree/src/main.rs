//! Holds the editors' grammar beside the language's: `agree FILE|FOLDER...` reads scripts, and those of Markdown pages, with both.
//!
//! What Relata can read must have no ERROR node, and its sentences must be at the same places. What Relata can't read must have an ERROR or
//! MISSING node, except where the mistake is none of the grammar's (`BEYOND`).

use relata::source::Sources;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};
use tree_sitter::{Node, Parser};
use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_relata() -> *const ();
}

/// What no grammar says: how deep brackets may be, what SQL may hold, how large numbers may be, characters that may stand nowhere, and
/// sentences of other languages that could be sentences of Relata.
const BEYOND: [&str; 6] = ["E0107", "E0108", "E0109", "E0111", "E0113", "E0119"];

/// What was found.
#[derive(Default)]
struct Tally {
    scripts: usize,
    sentences: usize,
    broken: usize,
    /// Mistakes that no grammar finds, by code.
    beyond: BTreeMap<String, usize>,
    /// Sentences around a mistake that are whole all the same, and all of them.
    around: (usize, usize),
    faults: Vec<String>,
}

fn main() -> ExitCode {
    let mut parser = Parser::new();
    // SAFETY: the function is the generated parser's, which build.rs compiles.
    let language = unsafe { LanguageFn::from_raw(tree_sitter_relata) };
    if let Err(error) = parser.set_language(&language.into()) {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    let mut tally = Tally::default();
    for path in env::args_os().skip(1) {
        if let Err(error) = read(Path::new(&path), &mut parser, &mut tally) {
            eprintln!("{}: {error}", Path::new(&path).display());
            return ExitCode::FAILURE;
        }
    }
    let Tally { scripts, sentences, broken, beyond, around, faults } = tally;
    faults.iter().for_each(|it| println!("{it}"));
    println!("{scripts} scripts: {sentences} sentences at the same places, {broken} mistakes found by both");
    println!("around mistakes, {} of {} sentences are whole", around.0, around.1);
    println!("mistakes that are no grammar's: {beyond:?}");
    println!("{} faults", faults.len());
    if faults.is_empty() && sentences > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read(path: &Path, parser: &mut Parser, tally: &mut Tally) -> io::Result<()> {
    if path.is_dir() {
        let entries: io::Result<Vec<PathBuf>> = fs::read_dir(path)?.map(|it| Ok(it?.path())).collect();
        let mut entries = entries?;
        entries.sort();
        return entries.iter().try_for_each(|it| read(it, parser, tally));
    }
    let extension = path.extension().and_then(OsStr::to_str);
    let name = path.display().to_string();
    match extension {
        Some("schema") => {
            // Some cases are no UTF-8, which is another mistake.
            if let Ok(text) = fs::read_to_string(path) {
                compare(&name, &text, parser, tally);
            }
        }
        Some("md") => {
            for (line, text) in blocks(&fs::read_to_string(path)?) {
                compare(&format!("{name}:{line}"), &text, parser, tally);
            }
        }
        _ => {}
    }
    Ok(())
}

/// The scripts of a page, each with its first line's number.
fn blocks(page: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut fence: Option<(&str, bool)> = None;
    for (number, line) in page.split_inclusive('\n').enumerate() {
        let length = line.bytes().take_while(|it| *it == b'`').count();
        match fence {
            Some((open, _)) if line.trim_end() == open => fence = None,
            Some((_, true)) => {
                if let Some((_, text)) = found.last_mut() {
                    text.push_str(line);
                }
            }
            Some(_) => {}
            None if length >= 3 => {
                let (open, info) = line.split_at(length);
                let is_script = info.split_whitespace().next() == Some("schema");
                if is_script {
                    found.push((number + 2, String::new()));
                }
                fence = Some((open, is_script));
            }
            None => {}
        }
    }
    found
}

fn compare(name: &str, text: &str, parser: &mut Parser, tally: &mut Tally) {
    let mut sources = Sources::default();
    let Ok(id) = sources.add(name, text) else { return };
    let source = sources.get(id);
    let parsed = relata::syntax::parse(source);
    let Some(tree) = parser.parse(text, None) else {
        tally.faults.push(format!("{name}: no tree"));
        return;
    };
    tally.scripts += 1;
    let root = tree.root_node();
    let mut cursor = root.walk();
    let seen: Vec<Node<'_>> = root.children(&mut cursor).filter(|it| it.kind() == "sentence").collect();
    let sentences: Vec<Range<usize>> = parsed.script.sentences.iter().map(|it| source.range(it.span)).collect();
    let place = |at: usize| {
        let before = text.get(..at).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        format!("{name}: {}:{}", before.matches('\n').count() + 1, line.chars().count() + 1)
    };
    let is_whole = |it: &Range<usize>| seen.iter().any(|node| node.byte_range() == *it && !node.has_error());
    let whole = sentences.iter().filter(|it| is_whole(it)).count();
    if parsed.problems.is_empty() {
        tally.sentences += whole;
        if root.has_error() {
            tally.faults.push(format!("{}: an ERROR where there is no mistake", place(first_error(root))));
        }
        tally.faults.extend(sentences.iter().filter(|it| !is_whole(it)).map(|it| format!("{}: no sentence of its own", place(it.start))));
        let extra = seen.iter().filter(|it| !sentences.contains(&it.byte_range()));
        tally.faults.extend(extra.map(|it| format!("{}: a sentence that is none", place(it.start_byte()))));
        return;
    }
    tally.around.0 += whole;
    tally.around.1 += sentences.len();
    for it in &parsed.problems {
        let code = it.code().to_owned();
        if BEYOND.contains(&code.as_str()) {
            *tally.beyond.entry(code).or_default() += 1;
        } else if root.has_error() && it.span().is_none_or(|at| is_seen(root, &broken(&parsed, source, at))) {
            tally.broken += 1;
        } else {
            let at = it.span().map_or(0, |it| source.range(it).start);
            tally.faults.push(format!("{}: {code} is no ERROR", place(at)));
        }
    }
}

/// The piece of the text in which a mistake is.
fn broken(parsed: &relata::syntax::Parsed, source: &relata::source::Source, at: relata::Span) -> Range<usize> {
    let piece = parsed.script.broken.iter().find(|it| it.start <= at.start && at.start <= it.end);
    source.range(piece.copied().unwrap_or(at))
}

/// Whether an ERROR or MISSING node touches a place. A MISSING line end has no node of its own: the node that lacks it has no faulty child.
fn is_seen(node: Node<'_>, at: &Range<usize>) -> bool {
    let touches = node.start_byte() <= at.end && at.start <= node.end_byte();
    if !touches || !(node.has_error() || node.is_missing()) {
        return false;
    }
    if node.is_error() || node.is_missing() {
        return true;
    }
    let mut cursor = node.walk();
    let mut faulty = node.children(&mut cursor).filter(|it| it.has_error() || it.is_missing()).peekable();
    faulty.peek().is_none() || faulty.any(|it| is_seen(it, at))
}

fn first_error(node: Node<'_>) -> usize {
    let mut cursor = node.walk();
    let inner = node.children(&mut cursor).find(|it| it.has_error() || it.is_missing());
    match inner {
        Some(it) if !node.is_error() => first_error(it),
        _ => node.start_byte(),
    }
}

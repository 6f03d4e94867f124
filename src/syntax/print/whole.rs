//! A whole script, printed and held against what it was.

use super::{Printer, same};
use crate::ast::{Script, Sentence};
use crate::diagnostics::Problem;
use crate::source::{Source, Span};
use crate::syntax;

/// A script in the one style, and what is wrong with it.
pub(in crate::syntax) fn format_script(
    source: &Source,
    script: &Script,
    problems: &[Problem],
    width: usize,
) -> String {
    let inside = |it: Span| script.broken.iter().any(|b| b.start <= it.start && it.end <= b.end);
    let outside = |it: &Problem| !it.span().is_some_and(inside);
    if problems.iter().any(outside) {
        // a comment that is never closed: what is in it can't be known
        return source.text.to_string();
    }
    if script.broken.is_empty() {
        // Nearly always all of it means what it did; where it doesn't, each sentence is looked at.
        let out = print_script(source, script, width, Printer::sentence);
        if *out == *source.text || same::by_sentence(source, &source.text, &out) {
            return out;
        }
    }
    let out = print_script(source, script, width, Printer::checked);
    let reports = || {
        let again = syntax::parse(&source.scratch(out.as_str()));
        again.problems.len() == problems.len()
            && again.script.sentences.len() == script.sentences.len()
    };
    if same::texts(source, &source.text, &out) && (script.broken.is_empty() || reports()) {
        out
    } else {
        source.text.as_ref().clone()
    }
}

/// A script, its sentences printed by `print`.
fn print_script<'a>(
    source: &'a Source,
    script: &'a Script,
    width: usize,
    print: fn(&mut Printer<'a>, &Sentence, usize),
) -> String {
    let sentences = script.sentences.iter().map(|it| (it.span, Some(it)));
    let broken = script.broken.iter().map(|it| (*it, None));
    let mut items: Vec<(Span, Option<&Sentence>)> = sentences.chain(broken).collect();
    items.sort_by_key(|it| it.0);
    let mut printer = Printer {
        source,
        comments: &script.comments,
        next: 0,
        out: String::with_capacity(source.text.len() + source.text.len() / 8),
        width,
    };
    let (start, end) = (source.base, source.span(0..source.text.len()).end);
    let mut at = start;
    let mut after_broken = false;
    for (span, sentence) in items {
        if after_broken && sentence.is_none() {
            // what can't be read may be one thing
            printer.verbatim(Span::new(at, span.end));
            at = span.end;
            continue;
        }
        after_broken = sentence.is_none();
        at = printer.comments_before(span.start, at, 0, at == start);
        let indentation = match sentence {
            Some(_) => 0,
            None => printer.indentation(span.start),
        };
        printer.line(at, span.start, indentation, at == start);
        match sentence {
            Some(it) => print(&mut printer, it, 0),
            None => printer.verbatim(span),
        }
        at = span.end;
    }
    printer.comments_before(end, at, 0, at == start);
    let mut out = printer.out;
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

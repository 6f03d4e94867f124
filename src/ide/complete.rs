//! What may stand at a cursor.

use super::Declarations;
use super::before::TextBefore;
use super::cursor;
use super::members::{self, Completer};
use super::token::{Token, TokenKind};
use crate::ast::Script;
use crate::source::Source;
use crate::verbs::Argument;
use smol_str::SmolStr;
use std::collections::HashSet;
use std::ops::Range;

/// What may stand at a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completions {
    /// The bytes that a candidate takes the place of: the word that was begun.
    pub range: Range<usize>,
    /// What may stand there, in a sensible order; only what the word may become.
    pub items: Vec<Candidate>,
    /// Whether it is a file's path, which the host knows.
    pub path: bool,
    /// Whether it is a model's name: one that isn't imported could stand there, too.
    pub model: bool,
    /// What is expected, in words, where no word has been begun: "an action".
    pub hint: Option<SmolStr>,
}

/// Something that may stand at a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What is written.
    pub text: SmolStr,
    /// What it is.
    pub kind: CandidateKind,
    /// More about it, in a few words: what an option takes, what a verb does.
    pub detail: SmolStr,
    /// What is written behind it, so that its value can follow: `: (` behind `where`.
    pub opening: &'static str,
}

/// The kinds of [`Candidate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CandidateKind {
    /// A verb.
    Verb,
    /// A model.
    Model,
    /// A variable.
    Variable,
    /// An attribute.
    Attribute,
    /// An association.
    Association,
    /// An option.
    Option,
    /// A type, or an enumeration.
    Type,
    /// A word that stands for itself: `cascade`, `true`, `and`.
    Word,
    /// A scope of a model.
    Scope,
}

/// What may stand at the byte `at` of a text.
///
/// ```
/// use relata::ide::{Declarations, complete};
/// let known = Declarations { schema: &relata::ir::Schema::default(), variables: &[] };
/// let found = complete("sync < fo", 9, known);
/// assert_eq!(found.items[0].text, "force");
/// assert_eq!(found.range, 7..9);
/// ```
pub fn complete(text: &str, at: usize, known: Declarations<'_>) -> Completions {
    let at = boundary(text, at);
    complete_behind(TextBefore::new(text, at), at, known)
}

/// As [`complete`], in a script that was read: its other sentences aren't gone through again.
pub fn complete_in(
    script: &Script,
    source: &Source,
    at: usize,
    known: Declarations<'_>,
) -> Completions {
    let at = boundary(&source.text, at);
    complete_behind(TextBefore::of(script, source, at), at, known)
}

/// The nearest start of a character that isn't behind the byte `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|it| text.is_char_boundary(*it)).unwrap_or_default()
}

fn complete_behind<'a>(before: TextBefore<'a>, at: usize, known: Declarations<'a>) -> Completions {
    let mut tokens = before.tokens();
    let begun = match tokens.last() {
        Some(last) if last.kind == TokenKind::Comment && (last.range.end == at || !last.closed) => {
            return Completions::default();
        }
        Some(last) if last.kind == TokenKind::Text && !last.closed => {
            return in_text(last.range.start, at, (before, tokens), known);
        }
        Some(last) if !last.closed && last.kind != TokenKind::Name => {
            return Completions::default();
        }
        Some(last) if last.kind == TokenKind::Number && last.range.end == at => {
            return Completions::default();
        }
        Some(last) if last.name().is_some() && last.range.end == at => tokens.pop(),
        _ => None,
    };
    let range = begun.as_ref().map_or(at..at, |it| it.range.clone());
    let word = begun.as_ref().and_then(Token::name).unwrap_or_default();
    let cursor = before.walk(tokens, known);
    let Completer { mut items, hint, model } = members::gather(&cursor, known);
    let low = word.to_lowercase();
    items.retain(|it| {
        let text = it.text.trim_matches('`');
        text.to_lowercase().starts_with(&low)
    });
    if items.iter().any(|it| it.text.trim_matches('`').starts_with(word)) {
        items.retain(|it| it.text.trim_matches('`').starts_with(word));
    }
    let mut seen: HashSet<SmolStr> = HashSet::new();
    items.retain(|it| seen.insert(it.text.clone()));
    Completions { range, items, path: false, model, hint: hint.filter(|_| word.is_empty()) }
}

/// Within a string: a path, perhaps.
fn in_text<'a>(
    start: usize,
    at: usize,
    (before, mut tokens): (TextBefore<'a>, Vec<Token<'a>>),
    known: Declarations<'a>,
) -> Completions {
    tokens.pop();
    let cursor = before.walk(tokens, known);
    let Some(frame) = cursor.here().filter(|_| cursor.frames.len() == 1) else {
        return Completions::default();
    };
    let (verb, _) = cursor::sentence(&frame.member);
    Completions {
        range: start + 1..at,
        path: verb.is_some_and(|it| it.facts().argument == Argument::File),
        ..Completions::default()
    }
}

#[cfg(test)]
mod tests;

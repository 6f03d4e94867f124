//! What the parts of a text are, for colours.

use super::Declarations;
use super::token::{TokenKind, tokens};
use crate::ast::Script;
use crate::check;
use crate::source::Source;
use crate::verbs;
use std::ops::Range;

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Paint {
    /// A verb, at a place where it is one: `model`, `hasMany`, `index`.
    Verb,
    /// A type.
    Type,
    /// A model's name.
    Model,
    /// The name of an option or an attribute, before its `:`.
    Key,
    /// A string, raw SQL.
    Text,
    /// A number, `true`, `false`, `null`.
    Constant,
    /// A comment.
    Comment,
}

/// A part of a text that is something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Painted {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it is.
    pub paint: Paint,
}

/// What the parts of a text are, in order. What is nothing special is left out.
///
/// ```
/// use relata::ide::{Declarations, Paint, paint};
/// let known = Declarations { schema: &relata::ir::Schema::default(), variables: &[] };
/// let painted = paint("model User {}", known);
/// assert_eq!((painted[0].range.clone(), painted[0].paint), (0..5, Paint::Verb));
/// ```
pub fn paint(text: &str, known: Declarations<'_>) -> Vec<Painted> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    // the words of the sentence or member so far
    let mut words: Vec<&str> = Vec::new();
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate() {
        let next = tokens.get(place + 1);
        let is_key = next.is_some_and(|it| it.is(b':'));
        let paint = match token.kind {
            TokenKind::Comment => Some(Paint::Comment),
            TokenKind::Text | TokenKind::Sql => Some(Paint::Text),
            TokenKind::Number => Some(Paint::Constant),
            TokenKind::Newline | TokenKind::Sign(b';' | b',' | b'=' | b':') => {
                words.clear();
                None
            }
            TokenKind::Sign(b'{' | b'[' | b'(' | b'<') => {
                depth += 1;
                words.clear();
                None
            }
            TokenKind::Sign(b'}' | b']' | b')' | b'>') => {
                depth = depth.saturating_sub(1);
                None
            }
            TokenKind::Sign(_) => None,
            TokenKind::Word | TokenKind::Name => {
                let name = token.name().unwrap_or_default();
                words.push(name);
                let verb = match words.len() {
                    1 => {
                        verbs::first(name).is_some() || depth > 0 && verbs::of_body(name).is_some()
                    }
                    _ => verbs::subject_verb(name).is_some() || name == "extends",
                };
                if is_key {
                    Some(Paint::Key)
                } else if matches!(name, "true" | "false" | "null") {
                    Some(Paint::Constant)
                } else if verb && token.kind == TokenKind::Word {
                    Some(Paint::Verb)
                } else if check::type_names().any(|it| it == name) {
                    Some(Paint::Type)
                } else if known.schema.model_named(name).is_some() {
                    Some(Paint::Model)
                } else {
                    None
                }
            }
        };
        found.extend(paint.map(|paint| Painted { range: token.range.clone(), paint }));
    }
    found
}

/// As [`paint`], of what touches the bytes `within` of a script that was read: each sentence by itself, so that what one of them leaves open
/// ends with it.
pub fn paint_in(
    script: &Script,
    source: &Source,
    within: &Range<usize>,
    known: Declarations<'_>,
) -> Vec<Painted> {
    let sentences = script.sentences.iter().map(|it| it.span.start);
    let mut starts: Vec<usize> = sentences
        .chain(script.broken.iter().map(|it| it.start))
        .map(|it| source.offset(it))
        .chain([0, source.text.len()])
        .collect();
    starts.sort_unstable();
    starts.dedup();
    let mut found = Vec::new();
    for (start, end) in starts.iter().copied().zip(starts.iter().copied().skip(1)) {
        if end < within.start || within.end < start {
            continue;
        }
        let painted = paint(source.text.get(start..end).unwrap_or_default(), known).into_iter();
        let moved = painted.map(|it| {
            let range = it.range.start + start..it.range.end + start;
            Painted { range, ..it }
        });
        found.extend(
            moved.filter(|it| within.start <= it.range.end && it.range.start <= within.end),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Schema;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, Paint)]) {
        let known = Declarations { schema: &Schema::default(), variables: &[] };
        let painted = paint(text, known);
        let found: Vec<(&str, Paint)> =
            painted.iter().map(|it| (text.get(it.range.clone()).unwrap(), it.paint)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn verbs_are_verbs_where_they_stand() {
        check("User hasMany index", &[("hasMany", Paint::Verb)]);
        check(
            "model A { index: STRING }",
            &[("model", Paint::Verb), ("index", Paint::Key), ("STRING", Paint::Type)],
        );
    }

    #[test]
    fn what_is_open_is_painted_too() {
        check("\"x", &[("\"x", Paint::Text)]);
        check("// x", &[("// x", Paint::Comment)]);
        check("/* é", &[("/* é", Paint::Comment)]);
    }
}

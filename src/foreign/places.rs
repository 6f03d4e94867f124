//! Places in a document as other languages name them within an expression: `meta["lang"]`, `meta->'address'->>'city'`.

use super::lexeme::{Lexeme, LexemeKind};
use super::words::Rewording;

fn is_word(text: &str) -> bool {
    let is_letter = |it: char| it.is_alphanumeric() || it == '_';
    text.starts_with(|it: char| is_letter(it) && !it.is_numeric()) && text.chars().all(is_letter)
}

/// What stands instead of the place that begins here, and how many lexemes it takes.
pub(super) fn place(all: &[Lexeme<'_>]) -> Option<(Vec<Rewording>, usize)> {
    let (first, mut rest) = all.split_first()?;
    if first.kind != LexemeKind::Word {
        return None;
    }
    let (mut said, mut length, mut end) = (first.text.to_owned(), 1, first.end);
    loop {
        let (key, taken) = match rest {
            [open, key, close, ..] if open.is("[") && close.is("]") && key.is_text() => (key, 3),
            [arrow, more, key, ..] if arrow.is("->") && more.is(">") => (key, 3),
            [arrow, key, ..] if arrow.is("->") => (key, 2),
            _ => break,
        };
        let quoted = key.text.trim_matches(['\'', '"']);
        // A dot in another key is a part of it.
        let name = quoted.strip_prefix("$.").unwrap_or(quoted);
        let is_path = name.len() < quoted.len() || !name.contains('.');
        let is_name = is_path && name.split('.').all(is_word);
        if key.is_text() && is_name {
            said.push('.');
            said.push_str(name);
        } else if key.kind == LexemeKind::Number {
            said.push('[');
            said.push_str(key.text);
            said.push(']');
        } else {
            return None;
        }
        end = rest.get(taken - 1)?.end;
        length += taken;
        rest = rest.get(taken..)?;
    }
    let help = format!("a place in a document is named behind a dot: `{said}`");
    let found = Rewording { range: first.start..end, text: said, help };
    (length > 1).then(|| (vec![found], length))
}

//! What is computed from what it is: `i++`, `x += 1`, `ann.age -= 2`.

use super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use std::ops::Range;

/// So many words and signs such a statement has at most.
const LONGEST: usize = 6;

/// What a statement says that counts something up or down: `i++`.
pub(super) fn changed_text(text: &str) -> Option<String> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, 0);
    let mut all: Vec<Lexeme<'_>> = Vec::new();
    while let Some(next) = cursor.take() {
        if all.len() > LONGEST {
            return None;
        }
        all.push(next);
    }
    changed(&all).map(|it| it.1)
}

/// `i++`, `x += 1`, `ann.age -= 2`: a variable, or a row's value, that is computed from what it is.
pub(super) fn changed(all: &[Lexeme<'_>]) -> Option<(Range<usize>, String)> {
    let (first, last) = (all.first()?, all.last()?);
    let touch = |one: &Lexeme<'_>, two: &Lexeme<'_>| one.end == two.start;
    let twice = |one: &Lexeme<'_>, two: &Lexeme<'_>| {
        touch(one, two) && one.text == two.text && (one.is("+") || one.is("-"))
    };
    let (path, sign, value) = match all {
        [path @ .., one, two] if twice(one, two) => (path, one.text, None),
        [one, two, path @ ..] if twice(one, two) => (path, one.text, None),
        [path @ .., sign, equals, value] if equals.is("=") && touch(sign, equals) => {
            (path, sign.text, Some(value))
        }
        _ => return None,
    };
    // what the sign does depends on what the value is
    let (sign, value) = match value {
        None => (sign, "1"),
        Some(it) if it.kind == LexemeKind::Number && matches!(sign, "+" | "-" | "*") => {
            (sign, it.text)
        }
        Some(it) if it.is_text() && sign == "+" => ("||", it.text),
        Some(_) => return None,
    };
    let said = match path {
        [own] if own.kind == LexemeKind::Word => {
            format!("let {0} = ({0} {sign} {value})", own.text)
        }
        [row, dot, of] if dot.is(".") && of.kind == LexemeKind::Word => {
            format!("{0} update {{ {1}: ({0}.{1} {sign} {value}) }}", row.text, of.text)
        }
        _ => return None,
    };
    Some((first.start..last.end, said))
}

//! Values that are computed, as other languages write them.

use super::lexeme::{LexemeCursor, LexemeKind, LexemeSpelling};

/// A value; what is computed stands in round brackets. Nothing where other languages read its signs otherwise.
pub(super) fn computed(written: &str) -> Option<String> {
    let mut cursor = LexemeCursor::new(written, LexemeSpelling::Script, 0);
    let first = cursor.peek();
    cursor.skip();
    if first.is_some_and(|it| it.is("-")) {
        cursor.skip();
    }
    if first.is_some_and(|it| it.kind == LexemeKind::Word) {
        while cursor.eat(".") {
            cursor.take();
        }
        if cursor.peek().is_some_and(|it| it.is("(") || it.kind == LexemeKind::Quoted) {
            cursor.skip();
        }
    }
    if cursor.peek().is_none() {
        return Some(written.to_owned());
    }
    let mut cursor = LexemeCursor::new(written, LexemeSpelling::Script, 0);
    // what stands outside of brackets, and whether a text is among the first two that are joined
    let (mut outer, mut has_text, mut values) = (Vec::new(), false, 0);
    while let Some(next) = cursor.peek() {
        let is_sign = next.kind == LexemeKind::Sign && !matches!(next.text, "(" | "[" | "." | ",");
        values += usize::from(!is_sign);
        has_text |= next.kind == LexemeKind::Quoted && values < 3;
        if is_sign {
            outer.push(next);
        }
        cursor.skip();
    }
    let mut res = written.to_owned();
    if written.contains(['"', '\'']) && outer.iter().any(|it| it.is("+")) {
        // texts are joined by another sign, which binds closer than all others
        (has_text && outer.iter().all(|it| it.is("+"))).then_some(())?;
        for it in outer.iter().rev() {
            res.replace_range(it.start..it.end, "||");
        }
    }
    Some(format!("({res})"))
}

//! The functions of a text: their heads, and which of them are called.

use super::super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use std::collections::BTreeSet;

/// The functions of a text that have names, and which of them are called.
#[derive(Debug, Default)]
pub(super) struct NamedFunctions {
    /// Where each begins; none where two have the name.
    pub(super) places: Vec<(String, Option<usize>)>,
    pub(super) called: BTreeSet<String>,
    /// Those whose sentences stand where they are called.
    pub(super) carried: BTreeSet<String>,
}

impl NamedFunctions {
    pub(super) fn of(text: &str) -> Self {
        let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, 0);
        let mut res = Self::default();
        let mut before: Option<Lexeme<'_>> = None;
        while let Some(next) = cursor.take() {
            let was = |word: &str| before.is_some_and(|it| it.is(word));
            if next.kind == LexemeKind::Word && cursor.peek().is_some_and(|it| it.is("(")) {
                match before.filter(|it| it.is("function")) {
                    Some(it) => res.add(next.text, it.start),
                    None if was(".") => {}
                    None => {
                        res.called.insert(next.text.to_owned());
                    }
                }
            } else if was("const") || was("let") || was("var") {
                let mut ahead = cursor;
                if ahead.eat("=") && head(&mut LexemeCursor::clone(&ahead)).is_some() {
                    res.add(next.text, ahead.end);
                }
            }
            before = Some(next);
        }
        res
    }

    fn add(&mut self, named: &str, at: usize) {
        match self.places.iter_mut().find(|it| it.0 == named) {
            Some(it) => it.1 = None,
            None => self.places.push((named.to_owned(), Some(at))),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

/// The head of a function.
pub(super) struct FunctionHead<'a> {
    pub(super) name: &'a str,
    pub(super) parameters: &'a str,
}

/// `async function main()`, `(a, b) =>`, `static associate(models)`: up to what the function does.
pub(super) fn head<'a>(cursor: &mut LexemeCursor<'a>) -> Option<FunctionHead<'a>> {
    let mut ahead = *cursor;
    let is_static = ahead.eat("static");
    ahead.eat("async");
    let is_function = ahead.eat("function");
    ahead.eat("*");
    let is_word = |of: &LexemeCursor<'_>| of.peek().is_some_and(|it| it.kind == LexemeKind::Word);
    let mut follows = ahead;
    follows.take();
    let named = is_word(&ahead) && follows.peek().is_some_and(|it| it.is("("));
    // a call, whose brackets may hold all the rest of a text
    if named && !(is_function || is_static) {
        return None;
    }
    let name = if named { ahead.word()? } else { "" };
    let start = ahead.behind_space();
    let one = !named && is_word(&ahead);
    if !(one && ahead.take().is_some() || ahead.peek()?.is("(") && ahead.skip()) {
        return None;
    }
    let parameters = ahead.text.get(start..ahead.end)?.trim_matches(['(', ')']).trim();
    // what it gives, in TypeScript
    if !one && ahead.eat(":") {
        ahead.until(|it| it.is("{") || it.is("=>") || it.breaks);
    }
    let is_arrow = ahead.eat("=>");
    let begins = is_arrow && !named || (is_function || is_static) && !one && ahead.peek()?.is("{");
    begins.then(|| *cursor = ahead)?;
    Some(FunctionHead { name, parameters })
}

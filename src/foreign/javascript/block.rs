//! What stands around sentences in JavaScript: functions, classes, `if` and `for`.

use super::super::Translation;
use super::super::draft::as_comment;
use super::super::lexeme::{LexemeCursor, LexemeKind};
use super::{JavaScript, NO_CONTROL, NO_FUNCTIONS, OpenBrace, value};

impl JavaScript {
    /// The head of a function, up to its brace.
    pub(super) fn function(&mut self, cursor: &mut LexemeCursor<'_>) -> bool {
        let mut ahead = *cursor;
        let is_static = ahead.eat("static");
        ahead.eat("async");
        let is_function = ahead.eat("function");
        ahead.eat("*");
        if is_function || is_static {
            ahead.word();
        }
        let one = !is_function && ahead.peek().is_some_and(|it| it.kind == LexemeKind::Word);
        if one {
            ahead.take();
        } else if !ahead.peek().is_some_and(|it| it.is("(")) || !ahead.skip() {
            return false;
        }
        let is_arrow = ahead.eat("=>");
        if !(is_function || is_static || is_arrow) {
            return false;
        }
        if !ahead.eat("{") {
            return false;
        }
        self.open.push(OpenBrace::Function);
        *cursor = ahead;
        true
    }

    pub(super) fn class(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        cursor.take();
        let name = cursor.word()?;
        if !cursor.eat("extends") {
            return None;
        }
        value::path(cursor)?;
        if !cursor.eat("{") {
            return None;
        }
        name.clone_into(&mut self.class);
        self.open.push(OpenBrace::Class);
        Some(Translation::Nothing(NO_FUNCTIONS))
    }

    /// `if (..) { .. }`, which a script has no words for: its first line stays as a comment.
    pub(super) fn control(&self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let start = cursor.behind_space();
        let word = cursor.take()?;
        let follows = cursor.peek()?;
        if self.open.is_empty() && !follows.is("(") && !(word.is("try") && follows.is("{")) {
            return None;
        }
        loop {
            cursor.until(|it| it.is(";") || it.is("{") || it.breaks);
            if cursor.peek().is_some_and(|it| it.is("{")) {
                cursor.skip();
            }
            if !cursor.eat_one_of(&["else", "catch", "finally"]) {
                break;
            }
        }
        let code = cursor.text.get(start..cursor.end)?.lines().next().unwrap_or_default();
        Some(Translation::Said(as_comment(&format!("{NO_CONTROL}: {}", code.trim_end()))))
    }

    /// A method or a field of a class. What its static methods say of associations is read.
    pub(super) fn class_member(cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let start = cursor.behind_space();
        let mut ahead = *cursor;
        while ahead.eat_one_of(&["declare", "public", "private", "readonly", "async", "get", "set"])
        {
        }
        let named = ahead.word()?.to_owned();
        if ahead.peek()?.is("(") {
            ahead.skip();
            ahead.until(|it| it.is("{") || it.breaks);
            if !(ahead.peek()?.is("{") && ahead.skip()) {
                return None;
            }
            *cursor = ahead;
            return Some(Translation::Said(as_comment(&format!(
                "a script has no methods: {named}()"
            ))));
        }
        let typed = ahead.eat("!") || ahead.eat("?") || ahead.peek()?.is(":");
        if !typed || !ahead.eat(":") {
            return None;
        }
        ahead.until(|it| it.is(";") || it.breaks);
        (ahead.end > start).then(|| *cursor = ahead)?;
        Some(Translation::Nothing(NO_FUNCTIONS))
    }
}

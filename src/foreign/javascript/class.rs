//! Classes: what their static methods say of models; entities with decorators; types of TypeScript's.

use super::super::Translation;
use super::super::draft::as_comment;
use super::super::lexeme::{Lexeme, LexemeCursor};
use super::block::{Block, head, skip_statement};
use super::value;
use super::{JavaScript, NO_FUNCTIONS};

const NO_CLASSES: &str = "a script has no classes: write the sentences of its methods where they are meant to run; a model is `model User { name: STRING }`";

/// `class User extends Model<..> implements Named`, up to its brace; its name, and what it extends.
fn class_head(cursor: &mut LexemeCursor<'_>) -> Option<(String, String)> {
    cursor.eat("abstract");
    cursor.eat("class").then_some(())?;
    let name = cursor.word()?.to_owned();
    let ends = |it: &Lexeme<'_>| matches!(it.text, "{" | "(" | ":" | "=");
    cursor.until(|it| ends(it) || it.is("extends"));
    let base = if cursor.eat("extends") { value::path(cursor)? } else { String::new() };
    cursor.until(ends);
    cursor.eat("{").then_some((name, base))
}

impl JavaScript {
    /// `class User extends Model { .. }`
    pub(super) fn class(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let mut ahead = *cursor;
        let (name, base) = class_head(&mut ahead)?;
        if !base.ends_with("Model") {
            let inner = ahead.until(|_| false);
            ahead.eat("}");
            // without methods it is a model, but for its first word
            [") {", "){", "> {"].iter().any(|it| inner.contains(it)).then(|| *cursor = ahead)?;
            return Some(Translation::Unsaid(NO_CLASSES.to_owned()));
        }
        *cursor = ahead;
        self.class = name;
        let mut block = Block::default();
        while cursor.peek().is_some() && !cursor.eat("}") {
            if cursor.eat(";") {
                continue;
            }
            let part = self.class_member(cursor);
            if part.is_none() {
                skip_statement(cursor);
            }
            block.add(part);
        }
        Some(block.translation())
    }

    /// A method or a field of a class. What its static methods say of models is read.
    fn class_member(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let no_method = |named: &str| {
            Translation::Said(as_comment(&format!("a script has no methods: {named}()")))
        };
        let mut ahead = *cursor;
        if ahead.peek()?.is("static")
            && let Some(head) = head(&mut ahead)
        {
            let block = self.body(&mut ahead);
            *cursor = ahead;
            return Some(if block.declares() { block.translation() } else { no_method(head.name) });
        }
        let modifiers = [
            "declare",
            "public",
            "private",
            "protected",
            "readonly",
            "static",
            "async",
            "get",
            "set",
        ];
        while ahead.eat_one_of(&modifiers) {}
        let named = ahead.word()?.to_owned();
        if ahead.peek()?.is("(") {
            ahead.skip();
            ahead.until(|it| it.is("{") || it.breaks);
            if !(ahead.peek()?.is("{") && ahead.skip()) {
                return None;
            }
            *cursor = ahead;
            return Some(no_method(&named));
        }
        let _ = ahead.eat("!") || ahead.eat("?");
        ahead.eat(":").then_some(())?;
        ahead.until(|it| it.is(";") || it.breaks);
        *cursor = ahead;
        Some(Translation::Nothing(NO_FUNCTIONS))
    }

    /// `@Entity() class User { .. }`
    pub(super) fn decorated(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let mut ahead = *cursor;
        while ahead.eat("@") {
            value::path(&mut ahead)?;
            if ahead.peek().is_some_and(|it| it.is("(") && it.start == ahead.end) {
                ahead.skip();
            }
        }
        while ahead.eat_one_of(&["export", "default", "public", "final"]) {}
        class_head(&mut ahead)?;
        ahead.until(|_| false);
        ahead.eat("}");
        *cursor = ahead;
        Some(Translation::Unsaid(NO_CLASSES.to_owned()))
    }

    /// `interface UserAttributes { .. }`, `type UserAttributes = ..`: what TypeScript alone needs, beside models.
    pub(super) fn interface(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let is_beside =
            ["extends Model", ".define", ".init("].iter().any(|it| cursor.text.contains(it));
        let mut ahead = *cursor;
        let is_type = ahead.take()?.is("type");
        ahead.word()?;
        ahead.until(|it| matches!(it.text, "{" | "=" | ":" | ";"));
        let begins = is_beside && if is_type { ahead.eat("=") } else { ahead.peek()?.is("{") };
        begins.then_some(())?;
        skip_statement(&mut ahead);
        *cursor = ahead;
        Some(Translation::Nothing(NO_FUNCTIONS))
    }
}

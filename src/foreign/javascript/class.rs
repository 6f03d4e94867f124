//! Classes: what their static methods say of models; entities with decorators; types of TypeScript's.

use super::super::Translation;
use super::super::draft::as_comment;
use super::super::lexeme::{Lexeme, LexemeCursor};
use super::block::{Block, skip_statement};
use super::functions::head;
use super::value;
use super::{JavaScript, NO_FUNCTIONS};

pub(super) const NO_CLASSES: &str = "a script has no classes: write the sentences of its methods where they are meant to run; a model is `model User { name: STRING }`";

/// `class User extends Model<..> implements Named`, up to its brace; its name, and what it extends.
pub(super) fn class_head(cursor: &mut LexemeCursor<'_>) -> Option<(String, String)> {
    cursor.eat("abstract");
    cursor.eat("class").then_some(())?;
    let name = cursor.word()?.to_owned();
    let goes_on = |it: &Lexeme<'_>| it.is("extends") || it.is("implements") || it.is("{");
    let ends =
        |it: &Lexeme<'_>| matches!(it.text, "{" | "(" | ":" | "=") || it.breaks && !goes_on(it);
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
        // its columns are said elsewhere
        let named = &self.class;
        if block.is_empty() && !cursor.text.contains(&format!("{named}.init(")) {
            return Some(Translation::Unsaid(format!(
                "the columns of `{named}` stand where `{named}.init({{ .. }})` is called: paste that, too, or write `model {named} {{ name: STRING }}`"
            )));
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
}

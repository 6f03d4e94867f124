//! `const`, `let` and `var`: what a variable holds.

use super::super::Translation;
use super::super::draft::name;
use super::super::lexeme::{LexemeCursor, LexemeKind};
use super::block::Block;
use super::functions::head;
use super::value::{self, JsValue};
use super::{JavaScript, NO_CONNECTION, NO_FUNCTIONS};

impl JavaScript {
    /// `const x = .., y = ..`
    pub(super) fn declaration(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let is_let = cursor.take()?.is("let");
        let first = self.declarator(cursor, is_let)?;
        if !cursor.eat(",") {
            return Some(first);
        }
        let mut block = Block::default();
        block.add(Some(first));
        loop {
            let part = self.declarator(cursor, false);
            let is_lost = part.is_none();
            block.add(part);
            if is_lost || !cursor.eat(",") {
                break;
            }
        }
        Some(block.translation())
    }

    fn declarator(&mut self, cursor: &mut LexemeCursor<'_>, is_let: bool) -> Option<Translation> {
        let (mut variable, mut parts) = (String::new(), Vec::new());
        if cursor.peek().is_some_and(|it| it.is("{") || it.is("[")) {
            let start = cursor.behind_space();
            cursor.skip();
            let inner = cursor.text.get(start + 1..cursor.end - 1)?;
            parts = inner.split(',').map(|it| it.trim().to_owned()).collect();
        } else {
            cursor.word()?.clone_into(&mut variable);
            // a type of TypeScript's
            if cursor.eat(":") {
                cursor.until(|it| it.is("=") || it.is(";") || it.breaks);
            }
        }
        if !cursor.eat("=") {
            // it gets its value later
            let is_alone = cursor.peek().is_some_and(|it| it.is(";"));
            return is_alone.then_some(Translation::Nothing(NO_FUNCTIONS));
        }
        if head(cursor).is_some() {
            let block = self.body(cursor);
            return Some(self.uncalled(&variable, block));
        }
        let mut ahead = *cursor;
        if let Some(found) = self.all(&mut ahead, &parts) {
            *cursor = ahead;
            return Some(found);
        }
        if let Some(found) = self.call(&mut ahead, Some(&variable)) {
            *cursor = ahead;
            return Some(self.taken_apart(found, &parts));
        }
        if is_let {
            return None;
        }
        // a sentence of Relata's behind the sign
        let mut ahead = *cursor;
        ahead.eat("await");
        let from = ahead.behind_space();
        if ahead.word().is_some()
            && ahead.peek().is_some_and(|it| it.kind == LexemeKind::Word && !it.breaks)
        {
            let own = ahead.until(|it| it.is(";") || it.breaks);
            let own = cursor.text.get(from..ahead.end).filter(|_| !own.is_empty());
            if let Some(own) = own.filter(|it| !it.starts_with("new ") && !it.starts_with("async"))
            {
                *cursor = ahead;
                return Some(self.named(Translation::Said(own.to_owned()), &variable));
            }
        }
        let is_required = cursor.peek().is_some_and(|it| it.is("require"));
        let is_new = cursor.peek().is_some_and(|it| it.is("new"));
        let value = value::value(cursor);
        // what a call gives, taken apart
        while cursor.eat(".") {
            value::value(cursor);
        }
        if let JsValue::Call(called, ..) = &value
            && called == "new PrismaClient"
        {
            self.clients.insert(variable.clone());
        }
        if let Some(found) = self.schema(&value, &variable, cursor.text) {
            return Some(found);
        }
        if is_required || variable.is_empty() && !matches!(value, JsValue::Code(_)) {
            return Some(Translation::Nothing(NO_FUNCTIONS));
        }
        if is_new {
            return Some(Translation::Nothing(NO_CONNECTION));
        }
        Some(match value.written() {
            Some(it)
                if matches!(value, JsValue::List(_) | JsValue::Object(_)) && it.contains('{') =>
            {
                Translation::Unsaid(format!(
                    "rows are written where they are made: `User create {it}`"
                ))
            }
            Some(it) if self.names.unknown_in(&value).is_none() => {
                self.names.variables.insert(variable.clone());
                Translation::Said(format!("let {} = {it}", name(&variable)))
            }
            _ => Translation::Unsaid(
                "a variable holds a value or what a sentence yields: `let ann = User findOne`"
                    .to_owned(),
            ),
        })
    }

    /// A sentence whose outcome a variable holds.
    pub(super) fn named(&mut self, said: Translation, variable: &str) -> Translation {
        match said {
            Translation::Said(it) if !variable.is_empty() => {
                self.names.variables.insert(variable.to_owned());
                Translation::Said(format!("let {} = {it}", name(variable)))
            }
            it => it,
        }
    }

    /// `const [ann, created] = await User.findOrCreate(..)`
    fn taken_apart(&mut self, said: Translation, parts: &[String]) -> Translation {
        let Translation::Said(sentence) = &said else { return said };
        let variable = match sentence.split(' ').nth(1) {
            Some("findOrCreate" | "upsert") => parts.first(),
            Some("findAndCountAll") => parts.iter().find(|it| *it == "rows"),
            _ => None,
        };
        match variable.cloned() {
            Some(it) => self.named(said, &it),
            None => said,
        }
    }
}

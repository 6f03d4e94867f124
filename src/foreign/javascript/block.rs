//! What stands around sentences in JavaScript: functions, `try`, transactions; `if` and loops, of which nothing can be said.
//!
//! Invariant: what a function does is said where it is called, and as often. What nobody calls is said only if it declares something.

use super::super::Translation;
use super::super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use super::functions::head;
use super::{ASSOCIATIONS, JavaScript, NO_FUNCTIONS, NO_WORD};
use std::collections::BTreeSet;

pub(super) const NO_STEPS: &str = "a script declares how tables are, and no steps that change them: `relata diff` shows what changes, `relata apply` changes it";
pub(super) const NO_LOOPS: &str = "a script has no loops: one sentence speaks of many rows, `User update { .. } < where: (..) >`, `User bulkCreate [..]`";
pub(super) const NO_CALLS: &str =
    "a script has no functions: write its sentences where they are meant to run";
pub(super) const OTHERWISE: &str = "what is done where this fails has no word in a script: it stops there, and a `transaction { .. }` is undone";

/// So deep functions are read, one within the other, and so many calls of functions with names.
pub(super) const DEEPEST: usize = 24;
const MOST_CALLS: usize = 200;

/// So many bytes may lie between a transaction's beginning and its end.
const LONGEST: usize = 20_000;

/// What braces hold, as sentences.
#[derive(Debug, Default)]
pub(super) struct Block {
    said: Vec<String>,
    /// Why some of it can't be said.
    pub(super) why: Option<String>,
}

impl Block {
    pub(super) fn add(&mut self, part: Option<Translation>) {
        match part {
            Some(Translation::Said(it)) => self.said.push(it),
            Some(Translation::Nothing(_)) => {}
            Some(Translation::Unsaid(why) | Translation::Told(why)) => self.refuse(&why),
            Some(Translation::Within(it)) => self.refuse(&it.why),
            None => self.refuse(NO_WORD),
        }
    }

    /// Whether there is nothing to say.
    pub(super) fn is_empty(&self) -> bool {
        self.said.is_empty() && self.why.is_none()
    }

    fn refuse(&mut self, why: &str) {
        self.why.get_or_insert_with(|| why.to_owned());
    }

    pub(super) fn translation(self) -> Translation {
        match self.why {
            Some(why) => Translation::Unsaid(why),
            None if self.said.is_empty() => Translation::Nothing(NO_FUNCTIONS),
            None => Translation::Said(self.said.join("\n")),
        }
    }

    /// `transaction { .. }`
    pub(super) fn transaction(mut self) -> Translation {
        self.said.insert(0, "transaction {".to_owned());
        self.said.push("}".to_owned());
        self.translation()
    }

    /// Whether all of it means the same whether anybody calls it or not.
    pub(super) fn declares(&self) -> bool {
        let declares = |line: &str| {
            line.starts_with(['/', ' ', '}'])
                || line.starts_with("model ")
                || line.split(' ').nth(1).is_some_and(|it| ASSOCIATIONS.contains(&it))
        };
        self.why.is_none() && self.said.iter().flat_map(|it| it.lines()).all(declares)
    }

    /// Whether it gives a variable another value that the text has outside of it.
    fn hides(&self, outer: &BTreeSet<String>) -> bool {
        let mut given =
            self.said.iter().filter_map(|it| it.strip_prefix("let ")?.split(' ').next());
        given.any(|it| outer.contains(it))
    }
}

/// The same of what a call is given: `catch(console.error)`
fn behind_name(call: &str) -> bool {
    call.split_once('(').is_some_and(|(name, given)| {
        matches!(name.trim(), "then" | "catch" | "finally") && only_tidies(given)
    })
}

/// Whether code does nothing but tell what failed, end the program or let the database go.
pub(super) fn only_tidies(code: &str) -> bool {
    const CALLS: [&str; 15] = [
        "log",
        "error",
        "warn",
        "info",
        "debug",
        "exit",
        "close",
        "disconnect",
        "rollback",
        "Error",
        "next",
        "done",
        "catch",
        "function",
        "String",
    ];
    let mut cursor = LexemeCursor::new(code, LexemeSpelling::Script, 0);
    while let Some(next) = cursor.take() {
        let is_called = next.kind == LexemeKind::Word && cursor.peek().is_some_and(|it| it.is("("));
        let known = next.text.trim_start_matches('$');
        if is_called && !CALLS.contains(&known) || matches!(next.text, "=" | "`") {
            return false;
        }
    }
    true
}

impl JavaScript {
    /// The next statement, put to the others.
    fn take_statement(&mut self, cursor: &mut LexemeCursor<'_>, block: &mut Block) {
        let start = cursor.behind_space();
        let part = self.statement(cursor.text, start);
        if let Some(it) = &part {
            cursor.advance_to(it.end.max(start));
        }
        if cursor.end <= start || part.is_none() {
            cursor.skip();
            cursor.until(|it| it.is(";") || it.breaks);
        }
        block.add(part.map(|it| it.said));
    }

    /// What stands in braces, of which the first is taken.
    fn block(&mut self, cursor: &mut LexemeCursor<'_>) -> Block {
        let mut res = Block::default();
        self.depth += 1;
        while cursor.peek().is_some() && !cursor.eat("}") {
            let is_last = cursor.peek().is_some_and(|it| it.is("return"));
            if self.depth > DEEPEST {
                cursor.skip();
                res.refuse(NO_WORD);
            } else if !cursor.eat(";") {
                self.take_statement(cursor, &mut res);
            }
            if is_last {
                // what stands behind it is never run
                cursor.until(|_| false);
            }
        }
        self.depth -= 1;
        res
    }

    /// What a function does whose head was read.
    pub(super) fn body(&mut self, cursor: &mut LexemeCursor<'_>) -> Block {
        let outer = self.names.variables.clone();
        let mut res = Block::default();
        if cursor.eat("{") {
            res = self.block(cursor);
        } else {
            self.depth += 1;
            let at = cursor.behind_space();
            res.add((self.depth <= DEEPEST).then(|| self.translate(cursor)).flatten());
            self.depth -= 1;
            if cursor.end <= at || goes_on(*cursor) {
                cursor.until(|it| matches!(it.text, "," | ";"));
                res.refuse(NO_WORD);
            }
        }
        if res.hides(&outer) {
            res.refuse("two variables have one name: give one of them another");
        }
        self.names.variables = outer;
        res
    }

    /// A function: what it does is said where it is called.
    pub(super) fn function(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let head = head(cursor)?;
        let block = self.body(cursor);
        Some(self.uncalled(head.name, block))
    }

    /// What becomes of a function where it stands.
    pub(super) fn uncalled(&mut self, named: &str, block: Block) -> Translation {
        if self.functions.carried.contains(named) {
            return Translation::Nothing(NO_FUNCTIONS);
        }
        if block.declares() {
            return block.translation();
        }
        let shown = if named.is_empty() { "this function" } else { &format!("`{named}`") };
        let why = if self.functions.called.contains(named) {
            format!("a script has no functions: write the sentences of {shown} where it is called")
        } else {
            format!(
                "nobody calls {shown} here, so nothing of it runs: write its sentences where they are meant to run"
            )
        };
        Translation::Unsaid(match block.translation() {
            Translation::Said(it) => format!("{why}\n{it}"),
            _ => why,
        })
    }

    /// What a call of a function with that name does.
    pub(super) fn carried(&mut self, text: &str, named: &str, bare: bool) -> Option<Translation> {
        let at = self.functions.places.iter().find(|it| it.0 == named)?.1?;
        let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
        let parameters = head(&mut cursor)?.parameters;
        self.calls += 1;
        if !bare
            || !parameters.is_empty()
            || self.reading.contains(named)
            || self.calls > MOST_CALLS
        {
            let why = format!(
                "a script has no functions: write the sentences of `{named}` with the values that it is called with"
            );
            // where it is declared that is told already
            let is_told = !self.functions.carried.contains(named)
                && !self.reading.contains(named)
                && self.calls <= MOST_CALLS
                && {
                    self.reading.insert(named.to_owned());
                    let block = self.body(&mut cursor);
                    self.reading.remove(named);
                    !block.declares()
                };
            return Some(if is_told { Translation::Told(why) } else { Translation::Unsaid(why) });
        }
        self.reading.insert(named.to_owned());
        let block = self.body(&mut cursor);
        self.reading.remove(named);
        self.pending.insert(named.to_owned());
        Some(block.translation())
    }

    /// What begins with a bracket: a function that is called at once, a list that is gone through.
    pub(super) fn bracketed(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let mut ahead = *cursor;
        if ahead.eat("[") {
            ahead = *cursor;
            ahead.skip();
            let goes = ahead.eat(".") && ahead.word().is_some() && ahead.eat("(");
            goes.then(|| skip_statement(cursor))?;
            return Some(Translation::Unsaid(NO_LOOPS.to_owned()));
        }
        if self.depth > 0 && ahead.eat("{") {
            let block = self.block(&mut ahead);
            *cursor = ahead;
            return Some(block.translation());
        }
        if !ahead.eat("(") {
            return None;
        }
        head(&mut ahead)?;
        let block = self.body(&mut ahead);
        let called = ahead.eat_all(&["(", ")"]) && ahead.eat(")")
            || ahead.eat(")") && ahead.eat_all(&["(", ")"]);
        *cursor = ahead;
        if !called {
            skip_statement(cursor);
            return Some(self.uncalled("", block));
        }
        Some(if Self::tidied(cursor) {
            block.translation()
        } else {
            Translation::Unsaid(OTHERWISE.to_owned())
        })
    }

    /// What stands behind a function's call, where it does nothing about rows: `.catch(console.error)`
    pub(super) fn tidied(cursor: &mut LexemeCursor<'_>) -> bool {
        while cursor.eat(".") {
            let start = cursor.behind_space();
            cursor.word();
            cursor.skip();
            if !cursor.text.get(start..cursor.end).is_some_and(behind_name) {
                return false;
            }
        }
        true
    }

    /// `try { .. } catch { .. }`
    fn tried(&mut self, cursor: &mut LexemeCursor<'_>) -> Block {
        let mut res = self.block(cursor);
        if cursor.eat("catch") {
            let start = cursor.behind_space();
            while !cursor.peek().is_none_or(|it| it.is("{")) {
                cursor.skip();
            }
            cursor.skip();
            if !only_tidies(cursor.text.get(start..cursor.end).unwrap_or_default()) {
                res.refuse(OTHERWISE);
            }
        }
        if cursor.eat_all(&["finally", "{"]) {
            let last = self.block(cursor);
            res.add(Some(last.translation()));
        }
        res
    }

    /// `if (..) { .. }`: whether that is run, and how often, nobody knows.
    pub(super) fn control(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let mut ahead = *cursor;
        let word = ahead.take()?;
        let follows = ahead.peek()?;
        let begins = follows.is("(") || follows.is("{") || word.is("throw") && follows.is("new");
        if self.depth == 0 && !begins {
            return None;
        }
        if word.is("try") && ahead.eat("{") {
            let block = self.tried(&mut ahead);
            *cursor = ahead;
            return Some(block.translation());
        }
        // a program that is run by itself
        let mut own = ahead;
        if own.eat_all(&["(", "require", ".", "main", "===", "module", ")"]) {
            let mut block = Block::default();
            if own.eat("{") {
                block = self.block(&mut own);
            } else {
                self.take_statement(&mut own, &mut block);
            }
            if !own.peek().is_some_and(|it| it.is("else")) {
                *cursor = own;
                return Some(block.translation());
            }
        }
        *cursor = ahead;
        loop {
            cursor.eat("if");
            if cursor.peek().is_some_and(|it| it.is("(")) {
                cursor.skip();
            }
            if cursor.peek().is_some_and(|it| it.is("{")) {
                cursor.skip();
            } else {
                skip_statement(cursor);
                cursor.eat(";");
            }
            let goes_on = ["else", "catch", "finally"];
            if !(cursor.eat_one_of(&goes_on) || word.is("do") && cursor.eat("while")) {
                break;
            }
        }
        Some(Translation::Unsaid(match word.text {
            "for" | "while" | "do" => NO_LOOPS.to_owned(),
            "throw" => {
                "a script has no `throw`: `assert (..)` ends it where something doesn't hold"
                    .to_owned()
            }
            it => return Some(choice(it)),
        }))
    }

    /// `const t = await sequelize.transaction()`, up to its `commit`.
    pub(super) fn unmanaged(
        &mut self,
        cursor: &mut LexemeCursor<'_>,
        named: &str,
    ) -> Option<Translation> {
        let mut ahead = *cursor;
        // where it ends is looked for before another one begins
        let rest = ahead.text.get(ahead.end..)?;
        let end = rest.as_bytes().get(..LONGEST).unwrap_or(rest.as_bytes());
        let end = memchr::memmem::find(end, format!("{named}.commit(").as_bytes())?;
        let is_only = !rest.get(..end).is_some_and(|it| it.contains(".transaction("));
        is_only.then_some(())?;
        ahead.eat(";");
        let tries = ahead.eat_all(&["try", "{"]);
        let mut block = Block::default();
        loop {
            let mut last = ahead;
            last.eat("await");
            if last.eat_all(&[named, ".", "commit", "(", ")"]) {
                ahead = last;
                ahead.eat(";");
                break;
            }
            let next = ahead.peek()?;
            if next.is("}") || self.depth > DEEPEST {
                return None;
            }
            if !ahead.eat(";") {
                self.depth += 1;
                self.take_statement(&mut ahead, &mut block);
                self.depth -= 1;
            }
        }
        let mut said = Block::default();
        said.add(Some(block.transaction()));
        if tries {
            // what follows in the same braces, and what is done where it fails
            let behind = self.tried(&mut ahead);
            said.add(Some(behind.translation()));
        }
        *cursor = ahead;
        Some(said.translation())
    }
}

/// What is said of code that may be run or not.
pub(super) fn choice(by: &str) -> Translation {
    Translation::Unsaid(format!(
        "`{by}` may run this or not, which a script can't know: write the sentences that are meant to run"
    ))
}

/// Goes to a statement's end.
pub(super) fn skip_statement(cursor: &mut LexemeCursor<'_>) {
    cursor.skip();
    cursor.until(|it| it.is(";") || it.breaks && !continues(it));
}

/// Whether a statement goes on with this, though a line ends before it.
pub(super) fn continues(next: &Lexeme<'_>) -> bool {
    matches!(next.text, "." | "?." | "?" | ":" | "||" | "&&") && next.kind == LexemeKind::Sign
}

/// Whether something stands behind a statement that belongs to it.
pub(super) fn goes_on(cursor: LexemeCursor<'_>) -> bool {
    let Some(next) = cursor.peek() else { return false };
    let is_end = matches!(next.text, ";" | "," | ")" | "]" | "}");
    let in_braces = cursor.text.get(..cursor.end).is_some_and(|it| it.ends_with('}'));
    continues(&next) || !next.breaks && !is_end && !in_braces
}

//! Calls with what stands behind them, and what is assigned.

use super::super::draft::{as_comment, is_plain_name, name};
use super::super::lexeme::LexemeCursor;
use super::super::{Translation, counted};
use super::JavaScript;
use super::block::{Block, OTHERWISE, choice, only_tidies, skip_statement};
use super::functions::head;
use super::value::{self, JsValue};

impl JavaScript {
    /// `await User.findAll(..)`
    pub(super) fn call(
        &mut self,
        cursor: &mut LexemeCursor<'_>,
        variable: Option<&str>,
    ) -> Option<Translation> {
        cursor.eat("await");
        let path = value::path(cursor)?;
        if cursor.eat("=") {
            return self.assigned(cursor, &path);
        }
        // types of TypeScript's
        let mut ahead = *cursor;
        if ahead.eat("<") {
            ahead.until(|it| it.is(">") || it.breaks);
            if ahead.eat(">") && ahead.peek().is_some_and(|it| it.is("(")) {
                *cursor = ahead;
            }
        }
        let (target, method) = path.rsplit_once('.').unwrap_or(("", &path));
        let is_call = cursor.peek().is_some_and(|it| it.is("(") && it.start == cursor.end);
        if !is_call {
            // `prisma.$queryRaw` with its text
            let is_text = cursor.peek().is_some_and(|it| it.text.starts_with('`'));
            if is_text && self.clients.contains(target) {
                skip_statement(cursor);
                return Some(super::call::connection("query", None));
            }
            if let Some(found) = self.counted(cursor, &path) {
                return Some(found);
            }
            // `user && user.destroy()`
            let sign = cursor.peek().map_or("", |it| it.text);
            let code = *cursor;
            skip_statement(cursor);
            let code = code.text.get(code.end..cursor.end).unwrap_or_default();
            return (matches!(sign, "&&" | "||" | "?") && code.contains('(')).then(|| choice(sign));
        }
        let variable = variable.filter(|it| !it.is_empty());
        let bare = matches!(method, "sync" | "drop" | "require") && variable.is_none();
        if target.is_empty() && !bare {
            return self.own_function(cursor, &path, variable);
        }
        cursor.take();
        if (path == "Promise.all" || path == "Promise.allSettled")
            && let Some(block) = self.each(cursor, &[])
        {
            return Some(block.translation());
        }
        if matches!(method, "transaction" | "$transaction")
            && let Some(found) = self.transaction(cursor, variable)
        {
            return Some(found);
        }
        let mut steps = vec![(method.to_owned(), value::values(cursor, ")"))];
        let (mut followed, mut parameter) = (Vec::new(), String::new());
        let (mut follows, mut otherwise) = (false, false);
        while cursor.eat(".") || cursor.eat("?.") {
            let step = cursor.word()?.to_owned();
            let from = *cursor;
            let arguments = if cursor.eat("(") { value::values(cursor, ")") } else { Vec::new() };
            let given = cursor.text.get(from.end..cursor.end).unwrap_or_default();
            match step.as_str() {
                "toJSON" => {}
                // what only shows what came of a call is no sentence of its own
                "then" if arguments.iter().all(JsValue::only_shows) => {}
                "then" => match self.then(from, followed.is_empty() && variable.is_none()) {
                    Some((named, block)) => {
                        parameter = named;
                        followed.push(block.translation());
                    }
                    None => follows = true,
                },
                "catch" | "finally" => otherwise |= !only_tidies(given),
                _ => steps.push((step, arguments)),
            }
        }
        let is_followed = !followed.is_empty();
        let variable = Some(parameter.as_str()).filter(|it| !it.is_empty()).or(variable);
        let (client, of) = target.split_once('.').unwrap_or(("", target));
        let said = if self.clients.contains(client) {
            self.asked(of, &steps, variable)
        } else {
            let target = target.rsplit('.').next().unwrap_or_default().to_owned();
            self.called(&target, &steps, variable)
        };
        if otherwise {
            return Some(Translation::Unsaid(OTHERWISE.to_owned()));
        }
        follows |=
            followed.iter().any(|it| matches!(it, Translation::Unsaid(_) | Translation::Told(_)));
        Some(match said {
            Translation::Said(it) if follows => Translation::Unsaid(format!(
                "write `{it}`; what `then` does follows as sentences of its own"
            )),
            it if is_followed => {
                let mut block = Block::default();
                block.add(Some(it));
                for it in followed {
                    block.add(Some(it));
                }
                block.translation()
            }
            it => it,
        })
    }

    /// `.then((user) => { .. })`: what it does follows as sentences, about what the function's only name is.
    fn then(&mut self, mut cursor: LexemeCursor<'_>, is_first: bool) -> Option<(String, Block)> {
        cursor.eat("(").then_some(())?;
        let parameter = head(&mut cursor)?.parameters;
        let is_known = parameter.is_empty() || is_first && is_plain_name(parameter);
        is_known.then_some(())?;
        let is_new = !parameter.is_empty() && self.names.variables.insert(parameter.to_owned());
        let block = self.body(&mut cursor);
        if is_new {
            self.names.variables.remove(parameter);
        }
        Some((parameter.to_owned(), block))
    }

    /// `main()`
    fn own_function(
        &mut self,
        cursor: &mut LexemeCursor<'_>,
        named: &str,
        variable: Option<&str>,
    ) -> Option<Translation> {
        let mut ahead = *cursor;
        ahead.skip();
        let given = cursor.text.get(cursor.end + 1..ahead.end - 1)?.trim();
        let unsaid = |why: &str| Some(Translation::Unsaid(why.to_owned()));
        let Some(found) = self.carried(cursor.text, named, given.is_empty()) else {
            // anything else that takes functions
            let is_program = self.depth > 0 || given.contains("=>") || given.contains("function");
            (is_program && variable.is_none()).then(|| *cursor = ahead)?;
            return Some(self.left_out("function"));
        };
        *cursor = ahead;
        if !Self::tidied(cursor) {
            return unsaid(OTHERWISE);
        }
        if variable.is_some() {
            return unsaid(
                "what a function gives a script doesn't know: write `let ann = User findOne < .. >`, the sentence that it returns",
            );
        }
        Some(found)
    }

    /// `sequelize.transaction(async (t) => { .. })`, `prisma.$transaction([..])`
    fn transaction(
        &mut self,
        cursor: &mut LexemeCursor<'_>,
        variable: Option<&str>,
    ) -> Option<Translation> {
        let mut ahead = *cursor;
        if ahead.eat(")") {
            let said = self.unmanaged(&mut ahead, variable?)?;
            *cursor = ahead;
            return Some(said);
        }
        // how it is isolated
        if ahead.peek().is_some_and(|it| it.is("{")) {
            ahead.skip();
            ahead.eat(",");
        }
        let block = if ahead.peek().is_some_and(|it| it.is("[")) {
            self.each(&mut ahead, &[])?
        } else {
            let client = head(&mut ahead)?.parameters;
            self.clients.insert(client.to_owned());
            let block = self.body(&mut ahead);
            ahead.until(|_| false);
            ahead.eat(")");
            block
        };
        *cursor = ahead;
        Some(if Self::tidied(cursor) {
            block.transaction()
        } else {
            Translation::Unsaid(OTHERWISE.to_owned())
        })
    }

    /// `const [a, b] = await Promise.all([..])`, or `prisma.$transaction([..])`
    pub(super) fn all(
        &mut self,
        cursor: &mut LexemeCursor<'_>,
        names: &[String],
    ) -> Option<Translation> {
        let mut ahead = *cursor;
        ahead.eat("await");
        let mut client = ahead;
        let is_whole = client.word().is_some_and(|it| self.clients.contains(it))
            && client.eat_all(&[".", "$transaction", "("]);
        if is_whole {
            ahead = client;
        } else {
            ahead.eat_all(&["Promise", ".", "all", "("]).then_some(())?;
        }
        let mut block = self.each(&mut ahead, names)?;
        *cursor = ahead;
        if !is_whole {
            return Some(block.translation());
        }
        let names = names.join(", ");
        let ends = format!("what is said of {names} belongs within these braces, where they end");
        block.add(Some(Translation::Said(as_comment(&ends))));
        Some(block.transaction())
    }

    /// Calls in a list, each of which a variable holds.
    fn each(&mut self, cursor: &mut LexemeCursor<'_>, names: &[String]) -> Option<Block> {
        let mut ahead = *cursor;
        ahead.eat("[").then_some(())?;
        let mut block = Block::default();
        let mut names = names.iter();
        while ahead.peek().is_some() && !ahead.eat("]") {
            let name = names.next().map(String::as_str);
            let part = ahead.within(|cursor| self.call(cursor, name));
            block.add(part);
            if !ahead.eat(",") && !ahead.peek().is_some_and(|it| it.is("]")) {
                block.add(None);
                ahead.until(|_| false);
                // what else closes here isn't the list's
                ahead.eat("]");
                break;
            }
        }
        ahead.until(|_| false);
        ahead.eat(")");
        *cursor = ahead;
        Some(block)
    }

    /// What stands behind `=`.
    fn assigned(&mut self, cursor: &mut LexemeCursor<'_>, path: &str) -> Option<Translation> {
        let exports = path == "module.exports"
            || path.starts_with("exports.")
            || path.starts_with("module.exports.");
        let named = path.rsplit('.').next().unwrap_or_default();
        if head(cursor).is_some() {
            let block = self.body(cursor);
            return Some(if path.contains(".prototype.") {
                Translation::Said(as_comment(&format!("a script has no methods: {named}()")))
            } else {
                self.uncalled(named, block)
            });
        }
        if exports {
            return Some(self.passed_on(cursor));
        }
        let mut ahead = *cursor;
        if !path.contains('.')
            && let Some(found) = ahead.within(|cursor| self.call(cursor, Some(path)))
        {
            *cursor = ahead;
            return Some(found);
        }
        self.assignment(cursor, path)
    }

    /// `count++`, `ann.age += 2`
    fn counted(&self, cursor: &mut LexemeCursor<'_>, path: &str) -> Option<Translation> {
        let start = cursor.end - path.len();
        let mut ahead = *cursor;
        ahead.until(|it| it.is(";") || it.breaks);
        let said = counted::changed_text(cursor.text.get(start..ahead.end)?)?;
        *cursor = ahead;
        // within braces a variable would be another one
        let is_own = self.depth == 0 || path.contains('.');
        Some(if is_own {
            Translation::Said(said)
        } else {
            Translation::Unsaid(format!(
                "a variable of a block ends with it: write `{said}` outside"
            ))
        })
    }

    /// `ann.name = "Bob"`
    fn assignment(&self, cursor: &mut LexemeCursor<'_>, path: &str) -> Option<Translation> {
        let (row, attribute) = path.split_once('.')?;
        let value = value::value(cursor);
        Some(match self.names.row(&value) {
            Some(it) if !attribute.contains('.') => {
                Translation::Said(format!("{} update {{ {}: {it} }}", name(row), name(attribute)))
            }
            _ => Translation::Unsaid(format!(
                "a row is changed so: `{} update {{ {}: \"..\" }}`",
                name(row),
                name(attribute)
            )),
        })
    }
}

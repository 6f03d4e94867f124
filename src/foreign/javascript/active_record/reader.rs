//! Ruby's calls and values, as the tree that JavaScript's are read into.

use super::super::super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use super::super::names::Names;
use super::super::value::JsValue;

/// A step of a chain of calls.
pub(super) struct RubyStep {
    /// Without its `!` or `?`.
    pub(super) name: String,
    pub(super) asks: bool,
    pub(super) arguments: Vec<JsValue>,
}

/// Methods that no other language calls so.
const OWN: [&str; 16] = [
    "find_by",
    "find_or_create_by",
    "find_or_initialize_by",
    "create_or_find_by",
    "update_all",
    "destroy_all",
    "delete_all",
    "insert_all",
    "upsert_all",
    "find_each",
    "left_joins",
    "left_outer_joins",
    "eager_load",
    "update_columns",
    "update_column",
    "pluck",
];

/// Reads calls, with what is known of names.
pub(super) struct RubyReader<'n> {
    pub(super) names: &'n Names,
}

impl RubyReader<'_> {
    /// The calls behind a name; whether they are plainly Ruby's, and whether rows are gone through. Nothing where something else stands there.
    pub(super) fn steps(
        &self,
        cursor: &mut LexemeCursor<'_>,
    ) -> Option<(Vec<RubyStep>, bool, bool)> {
        let (mut res, mut is_plain, mut loops) = (Vec::new(), false, false);
        while cursor.eat(".") {
            let step = cursor.word()?;
            let ends = |it: &Lexeme<'_>, cursor: &LexemeCursor<'_>| it.start == cursor.end;
            let mark = cursor.peek().filter(|it| ends(it, cursor) && matches!(it.text, "!" | "?"));
            let asks = mark.is_some_and(|it| it.is("?"));
            if mark.is_some() {
                cursor.take();
            }
            is_plain |= mark.is_some() || OWN.contains(&step);
            let mut arguments: Vec<JsValue> = Vec::new();
            let next = cursor.peek();
            if let Some(open) = next.filter(|it| it.is("(") && ends(it, cursor)) {
                cursor.take();
                let from = open.end;
                arguments = self.arguments(cursor, ")")?;
                cursor.eat(")").then_some(())?;
                is_plain |= is_rubys(cursor.text.get(from..cursor.end).unwrap_or_default());
            } else if next.is_some_and(|it| !it.breaks && Self::begins_bare(*cursor)) {
                let from = cursor.end;
                arguments = self.arguments(cursor, "")?;
                is_plain |= is_rubys(cursor.text.get(from..cursor.end).unwrap_or_default());
                is_plain |= !arguments.is_empty();
            }
            let is_filled = |it: &JsValue| it.text().is_some_and(|text| text.contains('?'));
            is_plain |=
                step == "where" && arguments.len() > 1 && arguments.first().is_some_and(is_filled);
            res.push(RubyStep { name: step.to_owned(), asks, arguments });
            let Some(next) = cursor.peek().filter(|it| !it.breaks) else { continue };
            let mut ahead = *cursor;
            ahead.take();
            let has_parameter = ahead.peek().is_some_and(|it| it.is("|"));
            if next.is("do") && has_parameter {
                let rest = cursor.text.get(next.start..)?;
                let end = rest.find("\nend").map_or(rest.len(), |it| it + 4);
                cursor.advance_to(next.start + end);
                (is_plain, loops) = (true, true);
            } else if next.is("{") && has_parameter {
                cursor.skip();
                (is_plain, loops) = (true, true);
            }
        }
        let is_end = cursor.peek().is_none_or(|it| it.breaks || it.is(";"));
        (is_end && !res.is_empty()).then_some((res, is_plain, loops))
    }

    /// Whether arguments begin that stand in no brackets: `name: "Ann"`, `:name`
    fn begins_bare(mut cursor: LexemeCursor<'_>) -> bool {
        let Some(first) = cursor.take() else { return false };
        let follows = cursor.peek().filter(|it| it.start == first.end);
        match first.kind {
            LexemeKind::Word => follows.is_some_and(|it| it.is(":")),
            LexemeKind::Quoted | LexemeKind::Number => true,
            LexemeKind::Sign => {
                first.is(":") && follows.is_some_and(|it| it.kind == LexemeKind::Word)
            }
        }
    }

    /// What stands up to a bracket's end, or to the line's; names with values are one object.
    fn arguments(&self, cursor: &mut LexemeCursor<'_>, closer: &str) -> Option<Vec<JsValue>> {
        let (mut res, mut named) = (Vec::new(), Vec::new());
        while let Some(next) = cursor.peek() {
            if next.is(closer) || closer.is_empty() && next.breaks {
                break;
            }
            match Self::key(cursor) {
                Some(key) => named.push((key, self.value(cursor)?)),
                None => res.push(self.value(cursor)?),
            }
            if !cursor.eat(",") {
                break;
            }
        }
        if !named.is_empty() {
            res.push(JsValue::Object(named));
        }
        Some(res)
    }

    /// `name:`, `:name =>`, `"name" =>`
    fn key(cursor: &mut LexemeCursor<'_>) -> Option<String> {
        let mut ahead = *cursor;
        let is_symbol = ahead.eat(":");
        let first = ahead.take()?;
        let key = match first.kind {
            LexemeKind::Word => first.text.to_owned(),
            LexemeKind::Quoted => first.unquoted(),
            LexemeKind::Number | LexemeKind::Sign => return None,
        };
        let is_key = ahead.eat("=>")
            || !is_symbol
                && ahead.peek().is_some_and(|it| it.is(":") && it.start == first.end)
                && ahead.eat(":");
        is_key.then(|| *cursor = ahead)?;
        Some(key)
    }

    fn value(&self, cursor: &mut LexemeCursor<'_>) -> Option<JsValue> {
        let found = cursor.within(|cursor| self.simple(cursor))?;
        let ends = |it: &Lexeme<'_>| it.breaks || matches!(it.text, "," | ")" | "]" | "}");
        cursor.peek().is_none_or(|it| ends(&it)).then_some(found)
    }

    fn simple(&self, cursor: &mut LexemeCursor<'_>) -> Option<JsValue> {
        let next = cursor.take()?;
        let word = |it: &str| JsValue::Path(it.to_owned());
        Some(match next.kind {
            LexemeKind::Quoted => {
                let is_plain = !next.text.starts_with('`') && !next.text.contains("#{");
                is_plain.then(|| JsValue::Text(next.unquoted()))?
            }
            LexemeKind::Number => match next.text.split_once("..") {
                Some((from, to)) => range(from, to)?,
                None => JsValue::Number(next.text.to_owned()),
            },
            LexemeKind::Word => match next.text {
                "nil" => word("null"),
                "true" | "false" => word(next.text),
                "Time" => {
                    let is_now = cursor.eat(".") && cursor.eat_one_of(&["now", "current"]);
                    is_now
                        .then(|| JsValue::Call("new Date".to_owned(), Vec::new(), String::new()))?
                }
                it if self.names.variables.contains(it) => {
                    cursor.peek().is_none_or(|it| !it.is(".")).then(|| word(it))?
                }
                _ => return None,
            },
            LexemeKind::Sign => match next.text {
                ":" => JsValue::Text(cursor.word()?.to_owned()),
                "-" => {
                    let number = cursor.take().filter(|it| it.kind == LexemeKind::Number)?;
                    JsValue::Number(format!("-{}", number.text))
                }
                "[" => {
                    let items = self.arguments(cursor, "]")?;
                    cursor.eat("]").then_some(JsValue::List(items))?
                }
                "{" => {
                    let mut found = self.arguments(cursor, "}")?;
                    cursor.eat("}").then_some(())?;
                    match (found.pop(), found.is_empty()) {
                        (None, _) => JsValue::Object(Vec::new()),
                        (Some(it @ JsValue::Object(_)), true) => it,
                        _ => return None,
                    }
                }
                _ => return None,
            },
        })
    }
}

/// Whether a call follows that is plainly Ruby's.
pub(super) fn is_call(mut cursor: LexemeCursor<'_>) -> bool {
    const KNOWN: [&str; 8] =
        ["where", "order", "joins", "includes", "create", "update", "group", "find"];
    cursor.eat(".");
    if !cursor.word().is_some_and(|it| KNOWN.contains(&it) || OWN.contains(&it)) {
        return false;
    }
    let Some(open) = cursor.peek().filter(|it| it.is("(") && it.start == cursor.end) else {
        return false;
    };
    cursor.skip();
    cursor.text.get(open.end..cursor.end).is_some_and(is_rubys)
}

/// Whether what stands in a call's brackets is Ruby's alone: a symbol, names with values.
fn is_rubys(written: &str) -> bool {
    let mut cursor = LexemeCursor::new(written, LexemeSpelling::Script, 0);
    let mut before: Option<Lexeme<'_>> = None;
    let (mut depth, mut is_symbol) = (0_usize, false);
    while let Some(next) = cursor.take() {
        match next.text {
            "{" | "[" => depth += 1,
            "}" | "]" => depth = depth.saturating_sub(1),
            // an arrow stands behind a name
            "=>" if depth == 0 && (is_symbol || before.is_some_and(|it| it.is_text())) => {
                return true;
            }
            "nil" if next.kind == LexemeKind::Word => return true,
            ":" if depth == 0 && before.is_some_and(|it| it.kind == LexemeKind::Word) => {
                return true;
            }
            ":" if cursor
                .peek()
                .is_some_and(|it| it.kind == LexemeKind::Word && it.start == next.end) =>
            {
                return true;
            }
            _ => {}
        }
        is_symbol = before.is_some_and(|it| it.is(":")) && next.kind == LexemeKind::Word;
        before = Some(next);
    }
    false
}

/// `1..5`, `18..`
fn range(from: &str, to: &str) -> Option<JsValue> {
    let number = |it: &str| JsValue::Number(it.to_owned());
    let (last, to) = match to.strip_prefix('.') {
        Some(to) => ("lt", to),
        None => ("lte", to),
    };
    (!from.is_empty() && !to.is_empty()).then(|| {
        JsValue::Object(vec![("gte".to_owned(), number(from)), (last.to_owned(), number(to))])
    })
}

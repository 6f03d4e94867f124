//! Words of other languages within a sentence that is Relata's otherwise: `AND`, `NOT NULL`, `--`, a condition without its brackets.

mod columns;
mod options;

use super::computed::computed;
use super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use crate::words::Reserved;
use columns::{column_options, put_options};
use std::ops::Range;

/// What is to be written in place of some words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rewording {
    /// Where they stand, in the sentence.
    pub(crate) range: Range<usize>,
    /// What is written instead.
    pub(crate) text: String,
    /// What to do, in words.
    pub(crate) help: String,
}

/// How the words of another language in a sentence are written in Relata; whether it can be read then is for the caller to see.
pub(crate) fn reworded(text: &str) -> Vec<Rewording> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, 0);
    let mut res: Vec<Rewording> = Vec::new();
    // the brackets that are open, and whether one is of an ENUM
    let mut open: Vec<(&str, bool)> = Vec::new();
    let mut before: Option<Lexeme<'_>> = None;
    if let Some(first) = cursor.word().filter(|it| matches!(*it, "print" | "assert")) {
        let start = cursor.behind_space();
        let inner = text.get(start..).unwrap_or_default().trim_end();
        if !inner.is_empty() && !inner.starts_with('(') {
            let said = in_small(&format!("({inner})"));
            let said = computed(inner).filter(|_| inner.contains('+')).unwrap_or(said);
            let help = format!("an expression stands in round brackets: `{first} {said}`");
            return vec![Rewording { range: start..start + inner.len(), text: said, help }];
        }
    }
    cursor.advance_to(0);
    while let Some(next) = cursor.peek() {
        let start = next.start;
        if next.is("-") && text.get(start..).is_some_and(|it| it.starts_with("--")) {
            res.extend(flag(text, start));
            if !res.is_empty() {
                return res;
            }
            let line = text.get(start..).and_then(|it| it.lines().next()).unwrap_or_default();
            res.push(Rewording {
                range: start..start + 2,
                text: "//".to_owned(),
                help: "a comment begins with `//`".to_owned(),
            });
            cursor.advance_to(start + line.len());
            continue;
        }
        let (within, is_enum) = open.last().copied().unwrap_or(("", false));
        if within.is_empty() && before.is_some() && begins_clause(cursor) {
            res.extend(clause(cursor, text));
            return res;
        }
        match next.text {
            "where" | "having" if within == "<" && in_braces(cursor) => {
                res.extend(object(&mut cursor, text));
                before = None;
                continue;
            }
            "@" if within == "<" && before.is_some_and(|it| it.is("<") || it.is(",")) => {
                cursor.take();
                if let Some((end, said)) = super::prisma::option(cursor) {
                    res.push(Rewording {
                        range: start..end,
                        help: format!("write `{said}`"),
                        text: said,
                    });
                    cursor.advance_to(end);
                }
                before = None;
                continue;
            }
            word if within == "<"
                && next.kind == LexemeKind::Word
                && before.is_some_and(|it| it.is("<") || it.is(","))
                && lacks_colon(cursor) =>
            {
                cursor.take();
                let at = cursor.end;
                let value = text.get(cursor.behind_space()..).unwrap_or_default();
                let mut ahead = cursor;
                ahead.skip();
                let value = value.get(..ahead.end - cursor.behind_space()).unwrap_or_default();
                res.push(Rewording {
                    range: at..at,
                    text: ":".to_owned(),
                    help: format!("a colon stands behind an option's name: `{word}: {value}`"),
                });
                before = None;
                continue;
            }
            _ if within == "<"
                && before.is_some_and(|it| it.is("<") || it.is(","))
                && let Some(found) = options::option(&mut cursor) =>
            {
                res.push(found);
                before = None;
                continue;
            }
            "where" | "having" if within == "<" && wants_brackets(cursor) => {
                let found = condition(&mut cursor, text);
                res.extend(found);
                before = None;
                continue;
            }
            _ if is_enum && Reserved::of(next.text).is_some() && next.kind == LexemeKind::Word => {
                res.push(Rewording {
                    range: next.start..next.end,
                    text: format!("`{}`", next.text),
                    help: format!("this word needs backquotes as a name: `` `{0}` ``", next.text),
                });
            }
            _ if within == "{"
                && before.is_some_and(|it| !it.is(",") && !it.is("{"))
                && !next.breaks =>
            {
                let from = cursor;
                let options = column_options(&mut cursor);
                if cursor.end != from.end {
                    res.extend(put_options(cursor, start, &options));
                    before = None;
                    continue;
                }
            }
            word if next.kind == LexemeKind::Word
                && (within == "(" || within == "[" || within == "<") =>
            {
                let lower = word.to_ascii_lowercase();
                let lower = if lower == "ilike" { "like" } else { lower.as_str() };
                let known = Reserved::of(lower).is_some() || matches!(lower, "asc" | "desc" | "as");
                if word.chars().all(|it| it.is_ascii_uppercase()) && known {
                    res.push(Rewording {
                        range: next.start..next.end,
                        text: lower.to_owned(),
                        help: format!("`{lower}`"),
                    });
                    let mut ahead = cursor;
                    ahead.take();
                    if lower == "in"
                        && let Some(bracket) = ahead.peek().filter(|it| it.is("("))
                    {
                        ahead.skip();
                        for (at, sign) in [(bracket.start, "["), (ahead.end.saturating_sub(1), "]")]
                        {
                            res.push(Rewording {
                                range: at..at + 1,
                                text: sign.to_owned(),
                                help: String::new(),
                            });
                        }
                    }
                }
            }
            "<>" | "==" | "===" | "!==" if within == "(" => {
                let sign = if matches!(next.text, "<>" | "!==") { "!=" } else { "=" };
                res.push(Rewording {
                    range: next.start..next.end,
                    text: sign.to_owned(),
                    help: String::new(),
                });
            }
            _ => {}
        }
        match next.text {
            "(" | "{" | "[" if next.kind == LexemeKind::Sign => {
                open.push((
                    next.text,
                    next.text == "(" && before.is_some_and(|it| it.text == "ENUM"),
                ));
            }
            "<" if within != "(" => open.push(("<", false)),
            ">" if within != "(" => {
                open.pop();
            }
            ")" | "}" | "]" if next.kind == LexemeKind::Sign => {
                open.pop();
            }
            _ => {}
        }
        before = cursor.take();
    }
    in_order(res)
}

/// By where each stands.
pub(crate) fn in_order(mut all: Vec<Rewording>) -> Vec<Rewording> {
    all.sort_by_key(|it| it.range.start);
    all
}

/// Whether a condition follows that has no brackets.
fn wants_brackets(mut cursor: LexemeCursor<'_>) -> bool {
    cursor.take();
    cursor.eat(":") && {
        let first = cursor.take();
        let second = cursor.peek();
        let compares = |it: Lexeme<'_>| {
            matches!(it.text, "=" | "!=" | "<>" | "==" | "<=" | ">=" | ">" | "<" | ".")
                || Reserved::of(&it.text.to_ascii_lowercase()).is_some()
        };
        first.is_some_and(|it| it.kind == LexemeKind::Word) && second.is_some_and(compares)
    }
}

/// `where {`
fn in_braces(mut cursor: LexemeCursor<'_>) -> bool {
    cursor.take();
    cursor.eat(":") && cursor.peek().is_some_and(|it| it.is("{"))
}

/// `where: { age: { [Op.gt]: 3 } }`
fn object(cursor: &mut LexemeCursor<'_>, text: &str) -> Option<Rewording> {
    let word = cursor.take()?.text;
    cursor.take();
    let start = cursor.behind_space();
    cursor.skip();
    let said = super::condition(text.get(start..cursor.end)?, std::iter::empty())?;
    Some(Rewording {
        range: start..cursor.end,
        text: format!("({said})"),
        help: format!("a condition stands in round brackets: `{word}: ({said})`"),
    })
}

/// An option whose value has no colon before it: `where (a = 1)`, `limit 3`.
fn lacks_colon(mut cursor: LexemeCursor<'_>) -> bool {
    cursor.take();
    let value = |it: &Lexeme<'_>| {
        matches!(it.kind, LexemeKind::Number | LexemeKind::Quoted) || it.is("(") || it.is("[")
    };
    cursor.peek().is_some_and(|it| value(&it) && it.start > cursor.end)
}

/// `sync --force`: an option as a command line has it. A comment has a blank behind its dashes.
fn flag(text: &str, start: usize) -> Option<Rewording> {
    let word = text.get(start + 2..)?.trim_end();
    let is_word = word.chars().all(|it| it.is_ascii_alphabetic()) && !word.is_empty();
    is_word.then(|| Rewording {
        range: start..start + 2 + word.len(),
        text: format!("< {word} >"),
        help: format!("options stand in angle brackets: `< {word} >`"),
    })
}

/// Whether options begin here that stand in no brackets, or in others.
fn begins_clause(mut cursor: LexemeCursor<'_>) -> bool {
    let Some(next) = cursor.take() else { return false };
    let follows = cursor.peek();
    match next.text.to_ascii_lowercase().as_str() {
        "where" | "having" | "limit" | "offset" => next.kind == LexemeKind::Word,
        "order" | "group" => follows.is_some_and(|it| it.is("by") || it.is(":")),
        "(" => follows.is_some_and(|it| it.is("{")),
        _ => next.kind == LexemeKind::Word && follows.is_some_and(|it| it.is(":")),
    }
}

/// `User findAll where a = 1`, `User create name: "x"`, `User findAll({ limit: 3 })`: the rest of the sentence is options, or a row.
fn clause(cursor: LexemeCursor<'_>, text: &str) -> Option<Rewording> {
    let start = cursor.behind_space();
    let before = text.get(..start)?.trim_end();
    let rest = text.get(start..)?.trim_end();
    if rest.starts_with('(') {
        // a call, but for its dot
        let (subject, verb) = before.trim_start().split_once(char::is_whitespace)?;
        let called = format!("{subject}.{}{rest}", verb.trim());
        let said = super::javascript::own_call(&called)?;
        let help = format!("a sentence is no call: `{said}`");
        return Some(Rewording { range: 0..text.trim_end().len(), text: said, help });
    }
    let verb = before.rsplit(char::is_whitespace).next()?;
    let is_row =
        matches!(verb, "create" | "update" | "upsert" | "findOrCreate" | "increment" | "decrement");
    let (said, help) = if is_row && !begins_with_word(rest, "where") {
        (format!("{{ {rest} }}"), "a row stands in braces")
    } else {
        (options_behind(rest, std::iter::empty())?, "options stand in angle brackets")
    };
    let help = format!("{help}: `{said}`");
    Some(Rewording { range: start..start + rest.len(), text: said, help })
}

fn begins_with_word(text: &str, word: &str) -> bool {
    LexemeCursor::new(text, LexemeSpelling::Script, 0).peek().is_some_and(|it| it.is(word))
}

/// What stands behind a verb, as options in their brackets.
pub(super) fn options_behind(
    text: &str,
    documents: impl Iterator<Item = String>,
) -> Option<String> {
    let text = text.trim();
    if text.starts_with('{') {
        let said = super::javascript::query(text, documents)?;
        return (!said.is_empty()).then(|| format!("< {} >", said.join(", ")));
    }
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, 0);
    let mut said: Vec<String> = Vec::new();
    if text.starts_with('(') {
        cursor.skip();
        said.push(format!("where: {}", bracketed(text.get(..cursor.end)?)));
        cursor.eat(",");
    }
    while let Some(next) = cursor.peek() {
        let mut ahead = cursor;
        ahead.take();
        if next.kind == LexemeKind::Word && ahead.peek().is_some_and(|it| it.is(":")) {
            let rest = text.get(next.start..)?;
            let whole = in_small(&format!("< {rest} >"));
            said.push(whole.trim_matches(['<', '>', ' ']).to_owned());
            break;
        }
        let list = ahead.eat("by");
        let inner = ahead.until(|it| ends_clause(it)).trim();
        (!inner.is_empty()).then_some(())?;
        let word = next.text.to_ascii_lowercase();
        said.push(match (word.as_str(), list) {
            ("where" | "having", false) if inner.starts_with('{') => {
                format!("{word}: ({})", super::condition(inner, std::iter::empty())?)
            }
            ("where" | "having", false) => format!("{word}: {}", bracketed(inner)),
            ("order" | "group", true) => format!("{word}: {}", in_small(&format!("[{inner}]"))),
            ("limit" | "offset", false) => format!("{word}: {inner}"),
            _ => return None,
        });
        cursor = ahead;
        cursor.eat(",");
    }
    (!said.is_empty()).then(|| format!("< {} >", said.join(", ")))
}

/// Whether another part of a query begins: `order by`.
fn ends_clause(lexeme: &Lexeme<'_>) -> bool {
    const PARTS: [&str; 6] = ["where", "group", "having", "order", "limit", "offset"];
    lexeme.kind == LexemeKind::Word && PARTS.iter().any(|it| lexeme.is(it))
}

/// A condition in its brackets, in Relata's words.
pub(super) fn bracketed(inner: &str) -> String {
    let mut cursor = LexemeCursor::new(inner, LexemeSpelling::Script, 0);
    let is_bracketed =
        cursor.peek().is_some_and(|it| it.is("(")) && cursor.skip() && cursor.peek().is_none();
    in_small(&if is_bracketed { inner.to_owned() } else { format!("({inner})") })
}

/// Words of other languages in it said in Relata's.
pub(super) fn in_small(text: &str) -> String {
    let mut changed = text.to_owned();
    for it in reworded(text).iter().rev() {
        changed.replace_range(it.range.clone(), &it.text);
    }
    changed
}

/// `where: a = 1`, up to the next option or the sentence's last `>`.
fn condition(cursor: &mut LexemeCursor<'_>, text: &str) -> Vec<Rewording> {
    cursor.take();
    cursor.take();
    let start = cursor.behind_space();
    let last = text.rfind('>').unwrap_or(text.len());
    let mut end = start;
    while let Some(next) = cursor.peek().filter(|it| it.start < last) {
        if next.is(",") {
            let mut ahead = *cursor;
            ahead.take();
            if ahead.word().is_some()
                && (ahead.eat(":") || ahead.peek().is_none_or(|it| it.is(",") || it.start >= last))
            {
                break;
            }
        }
        cursor.skip();
        end = cursor.end;
    }
    let inner = text.get(start..end).unwrap_or_default();
    // what is in it may be another language's, too
    let changed = in_small(&format!("({inner})"));
    let help = format!("a condition stands in round brackets: `where: {changed}`");
    vec![Rewording { range: start..end, text: changed, help }]
}

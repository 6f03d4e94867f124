//! Operators of other languages within an expression: `name ~ "^a"`, `age is not 3`, `posts.some(..)`, `age::text`, `between 1, 3`.

use super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use super::moments;
use super::places;
use super::types;
use super::words::Rewording;

/// What is to be written in place of such operators in a sentence's round brackets; nothing where there are none.
pub(crate) fn operators(text: &str) -> Vec<Rewording> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, 0);
    let mut all: Vec<Lexeme<'_>> = Vec::new();
    while let Some(next) = cursor.take() {
        all.push(next);
    }
    let (mut res, mut depth, mut braces, mut at) = (Vec::new(), 0_usize, 0_usize, 0);
    while let Some(lexeme) = all.get(at) {
        match lexeme.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "{" => braces += 1,
            "}" => braces = braces.saturating_sub(1),
            _ => {}
        }
        let behind = all.get(at..).unwrap_or_default();
        let found = match (depth, braces) {
            (0, 0) => None,
            (0, _) => moments::present_moment(behind),
            _ => operator(text, behind),
        };
        if let Some((found, length)) = found {
            res.extend(found);
            at += length;
            continue;
        }
        at += 1;
    }
    res
}

/// The parts of JavaScript's `Hi ${name}`, joined.
pub(crate) fn template(text: &str) -> Option<String> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((before, behind)) = rest.split_once("${") {
        let (inner, after) = behind.split_once('}')?;
        let is_path = inner.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '.'));
        parts.push(format!("{before:?}"));
        parts.push(if is_path { inner.to_owned() } else { format!("({inner})") });
        rest = after;
    }
    parts.push(format!("{rest:?}"));
    parts.retain(|it| it != "\"\"");
    (rest.len() < text.len()).then(|| format!("({})", parts.join(" || ")))
}

fn put(range: std::ops::Range<usize>, text: &str, help: &str) -> Rewording {
    Rewording { range, text: text.to_owned(), help: help.to_owned() }
}

/// So many words and signs of a call are looked at for its end.
const LONGEST: usize = 2_000;

/// The first bracket that closes what the first of these opens.
fn closing(all: &[Lexeme<'_>]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, it) in all.iter().take(LONGEST).enumerate() {
        match it.text {
            "(" | "[" | "{" if it.kind == LexemeKind::Sign => depth += 1,
            ")" | "]" | "}" if it.kind == LexemeKind::Sign => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// `active is not true`: unlike `!=`, it is true of null, too.
fn is_not(text: &str, all: &[Lexeme<'_>]) -> Option<(Vec<Rewording>, usize)> {
    let first = all.first().filter(|it| it.kind == LexemeKind::Word)?;
    let (mut length, mut end) = (1, first.end);
    while let [dot, step, ..] = all.get(length..)?
        && dot.is(".")
        && step.kind == LexemeKind::Word
    {
        (length, end) = (length + 2, step.end);
    }
    let (mut value_at, distinct) = match all.get(length..)? {
        [is, not, distinct, from, ..]
            if is.is("is") && not.is("not") && distinct.is("distinct") && from.is("from") =>
        {
            return None;
        }
        [is, distinct, from, ..] if is.is("is") && distinct.is("distinct") && from.is("from") => {
            (length + 3, true)
        }
        [is, not, ..] if is.is("is") && not.is("not") => (length + 2, false),
        _ => return None,
    };
    let value = all.get(value_at)?;
    let is_single =
        matches!(value.kind, LexemeKind::Word | LexemeKind::Number | LexemeKind::Quoted);
    if !is_single || value.is("null") || (distinct && value.kind == LexemeKind::Word) {
        return None;
    }
    value_at += 1;
    let path = text.get(first.start..end)?;
    let said = format!("({path} != {0} or {path} is null)", value.text);
    let help = format!(
        "null alone takes `is not`, and `!=` leaves out rows that have none: write `{said}`"
    );
    Some((vec![put(first.start..value.end, &said, &help)], value_at))
}

/// What stands instead of the operator that begins here, and how many lexemes it takes.
fn operator(text: &str, all: &[Lexeme<'_>]) -> Option<(Vec<Rewording>, usize)> {
    let (first, rest) = all.split_first()?;
    let between = |from: usize, to: usize| text.get(from..to).unwrap_or_default().trim();
    let is_value = |it: &Lexeme<'_>| !it.is("null") && !it.is("not");
    if let Some(found) = is_not(text, all) {
        return Some(found);
    }
    let found = match rest {
        [value, ..] if first.is("is") && is_value(value) && !value.is("distinct") => {
            Some((vec![put(first.start..first.end, "=", "null alone takes `is`: write `=`")], 1))
        }
        [sign, ..] if first.is("=") && sign.is("~") && sign.start == first.end => Some((
            vec![put(
                first.start..sign.end,
                "matches",
                "a regular expression stands behind `matches`",
            )],
            2,
        )),
        [_, ..] if first.is("~") => {
            let range = first.start..first.end;
            Some((vec![put(range, "matches", "a regular expression stands behind `matches`")], 1))
        }
        // `age::text`
        [sign, of, ..]
            if first.kind == LexemeKind::Word && sign.is("::") && of.kind == LexemeKind::Word =>
        {
            let said = format!("cast({} as {})", first.text, types::of_database(of.text, "")?);
            let help = format!("write `{said}`");
            Some((vec![put(first.start..of.end, &said, &help)], 3))
        }
        // `exists posts`, `some posts (views > 3)`
        [of, ..]
            if (first.is("exists") || first.is("some") || first.is("every"))
                && of.kind == LexemeKind::Word =>
        {
            let word = if first.is("every") { "all" } else { "any" };
            if rest.get(1).is_some_and(|it| it.is("(")) {
                let help = format!("write `{word} {} (..)`", of.text);
                return Some((vec![put(first.start..first.end, word, &help)], 1));
            }
            let said = format!("(count({}) > 0)", of.text);
            let help = format!("write `{said}`");
            (word == "any").then(|| (vec![put(first.start..of.end, &said, &help)], 2))
        }
        // `between 1, 3`, `between (1, 3)`, `between [1, 3]`
        [open, one, comma, two, close, ..]
            if first.is("between")
                && (open.is("(") || open.is("["))
                && comma.is(",")
                && (close.is(")") || close.is("]")) =>
        {
            let said = format!("between {} and {}", one.text, two.text);
            let help = format!("write `{said}`");
            Some((vec![put(first.start..close.end, &said, &help)], 6))
        }
        [one, comma, _, ..] if first.is("between") && comma.is(",") => {
            let said = format!("between {} and", one.text);
            let help = format!("write `between {} and ..`", one.text);
            Some((vec![put(first.start..comma.end, &said, &help)], 3))
        }
        // `name.startsWith("a")`, `posts.some(views > 3)`
        [dot, method, open, ..]
            if first.kind == LexemeKind::Word
                && dot.is(".")
                && method.kind == LexemeKind::Word
                && open.is("(") =>
        {
            let end = closing(rest.get(2..)?)? + 2;
            let close = rest.get(end)?;
            let inner = between(open.end, close.start);
            let bare = match rest.get(3..5) {
                Some([name, arrow]) if arrow.is("=>") && name.start >= open.end => {
                    let body = text.get(arrow.end..close.start)?;
                    Some(super::without_parameter(body, name.text)?)
                }
                _ => None,
            };
            let inner = bare.as_deref().unwrap_or(inner);
            let said = match method.text {
                _ if inner.is_empty() => return moments::moment(all),
                "startsWith" | "endsWith" => format!("{} {} {inner}", first.text, method.text),
                "includes" | "contains" => format!("{} contains {inner}", first.text),
                "match" | "test" => format!("{} matches {inner}", first.text),
                "like" | "in" | "eq" => {
                    let sign = if method.text == "eq" { "=" } else { method.text };
                    format!("{} {sign} {inner}", first.text)
                }
                "some" | "any" => format!("any {} ({inner})", first.text),
                "every" | "all" => format!("all {} ({inner})", first.text),
                "none" => format!("none {} ({inner})", first.text),
                _ => return None,
            };
            let help = format!("write `{said}`");
            Some((vec![put(first.start..close.end, &said, &help)], end + 2))
        }
        _ => None,
    };
    found.or_else(|| moments::moment(all)).or_else(|| places::place(all))
}

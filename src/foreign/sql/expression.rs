//! Expressions of SQL, in Relata's words: operators in small letters, lists in square brackets, texts in double quotes.

use super::super::draft::{operand, text};
use super::super::lexeme::{Lexeme, LexemeCursor, LexemeKind};

/// What the names in an expression may begin with: the table, or its alias.
#[derive(Debug, Default)]
pub(super) struct SqlNames {
    pub(super) names: Vec<String>,
}

impl SqlNames {
    pub(super) fn of(table: &str) -> Self {
        Self { names: vec![table.to_owned()] }
    }
}

/// Words that end an expression where no bracket is open.
const ENDS: [&str; 20] = [
    "nulls",
    "from",
    "where",
    "group",
    "having",
    "order",
    "limit",
    "offset",
    "as",
    "asc",
    "desc",
    "returning",
    "on",
    "union",
    "set",
    "values",
    "join",
    "inner",
    "left",
    "using",
];
const OPERATORS: [&str; 14] = [
    "and", "or", "not", "like", "between", "is", "null", "true", "false", "case", "when", "then",
    "else", "end",
];

/// The expression that comes next; nothing where a part of it has no words in Relata.
pub(super) fn expression(cursor: &mut LexemeCursor<'_>, scope: &SqlNames) -> Option<String> {
    let mut res = String::new();
    let mut between = false;
    // since the last `and` or `or`: whether something is compared, and whether `||` follows
    let (mut compares, mut joins) = (false, false);
    while let Some(next) = cursor.peek() {
        let ends = match next.kind {
            LexemeKind::Sign => matches!(next.text, "," | ";" | ")" | "]" | "}"),
            LexemeKind::Word => ENDS.iter().any(|it| next.is(it)),
            LexemeKind::Number | LexemeKind::Quoted => false,
        };
        // a sentence on the next line is another one
        let lost = next.breaks
            && between
            && next.kind == LexemeKind::Word
            && !OPERATORS.iter().any(|it| next.is(it));
        if ends || lost {
            break;
        }
        let part = part(cursor, scope)?;
        // to SQL nothing is equal to null, to a script null is
        if part == "null" && ["=", "!=", "<", ">", "<=", ">="].iter().any(|it| res.ends_with(it)) {
            return None;
        }
        match part.as_str() {
            "and" | "or" => (compares, joins) = (false, false),
            "||" => joins |= compares,
            // to MySQL `a = 1 || b = 2` is an `or`
            "=" | "!=" | "<" | ">" | "<=" | ">=" | "is" | "like" if joins => return None,
            "=" | "!=" | "<" | ">" | "<=" | ">=" | "is" | "like" => compares = true,
            _ => {}
        }
        between = !matches!(
            part.as_str(),
            "and" | "or" | "not" | "=" | "<" | ">" | "+" | "-" | "*" | "/" | "||"
        );
        let is_truth = matches!(part.as_str(), "true" | "false");
        if !is_truth && res.ends_with(" is") && !matches!(part.as_str(), "null" | "not") {
            return None;
        }
        // `is not true` holds of null, too
        if res.ends_with(" is not") && part != "null" {
            return None;
        }
        if is_truth && let Some(left) = res.strip_suffix(" is").map(str::to_owned) {
            res = left + " =";
        }
        if !res.is_empty() {
            res.push(' ');
        }
        res.push_str(&part);
    }
    (!res.is_empty()).then_some(res)
}

fn part(cursor: &mut LexemeCursor<'_>, scope: &SqlNames) -> Option<String> {
    let next = cursor.take()?;
    match next.kind {
        LexemeKind::Number => Some(next.text.to_owned()),
        LexemeKind::Quoted if next.text.starts_with('\'') => literal(&next),
        LexemeKind::Quoted => path(cursor, scope, next.unquoted()),
        LexemeKind::Sign => match next.text {
            "<>" => Some("!=".to_owned()),
            "==" => Some("=".to_owned()),
            "=" | "!=" | "<" | ">" | "<=" | ">=" | "+" | "-" | "*" | "/" | "%" | "||" => {
                Some(next.text.to_owned())
            }
            "(" => {
                let inner = cursor.within(|it| list(it, scope))?;
                Some(format!("({})", inner.join(", ")))
            }
            _ => None,
        },
        LexemeKind::Word => {
            if let Some(it) = OPERATORS.iter().find(|it| next.is(it)) {
                return Some((*it).to_owned());
            }
            if next.is("ilike") {
                return Some("like".to_owned());
            }
            if next.is("in") {
                return cursor
                    .eat("(")
                    .then(|| cursor.within(|it| list(it, scope)))
                    .flatten()
                    .map(|it| format!("in [{}]", it.join(", ")));
            }
            // of a row's values, the one that comes by itself
            let is_default = next.is("default");
            if is_default || next.is("select") || next.is("exists") || next.is("interval") {
                return None;
            }
            if next.is("current_timestamp") {
                return Some("now()".to_owned());
            }
            if cursor.peek().is_some_and(|it| it.is("(") && it.start == next.end) {
                cursor.take();
                let arguments = cursor.within(|it| list(it, scope))?;
                return Some(format!(
                    "{}({})",
                    next.text.to_ascii_lowercase(),
                    arguments.join(", ")
                ));
            }
            path(cursor, scope, next.text.to_owned())
        }
    }
}

/// A text: nothing where a backslash is in it, which means itself in some databases and the next letter in others.
pub(super) fn literal(lexeme: &Lexeme<'_>) -> Option<String> {
    (!lexeme.text.contains('\\')).then(|| text(&lexeme.unquoted()))
}

/// `u.name` is `name`, where `u` is the table.
fn path(cursor: &mut LexemeCursor<'_>, scope: &SqlNames, first: String) -> Option<String> {
    let mut steps = vec![first];
    while cursor.eat(".") {
        steps.push(cursor.name()?);
    }
    if steps.len() > 1 && steps.first().is_some_and(|it| scope.names.contains(it)) {
        steps.remove(0);
    }
    Some(steps.iter().map(|it| operand(it)).collect::<Vec<_>>().join("."))
}

/// What stands up to `)`, which is taken.
fn list(cursor: &mut LexemeCursor<'_>, scope: &SqlNames) -> Option<Vec<String>> {
    let mut res = Vec::new();
    loop {
        if cursor.eat(")") {
            return Some(res);
        }
        let distinct = if cursor.eat("distinct") { "distinct " } else { "" };
        res.push(format!("{distinct}{}", expression(cursor, scope)?));
        if !cursor.eat(",") && !cursor.peek()?.is(")") {
            return None;
        }
    }
}

//! Words of other languages within a sentence that is Relata's otherwise: `AND`, `NOT NULL`, `--`, a condition without its brackets.

use super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use crate::words::Reserved;
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

/// Options of columns, as SQL writes them.
const COLUMN: [(&[&str], &str); 12] = [
    (&["@", "id"], "primaryKey"),
    (&["@", "unique"], "unique"),
    (&["?"], ""),
    (&["!"], "allowNull: false"),
    (&["not", "null"], "allowNull: false"),
    (&["primary", "key"], "primaryKey"),
    (&["autoincrement"], "autoIncrement"),
    (&["auto_increment"], "autoIncrement"),
    (&["unique"], "unique"),
    (&["required"], "allowNull: false"),
    (&["optional"], ""),
    (&["null"], ""),
];

/// How the words of another language in a sentence are written in Relata; whether it can be read then is for the caller to see.
pub(crate) fn reworded(text: &str) -> Vec<Rewording> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, 0);
    let mut res: Vec<Rewording> = Vec::new();
    // the brackets that are open, and whether one is of an ENUM
    let mut open: Vec<(&str, bool)> = Vec::new();
    let mut before: Option<Lexeme<'_>> = None;
    while let Some(next) = cursor.peek() {
        let start = next.start;
        if next.is("-") && text.get(start..).is_some_and(|it| it.starts_with("--")) {
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
        if within.is_empty() && before.is_some() && next.is("where") {
            res.extend(clause(cursor, text));
            return res;
        }
        match next.text {
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
    res.sort_by_key(|it| it.range.start);
    res
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

/// `User findAll where a = 1`: the rest of the sentence is a condition.
fn clause(mut cursor: LexemeCursor<'_>, text: &str) -> Option<Rewording> {
    let start = cursor.take()?.start;
    let inner = text.get(cursor.end..)?.trim();
    if inner.is_empty() || inner.starts_with([':', '<', '{']) {
        return None;
    }
    let is_bracketed = cursor.peek()?.is("(") && cursor.skip() && cursor.peek().is_none();
    let inner = if is_bracketed { inner.to_owned() } else { format!("({inner})") };
    let mut changed = inner.clone();
    for it in reworded(&inner).iter().rev() {
        changed.replace_range(it.range.clone(), &it.text);
    }
    let changed = format!("< where: {changed} >");
    let help = format!("options stand in angle brackets: `{changed}`");
    Some(Rewording { range: start..text.trim_end().len(), text: changed, help })
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
    let bracketed = format!("({inner})");
    let mut changed = bracketed.clone();
    for it in reworded(&bracketed).iter().rev() {
        changed.replace_range(it.range.clone(), &it.text);
    }
    let help = format!("a condition stands in round brackets: `where: {changed}`");
    vec![Rewording { range: start..end, text: changed, help }]
}

/// The options that a column's words say.
fn column_options(cursor: &mut LexemeCursor<'_>) -> Vec<String> {
    let mut res = Vec::new();
    loop {
        let known = COLUMN.iter().find(|word| {
            let mut ahead = *cursor;
            !ahead.peek().is_some_and(|it| it.breaks)
                && ahead.eat_all(word.0)
                && !ahead.peek().is_some_and(|it| it.is(":"))
        });
        if let Some((words, option)) = known {
            cursor.eat_all(words);
            res.push((*option).to_owned());
            continue;
        }
        let mut ahead = *cursor;
        if ahead.peek().is_some_and(|it| !it.breaks) && ahead.eat("default") {
            let value = ahead.peek();
            if let Some(value) = value.filter(|it| it.kind != LexemeKind::Sign) {
                ahead.take();
                let call = if ahead.eat_all(&["(", ")"]) { "()" } else { "" };
                let said = if value.is("current_timestamp") || value.is("now") {
                    "now()".to_owned()
                } else if ["true", "false", "null"].iter().any(|it| value.is(it)) {
                    value.text.to_ascii_lowercase()
                } else {
                    format!("{}{call}", value.text)
                };
                res.push(format!("defaultValue: {said}"));
                *cursor = ahead;
                continue;
            }
        }
        res.retain(|it| !it.is_empty());
        return res;
    }
}

/// The options in their brackets, or among those that follow.
fn put_options(cursor: LexemeCursor<'_>, start: usize, options: &[String]) -> Vec<Rewording> {
    let range = start..cursor.end;
    let said = options.join(", ");
    let help = format!("the options of an attribute stand in angle brackets: `< {said} >`");
    let brackets = cursor.peek().filter(|it| it.is("<"));
    if said.is_empty() {
        let help = "an attribute may be null by itself".to_owned();
        return vec![Rewording { range, text: String::new(), help }];
    }
    match brackets {
        Some(it) => vec![
            Rewording { range, text: String::new(), help },
            Rewording { range: it.start..it.end, text: format!("< {said},"), help: String::new() },
        ],
        None => vec![Rewording { range, text: format!("< {said} >"), help }],
    }
}

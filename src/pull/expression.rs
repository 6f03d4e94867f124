//! SQL's expressions as the language writes them.

use super::names::{sql as verbatim, text, written};
use crate::stored::{SqlToken, SqlTokenKind, tokens};

/// An expression of SQL in the language's words; none where it has no words for something in it. `name` gives the
/// attribute of a column.
///
/// Whoever takes it holds what comes of it against the original: it may have another spelling.
pub(super) fn translated(sql: &str, name: impl Fn(&str) -> Option<String>) -> Option<String> {
    let all = tokens(sql);
    let mut res = String::new();
    // Which brackets are open, and whether they are a list's.
    let mut lists: Vec<bool> = Vec::new();
    for (at, token) in all.iter().enumerate() {
        let next = all.get(at + 1);
        let before = at.checked_sub(1).and_then(|it| all.get(it));
        let opens = next.is_some_and(|it| it.is_sign('('));
        let piece = match &token.kind {
            SqlTokenKind::Sign('(') => {
                lists.push(before.is_some_and(|it| it.is("in")));
                if lists.last() == Some(&true) { "[" } else { "(" }.to_owned()
            }
            SqlTokenKind::Sign(')') => if lists.pop()? { "]" } else { ")" }.to_owned(),
            SqlTokenKind::Sign('<') if next.is_some_and(|it| it.is_sign('>')) => "!".to_owned(),
            SqlTokenKind::Sign('>') if before.is_some_and(|it| it.is_sign('<')) => "=".to_owned(),
            SqlTokenKind::Sign('=') if next.is_some_and(|it| it.is_sign('=')) => continue,
            SqlTokenKind::Sign(sign) if "+-*/%=<>!|,".contains(*sign) => sign.to_string(),
            SqlTokenKind::Sign(_) => return None,
            SqlTokenKind::Literal => literal(sql.get(token.range.clone())?)?,
            SqlTokenKind::Text(it) => text(it),
            SqlTokenKind::Word(word) => match keyword(word) {
                Some(it) => it.to_owned(),
                None if opens && is_call(word) => word.to_string(),
                None => written(&name(word)?).into_owned(),
            },
            SqlTokenKind::Name(it) | SqlTokenKind::Quoted(it) => written(&name(it)?).into_owned(),
        };
        if !res.is_empty() && !touches(before, token) {
            res.push(' ');
        }
        res.push_str(&piece);
    }
    lists.is_empty().then_some(res)
}

/// A document as a default: what is simple as such, all else as the text that the database has.
pub(super) fn json(text: &str, written: &str) -> String {
    let is_plain =
        matches!(text.trim(), "{}" | "[]" | "true" | "false") || text.parse::<i64>().is_ok();
    if is_plain { text.trim().to_owned() } else { verbatim(written) }
}

/// Whether nothing stands between two tokens.
fn touches(before: Option<&SqlToken>, token: &SqlToken) -> bool {
    let Some(before) = before else { return true };
    let follows = before.range.end == token.range.start;
    let opens = token.is_sign('(') && !before.is("in");
    let calls = opens && matches!(before.kind, SqlTokenKind::Word(_)) && follows;
    let operator = matches!(
        (&before.kind, &token.kind),
        (SqlTokenKind::Sign('<' | '>' | '!' | '=' | '|'), SqlTokenKind::Sign('=' | '>' | '|'))
    );
    let signed =
        before.is_sign('-') && matches!(token.kind, SqlTokenKind::Literal | SqlTokenKind::Text(_));
    let closes = token.is_sign(')') || token.is_sign(',') || before.is_sign('(');
    calls || (operator && follows) || closes || (signed && follows)
}

fn keyword(word: &str) -> Option<&'static str> {
    const WORDS: [&str; 15] = [
        "and", "or", "not", "is", "in", "like", "between", "null", "case", "when", "then", "else",
        "end", "true", "false",
    ];
    WORDS.into_iter().find(|it| word.eq_ignore_ascii_case(it))
}

/// Whether a word before a bracket is a function's name.
fn is_call(word: &str) -> bool {
    const OTHERS: [&str; 8] =
        ["cast", "exists", "raise", "select", "glob", "match", "regexp", "escape"];
    !OTHERS.iter().any(|it| word.eq_ignore_ascii_case(it))
}

fn literal(sql: &str) -> Option<String> {
    if sql.starts_with(['x', 'X']) {
        let digits = sql.get(2..)?.strip_suffix('\'')?;
        return Some(format!("x\"{digits}\""));
    }
    let number = sql.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    let whole = !sql.starts_with('.') && !sql.ends_with('.');
    (number && whole).then(|| sql.to_owned())
}

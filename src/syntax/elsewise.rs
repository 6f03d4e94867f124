//! What other languages write where the grammar stopped, in Relata's words: `a ?? b`, `a ? b : c`, `age: age + 1`, `name.toLowerCase()`.

use crate::ast::{Path, PathStep};
use std::ops::Range;

/// The operator that a word of another language means.
pub(super) fn operator(word: &str) -> Option<&'static str> {
    Some(match word {
        "includes" | "include" | "has" | "icontains" => "contains",
        "starts_with" | "startswith" | "istartswith" | "beginsWith" => "startsWith",
        "ends_with" | "endswith" | "iendswith" => "endsWith",
        "regexp" | "regex" | "rlike" | "match" | "iregex" => "matches",
        "ilike" => "like",
        "eq" | "equals" => "=",
        "ne" | "neq" => "!=",
        "gt" => ">",
        "gte" | "ge" => ">=",
        "lt" => "<",
        "lte" | "le" => "<=",
        "mod" => "%",
        "div" => "/",
        "concat" => "||",
        _ => return None,
    })
}

/// The function that a method of another language's texts is.
fn function(method: &str) -> Option<&'static str> {
    Some(match method {
        "toLowerCase" | "toLower" | "downcase" | "lower" => "lower",
        "toUpperCase" | "toUpper" | "upcase" | "upper" => "upper",
        "trim" | "strip" => "trim",
        "length" | "size" | "len" => "length",
        "abs" => "abs",
        "round" => "round",
        _ => return None,
    })
}

/// What a call behind a dot is in Relata; `arguments` in their brackets.
pub(super) fn behind_dot(path: &Path, arguments: &str) -> String {
    let Some(PathStep::Name(word)) = path.tail.last() else {
        return "a type's arguments come first: `INTEGER(10).UNSIGNED`".to_owned();
    };
    let (name, method) = (path.head.text.as_str(), word.text.as_str());
    let given = arguments.trim_start_matches('(').trim_end_matches(')').trim();
    let given = if given.is_empty() { "\"..\"" } else { given };
    let operators = ["startsWith", "endsWith", "contains", "matches"];
    let own = operators.into_iter().find(|it| *it == method);
    if let Some(operator) = own.or_else(|| operator(method)) {
        return format!("an operator stands between the two: `{name} {operator} {given}`");
    }
    if let Some(function) = function(method) {
        return format!("a function has its value in brackets: `{function}({name})`");
    }
    let is_type = |it: &str| it.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_type(method) && !is_type(name) {
        return format!("types stand alone: `{method}{arguments}`");
    }
    "a type's arguments come first: `INTEGER(10).UNSIGNED`".to_owned()
}

/// `a ?? b` and `a ? b : c`, where `rest` begins with the mark.
pub(super) fn instead_of_question(before: &str, rest: &str) -> String {
    let or = |text: &str| if text.is_empty() { "..".to_owned() } else { text.trim().to_owned() };
    if let Some(rest) = rest.strip_prefix("??") {
        let (one, two) = (or(last_word(before)), or(token(rest.trim_start())));
        return format!("the first that isn't null is `coalesce({one}, {two})`");
    }
    let condition = before.rsplit(['(', ',']).next().unwrap_or_default();
    let rest = rest.trim_start_matches('?');
    let rest = rest.split([')', '\n']).next().unwrap_or_default();
    let (yes, no) = rest.split_once(':').unwrap_or((rest, ""));
    let (condition, yes, no) = (or(condition), or(yes), or(no));
    format!("write `case when {condition} then {yes} else {no} end`")
}

/// A parameter of a program's, `$1`, `?`, `:age`: how long it is, and what is written in its place.
pub(super) fn parameter(before: &str, rest: &str) -> Option<(usize, String)> {
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    let sign = rest.chars().next().filter(|it| matches!(it, '$' | '?' | ':' | '@'))?;
    let behind = rest.get(1..)?;
    let name = behind.split(|it| !is_word(it)).next().unwrap_or_default();
    let follows = behind.get(name.len()..)?.trim_start();
    let stands_alone = follows.is_empty() || follows.starts_with([')', ',', '}', '>', ']', ';']);
    let is_value = before.trim_end().ends_with(['=', '<', '>', '(', ',', ':', '[', '+', '-']);
    let is_parameter = match sign {
        '$' => !name.is_empty(),
        '?' => name.is_empty() && stands_alone,
        _ => is_value && name.starts_with(|it: char| it.is_alphabetic()),
    };
    is_parameter.then_some(())?;
    let is_named = name.starts_with(|it: char| it.is_alphabetic());
    let help = if is_named {
        format!(
            "write `{name}`, a variable: `let {name} = ..` before this, or one that the program gives"
        )
    } else {
        "write the value in its place, or a variable: `let value = ..` before this, or one that the program gives"
            .to_owned()
    };
    Some((1 + name.len(), help))
}

/// The value of a pair in which something is computed without brackets, and how it is written; the grammar stopped at its operator.
pub(super) fn computed(text: &str, stopped: usize) -> Option<(Range<usize>, String)> {
    if !begins_with_operator(text.get(stopped..)?) {
        return None;
    }
    let (mut start, mut end) = (None, None);
    let (mut depth, mut quote) = (0_usize, None);
    let mut plus = Vec::new();
    let mut has_text = false;
    for (at, sign) in text.char_indices() {
        match (quote, sign) {
            (Some(open), _) => quote = Some(open).filter(|it| *it != sign),
            (None, '"' | '\'') => {
                quote = Some(sign);
                has_text = true;
            }
            (None, ':') if at < stopped => {
                (start, has_text, depth) = (Some(at + 1), false, 0);
                plus.clear();
            }
            (None, ',' | '{' | '[') if at < stopped => start = None,
            (None, '(' | '{' | '[') => depth += 1,
            (None, ')' | '}' | ']') if depth > 0 => depth -= 1,
            (None, ',' | '}' | '\n') if at > stopped && depth == 0 => {
                end = Some(at);
                break;
            }
            (None, '+') => plus.push(at),
            (None, _) => {}
        }
    }
    let (start, end) = (start?, end?);
    let value = text.get(start..end)?;
    let start = start + (value.len() - value.trim_start().len());
    let end = start + value.trim().len();
    let mut written = text.get(start..end)?.to_owned();
    // Texts are joined by another sign than numbers.
    for at in plus.into_iter().rev().filter(|it| has_text && (start..end).contains(it)) {
        written.replace_range(at - start..=at - start, "||");
    }
    Some((start..end, format!("({written})")))
}

/// The item of a list in which something is computed without brackets, and how it is written; the grammar stopped at its operator. A name
/// (`as total`) or an order (`desc`) behind it stays.
pub(super) fn computed_item(text: &str, stopped: usize) -> Option<(Range<usize>, String)> {
    let behind = text.get(stopped..)?;
    let of_rows = behind.starts_with('(') && quantified(text.get(..stopped)?).is_some();
    if !of_rows && !begins_with_operator(behind) {
        return None;
    }
    let (mut opened, mut quote, mut end) = (Vec::new(), None, None);
    let mut plus = Vec::new();
    let mut has_text = false;
    for (at, sign) in text.char_indices() {
        let is_outside = opened.is_empty();
        match (quote, sign) {
            (Some(open), _) => quote = Some(open).filter(|it| *it != sign),
            (None, '"' | '\'') => (quote, has_text) = (Some(sign), true),
            (None, '(' | '[' | '{') => opened.push((sign, at + 1)),
            (None, ',' | ')' | ']' | '}') if at > stopped && opened.last()?.1 <= stopped => {
                end = Some(at);
                break;
            }
            (None, ')' | ']' | '}') => drop(opened.pop()?),
            (None, ',') if at < stopped && !is_outside => {
                opened.last_mut()?.1 = at + 1;
                (has_text, plus) = (false, Vec::new());
            }
            (None, '+') => plus.push(at),
            (None, _) => {}
        }
    }
    let (bracket, start) = opened.last().copied()?;
    let value = text.get(start..end?)?;
    if bracket != '[' || start > stopped {
        return None;
    }
    let named = [" as ", " asc", " desc", " nulls ", " collate "];
    let length = named.iter().filter_map(|it| value.find(it)).min().unwrap_or(value.len());
    let value = value.get(..length)?;
    let start = start + (value.len() - value.trim_start().len());
    let value = value.trim();
    let mut written = value.to_owned();
    for at in
        plus.into_iter().rev().filter(|it| has_text && (start..start + value.len()).contains(it))
    {
        written.replace_range(at - start..=at - start, "||");
    }
    Some((start..start + value.len(), format!("({written})")))
}

/// A value that is computed where a sentence should stand: what shows it.
pub(super) fn shown_value(text: &str, stopped: usize) -> Option<String> {
    let before = text.get(..stopped)?.trim();
    let is_value = !before.is_empty()
        && before.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '.' | '`'));
    let is_whole = !text.contains(['<', '{', '\n', ';']);
    (begins_with_operator(text.get(stopped..)?) && is_value && is_whole)
        .then(|| format!("print ({})", text.trim()))
}

/// Whether a value is computed from itself here: `+=`, `++`.
pub(super) fn assigns(rest: &str) -> bool {
    ["+=", "-=", "*=", "/=", "++", "--"].iter().any(|it| rest.starts_with(it))
}

fn begins_with_operator(text: &str) -> bool {
    text.starts_with(['+', '-', '*', '/', '%', '|'])
}

/// `any posts`, `none posts`, `all posts`, `count posts` at the end of a text, as it stands there.
fn quantified(before: &str) -> Option<&str> {
    let before = before.trim_end();
    let start = before.rfind(|it: char| !(it.is_alphanumeric() || "_.`".contains(it)))?;
    let ahead = before.get(..=start)?.trim_end();
    let word = last_word(ahead);
    let is_one = start + 1 < before.len() && ["any", "all", "none", "count"].contains(&word);
    is_one.then(|| before.get(ahead.len() - word.len()..)).flatten()
}

/// A quantifier without its condition, where the grammar stopped behind its association, and what there is to write.
pub(super) fn without_condition(before: &str, rest: &str) -> Option<String> {
    let written = quantified(before)?;
    let (word, path) = written.split_once(char::is_whitespace)?;
    let path = path.trim_start();
    let ends = rest.starts_with([')', ',', ']', '}', '>']) || ["and", "or"].contains(&token(rest));
    let help = match word {
        "any" => format!(
            "write `any {path} (true)` for at least one of them, or which: `any {path} (id > 1)`"
        ),
        "none" => format!(
            "write `none {path} (true)` for no such row at all, or which: `none {path} (id > 1)`"
        ),
        "all" => format!("write what holds for all of them: `all {path} (id > 1)`"),
        _ => format!("write `count({path})` for all of them, or which: `(count {path} (id > 1))`"),
    };
    ends.then_some(help)
}

/// Rows side by side without the brackets of a list: `{ .. }, { .. }`; the grammar stopped at the comma.
pub(super) fn rows(text: &str, stopped: usize) -> Option<Range<usize>> {
    let before = text.get(..stopped)?.trim_end();
    let behind = text.get(stopped..)?.strip_prefix(',')?.trim_start();
    let range = text.find('{')?..text.rfind('}')? + 1;
    (before.ends_with('}') && behind.starts_with('{')).then_some(range)
}

/// Braces behind a name in a list, where the grammar stopped: `lines { text, tags { name } }` chooses attributes, `lines { limit: 3 }` gives
/// options. What they are, and how Relata says it.
pub(super) fn chosen(text: &str, stopped: usize) -> Option<(Range<usize>, String)> {
    let before = text.get(..stopped)?.trim_end();
    let name = last_word(before);
    let ahead = before.strip_suffix(name)?.trim_end();
    let behind = text.get(stopped..)?.strip_prefix('{')?;
    if !name.starts_with(|it: char| it.is_alphabetic()) || !ahead.ends_with(['[', ',']) {
        return None;
    }
    let mut chosen = Chosen { rest: behind };
    let written = match chosen.read(0) {
        Some(written) => written,
        None => {
            let inner = behind.split_once('}')?.0;
            let word = token(inner.trim_start());
            let is_pair = inner.trim_start().strip_prefix(word)?.trim_start().starts_with(':');
            if !is_pair || inner.contains('{') {
                return None;
            }
            chosen.rest = behind.get(inner.len() + 1..)?;
            format!("< {} >", inner.trim())
        }
    };
    let end = text.len() - chosen.rest.len();
    Some((stopped..end, written))
}

/// Reads names in braces, and names with names in braces.
struct Chosen<'t> {
    rest: &'t str,
}

impl Chosen<'_> {
    /// So deep they may stand in one another.
    const DEEPEST: usize = 16;

    /// What is in the braces that are open, as options.
    fn read(&mut self, depth: usize) -> Option<String> {
        if depth > Self::DEEPEST {
            return None;
        }
        let (mut names, mut includes) = (Vec::new(), Vec::new());
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n', ',']);
            if let Some(rest) = self.rest.strip_prefix('}') {
                self.rest = rest;
                break;
            }
            let name = token(self.rest);
            if !name.starts_with(|it: char| it.is_alphabetic() || it == '_' || it == '`') {
                return None;
            }
            self.rest = self.rest.strip_prefix(name)?.trim_start();
            match self.rest.strip_prefix('{') {
                Some(rest) => {
                    self.rest = rest;
                    includes.push(format!("{name} {}", self.read(depth + 1)?));
                }
                None => names.push(name),
            }
        }
        let attributes = (!names.is_empty()).then(|| format!("attributes: [{}]", names.join(", ")));
        let include = (!includes.is_empty()).then(|| format!("include: [{}]", includes.join(", ")));
        let all: Vec<String> = attributes.into_iter().chain(include).collect();
        (!all.is_empty()).then(|| format!("< {} >", all.join(", ")))
    }
}

/// The first word, number, string or sign of a text.
pub(super) fn token(text: &str) -> &str {
    let Some(first) = text.chars().next() else {
        return text;
    };
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    let length = if is_word(first) {
        text.find(|it| !is_word(it)).unwrap_or(text.len())
    } else if matches!(first, '"' | '\'' | '`') {
        let inner = text.get(1..).unwrap_or_default();
        let end = inner.find(['\n', first]);
        end.map_or(text.len(), |end| {
            let closed = inner.get(end..).is_some_and(|it| it.starts_with(first));
            end + 1 + usize::from(closed)
        })
    } else {
        first.len_utf8()
    };
    text.get(..length).unwrap_or(text)
}

/// The word that a text ends with.
pub(super) fn last_word(text: &str) -> &str {
    let start = text.trim_end_matches(|it: char| it.is_alphanumeric() || it == '_');
    text.get(start.len()..).unwrap_or_default()
}

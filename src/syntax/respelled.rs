//! What stands in another spelling where the grammar stopped: `meta.lang: "it"`, `name not null`, `meta = { .. }`.

use std::ops::Range;

/// What to do about it: the words, and what belongs in which place.
pub(super) struct Respelled {
    pub(super) words: String,
    pub(super) edit: Option<(Range<usize>, String)>,
}

/// What is spelled otherwise in a text that the grammar stopped at.
pub(super) fn respelled(text: &str, stopped: usize) -> Option<Respelled> {
    let before = text.get(..stopped)?.trim_end();
    let rest = text.get(stopped..)?;
    json_place(before, rest)
        .or_else(|| quantifier(before, rest))
        .or_else(|| not_null(before, rest, stopped))
        .or_else(|| document(before, rest))
}

/// `{ meta.lang: "it" }`
fn json_place(before: &str, rest: &str) -> Option<Respelled> {
    if !rest.starts_with(':') {
        return None;
    }
    let is_path = |it: char| it.is_alphanumeric() || it == '_' || it == '.';
    let path = before.rsplit(|it| !is_path(it)).next()?;
    let ahead = before.strip_suffix(path)?.trim_end();
    if !path.contains('.') || path.starts_with('.') || !ahead.ends_with(['{', ',']) {
        return None;
    }
    let written = format!("\"{path}\"");
    let start = before.len() - path.len();
    Some(Respelled {
        words: format!("a place in JSON is named by a text: `{written}: ..`"),
        edit: Some((start..before.len(), written)),
    })
}

/// `id in none`, where `none` is a variable's name.
fn quantifier(before: &str, rest: &str) -> Option<Respelled> {
    let is_letter = |it: char| it.is_alphanumeric() || it == '_';
    let word = before.rsplit(|it| !is_letter(it)).next()?;
    if !rest.starts_with([')', ',', ']']) || !matches!(word, "any" | "all" | "none") {
        return None;
    }
    let written = format!("`{word}`");
    Some(Respelled {
        words: format!("as a name in an expression, `{word}` needs backquotes"),
        edit: Some((before.len() - word.len()..before.len(), written)),
    })
}

/// `name not null`
fn not_null(before: &str, rest: &str, stopped: usize) -> Option<Respelled> {
    let null = rest.get(..4).filter(|it| it.eq_ignore_ascii_case("null"))?;
    let ends = rest.chars().nth(null.len()).is_none_or(|it| !it.is_alphanumeric() && it != '_');
    let not = before.get(before.len().checked_sub(3)?..)?;
    if !ends || !not.eq_ignore_ascii_case("not") {
        return None;
    }
    let range = before.len() - not.len()..stopped + null.len();
    Some(Respelled {
        words: "write `is not null`".to_owned(),
        edit: Some((range, "is not null".to_owned())),
    })
}

/// `meta = { lang: "it" }`
fn document(before: &str, rest: &str) -> Option<Respelled> {
    let ahead = before.strip_suffix('=')?.trim_end_matches(['!', '=']).trim_end();
    if !rest.starts_with('{') {
        return None;
    }
    let is_path = |it: char| it.is_alphanumeric() || it == '_' || it == '.';
    let name = ahead.rsplit(|it| !is_path(it)).next().filter(|it| !it.is_empty())?;
    let key: String = rest
        .get(1..)?
        .trim_start_matches([' ', '"', '\''])
        .chars()
        .take_while(|it| is_path(*it))
        .collect();
    let key = if key.is_empty() { "lang".to_owned() } else { key };
    Some(Respelled {
        words: format!(
            "ask for what is in it, `{name}.{key} = ..`; a whole document is compared with a variable: `let document = {{ {key}: .. }}`, `{name} = document`"
        ),
        edit: None,
    })
}

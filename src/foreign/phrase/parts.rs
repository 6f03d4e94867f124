//! What stands in a sentence's brackets, taken apart: rows, options, lists of names.

use super::super::computed::computed;
use super::super::draft::name;
use super::super::lexeme::{LexemeCursor, LexemeSpelling};
use super::super::words::options_behind;

/// A name with its value, in whatever spelling: `age: 3`, `age = 3`, `age += 1`.
pub(super) struct RowPair {
    pub(super) key: String,
    /// As a script writes it.
    pub(super) value: String,
}

/// What stands between commas in a list of options.
pub(super) struct ListedOption {
    pub(super) key: String,
    pub(super) value: Option<String>,
    /// All of it, as it was written.
    pub(super) written: String,
}

impl ListedOption {
    /// Whether a sentence about rows has an option of that name.
    pub(super) fn is_option(&self) -> bool {
        const OPTIONS: [&str; 14] = [
            "where",
            "all",
            "fields",
            "validate",
            "defaults",
            "paranoid",
            "ignoreDuplicates",
            "updateOnDuplicate",
            "conflictFields",
            "limit",
            "through",
            "force",
            "include",
            "returning",
        ];
        OPTIONS.contains(&self.key.as_str())
    }
}

fn cursor_of(text: &str) -> LexemeCursor<'_> {
    LexemeCursor::new(text, LexemeSpelling::Script, 0)
}

/// What stands in `< >`, which is taken.
pub(super) fn angled<'a>(cursor: &mut LexemeCursor<'a>) -> Option<&'a str> {
    let start = cursor.take().filter(|it| it.is("<"))?.end;
    while let Some(next) = cursor.peek() {
        if next.is(">") {
            cursor.take();
            return cursor.text.get(start..next.start);
        }
        if !cursor.skip() {
            return None;
        }
    }
    None
}

/// The items of a list of options.
pub(super) fn items(inner: &str) -> Option<Vec<ListedOption>> {
    let mut cursor = cursor_of(inner);
    let mut res = Vec::new();
    while cursor.peek().is_some() {
        let start = cursor.behind_space();
        let key = cursor.name()?;
        let value = if cursor.eat(":") || cursor.eat("=") {
            Some(cursor.until(|it| it.is(",")).trim().to_owned()).filter(|it| !it.is_empty())
        } else {
            None
        };
        let written = match &value {
            Some(it) => format!("{key}: {it}"),
            None => inner.get(start..cursor.end)?.trim().to_owned(),
        };
        res.push(ListedOption { key, value, written });
        if !cursor.eat(",") && cursor.peek().is_some() {
            return None;
        }
    }
    Some(res)
}

/// Names with their values, separated by commas: nothing where something else is among them.
pub(super) fn pairs(inner: &str) -> Option<Vec<RowPair>> {
    let mut cursor = cursor_of(inner);
    let mut res = Vec::new();
    while cursor.peek().is_some() {
        let key = cursor.name()?;
        let mut added = "";
        if cursor.eat("+") {
            added = "+";
        } else if cursor.eat("-") {
            added = "-";
        }
        let is_pair = cursor.eat("=") || (added.is_empty() && cursor.eat(":"));
        is_pair.then_some(())?;
        let written = cursor.until(|it| it.is(",") || it.breaks).trim();
        (!written.is_empty()).then_some(())?;
        let value = match added {
            "" => computed(written)?,
            sign if is_single(written) => format!("({} {sign} {written})", name(&key)),
            sign => format!("({} {sign} ({written}))", name(&key)),
        };
        res.push(RowPair { key, value });
        if !cursor.eat(",") && cursor.peek().is_some_and(|it| !it.breaks) {
            return None;
        }
    }
    Some(res)
}

/// Whether a word, a number or a bracket is all there is.
fn is_single(written: &str) -> bool {
    let mut cursor = cursor_of(written);
    cursor.skip() && cursor.peek().is_none()
}

/// A row of these names and values.
pub(super) fn row(inner: &str) -> Option<String> {
    let each: Vec<String> =
        pairs(inner)?.iter().map(|it| format!("{}: {}", name(&it.key), it.value)).collect();
    (!each.is_empty()).then(|| format!("{{ {} }}", each.join(", ")))
}

/// `name, "age"` as names: nothing where something else is among them.
pub(super) fn named_list(text: &str) -> Option<String> {
    let mut cursor = cursor_of(text);
    let mut res = Vec::new();
    while cursor.peek().is_some() {
        res.push(name(&cursor.name()?));
        if !cursor.eat(",") && cursor.peek().is_some() {
            return None;
        }
    }
    (!res.is_empty()).then(|| res.join(", "))
}

/// The condition that an object says.
pub(super) fn condition_of(object: &str) -> Option<String> {
    let is_option = |it: &ListedOption| {
        matches!(it.key.as_str(), "where" | "order" | "limit" | "include" | "attributes" | "offset")
    };
    let inner = object.get(1..object.len().checked_sub(1)?)?;
    let all = items(inner)?;
    if all.is_empty() || all.iter().any(is_option) {
        return None;
    }
    super::super::condition(object, std::iter::empty())
}

/// The options that stand behind everything else, in whatever brackets.
pub(super) fn tail(cursor: LexemeCursor<'_>) -> Option<Vec<String>> {
    let mut cursor = cursor;
    let mut said = Vec::new();
    loop {
        cursor.eat(",");
        let Some(next) = cursor.peek() else { return Some(said) };
        if !next.is("<") {
            let rest = options_behind(cursor.text.get(next.start..)?, std::iter::empty())?;
            said.push(rest.strip_prefix("< ")?.strip_suffix(" >")?.to_owned());
            return Some(said);
        }
        said.extend(items(angled(&mut cursor)?)?.into_iter().map(|it| it.written));
    }
}

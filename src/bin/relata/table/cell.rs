//! What stands where a row and a column meet.

use crate::results::plain;
use relata::record::Item;
use relata::report::visible;
use relata::value::Value;
use unicode_width::UnicodeWidthStr;

/// What a value is, as far as its column is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Null,
    Number,
    /// True and false.
    Word,
    Moment,
    /// JSON, bytes.
    Document,
    Text,
}

/// A cell.
pub(super) struct TableCell {
    pub(super) text: String,
    pub(super) holds: Holds,
}

impl TableCell {
    pub(super) fn of(item: Option<&Item>, one_line: bool) -> Self {
        let Some(Item::Value(value)) = item else {
            return Self { text: String::new(), holds: Holds::Null };
        };
        let holds = match value {
            Value::Null => Holds::Null,
            Value::Integer(_) | Value::Float(_) | Value::Decimal(_) => Holds::Number,
            Value::Bool(_) => Holds::Word,
            Value::Date(_) => Holds::Moment,
            Value::Json(_) | Value::Blob(_) => Holds::Document,
            Value::Text(_) => Holds::Text,
        };
        // A tab would leave its column.
        let text = quoted_if_like_null(plain(value), value).replace('\t', "    ");
        let lines: Vec<_> = text.split('\n').map(|it| visible(it).to_string()).collect();
        Self { text: lines.join(if one_line { "↵" } else { "\n" }), holds }
    }

    /// How wide its widest line is.
    pub(super) fn width(&self) -> usize {
        self.text.split('\n').map(UnicodeWidthStr::width).max().unwrap_or(0)
    }
}

/// What a value alone is shown as.
pub(super) fn shown(value: &Value) -> String {
    let text = quoted_if_like_null(plain(value), value);
    let lines: Vec<_> = text.lines().map(|it| visible(it).to_string()).collect();
    lines.join("\n")
}

/// What a value is shown as: a text that reads like a null is in quotes, and so is one that reads like such a text.
pub(super) fn quoted_if_like_null(plain: String, value: &Value) -> String {
    let is_text = matches!(value, Value::Text(_));
    if is_text && plain.trim_matches('"') == "null" { format!("\"{plain}\"") } else { plain }
}

/// `2026-11-28 13:45`, of `2026-11-28T13:45:07.000Z`.
pub(super) fn short_moment(text: &str) -> Option<String> {
    let (day, rest) = text.split_once('T')?;
    let time = rest.get(..5)?;
    Some(format!("{day} {time}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_from_a_null() {
        for (value, expected) in [
            (Value::Null, "null"),
            (Value::Text("null".into()), "\"null\""),
            (Value::Text("\"null\"".into()), "\"\"null\"\""),
            (Value::Text("Null".into()), "Null"),
            (Value::Text("".into()), ""),
        ] {
            assert_eq!(shown(&value), expected);
            assert_eq!(TableCell::of(Some(&Item::Value(value)), true).text, expected);
        }
    }

    #[test]
    fn a_moment_has_a_short_form() {
        let short = short_moment("2026-11-28T13:45:07.000Z");
        assert_eq!(short.as_deref(), Some("2026-11-28 13:45"));
        assert_eq!(short_moment("2026-11-28"), None);
    }
}

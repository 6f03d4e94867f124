//! The lists of texts that the history keeps as JSON, written and read.

use crate::value::{json_escape, write_json_text};
use std::str::Chars;

/// Texts as JSON.
pub(super) fn written<'t>(texts: impl Iterator<Item = Option<&'t str>>) -> String {
    let mut out = "[".to_owned();
    for (at, it) in texts.enumerate() {
        if at > 0 {
            out.push(',');
        }
        match it {
            Some(text) => write_json_text(text, &mut out),
            None => out.push_str("null"),
        }
    }
    out.push(']');
    out
}

/// Lists as one of lists.
pub(super) fn nested(lists: impl Iterator<Item = String>) -> String {
    format!("[{}]", lists.collect::<Vec<_>>().join(","))
}

/// The lists in a text, each with what is in it: of `["a",null]` one, of `[["a"],["b"]]` two. Nothing where it is something else.
pub(super) fn read(json: &str) -> Option<Vec<Vec<Option<String>>>> {
    let mut reader = ListReader(json.chars());
    let (mut all, mut open) = (Vec::new(), 0);
    let mut list: Vec<Option<String>> = Vec::new();
    while let Some(sign) = reader.0.next() {
        match sign {
            '[' => open += 1,
            ']' if open == 2 || !list.is_empty() => {
                open -= 1;
                all.push(std::mem::take(&mut list));
            }
            ']' => open -= 1,
            '"' => list.push(Some(reader.text()?)),
            'n' => {
                reader.0 = reader.0.as_str().strip_prefix("ull")?.chars();
                list.push(None);
            }
            ',' | ' ' | '\n' => {}
            _ => return None,
        }
    }
    (open == 0).then_some(all)
}

struct ListReader<'j>(Chars<'j>);

impl ListReader<'_> {
    /// A text, up to the quote that ends it.
    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            match self.0.next()? {
                '"' => return Some(text),
                '\\' => text.push(json_escape(&mut self.0)?),
                sign => text.push(sign),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{nested, read, written};

    #[test]
    fn what_is_written_is_read() {
        let texts = [Some("it's \"so\"\\\n\u{1}\u{2028}"), None, Some(""), Some("ä𝄞")];
        let list = written(texts.into_iter());
        let expected: Vec<_> = texts.into_iter().map(|it| it.map(str::to_owned)).collect();
        assert_eq!(read(&list), Some(vec![expected.clone()]));
        let both = nested([list.clone(), "[]".to_owned(), list].into_iter());
        assert_eq!(read(&both), Some(vec![expected.clone(), Vec::new(), expected]));
        assert_eq!(read("[]"), Some(Vec::new()));
        assert_eq!(read(r#"["\ud834\udd1e\/"]"#), Some(vec![vec![Some("𝄞/".to_owned())]]));
        for other in ["{}", "[1]", "[\"a", "[\"a\"", "[[\"a\"]"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}

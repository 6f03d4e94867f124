//! JSON's texts and documents, written without a tree.

use std::fmt::Write as _;
use std::str::Chars;

/// A text as JSON has it, in quotes.
pub fn write_json_text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    // All of these are ASCII, so the text can be cut before and behind them.
    while let Some(at) = rest.bytes().position(is_special) {
        let (plain, behind) = rest.split_at(at);
        out.push_str(plain);
        let mut letters = behind.chars();
        match letters.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            letter => {
                let _ = write!(out, "\\u{:04x}", letter.map_or(0, u32::from));
            }
        }
        rest = letters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// What an escape of a JSON text stands for, whose backslash has been read; nothing of half a pair.
pub(crate) fn json_escape(letters: &mut Chars<'_>) -> Option<char> {
    let unit = |letters: &mut Chars<'_>| {
        (0..4).try_fold(0, |unit, _| Some(unit * 16 + letters.next()?.to_digit(16)?))
    };
    Some(match letters.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let first: u32 = unit(letters)?;
            if !(0xd800..0xdc00).contains(&first) {
                return char::from_u32(first);
            }
            *letters = letters.as_str().strip_prefix("\\u")?.chars();
            let second = unit(letters)?.checked_sub(0xdc00).filter(|it| *it < 0x400)?;
            char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second)?
        }
        other => other,
    })
}

/// Whether JSON has a text as it is.
pub(crate) fn is_plain_json(text: &str) -> bool {
    !text.bytes().any(is_special)
}

const fn is_special(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// Writes a JSON document without the white space between its parts; a text that is none is written as a text.
pub fn write_json_document(text: &str, out: &mut String) {
    let start = out.len();
    let mut reader = JsonReader { rest: text.as_bytes(), out };
    if reader.document().is_none() {
        out.truncate(start);
        write_json_text(text, out);
    }
}

/// Reads a document and writes what it has read. Without recursion: a document may be nested as deeply as it likes.
struct JsonReader<'a, 'o> {
    rest: &'a [u8],
    out: &'o mut String,
}

impl JsonReader<'_, '_> {
    fn document(&mut self) -> Option<()> {
        // The brackets that are open: whether each is an object's.
        let mut open: Vec<bool> = Vec::new();
        loop {
            // A value begins here.
            self.white();
            match self.rest.first()? {
                b'{' => {
                    self.take(1)?;
                    self.white();
                    if self.rest.first() == Some(&b'}') {
                        self.take(1)?;
                    } else {
                        open.push(true);
                        self.key()?;
                        continue;
                    }
                }
                b'[' => {
                    self.take(1)?;
                    self.white();
                    if self.rest.first() == Some(&b']') {
                        self.take(1)?;
                    } else {
                        open.push(false);
                        continue;
                    }
                }
                b'"' => self.text()?,
                b't' => self.word("true")?,
                b'f' => self.word("false")?,
                b'n' => self.word("null")?,
                _ => self.number()?,
            }
            // A value has ended: so do the brackets that close behind it.
            loop {
                self.white();
                let Some(object) = open.last().copied() else {
                    return self.rest.is_empty().then_some(());
                };
                match (self.rest.first()?, object) {
                    (b',', true) => {
                        self.take(1)?;
                        self.key()?;
                        break;
                    }
                    (b',', false) => {
                        self.take(1)?;
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        self.take(1)?;
                        open.pop();
                    }
                    _ => return None,
                }
            }
        }
    }

    /// `"name":`
    fn key(&mut self) -> Option<()> {
        self.white();
        self.text()?;
        self.white();
        self.word(":")
    }

    fn white(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn take(&mut self, count: usize) -> Option<()> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.out.push_str(std::str::from_utf8(taken).ok()?);
        self.rest = rest;
        Some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.rest.starts_with(word.as_bytes()).then_some(())?;
        self.take(word.len())
    }

    fn text(&mut self) -> Option<()> {
        let mut bytes = self.rest.iter().enumerate();
        bytes.next().filter(|(_, it)| **it == b'"')?;
        let mut end = None;
        while let Some((at, it)) = bytes.next() {
            match it {
                b'"' => {
                    end = Some(at + 1);
                    break;
                }
                b'\\' => {
                    let (_, escaped) = bytes.next()?;
                    let digits = match escaped {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 0,
                        b'u' => 4,
                        _ => return None,
                    };
                    for _ in 0..digits {
                        bytes.next().filter(|(_, it)| it.is_ascii_hexdigit())?;
                    }
                }
                ..=0x1f => return None,
                _ => {}
            }
        }
        self.take(end?)
    }

    fn number(&mut self) -> Option<()> {
        let digits = |from: usize| {
            let rest = self.rest.get(from..).unwrap_or_default();
            rest.iter().take_while(|it| it.is_ascii_digit()).count()
        };
        let at = |place: usize| self.rest.get(place).copied();
        let mut end = usize::from(at(0) == Some(b'-'));
        let whole = digits(end);
        if whole == 0 || (whole > 1 && at(end) == Some(b'0')) {
            return None;
        }
        end += whole;
        if at(end) == Some(b'.') {
            let fraction = digits(end + 1);
            (fraction > 0).then_some(())?;
            end += 1 + fraction;
        }
        if matches!(at(end), Some(b'e' | b'E')) {
            let signed = usize::from(matches!(at(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + signed);
            (exponent > 0).then_some(())?;
            end += 1 + signed + exponent;
        }
        self.take(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut out = String::new();
        write_json_document(text, &mut out);
        assert_eq!(out, expected, "{text}");
    }

    #[test]
    fn a_document_comes_back_compact() {
        check(
            " { \"a\" : [ 1 , -2.5e+3, null ], \"b c\": {} }\n",
            r#"{"a":[1,-2.5e+3,null],"b c":{}}"#,
        );
        check("\"a\\u00e9 \\n é\"", "\"a\\u00e9 \\n é\"");
        check("[]", "[]");
        check("5", "5");
    }

    #[test]
    fn what_is_no_document_is_a_text() {
        check("{a: 1}", "\"{a: 1}\"");
        check("[1,]", "\"[1,]\"");
        check("01", "\"01\"");
        check("", "\"\"");
        check("1 2", "\"1 2\"");
        check("[1}", "\"[1}\"");
    }

    #[test]
    fn depth_costs_nothing() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        check(&deep, &deep);
    }

    #[test]
    fn texts_are_escaped() {
        let mut out = String::new();
        write_json_text("a\"\\\n\u{1}é", &mut out);
        assert_eq!(out, r#""a\"\\\n\u0001é""#);
    }
}

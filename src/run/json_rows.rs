//! JSON cut into objects, as it is read: the members of a list, or a line each.

use std::io::{BufRead, Result};

/// Where one object ends and the next begins.
#[derive(Debug)]
pub(super) struct JsonCutter {
    /// The line at hand.
    pub(super) line: u64,
    /// The line on which the last object began.
    pub(super) begun: u64,
    /// Whether the file is a list; none before its first character.
    list: Option<bool>,
    /// How many brackets are open.
    depth: usize,
    text: bool,
    escaped: bool,
}

impl JsonCutter {
    pub(super) const fn new(line: u64) -> Self {
        Self { line, begun: line, list: None, depth: 0, text: false, escaped: false }
    }

    /// Reads the next object into `into`, which is empty where there is none. Whether there may be more.
    pub(super) fn next(&mut self, reader: &mut impl BufRead, into: &mut Vec<u8>) -> Result<bool> {
        into.clear();
        loop {
            let bytes = reader.fill_buf()?;
            if bytes.is_empty() {
                trim(into);
                return Ok(false);
            }
            let mut used = 0;
            let mut ends = false;
            for byte in bytes.iter().copied() {
                used += 1;
                if self.ends(byte, into) {
                    ends = true;
                    break;
                }
            }
            reader.consume(used);
            if ends {
                trim(into);
                if !into.is_empty() {
                    return Ok(true);
                }
            }
        }
    }

    /// Takes a byte; whether an object ends with it.
    fn ends(&mut self, byte: u8, into: &mut Vec<u8>) -> bool {
        let blank =
            byte.is_ascii_whitespace() || into.is_empty() && matches!(byte, 0xef | 0xbb | 0xbf);
        if self.list.is_none() && !blank {
            self.list = Some(byte == b'[');
            if byte == b'[' {
                return false;
            }
        }
        if byte == b'\n' {
            self.line += 1;
        }
        let list = self.list == Some(true);
        if !self.text && self.depth == 0 {
            let between = if list { matches!(byte, b',' | b']') } else { byte == b'\n' };
            if between {
                return true;
            }
        }
        // A line ends an object that is not whole.
        if !list && byte == b'\n' {
            (self.depth, self.text, self.escaped) = (0, false, false);
            return true;
        }
        if into.is_empty() {
            if blank {
                return false;
            }
            self.begun = self.line;
        }
        into.push(byte);
        if self.text {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.text = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.text = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        false
    }
}

/// Takes white space away at the end.
fn trim(text: &mut Vec<u8>) {
    while text.last().is_some_and(u8::is_ascii_whitespace) {
        text.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::JsonCutter;

    #[track_caller]
    fn check(text: &str, expected: &[(u64, &str)]) {
        let mut reader = std::io::BufReader::with_capacity(3, text.as_bytes());
        let (mut cutter, mut object, mut found) = (JsonCutter::new(1), Vec::new(), Vec::new());
        loop {
            let more = cutter.next(&mut reader, &mut object).expect("a text can be read");
            if !object.is_empty() {
                found.push((cutter.begun, String::from_utf8_lossy(&object).into_owned()));
            }
            if !more {
                break;
            }
        }
        let found: Vec<_> = found.iter().map(|(line, it)| (*line, it.as_str())).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn a_list_is_cut_at_its_commas_and_lines_at_their_ends() {
        check("", &[]);
        check("[]", &[]);
        check("[\n]\n", &[]);
        check("{\"a\":1}\n\n{\"b\":[1,2]}", &[(1, "{\"a\":1}"), (3, "{\"b\":[1,2]}")]);
        check(
            "[{\"a\":1},\n {\"b\":\"x,]\\\"\"}\n]",
            &[(1, "{\"a\":1}"), (2, "{\"b\":\"x,]\\\"\"}")],
        );
        check("\u{feff}[{\"a\":\n[1]}]", &[(1, "{\"a\":\n[1]}")]);
        check("{\"a\n{\"b\":1}", &[(1, "{\"a"), (2, "{\"b\":1}")]);
        check("[1, {\"a\":1}]", &[(1, "1"), (1, "{\"a\":1}")]);
    }
}

//! Characters that would do something to a terminal, or turn the direction of what is read.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character does something instead of being something: a control character (but the line's end and the tab), and what turns
/// the direction of writing or ends a line unseen. What joins letters, and whatever else belongs to spelling, does not.
pub const fn is_control(sign: char) -> bool {
    match sign {
        '\n' | '\t' => false,
        '\0'..='\x1F'
        | '\x7F'..='\u{9F}'
        | '\u{61C}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2066}'..='\u{206F}' => true,
        _ => false,
    }
}

/// A JSON document that means the same, in which such characters are written `\u202e`: they can only stand in its texts.
pub fn escaped_json(json: &str) -> Cow<'_, str> {
    if !may_act(json) {
        return Cow::Borrowed(json);
    }
    let mut res = String::with_capacity(json.len() + 16);
    for it in json.chars() {
        if is_control(it) {
            let _ = write!(res, "\\u{:04x}", u32::from(it));
        } else {
            res.push(it);
        }
    }
    Cow::Owned(res)
}

/// As [`escaped_json`], for what was written into `out` from the byte `from` on.
pub fn escape_json(out: &mut String, from: usize) {
    let written = out.get(from..).unwrap_or_default();
    if let Cow::Owned(escaped) = escaped_json(written) {
        out.truncate(from);
        out.push_str(&escaped);
    }
}

/// Whether there may be such a character: a look at the bytes they begin with, many at a time.
fn may_act(text: &str) -> bool {
    let suspicious = |it: u8| {
        (it < b' ' && it != b'\n' && it != b'\t') || it == 0x7F || matches!(it, 0xC2 | 0xD8 | 0xE2)
    };
    let any = |bytes: &[u8]| bytes.iter().fold(0, |any, it| any | u8::from(suspicious(*it))) != 0;
    text.as_bytes().chunks(256).any(any) && text.chars().any(is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_escaped_and_spelling_is_not() {
        for (json, expected) in [
            ("\"a\u{7f}\u{9b}\"", "\"a\\u007f\\u009b\""),
            ("[\"\u{202e}\u{61c}\u{2069}\u{2028}\"]", "[\"\\u202e\\u061c\\u2069\\u2028\"]"),
        ] {
            assert_eq!(escaped_json(json), expected);
        }
        for plain in
            ["\"👨‍👩‍👧 می‌خواهم €\"", "\"a\u{ad}b\u{200b}c\u{a0}\u{2060}\u{feff}\u{fe0f}\"", "{}\n"]
        {
            assert!(matches!(escaped_json(plain), Cow::Borrowed(_)), "{plain}");
        }
    }

    #[test]
    fn every_character_that_acts_begins_with_a_byte_that_is_looked_for() {
        for it in (0..=0x0010_FFFF).filter_map(char::from_u32) {
            assert!(!is_control(it) || may_act(&it.to_string()), "{it:?}");
        }
    }
}

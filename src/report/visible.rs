//! Characters that would do something to a terminal, or turn what a reader sees, shown instead.

use crate::value::is_control;
use std::borrow::Cow;

/// The text with every character that [`is_control`](crate::value::is_control) replaced by one that can be seen: control characters (but the line's
/// end, also one of two characters, and the tab), and those that turn the direction of writing. What joins letters stays: it is spelling.
///
/// ```
/// assert_eq!(relata::report::visible("a\u{1b}[31m \u{202e}b"), "a␛[31m \u{fffd}b");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_control) {
        return Cow::Borrowed(text);
    }
    let mut letters = text.chars().peekable();
    let mut res = String::with_capacity(text.len());
    while let Some(it) = letters.next() {
        let ends = it == '\r' && letters.peek() == Some(&'\n');
        res.push(if ends { it } else { replacement(it).unwrap_or(it) });
    }
    Cow::Owned(res)
}

/// As [`visible`], for what stands within a line: its line ends are shown too.
pub fn visible_in_line(text: &str) -> Cow<'_, str> {
    match visible(text) {
        it if it.contains('\n') => {
            Cow::Owned(it.replace('\r', "\u{240D}").replace('\n', "\u{240A}"))
        }
        it => it,
    }
}

/// What is shown in place of `it`, where it isn't shown itself.
pub(super) fn replacement(sign: char) -> Option<char> {
    if !is_control(sign) {
        return None;
    }
    match sign {
        '\0'..='\x1F' => char::from_u32(0x2400 + u32::from(sign)),
        '\x7F' => Some('\u{2421}'),
        _ => Some('\u{FFFD}'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_shown() {
        assert_eq!(visible("a\u{1b}[31m\r\0"), "a␛[31m␍␀");
        assert_eq!(visible("a\u{202E}b\u{9B}c\u{2067}"), "a�b�c�");
        for plain in
            ["naïve 日本語\n\t", "👨‍👩‍👧 می‌خواهم", "ab\u{AD}c\u{200B}d", "🏴\u{E0067}\u{E007F}"]
        {
            assert!(matches!(visible(plain), Cow::Borrowed(_)), "{plain}");
        }
    }

    #[test]
    fn ends_of_lines_stay_or_are_shown() {
        assert_eq!(visible("a\r\nb\u{1b}"), "a\r\nb␛");
        assert_eq!(visible_in_line("a\r\nb\nc"), "a␍␊b␊c");
    }
}

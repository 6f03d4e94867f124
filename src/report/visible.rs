//! Characters that would do something to a terminal, or hide from a reader, shown instead.

use std::borrow::Cow;

/// The text with every control character (but the line's end and the tab), every mark that changes the direction of
/// writing and every invisible character replaced by one that can be seen.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(|it| stand_in(it).is_none()) {
        return Cow::Borrowed(text);
    }
    let each = text.chars().map(|it| stand_in(it).unwrap_or(it));
    Cow::Owned(each.collect())
}

/// What is shown in place of `it`, where it isn't shown itself.
pub(super) fn stand_in(it: char) -> Option<char> {
    match it {
        '\n' | '\t' | ' '..='~' => None,
        '\0'..='\x1F' => char::from_u32(0x2400 + u32::from(it)),
        '\x7F' => Some('\u{2421}'),
        // C1, the soft hyphen, what joins or has no width, what turns the direction, line ends that aren't ours,
        // tags and variation selectors beyond those that pictures use.
        '\u{80}'..='\u{9F}'
        | '\u{AD}'
        | '\u{34F}'
        | '\u{61C}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{FFF9}'..='\u{FFFB}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}' => Some('\u{FFFD}'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_shown() {
        assert_eq!(visible("a\u{1b}[31m\r\0"), "a␛[31m␍␀");
        assert_eq!(visible("a\u{202E}b\u{200B}c\u{9B}"), "a�b�c�");
        assert!(matches!(visible("naïve 日本語\n\t"), Cow::Borrowed(_)));
    }
}

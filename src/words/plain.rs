//! Characters that may stand in a script.

use std::borrow::Cow;

/// Whether a character may stand in a script as it is: control characters may not, nor those that turn the direction of
/// writing.
pub fn may_stand(sign: char) -> bool {
    let turns = matches!(sign, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    !turns && (!sign.is_control() || matches!(sign, '\n' | '\t' | '\r'))
}

/// A text with a space in place of each character that may not stand in a script.
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().all(may_stand) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(|it: char| !may_stand(it), " "))
}

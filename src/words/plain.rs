//! Texts and characters as scripts have them.

use std::borrow::Cow;

/// Whether a character may stand in a script as it is: control characters may not, nor those that turn the direction of
/// writing.
fn may_stand(sign: char) -> bool {
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

/// A text in quotes, as a script has it.
pub fn script_text(text: &str) -> String {
    let mut res = String::from("\"");
    for it in text.chars() {
        match it {
            '"' => res.push_str("\\\""),
            '\\' => res.push_str("\\\\"),
            '\n' => res.push_str("\\n"),
            '\r' => res.push_str("\\r"),
            '\t' => res.push_str("\\t"),
            it if !may_stand(it) => res.extend(it.escape_unicode()),
            it => res.push(it),
        }
    }
    res.push('"');
    res
}

//! How many columns of a terminal a text takes, and where it is broken.

use super::visible::replacement;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// As many columns as a tab takes at most where a source is drawn.
const TAB: usize = 4;

/// Columns of a character of a source, by itself, as it is drawn: what is joined to one letter takes fewer together.
pub(super) fn columns_of(sign: char) -> usize {
    match replacement(sign).unwrap_or(sign) {
        '\t' => TAB,
        // It makes the sign before it wider.
        '\u{FE0F}' => 1,
        sign => sign.width().unwrap_or(0),
    }
}

/// Columns of a text of a source, at most.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// A line in pieces that fit, at spaces where there are some.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let (mut piece, mut wide, mut space) = (String::new(), 0, None);
    // What a reader takes for one letter stays together: `👨‍👩‍👧` is five characters.
    for letter in text.graphemes(true) {
        let own = letter.width();
        if wide + own > width && !piece.is_empty() {
            let rest = match space.take() {
                Some(at) if letter != " " => piece.split_off(at),
                _ => String::new(),
            };
            pieces.push(piece.trim_end().to_owned());
            rest.trim_start().clone_into(&mut piece);
            wide = piece.width();
            if letter == " " {
                continue;
            }
        }
        piece.push_str(letter);
        wide += own;
        if letter == " " {
            space = Some(piece.len());
        }
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_at_spaces() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        assert_eq!(wrap("👨‍👩‍👧 می‌خواهم", 2).first().unwrap(), "👨‍👩‍👧");
    }
}

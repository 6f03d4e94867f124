//! Texts in columns: how wide they are, cut, broken into lines.

use relata::report::wrap;
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A text that is no wider: what doesn't fit is `…`.
pub(super) fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let (mut out, mut wide) = (String::new(), 0);
    for letter in text.graphemes(true) {
        wide += letter.width();
        if wide >= width {
            break;
        }
        out.push_str(letter);
    }
    out.push('…');
    Cow::Owned(out)
}

/// How much deeper the rest of a line stands than its beginning.
const HANGING: usize = 4;

/// A line, broken so that none is wider; what follows the first stands deeper.
pub(crate) fn hanging(line: &str, width: usize) -> String {
    if line.width() <= width {
        return line.to_owned();
    }
    let text = line.trim_start_matches(' ');
    let begins = (line.len() - text.len()).min(width / 4);
    let indent = (begins + HANGING).min(width / 2);
    let next = format!("\n{}", " ".repeat(indent));
    let pieces = wrap(text, width.saturating_sub(indent).max(1));
    format!("{}{}", " ".repeat(begins), pieces.join(&next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_line_stands_deeper_and_none_is_wider() {
        let line = "  ~ change foreign key (`a`) to `Users`";
        assert_eq!(hanging(line, 80), line);
        assert_eq!(hanging(line, 28), "  ~ change foreign key\n      (`a`) to `Users`");
        let texts =
            ["  - drop 名前名前名前名前名前名前名前 and `👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧`", &"x".repeat(100), "", "    "];
        for text in texts {
            for width in [10, 17, 40] {
                let res = hanging(text, width);
                assert!(res.lines().all(|it| it.width() <= width), "{width}: {res}");
                let plain = |it: &str| it.replace([' ', '\n'], "");
                assert_eq!(plain(&res), plain(text));
            }
        }
    }

    #[test]
    fn what_is_cut_fits() {
        for (text, width, expected) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("👨‍👩‍👧👨‍👩‍👧", 3, "👨‍👩‍👧…"),
            ("abc", 1, "…"),
            ("می‌خواهم", 4, "می‌خ…"),
        ] {
            assert_eq!(cut(text, width), expected);
        }
    }
}

//! Lines that a terminal is too narrow for.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How much deeper the rest of a line stands than its beginning.
const HANGING: usize = 4;

/// A line, broken at its spaces so that it is no wider than that; a word that is wider by itself is broken where the line ends.
pub(crate) fn wrapped(line: &str, width: usize) -> String {
    let begins = line.len() - line.trim_start_matches(' ').len();
    let indent = (begins + HANGING).min(width / 2);
    let (mut res, mut used) = (String::with_capacity(line.len()), 0);
    for word in line.split_inclusive(' ') {
        let bare = word.trim_end_matches(' ');
        if used > begins.max(indent) && used + bare.width() > width {
            next_line(&mut res, &mut used, indent);
        }
        for letter in word.graphemes(true) {
            if letter != " " && used + letter.width() > width && used > indent {
                next_line(&mut res, &mut used, indent);
            }
            res.push_str(letter);
            used += letter.width();
        }
    }
    res
}

fn next_line(res: &mut String, used: &mut usize, indent: usize) {
    res.truncate(res.trim_end_matches(' ').len());
    res.push('\n');
    res.push_str(&" ".repeat(indent));
    *used = indent;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_at_spaces_and_stands_deeper() {
        let line = "  ~ change foreign key (`a`) to `Users`";
        assert_eq!(wrapped(line, 80), line);
        assert_eq!(wrapped(line, 24), "  ~ change foreign key\n      (`a`) to `Users`");
        assert_eq!(wrapped("1 column to add, 2 to drop", 20), "1 column to add, 2\n    to drop");
    }

    #[test]
    fn no_line_is_wider_whatever_is_in_it() {
        let texts =
            ["  - drop 名前名前名前名前名前名前名前 and `👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧`", &"x".repeat(100), "", "    "];
        for text in texts {
            for width in [10, 17, 40] {
                let res = wrapped(text, width);
                assert!(res.lines().all(|it| it.trim_end().width() <= width), "{width}: {res}");
                let plain = |it: &str| it.replace([' ', '\n'], "");
                assert_eq!(plain(&res), plain(text));
            }
        }
    }
}

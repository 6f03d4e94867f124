//! What makes a text into the same one in other lines.

use std::ops::Range;

/// A line: where it ends in its text, and how many letters the text has until then.
struct CountedLine {
    end: usize,
    letters: usize,
}

/// Whether the one style keeps it: blanks and line ends are its own, and so is the comma behind the last of a list.
fn is_letter(letter: char) -> bool {
    !letter.is_whitespace() && letter != ','
}

fn counted(text: &str) -> Vec<CountedLine> {
    let lines = text.split_inclusive('\n').scan((0, 0), |(end, letters), line| {
        *end += line.len();
        *letters += line.chars().filter(|it| is_letter(*it)).count();
        Some(CountedLine { end: *end, letters: *letters })
    });
    lines.collect()
}

/// The places that differ, and what stands there in the new text: each is as few lines as have the same letters in both. None where the letters of
/// the texts aren't the same. It is one walk over both.
pub(super) fn relaid<'n>(old: &str, new: &'n str) -> Option<Vec<(Range<usize>, &'n str)>> {
    if !old.chars().filter(|it| is_letter(*it)).eq(new.chars().filter(|it| is_letter(*it))) {
        return None;
    }
    let (olds, news) = (counted(old), counted(new));
    let (mut res, mut next, mut new_next) = (Vec::new(), 0, 0);
    let (mut at, mut new_at, mut letters) = (0, 0, 0);
    while next < olds.len() || new_next < news.len() {
        let is_blank = |line: Option<&CountedLine>| line.map(|it| it.letters == letters);
        match (is_blank(olds.get(next)), is_blank(news.get(new_next))) {
            (Some(true), None | Some(false)) => next += 1,
            (None | Some(false), Some(true)) => new_next += 1,
            (Some(_), Some(_)) | (None, _) | (_, None) => {
                (next, new_next) = (next + 1, new_next + 1);
                loop {
                    let (one, other) = (olds.get(next - 1)?, news.get(new_next - 1)?);
                    match one.letters.cmp(&other.letters) {
                        std::cmp::Ordering::Less => next += 1,
                        std::cmp::Ordering::Greater => new_next += 1,
                        std::cmp::Ordering::Equal => break,
                    }
                }
            }
        }
        let end_of = |lines: &[CountedLine], next: usize| {
            next.checked_sub(1).and_then(|it| lines.get(it)).map(|it| (it.end, it.letters))
        };
        let (end, seen) = end_of(&olds, next).unwrap_or((at, letters));
        let (new_end, _) = end_of(&news, new_next).unwrap_or((new_at, letters));
        let (was, is) = (old.get(at..end)?, new.get(new_at..new_end)?);
        if was != is {
            res.push((at..end, is));
        }
        (at, new_at, letters) = (end, new_end, seen);
    }
    Some(res)
}

#[cfg(test)]
mod tests {
    use super::relaid;

    #[track_caller]
    fn check(old: &str, new: &str, places: usize) {
        let found = relaid(old, new).unwrap();
        assert_eq!(found.len(), places, "{found:?}");
        let mut text = old.to_owned();
        for (range, by) in found.into_iter().rev() {
            text.replace_range(range, by);
        }
        assert_eq!(text, new);
    }

    #[test]
    fn only_lines_that_differ_are_replaced() {
        check("a  b\nc\nd\n", "a b\nc\nd\n", 1);
        check("a b", "a b\n", 1);
        check("\n\n\na\n", "a\n", 3);
        check("a\nb\n", "a\n\nb\n", 1);
        check("a\n\n\n\nb", "a\n\nb\n", 3);
        check("m { a: 1, b: 2 }\nx\n", "m {\n  a: 1\n  b: 2\n}\nx\n", 1);
        check("m {\n  a,\n  b,\n}\nx\n", "m { a, b }\nx\n", 1);
        check("é  é\r\nö\r\n", "é é\nö\n", 2);
        check("", "", 0);
        check(",\n", "\n", 1);
    }

    #[test]
    fn other_letters_are_another_text() {
        assert!(relaid("a", "b").is_none());
        assert!(relaid("a", "aa").is_none());
    }
}

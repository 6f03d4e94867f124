//! What makes a text into the same one in other lines.

use std::ops::Range;

/// Lines of a text, and those that take their place in the new one.
pub(super) type LaidLines = (Range<usize>, Range<usize>);

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

/// The places that differ, in both texts: each is as few lines as have the same letters in both. None where the letters of
/// the texts aren't the same. It is one walk over both.
pub(super) fn relaid(old: &str, new: &str) -> Option<Vec<LaidLines>> {
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
        if old.get(at..end)? != new.get(new_at..new_end)? {
            res.push((at..end, new_at..new_end));
        }
        (at, new_at, letters) = (end, new_end, seen);
    }
    Some(res)
}

/// The same places, those that touch as one.
pub(super) fn joined(places: Vec<LaidLines>) -> Vec<LaidLines> {
    let mut res: Vec<LaidLines> = Vec::with_capacity(places.len());
    for (range, new) in places {
        match res.last_mut() {
            Some((last, by)) if last.end == range.start => {
                (last.end, by.end) = (range.end, new.end);
            }
            _ => res.push((range, new)),
        }
    }
    res
}

#[cfg(test)]
mod tests {
    use super::{joined, relaid};

    #[track_caller]
    fn check(old: &str, new: &str, places: usize) {
        let found = relaid(old, new).unwrap();
        assert_eq!(found.len(), places, "{found:?}");
        for places in [found.clone(), joined(found)] {
            let mut text = old.to_owned();
            for (range, by) in places.into_iter().rev() {
                text.replace_range(range, new.get(by).unwrap());
            }
            assert_eq!(text, new);
        }
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
    fn lines_beside_each_other_are_one() {
        let found = relaid("a  b\nc  d\ne\nf  g\n", "a b\nc d\ne\nf g\n").unwrap();
        assert_eq!(joined(found), [(0..10, 0..8), (12..17, 10..14)]);
    }

    #[test]
    fn other_letters_are_another_text() {
        assert!(relaid("a", "b").is_none());
        assert!(relaid("a", "aa").is_none());
    }
}

//! Which name was meant.

/// Longer names are compared for equality only.
const LONGEST: usize = 64;

/// The candidate that `word` was meant to be, if one is near enough to be offered; the first of equals.
///
/// Near is, in this order: the same without case; a few letters wrong, missing, too many or swapped (one in three,
/// at most four); the only candidate that begins or ends with the word, at a word's border (`null` is `allowNull`).
///
/// Takes time linear in the number of candidates, and a bounded time for each.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = folded(word);
    let mut best: Option<(usize, &str)> = None;
    let mut related = AffixMatch::None;
    for candidate in candidates {
        let other = folded(candidate);
        let (Some(letters), Some(other)) = (&letters, &other) else {
            if same(word, candidate) {
                return Some(candidate);
            }
            continue;
        };
        if letters == other {
            return Some(candidate);
        }
        // What is no better than the best so far need not be measured.
        let limit = match best {
            Some((distance, _)) => distance - 1,
            None => (letters.len().max(other.len()) / 3).min(4),
        };
        if let Some(distance) = distance(letters, other, limit) {
            best = Some((distance, candidate));
        }
        if is_part(word, candidate) || is_part(candidate, word) {
            related = match related {
                AffixMatch::None => AffixMatch::One(candidate),
                AffixMatch::One(_) | AffixMatch::Many => AffixMatch::Many,
            };
        }
    }
    match (best, related) {
        (Some((_, candidate)), _) | (None, AffixMatch::One(candidate)) => Some(candidate),
        (None, AffixMatch::None | AffixMatch::Many) => None,
    }
}

/// The candidates that begin or end with the word.
#[derive(Clone, Copy)]
enum AffixMatch<'a> {
    None,
    One(&'a str),
    Many,
}

/// The letters, in small; nothing where there are more than [`LONGEST`].
fn folded(name: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = lower(name).take(LONGEST + 1).collect();
    (letters.len() <= LONGEST).then_some(letters)
}

fn lower(name: &str) -> impl Iterator<Item = char> {
    name.chars().flat_map(char::to_lowercase)
}

fn same(a: &str, b: &str) -> bool {
    lower(a).eq(lower(b))
}

/// Whether `whole` begins or ends with the word `part`: `primary` of `primaryKey`, `null` of `allowNull`.
fn is_part(part: &str, whole: &str) -> bool {
    let long_enough = part.chars().nth(2).is_some();
    let begins = || {
        let (head, tail) = whole.split_at_checked(part.len())?;
        let border = |it: char| it.is_uppercase() || !it.is_alphanumeric();
        Some(same(head, part) && tail.starts_with(border))
    };
    let ends = || {
        let (head, tail) = whole.split_at_checked(whole.len().checked_sub(part.len())?)?;
        let border = tail.starts_with(char::is_uppercase) || head.ends_with(['_', '-', ' ']);
        Some(same(tail, part) && border && !head.is_empty())
    };
    long_enough && (begins() == Some(true) || ends() == Some(true))
}

/// How many letters must be put in, taken out, replaced, or swapped with their neighbour to make `a` of `b`;
/// nothing where it is more than `limit`.
fn distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    // Row i holds the distances between the first i letters of `a` and every beginning of `b`.
    let mut before: Vec<usize> = vec![usize::MAX; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut row: Vec<usize> = Vec::with_capacity(b.len() + 1);
    let mut last_a = None;
    for (i, &in_a) in a.iter().enumerate() {
        row.clear();
        let mut left = i + 1;
        row.push(left);
        let mut last_b = None;
        // `two_back` is the field two rows up and two columns to the left.
        let two_back = std::iter::once(usize::MAX).chain(before.iter().copied());
        for ((&in_b, fields), two_back) in b.iter().zip(above.windows(2)).zip(two_back) {
            let &[diagonal, top] = fields else { continue };
            left = (diagonal + usize::from(in_a != in_b)).min(top + 1).min(left + 1);
            if last_a == Some(in_b) && last_b == Some(in_a) {
                left = left.min(two_back.saturating_add(1));
            }
            row.push(left);
            last_b = Some(in_b);
        }
        if row.iter().all(|it| *it > limit) {
            return None;
        }
        last_a = Some(in_a);
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut row);
    }
    above.last().copied().filter(|it| *it <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: [&str; 9] = [
        "allowNull",
        "autoIncrement",
        "primaryKey",
        "foreignKey",
        "targetKey",
        "onDelete",
        "onUpdate",
        "unique",
        "as",
    ];

    #[track_caller]
    fn check(word: &str, expected: impl Into<Option<&'static str>>) {
        assert_eq!(nearest(word, OPTIONS), expected.into(), "nearest to `{word}`");
    }

    #[test]
    fn case_counts_for_nothing() {
        check("ondelete", "onDelete");
        check("AS", "as");
    }

    #[test]
    fn a_few_letters_may_be_wrong() {
        check("onDelte", "onDelete");
        check("onUpdaet", "onUpdate");
        check("uniqe", "unique");
        check("foriegnKey", "foreignKey");
        check("primarykeys", "primaryKey");
    }

    #[test]
    fn the_nearest_of_several_wins_and_the_first_of_equals() {
        assert_eq!(nearest("post", ["posts", "past", "post2"]), Some("posts"));
        assert_eq!(nearest("tasks", ["task", "tasks"]), Some("tasks"));
        assert_eq!(nearest("invoces", ["voices", "invoices"]), Some("invoices"));
    }

    #[test]
    fn a_part_of_one_name_alone_is_that_name() {
        check("null", "allowNull");
        check("primary", "primaryKey");
        check("increment", "autoIncrement");
        check("foreignKeyName", "foreignKey");
        check("key", None);
    }

    #[test]
    fn what_is_far_off_is_nobody() {
        check("colour", None);
        check("x", None);
        check("", None);
        assert_eq!(nearest("ab", ["cd", "ac"]), None);
    }

    #[test]
    fn very_long_names_are_only_compared() {
        let (long, longer) = ("Ab".repeat(10_000), "ab".repeat(10_001));
        let lower = long.to_lowercase();
        assert_eq!(nearest(&long, [longer.as_str(), &lower]), Some(lower.as_str()));
        assert_eq!(nearest(&long, [longer.as_str(), "ab"]), None);
    }

    #[test]
    fn distances_count_swaps_once() {
        let letters = |it: &str| it.chars().collect::<Vec<_>>();
        let distance = |a: &str, b: &str| distance(&letters(a), &letters(b), 9);
        assert_eq!(distance("", "abc"), Some(3));
        assert_eq!(distance("abc", ""), Some(3));
        assert_eq!(distance("ab", "ba"), Some(1));
        assert_eq!(distance("kitten", "sitting"), Some(3));
        assert_eq!(distance("updaet", "update"), Some(1));
        assert_eq!(distance("ca", "abc"), Some(3));
    }
}

//! Which letters words may end with, as sets: of most rules about endings that says already that they aren't a word's.

/// Whatever is no letter from A to Z.
pub(super) const OTHER: u32 = 1 << 31;

/// A letter, as one of a set.
pub(super) const fn letter(byte: u8) -> u32 {
    match byte.to_ascii_lowercase() {
        byte @ b'a'..=b'z' => 1 << (byte - b'a'),
        _ => OTHER,
    }
}

/// The letters that a noun may end with of which one of `stems` and then `ending` are the end.
pub(super) const fn last_letters(stems: &[&str], ending: &str) -> u32 {
    if let [.., last] = ending.as_bytes() {
        return letter(*last);
    }
    let (mut rest, mut found) = (stems, 0);
    while let [stem, others @ ..] = rest {
        found |= match stem.as_bytes() {
            [.., last] => letter(*last),
            [] => u32::MAX,
        };
        rest = others;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_the_letters_that_end_a_word() {
        let rows: &[(&[&str], &str, &str)] =
            &[(&["wom", "m"], "AN", "nN"), (&["x", "ch", "SS"], "", "xhsS"), (&["ü"], "", "ü1")];
        for (stems, ending, letters) in rows {
            let found = last_letters(stems, ending);
            let expected = letters.bytes().fold(0, |set, it| set | letter(it));
            assert_eq!(found, expected, "{stems:?} {ending}");
        }
        assert_eq!(last_letters(&[""], ""), u32::MAX);
    }
}

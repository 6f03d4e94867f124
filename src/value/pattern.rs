//! Regular expressions, as `matches` and validators have them.

use fancy_regex::{CompileError, Regex, RegexBuilder};
use std::collections::HashMap;
use std::error::Error;

/// So many steps back a match may take: some milliseconds. A pattern that asks for more is refused rather than waited for.
const STEPS: usize = 200_000;

/// A regular expression, with lookaround and references back as JavaScript has them.
///
/// ```
/// use relata::value::Pattern;
/// let digits = Pattern::new("^(?=.*[0-9])(?!.*x).{3,}$", "")?;
/// assert_eq!(digits.is_match("ab1"), Some(true));
/// assert_eq!(digits.is_match("ab1x"), Some(false));
/// assert_eq!(Pattern::new("a(", "").unwrap_err(), "opening parenthesis without closing parenthesis");
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Reads one. Of the flags `i`, `m` and `s` mean something for a match.
    ///
    /// # Errors
    /// Why it is none, in words.
    pub fn new(text: &str, flags: &str) -> Result<Self, String> {
        let regex = RegexBuilder::new(&translated(text))
            .case_insensitive(flags.contains('i'))
            .multi_line(flags.contains('m'))
            .dot_matches_new_line(flags.contains('s'))
            .backtrack_limit(STEPS)
            .build();
        regex.map(Self).map_err(|it| reason(&it))
    }

    /// Whether a part of a text matches; none where that would take too long to find out.
    pub fn is_match(&self, text: &str) -> Option<bool> {
        self.0.is_match(text).ok()
    }
}

/// The regular expressions that were met, by their text and flags; none for one that is none.
#[derive(Debug, Clone, Default)]
pub struct Patterns(HashMap<(String, String), Option<Pattern>>);

impl Patterns {
    /// Whether a part of a text matches; none where that can't be told.
    pub fn is_match(&mut self, pattern: &str, flags: &str, text: &str) -> Option<bool> {
        let key = (pattern.to_owned(), flags.to_owned());
        let known = self
            .0
            .entry(key)
            .or_insert_with_key(|(pattern, flags)| Pattern::new(pattern, flags).ok());
        known.as_ref()?.is_match(text)
    }
}

/// What an error says in its last line, without the pattern and the place in it.
fn reason(error: &fancy_regex::Error) -> String {
    let mut said = error.to_string();
    if let fancy_regex::Error::CompileError(it) = error
        && let CompileError::InnerError(it) = &**it
        && let Some(cause) = it.source()
    {
        said = cause.to_string();
    }
    let mut last = said.trim_end().lines().next_back().unwrap_or_default();
    while let Some((before, behind)) = last.split_once(": ")
        && before.contains("rror")
    {
        last = behind;
    }
    let mut letters = last.chars();
    let first = letters.next().map(|it| it.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// The same pattern for a reader to which `\d` is a digit of any script, and a bracket within a class begins another.
fn translated(text: &str) -> String {
    let mut res = String::with_capacity(text.len() + 8);
    let mut in_class = false;
    let mut rest = text.chars().peekable();
    while let Some(it) = rest.next() {
        match it {
            '\\' => match rest.next() {
                Some('d') => res.push_str("[0-9]"),
                Some('D') => res.push_str("[^0-9]"),
                Some('w') => res.push_str("[0-9A-Za-z_]"),
                Some('W') => res.push_str("[^0-9A-Za-z_]"),
                // U+FEFF is white space there, and U+0085 is none.
                Some('s') => res.push_str("[\\s\\x{feff}&&[^\\x{85}]]"),
                Some('S') => res.push_str("[\\S\\x{85}&&[^\\x{feff}]]"),
                Some('/') => res.push('/'),
                Some(other) => {
                    res.push('\\');
                    res.push(other);
                }
                None => res.push('\\'),
            },
            '[' if !in_class => {
                let negated = rest.next_if_eq(&'^').is_some();
                if rest.next_if_eq(&']').is_some() {
                    // Nothing, or anything.
                    res.push_str(if negated { "[\\s\\S]" } else { "[^\\s\\S]" });
                    continue;
                }
                in_class = true;
                res.push_str(if negated { "[^" } else { "[" });
            }
            '[' | '&' | '~' if in_class => {
                res.push('\\');
                res.push(it);
            }
            ']' => {
                in_class = false;
                res.push(it);
            }
            other => res.push(other),
        }
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, flags: &str, text: &str, expected: Option<bool>) {
        let pattern = Pattern::new(pattern, flags).unwrap();
        assert_eq!(pattern.is_match(text), expected, "{pattern:?} {text}");
    }

    #[track_caller]
    fn refused(pattern: &str, expected: &str) {
        let found = Pattern::new(pattern, "").map(|_| ());
        assert_eq!(found, Err(expected.to_owned()), "{pattern}");
    }

    #[test]
    fn patterns_match_as_in_javascript() {
        check("^[a-z]+$", "", "ABC", Some(false));
        check("^[a-z]+$", "gi", "ABC", Some(true));
        check("^b$", "m", "a\nb", Some(true));
        check("a.b", "", "a\nb", Some(false));
        check("a.b", "s", "a\nb", Some(true));
        check("(?=.*\\d)(?=.*[A-Z])", "", "xX1", Some(true));
        check("^(?!admin$)", "", "admin", Some(false));
        check("(?<=€)\\d+", "", "€12", Some(true));
        check("(?<!a+)b$", "", "aab", Some(false));
        check("(\\w)\\1", "", "hello", Some(true));
        check("^(?<y>\\d{4})-\\k<y>$", "", "2022-2022", Some(true));
        check("a\\/b\\-c\\u00e9", "", "a/b-cé", Some(true));
    }

    #[test]
    fn classes_are_those_of_javascript() {
        check("^\\d+$", "", "\u{661}", Some(false));
        check("^[\\w-]+$", "", "\u{e9}", Some(false));
        check("^[^[\\]]+$", "", "a[", Some(false));
        check("^[a&&b]+$", "", "a&b", Some(true));
        check("^[^]$", "", "\n", Some(true));
        check("^\\s[\\s]$", "", "\u{feff}\u{a0}", Some(true));
        check("^\\S[^\\s]$", "", "\u{85}a", Some(true));
        check("\\S", "", "\u{feff}", Some(false));
        check("[]", "", "a", Some(false));
    }

    #[test]
    fn none_takes_for_ever() {
        check("^(a+)+$", "", &format!("{}b", "a".repeat(50)), Some(false));
        check("^(?=(a+)+$)", "", &format!("{}b", "a".repeat(50)), Some(false));
        check("^(a|aa)+\\1x$", "", &format!("{}b", "a".repeat(50)), None);
    }

    #[test]
    fn what_is_none_is_told() {
        refused("a(", "opening parenthesis without closing parenthesis");
        refused("[a", "invalid character class");
        refused("a)", "end of string not reached");
        refused("*a", "target of repeat operator is invalid");
        refused("\\p{Nothing}", "unicode property not found");
        refused("[z-a]", "invalid character class range, the start must be <= the end");
    }
}

//! The arithmetic of names: number, case, and which name was meant; which words are reserved, and where a piece of raw SQL ends.
//!
//! Pure functions. The forms are those of Sequelize and of npm's `inflection`, for the databases they made.

mod inflection;
mod last_letters;
mod nearest;
mod plain;
mod raw;
mod reserved;
mod sql;
mod uncountable;

pub use inflection::{pluralize, singular};
pub use nearest::nearest;
pub use plain::{plain, script_text};
pub use raw::{Fault, fault, in_word, is_bracketed, is_word};
pub use reserved::Reserved;
pub use sql::is_keyword;

use smol_str::{SmolStr, SmolStrBuilder};

/// A number of rows: `1 row`, `3 rows`.
pub fn counted(rows: u64) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{} rows", thousands(rows)) }
}

/// A number as people read it: `12,345`.
pub fn thousands(number: impl std::fmt::Display) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Whether a database takes two names for one: the letters A to Z are the same in any case, all others are themselves.
pub const fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// What all names share that a database takes for one: to find by, never to show.
pub fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// `firstName` as `first_name`: a `_` before every capital A to Z, all in small letters, `/` for `::`.
///
/// What stands between two `::` loses the `_` it then begins with: `User` and `_user` are both `user`.
pub fn underscore(name: &str) -> SmolStr {
    let mut res = String::with_capacity(name.len() + 4);
    for (index, part) in name.split("::").enumerate() {
        if index > 0 {
            res.push('/');
        }
        let mut letters = part.chars();
        res.extend(letters.next().filter(|it| *it != '_').map(|it| it.to_ascii_lowercase()));
        for letter in letters {
            if letter.is_ascii_uppercase() {
                res.push('_');
            }
            res.push(letter.to_ascii_lowercase());
        }
    }
    if res.is_ascii() { res.into() } else { res.to_lowercase().into() }
}

/// `blog_post id` as `blogPostId`: white space around it goes, then every run of `-`, `_` and white space goes and
/// the letter behind it becomes a capital.
///
/// The first letter stays as it is. A run that ends the name has no letter behind it and stays: `id_` is `id_`.
pub fn camelize(name: &str) -> SmolStr {
    let mut res = SmolStrBuilder::new();
    let mut rest = name.trim();
    while let Some(at) = rest.find(is_gap) {
        let (word, gap) = rest.split_at(at);
        let mut behind = gap.trim_start_matches(is_gap).chars();
        let Some(letter) = behind.next() else {
            break;
        };
        res.push_str(word);
        letter.to_uppercase().for_each(|it| res.push(it));
        rest = behind.as_str();
    }
    res.push_str(rest);
    res.finish()
}

fn is_gap(letter: char) -> bool {
    matches!(letter, '-' | '_') || letter.is_whitespace()
}

/// `Creator` -> `creator`
pub fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(char::to_lowercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// `name` with a capital first: `posts` as `Posts`.
pub fn upper_first(name: &str) -> SmolStr {
    let mut letters = name.chars();
    let mut res = SmolStrBuilder::new();
    letters.next().into_iter().flat_map(char::to_uppercase).for_each(|it| res.push(it));
    res.push_str(letters.as_str());
    res.finish()
}

/// The words of an expression, for the name of what is made of it: `lower(email)` as `lower_email`.
pub fn expression_words(expression: &str) -> SmolStr {
    let mut res = SmolStrBuilder::new();
    let words = expression.split(|it: char| !it.is_alphanumeric() && it != '_');
    for (index, word) in words.filter(|it| !it.is_empty()).enumerate() {
        if index > 0 {
            res.push('_');
        }
        res.push_str(word);
    }
    res.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(change: fn(&str) -> SmolStr, rows: &[(&str, &str)]) {
        for (name, expected) in rows {
            assert_eq!(change(name), *expected, "of `{name}`");
        }
    }

    #[test]
    fn underscore_marks_every_capital() {
        check(
            underscore,
            &[
                ("firstName", "first_name"),
                ("User", "user"),
                ("HTMLBody", "h_t_m_l_body"),
                ("userID", "user_i_d"),
                ("user_id", "user_id"),
                ("Größe", "größe"),
                ("straßenÄnderung", "straßenänderung"),
                ("", ""),
            ],
        );
    }

    #[test]
    fn underscore_strips_one_line_per_part() {
        check(
            underscore,
            &[
                ("_private", "private"),
                ("__private", "_private"),
                ("_Private", "_private"),
                ("Admin::BlogPost", "admin/blog_post"),
                ("a::_b::", "a/b/"),
            ],
        );
    }

    #[test]
    fn camelize_joins_what_gaps_separate() {
        check(
            camelize,
            &[
                ("User_id", "UserId"),
                ("user_id", "userId"),
                ("blog_post_id", "blogPostId"),
                ("blog - post\tid", "blogPostId"),
                ("  a b ", "aB"),
                ("_a", "A"),
                ("a_ßb", "aSSb"),
                ("Zone_ZoneKey", "ZoneZoneKey"),
                ("", ""),
            ],
        );
    }

    #[test]
    fn camelize_leaves_a_gap_at_the_end() {
        check(camelize, &[("User_id_", "UserId_"), ("_", "_"), ("a_b__", "aB__")]);
    }

    #[test]
    fn upper_first_changes_one_letter() {
        check(
            upper_first,
            &[("posts", "Posts"), ("blogPost", "BlogPost"), ("ärzte", "Ärzte"), ("", "")],
        );
    }

    #[test]
    fn an_expression_is_called_after_its_words() {
        check(
            expression_words,
            &[
                ("lower(email)", "lower_email"),
                ("amount * 100 + 1", "amount_100_1"),
                ("coalesce(nick_name, 'x y')", "coalesce_nick_name_x_y"),
                ("((", ""),
            ],
        );
    }

    #[test]
    fn the_forms_are_those_of_npm() {
        let rows = include_str!("../tests/inflection.tsv").lines().skip(1);
        let mut count = 0;
        for row in rows {
            let [word, plural, singular] = row.split('\t').collect::<Vec<_>>()[..] else {
                panic!("three columns: {row}");
            };
            assert_eq!(pluralize(word), plural, "plural of `{word}`");
            assert_eq!(inflection::singularize(word), singular, "singular of `{word}`");
            count += 1;
        }
        assert_eq!(count, 3422);
    }
}

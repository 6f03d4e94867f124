//! Plurals and singulars, as npm's `inflection` 1.13.4 forms them, mistakes included.
//!
//! Table names and keys of databases that Sequelize made are called so; a better grammar would not find them again.
//! So "Hero" has "Heros" and the singular of "Data" is "Datum". A rule is a [`NounPattern`] and what its ending turns
//! into; the first rule whose pattern fits decides.
//!
//! The rules and the list of uncountable words are those of <https://github.com/dreamerslab/node.inflection>:
//!
//! > Copyright (c) 2011 Ben Lin <ben@dreamerslab.com>
//! >
//! > Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
//! > documentation files (the "Software"), to deal in the Software without restriction, including without limitation
//! > the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and
//! > to permit persons to whom the Software is furnished to do so, subject to the following conditions:
//! >
//! > The above copyright notice and this permission notice shall be included in all copies or substantial portions of
//! > the Software.
//! >
//! > THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO
//! > THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
//! > AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF
//! > CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS
//! > IN THE SOFTWARE.

use super::last_letters::{OTHER, last_letters, letter};
use super::uncountable::UNCOUNTABLE;
use smol_str::{SmolStr, SmolStrBuilder};

/// The plural of `noun`.
pub fn pluralize(noun: &str) -> SmolStr {
    inflect(noun, PLURALIZE)
}

/// What one of `noun` is called: its singular, or the noun where the rules leave nothing of it (of `s`).
pub fn singular(noun: &str) -> SmolStr {
    Some(singularize(noun)).filter(|it| !it.is_empty()).unwrap_or_else(|| noun.into())
}

/// The singular of `noun`.
pub(super) fn singularize(noun: &str) -> SmolStr {
    inflect(noun, SINGULARIZE)
}

/// What the noun becomes.
fn inflect(noun: &str, rules: &[Rule]) -> SmolStr {
    if is_uncountable(noun) {
        return noun.into();
    }
    // Of most rules the last letter says already that they aren't the noun's.
    let last = noun.bytes().next_back().map_or(OTHER, letter);
    let mut rules = rules.iter().filter(|rule| rule.pattern.last & last != 0);
    let found = rules.find_map(|rule| Some((rule.pattern.find(noun)?, rule.change)));
    let Some((found, change)) = found else {
        return noun.into();
    };
    let (echo, ending) = match change {
        Replacement::Keep => return noun.into(),
        Replacement::Into(ending) => (None, ending),
        Replacement::Echo(ending) => (found.stem.chars().next(), ending),
    };
    let mut res = SmolStrBuilder::new();
    res.push_str(found.kept);
    if let Some(letter) = echo {
        res.push(letter);
    }
    res.push_str(ending);
    res.push_str(found.rest);
    res.finish()
}

fn is_uncountable(noun: &str) -> bool {
    let found = if noun.is_ascii() {
        let lower = || noun.bytes().map(|it| it.to_ascii_lowercase());
        UNCOUNTABLE.binary_search_by(|it| it.bytes().cmp(lower()))
    } else {
        let lower = || noun.chars().flat_map(char::to_lowercase);
        UNCOUNTABLE.binary_search_by(|it| it.chars().cmp(lower()))
    };
    found.is_ok()
}

/// Which nouns a rule is about. Letters are compared without case.
#[derive(Clone, Copy)]
struct NounPattern {
    place: EndingPlace,
    /// One of these is kept ..
    stems: &'static [&'static str],
    /// .. and this, behind it, is replaced.
    ending: &'static str,
    /// The letters that such a noun may end with.
    last: u32,
}

/// Where stem and ending stand in the noun.
#[derive(Clone, Copy)]
enum EndingPlace {
    /// They end it.
    End,
    /// They end it, behind one of these letters.
    Behind(&'static str),
    /// They end it, behind a letter that is none of these.
    BehindNot(&'static str),
    /// They are all of it.
    Whole,
    /// They begin it.
    Start,
}

/// The parts of a noun that fits a [`NounPattern`], without what is replaced.
struct NounMatch<'a> {
    kept: &'a str,
    stem: &'a str,
    rest: &'a str,
}

impl NounPattern {
    fn find(self, noun: &str) -> Option<NounMatch<'_>> {
        if matches!(self.place, EndingPlace::Start) {
            return self.stems.iter().find_map(|stem| {
                let (kept, rest) = noun.split_at_checked(stem.len())?;
                let (ending, rest) = rest.split_at_checked(self.ending.len())?;
                let fits =
                    kept.eq_ignore_ascii_case(stem) && ending.eq_ignore_ascii_case(self.ending);
                fits.then_some(NounMatch { kept, stem: kept, rest })
            });
        }
        let kept = without_end(noun, self.ending)?;
        self.stems.iter().find_map(|stem| {
            let before = without_end(kept, stem)?;
            let last = || before.chars().next_back();
            let fits = match self.place {
                EndingPlace::End => true,
                EndingPlace::Behind(letters) => last().is_some_and(|it| is_one_of(it, letters)),
                EndingPlace::BehindNot(letters) => last().is_some_and(|it| !is_one_of(it, letters)),
                EndingPlace::Whole | EndingPlace::Start => before.is_empty(),
            };
            let stem = kept.get(before.len()..)?;
            fits.then_some(NounMatch { kept, stem, rest: "" })
        })
    }
}

fn is_one_of(letter: char, letters: &str) -> bool {
    letters.contains(letter.to_ascii_lowercase())
}

/// `text` without `end`, where it ends so.
fn without_end<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    let (before, last) = text.split_at_checked(text.len().checked_sub(end.len())?)?;
    last.eq_ignore_ascii_case(end).then_some(before)
}

/// What becomes of the nouns that fit a pattern.
struct Rule {
    pattern: NounPattern,
    change: Replacement,
}

/// What the ending turns into.
#[derive(Clone, Copy)]
enum Replacement {
    /// Itself: the noun has the wanted number already.
    Keep,
    /// This.
    Into(&'static str),
    /// The stem's first letter again, then this.
    Echo(&'static str),
}

const fn keep(pattern: NounPattern) -> Rule {
    Rule { pattern, change: Replacement::Keep }
}

const fn turn(pattern: NounPattern, into: &'static str) -> Rule {
    Rule { pattern, change: Replacement::Into(into) }
}

const fn echo(pattern: NounPattern, into: &'static str) -> Rule {
    Rule { pattern, change: Replacement::Echo(into) }
}

const fn pattern(
    place: EndingPlace,
    stems: &'static [&'static str],
    ending: &'static str,
) -> NounPattern {
    NounPattern { place, stems, ending, last: last_letters(stems, ending) }
}

const fn end(stems: &'static [&'static str], ending: &'static str) -> NounPattern {
    pattern(EndingPlace::End, stems, ending)
}

const fn whole(stems: &'static [&'static str], ending: &'static str) -> NounPattern {
    pattern(EndingPlace::Whole, stems, ending)
}

const fn start(stems: &'static [&'static str], ending: &'static str) -> NounPattern {
    NounPattern { last: u32::MAX, ..pattern(EndingPlace::Start, stems, ending) }
}

const fn behind(letters: &'static str, ending: &'static str) -> NounPattern {
    pattern(EndingPlace::Behind(letters), &[""], ending)
}

const fn behind_not(letters: &'static str, ending: &'static str) -> NounPattern {
    pattern(EndingPlace::BehindNot(letters), &[""], ending)
}

/// Nouns in the singular.
mod one {
    use super::{NounPattern, behind, behind_not, end, whole};

    pub(super) const MAN: NounPattern = whole(&["wom", "m"], "an");
    pub(super) const PERSON: NounPattern = end(&["pe"], "rson");
    pub(super) const CHILD: NounPattern = end(&["child"], "");
    pub(super) const DRIVE: NounPattern = end(&["drive"], "");
    pub(super) const OX: NounPattern = whole(&["ox"], "");
    pub(super) const AXIS: NounPattern = end(&["ax", "test"], "is");
    pub(super) const OCTOPUS: NounPattern = end(&["octop", "vir"], "us");
    pub(super) const STATUS: NounPattern = end(&["alias", "status", "canvas", "campus"], "");
    pub(super) const BONUS: NounPattern = whole(&["summons", "bonus"], "");
    pub(super) const BUS: NounPattern = end(&["bu"], "s");
    pub(super) const TOMATO: NounPattern = end(&["buffal", "tomat", "potat"], "o");
    pub(super) const DATUM: NounPattern = behind("ti", "um");
    pub(super) const CRISIS: NounPattern = end(&[""], "sis");
    pub(super) const SAFE: NounPattern = behind_not("f", "fe");
    pub(super) const SHELF: NounPattern = behind("lr", "f");
    pub(super) const HIVE: NounPattern = end(&["hi", "ti"], "ve");
    pub(super) const CITY: NounPattern = behind_not(super::VOWELS, "y");
    pub(super) const QUERY: NounPattern = end(&["qu"], "y");
    pub(super) const MATRIX: NounPattern = end(&["matr"], "ix");
    pub(super) const INDEX: NounPattern = end(&["vert", "ind"], "ex");
    pub(super) const BOX: NounPattern = end(&["x", "ch", "ss", "sh"], "");
    pub(super) const MOUSE: NounPattern = behind("m|l", "ouse");
    pub(super) const FOOT: NounPattern = whole(&[""], "foot");
    pub(super) const TOOTH: NounPattern = whole(&[""], "tooth");
    pub(super) const GOOSE: NounPattern = whole(&[""], "goose");
    pub(super) const QUIZ: NounPattern = end(&["quiz"], "");
    pub(super) const WHEREAS: NounPattern = whole(&["whereas"], "");
    pub(super) const CRITERION: NounPattern = whole(&["criteri"], "on");
    pub(super) const GENUS: NounPattern = whole(&[""], "genus");
}

/// Nouns in the plural.
mod many {
    use super::{NounPattern, behind, behind_not, end, start, whole};

    pub(super) const MEN: NounPattern = whole(&["wom", "m"], "en");
    pub(super) const PEOPLE: NounPattern = end(&["pe"], "ople");
    pub(super) const CHILDREN: NounPattern = end(&["child"], "ren");
    pub(super) const DATA: NounPattern = behind("ti", "a");
    pub(super) const ANALYSES: NounPattern = end(&["analy"], "ses");
    pub(super) const THESES: NounPattern =
        end(&["ba", "diagno", "parenthe", "progno", "synop", "the"], "ses");
    pub(super) const DATABASES: NounPattern = end(&["database"], "s");
    pub(super) const DRIVES: NounPattern = end(&["drive"], "s");
    pub(super) const HIVES: NounPattern = end(&["hi", "ti"], "ves");
    pub(super) const CURVES: NounPattern = end(&["curve"], "s");
    pub(super) const SHELVES: NounPattern = behind("lr", "ves");
    pub(super) const CAVES: NounPattern = behind("a", "ves");
    pub(super) const KNIVES: NounPattern = behind_not("fo", "ves");
    pub(super) const CITIES: NounPattern = behind_not(super::VOWELS, "ies");
    pub(super) const QUERIES: NounPattern = end(&["qu"], "ies");
    pub(super) const SERIES: NounPattern = end(&["s"], "eries");
    pub(super) const MOVIES: NounPattern = end(&["m"], "ovies");
    pub(super) const BOXES: NounPattern = end(&["x", "ch", "ss", "sh"], "es");
    pub(super) const MICE: NounPattern = behind("m|l", "ice");
    pub(super) const BUSES: NounPattern = end(&["bus"], "es");
    pub(super) const TOMATOES: NounPattern = end(&["o"], "es");
    pub(super) const SHOES: NounPattern = end(&["shoe"], "s");
    pub(super) const AXES: NounPattern = end(&["cris", "ax", "test"], "es");
    pub(super) const VIRUSES: NounPattern = end(&["octop", "vir"], "uses");
    pub(super) const STATUSES: NounPattern = end(&["alias", "canvas", "status", "campus"], "es");
    pub(super) const BONUSES: NounPattern = whole(&["summons", "bonus"], "es");
    pub(super) const OXEN: NounPattern = start(&["ox"], "en");
    pub(super) const MATRICES: NounPattern = end(&["matr"], "ices");
    pub(super) const INDICES: NounPattern = end(&["vert", "ind"], "ices");
    pub(super) const FEET: NounPattern = whole(&[""], "feet");
    pub(super) const TEETH: NounPattern = whole(&[""], "teeth");
    pub(super) const GEESE: NounPattern = whole(&[""], "geese");
    pub(super) const QUIZZES: NounPattern = end(&["quiz"], "zes");
    pub(super) const WHEREASES: NounPattern = whole(&["whereas"], "es");
    pub(super) const CRITERIA: NounPattern = whole(&["criteri"], "a");
    pub(super) const GENERA: NounPattern = whole(&[""], "genera");
}

const VOWELS: &str = "aeiouy";
const DOUBLE_S: NounPattern = end(&[""], "ss");
const FINAL_S: NounPattern = end(&[""], "s");
const ANYTHING: NounPattern = end(&[""], "");

/// What is plural stays; then the singulars.
static PLURALIZE: &[Rule] = &[
    keep(many::MEN),
    keep(many::PEOPLE),
    keep(many::CHILDREN),
    keep(many::DATA),
    keep(many::ANALYSES),
    keep(many::THESES),
    keep(many::DATABASES),
    keep(many::DRIVES),
    keep(many::HIVES),
    keep(many::CURVES),
    keep(many::SHELVES),
    keep(many::KNIVES),
    keep(many::CITIES),
    keep(many::QUERIES),
    keep(many::SERIES),
    keep(many::MOVIES),
    keep(many::BOXES),
    keep(many::MICE),
    keep(many::BUSES),
    keep(many::TOMATOES),
    keep(many::SHOES),
    keep(many::AXES),
    keep(many::VIRUSES),
    keep(many::STATUSES),
    keep(many::BONUSES),
    keep(many::OXEN),
    keep(many::MATRICES),
    keep(many::FEET),
    keep(many::TEETH),
    keep(many::GEESE),
    keep(many::QUIZZES),
    keep(many::WHEREASES),
    keep(many::CRITERIA),
    keep(many::GENERA),
    turn(one::MAN, "en"),
    turn(one::PERSON, "ople"),
    turn(one::CHILD, "ren"),
    turn(one::DRIVE, "s"),
    turn(one::OX, "en"),
    turn(one::AXIS, "es"),
    turn(one::OCTOPUS, "uses"),
    turn(one::STATUS, "es"),
    turn(one::BONUS, "es"),
    turn(one::BUS, "ses"),
    turn(one::TOMATO, "oes"),
    turn(one::DATUM, "a"),
    turn(one::CRISIS, "ses"),
    turn(one::SAFE, "ves"),
    turn(one::SHELF, "ves"),
    turn(one::HIVE, "ves"),
    turn(one::CITY, "ies"),
    turn(one::QUERY, "ies"),
    turn(one::MATRIX, "ices"),
    turn(one::INDEX, "ices"),
    turn(one::BOX, "es"),
    turn(one::MOUSE, "ice"),
    turn(one::FOOT, "feet"),
    turn(one::TOOTH, "teeth"),
    turn(one::GOOSE, "geese"),
    turn(one::QUIZ, "zes"),
    turn(one::WHEREAS, "es"),
    turn(one::CRITERION, "a"),
    turn(one::GENUS, "genera"),
    turn(FINAL_S, "s"),
    turn(ANYTHING, "s"),
];

/// What is singular stays; then the plurals.
static SINGULARIZE: &[Rule] = &[
    keep(one::MAN),
    keep(one::PERSON),
    keep(one::CHILD),
    keep(one::DRIVE),
    keep(one::OX),
    keep(one::AXIS),
    keep(one::OCTOPUS),
    keep(one::STATUS),
    keep(one::BONUS),
    keep(one::BUS),
    keep(one::TOMATO),
    keep(one::DATUM),
    keep(one::CRISIS),
    keep(one::SAFE),
    keep(one::SHELF),
    keep(one::HIVE),
    keep(one::CITY),
    keep(one::QUERY),
    keep(one::BOX),
    keep(one::MATRIX),
    keep(one::MOUSE),
    keep(one::FOOT),
    keep(one::TOOTH),
    keep(one::GOOSE),
    keep(one::QUIZ),
    keep(one::WHEREAS),
    keep(one::CRITERION),
    keep(one::GENUS),
    turn(many::MEN, "an"),
    turn(many::PEOPLE, "rson"),
    turn(many::CHILDREN, ""),
    turn(many::DATABASES, ""),
    turn(many::DRIVES, ""),
    turn(many::GENERA, "genus"),
    turn(many::CRITERIA, "on"),
    turn(many::DATA, "um"),
    echo(many::ANALYSES, "sis"),
    turn(many::THESES, "sis"),
    turn(many::HIVES, "ve"),
    turn(many::CURVES, ""),
    turn(many::SHELVES, "f"),
    turn(many::CAVES, "ve"),
    turn(many::KNIVES, "fe"),
    turn(many::MOVIES, "ovie"),
    turn(many::CITIES, "y"),
    turn(many::QUERIES, "y"),
    turn(many::SERIES, "eries"),
    turn(many::BOXES, ""),
    turn(many::MICE, "ouse"),
    turn(many::BUSES, ""),
    turn(many::TOMATOES, ""),
    turn(many::SHOES, ""),
    turn(many::AXES, "is"),
    turn(many::VIRUSES, "us"),
    turn(many::STATUSES, ""),
    turn(many::BONUSES, ""),
    turn(many::OXEN, ""),
    turn(many::MATRICES, "ix"),
    turn(many::INDICES, "ex"),
    turn(many::FEET, "foot"),
    turn(many::TEETH, "tooth"),
    turn(many::GEESE, "goose"),
    turn(many::QUIZZES, ""),
    turn(many::WHEREASES, ""),
    turn(DOUBLE_S, "ss"),
    turn(FINAL_S, ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(singular: &str, plural: &str) {
        assert_eq!(pluralize(singular), plural, "plural of `{singular}`");
        assert_eq!(singularize(plural), singular, "singular of `{plural}`");
    }

    #[test]
    fn most_nouns_take_an_s() {
        check("User", "Users");
        check("blog_post", "blog_posts");
        check("Schlüssel", "Schlüssels");
    }

    #[test]
    fn some_nouns_have_forms_of_their_own() {
        check("Company", "Companies");
        check("Box", "Boxes");
        check("Person", "People");
        check("UserStatus", "UserStatuses");
        check("Woman", "Women");
        check("OrderIndex", "OrderIndices");
    }

    #[test]
    fn some_nouns_have_one_form() {
        check("Equipment", "Equipment");
        check("NEWS", "NEWS");
        check("Series", "Series");
    }

    #[test]
    fn a_plural_has_no_further_plural_and_a_singular_no_further_singular() {
        assert_eq!(pluralize("People"), "People");
        assert_eq!(pluralize("Users"), "Users");
        assert_eq!(singularize("Address"), "Address");
    }

    #[test]
    fn the_mistakes_of_npm_are_kept() {
        assert_eq!(pluralize("Hero"), "Heros");
        assert_eq!(pluralize("Goose"), "geese");
        assert_eq!(pluralize("foreman"), "foremans");
        assert_eq!(pluralize("GAS"), "GAs");
        assert_eq!(singularize("Data"), "Datum");
        assert_eq!(singularize("Police"), "Polouse");
        assert_eq!(singularize("Analyses"), "AnalyAsis");
        assert_eq!(singularize("oxenford"), "oxford");
        assert_eq!(pluralize("oxenford"), "oxenford");
    }

    #[test]
    fn the_uncountable_words_are_sorted() {
        assert!(UNCOUNTABLE.is_sorted());
    }

    #[test]
    fn anything_is_a_noun() {
        assert_eq!(pluralize(""), "s");
        assert_eq!(singularize(""), "");
        assert_eq!(pluralize("y"), "ys");
        assert_eq!(pluralize("日本"), "日本s");
        assert_eq!(pluralize("éy"), "éies");
    }
}

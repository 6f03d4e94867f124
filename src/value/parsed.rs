//! Moments as V8's `Date.parse` reads them, which is how Sequelize's `isDate`, `isAfter` and `isBefore` do: in ISO form, and behind that
//! whatever browsers have ever taken (`Jan 6 2022 10:00 PM GMT+2`). What says no zone is in UTC.

use super::forms::is_space;
use std::ops::RangeInclusive;

/// The farthest moment from 1970, in milliseconds.
const FARTHEST: i64 = 8_640_000_000_000_000;

/// The farthest year that is counted with; a zone may lead from there to a moment.
const FARTHEST_YEAR: i64 = 1_000_000;

/// So many digits of a number count, those behind zeros.
const DIGITS: usize = 9;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const WORDS: [(&str, DateWord); 15] = [
    ("am", DateWord::Half(0)),
    ("pm", DateWord::Half(12)),
    ("ut", DateWord::Zone(0)),
    ("utc", DateWord::Zone(0)),
    ("z", DateWord::Zone(0)),
    ("gmt", DateWord::Zone(0)),
    ("cdt", DateWord::Zone(-5)),
    ("cst", DateWord::Zone(-6)),
    ("edt", DateWord::Zone(-4)),
    ("est", DateWord::Zone(-5)),
    ("mdt", DateWord::Zone(-6)),
    ("mst", DateWord::Zone(-7)),
    ("pdt", DateWord::Zone(-7)),
    ("pst", DateWord::Zone(-8)),
    ("t", DateWord::Time),
];

/// The milliseconds from 1970 to a moment.
pub(crate) fn date_parse(text: &str) -> Option<i64> {
    let mut reader = DateReader { rest: text, ..DateReader::default() };
    reader.take();
    let mut token = reader.iso()?;
    while token != DateToken::End {
        reader.legacy(token)?;
        token = reader.take();
    }
    reader.moment()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum DateToken {
    #[default]
    End,
    /// A number, and its length.
    Number(i64, usize),
    /// One of `:`, `-`, `+`, `.`, `)`
    Symbol(char),
    /// A word, and its length.
    Word(DateWord, usize),
    Space,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DateWord {
    Month(i64),
    /// `am`, `pm`
    Half(i64),
    /// A zone, in hours from UTC.
    Zone(i64),
    /// The `T` between date and time.
    Time,
    Unknown,
}

impl DateWord {
    fn of(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let month = (1..).zip(MONTHS).find(|(_, name)| lower.starts_with(name));
        let other = || WORDS.iter().find(|(name, _)| *name == lower).map(|(_, it)| *it);
        month.map(|(it, _)| Self::Month(it)).or_else(other).unwrap_or(Self::Unknown)
    }
}

#[derive(Debug, Default)]
struct DateReader<'t> {
    rest: &'t str,
    peek: DateToken,
    /// Numbers of the date, three at most.
    days: Vec<i64>,
    month: Option<i64>,
    iso: bool,
    /// Hour, minute, second, millisecond.
    time: Vec<i64>,
    half: Option<i64>,
    sign: Option<i64>,
    zone_hour: Option<i64>,
    zone_minute: Option<i64>,
}

impl<'t> DateReader<'t> {
    /// The next token.
    fn take(&mut self) -> DateToken {
        let next = self.scan();
        std::mem::replace(&mut self.peek, next)
    }

    fn scan(&mut self) -> DateToken {
        let Some(first) = self.rest.chars().next().filter(|it| *it != '\0') else {
            return DateToken::End;
        };
        let in_word = |it: char| it >= 'A' && !is_space(it);
        if first.is_ascii_digit() {
            let digits = self.run(|it| it.is_ascii_digit());
            let counted = digits.trim_start_matches('0');
            let counted = counted.get(..DIGITS).unwrap_or(counted);
            return DateToken::Number(counted.parse().unwrap_or_default(), digits.len());
        }
        if in_word(first) {
            let word = self.run(in_word);
            return DateToken::Word(DateWord::of(word), word.chars().count());
        }
        if first == '(' {
            let mut open = 0_usize;
            self.run(|it| {
                match it {
                    '(' => open += 1,
                    // The last one belongs to it.
                    ')' if open > 0 => open -= 1,
                    _ => {}
                }
                open > 0 && it != '\0'
            });
            if self.rest.starts_with(')') {
                self.rest = self.rest.get(1..).unwrap_or_default();
            }
            return DateToken::Other;
        }
        self.rest = self.rest.get(first.len_utf8()..).unwrap_or_default();
        match first {
            ':' | '-' | '+' | '.' | ')' => DateToken::Symbol(first),
            it if is_space(it) => DateToken::Space,
            _ => DateToken::Other,
        }
    }

    /// What comes next of such characters.
    fn run(&mut self, mut is: impl FnMut(char) -> bool) -> &'t str {
        let end = self.rest.find(|it| !is(it)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        run
    }

    fn skip(&mut self, symbol: char) -> bool {
        let found = self.peek == DateToken::Symbol(symbol);
        if found {
            self.take();
        }
        found
    }

    /// A number of so many digits, within bounds.
    fn fixed(&mut self, digits: usize, bounds: RangeInclusive<i64>) -> Option<i64> {
        match self.peek {
            DateToken::Number(it, length) if length == digits && bounds.contains(&it) => {
                self.take();
                Some(it)
            }
            _ => None,
        }
    }

    /// Reads a date and a time in ISO form. The first token that belongs to none; none where nothing else may follow.
    fn iso(&mut self) -> Option<DateToken> {
        match self.peek {
            DateToken::Symbol(sign @ ('+' | '-')) => {
                let token = self.take();
                let year = self.fixed(6, 0..=999_999);
                match (year, sign) {
                    (None, _) | (Some(0), '-') => return Some(token),
                    (Some(year), '-') => self.days.push(-year),
                    (Some(year), _) => self.days.push(year),
                }
            }
            DateToken::Number(year, 4) => {
                self.take();
                self.days.push(year);
            }
            _ => return Some(self.take()),
        }
        for bounds in [1..=12, 1..=31] {
            if !self.skip('-') {
                break;
            }
            match self.fixed(2, bounds) {
                Some(it) => self.days.push(it),
                None => return Some(self.take()),
            }
        }
        if matches!(self.peek, DateToken::Word(DateWord::Time, _)) {
            self.take();
            self.iso_time()?;
        } else if self.peek != DateToken::End {
            return Some(self.take());
        }
        self.iso = true;
        Some(DateToken::End)
    }

    fn iso_time(&mut self) -> Option<()> {
        let hour = self.fixed(2, 0..=24)?;
        let most = if hour == 24 { 0 } else { 59 };
        self.skip(':').then_some(())?;
        let minute = self.fixed(2, 0..=most)?;
        self.time.extend([hour, minute]);
        if self.skip(':') {
            let second = self.fixed(2, 0..=most)?;
            self.time.push(second);
            if self.skip('.') {
                match self.take() {
                    DateToken::Number(it, length) if it == 0 || hour < 24 => {
                        self.time.push(milliseconds(it, length));
                    }
                    _ => return None,
                }
            }
        }
        match self.peek {
            DateToken::Word(DateWord::Zone(_), 1) => {
                self.take();
                self.zone(0);
            }
            DateToken::Symbol(sign @ ('+' | '-')) => {
                self.take();
                self.sign = Some(factor(sign));
                let (hour, minute) = if let Some(both) = self.fixed(4, 0..=9_999) {
                    (both / 100, both % 100)
                } else {
                    let hour = self.fixed(2, 0..=23)?;
                    self.skip(':').then_some(())?;
                    (hour, self.fixed(2, 0..=59)?)
                };
                (hour < 24 && minute < 60).then_some(())?;
                (self.zone_hour, self.zone_minute) = (Some(hour), Some(minute));
            }
            _ => {}
        }
        (self.peek == DateToken::End).then_some(())
    }

    /// A token of what isn't in ISO form; none where it can't be.
    fn legacy(&mut self, token: DateToken) -> Option<()> {
        let has_number = !self.days.is_empty() || !self.time.is_empty() || self.sign.is_some();
        match token {
            DateToken::Number(it, _) => return self.number(it),
            DateToken::Word(DateWord::Half(it), _) if !self.time.is_empty() => {
                self.half = Some(it);
            }
            DateToken::Word(DateWord::Month(it), _) => {
                self.month = Some(it);
                self.skip('-');
            }
            DateToken::Word(DateWord::Zone(it), _) if has_number => self.zone(it),
            DateToken::Word(..) => {
                // Words that mean nothing stand before the first number, and apart from it.
                let apart = !matches!(self.peek, DateToken::Number(..));
                return (!has_number && apart).then_some(());
            }
            DateToken::Symbol(sign @ ('+' | '-')) if self.is_utc() || !self.time.is_empty() => {
                self.sign = Some(factor(sign));
                let DateToken::Number(it, length) = self.peek else {
                    // Without a number it is none, but where a colon follows.
                    (self.peek == DateToken::Symbol(':')).then_some(())?;
                    (self.zone_hour, self.zone_minute) = (Some(0), None);
                    return Some(());
                };
                self.take();
                (self.zone_hour, self.zone_minute) = match length {
                    _ if self.peek == DateToken::Symbol(':') => (Some(it), None),
                    1 | 2 => (Some(it), Some(0)),
                    3 | 4 => (Some(it / 100), Some(it % 100)),
                    _ => return None,
                };
            }
            DateToken::Symbol('+' | '-' | ')') if has_number => return None,
            DateToken::End | DateToken::Symbol(_) | DateToken::Space | DateToken::Other => {}
        }
        Some(())
    }

    fn number(&mut self, number: i64) -> Option<()> {
        if self.skip(':') {
            if self.skip(':') {
                self.time.is_empty().then_some(())?;
                self.time.extend([number, 0]);
            } else {
                (self.time.len() < 4).then_some(())?;
                self.time.push(number);
                self.skip('.');
            }
            return Some(());
        }
        let expected = match self.time.len() {
            1 | 2 => number < 60,
            3 => number < 1_000,
            _ => false,
        };
        if self.skip('.') && expected {
            let DateToken::Number(fraction, length) = self.take() else {
                return None;
            };
            self.time.extend([number, milliseconds(fraction, length)]);
            self.time.resize(4, 0);
        } else if self.zone_hour.is_some() && self.zone_minute.is_none() && number < 60 {
            self.zone_minute = Some(number);
        } else if expected {
            self.time.push(number);
            self.time.resize(4, 0);
            let may_follow = matches!(
                self.peek,
                DateToken::End
                    | DateToken::Space
                    | DateToken::Word(DateWord::Zone(_), 1)
                    | DateToken::Symbol('+' | '-')
            );
            may_follow.then_some(())?;
        } else {
            (self.days.len() < 3).then_some(())?;
            self.days.push(number);
            self.skip('-');
        }
        Some(())
    }

    fn zone(&mut self, hours: i64) {
        self.sign = Some(if hours < 0 { -1 } else { 1 });
        (self.zone_hour, self.zone_minute) = (Some(hours.abs()), Some(0));
    }

    fn is_utc(&self) -> bool {
        (self.zone_hour, self.zone_minute) == (Some(0), Some(0))
    }

    /// What all of it comes to.
    fn moment(mut self) -> Option<i64> {
        let is_day = |it: i64| (1..=31).contains(&it);
        let first = *self.days.first()?;
        self.days.resize(3, 1);
        let [_, second, third] = *self.days.as_slice() else {
            return None;
        };
        let (mut year, month, day) = match self.month {
            None if self.iso || !is_day(first) => (first, second, third),
            None => (third, first, second),
            Some(month) if !is_day(first) => (first, month, second),
            Some(month) => (second, month, first),
        };
        if !self.iso {
            year += match year {
                0..=49 => 2_000,
                50..=99 => 1_900,
                _ => 0,
            };
        }
        if !(1..=12).contains(&month) || !is_day(day) || year.abs() > FARTHEST_YEAR {
            return None;
        }
        self.time.resize(4, 0);
        let [mut hour, minute, second, millisecond] = *self.time.as_slice() else {
            return None;
        };
        if let Some(half) = self.half {
            (0..=12).contains(&hour).then_some(())?;
            hour = hour % 12 + half;
        }
        let whole = hour < 24 && minute < 60 && second < 60 && millisecond < 1_000;
        if !whole && (hour, minute, second, millisecond) != (24, 0, 0, 0) {
            return None;
        }
        let ahead = self.zone_hour.unwrap_or_default() * 60 + self.zone_minute.unwrap_or_default();
        let ahead = self.sign.map_or(0, |it| it * ahead);
        let minutes = (days_to(year, month) + day - 1) * 1_440 + hour * 60 + minute - ahead;
        let moment = minutes * 60_000 + second * 1_000 + millisecond;
        (moment.abs() <= FARTHEST).then_some(moment)
    }
}

const fn factor(sign: char) -> i64 {
    if sign == '-' { -1 } else { 1 }
}

/// The milliseconds that the digits of a fraction are, the first three of them.
fn milliseconds(digits: i64, length: usize) -> i64 {
    let behind = length.min(DIGITS);
    match behind {
        1 => digits * 100,
        2 => digits * 10,
        _ => (3..behind).fold(digits, |it, _| it / 10),
    }
}

/// The days from 1970 to the first of a month.
const fn days_to(year: i64, month: i64) -> i64 {
    // Years that begin in March have their 29th of February at the end.
    let year = if month > 2 { year } else { year - 1 };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_moments_that_v8_reads() {
        let rows = [
            ("2022-01-16", Some(1_642_291_200_000)),
            ("2022-02-30", Some(1_646_179_200_000)),
            ("2022", Some(1_640_995_200_000)),
            ("2022-01", Some(1_640_995_200_000)),
            ("+002022-01-01", Some(1_640_995_200_000)),
            ("-000000-01-01", Some(978_307_200_000)),
            ("2022-01-16T12:00", Some(1_642_334_400_000)),
            ("2022-01-16T24:00:00Z", Some(1_642_377_600_000)),
            ("2022-01-16T25:00Z", None),
            ("2022-01-16T12:00:00.1234567+0200", Some(1_642_327_200_123)),
            ("2022-01-16T12:00:00 +02:00", None),
            ("2022-01-16 12:00:00.5 -0830", Some(1_642_365_000_500)),
            ("Sun, 16 Jan 2022 12:00:00 GMT", Some(1_642_334_400_000)),
            ("Jan 6 2022 10:20 PM EST", Some(1_641_525_600_000)),
            ("6-january-49 (a (b) c)", Some(2_493_504_000_000)),
            ("01/16/50", Some(-629_856_000_000)),
            ("16/01/2022", None),
            ("6200000000000005", None),
            ("1/1/999999999 GMT-999999999", None),
            ("1/1/1000000 GMT-999999999", None),
            ("2022-1-6", Some(1_641_427_200_000)),
            ("13:00", None),
            ("1", Some(978_307_200_000)),
            ("12 foo", None),
            ("foo 12", Some(1_007_164_800_000)),
            ("foo12", None),
            ("1 10:20:30.5.6", Some(978_776_430_500)),
            ("1 GMT+2:30", Some(978_298_200_000)),
            ("1 GMT-", None),
            ("1 10:20 +12345", None),
            ("275760-09-13", Some(8_640_000_000_000_000)),
            ("+275760-09-14", None),
            ("today", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(date_parse(text), expected, "{text}");
        }
    }
}

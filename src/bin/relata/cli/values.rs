//! What arguments say: times, sizes and moments, dialects, formats and losses.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use relata::diagnostics::Loss;
use relata::import::ImportFormat;
use relata::sql::Dialect;
use std::num::NonZeroUsize;
use std::time::Duration;

/// A number and the word behind it.
fn measured(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|it: char| !it.is_ascii_digit());
    let (number, word) = text.split_at(end.unwrap_or(text.len()));
    Some((number.parse().ok()?, word.trim_start()))
}

/// How long, at least a millisecond.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let milliseconds = measured(text).and_then(|(number, word)| match word {
        "ms" => Some(number),
        "" | "s" => number.checked_mul(1_000),
        "m" => number.checked_mul(60_000),
        _ => None,
    });
    let milliseconds = milliseconds.filter(|it| *it > 0);
    let given = milliseconds.map(Duration::from_millis);
    given.ok_or_else(|| "a time looks like 250ms, 10s or 5m".to_owned())
}

/// How many at once, at least one.
pub(super) fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "how many pages at once is a number from 1 on".to_owned())
}

/// So little that Relata itself can't work.
const LEAST_MEMORY: u64 = 4 << 20;

/// How many bytes.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let bytes = measured(text).and_then(|(number, word)| {
        let shift = match word.to_ascii_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kb" => 10,
            "m" | "mb" => 20,
            "g" | "gb" => 30,
            _ => return None,
        };
        number.checked_mul(1 << shift)
    });
    match bytes {
        Some(it) if it >= LEAST_MEMORY => Ok(it),
        Some(_) => Err("that is too little: at least 4MB".to_owned()),
        None => Err("a size looks like 64MB or 1GB".to_owned()),
    }
}

/// A moment: a date, and perhaps a time and its zone; in milliseconds since 1970.
pub(super) fn moment(text: &str) -> Result<i64, String> {
    let stored =
        relata::value::moment(text).or_else(|| relata::value::moment(&format!("{text}T00:00")));
    stored
        .and_then(|it| relata::ir::milliseconds(&it))
        .ok_or_else(|| "a moment looks like 2022-01-16T12:00:00Z".to_owned())
}

/// A format of what is imported, by its name.
pub(super) fn import_format() -> impl TypedValueParser<Value = ImportFormat> {
    let possible = ImportFormat::ALL.map(ImportFormat::name);
    let named = |name: String| {
        let mut all = ImportFormat::ALL.into_iter();
        all.find(|it| it.name() == name).ok_or("there is no such format")
    };
    PossibleValuesParser::new(possible).try_map(named)
}

/// A dialect by its name.
pub(super) fn dialect() -> impl TypedValueParser<Value = &'static Dialect> {
    let possible = Dialect::ALL.map(|it| PossibleValue::new(it.name).help(it.title));
    let named = |it: String| Dialect::named(&it).ok_or("there is no such dialect");
    PossibleValuesParser::new(possible).try_map(named)
}

/// `E0501`, in any letter case: what a change may lose where it is allowed to.
pub(super) fn loss(text: &str) -> Result<Loss, String> {
    allowed(text, &Loss::ALLOWED)
}

/// The same of a rollback.
pub(super) fn loss_of_rollback(text: &str) -> Result<Loss, String> {
    allowed(text, &[Loss::WrittenSince])
}

fn allowed(text: &str, losses: &[Loss]) -> Result<Loss, String> {
    let codes = || losses.iter().map(|it| it.code()).collect::<Vec<_>>().join(", ");
    let loss = Loss::of(text).filter(|it| losses.contains(it));
    loss.ok_or_else(|| format!("what can be allowed here: {}", codes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_dates_with_or_without_a_time() {
        for text in ["2022-01-16", "2022-01-16T12:00:00Z", "2024-02-29 23:59:59.999+02:00"] {
            assert!(moment(text).is_ok(), "{text}");
        }
        for text in ["", "now", "2022-13-01", "2023-02-29", "2022-01-16T25:00", "2022-01-16T"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }

    #[test]
    fn limits_are_numbers_with_a_unit() {
        for (text, milliseconds) in [("250ms", 250), ("10s", 10_000), ("3", 3_000), ("5m", 300_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)));
        }
        for text in
            ["", "0", "0s", "-1s", "1h", "s", "99999999999999999999s", "9999999999999999999m"]
        {
            assert!(duration(text).is_err(), "{text}");
        }
        for (text, size) in
            [("64MB", 64 << 20), ("1GB", 1 << 30), ("8388608", 8 << 20), ("4096 kB", 4 << 20)]
        {
            assert_eq!(bytes(text), Ok(size));
        }
        for text in ["", "1kB", "0", "64XB", "99999999999GB"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_what_has_an_effect_can_be_allowed() {
        assert_eq!(loss("e0501"), Ok(Loss::Values));
        assert_eq!(loss_of_rollback("E0513"), Ok(Loss::WrittenSince));
        for text in ["E0503", "E0513", "E0601", "E0599", "E05é", ""] {
            assert!(loss(text).is_err(), "{text}");
        }
        assert!(loss_of_rollback("E0501").is_err());
    }
}

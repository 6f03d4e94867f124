//! Times, sizes and moments, as arguments say them.

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

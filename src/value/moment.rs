//! Moments, as databases store them: from the year 1 to the last millisecond of 9999.

use jiff::civil::{self, DateTime};
use jiff::fmt::temporal::Pieces;
use smol_str::{SmolStr, format_smolstr};

/// Where milliseconds are counted from.
const EPOCH: DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

/// An ISO date or moment, as databases store a DATE: `2022-01-16 12:00:00.000 +00:00`. Without an offset it is UTC.
pub fn moment(text: &str) -> Option<SmolStr> {
    stored(utc(text)?)
}

/// Whether a text has the form in which databases store a DATE, so that it compares with others letter by letter.
pub fn is_stored_moment(text: &str) -> bool {
    const FORM: &[u8; 30] = b"0000-00-00 00:00:00.000 +00:00";
    const DIGITS: usize = "0000-00-00 00:00:00.000".len();
    let fits = |(at, (it, form)): (usize, (u8, &u8))| match form {
        b'0' if at < DIGITS => it.is_ascii_digit(),
        form => it == *form,
    };
    text.len() == FORM.len() && text.bytes().zip(FORM).enumerate().all(fits)
}

/// A moment by the milliseconds since 1970, as databases store a DATE.
pub fn moment_of(milliseconds: i64) -> Option<SmolStr> {
    let since = jiff::SignedDuration::from_millis(milliseconds);
    stored(EPOCH.checked_add(since).ok()?)
}

/// The milliseconds since 1970 of an ISO date or moment.
pub fn milliseconds(text: &str) -> Option<i64> {
    let since = utc(text)?.duration_since(EPOCH);
    let whole = i64::try_from(since.as_millis()).ok()?;
    // Before 1970, too, what is less than a millisecond is cut off.
    Some(if since.subsec_nanos() % 1_000_000 < 0 { whole - 1 } else { whole })
}

/// The date and the time of day in UTC. Moments of jiff's own end some hours before the year 9999 does.
fn utc(text: &str) -> Option<DateTime> {
    let compact = text.trim().replacen(" +", "+", 1).replacen(" -", "-", 1);
    let pieces = Pieces::parse(&compact).ok()?;
    if pieces.time_zone_annotation().is_some() {
        return None;
    }
    let local = pieces.date().to_datetime(pieces.time().unwrap_or_else(civil::Time::midnight));
    match pieces.to_numeric_offset() {
        Some(offset) => {
            let ahead = jiff::SignedDuration::from_secs(offset.seconds().into());
            local.checked_sub(ahead).ok()
        }
        None => Some(local),
    }
}

fn stored(civil: DateTime) -> Option<SmolStr> {
    if civil.year() < 1 {
        return None;
    }
    Some(format_smolstr!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03} +00:00",
        civil.year(),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second(),
        civil.millisecond()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_reach_from_the_year_1_to_the_end_of_9999() {
        let rows = [
            ("9999-12-31T23:59:59.999Z", Some("9999-12-31 23:59:59.999 +00:00")),
            ("9999-12-31", Some("9999-12-31 00:00:00.000 +00:00")),
            ("9999-12-31T23:59:59.999999Z", Some("9999-12-31 23:59:59.999 +00:00")),
            ("9999-12-31T23:59:59-00:01", None),
            ("0001-01-01", Some("0001-01-01 00:00:00.000 +00:00")),
            ("0001-01-01T00:00:00+00:01", None),
            ("0000-12-31", None),
            ("2022-01-16 12:00:00.000 +02:00", Some("2022-01-16 10:00:00.000 +00:00")),
            ("2022-01-16T12:00", Some("2022-01-16 12:00:00.000 +00:00")),
            ("2022-02-30", None),
            ("2022", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(moment(text).as_deref(), expected, "{text}");
            if let Some(expected) = expected {
                let back = milliseconds(expected).and_then(moment_of);
                assert_eq!(back.as_deref(), Some(expected), "{text}");
            }
        }
    }
}

//! Moments, as databases store them.

use smol_str::{SmolStr, format_smolstr};

/// An ISO date or moment, as databases store a DATE: `2022-01-16 12:00:00.000 +00:00`. Without an offset it is UTC.
pub fn moment(text: &str) -> Option<SmolStr> {
    let compact = text.trim().replacen(" +", "+", 1).replacen(" -", "-", 1);
    let time = match compact.parse::<jiff::Timestamp>() {
        Ok(time) => time,
        Err(_) => compact
            .parse::<jiff::civil::DateTime>()
            .ok()
            .and_then(|it| jiff::tz::Offset::UTC.to_timestamp(it).ok())?,
    };
    let civil = jiff::tz::Offset::UTC.to_datetime(time);
    if civil.year() < 0 {
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

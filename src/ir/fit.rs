//! Whether a value fits an attribute's type, and what it then is: the one rule for what a script has written and for what
//! shows itself only while it runs.

use super::{Contents, DataType, IntegerWidth};
use crate::value::forms::is_uuid;
use crate::value::{Value, moment, write_json_text};
use smol_str::{SmolStr, ToSmolStr, format_smolstr};

/// Why a value doesn't fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit(pub String);

fn misfit<T>(reason: impl Into<String>) -> Result<T, Misfit> {
    Err(Misfit(reason.into()))
}

/// The value that an attribute of that type holds where it is given `value`: the written form of the type is converted, a
/// number becomes a text in a text attribute.
///
/// # Errors
/// Where it doesn't fit.
pub fn fit(value: Value, data_type: &DataType) -> Result<Value, Misfit> {
    if value == Value::Null {
        return Ok(Value::Null);
    }
    match data_type {
        DataType::String { length, .. } | DataType::Char { length, .. } => {
            let text = text_of(value)?;
            let most = length.unwrap_or(255) as usize;
            // Bytes are never fewer than characters.
            if text.len() > most {
                let long = text.chars().count();
                if long > most {
                    return misfit(format!("{long} characters, {most} at most"));
                }
            }
            Ok(Value::Text(text))
        }
        DataType::Text(_) | DataType::CiText => Ok(Value::Text(text_of(value)?)),
        DataType::Integer(integer) => {
            let number = integer_of(&value)?;
            if integer.unsigned && number < 0 {
                return misfit("negative, but the type is UNSIGNED");
            }
            let bits: u32 = match integer.width {
                IntegerWidth::Tiny => 8,
                IntegerWidth::Small => 16,
                IntegerWidth::Medium => 24,
                IntegerWidth::Normal | IntegerWidth::Big => 64,
            };
            if bits < 64 {
                let (low, high) = if integer.unsigned {
                    (0, (1_i64 << bits) - 1)
                } else {
                    (-(1_i64 << (bits - 1)), (1_i64 << (bits - 1)) - 1)
                };
                if number < low || number > high {
                    return misfit(format!("outside of {low} to {high}"));
                }
            }
            Ok(Value::Integer(number))
        }
        DataType::Float(float) => {
            let number: f64 =
                number_text(&value)?.parse().map_err(|_| Misfit("not a number".to_owned()))?;
            if float.unsigned && number < 0.0 {
                return misfit("negative, but the type is UNSIGNED");
            }
            if number.is_finite() { Ok(Value::Float(number)) } else { misfit("too large") }
        }
        DataType::Decimal(decimal) => {
            let text = number_text(&value)?;
            if decimal.unsigned && text.starts_with('-') {
                return misfit("negative, but the type is UNSIGNED");
            }
            if let Some(precision) = decimal.precision {
                let scale = decimal.scale.unwrap_or(0) as usize;
                digits_fit(&text, precision as usize, scale)?;
            }
            Ok(Value::Decimal(text))
        }
        DataType::Boolean => match &value {
            Value::Bool(_) => Ok(value),
            Value::Integer(number @ (0 | 1)) => Ok(Value::Bool(*number == 1)),
            Value::Text(text) if text == "true" || text == "false" => {
                Ok(Value::Bool(text == "true"))
            }
            _ => misfit(unlike(data_type)),
        },
        DataType::Date(_) => match &value {
            Value::Date(_) => Ok(value),
            Value::Text(text) => match moment(text) {
                Some(stored) => Ok(Value::Date(stored)),
                None => misfit("not a date that exists, in ISO form"),
            },
            _ => misfit(unlike(data_type)),
        },
        DataType::DateOnly => match &value {
            Value::Text(text) | Value::Date(text) => match day(text) {
                Some(stored) => Ok(Value::Text(stored)),
                None => misfit("not a date that exists, in ISO form"),
            },
            _ => misfit(unlike(data_type)),
        },
        DataType::Time => match &value {
            Value::Text(text) if text.parse::<jiff::civil::Time>().is_ok() => Ok(value),
            Value::Text(_) => misfit("not a time of day like \"12:30:00\""),
            _ => misfit(unlike(data_type)),
        },
        DataType::Uuid => match &value {
            Value::Text(text) if is_uuid(text, "loose") => Ok(value),
            Value::Text(_) => misfit("not 32 hexadecimal digits in groups of 8-4-4-4-12"),
            _ => misfit(unlike(data_type)),
        },
        DataType::Blob(_) => match value {
            Value::Blob(_) => Ok(value),
            Value::Text(text) => Ok(Value::Blob(text.as_bytes().into())),
            _ => misfit(unlike(data_type)),
        },
        DataType::Enum(enumeration) => {
            let word = match &value {
                Value::Text(text) => text.clone(),
                Value::Bool(it) => it.to_smolstr(),
                _ => return misfit(unlike(data_type)),
            };
            if enumeration.members.contains(&word) {
                Ok(Value::Text(word))
            } else {
                misfit(format!("its members are `{}`", enumeration.members.join("`, `")))
            }
        }
        DataType::Json | DataType::Jsonb => Ok(match value {
            Value::Json(_) => value,
            Value::Null => Value::Null,
            Value::Bool(it) => Value::Json(it.to_smolstr()),
            Value::Integer(it) => Value::Json(it.to_smolstr()),
            Value::Float(it) => Value::Json(format_smolstr!("{it:?}")),
            Value::Decimal(it) => Value::Json(it),
            Value::Text(it) | Value::Date(it) => {
                let mut text = String::with_capacity(it.len() + 2);
                write_json_text(&it, &mut text);
                Value::Json(text.into())
            }
            Value::Blob(_) => return misfit("bytes are no JSON"),
        }),
        DataType::Virtual => misfit(unlike(data_type)),
        DataType::Raw(_) | DataType::Foreign(_) => Ok(value),
    }
}

/// What is said of a value of a kind that the type never holds.
pub const fn unlike(data_type: &DataType) -> &'static str {
    match data_type.holds() {
        Contents::Text => "not a text",
        Contents::Integer => "not an integer",
        Contents::Number => "not a number",
        Contents::Truth => "neither true nor false",
        Contents::Moment | Contents::Day => "not a text with a date",
        Contents::Time => "not a text with a time",
        Contents::Uuid => "not a text with a UUID",
        Contents::Bytes => "neither a blob like x\"00ff\" nor a text",
        Contents::Member => "not one of its members",
        Contents::Json => "not JSON",
        Contents::Nothing => "a VIRTUAL attribute holds nothing",
        Contents::Anything => "not a literal",
    }
}

/// A value as one that is compared with numbers, or with truth. A number stays the number that it is, though the type couldn't hold it; a
/// text is the number that is written in it.
///
/// # Errors
/// Where it is none.
pub fn beside_numbers(value: Value, data_type: &DataType) -> Result<Value, Misfit> {
    match value {
        // A place in a document may be anything.
        Value::Null | Value::Json(_) => Ok(value),
        Value::Text(text) if data_type.holds() != Contents::Truth => {
            fit(Value::Text(text.clone()), data_type).or_else(|_| {
                let number = text.parse::<f64>().ok().filter(|it| it.is_finite());
                number.map(Value::Float).ok_or(Misfit("not a number".to_owned()))
            })
        }
        Value::Blob(_) | Value::Date(_) => misfit(unlike(data_type)),
        Value::Text(_)
        | Value::Bool(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Decimal(_) => match data_type.holds() {
            Contents::Truth => fit(value, data_type),
            _ => Ok(value),
        },
    }
}

fn integer_of(value: &Value) -> Result<i64, Misfit> {
    match value {
        Value::Integer(number) => Ok(*number),
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            format!("{number:.0}").parse().map_err(|_| Misfit("not an integer".to_owned()))
        }
        Value::Text(text) => match text.parse::<i64>() {
            Ok(number) if is_shortest(text) => Ok(number),
            _ => misfit("not the written form of an integer"),
        },
        _ => misfit("not an integer"),
    }
}

/// Whether an integer's text has nothing in it that could be left out: `7`, not `+7`, `07` or `-0`.
fn is_shortest(text: &str) -> bool {
    match text.strip_prefix('-').unwrap_or(text).as_bytes() {
        [b'+', ..] | [b'0', _, ..] => false,
        [b'0'] => text.len() == 1,
        _ => true,
    }
}

/// Whether a number's digits are few enough.
fn digits_fit(text: &str, precision: usize, scale: usize) -> Result<(), Misfit> {
    if text.contains(['e', 'E']) {
        return misfit("an exponent");
    }
    let digits = text.trim_start_matches('-');
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.trim_end_matches('0').len() > scale {
        return misfit(format!("more than {scale} digits behind the point"));
    }
    let most = precision.saturating_sub(scale);
    if whole.trim_start_matches('0').len() > most {
        return misfit(format!("more than {most} digits before the point"));
    }
    Ok(())
}

fn text_of(value: Value) -> Result<SmolStr, Misfit> {
    match value {
        Value::Text(text) | Value::Decimal(text) => Ok(text),
        Value::Date(text) => Ok(iso(&text)),
        Value::Integer(number) => Ok(number.to_smolstr()),
        Value::Float(number) => Ok(number.to_smolstr()),
        Value::Null | Value::Bool(_) | Value::Blob(_) | Value::Json(_) => misfit("not a text"),
    }
}

fn number_text(value: &Value) -> Result<SmolStr, Misfit> {
    match value {
        Value::Integer(number) => Ok(number.to_smolstr()),
        Value::Float(number) if number.is_finite() => Ok(number.to_smolstr()),
        Value::Decimal(text) => Ok(text.clone()),
        Value::Text(text) if text.parse::<f64>().is_ok_and(f64::is_finite) => Ok(text.clone()),
        _ => misfit("not a number"),
    }
}

/// A stored moment as people and JSON have it: `2022-01-16T12:00:00.000Z`.
pub fn iso(stored: &str) -> SmolStr {
    let plain = stored.strip_suffix(" +00:00");
    match plain.and_then(|it| it.split_once(' ')) {
        Some((date, time)) => format_smolstr!("{date}T{time}Z"),
        None => stored.into(),
    }
}

fn day(text: &str) -> Option<SmolStr> {
    let date = match text.parse::<jiff::civil::Date>() {
        Ok(date) if text.len() == 10 => date,
        _ => return moment(text)?.get(..10).map(SmolStr::new),
    };
    (date.year() >= 1)
        .then(|| format_smolstr!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day()))
}

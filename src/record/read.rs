//! What a database's value is to the attribute that it is of.

use crate::ir::{Contents, DataType};
use crate::value::{Value, json_escape};
use smol_str::{SmolStr, format_smolstr};

/// How a column's value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoding {
    /// As the database has it.
    Plain,
    /// 0 and 1 are false and true.
    Boolean,
    /// A moment.
    Date,
    /// A number with so many digits behind its point.
    Decimal(Option<u32>),
    /// A document.
    Json,
    /// What is at a place in a document: its JSON, of which texts, numbers and words become plain values.
    JsonPart,
}

impl Decoding {
    /// How a type's values are read.
    pub const fn of(data_type: &DataType) -> Self {
        match data_type.holds() {
            Contents::Truth => Self::Boolean,
            Contents::Moment => Self::Date,
            Contents::Json => Self::Json,
            Contents::Number => match data_type {
                DataType::Decimal(it) => Self::Decimal(it.scale),
                _ => Self::Plain,
            },
            Contents::Text
            | Contents::Time
            | Contents::Uuid
            | Contents::Member
            | Contents::Integer
            | Contents::Day
            | Contents::Bytes
            | Contents::Nothing
            | Contents::Anything => Self::Plain,
        }
    }

    /// How a value that is held is read back from the database.
    pub const fn of_value(value: &Value) -> Self {
        match value {
            Value::Bool(_) => Self::Boolean,
            Value::Date(_) => Self::Date,
            Value::Json(_) => Self::Json,
            Value::Null
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Decimal(_)
            | Value::Text(_)
            | Value::Blob(_) => Self::Plain,
        }
    }

    /// How a value is read that is one of several, each of which is read so.
    pub fn common(each: impl IntoIterator<Item = Self>) -> Self {
        let mut each = each.into_iter();
        let first = each.next().unwrap_or(Self::Plain);
        if each.all(|it| it == first) { first } else { Self::Plain }
    }

    /// What a value of the database is.
    pub fn read(self, value: &Value) -> Value {
        self.take(value.clone())
    }

    /// Whether a value of the database is what it is: most are.
    #[inline]
    pub(crate) const fn leaves(self, value: &Value) -> bool {
        matches!(self, Self::Plain) && !matches!(value, Value::Decimal(_))
    }

    /// The same as [`Decoding::read`], of a value that nobody else needs.
    pub(crate) fn take(self, value: Value) -> Value {
        match self {
            // A sum or an average of the database's is a number like any other.
            Self::Plain => match value {
                Value::Decimal(it) => number(&it),
                other => other,
            },
            Self::Boolean => match value {
                Value::Integer(it @ (0 | 1)) => Value::Bool(it == 1),
                other => other,
            },
            Self::Date => match value {
                Value::Text(it) => Value::Date(it),
                other => other,
            },
            Self::Decimal(scale) => decimal(value, scale),
            Self::Json => match value {
                Value::Text(it) => Value::Json(it),
                // The column's affinity makes numbers of documents that are numbers.
                Value::Integer(it) => Value::Json(format_smolstr!("{it}")),
                Value::Float(it) if it.is_finite() => Value::Json(format_smolstr!("{it:?}")),
                other => other,
            },
            Self::JsonPart => match value {
                Value::Text(it) => part(&it),
                other => other,
            },
        }
    }
}

/// A number with so many digits behind its point.
fn decimal(value: Value, scale: Option<u32>) -> Value {
    match value {
        Value::Integer(it) => Value::Decimal(match scale {
            Some(digits) if digits > 0 => format_smolstr!("{it}.{:0>1$}", 0, digits as usize),
            Some(_) | None => format_smolstr!("{it}"),
        }),
        Value::Float(it) if it.is_finite() => Value::Decimal(match scale {
            Some(digits) => format_smolstr!("{it:.*}", digits as usize),
            None => format_smolstr!("{it}"),
        }),
        Value::Text(it) => Value::Decimal(it),
        other => other,
    }
}

/// A number by its digits.
fn number(digits: &SmolStr) -> Value {
    if let Ok(whole) = digits.parse() {
        return Value::Integer(whole);
    }
    digits.parse().map_or_else(|_| Value::Decimal(digits.clone()), Value::Float)
}

/// The value of a part of a document, given as JSON.
fn part(json: &SmolStr) -> Value {
    match json.as_str() {
        "null" => return Value::Null,
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    if let Some(text) = json.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        return unescaped(text)
            .map_or_else(|| Value::Json(json.clone()), |it| Value::Text(it.into()));
    }
    if let Ok(number) = json.parse::<i64>() {
        return Value::Integer(number);
    }
    match json.parse::<f64>() {
        Ok(number) if number.is_finite() => Value::Float(number),
        Ok(_) | Err(_) => Value::Json(json.clone()),
    }
}

/// A JSON text's characters; none where one of them is half a pair.
fn unescaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(it) = letters.next() {
        out.push(if it == '\\' { json_escape(&mut letters)? } else { it });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reading: Decoding, value: &Value, expected: &Value) {
        assert_eq!(reading.read(value), *expected, "{reading:?} {value:?}");
    }

    #[test]
    fn values_become_those_of_their_types() {
        let text = |it: &str| Value::Text(it.into());
        check(Decoding::Boolean, &Value::Integer(1), &Value::Bool(true));
        check(Decoding::Boolean, &Value::Integer(2), &Value::Integer(2));
        check(Decoding::Decimal(Some(2)), &Value::Float(12.3), &Value::Decimal("12.30".into()));
        check(Decoding::Decimal(Some(2)), &Value::Integer(-12), &Value::Decimal("-12.00".into()));
        check(Decoding::Decimal(None), &Value::Float(0.5), &Value::Decimal("0.5".into()));
        check(Decoding::Decimal(Some(0)), &Value::Integer(5), &Value::Decimal("5".into()));
        check(Decoding::Json, &Value::Integer(5), &Value::Json("5".into()));
        check(Decoding::JsonPart, &text("\"a\\n\\ud83d\\ude00\""), &text("a\n😀"));
        check(Decoding::JsonPart, &text("2"), &Value::Integer(2));
        check(Decoding::JsonPart, &text("null"), &Value::Null);
        check(Decoding::JsonPart, &text("[1]"), &Value::Json("[1]".into()));
        check(Decoding::Plain, &Value::Null, &Value::Null);
        check(Decoding::Plain, &Value::Decimal("12".into()), &Value::Integer(12));
        check(Decoding::Plain, &Value::Decimal("44.4000".into()), &Value::Float(44.4));
        check(Decoding::Date, &Value::Null, &Value::Null);
    }
}

//! Values and records as JSON.

use super::{Decoding, Item, Record};
use crate::value::{Value, escape_json, moment, write_json_document, write_json_text};
use std::fmt::Write as _;

/// The largest integer that every reader of JSON takes exactly.
const EXACT: u64 = 1 << 53;

impl Record {
    /// Writes its JSON. Characters that would act on a terminal are escaped in it.
    pub fn write_json(&self, out: &mut String) {
        let from = out.len();
        self.append(out);
        escape_json(out, from);
    }

    fn append(&self, out: &mut String) {
        let mut before = '{';
        for (name, item) in self.members() {
            out.push(before);
            before = ',';
            write_json_text(name, out);
            out.push(':');
            item.append(out);
        }
        if before == '{' {
            out.push('{');
        }
        out.push('}');
    }
}

impl Item {
    /// Writes its JSON, as [`Record::write_json`] does.
    pub fn write_json(&self, out: &mut String) {
        let from = out.len();
        self.append(out);
        escape_json(out, from);
    }

    fn append(&self, out: &mut String) {
        match self {
            Self::Value(it) => write_value(it, out),
            Self::Record(it) => it.append(out),
            Self::List(records) => {
                out.push('[');
                for (place, it) in records.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    it.append(out);
                }
                out.push(']');
            }
        }
    }
}

/// Writes a value's JSON: a DATE as `"2022-01-16T12:00:00.000Z"`, a BLOB as `{"blob":"00ff"}`, a DECIMAL and an integer
/// beyond 2^53 as a text. Texts have no escapes but those that JSON wants, as in a database.
pub fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(it) => out.push_str(if *it { "true" } else { "false" }),
        Value::Integer(it) => {
            let quote = if it.unsigned_abs() > EXACT { "\"" } else { "" };
            out.push_str(quote);
            out.push_str(itoa::Buffer::new().format(*it));
            out.push_str(quote);
        }
        // JSON has no word for infinity.
        Value::Float(it) => {
            let _ = if it.is_finite() { write!(out, "{it:?}") } else { out.write_str("null") };
        }
        Value::Decimal(it) | Value::Text(it) => write_json_text(it, out),
        Value::Date(it) => write_date(it, out),
        Value::Json(it) => write_json_document(it, out),
        Value::Blob(bytes) => {
            out.push_str("{\"blob\":\"");
            for it in bytes {
                let _ = write!(out, "{it:02x}");
            }
            out.push_str("\"}");
        }
    }
}

impl Decoding {
    /// Writes the JSON of what a value of the database is.
    pub fn write_json(self, value: &Value, out: &mut String) {
        match (self, value) {
            (Self::Plain, _) | (_, Value::Null) => write_value(value, out),
            (Self::Date, Value::Text(it)) => write_date(it, out),
            (Self::Json, Value::Text(it)) => write_json_document(it, out),
            (Self::Boolean | Self::Date | Self::Decimal(_) | Self::Json | Self::JsonPart, _) => {
                write_value(&self.read(value), out);
            }
        }
    }
}

/// A moment in ISO form; what is none is written as it is.
fn write_date(stored: &str, out: &mut String) {
    let found = parts(stored).is_none().then(|| moment(stored)).flatten();
    match parts(found.as_deref().unwrap_or(stored)) {
        Some((day, time)) => {
            out.push('"');
            out.push_str(day);
            out.push('T');
            out.push_str(time);
            out.push_str("Z\"");
        }
        None => write_json_text(stored, out),
    }
}

/// Day and time of a moment as it is stored.
fn parts(stored: &str) -> Option<(&str, &str)> {
    let plain = stored.strip_suffix(" +00:00")?;
    let shape = |(place, it): (usize, u8)| match place {
        4 | 7 => it == b'-',
        10 => it == b' ',
        13 | 16 => it == b':',
        19 => it == b'.',
        _ => it.is_ascii_digit(),
    };
    let usual = plain.len() == 23 && plain.bytes().enumerate().all(shape);
    usual.then(|| plain.split_once(' ')).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &Value, expected: &str) {
        let mut out = String::new();
        write_value(value, &mut out);
        assert_eq!(out, expected, "{value:?}");
    }

    #[test]
    fn values_are_written_as_the_contract_says() {
        check(&Value::Integer(1 << 53), "9007199254740992");
        check(&Value::Integer((1 << 53) + 1), "\"9007199254740993\"");
        check(&Value::Integer(i64::MIN), "\"-9223372036854775808\"");
        check(&Value::Float(0.1), "0.1");
        check(&Value::Float(-0.0), "-0.0");
        check(&Value::Float(1e300), "1e300");
        check(&Value::Float(f64::INFINITY), "null");
        check(&Value::Decimal("12.30".into()), "\"12.30\"");
        check(
            &Value::Date("2022-01-16 12:00:00.000 +00:00".into()),
            "\"2022-01-16T12:00:00.000Z\"",
        );
        check(&Value::Date("2022-01-16".into()), "\"2022-01-16T00:00:00.000Z\"");
        check(&Value::Date("2022-01-16 12:00:00".into()), "\"2022-01-16T12:00:00.000Z\"");
        check(&Value::Date("soon".into()), "\"soon\"");
        check(&Value::Blob([0, 255].into()), r#"{"blob":"00ff"}"#);
        check(&Value::Json("{\"a\": [1, null]}".into()), r#"{"a":[1,null]}"#);
    }
}

//! What sentences yield, as people and spreadsheets read it.

use relata::record::{Item, write_value};
use relata::value::Value;
use std::fmt::Write as _;

/// A value as people read it.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Text(it) | Value::Decimal(it) => it.to_string(),
        Value::Blob(bytes) => {
            let mut out = "x\"".to_owned();
            for byte in bytes.iter().take(32) {
                let _ = write!(out, "{byte:02x}");
            }
            out.push_str(if bytes.len() > 32 { "…\"" } else { "\"" });
            out
        }
        Value::Date(_) => {
            let mut out = String::new();
            write_value(value, &mut out);
            out.trim_matches('"').to_owned()
        }
        Value::Float(it) => it.to_string(),
        Value::Integer(it) => it.to_string(),
        Value::Bool(_) | Value::Json(_) => {
            let mut out = String::new();
            write_value(value, &mut out);
            out
        }
    }
}

/// A member of a row, rows as JSON.
fn cell(item: &Item) -> String {
    match item {
        Item::Value(value) => plain(value),
        Item::Record(_) | Item::List(_) => {
            let mut out = String::new();
            item.write_json(&mut out);
            out
        }
    }
}

/// A member of a row as CSV has it: nothing where it is null.
pub(crate) fn field(item: &Item) -> String {
    match item {
        Item::Value(Value::Null) => String::new(),
        Item::Value(Value::Blob(bytes)) => {
            let mut out = String::with_capacity(bytes.len() * 2);
            for byte in bytes {
                let _ = write!(out, "{byte:02x}");
            }
            out
        }
        other => cell(other),
    }
}

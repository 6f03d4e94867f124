//! What sentences yield, as text: JSON lines, tables, CSV.

use relata::diagnostics::Problem;
use relata::record::{Item, Record, write_value};
use relata::run::{Outcome, Yield};
use relata::value::{Value, write_json_text};
use std::fmt::Write as _;

/// `{"line":12,"verb":"findAll","model":"Invoice"`
pub(crate) fn head(outcome: &Outcome) -> String {
    let mut out = format!("{{\"line\":{},\"verb\":", outcome.line);
    write_json_text(&outcome.verb, &mut out);
    if let Some(model) = &outcome.model {
        out.push_str(",\"model\":");
        write_json_text(model, &mut out);
    }
    out
}

/// An outcome as one line of JSON.
pub(crate) fn json(outcome: &Outcome) -> String {
    let mut out = head(outcome);
    out.push(',');
    match &outcome.result {
        Yield::Ddl(statements) => {
            out.push_str("\"sql\":");
            list(statements, &mut out, |it, out| write_json_text(it, out));
        }
        Yield::Failed(problem) => {
            let problem = Problem::from(problem.clone());
            out.push_str("\"error\":{\"code\":");
            write_json_text(&problem.code(), &mut out);
            out.push_str(",\"message\":");
            write_json_text(&problem.to_string(), &mut out);
            out.push('}');
        }
        result => {
            out.push_str("\"value\":");
            write_yield(result, &mut out);
        }
    }
    out.push('}');
    out
}

/// The JSON of what a sentence yielded.
fn write_yield(result: &Yield, out: &mut String) {
    match result {
        Yield::Value(value) => write_value(value, out),
        Yield::Row(Some(row)) => row.write_json(out),
        Yield::Rows(rows) => list(rows, out, Record::write_json),
        Yield::List(values) => list(values, out, write_value),
        Yield::Count(count) => {
            let _ = write!(out, "{count}");
        }
        Yield::Pair(row, made) => {
            out.push('[');
            row.write_json(out);
            let _ = write!(out, ",{made}]");
        }
        Yield::Page(count, rows) => {
            let _ = write!(out, "{{\"count\":{count},\"rows\":");
            list(rows, out, Record::write_json);
            out.push('}');
        }
        _ => out.push_str("null"),
    }
}

fn list<T>(items: &[T], out: &mut String, each: impl Fn(&T, &mut String)) {
    out.push('[');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        each(item, out);
    }
    out.push(']');
}

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

/// A member of a row as people read it, rows as JSON.
pub(crate) fn cell(item: &Item) -> String {
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

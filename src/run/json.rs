//! Outcomes as JSON, one a line.

use super::{Outcome, Yield};
use crate::diagnostics::Problem;
use crate::record::{Record, write_value};
use crate::value::{escape_json, write_json_text};
use std::fmt::Write as _;

impl Outcome {
    /// The beginning of its JSON, without what it yields: `{"line":12,"verb":"findAll","model":"Invoice"`.
    pub fn json_head(&self) -> String {
        let mut out = "{".to_owned();
        if let Some(file) = &self.file {
            out.push_str("\"file\":");
            write_json_text(file, &mut out);
            out.push(',');
        }
        let _ = write!(out, "\"line\":{},\"verb\":", self.line);
        write_json_text(&self.verb, &mut out);
        if let Some(model) = &self.model {
            out.push_str(",\"model\":");
            write_json_text(model, &mut out);
        }
        escape_json(&mut out, 0);
        out
    }

    /// Its JSON: what it yields is under `value`, statements under `sql`, and why it failed under `error`.
    pub fn to_json(&self) -> String {
        let mut out = self.json_head();
        out.push(',');
        match &self.result {
            Yield::Ddl(statements) => {
                out.push_str("\"sql\":");
                list(statements, &mut out, |it, out| write_json_text(it, out));
            }
            Yield::Failed(problem) => {
                let problem = Problem::from(problem.clone());
                out.push_str("\"error\":{\"code\":");
                write_json_text(problem.code(), &mut out);
                out.push_str(",\"message\":");
                write_json_text(&problem.to_string(), &mut out);
                out.push('}');
            }
            result => {
                out.push_str("\"value\":");
                result.write_json(&mut out);
            }
        }
        out.push('}');
        escape_json(&mut out, 0);
        out
    }
}

impl Yield {
    /// Writes the JSON of what a sentence yielded; null for statements and failures.
    fn write_json(&self, out: &mut String) {
        match self {
            Self::Value(value) => write_value(value, out),
            Self::Row(Some(row)) => row.write_json(out),
            Self::Rows(rows) => list(rows, out, Record::write_json),
            Self::List(values) => list(values, out, write_value),
            Self::Count(count) => {
                let _ = write!(out, "{count}");
            }
            Self::Pair(row, made) => {
                out.push('[');
                row.write_json(out);
                let _ = write!(out, ",{made}]");
            }
            Self::Page(count, rows) => {
                let _ = write!(out, "{{\"count\":{count},\"rows\":");
                list(rows, out, Record::write_json);
                out.push('}');
            }
            Self::Row(None) | Self::Ddl(_) | Self::Failed(_) => out.push_str("null"),
        }
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

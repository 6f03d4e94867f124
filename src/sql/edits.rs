//! JSON documents with other values at some places, as expressions.

use super::dialect::{Dialect, DialectKind};
use super::expression::json_place;
use crate::ir::{DataType, Expression, JsonStep, fit, iso};
use crate::value::Value;
use smol_str::SmolStr;

/// A place in a document, and what it gets.
type PlacedValue = (Vec<JsonStep>, Expression);

fn text(text: impl Into<SmolStr>) -> Expression {
    Expression::Literal(Value::Text(text.into()))
}

fn call(name: &str, arguments: Vec<Expression>) -> Expression {
    Expression::Call { name: name.into(), distinct: false, arguments }
}

/// A document with other values at some places.
pub fn with_values_at(
    dialect: &Dialect,
    document: Expression,
    parts: Vec<PlacedValue>,
) -> Expression {
    match dialect.kind {
        DialectKind::Sqlite | DialectKind::Mysql | DialectKind::Mariadb => {
            with_paths(dialect, document, parts)
        }
        DialectKind::Postgres => with_keys(document, parts),
    }
}

/// By paths: `json_set(document, '$.a.b', 1)`.
fn with_paths(dialect: &Dialect, document: Expression, parts: Vec<PlacedValue>) -> Expression {
    let mut arguments = vec![call("coalesce", vec![document, text("{}")])];
    for (path, value) in parts {
        arguments.push(text(json_place(dialect.kind, &path)));
        arguments.push(match value {
            Expression::Literal(Value::Bool(it)) => {
                call("json", vec![text(if it { "true" } else { "false" })])
            }
            Expression::Literal(it @ Value::Json(_)) => call("json", vec![Expression::Literal(it)]),
            Expression::Literal(Value::Date(it)) => text(iso(&it)),
            Expression::List(members) => call("json_array", members),
            other => other,
        });
    }
    call("json_set", arguments)
}

/// By keys: `jsonb_set(document, '{a,b}', '1')`. It makes no object for a key to be in, so each of these is made before.
fn with_keys(document: Expression, parts: Vec<PlacedValue>) -> Expression {
    let base = call("coalesce", vec![jsonb(document), jsonb(text("{}"))]);
    let mut res = base.clone();
    let mut made: Vec<Vec<JsonStep>> = Vec::new();
    for (path, value) in parts {
        for length in 1..path.len() {
            let Some(around) = path.get(..length) else { continue };
            if made.iter().any(|it| it.starts_with(around)) {
                continue;
            }
            let there = extracted(base.clone(), around);
            let there = call("coalesce", vec![there, jsonb(text("{}"))]);
            res = call("jsonb_set", vec![res, text(keys(around)), there]);
            made.push(around.to_vec());
        }
        let value = match value {
            Expression::Literal(value) => match fit(value.clone(), &DataType::Json) {
                Ok(Value::Json(document)) => jsonb(text(document)),
                Ok(Value::Null) | Err(_) if value == Value::Null => jsonb(text("null")),
                Ok(_) | Err(_) => call("to_jsonb", vec![Expression::Literal(value)]),
            },
            Expression::List(members) => call("jsonb_build_array", members),
            // Without a value there would be no document.
            other => call("coalesce", vec![call("to_jsonb", vec![other]), jsonb(text("null"))]),
        };
        res = call("jsonb_set", vec![res, text(keys(&path)), value]);
        made.push(path);
    }
    res
}

fn jsonb(document: Expression) -> Expression {
    Expression::Cast(Box::new(document), DataType::Jsonb)
}

/// What is at a place, as a document.
fn extracted(document: Expression, path: &[JsonStep]) -> Expression {
    let steps = path.iter().map(|it| text(key(it)));
    call("jsonb_extract_path", std::iter::once(document).chain(steps).collect())
}

fn key(step: &JsonStep) -> SmolStr {
    match step {
        JsonStep::Key(key) => key.clone(),
        JsonStep::Index(index) => smol_str::format_smolstr!("{index}"),
    }
}

/// `{"a","b"}`
fn keys(path: &[JsonStep]) -> String {
    let quoted = |it| key(it).replace('\\', "\\\\").replace('"', "\\\"");
    let each: Vec<_> = path.iter().map(|it| format!("\"{}\"", quoted(it))).collect();
    format!("{{{}}}", each.join(","))
}

/// Whether a document has something at a place: [`with_values_at`] passes over what it can't put there.
pub fn has_value_at(dialect: &Dialect, document: Expression, path: &[JsonStep]) -> Expression {
    let there = match dialect.kind {
        DialectKind::Sqlite | DialectKind::Mysql | DialectKind::Mariadb => {
            call("json_type", vec![document, text(json_place(dialect.kind, path))])
        }
        DialectKind::Postgres => extracted(jsonb(document), path),
    };
    Expression::IsNull(Box::new(there), true)
}

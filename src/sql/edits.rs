//! JSON documents with other values at some places, as expressions.

use super::dialect::{Dialect, DialectKind};
use super::expression::{date_form, json_lists, json_place};
use crate::ast::Family;
use crate::ir::{DataType, Decimal, Expression, JsonStep, Operator, fit, iso};
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

/// What is computed for a column, in the form that the column's values have: SQLite's functions write dates in forms of their own, which compare
/// otherwise. What is no date stays what it is.
pub fn in_kept_form(dialect: &Dialect, data_type: &DataType, value: Expression) -> Expression {
    if let (DialectKind::Sqlite, DataType::Decimal(Decimal { scale: Some(scale), .. })) =
        (dialect.kind, data_type)
    {
        return rounded(value, *scale);
    }
    let Some(form) = date_form(dialect.kind, data_type) else {
        return value;
    };
    let is_text = Expression::Binary(
        Operator::Equal,
        Box::new(call("typeof", vec![value.clone()])),
        Box::new(text("text")),
    );
    let kept =
        call("coalesce", vec![call("strftime", vec![text(form), value.clone()]), value.clone()]);
    when(is_text, kept, Some(value))
}

/// A number as a DECIMAL of so many digits behind the point: SQLite stores what it is given, and shows and compares differ then.
fn rounded(value: Expression, scale: u32) -> Expression {
    let digits = Expression::Literal(Value::Integer(scale.into()));
    if matches!(&value, Expression::Binary(operator, ..) if operator.family() == Family::Arithmetic)
    {
        return call("round", vec![value, digits]);
    }
    let is_text = Expression::Binary(
        Operator::Equal,
        Box::new(call("typeof", vec![value.clone()])),
        Box::new(text("text")),
    );
    when(is_text, value.clone(), Some(call("round", vec![value, digits])))
}

/// By paths: `json_set(document, '$.a.b', 1)`.
fn with_paths(dialect: &Dialect, document: Expression, parts: Vec<PlacedValue>) -> Expression {
    let mut base = call("coalesce", vec![document, text("{}")]);
    let mut arguments = Vec::new();
    for (path, value) in parts {
        let lists = lists_hold(dialect, &base, &path);
        if lists.is_some() && !arguments.is_empty() {
            base = json_set(base, std::mem::take(&mut arguments));
        }
        arguments.push(text(json_place(dialect.kind, &path)));
        arguments.push(match value {
            Expression::Literal(Value::Bool(it)) => {
                read(dialect, text(if it { "true" } else { "false" }))
            }
            Expression::Literal(it @ Value::Json(_)) => read(dialect, Expression::Literal(it)),
            Expression::Literal(Value::Date(it)) => text(iso(&it)),
            Expression::List(members) => call("json_array", members),
            other => other,
        });
        // The condition of the document as it is by then.
        if let Some(condition) = lists.and_then(|_| lists_hold(dialect, &base, &path)) {
            let set = json_set(base.clone(), std::mem::take(&mut arguments));
            base = when(condition, set, Some(base));
        }
    }
    if arguments.is_empty() { base } else { json_set(base, arguments) }
}

fn json_set(document: Expression, mut places: Vec<Expression>) -> Expression {
    places.insert(0, document);
    call("json_set", places)
}

fn when(condition: Expression, then: Expression, otherwise: Option<Expression>) -> Expression {
    let otherwise = otherwise.map(Box::new);
    Expression::Case { operand: None, arms: vec![(condition, then)], otherwise }
}

/// Whether there are lists where a path has a place of one; none where that needn't be asked.
fn lists_hold(dialect: &Dialect, document: &Expression, path: &[JsonStep]) -> Option<Expression> {
    match dialect.kind {
        DialectKind::Sqlite | DialectKind::Postgres => None,
        DialectKind::Mysql | DialectKind::Mariadb => {
            let is_list = |place: &[JsonStep]| {
                let place = text(json_place(dialect.kind, place));
                let found = call("json_extract", vec![document.clone(), place]);
                let kind = call("json_type", vec![found]);
                Expression::Binary(Operator::Equal, Box::new(kind), Box::new(text("ARRAY")))
            };
            let all: Vec<_> = json_lists(path).map(is_list).collect();
            (!all.is_empty()).then_some(Expression::And(all))
        }
    }
}

/// What a text has as JSON.
fn read(dialect: &Dialect, json: Expression) -> Expression {
    match dialect.kind {
        DialectKind::Sqlite | DialectKind::Postgres => call("json", vec![json]),
        DialectKind::Mysql | DialectKind::Mariadb => call("json_extract", vec![json, text("$")]),
    }
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
        DialectKind::Sqlite => {
            call("json_type", vec![document, text(json_place(dialect.kind, path))])
        }
        DialectKind::Mysql | DialectKind::Mariadb => {
            let place = text(json_place(dialect.kind, path));
            let lists = lists_hold(dialect, &document, path);
            let found = call("json_extract", vec![document, place]);
            match lists {
                Some(condition) => when(condition, found, None),
                None => found,
            }
        }
        DialectKind::Postgres => extracted(jsonb(document), path),
    };
    Expression::IsNull(Box::new(there), true)
}

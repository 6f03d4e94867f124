//! What databases spell in ways of their own: `||`, patterns and places in JSON documents.

use super::documents::{Documents, data_type};
use super::{Level, Piece, Pieces};
use crate::ast::Operator;
use crate::ir::{DataType, Expression, JsonStep, Quantifier};
use crate::sql::dialect::DialectKind;
use crate::value::Value;
use smol_str::SmolStr;

/// Whether an expression is true or false.
pub(super) fn is_truth(documents: Documents<'_, '_>, expression: &Expression) -> bool {
    match expression {
        Expression::Literal(value) => matches!(value, Value::Bool(_)),
        Expression::Not(_)
        | Expression::And(_)
        | Expression::Or(_)
        | Expression::IsNull(..)
        | Expression::Between { .. }
        | Expression::In { .. } => true,
        Expression::Binary(operator, ..) => operator.is_condition(),
        Expression::Cast(_, data_type) => matches!(data_type, DataType::Boolean),
        Expression::Quantified { quantifier, .. } => *quantifier != Quantifier::Count,
        other => {
            let found = data_type(documents.model, documents.naming, other);
            matches!(found, Some(DataType::Boolean))
        }
    }
}

/// How SQLite's `strftime` spells what it keeps of a type's values; none where it isn't asked.
pub(in crate::sql) const fn date_form(
    kind: DialectKind,
    data_type: &DataType,
) -> Option<&'static str> {
    match (kind, data_type) {
        (DialectKind::Sqlite, DataType::Date(_)) => Some("%Y-%m-%d %H:%M:%f +00:00"),
        (DialectKind::Sqlite, DataType::DateOnly) => Some("%Y-%m-%d"),
        _ => None,
    }
}

/// An expression where nothing beside it says of which type it is: a parameter that is a text says so.
pub(super) fn typed(kind: DialectKind, expression: &Expression, least: Level) -> Piece<'_> {
    match (kind, expression) {
        (
            DialectKind::Postgres,
            Expression::Literal(
                value @ (Value::Null | Value::Text(_) | Value::Date(_) | Value::Json(_)),
            ),
        ) => Piece::Text(value.clone()),
        _ => Piece::Expression(expression, least),
    }
}

/// How an aggregate is said: its name, and what stands around what it is of. To PostgreSQL what is true or false is no number, and what is
/// at a place of a document is a text.
pub(super) fn aggregate_of<'n>(
    documents: Documents<'_, '_>,
    name: &'n str,
    of: &Expression,
) -> (&'n str, &'static str, &'static str) {
    let counts = match documents.kind {
        DialectKind::Sqlite | DialectKind::Mysql | DialectKind::Mariadb => true,
        DialectKind::Postgres => !is_truth(documents, of),
    };
    let is_text = match documents.kind {
        DialectKind::Sqlite | DialectKind::Mysql | DialectKind::Mariadb => false,
        DialectKind::Postgres => matches!(of, Expression::Json(..)),
    };
    match name.to_ascii_lowercase().as_str() {
        "sum" | "avg" if !counts => (name, "CAST(", " AS INTEGER)"),
        "sum" | "avg" if is_text => (name, "CAST(", " AS NUMERIC)"),
        "max" if !counts => ("bool_or", "", ""),
        "min" if !counts => ("bool_and", "", ""),
        _ => (name, "", ""),
    }
}

/// `a || b`: on MySQL a call, of all members of a chain.
pub(super) fn concat<'e>(
    documents: Documents<'_, 'e>,
    left: &'e Expression,
    right: &'e Expression,
    out: &mut Pieces<'e>,
) {
    let mut members = vec![right];
    let mut rest = left;
    while let Expression::Binary(Operator::Concat, left, right) = rest {
        members.push(right);
        rest = left;
    }
    members.push(rest);
    let (open, between, close, least) = match documents.kind {
        DialectKind::Sqlite | DialectKind::Postgres => ("", " || ", "", Level::Negate),
        DialectKind::Mysql | DialectKind::Mariadb => ("CONCAT(", ", ", ")", Level::Whole),
    };
    out.push(Piece::Word(open));
    for (place, it) in members.into_iter().rev().enumerate() {
        if place > 0 {
            out.push(Piece::Word(between));
        }
        out.push(documents.value(it, least));
    }
    out.push(Piece::Word(close));
}

/// `startsWith`, `endsWith`, `contains`: LIKE, with everything that means something in a pattern escaped.
pub(super) fn pattern<'e>(
    documents: Documents<'_, 'e>,
    left: &'e Expression,
    right: &'e Expression,
    (before, behind): (bool, bool),
    out: &mut Pieces<'e>,
) {
    let kind = documents.kind;
    out.push(documents.text(left, Level::Add));
    out.push(Piece::Word(" LIKE "));
    let open = if before { "%" } else { "" };
    let close = if behind { "%" } else { "" };
    let literal = if let Expression::Literal(Value::Text(it) | Value::Decimal(it)) = right {
        Some(it.clone())
    } else if let Expression::Literal(Value::Integer(it)) = right {
        Some(smol_str::format_smolstr!("{it}"))
    } else {
        None
    };
    if let Some(text) = literal {
        let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = SmolStr::from(format!("{open}{escaped}{close}"));
        out.push(Piece::Value(Value::Text(pattern)));
    } else {
        let (start, plus, end) = match kind {
            DialectKind::Sqlite | DialectKind::Postgres => ("", " || ", ""),
            DialectKind::Mysql | DialectKind::Mariadb => ("CONCAT(", ", ", ")"),
        };
        out.push(Piece::Word(start));
        if before {
            out.push(Piece::Word("'%'"));
            out.push(Piece::Word(plus));
        }
        out.push(Piece::Word("replace(replace(replace("));
        out.push(documents.text(right, Level::Whole));
        for (what, with) in [("\\", "\\\\"), ("%", "\\%"), ("_", "\\_")] {
            out.push(Piece::Word(", "));
            out.push(Piece::Literal(Value::Text(what.into())));
            out.push(Piece::Word(", "));
            out.push(Piece::Literal(Value::Text(with.into())));
            out.push(Piece::Word(")"));
        }
        if behind {
            out.push(Piece::Word(plus));
            out.push(Piece::Word("'%'"));
        }
        out.push(Piece::Word(end));
    }
    out.push(Piece::Word(" ESCAPE "));
    out.push(Piece::Literal(Value::Text("\\".into())));
}

/// A place in a JSON document, as a plain value.
pub(super) fn json<'e>(
    kind: DialectKind,
    base: &'e Expression,
    steps: &[JsonStep],
    out: &mut Pieces<'e>,
) {
    match kind {
        DialectKind::Sqlite => {
            out.push(Piece::Word("json_extract("));
            at(kind, base, steps, out);
            out.push(Piece::Word(")"));
        }
        DialectKind::Mysql | DialectKind::Mariadb => {
            // A null of a document is none of SQL's there.
            out.push(Piece::Word("CASE WHEN json_type(json_extract("));
            at(kind, base, steps, out);
            out.push(Piece::Word(")) = 'NULL'"));
            for list in lists(steps) {
                out.push(Piece::Word(" OR json_type(json_extract("));
                at(kind, base, list, out);
                out.push(Piece::Word(")) <> 'ARRAY'"));
            }
            out.push(Piece::Word(" THEN NULL WHEN json_type(json_extract("));
            at(kind, base, steps, out);
            // True and false are 1 and 0, and their words are texts.
            out.push(Piece::Word(")) = 'BOOLEAN' THEN json_unquote(json_extract("));
            at(kind, base, steps, out);
            out.push(Piece::Word(")) = 'true' ELSE json_unquote(json_extract("));
            at(kind, base, steps, out);
            out.push(Piece::Word(")) END"));
        }
        DialectKind::Postgres => {
            out.push(Piece::Word("("));
            out.push(Piece::Expression(base, Level::Atom));
            for (place, step) in steps.iter().enumerate() {
                let last = place + 1 == steps.len();
                out.push(Piece::Word(if last { " ->> " } else { " -> " }));
                out.push(Piece::Literal(step_value(step)));
            }
            out.push(Piece::Word(")"));
        }
    }
}

/// What a server calls the kind of what is at a place: `STRING`, to PostgreSQL `string`.
pub(super) fn kind_of_place<'e>(
    kind: DialectKind,
    base: &'e Expression,
    steps: &[JsonStep],
    out: &mut Pieces<'e>,
) {
    match kind {
        DialectKind::Sqlite | DialectKind::Mysql | DialectKind::Mariadb => {
            out.push(Piece::Word("json_type(json_extract("));
            at(kind, base, steps, out);
            out.push(Piece::Word("))"));
        }
        DialectKind::Postgres => {
            out.push(Piece::Word("upper(jsonb_typeof(CAST("));
            out.push(Piece::Expression(base, Level::Atom));
            for step in steps {
                out.push(Piece::Word(" -> "));
                out.push(Piece::Literal(step_value(step)));
            }
            out.push(Piece::Word(" AS JSONB)))"));
        }
    }
}

/// A step as PostgreSQL's operators take it.
fn step_value(step: &JsonStep) -> Value {
    match step {
        JsonStep::Key(key) => Value::Text(key.clone()),
        JsonStep::Index(index) => Value::Integer(*index),
    }
}

/// A document, and a place in it.
fn at<'e>(kind: DialectKind, base: &'e Expression, steps: &[JsonStep], out: &mut Pieces<'e>) {
    out.push(Piece::Expression(base, Level::Whole));
    out.push(Piece::Word(", "));
    out.push(Piece::Literal(Value::Text(path(kind, steps))));
}

/// The places that have to be lists, for a path to lead anywhere: to MySQL and MariaDB anything else is the only member of a list.
pub(in crate::sql) fn lists(steps: &[JsonStep]) -> impl Iterator<Item = &[JsonStep]> {
    let places = steps.iter().enumerate();
    let indexes = places.filter(|(_, it)| matches!(it, JsonStep::Index(_)));
    indexes.filter_map(|(place, _)| steps.get(..place))
}

/// `$.a."b c"[0]`
pub(in crate::sql) fn path(kind: DialectKind, steps: &[JsonStep]) -> SmolStr {
    use std::fmt::Write as _;
    let mut path = String::from("$");
    for step in steps {
        match step {
            JsonStep::Key(key) => {
                let plain = key.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
                    && key.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
                path.push('.');
                if plain {
                    path.push_str(key);
                } else {
                    let escaped = key.replace('\\', "\\\\").replace('"', "\\\"");
                    let _ = write!(path, "\"{escaped}\"");
                }
            }
            JsonStep::Index(index) if *index >= 0 => {
                let _ = write!(path, "[{index}]");
            }
            JsonStep::Index(index) => {
                let _ = match kind {
                    DialectKind::Sqlite => write!(path, "[#{index}]"),
                    DialectKind::Mysql if *index == -1 => write!(path, "[last]"),
                    DialectKind::Mysql => write!(path, "[last-{}]", index.unsigned_abs() - 1),
                    DialectKind::Mariadb | DialectKind::Postgres => write!(path, "[{index}]"),
                };
            }
        }
    }
    path.into()
}

/// `a, b`
pub(super) fn commas<'e>(
    documents: Documents<'_, 'e>,
    members: &'e [Expression],
    out: &mut Pieces<'e>,
) {
    between(members.iter().map(|it| documents.value(it, Level::Whole)), ", ", out);
}

/// Pieces with a word between them.
pub(super) fn between<'e>(
    members: impl Iterator<Item = Piece<'e>>,
    word: &'static str,
    out: &mut Pieces<'e>,
) {
    for (place, it) in members.enumerate() {
        if place > 0 {
            out.push(Piece::Word(word));
        }
        out.push(it);
    }
}

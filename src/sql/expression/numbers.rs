//! What databases that ask each value for its type make of numbers: which may have a fraction, and what is none beside one.

use super::documents::{Documents, Way, data_type};
use super::spelling::kind_of_place;
use super::{Level, Piece, Pieces};
use crate::ast::{Family, Operator};
use crate::ir::{AggregateFunction, Contents, DataType, Expression};
use crate::sql::dialect::DialectKind;
use crate::value::Value;

/// The numbers that a function hands on, or adds up; none where it makes others.
pub(super) fn handed_on<'x>(name: &str, arguments: &'x [Expression]) -> Option<&'x [Expression]> {
    match name.to_ascii_lowercase().as_str() {
        "sum" | "min" | "max" | "abs" | "coalesce" | "ifnull" | "nullif" => Some(arguments),
        // The first is the condition.
        "iif" | "if" => arguments.get(1..),
        _ => None,
    }
}

/// Whether a number with a fraction may be among those of which an expression is made, and SQLite doesn't know by the value: one of a
/// DECIMAL, which it keeps as an integer where it has none, or of one of several alternatives. Of one of very many parts it isn't asked.
pub(super) fn may_have_fraction(documents: Documents<'_, '_>, expression: &Expression) -> bool {
    let mut rest = vec![(Way::at(documents), expression, false)];
    for _ in 0..256 {
        let Some((way, it, is_one_of)) = rest.pop() else {
            return false;
        };
        let (inner, is_one_of): (Vec<&Expression>, bool) = match it {
            Expression::Binary(operator, left, right)
                if operator.family() == Family::Arithmetic =>
            {
                (vec![left, right], is_one_of)
            }
            Expression::Negate(inner) => (vec![inner], is_one_of),
            Expression::Case { arms, otherwise, .. } => {
                (arms.iter().map(|(_, then)| then).chain(otherwise.as_deref()).collect(), true)
            }
            Expression::Call { name, arguments, .. } => {
                let numbers = handed_on(name, arguments).unwrap_or_default();
                (numbers.iter().collect(), is_one_of || numbers.len() > 1)
            }
            Expression::AggregateOf { function, path, of: Some(of), .. }
                if *function != AggregateFunction::Count =>
            {
                if let Some(row) = documents.row() {
                    rest.push((way.along(row.schema(), path), of, is_one_of));
                }
                (Vec::new(), is_one_of)
            }
            Expression::Around(back, of) if way.is_begun() => {
                if let Some(way) = way.back(*back) {
                    rest.push((way, of, is_one_of));
                }
                (Vec::new(), is_one_of)
            }
            Expression::Alias(name) => {
                let given = documents.row().and_then(|it| it.given(name));
                (given.into_iter().collect(), is_one_of)
            }
            Expression::Cast(_, data_type) if has_fraction(data_type, is_one_of) => return true,
            Expression::Literal(Value::Decimal(_) | Value::Float(_)) if is_one_of => return true,
            other => {
                let found = way.data_type(documents.naming, other);
                if found.is_some_and(|it| has_fraction(it, is_one_of)) {
                    return true;
                }
                (Vec::new(), is_one_of)
            }
        };
        rest.extend(inner.into_iter().map(|it| (way.clone(), it, is_one_of)));
    }
    false
}

/// Whether a type's numbers have a fraction; one that SQLite keeps as such counts only beside alternatives.
const fn has_fraction(data_type: &DataType, is_one_of: bool) -> bool {
    match data_type {
        DataType::Decimal(_) => true,
        _ => is_one_of && matches!(data_type.holds(), Contents::Number),
    }
}

/// Whether an expression is known to be an integer. One of very many parts is not known.
pub(super) fn is_whole(documents: Documents<'_, '_>, expression: &Expression) -> bool {
    let mut rest = vec![(Way::at(documents), expression)];
    for _ in 0..256 {
        let Some((way, it)) = rest.pop() else {
            return true;
        };
        let inner: Vec<&Expression> = match it {
            Expression::Binary(operator, left, right)
                if operator.family() == Family::Arithmetic =>
            {
                vec![left, right]
            }
            Expression::Negate(inner) => vec![inner],
            Expression::Case { arms, otherwise, .. } => {
                arms.iter().map(|(_, then)| then).chain(otherwise.as_deref()).collect()
            }
            Expression::AggregateOf { function, path, of, .. } => match (function, of) {
                (AggregateFunction::Count, _) => Vec::new(),
                (AggregateFunction::Avg, _) | (_, None) => return false,
                (
                    AggregateFunction::Sum | AggregateFunction::Min | AggregateFunction::Max,
                    Some(of),
                ) => {
                    let Some(row) = documents.row() else { return false };
                    rest.push((way.along(row.schema(), path), of));
                    continue;
                }
            },
            Expression::Call { name, arguments, .. } => match handed_on(name, arguments) {
                Some(numbers) => numbers.iter().collect(),
                None if ["count", "length"].iter().any(|it| name.eq_ignore_ascii_case(it)) => {
                    Vec::new()
                }
                None => return false,
            },
            other => {
                let whole = |it: &DataType| matches!(it, DataType::Integer(_) | DataType::Boolean);
                let known = if let Some(data_type) = way.data_type(documents.naming, other) {
                    whole(data_type)
                } else if let Expression::Cast(_, data_type) = other {
                    whole(data_type)
                } else {
                    matches!(other, Expression::Literal(Value::Integer(_) | Value::Bool(_)))
                };
                if !known {
                    return false;
                }
                Vec::new()
            }
        };
        rest.extend(inner.into_iter().map(|it| (way.clone(), it)));
    }
    false
}

/// A place in a document that is compared with a number or a text as to which is more: to SQLite each text is more than any number, to MySQL
/// one is 0, and PostgreSQL refuses the query, so that what is of the other kind there is no answer. None where it is something else.
pub(super) fn beside_other<'e>(
    documents: Documents<'_, 'e>,
    place: &'e Expression,
    other: &Expression,
    out: &mut Pieces<'e>,
) -> Option<()> {
    let Expression::Json(base, steps) = place else { return None };
    let is_number = is_number(documents, other);
    if !is_number && !is_text(documents, other) {
        return None;
    }
    match documents.kind {
        DialectKind::Sqlite => {
            out.push(Piece::Word("CASE WHEN typeof("));
            out.push(Piece::Expression(place, Level::Whole));
            out.push(Piece::Word(if is_number { ") <> 'text' THEN " } else { ") = 'text' THEN " }));
        }
        DialectKind::Mysql | DialectKind::Mariadb => {
            out.push(Piece::Word("CASE WHEN "));
            kind_of_place(documents.kind, base, steps, out);
            out.push(Piece::Word(if is_number { " NOT" } else { "" }));
            out.push(Piece::Word(" IN ('STRING', 'ARRAY', 'OBJECT') THEN "));
        }
        DialectKind::Postgres => {
            out.push(Piece::Word("CASE WHEN "));
            kind_of_place(documents.kind, base, steps, out);
            if is_number {
                // Its places are texts.
                out.push(Piece::Word(" = 'NUMBER' THEN CAST("));
                out.push(Piece::Expression(place, Level::Whole));
                out.push(Piece::Word(" AS NUMERIC) END"));
                return Some(());
            }
            out.push(Piece::Word(" IN ('STRING', 'ARRAY', 'OBJECT') THEN "));
        }
    }
    out.push(Piece::Expression(place, Level::Or));
    out.push(Piece::Word(" END"));
    Some(())
}

/// The same where it is asked whether both are equal: what is no number there is another value. PostgreSQL alone refuses such a query.
pub(super) fn equal_to_number<'e>(
    documents: Documents<'_, 'e>,
    place: &'e Expression,
    other: &Expression,
    out: &mut Pieces<'e>,
) -> Option<()> {
    match documents.kind {
        DialectKind::Postgres => {}
        DialectKind::Sqlite | DialectKind::Mysql | DialectKind::Mariadb => return None,
    }
    let Expression::Json(base, steps) = place else { return None };
    if !is_number(documents, other) {
        return None;
    }
    out.push(Piece::Word("CASE WHEN "));
    kind_of_place(documents.kind, base, steps, out);
    out.push(Piece::Word(" = 'NUMBER' THEN CAST("));
    out.push(Piece::Expression(place, Level::Whole));
    // It is equal to no number.
    out.push(Piece::Word(" AS NUMERIC) WHEN "));
    out.push(Piece::Expression(place, Level::Add));
    out.push(Piece::Word(" IS NOT NULL THEN CAST('NaN' AS NUMERIC) END"));
    Some(())
}

/// Whether an expression is known to be a number.
fn is_number(documents: Documents<'_, '_>, expression: &Expression) -> bool {
    match expression {
        Expression::Literal(value) => {
            matches!(value, Value::Integer(_) | Value::Float(_) | Value::Decimal(_))
        }
        Expression::Negate(_) => true,
        Expression::Binary(operator, ..) => operator.family() == Family::Arithmetic,
        Expression::AggregateOf { function, .. } => match function {
            AggregateFunction::Count | AggregateFunction::Sum | AggregateFunction::Avg => true,
            AggregateFunction::Min | AggregateFunction::Max => false,
        },
        other => {
            let found = data_type(documents.model, documents.naming, other);
            found.is_some_and(|it| matches!(it.holds(), Contents::Integer | Contents::Number))
        }
    }
}

/// Whether an expression is known to be a text.
fn is_text(documents: Documents<'_, '_>, expression: &Expression) -> bool {
    match expression {
        Expression::Literal(value) => matches!(value, Value::Text(_) | Value::Date(_)),
        Expression::Binary(Operator::Concat, ..) => true,
        other => {
            let found = data_type(documents.model, documents.naming, other);
            found.is_some_and(|it| match it.holds() {
                Contents::Text
                | Contents::Time
                | Contents::Uuid
                | Contents::Member
                | Contents::Moment
                | Contents::Day => true,
                Contents::Integer
                | Contents::Number
                | Contents::Truth
                | Contents::Bytes
                | Contents::Json
                | Contents::Nothing
                | Contents::Anything => false,
            })
        }
    }
}

/// Whether an operator asks which of two is more.
pub(super) const fn asks_for_more(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual
    )
}

//! What the database computes for a column of dates. SQLite keeps these as texts, which compare rightly in one form alone.

use super::dialect::DialectKind;
use super::expression::{date_form, is_now};
use super::writer::Writer;
use crate::ir::{Attribute, DataType, Expression, Model, fit};
use crate::value::Value;

/// What is computed for a column, in the form in which its values are kept. What raw SQL says stays as it is.
pub(super) fn computed(
    writer: &mut Writer<'_>,
    model: &Model,
    attribute: &Attribute,
    expression: &Expression,
) {
    let kind = writer.dialect.kind;
    if let (DialectKind::Sqlite, DataType::Time) = (kind, &attribute.data_type)
        && is_now(expression)
    {
        writer.push("strftime('%H:%M:%S', 'now')");
        return;
    }
    match date_form(kind, &attribute.data_type) {
        Some(form)
            if !matches!(expression, Expression::Sql(_))
                && !is_kept(model, expression, &attribute.data_type, form) =>
        {
            let kept = Expression::Cast(Box::new(expression.clone()), attribute.data_type.clone());
            writer.expression(model, &kept);
        }
        Some(_) | None => {
            writer.expression(model, expression);
        }
    }
}

/// Whether what an expression yields has that form already.
fn is_kept(model: &Model, expression: &Expression, to: &DataType, form: &str) -> bool {
    let all = |it: &Expression| is_kept(model, it, to, form);
    let is_day = matches!(to, DataType::DateOnly);
    match expression {
        Expression::Literal(Value::Null) => true,
        Expression::Literal(Value::Date(_)) => !is_day,
        Expression::Literal(value @ Value::Text(_)) => {
            is_day && fit(value.clone(), to).is_ok_and(|it| it == *value)
        }
        Expression::Attribute(id) => same(&model.attribute(*id).data_type, to),
        Expression::Cast(_, other) => same(other, to),
        Expression::Call { name, arguments, .. } => {
            let is = |word: &str| name.eq_ignore_ascii_case(word);
            match arguments.as_slice() {
                [] => is("now") && !is_day,
                [_] if is_day && is("date") => true,
                [Expression::Literal(Value::Text(text)), ..] if is("strftime") => text == form,
                [first, ..] if is("nullif") => all(first),
                parts if ["min", "max", "coalesce", "ifnull"].iter().any(|it| is(it)) => {
                    parts.iter().all(all)
                }
                _ => false,
            }
        }
        Expression::Case { arms, otherwise, .. } => {
            arms.iter().map(|(_, it)| it).chain(otherwise.as_deref()).all(all)
        }
        _ => false,
    }
}

/// Whether two types keep their dates alike.
const fn same(one: &DataType, other: &DataType) -> bool {
    matches!(
        (one, other),
        (DataType::Date(_), DataType::Date(_)) | (DataType::DateOnly, DataType::DateOnly)
    )
}

//! What is known of an expression's values before a row is read: the kind of each operand, as far as names, literals,
//! operators and well-known functions tell it.
//!
//! Invariant: nothing is reported here. What isn't known has no kind, and fits everything.

use super::Context;
use super::bindings::{Holds, Known};
use super::scope::{Kind, Place, Scope, Sort};
use crate::ast;
use crate::ast::{Family, Operator};
use crate::ir::DataType;

/// A literal, brackets and signs left out.
pub(super) fn literal(value: &ast::Value) -> Option<&ast::Value> {
    match &value.kind {
        ast::ValueKind::Null
        | ast::ValueKind::Bool(_)
        | ast::ValueKind::Integer(_)
        | ast::ValueKind::Decimal(_)
        | ast::ValueKind::Text(_)
        | ast::ValueKind::Blob(_) => Some(value),
        ast::ValueKind::Group(members) => match members.as_slice() {
            [one] => literal(one),
            _ => None,
        },
        _ => None,
    }
}

/// What stands in round brackets, or where there are none.
pub(super) fn inner(value: &ast::Value) -> &ast::Value {
    let mut value = value;
    while let ast::ValueKind::Group(members) = &value.kind
        && let [one] = members.as_slice()
    {
        value = one;
    }
    value
}

/// What is known of the values of an expression.
pub(super) fn kind_of<'a>(
    context: &mut Context<'a>,
    value: &'a ast::Value,
    scope: &Scope,
) -> Option<Kind> {
    Some(match &value.kind {
        ast::ValueKind::Text(_) => Kind::plain(Sort::Text),
        ast::ValueKind::Integer(_) | ast::ValueKind::Decimal(_) | ast::ValueKind::Negate(_) => {
            Kind::plain(Sort::Number)
        }
        ast::ValueKind::Blob(_) => Kind::plain(Sort::Bytes),
        ast::ValueKind::Bool(_)
        | ast::ValueKind::Not(_)
        | ast::ValueKind::And(_)
        | ast::ValueKind::Or(_)
        | ast::ValueKind::IsNull(_)
        | ast::ValueKind::Between(_)
        | ast::ValueKind::In(_)
        | ast::ValueKind::Quantified(_) => Kind::plain(Sort::Truth),
        ast::ValueKind::Binary(it) => Kind::plain(result_of(it.operator)),
        ast::ValueKind::Name(word) => return kind_of_name(context, word, scope),
        ast::ValueKind::Path(path) => return kind_of_path(context, path, scope),
        ast::ValueKind::Call(call) => return kind_of_call(context, call, scope),
        ast::ValueKind::Group(members) => match members.as_slice() {
            [one] => return kind_of(context, one, scope),
            _ => return None,
        },
        // Of its members: a list is something only behind `in`.
        ast::ValueKind::List(members) => return kind_in_common(context, members.iter(), scope),
        ast::ValueKind::Case(it) => {
            let results = it.arms.iter().map(|(_, then)| then);
            return kind_in_common(context, results.chain(&it.otherwise), scope);
        }
        ast::ValueKind::Cast(it) => {
            let told = context.problems.len();
            let data_type = context.data_type(&it.data_type);
            context.problems.truncate(told);
            return Kind::of(&data_type?);
        }
        ast::ValueKind::Null
        | ast::ValueKind::Sql(_)
        | ast::ValueKind::Object(_)
        | ast::ValueKind::Phrase(_)
        | ast::ValueKind::Star => return None,
    })
}

/// Of alternatives; those that are null are no matter.
fn kind_in_common<'a>(
    context: &mut Context<'a>,
    values: impl Iterator<Item = &'a ast::Value>,
    scope: &Scope,
) -> Option<Kind> {
    let mut common: Option<Kind> = None;
    for value in values.filter(|it| !matches!(it.kind, ast::ValueKind::Null)) {
        let kind = kind_of(context, value, scope)?;
        common = Some(match common {
            Some(before) => before.common(&kind)?,
            None => kind,
        });
    }
    common
}

fn kind_of_name(context: &Context<'_>, word: &ast::Word, scope: &Scope) -> Option<Kind> {
    let variable = || kind_of_variable(context, &word.text, &[]);
    let Some(model) = scope.model else {
        return variable();
    };
    // `using` reads the row as it was, and the change may be one of types.
    if scope.place == Place::Using {
        return None;
    }
    if let Some(data_type) = type_of_attribute(context, model, &word.text) {
        return Kind::of(data_type);
    }
    if let Some((_, kind)) = scope.aliases.iter().find(|(it, _)| *it == word.text) {
        return kind.clone();
    }
    match context.association_named(model, &word.text) {
        Some(id) => {
            let association = context.schema.associations.get(id.0 as usize)?;
            let own = &context.draft(model).model;
            (association.kind == crate::ir::AssociationKind::BelongsTo)
                .then(|| Kind::of(&own.attribute(association.foreign_key).data_type))?
        }
        None if scope.place.is_schema() => None,
        None => variable(),
    }
}

/// The type of a model's attribute.
pub(super) fn type_of_attribute<'c>(
    context: &'c Context<'_>,
    model: usize,
    name: &str,
) -> Option<&'c DataType> {
    let model = &context.draft(model).model;
    let id = model.attribute_named(name)?;
    Some(&model.attribute(id).data_type)
}

fn kind_of_path(context: &Context<'_>, path: &ast::Path, scope: &Scope) -> Option<Kind> {
    let variable = || kind_of_variable(context, &path.head.text, &path.tail);
    let Some(mut model) = scope.model else {
        return variable();
    };
    let (mut name, mut rest) = (&path.head.text, path.tail.as_slice());
    loop {
        if scope.place == Place::Using {
            return None;
        }
        if let Some(data_type) = type_of_attribute(context, model, name) {
            // What lies within a document may be anything.
            return Kind::of(data_type).filter(|_| rest.is_empty());
        }
        let Some(id) = context.association_named(model, name) else {
            let own = *name == path.head.text && !scope.place.is_schema();
            return own.then(variable)?;
        };
        model = context.schema.associations.get(id.0 as usize)?.target.0 as usize;
        let Some((ast::Step::Name(next), more)) = rest.split_first() else {
            return None;
        };
        (name, rest) = (&next.text, more);
    }
}

/// A variable's, or that of what a path from it leads to.
pub(super) fn kind_of_variable(
    context: &Context<'_>,
    name: &str,
    steps: &[ast::Step],
) -> Option<Kind> {
    let mut holds = context.holds(name)?;
    for step in steps {
        holds = match (step, holds) {
            (ast::Step::Index(..), Holds::Rows(known)) => Holds::Row(known),
            (ast::Step::Name(word), Holds::Row(Known { model, .. })) => {
                if let Some(data_type) = type_of_attribute(context, model, &word.text) {
                    Holds::Value(Kind::of(data_type))
                } else {
                    let id = context.association_named(model, &word.text)?;
                    let association = context.schema.associations.get(id.0 as usize)?;
                    let target = association.target.0 as usize;
                    if association.is_to_many() {
                        Holds::Rows(Known::whole(target))
                    } else {
                        Holds::Row(Known::whole(target))
                    }
                }
            }
            _ => return None,
        };
    }
    match holds {
        Holds::Value(kind) => kind,
        Holds::Row(..) | Holds::Rows(_) => None,
    }
}

fn kind_of_call<'a>(context: &mut Context<'a>, call: &'a ast::Call, scope: &Scope) -> Option<Kind> {
    let arguments = call.arguments.as_slice();
    Some(match call.name.text.to_ascii_lowercase().as_str() {
        "now" if arguments.is_empty() => return Kind::of(&DataType::Date(None)),
        "uuid" | "lower" | "upper" | "trim" | "ltrim" | "rtrim" | "substr" | "substring"
        | "replace" | "hex" | "group_concat" | "string_agg" | "char" | "printf" | "format"
        | "typeof" | "quote" | "date" | "time" | "datetime" | "strftime" | "concat" => {
            Kind::plain(Sort::Text)
        }
        "count" | "sum" | "avg" | "total" | "abs" | "round" | "length" | "instr" | "unicode"
        | "random" | "sign" | "julianday" | "unixepoch" | "octet_length" | "ceil" | "ceiling"
        | "floor" | "sqrt" | "power" | "pow" => Kind::plain(Sort::Number),
        "min" | "max" | "coalesce" | "ifnull" => {
            return kind_in_common(context, arguments.iter(), scope);
        }
        "nullif" => return kind_of(context, arguments.first()?, scope),
        "iif" | "if" => return kind_in_common(context, arguments.iter().skip(1), scope),
        _ => return None,
    })
}

/// What an operator makes.
const fn result_of(operator: Operator) -> Sort {
    match operator.family() {
        Family::Comparison | Family::Pattern => Sort::Truth,
        Family::Arithmetic => Sort::Number,
        Family::Concatenation => Sort::Text,
    }
}

//! What is known of an expression's values before a row is read: the kind of each operand, as far as names, literals,
//! operators and well-known functions tell it.
//!
//! Invariant: nothing is reported here. What isn't known has no kind, and fits everything.

use super::Context;
use super::bindings::{RowType, VariableType};
use super::scope::{ExpressionPlace, ExpressionScope, LinkScope, Sort, ValueType};
use crate::ast;
use crate::ast::{Family, Operator};
use crate::ir::DataType;
use crate::value::moment;

/// A literal, brackets and signs left out.
pub(super) fn literal(value: &ast::ValueNode) -> Option<&ast::ValueNode> {
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
pub(super) fn inner(value: &ast::ValueNode) -> &ast::ValueNode {
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
    value: &'a ast::ValueNode,
    scope: &ExpressionScope,
) -> Option<ValueType> {
    Some(match &value.kind {
        ast::ValueKind::Text(_) => ValueType::plain(Sort::Text),
        ast::ValueKind::Integer(_) | ast::ValueKind::Decimal(_) | ast::ValueKind::Negate(_) => {
            ValueType::plain(Sort::Number)
        }
        ast::ValueKind::Blob(_) => ValueType::plain(Sort::Bytes),
        ast::ValueKind::Bool(_)
        | ast::ValueKind::Not(_)
        | ast::ValueKind::And(_)
        | ast::ValueKind::Or(_)
        | ast::ValueKind::IsNull(_)
        | ast::ValueKind::Between(_)
        | ast::ValueKind::In(_) => ValueType::plain(Sort::Truth),
        ast::ValueKind::Quantified(it) => ValueType::plain(match it.quantifier {
            ast::Quantifier::Any | ast::Quantifier::All | ast::Quantifier::None => Sort::Truth,
            ast::Quantifier::Count => Sort::Number,
        }),
        ast::ValueKind::Binary(it) => ValueType::plain(result_of(it.operator)),
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
            return ValueType::of(&data_type?);
        }
        ast::ValueKind::Null
        | ast::ValueKind::Sql(_)
        | ast::ValueKind::Object(_)
        | ast::ValueKind::Phrase(_)
        | ast::ValueKind::Star => return None,
    })
}

/// Functions whose texts are dates, and those that hand on what they are given.
const OF_DATES: [&str; 9] =
    ["date", "datetime", "coalesce", "ifnull", "nullif", "min", "max", "iif", "if"];

/// Whether a text that is no literal is read as a date where it stands beside one.
pub(super) fn may_be_date(value: &ast::ValueNode) -> bool {
    match &inner(value).kind {
        ast::ValueKind::Call(call) => {
            OF_DATES.iter().any(|it| call.name.text.eq_ignore_ascii_case(it))
        }
        _ => true,
    }
}

/// Whether a name is the model's own, rather than a variable's.
pub(super) fn is_of_row(context: &Context<'_>, name: &str, scope: &ExpressionScope) -> bool {
    scope.model.is_some_and(|model| {
        super::attribute_named(context, model, name).is_some()
            || context.association_named(model, name).is_some()
    })
}

/// Whether a name, or what a path begins with, is a variable's.
fn is_variable(context: &Context<'_>, value: &ast::ValueNode, scope: &ExpressionScope) -> bool {
    let name = match &inner(value).kind {
        ast::ValueKind::Name(word) => &word.text,
        ast::ValueKind::Path(path) => &path.head.text,
        _ => return false,
    };
    !is_of_row(context, name, scope)
        && scope.aliases.iter().all(|(it, _)| it != name)
        && context.variable_type(name).is_some()
}

/// Whether a literal is a text that says a moment.
fn is_written_moment(value: &ast::ValueNode) -> bool {
    matches!(&value.kind, ast::ValueKind::Text(text) if moment(text).is_some())
}

/// Of alternatives; those that are null are no matter.
fn kind_in_common<'a>(
    context: &mut Context<'a>,
    values: impl Iterator<Item = &'a ast::ValueNode>,
    scope: &ExpressionScope,
) -> Option<ValueType> {
    let values = values.filter(|it| !matches!(it.kind, ast::ValueKind::Null));
    let mut kinds = Vec::new();
    for value in values {
        match kind_of(context, value, scope) {
            Some(it) => kinds.push((value, it)),
            // What a program gives is read as the others are.
            None if is_variable(context, value, scope) => {}
            None => return None,
        }
    }
    if kinds.iter().any(|(_, it)| it.sort == Sort::Moment) {
        // Texts that are dates are read as such beside one.
        let is_moment = |(value, kind): &(&ast::ValueNode, ValueType)| match kind.sort {
            Sort::Moment | Sort::Day => true,
            Sort::Text => match literal(value) {
                Some(literal) => is_written_moment(literal),
                None => may_be_date(value),
            },
            Sort::Number | Sort::Truth | Sort::Bytes => false,
        };
        return kinds.iter().all(is_moment).then(|| ValueType::of(&DataType::Date(None)))?;
    }
    let mut kinds = kinds.into_iter().map(|(_, it)| it);
    let first = kinds.next()?;
    kinds.try_fold(first, |before, it| before.common(&it))
}

fn kind_of_name(
    context: &Context<'_>,
    word: &ast::Word,
    scope: &ExpressionScope,
) -> Option<ValueType> {
    let variable = || kind_of_variable(context, &word.text, &[]);
    let Some(model) = scope.model else {
        return variable();
    };
    // `using` reads the row as it was, and the change may be one of types.
    if scope.place == ExpressionPlace::Using {
        return None;
    }
    if let Some(data_type) = type_of_attribute(context, model, &word.text) {
        return ValueType::of(data_type);
    }
    if let Some((_, kind)) = scope.aliases.iter().find(|(it, _)| *it == word.text) {
        return kind.clone();
    }
    match context.association_named(model, &word.text) {
        Some(id) => {
            let association = context.schema.associations.get(id.0 as usize)?;
            let own = context.model(model);
            let belongs = association.kind == crate::ir::AssociationKind::BelongsTo;
            let key = association.single_key().filter(|_| belongs)?;
            ValueType::of(&own.attribute(key.attribute).data_type)
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
    let id = super::attribute_named(context, model, name)?;
    Some(&context.model(model).attribute(id).data_type)
}

fn kind_of_path(
    context: &Context<'_>,
    path: &ast::Path,
    scope: &ExpressionScope,
) -> Option<ValueType> {
    let variable = || kind_of_variable(context, &path.head.text, &path.tail);
    let Some(mut model) = scope.model else {
        return variable();
    };
    let (mut name, mut rest) = (&path.head.text, &*path.tail);
    let mut link = scope.link.clone();
    loop {
        if scope.place == ExpressionPlace::Using {
            return None;
        }
        if let Some(data_type) = type_of_attribute(context, model, name) {
            // What lies within a document may be anything.
            return ValueType::of(data_type).filter(|_| rest.is_empty());
        }
        if let Some(id) = context.association_named(model, name) {
            let association = context.schema.associations.get(id.0 as usize)?;
            (model, link) = (association.target.0 as usize, LinkScope::of(association));
        } else if let Some(found) = link.take_if(|it| it.is_called(context, name)) {
            model = found.model;
        } else {
            let own = *name == path.head.text && !scope.place.is_schema();
            return own.then(variable)?;
        }
        let Some((ast::PathStep::Name(next), more)) = rest.split_first() else {
            return None;
        };
        (name, rest) = (&next.text, more);
    }
}

/// Whether an expression is a JSON attribute, a row's or one of a variable's, or a place in one.
pub(super) fn is_document(
    context: &Context<'_>,
    value: &ast::ValueNode,
    scope: &ExpressionScope,
) -> bool {
    let (head, tail) = match &inner(value).kind {
        ast::ValueKind::Name(word) => (word, [].as_slice()),
        ast::ValueKind::Path(path) => (&path.head, &*path.tail),
        _ => return false,
    };
    let link = scope.link.as_ref().filter(|it| it.is_called(context, &head.text));
    let own = scope.model.filter(|model| {
        type_of_attribute(context, *model, &head.text).is_some()
            || context.association_named(*model, &head.text).is_some()
    });
    let (mut holds, steps) = match (own, context.variable_type(&head.text)) {
        (Some(model), _) => (VariableType::Row(RowType::whole(model)), Some(head)),
        (None, _) if let Some(link) = link => (VariableType::Row(RowType::whole(link.model)), None),
        (None, Some(holds)) => (holds, None),
        (None, None) => return false,
    };
    let names = tail.iter().map(|it| match it {
        ast::PathStep::Name(word) => Some(word),
        ast::PathStep::Index(..) => None,
    });
    for step in steps.map(Some).into_iter().chain(names) {
        holds = match (step, holds) {
            (None, VariableType::Rows(known)) => VariableType::Row(known),
            (Some(word), VariableType::Row(RowType { model, .. })) => {
                if let Some(data_type) = type_of_attribute(context, model, &word.text) {
                    return matches!(data_type, DataType::Json | DataType::Jsonb);
                }
                let Some(association) = (context.association_named(model, &word.text))
                    .and_then(|id| context.schema.associations.get(id.0 as usize))
                else {
                    return false;
                };
                let target = RowType::whole(association.target.0 as usize);
                if association.is_to_many() {
                    VariableType::Rows(target)
                } else {
                    VariableType::Row(target)
                }
            }
            _ => return false,
        };
    }
    false
}

/// A variable's, or that of what a path from it leads to.
pub(super) fn kind_of_variable(
    context: &Context<'_>,
    name: &str,
    steps: &[ast::PathStep],
) -> Option<ValueType> {
    let mut holds = context.variable_type(name)?;
    for step in steps {
        holds = match (step, holds) {
            (ast::PathStep::Index(..), VariableType::Rows(known)) => VariableType::Row(known),
            (
                ast::PathStep::Name(word),
                // Of several rows: what an aggregate is of.
                VariableType::Row(RowType { model, .. })
                | VariableType::Rows(RowType { model, .. }),
            ) => {
                if let Some(data_type) = type_of_attribute(context, model, &word.text) {
                    VariableType::Value(ValueType::of(data_type))
                } else {
                    let id = context.association_named(model, &word.text)?;
                    let association = context.schema.associations.get(id.0 as usize)?;
                    let target = association.target.0 as usize;
                    if association.is_to_many() {
                        VariableType::Rows(RowType::whole(target))
                    } else {
                        VariableType::Row(RowType::whole(target))
                    }
                }
            }
            _ => return None,
        };
    }
    match holds {
        VariableType::Value(kind) | VariableType::List(kind) => kind,
        VariableType::Row(..) | VariableType::Rows(_) => None,
    }
}

fn kind_of_call<'a>(
    context: &mut Context<'a>,
    call: &'a ast::Call,
    scope: &ExpressionScope,
) -> Option<ValueType> {
    let arguments = call.arguments.as_slice();
    Some(match call.name.text.to_ascii_lowercase().as_str() {
        "now" if arguments.is_empty() => return ValueType::of(&DataType::Date(None)),
        "uuid" | "lower" | "upper" | "trim" | "ltrim" | "rtrim" | "substr" | "substring"
        | "replace" | "hex" | "group_concat" | "string_agg" | "char" | "printf" | "format"
        | "typeof" | "quote" | "date" | "time" | "datetime" | "strftime" | "concat" => {
            ValueType::plain(Sort::Text)
        }
        "count" | "sum" | "avg" | "total" | "abs" | "round" | "length" | "instr" | "unicode"
        | "random" | "sign" | "julianday" | "unixepoch" | "octet_length" | "ceil" | "ceiling"
        | "floor" | "sqrt" | "power" | "pow" => ValueType::plain(Sort::Number),
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

//! Rows that variables hold: what was read of them, and for which of their attributes they stand in a condition.
//!
//! Invariant: behind `check`, no row stands where a value is needed. It has become a path to the attribute that the key beside it
//! refers to.

use super::bindings::{RowType, VariableType};
use super::references::{ComparedWithRow, operand_reference};
use super::scope::{ExpressionPlace, ExpressionScope, ValueType};
use super::{Context, typing};
use crate::ast;
use crate::diagnostics::{CheckProblem, Stray};
use crate::ir::{Assignment, AttributeId, DataType, Expression, Query, VariablePath, VariableStep};
use crate::source::Span;
use crate::verbs::OptionId;
use smol_str::SmolStr;

/// What is known of the rows that a query gives: of its scopes and itself the last that says so decides.
pub(super) fn row_type_of_query(context: &Context<'_>, model: usize, query: &Query) -> RowType {
    let own = context.model(model);
    let mut layers = query.scoped(&own.scopes);
    layers.push(query);
    let Some(selected) = layers.into_iter().rev().find_map(|it| it.attributes.as_ref()) else {
        return RowType::whole(model);
    };
    let (mut read, mut names) = (Vec::<SmolStr>::new(), Vec::<SmolStr>::new());
    for it in selected {
        match &it.expression {
            Expression::Attribute(id) if own.attribute(*id).name == it.name => {
                read.push(it.name.clone());
            }
            _ => names.push(it.name.clone()),
        }
    }
    RowType { model, read: Some(read), names }
}

/// A variable knows more of its row from now on: these attributes, or all.
pub(super) fn add_known_attributes(
    context: &mut Context<'_>,
    name: &str,
    more: Option<&[AttributeId]>,
) {
    let model = match context.variable_type(name) {
        Some(VariableType::Row(known)) => context.model(known.model),
        Some(VariableType::Rows(_) | VariableType::Value(_) | VariableType::List(_)) | None => {
            return;
        }
    };
    let names = |ids: &[AttributeId]| -> Vec<SmolStr> {
        let names = ids.iter().map(|it| model.attribute(*it).name.clone());
        names.collect()
    };
    let more = more.map(names);
    let variables = context.variables.iter_mut().rev();
    let Some((_, VariableType::Row(known))) = variables.into_iter().find(|(it, _)| it == name)
    else {
        return;
    };
    match more {
        None => *known = RowType::whole(known.model),
        Some(more) => {
            if let Some(read) = &mut known.read {
                read.extend(more);
            }
        }
    }
}

/// The attributes that a change of a row tells its variable.
pub(super) fn assigned_attributes(
    context: &Context<'_>,
    model: usize,
    values: &[Assignment],
) -> Vec<AttributeId> {
    let model = context.model(model);
    let said = values.iter().map(|it| it.attribute);
    said.chain(model.updated_at).chain(model.version).collect()
}

/// Whether an attribute of held rows was read.
pub(super) fn is_read(context: &Context<'_>, known: &RowType, id: AttributeId) -> bool {
    let name = &context.model(known.model).attribute(id).name;
    known.read.as_ref().is_none_or(|it| it.contains(name))
}

/// Whether an attribute has a value: a VIRTUAL has one where `get` computes it.
pub(super) fn has_value(context: &Context<'_>, model: usize, id: AttributeId) -> bool {
    let attribute = context.model(model).attribute(id);
    let said = context.drafts.get(model).and_then(|it| it.said.get(id.0 as usize));
    !matches!(attribute.data_type, DataType::Virtual)
        || said.is_some_and(|it| it.has(OptionId::Get))
        || attribute.computed().is_some()
}

/// That an attribute has a value: a VIRTUAL has one where `get` computes it.
pub(super) fn is_computed(
    context: &mut Context<'_>,
    model: usize,
    id: AttributeId,
    word: &ast::Word,
    place: ExpressionPlace,
) -> Option<()> {
    if has_value(context, model, id) {
        return Some(());
    }
    let name = &word.text;
    context.not_possible(
        Stray::Uncomputed(name.to_string()),
        place,
        word.span,
        Some(format!("say what it is computed from: `{name}: VIRTUAL < get: (..) >`").into()),
    );
    None
}

/// That an attribute of held rows was read, or a report.
pub(super) fn require_read(
    context: &mut Context<'_>,
    known: &RowType,
    id: AttributeId,
    at: Span,
) -> Option<()> {
    let has_value = has_value(context, known.model, id);
    let model = context.model(known.model);
    let attribute = model.attribute(id);
    if is_read(context, known, id) && has_value {
        return Some(());
    }
    let (name, model_name) = (attribute.name.clone(), model.name.clone());
    let help = if has_value {
        let read = known.read.iter().flatten();
        let read = read.map(SmolStr::as_str);
        let all: Vec<&str> = read.chain([name.as_str()]).collect();
        format!("what was not read isn't null; read it, too: `attributes: [{}]`", all.join(", "))
    } else {
        format!("say what it is computed from: `{name}: VIRTUAL < get: (..) >`")
    };
    context.report(CheckProblem::Unread {
        name: name.to_string(),
        model: model_name.to_string(),
        at,
        label: if has_value {
            "the query leaves it out".into()
        } else {
            "a VIRTUAL attribute without `get` has no value".into()
        },
        help: Some(help),
    });
    None
}

/// That what tells a row from all others was read, or a report.
pub(super) fn is_identified(context: &mut Context<'_>, known: &RowType, at: Span) -> Option<()> {
    let model = context.model(known.model);
    let key: Vec<AttributeId> = if model.primary_key.is_empty() {
        let plain = model.columns().filter(|(_, it)| it.computed().is_none());
        plain.map(|(id, _)| id).collect()
    } else {
        model.primary_key.to_vec()
    };
    key.into_iter().try_for_each(|id| require_read(context, known, id, at))
}

/// The rows that an expression is: a variable that holds them, or a path from one that leads to some.
pub(super) fn rows_of<'e>(
    context: &Context<'_>,
    meant: &'e Expression,
) -> Option<(&'e VariablePath, RowType, bool)> {
    let Expression::Variable(variable) = meant else {
        return None;
    };
    match context.type_of_path(variable) {
        VariableType::Row(known) => Some((variable, known, false)),
        VariableType::Rows(known) => Some((variable, known, true)),
        VariableType::Value(_) | VariableType::List(_) => None,
    }
}

/// An operand of a comparison: rows become the attribute that the key beside them refers to.
pub(super) fn keyed<'a>(
    context: &mut Context<'a>,
    meant: Expression,
    at: Span,
    beside: ComparedWithRow<'_, 'a>,
    scope: &ExpressionScope,
) -> Option<Expression> {
    if let Expression::List(members) = meant {
        let members: Vec<_> =
            members.into_iter().map(|it| keyed(context, it, at, beside, scope)).collect();
        return Some(Expression::List(members.into_iter().collect::<Option<_>>()?));
    }
    let Some((variable, known, _)) = rows_of(context, &meant) else {
        return Some(meant);
    };
    let at = if at.start <= variable.span.start && variable.span.end <= at.end {
        variable.span
    } else {
        at
    };
    let mut variable = variable.clone();
    let asked = operand_reference(context, beside, scope);
    if asked.is_empty() && matches!(beside, ComparedWithRow::Attribute(..)) {
        // Nothing says that a key is meant at all.
        return no_rows(context, meant, at);
    }
    let key = key_asked(context, &known, &asked, at)?;
    require_read(context, &known, key, at)?;
    let data_type = &context.model(known.model).attribute(key).data_type;
    let own = ValueType::of(data_type);
    let other = match beside {
        ComparedWithRow::Operand(value, _) => typing::kind_of(context, value, scope),
        ComparedWithRow::Attribute(model, id) => {
            ValueType::of(&context.model(model).attribute(id).data_type)
        }
    };
    if let (Some(own), Some(other)) = (own, other)
        && !own.sort.compares(other.sort)
    {
        let name = context.model(known.model).attribute(key).name.clone();
        let beside = match beside {
            ComparedWithRow::Operand(value, _) => value.span,
            ComparedWithRow::Attribute(..) => at,
        };
        context.report(CheckProblem::Incomparable {
            one: own.sort.words().to_owned(),
            other: other.sort.words().to_owned(),
            left: at,
            left_is: format!("its `{name}`, {}", own.words()),
            right: beside,
            right_is: other.words(),
            help: Some("name the attribute that is meant, as in `ann.name`".into()),
        });
        return None;
    }
    let model = super::model_id(known.model);
    variable.steps.push(VariableStep::Attribute(model, key));
    Some(Expression::Variable(variable))
}

/// Two operands of which one may be rows.
pub(super) fn keyed_both<'a>(
    context: &mut Context<'a>,
    (left, left_value): (Expression, &'a ast::ValueNode),
    (right, right_value): (Expression, &'a ast::ValueNode),
    scope: &ExpressionScope,
) -> Option<(Expression, Expression)> {
    let beside_left = ComparedWithRow::Operand(right_value, &right);
    let beside_right = ComparedWithRow::Operand(left_value, &left);
    let keyed_left = keyed(context, left.clone(), left_value.span, beside_left, scope);
    let keyed_right = keyed(context, right.clone(), right_value.span, beside_right, scope);
    Some((keyed_left?, keyed_right?))
}

/// The attribute of a row that a key refers to; where nothing is said of that, the row's primary key.
fn key_asked(
    context: &mut Context<'_>,
    known: &RowType,
    asked: &[(usize, AttributeId)],
    at: Span,
) -> Option<AttributeId> {
    let own: Vec<AttributeId> =
        (asked.iter()).filter(|it| it.0 == known.model).map(|it| it.1).collect();
    let model = context.model(known.model);
    let name = model.name.clone();
    match (own.as_slice(), asked, model.primary_key.as_slice()) {
        ([one], ..) | ([], [], [one]) => return Some(*one),
        _ => {}
    }
    let each = |ids: &[AttributeId]| {
        let names = ids.iter().map(|it| model.attribute(*it).name.as_str());
        crate::verbs::list(names)
    };
    let (what, help) = match (own.as_slice(), asked) {
        ([], []) => (
            format!("a row of `{name}` has no key of one attribute"),
            "say which of its attributes is meant: `row.name`".to_owned(),
        ),
        ([], _) => {
            let others: Vec<_> = asked.iter().map(|it| context.model(it.0).name.clone()).collect();
            let others = crate::verbs::list(others.iter().map(SmolStr::as_str));
            let key = model.primary_key.first();
            let key = key.map_or("name", |it| model.attribute(*it).name.as_str());
            let text = context.sources.slice(at);
            (
                format!("a row of {others} is meant here, and this is one of `{name}`"),
                format!(
                    "where its value is meant all the same, name the attribute: `{text}.{key}`"
                ),
            )
        }
        (several, _) => (
            format!("several attributes of `{name}` may be meant: {}", each(several)),
            "say which: `row.name`".to_owned(),
        ),
    };
    context.report(CheckProblem::WrongOperand {
        message: what,
        at,
        found: format!("a row of `{name}`"),
        help: Some(help.into()),
    });
    None
}

/// An operand that may be one row, but not several.
pub(super) fn one_row(
    context: &mut Context<'_>,
    meant: Expression,
    at: Span,
) -> Option<Expression> {
    match rows_of(context, &meant) {
        Some((_, _, true)) => no_rows(context, meant, at),
        Some((_, _, false)) | None => Some(meant),
    }
}

/// An expression that is a value: rows are none.
pub(super) fn no_rows(
    context: &mut Context<'_>,
    meant: Expression,
    at: Span,
) -> Option<Expression> {
    if let Expression::List(members) = meant {
        let members: Vec<_> = (members.into_iter()).map(|it| no_rows(context, it, at)).collect();
        return Some(Expression::List(members.into_iter().collect::<Option<_>>()?));
    }
    let Some((variable, known, many)) = rows_of(context, &meant) else {
        return Some(meant);
    };
    let text = context.sources.slice(variable.span).to_owned();
    let model = context.model(known.model);
    let key = model.primary_key.first();
    let key = key.map_or("name", |it| model.attribute(*it).name.as_str());
    let (found, help) = if many {
        (
            format!("rows of `{}`", model.name),
            format!("rows stand behind `in`, beside the key that refers to them: `in {text}`"),
        )
    } else {
        (
            format!("a row of `{}`", model.name),
            format!("name the attribute that is meant: `{text}.{key}`"),
        )
    };
    context.report(CheckProblem::WrongOperand {
        message: "one value is needed here".into(),
        at,
        found,
        help: Some(help.into()),
    });
    None
}

//! Defaults, checks, generated and virtual attributes.

use super::draft::SaidLater;
use super::scope::{ExpressionPlace, ExpressionScope, Sort};
use super::{Context, attribute_id, typing};
use crate::ast;
use crate::diagnostics::{CheckProblem, Help, OtherForm, Stray};
use crate::ir::{Computed, DataType, Default as DefaultValue, Expression};
use crate::source::Span;
use crate::value::Value;
use crate::verbs::{OptionId, OptionItem};
use crate::words;
use crate::words::is_bracketed;

/// Defaults, checks, generated and virtual attributes of a model.
pub(super) fn finish_expressions<'a>(
    context: &mut Context<'a>,
    model: usize,
    said: &[(usize, SaidLater<'a>)],
) {
    for (place, said) in said {
        let place = *place;
        let default = said.default();
        let [get, generated, check, using] =
            [OptionId::Get, OptionId::Generated, OptionId::Check, OptionId::Using]
                .map(|it| said.item(it));
        if default.is_none() && [get, generated, check, using].iter().all(Option::is_none) {
            continue;
        }
        let stored = matches!(said, SaidLater::All(it) if it.is_on(OptionId::Stored));
        let Some(attribute) = context.model(model).attributes.get(place) else {
            continue;
        };
        let data_type = attribute.data_type.clone();
        let default = default.and_then(|it| default_value(context, model, it, &data_type));
        let get = get
            .and_then(|it| context.option_expression(model, it, ExpressionPlace::Get))
            .map(Computed::Get);
        let generated = generated
            .and_then(|it| generated_expression(context, model, it, &data_type))
            .map(|expression| Computed::Generated { expression, stored });
        let using_span = using.map(|it| it.span);
        let using =
            using.and_then(|it| context.option_expression(model, it, ExpressionPlace::Using));
        let check_span = check.map(|it| it.span);
        let check =
            check.and_then(|it| context.option_expression(model, it, ExpressionPlace::Check));
        let no_value = generated.is_some() || matches!(data_type, DataType::Virtual);
        if let Some(at) = using_span.filter(|_| no_value) {
            context.report(CheckProblem::Malformed {
                message: "`using` is for attributes that rows keep".to_owned(),
                at,
                label: "it is computed each time".into(),
                help: Some("leave `using` out".into()),
            });
        }
        let draft = context.draft_mut(model);
        if let Some(attribute) = draft.model.attributes.get_mut(place) {
            attribute.default = default.map(Box::new).or(attribute.default.take());
            let computed = get.or(generated);
            if using.is_some() || computed.is_some() {
                let extra = attribute.extra.get_or_insert_default();
                (extra.using, extra.computed) = (using, computed);
            }
        }
        if let (Some(expression), Some(span)) = (check, check_span) {
            let attribute = Some(attribute_id(place));
            let at = draft.model.checks.iter().filter(|it| it.attribute.is_some()).count();
            draft
                .model
                .checks
                .insert(at, crate::ir::Check { name: None, expression, attribute, span });
        }
    }
}

/// What the database computes an attribute as: a number is no date.
fn generated_expression<'a>(
    context: &mut Context<'a>,
    model: usize,
    item: OptionItem<'a>,
    data_type: &DataType,
) -> Option<Expression> {
    let expression = context.option_expression(model, item, ExpressionPlace::Generated)?;
    let scope = ExpressionScope::new(model, ExpressionPlace::Generated);
    let fits = item.value.is_none_or(|it| may_be(context, it, data_type, &scope));
    fits.then_some(expression)
}

/// Whether a name is one that the row had before a change, rather than an attribute's of now.
pub(super) fn is_former(
    context: &Context<'_>,
    model: usize,
    name: &str,
    scope: &ExpressionScope,
) -> bool {
    let model = context.model(model);
    let was = |attribute: &crate::ir::Attribute| {
        let extra = attribute.extra.as_ref();
        attribute.name != name && extra.is_some_and(|it| it.was.as_deref() == Some(name))
    };
    let goes = || model.drops().iter().any(|it| it == name);
    scope.place == ExpressionPlace::Using
        && (model.attributes.iter().any(was) || goes() && model.attribute_named(name).is_none())
}

/// The enumeration of an attribute that `using` reads, whose words are members; other texts beside what it reads stay what they are.
pub(super) fn members_beside(
    context: &Context<'_>,
    value: &ast::ValueNode,
    scope: &ExpressionScope,
) -> Option<DataType> {
    let (ast::ValueKind::Name(word), Some(model)) = (&value.kind, scope.model) else {
        return None;
    };
    let data_type = typing::type_of_attribute(context, model, &word.text)?;
    matches!(data_type, DataType::Enum(_)).then(|| data_type.clone())
}

/// Warns of a raw default that gives a date another form: what the database's own clock says, and most of its functions.
fn clock_of_its_own(context: &mut Context<'_>, sql: &str, at: Span, data_type: &DataType) {
    let (form, own): (&str, &[&str]) = match data_type {
        DataType::Date(_) => ("%f +00:00", &["current_", "date(", "time(", "unixepoch("]),
        DataType::DateOnly => ("%y-%m-%d'", &["current_time", "time(", "unixepoch("]),
        _ => return,
    };
    let word = match sql.trim() {
        it if is_bracketed(it) => it.get(1..it.len() - 1).unwrap_or(it).trim(),
        it => it,
    };
    let lower = word.to_ascii_lowercase();
    let literal = word.strip_prefix('\'').and_then(|it| it.strip_suffix('\''));
    let is_other = match literal {
        Some(text) => match crate::ir::fit(Value::Text(text.into()), data_type) {
            Ok(Value::Date(kept) | Value::Text(kept)) => kept != text,
            Ok(_) | Err(_) => false,
        },
        None => !lower.contains(form) && own.iter().any(|it| lower.contains(it)),
    };
    if is_other {
        let what = if word.len() > 40 { "this default" } else { word };
        context.report(CheckProblem::OtherDates { what: OtherForm::Clock(what.to_owned()), at });
    }
}

/// A default that the database computes. A literal in brackets fits the type as it does without them; a number is no date.
fn computed_default<'a>(
    context: &mut Context<'a>,
    model: usize,
    value: &'a ast::ValueNode,
    data_type: &DataType,
) -> Option<DefaultValue> {
    let scope = ExpressionScope::new(model, ExpressionPlace::Default);
    let literal = typing::literal(value).filter(|it| !matches!(it.kind, ast::ValueKind::Null));
    let lowered = match literal {
        Some(literal) => {
            let fitting = context.fit(literal, data_type)?;
            match data_type {
                DataType::Date(_) | DataType::DateOnly | DataType::Json | DataType::Jsonb => {
                    Expression::Literal(fitting)
                }
                _ => context.expression(value, &scope)?,
            }
        }
        None => context.expression(value, &scope)?,
    };
    may_be(context, value, data_type, &scope).then_some(DefaultValue::Expression(lowered))
}

fn default_value<'a>(
    context: &mut Context<'a>,
    model: usize,
    value: &'a ast::ValueNode,
    data_type: &DataType,
) -> Option<DefaultValue> {
    // What `now()` and `uuid()` may stand for depends on the type; a member of its ENUM comes before a word of ours.
    let moment = |it: DefaultValue| match data_type {
        DataType::Date(_) | DataType::DateOnly | DataType::Time | DataType::Raw(_) => Some(it),
        _ => None,
    };
    let identifier = |it: DefaultValue| match data_type {
        DataType::Uuid
        | DataType::String { .. }
        | DataType::Char { .. }
        | DataType::Text(_)
        | DataType::Raw(_) => Some(it),
        _ => None,
    };
    let member = |word: &ast::Word| match data_type {
        DataType::Enum(it) => it.members.contains(&word.text),
        _ => false,
    };
    let (found, what, fits) = match &value.kind {
        ast::ValueKind::Sql(text) => {
            clock_of_its_own(context, text, value.span, data_type);
            return Some(DefaultValue::Sql(text.clone()));
        }
        ast::ValueKind::Group(members) => {
            let [one] = members.as_slice() else {
                context.not_possible(
                    Stray::Expressions,
                    ExpressionPlace::Default,
                    value.span,
                    None,
                );
                return None;
            };
            return computed_default(context, model, one, data_type);
        }
        ast::ValueKind::Name(word) if !member(word) => match word.text.as_str() {
            "NOW" => (moment(DefaultValue::Now), "`NOW`", "DATE, DATEONLY and TIME"),
            "UUIDV4" => (identifier(DefaultValue::UuidV4), "`UUIDV4`", "UUID and text types"),
            "UUIDV1" => (identifier(DefaultValue::UuidV1), "`UUIDV1`", "UUID and text types"),
            name => {
                let texts =
                    matches!(data_type, DataType::Date(_) | DataType::DateOnly | DataType::Uuid);
                let nearest = match name {
                    "CURRENT_TIMESTAMP" | "CURRENT_DATE" => Some("NOW"),
                    _ => words::nearest(name, ["NOW", "UUIDV4", "UUIDV1"]),
                };
                let Some(nearest) = nearest.filter(|_| texts) else {
                    return context.fit(value, data_type).map(DefaultValue::Value);
                };
                context.report(CheckProblem::DoesNotFit {
                    value: format!("`{name}`"),
                    type_name: data_type.written(),
                    at: value.span,
                    reason: "no value, and no default that there is".into(),
                    help: Some(Help::name(value.span, nearest)),
                });
                return None;
            }
        },
        ast::ValueKind::Call(call) => match (call.name.text.as_str(), call.arguments.as_slice()) {
            ("now", []) => (moment(DefaultValue::Now), "`now()`", "DATE, DATEONLY and TIME"),
            ("uuid", []) => (identifier(DefaultValue::UuidV4), "`uuid()`", "UUID and text types"),
            ("uuid", [ast::ValueNode { kind: ast::ValueKind::Integer(4), .. }]) => {
                (identifier(DefaultValue::UuidV4), "`uuid(4)`", "UUID and text types")
            }
            ("uuid", [ast::ValueNode { kind: ast::ValueKind::Integer(1), .. }]) => {
                (identifier(DefaultValue::UuidV1), "`uuid(1)`", "UUID and text types")
            }
            (name, _) => {
                let help = match words::nearest(name, ["now", "uuid"]) {
                    Some(nearest) => format!("did you mean `{nearest}()`?"),
                    None => format!(
                        "the calls are `now()`, `uuid()` and `uuid(1)`; what the database computes is written in brackets: `({})`",
                        context.sources.slice(value.span)
                    ),
                };
                context.not_possible(
                    Stray::Call(name.to_string()),
                    ExpressionPlace::Default,
                    value.span,
                    Some(help.into()),
                );
                return None;
            }
        },
        ast::ValueKind::Phrase(phrase) => {
            let word = phrase.words.first().map_or("<", |it| it.text.as_str());
            let help = Some(format!("is a comma missing before `{word}`?"));
            context.not_possible(
                Stray::Values,
                ExpressionPlace::Default,
                value.span,
                help.map(Into::into),
            );
            return None;
        }
        _ => return context.fit(value, data_type).map(DefaultValue::Value),
    };
    if found.is_none() {
        context.report(CheckProblem::DoesNotFit {
            value: what.into(),
            type_name: data_type.written(),
            at: value.span,
            reason: format!("for {fits}"),
            help: Some(super::values::example(data_type, &value.kind).into()),
        });
    }
    found
}

/// Whether what is computed for an attribute may be a value of its type; a number that is to be a date is reported.
fn may_be<'a>(
    context: &mut Context<'a>,
    value: &'a ast::ValueNode,
    data_type: &DataType,
    scope: &ExpressionScope,
) -> bool {
    let is_date = matches!(data_type, DataType::Date(_) | DataType::DateOnly);
    let found = typing::kind_of(context, value, scope)
        .filter(|it| is_date && !matches!(it.sort, Sort::Text | Sort::Moment | Sort::Day));
    let Some(found) = found else { return true };
    let inner = typing::inner(value);
    let text = context.sources.slice(inner.span);
    let function = match &inner.kind {
        ast::ValueKind::Call(call) => call.name.text.to_ascii_lowercase(),
        _ => String::new(),
    };
    let help = match function.as_str() {
        "unixepoch" => format!("`datetime({text}, \"unixepoch\")` is the date"),
        "julianday" => format!("`datetime({text})` is the date"),
        _ => {
            "write a date: `(now())`, `(datetime(\"now\", \"+1 day\"))`, \"2022-01-16\"".to_owned()
        }
    };
    context.report(CheckProblem::DoesNotFit {
        value: format!("`{text}`"),
        type_name: data_type.written(),
        at: inner.span,
        reason: found.sort.words().to_owned(),
        help: Some(help.into()),
    });
    false
}

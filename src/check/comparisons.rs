//! Comparisons that can't be meant: of a comparison, of an attribute with itself; conditions that are joined as others join them.

use super::operands::{is_list_variable, wrong_operand};
use super::scope::{ExpressionScope, Sort};
use super::typing::is_of_row;
use super::{Context, sums, typing};
use crate::ast;
use crate::ast::{Family, Operator, ValueKind, ValueNode};
use crate::diagnostics::{Edit, Help};
use crate::source::Span;

/// Whether a comparison, or what joins texts, may be meant as it stands.
pub(super) fn is_meant<'a>(
    context: &mut Context<'a>,
    binary: &'a ast::Binary,
    scope: &ExpressionScope,
) -> bool {
    match binary.operator.family() {
        Family::Comparison => compares_values(context, binary, scope),
        Family::Concatenation => joins_values(context, binary, scope),
        Family::Pattern => is_other(context, &binary.left, &binary.right, scope),
        Family::Arithmetic => true,
    }
}

fn compares_values(
    context: &mut Context<'_>,
    binary: &ast::Binary,
    scope: &ExpressionScope,
) -> bool {
    let compares = |it: &ValueNode| match &it.kind {
        ValueKind::Binary(it) => it.operator.family() == Family::Comparison,
        _ => false,
    };
    if let Some(inner) = [&binary.left, &binary.right].into_iter().find(|it| compares(it)) {
        let help = chained(context, binary, inner);
        let message = format!("`{}` compares two values", binary.operator.word());
        return wrong_operand(context, message, inner.span, "true or false".into(), Some(help));
    }
    let (left, right) = (typing::inner(&binary.left), typing::inner(&binary.right));
    if let Some(help) = beside_a_list(context, binary, (left, right), scope) {
        let list = if is_list(context, left, scope) { left } else { right };
        return wrong_operand(
            context,
            "one value is needed here".into(),
            list.span,
            "a list".into(),
            Some(help),
        );
    }
    is_other(context, left, right, scope)
}

/// Whether what stands beside a value is something else: a variable that an attribute hides isn't.
pub(super) fn is_other(
    context: &mut Context<'_>,
    value: &ValueNode,
    beside: &ValueNode,
    scope: &ExpressionScope,
) -> bool {
    let (value, beside) = (typing::inner(value), typing::inner(beside));
    let of_row = |context: &Context<'_>, it: &ValueNode| {
        let name = match &it.kind {
            ValueKind::Name(word) => word,
            ValueKind::Path(path) => &path.head,
            _ => return None,
        };
        is_of_row(context, &name.text, scope).then_some(context.variable_type(&name.text).is_some())
    };
    let is_hidden = match &value.kind {
        ValueKind::Call(call) => match call.arguments.as_slice() {
            [one] => of_row(context, one),
            _ => None,
        },
        _ => of_row(context, value),
    };
    let written = context.sources.slice(value.span).to_owned();
    let Some(is_hidden) = is_hidden.filter(|_| written == context.sources.slice(beside.span))
    else {
        return true;
    };
    let help = if is_hidden {
        "an attribute goes before a variable of its name: call the variable otherwise, `let given = ..`, and write `given` here".to_owned()
    } else {
        format!(
            "compare it with something else; `{written} is not null` leaves out rows that have none"
        )
    };
    let message = format!("`{written}` is compared with itself");
    let label = "the row's own, too".to_owned();
    wrong_operand(context, message, beside.span, label, Some(help.into()))
}

/// Whether a value is a list, or a variable that holds one.
pub(super) fn is_list(context: &Context<'_>, value: &ValueNode, scope: &ExpressionScope) -> bool {
    match &value.kind {
        ValueKind::List(_) => true,
        ValueKind::Name(word) => is_list_variable(context, word, scope),
        _ => false,
    }
}

/// `age = [30, 40]` is `age in [30, 40]`.
fn beside_a_list(
    context: &Context<'_>,
    binary: &ast::Binary,
    (left, right): (&ValueNode, &ValueNode),
    scope: &ExpressionScope,
) -> Option<Help> {
    let (list, value) = match (is_list(context, left, scope), is_list(context, right, scope)) {
        (true, false) => (left, right),
        (false, true) => (right, left),
        _ => return None,
    };
    let word = list_word(binary.operator).filter(|_| !matches!(value.kind, ValueKind::Null))?;
    let slice = |it: &ValueNode| context.sources.slice(it.span);
    let whole = binary.left.span.to(binary.right.span);
    Some(Help::write(whole, &format!("{} {word} {}", slice(value), slice(list))))
}

/// The word for many values beside that for one.
const fn list_word(operator: Operator) -> Option<&'static str> {
    match operator {
        Operator::Equal => Some("in"),
        Operator::NotEqual => Some("not in"),
        _ => None,
    }
}

/// Whether a member of a list can be what is looked for: null is equal to nothing, and no row would be found by `not in`.
pub(super) fn can_be_in(
    context: &mut Context<'_>,
    membership: &ast::In,
    items: &[ValueNode],
    item: &ValueNode,
    scope: &ExpressionScope,
) -> bool {
    let is_null = matches!(typing::inner(item).kind, ValueKind::Null);
    if !is_null || scope.place.is_schema() || typing::is_document(context, &membership.value, scope)
    {
        return true;
    }
    let slice = |it: &ValueNode| context.sources.slice(it.span);
    let others = items.iter().filter(|it| !matches!(typing::inner(it).kind, ValueKind::Null));
    let others: Vec<_> = others.map(slice).collect();
    let (word, joined, is) =
        if membership.negated { ("not in", "and", "is not null") } else { ("in", "or", "is null") };
    let value = slice(&membership.value);
    let written = match others.as_slice() {
        [] => format!("{value} {is}"),
        _ => format!("({value} {word} [{}] {joined} {value} {is})", others.join(", ")),
    };
    let help = Help::write(membership.value.span.to(membership.list.span), &written);
    let message = format!("`{word}` finds no null");
    wrong_operand(context, message, item.span, "equal to nothing".into(), Some(help))
}

/// `["a", "b"] in tags`: a list in a document holds single values.
pub(super) fn asks_for_each(
    context: &mut Context<'_>,
    (document, list): (&ValueNode, &ValueNode),
    scope: &ExpressionScope,
) -> bool {
    let list = typing::inner(list);
    if !is_list(context, list, scope) {
        return false;
    }
    let name = context.sources.slice(document.span);
    let each = match &list.kind {
        ValueKind::List(members) => {
            let members = members.iter().take(2).map(|it| context.sources.slice(it.span));
            members.map(|it| format!("{it} in {name}")).collect::<Vec<_>>()
        }
        _ => vec![format!("{0}[0] in {name}", context.sources.slice(list.span))],
    };
    let help = format!(
        "ask for each value by itself, with `and` or `or` between: `{}`",
        each.join(" or ")
    );
    let message = format!("the list that `{name}` is holds single values");
    wrong_operand(context, message, list.span, "a list".into(), Some(help.into()));
    true
}

/// What `a < b < c` and `a = "x" || b = "y"` are in a script.
fn chained(context: &Context<'_>, binary: &ast::Binary, inner: &ValueNode) -> Help {
    let brackets = || {
        let text = context.sources.slice(inner.span);
        let edit = |at, text: &str| Edit { at, text: text.to_owned() };
        Help {
            text: format!("where that is meant, it stands in brackets: `({text})`"),
            edits: vec![
                edit(Span::new(inner.span.start, inner.span.start), "("),
                edit(inner.span.at_end(), ")"),
            ],
        }
    };
    let ValueKind::Binary(first) = &inner.kind else { return brackets() };
    if inner.span.start > binary.left.span.start || matches!(binary.right.kind, ValueKind::Bool(_))
    {
        return brackets();
    }
    let shown = |edits: Vec<Edit>| {
        let said = sums::edited(context, inner.span.to(binary.right.span), &edits);
        Help { text: format!("write `{said}`"), edits }
    };
    if let ValueKind::Binary(middle) = &first.right.kind
        && middle.operator == Operator::Concat
    {
        return shown(vec![Edit { at: middle.operator_span, text: "or".to_owned() }]);
    }
    let middle = context.sources.slice(first.right.span);
    shown(vec![Edit { at: first.right.span.at_end(), text: format!(" and {middle}") }])
}

/// The operands of `||`, which joins texts: a condition beside it is another language's `or`.
fn joins_values<'a>(
    context: &mut Context<'a>,
    binary: &'a ast::Binary,
    scope: &ExpressionScope,
) -> bool {
    for side in [&binary.left, &binary.right] {
        let Some(kind) = typing::kind_of(context, side, scope).filter(|it| it.sort == Sort::Truth)
        else {
            continue;
        };
        let help = if scope.place.is_condition() {
            Help::write(binary.operator_span, "or")
                .with_text("conditions are joined with `or`".to_owned())
        } else {
            let text = context.sources.slice(side.span);
            Help::write(side.span, &format!("case when {text} then \"true\" else \"false\" end"))
        };
        return wrong_operand(
            context,
            "`||` joins texts".into(),
            side.span,
            kind.words(),
            Some(help),
        );
    }
    true
}

/// Whether each of what `and` and `or` join may be a condition; `age = 30 or 40` means a list.
pub(super) fn are_conditions(
    context: &mut Context<'_>,
    items: &[ValueNode],
    scope: &ExpressionScope,
) -> bool {
    let is_value = |it: &ValueNode| match &it.kind {
        ValueKind::Integer(_) | ValueKind::Decimal(_) | ValueKind::Text(_) => true,
        ValueKind::Name(word) => {
            !is_of_row(context, &word.text, scope) && context.variable_type(&word.text).is_none()
        }
        _ => false,
    };
    let Some(place) = items.iter().position(is_value) else { return true };
    let Some(value) = items.get(place) else { return true };
    let help = match items.split_first() {
        Some((first, rest)) if rest.iter().all(is_value) => in_list(context, first, rest),
        _ => None,
    };
    if help.is_none() && !matches!(value.kind, ValueKind::Integer(_)) {
        // The others are told in their place.
        return true;
    }
    let help =
        help.or_else(|| Some("write `true` or `false`, or compare it with something".into()));
    let found = crate::verbs::describe(&value.kind).to_owned();
    wrong_operand(context, "a condition is true or false".into(), value.span, found, help)
}

/// `age = 30 or 40` is `age in [30, 40]`.
fn in_list(context: &Context<'_>, first: &ValueNode, rest: &[ValueNode]) -> Option<Help> {
    let ValueKind::Binary(binary) = &first.kind else { return None };
    let word = list_word(binary.operator)?;
    let values = std::iter::once(&binary.right).chain(rest);
    let values: Vec<_> = values.map(|it| context.sources.slice(it.span)).collect();
    let left = context.sources.slice(binary.left.span);
    let whole = Span::new(first.span.start, rest.last()?.span.end);
    Some(Help::write(whole, &format!("{left} {word} [{}]", values.join(", "))))
}

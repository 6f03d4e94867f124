//! What operators take: texts are not compared with numbers, nor added up, and a condition is true or false.

use super::bindings::VariableType;
use super::scope::{ExpressionScope, Sort, ValueType};
use super::typing::{is_of_row, literal};
use super::{Context, typing};
use crate::ast;
use crate::ast::Family;
use crate::diagnostics::{CheckProblem, Help};
use crate::ir::DataType;
use crate::source::Span;
use crate::value::moment;

/// The operands of `a = b`, `a like b`, `a + b`; whether they are what the operator takes.
pub(super) fn operands<'a>(
    context: &mut Context<'a>,
    binary: &'a ast::Binary,
    scope: &ExpressionScope,
) -> bool {
    let word = binary.operator.word();
    match binary.operator.family() {
        Family::Comparison => comparable(context, &binary.left, &binary.right, scope),
        Family::Pattern => {
            let left = is_text(context, word, &binary.left, scope);
            is_text(context, word, &binary.right, scope) & left
        }
        Family::Arithmetic => {
            let left = is_number(context, word, &binary.left, scope);
            is_number(context, word, &binary.right, scope) & left
        }
        Family::Concatenation => {
            let left = is_single(context, &binary.left, scope);
            is_single(context, &binary.right, scope) & left
        }
    }
}

/// Whether two operands may be compared.
pub(super) fn comparable<'a>(
    context: &mut Context<'a>,
    left: &'a ast::ValueNode,
    right: &'a ast::ValueNode,
    scope: &ExpressionScope,
) -> bool {
    let is_null = |it: &ast::ValueNode| matches!(typing::inner(it).kind, ast::ValueKind::Null);
    let single = if is_null(left) || is_null(right) {
        // A list of a variable is none.
        is_no_list(context, left) & is_no_list(context, right)
    } else {
        is_single(context, left, scope) & is_single(context, right, scope)
    };
    single && compares(context, left, right, scope)
}

/// Whether an operand may be compared with a member of a list, or with a variable that is one.
pub(super) fn is_member<'a>(
    context: &mut Context<'a>,
    value: &'a ast::ValueNode,
    member: &'a ast::ValueNode,
    scope: &ExpressionScope,
) -> bool {
    (is_single(context, value, scope) & is_no_list(context, member))
        && compares(context, value, member, scope)
}

fn compares<'a>(
    context: &mut Context<'a>,
    left: &'a ast::ValueNode,
    right: &'a ast::ValueNode,
    scope: &ExpressionScope,
) -> bool {
    let (Some(left_kind), Some(right_kind)) =
        (typing::kind_of(context, left, scope), typing::kind_of(context, right, scope))
    else {
        return true;
    };
    let fits = match (literal(left), literal(right)) {
        (None, Some(it)) => literal_beside(context, &left_kind, it),
        (Some(it), None) => literal_beside(context, &right_kind, it),
        _ => Some(left_kind.sort.compares(right_kind.sort)),
    };
    match fits {
        Some(true) => true,
        Some(false) => {
            let help = match (literal(left), literal(right)) {
                (None, Some(it)) => help_beside(it, &left_kind),
                (Some(it), None) => help_beside(it, &right_kind),
                _ => cast_help(context, [(left, &left_kind), (right, &right_kind)]),
            };
            let help = joined_by_others(left).or_else(|| joined_by_others(right)).or(help);
            context.report(CheckProblem::Incomparable {
                one: left_kind.sort.words().to_owned(),
                other: right_kind.sort.words().to_owned(),
                left: left.span,
                left_is: left_kind.words(),
                right: right.span,
                right_is: right_kind.words(),
                help,
            });
            false
        }
        // Told already.
        None => false,
    }
}

/// Whether a literal may stand beside values of a kind. One of the right sort that no value can be, a date that doesn't
/// exist or a member that an enumeration lacks, is reported; then the answer is none.
fn literal_beside(
    context: &mut Context<'_>,
    kind: &ValueType,
    value: &ast::ValueNode,
) -> Option<bool> {
    let fits = |context: &mut Context<'_>, data_type| context.fit(value, data_type).is_some();
    let answer = match (kind.sort, &value.kind) {
        (Sort::Moment, ast::ValueKind::Text(text)) if moment(text).is_none() => {
            fits(context, &DataType::Date(None))
        }
        (Sort::Day, ast::ValueKind::Text(_)) => fits(context, &DataType::DateOnly),
        (Sort::Truth, ast::ValueKind::Integer(_)) => fits(context, &DataType::Boolean),
        (Sort::Text, ast::ValueKind::Text(_)) => match &kind.declared {
            Some(data_type @ DataType::Enum(_)) => fits(context, data_type),
            _ => true,
        },
        (Sort::Moment, ast::ValueKind::Text(_))
        | (Sort::Number, ast::ValueKind::Integer(_) | ast::ValueKind::Decimal(_))
        | (Sort::Truth, ast::ValueKind::Bool(_))
        | (Sort::Bytes, ast::ValueKind::Text(_) | ast::ValueKind::Blob(_)) => true,
        _ => return Some(false),
    };
    answer.then_some(true)
}

/// Whether an expression may be a condition.
pub(super) fn is_condition<'a>(
    context: &mut Context<'a>,
    value: &'a ast::ValueNode,
    scope: &ExpressionScope,
) -> bool {
    let kind = typing::kind_of(context, value, scope);
    let label = match (literal(value).map(|it| &it.kind), kind) {
        (Some(ast::ValueKind::Integer(0 | 1)), _) => return true,
        (Some(ast::ValueKind::Integer(_) | ast::ValueKind::Decimal(_)), Some(kind)) => kind.words(),
        (_, Some(kind)) if !kind.sort.counts() => kind.words(),
        _ => return is_single(context, value, scope),
    };
    let help = literal(value).is_none().then(|| {
        let text = context.sources.slice(value.span);
        format!("compare it with something: `{text} = ..`").into()
    });
    wrong_operand(context, "a condition is true or false".into(), value.span, label, help)
}

/// Whether an expression is one that `word`, an operator or a function, can compute with.
pub(super) fn is_number<'a>(
    context: &mut Context<'a>,
    word: &str,
    value: &'a ast::ValueNode,
    scope: &ExpressionScope,
) -> bool {
    if !is_single(context, value, scope) {
        return false;
    }
    let Some(kind) = typing::kind_of(context, value, scope).filter(|it| !it.sort.counts()) else {
        return true;
    };
    let help = match (kind.sort, word) {
        (Sort::Text, _) => cast_help(context, [(value, &kind)]),
        (Sort::Moment | Sort::Day, "+" | "-") => {
            let text = context.sources.slice(value.span);
            Some(format!(
                "`julianday({text})` gives the number of its day, `datetime({text}, '+1 day')` a date beside it"
            ).into())
        }
        _ => None,
    };
    wrong_operand(context, format!("`{word}` takes numbers"), value.span, kind.words(), help)
}

/// Whether an expression is a text, or is kept as one.
fn is_text<'a>(
    context: &mut Context<'a>,
    word: &str,
    value: &'a ast::ValueNode,
    scope: &ExpressionScope,
) -> bool {
    if !is_single(context, value, scope) {
        return false;
    }
    let Some(kind) = (typing::kind_of(context, value, scope))
        .filter(|it| it.sort.counts() || matches!(it.sort, Sort::Bytes))
    else {
        return true;
    };
    let help = match literal(value) {
        Some(it) => help_for_sort(it, Sort::Text),
        None => {
            let text = context.sources.slice(value.span);
            Some(format!("`cast({text} as STRING)` makes a text of it").into())
        }
    };
    wrong_operand(context, format!("`{word}` takes texts"), value.span, kind.words(), help)
}

/// What is behind `in`.
pub(super) fn is_list<'a>(
    context: &mut Context<'a>,
    value: &'a ast::ValueNode,
    scope: &ExpressionScope,
) -> bool {
    let single = match &value.kind {
        ast::ValueKind::List(_) | ast::ValueKind::Sql(_) => return true,
        ast::ValueKind::Name(word) => is_of_row(context, &word.text, scope),
        ast::ValueKind::Path(path) => is_of_row(context, &path.head.text, scope),
        _ => true,
    };
    if !single {
        return true;
    }
    let text = match &value.kind {
        ast::ValueKind::Group(members) => match members.as_slice() {
            [first, .., last] => context.sources.slice(first.span.to(last.span)),
            [one] => context.sources.slice(one.span),
            [] => "",
        },
        _ => context.sources.slice(value.span),
    };
    let list = format!("[{text}]");
    let help = Help::write(value.span, &list).with_text(format!("write a list: `in {list}`"));
    wrong_operand(
        context,
        "`in` takes a list".into(),
        value.span,
        crate::verbs::describe(&value.kind).to_owned(),
        Some(help),
    )
}

/// Whether a name is that of a variable which holds a list.
pub(super) fn is_list_variable(
    context: &Context<'_>,
    word: &ast::Word,
    scope: &ExpressionScope,
) -> bool {
    !is_of_row(context, &word.text, scope)
        && matches!(context.variable_type(&word.text), Some(VariableType::List(_)))
}

/// A list is no operand, and no variable that holds one.
pub(super) fn is_single<'a>(
    context: &mut Context<'a>,
    value: &'a ast::ValueNode,
    scope: &ExpressionScope,
) -> bool {
    let holds_list = match &typing::inner(value).kind {
        ast::ValueKind::Name(word) => is_list_variable(context, word, scope),
        _ => false,
    };
    if holds_list { no_operand(context, value) } else { is_no_list(context, value) }
}

/// A list is no operand.
pub(super) fn is_no_list<'a>(context: &mut Context<'a>, value: &'a ast::ValueNode) -> bool {
    !matches!(typing::inner(value).kind, ast::ValueKind::List(_)) || no_operand(context, value)
}

fn no_operand(context: &mut Context<'_>, value: &ast::ValueNode) -> bool {
    let text = context.sources.slice(typing::inner(value).span);
    let help = Some(format!("a list stands behind `in`: `in {text}`").into());
    wrong_operand(context, "one value is needed here".into(), value.span, "a list".into(), help)
}

/// How a literal is written so that it may stand beside values of a kind.
fn help_beside(value: &ast::ValueNode, kind: &ValueType) -> Option<Help> {
    match &kind.declared {
        Some(DataType::Enum(enumeration)) => {
            let members = enumeration.members.iter().map(smol_str::SmolStr::as_str);
            Some(format!("its members are {}", crate::verbs::list(members)).into())
        }
        _ => help_for_sort(value, kind.sort),
    }
}

/// `age = 1 || age = 2`: what joins texts here is another language's `or`.
fn joined_by_others(operand: &ast::ValueNode) -> Option<Help> {
    let ast::ValueKind::Binary(binary) = &operand.kind else { return None };
    let is_or = binary.operator == ast::Operator::Concat;
    let help = Help::write(binary.operator_span, "or");
    is_or.then(|| help.with_text("conditions are joined with `or`".to_owned()))
}

/// How one of two operands becomes what the other is.
fn cast_help<const N: usize>(
    context: &Context<'_>,
    operands: [(&ast::ValueNode, &ValueType); N],
) -> Option<Help> {
    let (text, _) = operands
        .into_iter()
        .find(|(value, kind)| kind.sort == Sort::Text && literal(value).is_none())?;
    let text = context.sources.slice(text.span);
    Some(format!("`cast({text} as INTEGER)` makes a number of it").into())
}

pub(super) fn wrong_operand(
    context: &mut Context<'_>,
    message: String,
    at: Span,
    found: String,
    help: Option<Help>,
) -> bool {
    context.report(CheckProblem::WrongOperand { message, at, found, help });
    false
}

/// How a literal is written so that it is of another sort.
fn help_for_sort(value: &ast::ValueNode, sort: Sort) -> Option<Help> {
    let write =
        |text: &str, how: &str| Help::write(value.span, text).with_text(format!("{how}: `{text}`"));
    Some(match (sort, &value.kind) {
        (Sort::Number, ast::ValueKind::Text(text)) if text.parse::<f64>().is_ok() => {
            write(text, "write the number without quotes")
        }
        (Sort::Truth, ast::ValueKind::Text(text)) if text == "true" || text == "false" => {
            write(text, "write it without quotes")
        }
        (Sort::Text, ast::ValueKind::Integer(number)) => {
            write(&format!("\"{number}\""), "write the text in quotes")
        }
        (Sort::Text, ast::ValueKind::Decimal(text)) => {
            write(&format!("\"{text}\""), "write the text in quotes")
        }
        (Sort::Moment | Sort::Day, _) => "write a date as a text: \"2022-01-16\"".into(),
        _ => return None,
    })
}

//! Texts and other constants where names are meant: Sequelize's `order: [["a", "DESC"]]`. They would be values, by which nothing
//! is ordered, grouped or read.

use super::names::written;
use super::scope::ExpressionScope;
use super::{Context, typing};
use crate::ast;
use crate::diagnostics::{CheckProblem, Help};
use crate::ir::Expression;
use crate::source::Span;
use crate::verbs::OptionItem;
use std::fmt::Write as _;

/// A list of names, and how its members go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameList {
    /// `order: [a desc]`
    Order,
    /// `attributes: [a as b]`
    Attributes,
    /// `group: [a]`, `exclude: [a]`, `fields: [a]`
    Plain,
}

/// How a member of a list of names was said.
enum NameSpelling {
    /// As it may be, perhaps.
    Well,
    /// As a text; with what was meant, where that can be told.
    Quoted(Option<String>),
}

/// Whether a key is written as a text: `"name": ..`
pub(super) fn is_text(context: &Context<'_>, key: &ast::Word) -> bool {
    !key.is_bare() && context.sources.slice(key.span).starts_with(['"', '\''])
}

/// The members of a list, or the one value that stands for it.
pub(super) fn items_of(item: OptionItem<'_>) -> &[ast::ValueNode] {
    match item.value {
        Some(ast::ValueNode { kind: ast::ValueKind::List(items), .. }) => items,
        Some(value) => std::slice::from_ref(value),
        None => &[],
    }
}

/// Whether the members of an option's list are no texts; else the whole option is written out as it should be.
pub(super) fn are_names<'a>(
    context: &mut Context<'a>,
    item: OptionItem<'a>,
    names: NameList,
) -> bool {
    let (mut wrong, mut is_known) = (None, true);
    let mut line = format!("{}: [", item.name.text);
    for (place, value) in items_of(item).iter().enumerate() {
        let said = name_spelling(context, value, names);
        // what has options is read when the names are right: they may hold texts of their own
        let has_options = matches!(&value.kind, ast::ValueKind::Phrase(it) if it.options.is_some());
        is_known &= !(has_options && matches!(said, NameSpelling::Well));
        if !matches!(said, NameSpelling::Well) {
            wrong = wrong.or(Some(value.span));
        }
        let meant = match &said {
            NameSpelling::Well => context.sources.slice(value.span),
            NameSpelling::Quoted(Some(meant)) => meant,
            NameSpelling::Quoted(None) => {
                is_known = false;
                ".."
            }
        };
        let comma = if place > 0 { ", " } else { "" };
        let _ = write!(line, "{comma}{meant}");
    }
    let Some(at) = wrong else { return true };
    let list = line.get(item.name.text.len() + 2..).unwrap_or_default();
    let help = format!("write `{line}]`");
    let help = match item.value {
        Some(value) if is_known => Help::write(value.span, &format!("{list}]")).with_text(help),
        Some(_) | None => help.into(),
    };
    context.report(CheckProblem::QuotedName {
        place: format!("`{}`", item.name.text),
        at,
        help: Some(help),
    });
    false
}

/// How a member of a list of names was said.
fn name_spelling(context: &Context<'_>, value: &ast::ValueNode, names: NameList) -> NameSpelling {
    match &value.kind {
        ast::ValueKind::Text(text) => NameSpelling::Quoted(name_in(text, names)),
        ast::ValueKind::Group(_)
            if matches!(typing::inner(value).kind, ast::ValueKind::Text(_)) =>
        {
            name_spelling(context, typing::inner(value), names)
        }
        ast::ValueKind::List(members) => {
            NameSpelling::Quoted(names_in_list(context, members, names))
        }
        ast::ValueKind::Object(braces) if names == NameList::Order => {
            NameSpelling::Quoted(names_in_object(braces))
        }
        ast::ValueKind::Phrase(phrase) => {
            let ast::ValueKind::Text(text) = &typing::inner(&phrase.value).kind else {
                return NameSpelling::Well;
            };
            // `"all" as kind` is a constant with a name.
            if names == NameList::Attributes {
                return NameSpelling::Well;
            }
            let name = name_in(text, NameList::Plain);
            let behind = Span::new(phrase.value.span.end, value.span.end);
            NameSpelling::Quoted(name.map(|it| it + context.sources.slice(behind)))
        }
        _ => NameSpelling::Well,
    }
}

/// `{ name: desc }`, `{ name: -1 }`
fn names_in_object(braces: &ast::Braces) -> Option<String> {
    let mut res: Vec<String> = Vec::new();
    for member in &braces.members {
        let ast::Member::Pair(pair) = member else { return None };
        let key = written(&pair.key.text);
        let said = match &pair.value.as_ref()?.kind {
            ast::ValueKind::Text(it) => direction(it)?,
            ast::ValueKind::Name(it) => direction(&it.text)?,
            ast::ValueKind::Integer(1) => String::new(),
            ast::ValueKind::Integer(-1) => "desc".to_owned(),
            _ => return None,
        };
        res.push(format!("{key} {said}").trim_end().to_owned());
    }
    (!res.is_empty()).then(|| res.join(", "))
}

/// `["a", "DESC"]`, `[creator, "name"]`, `["a", "b"]`
fn names_in_list(
    context: &Context<'_>,
    members: &[ast::ValueNode],
    names: NameList,
) -> Option<String> {
    let mut path = String::new();
    let mut rest = String::new();
    for (place, it) in members.iter().enumerate() {
        let part = match &it.kind {
            ast::ValueKind::Text(text) => {
                let last = place > 0 && place + 1 == members.len();
                if last
                    && names == NameList::Order
                    && let Some(direction) = direction(text)
                {
                    let _ = write!(rest, " {direction}");
                    continue;
                }
                name_in(text, NameList::Plain)?
            }
            ast::ValueKind::Name(word)
                if names == NameList::Order
                    && place > 0
                    && place + 1 == members.len()
                    && direction(&word.text).is_some() =>
            {
                let _ = write!(rest, " {}", word.text.to_ascii_lowercase());
                continue;
            }
            ast::ValueKind::Name(_)
            | ast::ValueKind::Path(_)
            | ast::ValueKind::Sql(_)
            | ast::ValueKind::Call(_)
            | ast::ValueKind::Group(_) => context.sources.slice(it.span).to_owned(),
            _ => return None,
        };
        if place > 0 && names == NameList::Attributes {
            let _ = write!(rest, " as {part}");
            continue;
        }
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(&part);
    }
    (!path.is_empty()).then(|| path + &rest)
}

/// That something other than constants is computed, where what is constant would do nothing.
pub(super) fn require_varying(
    context: &mut Context<'_>,
    option: &str,
    meant: &Expression,
    at: Span,
) -> bool {
    if !is_constant(meant) {
        return true;
    }
    context.report(CheckProblem::Constant {
        option: option.to_owned(),
        at,
        help: Some("name attributes, `age desc`, or compute from them, `(age + 1)`".into()),
    });
    false
}

/// That no text which is an attribute's name is compared with something that is no attribute's value either.
pub(super) fn is_no_name<'a>(
    context: &mut Context<'a>,
    value: &'a ast::ValueNode,
    others: &[&Expression],
    scope: &ExpressionScope,
) -> bool {
    let (Some(model), ast::ValueKind::Text(text)) = (scope.model, &typing::inner(value).kind)
    else {
        return true;
    };
    if super::attribute_named(context, model, text).is_none()
        || !others.iter().all(|it| is_constant(it))
    {
        return true;
    }
    context.report(CheckProblem::QuotedName {
        place: scope.place.words().to_owned(),
        at: value.span,
        help: Some(
            Help::write(typing::inner(value).span, &written(text))
                .with_text(format!("write the name without quotes: `{}`", written(text))),
        ),
    });
    false
}

/// The name that a text holds, with what a member of such a list may have behind it.
fn name_in(text: &str, names: NameList) -> Option<String> {
    let mut words = text.split_whitespace();
    let path = words.next()?;
    let parts: Vec<_> = path.split('.').map(written).collect();
    if parts.iter().any(|it| it.len() < 3 && it.contains('`')) {
        return None;
    }
    let mut name = parts.join(".");
    let rest: Vec<&str> = words.collect();
    if !rest.is_empty() {
        let rest = match names {
            NameList::Order => direction(&rest.join(" "))?,
            NameList::Attributes => match rest.as_slice() {
                [word, other] if word.eq_ignore_ascii_case("as") => {
                    format!("as {}", written(other))
                }
                _ => return None,
            },
            NameList::Plain => return None,
        };
        let _ = write!(name, " {rest}");
    }
    Some(name)
}

/// `DESC NULLS LAST` as the language says it.
fn direction(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let rest = match words.as_slice() {
        ["asc" | "desc", rest @ ..] | rest => rest,
    };
    let known = matches!(rest, [] | ["nulls", "first" | "last"]);
    (known && !words.is_empty()).then(|| words.join(" "))
}

/// Whether an expression is the same for all rows, and at any time: nothing of a row is in it, no raw SQL and no call that may be
/// another each time.
fn is_constant(meant: &Expression) -> bool {
    let mut constant = true;
    meant.visit(&mut |it| {
        constant &= match it {
            Expression::Attribute(_)
            | Expression::Related(..)
            | Expression::OfLink { .. }
            | Expression::Alias(_)
            | Expression::Former(_)
            | Expression::Sql(_)
            | Expression::Star
            | Expression::Quantified { .. }
            | Expression::AggregateOf { .. }
            | Expression::Around(..) => false,
            Expression::Call { arguments, .. } => !arguments.is_empty(),
            Expression::Literal(_)
            | Expression::OfList { .. }
            | Expression::Variable(_)
            | Expression::Json(..)
            | Expression::Not(_)
            | Expression::Negate(_)
            | Expression::And(_)
            | Expression::Or(_)
            | Expression::Binary(..)
            | Expression::IsNull(..)
            | Expression::Between { .. }
            | Expression::In { .. }
            | Expression::List(_)
            | Expression::Cast(..)
            | Expression::Case { .. } => true,
        };
    });
    constant
}

//! Options as they are written, before any table is asked, and what is said of values that are not what is taken.

use super::options::OptionId;
use crate::ast;
use crate::diagnostics::{CheckProblem, Help, Problem, Stray, SyntaxProblem};
use crate::source::Span;
use crate::value::Value;
use crate::words;

/// Something that the script says, and where.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spanned<T> {
    /// What.
    pub value: T,
    /// Where.
    pub span: Span,
}

/// An option as written, in `< .. >` or in an object.
#[derive(Debug, Clone, Copy)]
pub struct OptionItem<'a> {
    /// Its name.
    pub name: &'a ast::Word,
    /// Its value; none for a flag.
    pub value: Option<&'a ast::ValueNode>,
    /// From the name to the value's end.
    pub span: Span,
}

impl<'a> OptionItem<'a> {
    /// The place of its value, or of its name.
    pub fn value_span(&self) -> Span {
        self.value.map_or(self.name.span, |it| it.span)
    }

    /// The options of a list.
    pub fn of_options(options: Option<&'a ast::OptionList>) -> impl Iterator<Item = Self> {
        let items = options.map(|it| &*it.items).unwrap_or_default();
        items.iter().map(|it| OptionItem {
            name: &it.name,
            value: it.value.as_ref(),
            span: it.span(),
        })
    }

    /// The members of an object, flags among them; what is neither is reported.
    pub fn of_object(braces: &'a ast::Braces, problems: &mut Vec<Problem>) -> Vec<Self> {
        let mut items = Vec::with_capacity(braces.members.len());
        for member in &braces.members {
            match member {
                ast::Member::Pair(pair) if pair.options.is_none() => items.push(OptionItem {
                    name: &pair.key,
                    value: pair.value.as_ref(),
                    span: pair.span(),
                }),
                ast::Member::Sentence(sentence) => match flag(sentence) {
                    Some(word) => {
                        items.push(OptionItem { name: word, value: None, span: sentence.span });
                    }
                    None => problems.push(no_member(sentence.span)),
                },
                ast::Member::Pair(pair) => problems.push(no_member(pair.span())),
            }
        }
        items
    }
}

/// The word of a sentence that is one word.
fn flag(sentence: &ast::Sentence) -> Option<&ast::Word> {
    match &*sentence.words {
        [path]
            if path.tail.is_empty()
                && sentence.argument.is_none()
                && sentence.options.is_none()
                && sentence.assigned.is_none() =>
        {
            Some(&path.head)
        }
        _ => None,
    }
}

fn no_member(at: Span) -> Problem {
    CheckProblem::NotHere {
        what: Stray::This,
        at,
        label: "neither `name: value` nor a flag".into(),
        help: Some("an object holds `name: value` and flags, separated by commas".into()),
    }
    .into()
}

/// "`onDelete` is given twice"
pub fn duplicate_option(first: &ast::Word, again: &ast::Word) -> Problem {
    CheckProblem::DuplicateOption {
        option: again.text.to_string(),
        first: first.span,
        again: again.span,
    }
    .into()
}

/// "`unique` takes true or false", or a missing comma where that is what it is.
pub fn wrong_kind(item: OptionItem<'_>, expected: &str) -> Problem {
    wrong_value(item, expected, None)
}

/// The same, with what to write.
pub fn wrong_value(item: OptionItem<'_>, expected: &str, help: Option<Help>) -> Problem {
    if let Some(ast::ValueKind::Phrase(phrase)) = item.value.map(|it| &it.kind)
        && let Some(word) = phrase.words.first()
    {
        return SyntaxProblem::MissingComma {
            found: format!("`{}`", word.text),
            at: word.span,
            help: Some(
                format!("separate the two with `,`: `{}` takes {expected}", item.name.text).into(),
            ),
        }
        .into();
    }
    let help = help.or_else(|| without_quotes(item)).or_else(|| otherwise(item));
    let found = item.value.map_or("no value", |it| describe(&it.kind)).to_owned();
    CheckProblem::WrongKind {
        option: item.name.text.to_string(),
        expected: expected.to_owned(),
        at: item.value_span(),
        found,
        help,
    }
    .into()
}

/// A number, or true or false, that stands in quotes.
fn without_quotes(item: OptionItem<'_>) -> Option<Help> {
    let Some(ast::ValueKind::Text(text)) = item.value.map(|it| &it.kind) else { return None };
    let is_value = matches!(text.as_str(), "true" | "false")
        || !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let written = format!("write `{}: {text}`", item.name.text);
    is_value.then(|| Help::write(item.value_span(), text).with_text(written))
}

/// The value that an option was to have: `references: User(id)`, `validate: isEmail`, `attributes: name`, `distinct: name`.
pub(super) fn otherwise(item: OptionItem<'_>) -> Option<Help> {
    let value = item.value?;
    let word = |it: &ast::ValueNode| match &it.kind {
        ast::ValueKind::Name(word) => Some(word.text.clone()),
        _ => None,
    };
    let is = |id: OptionId| item.name.text == id.name();
    let written = match &value.kind {
        ast::ValueKind::Name(word) if is(OptionId::References) => {
            format!("{{ model: {} }}", word.text)
        }
        ast::ValueKind::Text(text) if is(OptionId::References) => {
            format!("{{ model: {} }}", words::script_text(text))
        }
        ast::ValueKind::Path(path) if is(OptionId::References) => match &*path.tail {
            [ast::PathStep::Name(key)] => {
                format!("{{ model: {}, key: {} }}", path.head.text, key.text)
            }
            _ => return None,
        },
        ast::ValueKind::Call(call) if is(OptionId::References) => match call.arguments.as_slice() {
            [key] => format!("{{ model: {}, key: {} }}", call.name.text, word(key)?),
            _ => return None,
        },
        ast::ValueKind::Name(word) if is(OptionId::Validate) => format!("{{ {} }}", word.text),
        ast::ValueKind::List(members) if is(OptionId::Validate) && !members.is_empty() => {
            let each: Option<Vec<_>> = members.iter().map(word).collect();
            format!("{{ {} }}", each?.join(", "))
        }
        ast::ValueKind::Name(word) if is(OptionId::Attributes) => format!("[{}]", word.text),
        ast::ValueKind::Name(word) if is(OptionId::Distinct) => {
            let said = format!("attributes: [{}], distinct", word.text);
            return Some(Help::write(item.span, &said));
        }
        _ => return None,
    };
    let help = format!("write `{}: {written}`", item.name.text);
    Some(Help::write(value.span, &written).with_text(help))
}

/// What a value is, in words.
pub fn describe(kind: &ast::ValueKind) -> &'static str {
    match kind {
        ast::ValueKind::Null => "null",
        ast::ValueKind::Bool(_) => "true or false",
        ast::ValueKind::Integer(_) | ast::ValueKind::Decimal(_) => "a number",
        ast::ValueKind::Text(text) if text.is_empty() => "an empty text",
        ast::ValueKind::Text(_) => "a text",
        ast::ValueKind::Blob(_) => "a blob",
        ast::ValueKind::Sql(_) => "raw SQL",
        ast::ValueKind::Name(_) => "a name",
        ast::ValueKind::Path(_) => "a path",
        ast::ValueKind::Call(_) => "a call",
        ast::ValueKind::List(_) => "a list",
        ast::ValueKind::Object(_) => "an object",
        ast::ValueKind::Group(_) => "a bracket",
        ast::ValueKind::Phrase(_) => "more than one word",
        ast::ValueKind::Star
        | ast::ValueKind::Not(_)
        | ast::ValueKind::Negate(_)
        | ast::ValueKind::And(_)
        | ast::ValueKind::Or(_)
        | ast::ValueKind::Binary(_)
        | ast::ValueKind::IsNull(_)
        | ast::ValueKind::Between(_)
        | ast::ValueKind::In(_)
        | ast::ValueKind::Case(_)
        | ast::ValueKind::Cast(_)
        | ast::ValueKind::Quantified(_) => "an expression",
    }
}

/// "`a`, `b` and `c`"
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().take(40).map(|it| format!("`{it}`")).collect();
    match names.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// A literal of no certain type.
pub fn untyped_value(literal: &ast::ValueNode) -> Option<Value> {
    Some(match &literal.kind {
        ast::ValueKind::Null => Value::Null,
        ast::ValueKind::Bool(value) => Value::Bool(*value),
        ast::ValueKind::Integer(number) => Value::Integer(*number),
        ast::ValueKind::Decimal(text) => Value::Decimal(text.clone()),
        ast::ValueKind::Text(text) => Value::Text(text.clone()),
        ast::ValueKind::Blob(bytes) => Value::Blob(bytes.clone()),
        _ => return None,
    })
}

//! Validators by the words of others: `minLength: 3` is `len: [3]`, with the figure that is written there.

use super::OptionItem;
use super::options::OptionId;
use super::settings::Settings;
use crate::ast::{Member, ValueKind, ValueNode};
use crate::diagnostics::{Edit, Help};
use crate::ir::Validator;
use crate::source::Span;

/// What a validator of others is in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OtherValidator {
    /// With the same value.
    Named(&'static str),
    /// All of it.
    Said(String),
    /// It takes a decision.
    Told(String),
}

/// What a number is bounded by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Shortest,
    Longest,
    Length,
    Least,
    Most,
    Above,
    Below,
    Range,
    Members,
    Others,
    Pattern,
}

const BOUNDS: &[(&[&str], Bound)] = &[
    (&["minlength", "minlen", "lengthmin"], Bound::Shortest),
    (&["maxlength", "maxlen", "lengthmax"], Bound::Longest),
    (&["length", "size"], Bound::Length),
    (&["minvalue", "gte", "greaterthanorequal", "greaterthanorequalto"], Bound::Least),
    (&["maxvalue", "lte", "lessthanorequal", "lessthanorequalto"], Bound::Most),
    (&["gt", "greaterthan", "exclusiveminimum", "morethan"], Bound::Above),
    (&["lt", "lessthan", "exclusivemaximum"], Bound::Below),
    (&["range", "between", "inrange"], Bound::Range),
    (&["oneof", "inclusion", "isoneof", "enum", "in"], Bound::Members),
    (&["exclusion", "isnotin", "noneof"], Bound::Others),
    (&["pattern", "match", "matches", "format", "regexp"], Bound::Pattern),
];

const NAMES: &[(&[&str], Validator)] = &[
    (&["email"], Validator::IsEmail),
    (&["url", "uri"], Validator::IsUrl),
    (&["ip"], Validator::IsIp),
    (&["ipv4"], Validator::IsIpv4),
    (&["ipv6"], Validator::IsIpv6),
    (&["alpha"], Validator::IsAlpha),
    (&["alphanumeric"], Validator::IsAlphanumeric),
    (&["numeric", "isnumber", "numericality"], Validator::IsNumeric),
    (&["integer", "isinteger"], Validator::IsInt),
    (&["decimal"], Validator::IsDecimal),
    (&["lowercase"], Validator::IsLowercase),
    (&["uppercase"], Validator::IsUppercase),
    (&["creditcard"], Validator::IsCreditCard),
    (&["required", "presence", "isnotempty", "blank"], Validator::NotEmpty),
];

/// A number, as it is written.
fn number(value: &ValueNode) -> Option<String> {
    match &value.kind {
        ValueKind::Integer(it) => Some(it.to_string()),
        ValueKind::Decimal(it) => Some(it.to_string()),
        ValueKind::Negate(inner) => number(inner).map(|it| format!("-{it}")),
        _ => None,
    }
}

/// The two numbers of `[1, 5]` or `{ min: 1, max: 5 }`.
fn numbers(value: Option<&ValueNode>) -> Option<(Option<String>, Option<String>)> {
    match &value?.kind {
        ValueKind::List(items) => match items.as_slice() {
            [low, high] => Some((Some(number(low)?), Some(number(high)?))),
            _ => None,
        },
        ValueKind::Object(braces) => {
            let (mut low, mut high) = (None, None);
            for member in &braces.members {
                let Member::Pair(pair) = member else { return None };
                let value = number(pair.value.as_ref()?)?;
                match pair.key.text.as_str() {
                    "min" | "minimum" => low = Some(value),
                    "max" | "maximum" => high = Some(value),
                    "is" => (low, high) = (Some(value.clone()), Some(value)),
                    _ => return None,
                }
            }
            (low.is_some() || high.is_some()).then_some((low, high))
        }
        _ => None,
    }
}

/// `len: [2, 80]`
fn length(low: Option<&str>, high: Option<&str>) -> String {
    match high {
        Some(high) => format!("len: [{}, {high}]", low.unwrap_or("0")),
        None => format!("len: [{}]", low.unwrap_or("0")),
    }
}

/// What a validator is that others call so.
pub(super) fn validator_of_others(name: &str, value: Option<&ValueNode>) -> Option<OtherValidator> {
    use OtherValidator::{Named, Said, Told};
    let plain = name.to_ascii_lowercase().replace(['_', '-'], "");
    let is = |it: &&[&str]| it.contains(&plain.as_str());
    if let Some((_, validator)) = NAMES.iter().find(|it| is(&it.0)) {
        let alone = matches!(value.map(|it| &it.kind), None | Some(ValueKind::Bool(true)));
        let name = validator.name();
        return Some(if alone { Said(name.to_owned()) } else { Told(name.to_owned()) });
    }
    let (_, bound) = BOUNDS.iter().find(|it| is(&it.0))?;
    let one = value.and_then(number);
    let one = one.as_deref();
    let or =
        |said: Option<String>, example: &str| said.map_or_else(|| Told(example.to_owned()), Said);
    Some(match bound {
        Bound::Shortest => or(one.map(|it| length(Some(it), None)), "len: [2, 80]"),
        Bound::Longest => or(one.map(|it| length(None, Some(it))), "len: [2, 80]"),
        Bound::Length => match (one, numbers(value)) {
            (Some(it), _) => Told(format!("len: [{it}, {it}]` for just so many, `len: [0, {it}]")),
            (None, Some((low, high))) => Said(length(low.as_deref(), high.as_deref())),
            (None, None) => Told("len: [2, 80]".to_owned()),
        },
        Bound::Least => or(one.map(|it| format!("min: {it}")), "min: 1"),
        Bound::Most => or(one.map(|it| format!("max: {it}")), "max: 9"),
        Bound::Above => Told(format!(
            "min: {}` takes the number itself, too; `check: (.. > {0})",
            one.unwrap_or("1")
        )),
        Bound::Below => Told(format!(
            "max: {}` takes the number itself, too; `check: (.. < {0})",
            one.unwrap_or("9")
        )),
        Bound::Range => match numbers(value) {
            Some((Some(low), Some(high))) => Said(format!("min: {low}, max: {high}")),
            Some(_) | None => Told("min: 1, max: 9".to_owned()),
        },
        Bound::Members | Bound::Others => {
            let name = if *bound == Bound::Members { "isIn" } else { "notIn" };
            match value.map(|it| &it.kind) {
                Some(ValueKind::List(_)) => Named(name),
                _ => Told(format!("{name}: [\"a\", \"b\"]")),
            }
        }
        Bound::Pattern => match value.map(|it| &it.kind) {
            Some(ValueKind::Text(_)) => Named("is"),
            _ => Told("is: \"^[a-z]+$\"".to_owned()),
        },
    })
}

/// What to write in place of a validator that others call so.
pub(super) fn in_their_place(item: OptionItem<'_>) -> Option<Help> {
    Some(match validator_of_others(item.name.text.as_str(), item.value)? {
        OtherValidator::Named(name) => {
            Help::name(item.name.span, name).with_text(format!("it is called `{name}`"))
        }
        OtherValidator::Said(text) => {
            Help::write(item.span, &text).with_text(format!("write it so: `{text}`"))
        }
        OtherValidator::Told(text) => format!("write it so: `{text}`").into(),
    })
}

/// What a validator's arguments should be.
pub(super) fn argument_help(validator: Validator, item: OptionItem<'_>) -> Help {
    let name = validator.name();
    let figures = numbers(item.value).filter(|_| validator == Validator::Len);
    if let Some((low, high)) = figures {
        return Help::write(item.span, &length(low.as_deref(), high.as_deref()));
    }
    let nothing = validator.accept(&[]).is_ok();
    match item.value.map(|it| (&it.kind, it.span)) {
        Some((ValueKind::Text(_), at)) if nothing => Help {
            text: format!("a message of your own is written `{name}: {{ msg: \"..\" }}`"),
            edits: vec![
                Edit { at: Span::new(at.start, at.start), text: "{ msg: ".to_owned() },
                Edit { at: at.at_end(), text: " }".to_owned() },
            ],
        },
        Some(_) if nothing => Help::write(item.span, name).with_text(format!("it stands alone: `{name}`")),
        _ => "what it takes stands behind its colon: `len: [2, 80]`, `min: 0`, `isIn: [\"a\", \"b\"]`, `is: \"^[a-z]+$\"`".into(),
    }
}

/// The same where it stands beside the attribute's options: it goes into `validate`. `before` is what stands before it.
pub(super) fn into_validate(
    item: OptionItem<'_>,
    others: &Settings<'_>,
    before: Option<Span>,
) -> Option<Help> {
    let name = item.name.text.as_str();
    let known = Validator::named(name).map(Validator::name);
    let other = match known {
        Some(name) => OtherValidator::Named(name),
        None => validator_of_others(name, item.value)?,
    };
    let validate = OptionId::Validate.name();
    let (shown, mut edits) = match (&other, item.value) {
        (OtherValidator::Told(text), _) => {
            return Some(format!("it stands in `{validate}: {{ .. }}`: `{text}`").into());
        }
        (OtherValidator::Said(text), _) => {
            (text.clone(), vec![Edit { at: item.span, text: text.clone() }])
        }
        (OtherValidator::Named(name), None) => {
            ((*name).to_owned(), vec![Edit { at: item.span, text: (*name).to_owned() }])
        }
        (OtherValidator::Named(name), Some(value)) => {
            let shown = match &value.kind {
                ValueKind::Bool(it) => format!("{name}: {it}"),
                _ => number(value)
                    .map_or_else(|| format!("{name}: .."), |it| format!("{name}: {it}")),
            };
            (
                shown,
                vec![
                    Edit { at: item.name.span, text: (*name).to_owned() },
                    Edit { at: value.span.at_end(), text: String::new() },
                ],
            )
        }
    };
    let text = if shown.ends_with("..") {
        format!("it stands in `{validate}: {{ {shown} }}`")
    } else {
        format!("write `{validate}: {{ {shown} }}`")
    };
    // There may be one `validate` only: one that ends before this takes it in.
    match others.braces(OptionId::Validate).map(|it| it.span) {
        Some(braces) if before.is_some_and(|it| it.end == braces.end) => {
            if let Some(last) = edits.last_mut() {
                last.text.push_str(" }");
            }
            edits
                .insert(0, Edit { at: Span::new(braces.end - 1, braces.end), text: String::new() });
        }
        Some(_) => edits.clear(),
        None if others.is_wrong(OptionId::Validate) => edits.clear(),
        None => {
            if let Some(first) = edits.first_mut() {
                first.text.insert_str(0, &format!("{validate}: {{ "));
            }
            if let Some(last) = edits.last_mut() {
                last.text.push_str(" }");
            }
        }
    }
    Some(Help { text, edits })
}

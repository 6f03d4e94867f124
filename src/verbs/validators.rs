//! `validate`, read: which validators, with which arguments.

use super::bounds::{argument_help, in_their_place};
use super::{OptionItem, OptionValue, describe, duplicate_option, list, untyped_value, wrong_kind};
use crate::ast;
use crate::diagnostics::{CheckProblem, Help, Problem};
use crate::ir::{BadArguments, Validation, Validator};
use crate::value::Value;
use crate::words;
use smol_str::SmolStr;

/// `{ isEmail, len: [2, 10] }`; none where nothing is asked.
pub(super) fn read_validators<'a>(
    item: OptionItem<'_>,
    expected: &str,
    problems: &mut Vec<Problem>,
) -> Option<OptionValue<'a>> {
    let Some(ast::ValueKind::Object(braces)) = item.value.map(|it| &it.kind) else {
        problems.push(wrong_kind(item, expected));
        return None;
    };
    let mut validators: Vec<Validation> = Vec::new();
    let mut seen: Vec<&ast::Word> = Vec::new();
    for item in OptionItem::of_object(braces, problems) {
        let name = item.name.text.as_str();
        let Some(validator) = Validator::named(name) else {
            let names = || Validator::ALL.iter().map(|it| it.name());
            let help = match in_their_place(item) {
                Some(other) => other,
                None if name.eq_ignore_ascii_case("unique") => {
                    "it is an option of the attribute: `< unique >`".into()
                }
                None => Help::nearest(item.name.span, words::nearest(name, names()), || {
                    format!("validators are {}", list(names()))
                }),
            };
            problems.push(
                CheckProblem::UnknownValidator {
                    name: name.to_owned(),
                    at: item.name.span,
                    help: Some(help),
                }
                .into(),
            );
            continue;
        };
        if let Some(first) = seen.iter().find(|it| it.text == name) {
            problems.push(duplicate_option(first, item.name));
            continue;
        }
        seen.push(item.name);
        if let Some(ast::ValueKind::Bool(false)) = item.value.map(|it| &it.kind) {
            continue;
        }
        let (mut arguments, mut message) = (Vec::new(), None);
        let well = read_arguments(item.value, &mut arguments, &mut message, problems);
        let accepted = if well {
            validator.accept(&arguments)
        } else {
            Err(BadArguments::Takes(validator.expected()))
        };
        match accepted {
            Ok(()) => {
                validators.push(Validation { validator, arguments, message, span: item.span });
            }
            Err(BadArguments::Takes(expected)) => problems.push(
                CheckProblem::ValidatorArguments {
                    name: name.to_owned(),
                    expected: expected.to_owned(),
                    at: item.value_span(),
                    found: item.value.map_or("nothing", |it| describe(&it.kind)).to_owned(),
                    help: Some(argument_help(validator, item)),
                }
                .into(),
            ),
            Err(BadArguments::Pattern { text, reason }) => problems.push(
                CheckProblem::NoPattern {
                    pattern: text.to_string(),
                    reason,
                    at: item.value_span(),
                }
                .into(),
            ),
        }
    }
    (!validators.is_empty()).then_some(OptionValue::Validators(validators))
}

/// The arguments of a validator: a value, a list of them, or `{ args, msg }`. False where it is none of these.
fn read_arguments(
    value: Option<&ast::ValueNode>,
    into: &mut Vec<Value>,
    message: &mut Option<SmolStr>,
    problems: &mut Vec<Problem>,
) -> bool {
    let Some(value) = value else { return true };
    match &value.kind {
        ast::ValueKind::Bool(true) => true,
        ast::ValueKind::List(items) => items.iter().all(|it| {
            // In a list it is a value, alone it turns the validator on.
            if let ast::ValueKind::Bool(it) = it.kind {
                into.push(Value::Bool(it));
                return true;
            }
            read_arguments(Some(it), into, message, problems)
        }),
        ast::ValueKind::Name(word) => {
            into.push(Value::Text(word.text.clone()));
            true
        }
        ast::ValueKind::Object(braces) => {
            let mut well = true;
            for item in OptionItem::of_object(braces, problems) {
                match (item.name.text.as_str(), item.value) {
                    ("msg", Some(ast::ValueNode { kind: ast::ValueKind::Text(text), .. })) => {
                        *message = Some(text.clone());
                    }
                    ("args", args) => well &= read_arguments(args, into, message, problems),
                    _ => well = false,
                }
            }
            well
        }
        _ => match untyped_value(value) {
            Some(value) => {
                into.push(value);
                true
            }
            None => false,
        },
    }
}

//! What is said of an attribute: its options, read.

use crate::ast;
use crate::diagnostics::{CheckProblem, Help, Problem};
use crate::ir::{Action, Deferrable, Validator};
use crate::source::Span;
use crate::value::{Pattern, Value};
use crate::verbs;
use crate::verbs::{Item, Opt, Said};
use crate::words;
use smol_str::SmolStr;
use std::ops::{Deref, DerefMut};

/// The options of an attribute, as said; what isn't said isn't there.
#[derive(Debug, Clone, Default)]
pub(super) struct AttributeSaid<'a> {
    pub allow_null: Option<Said<bool>>,
    pub unique: Option<Said<Unique>>,
    pub primary_key: Option<Said<bool>>,
    pub auto_increment: Option<Said<bool>>,
    pub default: Option<&'a ast::Value>,
    /// What few attributes say. It reads and writes as if its fields stood here.
    pub rare: Option<Box<Rare<'a>>>,
}

/// `unique`, `unique: by_name`, `unique: false`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unique {
    No,
    /// By itself.
    Alone,
    /// Together with the attributes that say the same name.
    Named(SmolStr),
}

/// The options that few attributes have, apart: a large schema has a hundred thousand attributes.
#[derive(Debug, Clone, Default)]
pub(super) struct Rare<'a> {
    pub field: Option<Said<SmolStr>>,
    pub comment: Option<Said<SmolStr>>,
    pub collate: Option<Said<SmolStr>>,
    pub references: Option<References<'a>>,
    pub on_delete: Option<Said<Action>>,
    pub on_update: Option<Said<Action>>,
    pub validators: Vec<Validator>,
    pub get: Option<Item<'a>>,
    pub generated: Option<Item<'a>>,
    pub stored: Option<Said<bool>>,
    pub check: Option<Item<'a>>,
    pub was: Option<Said<SmolStr>>,
    pub using: Option<Item<'a>>,
}

impl AttributeSaid<'_> {
    /// Whether nothing of it is left to do, once the attribute has its flags.
    pub(super) const fn is_carried_out(&self) -> bool {
        self.unique.is_none() && self.default.is_none() && self.rare.is_none()
    }
}

impl<'a> Deref for AttributeSaid<'a> {
    type Target = Rare<'a>;

    fn deref(&self) -> &Self::Target {
        static NOTHING: Rare<'static> = Rare {
            field: None,
            comment: None,
            collate: None,
            references: None,
            on_delete: None,
            on_update: None,
            validators: Vec::new(),
            get: None,
            generated: None,
            stored: None,
            check: None,
            was: None,
            using: None,
        };
        self.rare.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for AttributeSaid<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.rare.get_or_insert_default()
    }
}

/// `references: { model, key, deferrable }`
#[derive(Debug, Clone)]
pub(super) struct References<'a> {
    /// The model's name, or in quotes a table's.
    pub model: &'a ast::Value,
    pub key: Option<Said<SmolStr>>,
    pub deferrable: Option<Said<Deferrable>>,
    pub span: Span,
}

/// Reads an attribute's options. `more` are options beside those of attributes, which are left to the caller.
pub(super) fn read<'a>(
    owner: &str,
    items: impl IntoIterator<Item = Item<'a>>,
    more: &'static [Opt],
    problems: &mut Vec<Problem>,
) -> (AttributeSaid<'a>, Vec<Item<'a>>) {
    let mut said = AttributeSaid::default();
    let (mut rest, mut seen): (Vec<Item<'a>>, Vec<&'a ast::Word>) = (Vec::new(), Vec::new());
    let mut items = items.into_iter().peekable();
    while let Some(item) = items.next() {
        if let Some(first) = seen.iter().find(|it| it.text == item.name.text) {
            problems.push(verbs::duplicate_option(first, item.name));
            continue;
        }
        match item.name.text.as_str() {
            "allowNull" => said.allow_null = verbs::read_flag(item, problems),
            "primaryKey" => said.primary_key = verbs::read_flag(item, problems),
            "autoIncrement" => said.auto_increment = verbs::read_flag(item, problems),
            "stored" => said.stored = verbs::read_flag(item, problems),
            "field" => said.field = verbs::read_text(item, problems),
            "comment" => said.comment = verbs::read_text(item, problems),
            "collate" => said.collate = verbs::read_text(item, problems),
            "was" => said.was = verbs::read_text(item, problems),
            "unique" => said.unique = read_unique(item, problems),
            "defaultValue" => match item.value {
                Some(value) => said.default = Some(value),
                None => problems.push(verbs::wrong_kind(item, "a value")),
            },
            "onDelete" => said.on_delete = read_action(item, problems),
            "onUpdate" => said.on_update = read_action(item, problems),
            "references" => said.references = read_references(item, problems),
            "validate" => said.validators = read_validators(item, problems),
            "get" => said.get = read_expression(item, problems),
            "generated" => said.generated = read_expression(item, problems),
            "check" => said.check = read_expression(item, problems),
            "using" => said.using = read_expression(item, problems),
            name if more.iter().any(|it| it.name == name) => rest.push(item),
            _ => {
                problems.push(verbs::unknown_option(owner, &[verbs::ATTRIBUTE, more], item.name));
                continue;
            }
        }
        // Most lists hold one option: nothing to remember.
        if items.peek().is_some() {
            seen.push(item.name);
        }
    }
    (said, rest)
}

/// An expression in brackets, or raw SQL.
fn read_expression<'a>(item: Item<'a>, problems: &mut Vec<Problem>) -> Option<Item<'a>> {
    match item.value.map(|it| &it.kind) {
        Some(ast::ValueKind::Group(members)) if members.len() == 1 => Some(item),
        Some(ast::ValueKind::Sql(_)) => Some(item),
        _ => {
            problems.push(verbs::wrong_kind(item, "an expression in brackets"));
            None
        }
    }
}

fn read_unique(item: Item<'_>, problems: &mut Vec<Problem>) -> Option<Said<Unique>> {
    let value = match item.value.map(|it| &it.kind) {
        None | Some(ast::ValueKind::Bool(true)) => Unique::Alone,
        Some(ast::ValueKind::Bool(false)) => Unique::No,
        Some(ast::ValueKind::Name(_) | ast::ValueKind::Text(_)) => {
            Unique::Named(verbs::read_text(item, problems)?.value)
        }
        Some(_) => {
            problems.push(verbs::wrong_kind(item, "true, false or a name"));
            return None;
        }
    };
    Some(Said { value, span: item.span })
}

/// `cascade`, `"SET NULL"`, in any letter case where it is Sequelize's string.
pub(super) fn read_action(item: Item<'_>, problems: &mut Vec<Problem>) -> Option<Said<Action>> {
    let words = Action::ALL.map(Action::word);
    let find = |word: &str| {
        Action::ALL.into_iter().find(|it| it.word() == word || it.sql().eq_ignore_ascii_case(word))
    };
    verbs::read_word(item, "a referential action", &words, find, problems)
}

/// `initiallyDeferred`, `initiallyImmediate`
pub(super) fn read_deferrable(
    item: Item<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Said<Deferrable>> {
    let words = Deferrable::ALL.map(Deferrable::word);
    let find = |word: &str| Deferrable::ALL.into_iter().find(|it| it.word() == word);
    verbs::read_word(item, "a time of checking", &words, find, problems)
}

fn read_references<'a>(item: Item<'a>, problems: &mut Vec<Problem>) -> Option<References<'a>> {
    let Some(ast::ValueKind::Object(braces)) = item.value.map(|it| &it.kind) else {
        problems.push(verbs::wrong_kind(item, "an object: `references: { model: User, key: id }`"));
        return None;
    };
    let items = Item::of_object(braces, problems);
    let mut reader =
        verbs::OptionReader::new("`references`", &[verbs::REFERENCES], items, problems);
    let key = reader.text("key");
    let deferrable =
        reader.item("deferrable").and_then(|it| read_deferrable(it, reader.problems()));
    let Some(model) = reader.item("model") else {
        if reader.is_misspelled("model") {
            return None;
        }
        reader.report(CheckProblem::MissingOption {
            verb: "references".into(),
            option: "model".into(),
            at: braces.span,
            help: Some("say what it refers to: `references: { model: User }`".into()),
        });
        return None;
    };
    match model.value {
        Some(value) if matches!(value.kind, ast::ValueKind::Name(_) | ast::ValueKind::Text(_)) => {
            Some(References { model: value, key, deferrable, span: item.span })
        }
        _ => {
            reader.report(verbs::wrong_kind(model, "a model, or a table in quotes"));
            None
        }
    }
}

/// The names of all validators.
pub fn validator_names() -> impl Iterator<Item = &'static str> {
    VALIDATORS.iter().map(|(it, ..)| *it)
}

/// Validators and how many arguments each takes at least and at most.
const VALIDATORS: [(&str, usize, usize); 35] = [
    ("is", 1, 2),
    ("not", 1, 2),
    ("regex", 1, 2),
    ("notRegex", 1, 2),
    ("isEmail", 0, 0),
    ("isUrl", 0, 0),
    ("isIP", 0, 1),
    ("isIPv4", 0, 0),
    ("isIPv6", 0, 0),
    ("isAlpha", 0, 0),
    ("isAlphanumeric", 0, 0),
    ("isNumeric", 0, 0),
    ("isInt", 0, 0),
    ("isFloat", 0, 0),
    ("isDecimal", 0, 0),
    ("isLowercase", 0, 0),
    ("isUppercase", 0, 0),
    ("isNull", 0, 0),
    ("notNull", 0, 0),
    ("notEmpty", 0, 0),
    ("equals", 1, 1),
    ("contains", 1, 1),
    ("notContains", 1, 1),
    ("isIn", 1, usize::MAX),
    ("notIn", 1, usize::MAX),
    ("len", 1, 2),
    ("isUUID", 0, 1),
    ("isDate", 0, 0),
    ("isAfter", 1, 1),
    ("isBefore", 1, 1),
    ("min", 1, 1),
    ("max", 1, 1),
    ("isCreditCard", 0, 0),
    ("isHexadecimal", 0, 0),
    ("isJSON", 0, 0),
];

fn read_validators(item: Item<'_>, problems: &mut Vec<Problem>) -> Vec<Validator> {
    let Some(ast::ValueKind::Object(braces)) = item.value.map(|it| &it.kind) else {
        problems
            .push(verbs::wrong_kind(item, "an object of validators: `{ isEmail, len: [2, 10] }`"));
        return Vec::new();
    };
    let mut validators: Vec<Validator> = Vec::new();
    let mut seen: Vec<&ast::Word> = Vec::new();
    for item in Item::of_object(braces, problems) {
        let name = item.name.text.as_str();
        let Some((_, least, most)) = VALIDATORS.iter().find(|(it, ..)| *it == name) else {
            let names = VALIDATORS.iter().map(|(it, ..)| *it);
            let help = match words::nearest(name, names.clone()) {
                Some(nearest) => Help::name(item.name.span, nearest),
                None => format!("validators are {}", verbs::list(names)).into(),
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
            problems.push(verbs::duplicate_option(first, item.name));
            continue;
        }
        seen.push(item.name);
        if let Some(ast::ValueKind::Bool(false)) = item.value.map(|it| &it.kind) {
            continue;
        }
        let mut arguments = Vec::new();
        let mut message = None;
        let well = read_arguments(item.value, &mut arguments, &mut message, problems);
        if !well || arguments.len() < *least || arguments.len() > *most {
            let expected = match (*least, *most) {
                (0, 0) => "no argument",
                (1, 1) => "one argument",
                (1, 2) => "one or two arguments in a list",
                (0, 1) => "at most one argument",
                _ => "a list of values",
            };
            let found = item.value.map_or("nothing", |it| verbs::describe(&it.kind));
            problems.push(
                CheckProblem::ValidatorArguments {
                    name: name.to_owned(),
                    expected: expected.to_owned(),
                    at: item.value_span(),
                    found: found.to_owned(),
                }
                .into(),
            );
            continue;
        }
        let counts = matches!(name, "len" | "min" | "max");
        let is_number =
            |it: &Value| matches!(it, Value::Integer(_) | Value::Float(_) | Value::Decimal(_));
        if counts && !arguments.iter().all(is_number) {
            problems.push(
                CheckProblem::ValidatorArguments {
                    name: name.to_owned(),
                    expected: if name == "len" { "numbers: `len: [2, 10]`" } else { "a number" }
                        .to_owned(),
                    at: item.value_span(),
                    found: item.value.map_or("nothing", |it| verbs::describe(&it.kind)).to_owned(),
                }
                .into(),
            );
            continue;
        }
        if matches!(name, "is" | "not" | "regex" | "notRegex")
            && let Some(Value::Text(pattern)) = arguments.first()
            && let Err(reason) = Pattern::new(pattern, "")
        {
            let problem = CheckProblem::NoPattern {
                pattern: pattern.to_string(),
                reason,
                at: item.value_span(),
            };
            problems.push(problem.into());
            continue;
        }
        validators.push(Validator {
            name: item.name.text.clone(),
            arguments,
            message,
            span: item.span,
        });
    }
    validators
}

/// The arguments of a validator: a value, a list of them, or `{ args, msg }`. False where it is none of these.
fn read_arguments(
    value: Option<&ast::Value>,
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
            for item in Item::of_object(braces, problems) {
                match (item.name.text.as_str(), item.value) {
                    ("msg", Some(ast::Value { kind: ast::ValueKind::Text(text), .. })) => {
                        *message = Some(text.clone());
                    }
                    ("args", args) => well &= read_arguments(args, into, message, problems),
                    _ => well = false,
                }
            }
            well
        }
        _ => match super::values::plain(value) {
            Some(value) => {
                into.push(value);
                true
            }
            None => false,
        },
    }
}

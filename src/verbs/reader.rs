//! From written options to typed ones, every mistake of a list found, not the first.

use super::item::otherwise;
use super::synonyms;
use super::validators::read_validators;
use super::{
    ObjectOptions, Opt, OptionItem, OptionValue, Setting, Settings, Takes, describe,
    duplicate_option, list, wrong_kind,
};
use crate::ast;
use crate::diagnostics::{CheckProblem, Help, Loss, Losses, Problem};
use crate::ir::{Action, BareWord, Deferrable};
use crate::source::Span;
use crate::words;
use smol_str::SmolStr;

/// An attribute that comes by itself, or a rule that may have a name: on, off, or on by a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedFlag {
    /// `version`
    On,
    /// `version: false`
    Off,
    /// `version: revision`
    As(SmolStr),
}

/// Reads a list of options by the tables of those that there are. Unknown options, those given twice and those given what
/// they don't take are reported; `owner` is whose they are: "`belongsTo`".
pub fn read<'a>(
    owner: &str,
    tables: &[&'static [Opt]],
    items: impl IntoIterator<Item = OptionItem<'a>>,
    problems: &mut Vec<Problem>,
) -> Settings<'a> {
    let items = items.into_iter();
    let mut settings = Settings::with_capacity(items.size_hint().0);
    let (mut first, mut seen): (Option<&'a ast::Word>, Vec<&'a ast::Word>) = (None, Vec::new());
    let mut items = items.peekable();
    let (mut previous, mut unknown) = (None, Vec::new());
    while let Some(item) = items.next() {
        let before = previous.replace(item.span);
        let name = item.name.text.as_str();
        let Some(option) = tables.iter().copied().flatten().find(|it| it.name() == name) else {
            let nearest = nearest_option(tables, name);
            unknown.push((item, before, nearest));
            continue;
        };
        if let Some(first) = first.iter().chain(&seen).find(|it| it.text == name) {
            problems.push(duplicate_option(first, item.name));
            continue;
        }
        // Most lists hold one option or two: no list of them is needed.
        if first.is_none() {
            first = Some(item.name);
        } else if items.peek().is_some() {
            seen.push(item.name);
        }
        match option.takes {
            Takes::Parts(members) => match read_object(item, option, members, problems) {
                Some(parts) => settings.extend(parts),
                None => settings.push(Setting { option, item, given: OptionValue::Wrong }),
            },
            _ => {
                let given = read_value(item, option, problems).unwrap_or(OptionValue::Wrong);
                settings.push(Setting { option, item, given });
            }
        }
    }
    // What stands behind them matters, too.
    for (item, before, nearest) in unknown {
        problems.push(unknown_option(owner, tables, item, &settings, before));
        let given = OptionValue::Wrong;
        settings.extend(nearest.map(|option| Setting { option, item, given }));
    }
    settings
}

/// An option whose value is so plain that nothing can be wrong with it, and whether it is on, where it is a flag: `allowNull: false`, `unique`, and
/// a value that is taken as it is written.
pub fn plain_option(
    tables: &[&'static [Opt]],
    item: &ast::OptionPair,
) -> Option<(&'static Opt, bool)> {
    let name = item.name.text.as_str();
    let option = tables.iter().copied().flatten().find(|it| it.name() == name)?;
    let on = match (option.takes, item.value.as_ref().map(|it| &it.kind)) {
        (Takes::Flag | Takes::Named | Takes::NamedOr(_), None) | (Takes::Value, Some(_)) => true,
        (Takes::Flag | Takes::Named | Takes::NamedOr(_), Some(ast::ValueKind::Bool(on))) => *on,
        _ => return None,
    };
    Some((option, on))
}

/// What an option is given, as its table says; none after a mistake.
fn read_value<'a>(
    item: OptionItem<'a>,
    option: &'static Opt,
    problems: &mut Vec<Problem>,
) -> Option<OptionValue<'a>> {
    let kind = item.value.map(|it| &it.kind);
    let written = |fits: bool, problems: &mut Vec<Problem>| {
        if !fits {
            problems.push(wrong_kind(item, &option.expected()));
        }
        fits.then_some(OptionValue::Written)
    };
    if let (Takes::Attribute(_) | Takes::Key(..), Some(ast::ValueKind::List(members))) =
        (option.takes, kind)
        && !members.is_empty()
    {
        return read_members(item, members, option, problems).map(OptionValue::List);
    }
    match option.takes {
        Takes::Flag | Takes::Off => read_flag(item, problems).map(OptionValue::Flag),
        Takes::Name | Takes::Text | Takes::Model | Takes::Attribute(_) => {
            read_text(item, &option.expected(), problems).map(OptionValue::Text)
        }
        Takes::Word(example) => {
            let word = read_text(item, &option.expected(), problems)?;
            if BareWord::new(&word).is_none() {
                let option = option.name().to_owned();
                problems
                    .push(CheckProblem::NoWord { option, at: item.value_span(), example }.into());
                return None;
            }
            Some(OptionValue::Text(word))
        }
        Takes::NamedOr(members) if matches!(kind, Some(ast::ValueKind::Object(_))) => {
            read_object(item, option, members, problems).map(OptionValue::Object)
        }
        Takes::Named | Takes::NamedOr(_) if says_truth(kind) => {
            read_flag(item, problems).map(OptionValue::Flag)
        }
        Takes::Named | Takes::NamedOr(_) => Some(OptionValue::Named(match kind {
            None | Some(ast::ValueKind::Bool(true)) => NamedFlag::On,
            Some(ast::ValueKind::Bool(false)) => NamedFlag::Off,
            Some(ast::ValueKind::Name(_) | ast::ValueKind::Text(_)) => {
                NamedFlag::As(read_text(item, &option.expected(), problems)?)
            }
            Some(_) => {
                problems.push(wrong_kind(item, &option.expected()));
                return None;
            }
        })),
        Takes::Action => {
            let words = Action::ALL.map(Action::word);
            // In any letter case where it is Sequelize's string.
            let find = |word: &str| {
                let mut all = Action::ALL.into_iter();
                all.find(|it| it.word() == word || it.sql().eq_ignore_ascii_case(word))
            };
            read_word(item, &option.expected(), &words, find, problems).map(OptionValue::Action)
        }
        Takes::Deferrable => {
            let words = Deferrable::ALL.map(Deferrable::word);
            let find = |word: &str| Deferrable::ALL.into_iter().find(|it| it.word() == word);
            read_word(item, &option.expected(), &words, find, problems).map(OptionValue::Deferrable)
        }
        Takes::Expression => {
            let fits = match kind {
                Some(ast::ValueKind::Group(members)) => members.len() == 1,
                Some(ast::ValueKind::Sql(_)) => true,
                _ => false,
            };
            written(fits, problems)
        }
        Takes::Value => written(item.value.is_some(), problems),
        Takes::Row(_) | Takes::Columns => {
            written(matches!(kind, Some(ast::ValueKind::Object(_))), problems)
        }
        Takes::Validators => read_validators(item, &option.expected(), problems),
        Takes::Codes => read_losses(item, &option.expected(), problems),
        Takes::NameOr(members) | Takes::Key(members, _) => match kind {
            Some(ast::ValueKind::Object(_)) => {
                read_object(item, option, members, problems).map(OptionValue::Object)
            }
            _ => read_text(item, &option.expected(), problems).map(OptionValue::Text),
        },
        Takes::Object(members) | Takes::Parts(members) => {
            read_object(item, option, members, problems).map(OptionValue::Object)
        }
        Takes::Condition
        | Takes::Number
        | Takes::List { .. }
        | Takes::Selection
        | Takes::Associations => Some(OptionValue::Written),
    }
}

/// `name: [a, b]`: each member is read as if it stood alone.
fn read_members<'a>(
    item: OptionItem<'a>,
    members: &'a [ast::ValueNode],
    option: &'static Opt,
    problems: &mut Vec<Problem>,
) -> Option<Vec<Setting<'a>>> {
    let mut found = Vec::with_capacity(members.len());
    for value in members {
        let item = OptionItem { name: item.name, value: Some(value), span: value.span };
        if matches!(value.kind, ast::ValueKind::List(_)) {
            problems.push(wrong_kind(item, &option.expected()));
            continue;
        }
        let given = read_value(item, option, problems);
        found.extend(given.map(|given| Setting { option, item, given }));
    }
    (found.len() == members.len()).then_some(found)
}

/// `name: { .. }`, read by the tables of its members.
fn read_object<'a>(
    item: OptionItem<'a>,
    option: &'static Opt,
    members: ObjectOptions,
    problems: &mut Vec<Problem>,
) -> Option<Settings<'a>> {
    let Some(ast::ValueKind::Object(braces)) = item.value.map(|it| &it.kind) else {
        problems.push(wrong_kind(item, &option.expected()));
        return None;
    };
    let items = OptionItem::of_object(braces, problems);
    let settings = read(&format!("`{}`", option.name()), members.tables, items, problems);
    if let Some((needed, help)) = members.needs
        && !settings.has(needed)
    {
        if !settings.is_wrong(needed) {
            let problem = CheckProblem::MissingOption {
                verb: option.name().into(),
                option: needed.name().into(),
                at: braces.span,
                help: Some(help.to_owned()),
            };
            problems.push(problem.into());
        }
        return None;
    }
    Some(settings)
}

/// The losses whose codes `allow` lists.
fn read_losses<'a>(
    item: OptionItem<'_>,
    expected: &str,
    problems: &mut Vec<Problem>,
) -> Option<OptionValue<'a>> {
    let mut losses = Vec::new();
    let Some(ast::ValueKind::List(items)) = item.value.map(|it| &it.kind) else {
        problems.push(wrong_kind(item, expected));
        return None;
    };
    let mut wrong = false;
    for it in items {
        let (ast::ValueKind::Name(ast::Word { text, .. }) | ast::ValueKind::Text(text)) = &it.kind
        else {
            wrong = true;
            continue;
        };
        match Loss::of(text).filter(|it| Loss::ALLOWED.contains(it)) {
            Some(loss) => losses.push(loss),
            None => {
                let known = list(Loss::ALLOWED.map(Loss::code));
                let problem = CheckProblem::UnknownWord {
                    word: text.to_uppercase(),
                    expected: "a loss that can be allowed".into(),
                    at: it.span,
                    help: Some(format!("those that can are {known}").into()),
                };
                problems.push(problem.into());
            }
        }
    }
    if wrong {
        problems.push(wrong_kind(item, expected));
    }
    Some(OptionValue::Losses(Losses::of(losses)))
}

/// "`belongsTo` has no option `onDelte`", with the nearest one or all.
fn unknown_option(
    owner: &str,
    table: &[&'static [Opt]],
    item: OptionItem<'_>,
    others: &Settings<'_>,
    before: Option<Span>,
) -> Problem {
    let name = item.name;
    let all = || table.iter().flat_map(|it| it.iter()).map(Opt::name);
    let help = synonyms::instead(table, item, others, before).unwrap_or_else(|| {
        match nearest_option(table, &name.text) {
            // Of so few letters too many others are near.
            Some(nearest) if name.text.len() < 4 => {
                format!("did you mean `{}`?", nearest.name()).into()
            }
            Some(nearest) => Help::name(name.span, nearest.name()),
            None if all().next().is_none() => "it takes no options".into(),
            None => format!("its options are {}", list(all())).into(),
        }
    });
    CheckProblem::UnknownOption {
        owner: owner.to_owned(),
        option: name.text.to_string(),
        at: name.span,
        help: Some(help),
    }
    .into()
}

/// The option that a misspelled one was meant to be.
fn nearest_option(tables: &[&'static [Opt]], name: &str) -> Option<&'static Opt> {
    let all = || tables.iter().copied().flatten();
    let nearest = || {
        let nearest = words::nearest(name, all().map(Opt::name))?;
        all().find(|it| it.name() == nearest)
    };
    synonyms::option_of_others(tables, name).or_else(nearest)
}

/// Whether it is a truth value in quotes, or by another word, rather than a name.
fn says_truth(kind: Option<&ast::ValueKind>) -> bool {
    let Some(ast::ValueKind::Text(text) | ast::ValueKind::Name(ast::Word { text, .. })) = kind
    else {
        return false;
    };
    matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no")
}

/// `name`, `name: true` or `name: false`
fn read_flag(item: OptionItem<'_>, problems: &mut Vec<Problem>) -> Option<bool> {
    let value = match item.value.map(|it| &it.kind) {
        None => true,
        Some(ast::ValueKind::Bool(value)) => *value,
        Some(ast::ValueKind::Name(ast::Word { text, .. }) | ast::ValueKind::Text(text)) => {
            let at = item.value_span();
            let help = match text.to_ascii_lowercase().as_str() {
                "yes" | "on" => Some(Help::write(at, "true")),
                "no" | "off" => Some(Help::write(at, "false")),
                it @ ("true" | "false") => Some(Help::write(at, it)),
                _ => words::nearest(text, ["true", "false"])
                    .map(|it| Help::name(at, it))
                    .or_else(|| otherwise(item)),
            };
            problems.push(
                CheckProblem::WrongKind {
                    option: item.name.text.to_string(),
                    expected: "true or false".to_owned(),
                    at: item.value_span(),
                    found: item.value.map_or("", |it| describe(&it.kind)).to_owned(),
                    help,
                }
                .into(),
            );
            return None;
        }
        Some(_) => {
            problems.push(wrong_kind(item, "true or false"));
            return None;
        }
    };
    Some(value)
}

/// `name: word` or `name: "text"`
fn read_text(item: OptionItem<'_>, expected: &str, problems: &mut Vec<Problem>) -> Option<SmolStr> {
    match item.value.map(|it| &it.kind) {
        Some(ast::ValueKind::Text(text)) if !text.is_empty() => Some(text.clone()),
        Some(ast::ValueKind::Name(word)) => Some(word.text.clone()),
        _ => {
            problems.push(wrong_kind(item, expected));
            None
        }
    }
}

/// `name: word`, one of those that `known` knows; a text counts as well.
fn read_word<T>(
    item: OptionItem<'_>,
    expected: &str,
    words: &[&'static str],
    known: impl Fn(&str) -> Option<T>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let (word, span) = match item.value.map(|it| (&it.kind, it.span)) {
        Some((ast::ValueKind::Text(text), span)) => (text, span),
        Some((ast::ValueKind::Name(word), span)) => (&word.text, span),
        Some((ast::ValueKind::Phrase(_), span)) if joined(item, words).is_some() => {
            let help = joined(item, words)
                .map(|it| Help::write(span, it).with_text(format!("write `{it}`, in one word")));
            problems.push(
                CheckProblem::WrongKind {
                    option: item.name.text.to_string(),
                    expected: expected.to_owned(),
                    at: span,
                    found: "more than one word".to_owned(),
                    help,
                }
                .into(),
            );
            return None;
        }
        _ => {
            problems.push(wrong_kind(item, expected));
            return None;
        }
    };
    if let Some(value) = known(word) {
        return Some(value);
    }
    let help = match words::nearest(word, words.iter().copied()) {
        Some(nearest) => Help::name(span, nearest),
        None => format!("it is one of {}", list(words.iter().copied())).into(),
    };
    problems.push(
        CheckProblem::UnknownWord {
            word: word.to_string(),
            expected: expected.to_owned(),
            at: span,
            help: Some(help),
        }
        .into(),
    );
    None
}

/// The one of `words` that is written in several: `set null` is `setNull`.
fn joined(item: OptionItem<'_>, words: &[&'static str]) -> Option<&'static str> {
    let Some(ast::ValueKind::Phrase(phrase)) = item.value.map(|it| &it.kind) else {
        return None;
    };
    let ast::ValueKind::Name(first) = &phrase.value.kind else {
        return None;
    };
    let written: String =
        std::iter::once(first).chain(&phrase.words).map(|it| it.text.as_str()).collect();
    let mut words = words.iter().copied();
    words.find(|it| it.eq_ignore_ascii_case(&written))
}

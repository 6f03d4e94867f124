//! From written options to typed ones, every mistake of a list found, not the first.

use super::Opt;
use crate::ast;
use crate::diagnostics::{CheckProblem, Help, Problem, SyntaxProblem};
use crate::source::Span;
use crate::words;
use smol_str::SmolStr;

/// Something that the script says, and where.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Said<T> {
    /// What.
    pub value: T,
    /// Where.
    pub span: Span,
}

/// An option as written, in `< .. >` or in an object.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Its name.
    pub name: &'a ast::Word,
    /// Its value; none for a flag.
    pub value: Option<&'a ast::Value>,
    /// From the name to the value's end.
    pub span: Span,
}

impl<'a> Item<'a> {
    /// The place of its value, or of its name.
    pub fn value_span(&self) -> Span {
        self.value.map_or(self.name.span, |it| it.span)
    }

    /// The options of a list.
    pub fn of_options(options: Option<&'a ast::Options>) -> impl Iterator<Item = Self> {
        options.into_iter().flat_map(|it| &it.items).map(|it| Item {
            name: &it.name,
            value: it.value.as_ref(),
            span: it.span,
        })
    }

    /// The members of an object, flags among them; what is neither is reported.
    pub fn of_object(braces: &'a ast::Braces, problems: &mut Vec<Problem>) -> Vec<Self> {
        let mut items = Vec::with_capacity(braces.members.len());
        for member in &braces.members {
            match member {
                ast::Member::Pair(pair) if pair.options.is_none() => items.push(Item {
                    name: &pair.key,
                    value: pair.value.as_ref(),
                    span: pair.span,
                }),
                ast::Member::Sentence(sentence) => match flag(sentence) {
                    Some(word) => items.push(Item { name: word, value: None, span: sentence.span }),
                    None => problems.push(no_member(sentence.span)),
                },
                ast::Member::Pair(pair) => problems.push(no_member(pair.span)),
            }
        }
        items
    }
}

/// The word of a sentence that is one word.
fn flag(sentence: &ast::Sentence) -> Option<&ast::Word> {
    match sentence.words.as_slice() {
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
        what: "this".into(),
        at,
        label: "neither `name: value` nor a flag".into(),
        help: Some("an object holds `name: value` and flags, separated by commas".into()),
    }
    .into()
}

/// Reads the options of one list against the table of those that there are.
pub struct OptionReader<'a, 'p> {
    items: Vec<Item<'a>>,
    /// What the unknown ones were meant to be.
    meant: Vec<&'static str>,
    problems: &'p mut Vec<Problem>,
}

impl<'a, 'p> OptionReader<'a, 'p> {
    /// Unknown options and those given twice are reported here; `owner` is whose they are: "`belongsTo`".
    pub fn new(
        owner: &str,
        table: &[&'static [Opt]],
        items: impl IntoIterator<Item = Item<'a>>,
        problems: &'p mut Vec<Problem>,
    ) -> Self {
        let mut known: Vec<Item<'a>> = Vec::new();
        let mut meant = Vec::new();
        for item in items {
            let name = item.name.text.as_str();
            if !table.iter().any(|it| it.iter().any(|it| it.name == name)) {
                meant.extend(nearest_option(table, name));
                problems.push(unknown_option(owner, table, item.name));
            } else if let Some(first) = known.iter().find(|it| it.name.text == name) {
                problems.push(duplicate_option(first.name, item.name));
            } else {
                known.push(item);
            }
        }
        Self { items: known, meant, problems }
    }

    /// Whether a misspelled option, which has been reported, was meant to be this one.
    pub fn is_misspelled(&self, name: &str) -> bool {
        self.meant.contains(&name)
    }

    /// All options that are known, each once.
    pub fn items(&self) -> &[Item<'a>] {
        &self.items
    }

    /// The option of that name.
    pub fn item(&self, name: &str) -> Option<Item<'a>> {
        self.items.iter().find(|it| it.name.text == name).copied()
    }

    /// Reports a problem of this list.
    pub fn report(&mut self, problem: impl Into<Problem>) {
        self.problems.push(problem.into());
    }

    /// Everything that is reported goes here.
    pub fn problems(&mut self) -> &mut Vec<Problem> {
        self.problems
    }

    /// `name`, `name: true` or `name: false`.
    pub fn flag(&mut self, name: &str) -> Option<Said<bool>> {
        let item = self.item(name)?;
        read_flag(item, self.problems)
    }

    /// `name: word` or `name: "text"`.
    pub fn text(&mut self, name: &str) -> Option<Said<SmolStr>> {
        let item = self.item(name)?;
        read_text(item, self.problems)
    }

    /// `name: word`, one of those that `known` knows.
    pub fn word<T>(
        &mut self,
        name: &str,
        expected: &str,
        words: &[&'static str],
        known: impl Fn(&str) -> Option<T>,
    ) -> Option<Said<T>> {
        let item = self.item(name)?;
        read_word(item, expected, words, known, self.problems)
    }

    /// `name: { .. }`
    pub fn object(&mut self, name: &str) -> Option<&'a ast::Braces> {
        let item = self.item(name)?;
        match item.value.map(|it| &it.kind) {
            Some(ast::ValueKind::Object(braces)) => Some(braces),
            _ => {
                self.problems.push(wrong_kind(item, "an object, `{ .. }`"));
                None
            }
        }
    }
}

/// "`belongsTo` has no option `onDelte`", with the nearest one or all.
pub fn unknown_option(owner: &str, table: &[&'static [Opt]], name: &ast::Word) -> Problem {
    let all = || table.iter().flat_map(|it| it.iter()).map(|it| it.name);
    let help = match nearest_option(table, &name.text) {
        Some(nearest) => Help::name(name.span, nearest),
        None if all().next().is_none() => "it takes no options".into(),
        None => format!("its options are {}", list(all())).into(),
    };
    CheckProblem::UnknownOption {
        owner: owner.to_owned(),
        option: name.text.to_string(),
        at: name.span,
        help: Some(help),
    }
    .into()
}

/// The option that a misspelled one was meant to be.
fn nearest_option(table: &[&'static [Opt]], name: &str) -> Option<&'static str> {
    words::nearest(name, table.iter().flat_map(|it| it.iter()).map(|it| it.name))
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

/// `name`, `name: true` or `name: false`
pub fn read_flag(item: Item<'_>, problems: &mut Vec<Problem>) -> Option<Said<bool>> {
    let value = match item.value.map(|it| &it.kind) {
        None => true,
        Some(ast::ValueKind::Bool(value)) => *value,
        Some(ast::ValueKind::Name(ast::Word { text, .. }) | ast::ValueKind::Text(text)) => {
            let at = item.value_span();
            let help = match text.to_ascii_lowercase().as_str() {
                "yes" | "on" => Some(Help::write(at, "true")),
                "no" | "off" => Some(Help::write(at, "false")),
                it @ ("true" | "false") => Some(Help::write(at, it)),
                _ => words::nearest(text, ["true", "false"]).map(|it| Help::name(at, it)),
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
    Some(Said { value, span: item.span })
}

/// `name: word` or `name: "text"`
pub fn read_text(item: Item<'_>, problems: &mut Vec<Problem>) -> Option<Said<SmolStr>> {
    match item.value.map(|it| &it.kind) {
        Some(ast::ValueKind::Text(text)) if !text.is_empty() => {
            Some(Said { value: text.clone(), span: item.value_span() })
        }
        Some(ast::ValueKind::Name(word)) => {
            Some(Said { value: word.text.clone(), span: word.span })
        }
        _ => {
            problems.push(wrong_kind(item, "a name or a text"));
            None
        }
    }
}

/// `name: word`, one of those that `known` knows; a text counts as well.
pub fn read_word<T>(
    item: Item<'_>,
    expected: &str,
    words: &[&'static str],
    known: impl Fn(&str) -> Option<T>,
    problems: &mut Vec<Problem>,
) -> Option<Said<T>> {
    let (word, span) = match item.value.map(|it| (&it.kind, it.span)) {
        Some((ast::ValueKind::Text(text), span)) => (text, span),
        Some((ast::ValueKind::Name(word), span)) => (&word.text, span),
        Some((ast::ValueKind::Phrase(_), span)) if joined(item, words).is_some() => {
            let help = joined(item, words)
                .map(|it| Help::write(span, it).said(format!("write `{it}`, in one word")));
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
        return Some(Said { value, span });
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
fn joined(item: Item<'_>, words: &[&'static str]) -> Option<&'static str> {
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

/// "`unique` takes true or false", or a missing comma where that is what it is.
pub fn wrong_kind(item: Item<'_>, expected: &str) -> Problem {
    if let Some(ast::ValueKind::Phrase(phrase)) = item.value.map(|it| &it.kind)
        && let Some(word) = phrase.words.first()
    {
        return SyntaxProblem::MissingComma {
            found: format!("`{}`", word.text),
            at: word.span,
            help: format!("separate the two with `,`: `{}` takes {expected}", item.name.text),
        }
        .into();
    }
    let found = item.value.map_or("no value", |it| describe(&it.kind)).to_owned();
    CheckProblem::WrongKind {
        option: item.name.text.to_string(),
        expected: expected.to_owned(),
        at: item.value_span(),
        found,
        help: None,
    }
    .into()
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

//! Words that mean nothing where they stand, and what they would be in Relata.

use super::scope::ExpressionScope;
use super::{Context, model_id};
use crate::ast;
use crate::diagnostics::{CheckProblem, Edit, Help};
use crate::foreign;
use crate::source::Span;
use crate::verbs;
use crate::words::{self, Reserved};
use smol_str::SmolStr;

/// What somebody means who writes these words behind a value; none where that isn't known.
pub(super) fn meant(phrase: &ast::Phrase) -> Option<Help> {
    null_in_a_word(phrase)
        .or_else(|| in_small_letters(phrase))
        .or_else(|| counted_path(phrase).map(Into::into))
        .or_else(|| distinct(phrase).map(Into::into))
}

/// `name notnull`, `name isnull`, `name NOT NULL`
fn null_in_a_word(phrase: &ast::Phrase) -> Option<Help> {
    let word = phrase.words.first()?;
    if let [not, null] = phrase.words.as_slice()
        && not.text.eq_ignore_ascii_case("not")
        && null.text.eq_ignore_ascii_case("null")
    {
        return Some(Help::write(not.span.to(null.span), "is not null"));
    }
    let written = match word.text.to_ascii_lowercase().as_str() {
        "notnull" => "is not null",
        "isnull" => "is null",
        _ => return None,
    };
    Some(Help::write(word.span, written))
}

/// `count Posts desc` in an order: an aggregate has what it is of in brackets.
pub(super) fn counted_order(value: &ast::ValueNode, words: &[ast::Word]) -> Option<Help> {
    let (ast::ValueKind::Name(function), [of, ..]) = (&value.kind, words) else {
        return None;
    };
    let is_aggregate = matches!(function.text.as_str(), "count" | "sum" | "min" | "max" | "avg");
    let said = format!("{}({})", function.text, of.text);
    is_aggregate.then(|| Help::write(function.span.to(of.span), &said))
}

/// `desc(title)`, and `desc` as a member of its own: a direction stands behind what it is of.
pub(super) fn is_direction(
    context: &mut Context<'_>,
    value: &ast::ValueNode,
    scope: &ExpressionScope,
) -> bool {
    let (word, help) = match &value.kind {
        ast::ValueKind::Call(call) => match call.arguments.as_slice() {
            [one] => {
                let said = format!(
                    "{} {}",
                    context.sources.slice(one.span),
                    call.name.text.to_lowercase()
                );
                (&call.name, Help::write(value.span, &said))
            }
            _ => return false,
        },
        ast::ValueKind::Name(word) => (
            word,
            format!(
                "it stands behind a name, without a comma: `name {}`",
                word.text.to_lowercase()
            )
            .into(),
        ),
        _ => return false,
    };
    let own =
        scope.model.is_some_and(|it| super::attribute_named(context, it, &word.text).is_some());
    let alias = scope.aliases.iter().any(|(it, _)| *it == word.text);
    if own || alias || !matches!(word.text.to_lowercase().as_str(), "asc" | "desc") {
        return false;
    }
    context.report(CheckProblem::UnknownWord {
        word: word.text.to_string(),
        expected: "the name of an attribute".into(),
        at: word.span,
        help: Some(help),
    });
    true
}

/// What to write for `count lines`, where no condition follows, or `exists lines`.
fn counted_path(phrase: &ast::Phrase) -> Option<String> {
    let (ast::ValueKind::Name(word), [path, ..]) = (&phrase.value.kind, &*phrase.words) else {
        return None;
    };
    let path = &path.text;
    match word.text.to_ascii_lowercase().as_str() {
        "count" => Some(format!("all of them are `count({path})`, some `(count {path} (..))`")),
        "exists" => Some(format!(
            "`any {path} (..)` asks whether there is one of them, `none {path} (..)` whether there is none"
        )),
        _ => None,
    }
}

/// What to do about operators in capitals, as SQL has them: `IS NULL`.
fn in_small_letters(phrase: &ast::Phrase) -> Option<Help> {
    let first = match &phrase.value.kind {
        ast::ValueKind::Name(word) => Some(word),
        _ => None,
    };
    let words = first.into_iter().chain(&phrase.words);
    let large = words.filter(|word| word.text.chars().all(|it| it.is_ascii_uppercase()));
    let edits = large.map(|it| Edit { at: it.span, text: it.text.to_lowercase() });
    let edits: Vec<Edit> = edits.filter(|it| Reserved::of(&it.text).is_some()).collect();
    let small: Vec<String> = edits.iter().map(|it| format!("`{}`", it.text)).collect();
    let text = format!("operators are written in small letters: {}", small.join(", "));
    (!edits.is_empty()).then_some(Help { text, edits })
}

/// What to write for `distinct city`, where no aggregate is around it.
fn distinct(phrase: &ast::Phrase) -> Option<String> {
    match (&phrase.value.kind, phrase.words.as_slice()) {
        (ast::ValueKind::Name(distinct), [name, ..])
            if distinct.text.eq_ignore_ascii_case("distinct") =>
        {
            let name = &name.text;
            Some(format!(
                "equal rows count once with an option: `< attributes: [{name}], distinct >`; in an aggregate it is `count(distinct {name})`"
            ))
        }
        _ => None,
    }
}

impl Context<'_> {
    /// "`User` has no attribute `nmae`", with the nearest one or all.
    pub(super) fn unknown_attribute(&mut self, model: usize, name: &str, at: Span) {
        let model = self.model(model);
        let names = || model.attributes.iter().map(|it| it.name.as_str());
        let lower = name.to_ascii_lowercase();
        let help = match self.nearest(name, names()) {
            _ if matches!(lower.as_str(), "null" | "true" | "false") => Help::name(at, &lower),
            None if matches!(lower.as_str(), "yes" | "on") => Help::name(at, "true"),
            None if matches!(lower.as_str(), "no" | "off") => Help::name(at, "false"),
            None if matches!(
                lower.as_str(),
                "current_timestamp" | "localtimestamp" | "sysdate"
            ) =>
            {
                Help::write(at, "now()")
            }
            None if lower == "current_date" => Help::write(at, "date(now())"),
            Some(nearest) => Help::name(at, nearest),
            None if let Some(said) = foreign::template(name) => Help::write(at, &said),
            None => format!("its attributes are {}", verbs::list(names())).into(),
        };
        let problem = CheckProblem::UnknownAttribute {
            model: model.name.to_string(),
            name: name.to_owned(),
            at,
            help: Some(help),
        };
        self.report(problem);
    }
}

/// As [`Context::unknown_attribute`], of what stands for an attribute of a row, with the nearest association where no attribute is near.
pub(super) fn unknown_row_key(context: &mut Context<'_>, model: usize, key: &ast::Word) {
    let associations: Vec<SmolStr> =
        context.schema.associations_of(model_id(model)).map(|(_, it)| it.name.clone()).collect();
    let near = words::nearest(&key.text, associations.iter().map(SmolStr::as_str));
    let own = context.model(model);
    let attributes = || own.attributes.iter().map(|it| it.name.as_str());
    if let (Some(near), None) = (near, words::nearest(&key.text, attributes())) {
        let help = format!("did you mean the association `{near}`?");
        let problem = CheckProblem::UnknownAttribute {
            model: own.name.to_string(),
            name: key.text.to_string(),
            at: key.span,
            help: Some(Help::new(help, key.span, near)),
        };
        context.report(problem);
        return;
    }
    context.unknown_attribute(model, &key.text, key.span);
}

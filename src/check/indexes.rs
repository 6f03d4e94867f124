//! Indexes, unique keys and checks.

use super::draft::{SaidLater, push_few};
use super::quoted_names;
use super::scope::{ExpressionPlace, ExpressionScope};
use super::{Body, Context, attribute_id, names};
use crate::ast;
use crate::diagnostics::{CheckProblem, Stray};
use crate::ir::{AttributeId, Check, DataType, Expression, Index, IndexMember, Model};
use crate::source::Span;
use crate::verbs;
use crate::verbs::{BodyVerb, NamedFlag, OptionId, OptionItem, OptionValue, Spanned};
use smol_str::SmolStr;

/// The indexes and checks that the bodies of models say.
pub(super) fn body_indexes(context: &mut Context<'_>) {
    for model in 0..context.drafts.len() {
        for Body { script, verb, sentence } in context.draft(model).bodies.clone() {
            context.script = script;
            match verb {
                BodyVerb::Index | BodyVerb::Unique => {
                    index_sentence(context, model, sentence, verb);
                }
                BodyVerb::Check => check_sentence(context, model, sentence),
                BodyVerb::Scope | BodyVerb::Drop => {}
            }
        }
    }
}

/// The indexes that the attributes of a model say.
pub(super) fn attribute_uniques(
    context: &mut Context<'_>,
    model: usize,
    said: &[(usize, SaidLater<'_>)],
) {
    let draft = context.draft(model);
    let (mut found, mut different) = (Vec::<(NamedFlag, Index)>::new(), Vec::new());
    for (place, said) in said {
        let Some(attribute) = draft.model.attributes.get(*place) else {
            continue;
        };
        let id = attribute_id(*place);
        let Some((unique, message)) = unique_said(said) else { continue };
        let member = member(Expression::Attribute(id));
        match &unique.value {
            NamedFlag::Off => {}
            NamedFlag::As(name) => match found.iter_mut().find(|(it, _)| *it == unique.value) {
                Some((_, index)) => {
                    index.members.push(member);
                    match (&index.message, message) {
                        (Some(first), Some(again)) if *first != again.value => {
                            different.push((index.span, again, first.clone()));
                        }
                        (None, Some(first)) => index.message = Some(first.value),
                        _ => {}
                    }
                }
                None => {
                    let full = names::named_unique(&draft.model.table, name);
                    let index = unique_index(full, true, vec![member], unique.span);
                    let message = message.map(|it| it.value);
                    found.push((unique.value.clone(), Index { message, ..index }));
                }
            },
            NamedFlag::On => {
                let name =
                    names::unique(&draft.model.table, std::iter::once(attribute.column.as_str()));
                let index = unique_index(name, false, vec![member], unique.span);
                let message = message.map(|it| it.value);
                found.push((NamedFlag::On, Index { message, ..index }));
            }
        }
    }
    for (_, again, first) in different {
        context.report(CheckProblem::Contradiction {
            message: format!("one unique key has two messages, {first:?} and {:?}", again.value),
            at: again.span,
            label: "another one".into(),
            help: Some("say it once, at one of its attributes".into()),
        });
    }
    for (_, index) in found {
        add_index(context, model, index);
    }
}

/// What `unique` says of an attribute: whether it is, or by which name; and what is said where a row breaks it.
fn unique_said(said: &SaidLater<'_>) -> Option<(Spanned<NamedFlag>, Option<Spanned<SmolStr>>)> {
    let settings = match said {
        SaidLater::Plain { unique, .. } => {
            let Spanned { value, span } = (*unique)?;
            let value = if value { NamedFlag::On } else { NamedFlag::Off };
            return Some((Spanned { value, span }, None));
        }
        SaidLater::All(settings) => settings,
    };
    let setting = settings.get(OptionId::Unique)?;
    let OptionValue::Object(parts) = &setting.given else {
        return Some((settings.named(OptionId::Unique)?, None));
    };
    let name = parts.text(OptionId::Name).map(|it| NamedFlag::As(it.value));
    let value = name.unwrap_or(NamedFlag::On);
    Some((Spanned { value, span: setting.span() }, parts.text(OptionId::Msg)))
}

/// Adds an index, unless there is one of its name that says the same.
pub(super) fn add_index(context: &mut Context<'_>, model: usize, index: Index) {
    let model = &mut context.draft_mut(model).model;
    let mut named = model.indexes.iter();
    let place = named.position(|it| it.name.eq_ignore_ascii_case(&index.name));
    let same = place.filter(|place| {
        let there = model.indexes.get(*place);
        there.is_some_and(|it| is_same(model, it, &index))
    });
    match same.and_then(|it| model.indexes.get_mut(it)) {
        Some(there) => {
            there.named |= index.named;
            there.doc = there.doc.take().or(index.doc);
            there.message = there.message.take().or(index.message);
        }
        None => push_few(&mut model.indexes, index),
    }
}

fn index_sentence<'a>(
    context: &mut Context<'a>,
    model: usize,
    sentence: &'a ast::Sentence,
    verb: BodyVerb,
) {
    let is_unique = verb == BodyVerb::Unique;
    let verb = verb.facts();
    let owner = format!("`{}`", verb.name);
    let items = OptionItem::of_options(sentence.options.as_ref());
    let said = verbs::read(&owner, verb.options, items, &mut context.problems);
    let unique = is_unique || said.is_on(OptionId::Unique);
    let name = said.text(OptionId::Name);
    let filter = said.item(OptionId::Where);
    let written = match &sentence.argument {
        Some(ast::ValueNode { kind: ast::ValueKind::Group(members), .. })
            if sentence.words.len() == 1 =>
        {
            members.as_slice()
        }
        None if sentence.words.len() == 1 => [].as_slice(),
        _ => {
            return context.malformed(
                sentence,
                &format!("`{}` takes its members in brackets", verb.name),
                verb.usage,
            );
        }
    };
    if written.is_empty() {
        return context.report(CheckProblem::NoMembers {
            verb: verb.name.into(),
            at: sentence.words.first().map_or(sentence.span, |it| it.span),
            help: Some(format!("name attributes: `{}`", verb.usage)),
        });
    }
    let (mut members, mut words) =
        (Vec::with_capacity(written.len()), Vec::with_capacity(written.len()));
    for it in written {
        if let Some((member, text)) = index_member(context, model, it) {
            members.push(member);
            words.push(text);
        }
    }
    let filter = match filter {
        Some(item) => match context.option_expression(model, item, ExpressionPlace::Filter) {
            Some(expression) => Some(expression),
            None => return,
        },
        None => None,
    };
    if members.len() < written.len() {
        return;
    }
    let table = context.model(model).table.clone();
    let words = words.iter().map(SmolStr::as_str);
    let default =
        if is_unique { names::unique(&table, words) } else { names::index(&table, words) };
    let named = name.is_some();
    let doc = context.doc(context.script, sentence.span.start);
    let index = Index {
        name: name.map_or(default, |it| it.value),
        named,
        unique,
        constraint: is_unique,
        members,
        filter,
        message: said.text(OptionId::Msg).map(|it| it.value),
        span: sentence.span,
        doc,
    };
    add_index(context, model, index);
}

/// `a`, `a desc`, `a collate NOCASE desc`, `lower(a)`; and the words that it has in the index's default name.
fn index_member<'a>(
    context: &mut Context<'a>,
    model: usize,
    written: &'a ast::ValueNode,
) -> Option<(IndexMember, SmolStr)> {
    let (value, words) = match &written.kind {
        ast::ValueKind::Phrase(phrase) if phrase.options.is_none() => {
            (&phrase.value, phrase.words.as_slice())
        }
        _ => (written, [].as_slice()),
    };
    let (mut collation, mut descending) = (None, false);
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.text.as_str() {
            "desc" => descending = true,
            "asc" => descending = false,
            "collate" => match rest.next() {
                Some(name) => collation = Some(name.text.clone()),
                None => {
                    bad_member(context, word.span, "a collation's name is missing behind it");
                    return None;
                }
            },
            _ => {
                bad_member(context, word.span, "neither `asc`, `desc` nor `collate`");
                return None;
            }
        }
    }
    let bare = match &value.kind {
        ast::ValueKind::Group(members) => match members.as_slice() {
            [one] => one,
            _ => value,
        },
        _ => value,
    };
    let (expression, text) = match &bare.kind {
        ast::ValueKind::Name(word) => {
            let id = index_attribute(context, model, word)?;
            let column = context.model(model).attribute(id).column.clone();
            (Expression::Attribute(id), column)
        }
        _ => {
            let text = names::member(context.sources.slice(bare.span));
            let scope = ExpressionScope::new(model, ExpressionPlace::Index);
            let expression = context.expression(bare, &scope)?;
            if !quoted_names::is_no_name(context, bare, &[], &scope)
                || !quoted_names::require_varying(
                    context,
                    BodyVerb::Index.name(),
                    &expression,
                    bare.span,
                )
            {
                return None;
            }
            (expression, text)
        }
    };
    Some((IndexMember { expression, collation, descending }, text))
}

fn bad_member(context: &mut Context<'_>, at: Span, label: &str) {
    context.report(CheckProblem::Malformed {
        message: "this is no member of an index".into(),
        at,
        label: label.to_owned(),
        help: Some(
            format!(
                "a member is an attribute or an expression, perhaps with a direction: `{}`",
                BodyVerb::Index.facts().usage
            )
            .into(),
        ),
    });
}

/// An attribute, or else a column, of that name.
fn index_attribute(
    context: &mut Context<'_>,
    model: usize,
    word: &ast::Word,
) -> Option<AttributeId> {
    let of = context.model(model);
    let found = of
        .attribute_named(&word.text)
        .or_else(|| of.attributes().find(|(_, it)| it.column == word.text).map(|(id, _)| id));
    let Some(id) = found else {
        context.unknown_attribute(model, &word.text, word.span);
        return None;
    };
    context.notes.attribute(word.span, model, id);
    if matches!(of.attribute(id).data_type, DataType::Virtual) {
        context.report(CheckProblem::NotInExpression {
            what: Stray::Virtual(word.text.to_string()),
            place: "an index",
            at: word.span,
            help: Some("index what it is computed from".into()),
        });
        return None;
    }
    Some(id)
}

fn check_sentence<'a>(context: &mut Context<'a>, model: usize, sentence: &'a ast::Sentence) {
    let items = OptionItem::of_options(sentence.options.as_ref());
    let tables = BodyVerb::Check.facts().options;
    let said = verbs::read("`check`", tables, items, &mut context.problems);
    let name = said.text(OptionId::Name);
    let condition = match &sentence.argument {
        Some(ast::ValueNode { kind: ast::ValueKind::Group(members), .. })
            if members.len() == 1 && sentence.words.len() == 1 =>
        {
            members.first()
        }
        _ => None,
    };
    let Some(condition) = condition else {
        return context.malformed(
            sentence,
            "`check` takes one condition in brackets",
            BodyVerb::Check.facts().usage,
        );
    };
    let scope = ExpressionScope::new(model, ExpressionPlace::Check);
    let Some(expression) = context.expression(condition, &scope) else {
        return;
    };
    if let Some(name) = &name {
        let used = context.model(model).checks.iter().find(|index| {
            index.name.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(&name.value))
        });
        if let Some(first) = used.map(|it| it.span) {
            let model = context.model(model).name.to_string();
            return context.report(CheckProblem::SameConstraint {
                model,
                name: name.value.to_string(),
                first,
                again: sentence.span,
            });
        }
    }
    let check =
        Check { name: name.map(|it| it.value), expression, attribute: None, span: sentence.span };
    context.draft_mut(model).model.checks.push(check);
}

/// Whether two indexes of a model are one to the database, their names aside.
fn is_same(model: &Model, one: &Index, two: &Index) -> bool {
    let collation = |member: &IndexMember| {
        let mut own = None;
        if let Expression::Attribute(id) = &member.expression {
            let extra = model.attribute(*id).extra.as_ref();
            own = extra.and_then(|it| it.collate.as_ref());
        }
        let name = member.collation.as_ref().or(own);
        name.map(|it| it.to_ascii_lowercase())
    };
    let same = |one: &IndexMember, two: &IndexMember| {
        one.expression == two.expression
            && one.descending == two.descending
            && collation(one) == collation(two)
    };
    one.unique == two.unique
        && one.filter == two.filter
        && one.members.len() == two.members.len()
        && one.members.iter().zip(&two.members).all(|(one, two)| same(one, two))
}

/// A member of which nothing is said.
pub(super) fn member(expression: Expression) -> IndexMember {
    IndexMember { expression, collation: None, descending: false }
}

/// An index that makes its members unique.
pub(super) fn unique_index(
    name: SmolStr,
    named: bool,
    members: Vec<IndexMember>,
    span: Span,
) -> Index {
    let (filter, message, doc) = (None, None, None);
    Index { name, named, unique: true, constraint: true, members, filter, message, span, doc }
}

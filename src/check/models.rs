//! Models: their bodies and options, with what they extend.

use super::declare::takes_no_value;
use super::draft::AttributeSaid;
use super::model_contents::ModelContents;
use super::{Base, Body, Context, Entity, names, pasted, quoted_names};
use crate::ast;
use crate::diagnostics::{CheckProblem, Edit, Help, Stray};
use crate::ir::{Attribute, DataType, Origin, TypeWord};
use crate::source::Span;
use crate::verbs;
use crate::verbs::{BodyVerb, Declaration, OptionId, OptionItem, Verb, body_verb};
use crate::words;
use smol_str::SmolStr;
use std::collections::HashMap;

/// A model extends at most so many others.
const MOST_BASES: usize = 100;

/// Where `extends` of an abstract model leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExtendsPath {
    /// Over so many others to an end.
    Ends(usize),
    /// Back to itself.
    Circle,
    /// Into a circle of others.
    IntoCircle,
}

/// Reads all models: attributes as written, options, what they extend. Nothing comes by itself yet.
pub(super) fn lower_models<'a>(context: &mut Context<'a>) {
    let ways = extends_paths(context);
    let layers: Vec<ModelContents<'a>> = context
        .bases
        .clone()
        .into_iter()
        .enumerate()
        .map(|(index, it)| {
            let circle = ways.get(index) == Some(&ExtendsPath::Circle);
            model_contents(context, &it, circle, &ways)
        })
        .collect();
    for index in 0..context.drafts.len() {
        let Some(base) = context.draft(index).base else {
            continue;
        };
        let mut own = model_contents(context, &base, false, &ways);
        let chain = chain(context, &base);
        let shared = context.draft(index).shared;
        // What the sentence `defaults` gets wrong has been reported there.
        let tables = Declaration::Defaults.facts().options;
        let shared = verbs::read("", tables, OptionItem::of_options(shared), &mut Vec::new());
        let mut options = std::mem::take(&mut own.options);
        let mut merged = ModelContents::default();
        for layer in chain.iter().rev().filter_map(|it| layers.get(*it)) {
            merged.add(layer.clone());
        }
        for layer in chain.iter().filter_map(|it| layers.get(*it)) {
            options = options.or(layer.options.clone());
        }
        merged.add(own);
        let doc = context.doc(base.script, base.sentence.span.start);
        for it in &merged.drops {
            context.notes.declare_former(it.span, index, &it.text);
        }
        context.drops.extend(merged.drops.iter().map(|it| (index, *it)));
        options.text(OptionId::Was).iter().for_each(|it| context.notes.table(it.span, &it.value));
        let draft = context.draft_mut(index);
        draft.options = options.or(shared);
        draft.bodies = merged.bodies;
        if !merged.drops.is_empty() || !merged.clauses.is_empty() {
            let extra = draft.model.extra.get_or_insert_default();
            extra.drops = merged.drops.iter().map(|it| it.text.clone()).collect();
            extra.clauses = merged.clauses;
        }
        draft.model.doc = doc;
        draft.model.attributes = merged.attributes;
        draft.model.attributes.shrink_to(draft.model.attributes.len() + 1);
        draft.said.fill(merged.said);
        draft.complete_names();
        context.referring.extend(merged.refers.then_some(index));
    }
}

/// The bases of a model, nearest first.
fn chain<'a>(context: &mut Context<'a>, base: &Base<'a>) -> Vec<usize> {
    let mut chain: Vec<usize> = Vec::new();
    let mut next = base.extends;
    while let Some(word) = next {
        match context.entities.get(&word.text) {
            Some((Entity::Base(index), _))
                if !chain.contains(index) && chain.len() < MOST_BASES =>
            {
                chain.push(*index);
                next = context.bases.get(*index).and_then(|it| it.extends);
            }
            _ => break, // reported with the base's own sentence, or below
        }
    }
    chain
}

/// Where each abstract model leads.
fn extends_paths(context: &Context<'_>) -> Vec<ExtendsPath> {
    let next = |index: usize| {
        let word = context.bases.get(index)?.extends?;
        match context.entities.get(&word.text) {
            Some((Entity::Base(index), _)) => Some(*index),
            _ => None,
        }
    };
    let mut ways: Vec<Option<ExtendsPath>> = vec![None; context.bases.len()];
    // On which walk each was met first.
    let mut met: Vec<Option<usize>> = vec![None; context.bases.len()];
    for start in 0..context.bases.len() {
        let (mut walked, mut at) = (Vec::new(), Some(start));
        let mut known = ExtendsPath::Ends(0);
        let mut circle = None;
        while let Some(index) = at {
            if let Some(Some(way)) = ways.get(index) {
                known = match way {
                    ExtendsPath::Ends(over) => ExtendsPath::Ends(over + 1),
                    ExtendsPath::Circle | ExtendsPath::IntoCircle => ExtendsPath::IntoCircle,
                };
                break;
            }
            match met.get_mut(index) {
                Some(Some(walk)) if *walk == start => {
                    circle = Some(index);
                    break;
                }
                Some(walk) => *walk = Some(start),
                None => break,
            }
            walked.push(index);
            at = next(index);
        }
        let mut around = circle.is_some();
        for index in walked.into_iter().rev() {
            let way = match (circle, known) {
                (Some(_), _) if around => ExtendsPath::Circle,
                (Some(_), _) | (None, ExtendsPath::Circle | ExtendsPath::IntoCircle) => {
                    ExtendsPath::IntoCircle
                }
                (None, ExtendsPath::Ends(over)) => ExtendsPath::Ends(over),
            };
            around &= circle != Some(index);
            if let ExtendsPath::Ends(over) = known {
                known = ExtendsPath::Ends(over + 1);
            }
            if let Some(it) = ways.get_mut(index) {
                *it = Some(way);
            }
        }
    }
    ways.into_iter().map(|it| it.unwrap_or(ExtendsPath::Ends(0))).collect()
}

/// Whether what a model extends is abstract.
fn check_extends<'a>(
    context: &mut Context<'a>,
    base: &Base<'a>,
    circle: bool,
    ways: &[ExtendsPath],
) {
    let Some(word) = base.extends else { return };
    match context.entities.get(&word.text) {
        Some((Entity::Base(index), _)) => {
            context.notes.base(word);
            if circle {
                context.report(CheckProblem::BadBase {
                    message: format!("`{}` extends itself", base.word.text),
                    at: word.span,
                    label: "leads back to where it began".into(),
                    help: Some("take one `extends` of the circle away".into()),
                });
            } else if ways.get(*index) == Some(&ExtendsPath::Ends(MOST_BASES)) {
                context.report(CheckProblem::BadBase {
                    message: format!("`{}` extends more than {MOST_BASES} others", base.word.text),
                    at: word.span,
                    label: format!("extends {MOST_BASES} others"),
                    help: Some("put what several of them have into one `abstract model`".into()),
                });
            }
        }
        Some((Entity::Model(_), _)) => context.report(CheckProblem::BadBase {
            message: format!("`{}` is not abstract", word.text),
            at: word.span,
            label: "a model with a table of its own".into(),
            help: Some(format!("put what both have into an `abstract model`, and let both extend it; or write `abstract model {}`", word.text)),
        }),
        None if context.may_be_declared(&word.text) => {}
        Some(_) | None => {
            let names = context.bases.iter().map(|it| it.word.text.as_str());
            let nearest = context.nearest(&word.text, names);
            let help = Help::nearest(word.span, nearest, || {
                format!("declare it: `abstract model {} {{ .. }}`", names::written(&word.text))
            });
            context.report(CheckProblem::UnknownModel {
                name: word.text.to_string(),
                at: word.span,
                help: Some(help),
            });
        }
    }
}

/// Reads one `model` sentence.
fn model_contents<'a>(
    context: &mut Context<'a>,
    base: &Base<'a>,
    circle: bool,
    ways: &[ExtendsPath],
) -> ModelContents<'a> {
    context.script = base.script;
    check_extends(context, base, circle, ways);
    let mut layer = ModelContents {
        options: verbs::read(
            "`model`",
            Declaration::Model.facts().options,
            OptionItem::of_options(base.sentence.options.as_ref()),
            &mut context.problems,
        ),
        ..ModelContents::default()
    };
    if let Some(id) = layer.options.flag(OptionId::Id).filter(|it| it.value) {
        context.report(CheckProblem::Malformed {
            message: "`id` of a model's options is false or not there".into(),
            at: id.span,
            label: "an `id` is added anyway".into(),
            help: Some("leave it out, or write `id: false`".into()),
        });
    }
    let Some(ast::ValueNode { kind: ast::ValueKind::Object(braces), .. }) = &base.sentence.argument
    else {
        return layer;
    };
    let named = FirstTypes::of(&braces.members);
    // Room for an `id`, or a key: of a large schema these lists are what comes of it.
    let count = braces.members.iter().filter_map(pair).count();
    layer.attributes.reserve_exact(count + 1);
    layer.said.reserve_exact(count);
    for member in &braces.members {
        match member {
            ast::Member::Pair(pair) => {
                let first = named.first(&pair.key.text).filter(|it| *it != pair.key.span);
                if let Some(first) = first {
                    context.report(CheckProblem::DeclaredTwice {
                        name: pair.key.text.to_string(),
                        first,
                        again: pair.key.span,
                        help: Some("keep one of the two attributes".into()),
                    });
                    continue;
                }
                if let Some((attribute, said)) = attribute(context, base, pair) {
                    layer.push(attribute, said);
                }
                let refers = |it: &ast::OptionPair| it.name.text == OptionId::References.name();
                layer.refers |= pair.options.iter().any(|it| it.items.iter().any(refers));
            }
            ast::Member::Sentence(sentence) => body_sentence(context, base, sentence, &mut layer),
        }
    }
    layer
}

fn attribute<'a>(
    context: &mut Context<'a>,
    base: &Base<'a>,
    pair: &'a ast::Pair,
) -> Option<(Attribute, Option<AttributeSaid<'a>>)> {
    let name = &pair.key;
    if quoted_names::is_text(context, name) {
        context.report(CheckProblem::Malformed {
            message: "an attribute's name is not in double quotes".into(),
            at: name.span,
            label: "a text, not a name".into(),
            help: Some(Help::new(
                format!("write it bare, or in backquotes: `{}`", name.text),
                name.span,
                &name.text,
            )),
        });
        return None;
    }
    if pasted::type_in_brackets(context, pair) {
        return Some((placeholder_attribute(name, false), None));
    }
    let said = AttributeSaid::read(pair.options.as_ref(), &mut context.problems);
    let primary_key = said.as_ref().is_some_and(|it| it.flags.primary_key);
    let Some(value) = &pair.value else {
        context.report(CheckProblem::MissingType {
            attribute: name.text.to_string(),
            at: name.span,
            help: Some(format!("write `{}: STRING`", name.text)),
        });
        return Some((placeholder_attribute(name, primary_key), None));
    };
    let Some(data_type) = context.data_type(value) else {
        return Some((placeholder_attribute(name, primary_key), None));
    };
    let doc = context.doc(base.script, pair.span().start);
    let extra =
        doc.map(|doc| Box::new(crate::ir::AttributeExtra { doc: Some(doc), ..Default::default() }));
    let attribute = Attribute {
        primary_key,
        extra,
        ..Attribute::new(name.text.clone(), data_type, name.span, Origin::Written)
    };
    Some((attribute, said))
}

fn body_sentence<'a>(
    context: &mut Context<'a>,
    base: &Base<'a>,
    sentence: &'a ast::Sentence,
    layer: &mut ModelContents<'a>,
) {
    // Without words it is raw SQL, a clause of the table, or nothing.
    let Some(first) = sentence.words.first() else {
        match sentence.argument.as_ref().map(|it| &it.kind) {
            Some(ast::ValueKind::Sql(text)) => layer.clauses.push(text.clone()),
            _ => context.report(CheckProblem::NotHere {
                what: Stray::Value,
                at: sentence.span,
                label: "neither an attribute nor a sentence".into(),
                help: Some("an attribute is written `name: TYPE`".into()),
            }),
        }
        return;
    };
    // What reads attributes waits until all of them are known; an attribute that is dropped is only noted.
    match body_verb(sentence) {
        Some(verb) if !takes_no_value(context, sentence, verb.name(), verb.facts().usage) => {}
        Some(BodyVerb::Drop) => match (sentence.words.get(1), &sentence.argument) {
            (Some(name), None) if name.tail.is_empty() && sentence.words.len() == 2 => {
                layer.drops.push(&name.head);
            }
            _ => context.malformed(
                sentence,
                "`drop` of a body takes one attribute's name",
                BodyVerb::Drop.facts().usage,
            ),
        },
        Some(verb @ (BodyVerb::Index | BodyVerb::Unique | BodyVerb::Check | BodyVerb::Scope)) => {
            layer.bodies.push(Body { script: base.script, verb, sentence });
        }
        None => {
            let names = || BodyVerb::ALL.iter().map(|it| it.name());
            if let Some(verb) = verbs::only_subject_verb(&first.head.text).map(Verb::facts) {
                let rest = context.sources.slice(sentence.span);
                let written = format!("{} {rest}", base.word.text);
                let is_short = written.len() < 60 && !written.contains('\n');
                let example = if is_short { written.as_str() } else { verb.usage };
                return context.report(CheckProblem::NotHere {
                    what: Stray::Word(verb.name.to_string()),
                    at: first.span,
                    label: "not a sentence of a model's body".into(),
                    help: Some(format!("write it outside of the braces: `{example}`").into()),
                });
            }
            let colon = match (&*sentence.words, &sentence.assigned) {
                ([of_type, name], None) if TypeWord::named(&of_type.head.text).is_some() => {
                    let text = format!("{}: {}", name.head.text, of_type.head.text);
                    let edit = Edit { at: of_type.span.to(name.span), text };
                    Some((name, of_type.span, "a name stands before its type".into(), edit))
                }
                ([name, of_type], _) if words::nearest(&name.head.text, names()).is_none() => {
                    let message = format!("a colon is missing behind `{}`", name.head.text);
                    let edit = Edit { at: name.span.at_end(), text: ":".to_owned() };
                    Some((name, of_type.span, message, edit))
                }
                ([name], Some(value)) => {
                    let at = Span::new(name.span.end, value.span.start);
                    let edit = Edit { at, text: ": ".to_owned() };
                    Some((name, value.span, format!("`{}` takes no `=`", name.head.text), edit))
                }
                _ => None,
            };
            if let Some((name, of, message, edit)) = colon.filter(|it| it.0.tail.is_empty()) {
                let text = format!("write `{}: {}`", name.head.text, context.sources.slice(of));
                context.report(CheckProblem::Malformed {
                    message,
                    at: name.span,
                    label: "the name of an attribute".into(),
                    help: Some(Help { text, edits: vec![edit] }),
                });
                layer.push(placeholder_attribute(&name.head, false), None);
                return;
            }
            if sentence.words.len() == 1 && sentence.argument.is_none() && first.tail.is_empty() {
                layer.push(placeholder_attribute(&first.head, false), None);
            }
            let help = if sentence.words.len() == 1 && sentence.argument.is_none() {
                Some(format!(
                    "an attribute is written with its type: `{}: STRING`",
                    first.head.text
                ))
            } else {
                Some(match words::nearest(&first.head.text, names()) {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => format!(
                        "a body holds attributes, `name: TYPE`, and the sentences {}",
                        verbs::list(names())
                    ),
                })
            };
            context.report(CheckProblem::NotHere {
                what: Stray::Word(first.head.text.to_string()),
                at: first.span,
                label: "not a sentence of a model's body".into(),
                help: help.map(Into::into),
            });
        }
    }
}

/// An attribute whose type is wrong, which has been reported: it is there, so that nothing else is said about it.
fn placeholder_attribute(name: &ast::Word, is_key: bool) -> Attribute {
    let data_type = DataType::Raw(SmolStr::default());
    Attribute {
        primary_key: name.text == "id" || is_key,
        ..Attribute::new(name.text.clone(), data_type, name.span, Origin::Written)
    }
}

/// Where each name of a body is first given a type.
struct FirstTypes<'a> {
    members: &'a [ast::Member],
    /// For a body of many members only: most have few, and a look at those is faster.
    places: HashMap<&'a str, Span>,
}

impl<'a> FirstTypes<'a> {
    fn of(members: &'a [ast::Member]) -> Self {
        let mut places = HashMap::new();
        if members.len() > 16 {
            for pair in members.iter().filter_map(pair) {
                places.entry(pair.key.text.as_str()).or_insert(pair.key.span);
            }
        }
        Self { members, places }
    }

    fn first(&self, name: &str) -> Option<Span> {
        if !self.places.is_empty() {
            return self.places.get(name).copied();
        }
        let mut pairs = self.members.iter().filter_map(pair);
        pairs.find(|it| it.key.text == name).map(|it| it.key.span)
    }
}

fn pair(member: &ast::Member) -> Option<&ast::Pair> {
    match member {
        ast::Member::Pair(pair) => Some(pair),
        ast::Member::Sentence(_) => None,
    }
}

//! What can be done with what stands at a place, besides giving it another name.
//!
//! Each is tried on the texts before it is offered: where the script would have a new problem, it isn't.

use super::names::{Project, quoted};
use crate::ast::{Bundle, Call, Member, Sentence, ValueKind};
use crate::check::{self, Checked};
use crate::diagnostics::{Edit, Problem};
use crate::ir::{Association, AssociationKind};
use crate::source::Span;
use crate::syntax;
use crate::verbs::{Declaration, OptionId, Verb, Verbal, verbal};
use std::collections::HashSet;
use std::sync::Arc;

/// Something that can be done, as edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptAction {
    /// What it does.
    pub title: String,
    /// The edits, in order.
    pub edits: Vec<Edit>,
}

/// What can be done with what stands in a place.
///
/// ```
/// use relata::{ast::Bundle, check, ide, source::Sources, syntax};
/// let mut sources = Sources::default();
/// let id = sources.add("a.schema", "model User { }\nmodel Bill { }\nBill belongsTo User").unwrap();
/// let bundle = Bundle::of(syntax::parse(sources.get(id)).script);
/// let checked = check::check_noting(&bundle, &sources);
/// let project = ide::Project { sources: &sources, bundle: &bundle, checked: &checked };
/// let found = ide::actions(project, sources.get(id).span(31..31));
/// let texts: Vec<&str> = found.iter().map(|it| it.edits[0].text.as_str()).collect();
/// assert_eq!(texts, [" < foreignKey: UserId >", "\nUser hasMany Bill < foreignKey: UserId >"]);
/// ```
pub fn actions(project: Project<'_>, within: Span) -> Vec<ScriptAction> {
    let touches = |it: Span| it.start <= within.end && within.start <= it.end;
    let mut found = Vec::new();
    for (_, sentence) in project.bundle.sentences().filter(|(_, it)| touches(it.span)) {
        match verbal(sentence) {
            Verbal::Second(_, Verb::Associate(_)) => {
                let mut all = project.checked.schema.associations();
                let own = all.find(|(_, it)| it.span.start == sentence.span.start);
                if let Some((_, association)) = own {
                    found.extend(name_key(project, sentence, association));
                    found.extend(other_side(project, sentence, association));
                }
            }
            Verbal::First(Verb::Declare(Declaration::Model | Declaration::Abstract)) => {
                found.extend(extract_enumeration(project, sentence, within));
            }
            Verbal::First(_)
            | Verbal::Second(..)
            | Verbal::Unknown(_)
            | Verbal::Sql(_)
            | Verbal::Nothing => {}
        }
    }
    let known = messages(project.checked);
    found.retain(|it| {
        let after = checked_with(project, &it.edits);
        after.is_some_and(|after| messages(&after).is_subset(&known))
    });
    found
}

/// What the scripts mean with edits made; none where they can't be.
fn checked_with(project: Project<'_>, edits: &[Edit]) -> Option<Checked> {
    let Project { sources, bundle, .. } = project;
    let mut new = sources.clone();
    for edit in edits.iter().rev() {
        let source = sources.at(edit.at.start)?;
        new.edit(source.id, source.range(edit.at), &edit.text).ok()?;
    }
    let (mut scripts, mut changed) = (bundle.scripts.clone(), HashSet::new());
    for (place, script) in scripts.iter_mut().enumerate() {
        let (before, after) = (sources.get(script.source), new.get(script.source));
        if !Arc::ptr_eq(&before.text, &after.text) {
            let parsed = syntax::parse(after);
            if parsed.script.broken.len() > script.broken.len() {
                return None;
            }
            *script = Arc::new(parsed.script);
            changed.insert(place);
        }
    }
    // The sentences of a script that has others now stand where its first one stood.
    let mut order = Vec::new();
    for (script, sentence) in &bundle.order {
        if changed.remove(script) {
            let sentences = &scripts.get(*script)?.sentences;
            let imports = |it: &Sentence| {
                matches!(verbal(it), Verbal::First(Verb::Declare(Declaration::Import)))
            };
            let all = sentences.iter().enumerate().filter(|(_, it)| !imports(it));
            order.extend(all.map(|it| (*script, it.0)));
        } else if Arc::ptr_eq(bundle.scripts.get(*script)?, scripts.get(*script)?) {
            order.push((*script, *sentence));
        }
    }
    let bundle = Bundle { scripts, order, ..bundle.clone() };
    Some(check::check(&bundle, &new))
}

fn messages(checked: &Checked) -> HashSet<String> {
    checked.problems.iter().map(Problem::to_string).collect()
}

/// Where an option is added to a sentence, and how.
fn with_option(sentence: &Sentence, text: &str) -> Edit {
    let first = sentence.options.as_ref().and_then(|it| it.items.first());
    let (at, text) = match first {
        Some(first) => (first.span().start, format!("{text}, ")),
        None => (sentence.span.end, format!(" < {text} >")),
    };
    Edit { at: Span::new(at, at), text }
}

fn says(sentence: &Sentence, option: OptionId) -> bool {
    let options = sentence.options.as_ref();
    options.is_some_and(|list| list.items.iter().any(|it| it.name.text == option.name()))
}

/// The names of a key, as `foreignKey` says them.
fn key_names(project: Project<'_>, association: &Association) -> String {
    let holder = &project.checked.schema[association.holder()];
    let names: Vec<String> =
        association.referring().map(|id| quoted(&holder.attribute(id).name)).collect();
    if names.len() == 1 { names.concat() } else { format!("[{}]", names.join(", ")) }
}

/// Says the key that comes by itself.
fn name_key(
    project: Project<'_>,
    sentence: &Sentence,
    association: &Association,
) -> Option<ScriptAction> {
    if says(sentence, OptionId::ForeignKey) {
        return None;
    }
    let key = key_names(project, association);
    let text = format!("{}: {key}", OptionId::ForeignKey.name());
    let title = format!("name the key: `{text}`");
    Some(ScriptAction { title, edits: vec![with_option(sentence, &text)] })
}

/// Declares the association in the other direction.
fn other_side(
    project: Project<'_>,
    sentence: &Sentence,
    own: &Association,
) -> Option<ScriptAction> {
    let schema = &project.checked.schema;
    let (source, target) = (&schema[own.source], &schema[own.target]);
    let back = match own.kind {
        AssociationKind::HasOne | AssociationKind::HasMany => AssociationKind::BelongsTo,
        AssociationKind::BelongsTo => AssociationKind::HasMany,
        AssociationKind::BelongsToMany => AssociationKind::BelongsToMany,
    };
    let same_key = |other: &Association| {
        let through = |of: &Association| of.through.as_ref().map(|it| it.model);
        other.source == own.target
            && other.target == own.source
            && (other.kind != own.kind || own.kind == AssociationKind::BelongsToMany)
            && through(other) == through(own)
            && (other.through.is_some() || other.referring().eq(own.referring()))
    };
    if source.view || target.view || schema.associations().any(|(_, other)| same_key(other)) {
        return None;
    }
    let mut options = Vec::new();
    match &own.through {
        Some(through) => {
            let model = &schema[through.model];
            let name = |id| quoted(&model.attribute(id).name);
            let [theirs] = through.key.as_slice() else { return None };
            let key = own.single_key()?;
            options.push(format!("{}: {}", OptionId::Through.name(), quoted(&model.name)));
            options.push(format!("{}: {}", OptionId::ForeignKey.name(), name(theirs.attribute)));
            options.push(format!("{}: {}", OptionId::OtherKey.name(), name(key.attribute)));
        }
        None => {
            options.push(format!("{}: {}", OptionId::ForeignKey.name(), key_names(project, own)));
            let refers = if own.kind == AssociationKind::BelongsTo { target } else { source };
            let referenced: Vec<_> = own.key.iter().map(|it| it.referenced).collect();
            if referenced != refers.primary_key {
                let option = match back {
                    AssociationKind::BelongsTo => OptionId::TargetKey,
                    AssociationKind::HasOne
                    | AssociationKind::HasMany
                    | AssociationKind::BelongsToMany => OptionId::SourceKey,
                };
                let names: Vec<String> =
                    referenced.iter().map(|id| quoted(&refers.attribute(*id).name)).collect();
                let names = if names.len() == 1 {
                    names.concat()
                } else {
                    format!("[{}]", names.join(", "))
                };
                options.push(format!("{}: {names}", option.name()));
            }
        }
    }
    let line = format!(
        "{} {} {} < {} >",
        quoted(&target.name),
        back.word(),
        quoted(&source.name),
        options.join(", ")
    );
    let at = sentence.span.at_end();
    let title = format!("add the other side: `{line}`");
    Some(ScriptAction { title, edits: vec![Edit { at, text: format!("\n{line}") }] })
}

/// Gives an inline ENUM a name, so that other attributes can have it.
fn extract_enumeration(
    project: Project<'_>,
    sentence: &Sentence,
    within: Span,
) -> Option<ScriptAction> {
    let name = &sentence.words.last()?.head.text;
    let ValueKind::Object(body) = &sentence.argument.as_ref()?.kind else {
        return None;
    };
    let touches = |it: Span| it.start <= within.end && within.start <= it.end;
    let pair = body.members.iter().find_map(|it| match it {
        Member::Pair(pair) if touches(pair.span()) => Some(pair),
        Member::Pair(_) | Member::Sentence(_) => None,
    })?;
    let value = pair.value.as_ref()?;
    let ValueKind::Call(call) = &value.kind else {
        return None;
    };
    let Call { name: type_name, arguments, suffixes, .. } = &**call;
    if type_name.text != "ENUM" || !suffixes.is_empty() || arguments.is_empty() {
        return None;
    }
    let key = &pair.key.text;
    let mut letters = key.chars();
    let first = letters.next()?.to_uppercase();
    let own: String = name.chars().chain(first).chain(letters).collect();
    let source = project.sources.at(value.span.start)?;
    let members: Vec<&str> = arguments.iter().map(|it| source.slice(it.span)).collect();
    let own = quoted(&own);
    // A documentation stays with its model.
    let script = project.bundle.scripts.iter().find(|it| it.source == source.id)?;
    let between = |it: Span| source.slice(it).trim().is_empty();
    let doc = script.doc(sentence.span.start, between);
    let start = doc.first().map_or(sentence.span.start, |it| it.start);
    let declared = format!("enum {own} {{ {} }}\n\n", members.join(", "));
    let edits = vec![
        Edit { at: Span::new(start, start), text: declared },
        Edit { at: value.span, text: own.clone() },
    ];
    Some(ScriptAction { title: format!("extract `enum {own}`"), edits })
}

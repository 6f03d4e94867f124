//! A key that an attribute says by `references`, as an association; and back.

use super::super::names::{Project, quoted};
use super::ScriptAction;
use super::create::{attribute_within, declaring};
use crate::ast::{Member, OptionList, OptionPair, Sentence, ValueKind};
use crate::diagnostics::Edit;
use crate::ir::{Action, Association, AssociationKind, ForeignKey, KeyTarget, Schema};
use crate::source::{Source, Span};
use crate::verbs::OptionId;
use std::fmt::Write;

/// The text of an option, as it is written.
fn said<'s>(source: &'s Source, options: &OptionList, id: OptionId) -> Option<&'s str> {
    let found = options.items.iter().find(|it| it.name.text == id.name())?;
    Some(source.slice(found.value.as_ref()?.span))
}

/// `authorId: INTEGER < references: { model: User, key: id } >` as `Post belongsTo User < foreignKey: authorId >`.
pub(super) fn into_association(
    project: Project<'_>,
    sentence: &Sentence,
    within: Span,
) -> Option<ScriptAction> {
    let name = &sentence.words.get(1)?.head.text;
    let ValueKind::Object(body) = &sentence.argument.as_ref()?.kind else {
        return None;
    };
    let pair = attribute_within(&body.members, within)?;
    let options = pair.options.as_ref()?;
    let is_key = |it: &&OptionPair| it.name.text == OptionId::References.name();
    let ValueKind::Object(key) = &options.items.iter().find(is_key)?.value.as_ref()?.kind else {
        return None;
    };
    let source = project.sources.at(sentence.span.start)?;
    let part = |id: OptionId| {
        key.members.iter().find_map(|it| match it {
            Member::Pair(pair) if pair.key.text == id.name() => {
                Some(source.slice(pair.value.as_ref()?.span))
            }
            Member::Pair(_) | Member::Sentence(_) => None,
        })
    };
    // A table that no model is on has no associations.
    let target = part(OptionId::Model).filter(|it| !it.starts_with('"'))?;
    let mut line = format!("{} belongsTo {target} < ", quoted(name));
    let _infallible = write!(line, "foreignKey: {}", quoted(&pair.key.text));
    if let Some(referenced) = part(OptionId::Key) {
        let model = project.checked.schema.model_named(target.trim_matches('`'))?;
        let primary = &project.checked.schema[model].primary_key;
        let known = project.checked.schema[model].attributes();
        let is_primary = known
            .filter(|it| it.1.name == referenced.trim_matches('`'))
            .any(|it| primary.as_slice() == [it.0]);
        if !is_primary {
            let _infallible = write!(line, ", targetKey: {referenced}");
        }
    }
    // An association without them has actions of its own.
    for id in [OptionId::OnDelete, OptionId::OnUpdate] {
        let action = said(source, options, id).unwrap_or(Action::NoAction.word());
        let _infallible = write!(line, ", {}: {action}", id.name());
    }
    line.push_str(" >");
    // The options that the association says now leave the attribute.
    let gone = |it: &OptionPair| {
        [OptionId::References, OptionId::OnDelete, OptionId::OnUpdate]
            .iter()
            .any(|id| it.name.text == id.name())
    };
    let kept: Vec<&str> =
        options.items.iter().filter(|it| !gone(it)).map(|it| source.slice(it.span())).collect();
    let before = pair.value.as_ref()?.span.end;
    let text = if kept.is_empty() { String::new() } else { format!(" < {} >", kept.join(", ")) };
    let edits = vec![
        Edit { at: Span::new(before, options.span.end), text },
        Edit { at: sentence.span.at_end(), text: format!("\n{line}") },
    ];
    Some(ScriptAction { title: format!("say it as `{line}`"), edits })
}

/// `Post belongsTo User < foreignKey: authorId >` as `references` of the attribute that is the key.
pub(super) fn into_references(
    project: Project<'_>,
    sentence: &Sentence,
    own: &Association,
) -> Option<ScriptAction> {
    if own.kind != AssociationKind::BelongsTo {
        return None;
    }
    let schema = &project.checked.schema;
    let (holder, target) = (&schema[own.source], &schema[own.target]);
    let key = own.single_key()?;
    let attribute = holder.attribute(key.attribute);
    let source = project.sources.at(sentence.span.start)?;
    // What the association alone declares has no place to say it.
    let declared = declaring(project, &holder.name)?;
    let ValueKind::Object(body) = &declared.argument.as_ref()?.kind else {
        return None;
    };
    let pair = body.members.iter().find_map(|it| match it {
        Member::Pair(pair) if pair.key.text == attribute.name => Some(pair),
        Member::Pair(_) | Member::Sentence(_) => None,
    })?;
    let referenced = quoted(&target.attribute(key.referenced).name);
    let mut text = format!(
        "{}: {{ {}: {}, {}: {referenced} }}",
        OptionId::References.name(),
        OptionId::Model.name(),
        quoted(&target.name),
        OptionId::Key.name(),
    );
    let made = holder.foreign_keys.iter().find(|it| it.attributes == [key.attribute])?;
    let actions = [(OptionId::OnDelete, made.on_delete), (OptionId::OnUpdate, made.on_update)];
    for (id, action) in actions {
        if let Some(action) = action.filter(|it| *it != Action::NoAction) {
            let _infallible = write!(text, ", {}: {}", id.name(), action.word());
        }
    }
    let edit = match pair.options.as_ref().and_then(|it| it.items.first()) {
        Some(first) => Edit {
            at: Span::new(first.span().start, first.span().start),
            text: format!("{text}, "),
        },
        None => Edit { at: pair.span().at_end(), text: format!(" < {text} >") },
    };
    let mut edits = vec![edit, Edit { at: line_of(source, sentence.span), text: String::new() }];
    edits.sort_by_key(|it| it.at.start);
    Some(ScriptAction { title: format!("say it as `{text}` of `{}`", attribute.name), edits })
}

/// A sentence with the line end behind it, where nothing else stands on its line.
fn line_of(source: &Source, sentence: Span) -> Span {
    let range = source.range(sentence);
    let behind = source.text.get(range.end..).unwrap_or_default();
    let before = source.text.get(..range.start).unwrap_or_default();
    match behind.split_once('\n') {
        Some((rest, _))
            if rest.trim().is_empty() && (before.is_empty() || before.ends_with('\n')) =>
        {
            source.span(range.start..range.end + rest.len() + 1)
        }
        Some(_) | None => sentence,
    }
}

/// Whether all models have the same keys, however these are said.
pub(super) fn same_keys(before: &Schema, after: &Schema) -> bool {
    let keys = |schema: &Schema| {
        let each = schema.models().map(|(_, model)| {
            let key = |it: &ForeignKey| {
                let columns = it.attributes.iter().map(|id| &model.attribute(*id).column);
                let own: Vec<_> = columns.cloned().collect();
                let target = match &it.target {
                    KeyTarget::Model(id, attributes) => {
                        let target = &schema[*id];
                        let column = |id: &_| target.attribute(*id).column.clone();
                        (target.full_table(), attributes.iter().map(column).collect::<Vec<_>>())
                    }
                    KeyTarget::Table(name, columns) => (name.clone(), columns.clone()),
                };
                let action = |said: Option<Action>| said.unwrap_or(Action::NoAction);
                (own, target, action(it.on_delete), action(it.on_update), it.deferrable)
            };
            (model.full_table(), model.foreign_keys.iter().map(key).collect::<Vec<_>>())
        });
        each.collect::<Vec<_>>()
    };
    keys(before) == keys(after)
}

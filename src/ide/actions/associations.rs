//! Associations: their keys are named, and declared from both sides.

use super::super::names::{Project, quoted};
use super::{ScriptAction, with_option};
use crate::ast::Sentence;
use crate::diagnostics::Edit;
use crate::ir::{Association, AssociationKind};
use crate::verbs::OptionId;

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
pub(super) fn name_key(
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
pub(super) fn other_side(
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
            if refers.primary_key != referenced {
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
    // What holds for both keys where one side alone is declared is said on both, and so is that no constraint is wanted.
    let links = own.kind == AssociationKind::BelongsToMany;
    let both =
        [(OptionId::OnDelete, links), (OptionId::OnUpdate, links), (OptionId::Constraints, true)];
    let said = sentence.options.iter().flat_map(|it| &it.items);
    for option in said.filter(|it| both.iter().any(|(id, on)| *on && it.name.text == id.name())) {
        options.push(project.sources.slice(option.span()).to_owned());
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

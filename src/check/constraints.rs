//! What keys refer to, their types, and the constraints that they make.

use super::implied::integer;
use super::keys::{AssociationKeys, KeyGroup, KeyRole, KeyUse, ReferencedTable};
use super::{Context, ModelDraft, attribute_id, model_id, names};
use crate::diagnostics::CheckProblem;
use crate::ir::{
    Action, Attribute, DataType, Decimal, Deferrable, ForeignKey, Integer, KeyTarget, Origin,
};
use crate::source::Span;
use crate::verbs::{OptionId, Spanned};
use smol_str::SmolStr;
use std::collections::HashMap;

/// A key, resolved: the attribute, and what it refers to.
pub(super) struct Resolved {
    /// The model and the attribute that hold it.
    pub holder: usize,
    pub attribute: usize,
    /// The model and the attribute that it refers to; none for a table outside of the script, or after a mistake.
    pub target: Option<(usize, usize)>,
}

/// Finds what each key refers to.
pub(super) fn resolve_keys<'a>(
    context: &mut Context<'a>,
    keys: &AssociationKeys<'a>,
) -> Vec<Resolved> {
    let mut resolved = Vec::with_capacity(keys.groups.len());
    for group in &keys.groups {
        let attribute = context.model(group.holder).attribute_named(&group.name);
        let target = resolve_key(context, group);
        resolved.push(Resolved {
            holder: group.holder,
            attribute: attribute.map_or(0, |it| it.0 as usize),
            target,
        });
    }
    resolved
}

pub(super) fn resolve_key<'a>(
    context: &mut Context<'a>,
    group: &KeyGroup<'a>,
) -> Option<(usize, usize)> {
    let wanting = group.uses.iter().find(|it| it.wants_constraint);
    let main = wanting.or_else(|| group.uses.first())?;
    let key = context.key_name(group.holder, &group.name);
    let mut said = main.referenced.clone();
    for it in group.uses.iter().filter(|it| it.wants_constraint && !std::ptr::eq(*it, main)) {
        if it.target != main.target {
            let (one, two) = (target_name(context, &main.target), target_name(context, &it.target));
            context.disagree(&key, "the model it refers to", (one, main.span), (two, it.span));
            return None;
        }
    }
    for it in group.uses.iter().filter(|it| it.target == main.target && !std::ptr::eq(*it, main)) {
        context.merge_value(&key, "what it refers to", &mut said, it.referenced.clone(), |it| {
            format!("`{it}`")
        });
    }
    let ReferencedTable::Model(model) = main.target else {
        return None;
    };
    if let Some(said) = said {
        let draft = context.draft(model);
        // `references` may name a column where it names a table.
        let found = draft.model.attribute_named(&said.value).or_else(|| {
            let columns = main.role == KeyRole::Attribute;
            draft
                .model
                .attributes()
                .find(|(_, it)| columns && it.column == said.value)
                .map(|(id, _)| id)
        });
        let Some(id) = found else {
            context.unknown_attribute(model, &said.value, said.span);
            return None;
        };
        context.notes.attribute(said.span, model, id);
        let attribute = draft.model.attribute(id);
        if attribute.origin != Origin::Key && !ModelDraft::is_column(&attribute.data_type) {
            let problem = CheckProblem::KeyIsNoColumn {
                attribute: format!("{}.{}", draft.model.name, attribute.name),
                at: said.span,
                declared: attribute.span,
            };
            context.report(problem);
            return None;
        }
        return Some((model, id.0 as usize));
    }
    let target = context.model(model);
    if let [one] = target.primary_key.as_slice() {
        return Some((model, one.0 as usize));
    }
    let word = match main.role {
        KeyRole::Attribute => "key",
        KeyRole::Belongs => "targetKey",
        KeyRole::Has | KeyRole::Many => "sourceKey",
    };
    let (message, why) = if target.primary_key.is_empty() {
        (
            format!("`{}` has no primary key to refer to", target.name),
            "has no primary key".to_owned(),
        )
    } else {
        (
            format!(
                "`{}` has a primary key of {} attributes, which one column can't refer to",
                target.name,
                target.primary_key.len()
            ),
            "its primary key has several attributes".to_owned(),
        )
    };
    let problem = CheckProblem::NoSingleKey {
        message,
        at: main.span,
        target: target.name.to_string(),
        declared: target.span,
        why,
        help: Some(format!("say which attribute is meant: `{word}: ..`")),
    };
    context.report(problem);
    None
}

pub(super) fn target_name(context: &Context<'_>, target: &ReferencedTable) -> String {
    match target {
        ReferencedTable::Model(index) => format!("`{}`", context.model(*index).name),
        ReferencedTable::Table(name) => format!("the table `{name}`"),
    }
}

/// A key takes the type of what it refers to, which may be a key itself.
pub(super) fn key_types<'a>(
    context: &mut Context<'a>,
    keys: &AssociationKeys<'a>,
    resolved: &[Resolved],
) {
    for index in 0..resolved.len() {
        let mut chain: Vec<usize> = Vec::new();
        let mut at = index;
        let mut found = None;
        while let Some(it) = resolved.get(at) {
            let Some(attribute) = context.model(it.holder).attributes.get(it.attribute) else {
                break;
            };
            if attribute.origin != Origin::Key || !matches!(attribute.data_type, DataType::Virtual)
            {
                found = Some((attribute.data_type.clone(), spelling(attribute)));
                break;
            }
            chain.push(at);
            if chain.len() > resolved.len() {
                break;
            }
            let Some((model, place)) = it.target else {
                break;
            };
            let Some(target) = context.model(model).attributes.get(place) else {
                break;
            };
            if target.origin != Origin::Key {
                found = Some((target.data_type.clone(), spelling(target)));
                break;
            }
            match keys.places.get(&(model, target.name.clone())) {
                Some(next) => at = *next,
                None => break,
            }
        }
        // After a mistake, or in a circle of keys: any type will do, the mistake has been reported.
        let (found, spelled) = found.unwrap_or_else(|| (integer(), None));
        for at in chain {
            let Some(it) = resolved.get(at) else { continue };
            if let Some(attribute) =
                context.draft_mut(it.holder).model.attributes.get_mut(it.attribute)
            {
                attribute.data_type = found.clone();
                if spelled.is_some() && spelling(attribute).is_none() {
                    attribute.extra.get_or_insert_default().column_type.clone_from(&spelled);
                }
            }
        }
    }
    for (group, it) in keys.groups.iter().zip(resolved) {
        check_key_type(context, group, it);
    }
}

/// `columnType`, where an attribute says it.
fn spelling(attribute: &Attribute) -> Option<SmolStr> {
    attribute.extra.as_ref()?.column_type.clone()
}

pub(super) fn check_key_type<'a>(
    context: &mut Context<'a>,
    group: &KeyGroup<'a>,
    resolved: &Resolved,
) {
    let Some((model, place)) = resolved.target else {
        return;
    };
    if !group.uses.iter().any(|it| it.wants_constraint) {
        return;
    }
    let key = context.model(resolved.holder).attributes.get(resolved.attribute);
    let target = context.model(model).attributes.get(place);
    let (Some(key), Some(target)) = (key, target) else {
        return;
    };
    if key.origin == Origin::Key || family(&key.data_type) == family(&target.data_type) {
        return;
    }
    if matches!(key.data_type, DataType::Raw(_)) || matches!(target.data_type, DataType::Raw(_)) {
        return;
    }
    let wanted = target.data_type.written();
    let problem = CheckProblem::KeyType {
        key: context.key_name(resolved.holder, &key.name),
        key_type: key.data_type.written(),
        at: key.span,
        target: target.span,
        help: Some(format!(
            "write `{}: {wanted}`, or leave the attribute out: the association makes it",
            key.name
        )),
        target_type: wanted,
    };
    context.report(problem);
}

/// The constraints of all keys, named and with their actions.
pub(super) fn foreign_keys<'a>(
    context: &mut Context<'a>,
    keys: &AssociationKeys<'a>,
    resolved: &[Resolved],
) {
    let mut found: Vec<Vec<(usize, ForeignKey)>> =
        (0..context.drafts.len()).map(|_| Vec::new()).collect();
    for (group, it) in keys.groups.iter().zip(resolved) {
        if let Some(key) = foreign_key(context, group, it)
            && let Some(list) = found.get_mut(group.holder)
        {
            list.push((it.attribute, key));
        }
    }
    for (model, mut list) in found.into_iter().enumerate() {
        list.sort_by_key(|(place, _)| *place);
        let table = context.model(model).full_table();
        for (place, (_, key)) in list.iter_mut().enumerate() {
            if !key.named {
                key.name = names::constraint(&table, place + 1);
            }
        }
        let mut seen: HashMap<SmolStr, Span> = HashMap::new();
        for (_, key) in &list {
            if let Some(first) = seen.insert(key.name.to_lowercase().into(), key.span) {
                let model = context.model(model).name.to_string();
                let name = key.name.to_string();
                context.report(CheckProblem::SameConstraint {
                    model,
                    name,
                    first,
                    again: key.span,
                });
            }
        }
        context.draft_mut(model).model.foreign_keys = list.into_iter().map(|(_, it)| it).collect();
    }
}

pub(super) fn foreign_key<'a>(
    context: &mut Context<'a>,
    group: &KeyGroup<'a>,
    resolved: &Resolved,
) -> Option<ForeignKey> {
    let wanting = group.uses.iter().find(|it| it.wants_constraint)?;
    let target = match (&wanting.target, resolved.target) {
        (ReferencedTable::Model(_), Some((model, place))) => {
            KeyTarget::Model(model_id(model), vec![attribute_id(place)])
        }
        (ReferencedTable::Model(_), None) => return None,
        (ReferencedTable::Table(table), _) => {
            let key =
                wanting.referenced.as_ref().map_or_else(|| "id".into(), |it| it.value.clone());
            KeyTarget::Table(table.clone(), vec![key])
        }
    };
    let key = context.key_name(group.holder, &group.name);
    let said =
        context.draft(group.holder).said.get(resolved.attribute).cloned().unwrap_or_default();
    let mut on_delete = said.action(OptionId::OnDelete);
    let mut on_update = said.action(OptionId::OnUpdate);
    let (mut unique_key, mut deferrable) = (None, None);
    for resolved in group.uses.iter().filter(|it| it.wants_constraint) {
        let action = |it: &Action| format!("`{}`", it.word());
        context.merge_value(&key, "`onDelete`", &mut on_delete, resolved.on_delete, action);
        context.merge_value(&key, "`onUpdate`", &mut on_update, resolved.on_update, action);
        context.merge_value(
            &key,
            "`uniqueKey`",
            &mut unique_key,
            resolved.unique_key.clone(),
            |it| format!("`{it}`"),
        );
        let times = |it: &Deferrable| format!("`{}`", it.word());
        context.merge_value(&key, "`deferrable`", &mut deferrable, resolved.deferrable, times);
    }
    let attribute = context.model(group.holder).attributes.get(resolved.attribute)?;
    let (not_null, attribute_span) = (attribute.not_null, attribute.span);
    if not_null {
        for said_action in [on_delete, on_update].into_iter().flatten() {
            if said_action.value == Action::SetNull {
                let not_null = said.flag(OptionId::AllowNull);
                let not_null = not_null.or(said.flag(OptionId::PrimaryKey)).map(|it| it.span);
                context.report(CheckProblem::SetNullOnNotNull {
                    key: key.clone(),
                    at: said_action.span,
                    not_null: not_null.unwrap_or(attribute_span),
                    help: Some("take another action, or let the key be null".into()),
                });
            }
        }
    }
    let (on_delete, on_update) = actions(&group.uses, not_null, on_delete, on_update);
    Some(ForeignKey {
        name: unique_key.as_ref().map(|it: &Spanned<SmolStr>| it.value.clone()).unwrap_or_default(),
        named: unique_key.is_some(),
        attributes: vec![attribute_id(resolved.attribute)],
        target,
        on_delete,
        on_update,
        deferrable: deferrable.map(|it| it.value),
        span: wanting.span,
    })
}

/// The actions of a key, with their defaults.
fn actions(
    uses: &[KeyUse],
    not_null: bool,
    on_delete: Option<Spanned<Action>>,
    on_update: Option<Spanned<Action>>,
) -> (Option<Action>, Option<Action>) {
    let is = |role: KeyRole| uses.iter().any(|it| it.role == role);
    let (delete, update) = if uses.iter().all(|it| it.role == KeyRole::Attribute) {
        (None, None)
    } else if is(KeyRole::Many) {
        (Some(Action::Cascade), Some(Action::Cascade))
    } else if !not_null {
        (Some(Action::SetNull), Some(Action::Cascade))
    } else if is(KeyRole::Belongs) {
        (Some(Action::NoAction), Some(Action::Cascade))
    } else {
        (Some(Action::Cascade), Some(Action::Cascade))
    };
    (on_delete.map(|it| it.value).or(delete), on_update.map(|it| it.value).or(update))
}

/// A type without what makes no difference to a key.
fn family(data_type: &DataType) -> DataType {
    match data_type {
        DataType::String { .. } | DataType::Char { .. } => {
            DataType::String { length: None, binary: false }
        }
        DataType::Integer(it) => {
            DataType::Integer(Integer { length: None, zerofill: false, ..*it })
        }
        DataType::Decimal(it) => DataType::Decimal(Decimal { zerofill: false, ..*it }),
        other => other.clone(),
    }
}

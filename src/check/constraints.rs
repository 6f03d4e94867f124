//! The types of keys, and the constraints that they make.

use super::implied::integer;
use super::keys::{AssociationKeys, KeyGroup, KeyRole, ReferencedTable};
use super::referred::Resolved;
use super::{Context, attribute_id, model_id, names};
use crate::diagnostics::CheckProblem;
use crate::ir::{
    Action, Attribute, DataType, Decimal, Deferrable, ForeignKey, Integer, KeyTarget, Origin,
};
use crate::source::Span;
use crate::verbs::{OptionId, Spanned};
use smol_str::SmolStr;
use std::collections::HashMap;

/// A key takes the types of what it refers to, which may be a key itself.
pub(super) fn key_types<'a>(
    context: &mut Context<'a>,
    keys: &AssociationKeys<'a>,
    resolved: &[Resolved],
) {
    // What an attribute of a key refers to: the first that is known, where several keys have it.
    let refers = |at: (usize, usize), name: &SmolStr| {
        keys.places(at.0, name).iter().find_map(|place| {
            let it = resolved.get(*place)?;
            let (model, _) = it.target.as_ref()?;
            it.pairs().find(|(own, _)| *own == at.1).map(|(_, to)| (*model, to))
        })
    };
    let most: usize = resolved.iter().map(|it| it.attributes.len()).sum();
    let columns = resolved.iter().flat_map(|it| it.attributes.iter().map(|own| (it.holder, *own)));
    let mut path: Vec<(usize, usize)> = Vec::new();
    for column in columns {
        let mut at = column;
        // After a mistake, or in a circle of keys: any type will do, the mistake has been reported.
        let (mut found, mut spelled) = (integer(), None);
        while let Some(attribute) = context.model(at.0).attributes.get(at.1) {
            if attribute.origin != Origin::Key || !matches!(attribute.data_type, DataType::Virtual)
            {
                (found, spelled) = (attribute.data_type.clone(), spelling(attribute));
                break;
            }
            path.push(at);
            match refers(at, &attribute.name) {
                Some(next) if path.len() <= most => at = next,
                _ => break,
            }
        }
        for (model, place) in path.drain(..) {
            if let Some(attribute) = context.draft_mut(model).model.attributes.get_mut(place) {
                attribute.data_type = found.clone();
                if spelled.is_some() && spelling(attribute).is_none() {
                    attribute.extra.get_or_insert_default().column_type.clone_from(&spelled);
                }
            }
        }
    }
}

/// `columnType`, where an attribute says it.
fn spelling(attribute: &Attribute) -> Option<SmolStr> {
    attribute.extra.as_ref()?.column_type.clone()
}

fn check_key_type<'a>(context: &mut Context<'a>, group: &KeyGroup<'a>, resolved: &Resolved) {
    let Some((model, _)) = resolved.target else {
        return;
    };
    if group.wanting().is_none() {
        return;
    }
    for (own, place) in resolved.pairs() {
        let key = context.model(resolved.holder).attributes.get(own);
        let target = context.model(model).attributes.get(place);
        let (Some(key), Some(target)) = (key, target) else {
            continue;
        };
        if key.origin == Origin::Key || family(&key.data_type) == family(&target.data_type) {
            continue;
        }
        if [key, target].iter().any(|it| matches!(it.data_type, DataType::Raw(_))) {
            continue;
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
}

/// The constraints of a model's keys, named and with their actions.
pub(super) fn foreign_keys<'a>(
    context: &mut Context<'a>,
    model: usize,
    keys: &AssociationKeys<'a>,
    resolved: &[Resolved],
) {
    let held = keys.held_by(model);
    let mut list = Vec::with_capacity(held.len());
    for place in held.iter().copied() {
        let (Some(group), Some(it)) = (keys.groups.get(place), resolved.get(place)) else {
            continue;
        };
        check_key_type(context, group, it);
        if shared_column(keys, group).is_some() {
            let own = context.schema.overlapping.entry(model_id(model)).or_default();
            own.push(it.attributes.iter().map(|it| attribute_id(*it)).collect());
        }
        list.extend(foreign_key(context, keys, group, it));
    }
    if list.is_empty() {
        return;
    }
    list.sort_by(|one: &ForeignKey, two| one.attributes.cmp(&two.attributes));
    let table = context.model(model).full_table();
    for (place, key) in list.iter_mut().enumerate() {
        if !key.named {
            key.name = names::constraint(&table, place + 1);
        }
    }
    let mut seen: HashMap<SmolStr, Span> = HashMap::new();
    // One alone has its name to itself.
    for key in list.iter().filter(|_| list.len() > 1) {
        if let Some(first) = seen.insert(key.name.to_lowercase().into(), key.span) {
            let model = context.model(model).name.to_string();
            let name = key.name.to_string();
            context.report(CheckProblem::SameConstraint { model, name, first, again: key.span });
        }
    }
    context.draft_mut(model).model.foreign_keys = list;
}

fn foreign_key<'a>(
    context: &mut Context<'a>,
    keys: &AssociationKeys<'a>,
    group: &KeyGroup<'a>,
    resolved: &Resolved,
) -> Option<ForeignKey> {
    let wanting = group.wanting()?;
    let target = match (&wanting.target, &resolved.target) {
        (ReferencedTable::Model(_), Some((model, places))) => {
            let places = places.iter().map(|it| attribute_id(*it));
            KeyTarget::Model(model_id(*model), places.collect())
        }
        (ReferencedTable::Model(_), None) => return None,
        (ReferencedTable::Table(table), _) => {
            let said = wanting.referenced.as_ref();
            let key =
                said.map_or_else(|| vec!["id".into()], |it| it.value.names().cloned().collect());
            KeyTarget::Table(table.clone(), key)
        }
    };
    let key = |context: &Context<'a>| context.group_name(group);
    // What an attribute says itself is about the key that it is alone.
    let alone = match resolved.attributes.as_slice() {
        [one] => context.draft(group.holder).said.get(*one),
        _ => None,
    };
    let own = |id| alone.as_ref().and_then(|it| it.action(id));
    let (mut on_delete, mut on_update) = (own(OptionId::OnDelete), own(OptionId::OnUpdate));
    let (mut unique_key, mut deferrable) = (None, None);
    for it in group.uses().filter(|it| it.wants_constraint) {
        let action = |it: &Action| format!("`{}`", it.word());
        context.merge_value(&key, "`onDelete`", &mut on_delete, it.on_delete, action);
        context.merge_value(&key, "`onUpdate`", &mut on_update, it.on_update, action);
        let name = it.unique_key.as_deref().cloned();
        context.merge_value(&key, "`uniqueKey`", &mut unique_key, name, |it| format!("`{it}`"));
        let times = |it: &Deferrable| format!("`{}`", it.word());
        context.merge_value(&key, "`deferrable`", &mut deferrable, it.deferrable, times);
    }
    let model = context.model(group.holder);
    let own = resolved.attributes.iter();
    let attributes = own.filter_map(|it| Some((*it, model.attributes.get(*it)?)));
    let count = attributes.clone().count();
    let mut never_null = attributes.filter(|(_, it)| it.not_null);
    let first = never_null.next().map(|(place, it)| (place, it.span));
    let nullable = match first {
        None if count > 1 && shared_column(keys, group).is_some() => Nullable::Partly,
        None => Nullable::Wholly,
        Some(_) if never_null.count() + 1 == count => Nullable::Never,
        Some(_) => Nullable::Partly,
    };
    let sets_null = [on_delete, on_update].into_iter().flatten();
    for action in sets_null.filter(|it| it.value == Action::SetNull) {
        if let Some((place, span)) = first {
            let said = context.draft(group.holder).said.get(place);
            let not_null = said.and_then(|it| {
                it.flag(OptionId::AllowNull).or_else(|| it.flag(OptionId::PrimaryKey))
            });
            let help = if count > 1 {
                "take another action, or let each of its columns be null"
            } else {
                "`cascade` deletes the row with it, `restrict` keeps both; or take `allowNull: false` away, so that the key may be null"
            };
            context.report(CheckProblem::SetNullOnNotNull {
                key: key(context),
                at: action.span,
                not_null: not_null.map_or(span, |it| it.span),
                help: Some(help.into()),
            });
        } else if count > 1
            && let Some((column, other)) = shared_column(keys, group)
        {
            context.report(CheckProblem::SetsSharedNull {
                key: key(context),
                column: column.to_string(),
                at: action.span,
                other: other.first().span,
            });
        }
    }
    let (on_delete, on_update) = actions(group, nullable, on_delete, on_update);
    Some(ForeignKey {
        name: unique_key.as_ref().map(|it: &Spanned<SmolStr>| it.value.clone()).unwrap_or_default(),
        named: unique_key.is_some(),
        attributes: resolved.attributes.iter().map(|it| attribute_id(*it)).collect(),
        target,
        on_delete,
        on_update,
        deferrable: deferrable.map(|it| it.value),
        span: wanting.span,
    })
}

/// A column of a key that another key has too, and that one.
fn shared_column<'k, 'a>(
    keys: &'k AssociationKeys<'a>,
    group: &'k KeyGroup<'a>,
) -> Option<(&'k SmolStr, &'k KeyGroup<'a>)> {
    group.names().find_map(|name| {
        let mut others = keys.of(group.holder, name).filter(|it| !std::ptr::eq(*it, group));
        others.next().map(|other| (name, other))
    })
}

/// Whether a key's columns can be set to null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nullable {
    Wholly,
    /// Some of them can't, or are another key's too.
    Partly,
    Never,
}

/// The actions of a key, with their defaults.
fn actions(
    group: &KeyGroup<'_>,
    nullable: Nullable,
    on_delete: Option<Spanned<Action>>,
    on_update: Option<Spanned<Action>>,
) -> (Option<Action>, Option<Action>) {
    let is = |role: KeyRole| group.uses().any(|it| it.role == role);
    let (delete, update) = if group.uses().all(|it| it.role == KeyRole::Attribute) {
        (None, None)
    } else if is(KeyRole::Many) {
        (Some(Action::Cascade), Some(Action::Cascade))
    } else if nullable == Nullable::Wholly {
        (Some(Action::SetNull), Some(Action::Cascade))
    } else if is(KeyRole::Belongs) || nullable == Nullable::Partly {
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

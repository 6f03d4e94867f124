//! What keys refer to, their types, and the constraints that they make.

use super::implied::integer;
use super::keys::{AssociationKeys, KeyGroup, KeyRole, KeyUse, ReferencedTable};
use super::{Context, ModelDraft, attribute_id, model_id, names};
use crate::diagnostics::CheckProblem;
use crate::ir::{
    Action, Attribute, AttributeId, DataType, Decimal, Deferrable, ForeignKey, Integer, KeyTarget,
    Origin,
};
use crate::source::Span;
use crate::verbs::{KeyNames, OptionId, Spanned, list};
use smol_str::SmolStr;
use std::collections::HashMap;

/// A key, resolved: its attributes, and what they refer to.
pub(super) struct Resolved {
    /// The model that holds it.
    pub holder: usize,
    /// Its attributes.
    pub attributes: Vec<usize>,
    /// The model and the attributes that these refer to; none for a table outside of the script, or after a mistake.
    pub target: Option<(usize, Vec<usize>)>,
}

impl Resolved {
    /// The attributes, each with what it refers to.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let target = self.target.iter().flat_map(|(_, to)| to.iter().copied());
        self.attributes.iter().copied().zip(target)
    }
}

/// Finds what each key refers to.
pub(super) fn resolve_keys<'a>(
    context: &mut Context<'a>,
    keys: &AssociationKeys<'a>,
) -> Vec<Resolved> {
    let mut resolved = Vec::with_capacity(keys.groups.len());
    for group in &keys.groups {
        let model = context.model(group.holder);
        let place = |name| model.attribute_named(name).map_or(0, |id| id.0 as usize);
        let attributes = group.names().map(|it| place(it)).collect();
        let target = resolve_key(context, group);
        resolved.push(Resolved { holder: group.holder, attributes, target });
    }
    resolved
}

pub(super) fn resolve_key<'a>(
    context: &mut Context<'a>,
    group: &KeyGroup<'a>,
) -> Option<(usize, Vec<usize>)> {
    let wanting = group.uses.iter().find(|it| it.wants_constraint);
    let main = wanting.or_else(|| group.uses.first())?;
    let key = context.group_name(group);
    for it in group.uses.iter().filter(|it| it.wants_constraint && !std::ptr::eq(*it, main)) {
        if it.target != main.target {
            let (one, two) = (target_name(context, &main.target), target_name(context, &it.target));
            context.disagree(&key, "the model it refers to", (one, main.span), (two, it.span));
            return None;
        }
    }
    let reordered = group.uses.iter().any(|it| it.reordered.is_some());
    let mut said = None;
    let same = group.uses.iter().filter(|it| it.target == main.target && !std::ptr::eq(*it, main));
    for it in std::iter::once(main).chain(same) {
        let referenced = referenced_names(context, group, it, reordered).ok()?;
        context.merge_value(&key, "what it refers to", &mut said, referenced, |it| {
            list(it.names().map(SmolStr::as_str))
        });
    }
    let ReferencedTable::Model(model) = main.target else {
        return None;
    };
    if let Some(said) = said {
        let by_column = main.role == KeyRole::Attribute;
        let each =
            said.value.0.iter().map(|it| referenced_attribute(context, model, it, by_column));
        let places: Vec<_> = each.collect();
        return Some((model, places.into_iter().collect::<Option<_>>()?));
    }
    let target = context.model(model);
    let implied = main.implied.as_ref().filter(|it| it.len() == group.columns.len());
    let places: Vec<usize> = match implied {
        Some(names) => names
            .iter()
            .filter_map(|it| target.attribute_named(it))
            .map(|it| it.0 as usize)
            .collect(),
        None => target.primary_key.iter().map(|it| it.0 as usize).collect(),
    };
    if places.len() == group.columns.len() {
        return Some((model, places));
    }
    no_such_key(context, group, main, model);
    None
}

/// What a declaration says that the key refers to, in the order of the key's columns. An error after a mistake, which is reported.
fn referenced_names<'a>(
    context: &mut Context<'a>,
    group: &KeyGroup<'a>,
    usage: &KeyUse,
    reordered: bool,
) -> Result<Option<Spanned<KeyNames>>, ()> {
    let count = group.columns.len();
    let said = match (&usage.referenced, &usage.target) {
        (Some(said), _) if said.value.count() == count => said.clone(),
        (Some(said), _) => {
            let problem = CheckProblem::KeyWidth {
                key: context.group_name(group),
                has: columns_in_words(count),
                refers: columns_in_words(said.value.count()),
                at: usage.key_span.unwrap_or(usage.span),
                said: said.span,
            };
            context.report(problem);
            return Err(());
        }
        // Where the orders differ, each declaration has to be held against the others.
        (None, ReferencedTable::Model(model)) if reordered => {
            let target = context.model(*model);
            let primary = target.primary_key.iter().map(|it| target.attribute(*it).name.clone());
            let names = match &usage.implied {
                Some(implied) => implied.clone(),
                None => primary.collect(),
            };
            let span = usage.span;
            let names = names.into_iter().map(|value| Spanned { value, span });
            Spanned { value: KeyNames(names.collect()), span }
        }
        (None, _) => return Ok(None),
    };
    let Some(own) = usage.reordered.as_ref().filter(|_| said.value.count() == count) else {
        return Ok(Some(said));
    };
    let of = |name| {
        let place = own.iter().position(|it| it == name)?;
        said.value.0.get(place).cloned()
    };
    let names = group.names().filter_map(of).collect();
    Ok(Some(Spanned { value: KeyNames(names), span: said.span }))
}

/// "one column", "2 columns"
fn columns_in_words(count: usize) -> String {
    if count == 1 { "one column".to_owned() } else { format!("{count} columns") }
}

/// The attribute that a key's column is said to refer to.
fn referenced_attribute(
    context: &mut Context<'_>,
    model: usize,
    said: &Spanned<SmolStr>,
    by_column: bool,
) -> Option<usize> {
    let draft = context.draft(model);
    // `references` may name a column where it names a table.
    let found = draft.model.attribute_named(&said.value).or_else(|| {
        let mut columns = draft.model.attributes().filter(|_| by_column);
        columns.find(|(_, it)| it.column == said.value).map(|(id, _)| id)
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
    Some(id.0 as usize)
}

/// The primary key has another number of attributes than a key has columns.
fn no_such_key(context: &mut Context<'_>, group: &KeyGroup<'_>, main: &KeyUse, model: usize) {
    let target = context.model(model);
    let word = match main.role {
        KeyRole::Attribute => "key",
        KeyRole::Belongs => "targetKey",
        KeyRole::Has | KeyRole::Many => "sourceKey",
    };
    let (own, its) = (group.columns.len(), target.primary_key.len());
    let name = &target.name;
    let why = match its {
        0 => "has no primary key".to_owned(),
        1 => "its primary key has one attribute".to_owned(),
        _ => "its primary key has several attributes".to_owned(),
    };
    let message = match (its, own) {
        (0, _) => format!("`{name}` has no primary key to refer to"),
        (1, _) => format!(
            "`{name}` has a primary key of one attribute, which {own} columns can't refer to"
        ),
        (_, 1) => {
            format!(
                "`{name}` has a primary key of {its} attributes, which one column can't refer to"
            )
        }
        _ => format!(
            "`{name}` has a primary key of {its} attributes, which {own} columns can't refer to"
        ),
    };
    let part = |id: &AttributeId| {
        let named = group.names().next().filter(|_| own == 1);
        let stem = named.map_or(target.singular.as_str(), |it| it.as_str());
        names::foreign_key(stem, &target.attribute(*id).name)
    };
    let each: Vec<SmolStr> = target.primary_key.iter().map(part).collect();
    let help = match (own, its) {
        (1, 2..) if main.role != KeyRole::Attribute => format!(
            "name as many columns: `foreignKey: [{}]`; or say which attribute is meant: `{word}: ..`",
            each.join(", ")
        ),
        (1, _) => format!("say which attribute is meant: `{word}: ..`"),
        _ => format!(
            "name as many columns as the key has, or say what they refer to: `{word}: [..]`"
        ),
    };
    let problem = CheckProblem::NoSingleKey {
        message,
        at: main.key_span.unwrap_or(main.span),
        target: name.to_string(),
        declared: target.span,
        why,
        help: Some(help),
    };
    context.report(problem);
}

pub(super) fn target_name(context: &Context<'_>, target: &ReferencedTable) -> String {
    match target {
        ReferencedTable::Model(index) => format!("`{}`", context.model(*index).name),
        ReferencedTable::Table(name) => format!("the table `{name}`"),
    }
}

/// A key takes the types of what it refers to, which may be a key itself.
pub(super) fn key_types<'a>(
    context: &mut Context<'a>,
    keys: &AssociationKeys<'a>,
    resolved: &[Resolved],
) {
    // What each attribute of a key refers to: the first that is known, where several keys have it.
    let mut refers: HashMap<(usize, usize), (usize, usize)> =
        HashMap::with_capacity(resolved.len());
    for it in resolved {
        let Some((model, _)) = &it.target else { continue };
        for (own, to) in it.pairs() {
            refers.entry((it.holder, own)).or_insert((*model, to));
        }
    }
    let columns = resolved.iter().flat_map(|it| it.attributes.iter().map(|own| (it.holder, *own)));
    for column in columns {
        let mut path: Vec<(usize, usize)> = Vec::new();
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
            match refers.get(&at) {
                Some(next) if path.len() <= refers.len() => at = *next,
                _ => break,
            }
        }
        for (model, place) in path {
            if let Some(attribute) = context.draft_mut(model).model.attributes.get_mut(place) {
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
    let Some((model, _)) = resolved.target else {
        return;
    };
    if !group.uses.iter().any(|it| it.wants_constraint) {
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

/// The constraints of all keys, named and with their actions.
pub(super) fn foreign_keys<'a>(
    context: &mut Context<'a>,
    keys: &AssociationKeys<'a>,
    resolved: &[Resolved],
) {
    let mut found: Vec<Vec<ForeignKey>> = (0..context.drafts.len()).map(|_| Vec::new()).collect();
    for (group, it) in keys.groups.iter().zip(resolved) {
        if shared_column(keys, group).is_some() {
            let own = context.schema.overlapping.entry(model_id(group.holder)).or_default();
            own.push(it.attributes.iter().map(|it| attribute_id(*it)).collect());
        }
        if let Some(key) = foreign_key(context, keys, group, it)
            && let Some(list) = found.get_mut(group.holder)
        {
            list.push(key);
        }
    }
    for (model, mut list) in found.into_iter().enumerate() {
        list.sort_by(|one, two| one.attributes.cmp(&two.attributes));
        let table = context.model(model).full_table();
        for (place, key) in list.iter_mut().enumerate() {
            if !key.named {
                key.name = names::constraint(&table, place + 1);
            }
        }
        let mut seen: HashMap<SmolStr, Span> = HashMap::new();
        for key in &list {
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
        context.draft_mut(model).model.foreign_keys = list;
    }
}

pub(super) fn foreign_key<'a>(
    context: &mut Context<'a>,
    keys: &AssociationKeys<'a>,
    group: &KeyGroup<'a>,
    resolved: &Resolved,
) -> Option<ForeignKey> {
    let wanting = group.uses.iter().find(|it| it.wants_constraint)?;
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
    let key = context.group_name(group);
    // What an attribute says itself is about the key that it is alone.
    let alone = match resolved.attributes.as_slice() {
        [one] => context.draft(group.holder).said.get(*one).cloned(),
        _ => None,
    };
    let alone = alone.unwrap_or_default();
    let mut on_delete = alone.action(OptionId::OnDelete);
    let mut on_update = alone.action(OptionId::OnUpdate);
    let (mut unique_key, mut deferrable) = (None, None);
    for it in group.uses.iter().filter(|it| it.wants_constraint) {
        let action = |it: &Action| format!("`{}`", it.word());
        context.merge_value(&key, "`onDelete`", &mut on_delete, it.on_delete, action);
        context.merge_value(&key, "`onUpdate`", &mut on_update, it.on_update, action);
        let name = it.unique_key.clone();
        context.merge_value(&key, "`uniqueKey`", &mut unique_key, name, |it| format!("`{it}`"));
        let times = |it: &Deferrable| format!("`{}`", it.word());
        context.merge_value(&key, "`deferrable`", &mut deferrable, it.deferrable, times);
    }
    let model = context.model(group.holder);
    let attributes: Vec<_> = resolved
        .attributes
        .iter()
        .filter_map(|it| Some((*it, model.attributes.get(*it)?)))
        .collect();
    let count = attributes.len();
    let mut never_null = attributes.iter().filter(|(_, it)| it.not_null);
    let first = never_null.next().map(|(place, it)| (*place, it.span));
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
                "take another action, or let the key be null"
            };
            context.report(CheckProblem::SetNullOnNotNull {
                key: key.clone(),
                at: action.span,
                not_null: not_null.map_or(span, |it| it.span),
                help: Some(help.into()),
            });
        } else if count > 1
            && let Some((column, other)) = shared_column(keys, group)
        {
            context.report(CheckProblem::SetsSharedNull {
                key: key.clone(),
                column: column.to_string(),
                at: action.span,
                other: other.uses.first().map_or(action.span, |it| it.span),
            });
        }
    }
    let (on_delete, on_update) = actions(&group.uses, nullable, on_delete, on_update);
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
    uses: &[KeyUse],
    nullable: Nullable,
    on_delete: Option<Spanned<Action>>,
    on_update: Option<Spanned<Action>>,
) -> (Option<Action>, Option<Action>) {
    let is = |role: KeyRole| uses.iter().any(|it| it.role == role);
    let (delete, update) = if uses.iter().all(|it| it.role == KeyRole::Attribute) {
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

//! The associations, with their names and what is suspicious about them.

use super::constraints::Resolved;
use super::keys::AssociationKeys;
use super::{Context, association_id, attribute_id, model_id};
use crate::diagnostics::CheckProblem;
use crate::ir::{Association, AssociationKind, AttributeId, KeyPair, Through};
use crate::source::Span;
use crate::verbs::Spanned;
use smol_str::{SmolStr, ToSmolStr};
use std::collections::HashMap;

/// The associations themselves, with their names.
pub(super) fn associations<'a>(
    context: &mut Context<'a>,
    keys: &AssociationKeys<'a>,
    resolved: &[Resolved],
) {
    let mut named: HashMap<(usize, SmolStr), Span> = HashMap::new();
    let mut same: HashMap<(usize, usize, AssociationKind, SmolStr), usize> = HashMap::new();
    context.schema.associations.reserve_exact(keys.joins.len());
    context.schema.own_associations = vec![Vec::new(); context.drafts.len()];
    for (index, join) in keys.joins.iter().enumerate() {
        let target = context.model(join.target);
        let to_many =
            matches!(join.kind, AssociationKind::HasMany | AssociationKind::BelongsToMany);
        let (singular, plural) = match &join.alias {
            Some(alias) if alias.value.0 != alias.value.1 => alias.value.clone(),
            Some(alias) if to_many => {
                (crate::words::singularize(&alias.value.1).to_smolstr(), alias.value.1.clone())
            }
            // It leads to one: nothing is ever named after many.
            Some(alias) => (alias.value.0.clone(), alias.value.0.clone()),
            None => (target.singular.clone(), target.plural.clone()),
        };
        let name = if to_many { plural.clone() } else { singular.clone() };
        let at = join.alias.as_ref().map_or_else(|| join.span(), |it| it.span);
        association_name(context, join.source, &name, at, &mut named);
        let key = keys.names.get(index).map(|it| it.0.clone()).unwrap_or_default();
        if join.scope.is_none() && join.through.is_none() {
            same_twice(context, join, index, key.clone(), &mut same, keys, &name);
        }
        let holder = match (&join.through, join.belongs()) {
            (Some(through), _) => through.model,
            (None, true) => join.source,
            (None, false) => join.target,
        };
        let place = |name: &SmolStr| {
            keys.places.get(&(holder, name.clone())).and_then(|it| resolved.get(*it))
        };
        let own = place(&key);
        let foreign_key = own.map_or(AttributeId(0), |it| attribute_id(it.attribute));
        let side = if join.belongs() { join.target } else { join.source };
        let referred = referenced(
            context,
            side,
            own,
            join.source_key
                .as_ref()
                .or(join.target_key.as_ref())
                .filter(|_| join.through.is_none()),
        );
        let through = join.through.as_ref().map(|through| {
            let other = keys.names.get(index).and_then(|it| it.1.as_ref()).and_then(place);
            Through {
                model: model_id(through.model),
                key: vec![KeyPair {
                    attribute: other.map_or(AttributeId(0), |it| attribute_id(it.attribute)),
                    referenced: referenced(context, join.target, other, None),
                }],
                scope: Vec::new(),
            }
        });
        let through = through.map(|through| Through {
            scope: join
                .through
                .as_ref()
                .and_then(|it| it.scope.map(|scope| (it.model, scope)))
                .map_or_else(Vec::new, |(model, scope)| context.scope_of(model, scope)),
            ..through
        });
        let scope = join.scope.map_or_else(Vec::new, |it| context.scope_of(join.target, it));
        let doc = context.doc(join.script, join.sentence.span.start);
        let id = association_id(index);
        context.notes.declare_association(join.sentence, id);
        let key_at = join.foreign_key.name.as_ref().map(|it| it.span);
        context.notes.declare_key(key_at, model_id(holder), foreign_key);
        if let Some(through) = &through {
            let key_at = join.other_key.name.as_ref().map(|it| it.span);
            let other = through.key.iter().map(|it| it.attribute);
            other.for_each(|it| context.notes.declare_key(key_at, through.model, it));
        }
        if let Some(own) = context.schema.own_associations.get_mut(join.source) {
            own.push(id);
        }
        context.schema.associations.push(Association {
            kind: join.kind,
            name,
            singular,
            plural,
            source: model_id(join.source),
            target: model_id(join.target),
            key: vec![KeyPair { attribute: foreign_key, referenced: referred }],
            through,
            scope,
            span: join.span(),
            doc,
        });
    }
    two_keys(context, keys);
}

/// What an association's key refers to in `model`, by that association's own account.
pub(super) fn referenced(
    context: &Context<'_>,
    model: usize,
    key: Option<&Resolved>,
    said: Option<&Spanned<SmolStr>>,
) -> AttributeId {
    let target = context.model(model);
    if let Some(id) = said.and_then(|it| target.attribute_named(&it.value)) {
        return id;
    }
    match key.and_then(|it| it.target) {
        Some((at, place)) if at == model => attribute_id(place),
        _ => target.primary_key.first().copied().unwrap_or(AttributeId(0)),
    }
}

pub(super) fn association_name(
    context: &mut Context<'_>,
    source: usize,
    name: &SmolStr,
    at: Span,
    named: &mut HashMap<(usize, SmolStr), Span>,
) {
    let model = context.model(source);
    if let Some(id) = model.attribute_named(name) {
        let problem = CheckProblem::NamedLikeAttribute {
            model: model.name.to_string(),
            name: name.to_string(),
            association: at,
            attribute: model.attribute(id).span,
            help: Some("give the association another name: `as: ..`".into()),
        };
        context.report(problem);
        return;
    }
    match named.get(&(source, name.clone())) {
        Some(first) => {
            let problem = CheckProblem::SameAssociation {
                model: model.name.to_string(),
                name: name.to_string(),
                first: *first,
                again: at,
                help: Some("give one of them another name: `as: ..`".into()),
            };
            context.report(problem);
        }
        None => {
            named.insert((source, name.clone()), at);
        }
    }
}

/// Warns where one association is declared under two names.
pub(super) fn same_twice<'a>(
    context: &mut Context<'a>,
    join: &super::associations::AssociationDraft<'a>,
    index: usize,
    key: SmolStr,
    same: &mut HashMap<(usize, usize, AssociationKind, SmolStr), usize>,
    keys: &AssociationKeys<'a>,
    name: &SmolStr,
) {
    let first = *same.entry((join.source, join.target, join.kind, key)).or_insert(index);
    if first == index {
        return;
    }
    let first_name =
        context.schema.associations.get(first).map(|it| it.name.clone()).unwrap_or_default();
    if first_name == *name {
        return; // two of one name are an error already
    }
    let problem = CheckProblem::SameTwice {
        model: context.model(join.source).name.to_string(),
        first_name: first_name.to_string(),
        second_name: name.to_string(),
        first: keys
            .joins
            .get(first)
            .map_or_else(Span::default, super::associations::AssociationDraft::span),
        again: join.span(),
        help: Some("keep one of them, or give the second a `foreignKey` of its own".into()),
    };
    context.report(problem);
}

/// Warns where a `hasOne` or `hasMany` and a `belongsTo` make two keys where one was meant.
pub(super) fn two_keys<'a>(context: &mut Context<'a>, keys: &AssociationKeys<'a>) {
    type Sides = (Vec<usize>, Vec<usize>);
    let mut sides: HashMap<(usize, usize), Sides> = HashMap::new();
    let mut order = Vec::new();
    for (index, join) in keys.joins.iter().enumerate() {
        if join.through.is_some() {
            continue;
        }
        let pair =
            if join.belongs() { (join.target, join.source) } else { (join.source, join.target) };
        let entry = sides.entry(pair).or_insert_with(|| {
            order.push(pair);
            Sides::default()
        });
        if join.belongs() {
            entry.1.push(index);
        } else {
            entry.0.push(index);
        }
    }
    for (has, belongs) in order.iter().filter_map(|it| sides.get(it)) {
        let key = |index: &usize| keys.names.get(*index).map(|it| it.0.clone()).unwrap_or_default();
        let alone = |one: &[usize], two: &[usize]| -> Vec<usize> {
            let names: std::collections::HashSet<SmolStr> = two.iter().map(key).collect();
            one.iter().copied().filter(|it| !names.contains(&key(it))).collect()
        };
        let (left, right) = (alone(has, belongs), alone(belongs, has));
        let ([one], [two]) = (left.as_slice(), right.as_slice()) else {
            continue;
        };
        let (Some(first), Some(second)) = (keys.joins.get(*one), keys.joins.get(*two)) else {
            continue;
        };
        let meant = |it: &super::associations::AssociationDraft<'a>| it.foreign_key.name.is_some();
        if meant(first) && meant(second) && (first.alias.is_some() || second.alias.is_some()) {
            continue;
        }
        let (first_key, second_key) = (key(one), key(two));
        let (from, to, wanted) = if meant(second) && !meant(first) {
            (first, second, &second_key)
        } else {
            (second, first, &first_key)
        };
        let _ = to;
        context.report(CheckProblem::TwoKeys {
            has: first.words(),
            belongs: second.words(),
            first: first.span(),
            second: second.span(),
            help: Some(format!(
                "where one is meant, give both the same: `{} < foreignKey: {wanted} >`",
                from.words()
            )),
            first_key: first_key.to_string(),
            second_key: second_key.to_string(),
        });
    }
}

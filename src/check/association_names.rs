//! The associations, with their names and what is suspicious about them.

use super::associations::AssociationDraft;
use super::keys::AssociationKeys;
use super::referred::Resolved;
use super::{Context, association_id, attribute_id, model_id};
use crate::diagnostics::CheckProblem;
use crate::ir::{Association, AssociationKind, AttributeId, KeyPair, Origin, ShortList, Through};
use crate::source::Span;
use crate::verbs::{KeyNames, Spanned};
use smol_str::{SmolStr, ToSmolStr};
use std::collections::{HashMap, HashSet};

/// The first association of each kind that a model has to another by a key.
type SameAssociations<'k> = HashMap<(usize, AssociationKind, &'k [SmolStr]), usize>;

/// The associations themselves, with their names; what is suspicious about these is looked at later.
pub(super) fn associations<'a>(
    context: &mut Context<'a>,
    keys: &AssociationKeys<'a>,
    resolved: &[Resolved],
) {
    context.schema.associations.reserve_exact(keys.joins.len());
    for (index, join) in keys.joins.iter().enumerate() {
        let target = context.model(join.target);
        let to_many =
            matches!(join.kind, AssociationKind::HasMany | AssociationKind::BelongsToMany);
        let (singular, plural) = match &join.alias {
            Some(alias) if alias.value.0 != alias.value.1 => alias.value.clone(),
            Some(alias) if to_many => {
                (crate::words::singular(&alias.value.1).to_smolstr(), alias.value.1.clone())
            }
            // It leads to one: nothing is ever named after many.
            Some(alias) => (alias.value.0.clone(), alias.value.0.clone()),
            None => (target.singular.clone(), target.plural.clone()),
        };
        let name = if to_many { plural.clone() } else { singular.clone() };
        let Some((own, other)) = keys.columns.get(index) else { continue };
        let holder = match (&join.through, join.belongs()) {
            (Some(through), _) => through.model,
            (None, true) => join.source,
            (None, false) => join.target,
        };
        let side = if join.belongs() { join.target } else { join.source };
        let said = join.source_key.as_deref().or(join.target_key.as_deref());
        let said = said.filter(|_| join.through.is_none());
        let key = key_pairs(context, side, resolved.get(own.place), said);
        let through = join.through.as_ref().map(|through| {
            let other = other.as_deref().and_then(|it| resolved.get(it.place));
            Through {
                model: model_id(through.model),
                key: key_pairs(context, join.target, other, None),
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
        let other = through.as_ref().map(|it| (&it.key, it.model, join.other_key()));
        let options = std::iter::once((&key, model_id(holder), &join.foreign_key)).chain(other);
        for (key, model, option) in options {
            for (place, it) in key.iter().enumerate() {
                context.notes.declare_key(option.name_span(place), model, it.attribute);
            }
        }
        context.schema.associations.push(Association {
            kind: join.kind,
            name,
            singular,
            plural,
            source: model_id(join.source),
            target: model_id(join.target),
            key,
            through,
            scope,
            span: join.span(),
            doc,
        });
    }
    let mut by_source: Vec<usize> = (0..keys.joins.len()).collect();
    by_source.sort_by_key(|index| keys.joins.get(*index).map(|it| it.source));
    context.schema.by_source = by_source.into_iter().map(association_id).collect();
}

/// The columns of an association's key with what they refer to in `model`, by that association's own account.
fn key_pairs(
    context: &Context<'_>,
    model: usize,
    key: Option<&Resolved>,
    said: Option<&Spanned<KeyNames>>,
) -> ShortList<KeyPair> {
    let target = context.model(model);
    let attributes = key.map_or(&[][..], |it| it.attributes.as_slice());
    // Without a constraint the sides of a key may refer to different attributes.
    let said = said.filter(|it| it.value.count() == 1 && attributes.len() == 1);
    let own = said.and_then(|it| target.attribute_named(it.value.names().next()?));
    let found = key.and_then(|it| it.target.as_ref()).filter(|(at, _)| *at == model);
    let pair = |(place, attribute): (usize, &usize)| {
        let known = found.and_then(|(_, to)| to.get(place)).map(|it| attribute_id(*it));
        let primary = || target.primary_key.get(place).copied();
        KeyPair {
            attribute: attribute_id(*attribute),
            referenced: own.or(known).or_else(primary).unwrap_or(AttributeId(0)),
        }
    };
    attributes.iter().enumerate().map(pair).collect()
}

/// What the associations of one model after the other are called, and whether one is there twice.
pub(super) struct NameChecker {
    /// How many associations have been looked at.
    done: usize,
}

impl NameChecker {
    /// Nothing has been looked at.
    pub(super) const fn new() -> Self {
        Self { done: 0 }
    }

    /// Those of a model, the next one.
    pub(super) fn check<'a>(
        &mut self,
        context: &mut Context<'a>,
        model: usize,
        keys: &AssociationKeys<'a>,
    ) {
        let (mut named, mut same) = (HashMap::new(), SameAssociations::new());
        while let Some(id) = context.schema.by_source.get(self.done).copied() {
            let index = id.0 as usize;
            let join = keys.joins.get(index).filter(|it| it.source == model);
            let (Some(join), Some((own, _))) = (join, keys.columns.get(index)) else { return };
            self.done += 1;
            let Some(name) = context.schema.associations.get(index).map(|it| it.name.clone())
            else {
                continue;
            };
            let at = join.alias.as_ref().map_or_else(|| join.span(), |it| it.span);
            let next = context.schema.by_source.get(self.done);
            let next = next.and_then(|it| keys.joins.get(it.0 as usize));
            let is_alone = named.is_empty() && next.is_none_or(|it| it.source != model);
            if named_like_attribute(context, model, &name, at) || is_alone {
                continue;
            }
            association_name(context, model, &name, at, &mut named);
            if join.scope.is_none() && join.through.is_none() {
                same_twice(context, join, index, &own.names, &mut same, keys, &name);
            }
        }
    }
}

/// Whether a model's association is called as one of its attributes, which is reported.
fn named_like_attribute(
    context: &mut Context<'_>,
    source: usize,
    name: &SmolStr,
    at: Span,
) -> bool {
    let model = context.model(source);
    let Some(id) = model.attribute_named(name) else { return false };
    let problem = CheckProblem::NamedLikeAttribute {
        model: model.name.to_string(),
        name: name.to_string(),
        association: at,
        attribute: model.attribute(id).span,
        help: Some("give the association another name: `as: ..`".into()),
    };
    context.report(problem);
    true
}

fn association_name(
    context: &mut Context<'_>,
    source: usize,
    name: &SmolStr,
    at: Span,
    named: &mut HashMap<SmolStr, Span>,
) {
    match named.get(name) {
        Some(first) => {
            let problem = CheckProblem::SameAssociation {
                model: context.model(source).name.to_string(),
                name: name.to_string(),
                first: *first,
                again: at,
                help: Some("give one of them another name: `as: ..`".into()),
            };
            context.report(problem);
        }
        None => {
            named.insert(name.clone(), at);
        }
    }
}

/// Warns where one association is declared under two names.
fn same_twice<'k, 'a>(
    context: &mut Context<'a>,
    join: &AssociationDraft<'a>,
    index: usize,
    key: &'k [SmolStr],
    same: &mut SameAssociations<'k>,
    keys: &AssociationKeys<'a>,
    name: &SmolStr,
) {
    let first = *same.entry((join.target, join.kind, key)).or_insert(index);
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
        first: keys.joins.get(first).map_or_else(Span::default, AssociationDraft::span),
        again: join.span(),
        help: Some("keep one of them, or give the second a `foreignKey` of its own".into()),
    };
    context.report(problem);
}

/// Refuses a key of many rows that is the number which comes to each of them by itself: no two have the same.
pub(super) fn own_numbers<'a>(context: &mut Context<'a>, keys: &AssociationKeys<'a>) {
    for (index, join) in keys.joins.iter().enumerate() {
        if join.kind != AssociationKind::HasMany {
            continue;
        }
        let found = context.schema.associations.get(index);
        let Some(key) = found.and_then(Association::single_key) else { continue };
        let (source, target) = (&context.model(join.source).name, context.model(join.target));
        let attribute = target.attribute(key.attribute);
        if attribute.origin != Origin::Implied || !attribute.primary_key {
            continue;
        }
        let problem = CheckProblem::Contradiction {
            message: format!(
                "`{}.{}` numbers the rows of `{0}`: no more than one could belong to each `{source}`",
                target.name, attribute.name
            ),
            at: join.foreign_key.place().unwrap_or(join.span()),
            label: format!("the primary key of `{}`", target.name),
            help: Some(format!(
                "`foreignKey` is the column of `{}` that says to which `{source}` a row belongs: leave it out, then it is `{source}Id`, or name another; which column of `{source}` it refers to is said by `sourceKey`",
                target.name
            )),
        };
        context.report(problem);
    }
}

/// Warns where a `hasOne` or `hasMany` and a `belongsTo` make two keys where one was meant.
pub(super) fn two_keys<'a>(context: &mut Context<'a>, keys: &AssociationKeys<'a>) {
    type Sides = (Vec<usize>, Vec<usize>);
    let pair = |join: &AssociationDraft<'a>| {
        if join.belongs() { (join.target, join.source) } else { (join.source, join.target) }
    };
    // Where one side declares nothing there is one key.
    let one_side = |belongs: bool| -> HashSet<(usize, usize)> {
        let joins = keys.joins.iter().filter(|it| it.through.is_none());
        joins.filter(|it| it.belongs() == belongs).map(pair).collect()
    };
    let has = one_side(false);
    let both = if has.is_empty() { has } else { &has & &one_side(true) };
    if both.is_empty() {
        return;
    }
    let mut sides: HashMap<(usize, usize), Sides> = HashMap::with_capacity(both.len());
    let mut order = Vec::new();
    for (index, join) in keys.joins.iter().enumerate() {
        let pair = pair(join);
        if join.through.is_some() || !both.contains(&pair) {
            continue;
        }
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
        let key = |index: &usize| -> Vec<SmolStr> {
            let columns = keys.columns.get(*index);
            let mut names = columns.map(|it| it.0.names.to_vec()).unwrap_or_default();
            names.sort_unstable();
            names
        };
        let alone = |one: &[usize], two: &[usize]| -> Vec<usize> {
            let names: HashSet<Vec<SmolStr>> = two.iter().map(key).collect();
            one.iter().copied().filter(|it| !names.contains(&key(it))).collect()
        };
        let (left, right) = (alone(has, belongs), alone(belongs, has));
        let ([one], [two]) = (left.as_slice(), right.as_slice()) else {
            continue;
        };
        let (Some(first), Some(second)) = (keys.joins.get(*one), keys.joins.get(*two)) else {
            continue;
        };
        let meant = |it: &AssociationDraft<'a>| it.foreign_key.names().is_some();
        if meant(first) && meant(second) && (first.alias.is_some() || second.alias.is_some()) {
            continue;
        }
        let name = |index: &usize| {
            let names = keys.columns.get(*index).map(|it| it.0.names.as_slice());
            match names.unwrap_or_default() {
                [one] => one.to_string(),
                several => format!("[{}]", several.join(", ")),
            }
        };
        let (first_key, second_key) = (name(one), name(two));
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
            first_key,
            second_key,
        });
    }
}

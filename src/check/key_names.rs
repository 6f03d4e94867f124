//! Names of keys: those that are said, and those that come of what a key refers to.

use super::associations::{AssociationDraft, KeyOption};
use super::through::says_primary;
use super::{Context, names};
use crate::ir::{AssociationKind, ShortList};
use crate::verbs::{KeyNames, OptionId, Spanned};
use crate::words;
use smol_str::SmolStr;
use std::cell::RefCell;
use std::collections::HashMap;

/// What the columns of a key are called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct KeyColumns {
    pub names: ShortList<SmolStr>,
    /// The place of the key among all, once it is put together.
    pub place: usize,
    /// The attributes of a primary key of several after which they are called, which they refer to where nothing else is said.
    pub implied: Option<Box<ShortList<SmolStr>>>,
}

/// The associations that make keys, and the models whose primary keys these are.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeySources<'k, 'a> {
    pub joins: &'k [AssociationDraft<'a>],
    pub pairs: &'k HashMap<usize, usize>,
    pub keyed_by_join: &'k HashMap<usize, usize>,
    pub keyed_by_key: &'k HashMap<usize, Vec<usize>>,
}

/// The names of the primary key attributes of models, in the order of their columns; none with `id: false`.
pub(super) struct PrimaryKeys<'k, 'a> {
    context: &'k Context<'a>,
    keys: KeySources<'k, 'a>,
    /// Those that are known. Most keys say what they are called, and need none.
    found: RefCell<Vec<Option<Vec<SmolStr>>>>,
}

impl<'k, 'a> PrimaryKeys<'k, 'a> {
    /// Those of all models; what depends on other keys is found out at once.
    pub(super) fn new(context: &'k Context<'a>, keys: KeySources<'k, 'a>) -> Self {
        let count = context.drafts.len();
        let res = Self { context, keys, found: RefCell::new(vec![None; count]) };
        let (mut begun, mut stack) = (vec![false; count], Vec::new());
        for model in (0..count).filter(|it| res.depends(*it)) {
            stack.push(model);
            while let Some(at) = stack.last().copied() {
                if res.known(at).is_none() {
                    if let Some(it) = begun.get_mut(at) {
                        *it = true;
                    }
                    // A circle of keys that are primary keys has no name to begin with.
                    let is_new = |it: &usize| res.depends(*it) && begun.get(*it) == Some(&false);
                    if let Some(next) = needed(keys, at).into_iter().find(is_new) {
                        stack.push(next);
                        continue;
                    }
                    res.find(at, &|it| res.of(it));
                }
                stack.pop();
            }
        }
        res
    }

    /// Whether a model's primary key may depend on others.
    fn depends(&self, model: usize) -> bool {
        self.keys.keyed_by_key.contains_key(&model) || self.keys.keyed_by_join.contains_key(&model)
    }

    fn known(&self, model: usize) -> Option<Vec<SmolStr>> {
        self.found.borrow().get(model).cloned().flatten()
    }

    fn find(&self, model: usize, primary: &dyn Fn(usize) -> Vec<SmolStr>) -> Vec<SmolStr> {
        let names = primary_key(self.context, self.keys, model, primary);
        if let Some(it) = self.found.borrow_mut().get_mut(model) {
            *it = Some(names.clone());
        }
        names
    }

    /// The names of a model's.
    pub(super) fn of(&self, model: usize) -> Vec<SmolStr> {
        if let Some(names) = self.known(model) {
            return names;
        }
        if self.depends(model) || self.context.drafts.get(model).is_none() {
            return Vec::new();
        }
        self.find(model, &|_| Vec::new())
    }
}

/// The models on whose primary keys the names of a model's own may depend.
fn needed(keys: KeySources<'_, '_>, model: usize) -> Vec<usize> {
    let by_key = keys.keyed_by_key.get(&model).into_iter().flatten();
    let all = by_key.chain(keys.keyed_by_join.get(&model));
    let joins = all.filter_map(|it| keys.joins.get(*it));
    joins.flat_map(|it| [it.source, it.target]).filter(|it| *it != model).collect()
}

fn primary_key<'a>(
    context: &Context<'a>,
    keys: KeySources<'_, 'a>,
    model: usize,
    primary: &dyn Fn(usize) -> Vec<SmolStr>,
) -> Vec<SmolStr> {
    let draft = context.draft(model);
    let attributes = &draft.model.attributes;
    let mut found: Vec<SmolStr> =
        attributes.iter().filter(|it| it.primary_key).map(|it| it.name.clone()).collect();
    for index in keys.keyed_by_key.get(&model).into_iter().flatten() {
        let (own, _) = key_columns(context, *index, keys, primary);
        let Some(join) = keys.joins.get(*index) else { continue };
        for (place, name) in own.names.iter().enumerate() {
            if says_primary(join.foreign_key.said(place)) && !found.contains(name) {
                found.push(name.clone());
            }
        }
    }
    if let Some(index) = keys.keyed_by_join.get(&model) {
        let (own, other) = key_columns(context, *index, keys, primary);
        for name in own.names.iter().chain(&other.unwrap_or_default().names) {
            if !found.contains(name) {
                found.push(name.clone());
            }
        }
    }
    if found.is_empty() && draft.options.flag(OptionId::Id).is_none_or(|it| it.value) {
        found.push(SmolStr::new_static("id"));
    }
    let place = |name: &SmolStr| attributes.iter().position(|it| it.name == *name);
    found.sort_by_key(|it| place(it).unwrap_or(usize::MAX));
    found
}

/// The part of a key's default name that stands for the model or the alias.
fn key_part<'a>(context: &Context<'a>, join: &AssociationDraft<'a>) -> SmolStr {
    let source = context.model(join.source);
    match join.kind {
        AssociationKind::BelongsTo => match &join.alias {
            Some(alias) => alias.value.0.clone(),
            None => context.model(join.target).singular.clone(),
        },
        AssociationKind::HasOne => {
            let name = join.alias.as_ref().map_or(&source.name, |it| &it.value.0);
            words::singular(name)
        }
        AssociationKind::HasMany | AssociationKind::BelongsToMany => source.singular.clone(),
    }
}

/// The columns of an association's key and other key.
pub(super) fn key_columns<'a>(
    context: &Context<'a>,
    index: usize,
    keys: KeySources<'_, 'a>,
    primary: &dyn Fn(usize) -> Vec<SmolStr>,
) -> (KeyColumns, Option<KeyColumns>) {
    let Some(join) = keys.joins.get(index) else {
        return (KeyColumns::default(), None);
    };
    let part = || key_part(context, join);
    if join.through.is_none() {
        let (model, said) = if join.belongs() {
            (join.target, &join.target_key)
        } else {
            (join.source, &join.source_key)
        };
        // One that is said doesn't change the name, which is that of the primary key.
        let said = said.as_deref().filter(|it| it.value.count() > 1);
        return (named(&join.foreign_key, part, said, || primary(model)), None);
    }
    let own = |join: &AssociationDraft<'a>, pair: Option<&AssociationDraft<'a>>| {
        let far =
            pair.map(AssociationDraft::other_key).filter(|_| join.foreign_key.names().is_none());
        let option = far.filter(|it| it.names().is_some()).unwrap_or(&join.foreign_key);
        let said =
            join.source_key.as_deref().or_else(|| pair.and_then(|it| it.target_key.as_deref()));
        named(option, || key_part(context, join), said, || primary(join.source))
    };
    let pair = keys.pairs.get(&index).copied().and_then(|it| keys.joins.get(it));
    let other = match pair.filter(|_| join.other_key().names().is_none()) {
        Some(pair) => own(pair, Some(join)),
        None => {
            let part = || match &join.alias {
                Some(alias) if join.source == join.target => words::singular(&alias.value.1),
                _ => context.model(join.target).singular.clone(),
            };
            named(join.other_key(), part, join.target_key.as_deref(), || primary(join.target))
        }
    };
    (own(join, pair), Some(other))
}

/// The columns of a key of which `option` says what it is called, and `said` what it refers to.
fn named(
    option: &KeyOption<'_>,
    part: impl Fn() -> SmolStr,
    said: Option<&Spanned<KeyNames>>,
    primary: impl Fn() -> Vec<SmolStr>,
) -> KeyColumns {
    if let Some(names) = option.names() {
        return KeyColumns { names, place: 0, implied: None };
    }
    let mut of: Vec<SmolStr> = match said {
        Some(it) => it.value.names().cloned().collect(),
        None => primary(),
    };
    if of.is_empty() {
        of.push(SmolStr::new_static("id"));
    }
    let columns = option.columns.as_slice();
    let count = if columns.len() > 1 { columns.len() } else { of.len() };
    let id = SmolStr::new_static("id");
    let name = |place: usize| match columns.get(place).and_then(|it| it.name.as_ref()) {
        Some(name) => name.value.clone(),
        None => names::foreign_key(&part(), of.get(place).unwrap_or(&id)),
    };
    let names = (0..count).map(name).collect();
    let implied = Some(of).filter(|it| said.is_none() && it.len() > 1);
    KeyColumns { names, place: 0, implied: implied.map(|it| Box::new(it.into())) }
}

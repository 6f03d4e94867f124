//! Keys by the models that hold them, and by the names of their columns.

use super::keys::{AssociationKeys, ColumnDraft, HeldKeys, KeyGroup, KeyUse};
use crate::ir::ShortList;
use crate::verbs::Settings;
use smol_str::SmolStr;
use std::collections::HashMap;

/// Up to so many keys of a model are gone through where one is looked for. Most models have few: looking each up among those of all would cost more.
const FEW: usize = 16;

impl<'a> AssociationKeys<'a> {
    /// The place of the key of these columns.
    pub(super) fn place(&self, holder: usize, names: &[SmolStr]) -> Option<usize> {
        let mut some = self.places(holder, names.first()?).iter().copied();
        some.find(|it| self.groups.get(*it).is_some_and(|group| group.has(names)))
    }

    /// The keys in which an attribute is a column.
    pub(super) fn of(&self, holder: usize, name: &SmolStr) -> impl Iterator<Item = &KeyGroup<'a>> {
        let groups = self.places(holder, name).iter().filter_map(|it| self.groups.get(*it));
        groups.filter(move |group| group.names().any(|it| it == name))
    }

    /// The places of those keys among which the ones are in which an attribute is a column.
    pub(super) fn places(&self, holder: usize, name: &SmolStr) -> &[usize] {
        match self.held.get(holder) {
            Some(HeldKeys::Few(all)) => all,
            Some(HeldKeys::Many(it)) => it.1.get(name).map_or(&[], Vec::as_slice),
            None => &[],
        }
    }

    /// The places of the keys that a model holds.
    pub(super) fn held_by(&self, model: usize) -> ShortList<usize> {
        match self.held.get(model) {
            Some(HeldKeys::Few(all)) => all.clone(),
            Some(HeldKeys::Many(it)) => it.0.clone().into(),
            None => ShortList::default(),
        }
    }

    /// One more declaration of the key of these columns; its place.
    pub(super) fn add(&mut self, holder: usize, names: &[SmolStr], mut usage: KeyUse) -> usize {
        if let Some(place) = self.place(holder, names)
            && let Some(group) = self.groups.get_mut(place)
        {
            if !group.names().eq(names) {
                usage.reordered = Some(Box::new(names.iter().cloned().collect()));
            }
            group.add(usage);
            return place;
        }
        let place = self.groups.len();
        let columns =
            names.iter().map(|it| ColumnDraft { name: it.clone(), place: 0, said: Vec::new() });
        let columns = columns.collect();
        self.groups.push(KeyGroup::new(holder, columns, usage));
        if let Some(held) = self.held.get_mut(holder) {
            held.add(place, names, &self.groups);
        }
        place
    }

    /// What is said of a column of a key.
    pub(super) fn say(&mut self, group: usize, name: &SmolStr, said: Settings<'a>) {
        let columns = self.groups.get_mut(group).into_iter();
        let mut columns = columns.flat_map(|it| it.columns.iter_mut());
        if let Some(it) = columns.find(|it| it.name == *name) {
            it.said.push(said);
        }
    }
}

impl HeldKeys {
    /// One more key, of these columns.
    fn add(&mut self, place: usize, names: &[SmolStr], groups: &[KeyGroup<'_>]) {
        match self {
            Self::Few(few) if few.len() < FEW => {
                *few = few.iter().copied().chain([place]).collect();
            }
            Self::Few(few) => {
                let mut by_name: HashMap<SmolStr, Vec<usize>> = HashMap::new();
                let all: Vec<usize> = few.iter().copied().chain([place]).collect();
                for place in &all {
                    for name in groups.get(*place).into_iter().flat_map(KeyGroup::names) {
                        by_name.entry(name.clone()).or_default().push(*place);
                    }
                }
                *self = Self::Many(Box::new((all, by_name)));
            }
            Self::Many(many) => {
                many.0.push(place);
                for name in names {
                    many.1.entry(name.clone()).or_default().push(place);
                }
            }
        }
    }
}

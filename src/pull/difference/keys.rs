//! Foreign keys, as the sentences that declare them.

use super::super::draft::{Alternative, PartSubject};
use super::super::edit::says;
use super::super::keys::action_word;
use super::super::names::written;
use super::super::options::PulledOption;
use super::super::verify::CompiledTable;
use super::{ModelPair, ScriptUpdate};
use crate::catalog::{Difference, ForeignKeyConstraint};
use crate::ir::{AssociationKind, KeyPair};
use crate::source::Span;
use crate::verbs::OptionId;
use crate::words::{folded, same_name};

/// The options of a key's constraint.
const OF_CONSTRAINT: [OptionId; 5] = [
    OptionId::OnDelete,
    OptionId::OnUpdate,
    OptionId::Deferrable,
    OptionId::UniqueKey,
    OptionId::Constraints,
];

/// The options of a key that its attribute says.
const OF_REFERENCE: [OptionId; 3] = [OptionId::References, OptionId::OnDelete, OptionId::OnUpdate];

/// The options of a `belongsTo` as a `hasMany` says them, whose key has another default.
fn as_has_many_says(said: &mut Vec<PulledOption>, key: &ForeignKeyConstraint) {
    for it in &mut *said {
        if it.id == OptionId::TargetKey {
            *it = it.clone().called(OptionId::SourceKey);
        }
    }
    if !said.iter().any(|it| it.id == OptionId::OnDelete) {
        said.push(PulledOption::of(OptionId::OnDelete, action_word(key.on_delete)));
    }
}

impl<'a> ScriptUpdate<'a> {
    pub(super) fn keys(&mut self, pair: ModelPair<'a>, made: &CompiledTable, found: &[Difference]) {
        let old = |desired: usize| {
            let is_raw = made.keys.get(desired).is_none_or(Option::is_none);
            made.table.keys.get(desired).map(|key| (key, is_raw))
        };
        for difference in found {
            if let Difference::DropKey { current, .. } = *difference {
                self.key(pair, current, None);
            } else if let Difference::Key { current, desired, .. } = *difference {
                self.key(pair, current, old(desired));
            } else if let Difference::AddKey { desired, .. } = *difference
                && let Some((key, is_raw)) = old(desired)
            {
                self.remove_key(pair, key, is_raw);
            }
        }
    }

    /// Makes the script say a key as the database has it; `old` is the one that it has, and whether that is a raw clause.
    fn key(
        &mut self,
        pair: ModelPair<'a>,
        place: usize,
        old: Option<(&ForeignKeyConstraint, bool)>,
    ) {
        let Some(key) = pair.table.keys.get(place) else {
            return;
        };
        let subject = PartSubject::Key(place);
        let fresh = match self.way(pair, &subject) {
            Some(Alternative::Sentence(sentences, _)) if old.is_none_or(|it| !it.1) => {
                sentences.first().map(|it| it.options.clone())
            }
            _ => None,
        };
        let to =
            |key: &ForeignKeyConstraint| key.to.iter().map(|it| folded(it)).collect::<Vec<_>>();
        let pins = old.is_some_and(|it| to(it.0) != to(key));
        if fresh.is_some_and(|fresh| self.revise_key(pair, key, &fresh, pins)) {
            return;
        }
        if let Some((old, is_raw)) = old {
            self.remove_key(pair, old, is_raw);
        }
        self.add_part(pair, &subject, &OF_REFERENCE);
    }

    /// The sentences that declare a key, a `belongsTo` first, and whether each is that of a join.
    fn declarations(
        &self,
        pair: ModelPair<'a>,
        key: &ForeignKeyConstraint,
    ) -> Vec<(Span, AssociationKind)> {
        let own = |column: &String| {
            let mut columns = self.schema[pair.id].columns();
            columns.find(|(_, it)| same_name(&it.column, column)).map(|(id, _)| id)
        };
        let Some(attributes) = key.columns.iter().map(own).collect::<Option<Vec<_>>>() else {
            return Vec::new();
        };
        let is_key = |of: &[KeyPair]| {
            of.len() == attributes.len() && of.iter().all(|it| attributes.contains(&it.attribute))
        };
        let mut found = Vec::new();
        for (_, association) in self.schema.associations() {
            let holder = match (association.kind, &association.through) {
                (_, Some(through)) => through.model,
                (AssociationKind::BelongsTo, None) => association.source,
                (_, None) => association.target,
            };
            let other = association.through.as_ref().is_some_and(|it| is_key(&it.key));
            let declares = holder == pair.id && (is_key(&association.key) || other);
            if declares {
                found.push((association.span, association.kind));
            }
        }
        found.sort_by_key(|(_, kind)| *kind != AssociationKind::BelongsTo);
        found
    }

    /// Makes the sentences of a key say what the database says of it; whether there are any.
    fn revise_key(
        &mut self,
        pair: ModelPair<'a>,
        key: &ForeignKeyConstraint,
        fresh: &[PulledOption],
        pins: bool,
    ) -> bool {
        let declarations = self.declarations(pair, key);
        let (mut first, mut changes) = (true, false);
        for (span, kind) in &declarations {
            // What one of them says holds for all, but a join has a key of its own.
            if *kind == AssociationKind::BelongsToMany {
                continue;
            }
            let mut said = fresh.to_vec();
            let mut which = OF_CONSTRAINT.to_vec();
            if *kind == AssociationKind::BelongsTo {
                which.push(OptionId::TargetKey);
                // Its default would follow the name of what it refers to.
                if pins
                    && let [column] = key.columns.as_slice()
                    && let Some(attribute) = self.fresh(pair, column)
                    && !self.says(*span, OptionId::ForeignKey)
                {
                    which.push(OptionId::ForeignKey);
                    said.retain(|it| it.id != OptionId::ForeignKey);
                    let name = written(&attribute.name);
                    said.push(PulledOption::of(OptionId::ForeignKey, name));
                }
            } else {
                which.push(OptionId::SourceKey);
                as_has_many_says(&mut said, key);
            }
            if !first {
                said.retain(|it| matches!(it.id, OptionId::TargetKey | OptionId::SourceKey));
            }
            changes |= self.sentence_options(*span, &said, &which);
            first = false;
        }
        if !first && !changes {
            self.stuck.push(format!("a key of `{}` is another one", pair.table.name));
        }
        !first
    }

    fn says(&self, span: Span, id: OptionId) -> bool {
        let sentence = self.editor.sentence(span);
        let options = sentence.and_then(|it| it.options.as_ref());
        options.is_some_and(|list| list.items.iter().any(|it| says(it, id)))
    }

    /// Whether that changes something.
    fn sentence_options(&mut self, span: Span, fresh: &[PulledOption], which: &[OptionId]) -> bool {
        match self.editor.sentence(span) {
            Some(sentence) if self.editor.holds(span) => {
                let behind = sentence.words.last().map_or(sentence.span, |it| it.span);
                let there = sentence.options.as_ref();
                self.editor.options(there, behind, fresh, which)
            }
            _ => {
                self.fail("a script that it imports is to be changed".to_owned());
                true
            }
        }
    }

    /// Takes out a key: its sentences stay without a constraint, as long as its column is there.
    fn remove_key(&mut self, model: ModelPair<'a>, key: &ForeignKeyConstraint, is_raw: bool) {
        if is_raw {
            return self.remove_clause(model, &key.text);
        }
        let declarations = self.declarations(model, key);
        if let (true, [column]) = (declarations.is_empty(), key.columns.as_slice())
            && let Some(pair) = self.pair(model, column)
        {
            let behind = pair.value.as_ref().map_or(pair.key.span, |it| it.span);
            self.editor.options(pair.options.as_ref(), behind, &[], &OF_REFERENCE);
            return;
        }
        let stays = (key.columns.iter()).all(|column| model.table.column(column).is_some());
        let without = [PulledOption::off(OptionId::Constraints)];
        for (span, _) in declarations {
            if stays {
                self.sentence_options(span, &without, &OF_CONSTRAINT);
            } else {
                self.remove_sentence(span);
            }
        }
    }
}

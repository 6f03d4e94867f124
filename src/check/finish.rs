//! Models, finished: the attributes of keys added, what is said of each attribute carried out.

use super::association_names;
use super::attributes::{AttributeSaid, Unique};
use super::computed;
use super::constraints;
use super::implied::implied;
use super::keys::Keys;
use super::options::ModelSaid;
use super::scopes;
use super::views;
use super::{Context, Draft, attribute_id, model_id, names};
use crate::diagnostics::CheckProblem;
use crate::ir::{Attribute, AttributeExtra, DataType, Origin};
use crate::source::Span;
use smol_str::SmolStr;
use std::collections::HashMap;

impl<'a> Context<'a> {
    /// Finishes all models. The schema holds them afterwards.
    pub(super) fn finish(&mut self, mut keys: Keys<'a>) {
        self.implied_attributes(&keys);
        self.key_attributes(&mut keys);
        for model in 0..self.drafts.len() {
            self.apply(model, &keys);
        }
        let resolved = constraints::resolve_keys(self, &keys);
        constraints::key_types(self, &keys, &resolved);
        self.check_columns();
        constraints::foreign_keys(self, &keys, &resolved);
        association_names::associations(self, &keys, &resolved);
        self.finish_indexes(&keys, &resolved);
        drop((keys, resolved)); // a large schema needs the room
        computed::finish_expressions(self);
        for draft in &mut self.drafts {
            draft.said = Vec::new();
        }
        scopes::finish_scopes(self);
        views::finish_views(self);
        self.read_steps();
        let mut drafts = std::mem::take(&mut self.drafts);
        self.schema.models.reserve_exact(drafts.len());
        // From the end, so that the room of ten thousand drafts becomes that of their models.
        while let Some(draft) = drafts.pop() {
            self.schema.names.insert(draft.model.name.clone(), model_id(drafts.len()));
            self.schema.models.push(draft.model);
            if drafts.len().is_multiple_of(1_000) {
                drafts.shrink_to_fit();
            }
        }
        self.schema.models.reverse();
    }

    /// The attributes of keys that nobody wrote, and what is said of each key put together.
    fn key_attributes(&mut self, keys: &mut Keys<'a>) {
        for group in &mut keys.groups {
            let said = std::mem::take(&mut group.said);
            let draft = self.draft_mut(group.holder);
            let place = match draft.model.attribute_named(&group.name) {
                Some(id) => id,
                None => {
                    let span = group.uses.first().map_or_else(Span::default, |it| it.span);
                    let mut attribute = implied(&group.name, DataType::Virtual, span);
                    attribute.origin = Origin::Key;
                    draft.add(attribute)
                }
            };
            if said.is_empty() {
                continue;
            }
            let own = draft.said.get_mut(place.0 as usize).and_then(Option::take);
            let mut merged = own.unwrap_or_default();
            let key = self.key_name(group.holder, &group.name);
            for it in said {
                self.merge(&key, &mut merged, it);
            }
            if let Some(slot) = self.draft_mut(group.holder).said.get_mut(place.0 as usize) {
                *slot = Some(merged);
            }
        }
        // A through table without a key of its own has these two.
        for model in 0..self.drafts.len() {
            let join = keys.keyed_by_join.get(&model).and_then(|it| keys.names.get(*it));
            let Some((one, Some(two))) = join else {
                continue;
            };
            let draft = self.draft_mut(model);
            for attribute in &mut draft.model.attributes {
                if attribute.name == *one || attribute.name == *two {
                    attribute.primary_key = true;
                }
            }
        }
    }

    /// What is said of each attribute, carried out. Types of keys are still to come.
    fn apply(&mut self, model: usize, keys: &Keys<'a>) {
        for place in 0..self.draft(model).model.attributes.len() {
            let draft = self.draft_mut(model);
            let underscored = draft.model.underscored;
            let said = draft.said.get_mut(place).and_then(Option::take);
            let Some(attribute) = draft.model.attributes.get_mut(place) else {
                continue;
            };
            attribute.column = match said.as_ref().and_then(|it| it.field.as_ref()) {
                Some(field) => field.value.clone(),
                None => names::column(&attribute.name, underscored),
            };
            if let Some(said) = &said {
                if let Some(it) = said.primary_key {
                    attribute.primary_key |= it.value;
                }
                if let Some(it) = said.allow_null {
                    attribute.not_null = !it.value;
                }
                attribute.auto_increment |= ModelSaid::on(said.auto_increment.as_ref());
                let key_null = said.allow_null.filter(|_| attribute.primary_key);
                let has_extra = said.comment.is_some()
                    || key_null.is_some()
                    || said.collate.is_some()
                    || said.was.is_some()
                    || !said.validators.is_empty();
                if has_extra {
                    let extra = attribute.extra.get_or_insert_with(Box::<AttributeExtra>::default);
                    extra.comment = said.comment.as_ref().map(|it| it.value.clone());
                    extra.collate = said.collate.as_ref().map(|it| it.value.clone());
                    extra.key_null = key_null.map(|it| it.value);
                    extra.was = said.was.as_ref().map(|it| it.value.clone());
                    extra.validators.clone_from(&said.validators);
                }
            }
            let extra = attribute.extra.as_ref();
            let may_be_null = extra.is_some_and(|it| it.key_null == Some(true));
            attribute.not_null |= attribute.primary_key && !may_be_null;
            let (not_null, name) = (attribute.not_null, attribute.name.clone());
            if let Some(said) = said {
                let is_key = self.check_said(model, &name, not_null, &said, keys);
                if (is_key || !said.is_carried_out())
                    && let Some(slot) = self.draft_mut(model).said.get_mut(place)
                {
                    *slot = Some(said);
                }
            }
        }
        let draft = self.draft_mut(model);
        draft.model.primary_key = draft
            .model
            .attributes
            .iter()
            .enumerate()
            .filter(|(_, it)| it.primary_key)
            .map(|(index, _)| attribute_id(index))
            .collect();
        self.check_auto_increment(model);
    }

    /// What the options of one attribute must not say together. Whether the attribute is a key.
    fn check_said(
        &mut self,
        model: usize,
        name: &SmolStr,
        not_null: bool,
        said: &AttributeSaid<'a>,
        keys: &Keys<'a>,
    ) -> bool {
        let group = keys.places.get(&(model, name.clone())).and_then(|it| keys.groups.get(*it));
        let is_key = group.is_some();
        if !group.is_some_and(|it| it.uses.iter().any(|it| it.wants_constraint)) {
            for (option, said) in [("onDelete", said.on_delete), ("onUpdate", said.on_update)] {
                if let Some(said) = said {
                    self.report(CheckProblem::ActionWithoutKey {
                        option: option.into(),
                        at: said.span,
                    });
                }
            }
        }
        if !not_null {
            for it in said.validators.iter().filter(|it| it.name == "notNull") {
                self.report(CheckProblem::ValidatorNeedsNotNull {
                    validator: it.name.to_string(),
                    at: it.span,
                });
            }
        }
        if let (Some(counts), Some(null)) =
            (said.auto_increment.filter(|it| it.value), said.allow_null.filter(|it| it.value))
        {
            self.report(CheckProblem::Contradiction {
                message: format!("the key `{name}` counts up, and can't be null"),
                at: counts.span.to(null.span),
                label: "both at once".into(),
                help: Some("take `allowNull: true` away".into()),
            });
        }
        let is_virtual = {
            let draft = self.draft(model);
            draft.model.attribute_named(name).is_some_and(|it| {
                let attribute = draft.model.attribute(it);
                attribute.origin != Origin::Key && !Draft::is_column(&attribute.data_type)
            })
        };
        let mut contradictions: Vec<(String, Span, &str, &str)> = Vec::new();
        if let (Some(get), false) = (&said.get, is_virtual) {
            contradictions.push((
                "`get` is for VIRTUAL attributes".into(),
                get.span,
                "the attribute is stored",
                "make it `VIRTUAL`, or let the database compute it: `generated: (..)`",
            ));
        }
        if is_virtual {
            let stored = [
                said.unique
                    .as_ref()
                    .filter(|it| it.value != Unique::No)
                    .map(|it| ("unique", it.span)),
                said.primary_key.map(|it| ("primaryKey", it.span)),
                said.auto_increment.map(|it| ("autoIncrement", it.span)),
                said.field.as_ref().map(|it| ("field", it.span)),
                said.collate.as_ref().map(|it| ("collate", it.span)),
                said.references.as_ref().map(|it| ("references", it.span)),
                said.generated.as_ref().map(|it| ("generated", it.span)),
                said.check.as_ref().map(|it| ("check", it.span)),
                said.default.map(|it| ("defaultValue", it.span)),
            ];
            for (option, span) in stored.into_iter().flatten() {
                contradictions.push((
                    format!("`{option}` is for stored attributes, and `{name}` is VIRTUAL"),
                    span,
                    "there is no column",
                    "give the attribute a type that is stored, or take the option away",
                ));
            }
        } else if let Some(generated) = &said.generated {
            let others = [
                said.default.map(|it| ("defaultValue", it.span)),
                said.auto_increment.map(|it| ("autoIncrement", it.span)),
                said.primary_key.filter(|it| it.value).map(|it| ("primaryKey", it.span)),
            ];
            for (option, span) in others.into_iter().flatten() {
                contradictions.push((
                    format!("`{name}` is generated, so it takes no `{option}`"),
                    span,
                    "the database computes the value",
                    "take the option away, or `generated`",
                ));
            }
            let _ = generated;
        } else if let Some(stored) = said.stored {
            contradictions.push((
                "`stored` is for generated attributes".into(),
                stored.span,
                "nothing is generated",
                "say how the value is generated, `generated: (amount * 2)`, or take `stored` away",
            ));
        }
        for (message, at, label, help) in contradictions {
            let help = Some(help.to_owned());
            self.report(CheckProblem::Contradiction { message, at, label: label.into(), help });
        }
        is_key
    }

    fn check_auto_increment(&mut self, model: usize) {
        let draft = self.draft(model);
        let counting: Vec<_> =
            draft.model.attributes.iter().filter(|it| it.auto_increment).collect();
        let key = draft.model.primary_key.len();
        let mut problem = None;
        for (place, it) in counting.iter().enumerate() {
            let (message, help) = if place > 0 {
                (
                    format!("`{}` has two attributes that count up", draft.model.name),
                    "keep `autoIncrement` at the primary key",
                )
            } else if !matches!(it.data_type, DataType::Integer(_)) && it.origin != Origin::Key {
                (
                    format!(
                        "`{}` can't count up: it is {}",
                        it.name,
                        super::written_type(&it.data_type)
                    ),
                    "only an integer counts up: `INTEGER < primaryKey, autoIncrement >`",
                )
            } else if !it.primary_key {
                (
                    format!("`{}` can't count up: it is not the primary key", it.name),
                    "add `primaryKey`, or take `autoIncrement` away",
                )
            } else if key > 1 {
                (
                    format!("`{}` can't count up: the primary key has {key} attributes", it.name),
                    "a composite key is given by the script: take `autoIncrement` away",
                )
            } else if draft.model.without_rowid {
                (
                    format!("`{}` can't count up: the table is `withoutRowid`", it.name),
                    "take one of the two away",
                )
            } else {
                continue;
            };
            problem =
                Some(CheckProblem::AutoIncrement { message, at: it.span, help: Some(help.into()) });
            break;
        }
        if let Some(problem) = problem {
            self.report(problem);
        }
    }

    /// No two attributes on one column, no two models on one table, no table without columns.
    fn check_columns(&mut self) {
        let mut tables: HashMap<String, Span> = HashMap::new();
        let mut problems = Vec::new();
        for draft in &self.drafts {
            let model = &draft.model;
            let columns: Vec<&Attribute> = model.columns().map(|(_, it)| it).collect();
            if columns.is_empty() {
                problems.push(CheckProblem::NoColumns {
                    model: model.name.to_string(),
                    at: model.span,
                });
            }
            let clash = |one: &Attribute, two: &Attribute| CheckProblem::SameColumn {
                model: model.name.to_string(),
                column: two.column.to_string(),
                first: one.span,
                again: two.span,
                help: Some(if one.column == two.column {
                    "give one of them another `field`".into()
                } else {
                    format!(
                        "`{}` and `{}` are one name to SQLite; give one of them another `field`",
                        one.column, two.column
                    )
                }),
            };
            if columns.len() <= 16 {
                for (place, two) in columns.iter().enumerate() {
                    let first = columns
                        .iter()
                        .take(place)
                        .find(|one| one.column.eq_ignore_ascii_case(&two.column));
                    problems.extend(first.map(|one| clash(one, two)));
                }
            } else {
                let mut seen: HashMap<String, &Attribute> = HashMap::with_capacity(columns.len());
                for two in columns {
                    match seen.get(&two.column.to_ascii_lowercase()) {
                        Some(one) => problems.push(clash(one, two)),
                        None => {
                            seen.insert(two.column.to_ascii_lowercase(), two);
                        }
                    }
                }
            }
            let table = model.full_table().to_ascii_lowercase();
            match tables.get(&table) {
                Some(first) => problems.push(CheckProblem::SameTable {
                    table: model.full_table().to_string(),
                    first: *first,
                    again: model.span,
                }),
                None => {
                    tables.insert(table, model.span);
                }
            }
        }
        for problem in problems {
            self.report(problem);
        }
    }
}

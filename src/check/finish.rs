//! Attributes and keys, finished: what comes by itself, what several declarations say together, types, actions, names.

use super::attributes::AttributeSaid;
use super::keys::{Group, Keys, Role, Target, Use};
use super::models::{ModelSaid, Named};
use super::{Context, Draft, attribute_id, model_id, names};
use crate::diagnostics::CheckProblem;
use crate::ir::{
    Action, Association, AssociationKind, Attribute, AttributeExtra, AttributeId, DataType, Decimal,
    Default as DefaultValue, ForeignKey, Integer, IntegerWidth, KeyTarget, Origin, Through,
};
use crate::source::Span;
use crate::value::Value;
use crate::verbs::Said;
use smol_str::{SmolStr, ToSmolStr};
use std::collections::HashMap;

/// A key, resolved: the attribute, and what it refers to.
pub(super) struct Resolved {
    /// The model and the attribute that hold it.
    pub holder: usize,
    pub attribute: usize,
    /// The model and the attribute that it refers to; none for a table outside of the script, or after a mistake.
    pub target: Option<(usize, usize)>,
}

impl<'a> Context<'a> {
    /// Finishes all models. The schema holds them afterwards.
    pub(super) fn finish(&mut self, mut keys: Keys<'a>) {
        self.implied_attributes(&keys);
        self.key_attributes(&mut keys);
        for model in 0..self.drafts.len() {
            self.apply(model, &keys);
        }
        let resolved = self.resolve_keys(&keys);
        self.key_types(&keys, &resolved);
        self.check_columns();
        self.foreign_keys(&keys, &resolved);
        self.associations(&keys, &resolved);
        self.finish_indexes(&keys, &resolved);
        self.finish_expressions();
        self.finish_queries(&keys);
        for (index, draft) in std::mem::take(&mut self.drafts).into_iter().enumerate() {
            self.schema.names.insert(draft.model.name.clone(), model_id(index));
            self.schema.models.push(draft.model);
        }
    }

    /// `id`, timestamps and `version`.
    fn implied_attributes(&mut self, keys: &Keys<'a>) {
        for index in 0..self.drafts.len() {
            let keyed = keys.keyed_by_join.contains_key(&index) || keys.keyed_by_key.contains_key(&index);
            let draft = self.draft(index);
            let has_key = keyed || draft.has_written_key();
            let without_id = draft.options.id.is_some_and(|it| !it.value);
            let model_name = draft.model.name.to_string();
            if !has_key && !without_id {
                let written = draft.model.attribute_named("id").map(|it| draft.model.attribute(it).span);
                if let Some(at) = written {
                    self.report(CheckProblem::IdIsNoKey { model: model_name.clone(), at });
                } else {
                    let draft = self.draft_mut(index);
                    let span = draft.model.span;
                    let mut id = implied("id", integer(), span);
                    id.primary_key = true;
                    id.auto_increment = !draft.model.without_rowid;
                    draft.model.attributes.insert(0, id);
                    draft.said.insert(0, None);
                }
            }
            if self.draft(index).model.without_rowid && !has_key {
                let said = self.draft(index).options.without_rowid;
                self.report(CheckProblem::WithoutRowid {
                    model: model_name,
                    at: said.map_or_else(|| self.draft(index).model.span, |it| it.span),
                    label: "no attribute is the primary key".into(),
                });
            }
            self.timestamps(index);
        }
    }

    fn timestamps(&mut self, index: usize) {
        let options = self.draft(index).options.clone();
        let timestamps = options.timestamps.is_none_or(|it| it.value);
        let paranoid = ModelSaid::on(options.paranoid.as_ref());
        if let (true, false, Some(said), Some(off)) = (paranoid, timestamps, options.paranoid, options.timestamps) {
            self.report(CheckProblem::ParanoidWithoutTimestamps { paranoid: said.span, timestamps: off.span });
        }
        let draft = self.draft_mut(index);
        let name = |said: Option<&Said<Named>>, default: &'static str| match said.map(|it| &it.value) {
            None | Some(Named::On) => Some(SmolStr::new_static(default)),
            Some(Named::Off) => None,
            Some(Named::As(name)) => Some(name.clone()),
        };
        if timestamps {
            draft.model.created_at = name(options.created_at.as_ref(), "createdAt").map(|it| draft.time(it, true));
            draft.model.updated_at = name(options.updated_at.as_ref(), "updatedAt").map(|it| draft.time(it, true));
            if paranoid {
                draft.model.deleted_at = name(options.deleted_at.as_ref(), "deletedAt").map(|it| draft.time(it, false));
                draft.model.paranoid = draft.model.deleted_at.is_some();
            }
        }
        if let Some(name) = options.version.as_ref().and_then(|it| name(Some(it), "version")) {
            let span = draft.model.span;
            draft.model.version = Some(match draft.model.attribute_named(&name) {
                Some(id) => id,
                None => {
                    let mut version = implied(&name, integer(), span);
                    version.not_null = true;
                    version.default = Some(DefaultValue::Value(Value::Integer(0)));
                    draft.add(version)
                }
            });
        }
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
        for (model, join) in &keys.keyed_by_join {
            let Some((one, Some(two))) = keys.names.get(*join) else { continue };
            let draft = self.draft_mut(*model);
            for attribute in &mut draft.model.attributes {
                if attribute.name == *one || attribute.name == *two {
                    attribute.primary_key = true;
                }
            }
        }
    }

    /// Puts what two declarations of one key say together, or reports that they disagree.
    fn merge(&mut self, key: &str, into: &mut AttributeSaid<'a>, from: AttributeSaid<'a>) {
        let flag = |it: bool| it.to_string();
        self.agree(key, "`allowNull`", &mut into.allow_null, from.allow_null, |it| flag(*it));
        self.agree(key, "`primaryKey`", &mut into.primary_key, from.primary_key, |it| flag(*it));
        self.agree(key, "`autoIncrement`", &mut into.auto_increment, from.auto_increment, |it| flag(*it));
        self.agree(key, "`stored`", &mut into.stored, from.stored, |it| flag(*it));
        self.agree(key, "`unique`", &mut into.unique, from.unique, |it| it.as_ref().map_or_else(|| "true".into(), |it| format!("`{it}`")));
        self.agree(key, "`field`", &mut into.field, from.field, |it| format!("`{it}`"));
        self.agree(key, "`comment`", &mut into.comment, from.comment, |it| format!("\"{it}\""));
        self.agree(key, "`collate`", &mut into.collate, from.collate, |it| format!("`{it}`"));
        self.agree(key, "`was`", &mut into.was, from.was, |it| format!("`{it}`"));
        self.agree(key, "`onDelete`", &mut into.on_delete, from.on_delete, |it| format!("`{}`", it.word()));
        self.agree(key, "`onUpdate`", &mut into.on_update, from.on_update, |it| format!("`{}`", it.word()));
        if let (Some(one), Some(two)) = (into.default, from.default) {
            let (first, again) = (self.sources.slice(one.span), self.sources.slice(two.span));
            if first != again {
                let (first_says, then_says) = (format!("`{first}`"), format!("`{again}`"));
                self.disagree(key, "`defaultValue`", (first_says, one.span), (then_says, two.span));
            }
        }
        into.default = into.default.or(from.default);
        for validator in from.validators {
            if !into.validators.iter().any(|it| it.name == validator.name) {
                into.validators.push(validator);
            }
        }
        into.references = into.references.take().or(from.references);
        into.get = into.get.or(from.get);
        into.generated = into.generated.or(from.generated);
        into.check = into.check.or(from.check);
        into.using = into.using.or(from.using);
    }

    fn agree<T: PartialEq>(
        &mut self,
        key: &str,
        about: &str,
        into: &mut Option<Said<T>>,
        from: Option<Said<T>>,
        show: impl Fn(&T) -> String,
    ) {
        match (&into, from) {
            (Some(one), Some(two)) if one.value != two.value => {
                self.disagree(key, about, (show(&one.value), one.span), (show(&two.value), two.span));
            }
            (None, Some(it)) => *into = Some(it),
            _ => {}
        }
    }

    fn disagree(&mut self, key: &str, about: &str, first: (String, Span), again: (String, Span)) {
        let (first, again) = if again.1 < first.1 { (again, first) } else { (first, again) };
        self.report(CheckProblem::KeysDisagree {
            key: key.to_owned(),
            about: about.to_owned(),
            first_says: format!("{} here", first.0),
            first: first.1,
            then_says: format!("{} here", again.0),
            again: again.1,
            help: Some("say the same in both, or in one of them alone".into()),
        });
    }

    /// What is said of each attribute, carried out. Types of keys are still to come.
    fn apply(&mut self, model: usize, keys: &Keys<'a>) {
        for place in 0..self.draft(model).model.attributes.len() {
            let draft = self.draft_mut(model);
            let underscored = draft.model.underscored;
            let said = draft.said.get_mut(place).and_then(Option::take);
            let Some(attribute) = draft.model.attributes.get_mut(place) else { continue };
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
                let has_extra = said.comment.is_some() || said.collate.is_some() || said.was.is_some() || !said.validators.is_empty();
                if has_extra {
                    let extra = attribute.extra.get_or_insert_with(Box::<AttributeExtra>::default);
                    extra.comment = said.comment.as_ref().map(|it| it.value.clone());
                    extra.collate = said.collate.as_ref().map(|it| it.value.clone());
                    extra.was = said.was.as_ref().map(|it| it.value.clone());
                    extra.validators.clone_from(&said.validators);
                }
            }
            attribute.not_null |= attribute.primary_key;
            let (not_null, name) = (attribute.not_null, attribute.name.clone());
            if let Some(said) = said {
                self.check_said(model, &name, not_null, &said, keys);
                if let Some(slot) = self.draft_mut(model).said.get_mut(place) {
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
        // Of a through table the key that the first association declares comes first.
        if let Some(join) = keys.keyed_by_join.get(&model) {
            if let Some((one, _)) = keys.names.get(*join) {
                if let Some(first) = draft.model.attribute_named(one) {
                    draft.model.primary_key.sort_by_key(|it| *it != first);
                }
            }
        }
        self.check_auto_increment(model);
    }

    /// What the options of one attribute must not say together.
    fn check_said(&mut self, model: usize, name: &SmolStr, not_null: bool, said: &AttributeSaid<'a>, keys: &Keys<'a>) {
        let group = keys.places.get(&(model, name.clone())).and_then(|it| keys.groups.get(*it));
        if !group.is_some_and(|it| it.uses.iter().any(|it| it.wants_constraint)) {
            for (option, said) in [("onDelete", said.on_delete), ("onUpdate", said.on_update)] {
                if let Some(said) = said {
                    self.report(CheckProblem::ActionWithoutKey { option: option.into(), at: said.span });
                }
            }
        }
        if !not_null {
            for it in said.validators.iter().filter(|it| it.name == "notNull") {
                self.report(CheckProblem::ValidatorNeedsNotNull { validator: it.name.to_string(), at: it.span });
            }
        }
        if let (Some(primary), Some(null)) = (said.primary_key.filter(|it| it.value), said.allow_null.filter(|it| it.value)) {
            self.report(CheckProblem::Contradiction {
                message: format!("the primary key `{name}` can't be null"),
                at: primary.span.to(null.span),
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
        let mut contradictions: Vec<(String, Span, &str)> = Vec::new();
        if let (Some(get), false) = (&said.get, is_virtual) {
            contradictions.push(("`get` is for VIRTUAL attributes".into(), get.span, "the attribute is stored"));
        }
        if is_virtual {
            let stored = [
                said.unique.as_ref().map(|it| ("unique", it.span)),
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
                contradictions.push((format!("`{option}` is for stored attributes, and `{name}` is VIRTUAL"), span, "there is no column"));
            }
        } else if let Some(generated) = &said.generated {
            let others = [
                said.default.map(|it| ("defaultValue", it.span)),
                said.auto_increment.map(|it| ("autoIncrement", it.span)),
                said.primary_key.filter(|it| it.value).map(|it| ("primaryKey", it.span)),
            ];
            for (option, span) in others.into_iter().flatten() {
                contradictions.push((format!("`{name}` is generated, so it takes no `{option}`"), span, "the database computes the value"));
            }
            let _ = generated;
        } else if let Some(stored) = said.stored {
            contradictions.push(("`stored` is for generated attributes".into(), stored.span, "nothing is generated"));
        }
        for (message, at, label) in contradictions {
            let help = Some("take one of the two away".into());
            self.report(CheckProblem::Contradiction { message, at, label: label.into(), help });
        }
    }

    fn check_auto_increment(&mut self, model: usize) {
        let draft = self.draft(model);
        let counting: Vec<_> = draft.model.attributes.iter().filter(|it| it.auto_increment).collect();
        let key = draft.model.primary_key.len();
        let mut problem = None;
        for (place, it) in counting.iter().enumerate() {
            let (message, help) = if place > 0 {
                (format!("`{}` has two attributes that count up", draft.model.name), "keep `autoIncrement` at the primary key")
            } else if !matches!(it.data_type, DataType::Integer(_)) && it.origin != Origin::Key {
                (format!("`{}` can't count up: it is {}", it.name, super::written_type(&it.data_type)), "only an integer counts up: `INTEGER < primaryKey, autoIncrement >`")
            } else if !it.primary_key {
                (format!("`{}` can't count up: it is not the primary key", it.name), "add `primaryKey`, or take `autoIncrement` away")
            } else if key > 1 {
                (format!("`{}` can't count up: the primary key has {key} attributes", it.name), "a composite key is given by the script: take `autoIncrement` away")
            } else if draft.model.without_rowid {
                (format!("`{}` can't count up: the table is `withoutRowid`", it.name), "take one of the two away")
            } else {
                continue;
            };
            problem = Some(CheckProblem::AutoIncrement { message, at: it.span, help: Some(help.into()) });
            break;
        }
        if let Some(problem) = problem {
            self.report(problem);
        }
    }

    /// Finds what each key refers to.
    fn resolve_keys(&mut self, keys: &Keys<'a>) -> Vec<Resolved> {
        let mut resolved = Vec::with_capacity(keys.groups.len());
        for group in &keys.groups {
            let attribute = self.draft(group.holder).model.attribute_named(&group.name);
            let target = self.resolve_key(group);
            resolved.push(Resolved {
                holder: group.holder,
                attribute: attribute.map_or(0, |it| it.0 as usize),
                target,
            });
        }
        resolved
    }

    fn resolve_key(&mut self, group: &Group<'a>) -> Option<(usize, usize)> {
        let wanting = group.uses.iter().find(|it| it.wants_constraint);
        let main = wanting.or_else(|| group.uses.first())?;
        let key = self.key_name(group.holder, &group.name);
        let mut said = main.referenced.clone();
        for it in group.uses.iter().filter(|it| it.wants_constraint && !std::ptr::eq(*it, main)) {
            if it.target != main.target {
                let (one, two) = (self.target_name(&main.target), self.target_name(&it.target));
                self.disagree(&key, "the model it refers to", (one, main.span), (two, it.span));
                return None;
            }
        }
        for it in group.uses.iter().filter(|it| it.target == main.target && !std::ptr::eq(*it, main)) {
            self.agree(&key, "what it refers to", &mut said, it.referenced.clone(), |it| format!("`{it}`"));
        }
        let Target::Model(model) = main.target else { return None };
        if let Some(said) = said {
            let draft = self.draft(model);
            // `references` may name a column where it names a table.
            let found = draft.model.attribute_named(&said.value).or_else(|| {
                let columns = main.role == Role::Attribute;
                draft.model.attributes().find(|(_, it)| columns && it.column == said.value).map(|(id, _)| id)
            });
            let Some(id) = found else {
                self.unknown_attribute(model, &said.value, said.span);
                return None;
            };
            let attribute = draft.model.attribute(id);
            if attribute.origin != Origin::Key && !Draft::is_column(&attribute.data_type) {
                let problem = CheckProblem::KeyIsNoColumn {
                    attribute: format!("{}.{}", draft.model.name, attribute.name),
                    at: said.span,
                    declared: attribute.span,
                };
                self.report(problem);
                return None;
            }
            return Some((model, id.0 as usize));
        }
        let target = &self.draft(model).model;
        if let [one] = target.primary_key.as_slice() {
            return Some((model, one.0 as usize));
        }
        let word = match main.role {
            Role::Attribute => "key",
            Role::Belongs => "targetKey",
            Role::Has | Role::Many => "sourceKey",
        };
        let (message, why) = if target.primary_key.is_empty() {
            (format!("`{}` has no primary key to refer to", target.name), "has no primary key".to_owned())
        } else {
            (
                format!("`{}` has a primary key of {} attributes, which one column can't refer to", target.name, target.primary_key.len()),
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
        self.report(problem);
        None
    }

    fn target_name(&self, target: &Target) -> String {
        match target {
            Target::Model(index) => format!("`{}`", self.draft(*index).model.name),
            Target::Table(name) => format!("the table `{name}`"),
        }
    }

    /// A key takes the type of what it refers to, which may be a key itself.
    fn key_types(&mut self, keys: &Keys<'a>, resolved: &[Resolved]) {
        for index in 0..resolved.len() {
            let mut way: Vec<usize> = Vec::new();
            let mut at = index;
            let mut found = None;
            while let Some(it) = resolved.get(at) {
                let Some(attribute) = self.draft(it.holder).model.attributes.get(it.attribute) else { break };
                if attribute.origin != Origin::Key || !matches!(attribute.data_type, DataType::Virtual) {
                    found = Some(attribute.data_type.clone());
                    break;
                }
                way.push(at);
                if way.len() > resolved.len() {
                    break;
                }
                let Some((model, place)) = it.target else { break };
                let Some(target) = self.draft(model).model.attributes.get(place) else { break };
                if target.origin != Origin::Key {
                    found = Some(target.data_type.clone());
                    break;
                }
                match keys.places.get(&(model, target.name.clone())) {
                    Some(next) => at = *next,
                    None => break,
                }
            }
            // After a mistake, or in a circle of keys: any type will do, the mistake has been reported.
            let found = found.unwrap_or_else(integer);
            for at in way {
                let Some(it) = resolved.get(at) else { continue };
                if let Some(attribute) = self.draft_mut(it.holder).model.attributes.get_mut(it.attribute) {
                    attribute.data_type = found.clone();
                }
            }
        }
        for (group, it) in keys.groups.iter().zip(resolved) {
            self.check_key_type(group, it);
        }
    }

    fn check_key_type(&mut self, group: &Group<'a>, it: &Resolved) {
        let Some((model, place)) = it.target else { return };
        if !group.uses.iter().any(|it| it.wants_constraint) {
            return;
        }
        let key = self.draft(it.holder).model.attributes.get(it.attribute);
        let target = self.draft(model).model.attributes.get(place);
        let (Some(key), Some(target)) = (key, target) else { return };
        if key.origin == Origin::Key || family(&key.data_type) == family(&target.data_type) {
            return;
        }
        if matches!(key.data_type, DataType::Raw(_)) || matches!(target.data_type, DataType::Raw(_)) {
            return;
        }
        let wanted = super::written_type(&target.data_type);
        let problem = CheckProblem::KeyType {
            key: self.key_name(it.holder, &key.name),
            key_type: super::written_type(&key.data_type),
            at: key.span,
            target: target.span,
            help: Some(format!("write `{}: {wanted}`, or leave the attribute out: the association makes it", key.name)),
            target_type: wanted,
        };
        self.report(problem);
    }

    /// No two attributes on one column, no two models on one table, no table without columns.
    fn check_columns(&mut self) {
        let mut tables: HashMap<String, Span> = HashMap::new();
        let mut problems = Vec::new();
        for draft in &self.drafts {
            let model = &draft.model;
            let columns: Vec<&Attribute> = model.columns().map(|(_, it)| it).collect();
            if columns.is_empty() {
                problems.push(CheckProblem::NoColumns { model: model.name.to_string(), at: model.span });
            }
            let clash = |one: &Attribute, two: &Attribute| CheckProblem::SameColumn {
                model: model.name.to_string(),
                column: two.column.to_string(),
                first: one.span,
                again: two.span,
                help: Some(if one.column == two.column {
                    "give one of them another `field`".into()
                } else {
                    format!("`{}` and `{}` are one name to SQLite; give one of them another `field`", one.column, two.column)
                }),
            };
            if columns.len() <= 16 {
                for (place, two) in columns.iter().enumerate() {
                    let first = columns.iter().take(place).find(|one| one.column.eq_ignore_ascii_case(&two.column));
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

    /// The constraints of all keys, named and with their actions.
    fn foreign_keys(&mut self, keys: &Keys<'a>, resolved: &[Resolved]) {
        let mut found: Vec<Vec<(usize, ForeignKey)>> = (0..self.drafts.len()).map(|_| Vec::new()).collect();
        for (group, it) in keys.groups.iter().zip(resolved) {
            if let Some(key) = self.foreign_key(group, it) {
                if let Some(list) = found.get_mut(group.holder) {
                    list.push((it.attribute, key));
                }
            }
        }
        for (model, mut list) in found.into_iter().enumerate() {
            list.sort_by_key(|(place, _)| *place);
            let table = self.draft(model).model.full_table();
            for (place, (_, key)) in list.iter_mut().enumerate() {
                if !key.named {
                    key.name = names::constraint(&table, place + 1);
                }
            }
            let mut seen: HashMap<SmolStr, Span> = HashMap::new();
            for (_, key) in &list {
                if let Some(first) = seen.insert(key.name.to_lowercase().into(), key.span) {
                    let model = self.draft(model).model.name.to_string();
                    let name = key.name.to_string();
                    self.report(CheckProblem::SameConstraint { model, name, first, again: key.span });
                }
            }
            self.draft_mut(model).model.foreign_keys = list.into_iter().map(|(_, it)| it).collect();
        }
    }

    fn foreign_key(&mut self, group: &Group<'a>, it: &Resolved) -> Option<ForeignKey> {
        let wanting = group.uses.iter().find(|it| it.wants_constraint)?;
        let target = match (&wanting.target, it.target) {
            (Target::Model(_), Some((model, place))) => KeyTarget::Model(model_id(model), vec![attribute_id(place)]),
            (Target::Model(_), None) => return None,
            (Target::Table(table), _) => {
                let key = wanting.referenced.as_ref().map_or_else(|| "id".into(), |it| it.value.clone());
                KeyTarget::Table(table.clone(), vec![key])
            }
        };
        let key = self.key_name(group.holder, &group.name);
        let said = self.draft(group.holder).said.get(it.attribute).cloned().flatten();
        let mut on_delete = said.as_ref().and_then(|it| it.on_delete);
        let mut on_update = said.as_ref().and_then(|it| it.on_update);
        let (mut unique_key, mut deferrable) = (None, None);
        for it in group.uses.iter().filter(|it| it.wants_constraint) {
            let action = |it: &Action| format!("`{}`", it.word());
            self.agree(&key, "`onDelete`", &mut on_delete, it.on_delete, action);
            self.agree(&key, "`onUpdate`", &mut on_update, it.on_update, action);
            self.agree(&key, "`uniqueKey`", &mut unique_key, it.unique_key.clone(), |it| format!("`{it}`"));
            self.agree(&key, "`deferrable`", &mut deferrable, it.deferrable, |it| format!("`{it:?}`"));
        }
        let attribute = self.draft(group.holder).model.attributes.get(it.attribute)?;
        let (not_null, attribute_span) = (attribute.not_null, attribute.span);
        if not_null {
            for said_action in [on_delete, on_update].into_iter().flatten() {
                if said_action.value == Action::SetNull {
                    let not_null = said.as_ref().and_then(|it| {
                        it.allow_null.map(|it| it.span).or(it.primary_key.map(|it| it.span))
                    });
                    self.report(CheckProblem::SetNullOnNotNull {
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
            name: unique_key.as_ref().map(|it: &Said<SmolStr>| it.value.clone()).unwrap_or_default(),
            named: unique_key.is_some(),
            attributes: vec![attribute_id(it.attribute)],
            target,
            on_delete,
            on_update,
            deferrable: deferrable.map(|it| it.value),
            span: wanting.span,
        })
    }

    /// The associations themselves, with their names.
    fn associations(&mut self, keys: &Keys<'a>, resolved: &[Resolved]) {
        let mut named: HashMap<(usize, SmolStr), Span> = HashMap::new();
        let mut same: HashMap<(usize, usize, AssociationKind, SmolStr), usize> = HashMap::new();
        for (index, join) in keys.joins.iter().enumerate() {
            let target = &self.draft(join.target).model;
            let to_many = matches!(join.kind, AssociationKind::HasMany | AssociationKind::BelongsToMany);
            let (singular, plural) = match &join.alias {
                Some(alias) if alias.value.0 != alias.value.1 => alias.value.clone(),
                Some(alias) if to_many => (crate::words::singularize(&alias.value.1).to_smolstr(), alias.value.1.clone()),
                Some(alias) => (alias.value.0.clone(), crate::words::pluralize(&alias.value.0).to_smolstr()),
                None => (target.singular.clone(), target.plural.clone()),
            };
            let name = if to_many { plural.clone() } else { singular.clone() };
            let at = join.alias.as_ref().map_or_else(|| join.span(), |it| it.span);
            self.association_name(join.source, &name, at, &mut named);
            let key = keys.names.get(index).map(|it| it.0.clone()).unwrap_or_default();
            if join.scope.is_none() && join.through.is_none() {
                self.same_twice(join, index, key.clone(), &mut same, keys, &name);
            }
            let holder = match (&join.through, join.belongs()) {
                (Some(through), _) => through.model,
                (None, true) => join.source,
                (None, false) => join.target,
            };
            let place = |name: &SmolStr| keys.places.get(&(holder, name.clone())).and_then(|it| resolved.get(*it));
            let own = place(&key);
            let foreign_key = own.map_or(AttributeId(0), |it| attribute_id(it.attribute));
            let side = if join.belongs() { join.target } else { join.source };
            let referenced = self.referenced(side, own, join.source_key.as_ref().or(join.target_key.as_ref()).filter(|_| join.through.is_none()));
            let through = join.through.as_ref().map(|it| {
                let other = keys.names.get(index).and_then(|it| it.1.as_ref()).and_then(place);
                Through {
                    model: model_id(it.model),
                    other_key: other.map_or(AttributeId(0), |it| attribute_id(it.attribute)),
                    target_key: self.referenced(join.target, other, None),
                    scope: Vec::new(),
                }
            });
            let through = through.map(|it| Through {
                scope: join.through.as_ref().and_then(|it| it.scope.map(|scope| (it.model, scope))).map_or_else(Vec::new, |(model, scope)| self.scope_of(model, scope)),
                ..it
            });
            let scope = join.scope.map_or_else(Vec::new, |it| self.scope_of(join.target, it));
            let doc = self.doc(join.script, join.sentence.span.start);
            self.schema.associations.push(Association {
                kind: join.kind,
                name,
                singular,
                plural,
                source: model_id(join.source),
                target: model_id(join.target),
                foreign_key,
                referenced,
                through,
                scope,
                span: join.span(),
                doc,
            });
        }
        self.two_keys(keys);
    }

    /// What an association's key refers to in `model`, by that association's own account.
    fn referenced(&self, model: usize, key: Option<&Resolved>, said: Option<&Said<SmolStr>>) -> AttributeId {
        let target = &self.draft(model).model;
        if let Some(id) = said.and_then(|it| target.attribute_named(&it.value)) {
            return id;
        }
        match key.and_then(|it| it.target) {
            Some((at, place)) if at == model => attribute_id(place),
            _ => target.primary_key.first().copied().unwrap_or(AttributeId(0)),
        }
    }

    fn association_name(&mut self, source: usize, name: &SmolStr, at: Span, named: &mut HashMap<(usize, SmolStr), Span>) {
        let model = &self.draft(source).model;
        if let Some(id) = model.attribute_named(name) {
            let problem = CheckProblem::NamedLikeAttribute {
                model: model.name.to_string(),
                name: name.to_string(),
                association: at,
                attribute: model.attribute(id).span,
                help: Some("give the association another name: `as: ..`".into()),
            };
            self.report(problem);
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
                self.report(problem);
            }
            None => {
                named.insert((source, name.clone()), at);
            }
        }
    }

    /// Warns where one association is declared under two names.
    fn same_twice(
        &mut self,
        join: &super::joins::Join<'a>,
        index: usize,
        key: SmolStr,
        same: &mut HashMap<(usize, usize, AssociationKind, SmolStr), usize>,
        keys: &Keys<'a>,
        name: &SmolStr,
    ) {
        let first = *same.entry((join.source, join.target, join.kind, key)).or_insert(index);
        if first == index {
            return;
        }
        let first_name = self.schema.associations.get(first).map(|it| it.name.clone()).unwrap_or_default();
        if first_name == *name {
            return; // two of one name are an error already
        }
        let problem = CheckProblem::SameTwice {
            model: self.draft(join.source).model.name.to_string(),
            first_name: first_name.to_string(),
            second_name: name.to_string(),
            first: keys.joins.get(first).map_or_else(Span::default, super::joins::Join::span),
            again: join.span(),
            help: Some("keep one of them, or give the second a `foreignKey` of its own".into()),
        };
        self.report(problem);
    }

    /// Warns where a `hasOne` or `hasMany` and a `belongsTo` make two keys where one was meant.
    fn two_keys(&mut self, keys: &Keys<'a>) {
        type Sides = (Vec<usize>, Vec<usize>);
        let mut sides: HashMap<(usize, usize), Sides> = HashMap::new();
        let mut order = Vec::new();
        for (index, join) in keys.joins.iter().enumerate() {
            if join.through.is_some() {
                continue;
            }
            let pair = if join.belongs() { (join.target, join.source) } else { (join.source, join.target) };
            let entry = sides.entry(pair).or_insert_with(|| {
                order.push(pair);
                Sides::default()
            });
            if join.belongs() { entry.1.push(index) } else { entry.0.push(index) }
        }
        for (has, belongs) in order.iter().filter_map(|it| sides.get(it)) {
            let key = |index: &usize| keys.names.get(*index).map(|it| it.0.clone()).unwrap_or_default();
            let alone = |one: &[usize], two: &[usize]| -> Vec<usize> {
                let names: std::collections::HashSet<SmolStr> = two.iter().map(key).collect();
                one.iter().copied().filter(|it| !names.contains(&key(it))).collect()
            };
            let (left, right) = (alone(has, belongs), alone(belongs, has));
            let ([one], [two]) = (left.as_slice(), right.as_slice()) else { continue };
            let (Some(first), Some(second)) = (keys.joins.get(*one), keys.joins.get(*two)) else { continue };
            let meant = |it: &super::joins::Join<'a>| it.foreign_key.name.is_some();
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
            self.report(CheckProblem::TwoKeys {
                has: first.words(),
                belongs: second.words(),
                first: first.span(),
                second: second.span(),
                help: Some(format!("where one is meant, give both the same: `{} < foreignKey: {wanted} >`", from.words())),
                first_key: first_key.to_string(),
                second_key: second_key.to_string(),
            });
        }
    }
}

impl<'a> Draft<'a> {
    /// Adds an attribute that nobody wrote.
    fn add(&mut self, attribute: Attribute) -> AttributeId {
        let id = attribute_id(self.model.attributes.len());
        self.push(attribute, None);
        id
    }

    /// The attribute of a time that Relata keeps.
    fn time(&mut self, name: SmolStr, not_null: bool) -> AttributeId {
        if let Some(id) = self.model.attribute_named(&name) {
            return id;
        }
        let mut attribute = implied(&name, DataType::Date(None), self.model.span);
        attribute.not_null = not_null;
        self.add(attribute)
    }
}

/// The actions of a key, with their defaults.
fn actions(
    uses: &[Use],
    not_null: bool,
    on_delete: Option<Said<Action>>,
    on_update: Option<Said<Action>>,
) -> (Option<Action>, Option<Action>) {
    let is = |role: Role| uses.iter().any(|it| it.role == role);
    let (delete, update) = if uses.iter().all(|it| it.role == Role::Attribute) {
        (None, None)
    } else if is(Role::Many) {
        (Some(Action::Cascade), Some(Action::Cascade))
    } else if !not_null {
        (Some(Action::SetNull), Some(Action::Cascade))
    } else if is(Role::Belongs) {
        (Some(Action::NoAction), Some(Action::Cascade))
    } else {
        (Some(Action::Cascade), Some(Action::Cascade))
    };
    (on_delete.map(|it| it.value).or(delete), on_update.map(|it| it.value).or(update))
}

fn implied(name: &str, data_type: DataType, span: Span) -> Attribute {
    Attribute {
        name: name.into(),
        column: SmolStr::default(),
        span,
        data_type,
        not_null: false,
        primary_key: false,
        auto_increment: false,
        default: None,
        computed: None,
        extra: None,
        origin: Origin::Implied,
    }
}

const fn integer() -> DataType {
    DataType::Integer(Integer { width: IntegerWidth::Normal, length: None, unsigned: false, zerofill: false })
}

/// A type without what makes no difference to a key.
fn family(data_type: &DataType) -> DataType {
    match data_type {
        DataType::String { .. } | DataType::Char { .. } => DataType::String { length: None, binary: false },
        DataType::Integer(it) => DataType::Integer(Integer { length: None, zerofill: false, ..*it }),
        DataType::Decimal(it) => DataType::Decimal(Decimal { zerofill: false, ..*it }),
        other => other.clone(),
    }
}

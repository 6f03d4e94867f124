//! Models, finished: the attributes of keys added, what is said of each attribute carried out.

use super::association_names;
use super::computed;
use super::constraints;
use super::draft::{SaidFlags, SaidRest};
use super::dropped;
use super::former::{self, FormerOwners};
use super::implied::implied;
use super::key_names::KeyColumns;
use super::key_uniques::KeyUniques;
use super::keys::{AssociationKeys, ColumnDraft};
use super::once;
use super::referred;
use super::scopes;
use super::views;
use super::{Context, ModelDraft, attribute_id, indexes, model_id, names, verbs};
use crate::diagnostics::CheckProblem;
use crate::ir::{Attribute, AttributeExtra, DataType, Origin, Validator};
use crate::source::Span;
use crate::verbs::{NamedFlag, OptionId, OptionValue, Setting, Settings};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

impl<'a> Context<'a> {
    /// Finishes all models. The schema holds them afterwards.
    pub(super) fn finish(&mut self, mut keys: AssociationKeys<'a>) {
        // What needs one model alone is done of one after the other: in a large schema a walk over all of them costs more than what is done there.
        for model in 0..self.drafts.len() {
            self.implied_attributes(model, &keys);
            self.key_attributes(model, &mut keys);
            self.apply(model, &keys);
            // All of them are carried out.
            self.draft_mut(model).options = Settings::default();
        }
        let resolved = referred::resolve_keys(self, &keys);
        constraints::key_types(self, &keys, &resolved);
        for model in 0..self.drafts.len() {
            constraints::foreign_keys(self, model, &keys, &resolved);
        }
        let mut uniques = KeyUniques::of(self, &keys, &resolved);
        // A large schema needs the room.
        (keys.groups, keys.held) = (Vec::new(), Vec::new());
        association_names::associations(self, &keys, &resolved);
        drop(resolved);
        let mut names = association_names::NameChecker::new();
        for model in 0..self.drafts.len() {
            self.check_columns(model);
            names.check(self, model, &keys);
        }
        association_names::two_keys(self, &keys);
        association_names::own_numbers(self, &keys);
        drop(keys);
        let mut tables = HashMap::with_capacity(self.drafts.len());
        let mut formers = FormerOwners::new();
        for model in 0..self.drafts.len() {
            check_table(self, model, &mut tables);
            former::check(self, model, &mut formers);
            let said = self.draft_mut(model).said.take();
            let said = said.filter(|it| it.1.flags.rest != SaidRest::Nothing);
            let said: Vec<_> = said.map(|(place, it)| (place, it.later())).collect();
            indexes::attribute_uniques(self, model, &said);
            computed::finish_expressions(self, model, &said);
        }
        drop(tables);
        uniques.add_through(self);
        indexes::body_indexes(self);
        uniques.add_referenced(self);
        scopes::finish_scopes(self);
        views::finish_views(self);
        dropped::check_columns(self);
        dropped::check(self);
        once::read(self);
        verbs::read_steps(self);
        let drafts = std::mem::take(&mut self.drafts);
        // In the room of the drafts.
        self.schema.models = drafts.into_iter().map(|it| it.model).collect();
        self.schema.models.shrink_to_fit();
        let models = self.schema.models.iter().enumerate();
        self.schema.names = models.map(|(place, it)| (it.name.clone(), model_id(place))).collect();
    }

    /// The attributes of a model's keys that nobody wrote, and what is said of each key put together.
    fn key_attributes(&mut self, model: usize, keys: &mut AssociationKeys<'a>) {
        for place in keys.held_by(model).iter().copied() {
            let Some(group) = keys.groups.get_mut(place) else { continue };
            let span = group.first().span;
            for column in group.columns.iter_mut() {
                self.key_attribute(model, column, span);
            }
        }
        // A through table without a key of its own has these two.
        let join = keys.keyed_by_join.get(&model).and_then(|it| keys.columns.get(*it));
        if let Some((one, Some(two))) = join {
            for attribute in &mut self.draft_mut(model).model.attributes {
                let of = |it: &KeyColumns| it.names.contains(&attribute.name);
                attribute.primary_key |= of(one) || of(two);
            }
        }
    }

    /// The attribute of a key's column, which is added where nobody wrote it, and what is said of it put together.
    fn key_attribute(&mut self, holder: usize, column: &mut ColumnDraft<'a>, span: Span) {
        let draft = self.draft_mut(holder);
        let place = match draft.model.attribute_named(&column.name) {
            Some(id) => id,
            None => {
                let mut attribute = implied(&column.name, DataType::Virtual, span);
                attribute.origin = Origin::Key;
                draft.add(attribute)
            }
        };
        column.place = place.0 as usize;
        let said = std::mem::take(&mut column.said);
        if said.is_empty() {
            return;
        }
        let mut merged = draft.said.get(place.0 as usize).map(Cow::into_owned).unwrap_or_default();
        let key = |context: &Self| context.key_name(holder, &column.name);
        for it in said {
            self.merge(&key, &mut merged, it);
        }
        self.draft_mut(holder).said.put(place.0 as usize, merged);
    }

    /// What is said of each attribute, carried out. Types of keys are still to come.
    fn apply(&mut self, model: usize, keys: &AssociationKeys<'a>) {
        let mut all = self.draft_mut(model).said.take().peekable();
        for place in 0..self.model(model).attributes.len() {
            let written = all.next_if(|it| it.0 == place).map(|it| it.1);
            let draft = self.draft_mut(model);
            let underscored = draft.model.underscored;
            let Some(attribute) = draft.model.attributes.get_mut(place) else {
                continue;
            };
            // Of most attributes of a large schema nothing is said, or flags alone.
            let Some(written) = written else {
                attribute.column = names::column(&attribute.name, underscored);
                attribute.not_null |= attribute.primary_key;
                continue;
            };
            if apply_flags(attribute, written.flags) {
                attribute.column = names::column(&attribute.name, underscored);
                let is_key = keys.of(model, &attribute.name).next().is_some();
                if is_key || written.flags.rest != SaidRest::Nothing {
                    draft.said.push(place, written);
                }
                continue;
            }
            let said = written.settings();
            attribute.column = match said.text(OptionId::Field) {
                Some(field) => field.value,
                None => names::column(&attribute.name, underscored),
            };
            let allow_null = said.flag(OptionId::AllowNull).map(|it| it.value);
            attribute.primary_key |= said.is_on(OptionId::PrimaryKey);
            attribute.not_null = allow_null.map_or(attribute.not_null, |it| !it);
            attribute.auto_increment |= said.is_on(OptionId::AutoIncrement);
            let key_null = allow_null.filter(|_| attribute.primary_key);
            let was = said.text(OptionId::Was);
            if key_null.is_some() || said.iter().any(|it| is_seldom(it.option.id)) {
                let text = |id| said.text(id).map(|it| it.value);
                let given = AttributeExtra {
                    comment: text(OptionId::Comment),
                    collate: text(OptionId::Collate),
                    column_type: text(OptionId::ColumnType),
                    key_null,
                    was: was.as_ref().map(|it| it.value.clone()),
                    validators: said.validators(OptionId::Validate).to_vec(),
                    ..AttributeExtra::default()
                };
                if given != AttributeExtra::default() {
                    let doc = attribute.extra.take().and_then(|it| it.doc);
                    attribute.extra = Some(Box::new(AttributeExtra { doc, ..given }));
                }
            }
            let extra = attribute.extra.as_ref();
            let may_be_null = extra.is_some_and(|it| it.key_null == Some(true));
            attribute.not_null |= attribute.primary_key && !may_be_null;
            let (not_null, name) = (attribute.not_null, attribute.name.clone());
            if let Some(was) = &was {
                self.notes.declare_former(was.span, model, &was.value);
            }
            let is_key = self.check_said((model, place), &name, not_null, &said, keys);
            // What keys say is merged, and told where it goes wrong.
            let is_needed = is_key || said.iter().any(|it| !is_carried_out(it.option.id));
            drop(said);
            if is_needed {
                self.draft_mut(model).said.push(place, written);
            }
        }
        let draft = self.draft_mut(model);
        draft.said.shrink();
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
        (model, place): (usize, usize),
        name: &SmolStr,
        not_null: bool,
        said: &Settings<'a>,
        keys: &AssociationKeys<'a>,
    ) -> bool {
        let groups = || keys.of(model, name);
        let is_key = groups().next().is_some();
        let mut alone = groups().filter(|it| it.columns.len() == 1);
        if !alone.any(|key| key.wanting().is_some()) {
            for id in [OptionId::OnDelete, OptionId::OnUpdate] {
                if let Some(said) = said.action(id) {
                    self.report(CheckProblem::ActionWithoutKey {
                        option: id.name().into(),
                        at: said.span,
                    });
                }
            }
        }
        if !not_null {
            for it in said
                .validators(OptionId::Validate)
                .iter()
                .filter(|it| it.validator == Validator::NotNull)
            {
                self.report(CheckProblem::ValidatorNeedsNotNull {
                    validator: it.validator.name().to_owned(),
                    at: it.span,
                });
            }
        }
        let on = |id| said.flag(id).filter(|it| it.value);
        if let (Some(counts), Some(null)) = (on(OptionId::AutoIncrement), on(OptionId::AllowNull)) {
            self.report(CheckProblem::Contradiction {
                message: format!("the key `{name}` counts up, and can't be null"),
                at: counts.span.to(null.span),
                label: "both at once".into(),
                help: Some("take `allowNull: true` away".into()),
            });
        }
        let is_virtual =
            self.model(model).attributes.get(place).is_some_and(|it| {
                it.origin != Origin::Key && !ModelDraft::is_column(&it.data_type)
            });
        let mut contradictions: Vec<(String, Span, &str, &str)> = Vec::new();
        if let (Some(get), false) = (said.item(OptionId::Get), is_virtual) {
            contradictions.push((
                "`get` is for VIRTUAL attributes".into(),
                get.span,
                "the attribute is stored",
                "make it `VIRTUAL`, or let the database compute it: `generated: (..)`",
            ));
        }
        if is_virtual {
            let is_off = |it: &Setting<'_>| matches!(it.given, OptionValue::Named(NamedFlag::Off));
            for it in said.iter().filter(|it| it.option.of_column && !is_off(it)) {
                contradictions.push((
                    format!(
                        "`{}` is for stored attributes, and `{name}` is VIRTUAL",
                        it.option.name()
                    ),
                    it.span(),
                    "there is no column",
                    "give the attribute a type that is stored, or take the option away",
                ));
            }
        } else if said.has(OptionId::Generated) {
            let by_itself = [OptionId::DefaultValue, OptionId::AutoIncrement, OptionId::PrimaryKey];
            for it in said.iter().filter(|it| by_itself.contains(&it.option.id)) {
                if it.option.id == OptionId::PrimaryKey && !said.is_on(OptionId::PrimaryKey) {
                    continue;
                }
                contradictions.push((
                    format!("`{name}` is generated, so it takes no `{}`", it.option.name()),
                    it.span(),
                    "the database computes the value",
                    "take the option away, or `generated`",
                ));
            }
        } else if let Some(stored) = said.flag(OptionId::Stored) {
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
                    format!("`{}` can't count up: it is {}", it.name, it.data_type.written()),
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

    /// No two attributes on one column, no table without columns.
    fn check_columns(&mut self, model: usize) {
        let model = self.model(model);
        let columns = || model.columns().map(|(_, it)| it);
        let count = columns().count();
        let mut problems = Vec::new();
        if count == 0 {
            problems
                .push(CheckProblem::NoColumns { model: model.name.to_string(), at: model.span });
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
        if count <= 16 {
            for (place, two) in columns().enumerate() {
                let first =
                    columns().take(place).find(|one| one.column.eq_ignore_ascii_case(&two.column));
                problems.extend(first.map(|one| clash(one, two)));
            }
        } else {
            let mut seen: HashMap<String, &Attribute> = HashMap::with_capacity(count);
            for two in columns() {
                match seen.get(&two.column.to_ascii_lowercase()) {
                    Some(one) => problems.push(clash(one, two)),
                    None => {
                        seen.insert(two.column.to_ascii_lowercase(), two);
                    }
                }
            }
        }
        for problem in problems {
            self.report(problem);
        }
    }
}

/// Gives an attribute the flags that are said of it, where that is all there is to do now and to look at; whether it is.
fn apply_flags(attribute: &mut Attribute, flags: SaidFlags) -> bool {
    let is_key = attribute.primary_key || flags.primary_key;
    let in_question = flags.allow_null.is_some() && (is_key || flags.auto_increment);
    if in_question || flags.rest == SaidRest::More || !ModelDraft::is_column(&attribute.data_type) {
        return false;
    }
    attribute.primary_key = is_key;
    attribute.not_null = flags.allow_null.map_or(attribute.not_null, |it| !it) || is_key;
    attribute.auto_increment |= flags.auto_increment;
    true
}

/// No two models on one table.
fn check_table(context: &mut Context<'_>, model: usize, tables: &mut HashMap<SmolStr, Span>) {
    let model = context.model(model);
    let table = SmolStr::from(model.full_table().to_ascii_lowercase());
    match tables.entry(table) {
        Entry::Occupied(first) => {
            let (table, first) = (model.full_table().to_string(), *first.get());
            let again = model.span;
            context.report(CheckProblem::SameTable { table, first, again });
        }
        Entry::Vacant(free) => {
            free.insert(model.span);
        }
    }
}

/// Whether an attribute has what the option says beside what each has.
const fn is_seldom(id: OptionId) -> bool {
    matches!(
        id,
        OptionId::Comment
            | OptionId::Collate
            | OptionId::ColumnType
            | OptionId::Was
            | OptionId::Validate
    )
}

/// Whether nothing of an option is left to do once its attribute has it.
const fn is_carried_out(id: OptionId) -> bool {
    matches!(
        id,
        OptionId::AllowNull
            | OptionId::PrimaryKey
            | OptionId::AutoIncrement
            | OptionId::Field
            | OptionId::Comment
            | OptionId::Collate
            | OptionId::ColumnType
            | OptionId::Was
            | OptionId::Validate
    )
}

//! Through tables of `belongsToMany`: found or made, and which two declarations are sides of one.

use super::associations::{AssociationDraft, KeyOption, ThroughSaid};
use super::draft::AttributeSettings;
use super::{Context, Entity, ModelDraft, PendingSentence};
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::Model;
use crate::verbs;
use crate::verbs::{
    Declaration, NamedFlag, OptionId, OptionItem, OptionValue, Setting, Settings, Spanned,
};
use std::collections::HashMap;

impl<'a> Context<'a> {
    /// The model of `through`, which is made where there is none of that name.
    pub(super) fn through(
        &mut self,
        pending: &PendingSentence<'a>,
        through: &Setting<'a>,
        timestamps: Option<Setting<'a>>,
        source: usize,
        target: usize,
    ) -> Option<ThroughSaid<'a>> {
        let mut options = match &through.given {
            OptionValue::Object(it) => it.clone(),
            _ => Settings::default(),
        };
        let name = match &through.given {
            OptionValue::Text(name) => Spanned { value: name.clone(), span: through.span() },
            _ => options.text(OptionId::Model)?,
        };
        let (unique, scope) = (options.flag(OptionId::Unique), options.braces(OptionId::Scope));
        for id in [OptionId::Model, OptionId::Unique, OptionId::Scope] {
            options.take(id);
        }
        if !options.has(OptionId::Timestamps) {
            options.extend(timestamps);
        }
        let said = |model| ThroughSaid { model, unique, scope };
        match self.entities.get(&name.value) {
            Some((Entity::Model(index), _)) => {
                let index = *index;
                self.notes.model(name.span, index);
                self.check_repeated(index, &options);
                return Some(said(index));
            }
            Some(_) => {
                let word = ast::Word { span: name.span, text: name.value };
                return self.model_of(&word).map(said);
            }
            None => {}
        }
        // What the sentence `defaults` gets wrong has been reported there.
        let tables = Declaration::Defaults.facts().options;
        let shared = OptionItem::of_options(pending.shared);
        let mut shared = verbs::read("", tables, shared, &mut Vec::new());
        shared.take(OptionId::Paranoid);
        let mut draft = ModelDraft {
            base: None,
            shared: pending.shared,
            model: Model {
                name: name.value.clone(),
                span: name.span,
                made: true,
                ..Model::default()
            },
            said: AttributeSettings::default(),
            bodies: Vec::new(),
            options: options.or(shared),
        };
        draft.complete_names();
        let (one, two) = (self.model(source), self.model(target));
        if !draft.options.has(OptionId::TableName) {
            draft.model.table = name.value.clone();
        }
        if !draft.options.has(OptionId::Underscored) {
            draft.model.underscored = one.underscored || two.underscored;
        }
        if !draft.options.has(OptionId::Schema) && one.schema == two.schema {
            draft.model.schema.clone_from(&one.schema);
        }
        let index = self.drafts.len();
        self.entities.insert(name.value.clone(), (Entity::Model(index), name.span));
        self.drafts.push(draft);
        Some(said(index))
    }

    /// Options for a through table that is declared, or that another association makes, may only repeat what it is.
    fn check_repeated(&mut self, model: usize, options: &Settings<'a>) {
        let draft = self.draft(model);
        let (name, made) = (draft.model.name.clone(), draft.model.made);
        let others: Vec<_> = options
            .iter()
            .filter(|it| match draft.options.get(it.option.id) {
                Some(own) => !own.same(it),
                None => !holds(&draft.model, it),
            })
            .map(|it| {
                let option = match it.option.id {
                    OptionId::Singular | OptionId::Plural => OptionId::Name,
                    other => other,
                };
                (option.name(), it.span())
            })
            .collect();
        for (option, at) in others {
            let (whose, help) = if made {
                (
                    "another association that makes it",
                    "say the same in both, or in one of them alone".to_owned(),
                )
            } else {
                (
                    "its model",
                    format!(
                        "say it where the model is declared: `model {name} {{ .. }} < {option}: .. >`"
                    ),
                )
            };
            self.report(CheckProblem::Contradiction {
                message: format!("`{option}` of `{name}` is for {whose} to say"),
                at,
                label: "says something else".into(),
                help: Some(help),
            });
        }
    }

    /// For each `belongsToMany` the one that declares the other side, if any does.
    pub(super) fn pair_sides(joins: &[AssociationDraft<'a>]) -> HashMap<usize, usize> {
        let mut by_through: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, join) in joins.iter().enumerate() {
            if let Some(through) = &join.through {
                by_through.entry(through.model).or_default().push(index);
            }
        }
        let agrees = |one: &KeyOption<'a>, two: &KeyOption<'a>| match (one.names(), two.names()) {
            (Some(one), Some(two)) => one == two,
            _ => true,
        };
        let other_side = |index: usize| -> Option<usize> {
            let join = joins.get(index)?;
            let candidates = by_through.get(&join.through.as_ref()?.model)?;
            // A table through which thousands of pairs go is refused; no need to look at all of them.
            candidates.iter().copied().take(64).find(|other| {
                let Some(it) = joins.get(*other) else {
                    return false;
                };
                let sides = *other != index && it.source == join.target && it.target == join.source;
                let to_itself = join.source == join.target;
                sides
                    && (!to_itself
                        || (agrees(&join.foreign_key, it.other_key())
                            && agrees(join.other_key(), &it.foreign_key)))
            })
        };
        (0..joins.len()).filter_map(|it| Some((it, other_side(it)?))).collect()
    }
}

/// Whether an option says what holds of a model that says nothing of it.
fn holds(model: &Model, setting: &Setting<'_>) -> bool {
    match (setting.option.id, &setting.given) {
        (OptionId::Timestamps | OptionId::Id, OptionValue::Flag(on)) => *on,
        (OptionId::Underscored, OptionValue::Flag(on)) => *on == model.underscored,
        (_, OptionValue::Flag(on)) => !on,
        (OptionId::CreatedAt | OptionId::UpdatedAt, OptionValue::Named(it)) => *it == NamedFlag::On,
        (OptionId::Version, OptionValue::Named(it)) => *it == NamedFlag::Off,
        (OptionId::TableName, OptionValue::Text(table)) => *table == model.table,
        (OptionId::Schema, OptionValue::Text(schema)) => Some(schema) == model.schema.as_ref(),
        _ => false,
    }
}

/// Whether a key's object says `primaryKey`.
pub(super) fn says_primary(said: Option<&Settings<'_>>) -> bool {
    said.is_some_and(|it| it.is_on(OptionId::PrimaryKey))
}

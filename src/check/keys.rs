//! Keys: what each is called, and several declarations of one put together.

use super::associations::AssociationDraft;
use super::through::says_primary;
use super::{Context, Entity, names};
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{Action, AssociationKind, Deferrable};
use crate::source::Span;
use crate::verbs::{OptionId, OptionValue, Setting, Settings, Spanned};
use crate::words;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};

/// The associations and the keys that they make.
pub(super) struct AssociationKeys<'a> {
    pub joins: Vec<AssociationDraft<'a>>,
    /// The other side of each association, where it is declared.
    pub pairs: Vec<Option<usize>>,
    /// The names of each association's key and other key.
    pub names: Vec<(SmolStr, Option<SmolStr>)>,
    /// All keys, in the order of their first declaration.
    pub groups: Vec<KeyGroup<'a>>,
    /// The place of each key among `groups`, by the model that holds it and its name.
    pub places: HashMap<(usize, SmolStr), usize>,
    /// The through models without a primary key of their own: their two keys are it.
    pub keyed_by_join: HashMap<usize, usize>,
    /// The models whose primary key is a key, by `primaryKey` in its object.
    pub keyed_by_key: HashMap<usize, usize>,
}

/// A key: all that is said of one attribute that refers to another.
#[derive(Debug)]
pub(super) struct KeyGroup<'a> {
    /// The model that holds it.
    pub holder: usize,
    /// The attribute's name.
    pub name: SmolStr,
    pub uses: Vec<KeyUse>,
    /// What `foreignKey` objects say.
    pub said: Vec<Settings<'a>>,
}

/// One declaration of a key.
#[derive(Debug, Clone)]
pub(super) struct KeyUse {
    pub target: ReferencedTable,
    /// What it refers to, where that is said.
    pub referenced: Option<Spanned<SmolStr>>,
    pub role: KeyRole,
    pub wants_constraint: bool,
    pub on_delete: Option<Spanned<Action>>,
    pub on_update: Option<Spanned<Action>>,
    pub unique_key: Option<Spanned<SmolStr>>,
    pub deferrable: Option<Spanned<Deferrable>>,
    pub span: Span,
}

/// What a key refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ReferencedTable {
    Model(usize),
    Table(SmolStr),
}

/// What a declaration is to its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyRole {
    /// `references`
    Attribute,
    /// `hasOne`, `hasMany`
    Has,
    /// `belongsTo`
    Belongs,
    /// `belongsToMany`
    Many,
}

impl Context<'_> {
    /// "Invoices.UserId", for messages.
    pub(super) fn key_name(&self, holder: usize, name: &str) -> String {
        format!("{}.{name}", self.model(holder).name)
    }
}

/// Names the keys of all associations, and puts the declarations of each together.
pub(super) fn put_keys_together<'a>(
    context: &mut Context<'a>,
    joins: Vec<AssociationDraft<'a>>,
) -> AssociationKeys<'a> {
    let pairs = Context::pair_sides(&joins);
    let count = joins.len();
    let mut keys = AssociationKeys {
        joins,
        pairs,
        names: Vec::new(),
        groups: Vec::with_capacity(count),
        places: HashMap::with_capacity(count),
        keyed_by_join: HashMap::new(),
        keyed_by_key: HashMap::new(),
    };
    for (index, join) in keys.joins.iter().enumerate() {
        let holder = if join.belongs() { join.source } else { join.target };
        if join.through.is_none() && says_primary(join.foreign_key.said.as_ref()) {
            keys.keyed_by_key.entry(holder).or_insert(index);
        }
    }
    for (index, join) in keys.joins.iter().enumerate() {
        if let Some(through) = &join.through
            && !context.draft(through.model).has_written_key()
            && context.draft(through.model).options.flag(OptionId::Id).is_none_or(|it| it.value)
            && !keys.keyed_by_key.contains_key(&through.model)
        {
            keys.keyed_by_join.entry(through.model).or_insert(index);
        }
    }
    let primary = first_primary(context, &keys);
    keys.names = (0..keys.joins.len()).map(|it| key_names(context, it, &keys, &primary)).collect();
    group(context, &mut keys);
    check_through_keys(context, &keys);
    keys
}

/// The name of each model's first primary key attribute; none with `id: false`.
fn first_primary<'a>(context: &Context<'a>, keys: &AssociationKeys<'a>) -> Vec<Option<SmolStr>> {
    enum From {
        Known(Option<SmolStr>),
        Key(SmolStr, usize),
    }
    let from = |model: usize| -> From {
        let draft = context.draft(model);
        if let Some(it) = draft.model.attributes.iter().find(|it| it.primary_key) {
            return From::Known(Some(it.name.clone()));
        }
        if let Some(join) = keys.keyed_by_key.get(&model).and_then(|it| keys.joins.get(*it)) {
            return match &join.foreign_key.name {
                Some(said) => From::Known(Some(said.value.clone())),
                None => From::Key(
                    key_part(context, join),
                    if join.belongs() { join.target } else { join.source },
                ),
            };
        }
        if let Some(index) = keys.keyed_by_join.get(&model) {
            let Some(join) = keys.joins.get(*index) else {
                return From::Known(None);
            };
            let pair = keys.pairs.get(*index).copied().flatten().and_then(|it| keys.joins.get(it));
            let said = join
                .foreign_key
                .name
                .as_ref()
                .or_else(|| pair.and_then(|it| it.other_key.name.as_ref()));
            return match (said, &join.source_key) {
                (Some(said), _) => From::Known(Some(said.value.clone())),
                (None, Some(key)) => {
                    From::Known(Some(names::foreign_key(&key_part(context, join), &key.value)))
                }
                (None, None) => From::Key(key_part(context, join), join.source),
            };
        }
        let without = draft.options.flag(OptionId::Id).is_some_and(|it| !it.value);
        From::Known((!without).then(|| SmolStr::new_static("id")))
    };
    let mut found: Vec<Option<Option<SmolStr>>> = vec![None; context.drafts.len()];
    let mut way: Vec<(usize, SmolStr)> = Vec::new();
    for model in 0..context.drafts.len() {
        let mut at = model;
        way.clear();
        let mut end = loop {
            if let Some(Some(known)) = found.get(at) {
                break known.clone();
            }
            match from(at) {
                From::Known(name) => {
                    if let Some(it) = found.get_mut(at) {
                        *it = Some(name.clone());
                    }
                    break name;
                }
                From::Key(part, next) => {
                    way.push((at, part));
                    // A circle of keys that are primary keys has no name to begin with.
                    if way.len() > context.drafts.len() {
                        break None;
                    }
                    at = next;
                }
            }
        };
        while let Some((at, part)) = way.pop() {
            end = Some(names::foreign_key(&part, end.as_deref().unwrap_or("id")));
            if let Some(it) = found.get_mut(at) {
                it.get_or_insert_with(|| end.clone());
            }
        }
    }
    found.into_iter().map(Option::flatten).collect()
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
            words::singularize(name)
        }
        AssociationKind::HasMany | AssociationKind::BelongsToMany => source.singular.clone(),
    }
}

/// The names of an association's key and other key.
fn key_names<'a>(
    context: &Context<'a>,
    index: usize,
    keys: &AssociationKeys<'a>,
    primary: &[Option<SmolStr>],
) -> (SmolStr, Option<SmolStr>) {
    let Some(join) = keys.joins.get(index) else {
        return (SmolStr::default(), None);
    };
    let primary =
        |model: usize| primary.get(model).cloned().flatten().unwrap_or_else(|| "id".into());
    if join.through.is_none() {
        let name = match &join.foreign_key.name {
            Some(said) => said.value.clone(),
            None => {
                let referenced = if join.belongs() { join.target } else { join.source };
                names::foreign_key(&key_part(context, join), &primary(referenced))
            }
        };
        return (name, None);
    }
    let own = |join: &AssociationDraft<'a>, pair: Option<&AssociationDraft<'a>>| {
        let said = join
            .foreign_key
            .name
            .as_ref()
            .or_else(|| pair.and_then(|it| it.other_key.name.as_ref()));
        match said {
            Some(said) => said.value.clone(),
            None => {
                let key =
                    join.source_key.as_ref().or_else(|| pair.and_then(|it| it.target_key.as_ref()));
                let key = key.map_or_else(|| primary(join.source), |it| it.value.clone());
                names::foreign_key(&key_part(context, join), &key)
            }
        }
    };
    let pair = keys.pairs.get(index).copied().flatten().and_then(|it| keys.joins.get(it));
    let foreign = own(join, pair);
    let other = match (&join.other_key.name, pair) {
        (Some(said), _) => said.value.clone(),
        (None, Some(pair)) => own(pair, Some(join)),
        (None, None) => {
            let part = match &join.alias {
                Some(alias) if join.source == join.target => words::singularize(&alias.value.1),
                _ => context.model(join.target).singular.clone(),
            };
            let key = join
                .target_key
                .as_ref()
                .map_or_else(|| primary(join.target), |it| it.value.clone());
            names::foreign_key(&part, &key)
        }
    };
    (foreign, Some(other))
}

/// Gathers all declarations of each key.
fn group<'a>(context: &mut Context<'a>, keys: &mut AssociationKeys<'a>) {
    let tables: BTreeMap<SmolStr, usize> = context
        .drafts
        .iter()
        .enumerate()
        .map(|(index, it)| (it.model.full_table(), index))
        .collect();
    for index in 0..context.drafts.len() {
        for place in 0..context.draft(index).said.len() {
            let draft = context.draft(index);
            let (Some(said), Some(attribute)) =
                (draft.said.get(place), draft.model.attributes.get(place))
            else {
                continue;
            };
            let Some(references) = said.get(OptionId::References).cloned() else {
                continue;
            };
            let name = attribute.name.clone();
            if let Some(it) = use_of_references(context, &references, &tables) {
                keys.add(index, name, it, None);
            }
        }
    }
    for index in 0..keys.joins.len() {
        let (Some(join), Some((name, other))) = (keys.joins.get(index), keys.names.get(index))
        else {
            continue;
        };
        let (name, other) = (name.clone(), other.clone());
        let role = match join.kind {
            AssociationKind::BelongsTo => KeyRole::Belongs,
            AssociationKind::HasOne | AssociationKind::HasMany => KeyRole::Has,
            AssociationKind::BelongsToMany => KeyRole::Many,
        };
        let (target, referenced) = if join.belongs() {
            (join.target, join.target_key.clone())
        } else {
            (join.source, join.source_key.clone())
        };
        let holder = match (&join.through, join.belongs()) {
            (Some(through), _) => through.model,
            (None, true) => join.source,
            (None, false) => join.target,
        };
        let own = KeyUse {
            target: ReferencedTable::Model(target),
            referenced,
            role,
            wants_constraint: join.constraints.is_none_or(|it| it.value),
            on_delete: join.on_delete,
            on_update: join.on_update,
            unique_key: join.unique_key.clone().filter(|_| role != KeyRole::Many),
            deferrable: join.deferrable,
            span: join.span(),
        };
        let said = join.foreign_key.said.clone();
        let alone = keys.pairs.get(index).copied().flatten().is_none();
        let far = KeyUse {
            target: ReferencedTable::Model(join.target),
            referenced: join.target_key.clone(),
            on_delete: join.on_delete.filter(|_| alone),
            on_update: join.on_update.filter(|_| alone),
            deferrable: join.deferrable.filter(|_| alone),
            ..own.clone()
        };
        let far_said = join.other_key.said.clone();
        let other = other.map(|it| (it, far, far_said));
        for (name, it, said) in std::iter::once((name, own, said)).chain(other) {
            let written = said.as_ref().and_then(|it| it.get(OptionId::References).cloned());
            keys.add(holder, name.clone(), it, said);
            if let Some(it) = written.and_then(|it| use_of_references(context, &it, &tables)) {
                keys.add(holder, name, it, None);
            }
        }
    }
}

fn use_of_references<'a>(
    context: &mut Context<'a>,
    references: &Setting<'a>,
    tables: &BTreeMap<SmolStr, usize>,
) -> Option<KeyUse> {
    let OptionValue::Object(said) = &references.given else {
        return None;
    };
    let referred = said.value(OptionId::Model)?;
    let target = match &referred.kind {
        ast::ValueKind::Name(word) => ReferencedTable::Model(context.model_of(word)?),
        ast::ValueKind::Text(table) => match tables.get(table) {
            Some(index) => {
                context.notes.model(referred.span, *index);
                ReferencedTable::Model(*index)
            }
            None => {
                let model = match context.entities.get_key_value(table) {
                    Some((name, (Entity::Model(_), _))) => Some(name),
                    _ => None,
                };
                let nearest = match model {
                    Some(_) => None,
                    None => context.nearest(table, tables.keys().map(SmolStr::as_str)),
                };
                let help = match (model, nearest) {
                    (Some(model), _) => {
                        format!("what is in quotes is a table; the model is written `{model}`")
                    }
                    (None, Some(table)) => format!("did you mean \"{table}\"?"),
                    (None, None) => {
                        "where the database has no such table, every write to this one fails"
                            .to_owned()
                    }
                };
                context.report(CheckProblem::OutsideTable {
                    table: table.to_string(),
                    at: referred.span,
                    help,
                });
                ReferencedTable::Table(table.clone())
            }
        },
        _ => return None,
    };
    Some(KeyUse {
        target,
        referenced: said.text(OptionId::Key),
        role: KeyRole::Attribute,
        wants_constraint: true,
        on_delete: None,
        on_update: None,
        unique_key: None,
        deferrable: said.deferrable(OptionId::Deferrable),
        span: references.item.span,
    })
}

/// What must hold of the keys of through tables as wholes.
fn check_through_keys<'a>(context: &mut Context<'a>, keys: &AssociationKeys<'a>) {
    let mut first: HashMap<usize, (usize, SmolStr, SmolStr)> = HashMap::new();
    for (index, join) in keys.joins.iter().enumerate() {
        let (Some(through), Some((one, Some(two)))) = (&join.through, keys.names.get(index)) else {
            continue;
        };
        if one == two {
            context.report(CheckProblem::SameKeys { key: one.to_string(), at: join.span() });
            continue;
        }
        if let Some(pair) = keys.pairs.get(index).copied().flatten().filter(|it| index < *it) {
            check_pair(context, join, keys.joins.get(pair));
        }
        if !keys.keyed_by_join.contains_key(&through.model) {
            continue;
        }
        let (at, a, b) =
            first.entry(through.model).or_insert_with(|| (index, one.clone(), two.clone()));
        if (one == a && two == b) || (one == b && two == a) {
            continue;
        }
        let name = context.model(through.model).name.to_string();
        let problem = CheckProblem::SharedThrough {
            help: Some(format!(
                "give each pair a table of its own, or declare `model {name} {{ id: INTEGER < primaryKey, autoIncrement > }}`"
            )),
            through: name,
            first: keys.joins.get(*at).map_or_else(Span::default, AssociationDraft::span),
            again: join.span(),
        };
        context.report(problem);
    }
}

/// The two sides of a `belongsToMany` name the same keys.
fn check_pair<'a>(
    context: &mut Context<'a>,
    one: &AssociationDraft<'a>,
    two: Option<&AssociationDraft<'a>>,
) {
    let Some(two) = two else { return };
    let table =
        one.through.as_ref().map(|it| context.model(it.model).name.clone()).unwrap_or_default();
    let sides = [
        (&one.foreign_key.name, &two.other_key.name),
        (&one.other_key.name, &two.foreign_key.name),
    ];
    for (first, second) in sides {
        let (Some(first), Some(second)) = (first, second) else {
            continue;
        };
        if first.value == second.value {
            continue;
        }
        context.report(CheckProblem::KeysDisagree {
            key: table.to_string(),
            about: "the name of a key".into(),
            first_says: format!("`{}`", first.value),
            first: first.span,
            then_says: format!("`{}`", second.value),
            again: second.span,
            help: Some("one side's `foreignKey` is the other side's `otherKey`".into()),
        });
    }
}

impl<'a> AssociationKeys<'a> {
    fn add(&mut self, holder: usize, name: SmolStr, usage: KeyUse, said: Option<Settings<'a>>) {
        let next = self.groups.len();
        let place = *self.places.entry((holder, name.clone())).or_insert(next);
        if place == next {
            self.groups.push(KeyGroup { holder, name, uses: Vec::new(), said: Vec::new() });
        }
        if let Some(group) = self.groups.get_mut(place) {
            group.uses.reserve_exact(1);
            group.uses.push(usage);
            group.said.extend(said);
        }
    }
}

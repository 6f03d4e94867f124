//! Keys: what each is called, and several declarations of one put together.

use super::associations::AssociationDraft;
use super::key_names::{KeyColumns, KeySources, PrimaryKeys, key_columns};
use super::through::says_primary;
use super::{Context, Entity};
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{Action, AssociationKind, Deferrable, ShortList};
use crate::source::Span;
use crate::verbs::{KeyNames, OptionId, OptionValue, Setting, Settings, Spanned, list};
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};

/// The associations and the keys that they make.
pub(super) struct AssociationKeys<'a> {
    pub joins: Vec<AssociationDraft<'a>>,
    /// The other side of each association, where it is declared.
    pub pairs: HashMap<usize, usize>,
    /// The columns of each association's key and other key.
    pub columns: Vec<(KeyColumns, Option<Box<KeyColumns>>)>,
    /// All keys, in the order of their first declaration.
    pub groups: Vec<KeyGroup<'a>>,
    /// The keys of each model.
    pub held: Vec<HeldKeys>,
    /// The through models without a primary key of their own: their two keys are it.
    pub keyed_by_join: HashMap<usize, usize>,
    /// The models whose primary key is a key, or part of it is, by `primaryKey` in its object: the associations that say so.
    pub keyed_by_key: HashMap<usize, Vec<usize>>,
}

/// Places of keys, by the name of a column.
type PlacesByName = HashMap<SmolStr, Vec<usize>>;

/// The keys that a model holds: their places among all keys, in the order of their first declaration.
#[derive(Debug, Clone)]
pub(super) enum HeldKeys {
    /// Few.
    Few(ShortList<usize>),
    /// Many, and those of them in which an attribute is a column, by its name.
    Many(Box<(Vec<usize>, PlacesByName)>),
}

/// A key: all that is said of one attribute, or of several together, that refer to others.
#[derive(Debug)]
pub(super) struct KeyGroup<'a> {
    /// The model that holds it.
    pub holder: usize,
    /// Its columns, at least one.
    pub columns: ShortList<ColumnDraft<'a>>,
    /// Its first declaration.
    first: KeyUse,
    /// The others, in their order.
    more: Vec<KeyUse>,
}

/// A column of a key.
#[derive(Debug)]
pub(super) struct ColumnDraft<'a> {
    /// The attribute's name.
    pub name: SmolStr,
    /// Its place, once it is there.
    pub place: usize,
    /// What `foreignKey` objects say.
    pub said: Vec<Settings<'a>>,
}

/// One declaration of a key.
#[derive(Debug, Clone)]
pub(super) struct KeyUse {
    pub target: ReferencedTable,
    /// What it refers to, where that is said.
    pub referenced: Option<Box<Spanned<KeyNames>>>,
    /// The attributes after which its columns are called, where they are several.
    pub implied: Option<Box<ShortList<SmolStr>>>,
    /// Its columns, where it names them in another order than the key's first declaration.
    pub reordered: Option<Box<ShortList<SmolStr>>>,
    pub role: KeyRole,
    pub wants_constraint: bool,
    pub on_delete: Option<Spanned<Action>>,
    pub on_update: Option<Spanned<Action>>,
    pub unique_key: Option<Box<Spanned<SmolStr>>>,
    pub deferrable: Option<Spanned<Deferrable>>,
    pub span: Span,
    /// Where it names the columns, if it does.
    pub key_span: Option<Span>,
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

    /// "Shift.(orgId, userId)", for messages.
    pub(super) fn group_name(&self, group: &KeyGroup<'_>) -> String {
        let names: Vec<&str> = group.names().map(SmolStr::as_str).collect();
        match names.as_slice() {
            [one] => self.key_name(group.holder, one),
            several => self.key_name(group.holder, &format!("({})", several.join(", "))),
        }
    }
}

impl<'a> KeyGroup<'a> {
    /// A key with its first declaration.
    pub(super) const fn new(
        holder: usize,
        columns: ShortList<ColumnDraft<'a>>,
        first: KeyUse,
    ) -> Self {
        Self { holder, columns, first, more: Vec::new() }
    }

    /// One more declaration.
    pub(super) fn add(&mut self, usage: KeyUse) {
        self.more.push(usage);
    }

    /// The names of its columns.
    pub(super) fn names(&self) -> impl Iterator<Item = &SmolStr> + Clone {
        self.columns.iter().map(|it| &it.name)
    }

    /// Its declarations, in their order.
    pub(super) fn uses(&self) -> impl Iterator<Item = &KeyUse> + Clone {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// Its first declaration.
    pub(super) const fn first(&self) -> &KeyUse {
        &self.first
    }

    /// The first declaration that wants a constraint.
    pub(super) fn wanting(&self) -> Option<&KeyUse> {
        self.uses().find(|it| it.wants_constraint)
    }

    /// Whether it is the key of these columns, in whatever order.
    pub(super) fn has(&self, names: &[SmolStr]) -> bool {
        self.columns.len() == names.len()
            && names.iter().all(|name| self.names().any(|it| it == name))
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
        columns: Vec::new(),
        groups: Vec::with_capacity(count),
        held: vec![HeldKeys::Few(ShortList::default()); context.drafts.len()],
        keyed_by_join: HashMap::new(),
        keyed_by_key: HashMap::new(),
    };
    for (index, join) in keys.joins.iter().enumerate() {
        let holder = if join.belongs() { join.source } else { join.target };
        let mut columns = join.foreign_key.columns.iter();
        if join.through.is_none() && columns.any(|it| says_primary(it.said.as_ref())) {
            keys.keyed_by_key.entry(holder).or_default().push(index);
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
    let sources = KeySources {
        joins: &keys.joins,
        pairs: &keys.pairs,
        keyed_by_join: &keys.keyed_by_join,
        keyed_by_key: &keys.keyed_by_key,
    };
    let primary = PrimaryKeys::new(context, sources);
    let primary = |model: usize| primary.of(model);
    let all = 0..keys.joins.len();
    let columns = all.map(|it| key_columns(context, it, sources, &primary));
    keys.columns = columns.map(|(own, other)| (own, other.map(Box::new))).collect();
    group(context, &mut keys);
    check_through_keys(context, &keys);
    keys
}

/// Gathers all declarations of each key.
fn group<'a>(context: &mut Context<'a>, keys: &mut AssociationKeys<'a>) {
    let mut tables = None;
    for index in std::mem::take(&mut context.referring) {
        let draft = context.draft(index);
        let said = draft.said.iter().filter_map(|(place, said)| {
            let name = draft.model.attributes.get(place)?.name.clone();
            Some((name, said.get(OptionId::References)?.clone()))
        });
        for (name, references) in said.collect::<Vec<_>>() {
            if let Some(it) = use_of_references(context, &references, &mut tables) {
                keys.add(index, &[name], it);
            }
        }
    }
    for index in 0..keys.joins.len() {
        let (Some(join), Some((own, other))) = (keys.joins.get(index), keys.columns.get(index))
        else {
            continue;
        };
        let (columns, other) = (own.clone(), other.clone());
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
            implied: None,
            reordered: None,
            role,
            wants_constraint: join.constraints.is_none_or(|it| it.value),
            on_delete: join.on_delete,
            on_update: join.on_update,
            unique_key: join.unique_key.clone().filter(|_| role != KeyRole::Many),
            deferrable: join.deferrable,
            span: join.span(),
            key_span: join.foreign_key.place(),
        };
        let said = join.foreign_key.clone();
        let other = other.map(|columns| {
            let alone = !keys.pairs.contains_key(&index);
            let far = KeyUse {
                target: ReferencedTable::Model(join.target),
                referenced: join.target_key.clone(),
                on_delete: join.on_delete.filter(|_| alone),
                on_update: join.on_update.filter(|_| alone),
                deferrable: join.deferrable.filter(|_| alone),
                key_span: join.other_key().place(),
                ..own.clone()
            };
            (*columns, far, join.other_key().clone())
        });
        let sides = std::iter::once((columns, own, said)).chain(other);
        for (is_own, (columns, it, said)) in [true, false].into_iter().zip(sides) {
            let usage = KeyUse { implied: columns.implied, ..it };
            let group = keys.add(holder, &columns.names, usage);
            let both = keys.columns.get_mut(index);
            let side =
                both.and_then(|it| if is_own { Some(&mut it.0) } else { it.1.as_deref_mut() });
            if let Some(side) = side {
                side.place = group;
            }
            for (place, name) in columns.names.iter().enumerate() {
                let Some(said) = said.said(place) else { continue };
                let written = said.get(OptionId::References).cloned();
                keys.say(group, name, said.clone());
                if let Some(it) =
                    written.and_then(|it| use_of_references(context, &it, &mut tables))
                {
                    keys.add(holder, std::slice::from_ref(name), it);
                }
            }
        }
    }
}

/// The models by their tables, which are gone through once.
fn tables_of<'t>(
    context: &Context<'_>,
    tables: &'t mut Option<BTreeMap<SmolStr, usize>>,
) -> &'t BTreeMap<SmolStr, usize> {
    tables.get_or_insert_with(|| {
        let drafts = context.drafts.iter().enumerate();
        drafts.map(|(index, it)| (it.model.full_table(), index)).collect()
    })
}

fn use_of_references<'a>(
    context: &mut Context<'a>,
    references: &Setting<'a>,
    tables: &mut Option<BTreeMap<SmolStr, usize>>,
) -> Option<KeyUse> {
    let OptionValue::Object(said) = &references.given else {
        return None;
    };
    let referred = said.value(OptionId::Model)?;
    let target = match &referred.kind {
        ast::ValueKind::Name(word) => ReferencedTable::Model(context.model_of(word)?),
        // Few schemas refer to a table by its own name.
        ast::ValueKind::Text(table) => match tables_of(context, tables).get(table) {
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
                    None => {
                        let known = tables.iter().flat_map(BTreeMap::keys);
                        context.nearest(table, known.map(SmolStr::as_str))
                    }
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
                context.notes.table(referred.span, table);
                ReferencedTable::Table(table.clone())
            }
        },
        _ => return None,
    };
    Some(KeyUse {
        target,
        referenced: said.key_names(OptionId::Key).map(Box::new),
        implied: None,
        reordered: None,
        role: KeyRole::Attribute,
        wants_constraint: true,
        on_delete: None,
        on_update: None,
        unique_key: None,
        deferrable: said.deferrable(OptionId::Deferrable),
        span: references.item.span,
        key_span: None,
    })
}

/// What must hold of the keys of through tables as wholes.
fn check_through_keys<'a>(context: &mut Context<'a>, keys: &AssociationKeys<'a>) {
    let mut first: HashMap<usize, (usize, Vec<SmolStr>, Vec<SmolStr>)> = HashMap::new();
    for (index, join) in keys.joins.iter().enumerate() {
        let (Some(through), Some((one, Some(two)))) = (&join.through, keys.columns.get(index))
        else {
            continue;
        };
        let sorted = |it: &KeyColumns| {
            let mut names = it.names.clone();
            names.sort_unstable();
            names
        };
        let (one, two) = (sorted(one), sorted(two));
        if one == two {
            context.report(CheckProblem::SameKeys { key: one.join(", "), at: join.span() });
            continue;
        }
        if let Some(pair) = keys.pairs.get(&index).copied().filter(|it| index < *it) {
            check_pair(context, join, keys.joins.get(pair));
        }
        if !keys.keyed_by_join.contains_key(&through.model) {
            continue;
        }
        let (at, a, b) =
            first.entry(through.model).or_insert_with(|| (index, one.to_vec(), two.to_vec()));
        if (one == *a && two == *b) || (one == *b && two == *a) {
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
    let sides = [(&one.foreign_key, two.other_key()), (one.other_key(), &two.foreign_key)];
    for (first, second) in sides {
        let (Some(first_names), Some(second_names)) = (first.names(), second.names()) else {
            continue;
        };
        if first_names == second_names {
            continue;
        }
        context.report(CheckProblem::KeysDisagree {
            key: table.to_string(),
            about: "the name of a key".into(),
            first_says: list(first_names.iter().map(SmolStr::as_str)),
            first: first.span,
            then_says: list(second_names.iter().map(SmolStr::as_str)),
            again: second.span,
            help: Some("one side's `foreignKey` is the other side's `otherKey`".into()),
        });
    }
}

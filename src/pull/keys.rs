//! Foreign keys as associations, seen from both sides, and join tables as a third way.

use super::contents::uniques;
use super::draft::{Alternative, PartSubject, PulledModel, PulledPart, PulledScript};
use super::names::{named, sql, text, written};
use super::options::{PulledOption, PulledSentence, object};
use super::references::{ModelReference, TakenNames, in_case_of, one_or_list};
use super::script_names::ScriptContents;
use super::tables::is_unique_option;
use crate::catalog::{ConstraintTiming, ForeignKeyAction, ForeignKeyConstraint, Name};
use crate::verbs::OptionId;
use crate::words::{camelize, pluralize, same_name, upper_first};

/// The foreign keys of all models, and what follows from them.
pub(super) fn parts(draft: &PulledScript, given: Option<&ScriptContents>) -> Vec<PulledPart> {
    let attributes = |model: &PulledModel| {
        let names = model.attributes.iter().map(|it| Name::from(&it.name));
        let known = given.and_then(|it| it.models.get(&Name::from(&model.table.name)));
        let taken = known.map_or_else(Vec::new, |it| it.taken.clone());
        names.chain(taken).collect()
    };
    let mut taken = TakenNames(draft.models.iter().map(attributes).collect());
    let mut links = Vec::new();
    for from in 0..draft.models.len() {
        links.extend(super::references::links(draft, from, &mut taken));
    }
    let mut res = Vec::new();
    for (from, model) in draft.models.iter().enumerate() {
        let is_join = joined(draft, &links, from).is_some();
        for (place, key) in model.table.keys.iter().enumerate() {
            let link = links.iter().find(|it| it.from == from && it.key == place);
            let mut ways = Vec::new();
            if let Some(link) = link {
                let alone = links.iter().filter(|it| it.from == from && it.to == link.to);
                let context = KeyContext { draft, is_join, alone: alone.count() == 1 };
                ways.extend(associations(&context, link, key, &mut taken));
            }
            ways.extend(references(key));
            ways.push(Alternative::Body(sql(&key.text)));
            res.push(PulledPart { model: from, subject: PartSubject::Key(place), ways, at: 0 });
        }
    }
    for model in 0..draft.models.len() {
        res.extend(join(draft, &links, model, &mut taken));
    }
    res
}

/// The options of a key's constraint, where they aren't those that it has by itself.
fn constraint(
    draft: &PulledScript,
    link: &ModelReference,
    key: &ForeignKeyConstraint,
    is_join: bool,
) -> Vec<PulledOption> {
    let model = draft.models.get(link.from);
    let places = model.and_then(|it| link.places(it)).unwrap_or_default();
    let mut columns = places.iter().filter_map(|it| model?.table.columns.get(*it));
    let not_null = columns.any(|it| {
        let number = model.and_then(|model| model.table.rowid());
        let numbers = number.is_some_and(|number| number.name == it.name);
        it.not_null || numbers
    });
    // What several keys have isn't set to null by itself.
    let shares = |other: &ForeignKeyConstraint| {
        other.columns.len() != key.columns.len()
            && other.columns.iter().any(|own| key.columns.iter().any(|it| same_name(it, own)))
    };
    let not_null = not_null
        || key.columns.len() > 1 && model.is_some_and(|it| it.table.keys.iter().any(shares));
    let mut options = Vec::new();
    let own = match (is_join, not_null) {
        // That of the `belongsToMany`.
        (true, _) => ForeignKeyAction::Cascade,
        (false, true) => ForeignKeyAction::NoAction,
        (false, false) => ForeignKeyAction::SetNull,
    };
    if key.on_delete != own {
        options.push(PulledOption::of(OptionId::OnDelete, action_word(key.on_delete)));
    }
    if key.on_update != ForeignKeyAction::Cascade {
        options.push(PulledOption::of(OptionId::OnUpdate, action_word(key.on_update)));
    }
    options.extend(deferrable(key));
    options
}

fn deferrable(key: &ForeignKeyConstraint) -> Option<PulledOption> {
    let word = match key.deferrable? {
        ConstraintTiming::Immediate => "initiallyImmediate",
        ConstraintTiming::Deferred => "initiallyDeferred",
    };
    Some(PulledOption::of(OptionId::Deferrable, word))
}

/// `SET NULL` -> `setNull`
pub(super) fn action_word(action: ForeignKeyAction) -> String {
    camelize(action.words()).into()
}

/// What decides how a key is said.
struct KeyContext<'a> {
    draft: &'a PulledScript,
    /// It is one of the two keys of a join table.
    is_join: bool,
    /// It is the only one of its table that refers to that model.
    alone: bool,
}

/// The ways to say a key as associations of both sides.
fn associations(
    context: &KeyContext<'_>,
    link: &ModelReference,
    key: &ForeignKeyConstraint,
    taken: &mut TakenNames,
) -> Vec<Alternative> {
    let draft = context.draft;
    let (Some(from), Some(to)) = (draft.models.get(link.from), draft.models.get(link.to)) else {
        return Vec::new();
    };
    let mut options = Vec::new();
    if link.name != to.name {
        options.push(PulledOption::of(OptionId::As, written(&link.name)));
    }
    let referenced = match &link.target {
        Some(it) => it.clone(),
        None => {
            let own = to.table.primary_key();
            let attribute = |it: &&str| to.attributes.get(to.table.place(it)?);
            own.iter().filter_map(|it| Some(attribute(it)?.name.clone())).collect()
        }
    };
    let by_itself = referenced.iter().map(|it| camelize(&format!("{}_{it}", link.name)));
    let is_called_so = by_itself.eq(link.attributes.iter().map(String::as_str));
    let key_option = PulledOption::of(OptionId::ForeignKey, one_or_list(&link.attributes));
    // The attributes come with the association, where that can say all of them.
    let made = made_by_key(draft, link).map(|columns| {
        let each = columns.iter().zip(&link.attributes).map(|((_, said), name)| {
            if said.is_empty() {
                return written(name).into_owned();
            }
            let name = PulledOption::of(OptionId::Name, written(name));
            let name = (!is_called_so).then_some(name);
            let inner: Vec<_> = name.into_iter().chain(said.iter().cloned()).collect();
            object(&inner)
        });
        let each: Vec<_> = each.collect();
        let plain = columns.iter().all(|(_, said)| said.is_empty());
        let same = is_called_so && each.iter().all(|it| each.first() == Some(it));
        let said = match each.as_slice() {
            _ if plain && is_called_so => None,
            [one, rest @ ..] if rest.is_empty() || same => Some(one.clone()),
            several => Some(format!("[{}]", several.join(", "))),
        };
        let said = said.map(|it| PulledOption::of(OptionId::ForeignKey, it));
        (columns.into_iter().map(|it| it.0).collect::<Vec<_>>(), said)
    });
    if let Some(target) = &link.target {
        options.push(PulledOption::of(OptionId::TargetKey, one_or_list(target)));
    }
    options.extend(constraint(draft, link, key, context.is_join));
    let one = |key: Option<&PulledOption>, more: Option<&PulledOption>| {
        let (name, others) = options.split_at(usize::from(link.name != to.name));
        let options = name.iter().chain(key).chain(others).chain(more).cloned();
        sentence(&from.name, "belongsTo", &to.name, options.collect())
    };
    let inverse = inverse(context, link, taken, &key_option);
    let mut ways = Vec::new();
    let name = key.name.as_ref();
    let named = name.map(|it| PulledOption::of(OptionId::UniqueKey, named(it)));
    let numbered = name.is_none() || key.has_number_for_name(&from.table.name);
    for more in [None, named.as_ref()].into_iter().skip(usize::from(!numbered)) {
        let own = (!is_called_so).then_some(&key_option);
        let making =
            made.as_ref().map(|(columns, said)| (one(said.as_ref(), more), columns.clone()));
        for (one, columns) in making.into_iter().chain([(one(own, more), Vec::new())]) {
            if let Some(inverse) = &inverse {
                let both = vec![one.clone(), inverse.clone()];
                ways.push(Alternative::Sentence(both, columns.clone()));
            }
            ways.push(Alternative::Sentence(vec![one], columns));
        }
        if name.is_none() {
            break;
        }
    }
    ways
}

/// The columns of a key whose association can say all of them, and what it has to say.
fn made_by_key(
    draft: &PulledScript,
    link: &ModelReference,
) -> Option<Vec<(String, Vec<PulledOption>)>> {
    let model = draft.models.get(link.from)?;
    let others = model.table.keys.iter().filter(|it| it.columns.len() != link.attributes.len());
    let others: Vec<&String> = others.flat_map(|it| &it.columns).collect();
    let made = |place: usize| {
        let (attribute, column) = (model.attributes.get(place)?, model.table.columns.get(place)?);
        let is_plain = column.primary_key == 0
            && column.default.is_none()
            && column.collation.is_none()
            && column.generated.is_none()
            && column.others.is_empty()
            && column.comment.is_empty()
            && attribute.field.is_none()
            && attribute.checks.is_empty()
            && attribute.enumeration.is_none()
            && !attribute.is_given
            // What several keys have is an attribute of its own.
            && !others.iter().any(|it| same_name(it, &column.name));
        let mut indexes = model.table.indexes.iter();
        let is_unique = indexes.any(|it| is_unique_option(&model.table, it, column));
        let said = [
            (column.not_null, PulledOption::off(OptionId::AllowNull)),
            (is_unique, PulledOption::on(OptionId::Unique)),
        ];
        let said = said.into_iter().filter(|it| it.0).map(|it| it.1);
        is_plain.then(|| (column.name.clone(), said.collect()))
    };
    link.places(model)?.into_iter().map(made).collect()
}

fn sentence(subject: &str, verb: &str, object: &str, options: Vec<PulledOption>) -> PulledSentence {
    PulledSentence { head: format!("{} {verb} {}", written(subject), written(object)), options }
}

/// The association seen from the other side.
fn inverse(
    context: &KeyContext<'_>,
    link: &ModelReference,
    taken: &mut TakenNames,
    key: &PulledOption,
) -> Option<PulledSentence> {
    let draft = context.draft;
    let (from, to) = (draft.models.get(link.from)?, draft.models.get(link.to)?);
    let mut columns = Vec::with_capacity(link.attributes.len());
    for place in link.places(from)? {
        columns.push(from.table.columns.get(place)?.name.as_str());
    }
    let itself = |unique: &Vec<&str>| {
        unique.len() == columns.len()
            && unique.iter().all(|it| columns.iter().any(|own| same_name(it, own)))
    };
    let single = uniques(&from.table).iter().any(itself);
    let own = if single { from.name.clone() } else { pluralize(&from.name).into() };
    let lower = |it: &str| in_case_of(link.first(), it);
    let plain = lower(&own);
    let stem = link.stem();
    let base = link.base.as_deref().unwrap_or(&stem);
    let long = lower(&format!("{}{}", upper_first(&camelize(base)), upper_first(&own)));
    let names = if link.from == link.to {
        vec![format!("{}Of", camelize(base)), long]
    } else if context.alone || link.name.eq_ignore_ascii_case(&to.name) {
        vec![plain, long]
    } else {
        vec![long]
    };
    let name = taken.take(link.to, names)?;
    let mut options = Vec::new();
    if name != own {
        options.push(PulledOption::of(OptionId::As, written(&name)));
    }
    options.push(key.clone());
    if let Some(target) = &link.target {
        options.push(PulledOption::of(OptionId::SourceKey, one_or_list(target)));
    }
    let verb = if single { "hasOne" } else { "hasMany" };
    Some(sentence(&to.name, verb, &from.name, options))
}

/// The key as options of its attribute.
fn references(key: &ForeignKeyConstraint) -> Option<Alternative> {
    let [column] = key.columns.as_slice() else {
        return None;
    };
    if key.name.is_some() || !key.more.is_empty() {
        return None;
    }
    let mut inner = vec![PulledOption::of(OptionId::Model, text(&key.table))];
    if let [to] = key.to.as_slice() {
        inner.push(PulledOption::of(OptionId::Key, text(to)));
    }
    inner.extend(deferrable(key));
    let mut options = vec![PulledOption::object(OptionId::References, inner)];
    for (id, action) in [(OptionId::OnDelete, key.on_delete), (OptionId::OnUpdate, key.on_update)] {
        if action != ForeignKeyAction::NoAction {
            options.push(PulledOption::of(id, action_word(action)));
        }
    }
    Some(Alternative::Option(column.clone(), options))
}

/// A join table as an association of the two models that it joins.
fn join(
    draft: &PulledScript,
    links: &[ModelReference],
    model: usize,
    taken: &mut TakenNames,
) -> Option<PulledPart> {
    let through = draft.models.get(model)?;
    let (one, two) = joined(draft, links, model)?;
    let mut sides = Vec::new();
    for (here, there) in [(one, two), (two, one)] {
        let (from, to) = (draft.models.get(here.to)?, draft.models.get(there.to)?);
        let own = pluralize(&to.name).to_string();
        let stem = there.stem();
        let base = there.base.as_deref().unwrap_or(&stem);
        let long = upper_first(&camelize(&pluralize(base))).to_string();
        let longest = format!("{}{own}", through.name);
        let mut names = vec![own.clone(), long, longest];
        if here.to == there.to {
            names.remove(0);
        }
        let names = names.iter().map(|it| in_case_of(there.first(), it));
        let name = taken.take(here.to, names.collect())?;
        let mut options = Vec::new();
        if name != own {
            options.push(PulledOption::of(OptionId::As, written(&name)));
        }
        options.push(PulledOption::of(OptionId::ForeignKey, one_or_list(&here.attributes)));
        options.push(PulledOption::of(OptionId::OtherKey, one_or_list(&there.attributes)));
        if let Some(it) = &here.target {
            options.push(PulledOption::of(OptionId::SourceKey, one_or_list(it)));
        }
        if let Some(it) = &there.target {
            options.push(PulledOption::of(OptionId::TargetKey, one_or_list(it)));
        }
        sides.push((from.name.clone(), to.name.clone(), options));
    }
    let through = written(&through.name);
    let said = |through: &PulledOption| {
        let each = sides.iter().map(|(from, to, options)| {
            let options = std::iter::once(through).chain(options).cloned().collect();
            sentence(from, "belongsToMany", to, options)
        });
        Alternative::Sentence(each.collect(), Vec::new())
    };
    let not_unique = vec![
        PulledOption::of(OptionId::Model, through.as_ref()),
        PulledOption::off(OptionId::Unique),
    ];
    Some(PulledPart {
        model,
        subject: PartSubject::Join,
        ways: vec![
            said(&PulledOption::of(OptionId::Through, through)),
            said(&PulledOption::object(OptionId::Through, not_unique)),
            Alternative::Nothing,
        ],
        at: 0,
    })
}

/// The two keys of a join table: all that it has, and together its primary key or a unique one.
fn joined<'a>(
    draft: &PulledScript,
    links: &'a [ModelReference],
    model: usize,
) -> Option<(&'a ModelReference, &'a ModelReference)> {
    let own: Vec<_> = links.iter().filter(|it| it.from == model).collect();
    let [one, two] = own.as_slice() else {
        return None;
    };
    let model = draft.models.get(model)?;
    let columns = |link: &ModelReference| -> Option<Vec<Name>> {
        let places = link.places(model)?.into_iter();
        places.map(|it| Some(Name::from(&model.attributes.get(it)?.column))).collect()
    };
    let mut pair = columns(one)?;
    pair.extend(columns(two)?);
    pair.sort();
    pair.dedup();
    let is_pair = |columns: &Vec<&str>| {
        let mut columns: Vec<_> = columns.iter().map(|it| Name::from(*it)).collect();
        columns.sort();
        columns == pair
    };
    let joins = uniques(&model.table).iter().any(is_pair);
    joins.then_some((*one, *two))
}

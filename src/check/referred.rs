//! What keys refer to.

use super::keys::{AssociationKeys, KeyGroup, KeyRole, KeyUse, ReferencedTable};
use super::{Context, ModelDraft, names};
use crate::diagnostics::CheckProblem;
use crate::ir::{AttributeId, Origin, ShortList};
use crate::verbs::{KeyNames, Spanned, list};
use smol_str::SmolStr;

/// A key, resolved: its attributes, and what they refer to.
pub(super) struct Resolved {
    /// The model that holds it.
    pub holder: usize,
    /// Its attributes.
    pub attributes: ShortList<usize>,
    /// The model and the attributes that these refer to; none for a table outside of the script, or after a mistake.
    pub target: Option<(usize, ShortList<usize>)>,
}

impl Resolved {
    /// The attributes, each with what it refers to.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let target = self.target.iter().flat_map(|(_, to)| to.iter().copied());
        self.attributes.iter().copied().zip(target)
    }
}

/// Finds what each key refers to.
pub(super) fn resolve_keys<'a>(
    context: &mut Context<'a>,
    keys: &AssociationKeys<'a>,
) -> Vec<Resolved> {
    let mut resolved = Vec::with_capacity(keys.groups.len());
    for group in &keys.groups {
        let attributes = group.columns.iter().map(|it| it.place).collect();
        let target = resolve_key(context, group);
        resolved.push(Resolved { holder: group.holder, attributes, target });
    }
    resolved
}

fn resolve_key<'a>(
    context: &mut Context<'a>,
    group: &KeyGroup<'a>,
) -> Option<(usize, ShortList<usize>)> {
    let main = group.wanting().unwrap_or_else(|| group.first());
    let key = |context: &Context<'a>| context.group_name(group);
    for it in group.uses().filter(|it| it.wants_constraint && !std::ptr::eq(*it, main)) {
        if it.target != main.target {
            let (one, two) = (target_name(context, &main.target), target_name(context, &it.target));
            context.disagree(&key, "the model it refers to", (one, main.span), (two, it.span));
            return None;
        }
    }
    let reordered = group.uses().any(|it| it.reordered.is_some());
    let mut said = None;
    let same = group.uses().filter(|it| it.target == main.target && !std::ptr::eq(*it, main));
    for it in std::iter::once(main).chain(same) {
        let referenced = referenced_names(context, group, it, reordered).ok()?;
        context.merge_value(&key, "what it refers to", &mut said, referenced, |it| {
            list(it.names().map(SmolStr::as_str))
        });
    }
    let ReferencedTable::Model(model) = main.target else {
        return None;
    };
    if let Some(said) = said {
        let by_column = main.role == KeyRole::Attribute;
        let each =
            said.value.0.iter().map(|it| referenced_attribute(context, model, it, by_column));
        let places: Vec<_> = each.collect();
        return Some((model, places.into_iter().collect::<Option<_>>()?));
    }
    let target = context.model(model);
    let implied = main.implied.as_ref().filter(|it| it.len() == group.columns.len());
    let places: ShortList<usize> = match implied {
        Some(names) => names
            .iter()
            .filter_map(|it| target.attribute_named(it))
            .map(|it| it.0 as usize)
            .collect(),
        None => target.primary_key.iter().map(|it| it.0 as usize).collect(),
    };
    if places.len() == group.columns.len() {
        return Some((model, places));
    }
    no_such_key(context, group, main, model);
    None
}

/// What a declaration says that the key refers to, in the order of the key's columns. An error after a mistake, which is reported.
fn referenced_names<'a>(
    context: &mut Context<'a>,
    group: &KeyGroup<'a>,
    usage: &KeyUse,
    reordered: bool,
) -> Result<Option<Spanned<KeyNames>>, ()> {
    let count = group.columns.len();
    let said = match (&usage.referenced, &usage.target) {
        (Some(said), _) if said.value.count() == count => (**said).clone(),
        (Some(said), _) => {
            let problem = CheckProblem::KeyWidth {
                key: context.group_name(group),
                has: columns_in_words(count),
                refers: columns_in_words(said.value.count()),
                at: usage.key_span.unwrap_or(usage.span),
                said: said.span,
            };
            context.report(problem);
            return Err(());
        }
        // Where the orders differ, each declaration has to be held against the others.
        (None, ReferencedTable::Model(model)) if reordered => {
            let target = context.model(*model);
            let primary = target.primary_key.iter().map(|it| target.attribute(*it).name.clone());
            let names = match &usage.implied {
                Some(implied) => implied.to_vec(),
                None => primary.collect(),
            };
            let span = usage.span;
            let names = names.into_iter().map(|value| Spanned { value, span });
            Spanned { value: KeyNames(names.collect()), span }
        }
        (None, _) => return Ok(None),
    };
    let Some(own) = usage.reordered.as_ref().filter(|_| said.value.count() == count) else {
        return Ok(Some(said));
    };
    let of = |name| {
        let place = own.iter().position(|it| it == name)?;
        said.value.0.get(place).cloned()
    };
    let names = group.names().filter_map(of).collect();
    Ok(Some(Spanned { value: KeyNames(names), span: said.span }))
}

/// "one column", "2 columns"
fn columns_in_words(count: usize) -> String {
    if count == 1 { "one column".to_owned() } else { format!("{count} columns") }
}

/// The attribute that a key's column is said to refer to.
fn referenced_attribute(
    context: &mut Context<'_>,
    model: usize,
    said: &Spanned<SmolStr>,
    by_column: bool,
) -> Option<usize> {
    let draft = context.draft(model);
    // `references` may name a column where it names a table.
    let found = draft.model.attribute_named(&said.value).or_else(|| {
        let mut columns = draft.model.attributes().filter(|_| by_column);
        columns.find(|(_, it)| it.column == said.value).map(|(id, _)| id)
    });
    let Some(id) = found else {
        context.unknown_attribute(model, &said.value, said.span);
        return None;
    };
    context.notes.attribute(said.span, model, id);
    let attribute = draft.model.attribute(id);
    if attribute.origin != Origin::Key && !ModelDraft::is_column(&attribute.data_type) {
        let problem = CheckProblem::KeyIsNoColumn {
            attribute: format!("{}.{}", draft.model.name, attribute.name),
            at: said.span,
            declared: attribute.span,
        };
        context.report(problem);
        return None;
    }
    Some(id.0 as usize)
}

/// The primary key has another number of attributes than a key has columns.
fn no_such_key(context: &mut Context<'_>, group: &KeyGroup<'_>, main: &KeyUse, model: usize) {
    let target = context.model(model);
    let word = match main.role {
        KeyRole::Attribute => "key",
        KeyRole::Belongs => "targetKey",
        KeyRole::Has | KeyRole::Many => "sourceKey",
    };
    let (own, its) = (group.columns.len(), target.primary_key.len());
    let name = &target.name;
    let why = match its {
        0 => "has no primary key".to_owned(),
        1 => "its primary key has one attribute".to_owned(),
        _ => "its primary key has several attributes".to_owned(),
    };
    let message = match (its, own) {
        (0, _) => format!("`{name}` has no primary key to refer to"),
        (1, _) => format!(
            "`{name}` has a primary key of one attribute, which {own} columns can't refer to"
        ),
        (_, 1) => {
            format!(
                "`{name}` has a primary key of {its} attributes, which one column can't refer to"
            )
        }
        _ => format!(
            "`{name}` has a primary key of {its} attributes, which {own} columns can't refer to"
        ),
    };
    let part = |id: &AttributeId| {
        let named = group.names().next().filter(|_| own == 1);
        let stem = named.map_or(target.singular.as_str(), |it| it.as_str());
        names::foreign_key(stem, &target.attribute(*id).name)
    };
    let each: Vec<SmolStr> = target.primary_key.iter().map(part).collect();
    let help = match (own, its) {
        (1, 2..) if main.role != KeyRole::Attribute => format!(
            "name as many columns: `foreignKey: [{}]`; or say which attribute is meant: `{word}: ..`",
            each.join(", ")
        ),
        (1, _) => format!("say which attribute is meant: `{word}: ..`"),
        _ => format!(
            "name as many columns as the key has, or say what they refer to: `{word}: [..]`"
        ),
    };
    let problem = CheckProblem::NoSingleKey {
        message,
        at: main.key_span.unwrap_or(main.span),
        target: name.to_string(),
        declared: target.span,
        why,
        help: Some(help),
    };
    context.report(problem);
}

fn target_name(context: &Context<'_>, target: &ReferencedTable) -> String {
    match target {
        ReferencedTable::Model(index) => format!("`{}`", context.model(*index).name),
        ReferencedTable::Table(name) => format!("the table `{name}`"),
    }
}

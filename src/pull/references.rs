//! What foreign keys refer to, and what the associations to one are called.

use super::draft::{PulledModel, PulledScript};
use super::names::{base, written};
use crate::catalog::Name;
use crate::words::{camelize, lower_first, same_name};
use std::collections::HashSet;

/// The names that the models' associations and attributes have already.
pub(super) struct TakenNames(pub(super) Vec<HashSet<Name>>);

impl TakenNames {
    /// The first of these names that is free in a model; it is taken then.
    pub(super) fn take(&mut self, model: usize, names: Vec<String>) -> Option<String> {
        let taken = self.0.get_mut(model)?;
        let free = |it: &String| !taken.contains(&Name::from(it));
        let name = names.into_iter().find(free)?;
        taken.insert(Name::from(&name));
        Some(name)
    }
}

/// A foreign key that refers to a model.
pub(super) struct ModelReference {
    /// The model that refers, and the place of its key.
    pub(super) from: usize,
    pub(super) key: usize,
    /// The model referred to.
    pub(super) to: usize,
    /// The key's attributes.
    pub(super) attributes: Vec<String>,
    /// What they refer to, where that isn't the primary key.
    pub(super) target: Option<Vec<String>>,
    /// What the association to one is called.
    pub(super) name: String,
    /// What the key's attribute, if it is one, calls the row that it refers to.
    pub(super) base: Option<String>,
}

impl ModelReference {
    /// What stands for the key in names.
    pub(super) fn stem(&self) -> String {
        self.attributes.join("_")
    }

    /// The first of the key's attributes.
    pub(super) fn first(&self) -> &str {
        self.attributes.first().map_or("", String::as_str)
    }

    /// The places of the key's attributes.
    pub(super) fn places(&self, model: &PulledModel) -> Option<Vec<usize>> {
        let place = |name: &String| model.attributes.iter().position(|it| it.name == *name);
        self.attributes.iter().map(place).collect()
    }
}

/// One name, or a list of them.
pub(super) fn one_or_list(names: &[String]) -> String {
    match names {
        [one] => written(one).into_owned(),
        several => {
            let several: Vec<_> = several.iter().map(|it| written(it)).collect();
            format!("[{}]", several.join(", "))
        }
    }
}

/// The keys of a model that are associations.
pub(super) fn links(
    draft: &PulledScript,
    from: usize,
    taken: &mut TakenNames,
) -> Vec<ModelReference> {
    let Some(model) = draft.models.get(from) else {
        return Vec::new();
    };
    let mut links: Vec<ModelReference> = Vec::new();
    for (place, key) in model.table.keys.iter().enumerate() {
        let model_of = |it: &PulledModel| same_name(&it.table.name, &key.table);
        let Some(to) = draft.models.iter().position(model_of) else {
            continue;
        };
        let attribute = |model: usize, column: &str| {
            let model = draft.models.get(model)?;
            let it = model.attributes.get(model.table.place(column)?)?;
            Some(it.name.clone())
        };
        let all = |model: usize, columns: &[String]| -> Option<Vec<String>> {
            columns.iter().map(|it| attribute(model, it)).collect()
        };
        let (Some(names), Some(target)) = (all(from, &key.columns), all(to, &key.to)) else {
            continue;
        };
        if names.is_empty() || names.len() != target.len() {
            continue;
        }
        let own = draft.models.get(to).map(|it| it.table.primary_key()).unwrap_or_default();
        let mut pairs = own.iter().zip(&key.to);
        let is_key = own.len() == key.to.len() && pairs.all(|(it, to)| same_name(it, to));
        let target = (!is_key).then_some(target);
        let twice = links.iter().any(|it| it.attributes == names);
        let base = match names.as_slice() {
            [one] => base(one).map(str::to_owned),
            _ => None,
        };
        if key.more.is_empty() && !twice {
            links.push(ModelReference {
                from,
                key: place,
                to,
                base,
                attributes: names,
                target,
                name: String::new(),
            });
        }
    }
    for at in 0..links.len() {
        let names = names_of_one(draft, &links, at);
        let name = taken.take(from, names);
        if let Some(link) = links.get_mut(at) {
            link.name = name.unwrap_or_default();
        }
    }
    links.retain(|it| !it.name.is_empty());
    links
}

fn is_lower(name: &str) -> bool {
    let name = name.trim_start_matches('_');
    name.starts_with(char::is_lowercase)
}

/// A name as its model's attributes begin: with a small letter or a capital.
pub(super) fn in_case_of(attribute: &str, name: &str) -> String {
    if is_lower(attribute) { lower_first(name) } else { name.to_owned() }
}

/// What the association to one may be called, best first.
fn names_of_one(draft: &PulledScript, links: &[ModelReference], at: usize) -> Vec<String> {
    let Some(link) = links.get(at) else {
        return Vec::new();
    };
    let to = draft.models.get(link.to).map_or("", |it| &it.name);
    let attribute = &link.stem();
    let alone = links.iter().filter(|it| it.to == link.to).count() == 1;
    let itself = link.to == link.from;
    let mut names = Vec::new();
    if let Some(base) = &link.base {
        names.push(camelize(base).to_string());
    } else if alone && !itself {
        let plain = in_case_of(attribute, to);
        // Of several attributes none says how the row is called.
        let row = (link.attributes.len() > 1).then(|| format!("{plain}Row"));
        names.extend(std::iter::once(plain).chain(row));
    }
    let long = format!("{}{to}", camelize(attribute));
    names.extend([long.clone(), format!("{long}Row")]);
    names
}

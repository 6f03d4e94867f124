//! What names mean: where a name is declared, and where else it stands.
//!
//! All is read from what the check notes ([`check_noting`](crate::check::check_noting)).

use crate::ast::Bundle;
use crate::check::{Checked, Meaning, NameUse, written_name};
use crate::ir::{DataType, Origin, Schema};
use crate::source::{Sources, Span};
use crate::sql::Dialect;
use crate::verbs;
use crate::words::Reserved;
use smol_str::SmolStr;

/// Scripts that count as one, and what they mean to one who asked for names.
#[derive(Debug, Clone, Copy)]
pub struct Project<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// The scripts.
    pub bundle: &'a Bundle,
    /// What they mean.
    pub checked: &'a Checked,
    /// The database for which they are.
    pub dialect: &'a Dialect,
}

/// The name at a position, and what it means. Behind a name's last letter it is that name, too.
pub fn name_at(project: Project<'_>, position: u32) -> Option<&NameUse> {
    let uses = &project.checked.uses;
    let here = |it: &&NameUse| it.at.start <= position && position <= it.at.end;
    // At the border of two names it is the second.
    let behind = uses.partition_point(|it| it.at.start <= position);
    let before = uses.get(..behind).unwrap_or_default();
    before.iter().rev().take(64).filter(here).min_by_key(|it| it.at.len())
}

/// Where what stands at a position is declared: a name, a sentence where it comes by itself, the beginning of a file.
///
/// ```
/// use relata::{ast::Bundle, check, ide, source::Sources, sql::Dialect, syntax};
/// let mut sources = Sources::default();
/// let text = "model User { }\nmodel Post { }\nUser hasMany Post\nPost findAll < where: (UserId = 1) >";
/// let id = sources.add("shop.schema", text).unwrap();
/// let bundle = Bundle::of(syntax::parse(sources.get(id)).script);
/// let checked = check::check_noting(&bundle, &sources);
/// let project = ide::Project { sources: &sources, bundle: &bundle, checked: &checked, dialect: Dialect::SQLITE };
/// let at = u32::try_from(text.find("UserId").unwrap()).unwrap();
/// let found = ide::definition(project, at).unwrap();
/// assert_eq!(sources.slice(found), "User hasMany Post");
/// ```
pub fn definition(project: Project<'_>, position: u32) -> Option<Span> {
    let meaning = &name_at(project, position)?.meaning;
    let declared = declarations(project, meaning).map(|it| it.at).last();
    declared.or_else(|| by_itself(project, meaning))
}

/// Where the type is declared of what stands at a position: the model of a row or an association, the enumeration of an attribute.
pub fn type_definition(project: Project<'_>, position: u32) -> Option<Span> {
    let Checked { schema, variables, .. } = project.checked;
    let of = |wanted: &Meaning| declarations(project, wanted).map(|it| it.at).last();
    match &name_at(project, position)?.meaning {
        Meaning::Model(id) => of(&Meaning::Model(*id)),
        Meaning::Association(id) => of(&Meaning::Model(schema[*id].target)),
        Meaning::Attribute(model, id) => match &schema[*model].attribute(*id).data_type {
            DataType::Enum(it) => of(&Meaning::Enumeration(it.name.clone()?)),
            _ => of(&Meaning::Model(*model)),
        },
        Meaning::Variable(at) => {
            let name = unquoted(project.sources.slice(*at));
            let model = variables.iter().rev().find(|it| it.name == name)?.model()?;
            of(&Meaning::Model(schema.model_named(model)?))
        }
        Meaning::Base(_)
        | Meaning::Scope(_)
        | Meaning::Enumeration(_)
        | Meaning::Member(_)
        | Meaning::Former(_)
        | Meaning::Table(_)
        | Meaning::Script(_) => None,
    }
}

/// Where what stands at a position is named, its declaration among it, in order; for an association also where its key is.
pub fn references(project: Project<'_>, position: u32) -> Vec<Span> {
    let Some(NameUse { meaning, .. }) = name_at(project, position) else {
        return Vec::new();
    };
    let of_key = |it: &NameUse| match (&it.meaning, meaning) {
        (Meaning::Attribute(..), Meaning::Association(id)) => {
            by_itself(project, &it.meaning) == Some(project.checked.schema[*id].span)
        }
        _ => false,
    };
    let uses = project.checked.uses.iter();
    let mut found: Vec<Span> =
        uses.filter(|it| it.meaning == *meaning || of_key(it)).map(|it| it.at).collect();
    found.dedup();
    found
}

fn declarations<'a>(
    project: Project<'a>,
    meaning: &'a Meaning,
) -> impl Iterator<Item = &'a NameUse> {
    project.checked.uses.iter().filter(move |it| it.declares && it.meaning == *meaning)
}

/// Where something is declared that has no name of its own there.
fn by_itself(project: Project<'_>, meaning: &Meaning) -> Option<Span> {
    let schema = &project.checked.schema;
    match meaning {
        Meaning::Attribute(model, id) => {
            let attribute = schema[*model].attribute(*id);
            (attribute.origin != Origin::Written).then_some(attribute.span)
        }
        Meaning::Association(id) => Some(schema[*id].span),
        Meaning::Script(place) => {
            let script = project.bundle.scripts.get(*place)?;
            Some(project.sources.get(script.source).span(0..0))
        }
        Meaning::Model(_)
        | Meaning::Base(_)
        | Meaning::Scope(_)
        | Meaning::Enumeration(_)
        | Meaning::Member(_)
        | Meaning::Variable(_)
        | Meaning::Former(_)
        | Meaning::Table(_) => None,
    }
}

/// A name, as what has it is called.
pub(super) fn name_of(project: Project<'_>, schema: &Schema, meaning: &Meaning) -> SmolStr {
    match meaning {
        Meaning::Model(id) => schema[*id].name.clone(),
        Meaning::Attribute(model, id) => schema[*model].attribute(*id).name.clone(),
        Meaning::Association(id) => schema[*id].name.clone(),
        Meaning::Base(name) | Meaning::Enumeration(name) | Meaning::Table(name) => name.clone(),
        Meaning::Scope(at) | Meaning::Member(at) | Meaning::Variable(at) | Meaning::Former(at) => {
            unquoted(project.sources.slice(*at))
        }
        Meaning::Script(place) => {
            let script = project.bundle.scripts.get(*place);
            let source = script.map(|it| project.sources.get(it.source));
            source.map_or_else(SmolStr::default, |it| SmolStr::new(&*it.name))
        }
    }
}

/// A name without its quotes.
pub(super) fn unquoted(text: &str) -> SmolStr {
    let within = |quote: char| text.strip_prefix(quote).and_then(|it| it.strip_suffix(quote));
    match within('`') {
        Some(inner) => inner.replace("``", "`").into(),
        None => within('"').or_else(|| within('\'')).unwrap_or(text).into(),
    }
}

/// A name in place of the one that stands there: what is a text stays one, and so does a part of one.
pub(super) fn in_place(sources: &Sources, at: Span, new: &str) -> String {
    let is_plain = !new.contains(['"', '\'', '`', '\\']);
    let quote = |text: &str| text.chars().next().filter(|it| matches!(it, '"' | '\''));
    let before = Span::new(at.start.saturating_sub(1), at.start);
    let is_within = sources.at(at.start).is_some_and(|it| it.base < at.start)
        && sources.slice(before).starts_with(['"', '\'', '`']);
    match quote(sources.slice(at)) {
        Some(quote) if is_plain => format!("{quote}{new}{quote}"),
        None if is_within && is_plain => new.to_owned(),
        Some(_) | None => quoted(new),
    }
}

/// A name as it is written wherever a name may stand.
pub(super) fn quoted(name: &str) -> String {
    let is_word = verbs::first(name).is_some() || Reserved::of(name).is_some();
    if is_word { format!("`{name}`") } else { written_name(name).into_owned() }
}

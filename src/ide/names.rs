//! What names mean: where a name is declared, where else it stands, and what has to be written for it to be another one.
//!
//! All is read from what the check notes ([`check_noting`](crate::check::check_noting)). A name that comes by itself follows the one from which
//! it comes: a rename is checked as a whole before it is given.

use crate::ast::{Bundle, Script, Sentence};
use crate::check::{self, Checked, Meaning, NameUse, written_name};
use crate::diagnostics::{Edit, Problem};
use crate::ir::{AssociationKind, DataType, Origin, Schema};
use crate::source::{Sources, Span};
use crate::syntax;
use crate::verbs::{self, LinkVerb, OptionId};
use crate::words::Reserved;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Scripts that count as one, and what they mean to one who asked for names.
#[derive(Debug, Clone, Copy)]
pub struct Project<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// The scripts.
    pub bundle: &'a Bundle,
    /// What they mean.
    pub checked: &'a Checked,
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
/// use relata::{ast::Bundle, check, ide, source::Sources, syntax};
/// let mut sources = Sources::default();
/// let text = "model User { }\nmodel Post { }\nUser hasMany Post\nPost findAll < where: (UserId = 1) >";
/// let id = sources.add("shop.schema", text).unwrap();
/// let bundle = Bundle::of(syntax::parse(sources.get(id)).script);
/// let checked = check::check_noting(&bundle, &sources);
/// let project = ide::Project { sources: &sources, bundle: &bundle, checked: &checked };
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

/// The edits by which what stands at a position gets another name, with all that comes from it; in order of place, no two of which touch.
///
/// # Errors
/// Why it can't, in words: those of the report that there would be.
pub fn rename(project: Project<'_>, position: u32, name: &str) -> Result<Vec<Edit>, String> {
    let found = name_at(project, position);
    let meaning = &found.ok_or("nothing that has a name stands here")?.meaning;
    let old = name_of(project, &project.checked.schema, meaning);
    if name.is_empty() || name.contains(['\n', '\r']) {
        return Err("a name is not empty, and stands on one line".into());
    }
    let mut renaming = RenameDraft { project, edits: BTreeMap::new() };
    renaming.direct(meaning, &old, name)?;
    // What comes by itself from a name may be what something else comes from.
    loop {
        let before = renaming.edits.len();
        let after = renaming.checked()?;
        let (earlier, later) = (counts(&project.checked.schema), counts(&after.checked.schema));
        if earlier != later {
            renaming.verify_no_new_problems(&after, name)?;
            return Err(if earlier < later {
                format!("with the name `{name}` another key would be made: `foreignKey` names it")
            } else {
                format!("`{name}` is taken")
            });
        }
        renaming.follow_derived_names(&after.checked.schema);
        if renaming.edits.len() == before {
            renaming.verify(&after, &old, name)?;
            break;
        }
    }
    let edit = |(start, (end, text))| Edit { at: Span::new(start, end), text };
    Ok(renaming.edits.into_iter().map(edit).collect())
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
fn name_of(project: Project<'_>, schema: &Schema, meaning: &Meaning) -> SmolStr {
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
fn unquoted(text: &str) -> SmolStr {
    let within = |quote| text.strip_prefix(quote).and_then(|it| it.strip_suffix(quote));
    match (within('`'), within('"')) {
        (Some(inner), _) => inner.replace("``", "`").into(),
        (None, Some(inner)) => inner.into(),
        (None, None) => text.into(),
    }
}

/// A name in place of one that is written so: what is a text stays one.
fn in_place(old: &str, new: &str) -> String {
    if old.starts_with('"') && !new.contains(['"', '\\']) {
        format!("\"{new}\"")
    } else {
        quoted(new)
    }
}

/// A name as it is written wherever a name may stand.
pub(super) fn quoted(name: &str) -> String {
    let is_word = verbs::first(name).is_some() || Reserved::of(name).is_some();
    if is_word { format!("`{name}`") } else { written_name(name).into_owned() }
}

/// A rename in the making.
struct RenameDraft<'a> {
    project: Project<'a>,
    /// By where they begin: where they end, and what is written there.
    edits: BTreeMap<u32, (u32, String)>,
}

/// What a project is after a rename.
struct RenamedProject {
    sources: Sources,
    checked: Checked,
}

impl RenameDraft<'_> {
    fn edit(&mut self, at: Span, text: String) {
        self.edits.insert(at.start, (at.end, text));
    }

    /// The edits where the name itself is written.
    fn direct(&mut self, meaning: &Meaning, old: &str, new: &str) -> Result<(), String> {
        let Project { sources, checked, .. } = self.project;
        let uses = checked.uses.iter().filter(|it| it.meaning == *meaning);
        let mut declared = false;
        for it in uses {
            // An association that isn't named is declared by its verb.
            let text = sources.slice(it.at);
            let is_table = matches!(meaning, Meaning::Table(_));
            if is_table || unquoted(text) == *old {
                declared |= it.declares;
                self.edit(it.at, in_place(text, new));
            }
        }
        match meaning {
            _ if declared => Ok(()),
            Meaning::Association(id) => self.name_association(checked.schema[*id].span, new),
            Meaning::Attribute(..) => Err(format!("`{old}` is implied")),
            // Nothing declares what the database alone has.
            Meaning::Table(_) => Ok(()),
            Meaning::Script(_) => Err(format!("`{old}` is a file, and is renamed as one")),
            Meaning::Model(_)
            | Meaning::Base(_)
            | Meaning::Scope(_)
            | Meaning::Enumeration(_)
            | Meaning::Member(_)
            | Meaning::Variable(_)
            | Meaning::Former(_) => Err(format!("`{old}` is declared elsewhere")),
        }
    }

    /// Writes the `as` of an association that has none.
    fn name_association(&mut self, at: Span, new: &str) -> Result<(), String> {
        let mut sentences = self.project.bundle.sentences();
        let found = sentences.find(|(_, it)| it.span.start == at.start).map(|it| it.1);
        let Sentence { span, options, .. } = found.ok_or("it is declared elsewhere")?;
        let name = OptionId::As.name();
        let new = quoted(new);
        let first = options.as_ref().and_then(|it| it.items.first());
        let (place, text) = match first {
            Some(first) => (first.span().start, format!("{name}: {new}, ")),
            None => (span.end, format!(" < {name}: {new} >")),
        };
        self.edit(Span::new(place, place), text);
        Ok(())
    }

    /// The edits where a name is written that has become another one by those there are.
    fn follow_derived_names(&mut self, after: &Schema) {
        let Project { sources, checked, .. } = self.project;
        for it in &checked.uses {
            if self.edits.contains_key(&it.at.start) {
                continue;
            }
            let text = sources.slice(it.at);
            if let Some(new) = derived_name(&checked.schema, after, &it.meaning, text) {
                self.edit(it.at, new);
            }
        }
    }

    /// The project with the edits made.
    fn checked(&self) -> Result<RenamedProject, String> {
        let Project { sources, bundle, .. } = self.project;
        let mut new = sources.clone();
        for source in sources.iter() {
            let end = source.span(0..source.text.len()).end;
            let own = self.edits.range(source.base..=end);
            for (start, (end, text)) in own.rev() {
                let range = source.offset(*start)..source.offset(*end);
                new.edit(source.id, range, text).map_err(|it| it.to_string())?;
            }
        }
        let mut scripts = Vec::with_capacity(bundle.scripts.len());
        for script in &bundle.scripts {
            let source = new.get(script.source);
            let same = Arc::ptr_eq(&source.text, &sources.get(script.source).text);
            if same {
                scripts.push(Arc::clone(script));
                continue;
            }
            let parsed = syntax::parse(source);
            let count = |it: &Script| (it.sentences.len(), it.broken.len());
            if count(&parsed.script) != count(script) {
                let problem = parsed.problems.first().map(Problem::to_string);
                return Err(problem.unwrap_or_else(|| "it is no name".to_owned()));
            }
            scripts.push(Arc::new(parsed.script));
        }
        let mut bundle = Bundle { scripts, ..bundle.clone() };
        for import in &mut bundle.imports {
            import.at = self.shifted(&new, import.at);
        }
        let checked = check::check_noting(&bundle, &new);
        Ok(RenamedProject { sources: new, checked })
    }

    /// Whether each name means what it did, and nothing is wrong that wasn't before.
    fn verify(&self, after: &RenamedProject, old: &str, new: &str) -> Result<(), String> {
        let Project { sources, checked, .. } = self.project;
        self.verify_no_new_problems(after, new)?;
        let renamed = |it: &SmolStr| if it == old { SmolStr::new(new) } else { it.clone() };
        let moved = |it: Span| self.shifted(&after.sources, it);
        let there: HashSet<(u32, &Meaning)> =
            after.checked.uses.iter().map(|it| (it.at.start, &it.meaning)).collect();
        for it in &checked.uses {
            let at = self.shifted_position(&after.sources, it.at.start);
            let is = |meaning: Meaning| there.contains(&(at, &meaning));
            let stays = match &it.meaning {
                Meaning::Scope(at) => is(Meaning::Scope(moved(*at))),
                Meaning::Variable(at) => is(Meaning::Variable(moved(*at))),
                Meaning::Member(at) => is(Meaning::Member(moved(*at))),
                Meaning::Former(at) => is(Meaning::Former(moved(*at))),
                Meaning::Table(name) => {
                    let new = Meaning::Table(renamed(name).to_lowercase().into());
                    is(it.meaning.clone()) || is(new)
                }
                Meaning::Base(name) => {
                    is(Meaning::Base(name.clone())) || is(Meaning::Base(renamed(name)))
                }
                Meaning::Enumeration(name) => {
                    is(Meaning::Enumeration(name.clone()))
                        || is(Meaning::Enumeration(renamed(name)))
                }
                Meaning::Model(_)
                | Meaning::Attribute(..)
                | Meaning::Association(_)
                | Meaning::Script(_) => is(it.meaning.clone()),
            };
            if !stays {
                let what = sources.slice(it.at);
                return Err(format!("`{new}` is taken: `{what}` would mean something else then"));
            }
        }
        Ok(())
    }

    /// Whether nothing is wrong that wasn't before. What is said of the name itself is told first.
    fn verify_no_new_problems(&self, after: &RenamedProject, new: &str) -> Result<(), String> {
        let errors = |checked: &Checked| -> Vec<Problem> {
            checked.problems.iter().filter(|it| !it.is_warning()).cloned().collect()
        };
        let (before, now) = (errors(self.project.checked), errors(&after.checked));
        if now.len() <= before.len() {
            return Ok(());
        }
        let uses = self.project.checked.uses.iter();
        let declared = uses.filter(|it| it.declares && self.edits.contains_key(&it.at.start));
        let declared: HashSet<u32> =
            declared.map(|it| self.shifted_position(&after.sources, it.at.start)).collect();
        let before: HashSet<String> = before.iter().map(Problem::to_string).collect();
        let told = now.iter().filter(|it| !before.contains(&it.to_string()));
        let of_name =
            |problem: &Problem| problem.labels().iter().any(|it| declared.contains(&it.span.start));
        let told = told.clone().find(|it| of_name(it)).or_else(|| told.clone().next());
        Err(told.map_or_else(|| format!("`{new}` is taken"), Problem::to_string))
    }

    /// Where a place is after the edits.
    fn shifted(&self, after: &Sources, place: Span) -> Span {
        Span::new(
            self.shifted_position(after, place.start),
            self.shifted_position(after, place.end),
        )
    }

    fn shifted_position(&self, after: &Sources, position: u32) -> u32 {
        let Some(source) = self.project.sources.at(position) else {
            return position;
        };
        let mut by = after.get(source.id).base.wrapping_sub(source.base);
        for (start, (end, text)) in self.edits.range(source.base..position) {
            let length = u32::try_from(text.len()).unwrap_or_default();
            by = by.wrapping_add(length).wrapping_sub(end - start);
        }
        position.wrapping_add(by)
    }
}

/// How many there are of each thing: as long as these stay, its number finds it.
fn counts(schema: &Schema) -> (usize, Vec<usize>) {
    let attributes = schema.models.iter().map(|it| it.attributes.len());
    (schema.associations.len(), attributes.collect())
}

/// How a name is to be written where it has become another one.
fn derived_name(before: &Schema, after: &Schema, meaning: &Meaning, text: &str) -> Option<String> {
    let name = unquoted(text);
    let change =
        |old: &SmolStr, new: &SmolStr| (old != new && name == *old).then(|| in_place(text, new));
    match meaning {
        Meaning::Model(id) => {
            let (old, new) = (&before[*id], after.models.get(id.0 as usize)?);
            // `references: { model: "Users" }`
            let table = format!("\"{}\"", old.table);
            if old.table != new.table && text == table {
                return Some(format!("\"{}\"", new.table));
            }
            change(&old.name, &new.name)
        }
        Meaning::Attribute(model, id) => {
            let model_after = after.models.get(model.0 as usize)?;
            let new = model_after.attributes.get(id.0 as usize)?;
            change(&before[*model].attribute(*id).name, &new.name)
        }
        Meaning::Association(id) => {
            let (old, new) = (&before[*id], after.associations.get(id.0 as usize)?);
            let verb = || {
                let place = LinkVerb::names(old).iter().position(|it| *it == *name)?;
                let verb = LinkVerb::names(new).into_iter().nth(place)?;
                (verb != *name).then(|| quoted(&verb))
            };
            let kinds = [
                AssociationKind::HasOne,
                AssociationKind::HasMany,
                AssociationKind::BelongsTo,
                AssociationKind::BelongsToMany,
            ];
            // What declares one without naming it is its verb.
            if kinds.iter().any(|it| it.word() == text) {
                return None;
            }
            change(&old.name, &new.name).or_else(verb)
        }
        Meaning::Base(_)
        | Meaning::Scope(_)
        | Meaning::Enumeration(_)
        | Meaning::Member(_)
        | Meaning::Variable(_)
        | Meaning::Former(_)
        | Meaning::Table(_)
        | Meaning::Script(_) => None,
    }
}

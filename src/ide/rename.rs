//! What has to be written for something to have another name.
//!
//! A name that comes by itself follows the one from which it comes: a rename is checked as a whole before it is given. What a database calls by a
//! name that becomes another one, in whatever way, is told, and where it has that, `was` is written ([`was`](super::was)).

use super::names::{Project, in_place, name_at, name_of, quoted, unquoted};
use super::rename_draft::{DraftedEdit, Rename, RenameCause, RenameDraft};
use super::was::{self, Stored};
use crate::ast::{Bundle, Script, Sentence};
use crate::check::{self, Checked, Meaning, NameUse};
use crate::diagnostics::{Edit, Problem};
use crate::ir::{AssociationKind, Query, Schema};
use crate::plan;
use crate::source::{Sources, Span};
use crate::syntax;
use crate::verbs::{LinkVerb, OptionId};
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// What is written so that what stands at a position gets another name, with all that comes from it. `kept` says what a database has under the
/// name of now: what it was is written beside it, so that its rows stay.
///
/// ```
/// use relata::{ast::Bundle, check, ide, source::Sources, sql::Dialect, syntax};
/// let mut sources = Sources::default();
/// let id = sources.add("a.schema", "model User { }\nmodel Bill { }\nBill belongsTo User").unwrap();
/// let bundle = Bundle::of(syntax::parse(sources.get(id)).script);
/// let checked = check::check_noting(&bundle, &sources);
/// let project = ide::Project { sources: &sources, bundle: &bundle, checked: &checked, dialect: Dialect::SQLITE };
/// let found = ide::rename(project, sources.get(id).base + 7, "Person", &mut |_| true).unwrap();
/// let texts: Vec<&str> = found.edits.iter().map(|it| it.0.text.as_str()).collect();
/// assert_eq!(texts, ["Person", " < was: User >", "Person", " < foreignKey: { was: UserId } >"]);
/// assert_eq!(found.told[0], "the table `Users` becomes `People`: its rows stay");
/// ```
///
/// # Errors
/// Why it can't, in words: those of the report that there would be.
pub fn rename(
    project: Project<'_>,
    position: u32,
    name: &str,
    kept: &mut dyn FnMut(Stored) -> bool,
) -> Result<Rename, String> {
    let found = name_at(project, position);
    let meaning = &found.ok_or("nothing that has a name stands here")?.meaning;
    let old = name_of(project, &project.checked.schema, meaning);
    if name.is_empty() || name.contains(['\n', '\r']) {
        return Err("a name is not empty, and stands on one line".into());
    }
    let mut renaming = RenameDraft { project, edits: BTreeMap::new(), cause: RenameCause::Name };
    renaming.direct(meaning, &old, name)?;
    renaming.cause = RenameCause::Follows;
    // What comes by itself from a name may be what something else comes from.
    let after = loop {
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
            break after;
        }
    };
    let mut res = Rename::default();
    renaming.cause = RenameCause::Was;
    let says_was = was::say(&mut renaming, &after.checked.schema, kept, &mut res);
    if says_was {
        let after = renaming.checked()?;
        renaming.verify_no_new_problems(&after, name)?;
    }
    let edit = |(start, it): (u32, DraftedEdit)| {
        (Edit { at: Span::new(start, it.end), text: it.text }, it.cause)
    };
    res.edits = renaming.edits.into_iter().map(edit).collect();
    Ok(res)
}

/// What a project is after a rename.
struct RenamedProject {
    sources: Sources,
    checked: Checked,
}

impl RenameDraft<'_> {
    /// The edits where the name itself is written.
    fn direct(&mut self, meaning: &Meaning, old: &str, new: &str) -> Result<(), String> {
        let Project { sources, checked, .. } = self.project;
        if matches!(meaning, Meaning::Scope(_)) && [old, new].contains(&Query::DEFAULT_SCOPE) {
            let default = Query::DEFAULT_SCOPE;
            return Err(format!("`{default}` holds wherever no scope is named, and no other does"));
        }
        let uses = checked.uses.iter().filter(|it| it.meaning == *meaning);
        let mut declared = false;
        for it in uses {
            // An association that isn't named is declared by its verb.
            let text = sources.slice(it.at);
            let is_table = matches!(meaning, Meaning::Table(_));
            // A text beside a model is its table, which follows.
            let follows = matches!(meaning, Meaning::Model(_))
                && text.starts_with(['"', '\''])
                && !was::is_through(self.project.bundle, it.at);
            if is_table || unquoted(text) == *old && !follows {
                declared |= it.declares;
                self.edit(it.at, in_place(sources, it.at, new));
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
        self.add_option(options.as_ref(), span.end, &format!("{name}: {}", quoted(new)));
        Ok(())
    }

    /// The edits where a name is written that has become another one by those there are.
    fn follow_derived_names(&mut self, after: &Schema) {
        let Project { sources, checked, .. } = self.project;
        for it in &checked.uses {
            if self.edits.contains_key(&it.at.start) {
                continue;
            }
            if let Some(new) = derived_name(sources, (&checked.schema, after), it) {
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
            for (start, it) in own.rev() {
                let range = source.offset(*start)..source.offset(it.end);
                new.edit(source.id, range, &it.text).map_err(|it| it.to_string())?;
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
        let dialect = self.project.dialect;
        let errors = |checked: &Checked| -> Vec<Problem> {
            // Who asks may know already what the database lacks.
            let of_scripts = checked.problems.iter().filter(|it| !matches!(it, Problem::Plan(_)));
            let lacks = plan::problems(&checked.schema, dialect);
            of_scripts.cloned().chain(lacks).filter(|it| !it.is_warning()).collect()
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
        for (start, it) in self.edits.range(source.base..position) {
            let length = u32::try_from(it.text.len()).unwrap_or_default();
            by = by.wrapping_add(length).wrapping_sub(it.end - start);
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
fn derived_name(
    sources: &Sources,
    (before, after): (&Schema, &Schema),
    used: &NameUse,
) -> Option<String> {
    let text = sources.slice(used.at);
    let name = unquoted(text);
    let change = |old: &SmolStr, new: &SmolStr| {
        (old != new && name == *old).then(|| in_place(sources, used.at, new))
    };
    match &used.meaning {
        Meaning::Model(id) => {
            let (old, new) = (&before[*id], after.models.get(id.0 as usize)?);
            // `references: { model: "Users" }`
            if text.starts_with(['"', '\'']) {
                return change(&old.table, &new.table).or_else(|| change(&old.name, &new.name));
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

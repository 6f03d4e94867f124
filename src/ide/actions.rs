//! What can be done with what stands at a place, besides giving it another name.
//!
//! Each is tried on the texts before it is offered: where the script would have a new problem, it isn't.

mod associations;
mod create;
mod extract;
mod references;

use super::names::Project;
use crate::ast::{Bundle, Sentence};
use crate::check::{self, Checked};
use crate::diagnostics::{Edit, Problem};
use crate::plan;
use crate::source::Span;
use crate::sql::Dialect;
use crate::syntax;
use crate::verbs::{Declaration, Verb, Verbal, verbal};
use std::collections::HashSet;
use std::sync::Arc;

/// Something that can be done, as edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptAction {
    /// What it does.
    pub title: String,
    /// The edits, in order.
    pub edits: Vec<Edit>,
}

/// What can be done with what stands in a place.
///
/// ```
/// use relata::{ast::Bundle, check, ide, source::Sources, sql::Dialect, syntax};
/// let mut sources = Sources::default();
/// let id = sources.add("a.schema", "model User { }\nmodel Bill { }\nBill belongsTo User").unwrap();
/// let bundle = Bundle::of(syntax::parse(sources.get(id)).script);
/// let checked = check::check_noting(&bundle, &sources);
/// let project = ide::Project { sources: &sources, bundle: &bundle, checked: &checked, dialect: Dialect::SQLITE };
/// let found = ide::actions(project, sources.get(id).span(31..31));
/// let texts: Vec<&str> = found.iter().map(|it| it.edits[0].text.as_str()).collect();
/// assert_eq!(texts, [" < foreignKey: UserId >", "\nUser hasMany Bill < foreignKey: UserId >"]);
/// ```
pub fn actions(project: Project<'_>, within: Span) -> Vec<ScriptAction> {
    let touches = |it: Span| it.start <= within.end && within.start <= it.end;
    // What is said otherwise or once more leaves all keys as they are.
    let (mut found, mut respelled) = (create::missing(project, within), Vec::new());
    for (_, sentence) in project.bundle.sentences().filter(|(_, it)| touches(it.span)) {
        match verbal(sentence) {
            Verbal::Second(_, Verb::Associate(_)) => {
                let mut all = project.checked.schema.associations();
                let own = all.find(|(_, it)| it.span.start == sentence.span.start);
                if let Some((_, association)) = own {
                    respelled.extend(associations::name_key(project, sentence, association));
                    respelled.extend(associations::other_side(project, sentence, association));
                    respelled.extend(references::into_references(project, sentence, association));
                }
            }
            Verbal::First(Verb::Declare(Declaration::Model | Declaration::Abstract)) => {
                respelled.extend(extract::extract_enumeration(project, sentence, within));
                respelled.extend(extract::extract_attributes(project, sentence, within));
                respelled.extend(references::into_association(project, sentence, within));
            }
            Verbal::First(_)
            | Verbal::Second(..)
            | Verbal::Unknown(_)
            | Verbal::Sql(_)
            | Verbal::Nothing => {}
        }
    }
    for edit in found.iter_mut().chain(&mut respelled).flat_map(|it| &mut it.edits) {
        end_lines_alike(project, edit);
    }
    let (before, known) = (&project.checked.schema, messages(project.checked, project.dialect));
    let sound = |it: &ScriptAction| {
        checked_with(project, &it.edits)
            .filter(|after| messages(after, project.dialect).is_subset(&known))
    };
    found.retain(|it| sound(it).is_some());
    respelled.retain(|it| match sound(it) {
        Some(after) => references::same_keys(before, &after.schema),
        None => false,
    });
    found.extend(respelled);
    found
}

/// In a script whose lines end with two characters, those that are written do, too.
fn end_lines_alike(project: Project<'_>, edit: &mut Edit) {
    let source = project.sources.at(edit.at.start);
    if source.is_some_and(|it| it.text.contains("\r\n")) {
        edit.text = edit.text.replace("\r\n", "\n").replace('\n', "\r\n");
    }
}

/// What the scripts mean with edits made; none where they can't be.
fn checked_with(project: Project<'_>, edits: &[Edit]) -> Option<Checked> {
    let Project { sources, bundle, .. } = project;
    let mut new = sources.clone();
    for edit in edits.iter().rev() {
        let source = sources.at(edit.at.start)?;
        new.edit(source.id, source.range(edit.at), &edit.text).ok()?;
    }
    let (mut scripts, mut changed) = (bundle.scripts.clone(), HashSet::new());
    for (place, script) in scripts.iter_mut().enumerate() {
        let (before, after) = (sources.get(script.source), new.get(script.source));
        if !Arc::ptr_eq(&before.text, &after.text) {
            let parsed = syntax::parse(after);
            if parsed.script.broken.len() > script.broken.len() {
                return None;
            }
            *script = Arc::new(parsed.script);
            changed.insert(place);
        }
    }
    // The sentences of a script that has others now stand where its first one stood.
    let mut order = Vec::new();
    for (script, sentence) in &bundle.order {
        if changed.remove(script) {
            let sentences = &scripts.get(*script)?.sentences;
            let imports = |it: &Sentence| {
                matches!(verbal(it), Verbal::First(Verb::Declare(Declaration::Import)))
            };
            let all = sentences.iter().enumerate().filter(|(_, it)| !imports(it));
            order.extend(all.map(|it| (*script, it.0)));
        } else if Arc::ptr_eq(bundle.scripts.get(*script)?, scripts.get(*script)?) {
            order.push((*script, *sentence));
        }
    }
    let bundle = Bundle { scripts, order, ..bundle.clone() };
    Some(check::check(&bundle, &new))
}

/// What is wrong, what the database lacks included.
fn messages(checked: &Checked, dialect: &Dialect) -> HashSet<String> {
    let lacks = plan::problems(&checked.schema, dialect);
    checked.problems.iter().chain(&lacks).map(Problem::to_string).collect()
}

/// Where an option is added to a sentence, and how.
fn with_option(sentence: &Sentence, text: &str) -> Edit {
    let first = sentence.options.as_ref().and_then(|it| it.items.first());
    let (at, text) = match first {
        Some(first) => (first.span().start, format!("{text}, ")),
        None => (sentence.span.end, format!(" < {text} >")),
    };
    Edit { at: Span::new(at, at), text }
}

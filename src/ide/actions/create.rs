//! What a script names and nothing declares is declared.

use super::super::hierarchy;
use super::super::names::{Project, quoted};
use super::ScriptAction;
use crate::ast::{Member, Pair, Script, Sentence, ValueKind};
use crate::diagnostics::{CheckProblem, Edit, Problem};
use crate::source::{Source, Span};

/// The type of an attribute of which nothing is known but its name.
const ATTRIBUTE_TYPE: &str = "STRING";

/// Declares the model, the attribute or the enumeration that is missing in a place.
pub(super) fn missing(project: Project<'_>, within: Span) -> Vec<ScriptAction> {
    let mut found = Vec::new();
    for problem in &project.checked.problems {
        let Problem::Check(problem) = problem else {
            continue;
        };
        let touches = |at: Span| at.start <= within.end && within.start <= at.end;
        match problem {
            CheckProblem::UnknownModel { name, at, .. } if touches(*at) => {
                let line = format!("model {} {{ }}", quoted(name));
                found.extend(declared_before(project, *at, &line));
            }
            CheckProblem::UnknownType { name, at, .. } if touches(*at) => {
                let line = format!("enum {} {{ first }}", quoted(name));
                found.extend(declared_before(project, *at, &line));
            }
            CheckProblem::UnknownAttribute { model, name, at, .. } if touches(*at) => {
                found.extend(attribute(project, model, name));
            }
            _ => {}
        }
    }
    found
}

/// A declaration before the sentence in which its name stands.
fn declared_before(project: Project<'_>, at: Span, line: &str) -> Option<ScriptAction> {
    let within = |it: &Sentence| it.span.start <= at.start && at.end <= it.span.end;
    let (script, sentence) = project.bundle.sentences().find(|(_, it)| within(it))?;
    let start = start_with_doc(project, script, sentence)?;
    let edits = vec![Edit { at: Span::new(start, start), text: format!("{line}\n") }];
    Some(ScriptAction { title: format!("create `{line}`"), edits })
}

/// Where a sentence begins: its documentation stays with it.
pub(super) fn start_with_doc(
    project: Project<'_>,
    script: &Script,
    sentence: &Sentence,
) -> Option<u32> {
    doc_start(project, script, sentence.span.start)
}

/// Where what begins at a place begins with its documentation.
pub(super) fn doc_start(project: Project<'_>, script: &Script, at: u32) -> Option<u32> {
    let source = project.sources.at(at)?;
    let between = |it: Span| source.slice(it).trim().is_empty();
    let doc = script.doc(at, between);
    Some(doc.first().map_or(at, |it| it.start))
}

/// The sentence that declares a model.
pub(super) fn declaring<'a>(project: Project<'a>, model: &str) -> Option<&'a Sentence> {
    let declared = hierarchy::models(project).find(|it| it.name == model)?;
    project.bundle.sentences().map(|it| it.1).find(|it| it.span == declared.span)
}

/// The attribute among a model's members that a place is in, or at.
pub(super) fn attribute_within(members: &[Member], within: Span) -> Option<&Pair> {
    members.iter().find_map(|it| match it {
        Member::Pair(pair) => {
            let at = pair.span();
            (at.start <= within.end && within.start <= at.end).then_some(pair)
        }
        Member::Sentence(_) => None,
    })
}

/// What stands before a member on its line, where each stands on a line of its own: its indentation.
pub(super) fn indent_of(source: &Source, body: Span, member: Span) -> Option<&str> {
    let before = source.slice(Span::new(body.start, member.start));
    before.rsplit_once('\n').map(|it| it.1).filter(|it| it.trim().is_empty())
}

/// An attribute behind those that a model has.
fn attribute(project: Project<'_>, model: &str, name: &str) -> Option<ScriptAction> {
    let sentence = declaring(project, model)?;
    let ValueKind::Object(body) = &sentence.argument.as_ref()?.kind else {
        return None;
    };
    let source = project.sources.at(sentence.span.start)?;
    let member = format!("{}: {ATTRIBUTE_TYPE}", quoted(name));
    let edit = match body.members.last() {
        Some(last) => {
            let (last, end) = (last.span(), body.span.end);
            let indent = indent_of(source, body.span, last);
            let comma = source.slice(Span::new(last.end, end)).trim_start().starts_with(',');
            let text = match indent {
                Some(indent) => format!("{}\n{indent}{member}", if comma { "," } else { "" }),
                None => format!(", {member}"),
            };
            Edit { at: last.at_end(), text }
        }
        None => {
            let start = body.span.start + 1;
            Edit { at: Span::new(start, body.span.end - 1), text: format!(" {member} ") }
        }
    };
    let title = format!("add to {}: {member}", quoted(model));
    Some(ScriptAction { title, edits: vec![edit] })
}

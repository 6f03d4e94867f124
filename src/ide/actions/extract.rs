//! What several share gets a place of its own: an inline ENUM, attributes.

use super::super::names::{Project, quoted};
use super::ScriptAction;
use super::create::{attribute_within, doc_start, indent_of, start_with_doc};
use crate::ast::{Call, Member, Sentence, ValueKind};
use crate::diagnostics::Edit;
use crate::source::Span;

/// Gives an inline ENUM a name, so that other attributes can have it.
pub(super) fn extract_enumeration(
    project: Project<'_>,
    sentence: &Sentence,
    within: Span,
) -> Option<ScriptAction> {
    let name = &sentence.words.last()?.head.text;
    let ValueKind::Object(body) = &sentence.argument.as_ref()?.kind else {
        return None;
    };
    let pair = attribute_within(&body.members, within)?;
    let value = pair.value.as_ref()?;
    let ValueKind::Call(call) = &value.kind else {
        return None;
    };
    let Call { name: type_name, arguments, suffixes, .. } = &**call;
    if type_name.text != "ENUM" || !suffixes.is_empty() || arguments.is_empty() {
        return None;
    }
    let key = &pair.key.text;
    let mut letters = key.chars();
    let first = letters.next()?.to_uppercase();
    let own: String = name.chars().chain(first).chain(letters).collect();
    let source = project.sources.at(value.span.start)?;
    let members: Vec<&str> = arguments.iter().map(|it| source.slice(it.span)).collect();
    let own = quoted(&own);
    let script = project.bundle.scripts.iter().find(|it| it.source == source.id)?;
    let start = start_with_doc(project, script, sentence)?;
    let declared = format!("enum {own} {{ {} }}\n\n", members.join(", "));
    let edits = vec![
        Edit { at: Span::new(start, start), text: declared },
        Edit { at: value.span, text: own.clone() },
    ];
    Some(ScriptAction { title: format!("extract `enum {own}`"), edits })
}

/// Puts the attributes of a model that are selected into an `abstract model`, which it extends.
pub(super) fn extract_attributes(
    project: Project<'_>,
    sentence: &Sentence,
    within: Span,
) -> Option<ScriptAction> {
    // One that extends another already has its base.
    let [.., name] = &*sentence.words else { return None };
    let ValueKind::Object(body) = &sentence.argument.as_ref()?.kind else {
        return None;
    };
    if sentence.words.len() != 2 {
        return None;
    }
    let chosen = |it: &&Member| {
        let span = it.span();
        within.start <= span.start && span.end <= within.end
    };
    let all: Vec<&Member> = body.members.iter().filter(chosen).collect();
    let (first, last) = (all.first()?, all.last()?);
    if all.len() < 2 || all.len() == body.members.len() {
        return None;
    }
    let source = project.sources.at(sentence.span.start)?;
    let own = quoted(&format!("{}Base", name.head.text));
    let script = project.bundle.scripts.iter().find(|it| it.source == source.id)?;
    // Their documentation goes with them, and that of the next one stays.
    let begins = doc_start(project, script, first.span().start)?;
    let taken = source.slice(Span::new(begins, last.span().end));
    // What follows the last of them, up to the next member or the bracket, goes with them.
    let next = body.members.iter().map(Member::span).find(|it| it.start > last.span().start);
    let at = match next {
        Some(next) => Span::new(begins, doc_start(project, script, next.start)?),
        None => {
            let before =
                body.members.iter().map(Member::span).rfind(|it| it.end <= first.span().start)?;
            Span::new(before.end, last.span().end)
        }
    };
    let start = start_with_doc(project, script, sentence)?;
    let taken = match indent_of(source, body.span, first.span()) {
        Some(indent) => format!("\n{indent}{taken}\n"),
        None => format!(" {taken} "),
    };
    let declared = format!("abstract model {own} {{{taken}}}\n\n");
    let edits = vec![
        Edit { at: Span::new(start, start), text: declared },
        Edit { at: name.span.at_end(), text: format!(" extends {own}") },
        Edit { at, text: String::new() },
    ];
    Some(ScriptAction { title: format!("extract `abstract model {own}`"), edits })
}

//! What may stand at the cursor.

use super::disk;
use super::edits;
use super::places::ProtocolPlaces;
use super::project::Asked;
use super::server::{Answered, Server};
use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, CompletionList, CompletionParams,
    CompletionResponse, Documentation, InsertTextFormat, MarkupContent, MarkupKind, TextEdit,
};
use relata::check;
use relata::ide::{self, Candidate, CandidateKind, Declarations};
use relata::verbs;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;

/// `textDocument/completion`
pub(super) fn complete<W: Write>(
    server: &mut Server<'_, W>,
    params: &CompletionParams,
) -> Answered<Option<CompletionResponse>> {
    let at = &params.text_document_position_params;
    let client = server.client;
    server.know_all();
    let asked = server.latest(&at.text_document.uri)?;
    let mut places = ProtocolPlaces::new(asked.project, client.unit);
    let offset = places.offset(asked.source, at.position);
    let known = Declarations { schema: asked.schema(), variables: &[] };
    let Some(script) = asked.script() else { return Ok(None) };
    let found = ide::complete_in(script, asked.source, offset, known);
    let range = places.range(asked.source, asked.source.span(found.range.clone()));
    let mut items = Vec::new();
    if found.path {
        let begun = asked.source.text.get(found.range.clone()).unwrap_or_default();
        let name = disk::name(&at.text_document.uri);
        items.extend(files(Path::new(&name), begun).into_iter().map(|it| CompletionItem {
            kind: Some(CompletionItemKind::File),
            text_edit: Some(TextEdit { range, new_text: it.clone() }.into()),
            label: it,
            ..CompletionItem::default()
        }));
    }
    for (place, it) in found.items.iter().enumerate() {
        items.push(item(it, place, range, client.snippets));
    }
    if found.model {
        elsewhere(asked, range, &found.items, &mut places, &mut items);
    }
    Ok(Some(CompletionList { items, ..CompletionList::default() }.into()))
}

/// Models of scripts that aren't imported, each with the line that imports its own.
fn elsewhere<'a>(
    asked: Asked<'a>,
    range: gen_lsp_types::Range,
    known: &[Candidate],
    places: &mut ProtocolPlaces<'a>,
    items: &mut Vec<CompletionItem>,
) {
    let Some(script) = asked.script() else { return };
    let begun = asked.source.text.get(asked.source.range(places.span(asked.source, range)));
    let begun = begun.unwrap_or_default().trim_matches('`').to_lowercase();
    let mut seen: BTreeSet<&str> = known.iter().map(|it| it.text.trim_matches('`')).collect();
    for other in asked.project.all() {
        for (_, model) in other.schema().models() {
            let source = asked.project.sources().at(model.span.start);
            let begins = model.name.to_lowercase().starts_with(&begun);
            let Some(source) = source.filter(|it| begins && it.id != asked.source.id) else {
                continue;
            };
            if asked.schema().model_named(&model.name).is_some() || !seen.insert(&model.name) {
                continue;
            }
            let Some(path) = edits::import_path(&asked.source.name, &source.name) else {
                continue;
            };
            let edit = ide::import(script, asked.source, &path);
            let imports =
                TextEdit { range: places.range(asked.source, edit.at), new_text: edit.text };
            let new_text = check::written_name(&model.name).into_owned();
            items.push(CompletionItem {
                label: model.name.to_string(),
                kind: Some(CompletionItemKind::Class),
                detail: Some(format!("import \"{path}\"")),
                sort_text: Some(format!("{:05}", items.len())),
                filter_text: Some(new_text.clone()),
                text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit { range, new_text })),
                additional_text_edits: Some(vec![imports]),
                ..CompletionItem::default()
            });
        }
    }
}

fn item(
    candidate: &Candidate,
    place: usize,
    range: gen_lsp_types::Range,
    snippets: bool,
) -> CompletionItem {
    // `where: (` is closed, and what stands within is typed next.
    let closed = match candidate.opening.trim_end().chars().last() {
        Some('(') => Some(")"),
        Some('[') => Some("]"),
        Some('{') => Some("}"),
        _ => None,
    };
    let (new_text, format) = match closed.filter(|_| snippets) {
        Some(close) => {
            let text = candidate.text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}");
            let close = if close == "}" { "\\}" } else { close };
            (format!("{text}{}$1{close}$0", candidate.opening), Some(InsertTextFormat::Snippet))
        }
        None => (
            format!("{}{}", candidate.text, if closed.is_some() { candidate.opening } else { "" }),
            None,
        ),
    };
    CompletionItem {
        label: candidate.text.trim_matches('`').to_owned(),
        kind: Some(kind(candidate.kind)),
        detail: Some(candidate.detail.to_string()).filter(|it| !it.is_empty()),
        documentation: documentation(candidate),
        // As they come: the most sensible first.
        sort_text: Some(format!("{place:05}")),
        filter_text: Some(candidate.text.to_string()),
        insert_text_format: format,
        text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit { range, new_text })),
        ..CompletionItem::default()
    }
}

const fn kind(kind: CandidateKind) -> CompletionItemKind {
    match kind {
        CandidateKind::Verb => CompletionItemKind::Keyword,
        CandidateKind::Model => CompletionItemKind::Class,
        CandidateKind::Variable => CompletionItemKind::Variable,
        CandidateKind::Attribute => CompletionItemKind::Field,
        CandidateKind::Association => CompletionItemKind::Reference,
        CandidateKind::Option => CompletionItemKind::Property,
        CandidateKind::Type => CompletionItemKind::TypeParameter,
        CandidateKind::Word => CompletionItemKind::Value,
        CandidateKind::Scope => CompletionItemKind::Method,
    }
}

/// A verb's page; a page is long, so the rest have their line alone.
fn documentation(candidate: &Candidate) -> Option<Documentation> {
    let page = match candidate.kind {
        CandidateKind::Verb => verbs::page(&candidate.text)?,
        CandidateKind::Model
        | CandidateKind::Variable
        | CandidateKind::Attribute
        | CandidateKind::Association
        | CandidateKind::Option
        | CandidateKind::Type
        | CandidateKind::Word
        | CandidateKind::Scope => return None,
    };
    let content = MarkupContent { kind: MarkupKind::Markdown, value: page.to_owned() };
    Some(content.into())
}

/// The files beside a script whose paths begin so, folders with a `/`.
fn files(script: &Path, begun: &str) -> Vec<String> {
    let (folder, _) = begun.rsplit_once('/').unwrap_or_default();
    let Some(beside) = script.parent().filter(|_| script.is_absolute()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(beside.join(folder)).into_iter().flatten().flatten() {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let is_folder = entry.path().is_dir();
        if name.starts_with('.') || entry.path() == script {
            continue;
        }
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        found.push(if is_folder { path + "/" } else { path });
    }
    found.sort();
    found
}

//! Names: where they are declared and used.

use super::places::ProtocolPlaces;
use super::project::Asked;
use super::server::{Answered, Server};
use gen_lsp_types::{
    Definition, DefinitionParams, DefinitionResponse, DocumentHighlight, DocumentHighlightKind,
    DocumentHighlightParams, Location, Position, PrepareRenameParams, PrepareRenamePlaceholder,
    PrepareRenameResult, ReferenceParams, TypeDefinitionParams, TypeDefinitionResponse,
};
use relata::check::Meaning;
use relata::ide;
use relata::source::{Span, Unit};
use std::collections::BTreeSet;
use std::io::Write;

/// The position in all texts that a client asks about.
pub(super) fn position(asked: Asked<'_>, at: Position, unit: Unit) -> u32 {
    let offset = ProtocolPlaces::new(asked.project, unit).offset(asked.source, at);
    asked.source.span(offset..offset).start
}

/// `textDocument/definition`
pub(super) fn definition<W: Write>(
    server: &mut Server<'_, W>,
    params: &DefinitionParams,
) -> Answered<Option<DefinitionResponse>> {
    let at = &params.text_document_position_params;
    let unit = server.client.unit;
    let asked = server.current(&at.text_document.uri)?;
    let found = ide::definition(asked.names(), position(asked, at.position, unit));
    let location = found.and_then(|it| ProtocolPlaces::new(asked.project, unit).location(it));
    Ok(location.map(|it| Definition::from(it).into()))
}

/// `textDocument/typeDefinition`
pub(super) fn type_definition<W: Write>(
    server: &mut Server<'_, W>,
    params: &TypeDefinitionParams,
) -> Answered<Option<TypeDefinitionResponse>> {
    let at = &params.text_document_position_params;
    let unit = server.client.unit;
    let asked = server.current(&at.text_document.uri)?;
    let found = ide::type_definition(asked.names(), position(asked, at.position, unit));
    let location = found.and_then(|it| ProtocolPlaces::new(asked.project, unit).location(it));
    Ok(location.map(|it| Definition::from(it).into()))
}

/// `textDocument/references`
pub(super) fn references<W: Write>(
    server: &mut Server<'_, W>,
    params: &ReferenceParams,
) -> Answered<Option<Vec<Location>>> {
    let at = &params.text_document_position_params;
    let unit = server.client.unit;
    let with_declarations = params.context.include_declaration;
    let mut found: Vec<Location> = Vec::new();
    // What is asked about stands in the first root; others may import its script as well.
    let position = position(server.current(&at.text_document.uri)?, at.position, unit);
    let name = super::disk::name(&at.text_document.uri);
    for asked in server.project.current_in_all(&name) {
        let names = asked.names();
        let declared: BTreeSet<Span> =
            names.checked.uses.iter().filter(|it| it.declares).map(|it| it.at).collect();
        let mut places = ProtocolPlaces::new(asked.project, unit);
        for span in ide::references(names, position) {
            if !with_declarations && declared.contains(&span) {
                continue;
            }
            let location = places.location(span);
            found.extend(location.filter(|it| !found.contains(it)));
        }
    }
    // In whatever order the texts came to be known.
    found.sort_by(|one, two| order(one).cmp(&order(two)));
    Ok(Some(found))
}

/// Locations are told by script and place.
pub(super) fn order(location: &Location) -> (&str, u32, u32) {
    (&location.uri.0, location.range.start.line, location.range.start.character)
}

/// `textDocument/documentHighlight`
pub(super) fn highlights<W: Write>(
    server: &mut Server<'_, W>,
    params: &DocumentHighlightParams,
) -> Answered<Option<Vec<DocumentHighlight>>> {
    let at = &params.text_document_position_params;
    let unit = server.client.unit;
    let asked = server.current(&at.text_document.uri)?;
    let names = asked.names();
    let declared: BTreeSet<Span> =
        names.checked.uses.iter().filter(|it| it.declares).map(|it| it.at).collect();
    let own = asked.source.span(0..asked.source.text.len());
    let mut places = ProtocolPlaces::new(asked.project, unit);
    let spans = ide::references(names, position(asked, at.position, unit)).into_iter();
    let spans = spans.filter(|it| own.start <= it.start && it.end <= own.end);
    let each = spans.map(|it| DocumentHighlight {
        range: places.range(asked.source, it),
        kind: Some(if declared.contains(&it) {
            DocumentHighlightKind::Write
        } else {
            DocumentHighlightKind::Read
        }),
    });
    Ok(Some(each.collect()))
}

/// `textDocument/prepareRename`
pub(super) fn prepare_rename<W: Write>(
    server: &mut Server<'_, W>,
    params: &PrepareRenameParams,
) -> Answered<Option<PrepareRenameResult>> {
    let at = &params.text_document_position_params;
    let unit = server.client.unit;
    let asked = server.current(&at.text_document.uri)?;
    // A file gets another name in the editor's tree; imports follow that.
    let found = ide::name_at(asked.names(), position(asked, at.position, unit));
    let Some(found) = found.filter(|it| !matches!(it.meaning, Meaning::Script(_))) else {
        return Ok(None);
    };
    let placeholder = asked.project.sources().slice(found.at).trim_matches(['`', '"']).to_owned();
    let range = ProtocolPlaces::new(asked.project, unit).range(asked.source, found.at);
    Ok(Some(PrepareRenamePlaceholder { range, placeholder }.into()))
}

//! What scripts are made of: symbols, folds, selections, links, colours, hints.

use super::places::ProtocolPlaces;
use super::project::Asked;
use super::server::{Answered, Server};
use gen_lsp_types::{
    BaseSymbolInformation, DocumentLink, DocumentLinkParams, DocumentSymbol, DocumentSymbolParams,
    DocumentSymbolResponse, FoldingRange, FoldingRangeKind, FoldingRangeParams, Hover, HoverParams,
    InlayHint, InlayHintKind, InlayHintParams, Location, MarkupContent, MarkupKind, SelectionRange,
    SelectionRangeParams, SymbolKind, WorkspaceSymbol, WorkspaceSymbolParams,
    WorkspaceSymbolResponse,
};
use relata::ide::{self, OutlineItem, OutlineKind};
use std::io::Write;

const fn kind(kind: OutlineKind) -> SymbolKind {
    match kind {
        OutlineKind::Model => SymbolKind::Class,
        OutlineKind::View => SymbolKind::Interface,
        OutlineKind::Enumeration => SymbolKind::Enum,
        OutlineKind::Member => SymbolKind::EnumMember,
        OutlineKind::Attribute => SymbolKind::Field,
        OutlineKind::Association => SymbolKind::Property,
        OutlineKind::Rule => SymbolKind::Key,
        OutlineKind::Variable => SymbolKind::Variable,
        OutlineKind::Step => SymbolKind::Event,
    }
}

fn outline(asked: Asked<'_>) -> Vec<OutlineItem> {
    asked.script().map_or_else(Vec::new, |it| ide::outline(it, asked.source))
}

/// `textDocument/documentSymbol`
pub(super) fn symbols<W: Write>(
    server: &mut Server<'_, W>,
    params: &DocumentSymbolParams,
) -> Answered<Option<DocumentSymbolResponse>> {
    let unit = server.client.unit;
    let asked = server.latest(&params.text_document.uri)?;
    let mut places = ProtocolPlaces::new(asked.project, unit);
    let all = outline(asked);
    let each: Vec<DocumentSymbol> = all.iter().map(|it| symbol(it, asked, &mut places)).collect();
    Ok(Some(each.into()))
}

#[expect(deprecated, reason = "a field of the protocol that is left out")]
fn symbol<'a>(
    item: &OutlineItem,
    asked: Asked<'a>,
    places: &mut ProtocolPlaces<'a>,
) -> DocumentSymbol {
    let children = item.children.iter().map(|it| symbol(it, asked, places)).collect();
    DocumentSymbol {
        // A name is not empty there.
        name: if item.name.is_empty() { "``".to_owned() } else { item.name.to_string() },
        detail: Some(item.detail.to_string()).filter(|it| !it.is_empty()),
        kind: kind(item.kind),
        tags: None,
        deprecated: None,
        range: places.range(asked.source, item.span),
        selection_range: places.range(asked.source, item.name_span),
        children: Some(children),
    }
}

/// How many symbols of a workspace are told at once.
const MOST: usize = 500;

/// `workspace/symbol`
#[expect(clippy::unnecessary_wraps, reason = "what answers a request may refuse it")]
pub(super) fn workspace_symbols<W: Write>(
    server: &mut Server<'_, W>,
    params: &WorkspaceSymbolParams,
) -> Answered<Option<WorkspaceSymbolResponse>> {
    let unit = server.client.unit;
    let mut found: Vec<(usize, WorkspaceSymbol)> = Vec::new();
    for name in server.project.names() {
        let Some(asked) = server.project.latest(&name) else {
            continue;
        };
        let mut places = ProtocolPlaces::new(asked.project, unit);
        let all = outline(asked);
        let with_children = all.iter().flat_map(|it| {
            std::iter::once((None, it))
                .chain(it.children.iter().map(move |child| (Some(it), child)))
        });
        for (within, it) in with_children {
            let Some(distance) = fuzzy(&it.name, &params.query) else {
                continue;
            };
            let uri = asked.project.uri(&name);
            let range = places.range(asked.source, it.name_span);
            let symbol = WorkspaceSymbol {
                location: Location { uri, range }.into(),
                data: None,
                base_symbol_information: BaseSymbolInformation {
                    name: it.name.to_string(),
                    kind: kind(it.kind),
                    tags: None,
                    container_name: within.map(|it| it.name.to_string()),
                },
            };
            found.push((distance, symbol));
        }
    }
    found.sort_by_key(|it| it.0);
    found.truncate(MOST);
    let all: Vec<WorkspaceSymbol> = found.into_iter().map(|it| it.1).collect();
    Ok(Some(all.into()))
}

/// How far the letters of `query` lie from each other in a name, which has them in that order.
fn fuzzy(name: &str, query: &str) -> Option<usize> {
    let mut letters = name.chars().flat_map(char::to_lowercase).enumerate();
    let (mut last, mut distance) = (None, 0);
    for wanted in query.chars().filter(|it| !it.is_whitespace()).flat_map(char::to_lowercase) {
        let (place, _) = letters.find(|(_, it)| *it == wanted)?;
        distance += last.map_or(place, |it| place - it - 1);
        last = Some(place);
    }
    Some(distance)
}

/// `textDocument/foldingRange`
pub(super) fn folds<W: Write>(
    server: &mut Server<'_, W>,
    params: &FoldingRangeParams,
) -> Answered<Option<Vec<FoldingRange>>> {
    let unit = server.client.unit;
    let asked = server.latest(&params.text_document.uri)?;
    let mut places = ProtocolPlaces::new(asked.project, unit);
    let each = ide::folds(&asked.source.text).into_iter().map(|it| {
        let range = places.range(asked.source, asked.source.span(it.range));
        // The line of a closing bracket stays.
        let end = if it.comment { range.end.line } else { range.end.line.saturating_sub(1) };
        FoldingRange {
            start_line: range.start.line,
            end_line: end.max(range.start.line),
            kind: it.comment.then_some(FoldingRangeKind::Comment),
            ..FoldingRange::default()
        }
    });
    Ok(Some(each.filter(|it| it.end_line > it.start_line).collect()))
}

/// `textDocument/selectionRange`
pub(super) fn selections<W: Write>(
    server: &mut Server<'_, W>,
    params: &SelectionRangeParams,
) -> Answered<Option<Vec<SelectionRange>>> {
    let unit = server.client.unit;
    let asked = server.latest(&params.text_document.uri)?;
    let mut places = ProtocolPlaces::new(asked.project, unit);
    let mut found = Vec::new();
    for at in &params.positions {
        let offset = places.offset(asked.source, *at);
        let mut selection: Option<SelectionRange> = None;
        for range in ide::enclosing(&asked.source.text, offset).into_iter().rev() {
            let range = places.range(asked.source, asked.source.span(range));
            selection = Some(SelectionRange { range, parent: selection.map(Box::new) });
        }
        found.extend(selection);
    }
    Ok(Some(found))
}

/// `textDocument/documentLink`
pub(super) fn links<W: Write>(
    server: &mut Server<'_, W>,
    params: &DocumentLinkParams,
) -> Answered<Option<Vec<DocumentLink>>> {
    let unit = server.client.unit;
    let asked = server.current(&params.text_document.uri)?;
    let (bundle, sources) = (asked.root.bundle(), asked.project.sources());
    let mut places = ProtocolPlaces::new(asked.project, unit);
    let own = asked.source.span(0..asked.source.text.len());
    let own = bundle.imports.iter().filter(|it| own.start <= it.at.start && it.at.end <= own.end);
    let each = own.filter_map(|it| {
        let name = &sources.get(bundle.scripts.get(it.script)?.source).name;
        Some(DocumentLink {
            range: places.range(asked.source, it.at),
            target: Some(asked.project.uri(name)),
            ..DocumentLink::default()
        })
    });
    Ok(Some(each.collect()))
}

/// `textDocument/hover`
pub(super) fn hover<W: Write>(
    server: &mut Server<'_, W>,
    params: &HoverParams,
) -> Answered<Option<Hover>> {
    let at = &params.text_document_position_params;
    let unit = server.client.unit;
    let asked = server.current(&at.text_document.uri)?;
    let mut places = ProtocolPlaces::new(asked.project, unit);
    let offset = places.offset(asked.source, at.position);
    let position = asked.source.span(offset..offset).start;
    let Some(found) = ide::hover(asked.names(), position, asked.project.dialect()) else {
        return Ok(None);
    };
    let content = MarkupContent { kind: MarkupKind::Markdown, value: found.text };
    let range = Some(places.range(asked.source, found.at));
    Ok(Some(Hover { contents: content.into(), range }))
}

/// `textDocument/inlayHint`
pub(super) fn hints<W: Write>(
    server: &mut Server<'_, W>,
    params: &InlayHintParams,
) -> Answered<Option<Vec<InlayHint>>> {
    if !server.shown.inlay_hints {
        return Ok(None);
    }
    let unit = server.client.unit;
    let asked = server.current(&params.text_document.uri)?;
    let mut places = ProtocolPlaces::new(asked.project, unit);
    let within = places.span(asked.source, params.range);
    let each = ide::hints(asked.names(), within).into_iter().map(|it| {
        let at = relata::source::Span::new(it.at, it.at);
        InlayHint {
            position: places.range(asked.source, at).start,
            label: it.text.into(),
            kind: Some(InlayHintKind::Type),
            text_edits: None,
            tooltip: None,
            padding_left: Some(true),
            padding_right: None,
            data: None,
        }
    });
    Ok(Some(each.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_found_by_some_of_their_letters() {
        assert_eq!(fuzzy("Invoice", "inv"), Some(0));
        assert_eq!(fuzzy("firstName", "fn"), Some(4));
        assert_eq!(fuzzy("User", "x"), None);
        assert_eq!(fuzzy("User", ""), Some(0));
    }
}

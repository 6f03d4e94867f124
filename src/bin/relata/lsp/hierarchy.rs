//! Which model extends which.

use super::disk;
use super::places::ProtocolPlaces;
use super::project::Asked;
use super::server::{Answered, Server};
use gen_lsp_types::{
    Position, SymbolKind, TypeHierarchyItem, TypeHierarchyPrepareParams,
    TypeHierarchySubtypesParams, TypeHierarchySupertypesParams, Uri,
};
use relata::ide::{self, DeclaredModel};
use relata::source::Unit;
use std::io::Write;

/// `textDocument/prepareTypeHierarchy`
pub(super) fn prepare<W: Write>(
    server: &mut Server<'_, W>,
    params: &TypeHierarchyPrepareParams,
) -> Answered<Option<Vec<TypeHierarchyItem>>> {
    let at = &params.text_document_position_params;
    let unit = server.client.unit;
    let asked = server.current(&at.text_document.uri)?;
    let found = model_at(asked, at.position, unit);
    Ok(found.and_then(|it| item(asked, &it, unit)).map(|it| vec![it]))
}

/// `typeHierarchy/supertypes`
pub(super) fn supertypes<W: Write>(
    server: &mut Server<'_, W>,
    params: &TypeHierarchySupertypesParams,
) -> Answered<Option<Vec<TypeHierarchyItem>>> {
    of_item(server, &params.item, |asked, model| {
        ide::base_of(asked.names(), model).into_iter().collect()
    })
}

/// `typeHierarchy/subtypes`
pub(super) fn subtypes<W: Write>(
    server: &mut Server<'_, W>,
    params: &TypeHierarchySubtypesParams,
) -> Answered<Option<Vec<TypeHierarchyItem>>> {
    of_item(server, &params.item, |asked, model| ide::extended_by(asked.names(), model))
}

/// What is related to a model that was told before, in all roots that have its script.
fn of_item<W: Write>(
    server: &mut Server<'_, W>,
    told: &TypeHierarchyItem,
    related: fn(Asked<'_>, &DeclaredModel) -> Vec<DeclaredModel>,
) -> Answered<Option<Vec<TypeHierarchyItem>>> {
    let (uri, at): (&Uri, Position) = (&told.uri, told.selection_range.start);
    let unit = server.client.unit;
    server.current(uri)?;
    let mut found: Vec<TypeHierarchyItem> = Vec::new();
    for asked in server.project.current_in_all(&disk::name(uri)) {
        let all = model_at(asked, at, unit).map(|it| related(asked, &it)).unwrap_or_default();
        let new = all.iter().filter_map(|it| item(asked, it, unit));
        for it in new {
            if !found.contains(&it) {
                found.push(it);
            }
        }
    }
    Ok(Some(found))
}

fn model_at(asked: Asked<'_>, at: Position, unit: Unit) -> Option<DeclaredModel> {
    let offset = ProtocolPlaces::new(asked.project, unit).offset(asked.source, at);
    ide::model_at(asked.names(), asked.source.span(offset..offset).start)
}

fn item(asked: Asked<'_>, model: &DeclaredModel, unit: Unit) -> Option<TypeHierarchyItem> {
    let mut places = ProtocolPlaces::new(asked.project, unit);
    let all = places.location(model.span)?;
    Some(TypeHierarchyItem {
        name: model.name.to_string(),
        kind: if model.is_abstract { SymbolKind::Interface } else { SymbolKind::Class },
        tags: None,
        detail: model.is_abstract.then(|| "abstract model".to_owned()),
        uri: all.uri,
        range: all.range,
        selection_range: places.location(model.name_span)?.range,
        data: None,
    })
}

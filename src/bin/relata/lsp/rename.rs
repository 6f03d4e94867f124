//! How names and files get other ones.

use super::edits::{self, AnnotatedEdits};
use super::names::position;
use super::server::{Answered, RefusedRequest, Server};
use gen_lsp_types::{ChangeAnnotation, RenameFilesParams, RenameParams, WorkspaceEdit};
use relata::diagnostics::Edit;
use relata::ide::{self, Rename, RenameCause};
use std::collections::BTreeSet;
use std::io::Write;

/// `textDocument/rename`
pub(super) fn rename<W: Write>(
    server: &mut Server<'_, W>,
    params: &RenameParams,
) -> Answered<Option<WorkspaceEdit>> {
    let at = &params.text_document_position_params;
    let (unit, client) = (server.client.unit, server.client);
    let position = position(server.current(&at.text_document.uri)?, at.position, unit);
    let name = super::disk::name(&at.text_document.uri);
    let database = server.database.clone();
    let mut all = Rename::default();
    let roots = server.project.current_in_all(&name);
    for asked in &roots {
        let mut tables = database.tables();
        let mut kept = |stored| tables.has(asked.schema(), stored);
        let found = ide::rename(asked.names(), position, &params.new_name, &mut kept);
        let found = found.map_err(RefusedRequest::failed)?;
        for edit in found.edits {
            // A script of several roots is changed once, by all of them alike.
            match all.edits.iter().find(|it| it.0.at == edit.0.at) {
                None => all.edits.push(edit),
                Some(same) if same.0 == edit.0 => {}
                Some(_) => {
                    let why = "it has another name as part of another script";
                    return Err(RefusedRequest::failed(why));
                }
            }
        }
        let new = found.told.into_iter().filter(|it| !all.told.contains(it));
        all.told.extend(new.collect::<Vec<_>>());
        all.loses |= found.loses;
    }
    let Some(first) = roots.first() else { return Ok(None) };
    if !client.annotations {
        let edits: Vec<Edit> = all.edits.into_iter().map(|it| it.0).collect();
        return Ok(Some(edits::workspace_edit(first.project, client, &edits)));
    }
    let causes: BTreeSet<RenameCause> = all.edits.iter().map(|it| it.1).collect();
    let annotations = causes.into_iter().map(|it| (id(it), annotation(it, &params.new_name, &all)));
    let each = all.edits.iter().map(|it| (it.0.clone(), id(it.1)));
    let annotated = AnnotatedEdits { edits: each.collect(), annotations: annotations.collect() };
    Ok(Some(edits::annotated_edit(first.project, client, annotated)))
}

const fn id(cause: RenameCause) -> &'static str {
    match cause {
        RenameCause::Name => "name",
        RenameCause::Follows => "follows",
        RenameCause::Was => "was",
    }
}

/// What the client can show of a rename: why something is written, and what becomes another name in a database.
fn annotation(cause: RenameCause, name: &str, all: &Rename) -> ChangeAnnotation {
    let label = match cause {
        RenameCause::Name => format!("the new name: `{name}`"),
        RenameCause::Follows => "what comes from the name by itself".to_owned(),
        RenameCause::Was => "what it was, so that the database's rows stay".to_owned(),
    };
    let tells = match cause {
        RenameCause::Name => !all.told.is_empty(),
        RenameCause::Follows | RenameCause::Was => false,
    };
    ChangeAnnotation {
        label,
        // Whoever would lose values says so.
        needs_confirmation: Some(tells && all.loses),
        description: tells.then(|| all.told.join("; ")),
    }
}

/// `workspace/willRenameFiles`: imports follow.
#[expect(clippy::unnecessary_wraps, reason = "what answers a request may refuse it")]
pub(super) fn rename_files<W: Write>(
    server: &mut Server<'_, W>,
    params: &RenameFilesParams,
) -> Answered<Option<WorkspaceEdit>> {
    let client = server.client;
    while server.project.check_next() {}
    let project = &server.project;
    let mut all: Vec<Edit> = Vec::new();
    for asked in project.all() {
        for it in &params.files {
            for edit in edits::imports(asked, &it.old_uri, &it.new_uri) {
                if !all.contains(&edit) {
                    all.push(edit);
                }
            }
        }
    }
    Ok(Some(edits::workspace_edit(project, client, &all)))
}

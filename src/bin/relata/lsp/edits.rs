//! Edits, as the protocol has them.

use super::disk;
use super::places::ProtocolPlaces;
use super::project::{Asked, ScriptFolders};
use super::server::ClientFeatures;
use gen_lsp_types::{
    AnnotatedTextEdit, ChangeAnnotation, DocumentChange, Edit as ProtocolEdit,
    OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextDocumentIdentifier, TextEdit,
    Uri, WorkspaceEdit,
};
use relata::diagnostics::Edit;
use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path, PathBuf};

/// Edits, each with the number of what is said of it.
pub(super) struct AnnotatedEdits {
    pub(super) edits: Vec<(Edit, &'static str)>,
    pub(super) annotations: Vec<(&'static str, ChangeAnnotation)>,
}

/// Edits of several scripts, with what is said of them; for a client that takes that.
pub(super) fn annotated_edit(
    project: &ScriptFolders,
    client: ClientFeatures,
    all: AnnotatedEdits,
) -> WorkspaceEdit {
    let mut places = ProtocolPlaces::new(project, client.unit);
    let mut by_script: BTreeMap<String, Vec<AnnotatedTextEdit>> = BTreeMap::new();
    for (edit, id) in all.edits {
        if let Some(source) = project.sources().at(edit.at.start) {
            let text_edit = TextEdit { range: places.range(source, edit.at), new_text: edit.text };
            let own = by_script.entry(source.name.to_string()).or_default();
            own.push(AnnotatedTextEdit::new(id.to_owned(), text_edit));
        }
    }
    let annotations = all.annotations.into_iter().map(|(id, it)| (id.to_owned(), it)).collect();
    WorkspaceEdit {
        document_changes: Some(document_changes(project, by_script)),
        change_annotations: Some(annotations),
        ..WorkspaceEdit::default()
    }
}

/// The edits of each script, with the version that they are of.
fn document_changes<E: Into<ProtocolEdit>>(
    project: &ScriptFolders,
    by_script: BTreeMap<String, Vec<E>>,
) -> Vec<DocumentChange> {
    let each = by_script.into_iter().map(|(name, edits)| {
        let text_document = OptionalVersionedTextDocumentIdentifier {
            version: project.open_scripts().get(&name).map(|it| it.version),
            text_document_identifier: TextDocumentIdentifier { uri: project.uri(&name) },
        };
        let edits = edits.into_iter().map(Into::into).collect();
        TextDocumentEdit { text_document, edits }.into()
    });
    each.collect()
}

/// Edits of several scripts.
pub(super) fn workspace_edit(
    project: &ScriptFolders,
    client: ClientFeatures,
    edits: &[Edit],
) -> WorkspaceEdit {
    let mut places = ProtocolPlaces::new(project, client.unit);
    let mut by_script: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
    for edit in edits {
        if let Some(source) = project.sources().at(edit.at.start) {
            let range = places.range(source, edit.at);
            let new_text = edit.text.clone();
            by_script
                .entry(source.name.to_string())
                .or_default()
                .push(TextEdit { range, new_text });
        }
    }
    if !client.document_changes {
        let changes: HashMap<Uri, Vec<TextEdit>> =
            by_script.into_iter().map(|(name, edits)| (project.uri(&name), edits)).collect();
        return WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() };
    }
    let document_changes = Some(document_changes(project, by_script));
    WorkspaceEdit { document_changes, ..WorkspaceEdit::default() }
}

/// The edits by which imports follow a script that gets another path.
pub(super) fn imports(asked: Asked<'_>, old: &Uri, new: &Uri) -> Vec<Edit> {
    let (old, Some(new)) = (disk::name(old), disk::path(new)) else {
        return Vec::new();
    };
    let (bundle, sources) = (asked.root.bundle(), asked.project.sources());
    let name =
        |script: usize| bundle.scripts.get(script).map_or("", |it| &*sources.get(it.source).name);
    let mut found = Vec::new();
    for it in &bundle.imports {
        let (by, script) = (name(it.by), name(it.script));
        let (from, to) = if script == old {
            (PathBuf::from(by), new.clone())
        } else if by == old {
            (new.clone(), PathBuf::from(script))
        } else {
            continue;
        };
        if by == old && from.parent() == Path::new(&old).parent() {
            continue;
        }
        let text = format!("\"{}\"", relative(from.parent().unwrap_or(&from), &to));
        found.push(Edit { at: it.at, text });
    }
    found
}

/// The path by which a script imports another; none where one of them is no file.
pub(super) fn import_path(by: &str, script: &str) -> Option<String> {
    let (by, script) = (Path::new(by), Path::new(script));
    let are_files = by.is_absolute() && script.is_absolute();
    are_files.then(|| relative(by.parent().unwrap_or(by), script))
}

/// A path as an import in a folder says it.
fn relative(folder: &Path, to: &Path) -> String {
    let (mut from, mut to) = (folder.components().peekable(), to.components().peekable());
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    let up = from.map(|_| "..".to_owned());
    let down = to.filter(|it| matches!(it, Component::Normal(_)));
    let parts: Vec<String> =
        up.chain(down.map(|it| it.as_os_str().to_string_lossy().into_owned())).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_count_from_their_script() {
        let check = |folder: &str, to: &str| relative(Path::new(folder), Path::new(to));
        assert_eq!(check("/a", "/a/b.schema"), "b.schema");
        assert_eq!(check("/a/c", "/a/b.schema"), "../b.schema");
        assert_eq!(check("/a", "/a/c/d/b.schema"), "c/d/b.schema");
    }
}

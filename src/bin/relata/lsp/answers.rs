//! Which request is answered by what, and what the client is told of it.

use super::server::{Answered, ClientFeatures, RefusedRequest, Server, read};
use super::{
    actions, colours, commands, completion, formatting, hierarchy, names, outline, rename, reports,
    signature,
};
use gen_lsp_types::json_rpc::Error;
use gen_lsp_types::{ErrorCodes, LspErrorCodes, Request};
use relata::source::Unit;
use serde_json::{Value, json};
use std::io::Write;

/// A request's handler, as the server calls it.
struct ClientRequest<'s, 'a, W: Write> {
    server: &'s mut Server<'a, W>,
    method: &'s str,
    params: Option<Value>,
    answer: Option<Answered<String>>,
}

impl<'a, W: Write> ClientRequest<'_, 'a, W> {
    /// Answers by `handler`, where it is this request.
    fn on<R: Request>(
        mut self,
        handler: fn(&mut Server<'a, W>, &R::Params) -> Answered<R::Result>,
    ) -> Self {
        if self.method == R::METHOD.as_str()
            && let Some(params) = self.params.take()
        {
            let answer = read(params).and_then(|it: R::Params| handler(self.server, &it));
            self.answer = Some(answer.and_then(|it| {
                serde_json::to_string(&it)
                    .map_err(|error| RefusedRequest::failed(error.to_string()))
            }));
        }
        self
    }

    fn finish(self) -> Answered<String> {
        self.answer.unwrap_or_else(|| {
            let message = format!("`{}` is not known", self.method);
            Err(RefusedRequest(Error { code: ErrorCodes::MethodNotFound, message, data: None }))
        })
    }
}

/// Answers a request, as JSON.
pub(super) fn answer<W: Write>(
    server: &mut Server<'_, W>,
    method: &str,
    params: Value,
) -> Answered<String> {
    ClientRequest { server, method, params: Some(params), answer: None }
        .on::<gen_lsp_types::CompletionRequest>(completion::complete)
        .on::<gen_lsp_types::SignatureHelpRequest>(signature::help)
        .on::<gen_lsp_types::HoverRequest>(outline::hover)
        .on::<gen_lsp_types::DefinitionRequest>(names::definition)
        .on::<gen_lsp_types::TypeDefinitionRequest>(names::type_definition)
        .on::<gen_lsp_types::TypeHierarchyPrepareRequest>(hierarchy::prepare)
        .on::<gen_lsp_types::TypeHierarchySupertypesRequest>(hierarchy::supertypes)
        .on::<gen_lsp_types::TypeHierarchySubtypesRequest>(hierarchy::subtypes)
        .on::<gen_lsp_types::ReferencesRequest>(names::references)
        .on::<gen_lsp_types::DocumentHighlightRequest>(names::highlights)
        .on::<gen_lsp_types::PrepareRenameRequest>(names::prepare_rename)
        .on::<gen_lsp_types::RenameRequest>(rename::rename)
        .on::<gen_lsp_types::WillRenameFilesRequest>(rename::rename_files)
        .on::<gen_lsp_types::CodeActionRequest>(actions::actions)
        .on::<gen_lsp_types::DocumentSymbolRequest>(outline::symbols)
        .on::<gen_lsp_types::WorkspaceSymbolRequest>(outline::workspace_symbols)
        .on::<gen_lsp_types::FoldingRangeRequest>(outline::folds)
        .on::<gen_lsp_types::SelectionRangeRequest>(outline::selections)
        .on::<gen_lsp_types::DocumentLinkRequest>(outline::links)
        .on::<gen_lsp_types::InlayHintRequest>(outline::hints)
        .on::<gen_lsp_types::CodeLensRequest>(commands::lenses)
        .on::<gen_lsp_types::ExecuteCommandRequest>(commands::execute)
        .on::<gen_lsp_types::SemanticTokensRequest>(colours::all)
        .on::<gen_lsp_types::SemanticTokensDeltaRequest>(colours::changes)
        .on::<gen_lsp_types::SemanticTokensRangeRequest>(colours::of_range)
        .on::<gen_lsp_types::DocumentFormattingRequest>(formatting::format)
        .on::<gen_lsp_types::DocumentRangeFormattingRequest>(formatting::format_range)
        .on::<gen_lsp_types::DocumentOnTypeFormattingRequest>(formatting::format_typed)
        .on::<gen_lsp_types::DocumentDiagnosticRequest>(reports::of_script)
        .on::<gen_lsp_types::WorkspaceDiagnosticRequest>(reports::of_workspace)
        .finish()
}

/// Whether a question is answered at once, or given up: all but those that begin and end the talk, and a script that is run.
pub(super) fn is_soon_answered(method: &str, params: &Value) -> bool {
    !matches!(method, "initialize" | "shutdown") && commands::script_to_run(params).is_none()
}

/// What a client is told whose question takes too long.
pub(super) fn too_slow() -> Error {
    let message = "it takes more than 2 seconds".to_owned();
    Error { code: i32::from(LspErrorCodes::RequestFailed).into(), message, data: None }
}

/// What is said to `initialize`: what the client can do, and what the server can.
pub(super) fn capabilities(params: &Value) -> (ClientFeatures, Value) {
    let can = |path: &str| {
        params.pointer(&format!("/capabilities/{path}")).is_some_and(|it| *it == Value::Bool(true))
    };
    let encodings = params.pointer("/capabilities/general/positionEncodings");
    let encodings: Vec<&str> = encodings
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    // Bytes cost nothing to count; a client that says nothing counts in UTF-16.
    let (unit, encoding) = if encodings.contains(&"utf-8") {
        (Unit::Utf8, "utf-8")
    } else if encodings.contains(&"utf-32") && !encodings.contains(&"utf-16") {
        (Unit::Utf32, "utf-32")
    } else {
        (Unit::Utf16, "utf-16")
    };
    let parent = params.get("processId").and_then(Value::as_i64);
    let client = ClientFeatures {
        unit,
        pulls: params
            .pointer("/capabilities/textDocument/diagnostic")
            .is_some_and(Value::is_object),
        snippets: can("textDocument/completion/completionItem/snippetSupport"),
        document_changes: can("workspace/workspaceEdit/documentChanges"),
        annotations: can("workspace/workspaceEdit/documentChanges")
            && params
                .pointer("/capabilities/workspace/workspaceEdit/changeAnnotationSupport")
                .is_some_and(Value::is_object),
        watches: can("workspace/didChangeWatchedFiles/dynamicRegistration"),
        refreshes: can("workspace/semanticTokens/refreshSupport"),
        parent: parent.and_then(|it| i32::try_from(it).ok()),
    };
    let scripts =
        json!({ "filters": [{ "scheme": "file", "pattern": { "glob": "**/*.schema" } }] });
    let capabilities = json!({
        "positionEncoding": encoding,
        "textDocumentSync": { "openClose": true, "change": 2, "save": false },
        "completionProvider": { "triggerCharacters": [" ", ".", ":", "<", "(", "{", "[", ",", "\"", "/"] },
        "signatureHelpProvider": { "triggerCharacters": ["<", ",", "(", ":"] },
        "hoverProvider": true,
        "definitionProvider": true,
        "typeDefinitionProvider": true,
        "typeHierarchyProvider": true,
        "referencesProvider": true,
        "documentHighlightProvider": true,
        "documentSymbolProvider": true,
        "workspaceSymbolProvider": true,
        "codeActionProvider": { "codeActionKinds": actions::KINDS },
        "codeLensProvider": {},
        "documentLinkProvider": {},
        "inlayHintProvider": true,
        "foldingRangeProvider": true,
        "selectionRangeProvider": true,
        "renameProvider": { "prepareProvider": true },
        "documentFormattingProvider": true,
        "documentRangeFormattingProvider": true,
        "documentOnTypeFormattingProvider": { "firstTriggerCharacter": "}" },
        "executeCommandProvider": { "commands": commands::NAMES },
        "semanticTokensProvider": {
            "legend": { "tokenTypes": colours::TYPES, "tokenModifiers": [] },
            "full": { "delta": true },
            "range": true,
        },
        "diagnosticProvider": {
            "identifier": "relata",
            "interFileDependencies": true,
            "workspaceDiagnostics": true,
        },
        "workspace": {
            "workspaceFolders": { "supported": true, "changeNotifications": true },
            "fileOperations": { "willRename": scripts },
        },
    });
    let info = json!({ "name": "relata", "version": env!("CARGO_PKG_VERSION") });
    (client, json!({ "capabilities": capabilities, "serverInfo": info }))
}

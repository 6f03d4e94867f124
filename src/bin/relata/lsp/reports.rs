//! What is wrong with the scripts, as the protocol has it.

use super::places::ProtocolPlaces;
use super::project::ScriptFolders;
use gen_lsp_types::{
    Code, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    DocumentDiagnosticParams, DocumentDiagnosticReport, FullDocumentDiagnosticReport, Message,
    RelatedFullDocumentDiagnosticReport, WorkspaceDiagnosticParams, WorkspaceDiagnosticReport,
    WorkspaceDocumentDiagnosticReport, WorkspaceFullDocumentDiagnosticReport,
};
use relata::diagnostics::Problem;
use relata::source::{Source, Span, Unit};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;

use super::disk;
use super::server::{Answered, Server};
use super::told::Published;

impl Published {
    /// What the client has to be told: the scripts of which something else is known now; or one alone, if it is.
    pub(super) fn changes(
        &mut self,
        project: &ScriptFolders,
        unit: Unit,
        only: Option<&str>,
    ) -> Vec<Value> {
        let mut all = all(project, unit, only);
        // What is gone has no problems any more.
        for name in self.0.keys().filter(|_| only.is_none()) {
            all.entry(name.clone()).or_default();
        }
        let mut changes = Vec::new();
        for (name, diagnostics) in all {
            let version = project.open_scripts().get(&name).map(|it| it.version);
            let told = self.0.get(&name);
            let known = told.is_some_and(|it| it.0 == diagnostics && it.1 == version);
            if known || told.is_none() && diagnostics.is_empty() && version.is_none() {
                continue;
            }
            let uri = project.uri(&name).0;
            let mut params = json!({ "uri": uri, "diagnostics": diagnostics });
            if let (Some(version), Value::Object(params)) = (version, &mut params) {
                params.insert("version".to_owned(), json!(version));
            }
            changes.push(params);
            self.0.insert(name, (diagnostics, version));
        }
        self.0.retain(|_, it| !it.0.is_empty() || it.1.is_some());
        changes
    }
}

/// What is wrong with each script, or with one alone.
fn all(
    project: &ScriptFolders,
    unit: Unit,
    only: Option<&str>,
) -> BTreeMap<String, Vec<Diagnostic>> {
    let mut places = ProtocolPlaces::new(project, unit);
    let problems = project.problems(only).into_iter();
    let each = problems.filter_map(|(name, problems)| {
        let source = project.source(&name)?;
        let mut all: Vec<Diagnostic> =
            problems.into_iter().map(|it| diagnostic(&mut places, source, it)).collect();
        all.extend(project.unused(&name).into_iter().map(|it| unused(&mut places, source, it)));
        Some((name, all))
    });
    each.collect()
}

/// A problem, in the script in which it is told.
pub(super) fn diagnostic<'a>(
    places: &mut ProtocolPlaces<'a>,
    source: &'a Source,
    problem: &Problem,
) -> Diagnostic {
    let span = problem.span().unwrap_or(source.span(0..0));
    let mut message = problem.to_string();
    if let Some(help) = problem.help() {
        message.push_str("\nhelp: ");
        message.push_str(&help);
    }
    // The first of its places is the range itself.
    let labels = problem.labels();
    let related = labels.iter().skip(1).filter_map(|it| {
        let message = if it.text.is_empty() { "here".to_owned() } else { it.text.clone() };
        Some(DiagnosticRelatedInformation { location: places.location(it.span)?, message })
    });
    let related: Vec<_> = related.collect();
    let severity =
        if problem.is_warning() { DiagnosticSeverity::Warning } else { DiagnosticSeverity::Error };
    Diagnostic {
        range: places.range(source, span),
        severity: Some(severity),
        code: Some(Code::String(problem.code().to_owned())),
        code_description: None,
        source: Some("relata".to_owned()),
        message: Message::String(message),
        tags: None,
        related_information: Some(related).filter(|it| !it.is_empty()),
        data: None,
    }
}

/// A name that nothing uses, which editors fade.
fn unused<'a>(places: &mut ProtocolPlaces<'a>, source: &'a Source, span: Span) -> Diagnostic {
    let name = source.slice(span);
    Diagnostic {
        range: places.range(source, span),
        severity: Some(DiagnosticSeverity::Hint),
        code: None,
        code_description: None,
        source: Some("relata".to_owned()),
        message: Message::String(format!("nothing uses `{name}`")),
        tags: Some(vec![DiagnosticTag::Unnecessary]),
        related_information: None,
        data: None,
    }
}

/// `textDocument/diagnostic`
pub(super) fn of_script<W: Write>(
    server: &mut Server<'_, W>,
    params: &DocumentDiagnosticParams,
) -> Answered<DocumentDiagnosticReport> {
    server.current(&params.text_document.uri)?;
    let name = disk::name(&params.text_document.uri);
    server.project.current_in_all(&name);
    let mut all = all(&server.project, server.client.unit, Some(&name));
    let items = all.remove(&name).unwrap_or_default();
    let report = FullDocumentDiagnosticReport { result_id: None, items };
    let report = RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: report,
    };
    Ok(report.into())
}

/// `workspace/diagnostic`
#[expect(clippy::unnecessary_wraps, reason = "what answers a request may refuse it")]
pub(super) fn of_workspace<W: Write>(
    server: &mut Server<'_, W>,
    _params: &WorkspaceDiagnosticParams,
) -> Answered<WorkspaceDiagnosticReport> {
    while server.project.check_next() {}
    let project = &server.project;
    let each = all(project, server.client.unit, None).into_iter().map(|(name, items)| {
        WorkspaceDocumentDiagnosticReport::from(WorkspaceFullDocumentDiagnosticReport {
            uri: project.uri(&name),
            version: project.open_scripts().get(&name).map(|it| it.version),
            full_document_diagnostic_report: FullDocumentDiagnosticReport {
                result_id: None,
                items,
            },
        })
    });
    Ok(WorkspaceDiagnosticReport { items: each.collect() })
}

//! What can be done about a problem, and with what stands at a place.

use super::places::ProtocolPlaces;
use super::server::{Answered, Server};
use super::{edits, reports};
use gen_lsp_types::{CodeAction, CodeActionKind, CodeActionParams, CodeActionResponse, Diagnostic};
use relata::diagnostics::Edit;
use relata::{ide, report};
use std::io::Write;

/// The kinds of action.
pub(super) const KINDS: [&str; 3] = ["quickfix", "refactor", FIX_ALL];

/// What `relata check --fix` does.
const FIX_ALL: &str = "source.fixAll.relata";

/// `textDocument/codeAction`
pub(super) fn actions<W: Write>(
    server: &mut Server<'_, W>,
    params: &CodeActionParams,
) -> Answered<Option<Vec<CodeActionResponse>>> {
    let client = server.client;
    let asked = server.current(&params.text_document.uri)?;
    let project = asked.project;
    let wants = |kind: &str| {
        let only = params.context.only.as_deref();
        only.is_none_or(|all| {
            // `source.fixAll` asks for `source.fixAll.relata`, too.
            let within = |wanted: &CodeActionKind| {
                let wanted = wanted.to_string();
                kind == wanted || kind.strip_prefix(&*wanted).is_some_and(|it| it.starts_with('.'))
            };
            all.iter().any(within)
        })
    };
    let mut places = ProtocolPlaces::new(project, client.unit);
    let within = places.span(asked.source, params.range);
    let action = |title: String, kind: CodeActionKind, all: &[Edit]| CodeAction {
        title,
        kind: Some(kind),
        edit: Some(edits::workspace_edit(project, client, all)),
        ..CodeAction::default()
    };
    let own = asked.source.span(0..asked.source.text.len());
    let problems = asked.root.checked().problems.iter().filter(|problem| {
        problem.span().is_some_and(|it| own.start <= it.start && it.end <= own.end)
    });
    let mut found: Vec<CodeAction> = Vec::new();
    if wants("quickfix") {
        for problem in problems.clone() {
            let touches = problem
                .labels()
                .iter()
                .any(|it| it.span.start <= within.end && within.start <= it.span.end);
            let Some(fix) = problem.fix().filter(|_| touches) else {
                continue;
            };
            let diagnostic = reports::diagnostic(&mut places, asked.source, problem);
            let mut fixes =
                action(title(fix.title, fix.edits), CodeActionKind::QuickFix, fix.edits);
            fixes.diagnostics = Some(answered(&params.context.diagnostics, diagnostic));
            fixes.is_preferred = Some(true);
            found.push(fixes);
        }
    }
    if wants("refactor") {
        for it in ide::actions(asked.names(), within) {
            found.push(action(it.title, CodeActionKind::Refactor, &it.edits));
        }
    }
    // A client that asks for nothing in particular shows what is at the cursor.
    if params.context.only.is_some() && wants(FIX_ALL) {
        let all: Vec<_> = problems.cloned().collect();
        let fixed = report::fixed(project.sources(), &all);
        let all: Vec<Edit> = fixed.into_iter().flat_map(|it| it.edits).cloned().collect();
        if !all.is_empty() {
            let kind = CodeActionKind::from(FIX_ALL.to_owned());
            found.push(action("correct all that can be corrected".to_owned(), kind, &all));
        }
    }
    Ok(Some(found.into_iter().map(Into::into).collect()))
}

/// What the menu shows: the help, where that is short, or what is written.
fn title(help: &str, edits: &[Edit]) -> String {
    let line = help.lines().next().unwrap_or_default();
    match edits {
        [Edit { text, .. }] if help.contains('\n') || line.chars().count() > 80 => {
            let text = text.lines().next().unwrap_or_default().trim();
            format!("write `{text}`")
        }
        _ => line.to_owned(),
    }
}

/// The client's own report of a problem, where it sent it.
fn answered(sent: &[Diagnostic], own: Diagnostic) -> Vec<Diagnostic> {
    let same = |it: &&Diagnostic| it.range == own.range && it.code == own.code;
    let found: Vec<Diagnostic> = sent.iter().filter(same).cloned().collect();
    if found.is_empty() { vec![own] } else { found }
}

//! Lenses above models, and the commands behind them.

use super::disk;
use super::names;
use super::places::ProtocolPlaces;
use super::server::{Answered, RefusedRequest, Server};
use gen_lsp_types::{CodeLens, CodeLensParams, Command, ExecuteCommandParams, Uri};
use relata::check::Meaning;
use relata::diagnostics::pages;
use relata::plan;
use relata::source::Span;
use relata::stored::laid_out;
use relata::verbs;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write;

/// A command that any client can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ServerCommand {
    /// The CREATE TABLE statements of a script, in the dialect that is set.
    Sql,
    /// What a script would change of the database that is set.
    Plan,
    /// The page of a code or a verb.
    Explain,
    /// A script is run.
    Run,
    /// Where something is named; the client shows it.
    References,
}

/// All commands that the server carries out.
pub(super) const NAMES: [&str; 4] = [
    ServerCommand::Sql.name(),
    ServerCommand::Plan.name(),
    ServerCommand::Explain.name(),
    ServerCommand::Run.name(),
];

impl ServerCommand {
    const fn name(self) -> &'static str {
        match self {
            Self::Sql => "relata.sql",
            Self::Plan => "relata.plan",
            Self::Explain => "relata.explain",
            Self::Run => "relata.run",
            Self::References => "relata.showReferences",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Sql, Self::Plan, Self::Explain, Self::Run, Self::References]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

/// `workspace/executeCommand`
pub(super) fn execute<W: Write>(
    server: &mut Server<'_, W>,
    params: &ExecuteCommandParams,
) -> Answered<Option<Value>> {
    let unknown = || RefusedRequest::failed(format!("there is no command `{}`", params.command));
    let argument = params.arguments.iter().flatten().next().and_then(Value::as_str);
    match ServerCommand::named(&params.command).ok_or_else(unknown)? {
        ServerCommand::Sql => {
            let uri =
                argument.ok_or_else(|| RefusedRequest::failed("it takes the URI of a script"))?;
            sql(server, &Uri::from(uri)).map(|it| Some(Value::String(it)))
        }
        ServerCommand::Plan => {
            let uri =
                argument.ok_or_else(|| RefusedRequest::failed("it takes the URI of a script"))?;
            let database = server.database.clone();
            let asked = server.current(&Uri::from(uri))?;
            if asked.root.checked().has_errors() {
                return Err(RefusedRequest::failed("the script has errors"));
            }
            database.plan(asked).map(|it| Some(Value::String(it))).map_err(RefusedRequest::failed)
        }
        ServerCommand::Explain => {
            let topic =
                argument.ok_or_else(|| RefusedRequest::failed("it takes a code or a verb"))?;
            let code = pages().iter().find(|it| it.code.eq_ignore_ascii_case(topic));
            let page = code.map(|it| it.text).or_else(|| verbs::page(topic));
            let none = || RefusedRequest::failed(format!("there is no page of `{topic}`"));
            page.map(|it| Some(Value::String(it.to_owned()))).ok_or_else(none)
        }
        // Its answer comes later, and is asked for elsewhere.
        ServerCommand::Run => Err(RefusedRequest::failed("it takes the URI of a script")),
        ServerCommand::References => Err(unknown()),
    }
}

/// The script that a command is to run, where it is that command.
pub(super) fn script_to_run(params: &Value) -> Option<Uri> {
    let command = params.get("command").and_then(Value::as_str).and_then(ServerCommand::named);
    let uri = params.pointer("/arguments/0").and_then(Value::as_str);
    uri.filter(|_| command == Some(ServerCommand::Run)).map(Uri::from)
}

/// The tables of a script and what it imports, as SQL.
fn sql<W: Write>(server: &mut Server<'_, W>, uri: &Uri) -> Answered<String> {
    let asked = server.current(uri)?;
    if asked.root.checked().has_errors() {
        return Err(RefusedRequest::failed("the script has errors"));
    }
    let dialect = asked.project.dialect();
    let statements = plan::create(asked.schema(), dialect);
    let texts = plan::texts(asked.schema(), dialect, &statements);
    Ok(texts.iter().map(|it| laid_out(it) + ";\n").collect())
}

/// `textDocument/codeLens`
pub(super) fn lenses<W: Write>(
    server: &mut Server<'_, W>,
    params: &CodeLensParams,
) -> Answered<Option<Vec<CodeLens>>> {
    if !server.shown.code_lens {
        return Ok(None);
    }
    let unit = server.client.unit;
    let has_database = server.database.0.is_some();
    let asked = server.current(&params.text_document.uri)?;
    let uri = asked.project.uri(&disk::name(&params.text_document.uri)).0;
    let own = asked.source.span(0..asked.source.text.len());
    let uses = &asked.root.checked().uses;
    let mut places = ProtocolPlaces::new(asked.project, unit);
    let mut found = Vec::new();
    let mut named: HashMap<&Meaning, Vec<Span>> = HashMap::new();
    for it in uses.iter().filter(|it| !it.declares) {
        named.entry(&it.meaning).or_default().push(it.at);
    }
    for it in uses.iter().filter(|it| own.start <= it.at.start && it.at.end <= own.end) {
        if !it.declares || !matches!(it.meaning, Meaning::Model(_)) {
            continue;
        }
        let range = places.range(asked.source, it.at);
        let other = named.get(&it.meaning).into_iter().flatten();
        let mut locations: Vec<_> = other.filter_map(|it| places.location(*it)).collect();
        locations.sort_by(|one, two| names::order(one).cmp(&names::order(two)));
        let s = if locations.len() == 1 { "" } else { "s" };
        let command = |title: String, command: ServerCommand, arguments: Vec<Value>| CodeLens {
            range,
            command: Some(Command {
                title,
                command: command.name().to_owned(),
                arguments: Some(arguments),
                ..Command::default()
            }),
            data: None,
        };
        let arguments = vec![json!(uri), json!(range.start), json!(locations)];
        let title = format!("{} reference{s}", locations.len());
        found.push(command(title, ServerCommand::References, arguments));
        found.push(command("SQL".to_owned(), ServerCommand::Sql, vec![json!(uri)]));
        if has_database {
            found.push(command("plan".to_owned(), ServerCommand::Plan, vec![json!(uri)]));
        }
    }
    if let Some(first) = asked.script().and_then(|it| it.sentences.first()) {
        found.push(CodeLens {
            range: places.range(asked.source, Span::new(first.span.start, first.span.start)),
            command: Some(Command {
                title: "run".to_owned(),
                command: ServerCommand::Run.name().to_owned(),
                arguments: Some(vec![json!(uri)]),
                ..Command::default()
            }),
            data: None,
        });
    }
    Ok(Some(found))
}

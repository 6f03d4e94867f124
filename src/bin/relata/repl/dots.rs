//! What begins with a dot: commands of the REPL itself.

use super::{ReplState, changes, save, schema};
use crate::commands::explain;
use crate::formats::{RowLimit, RunFormat};
use crate::output::{Exit, Output};
use crate::printer::statement_text;
use clap::ValueEnum;
use relata::diagnostics::pages;
use relata::ir::Schema;
use relata::load::Input;
use relata::verbs;
use rustyline::completion::{FilenameCompleter, Pair};
use std::borrow::Cow;
use std::ops::ControlFlow;

/// A command.
struct Dot {
    name: &'static str,
    takes: &'static str,
    summary: &'static str,
}

const DOTS: [Dot; 18] = [
    dot(".tables", "", "the tables and views, with the rows that each has"),
    dot(".schema", "[MODEL]", "what has been declared, as sentences"),
    dot(".sql", "[MODEL|last]", "CREATE TABLE of what is declared; the last statements"),
    dot(".sql", "on|off", "whether each sentence shows its statements"),
    dot(".plan", "", "how SQLite finds the rows of the last statements"),
    dot(".diff", "", "what `.apply` would change in the database"),
    dot(".apply", "", "changes the database so, keeping every row"),
    dot(".read", "FILE", "runs a script"),
    dot(".save", "FILE", "writes what was declared as a script"),
    dot(".forget", "MODEL", "takes a declaration back; its table stays"),
    dot(".format", "[FORMAT]", "how results are printed: table, block, markdown, json, csv"),
    dot(".limit", "[N|all]", "how many rows of a sentence are shown"),
    dot(".width", "[N|auto]", "how wide tables are"),
    dot(".timing", "[on|off]", "whether it is told how long each sentence took"),
    dot(".explain", "CODE", "the page of a code that a report shows"),
    dot(".help", "[VERB]", "this list, or the page of a verb"),
    dot(".quit", "", "leaves, as Ctrl-D does"),
    dot(".exit", "", "the same"),
];

const fn dot(name: &'static str, takes: &'static str, summary: &'static str) -> Dot {
    Dot { name, takes, summary }
}

/// The command that a line means: it begins with a dot, or is what people type who don't know that.
pub(super) fn command(line: &str) -> Option<Cow<'_, str>> {
    if line.starts_with('.') {
        return Some(Cow::Borrowed(line));
    }
    match line.trim_end_matches(';') {
        "?" | "help" => Some(Cow::Borrowed(".help")),
        "quit" | "exit" | "\\q" => Some(Cow::Borrowed(".quit")),
        "show tables" | "\\d" | "\\dt" => Some(Cow::Borrowed(".tables")),
        other => other.strip_prefix("help ").map(|it| Cow::Owned(format!(".help {it}"))),
    }
}

/// The command that a line would be that begins with its name, but with no dot.
pub(super) fn without_dot(line: &str) -> Option<&'static str> {
    let first = line.split_whitespace().next()?;
    DOTS.iter().map(|it| it.name).find(|it| it.strip_prefix('.') == Some(first))
}

/// Carries out a line.
pub(super) fn run(
    state: &mut ReplState,
    line: &str,
    output: &mut Output,
) -> (Exit, ControlFlow<()>) {
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let exit = match name {
        ".quit" | ".exit" => return (Exit::Done, ControlFlow::Break(())),
        ".apply" => changes::apply(state, output),
        ".diff" => changes::diff(state, output),
        ".explain" => explain(rest, output),
        ".forget" => forget(state, rest, output),
        ".format" => format(state, rest, output),
        ".help" => help(rest, output),
        ".limit" => limit(state, rest, output),
        ".plan" => changes::plan(state, output),
        ".read" => read(state, rest, output),
        ".save" => save::run(state, rest, output),
        ".schema" => schema::show(state, rest, output),
        ".sql" => sql(state, rest, output),
        ".tables" => schema::tables(state, output),
        ".timing" => on_or_off(rest, &mut state.timing, ".timing", output),
        ".width" => width(state, rest, output),
        _ => {
            let message = format!("there is no command `{name}`");
            output.unknown(&message, name, DOTS.iter().map(|it| it.name), "`.help` lists them all")
        }
    };
    (exit, ControlFlow::Continue(()))
}

fn read(state: &mut ReplState, path: &str, output: &mut Output) -> Exit {
    if path.is_empty() {
        return output.wrong("which file?", "`.read shop.schema`");
    }
    state.run_all(&[Input::Path(path.trim_matches('"'))], output)
}

fn on_or_off(rest: &str, switch: &mut bool, name: &str, output: &mut Output) -> Exit {
    match rest {
        "on" => *switch = true,
        "off" => *switch = false,
        "" => output.line(if *switch { "on" } else { "off" }),
        _ => {
            let help = format!("`{name} on`");
            return output.wrong(&format!("`{rest}` is neither on nor off"), &help);
        }
    }
    Exit::Done
}

fn sql(state: &mut ReplState, rest: &str, output: &mut Output) -> Exit {
    match rest {
        "on" | "off" => on_or_off(rest, &mut state.shows_statements, ".sql", output),
        "last" => {
            for (sql, parameters) in &state.statements {
                output.statement(&statement_text(sql, parameters));
                output.line("");
            }
            Exit::Done
        }
        model => {
            let dialect = state.session.database().dialect();
            schema::statements(state.session.schema(), dialect, model, output)
        }
    }
}

/// Narrower than this, nothing could be drawn.
const NARROWEST: usize = 10;

fn width(state: &mut ReplState, rest: &str, output: &mut Output) -> Exit {
    match (rest, rest.parse()) {
        ("", _) => {
            let width = state.printing.width.map(|it| it.to_string());
            output.line(&width.unwrap_or_else(|| "auto".to_owned()));
        }
        ("auto", _) => state.printing.width = None,
        (_, Ok(width)) if width >= NARROWEST => state.printing.width = Some(width),
        _ => {
            let message = format!("`{rest}` is no number of columns, at least {NARROWEST}");
            return output.wrong(&message, "`.width 100`, or `.width auto`");
        }
    }
    Exit::Done
}

fn format(state: &mut ReplState, rest: &str, output: &mut Output) -> Exit {
    let formats: Vec<(String, RunFormat)> = RunFormat::value_variants()
        .iter()
        .filter_map(|it| Some((it.to_possible_value()?.get_name().to_owned(), *it)))
        .collect();
    if rest.is_empty() {
        let own = formats.iter().find(|(_, it)| *it == state.format);
        output.line(own.map_or("", |(name, _)| name));
        return Exit::Done;
    }
    let Some((_, format)) = formats.iter().find(|(name, _)| name == rest) else {
        let names = formats.iter().map(|(name, _)| name.as_str());
        let message = format!("there is no format `{rest}`");
        return output.unknown(&message, rest, names, "`.format table`");
    };
    state.format = *format;
    Exit::Done
}

fn limit(state: &mut ReplState, rest: &str, output: &mut Output) -> Exit {
    if rest.is_empty() {
        output.line(&state.printing.limit.in_words());
        return Exit::Done;
    }
    match RowLimit::parse(rest) {
        Ok(limit) => {
            state.printing.limit = limit;
            Exit::Done
        }
        Err(what) => output.wrong(&format!("`{rest}` is not {what}"), "`.limit 100`"),
    }
}

/// Takes back what is declared under a name; shows all that goes with it, so that it can be typed again.
fn forget(state: &mut ReplState, name: &str, output: &mut Output) -> Exit {
    if name.is_empty() {
        return output.wrong("which model?", "`.forget User`");
    }
    let gone = state.session.forget(name);
    if gone.is_empty() {
        let models = state.session.schema().models();
        let names = models.map(|(_, it)| it.name.as_str());
        let message = format!("nothing declares `{name}`");
        return output.unknown(&message, name, names, "`.schema` shows what is declared");
    }
    output.line("forgotten:");
    for line in gone.iter().flat_map(|it| it.lines()) {
        output.line(&format!("  {line}"));
    }
    Exit::Done
}

fn explain(rest: &str, output: &mut Output) -> Exit {
    let help = "a code stands in each report: `.explain E0202`";
    if rest.is_empty() {
        return output.wrong("which code?", help);
    }
    page(rest, &format!("there is no code `{rest}`"), help, output)
}

/// The page of a code or a verb.
fn page(topic: &str, unknown: &str, help: &str, output: &mut Output) -> Exit {
    if let Some(text) = explain::page(topic) {
        output.page(text);
        return Exit::Done;
    }
    match explain::near(topic) {
        Some(near) => output.wrong(unknown, &format!("did you mean `{near}`?")),
        None => output.wrong(unknown, help),
    }
}

fn help(verb: &str, output: &mut Output) -> Exit {
    let own: Vec<&Dot> = DOTS.iter().filter(|it| it.name == verb).collect();
    if verb.is_empty() || !own.is_empty() {
        return list(if own.is_empty() { None } else { Some(&own) }, output);
    }
    let unknown = format!("there is no verb `{verb}`");
    page(verb, &unknown, "Tab behind `.help ` lists the verbs", output)
}

/// Says what commands do: some, or all of them.
fn list(some: Option<&[&Dot]>, output: &mut Output) -> Exit {
    for it in some.into_iter().flatten() {
        told(it, output);
    }
    if some.is_some() {
        return Exit::Done;
    }
    output.line("A sentence runs when its line is complete; a name or expression alone is shown.");
    for it in DOTS.iter().filter(|it| it.name != ".exit") {
        told(it, output);
    }
    output.line("`.help findAll` is the page of a verb; Tab behind `.help ` lists the verbs.");
    output.line("Tab completes, Ctrl-R searches the history, Ctrl-C stops, Ctrl-D leaves.");
    Exit::Done
}

fn told(dot: &Dot, output: &mut Output) {
    let usage = format!("{} {}", dot.name, dot.takes);
    output.line(&format!("  {usage:<19} {}", dot.summary));
}

/// What may stand behind a dot.
pub(super) fn complete(
    line: &str,
    at: usize,
    schema: &Schema,
    paths: &FilenameCompleter,
) -> (usize, Vec<Pair>) {
    let before = line.get(..at).unwrap_or_default();
    let Some((name, rest)) = before.split_once(' ') else {
        let mut names: Vec<&str> = DOTS.iter().map(|it| it.name).collect();
        names.dedup();
        return (0, pairs(before, names));
    };
    let start = at - rest.trim_start().len();
    let rest = rest.trim_start();
    let models = || schema.models().map(|(_, it)| it.name.as_str());
    let found = match name {
        ".help" => pairs(rest, verbs::page_names()),
        ".schema" | ".forget" => pairs(rest, models()),
        ".sql" => pairs(rest, ["on", "off", "last"].into_iter().chain(models())),
        ".timing" => pairs(rest, ["on", "off"]),
        ".width" => pairs(rest, ["auto"]),
        ".format" => pairs(rest, ["table", "block", "markdown", "json", "csv"]),
        ".limit" => pairs(rest, ["all"]),
        ".explain" => pairs(rest, pages().iter().map(|it| it.code)),
        ".save" | ".read" => {
            let found = paths.complete_path(rest, rest.len());
            let (from, pairs) = found.unwrap_or_default();
            return (start + from, pairs);
        }
        _ => Vec::new(),
    };
    (start, found)
}

fn pairs<'a>(begun: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<Pair> {
    let fits = names.into_iter().filter(|it| it.starts_with(begun));
    fits.map(|it| Pair { display: it.to_owned(), replacement: it.to_owned() }).collect()
}

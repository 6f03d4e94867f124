//! What begins with a dot: commands of the REPL itself.

use super::{ReplState, save, schema};
use crate::commands::explain;
use crate::formats::{RowLimit, RunFormat};
use crate::output::{Exit, Output};
use clap::ValueEnum;
use relata::diagnostics::pages;
use relata::ir::Schema;
use relata::verbs;
use rustyline::completion::{FilenameCompleter, Pair};
use std::ops::ControlFlow;

/// A command.
struct Dot {
    name: &'static str,
    takes: &'static str,
    summary: &'static str,
}

const DOTS: [Dot; 10] = [
    Dot { name: ".explain", takes: "CODE", summary: "the long story of an error code" },
    Dot {
        name: ".forget",
        takes: "MODEL",
        summary: "removes a declaration, so that it can be written again; its table stays",
    },
    Dot {
        name: ".format",
        takes: "FORMAT",
        summary: "how results are printed: table, block, markdown, json, csv",
    },
    Dot {
        name: ".help",
        takes: "[VERB]",
        summary: "this list and the verbs; or how a verb is used",
    },
    Dot { name: ".limit", takes: "N|all", summary: "how many rows of a sentence are shown" },
    Dot { name: ".quit", takes: "", summary: "leaves, as Ctrl-D does" },
    Dot { name: ".save", takes: "FILE", summary: "writes what was declared as a script" },
    Dot {
        name: ".schema",
        takes: "[MODEL]",
        summary: "the statements that make the tables, and the associations",
    },
    Dot { name: ".sql", takes: "on|off", summary: "whether each sentence shows its statements" },
    Dot {
        name: ".tables",
        takes: "",
        summary: "the tables of the database, and how many rows each has",
    },
];

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
        ".format" => format(state, rest, output),
        ".help" => help(rest, output),
        ".limit" => limit(state, rest, output),
        ".explain" => explain(rest, output),
        ".forget" => forget(state, rest, output),
        ".tables" => schema::tables(state, output),
        ".schema" => schema::show(state.session.schema(), rest, output),
        ".save" => save::run(state, rest, output),
        ".sql" => sql(state, rest, output),
        _ => {
            let message = format!("there is no command `{name}`");
            output.unknown(&message, name, DOTS.iter().map(|it| it.name), "`.help` lists them all")
        }
    };
    (exit, ControlFlow::Continue(()))
}

fn sql(state: &mut ReplState, rest: &str, output: &mut Output) -> Exit {
    match rest {
        "on" => state.options.explain = true,
        "off" => state.options.explain = false,
        "" => {
            let word = if state.options.explain { "on" } else { "off" };
            output.line(word);
        }
        _ => {
            return output.wrong(&format!("`{rest}` is neither on nor off"), "`.sql on`");
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
    let code = rest.to_ascii_uppercase();
    if let Some(page) = pages().iter().find(|it| it.code == code) {
        output.write(&explain::plain(page.text));
        return Exit::Done;
    }
    let help = "a code stands in each report: `.explain E0202`";
    if code.is_empty() {
        return output.wrong("which code?", help);
    }
    let message = format!("there is no code `{rest}`");
    output.unknown(&message, &code, pages().iter().map(|it| it.code), help)
}

fn help(verb: &str, output: &mut Output) -> Exit {
    if verb.is_empty() {
        output.line("Write a sentence, and it runs when its line is complete:");
        output.line("  model User { name: STRING }\n  sync\n");
        for it in &DOTS {
            let usage = format!("{} {}", it.name, it.takes);
            output.line(&format!("  {usage:<18} {}", it.summary));
        }
        output.line("\nTab completes, Ctrl-R seeks in the history, Ctrl-C stops, Ctrl-D leaves.\n");
        output.line("`.help VERB` says more of a verb:");
        for verb in verbs::all().map(verbs::Verb::facts) {
            output.line(&format!("  {:<18} {}", verb.name, verb.summary));
        }
        return Exit::Done;
    }
    let found: Vec<_> = verbs::facts().filter(|it| it.name == verb).collect();
    if found.is_empty() {
        let names = verbs::facts().map(|it| it.name);
        let message = format!("there is no verb `{verb}`");
        return output.unknown(&message, verb, names, "`.help` lists them all");
    }
    for verb in found {
        output.line(&format!("{}: {}\n\n  {}", verb.name, verb.summary, verb.usage));
        if !verb.options.is_empty() {
            output.line("");
        }
        for it in verb.options.iter().copied().flatten() {
            let head = format!("{}: {}", it.name(), it.takes.words());
            output.line(&format!("  {head:<34} {}", it.summary));
        }
    }
    Exit::Done
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
        return (0, pairs(before, DOTS.iter().map(|it| it.name)));
    };
    let start = at - rest.trim_start().len();
    let rest = rest.trim_start();
    let found = match name {
        ".help" => pairs(rest, verbs::all().map(verbs::Verb::name)),
        ".schema" | ".forget" => pairs(rest, schema.models().map(|(_, it)| it.name.as_str())),
        ".sql" => pairs(rest, ["on", "off"]),
        ".format" => pairs(rest, ["table", "block", "markdown", "json", "csv"]),
        ".limit" => pairs(rest, ["all"]),
        ".explain" => pairs(rest, pages().iter().map(|it| it.code)),
        ".save" => {
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

//! The command line of Relata: arguments in, exit code out.

mod cli;
mod commands;
mod database;
mod files;
mod formats;
mod interrupt;
mod line_diff;
mod lsp;
mod output;
mod page;
mod pager;
mod printer;
mod repl;
mod results;
mod scripts;
mod statement;
mod stopwatch;
mod table;

use clap::Parser;
use clap::error::{ContextKind, ContextValue};
use cli::{Cli, Command};
use output::{Exit, Output};
use std::process::ExitCode;
use unicode_width::UnicodeWidthStr as _;

fn main() -> ExitCode {
    let mut output = Output::new();
    if let Err(error) = interrupt::listen() {
        // Without it Ctrl-C ends the process, and SQLite rolls back when the file is opened next.
        output.say(&format!("warning: Ctrl-C can't be listened to: {error}"));
    }
    #[cfg(unix)]
    if let Err(error) = interrupt::ignore_file_size_signal() {
        output.say(&format!("warning: a file that may grow no more will end this: {error}"));
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error, &mut output).into(),
    };
    let exit = match cli.command {
        Command::Run(it) => commands::run::run(&it, &mut output),
        Command::Apply(it) => commands::apply::run(&it, &mut output),
        Command::Diff(it) => commands::diff::run(&it, &mut output),
        Command::History(it) => commands::history::run(&it, &mut output),
        Command::Rollback(it) => commands::rollback::run(&it, &mut output),
        Command::Import(it) => commands::import::run(&it, &mut output),
        Command::Pull(it) => commands::pull::run(&it, &mut output),
        Command::Check(it) => commands::check::run(&it, &mut output),
        Command::Sql(it) => commands::sql::run(&it, &mut output),
        Command::Test(it) => commands::test::run(&it, &mut output),
        Command::Fmt(it) => commands::fmt::run(&it, &mut output),
        Command::Repl(it) => repl::run(&it, &mut output),
        Command::Lsp(it) => lsp::run(&it, &mut output),
        Command::Help(it) => commands::explain::help(&it, &mut output),
        Command::Init(it) => commands::init::run(&it, &mut output),
        Command::Explain(it) => commands::explain::run(&it, &mut output),
        Command::Completions(it) => commands::completions::run(&it, &mut output),
    };
    exit.worse(output.finish()).into()
}

/// A question for help, or a mistake in the arguments: they are shown in what is said of it.
fn misused(error: &clap::Error, output: &mut Output) -> Exit {
    // The examples of a help have lines of 80 columns, and a message may be one line.
    let text = error.render().to_string();
    let is_narrow = |width: Option<usize>| {
        width.is_some_and(|most| text.lines().any(|line| line.width() > most))
    };
    if error.exit_code() == 0 && is_narrow(output.result_width()) {
        output.line(text.trim_end());
        output.flush();
        return Exit::Done;
    }
    if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) {
        output.say(text.trim_end());
        if let Some(help) = meant(word) {
            output.say(&format!("\n  help: {help}"));
        }
        return Exit::Usage;
    }
    let clean = |it: std::ffi::OsString| {
        let it = it.to_string_lossy();
        output::named(&it) == it
    };
    if std::env::args_os().all(clean) && !is_narrow(output.message_width()) {
        error.exit();
    }
    output.say(text.trim_end());
    Exit::Usage
}

/// What somebody wants who writes that in place of a command: a script, or another tool's word.
fn meant(word: &str) -> Option<String> {
    const WORDS: [(&[&str], &str); 7] = [
        (
            &["migrate", "push", "deploy", "db", "up"],
            "`relata apply shop.schema --db shop.db` changes a database into what a script declares",
        ),
        (
            &["introspect", "inspect", "dump"],
            "`relata pull --db shop.db shop.schema` writes the script of a database",
        ),
        (&["console", "shell", "studio"], "`relata repl` takes sentences as they are typed"),
        (&["validate", "lint"], "`relata check shop.schema` reports every problem of a script"),
        (&["format"], "`relata fmt shop.schema` brings a script into the one style"),
        (
            &["status", "log"],
            "`relata history --db shop.db` lists what was done to a database's structure",
        ),
        (
            &["undo", "down", "revert"],
            "`relata rollback --db shop.db` undoes the last change of a database's structure",
        ),
    ];
    if word.ends_with(".schema") {
        let word = output::named(word);
        return Some(format!("`relata run {word}` runs a script, `relata check {word}` checks it"));
    }
    if relata::verbs::page(word).is_some() {
        return Some(format!("`{word}` stands in a script; `relata explain {word}` is its page"));
    }
    let found = WORDS.iter().find(|it| it.0.contains(&word));
    found.map(|it| it.1.to_owned())
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

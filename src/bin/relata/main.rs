//! The command line of Relata: arguments in, exit code out.

mod cli;
mod commands;
mod database;
mod files;
mod output;
mod printer;
mod repl;
mod results;
mod scripts;
mod table;

use clap::Parser;
use cli::{Cli, Command};
use output::{Exit, Output};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut output = Output::new();
    let exit = match cli.command {
        Command::Run(it) => commands::run::run(&it, &mut output),
        Command::Apply(it) => commands::apply::run(&it, &mut output),
        Command::Diff(it) => commands::diff::run(&it, &mut output),
        Command::History(it) => commands::history::run(&it, &mut output),
        Command::Rollback(it) => commands::rollback::run(&it, &mut output),
        Command::Pull(it) => commands::pull::run(&it, &mut output),
        Command::Check(it) => commands::check::run(&it, &mut output),
        Command::Sql(it) => commands::sql::run(&it, &mut output),
        Command::Fmt(it) => commands::fmt::run(&it, &mut output),
        Command::Repl(it) => repl::run(&it, &mut output),
        Command::Explain(it) => commands::explain::run(&it, &mut output),
        Command::Completions(it) => commands::completions::run(&it, &mut output),
    };
    exit.worse(output.finish()).into()
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

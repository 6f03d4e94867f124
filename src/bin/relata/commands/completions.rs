//! `relata completions`: a script for a shell.

use crate::cli::{Cli, CompletionsArgs};
use crate::output::{Exit, Output};
use clap::CommandFactory;

pub(crate) fn run(arguments: &CompletionsArgs, output: &mut Output) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "relata", &mut script);
    output.exact(&String::from_utf8_lossy(&script));
    Exit::Done
}

//! `relata lsp`: what an editor asks, answered over standard input and output.
//!
//! The answers are [`relata::ide`]'s, which knows no protocol: here bytes become lines and columns, and data becomes JSON. A feature is a
//! function and a line in `answers.rs`.

mod actions;
mod answers;
mod checks;
mod colours;
mod commands;
mod completion;
mod database;
mod disk;
mod edits;
mod formatting;
mod hierarchy;
mod names;
mod outline;
mod places;
mod project;
mod relaid;
mod rename;
mod reports;
mod running;
mod runs;
mod server;
mod signature;
mod talk;
mod told;
mod waiting;
mod wire;

use crate::cli::LspArgs;
use crate::output::{self, Exit, Output};
use server::{End, Server};
use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc;
use std::thread;
use waiting::{LONGEST, WaitingRequests};
use wire::Incoming;

/// Where is written what the client isn't told.
struct ServerLog {
    file: Option<File>,
}

impl ServerLog {
    fn line(&mut self, text: &str) {
        let line = format!("{text}\n");
        // A log that can't be written is no reason to end.
        let _unwritten = match &mut self.file {
            Some(file) => file.write_all(line.as_bytes()),
            None => output::raw_log().write_all(line.as_bytes()),
        };
    }
}

/// Starts the process once more where its allocator would give each thread a heap of its own: what one thread takes and another lets go
/// never shrinks such a heap, and a server that runs for a week holds a third more. Only the environment tells glibc so. Where it can't be
/// started again, the server works as it is.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn in_one_arena() {
    #[cfg(unix)]
    use std::os::unix::process::CommandExt as _;
    const ARENAS: &str = "MALLOC_ARENA_MAX";
    if std::env::var_os(ARENAS).is_some() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        let mut again = std::process::Command::new(program);
        let _unable = again.args(std::env::args_os().skip(1)).env(ARENAS, "1").exec();
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn in_one_arena() {}

pub(crate) fn run(arguments: &LspArgs, output: &mut Output) -> Exit {
    in_one_arena();
    let mut log = ServerLog { file: None };
    if let Some(path) = &arguments.log {
        match File::options().create(true).append(true).open(path) {
            Ok(file) => log.file = Some(file),
            Err(error) => {
                let reason = crate::files::reason(&error);
                output.say(&format!("error: `{path}` can't be written: {reason}"));
                return Exit::Machine;
            }
        }
    }
    let (sender, incoming) = mpsc::channel();
    let waiting = WaitingRequests::default();
    let (read, arrivals) = (sender.clone(), waiting.clone());
    // It ends with its input, or with the process.
    thread::spawn(move || {
        let mut input = io::BufReader::new(io::stdin());
        while let Some(message) = wire::read(&mut input).transpose() {
            if let Ok(Incoming::Request { id, method, params }) = &message
                && answers::is_soon_answered(method, params)
            {
                arrivals.arrived(id.clone(), LONGEST);
            }
            if read.send(message).is_err() {
                return;
            }
        }
        // Whoever else can send doesn't keep the talk going.
        let _gone = read.send(Ok(Incoming::End));
    });
    let overdue = waiting.clone();
    thread::spawn(move || {
        loop {
            let (id, mut out) = (overdue.overdue(), output::raw_results());
            // A client that is gone is noticed by whoever reads.
            let _gone = wire::refuse(&mut out, &id, &answers::too_slow());
        }
    });
    match Server::new(output::raw_results(), &mut log, (sender, incoming), waiting).run() {
        Ok(End::Asked) => Exit::Done,
        // As the protocol has it.
        Ok(End::Abrupt) => Exit::Script,
        Err(error) => {
            log.line(&format!("the client is gone: {error}"));
            Exit::Machine
        }
    }
}

//! Exit codes, streams, files, pipes.

mod apply;
mod check;
mod clean;
mod diff;
mod fmt;
mod history;
mod import;
mod machine;
mod once;
mod pull;
mod run;
mod test;

use crate::kit::{Done, Folder};
use std::process::Stdio;

/// Runs before a reader who leaves at once.
#[expect(clippy::unwrap_used, reason = "a test whose process fails may panic")]
fn unread(folder: &Folder, arguments: &[&str]) -> Done {
    let mut command = folder.command(arguments);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    Done::of(child.wait_with_output().unwrap())
}

//! Inputs from a pipe or a file: no prompt, no editing.

use super::{State, is_complete};
use crate::files;
use crate::output::{Exit, Output};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::os::fd::AsFd;

/// Runs what comes until nothing more does.
pub(super) fn run(state: &mut State, output: &mut Output) -> Exit {
    let file = io::stdin().as_fd().try_clone_to_owned().map(File::from);
    let mut exit = Exit::Done;
    let mut reader = match file {
        Ok(file) => BufReader::with_capacity(64 * 1024, file),
        Err(error) => return unreadable(&error, output),
    };
    // What lies in a file may be looked at before it is asked for; a program may wait for an answer first.
    let all_there = reader.get_ref().metadata().is_ok_and(|it| it.is_file());
    let mut input = Vec::new();
    loop {
        let read = match reader.read_until(b'\n', &mut input) {
            Ok(read) => read,
            Err(error) => return exit.worse(unreadable(&error, output)),
        };
        let text = String::from_utf8_lossy(&input);
        let whole = read == 0 || is_complete(&text) && !goes_on(&mut reader, all_there);
        if !whole {
            continue;
        }
        let (found, flow) = state.input(&text, output);
        output.flush();
        exit = exit.worse(found);
        input.clear();
        if read == 0 || flow.is_break() || exit == Exit::Interrupted || output.is_closed() {
            return exit;
        }
    }
}

/// Whether what is known to come next begins with `<` or `{`, and so belongs to what was read.
fn goes_on(reader: &mut BufReader<File>, all_there: bool) -> bool {
    if all_there && reader.fill_buf().is_err() {
        return false;
    }
    let next = reader.buffer().iter().find(|it| !it.is_ascii_whitespace());
    matches!(next, Some(b'<' | b'{'))
}

fn unreadable(error: &io::Error, output: &mut Output) -> Exit {
    let reason = files::reason(error);
    output.say(&format!("error: standard input can't be read: {reason}"));
    Exit::Machine
}

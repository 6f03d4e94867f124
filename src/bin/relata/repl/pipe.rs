//! Inputs from a pipe or a file: no prompt, no editing.
//!
//! Inputs that only declare something wait for one that does something, or for the end: they are checked once, together, so that many
//! cost no more than a script of them.

use super::{ReplState, dots, is_complete, save};
use crate::files;
use crate::output::{Exit, Output};
use relata::diagnostics::Problem;
use relata::load::Input;
use relata::source::Sources;
use std::collections::{BTreeSet, HashMap};
use std::io::{self, BufRead, BufReader, Stdin};
use std::ops::ControlFlow;

/// Runs what comes until nothing more does.
pub(super) fn run(state: &mut ReplState, output: &mut Output) -> Exit {
    let mut exit = Exit::Done;
    let mut reader = BufReader::with_capacity(64 * 1024, io::stdin());
    // What lies in a file may be looked at before it is asked for; a program may wait for an answer first.
    let all_there = is_file();
    let mut input = Vec::new();
    let mut waiting = PendingInputs::default();
    loop {
        let read = match reader.read_until(b'\n', &mut input) {
            Ok(read) => read,
            Err(error) => {
                exit = exit.worse(waiting.run(state, output));
                return exit.worse(unreadable(&error, output));
            }
        };
        let text = String::from_utf8_lossy(&input);
        let whole = read == 0 || is_complete(&text) && !goes_on(&mut reader, all_there);
        if !whole {
            continue;
        }
        let (found, flow) = waiting.input(&text, state, output);
        exit = exit.worse(found);
        input.clear();
        if read == 0 {
            return exit.worse(waiting.run(state, output));
        }
        output.flush();
        if flow.is_break() || exit == Exit::Interrupted || output.is_closed() {
            return exit;
        }
    }
}

/// Inputs that declare something and wait, each with its name.
#[derive(Default)]
struct PendingInputs(Vec<(String, String)>);

impl PendingInputs {
    /// Takes an input.
    fn input(
        &mut self,
        text: &str,
        state: &mut ReplState,
        output: &mut Output,
    ) -> (Exit, ControlFlow<()>) {
        let line = text.trim();
        if line.is_empty() {
            return (Exit::Done, ControlFlow::Continue(()));
        }
        if dots::command(line).is_none() && save::only_declares(text) {
            self.0.push((state.name(), text.to_owned()));
            return (Exit::Done, ControlFlow::Continue(()));
        }
        let exit = self.run(state, output);
        let (found, flow) = state.input(text, output);
        (exit.worse(found), flow)
    }

    /// Runs what waits, without the inputs that have errors.
    fn run(&mut self, state: &mut ReplState, output: &mut Output) -> Exit {
        let (mut exit, mut count) = (Exit::Done, self.0.len());
        while !self.0.is_empty() {
            let inputs: Vec<Input<'_>> = (self.0.iter().take(count))
                .map(|(name, text)| Input::Text { name, text })
                .collect();
            let (found, problems) = state.try_all(&inputs, output);
            exit = exit.worse(found);
            if problems.is_empty() {
                self.0.drain(..count);
                count = self.0.len();
                continue;
            }
            let names = self.0.iter().zip(0..);
            let numbers: HashMap<&str, usize> =
                names.map(|((name, _), it)| (name.as_str(), it)).collect();
            let places = |it: &Problem| places(&numbers, state.session.sources(), it);
            let errors = problems.iter().filter(|it| !it.is_warning());
            let errors: Vec<BTreeSet<usize>> = errors.map(places).collect();
            // Of two that don't go together the later one is wrong, as long as the earlier one is right without it.
            let later = errors.iter().filter(|it| it.len() > 1);
            if let Some(place) = later.filter_map(BTreeSet::last).min().copied() {
                count = place;
                continue;
            }
            let wrong: BTreeSet<usize> = errors.into_iter().flatten().collect();
            if wrong.is_empty() {
                self.0.drain(..count);
                exit = exit.worse(state.refuse(&problems, output));
            } else {
                // What is said of the others may follow from these, and is said again where it doesn't.
                let of_them = |it: &Problem| !places(it).is_disjoint(&wrong);
                let told: Vec<Problem> =
                    (problems.iter()).filter(|it| of_them(it)).cloned().collect();
                exit = exit.worse(state.refuse(&told, output));
                let mut place = 0;
                self.0.retain(|_| {
                    place += 1;
                    !wrong.contains(&(place - 1))
                });
            }
            count = self.0.len();
        }
        exit
    }
}

/// Which inputs a problem is about, by their names' numbers.
fn places(numbers: &HashMap<&str, usize>, sources: &Sources, problem: &Problem) -> BTreeSet<usize> {
    let labels = problem.labels().into_iter();
    let texts = labels.filter_map(|it| sources.at(it.span.start));
    texts.filter_map(|it| numbers.get(&*it.name).copied()).collect()
}

/// Whether standard input is a file.
#[cfg(unix)]
fn is_file() -> bool {
    use std::os::fd::AsFd;
    let file = io::stdin().as_fd().try_clone_to_owned();
    let file = file.map(std::fs::File::from);
    file.and_then(|it| it.metadata()).is_ok_and(|it| it.is_file())
}

/// Whether standard input is a file: that can't be known here.
#[cfg(not(unix))]
const fn is_file() -> bool {
    false
}

/// Whether what is known to come next begins with `<` or `{`, and so belongs to what was read.
fn goes_on(reader: &mut BufReader<Stdin>, all_there: bool) -> bool {
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

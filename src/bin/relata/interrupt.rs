//! Ctrl-C, and other signals.
//!
//! Invariant: whatever is asked to stop by it ends with 130. What a database has begun is undone first, unless Ctrl-C is pressed twice;
//! then SQLite undoes it when the file is opened next.

use crate::output::{self, Exit};
use relata::db::{Database, Interrupter};
#[cfg(unix)]
use std::io;
#[cfg(unix)]
use std::sync::{Arc, atomic::AtomicBool};
use std::sync::{Mutex, PoisonError};

/// What it means.
enum OnInterrupt {
    /// Nothing has been begun that would have to be undone: the process ends.
    End,
    /// It is how someone ends what waits for a change: nothing is said.
    Leave,
    /// The database stops; the second time the process ends.
    Stop(Interrupter),
    /// A sentence of someone who sits there stops, and nothing else, however often.
    StopSentence(Interrupter),
    /// Nothing.
    Nothing,
}

/// What it means now, and whether it has been pressed since that.
static STATE: Mutex<(OnInterrupt, bool)> = Mutex::new((OnInterrupt::End, false));

/// Listens, from now on.
pub(crate) fn listen() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
        let (means, pressed) = &mut *state;
        let again = std::mem::replace(pressed, true);
        match means {
            OnInterrupt::Stop(database) if !again => database.interrupt(),
            OnInterrupt::StopSentence(database) => database.interrupt(),
            OnInterrupt::Nothing => {}
            OnInterrupt::Leave => {
                output::left();
                std::process::exit(i32::from(Exit::Interrupted.code()));
            }
            OnInterrupt::End | OnInterrupt::Stop(_) => {
                output::interrupted();
                std::process::exit(i32::from(Exit::Interrupted.code()));
            }
        }
    })
}

/// A file that may grow no more (`ulimit -f`) is an error of the write, not the end of the process.
#[cfg(unix)]
pub(crate) fn ignore_file_size_signal() -> io::Result<()> {
    // Whatever is there in place of the system's own answer, which is death.
    let noted = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, noted).map(|_| ())
}

/// From now on it means that; whether it was pressed before.
fn set_action(means: OnInterrupt) -> bool {
    let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut *state, (means, false)).1
}

/// From now on it stops what the database does, then the process.
pub(crate) fn stops(database: &impl Database) {
    set_action(OnInterrupt::Stop(database.interrupter()));
}

/// It stops one sentence of someone who sits there, until [`wait_for_input`].
pub(crate) fn stops_sentence(interrupter: Interrupter) {
    set_action(OnInterrupt::StopSentence(interrupter));
}

/// Someone sits there, and nothing runs. Whether it was pressed before.
pub(crate) fn wait_for_input() -> bool {
    set_action(OnInterrupt::Nothing)
}

/// Nothing runs until something changes: it ends that.
pub(crate) fn ends_waiting() {
    set_action(OnInterrupt::Leave);
}

/// Nothing runs, and nobody sits there. Whether it was pressed before.
pub(crate) fn rest() -> bool {
    set_action(OnInterrupt::End)
}

//! Time that is up.

use super::connect::ServerAddress;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two requests to end what runs beyond its time.
const AGAIN: Duration = Duration::from_millis(200);

/// The connections of a database: on which of its servers, and their numbers there.
#[derive(Clone, Default)]
pub(super) struct Connections(Arc<Mutex<Vec<(usize, u32)>>>);

impl Connections {
    /// One more.
    pub(super) fn add(&self, connection: (usize, u32)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    /// One that is none any more.
    pub(super) fn remove(&self, connection: (usize, u32)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|it| *it != connection);
    }

    /// Asks the servers to end what they run.
    pub(super) fn cancel(&self, address: &ServerAddress) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for it in all {
            // Where the request doesn't come through, the statement ends by itself; the next one doesn't begin.
            drop(address.cancel(it));
        }
    }
}

/// Ends what runs when time is up, until it goes.
pub(super) struct QueryWatch {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for QueryWatch {
    fn drop(&mut self) {
        // Without anyone who could say so it ends.
        self.end = None;
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            drop(ended);
        }
    }
}

impl QueryWatch {
    /// From `end` on whatever the connections run is asked to end.
    pub(super) fn until(end: Instant, address: ServerAddress, connections: Connections) -> Self {
        let (sender, receiver) = channel::<()>();
        let thread = std::thread::spawn(move || {
            let mut wait = end.saturating_duration_since(Instant::now());
            while receiver.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                connections.cancel(&address);
                wait = AGAIN;
            }
        });
        Self { end: Some(sender), thread: Some(thread) }
    }
}

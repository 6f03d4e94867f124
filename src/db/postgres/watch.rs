//! Time that is up.

use super::connect::Address;
use postgres::CancelToken;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two requests to end what runs beyond its time.
const AGAIN: Duration = Duration::from_millis(200);

/// Ends what runs when time is up, until it goes.
pub(super) struct TimeWatch {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for TimeWatch {
    fn drop(&mut self) {
        // Without anyone who could say so it ends.
        self.end = None;
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            drop(ended);
        }
    }
}

impl TimeWatch {
    /// From `end` on whatever the connection runs is asked to end.
    pub(super) fn until(end: Instant, address: Address, token: Arc<Mutex<CancelToken>>) -> Self {
        let (sender, receiver) = channel::<()>();
        let thread = std::thread::spawn(move || {
            let mut wait = end.saturating_duration_since(Instant::now());
            while receiver.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                // Where the request doesn't come through, there is another one.
                drop(address.cancel(&token));
                wait = AGAIN;
            }
        });
        Self { end: Some(sender), thread: Some(thread) }
    }
}

//! Questions that wait for their answers, and how long.
//!
//! A question is answered within [`LONGEST`], if only by an error: what takes longer than that goes on, and its answer is thrown away.

use gen_lsp_types::json_rpc::Id;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a question waits.
pub(super) const LONGEST: Duration = Duration::from_secs(2);

/// The questions that wait.
#[derive(Debug, Clone, Default)]
pub(super) struct WaitingRequests(Arc<(Mutex<WaitingList>, Condvar)>);

#[derive(Debug, Default)]
struct WaitingList {
    /// In the order in which they came, each with the moment at which it is given up.
    waiting: Vec<(Id, Instant)>,
    given_up: Vec<Id>,
}

impl WaitingRequests {
    fn list(&self) -> MutexGuard<'_, WaitingList> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A question has come in.
    pub(super) fn arrived(&self, id: Id, longest: Duration) {
        self.list().waiting.push((id, Instant::now() + longest));
        self.0.1.notify_one();
    }

    /// A question is answered; whether the client still waits for that.
    pub(super) fn answered(&self, id: &Id) -> bool {
        let mut list = self.list();
        list.waiting.retain(|it| it.0 != *id);
        match list.given_up.iter().position(|it| it == id) {
            Some(place) => {
                list.given_up.swap_remove(place);
                false
            }
            None => true,
        }
    }

    /// Waits until a question has waited for too long; which. It is answered by whoever asks this, and by nobody else.
    pub(super) fn overdue(&self) -> Id {
        let mut list = self.list();
        loop {
            let wait = |it| self.0.1.wait(it).unwrap_or_else(PoisonError::into_inner);
            let Some(end) = list.waiting.first().map(|it| it.1) else {
                list = wait(list);
                continue;
            };
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let (id, _) = list.waiting.remove(0);
                list.given_up.push(id.clone());
                return id;
            }
            let waited = self.0.1.wait_timeout(list, left);
            list = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_too_long_is_answered_once() {
        let waiting = WaitingRequests::default();
        waiting.arrived(Id::Number(1), LONGEST);
        assert!(waiting.answered(&Id::Number(1)));
        waiting.arrived(Id::Number(2), Duration::ZERO);
        assert_eq!(waiting.overdue(), Id::Number(2));
        assert!(!waiting.answered(&Id::Number(2)));
        // A number may be taken again.
        assert!(waiting.answered(&Id::Number(2)));
    }
}

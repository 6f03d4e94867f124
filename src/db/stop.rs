//! What ends a statement that runs before its time: someone, or the clock.

use super::{DbError, DbErrorKind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Whether someone has asked to stop, and when time is up. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct StopSignal {
    asked: Arc<AtomicBool>,
    /// Whether there is a deadline: a statement more often looks at that than there is one.
    limited: Arc<AtomicBool>,
    /// When time is up, and how much of it there was.
    deadline: Arc<Mutex<Option<(Instant, Duration)>>>,
}

impl StopSignal {
    /// Asks to stop.
    pub(super) fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Nobody has asked to stop.
    pub(super) fn forget(&self) {
        self.asked.store(false, Ordering::Relaxed);
    }

    /// From now on so long; none is for ever.
    pub(super) fn limit(&self, most: Option<Duration>) -> Option<Instant> {
        let end = most.and_then(|it| Instant::now().checked_add(it));
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = end.zip(most);
        self.limited.store(end.is_some(), Ordering::Release);
        end
    }

    /// How much time there was, where it is up.
    fn time_limit_passed(&self) -> Option<Duration> {
        if !self.limited.load(Ordering::Acquire) {
            return None;
        }
        let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        let (end, most) = deadline?;
        (Instant::now() >= end).then_some(most)
    }

    /// Whether time is up.
    pub(super) fn is_late(&self) -> bool {
        self.time_limit_passed().is_some()
    }

    /// Whether it is to end.
    pub(super) fn should_stop(&self) -> bool {
        self.asked.load(Ordering::Relaxed) || self.is_late()
    }

    /// Why it is to end, if it is. Who has asked to stop is told so once.
    pub(super) fn reason(&self) -> Option<DbError> {
        if self.asked.load(Ordering::Relaxed) && self.asked.swap(false, Ordering::Relaxed) {
            return Some(DbError::new(DbErrorKind::Interrupted, "interrupted"));
        }
        let most = self.time_limit_passed()?;
        let message = format!("longer than {most:?}");
        Some(DbError::new(DbErrorKind::Late, message))
    }
}

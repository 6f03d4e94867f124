//! What ends a statement that runs, or a wait for another program, before its time.

use super::{DbError, DbErrorKind};
use rusqlite::Connection;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long it waits for another program.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it sleeps between two looks at a lock, at most.
const NAP: Duration = Duration::from_millis(20);

/// Whether someone has asked to stop, and when time is up. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct StopSignal {
    asked: Arc<AtomicBool>,
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
        end
    }

    /// How much time there was, where it is up.
    fn time_limit_passed(&self) -> Option<Duration> {
        let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        let (end, most) = deadline?;
        (Instant::now() >= end).then_some(most)
    }

    /// Whether it is to end.
    pub(super) fn should_stop(&self) -> bool {
        self.asked.load(Ordering::Relaxed) || self.time_limit_passed().is_some()
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

    /// Lets a connection wait for other programs: until its patience is at an end, or it is to end anyway.
    pub(super) fn wait_with(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let stop = self.clone();
        let mut end = Instant::now();
        connection.busy_handler(Some(move |times: i32| {
            let now = Instant::now();
            if times == 0 {
                end = now + PATIENCE;
            }
            if now >= end || stop.should_stop() {
                return false;
            }
            let nap = Duration::from_millis(1 << times.clamp(0, 5));
            std::thread::sleep(nap.min(NAP));
            true
        }))
    }

    /// Waits a little for another program; fails where it has waited long enough, since `began`, or is to end anyway.
    pub(super) fn wait(&self, began: Instant) -> Result<(), DbError> {
        if let Some(reason) = self.reason() {
            return Err(reason);
        }
        if began.elapsed() >= PATIENCE {
            return Err(DbError::new(DbErrorKind::Busy, "database is locked"));
        }
        std::thread::sleep(NAP);
        Ok(())
    }
}

//! How a connection waits for other programs.

use crate::db::stop::StopSignal;
use crate::db::{DbError, DbErrorKind};
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long it waits for another program.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it sleeps between two looks at a lock, at most.
const NAP: Duration = Duration::from_millis(20);

/// How long a connection waits for other programs, in milliseconds.
#[derive(Debug, Clone)]
pub(super) struct Patience(Arc<AtomicU64>);

impl Default for Patience {
    fn default() -> Self {
        let res = Self(Arc::default());
        res.set(PATIENCE);
        res
    }
}

impl Patience {
    /// From now on so long.
    pub(super) fn set(&self, most: Duration) {
        let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        self.0.store(most, Ordering::Relaxed);
    }

    /// Lets a connection wait so long, unless it is to end anyway.
    pub(super) fn apply(
        &self,
        stop: &StopSignal,
        connection: &mut Connection,
    ) -> rusqlite::Result<()> {
        let (stop, patience) = (stop.clone(), Arc::clone(&self.0));
        let mut began = Instant::now();
        connection.busy_handler(Some(move |times: i32| {
            if times == 0 {
                began = Instant::now();
            }
            let most = Duration::from_millis(patience.load(Ordering::Relaxed));
            if began.elapsed() >= most || stop.should_stop() {
                return false;
            }
            let nap = Duration::from_millis(1 << times.clamp(0, 5));
            std::thread::sleep(nap.min(NAP));
            true
        }))
    }
}

/// Lets a connection wait for other programs: until its patience is at an end, or it is to end anyway.
pub(super) fn wait_with(stop: &StopSignal, connection: &mut Connection) -> rusqlite::Result<()> {
    Patience::default().apply(stop, connection)
}

/// Waits a little for another program; fails where it has waited long enough, since `began`, or is to end anyway.
pub(super) fn wait(stop: &StopSignal, began: Instant) -> Result<(), DbError> {
    if let Some(reason) = stop.reason() {
        return Err(reason);
    }
    if began.elapsed() >= PATIENCE {
        return Err(DbError::new(DbErrorKind::Busy, "database is locked"));
    }
    std::thread::sleep(NAP);
    Ok(())
}

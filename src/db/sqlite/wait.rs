//! How a connection waits for other programs.

use crate::db::stop::StopSignal;
use crate::db::{DbError, DbErrorKind};
use rusqlite::Connection;
use std::time::{Duration, Instant};

/// How long it waits for another program.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it sleeps between two looks at a lock, at most.
const NAP: Duration = Duration::from_millis(20);

/// Lets a connection wait for other programs: until its patience is at an end, or it is to end anyway.
pub(super) fn wait_with(stop: &StopSignal, connection: &mut Connection) -> rusqlite::Result<()> {
    wait_for(stop, connection, PATIENCE)
}

/// The same, until so much time has gone.
pub(super) fn wait_for(
    stop: &StopSignal,
    connection: &mut Connection,
    patience: Duration,
) -> rusqlite::Result<()> {
    let stop = stop.clone();
    let mut end = Instant::now();
    connection.busy_handler(Some(move |times: i32| {
        let now = Instant::now();
        if times == 0 {
            end = now + patience;
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

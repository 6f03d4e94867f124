//! The scripts that a client has run.

use gen_lsp_types::json_rpc::Id;
use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};

/// The scripts that run, and those of which the user is asked.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// By the number of the question.
    pub(super) asked: HashMap<i64, PendingRun>,
    pub(super) running: Vec<RunningScript>,
}

/// A script that is to run on a database.
#[derive(Debug)]
pub(super) struct PendingRun {
    /// The request.
    pub(super) id: Id,
    pub(super) script: PathBuf,
    pub(super) database: PathBuf,
}

/// A script that runs.
#[derive(Debug)]
pub(super) struct RunningScript {
    /// The request.
    pub(super) id: Id,
    pub(super) process: Arc<Mutex<Child>>,
}

impl RunningScript {
    /// Stops it.
    pub(super) fn stop(&self) {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        // One that has ended meanwhile has nothing to be stopped.
        let _ended = process.kill();
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        self.running.iter().for_each(RunningScript::stop);
    }
}

//! The binary as a process: exit codes, streams, files, pipes.

#![cfg(unix)]

mod cli {
    pub(crate) mod kit;

    mod check;
    mod fmt;
    mod run;
}

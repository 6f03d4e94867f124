//! The binary as a process: at a terminal, on pipes, killed.
//!
//! `cargo test --test program -- cli::` runs what one file holds.
#![cfg(unix)]

mod cli;
mod crash;
mod kit;
mod lsp;
mod repl;
mod screens;
mod tables;
mod widths;

//! The library, as hosts use it and as it must hold whatever is said to it.
//!
//! `cargo test --test library -- session::` runs what one file holds.

mod batches;
mod documents;
mod embedding;
mod examples;
mod generated_queries;
mod interrupted;
mod kept_statements;
mod migration;
mod names;
mod pasted;
mod properties;
mod pull;
mod queries;
mod renames;
mod renaming;
mod scenarios;
mod session;
mod survival;
mod syntax_properties;
mod told;

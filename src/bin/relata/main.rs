//! The command line of Relata.
fn main() {}

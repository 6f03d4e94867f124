//! What holds of any script: of random ones that are right, of these with mistakes, of hostile and of huge ones.

mod bounds;
mod far_pages;
mod format;
mod generate;
mod huge;
pub(crate) mod kit;
mod mutate;
mod read_back;
mod schemas;

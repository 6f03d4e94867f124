//! What holds of any script: of random ones that are right, of these with mistakes, of hostile and of huge ones.

#![cfg(feature = "cli")]

mod properties {
    pub(crate) mod generate;
    pub(crate) mod kit;
    pub(crate) mod read_back;

    mod bounds;
    mod format;
    mod huge;
    mod mutate;
    mod schemas;
}

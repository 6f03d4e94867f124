//! What is called by what `was` says, in a database.

use crate::ir::Model;
use crate::words;
use smol_str::SmolStr;

/// What the table of a model that was called `was` may be called.
pub fn former_tables(model: &Model, was: &SmolStr) -> Vec<SmolStr> {
    let plural = words::pluralize(was);
    let mut names = vec![was.clone()];
    if model.underscored {
        names.push(words::underscore(&plural));
    }
    names.push(plural);
    names
}

/// What the column of an attribute that was called `was` may be called.
pub fn former_columns(model: &Model, was: &SmolStr) -> Vec<SmolStr> {
    let mut names = vec![was.clone()];
    if model.underscored {
        names.push(words::underscore(was));
    }
    names
}

//! One file a command.

pub(crate) mod apply;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod pull;
pub(crate) mod rollback;
pub(crate) mod run;
pub(crate) mod sql;
pub(crate) mod test;

use relata::ir::Schema;

/// `2 models, 1 association`
fn summary(schema: &Schema) -> String {
    let of = |number: usize, word: &str| {
        let s = if number == 1 { "" } else { "s" };
        format!("{number} {word}{s}")
    };
    let models = schema.models().filter(|(_, it)| !it.made).count();
    let mut text = of(models, "model");
    let associations = schema.associations().count();
    if associations > 0 {
        text.push_str(", ");
        text.push_str(&of(associations, "association"));
    }
    text
}

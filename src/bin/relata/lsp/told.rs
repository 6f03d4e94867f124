//! What the client was told, so that it is told only what is new.

use gen_lsp_types::{Diagnostic, Range};
use std::collections::{BTreeMap, HashMap};

/// What the client was told of each script.
#[derive(Default)]
pub(super) struct Published(pub(super) BTreeMap<String, (Vec<Diagnostic>, Option<i32>)>);

/// What was told of each script: the number of the answer, and its numbers.
#[derive(Default)]
pub(super) struct ToldColours {
    pub(super) answers: u64,
    pub(super) scripts: HashMap<String, (String, Vec<u32>)>,
    /// What was told of lines of scripts that hadn't been checked behind their last change: the lines, and their numbers.
    pub(super) early: BTreeMap<String, (Range, Vec<u32>)>,
}

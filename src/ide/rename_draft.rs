//! A rename while it is made: what is written so far, and why.

use super::names::Project;
use crate::ast::OptionList;
use crate::diagnostics::Edit;
use crate::source::Span;
use std::collections::BTreeMap;

/// Why a rename writes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RenameCause {
    /// The name itself stands there.
    Name,
    /// A name stands there that comes from it: a key, a verb.
    Follows,
    /// It says what a name was, so that a database's rows stay.
    Was,
}

/// A rename.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rename {
    /// What is written, and why; in order of place, no two of which touch.
    pub edits: Vec<(Edit, RenameCause)>,
    /// What becomes another name with it in a database, in words, a line each: tables, columns.
    pub told: Vec<String>,
    /// Whether values that the database has would be lost, since nothing can say there what their column was.
    pub loses: bool,
}

/// A rename in the making.
pub(super) struct RenameDraft<'a> {
    pub(super) project: Project<'a>,
    /// By where they begin.
    pub(super) edits: BTreeMap<u32, DraftedEdit>,
    /// Why edits are made at the moment.
    pub(super) cause: RenameCause,
}

/// What is written up to a place.
pub(super) struct DraftedEdit {
    pub(super) end: u32,
    pub(super) text: String,
    pub(super) cause: RenameCause,
}

impl RenameDraft<'_> {
    pub(super) fn edit(&mut self, at: Span, text: String) {
        let edit = DraftedEdit { end: at.end, text, cause: self.cause };
        self.edits.insert(at.start, edit);
    }

    /// What will stand at a place.
    pub(super) fn written(&self, at: Span) -> String {
        let edit = self.edits.get(&at.start).filter(|it| it.end == at.end);
        edit.map_or_else(|| self.project.sources.slice(at).to_owned(), |it| it.text.clone())
    }

    /// Puts an option before those that are there, or behind what has none; another one may be put there already.
    pub(super) fn add_option(&mut self, options: Option<&OptionList>, end: u32, option: &str) {
        let first = options.and_then(|it| it.items.first());
        let at = first.map_or(end, |it| it.span().start);
        let before = self.edits.get(&at).filter(|it| it.end == at).map(|it| it.text.as_str());
        let text = match (first, before) {
            (Some(_), before) => format!("{}{option}, ", before.unwrap_or_default()),
            (None, None) => format!(" < {option} >"),
            (None, Some(before)) => {
                format!("{}, {option} >", before.strip_suffix(" >").unwrap_or(before))
            }
        };
        self.edit(Span::new(at, at), text);
    }
}

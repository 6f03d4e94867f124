//! What an editor asks of a text at hand: what may stand at the cursor, what its parts are, what its variables hold.
//!
//! The text may be broken and unfinished, as texts at hand are; what is declared elsewhere comes as a [`Declarations`]. The
//! command line's REPL asks the same as a language server does.
//!
//! Invariant: plain data in and out, places are byte offsets; nothing here knows a protocol or a terminal, and nothing
//! here fails.

mod actions;
mod before;
mod complete;
mod cursor;
mod examples;
mod hierarchy;
mod highlight;
mod hints;
mod hover;
mod imports;
mod members;
mod names;
mod outline;
mod rename;
mod rename_draft;
mod signature;
mod token;
mod unused;
mod was;

pub use actions::{ScriptAction, actions};
pub use complete::{Candidate, CandidateKind, Completions, complete, complete_in};
pub use cursor::Variable;
pub use hierarchy::{DeclaredModel, base_of, extended_by, model_at};
pub use highlight::{Paint, Painted, paint, paint_in};
pub use hints::{Hint, hints};
pub use hover::{Hover, hover};
pub use imports::import;
pub use names::{Project, definition, name_at, references, type_definition};
pub use outline::{Fold, OutlineItem, OutlineKind, enclosing, folds, outline};
pub use rename::rename;
pub use rename_draft::{Rename, RenameCause};
pub use signature::{Signature, SignatureParameter, signature, signature_in};
pub use token::is_only_comments;
pub use unused::unused;
pub use was::Stored;

use crate::ir::Schema;

/// What is declared outside of the text at hand.
#[derive(Debug, Clone, Copy)]
pub struct Declarations<'a> {
    /// The models and all that belongs to them.
    pub schema: &'a Schema,
    /// The variables, the latest last.
    pub variables: &'a [Variable],
}

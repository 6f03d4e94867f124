//! Sentences behind scripts that were accepted: what these declare isn't read again.

use super::view_size::ViewSize;
use super::{Checked, Context, Entity, KnownVariable, PendingSentence};
use crate::ast::{Bundle, Sentence};
use crate::ir::Schema;
use crate::source::{Sources, Span};
use crate::verbs::{Verb, Verbal, verbal};
use smol_str::SmolStr;
use std::collections::HashMap;

/// What names stand for in scripts that were checked.
#[derive(Debug, Clone, Default)]
pub struct KnownNames {
    pub(super) entities: HashMap<SmolStr, (Entity, Span)>,
    pub(super) view_models: Vec<Option<usize>>,
    pub(super) weights: HashMap<usize, ViewSize>,
}

/// Whether a sentence declares something.
pub fn declares(sentence: &Sentence) -> bool {
    match verbal(sentence) {
        Verbal::First(verb) | Verbal::Second(_, verb) => match verb {
            Verb::Declare(_) | Verb::Associate(_) => true,
            // `drop "Tags"`
            Verb::Tables(_) => sentence.argument.is_some(),
            Verb::Control(_) | Verb::Rows(_) => false,
        },
        Verbal::Unknown(_) => false,
        Verbal::Sql(_) | Verbal::Nothing => true,
    }
}

/// What the sentences of a bundle from the `first` on mean, none of which declares anything, where those before them declare this schema
/// and these names. Both come back.
pub fn check_behind(
    bundle: &Bundle,
    first: usize,
    sources: &Sources,
    (schema, names): (Schema, KnownNames),
    given: &[KnownVariable],
) -> Checked {
    let mut context = Context::new(bundle, sources, given);
    context.schema = schema;
    context.entities = names.entities;
    context.view_models = names.view_models;
    context.weights = names.weights;
    let new = bundle.order.iter().skip(first).filter_map(|(script, sentence)| {
        let sentence = bundle.scripts.get(*script)?.sentences.get(*sentence)?;
        Some(PendingSentence { script: *script, sentence, shared: None })
    });
    context.pending = new.collect();
    super::verbs::read_steps(&mut context);
    context.into_checked()
}

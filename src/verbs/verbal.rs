//! Which verb a sentence has.

use super::{BodyVerb, Verb};
use crate::ast::{Path, Sentence, ValueKind, Word};
use smol_str::SmolStr;

/// What a sentence is, by its verb.
#[derive(Debug, Clone, Copy)]
pub enum Verbal<'a> {
    /// `model User`: the verb stands first.
    First(Verb),
    /// `User hasMany Invoice`: a subject stands first.
    Second(&'a Path, Verb),
    /// No verb, and which word should have been one.
    Unknown(&'a Word),
    /// `` sql`..` ``
    Sql(&'a SmolStr),
    /// A value alone.
    Nothing,
}

impl Verbal<'_> {
    /// The verb, wherever it stands.
    pub const fn verb(self) -> Option<Verb> {
        match self {
            Self::First(verb) | Self::Second(_, verb) => Some(verb),
            Self::Unknown(_) | Self::Sql(_) | Self::Nothing => None,
        }
    }
}

/// Finds the verb of a sentence.
pub fn verbal(sentence: &Sentence) -> Verbal<'_> {
    let Some(subject) = sentence.words.first() else {
        return match sentence.argument.as_ref().map(|it| &it.kind) {
            Some(ValueKind::Sql(text)) if sentence.options.is_none() => Verbal::Sql(text),
            _ => Verbal::Nothing,
        };
    };
    if let Some(verb) = bare(subject).and_then(super::first) {
        return Verbal::First(verb);
    }
    match sentence.words.get(1) {
        Some(verb) if verb.tail.is_empty() => match super::subject_verb(&verb.head.text) {
            Some(known) => Verbal::Second(subject, known),
            None => Verbal::Unknown(&verb.head),
        },
        Some(verb) => Verbal::Unknown(&verb.head),
        None => Verbal::Unknown(&subject.head),
    }
}

/// The verb of a sentence in a model's body.
pub fn body_verb(sentence: &Sentence) -> Option<BodyVerb> {
    sentence.words.first().and_then(bare).and_then(super::of_body)
}

/// A word without quotes, and without what dots lead to.
fn bare(path: &Path) -> Option<&str> {
    let plain = path.tail.is_empty() && path.head.is_bare();
    plain.then_some(path.head.text.as_str())
}

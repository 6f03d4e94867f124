//! The verbs: what each is called, what stands around it, which options it takes.
//!
//! A verb is a variant and a row of facts, in the file of its kind. The checks, "did you mean", completion and help read
//! the rows; what a verb means is a match on its kind, without a wildcard. The grammar knows none.

mod associations;
mod body;
mod bounds;
mod data;
mod facts;
mod item;
mod link;
mod model;
mod options;
mod pages;
mod reader;
mod script;
mod settings;
mod synonyms;
mod validators;
mod verbal;

use crate::ir::AssociationKind;
pub use associations::{FOREIGN_KEY, THROUGH};
pub use body::BodyVerb;
pub use data::{INCLUDE, QUERY, RowVerb};
pub use facts::{Argument, Effect, Subject, VerbFacts, VerbPlace, Yields};
pub use item::{
    OptionItem, Spanned, describe, duplicate_option, list, untyped_value, wrong_kind, wrong_value,
};
pub use link::LinkVerb;
pub use model::{ATTRIBUTE, Declaration, MYSQL, NAME, REFERENCES, SHOWN};
pub use options::{ObjectOptions, Opt, OptionId, Side, Takes};
pub use pages::{page, page_names};
pub use reader::{NamedFlag, plain_option, read};
pub use script::{Control, TableVerb};
pub use settings::{KeyNames, OptionValue, Setting, Settings};
pub use synonyms::verb_of_others;
pub use verbal::{Verbal, body_verb, verbal};

/// A verb of a sentence, by its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// `model User { .. }`
    Declare(Declaration),
    /// `User hasMany Invoice`
    Associate(AssociationKind),
    /// `sync`, `User sync`
    Tables(TableVerb),
    /// `let ann = ..`
    Control(Control),
    /// `User findAll`
    Rows(RowVerb),
}

impl Verb {
    /// What is known of it.
    pub const fn facts(self) -> &'static VerbFacts {
        match self {
            Self::Declare(it) => it.facts(),
            Self::Associate(it) => associations::facts(it),
            Self::Tables(it) => it.facts(),
            Self::Control(it) => it.facts(),
            Self::Rows(it) => it.facts(),
        }
    }

    /// How it is written.
    pub const fn name(self) -> &'static str {
        self.facts().name
    }

    /// Where it stands.
    pub const fn place(self) -> VerbPlace {
        match self {
            Self::Declare(_) | Self::Control(_) => VerbPlace::First,
            Self::Associate(_) | Self::Rows(_) => VerbPlace::Second,
            Self::Tables(_) => VerbPlace::Both,
        }
    }

    /// Whether it may begin a sentence.
    pub const fn begins_sentence(self) -> bool {
        matches!(self.place(), VerbPlace::First | VerbPlace::Both)
    }

    /// Whether it may follow a subject.
    pub const fn follows_subject(self) -> bool {
        matches!(self.place(), VerbPlace::Second | VerbPlace::Both)
    }
}

/// All verbs that begin a sentence or follow its subject.
pub fn all() -> impl Iterator<Item = Verb> {
    let declare = Declaration::ALL.iter().copied().map(Verb::Declare);
    let associate = associations::ALL.into_iter().map(Verb::Associate);
    let tables = TableVerb::ALL.iter().copied().map(Verb::Tables);
    let control = Control::ALL.iter().copied().map(Verb::Control);
    let rows = RowVerb::ALL.iter().copied().map(Verb::Rows);
    declare.chain(associate).chain(tables).chain(control).chain(rows)
}

/// The facts of all verbs, those of a model's body last.
pub fn facts() -> impl Iterator<Item = &'static VerbFacts> {
    all().map(Verb::facts).chain(BodyVerb::ALL.iter().map(|it| it.facts()))
}

/// The verb of that name which may begin a sentence.
pub fn first(name: &str) -> Option<Verb> {
    named(name).find(|it| it.begins_sentence())
}

/// The verbs of that name. Their names begin with a small letter, as those of models seldom do, of which most sentences are.
fn named(name: &str) -> impl Iterator<Item = Verb> {
    let may_be = name.starts_with(|it: char| it.is_ascii_lowercase());
    may_be.then(all).into_iter().flatten().filter(move |it| it.name() == name)
}

/// The verb of that name which may follow a subject.
pub fn subject_verb(name: &str) -> Option<Verb> {
    named(name).find(|it| it.follows_subject())
}

/// The verb of that name which stands nowhere but behind a subject.
pub fn only_subject_verb(name: &str) -> Option<Verb> {
    subject_verb(name).filter(|it| !it.begins_sentence())
}

/// The verb of that name in a model's body.
pub fn of_body(name: &str) -> Option<BodyVerb> {
    BodyVerb::ALL.iter().copied().find(|it| it.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_verb_is_found_by_its_name() {
        for verb in all() {
            let found = [first(verb.name()), subject_verb(verb.name())];
            assert!(found.contains(&Some(verb)), "{}", verb.name());
        }
    }
}

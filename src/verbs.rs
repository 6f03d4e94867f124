//! The verbs: what each is called, what stands around it, which options it takes.
//!
//! One table feeds the checks, "did you mean", completion and help: a verb is a row here, and the grammar knows none.

mod associations;
mod body;
mod data;
mod model;
mod options;
mod reader;
mod script;

pub use associations::{BELONGS_TO, BELONGS_TO_MANY, FOREIGN_KEY, HAS_MANY, HAS_ONE, THROUGH};
pub use body::{CHECK, DROP_NAME, INDEX, SCOPE, UNIQUE};
pub use data::{FIND_ALL, QUERY};
pub use model::{
    ABSTRACT, ATTRIBUTE, DEFAULTS, ENUM, MODEL, MODEL_OPTIONS, MYSQL, NAME, REFERENCES,
    SHARED_OPTIONS, VIEW,
};
pub use options::Opt;
pub use reader::{
    Item, OptionReader, Said, describe, duplicate_option, list, read_flag, read_text, read_word,
    unknown_option, wrong_kind,
};
pub use script::{DROP, IMPORT, SYNC};

/// A verb.
#[derive(Debug, PartialEq, Eq)]
pub struct Verb {
    /// How it is written.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// How a sentence with it looks.
    pub usage: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// Its options.
    pub options: &'static [Opt],
}

/// Where a verb stands in its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// First: `model User { .. }`
    First,
    /// Behind its subject: `Invoice belongsTo User`
    Second,
    /// Either way: `sync`, `User sync`
    Both,
    /// First, inside of a model's body: `index (..)`
    Body,
}

/// All verbs that begin a sentence or follow its subject.
pub fn all() -> impl Iterator<Item = &'static Verb> {
    model::ALL.iter().chain(associations::ALL).chain(script::ALL).chain(data::ALL).copied()
}

/// All verbs of a model's body.
pub fn all_of_body() -> impl Iterator<Item = &'static Verb> {
    body::ALL.iter().copied()
}

/// The verb of that name which may begin a sentence.
pub fn first(name: &str) -> Option<&'static Verb> {
    all().find(|it| it.name == name && matches!(it.place, Place::First | Place::Both))
}

/// The verb of that name which may follow a subject.
pub fn second(name: &str) -> Option<&'static Verb> {
    all().find(|it| it.name == name && matches!(it.place, Place::Second | Place::Both))
}

/// The verb of that name in a model's body.
pub fn of_body(name: &str) -> Option<&'static Verb> {
    all_of_body().find(|it| it.name == name)
}

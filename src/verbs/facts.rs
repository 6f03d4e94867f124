//! What can be known of a verb: one row of facts for each.

use super::Opt;

/// The facts of a verb.
#[derive(Debug, PartialEq, Eq)]
pub struct VerbFacts {
    /// How it is written.
    pub name: &'static str,
    /// What it may be about.
    pub subject: Subject,
    /// What stands behind it, options aside.
    pub argument: Argument,
    /// What its sentence does.
    pub effect: Effect,
    /// What its sentence yields.
    pub yields: Yields,
    /// Its options, in groups.
    pub options: &'static [&'static [Opt]],
    /// How a sentence with it looks.
    pub usage: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// Its page in docs/verbs.
    pub page: &'static str,
}

/// Where a verb stands in its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerbPlace {
    /// First: `model User { .. }`
    First,
    /// Behind its subject: `Invoice belongsTo User`
    Second,
    /// Either way: `sync`, `User sync`
    Both,
    /// First, inside of a model's body: `index (..)`
    Body,
}

/// What a verb may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A model.
    Model,
    /// A row that a variable holds.
    Row,
    /// One or the other.
    Either,
    /// Nothing stands before it.
    None,
}

/// What stands behind a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// Options alone.
    Nothing,
    /// A name, perhaps `extends` and another, and attributes in braces.
    Body,
    /// A name and words in braces.
    Members,
    /// A name.
    Name,
    /// A name, `=`, and a sentence or a value.
    Assigned,
    /// Sentences in braces.
    Sentences,
    /// A value, or an expression in brackets.
    Value,
    /// A file's name, in quotes.
    File,
    /// Another model.
    Model,
    /// The values of a row, in braces.
    Row,
    /// Rows in a list.
    Rows,
    /// A primary key.
    Key,
    /// An attribute, or an expression in brackets.
    Attribute,
    /// Attributes, in brackets.
    Attributes,
    /// A condition, in brackets.
    Condition,
}

/// What a sentence does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It says what there is.
    Declares,
    /// It reads rows.
    Reads,
    /// It writes rows.
    Writes,
    /// It changes tables.
    Ddl,
    /// It says what happens with other sentences, and with values.
    Control,
}

/// What a sentence yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yields {
    /// Nothing that a variable could hold.
    Nothing,
    /// A value.
    Value,
    /// A row.
    Row,
    /// Rows.
    Rows,
}

/// The page of that name.
macro_rules! verb_page {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verbs/", $name, ".md"))
    };
}

/// Verbs of one kind: a variant and its facts in one row, so that there is none without them.
macro_rules! verbs {
    ($(#[$of:meta])* $name:ident: $($(#[$is:meta])* $verb:ident { name: $written:literal, $($facts:tt)* })*) => {
        $(#[$of])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$is])* $verb,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$verb),*];

            /// What is known of it.
            pub const fn facts(self) -> &'static $crate::verbs::VerbFacts {
                match self {
                    $(Self::$verb => {
                        const FACTS: $crate::verbs::VerbFacts = $crate::verbs::VerbFacts {
                            name: $written,
                            page: $crate::verbs::facts::verb_page!($written),
                            $($facts)*
                        };
                        &FACTS
                    })*
                }
            }

            /// How it is written.
            pub const fn name(self) -> &'static str {
                self.facts().name
            }
        }
    };
}

pub(super) use {verb_page, verbs};

//! The verbs that associations give to rows: `ann addInvoice inv`. An association's name completes them.

use super::data::{HAS, LINK, LINKED, ORPHANS, QUERY};
use super::{Effect, Opt, Yields};
use crate::ir::{Association, AssociationKind};
use crate::words;

/// What is done with the rows to which an association leads; the beginning of its verbs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkVerb {
    /// `ann getInvoices`
    Get,
    /// `ann countInvoices`
    Count,
    /// `ann hasInvoice inv`
    Has,
    /// `ann addInvoice inv`
    Add,
    /// `inv setCreator ann`
    Set,
    /// `ann removeInvoice inv`
    Remove,
    /// `ann createInvoice { .. }`
    Create,
}

/// What is known of one of them.
struct LinkFacts {
    begin: &'static str,
    /// Whether it is there for one row.
    to_one: bool,
    /// Whether it is there for many, with the name of many behind it.
    many: bool,
    /// The same with the name of one.
    one_of_many: bool,
    effect: Effect,
    yields_rows: bool,
}

impl LinkVerb {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 7] =
        [Self::Get, Self::Count, Self::Has, Self::Add, Self::Set, Self::Remove, Self::Create];

    const fn facts(self) -> LinkFacts {
        let reads = LinkFacts {
            begin: "",
            to_one: false,
            many: true,
            one_of_many: false,
            effect: Effect::Reads,
            yields_rows: false,
        };
        let writes = LinkFacts { effect: Effect::Writes, one_of_many: true, ..reads };
        match self {
            Self::Get => LinkFacts { begin: "get", to_one: true, yields_rows: true, ..reads },
            Self::Count => LinkFacts { begin: "count", ..reads },
            Self::Has => LinkFacts { begin: "has", one_of_many: true, ..reads },
            Self::Add => LinkFacts { begin: "add", ..writes },
            Self::Set => LinkFacts { begin: "set", to_one: true, one_of_many: false, ..writes },
            Self::Remove => LinkFacts { begin: "remove", ..writes },
            Self::Create => LinkFacts {
                begin: "create",
                to_one: true,
                many: false,
                yields_rows: true,
                ..writes
            },
        }
    }

    /// The one that `association` gives by this name.
    pub fn of(association: &Association, word: &str) -> Option<Self> {
        let one = words::upper_first(&association.singular);
        let many = words::upper_first(&association.plural);
        let is = |it: &Self| {
            let facts = it.facts();
            word.strip_prefix(facts.begin).is_some_and(|rest| {
                if association.is_to_many() {
                    facts.many && rest == many || facts.one_of_many && rest == one
                } else {
                    facts.to_one && rest == one
                }
            })
        };
        Self::ALL.into_iter().find(is)
    }

    /// The verbs that an association gives to its source's rows: Sequelize's names.
    pub fn names(association: &Association) -> Vec<String> {
        let one = words::upper_first(&association.singular);
        let many = words::upper_first(&association.plural);
        let all = Self::ALL.map(Self::facts);
        let named = |is: fn(&LinkFacts) -> bool, name: &str| -> Vec<String> {
            let those = all.iter().filter(|it| is(it));
            those.map(|it| format!("{}{name}", it.begin)).collect()
        };
        if association.is_to_many() {
            let mut all = named(|it| it.many, &many);
            all.extend(named(|it| it.one_of_many, &one));
            all
        } else {
            named(|it| it.to_one, &one)
        }
    }

    /// The one with which a word begins, whatever the association: `createInvoice`, `getInvoices`.
    pub fn beginning(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| {
            let rest = word.strip_prefix(it.facts().begin);
            rest.is_some_and(|rest| rest.starts_with(char::is_uppercase))
        })
    }

    /// The options of its sentence, in groups.
    pub fn options(self, association: &Association) -> Vec<&'static [Opt]> {
        let (own, linked): (&'static [Opt], &'static [Opt]) = match self {
            Self::Get | Self::Count => (QUERY, LINKED),
            Self::Has => (HAS, LINKED),
            Self::Set if refers(association) => (ORPHANS, LINK),
            Self::Add | Self::Set | Self::Create => (&[], LINK),
            Self::Remove => (&[], &[]),
        };
        let linked = if association.through.is_some() { linked } else { &[] };
        [own, linked].into_iter().filter(|it| !it.is_empty()).collect()
    }

    /// What its sentence does.
    pub const fn effect(self) -> Effect {
        self.facts().effect
    }

    /// What its sentence yields.
    pub fn yields(self, association: &Association) -> Yields {
        match self {
            Self::Get if association.is_to_many() => Yields::Rows,
            _ if self.facts().yields_rows => Yields::Row,
            _ => Yields::Value,
        }
    }
}

/// Whether the rows to which an association leads refer to the one that it begins with.
const fn refers(association: &Association) -> bool {
    match association.kind {
        AssociationKind::HasOne | AssociationKind::HasMany => true,
        AssociationKind::BelongsTo | AssociationKind::BelongsToMany => false,
    }
}

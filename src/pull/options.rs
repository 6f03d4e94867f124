//! Options as a pulled script says them: which one, and what it is given.

use crate::verbs::{NamedFlag, OptionId};
use std::fmt::{self, Display, Write};

/// An option that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PulledOption {
    pub(super) id: OptionId,
    given: PulledValue,
}

/// What an option is given.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PulledValue {
    /// `unique`
    On,
    /// `timestamps: false`
    Off,
    /// `field: "Name"`, as the script writes it.
    Written(String),
    /// `references: { model: "users", key: "id" }`
    Object(Vec<PulledOption>),
}

impl PulledOption {
    /// `unique`
    pub(super) const fn on(id: OptionId) -> Self {
        Self { id, given: PulledValue::On }
    }

    /// `timestamps: false`
    pub(super) const fn off(id: OptionId) -> Self {
        Self { id, given: PulledValue::Off }
    }

    /// One that is given this, as the script writes it.
    pub(super) fn of(id: OptionId, written: impl Into<String>) -> Self {
        Self { id, given: PulledValue::Written(written.into()) }
    }

    /// `references: { model: "users" }`
    pub(super) const fn object(id: OptionId, members: Vec<Self>) -> Self {
        Self { id, given: PulledValue::Object(members) }
    }

    /// `createdAt: created_on`
    pub(super) fn named(id: OptionId, value: &NamedFlag) -> Self {
        match value {
            NamedFlag::On => Self::on(id),
            NamedFlag::Off => Self::off(id),
            NamedFlag::As(name) => Self::of(id, name.as_str()),
        }
    }

    /// The same of another option.
    pub(super) fn called(self, id: OptionId) -> Self {
        Self { id, ..self }
    }
}

impl Display for PulledOption {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.id.name())?;
        match &self.given {
            PulledValue::On => Ok(()),
            PulledValue::Off => out.write_str(": false"),
            PulledValue::Written(text) => write!(out, ": {text}"),
            PulledValue::Object(members) => write!(out, ": {}", object(members)),
        }
    }
}

/// `a, b: 1`
pub(super) fn listed(options: &[PulledOption]) -> String {
    let mut res = String::new();
    for it in options {
        let gap = if res.is_empty() { "" } else { ", " };
        let _ = write!(res, "{gap}{it}");
    }
    res
}

/// `{ a, b: 1 }`
pub(super) fn object(members: &[PulledOption]) -> String {
    format!("{{ {} }}", listed(members))
}

/// ` < a, b: 1 >`; nothing of none.
pub(super) fn behind(options: &[PulledOption]) -> String {
    if options.is_empty() { String::new() } else { format!(" < {} >", listed(options)) }
}

/// A sentence of an association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PulledSentence {
    /// `Post belongsTo User`
    pub(super) head: String,
    pub(super) options: Vec<PulledOption>,
}

impl Display for PulledSentence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", self.head, behind(&self.options))
    }
}

/// Sentences, a line each.
pub(super) fn lines(sentences: &[PulledSentence]) -> String {
    let each: Vec<_> = sentences.iter().map(ToString::to_string).collect();
    each.join("\n")
}

//! What is known of variables: what each holds, and what was read of the rows that it holds.

use super::Given;
use super::scope::Kind;
use smol_str::SmolStr;

/// What a variable holds. It is remembered while models come and go: what it says of a model beside its place, it says by name.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Holds {
    /// A row of a model, or null.
    Row(Known),
    /// Rows of a model.
    Rows(Known),
    /// A value, or a list of values; with what is known of them.
    Value(Option<Kind>),
}

impl Holds {
    /// The model whose rows it holds.
    pub(super) const fn model(&self) -> Option<usize> {
        match self {
            Self::Row(known) | Self::Rows(known) => Some(known.model),
            Self::Value(_) => None,
        }
    }

    /// The same, of the model at another place.
    pub(super) fn of_model(&self, model: usize) -> Self {
        match self {
            Self::Row(known) => Self::Row(known.of_model(model)),
            Self::Rows(known) => Self::Rows(known.of_model(model)),
            Self::Value(kind) => Self::Value(kind.clone()),
        }
    }
}

/// What is known of a variable that is there before the scripts begin.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Is {
    /// What the host says of it.
    Given(Given),
    /// What it holds since a script has run, and the name of the model whose rows those are.
    Held(Holds, Option<SmolStr>),
}

impl Is {
    pub(super) fn model(&self) -> Option<&str> {
        match self {
            Self::Given(Given::Row(model) | Given::Rows(model)) => Some(model),
            Self::Given(Given::Value) => None,
            Self::Held(_, model) => model.as_deref(),
        }
    }
}

/// What is known of a row, or of rows, that a variable holds; by names, as models come and go while it is remembered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    pub model: usize,
    /// The attributes that were read; none for all of them.
    pub read: Option<Vec<SmolStr>>,
    /// Names that the query gives beside the attributes'.
    pub names: Vec<SmolStr>,
}

impl Known {
    /// Whole rows of a model.
    pub(super) const fn whole(model: usize) -> Self {
        Self { model, read: None, names: Vec::new() }
    }

    /// The same of the model at another place.
    pub(super) fn of_model(&self, model: usize) -> Self {
        Self { model, ..self.clone() }
    }
}

//! What is known of variables: what each holds, and what was read of the rows that it holds.

use super::HostVariable;
use super::scope::ValueType;
use smol_str::SmolStr;

/// What a variable holds. It is remembered while models come and go: what it says of a model beside its place, it says by name.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum VariableType {
    /// A row of a model, or null.
    Row(RowType),
    /// Rows of a model.
    Rows(RowType),
    /// A value, with what is known of it: a list perhaps, where it came from elsewhere.
    Value(Option<ValueType>),
    /// A list of values, with what is known of them.
    List(Option<ValueType>),
}

impl VariableType {
    /// The model whose rows it holds.
    pub(super) const fn model(&self) -> Option<usize> {
        match self {
            Self::Row(known) | Self::Rows(known) => Some(known.model),
            Self::Value(_) | Self::List(_) => None,
        }
    }

    /// The same, of the model at another place.
    pub(super) fn of_model(&self, model: usize) -> Self {
        match self {
            Self::Row(known) => Self::Row(known.of_model(model)),
            Self::Rows(known) => Self::Rows(known.of_model(model)),
            Self::Value(_) | Self::List(_) => self.clone(),
        }
    }
}

/// What is known of a variable that is there before the scripts begin.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum VariableOrigin {
    /// What the host says of it.
    Given(HostVariable),
    /// What it holds since a script has run, and the name of the model whose rows those are.
    Held(VariableType, Option<SmolStr>),
}

impl VariableOrigin {
    pub(super) fn model(&self) -> Option<&str> {
        match self {
            Self::Given(HostVariable::Row(model) | HostVariable::Rows(model)) => Some(model),
            Self::Given(HostVariable::Value) => None,
            Self::Held(_, model) => model.as_deref(),
        }
    }
}

/// What is known of a row, or of rows, that a variable holds; by names, as models come and go while it is remembered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowType {
    pub model: usize,
    /// The attributes that were read; none for all of them.
    pub read: Option<Vec<SmolStr>>,
    /// Names that the query gives beside the attributes'.
    pub names: Vec<SmolStr>,
}

impl RowType {
    /// Whole rows of a model.
    pub(super) const fn whole(model: usize) -> Self {
        Self { model, read: None, names: Vec::new() }
    }

    /// The same of the model at another place.
    pub(super) fn of_model(&self, model: usize) -> Self {
        Self { model, ..self.clone() }
    }
}

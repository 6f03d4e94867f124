//! What is wrong with the values of a sentence's rows, gathered before any of them is written.

use super::{RunResult, Runner};
use crate::client::told;
use crate::diagnostics::{Cause, NullViolation, RunProblem, Violations};
use crate::ir::{Attribute, JsonStep, Misfit, Model, ScopedAttribute, Validator};
use crate::source::Span;
use crate::value::Value;
use miette::LabeledSpan;
use std::fmt::Write as _;

/// So many violations are told one by one.
const TOLD: usize = 20;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct ValidationErrors {
    /// Nulls where none may be: E0603.
    nulls: usize,
    /// Values that don't fit their type: E0312.
    misfits: usize,
    /// What a validator refuses: E0701.
    refused: usize,
    all: Vec<(Span, String)>,
}

impl ValidationErrors {
    /// Whether nothing is wrong.
    pub(super) const fn is_empty(&self) -> bool {
        self.nulls == 0 && self.misfits == 0 && self.refused == 0
    }

    fn add(&mut self, at: Span, message: String) {
        if self.all.len() < TOLD {
            self.all.push((at, message));
        }
    }

    /// A value doesn't fit.
    pub(super) fn misfit(
        &mut self,
        model: &Model,
        attribute: &Attribute,
        value: &Value,
        Misfit(reason): &Misfit,
        at: Span,
    ) {
        self.misfits += 1;
        let message =
            format!("{} does not fit `{}.{}`: {reason}", told(value), model.name, attribute.name);
        self.add(at, message);
    }

    /// Whether a value is one of those that the rows of an association have.
    pub(super) fn out_of_scope(
        &mut self,
        model: &Model,
        scope: &ScopedAttribute,
        value: &Value,
        at: Span,
    ) {
        if scope.values.contains(value) {
            return;
        }
        let values: Vec<_> = scope.values.iter().map(told).collect();
        let reason = Misfit(format!("the association's rows have one of {}", values.join(", ")));
        self.misfit(model, model.attribute(scope.attribute), value, &reason, at);
    }

    /// A document has no room for a value at that place.
    pub(super) fn no_place(
        &mut self,
        model: &Model,
        attribute: &Attribute,
        path: &[JsonStep],
        document: &Value,
        at: Span,
    ) {
        self.misfits += 1;
        let mut place = String::new();
        for step in path {
            match step {
                JsonStep::Key(key) => {
                    place.push('.');
                    place.push_str(key);
                }
                JsonStep::Index(it) => {
                    let _ = write!(place, "[{it}]");
                }
            }
        }
        let message = format!(
            "`{}.{}{place}` has no place in {}",
            model.name,
            attribute.name,
            told(document)
        );
        self.add(at, message);
    }

    /// It is null, and may not be.
    pub(super) fn null(&mut self, model: &Model, attribute: &Attribute, at: Span) {
        self.nulls += 1;
        let validators = attribute.extra.as_ref().map(|it| it.validators.as_slice());
        let own = validators
            .unwrap_or_default()
            .iter()
            .find(|it| it.validator == Validator::NotNull)
            .and_then(|it| it.message.as_ref());
        let message = match own {
            Some(own) => own.to_string(),
            None => format!("{}.{} cannot be null", model.name, attribute.name),
        };
        self.add(at, message);
    }

    /// A validator refuses it.
    pub(super) fn refused(&mut self, at: Span, message: String) {
        self.refused += 1;
        self.add(at, message);
    }

    /// Everything as one problem, if there is something.
    pub(super) fn problem(self, at: Span) -> RunResult<()> {
        let count = self.nulls + self.misfits + self.refused;
        if count == 0 {
            return Ok(());
        }
        let inside = self.all.iter().filter(|(place, _)| *place != at);
        let places = inside.map(|(place, message)| {
            let (start, end) = (place.start as usize, place.end as usize);
            LabeledSpan::new(Some(message.clone()), start, end.saturating_sub(start))
        });
        let places: Vec<_> = places.collect();
        let at = places.is_empty().then_some(at);
        let violations = Violations {
            messages: self.all.into_iter().map(|(_, message)| message).collect(),
            count,
        };
        Err(if self.misfits > 0 {
            RunProblem::DoesNotFit { violations, places, at }
        } else if self.refused > 0 {
            RunProblem::Invalid { violations, places, at }
        } else {
            RunProblem::NotNull {
                what: NullViolation::Found(violations),
                places,
                at,
                cause: Cause { message: "this sentence wrote nothing".to_owned(), code: None },
            }
        })
    }
}

impl Runner<'_> {
    /// Asks an attribute's validators of a value.
    pub(super) fn validate(
        &mut self,
        attribute: &Attribute,
        value: &Value,
        at: Span,
        wrong: &mut ValidationErrors,
    ) {
        let Some(extra) = &attribute.extra else {
            return;
        };
        if *value == Value::Null {
            return;
        }
        for validator in &extra.validators {
            if !validator.passes(value, &mut self.environment.patterns) {
                wrong.refused(at, validator.refusal(&attribute.name));
            }
        }
    }
}

//! `update`, `increment`, `decrement`, `destroy`, `restore` and `truncate`: verbs that change rows that are there.

use super::super::model_id;
use super::super::rows;
use super::super::rows::RowOf;
use super::super::width;
use super::{RowSentence, RowSubject};
use crate::ast;
use crate::diagnostics::{CheckProblem, Stray};
use crate::ir::{Assignment, Data, DataType, Expression, RowTarget};
use crate::value::Value;
use crate::verbs::OptionId;

impl<'a> RowSentence<'_, 'a> {
    pub(super) fn update(mut self) -> Option<Data> {
        let braces = self.values()?;
        let target = self.target();
        let (values, write) = (self.changes(braces), self.write());
        Some(Data::Update(target?, values?, write?))
    }

    /// `increment { views: 1 }`, or `decrement`
    pub(super) fn increment(mut self, down: bool) -> Option<Data> {
        let braces = self.values()?;
        let target = self.target();
        let mut values = self.added(braces);
        if down {
            values.iter_mut().flatten().for_each(negate);
        }
        Some(Data::Increment(target?, values?))
    }

    pub(super) fn destroy(mut self) -> Option<Data> {
        self.require_only_options()?;
        let force = self.said.is_on(OptionId::Force);
        Some(Data::Destroy(self.target()?, force))
    }

    pub(super) fn restore(mut self) -> Option<Data> {
        self.require_only_options()?;
        let target = self.target()?;
        let model = self.context.model(self.model);
        if model.paranoid {
            return Some(Data::Restore(target));
        }
        let problem = CheckProblem::Contradiction {
            message: format!("`{}` is not paranoid, so its deleted rows are gone", model.name),
            at: self.sentence.span,
            label: "nothing to bring back".into(),
            help: Some(format!("declare `model {} {{ .. }} < paranoid >`", model.name)),
        };
        self.context.report(problem);
        None
    }

    pub(super) fn truncate(mut self) -> Option<Data> {
        self.require_only_options()?;
        Some(Data::Truncate(model_id(self.model)))
    }

    /// The values that a sentence has in braces.
    fn values(&mut self) -> Option<&'a ast::Braces> {
        match &self.required_row()?.kind {
            ast::ValueKind::Object(braces) => Some(braces),
            _ => self.malformed(&format!("`{}` takes values in braces", self.facts.name)),
        }
    }

    /// Which rows are changed: a variable's, or those of `where`; `all` says that all are meant.
    fn target(&mut self) -> Option<RowTarget> {
        if let RowSubject::Row(word, known) = &self.subject {
            if let Some(it) = self.said.iter().find(|it| it.option.id.chooses_rows()) {
                let model = &self.context.model(known.model).name;
                let problem = CheckProblem::NotHere {
                    what: Stray::Word(it.option.name().to_string()),
                    at: it.item.name.span,
                    label: format!("`{}` is one row already", word.text),
                    help: Some(format!(
                        "leave it out, or choose among all rows: `{model} {} .. < where: (..) >`",
                        self.facts.name
                    ).into()),
                };
                self.context.report(problem);
                return None;
            }
            return Some(RowTarget::Variable(word.text.clone(), model_id(known.model)));
        }
        let is_said = self.said.iter().any(|it| it.option.id == OptionId::Where);
        if self.query.filter.is_none() && is_said && !self.context.unread.is_empty() {
            // It reads a variable that nothing is known of.
            return None;
        }
        if self.query.filter.is_none() && !self.said.is_on(OptionId::All) {
            self.context.report(CheckProblem::WhichRows {
                verb: self.facts.name.into(),
                at: self.sentence.words.get(1).map_or(self.sentence.span, |it| it.span),
                help: Some(
                    "say which rows, `< where: (id = 1) >`, or `< all >` where all are meant"
                        .to_string(),
                ),
            });
            return None;
        }
        Some(RowTarget::Query(Box::new(std::mem::take(&mut self.query))))
    }

    /// What each attribute becomes: something else than it is, where a variable of its name may be meant.
    fn changes(&mut self, braces: &'a ast::Braces) -> Option<Vec<Assignment>> {
        let values = self.assignments(braces)?;
        for Assignment { attribute, path, value, span } in &values {
            let name = self.context.model(self.model).attribute(*attribute).name.clone();
            if path.is_empty()
                && matches!(value, Expression::Attribute(it) if it == attribute)
                && self.context.is_variable(&name)
            {
                self.context.report(CheckProblem::WrongOperand {
                    message: format!("`{name}` becomes what it is"),
                    at: *span,
                    found: "the row's own".into(),
                    help: Some(
                        format!("in brackets an attribute goes before a variable of its name: write `{name}: {name}` for the variable")
                            .into(),
                    ),
                });
                return None;
            }
        }
        Some(values)
    }

    pub(super) fn assignments(&mut self, braces: &'a ast::Braces) -> Option<Vec<Assignment>> {
        let into = RowOf { model: self.model, changes: true };
        let values = rows::assignments(self.context, into, braces)?;
        width::of_values(self.context, &values);
        Some(values)
    }

    /// What is added to each attribute.
    pub(super) fn added(&mut self, braces: &'a ast::Braces) -> Option<Vec<Assignment>> {
        let values = self.assignments(braces)?;
        for value in &values {
            let attribute = self.context.model(self.model).attribute(value.attribute);
            if !is_number(&attribute.data_type) {
                let problem = CheckProblem::DoesNotFit {
                    value: format!("`{}`", attribute.name),
                    type_name: "a number type".into(),
                    at: value.span,
                    reason: format!("it is {}", attribute.data_type.written()),
                    help: Some("`update` gives it another value".into()),
                };
                self.context.report(problem);
                return None;
            }
            if matches!(value.value, Expression::Literal(Value::Null)) {
                let name = attribute.name.to_string();
                self.context.report(CheckProblem::DoesNotFit {
                    value: "null".to_owned(),
                    type_name: "a number type".into(),
                    at: value.span,
                    reason: "nothing is added, and every sum with null is null".to_owned(),
                    help: Some(format!("`update {{ {name}: null }}` makes it null").into()),
                });
                return None;
            }
        }
        Some(values)
    }
}

fn negate(assignment: &mut Assignment) {
    assignment.value = match std::mem::replace(&mut assignment.value, Expression::Star) {
        Expression::Literal(Value::Integer(assignment)) => {
            Expression::Literal(Value::Integer(assignment.checked_neg().unwrap_or(i64::MAX)))
        }
        Expression::Literal(Value::Float(assignment)) => {
            Expression::Literal(Value::Float(-assignment))
        }
        other => Expression::Negate(Box::new(other)),
    };
}

/// Whether values of a type can be added up.
pub(super) const fn is_number(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Integer(_)
            | DataType::Float(_)
            | DataType::Decimal(_)
            | DataType::Raw(_)
            | DataType::Virtual
    )
}

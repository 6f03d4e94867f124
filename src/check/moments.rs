//! What stands beside a DATE is read as one, wherever it comes from: a literal, a variable, a column of texts, a place in a document.

use super::bindings::VariableType;
use super::expressions::Lowering;
use super::scope::Sort;
use super::typing;
use crate::ast;
use crate::ir::{Contents, DataType, Expression};

/// What is equal to an attribute of that type: read as a date, where the attribute is one.
pub(super) fn as_date(value: Expression, data_type: &DataType) -> Expression {
    match data_type {
        DataType::Date(_) | DataType::DateOnly if !matches!(value, Expression::Literal(_)) => {
            Expression::Cast(Box::new(value), data_type.clone())
        }
        _ => value,
    }
}

impl<'a> Lowering<'_, 'a> {
    /// The type by which texts are read beside an expression that is a DATE.
    pub(super) fn moment_of(&mut self, value: &'a ast::ValueNode) -> Option<DataType> {
        self.type_of(value).filter(|it| matches!(it, DataType::Date(_)))
    }

    /// What is compared with a date: texts in whatever form, and days, as the moments that they are.
    pub(super) fn read_beside(
        &mut self,
        value: &'a ast::ValueNode,
        meant: Expression,
        beside: Option<&DataType>,
    ) -> Expression {
        let Some(data_type) = beside else { return meant };
        if !matches!(data_type, DataType::Date(_) | DataType::DateOnly) {
            return self.number_beside(value, meant, data_type);
        }
        let is_day = matches!(data_type, DataType::DateOnly);
        let is_variable = matches!(meant, Expression::Variable(_));
        if matches!(value.kind, ast::ValueKind::Group(_) | ast::ValueKind::List(_))
            || matches!(meant, Expression::Literal(_))
            || is_day && !is_variable
        {
            return meant;
        }
        let reads = match typing::kind_of(self.context, value, self.scope).map(|it| it.sort) {
            Some(Sort::Text) => typing::may_be_date(value),
            Some(Sort::Day) => !is_day,
            Some(Sort::Moment | Sort::Number | Sort::Truth | Sort::Bytes) => false,
            None if is_variable => self.is_of_values(value),
            None => matches!(meant, Expression::Json(..)),
        };
        if reads { as_date(meant, data_type) } else { meant }
    }

    /// A variable beside numbers, of which nothing is known: what it holds is looked at when the sentence runs.
    fn number_beside(
        &mut self,
        value: &'a ast::ValueNode,
        meant: Expression,
        data_type: &DataType,
    ) -> Expression {
        let Expression::Variable(mut variable) = meant else { return meant };
        let counts =
            matches!(data_type.holds(), Contents::Integer | Contents::Number | Contents::Truth);
        if counts && typing::kind_of(self.context, value, self.scope).is_none() {
            variable.beside = Some(Box::new(data_type.clone()));
        }
        Expression::Variable(variable)
    }

    /// Whether a variable holds values, of which nothing is known.
    fn is_of_values(&self, value: &ast::ValueNode) -> bool {
        let ast::ValueKind::Name(word) = &value.kind else { return true };
        let held = self.context.variable_type(&word.text);
        matches!(held, Some(VariableType::Value(_) | VariableType::List(_)))
    }
}

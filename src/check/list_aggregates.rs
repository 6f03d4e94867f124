//! Aggregates of a list of values, which a variable holds or a script says: `sum(xs)`, `max([1, 2, 3])`.

use super::bindings::VariableType;
use super::expressions::Lowering;
use super::operands;
use super::scope::{ExpressionPlace, ValueType};
use super::typing;
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{AggregateFunction, DataType, Expression};

impl<'a> Lowering<'_, 'a> {
    /// What an aggregate of one argument is, if that is a list; none inside after a report.
    #[expect(clippy::option_option, reason = "none where the argument is something else")]
    pub(super) fn of_list(
        &mut self,
        call: &'a ast::Call,
        function: AggregateFunction,
        value: &'a ast::ValueNode,
    ) -> Option<Option<Expression>> {
        let inner = typing::inner(value);
        match &inner.kind {
            ast::ValueKind::Name(word) => {
                let is_own = typing::is_of_row(self.context, &word.text, self.scope)
                    || self.scope.aliases.iter().any(|it| it.0 == word.text);
                let holds = self.context.variable_type(&word.text).filter(|_| !is_own)?;
                // beside rows of a query one value is the same for each of them
                let of_rows = self.scope.model.is_some()
                    && matches!(
                        self.scope.place,
                        ExpressionPlace::Aggregate | ExpressionPlace::Order
                    );
                let kind = match holds {
                    VariableType::List(kind) => kind,
                    VariableType::Value(None) if !of_rows => None,
                    VariableType::Value(Some(kind)) if !of_rows => {
                        self.no_list(call, value, &kind);
                        return Some(None);
                    }
                    VariableType::Value(_) | VariableType::Row(_) | VariableType::Rows(_) => {
                        return None;
                    }
                };
                if !self.adds_up(call, function, value, kind.as_ref()) {
                    return Some(None);
                }
                let Some(list) = self.context.variable(word, &[], inner.span) else {
                    return Some(None);
                };
                Some(Some(over(function, call.distinct, list)))
            }
            // each of its members is known before a row is at hand
            ast::ValueKind::List(members) if self.scope.model.is_none() => {
                let adds = matches!(function, AggregateFunction::Sum | AggregateFunction::Avg);
                for member in members {
                    let is_null = matches!(member.kind, ast::ValueKind::Null);
                    if adds
                        && !is_null
                        && !operands::is_number(self.context, &call.name.text, member, self.scope)
                    {
                        return Some(None);
                    }
                }
                let Some(members) = self.lower_all(members) else { return Some(None) };
                Some(Some(over(function, call.distinct, Expression::List(members))))
            }
            _ => None,
        }
    }

    /// Whether the values of a list can be added up, if they are to be; else a report.
    fn adds_up(
        &mut self,
        call: &ast::Call,
        function: AggregateFunction,
        value: &ast::ValueNode,
        kind: Option<&ValueType>,
    ) -> bool {
        let adds = matches!(function, AggregateFunction::Sum | AggregateFunction::Avg);
        let Some(kind) = kind.filter(|it| adds && !it.sort.counts()) else { return true };
        self.context.report(CheckProblem::WrongOperand {
            message: format!("`{}` takes numbers", call.name.text),
            at: value.span,
            found: format!("each of them is {}", kind.words()),
            help: Some("give it numbers; `min`, `max` and `count` take anything".into()),
        });
        false
    }

    /// Whether documents were to be added up, which was told: as numbers they would be 0.
    pub(super) fn adds_documents(&mut self, call: &ast::Call) -> bool {
        let ([argument], Some(model)) = (call.arguments.as_slice(), self.scope.model) else {
            return false;
        };
        let (ast::ValueKind::Name(word), true) = (
            &typing::inner(argument).kind,
            matches!(
                AggregateFunction::named(&call.name.text),
                Some(AggregateFunction::Sum | AggregateFunction::Avg)
            ),
        ) else {
            return false;
        };
        let own = super::attribute_named(self.context, model, &word.text);
        let own = own.map(|it| &self.context.model(model).attribute(it).data_type);
        if !own.is_some_and(|it| matches!(it, DataType::Json | DataType::Jsonb)) {
            return false;
        }
        let (function, of) = (&call.name.text, &word.text);
        self.context.report(CheckProblem::WrongOperand {
            message: format!("`{function}` takes numbers"),
            at: argument.span,
            found: "a JSON document".to_owned(),
            help: Some(
                format!(
                    "a part of it has a path, `{function}({of}.amount)`; its list is added up by the database: sql`(SELECT {function}(value) FROM json_each({of}))`"
                )
                .into(),
            ),
        });
        true
    }

    fn no_list(&mut self, call: &ast::Call, value: &ast::ValueNode, kind: &ValueType) {
        self.context.report(CheckProblem::WrongOperand {
            message: format!("`{}` is about a list, or about rows", call.name.text),
            at: value.span,
            found: kind.words(),
            help: Some("a list of values is written in brackets: `let xs = [1, 2, 3]`".into()),
        });
    }
}

fn over(function: AggregateFunction, distinct: bool, list: Expression) -> Expression {
    Expression::OfList { function, distinct, list: Box::new(list) }
}

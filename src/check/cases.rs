//! `case a when b then c else d end`.

use super::expressions::Lowering;
use super::references::ComparedWithRow;
use super::{operands, row_variables};
use crate::ast;
use crate::ir::{DataType, Expression};

impl<'a> Lowering<'_, 'a> {
    /// `results` is the type as which its results are read.
    pub(super) fn case(
        &mut self,
        case: &'a ast::Case,
        results: Option<&DataType>,
    ) -> Option<Expression> {
        let operand = match &case.operand {
            Some(operand) => {
                let beside = case.arms.iter().find_map(|(when, _)| self.moment_of(when));
                Some(self.lower(operand, beside.as_ref())?)
            }
            None => None,
        };
        let beside = case.operand.as_ref().and_then(|it| self.type_of(it));
        let mut arms = Vec::with_capacity(case.arms.len());
        for (when, then) in &case.arms {
            let tested = match (&case.operand, &operand) {
                (Some(written), Some(meant)) => {
                    let lowered = self.lower_any(when, beside.as_ref());
                    let lowered = lowered
                        .filter(|_| operands::comparable(self.context, written, when, self.scope));
                    let beside = ComparedWithRow::Operand(written, meant);
                    lowered.and_then(|it| {
                        row_variables::keyed(self.context, it, when.span, beside, self.scope)
                    })
                }
                _ => self.condition(when),
            };
            let then = self.lower(then, results);
            arms.push((tested?, then?));
        }
        let otherwise = match &case.otherwise {
            Some(otherwise) => Some(Box::new(self.lower(otherwise, results)?)),
            None => None,
        };
        Some(Expression::Case { operand: operand.map(Box::new), arms, otherwise })
    }
}

//! Which numbers may be those of a DECIMAL.

use super::documents::{Documents, data_type};
use crate::ast::Family;
use crate::ir::{AggregateFunction, DataType, Expression};

/// Functions that hand on the numbers that they are given, or add them up.
const HAND_ON: [&str; 10] =
    ["sum", "min", "max", "total", "abs", "coalesce", "ifnull", "nullif", "iif", "if"];

/// Whether a DECIMAL may be among the numbers of which an expression is made. Of one of very many parts it isn't asked.
pub(super) fn holds_decimal(documents: Documents<'_, '_>, expression: &Expression) -> bool {
    let mut rest = vec![(documents, expression)];
    for _ in 0..256 {
        let Some((documents, it)) = rest.pop() else {
            return false;
        };
        let inner: Vec<&Expression> = match it {
            Expression::Binary(operator, left, right)
                if operator.family() == Family::Arithmetic =>
            {
                vec![left, right]
            }
            Expression::Negate(inner) => vec![inner],
            Expression::Case { arms, otherwise, .. } => {
                arms.iter().map(|(_, then)| then).chain(otherwise.as_deref()).collect()
            }
            Expression::Call { name, arguments, .. }
                if HAND_ON.iter().any(|it| name.eq_ignore_ascii_case(it)) =>
            {
                arguments.iter().collect()
            }
            Expression::Cast(_, DataType::Decimal(_)) => return true,
            Expression::AggregateOf { function, path, of: Some(of), .. }
                if *function != AggregateFunction::Count =>
            {
                if let (Some(row), Some(last)) = (documents.row(), path.last()) {
                    let schema = row.schema();
                    let model = &schema[schema[*last].target];
                    rest.push((Documents { model, ..documents }, of));
                }
                Vec::new()
            }
            other => {
                let found = data_type(documents.model, documents.naming, other);
                if matches!(found, Some(DataType::Decimal(_))) {
                    return true;
                }
                Vec::new()
            }
        };
        rest.extend(inner.into_iter().map(|it| (documents, it)));
    }
    false
}

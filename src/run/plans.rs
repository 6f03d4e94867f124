//! Plans of `findByPk` that are kept, since only the key is another each time.

use crate::ir::{Expression, Query};
use crate::plan::Selection;
use crate::value::Value;
use std::sync::Arc;

/// So many are kept.
const MOST: usize = 32;

/// The plans, with what they are of.
#[derive(Debug, Clone, Default)]
pub(super) struct KeptPlans(Vec<(Arc<Query>, Selection)>);

impl KeptPlans {
    /// The plan of an equal query, for a key of these values; none of them where it isn't known yet.
    pub(super) fn of<'v>(
        &mut self,
        query: &Arc<Query>,
        key: impl Iterator<Item = Option<&'v Value>>,
    ) -> Option<&Selection> {
        let same = self.0.iter().position(|(it, _)| Arc::ptr_eq(it, query));
        let place = same.or_else(|| self.0.iter().position(|(it, _)| it == query))?;
        let (_, known) = self.0.get_mut(place)?;
        let parameters = &mut known.statement.parameters;
        for (parameter, it) in parameters.iter_mut().zip(key) {
            parameter.clone_from(it?);
        }
        Some(known)
    }

    /// Keeps a plan that was made for this key, if it is good for any: it has no parameters but the key.
    pub(super) fn keep(&mut self, query: &Arc<Query>, key: &[Expression], plan: Selection) {
        let parameters = &plan.statement.parameters;
        let same = parameters.len() == key.len()
            && key.iter().zip(parameters).all(|(it, parameter)| literal(it) == Some(parameter));
        if !same || !plan.children.is_empty() {
            return;
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        self.0.push((Arc::clone(query), plan));
    }

    /// What was planned is planned again.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

/// The value that an expression is.
pub(super) const fn literal(expression: &Expression) -> Option<&Value> {
    match expression {
        Expression::Literal(value) => Some(value),
        _ => None,
    }
}

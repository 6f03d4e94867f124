//! What a query that puts rows together tells of them.

use super::{ColumnPlace, SqlExpression, ViewQuery};

impl ViewQuery {
    /// The columns of which it tells a value of a group, though they are neither among its keys nor put together: those that it shows, orders by,
    /// and asks groups for.
    pub fn loose_columns(&self) -> Vec<ColumnPlace> {
        let shown = self.columns.iter().map(|it| &it.1);
        let order = self.order.iter().map(|it| &it.expression);
        let told = || shown.clone().chain(&self.having).chain(order.clone());
        let mut res = Vec::new();
        if !self.group.is_empty() || told().any(|it| it.any_part(&is_together)) {
            for it in told() {
                self.add_loose(it, &mut res);
            }
        }
        res
    }

    fn add_loose(&self, expression: &SqlExpression, res: &mut Vec<ColumnPlace>) {
        if self.group.contains(expression) || is_together(expression) {
            return;
        }
        if let SqlExpression::Column(source, place) = expression
            && !res.contains(&(*source, *place))
        {
            res.push((*source, *place));
        }
        for it in expression.parts() {
            self.add_loose(it, res);
        }
    }
}

/// The functions that make one value of many rows, whatever they are given; `min` and `max` do of one argument.
const TOGETHER: [&str; 8] = [
    "count",
    "sum",
    "avg",
    "total",
    "group_concat",
    "string_agg",
    "json_group_array",
    "json_group_object",
];

/// Whether it is one value of many rows.
fn is_together(expression: &SqlExpression) -> bool {
    match expression {
        SqlExpression::Call { name, .. } => {
            TOGETHER.contains(&name.as_str()) || expression.is_extreme()
        }
        _ => false,
    }
}

impl SqlExpression {
    /// Whether it is the smallest or the largest value of many rows.
    pub(super) fn is_extreme(&self) -> bool {
        match self {
            Self::Call { name, arguments: Some(arguments), .. } => {
                ["min", "max"].contains(&name.as_str()) && arguments.len() == 1
            }
            _ => false,
        }
    }
}

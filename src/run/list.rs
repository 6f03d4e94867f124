//! Aggregates of lists that a script holds: the database computes them, as it does those of rows.

use super::Runner;
use crate::client::RunResult;
use crate::diagnostics::{RunProblem, UnreadValue};
use crate::ir::AggregateFunction;
use crate::record::Decoding;
use crate::source::Span;
use crate::sql::ListAggregate;
use crate::value::Value;
use std::ops::ControlFlow;

impl Runner<'_> {
    /// What an aggregate of these values is; nulls are left out, and of none it is null, or 0 of them.
    pub(super) fn over_list(
        &mut self,
        (function, distinct): (AggregateFunction, bool),
        values: Vec<Value>,
        at: Span,
    ) -> RunResult<Value> {
        if let Some(found) = values.iter().find_map(|it| not_a_number(function, it)) {
            let what = UnreadValue::Number { function: function.word(), found };
            return Err(RunProblem::Unread { what, at });
        }
        let reading = match function {
            AggregateFunction::Min | AggregateFunction::Max => {
                let given = values.iter().filter(|it| **it != Value::Null);
                Decoding::common(given.map(Decoding::of_value))
            }
            AggregateFunction::Count | AggregateFunction::Sum | AggregateFunction::Avg => {
                Decoding::Plain
            }
        };
        let dialect = self.database.dialect();
        let sql = ListAggregate { function: function.word(), distinct, values }.render(dialect);
        let mut res = Value::Null;
        let asked = self.query_sql(&sql.text, &sql.parameters, &mut |row| {
            if let [value] = row {
                res = value.clone();
            }
            ControlFlow::Break(())
        });
        asked.map_err(|it| self.failure(it, at))?;
        Ok(reading.read(&res))
    }
}

/// What a value is that can't be added up.
fn not_a_number(function: AggregateFunction, value: &Value) -> Option<String> {
    match function {
        AggregateFunction::Sum | AggregateFunction::Avg => {}
        AggregateFunction::Count | AggregateFunction::Min | AggregateFunction::Max => return None,
    }
    match value {
        Value::Null | Value::Integer(_) | Value::Float(_) | Value::Decimal(_) => None,
        Value::Text(text) => Some(format!("the text {text:?}")),
        Value::Bool(_) => Some("true or false".to_owned()),
        Value::Blob(_) => Some("a blob".to_owned()),
        Value::Date(_) => Some("a date".to_owned()),
        Value::Json(_) => Some("a document".to_owned()),
    }
}

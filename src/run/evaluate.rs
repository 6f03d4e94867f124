//! Expressions outside of queries: the database computes them, with variables as parameters.

use super::bind::incomparable;
use super::{Binding, RunResult, Runner};
use crate::diagnostics::{RunProblem, UnreadValue};
use crate::ir::{
    AssociationId, DataType, Expression, HeldRows, JsonStep, Order, OwnRead, Query, VariablePath,
    VariableStep, beside_numbers, key_of,
};
use crate::record::{Decoding, Item, Record};
use crate::source::Span;
use crate::sql::{HeldColumn, HeldTable};
use crate::value::Value;
use smol_str::SmolStr;
use std::ops::ControlFlow;

/// Refuses a condition of rows that are changed which asks something of a row that isn't there: null beside an attribute is `is null`, and
/// rows that nobody meant would be changed.
pub(super) fn require_rows(run: &mut Runner<'_>, query: &Query) -> RunResult<()> {
    let mut rows = Vec::new();
    let mut add = |it: &Expression| {
        let Expression::Variable(asked) = it else {
            return;
        };
        let steps = match asked.steps.as_slice() {
            [steps @ .., VariableStep::Attribute(..)] => steps,
            [.., VariableStep::Association(_)] => &*asked.steps,
            _ => return,
        };
        rows.push(VariablePath { steps: steps.to_vec(), ..asked.clone() });
    };
    if let Some(filter) = &query.filter {
        filter.visit(&mut add);
    }
    for row in rows {
        if matches!(run.variable(&row)?, Binding::Value(Value::Null)) {
            let mut name = row.name.to_string();
            for step in &row.steps {
                if let VariableStep::Association(id) = step {
                    name = format!("{name}.{}", run.scripts.schema[*id].name);
                }
            }
            return Err(RunProblem::NullVariable { name, at: row.span });
        }
    }
    Ok(())
}

/// Whether an assertion holds.
pub(super) fn is_true(held: &Binding) -> bool {
    match held {
        Binding::Value(value) => match value {
            Value::Null | Value::Bool(false) | Value::Integer(0) => false,
            Value::Float(it) => *it != 0.0,
            Value::Text(it) => it.parse::<f64>().is_ok_and(|it| it != 0.0),
            _ => true,
        },
        Binding::Row(_) => true,
        Binding::Rows(rows) => !rows.is_empty(),
        Binding::List(values) => !values.is_empty(),
    }
}

/// A decimal that is written in a script is a number like any other, unless that would round it.
fn number(value: Value) -> Value {
    let Value::Decimal(digits) = &value else { return value };
    if digits.bytes().filter(u8::is_ascii_digit).count() > 15 {
        return value;
    }
    match Decoding::Plain.read(&value) {
        Value::Float(it) if !it.is_finite() => value,
        read => read,
    }
}

impl Runner<'_> {
    /// What an expression is.
    pub(super) fn evaluate(&mut self, expression: &Expression, at: Span) -> RunResult<Binding> {
        match expression {
            Expression::Variable(variable) => self.variable(variable),
            Expression::Literal(value) => Ok(Binding::Value(number(value.clone()))),
            Expression::List(members) => {
                let each = members.iter().map(|it| self.evaluate_value(it, at).map(number));
                Ok(Binding::List(each.collect::<RunResult<_>>()?))
            }
            _ => {
                let bound = self.bind(expression, at)?;
                self.computed(&bound, at).map(Binding::Value)
            }
        }
    }

    /// What an expression is, where it has to be a value.
    pub(super) fn evaluate_value(&mut self, expression: &Expression, at: Span) -> RunResult<Value> {
        let bound = self.bind(expression, at)?;
        self.computed(&bound, at)
    }

    /// What a bound expression is.
    pub(super) fn computed(&mut self, bound: &Expression, at: Span) -> RunResult<Value> {
        if let Expression::Literal(value) = bound {
            return Ok(value.clone());
        }
        let sql = self.planner().value(bound);
        let mut res = Value::Null;
        let asked = self.query_sql(&sql.text, &sql.parameters, &mut |row| {
            if let [value] = row {
                res = value.clone();
            }
            ControlFlow::Break(())
        });
        asked.map_err(|it| self.failure(it, at))?;
        Ok(kind(bound).read(&res))
    }

    /// What a path from a variable leads to. From null it leads to null.
    pub(super) fn variable(&mut self, variable: &VariablePath) -> RunResult<Binding> {
        let at = variable.span;
        let Some(shared) = self.environment.shared_binding(&variable.name) else {
            // The sentence that was to give it something failed.
            return Err(RunProblem::NullVariable { name: variable.name.to_string(), at });
        };
        let mut steps = variable.steps.as_slice();
        let mut held = shared.as_ref().clone();
        while let Some((step, rest)) = steps.split_first() {
            steps = rest;
            held = match (step, held) {
                (_, Binding::Value(Value::Null)) => return Ok(Binding::Value(Value::Null)),
                (VariableStep::Attribute(model, attribute), Binding::Row(row)) => {
                    Binding::Value(self.read_of(at, *model, *attribute, &row)?)
                }
                (VariableStep::Attribute(model, attribute), Binding::Rows(rows)) => {
                    let each = rows.iter().map(|it| self.read_of(at, *model, *attribute, it));
                    Binding::List(each.collect::<RunResult<_>>()?)
                }
                (VariableStep::Association(id), Binding::Row(row)) => {
                    self.associated(at, *id, &row)?
                }
                (VariableStep::Key(JsonStep::Key(name)), Binding::Row(row)) => {
                    member(&row, name).ok_or_else(|| unread(variable, name))?
                }
                (VariableStep::Key(JsonStep::Index(place)), Binding::Rows(rows)) => {
                    nth(*place, rows).into()
                }
                (VariableStep::Key(JsonStep::Index(place)), Binding::List(values)) => {
                    Binding::Value(nth(*place, values).unwrap_or(Value::Null))
                }
                (VariableStep::Key(first), Binding::Value(document)) => {
                    let mut path = vec![first.clone()];
                    while let Some((VariableStep::Key(step), rest)) = steps.split_first() {
                        path.push(step.clone());
                        steps = rest;
                    }
                    Binding::Value(self.inside(at, &document, &path)?)
                }
                (VariableStep::Key(_) | VariableStep::Attribute(..), _)
                | (
                    VariableStep::Association(_),
                    Binding::Value(_) | Binding::Rows(_) | Binding::List(_),
                ) => Binding::Value(Value::Null),
            };
        }
        as_number(held, variable)
    }

    /// `sum(rows.total)`, `sum(ann.invoices.amount)`: an aggregate or a quantifier over the rows that a variable holds, or over those
    /// to which associations lead from them. From null they lead to none.
    pub(super) fn over_held(&mut self, held: &HeldRows, of: &Expression) -> RunResult<Value> {
        let (at, schema) = (held.variable.span, self.scripts.schema);
        let rows = match self.variable(&held.variable)? {
            Binding::Row(row) => vec![row],
            Binding::Rows(rows) => rows,
            Binding::Value(_) | Binding::List(_) => Vec::new(),
        };
        let reads = of.own_reads(&schema.associations);
        let (Expression::AggregateOf { path, .. } | Expression::Quantified { path, .. }) = of
        else {
            return Ok(Value::Null);
        };
        let keys = key_of(&schema.associations, path);
        let model = &schema[held.model];
        let mut table = HeldTable {
            model: held.model,
            columns: (reads.iter())
                .map(|it| match it {
                    OwnRead::Attribute(id) => {
                        let attribute = model.attribute(*id);
                        let collation = attribute.collation().map(SmolStr::from);
                        HeldColumn { name: attribute.name.clone(), collation }
                    }
                    OwnRead::Name(name) => HeldColumn { name: name.clone(), collation: None },
                })
                .collect(),
            rows: Vec::with_capacity(rows.len()),
        };
        for row in &rows {
            let each = reads.iter().map(|it| match it {
                OwnRead::Attribute(id) if keys.contains(id) => {
                    let read = self.values_of(at, held.model, std::iter::once(*id), row)?;
                    Ok(read.into_iter().next().unwrap_or(Value::Null))
                }
                OwnRead::Attribute(id) => self.read_of(at, held.model, *id, row),
                OwnRead::Name(name) => match member(row, name) {
                    Some(Binding::Value(value)) => Ok(value),
                    Some(_) => Ok(Value::Null),
                    None => Err(unread(&held.variable, name)),
                },
            });
            let row = each.collect::<RunResult<_>>()?;
            table.rows.push(row);
        }
        self.reader(at).over_held(table, of)
    }

    /// A place in a document.
    fn inside(&mut self, at: Span, document: &Value, path: &[JsonStep]) -> RunResult<Value> {
        if !matches!(document, Value::Json(_)) {
            return Ok(Value::Null);
        }
        let sql = self.planner().part(document, path);
        let found = self.column(at, &sql)?.into_iter().next();
        Ok(found.map_or(Value::Null, |it| Decoding::JsonPart.read(&it)))
    }

    /// The row or the rows that an association leads to, as they are in the database.
    pub(super) fn associated(
        &mut self,
        at: Span,
        id: AssociationId,
        row: &Record,
    ) -> RunResult<Binding> {
        let schema = self.scripts.schema;
        let association = &schema[id];
        let own = association.own_key();
        let key = self.values_of(at, association.source, own, row)?;
        let key_order = schema[association.target].primary_key.iter();
        let query =
            Query { order: key_order.map(|it| Order::by(*it)).collect(), ..Query::default() };
        let mut rows = if key.contains(&Value::Null) {
            Vec::new()
        } else {
            self.reader(at).find_linked(id, &key, &query)?
        };
        Ok(if association.is_to_many() {
            Binding::Rows(rows)
        } else {
            rows.truncate(1);
            rows.pop().into()
        })
    }

    /// The row that a variable holds.
    pub(super) fn row_of(&mut self, name: &SmolStr, at: Span) -> RunResult<Record> {
        match self.environment.shared_binding(name).as_deref() {
            Some(Binding::Row(row)) => Ok(row.clone()),
            _ => Err(RunProblem::NullVariable { name: name.to_string(), at }),
        }
    }
}

/// That a row has no member of that name.
fn unread(variable: &VariablePath, member: &str) -> RunProblem {
    RunProblem::Unread {
        what: UnreadValue::Member {
            variable: variable.name.to_string(),
            member: member.to_string(),
        },
        at: variable.span,
    }
}

fn member(row: &Record, name: &str) -> Option<Binding> {
    Some(match row.get(name)? {
        Item::Value(value) => Binding::Value(value.clone()),
        Item::Record(row) => Binding::Row(row.clone()),
        Item::List(rows) => Binding::Rows(rows.clone()),
    })
}

fn nth<T>(place: i64, mut of: Vec<T>) -> Option<T> {
    let place = usize::try_from(place).ok().filter(|it| *it < of.len())?;
    Some(of.swap_remove(place))
}

/// What a variable holds, where it is compared with numbers.
fn as_number(held: Binding, variable: &VariablePath) -> RunResult<Binding> {
    let Some(data_type) = variable.beside.as_deref() else {
        return Ok(held);
    };
    let read = |value: Value| {
        let number = beside_numbers(value.clone(), data_type);
        number.map_err(|reason| incomparable(&value, data_type, &reason, variable.span))
    };
    Ok(match held {
        Binding::Value(value) => Binding::Value(read(value)?),
        Binding::List(values) => {
            Binding::List(values.into_iter().map(read).collect::<RunResult<_>>()?)
        }
        Binding::Row(_) | Binding::Rows(_) => held,
    })
}

/// How the value of an expression without columns is read.
fn kind(expression: &Expression) -> Decoding {
    match expression {
        Expression::Literal(value) => Decoding::of_value(value),
        Expression::Json(..) => Decoding::JsonPart,
        Expression::Not(_)
        | Expression::And(_)
        | Expression::Or(_)
        | Expression::IsNull(..)
        | Expression::Between { .. }
        | Expression::In { .. } => Decoding::Boolean,
        Expression::Binary(operator, ..) if operator.is_condition() => Decoding::Boolean,
        Expression::Cast(_, data_type) => match data_type {
            DataType::Boolean => Decoding::Boolean,
            _ => Decoding::Plain,
        },
        Expression::Case { arms, otherwise, .. } => {
            let each = arms.iter().map(|(_, it)| it).chain(otherwise.as_deref());
            common_decoding(each)
        }
        Expression::Call { name, arguments, .. } => {
            let first = ["coalesce", "ifnull", "nullif", "min", "max", "iif"];
            if first.iter().any(|it| name.eq_ignore_ascii_case(it)) {
                let skip = usize::from(name.eq_ignore_ascii_case("iif"));
                common_decoding(arguments.iter().skip(skip))
            } else {
                Decoding::Plain
            }
        }
        Expression::Binary(..)
        | Expression::Attribute(_)
        | Expression::Related(..)
        | Expression::OfLink { .. }
        | Expression::Variable(_)
        | Expression::Alias(_)
        | Expression::Former(_)
        | Expression::Sql(_)
        | Expression::Negate(_)
        | Expression::List(_)
        | Expression::Star
        | Expression::Quantified { .. }
        | Expression::AggregateOf { .. }
        | Expression::OfList { .. }
        | Expression::Around(..) => Decoding::Plain,
    }
}

/// How values are read that are one of several; those that are null aside.
fn common_decoding<'e>(each: impl Iterator<Item = &'e Expression>) -> Decoding {
    let null = |it: &&Expression| matches!(it, Expression::Literal(Value::Null));
    Decoding::common(each.filter(|it| !null(it)).map(kind))
}

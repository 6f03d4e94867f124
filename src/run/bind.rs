//! Expressions and queries with literals in place of variables, of the present moment and of chance.

use super::{Binding, Runner};
use crate::client::{Client, RunResult, told};
use crate::diagnostics::{RunProblem, UnreadValue, Violations};
use crate::ir::{
    DataType, Expression, HeldRows, Include, Misfit, ModelId, Order, Query, Selected, ThroughQuery,
    fit,
};
use crate::source::Span;
use crate::value::Value;
use miette::LabeledSpan;
use smol_str::SmolStr;

impl Runner<'_> {
    /// An expression with literals in place of what only the script knows.
    pub(super) fn bind(&mut self, expression: &Expression, at: Span) -> RunResult<Expression> {
        Binder { run: self, at }.bind(expression)
    }

    /// A query with literals in place of what only the script knows.
    pub(super) fn bind_query(&mut self, query: &Query, at: Span) -> RunResult<Query> {
        Binder { run: self, at }.bind_query(query)
    }

    /// The moment of the sentence that runs: one for all of it.
    pub(super) fn now(&mut self) -> Value {
        Value::Date(self.moment())
    }

    /// The same, as it is written.
    pub(super) fn moment(&mut self) -> SmolStr {
        self.environment.clock.moment(self.database)
    }

    /// A UUID of chance.
    pub(super) fn uuid(&mut self, at: Span) -> RunResult<Value> {
        let mut client = Client::new(self.scripts, &mut *self.database);
        self.environment.clock.uuid(&mut client, at)
    }

    /// A UUID of the present moment, and of chance in place of a machine's address.
    pub(super) fn uuid_of_moment(&mut self, at: Span) -> RunResult<Value> {
        let mut client = Client::new(self.scripts, &mut *self.database);
        self.environment.clock.uuid_of_moment(&mut client, at)
    }
}

/// A list of values as a document.
pub(super) fn list_in_json(members: &[Expression]) -> Value {
    let mut text = String::from("[");
    for (place, member) in members.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        if let Expression::Literal(value) = member {
            crate::record::write_value(value, &mut text);
        }
    }
    text.push(']');
    Value::Json(text.into())
}

fn is_in(value: Box<Expression>, list: Expression, negated: bool) -> Expression {
    Expression::In { value, list: Box::new(list), negated }
}

/// `not in`, as many `!=` are: beside null that is `is not null`, as no value but null is by the others, too. SQL's finds no row at all.
fn without_nulls(value: Box<Expression>, list: Expression) -> Expression {
    let Expression::List(members) = list else {
        return is_in(value, list, true);
    };
    let is_null = |it: &Expression| matches!(it, Expression::Literal(Value::Null));
    if !members.is_empty() && members.iter().all(is_null) {
        return Expression::IsNull(value, true);
    }
    let others = members.into_iter().filter(|it| !is_null(it)).collect();
    is_in(value, Expression::List(others), true)
}

/// That a value can't be compared with those of a type.
pub(super) fn incomparable(
    value: &Value,
    data_type: &DataType,
    Misfit(reason): &Misfit,
    at: Span,
) -> RunProblem {
    let message = format!("{} does not fit {}: {reason}", told(value), data_type.written());
    let label = format!("is compared with {}", data_type.written());
    let place = LabeledSpan::new(Some(label), at.start as usize, at.len() as usize);
    RunProblem::DoesNotFit {
        violations: Violations { messages: vec![message], count: 1 },
        places: vec![place],
        at: None,
    }
}

/// Puts literals in place of what only the script knows.
struct Binder<'r, 'a> {
    run: &'r mut Runner<'a>,
    at: Span,
}

impl Binder<'_, '_> {
    fn bind(&mut self, expression: &Expression) -> RunResult<Expression> {
        Ok(match expression {
            Expression::Variable(variable) => match self.run.variable(variable)? {
                Binding::Value(value) => Expression::Literal(value),
                // `check` has made of rows what is asked for, where it knows their model.
                Binding::Row(_) | Binding::Rows(_) => {
                    return Err(RunProblem::Unread {
                        what: UnreadValue::Model(variable.name.to_string()),
                        at: variable.span,
                    });
                }
                Binding::List(values) => {
                    Expression::List(values.into_iter().map(Expression::Literal).collect())
                }
            },
            Expression::Call { name, arguments, .. } if name == "now" && arguments.is_empty() => {
                Expression::Literal(self.run.now())
            }
            Expression::Call { name, arguments, .. } if name == "uuid" => {
                let first =
                    matches!(arguments.as_slice(), [Expression::Literal(Value::Integer(1))]);
                Expression::Literal(if first {
                    self.run.uuid_of_moment(self.at)?
                } else {
                    self.run.uuid(self.at)?
                })
            }
            Expression::Literal(_)
            | Expression::Attribute(_)
            | Expression::Related(..)
            | Expression::OfLink { .. }
            | Expression::Alias(_)
            | Expression::Former(_)
            | Expression::Sql(_)
            | Expression::Star => expression.clone(),
            Expression::Around(back, of) => Expression::Around(*back, self.bind_boxed(of)?),
            Expression::AggregateOf { function, distinct, from, path, of } => {
                let bound = Expression::AggregateOf {
                    function: *function,
                    distinct: *distinct,
                    from: None,
                    path: path.clone(),
                    of: self.bind_some(of.as_deref())?.map(Box::new),
                };
                self.bind_held(from.as_deref(), bound)?
            }
            Expression::Json(base, steps) => {
                Expression::Json(self.bind_boxed(base)?, steps.clone())
            }
            Expression::Not(it) => Expression::Not(self.bind_boxed(it)?),
            Expression::Negate(it) => Expression::Negate(self.bind_boxed(it)?),
            Expression::And(members) => Expression::And(self.bind_all(members)?),
            Expression::Or(members) => Expression::Or(self.bind_all(members)?),
            Expression::List(members) => {
                // A member that is a list itself stands for its members.
                let mut all = Vec::with_capacity(members.len());
                for member in members {
                    match self.bind(member)? {
                        Expression::List(inner) => all.extend(inner),
                        other => all.push(other),
                    }
                }
                Expression::List(all)
            }
            Expression::Binary(..) => self.bind_chain(expression)?,
            Expression::IsNull(it, negated) => match &**it {
                // Rows are there.
                Expression::Variable(variable) => match self.run.variable(variable)? {
                    Binding::Value(value) => {
                        Expression::IsNull(Box::new(Expression::Literal(value)), *negated)
                    }
                    Binding::Row(_) | Binding::Rows(_) | Binding::List(_) => {
                        Expression::Literal(Value::Bool(*negated))
                    }
                },
                it => Expression::IsNull(Box::new(self.bind(it)?), *negated),
            },
            Expression::Between { value, low, high, negated } => Expression::Between {
                value: self.bind_boxed(value)?,
                low: self.bind_boxed(low)?,
                high: self.bind_boxed(high)?,
                negated: *negated,
            },
            Expression::In { value, list, negated }
                if let (Expression::List(own), Expression::List(columns)) = (&**value, &**list) =>
            {
                Expression::In {
                    value: Box::new(Expression::List(self.bind_all(own)?)),
                    list: Box::new(Expression::List(self.keys_of_rows(columns)?)),
                    negated: *negated,
                }
            }
            Expression::In { value, list, negated } => {
                let list = match self.bind(list)? {
                    // One value, or none.
                    Expression::Literal(Value::Null) => Expression::List(Vec::new()),
                    one @ Expression::Literal(_) if !one.is_json_list() => {
                        Expression::List(vec![one])
                    }
                    other => other,
                };
                let value = self.bind_boxed(value)?;
                if *negated { without_nulls(value, list) } else { is_in(value, list, false) }
            }
            Expression::Call { name, distinct, arguments } => {
                // `count(rows)`
                if let ("count", [Expression::Variable(variable)]) =
                    (name.as_str(), arguments.as_slice())
                {
                    let count = match self.run.variable(variable)? {
                        Binding::Rows(rows) => Some(rows.len()),
                        Binding::List(values) => Some(values.len()),
                        Binding::Row(_) => Some(1),
                        Binding::Value(_) => None,
                    };
                    if let Some(count) = count {
                        let count = i64::try_from(count).unwrap_or(i64::MAX);
                        return Ok(Expression::Literal(Value::Integer(count)));
                    }
                }
                let arguments = self.bind_all(arguments)?;
                Expression::Call { name: name.clone(), distinct: *distinct, arguments }
            }
            Expression::OfList { function, distinct, list } => {
                let values = self.values_of_list(list)?;
                Expression::Literal(self.run.over_list((*function, *distinct), values, self.at)?)
            }
            Expression::Cast(it, data_type @ (DataType::Date(_) | DataType::DateOnly)) => {
                self.bind_date(it, data_type)?
            }
            Expression::Cast(it, data_type) => match self.bind(it)? {
                // `tags = list`
                Expression::List(members) => Expression::Literal(list_in_json(&members)),
                bound => Expression::Cast(Box::new(bound), data_type.clone()),
            },
            Expression::Case { operand, arms, otherwise } => Expression::Case {
                operand: self.bind_some(operand.as_deref())?.map(Box::new),
                arms: arms
                    .iter()
                    .map(|(when, then)| Ok((self.bind_one(when)?, self.bind_one(then)?)))
                    .collect::<RunResult<_>>()?,
                otherwise: self.bind_some(otherwise.as_deref())?.map(Box::new),
            },
            Expression::Quantified { quantifier, from, path, condition } => {
                let bound = Expression::Quantified {
                    quantifier: *quantifier,
                    from: None,
                    path: path.clone(),
                    condition: self.bind_boxed(condition)?,
                };
                self.bind_held(from.as_deref(), bound)?
            }
        })
    }

    /// What is read as a date: a value in the form in which dates are kept, each of a list.
    fn bind_date(&mut self, written: &Expression, data_type: &DataType) -> RunResult<Expression> {
        let at = match written {
            Expression::Variable(variable) => variable.span,
            _ => self.at,
        };
        let read = |bound: Expression| match bound {
            Expression::Literal(Value::Null | Value::Json(_)) => Ok(bound),
            Expression::Literal(value) => {
                // The day of a moment is that of UTC, as the database has it.
                let moment = fit(value.clone(), &DataType::Date(None));
                let date = moment.and_then(|it| fit(it, data_type));
                date.map(Expression::Literal)
                    .map_err(|reason| incomparable(&value, data_type, &reason, at))
            }
            other => Ok(Expression::Cast(Box::new(other), data_type.clone())),
        };
        match self.bind(written)? {
            Expression::List(members) => {
                members.into_iter().map(read).collect::<RunResult<_>>().map(Expression::List)
            }
            bound => read(bound),
        }
    }

    /// What is over rows that a variable holds is known now.
    fn bind_held(&mut self, from: Option<&HeldRows>, bound: Expression) -> RunResult<Expression> {
        Ok(match from {
            Some(held) => Expression::Literal(self.run.over_held(held, &bound)?),
            None => bound,
        })
    }

    /// The values of a list; null is none.
    fn values_of_list(&mut self, list: &Expression) -> RunResult<Vec<Value>> {
        let members = match self.bind(list)? {
            Expression::List(members) => members,
            Expression::Literal(Value::Null) => Vec::new(),
            _ => {
                let name = match list {
                    Expression::Variable(it) => it.name.to_string(),
                    _ => String::new(),
                };
                return Err(RunProblem::Unread { what: UnreadValue::List(name), at: self.at });
            }
        };
        members.iter().map(|it| self.run.computed(it, self.at)).collect()
    }

    /// The keys of the rows that a variable holds, of which these are the columns; where one of a key's is null, it is none.
    fn keys_of_rows(&mut self, columns: &[Expression]) -> RunResult<Vec<Expression>> {
        let mut keys: Vec<Vec<Expression>> = Vec::new();
        for (place, column) in columns.iter().enumerate() {
            let values = match self.bind(column)? {
                Expression::List(values) => values,
                _ => Vec::new(),
            };
            if place == 0 {
                keys.resize(values.len(), Vec::new());
            }
            for (key, value) in keys.iter_mut().zip(values) {
                key.push(value);
            }
        }
        let null = |it: &Expression| matches!(it, Expression::Literal(Value::Null));
        keys.retain(|key| !key.iter().any(null));
        Ok(keys.into_iter().map(Expression::List).collect())
    }

    /// `a + b + c`: however long it is, it needs no deep recursion.
    fn bind_chain(&mut self, expression: &Expression) -> RunResult<Expression> {
        let mut rights = Vec::new();
        let mut rest = expression;
        while let Expression::Binary(operator, left, right) = rest {
            rights.push((*operator, right));
            rest = left;
        }
        let mut res = self.bind_one(rest)?;
        while let Some((operator, right)) = rights.pop() {
            let right = self.bind_one(right)?;
            res = Expression::Binary(operator, Box::new(res), Box::new(right));
        }
        Ok(null_compared(res))
    }

    /// The same, where one value is needed. What came from elsewhere may be a list all the same.
    fn bind_one(&mut self, expression: &Expression) -> RunResult<Expression> {
        match (expression, self.bind(expression)?) {
            (Expression::Variable(variable), Expression::List(_)) => Err(RunProblem::Unread {
                what: UnreadValue::Single(variable.name.to_string()),
                at: variable.span,
            }),
            (_, bound) => Ok(bound),
        }
    }

    fn bind_boxed(&mut self, expression: &Expression) -> RunResult<Box<Expression>> {
        self.bind_one(expression).map(Box::new)
    }

    fn bind_all(&mut self, members: &[Expression]) -> RunResult<Vec<Expression>> {
        members.iter().map(|it| self.bind_one(it)).collect()
    }

    fn bind_some(&mut self, expression: Option<&Expression>) -> RunResult<Option<Expression>> {
        expression.map(|it| self.bind_one(it)).transpose()
    }

    /// How many rows are wanted, or passed over: to SQLite a negative number is none at all.
    fn bind_row_count(&mut self, expression: Option<&Expression>) -> RunResult<Option<Expression>> {
        let bound = self.bind_some(expression)?;
        let (Some(Expression::Literal(value)), Some(written)) = (&bound, expression) else {
            return Ok(bound);
        };
        if matches!(value, Value::Integer(0..)) {
            return Ok(bound);
        }
        let at = match written {
            Expression::Variable(variable) => variable.span,
            _ => self.at,
        };
        Err(RunProblem::Unread { what: UnreadValue::RowCount(told(value)), at })
    }

    fn bind_query(&mut self, query: &Query) -> RunResult<Query> {
        self.bind_query_of(query.model, query)
    }

    /// A query over that model; none where it is a scope itself.
    fn bind_query_of(&mut self, model: Option<ModelId>, query: &Query) -> RunResult<Query> {
        let schema = self.run.scripts.schema;
        let scopes = model.map_or_else(Vec::new, |it| query.scoped(&schema[it].scopes));
        let bound = scopes.into_iter().map(|it| self.bind_query_of(None, it));
        Ok(Query {
            model: query.model,
            scopes: query.scopes.clone(),
            bound: bound.collect::<RunResult<_>>()?,
            unscoped: query.unscoped,
            attributes: match &query.attributes {
                Some(selected) => Some(
                    selected
                        .iter()
                        .map(|it| {
                            Ok(Selected {
                                expression: self.bind_one(&it.expression)?,
                                name: it.name.clone(),
                            })
                        })
                        .collect::<RunResult<_>>()?,
                ),
                None => None,
            },
            filter: self.bind_some(query.filter.as_ref())?,
            include: query
                .include
                .iter()
                .map(|it| self.bind_include(it))
                .collect::<RunResult<_>>()?,
            order: query
                .order
                .iter()
                .map(|it| Ok(Order { expression: self.bind_one(&it.expression)?, ..it.clone() }))
                .collect::<RunResult<_>>()?,
            limit: self.bind_row_count(query.limit.as_ref())?,
            offset: self.bind_row_count(query.offset.as_ref())?,
            group: self.bind_all(&query.group)?,
            having: self.bind_some(query.having.as_ref())?,
            distinct: query.distinct,
            raw: query.raw,
            with_deleted: query.with_deleted,
            through: match &query.through {
                Some(it) => Some(Box::new(ThroughQuery {
                    query: self.bind_query(&it.query)?,
                    name: it.name.clone(),
                })),
                None => None,
            },
        })
    }

    fn bind_include(&mut self, include: &Include) -> RunResult<Include> {
        Ok(Include {
            association: include.association,
            required: include.required,
            separate: include.separate,
            query: {
                let target = self.run.scripts.schema[include.association].target;
                self.bind_query_of(Some(target), &include.query)?
            },
        })
    }
}

/// `a = null` is `a is null`, also where the null comes from a variable.
fn null_compared(expression: Expression) -> Expression {
    use crate::ir::Operator::{Equal, NotEqual};
    match expression {
        Expression::Binary(operator @ (Equal | NotEqual), left, right) => {
            let negated = operator == NotEqual;
            let null = |it: &Expression| matches!(it, Expression::Literal(Value::Null));
            if null(&right) {
                Expression::IsNull(left, negated)
            } else if null(&left) {
                Expression::IsNull(right, negated)
            } else {
                Expression::Binary(operator, left, right)
            }
        }
        other => other,
    }
}

//! Expressions, with their names resolved.

use super::{AssociationId, AttributeId, DataType};
use crate::ast::{Operator, Quantifier};
use crate::value::Value;
use smol_str::SmolStr;

/// An expression over the rows of one model (in a query also over rows that associations lead to).
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A literal; quoted in DDL, a parameter elsewhere.
    Literal(Value),
    /// An attribute of the model itself.
    Attribute(AttributeId),
    /// An attribute of a row that to-one associations lead to.
    Related(Vec<AssociationId>, AttributeId),
    /// A place in a JSON attribute.
    Json(Box<Expression>, Vec<JsonStep>),
    /// A `let` variable, or a path from one (`ann.firstName`).
    Variable(Vec<SmolStr>),
    /// A name that the query's `attributes` gives.
    Alias(SmolStr),
    /// Raw SQL.
    Sql(SmolStr),
    /// `not a`
    Not(Box<Expression>),
    /// `-a`
    Negate(Box<Expression>),
    /// `a and b and ..`
    And(Vec<Expression>),
    /// `a or b or ..`
    Or(Vec<Expression>),
    /// `a + b`, `a like b`
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// `a is null`; negated: `is not null`
    IsNull(Box<Expression>, bool),
    /// `a between b and c`
    Between {
        /// What is asked about.
        value: Box<Expression>,
        /// The lower bound.
        low: Box<Expression>,
        /// The upper bound.
        high: Box<Expression>,
        /// `not between`
        negated: bool,
    },
    /// `a in [..]`
    In {
        /// What is asked about.
        value: Box<Expression>,
        /// A [`Expression::List`], a variable, or raw SQL.
        list: Box<Expression>,
        /// `not in`
        negated: bool,
    },
    /// `[a, b]`, only behind `in`
    List(Vec<Expression>),
    /// A call of an SQL function. `count(*)` has [`Expression::Star`].
    Call {
        /// The function.
        name: SmolStr,
        /// `distinct` before the arguments
        distinct: bool,
        /// The arguments.
        arguments: Vec<Expression>,
    },
    /// `*`
    Star,
    /// `cast(a as TYPE)`
    Cast(Box<Expression>, DataType),
    /// `case ..`
    Case {
        /// What the arms are compared with.
        operand: Option<Box<Expression>>,
        /// `when a then b`
        arms: Vec<(Expression, Expression)>,
        /// `else c`
        otherwise: Option<Box<Expression>>,
    },
    /// `any invoices (..)`: the condition is over the rows of the association's target.
    Quantified {
        /// Which of the three.
        quantifier: Quantifier,
        /// The associations that lead there, the last a to-many one.
        path: Vec<AssociationId>,
        /// What holds of its rows.
        condition: Box<Expression>,
    },
    /// `count(invoices)` over a to-many association
    CountOf(Vec<AssociationId>),
}

/// A step into a JSON document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonStep {
    /// `.name`
    Key(SmolStr),
    /// `[0]`
    Index(i64),
}

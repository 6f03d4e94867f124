//! Expressions, with their names resolved.

use super::{AggregateFunction, AssociationId, AttributeId, DataType, ModelId, VariablePath};
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
    /// What the row of a through table has, by which a row was reached: `PostTag.weight`
    OfLink {
        /// The associations that lead to that row; none: the row at hand.
        path: Vec<AssociationId>,
        /// The through model.
        model: ModelId,
        /// An attribute of its row, or of a row that associations lead to from there.
        of: Box<Expression>,
    },
    /// A place in a JSON attribute.
    Json(Box<Expression>, Vec<JsonStep>),
    /// A `let` variable, or a path from one (`ann.firstName`).
    Variable(VariablePath),
    /// A name that the query's `attributes` gives.
    Alias(SmolStr),
    /// A name of the row as it was before a change, which may be no attribute any more: only in `using`.
    Former(SmolStr),
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
        /// A [`Expression::List`], a variable, raw SQL, or what may hold a list in JSON: an attribute, or a place in one.
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
        /// What holds the rows from which they lead; none: the row at hand.
        from: Option<Box<HeldRows>>,
        /// The associations that lead there; none where it is about the rows that a variable holds.
        path: Vec<AssociationId>,
        /// What holds of its rows.
        condition: Box<Expression>,
    },
    /// `count(invoices)`, `sum(orders.lines.total)`, `sum(lines.qty * lines.price)`: over the rows that associations lead to, one
    /// of them to many.
    AggregateOf {
        /// Which one.
        function: AggregateFunction,
        /// Whether equal values count once.
        distinct: bool,
        /// What holds the rows from which they lead; none: the row at hand.
        from: Option<Box<HeldRows>>,
        /// The associations; none where it is about the rows that a variable holds.
        path: Vec<AssociationId>,
        /// Of what of the last one's rows; none for the rows themselves.
        of: Option<Box<Expression>>,
    },
    /// `sum(xs)`: over the values of a list, which a variable holds or a script says. It is known before a row is at hand.
    OfList {
        /// Which one.
        function: AggregateFunction,
        /// Whether equal values count once.
        distinct: bool,
        /// A variable, or an [`Expression::List`].
        list: Box<Expression>,
    },
    /// Within an aggregate: what is over the row from which so many associations lead to the one at hand.
    Around(usize, Box<Expression>),
}

/// The rows of a model that a variable holds, or a path from one leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldRows {
    /// The variable.
    pub variable: VariablePath,
    /// Of which model the rows are.
    pub model: ModelId,
}

/// The expressions that one is made of, shared or to be changed.
macro_rules! parts {
    ($whole:expr, $iter:ident, $optional:ident) => {
        match $whole {
            Self::Literal(_)
            | Self::Attribute(_)
            | Self::Related(..)
            | Self::OfLink { .. }
            | Self::Variable(_)
            | Self::Alias(_)
            | Self::Former(_)
            | Self::Sql(_)
            | Self::Star
            | Self::Quantified { .. }
            | Self::AggregateOf { .. }
            | Self::Around(..) => Vec::new(),
            Self::Json(it, _)
            | Self::Not(it)
            | Self::Negate(it)
            | Self::IsNull(it, _)
            | Self::Cast(it, _)
            | Self::OfList { list: it, .. } => vec![it],
            Self::And(members) | Self::Or(members) | Self::List(members) => {
                members.$iter().collect()
            }
            Self::Binary(_, left, right) => vec![left, right],
            Self::Between { value, low, high, .. } => vec![value, low, high],
            Self::In { value, list, .. } => vec![value, list],
            Self::Call { arguments, .. } => arguments.$iter().collect(),
            Self::Case { operand, arms, otherwise } => (operand.$optional().into_iter())
                .chain(arms.$iter().flat_map(|(when, then)| [when, then]))
                .chain(otherwise.$optional())
                .collect(),
        }
    };
}

impl Expression {
    /// The expressions that it is made of, those over other rows (the condition of a quantifier) left out.
    pub fn parts(&self) -> Vec<&Self> {
        parts!(self, iter, as_deref)
    }

    /// The same, to be changed.
    pub fn parts_mut(&mut self) -> Vec<&mut Self> {
        parts!(self, iter_mut, as_deref_mut)
    }

    /// Whether it is JSON that stands behind `in`: a document of a row or of a variable.
    pub const fn is_json_list(&self) -> bool {
        matches!(
            self,
            Self::Attribute(_)
                | Self::Related(..)
                | Self::OfLink { .. }
                | Self::Json(..)
                | Self::Around(..)
                | Self::Literal(Value::Json(_))
        )
    }

    /// Whether an SQL function of that name, with so many arguments, makes one value of many rows.
    pub fn is_aggregate(name: &str, arguments: usize) -> bool {
        const MANY: [&str; 10] = [
            "count",
            "sum",
            "avg",
            "total",
            "group_concat",
            "string_agg",
            "json_group_array",
            "json_group_object",
            "jsonb_group_array",
            "jsonb_group_object",
        ];
        let name = name.to_ascii_lowercase();
        MANY.contains(&name.as_str()) || ["min", "max"].contains(&name.as_str()) && arguments == 1
    }

    /// Whether it makes one value of many rows.
    pub fn aggregates(&self) -> bool {
        let mut found = false;
        self.visit(&mut |it| {
            found |= match it {
                Self::Call { name, arguments, .. } => Self::is_aggregate(name, arguments.len()),
                Self::Sql(text) => raw_aggregates(text),
                _ => false,
            }
        });
        found
    }

    /// Whether it makes one value of many rows, or may: nobody knows all that raw SQL does.
    pub fn may_aggregate(&self) -> bool {
        let mut raw = false;
        self.visit(&mut |it| raw |= matches!(it, Self::Sql(_)));
        raw || self.aggregates()
    }

    /// Shows it and all that it is made of to `each`, those over other rows left out. Not by recursion.
    pub fn visit<'e>(&'e self, each: &mut dyn FnMut(&'e Self)) {
        let mut rest = vec![self];
        while let Some(it) = rest.pop() {
            each(it);
            rest.extend(it.parts().into_iter().rev());
        }
    }
}

/// Whether raw SQL calls an aggregate, neither in a SELECT of its own nor over a window.
fn raw_aggregates(sql: &str) -> bool {
    let tokens = raw_tokens(sql);
    let is = |place: usize, word: &str| {
        let token = tokens.get(place);
        token.is_some_and(|it| it.eq_ignore_ascii_case(word))
    };
    let mut place = 0;
    while let Some(token) = tokens.get(place) {
        place += 1;
        if !is(place, "(") {
            // A bracket around a SELECT: what it counts is its own.
            if *token == "(" && is(place, "select") {
                place = behind_bracket(&tokens, place - 1).0;
            }
            continue;
        }
        let (mut behind, arguments) = behind_bracket(&tokens, place);
        if is(behind, "filter") {
            behind = behind_bracket(&tokens, behind + 1).0;
        }
        if Expression::is_aggregate(token, arguments) && !is(behind, "over") {
            return true;
        }
    }
    false
}

/// The place behind the bracket that opens at one, and how many members stand in it.
fn behind_bracket(tokens: &[&str], open: usize) -> (usize, usize) {
    let (mut depth, mut members) = (0_usize, 1);
    for (place, token) in tokens.iter().enumerate().skip(open) {
        match *token {
            "(" => depth += 1,
            ")" if depth <= 1 => return (place + 1, members),
            ")" => depth -= 1,
            "," if depth == 1 => members += 1,
            _ => {}
        }
    }
    (tokens.len(), members)
}

/// Raw SQL's words, quoted texts and other characters.
fn raw_tokens(sql: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = sql.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |it: char| it.is_alphanumeric() || it == '_';
        let length = match first {
            '\'' | '"' | '`' => {
                rest.get(1..).and_then(|it| it.find(first)).map_or(rest.len(), |it| it + 2)
            }
            it if is_word(it) => rest.find(|it| !is_word(it)).unwrap_or(rest.len()),
            it => it.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens
}

/// A step into a JSON document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonStep {
    /// `.name`
    Key(SmolStr),
    /// `[0]`
    Index(i64),
}

#[cfg(test)]
mod tests {
    use super::raw_aggregates;

    #[test]
    fn raw_sql_that_calls_an_aggregate_is_known() {
        for (sql, aggregates) in [
            ("sum(v)", true),
            ("coalesce(SUM ( v ), 0)", true),
            ("max(a)", true),
            ("max(a, b)", false),
            ("max(f(a, b))", true),
            ("count(*) FILTER (WHERE v > 1)", true),
            ("sum(v) OVER (ORDER BY id)", false),
            ("count(*) filter (where v > 1) over ()", false),
            ("(SELECT count(*) FROM t)", false),
            ("(SELECT count(*) FROM t) + sum(v)", true),
            ("exists (select sum(v) from t)", false),
            ("'sum(v)'", false),
            ("`sum` (v)", false),
            ("v + 1", false),
        ] {
            assert_eq!(raw_aggregates(sql), aggregates, "{sql}");
        }
    }
}

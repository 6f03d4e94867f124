//! Sums and products of DECIMALs. SQLite computes them as floats, 0.1 + 0.2 as 0.30000000000000004: beside another number they are rounded to the
//! digits that they have.

use super::documents::{Documents, Way};
use super::numbers::handed_on;
use super::{Level, Piece, Pieces};
use crate::ast::Operator;
use crate::ir::{AggregateFunction, Contents, DataType, Decimal, Expression};
use crate::sql::dialect::DialectKind;
use crate::value::Value;

/// A float has not many more.
const MOST_DIGITS: u32 = 12;
/// Deeper expressions aren't looked into.
const DEEPEST: usize = 64;

/// One side of a comparison, where it is computed of DECIMALs; none where it is something else.
pub(super) fn beside_decimal<'e>(
    documents: Documents<'_, 'e>,
    expression: &'e Expression,
    out: &mut Pieces<'e>,
) -> Option<()> {
    match documents.kind {
        DialectKind::Sqlite => {}
        DialectKind::Postgres | DialectKind::Mysql | DialectKind::Mariadb => return None,
    }
    // What the schema keeps stays as it is written.
    documents.row()?;
    let exact = exact(documents, &Way::at(documents), expression, 0).filter(|it| it.computed)?;
    if exact.digits == 0 || exact.digits > MOST_DIGITS {
        return None;
    }
    out.push(Piece::Word("round("));
    out.push(Piece::Expression(expression, Level::Whole));
    out.push(Piece::Word(", "));
    out.push(Piece::Literal(Value::Integer(exact.digits.into())));
    out.push(Piece::Word(")"));
    Some(())
}

/// A number of which it is known how many digits it has behind the point.
#[derive(Clone, Copy)]
struct Exact {
    digits: u32,
    /// Whether it isn't a value as it was stored or written.
    computed: bool,
}

impl Exact {
    const fn stored(digits: u32) -> Self {
        Self { digits, computed: false }
    }

    const fn computed(self) -> Self {
        Self { digits: self.digits, computed: true }
    }

    fn or(self, other: Self) -> Self {
        let digits = self.digits.max(other.digits);
        Self { digits, computed: self.computed || other.computed }
    }
}

/// None where it isn't known: of a quotient, of a float.
fn exact<'a>(
    documents: Documents<'a, '_>,
    way: &Way<'a>,
    expression: &Expression,
    depth: usize,
) -> Option<Exact> {
    if depth > DEEPEST {
        return None;
    }
    let exact_of = |it: &Expression| exact(documents, way, it, depth + 1);
    let all = |each: &mut dyn Iterator<Item = &Expression>| {
        let each = each.filter(|it| !matches!(it, Expression::Literal(Value::Null)));
        let each: Vec<_> = each.map(exact_of).collect::<Option<_>>()?;
        each.into_iter().reduce(Exact::or)
    };
    match expression {
        Expression::Literal(Value::Integer(_)) => Some(Exact::stored(0)),
        Expression::Literal(Value::Decimal(written)) => {
            let plain = written.bytes().all(|it| it.is_ascii_digit() || b"+-.".contains(&it));
            let digits = written.split_once('.').map_or(0, |(_, it)| it.len());
            u32::try_from(digits).ok().filter(|_| plain).map(Exact::stored)
        }
        Expression::Negate(it) => exact_of(it),
        Expression::Binary(Operator::Add | Operator::Subtract, left, right) => {
            Some(exact_of(left)?.or(exact_of(right)?).computed())
        }
        Expression::Binary(Operator::Multiply, left, right) => {
            let digits = exact_of(left)?.digits + exact_of(right)?.digits;
            Some(Exact::stored(digits).computed())
        }
        Expression::Call { name, arguments, .. } => {
            let is = |function: &str| name.eq_ignore_ascii_case(function);
            if is("count") {
                return Some(Exact::stored(0));
            }
            let found = all(&mut handed_on(name, arguments)?.iter());
            if is("sum") { found.map(Exact::computed) } else { found }
        }
        Expression::Case { arms, otherwise, .. } => {
            all(&mut arms.iter().map(|(_, then)| then).chain(otherwise.as_deref()))
        }
        Expression::Cast(_, data_type) => of_type(data_type).map(Exact::computed),
        Expression::AggregateOf { function, path, of, .. } => {
            let exact_along = || {
                let along = way.along(documents.row()?.schema(), path);
                exact(documents, &along, of.as_deref()?, depth + 1)
            };
            match function {
                AggregateFunction::Count => Some(Exact::stored(0)),
                AggregateFunction::Sum => exact_along().map(Exact::computed),
                AggregateFunction::Min | AggregateFunction::Max => exact_along(),
                AggregateFunction::Avg => None,
            }
        }
        Expression::Alias(name) => exact_of(documents.row()?.given(name)?),
        Expression::Around(back, of) if way.is_begun() => {
            exact(documents, &way.back(*back)?, of, depth + 1)
        }
        other => {
            let found = of_type(way.data_type(documents.naming, other)?)?;
            // What a view shows may be computed.
            let computed = matches!(other, Expression::Attribute(_)) && documents.model.view;
            Some(if computed { found.computed() } else { found })
        }
    }
}

fn of_type(data_type: &DataType) -> Option<Exact> {
    match data_type {
        DataType::Decimal(Decimal { scale, .. }) => scale.map(Exact::stored),
        other => matches!(other.holds(), Contents::Integer).then(|| Exact::stored(0)),
    }
}

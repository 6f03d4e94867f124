//! The expressions of a view's query.

use smol_str::SmolStr;

/// An expression over the columns of a query's sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqlExpression {
    /// `null`
    Null,
    /// A whole number; `true` is 1.
    Integer(i64),
    /// The bits of any other number.
    Real(u64),
    /// A text.
    Text(SmolStr),
    /// The digits of a blob, in small letters.
    Blob(SmolStr),
    /// A column: the place of its source, and its own among that one's.
    Column(usize, usize),
    /// `-a`
    Negate(Box<SqlExpression>),
    /// `NOT a`
    Not(Box<SqlExpression>),
    /// `a AND b AND ..`
    And(Vec<SqlExpression>),
    /// `a OR b OR ..`
    Or(Vec<SqlExpression>),
    /// `a < b`
    Binary {
        /// Which one.
        operator: SqlOperator,
        /// Whether it is the same with its sides changed: no column of either has an order of its own.
        swaps: bool,
        /// Its sides.
        sides: Box<[SqlExpression; 2]>,
    },
    /// `a IS NULL`; or, where true, `a IS NOT NULL`.
    IsNull(Box<SqlExpression>, bool),
    /// `a BETWEEN b AND c`; or, where true, `a NOT BETWEEN b AND c`.
    Between(Box<[SqlExpression; 3]>, bool),
    /// `a IN (b, c)`; or, where true, `a NOT IN (b, c)`.
    In(Box<SqlExpression>, Vec<SqlExpression>, bool),
    /// A call.
    Call {
        /// The function, in small letters.
        name: SmolStr,
        /// Whether equal values count once.
        distinct: bool,
        /// The arguments; none for `*`.
        arguments: Option<Vec<SqlExpression>>,
    },
    /// `CASE a WHEN b THEN c ELSE d END`
    Case {
        /// What is compared.
        operand: Option<Box<SqlExpression>>,
        /// Each `WHEN b THEN c`.
        arms: Vec<[SqlExpression; 2]>,
        /// `ELSE d`
        otherwise: Option<Box<SqlExpression>>,
    },
    /// `CAST(a AS b)`, the type in capitals.
    Cast(Box<SqlExpression>, SmolStr),
}

/// An operator between two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlOperator {
    /// `=`
    Equal,
    /// `<>`
    Differ,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `LIKE`
    Like,
    /// `NOT LIKE`
    NotLike,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `||`
    Concatenate,
}

impl SqlExpression {
    /// `a AND b`, one list of what is asked for.
    pub(super) fn all(members: Vec<Self>) -> Self {
        let each = members.into_iter().flat_map(|it| match it {
            Self::And(members) => members,
            other => vec![other],
        });
        one(each.collect(), Self::And)
    }

    pub(super) fn any(members: Vec<Self>) -> Self {
        let each = members.into_iter().flat_map(|it| match it {
            Self::Or(members) => members,
            other => vec![other],
        });
        one(each.collect(), Self::Or)
    }

    /// What an `AND` asks for; any other is one thing.
    pub(super) fn conditions(self) -> Vec<Self> {
        match self {
            Self::And(members) => members,
            other => vec![other],
        }
    }

    /// The expressions that it is made of.
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Null
            | Self::Integer(_)
            | Self::Real(_)
            | Self::Text(_)
            | Self::Blob(_)
            | Self::Column(..) => Vec::new(),
            Self::Negate(it) | Self::Not(it) | Self::IsNull(it, _) | Self::Cast(it, _) => {
                vec![it]
            }
            Self::And(members) | Self::Or(members) => members.iter().collect(),
            Self::Binary { sides, .. } => sides.iter().collect(),
            Self::Between(all, _) => all.iter().collect(),
            Self::In(it, members, _) => std::iter::once(&**it).chain(members).collect(),
            Self::Call { arguments, .. } => arguments.iter().flatten().collect(),
            Self::Case { operand, arms, otherwise } => (operand.as_deref().into_iter())
                .chain(arms.iter().flatten())
                .chain(otherwise.as_deref())
                .collect(),
        }
    }

    /// Whether any part of it, or all of it, is so.
    pub fn any_part(&self, is_so: &dyn Fn(&Self) -> bool) -> bool {
        is_so(self) || self.parts().into_iter().any(|it| it.any_part(is_so))
    }
}

/// The only one, or all of them.
fn one(
    mut members: Vec<SqlExpression>,
    all: fn(Vec<SqlExpression>) -> SqlExpression,
) -> SqlExpression {
    match (members.len(), members.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            members.extend(last);
            all(members)
        }
    }
}

//! An expression of a view's query, read by SQLite's precedence.

use super::{SqlExpression, SqlOperator};
use crate::stored::token::{SqlToken, SqlTokenKind, closing, parts};

/// How deep expressions may be nested.
const DEEPEST: usize = 64;

/// Who knows what a name stands for.
pub(super) trait QueryNames {
    /// What a name is, with that of its table where it has one; none where it is unknown, or could be two.
    fn name(&self, table: Option<&str>, name: &str) -> Option<SqlExpression>;

    /// Whether what is compared has an order of its own.
    fn is_collated(&self, expression: &SqlExpression) -> bool;
}

/// Tokens that are read from the left.
pub(super) struct ExpressionReader<'t> {
    pub(super) sql: &'t str,
    pub(super) rest: &'t [SqlToken],
    pub(super) names: &'t dyn QueryNames,
    pub(super) depth: usize,
}

impl<'t> ExpressionReader<'t> {
    /// All of it as one expression.
    pub(super) fn whole(mut self) -> Option<SqlExpression> {
        let found = self.expression()?;
        self.rest.is_empty().then_some(found)
    }

    /// An expression, as far as it goes.
    pub(super) fn expression(&mut self) -> Option<SqlExpression> {
        self.depth += 1;
        let found = if self.depth > DEEPEST { None } else { self.or() };
        self.depth -= 1;
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.rest.first().is_some_and(|it| it.is(word));
        if found {
            self.skip(1);
        }
        found
    }

    /// Whether the next signs are these, which then are behind.
    fn signs(&mut self, signs: &str) -> bool {
        let count = signs.len();
        let next = self.rest.get(..count).unwrap_or_default();
        let found = next.len() == count && signs.chars().zip(next).all(|(a, b)| b.is_sign(a));
        if found {
            self.skip(count);
        }
        found
    }

    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    fn or(&mut self) -> Option<SqlExpression> {
        let mut members = vec![self.and()?];
        while self.word("or") {
            members.push(self.and()?);
        }
        Some(SqlExpression::any(members))
    }

    fn and(&mut self) -> Option<SqlExpression> {
        let mut members = vec![self.not()?];
        while self.word("and") {
            members.push(self.not()?);
        }
        Some(SqlExpression::all(members))
    }

    fn not(&mut self) -> Option<SqlExpression> {
        let mut count = 0;
        while self.word("not") {
            count += 1;
        }
        let mut found = self.comparison()?;
        for _ in 0..count {
            found = SqlExpression::Not(Box::new(found));
        }
        Some(found)
    }

    /// `a = b`, `a IN (..)`, `a IS NULL`: all of one level.
    fn comparison(&mut self) -> Option<SqlExpression> {
        let mut left = self.order()?;
        loop {
            let equal = [("==", SqlOperator::Equal), ("=", SqlOperator::Equal)];
            let differ = [("<>", SqlOperator::Differ), ("!=", SqlOperator::Differ)];
            let sign = equal.into_iter().chain(differ).find(|(signs, _)| self.signs(signs));
            if let Some((_, operator)) = sign {
                let right = self.order()?;
                left = self.binary(operator, left, right);
                continue;
            }
            if self.word("isnull") {
                left = SqlExpression::IsNull(Box::new(left), false);
                continue;
            }
            if self.word("notnull") {
                left = SqlExpression::IsNull(Box::new(left), true);
                continue;
            }
            if self.word("is") {
                let negated = self.word("not");
                if !self.word("null") {
                    return None;
                }
                left = SqlExpression::IsNull(Box::new(left), negated);
                continue;
            }
            let negated = self.word("not");
            if negated && self.word("null") {
                left = SqlExpression::IsNull(Box::new(left), true);
            } else if self.word("like") {
                let right = self.order()?;
                let operator = if negated { SqlOperator::NotLike } else { SqlOperator::Like };
                if self.rest.first().is_some_and(|it| it.is("escape")) {
                    return None;
                }
                left = self.binary(operator, left, right);
            } else if self.word("between") {
                let low = self.order()?;
                if !self.word("and") {
                    return None;
                }
                let high = self.order()?;
                left = SqlExpression::Between(Box::new([left, low, high]), negated);
            } else if self.word("in") {
                let members = self.bracket()?;
                left = SqlExpression::In(Box::new(left), members, negated);
            } else if negated {
                return None;
            } else {
                return Some(left);
            }
        }
    }

    /// `(a, b)`
    fn bracket(&mut self) -> Option<Vec<SqlExpression>> {
        let inner = self.inner()?;
        if inner.is_empty() {
            return Some(Vec::new());
        }
        parts(inner).into_iter().map(|(_, it)| self.within(it)).collect()
    }

    /// What stands in the bracket that begins here, which then is behind.
    fn inner(&mut self) -> Option<&'t [SqlToken]> {
        let rest = self.rest;
        if !rest.first()?.is_sign('(') {
            return None;
        }
        let close = closing(rest, 0)?;
        self.skip(close + 1);
        rest.get(1..close)
    }

    /// These tokens as one expression.
    fn within(&self, tokens: &[SqlToken]) -> Option<SqlExpression> {
        let reader =
            ExpressionReader { sql: self.sql, rest: tokens, names: self.names, depth: self.depth };
        reader.whole()
    }

    fn binary(
        &self,
        operator: SqlOperator,
        left: SqlExpression,
        right: SqlExpression,
    ) -> SqlExpression {
        let swaps = matches!(operator, SqlOperator::Equal | SqlOperator::Differ)
            && !self.names.is_collated(&left)
            && !self.names.is_collated(&right);
        SqlExpression::Binary { operator, swaps, sides: Box::new([left, right]) }
    }

    /// Operators of one level, from the left.
    fn level(
        &mut self,
        operators: &[(&str, SqlOperator)],
        below: fn(&mut Self) -> Option<SqlExpression>,
    ) -> Option<SqlExpression> {
        let mut left = below(self)?;
        while let Some((_, operator)) = operators.iter().find(|(signs, _)| self.signs(signs)) {
            let right = below(self)?;
            left = self.binary(*operator, left, right);
        }
        Some(left)
    }

    fn order(&mut self) -> Option<SqlExpression> {
        let mut left = self.sum()?;
        // `<>` stands one level above.
        let differs = |reader: &Self| {
            let mut next = reader.rest.iter();
            next.next().is_some_and(|it| it.is_sign('<'))
                && next.next().is_some_and(|it| it.is_sign('>'))
        };
        let operators = [
            ("<=", SqlOperator::LessOrEqual),
            (">=", SqlOperator::GreaterOrEqual),
            ("<", SqlOperator::Less),
            (">", SqlOperator::Greater),
        ];
        while !differs(self)
            && let Some((_, operator)) = operators.iter().find(|(signs, _)| self.signs(signs))
        {
            let right = self.sum()?;
            left = self.binary(*operator, left, right);
        }
        Some(left)
    }

    fn sum(&mut self) -> Option<SqlExpression> {
        self.level(&[("+", SqlOperator::Add), ("-", SqlOperator::Subtract)], Self::product)
    }

    fn product(&mut self) -> Option<SqlExpression> {
        let operators =
            [("*", SqlOperator::Multiply), ("/", SqlOperator::Divide), ("%", SqlOperator::Modulo)];
        self.level(&operators, Self::joined)
    }

    fn joined(&mut self) -> Option<SqlExpression> {
        self.level(&[("||", SqlOperator::Concatenate)], Self::signed)
    }

    fn signed(&mut self) -> Option<SqlExpression> {
        let mut count = 0;
        while self.signs("-") {
            count += 1;
        }
        let mut found = self.atom()?;
        for _ in 0..count {
            found = SqlExpression::Negate(Box::new(found));
        }
        Some(found)
    }

    fn atom(&mut self) -> Option<SqlExpression> {
        let first = self.rest.first()?;
        let opens = self.rest.get(1).is_some_and(|it| it.is_sign('('));
        match &first.kind {
            SqlTokenKind::Sign('(') => {
                let inner = self.inner()?;
                self.depth += 1;
                let found = if self.depth > DEEPEST { None } else { self.within(inner) };
                self.depth -= 1;
                found
            }
            SqlTokenKind::Sign(_) => None,
            SqlTokenKind::Literal => {
                let text = self.sql.get(first.range.clone())?;
                self.skip(1);
                literal(text)
            }
            SqlTokenKind::Text(text) => {
                self.skip(1);
                Some(SqlExpression::Text(text.clone()))
            }
            SqlTokenKind::Word(word) if word.eq_ignore_ascii_case("case") => {
                self.skip(1);
                self.case()
            }
            SqlTokenKind::Word(word) if opens && word.eq_ignore_ascii_case("cast") => {
                self.skip(1);
                self.cast()
            }
            SqlTokenKind::Word(word) if opens => {
                self.skip(1);
                self.call(&word.to_ascii_lowercase())
            }
            SqlTokenKind::Word(name) | SqlTokenKind::Name(name) | SqlTokenKind::Quoted(name) => {
                if self.rest.get(1).is_some_and(|it| it.is_sign('.')) {
                    let column = self.rest.get(2)?.name()?;
                    let found = self.names.name(Some(name), column)?;
                    self.skip(3);
                    return Some(found);
                }
                let found = self.names.name(None, name);
                let is_word = |word: &str| first.is(word);
                let found = match (&first.kind, found) {
                    (_, Some(it)) => it,
                    // Where nothing is called so, it is a text.
                    (SqlTokenKind::Quoted(text), None) => SqlExpression::Text(text.clone()),
                    _ if is_word("null") => SqlExpression::Null,
                    _ if is_word("true") => SqlExpression::Integer(1),
                    _ if is_word("false") => SqlExpression::Integer(0),
                    _ => return None,
                };
                self.skip(1);
                Some(found)
            }
        }
    }

    fn call(&mut self, name: &str) -> Option<SqlExpression> {
        const OTHERS: [&str; 5] = ["exists", "raise", "select", "glob", "match"];
        if OTHERS.contains(&name) {
            return None;
        }
        let inner = self.inner()?;
        // `count(*) FILTER (..)`, `sum(a) OVER (..)`
        if self.rest.first().is_some_and(|it| it.is("filter") || it.is("over")) {
            return None;
        }
        let (distinct, arguments) = match inner {
            [] => (false, Some(Vec::new())),
            [star] if star.is_sign('*') => (false, None),
            [first, rest @ ..] => {
                let distinct = first.is("distinct");
                let members = if distinct { rest } else { inner };
                let each = parts(members).into_iter().map(|(_, it)| self.within(it));
                (distinct, Some(each.collect::<Option<_>>()?))
            }
        };
        Some(SqlExpression::Call { name: name.into(), distinct, arguments })
    }

    fn cast(&mut self) -> Option<SqlExpression> {
        let inner = self.inner()?;
        let place = inner.iter().rposition(|it| it.is("as"))?;
        let of = self.within(inner.get(..place)?)?;
        let words = inner.get(place + 1..)?.iter().map(|it| match &it.kind {
            SqlTokenKind::Word(word) => Some(word.to_ascii_uppercase()),
            SqlTokenKind::Name(_)
            | SqlTokenKind::Quoted(_)
            | SqlTokenKind::Text(_)
            | SqlTokenKind::Literal
            | SqlTokenKind::Sign(_) => None,
        });
        let words: Option<Vec<_>> = words.collect();
        Some(SqlExpression::Cast(Box::new(of), words?.join(" ").into()))
    }

    fn case(&mut self) -> Option<SqlExpression> {
        let operand = match self.rest.first()? {
            it if it.is("when") => None,
            _ => Some(Box::new(self.expression()?)),
        };
        let mut arms = Vec::new();
        while self.word("when") {
            let when = self.expression()?;
            if !self.word("then") {
                return None;
            }
            arms.push([when, self.expression()?]);
        }
        let otherwise = if self.word("else") { Some(Box::new(self.expression()?)) } else { None };
        self.word("end").then_some(SqlExpression::Case { operand, arms, otherwise })
    }
}

fn literal(text: &str) -> Option<SqlExpression> {
    if let Some(blob) = text.strip_prefix(['x', 'X']) {
        let digits = blob.strip_prefix('\'')?.strip_suffix('\'')?;
        return Some(SqlExpression::Blob(digits.to_ascii_lowercase().into()));
    }
    if text.bytes().all(|it| it.is_ascii_digit()) {
        return text.parse().ok().map(SqlExpression::Integer);
    }
    let is_decimal = text.bytes().all(|it| it.is_ascii_digit() || b".eE+-".contains(&it));
    let number: f64 = text.parse().ok().filter(|_| is_decimal)?;
    Some(SqlExpression::Real(number.to_bits()))
}

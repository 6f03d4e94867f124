//! An expression taken apart into the pieces of its text, with how tightly they hold together.

use super::date_texts::date_of_text;
use super::decimals::beside_decimal;
use super::documents::Documents;
use super::lists;
use super::numbers::{asks_for_more, beside_other, equal_to_number, is_whole, may_have_fraction};
use super::spelling::{aggregate_of, between, commas, concat, date_form, json, pattern, typed};
use super::{Level, Piece, Pieces};
use crate::ast::{Family, Operator, Strength};
use crate::ir::Expression;
use crate::sql::dialect::DialectKind;
use crate::value::Value;
use crate::words;

/// A chain of more conditions is bracketed.
const CHAIN: usize = 256;

/// How tightly what an operator of that strength makes holds together.
const fn strength(kind: DialectKind, strength: Strength) -> Level {
    match (strength, kind) {
        (Strength::Or, _) => Level::Or,
        (Strength::And, _) => Level::And,
        (Strength::Not, _) => Level::Not,
        (Strength::Equality | Strength::Order, _) => Level::Compare,
        (Strength::Sum, _) => Level::Add,
        (Strength::Product, _) => Level::Multiply,
        (Strength::Concat, DialectKind::Sqlite | DialectKind::Postgres) => Level::Concat,
        (Strength::Concat, DialectKind::Mysql | DialectKind::Mariadb) => Level::Atom,
        (Strength::Negate, _) => Level::Negate,
    }
}

/// How tightly `expression` holds together, as `kind` spells it.
pub(super) fn level(kind: DialectKind, expression: &Expression) -> Level {
    match expression {
        Expression::Or(members) if members.len() > 1 => Level::Or,
        Expression::And(members) if members.len() > 1 => Level::And,
        Expression::Or(members) | Expression::And(members) => {
            // Of one member: as tight as it, at least as loose as anything may be.
            members.first().map_or(Level::Compare, |_| Level::Or)
        }
        Expression::Not(_) => Level::Not,
        Expression::IsNull(..) | Expression::Between { .. } | Expression::In { .. } => {
            Level::Compare
        }
        Expression::Negate(_) => Level::Negate,
        Expression::Literal(Value::Integer(it)) if *it < 0 => Level::Negate,
        Expression::Literal(Value::Float(it)) if *it < 0.0 => Level::Negate,
        Expression::Literal(Value::Decimal(it)) if it.starts_with('-') => Level::Negate,
        Expression::Sql(it) if words::is_bracketed(it) || words::is_word(it) => Level::Atom,
        Expression::Sql(_) => Level::Whole,
        Expression::Binary(operator, ..) => strength(kind, operator.strength()),
        Expression::Literal(_)
        | Expression::Attribute(_)
        | Expression::Related(..)
        | Expression::OfLink { .. }
        | Expression::Json(..)
        | Expression::Variable(_)
        | Expression::Alias(_)
        | Expression::Former(_)
        | Expression::List(_)
        | Expression::Call { .. }
        | Expression::Star
        | Expression::Cast(..)
        | Expression::Case { .. }
        | Expression::Quantified { .. }
        | Expression::AggregateOf { .. }
        | Expression::OfList { .. }
        | Expression::Around(..) => Level::Atom,
    }
}

/// Puts the pieces of `expression`, in the order of the text, behind `out`.
pub(super) fn append_pieces<'e>(
    documents: Documents<'_, 'e>,
    expression: &'e Expression,
    out: &mut Pieces<'e>,
) {
    let kind = documents.kind;
    let beside = |it: &'e Expression, other: &Expression, least: Level| {
        let document = documents.document_side(it, other);
        document.unwrap_or(Piece::Expression(it, least))
    };
    let compared = |it: &'e Expression, other: &Expression, out: &mut Pieces<'e>| {
        if beside_decimal(documents, it, out).is_none() {
            out.push(beside(it, other, Level::Add));
        }
    };
    match expression {
        Expression::Literal(value) => out.push(Piece::Value(value.clone())),
        Expression::Attribute(id) => out.push(Piece::Column(*id)),
        Expression::Sql(sql) => out.push(Piece::Raw(sql)),
        Expression::Star => out.push(Piece::Word("*")),
        Expression::Json(base, steps) => json(kind, base, steps, out),
        Expression::Not(it) => {
            out.push(Piece::Word("NOT "));
            // Brackets around all but a name or a call: some settings of MySQL let NOT bind tightly.
            out.push(Piece::Expression(it, Level::Atom));
        }
        Expression::Negate(it) => {
            out.push(Piece::Word("-"));
            out.push(Piece::Expression(it, Level::Atom));
        }
        Expression::And(members) => joined(members, " AND ", Level::Not, "1 = 1", out),
        Expression::Or(members) => joined(members, " OR ", Level::And, "1 = 0", out),
        Expression::Binary(Operator::Divide, left, right) => {
            // MySQL's `/` makes a fraction of two integers.
            let whole = is_whole(documents, left) && is_whole(documents, right);
            let word = match kind {
                DialectKind::Mysql | DialectKind::Mariadb if whole => " DIV ",
                DialectKind::Sqlite
                | DialectKind::Postgres
                | DialectKind::Mysql
                | DialectKind::Mariadb => " / ",
            };
            // Which rows have a remainder isn't up to their values.
            if kind == DialectKind::Sqlite
                && (may_have_fraction(documents, left) || may_have_fraction(documents, right))
            {
                out.push(Piece::Word("CAST("));
                out.push(Piece::Expression(left, Level::Whole));
                out.push(Piece::Word(" AS REAL)"));
            } else {
                operand(kind, left, right, Level::Multiply, out);
            }
            out.push(Piece::Word(word));
            operand(kind, right, left, Level::Concat, out);
        }
        Expression::Binary(operator, left, right) => {
            binary(documents, *operator, left, right, out);
        }
        Expression::IsNull(it, negated) => {
            out.push(typed(kind, it, Level::Add));
            out.push(Piece::Word(if *negated { " IS NOT NULL" } else { " IS NULL" }));
        }
        Expression::Between { value, low, high, negated } => {
            let sides = [
                (value, low, if *negated { " NOT BETWEEN " } else { " BETWEEN " }),
                (low, value, " AND "),
                (high, value, ""),
            ];
            for (one, other, word) in sides {
                if let Some(member) = documents.member_side(one, other, true) {
                    out.push(member);
                } else if beside_other(documents, one, other, out).is_none() {
                    compared(one, other, out);
                }
                out.push(Piece::Word(word));
            }
        }
        Expression::In { value, list, negated } if list.is_json_list() => {
            lists::list_contains(documents, value, list, *negated, out);
        }
        Expression::In { value, list, negated } => {
            if matches!(&**list, Expression::List(members) if members.is_empty()) {
                out.push(Piece::Word(if *negated { "1 = 1" } else { "1 = 0" }));
                return;
            }
            compared(value, list, out);
            out.push(Piece::Word(if *negated { " NOT IN " } else { " IN " }));
            if let Expression::List(members) = &**list {
                out.push(Piece::Members(members, documents.is_kept_as_one(value)));
                return;
            }
            let raw = matches!(&**list, Expression::Sql(sql) if words::is_bracketed(sql));
            if !raw {
                out.push(Piece::Word("("));
            }
            out.push(Piece::Expression(list, Level::Whole));
            if !raw {
                out.push(Piece::Word(")"));
            }
        }
        Expression::List(members) => {
            let each = members.iter().map(|it| Piece::Expression(it, Level::Whole));
            out.push(Piece::Word("("));
            between(each, ", ", out);
            out.push(Piece::Word(")"));
        }
        Expression::Call { name, distinct, arguments } => {
            let (name, before, behind) = match arguments.as_slice() {
                [one] => aggregate_of(documents, name, one),
                // SQLite alone counts rows without a star.
                [] if kind != DialectKind::Sqlite && name.eq_ignore_ascii_case("count") => {
                    (name.as_str(), "*", "")
                }
                _ => (name.as_str(), "", ""),
            };
            out.push(Piece::Function(name));
            out.push(Piece::Word(if *distinct { "(DISTINCT " } else { "(" }));
            out.push(Piece::Word(before));
            commas(documents, arguments, out);
            out.push(Piece::Word(behind));
            out.push(Piece::Word(")"));
        }
        Expression::Cast(it, data_type) if let Some(form) = date_form(kind, data_type) => {
            // By SQLite's own types it would be whatever text it is.
            out.push(Piece::Word("strftime("));
            out.push(Piece::Literal(Value::Text(form.into())));
            out.push(Piece::Word(", "));
            out.push(Piece::Expression(it, Level::Whole));
            out.push(Piece::Word(")"));
        }
        Expression::Cast(it, data_type)
            if date_of_text(documents, it, data_type, out).is_some() => {}
        Expression::Cast(it, data_type) => {
            out.push(Piece::Word("CAST("));
            out.push(Piece::Expression(it, Level::Whole));
            out.push(Piece::Word(" AS "));
            out.push(Piece::Cast(data_type));
            out.push(Piece::Word(")"));
        }
        Expression::Case { operand, arms, otherwise } => {
            out.push(Piece::Word("CASE"));
            if let Some(operand) = operand {
                out.push(Piece::Word(" "));
                out.push(Piece::Expression(operand, Level::Or));
            }
            for (when, then) in arms {
                out.push(Piece::Word(" WHEN "));
                out.push(match operand {
                    Some(operand) => beside(when, operand, Level::Or),
                    None => Piece::Expression(when, Level::Or),
                });
                out.push(Piece::Word(" THEN "));
                out.push(documents.value(then, Level::Or));
            }
            if let Some(otherwise) = otherwise {
                out.push(Piece::Word(" ELSE "));
                out.push(documents.value(otherwise, Level::Or));
            }
            out.push(Piece::Word(" END"));
        }
        Expression::Related(..)
        | Expression::OfLink { .. }
        | Expression::Variable(_)
        | Expression::Alias(_)
        | Expression::Former(_)
        | Expression::Quantified { .. }
        | Expression::AggregateOf { .. }
        | Expression::OfList { .. }
        | Expression::Around(..) => out.push(Piece::Leaf(expression)),
    }
}

/// `a AND b`. A long chain stands in brackets by halves: SQLite's expressions may be 1,000 deep.
fn joined<'e>(
    members: &'e [Expression],
    word: &'static str,
    least: Level,
    none: &'static str,
    out: &mut Pieces<'e>,
) {
    match members {
        [] => out.push(Piece::Word(none)),
        [one] => out.push(Piece::Expression(one, Level::Or)),
        _ if members.len() > CHAIN => {
            let (left, right) = members.split_at(members.len() / 2);
            out.push(Piece::Word("("));
            joined(left, word, least, none, out);
            out.push(Piece::Word(")"));
            out.push(Piece::Word(word));
            out.push(Piece::Word("("));
            joined(right, word, least, none, out);
            out.push(Piece::Word(")"));
        }
        _ => {
            for (place, it) in members.iter().enumerate() {
                if place > 0 {
                    out.push(Piece::Word(word));
                }
                out.push(Piece::Expression(it, least));
            }
        }
    }
}

/// `a + b`, `a LIKE b`
fn binary<'e>(
    documents: Documents<'_, 'e>,
    operator: Operator,
    left: &'e Expression,
    right: &'e Expression,
    out: &mut Pieces<'e>,
) {
    let kind = documents.kind;
    let word = match operator {
        Operator::Equal => " = ",
        Operator::NotEqual => " <> ",
        Operator::Less => " < ",
        Operator::LessEqual => " <= ",
        Operator::Greater => " > ",
        Operator::GreaterEqual => " >= ",
        Operator::Like => " LIKE ",
        Operator::NotLike => " NOT LIKE ",
        // Only queries hold these: SQLite's.
        Operator::Glob => " GLOB ",
        Operator::NotGlob => " NOT GLOB ",
        Operator::Matches => match kind {
            DialectKind::Sqlite | DialectKind::Mysql | DialectKind::Mariadb => " REGEXP ",
            DialectKind::Postgres => " ~ ",
        },
        Operator::Add => " + ",
        Operator::Subtract => " - ",
        Operator::Multiply => " * ",
        Operator::Divide => " / ",
        Operator::Remainder => " % ",
        Operator::Concat => return concat(documents, left, right, out),
        Operator::StartsWith => return pattern(documents, left, right, (false, true), out),
        Operator::EndsWith => return pattern(documents, left, right, (true, false), out),
        Operator::Contains => return pattern(documents, left, right, (true, true), out),
    };
    match operator.family() {
        Family::Pattern => {
            out.push(documents.text(left, Level::Add));
            out.push(Piece::Word(word));
            out.push(documents.text(right, Level::Add));
            return;
        }
        Family::Comparison => {
            let by_order = operator.strength() == Strength::Order;
            let side = |it: &'e Expression, other: &Expression| {
                let document = documents.document_side(it, other);
                document.or_else(|| documents.member_side(it, other, by_order))
            };
            let (one, other) = (side(left, right), side(right, left));
            if one.is_some() || other.is_some() {
                out.push(one.unwrap_or(Piece::Expression(left, Level::Add)));
                out.push(Piece::Word(word));
                out.push(other.unwrap_or(Piece::Expression(right, Level::Add)));
                return;
            }
        }
        Family::Arithmetic | Family::Concatenation => {}
    }
    let (left_least, right_least) = match operator.strength() {
        Strength::Sum => (Level::Add, Level::Multiply),
        Strength::Product => (Level::Multiply, Level::Concat),
        Strength::Or
        | Strength::And
        | Strength::Not
        | Strength::Equality
        | Strength::Order
        | Strength::Concat
        | Strength::Negate => (Level::Add, Level::Add),
    };
    let sides = [(left, right, left_least, word), (right, left, right_least, "")];
    for (one, other, least, behind) in sides {
        let compared =
            asks_for_more(operator) && beside_other(documents, one, other, out).is_some();
        let is_equality = matches!(operator, Operator::Equal | Operator::NotEqual);
        let compared =
            compared || is_equality && equal_to_number(documents, one, other, out).is_some();
        let compared = compared
            || operator.family() == Family::Comparison
                && beside_decimal(documents, one, out).is_some();
        if !compared {
            operand(kind, one, other, least, out);
        }
        out.push(Piece::Word(behind));
    }
}

/// One side of an operator. A place in a JSON document is a text to PostgreSQL, so beside a number or a boolean it is made one. `||` binds tighter than `+` in SQLite, looser in PostgreSQL: it gets brackets beside arithmetic.
fn operand<'e>(
    kind: DialectKind,
    expression: &'e Expression,
    other: &Expression,
    least: Level,
    out: &mut Pieces<'e>,
) {
    let json = matches!(expression, Expression::Json(..));
    let concat = matches!(expression, Expression::Binary(Operator::Concat, ..));
    let target = if let Expression::Literal(Value::Bool(_)) = other {
        "BOOLEAN"
    } else if is_number(other) {
        "NUMERIC"
    } else {
        ""
    };
    match kind {
        DialectKind::Postgres if json && !target.is_empty() => {
            out.push(Piece::Word("CAST("));
            out.push(Piece::Expression(expression, Level::Whole));
            out.push(Piece::Word(" AS "));
            out.push(Piece::Word(target));
            out.push(Piece::Word(")"));
        }
        DialectKind::Sqlite | DialectKind::Postgres | DialectKind::Mysql | DialectKind::Mariadb => {
            let least = if concat { least.max(Level::Negate) } else { least };
            out.push(Piece::Expression(expression, least));
        }
    }
}

fn is_number(expression: &Expression) -> bool {
    matches!(
        expression,
        Expression::Literal(Value::Integer(_) | Value::Float(_) | Value::Decimal(_))
    )
}

//! Expressions: precedence, and what databases call the same thing.
//!
//! An expression is taken apart into pieces on a stack, so a chain of ten thousand `and`s or `+`s needs no deep recursion.
//! Brackets stand where some database would read the text differently without them.

mod documents;
mod spelling;

use self::documents::Documents;
pub use self::spelling::path as json_place;
use self::spelling::{between, commas, concat, is_whole, json, pattern};
use super::dialect::DialectKind;
use super::tree::Row;
use super::types::write_cast_type;
use super::writer::Writer;
use crate::ast::{Family, Operator, Strength};
use crate::ir::{AttributeId, DataType, Expression, Model, fit};
use crate::value::{Value, write_json_text};
use crate::words;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::fmt::Write as _;

/// How tightly an expression holds together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Whatever it is, in brackets only if raw.
    Whole,
    Or,
    And,
    Not,
    /// `=`, `<`, `LIKE`, `IN`, `BETWEEN`, `IS`: databases rank them differently, so they never stand side by side.
    Compare,
    Add,
    Multiply,
    Concat,
    Negate,
    Atom,
}

/// A part of an expression's text.
enum Piece<'e> {
    /// An expression, in brackets if it holds together less tightly.
    Expression(&'e Expression, Level),
    Word(&'static str),
    Value(Value),
    Literal(Value),
    Column(AttributeId),
    /// What only a row of a query gives a meaning to.
    Leaf(&'e Expression),
    Raw(&'e str),
    /// What stands behind `in`.
    Members(&'e [Expression], bool),
    Function(&'e str),
    /// A type, as `CAST` names it.
    Cast(&'e DataType),
    /// What is compared with a JSON document: a document, too.
    Document(&'e Expression),
    /// What a JSON document is as a plain value.
    Content(&'e Expression),
}

/// A function's pieces, in the order of the text.
type Pieces<'e> = Vec<Piece<'e>>;

/// How the names in an expression are written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Naming<'a, 'e> {
    /// Columns by their names alone.
    Bare,
    /// By their names alone; what a row that changes was called before, by its column now.
    Former(&'a HashMap<SmolStr, String>),
    /// As the row of a query has them.
    Row(&'a Row<'e>),
}

impl Naming<'_, '_> {
    /// The present moment, where it is known.
    fn now(self) -> Option<SmolStr> {
        match self {
            Self::Bare | Self::Former(_) => None,
            Self::Row(row) => row.basis().now.clone(),
        }
    }
}

impl Writer<'_> {
    /// An expression over a row of `model`; its columns by their names alone.
    ///
    /// What only a query can hold (paths over associations, variables, aliases) becomes a text that is no SQL: `check` lets
    /// none of it into the schema, and a NULL in its place would be a wrong answer.
    pub fn expression(&mut self, model: &Model, expression: &Expression) -> &mut Self {
        self.named_expression(model, Naming::Bare, expression, Level::Whole)
    }

    /// An expression over a row that changes; `columns` has the columns of the names that it had before.
    pub fn former_expression(
        &mut self,
        model: &Model,
        columns: &HashMap<SmolStr, String>,
        expression: &Expression,
    ) -> &mut Self {
        self.named_expression(model, Naming::Former(columns), expression, Level::Or)
    }

    /// An expression, in brackets if it holds together less tightly than `least`.
    pub(super) fn named_expression<'e>(
        &mut self,
        model: &Model,
        naming: Naming<'_, 'e>,
        expression: &'e Expression,
        least: Level,
    ) -> &mut Self {
        let mut stack = vec![Piece::Expression(expression, least)];
        let mut pieces = Pieces::new();
        while let Some(piece) = stack.pop() {
            match piece {
                Piece::Expression(it, _) if is_now(it) && naming.now().is_some() => {
                    self.value(&Value::Date(naming.now().unwrap_or_default()));
                }
                Piece::Expression(it, _)
                    if self.dialect.kind == DialectKind::Sqlite && is_now(it) =>
                {
                    self.push(SQLITE_NOW);
                }
                Piece::Expression(it, least) => {
                    let bare = level(self.dialect.kind, it) >= least;
                    if !bare {
                        pieces.push(Piece::Word("("));
                    }
                    let documents = Documents { kind: self.dialect.kind, model, naming };
                    take_apart(documents, it, &mut pieces);
                    if !bare {
                        pieces.push(Piece::Word(")"));
                    }
                    stack.extend(pieces.drain(..).rev());
                }
                Piece::Word(it) | Piece::Raw(it) => {
                    self.push(it);
                }
                Piece::Value(it) => self.number_or_value(&it),
                Piece::Literal(it) => {
                    self.literal(&it);
                }
                Piece::Column(id) => match naming {
                    Naming::Bare | Naming::Former(_) => {
                        self.name(&model.attribute(id).column);
                    }
                    Naming::Row(row) => self.term(&row.attribute(id), Level::Atom),
                },
                Piece::Leaf(it) => match naming {
                    Naming::Bare => {
                        self.push(UNKNOWN);
                    }
                    Naming::Former(columns) => {
                        let column = match it {
                            Expression::Former(name) => columns.get(name),
                            _ => None,
                        };
                        match column {
                            Some(column) => self.name(column),
                            None => self.push("NULL"),
                        };
                    }
                    Naming::Row(row) => self.term(&row.leaf(it), Level::Atom),
                },
                Piece::Members(members, documents) => match self.document(members, documents) {
                    Some((read, document)) => {
                        self.push(read).value(&Value::Text(document.into())).push("))");
                    }
                    None => {
                        let member = |it| {
                            if documents && !documents::is_as_it_is(it) {
                                Piece::Document(it)
                            } else {
                                Piece::Expression(it, Level::Whole)
                            }
                        };
                        pieces.push(Piece::Word("("));
                        between(members.iter().map(member), ", ", &mut pieces);
                        pieces.push(Piece::Word(")"));
                        stack.extend(pieces.drain(..).rev());
                    }
                },
                Piece::Function(name) => self.function(name),
                Piece::Cast(data_type) => write_cast_type(self, data_type),
                Piece::Document(it) => documents::document(it, &mut stack),
                Piece::Content(it) => documents::content(it, &mut stack),
            }
        }
        self
    }

    /// The values of a long list as one parameter, and the start of the SELECT that reads it: SQLite takes only so many. None
    /// where they are few, or can't be told in JSON.
    fn document(&self, members: &[Expression], documents: bool) -> Option<(&'static str, String)> {
        let one = match self.dialect.kind {
            DialectKind::Sqlite => self.collects() && members.len() > LIST,
            DialectKind::Postgres | DialectKind::Mysql | DialectKind::Mariadb => false,
        };
        if !one {
            return None;
        }
        let blobs = matches!(members.first(), Some(Expression::Literal(Value::Blob(_))));
        let mut out = String::from("[");
        for (place, member) in members.iter().enumerate() {
            let Expression::Literal(value) = member else {
                return None;
            };
            if place > 0 {
                out.push(',');
            }
            if documents {
                match fit(value.clone(), &DataType::Json).ok()? {
                    Value::Json(it) => write_json_text(&it, &mut out),
                    _ => out.push_str("null"),
                }
                continue;
            }
            match value {
                Value::Null => out.push_str("null"),
                Value::Bool(it) => out.push_str(if *it { "1" } else { "0" }),
                Value::Integer(it) => write!(out, "{it}").ok()?,
                Value::Float(it) if it.is_finite() => write!(out, "{it:?}").ok()?,
                Value::Decimal(it) => {
                    let number = it.parse::<f64>().ok().filter(|it| it.is_finite())?;
                    write!(out, "{number:?}").ok()?;
                }
                Value::Blob(bytes) if blobs => {
                    out.push('"');
                    for byte in bytes {
                        write!(out, "{byte:02x}").ok()?;
                    }
                    out.push('"');
                }
                Value::Text(it) | Value::Date(it) | Value::Json(it) if !it.contains('\0') => {
                    write_json_text(it, &mut out);
                }
                Value::Float(_)
                | Value::Blob(_)
                | Value::Text(_)
                | Value::Date(_)
                | Value::Json(_) => return None,
            }
            if blobs && !matches!(value, Value::Blob(_)) {
                return None;
            }
        }
        out.push(']');
        let read = if blobs {
            "(SELECT unhex(value) FROM json_each("
        } else {
            "(SELECT value FROM json_each("
        };
        Some((read, out))
    }

    /// A literal. A decimal as a parameter would be a text, which SQLite compares as one; beside its literals it is a float.
    fn number_or_value(&mut self, value: &Value) {
        if let Value::Decimal(digits) = value
            && self.collects()
            && let Ok(number) = digits.parse()
        {
            match self.dialect.kind {
                DialectKind::Sqlite => {
                    self.value(&Value::Float(number));
                    return;
                }
                DialectKind::Postgres | DialectKind::Mysql | DialectKind::Mariadb => {}
            }
        }
        self.value(value);
    }

    /// A function's name. Those that count differently under the same name are called what they mean.
    fn function(&mut self, name: &str) {
        let is = |word: &str| name.eq_ignore_ascii_case(word);
        let plain =
            !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
        match self.dialect.kind {
            DialectKind::Mysql | DialectKind::Mariadb if is("length") => self.push("char_length"),
            DialectKind::Postgres if is("ifnull") => self.push("coalesce"),
            DialectKind::Sqlite
            | DialectKind::Postgres
            | DialectKind::Mysql
            | DialectKind::Mariadb
                if plain =>
            {
                self.push(name)
            }
            DialectKind::Sqlite
            | DialectKind::Postgres
            | DialectKind::Mysql
            | DialectKind::Mariadb => self.name(name),
        };
    }
}

/// A chain of more conditions is bracketed.
const CHAIN: usize = 256;

/// A list of more values is one parameter.
const LIST: usize = 256;

/// What stands for something that has no meaning where it stands: no database takes it.
pub(super) const UNKNOWN: &str = "<no query>";

/// The present moment where SQLite has to know it itself, as it keeps a DATE.
const SQLITE_NOW: &str = "strftime('%Y-%m-%d %H:%M:%f +00:00', 'now')";

/// `now()`
fn is_now(expression: &Expression) -> bool {
    matches!(expression, Expression::Call { name, arguments, .. } if name == "now" && arguments.is_empty())
}

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
fn level(kind: DialectKind, expression: &Expression) -> Level {
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
        | Expression::CountOf(_) => Level::Atom,
    }
}

/// Puts the pieces of `expression`, in the order of the text, behind `out`.
fn take_apart<'e>(documents: Documents<'_, 'e>, expression: &'e Expression, out: &mut Pieces<'e>) {
    let (kind, model) = (documents.kind, documents.model);
    let beside = |it: &'e Expression, other: &Expression, least: Level| {
        let document = documents.beside(it, other);
        document.unwrap_or(Piece::Expression(it, least))
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
            let whole = is_whole(model, left) && is_whole(model, right);
            let word = match kind {
                DialectKind::Mysql | DialectKind::Mariadb if whole => " DIV ",
                DialectKind::Sqlite
                | DialectKind::Postgres
                | DialectKind::Mysql
                | DialectKind::Mariadb => " / ",
            };
            operand(kind, left, right, Level::Multiply, out);
            out.push(Piece::Word(word));
            operand(kind, right, left, Level::Concat, out);
        }
        Expression::Binary(operator, left, right) => {
            binary(documents, *operator, left, right, out);
        }
        Expression::IsNull(it, negated) => {
            out.push(Piece::Expression(it, Level::Add));
            out.push(Piece::Word(if *negated { " IS NOT NULL" } else { " IS NULL" }));
        }
        Expression::Between { value, low, high, negated } => {
            out.push(beside(value, low, Level::Add));
            out.push(Piece::Word(if *negated { " NOT BETWEEN " } else { " BETWEEN " }));
            out.push(beside(low, value, Level::Add));
            out.push(Piece::Word(" AND "));
            out.push(beside(high, value, Level::Add));
        }
        Expression::In { value, list, negated } => {
            if matches!(&**list, Expression::List(members) if members.is_empty()) {
                out.push(Piece::Word(if *negated { "1 = 1" } else { "1 = 0" }));
                return;
            }
            out.push(beside(value, list, Level::Add));
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
            out.push(Piece::Word("("));
            commas(members, out);
            out.push(Piece::Word(")"));
        }
        Expression::Call { name, distinct, arguments } => {
            out.push(Piece::Function(name));
            out.push(Piece::Word(if *distinct { "(DISTINCT " } else { "(" }));
            commas(arguments, out);
            out.push(Piece::Word(")"));
        }
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
                out.push(Piece::Expression(then, Level::Or));
            }
            if let Some(otherwise) = otherwise {
                out.push(Piece::Word(" ELSE "));
                out.push(Piece::Expression(otherwise, Level::Or));
            }
            out.push(Piece::Word(" END"));
        }
        Expression::Related(..)
        | Expression::Variable(_)
        | Expression::Alias(_)
        | Expression::Former(_)
        | Expression::Quantified { .. }
        | Expression::CountOf(_) => out.push(Piece::Leaf(expression)),
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
        Operator::Matches => match kind {
            DialectKind::Sqlite | DialectKind::Mysql | DialectKind::Mariadb => " REGEXP ",
            DialectKind::Postgres => " ~ ",
        },
        Operator::Add => " + ",
        Operator::Subtract => " - ",
        Operator::Multiply => " * ",
        Operator::Divide => " / ",
        Operator::Remainder => " % ",
        Operator::Concat => return concat(kind, left, right, out),
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
            let (one, other) = (documents.beside(left, right), documents.beside(right, left));
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
    operand(kind, left, right, left_least, out);
    out.push(Piece::Word(word));
    operand(kind, right, left, right_least, out);
}

/// One side of an operator. A place in a JSON document is a text to PostgreSQL and MySQL, so beside a number or a boolean
/// it is made one. `||` binds tighter than `+` in SQLite, looser in PostgreSQL: it gets brackets beside arithmetic.
fn operand<'e>(
    kind: DialectKind,
    it: &'e Expression,
    other: &Expression,
    least: Level,
    out: &mut Pieces<'e>,
) {
    let json = matches!(it, Expression::Json(..));
    let concat = matches!(it, Expression::Binary(Operator::Concat, ..));
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
            out.push(Piece::Expression(it, Level::Whole));
            out.push(Piece::Word(" AS "));
            out.push(Piece::Word(target));
            out.push(Piece::Word(")"));
        }
        DialectKind::Mysql | DialectKind::Mariadb
            if matches!(other, Expression::Json(..))
                && matches!(it, Expression::Literal(Value::Bool(_))) =>
        {
            let yes = matches!(it, Expression::Literal(Value::Bool(true)));
            out.push(Piece::Word(if yes { "'true'" } else { "'false'" }));
        }
        DialectKind::Sqlite | DialectKind::Postgres | DialectKind::Mysql | DialectKind::Mariadb => {
            let least = if concat { least.max(Level::Negate) } else { least };
            out.push(Piece::Expression(it, least));
        }
    }
}

fn is_number(it: &Expression) -> bool {
    matches!(it, Expression::Literal(Value::Integer(_) | Value::Float(_) | Value::Decimal(_)))
}

//! Expressions: precedence, and what databases call the same thing.
//!
//! An expression is taken apart into pieces on a stack, so a chain of ten thousand `and`s or `+`s needs no deep recursion.
//! Brackets stand where some database would read the text differently without them.

mod date_texts;
mod decimals;
mod document_order;
mod documents;
mod lists;
mod numbers;
mod pieces;
mod spelling;

pub(super) use self::document_order::JsonPlace;
use self::documents::Documents;
pub(super) use self::documents::around_sorted;
use self::pieces::{append_pieces, level};
use self::spelling::between;
pub(super) use self::spelling::{date_form, lists as json_lists, path as json_place};
use super::dialect::DialectKind;
use super::tree::TableRow;
use super::types::write_cast_type;
use super::writer::Writer;
use crate::ir::{AttributeId, DataType, Expression, Model, fit};
use crate::value::{Value, write_json_text};
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
    /// A value that is a text, whatever stands beside it.
    Text(Value),
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
    /// What a member of an enumeration is as a text.
    Member(&'e Expression),
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
    Row(&'a TableRow<'e>),
}

impl Naming<'_, '_> {
    /// The present moment, where it is known.
    fn now(self) -> Option<SmolStr> {
        match self {
            Self::Bare | Self::Former(_) => None,
            Self::Row(row) => row.query_context().now.clone(),
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
        let documents = Documents { kind: self.dialect.kind, model, naming };
        // A stack in place of recursion: a chain of a hundred thousand operators is no deeper than one.
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
                    append_pieces(documents, it, &mut pieces);
                    if !bare {
                        pieces.push(Piece::Word(")"));
                    }
                    stack.extend(pieces.drain(..).rev());
                }
                Piece::Word(it) | Piece::Raw(it) => {
                    self.push(it);
                }
                Piece::Value(it) => self.number_or_value(&it),
                Piece::Text(it) => {
                    self.push("CAST(").value(&it).push(" AS TEXT)");
                }
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
                Piece::Members(members, is_kept) => match self.document(members, is_kept) {
                    Some((read, document)) => {
                        self.push(&read).value(&Value::Text(document.into())).push("))");
                    }
                    None => {
                        let member = |it| {
                            if is_kept && !documents.is_as_it_is(it) {
                                Piece::Document(it)
                            } else {
                                Piece::Expression(it, Level::Whole)
                            }
                        };
                        // Lists of rows behind IN SQLite alone doesn't have.
                        let rows = matches!(members.first(), Some(Expression::List(_)))
                            && self.dialect.kind == DialectKind::Sqlite;
                        pieces.push(Piece::Word(if rows { "(VALUES " } else { "(" }));
                        between(members.iter().map(member), ", ", &mut pieces);
                        pieces.push(Piece::Word(")"));
                        stack.extend(pieces.drain(..).rev());
                    }
                },
                Piece::Function(name) => self.function(name),
                Piece::Cast(data_type) => write_cast_type(self, data_type),
                Piece::Document(it) => documents.document(it, &mut stack),
                Piece::Content(it) => documents.content(it, &mut stack),
                Piece::Member(it) => {
                    let whole = Piece::Expression(it, Level::Whole);
                    stack.extend([Piece::Word(" AS TEXT)"), whole, Piece::Word("CAST(")]);
                }
            }
        }
        self
    }

    /// `sum(a)`: an aggregate of an expression over a row.
    pub(super) fn aggregate<'e>(
        &mut self,
        name: &str,
        distinct: bool,
        row: &TableRow<'e>,
        of: &'e Expression,
    ) {
        let naming = Naming::Row(row);
        let of_text = name.eq_ignore_ascii_case("min") || name.eq_ignore_ascii_case("max");
        if let Some(place) = JsonPlace::of(self.dialect.kind, row, of).filter(|_| of_text) {
            self.document_extreme(&place, name);
            return;
        }
        let documents = Documents { kind: self.dialect.kind, model: row.of(), naming };
        let (name, before, behind) = spelling::aggregate_of(documents, name, of);
        let [open, close] = match self.dialect.kind {
            DialectKind::Postgres => around_sorted(self.dialect.kind, row, of).unwrap_or_default(),
            // Of a member these take the text.
            DialectKind::Sqlite | DialectKind::Mysql | DialectKind::Mariadb => Default::default(),
        };
        self.push(name).push(if distinct { "(DISTINCT " } else { "(" }).push(before).push(open);
        self.named_expression(row.of(), naming, of, Level::Whole).push(close).push(behind);
        self.push(")");
    }

    /// The values of a long list as one parameter, and the start of the SELECT that reads it: SQLite takes only so many. None
    /// where they are few, or can't be told in JSON.
    fn document(&self, members: &[Expression], documents: bool) -> Option<(String, String)> {
        let one = match self.dialect.kind {
            DialectKind::Sqlite => self.uses_parameters() && members.len() > LIST,
            DialectKind::Postgres | DialectKind::Mysql | DialectKind::Mariadb => false,
        };
        if !one {
            return None;
        }
        let blobs = matches!(members.first(), Some(Expression::Literal(Value::Blob(_))));
        let mut out = String::from("[");
        for (place, member) in members.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            if let Expression::List(key) = member {
                write_key(key, &mut out)?;
                continue;
            }
            let Expression::Literal(value) = member else {
                return None;
            };
            if documents {
                match fit(value.clone(), &DataType::Json).ok()? {
                    Value::Json(it) => write_json_text(&it, &mut out),
                    _ => out.push_str("null"),
                }
                continue;
            }
            write_cell(value, blobs, &mut out)?;
            if blobs && !matches!(value, Value::Blob(_)) {
                return None;
            }
        }
        out.push(']');
        let mut read = String::from("(SELECT ");
        match members.first() {
            Some(Expression::List(key)) => {
                for place in 0..key.len() {
                    let comma = if place > 0 { ", " } else { "" };
                    write!(read, "{comma}value ->> {place}").ok()?;
                }
            }
            _ => read.push_str(if blobs { "unhex(value)" } else { "value" }),
        }
        read.push_str(" FROM json_each(");
        Some((read, out))
    }

    /// A literal. A decimal as a parameter would be a text, which SQLite compares as one; beside its literals it is a float.
    fn number_or_value(&mut self, value: &Value) {
        if let Value::Decimal(digits) = value
            && self.uses_parameters()
            && let Ok(number) = digits.parse()
        {
            match self.dialect.kind {
                DialectKind::Sqlite => {
                    self.value(&Value::Float(number));
                    return;
                }
                // As a parameter it would be a text there, too.
                DialectKind::Mysql | DialectKind::Mariadb
                    if digits.bytes().all(|it| it.is_ascii_digit() || b"+-.eE".contains(&it)) =>
                {
                    self.literal(value);
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

/// A value in JSON; none where it can't be told so. A blob is its hexadecimal text, where that is expected.
pub(super) fn write_cell(value: &Value, blobs: bool, out: &mut String) -> Option<()> {
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
            write_json_text(it, out);
        }
        Value::Float(_) | Value::Blob(_) | Value::Text(_) | Value::Date(_) | Value::Json(_) => {
            return None;
        }
    }
    Some(())
}

/// A key of several columns in JSON.
fn write_key(key: &[Expression], out: &mut String) -> Option<()> {
    for (place, member) in key.iter().enumerate() {
        out.push(if place > 0 { ',' } else { '[' });
        match member {
            Expression::Literal(value) => write_cell(value, false, out)?,
            _ => return None,
        }
    }
    out.push(']');
    Some(())
}

/// A list of more values is one parameter.
const LIST: usize = 256;

/// What stands for something that has no meaning where it stands: no database takes it.
pub(super) const UNKNOWN: &str = "<no query>";

/// The present moment where SQLite has to know it itself, as it keeps a DATE.
const SQLITE_NOW: &str = "strftime('%Y-%m-%d %H:%M:%f +00:00', 'now')";

/// `now()`
pub(super) fn is_now(expression: &Expression) -> bool {
    matches!(expression, Expression::Call { name, arguments, .. } if name == "now" && arguments.is_empty())
}

//! JSON documents beside other values: `c = "text"` means the document that a row gets which is written with this text.
//!
//! SQLite keeps a document as its text, quotes and all. What is compared with a column of documents becomes a document
//! first, in the way in which it would have been written.

use super::{Level, Naming, Piece};
use crate::ir::{DataType, Expression, Model, fit};
use crate::sql::dialect::DialectKind;
use crate::value::Value;

/// Tells documents from other values.
#[derive(Clone, Copy)]
pub(super) struct Documents<'a, 'e> {
    pub(super) kind: DialectKind,
    pub(super) model: &'a Model,
    pub(super) naming: Naming<'a, 'e>,
}

impl Documents<'_, '_> {
    /// Whether an expression is a column of documents.
    fn is_column(&self, expression: &Expression) -> bool {
        let data_type = match (expression, self.naming) {
            (Expression::Attribute(id), _) => &self.model.attribute(*id).data_type,
            (Expression::Related(way, id), Naming::Row(row)) => {
                let schema = row.schema();
                let Some(last) = way.last() else { return false };
                &schema[schema[*last].target].attribute(*id).data_type
            }
            _ => return false,
        };
        matches!(data_type, DataType::Json | DataType::Jsonb)
    }

    /// Whether what stands beside an expression is compared with documents.
    pub(super) fn is_kept_as_one(&self, expression: &Expression) -> bool {
        match self.kind {
            DialectKind::Sqlite => self.is_column(expression),
            DialectKind::Postgres | DialectKind::Mysql | DialectKind::Mariadb => false,
        }
    }

    /// One side of a comparison.
    pub(super) fn beside<'x>(
        &self,
        expression: &'x Expression,
        other: &Expression,
    ) -> Option<Piece<'x>> {
        match self.kind {
            DialectKind::Sqlite => {}
            DialectKind::Postgres | DialectKind::Mysql | DialectKind::Mariadb => return None,
        }
        match (self.is_column(expression), self.is_column(other)) {
            (false, true) => (!is_as_it_is(expression)).then_some(Piece::Document(expression)),
            (false, false) if is_document(expression) && !is_document(other) => {
                Some(Piece::Content(expression))
            }
            (true, true | false) | (false, false) => None,
        }
    }

    /// What is looked at as a text.
    pub(super) fn text<'x>(&self, expression: &'x Expression, least: Level) -> Piece<'x> {
        match self.kind {
            DialectKind::Sqlite if self.is_column(expression) || is_document(expression) => {
                Piece::Content(expression)
            }
            DialectKind::Sqlite
            | DialectKind::Postgres
            | DialectKind::Mysql
            | DialectKind::Mariadb => Piece::Expression(expression, least),
        }
    }
}

/// A document of a variable.
const fn is_document(expression: &Expression) -> bool {
    matches!(expression, Expression::Literal(Value::Json(_)))
}

/// What is no value, or is a document already; of raw SQL nothing is known.
pub(super) const fn is_as_it_is(expression: &Expression) -> bool {
    matches!(
        expression,
        Expression::Literal(Value::Null | Value::Json(_) | Value::Blob(_))
            | Expression::Sql(_)
            | Expression::Variable(_)
            | Expression::Alias(_)
            | Expression::List(_)
            | Expression::Star
    )
}

/// A value as the document that it would have been written as.
pub(super) fn document<'e>(expression: &'e Expression, stack: &mut Vec<Piece<'e>>) {
    if let Expression::Literal(value) = expression {
        let document = fit(value.clone(), &DataType::Json);
        stack.push(Piece::Value(document.unwrap_or_else(|_| value.clone())));
        return;
    }
    stack.push(Piece::Word(")"));
    stack.push(Piece::Expression(expression, Level::Whole));
    stack.push(Piece::Word("json_quote("));
}

/// What a document is as a plain value: a text without its quotes.
pub(super) fn content<'e>(expression: &'e Expression, stack: &mut Vec<Piece<'e>>) {
    stack.push(Piece::Word(", '$')"));
    stack.push(Piece::Expression(expression, Level::Whole));
    stack.push(Piece::Word("json_extract("));
}

//! JSON documents beside other values: `c = "text"` means the document that a row gets which is written with this text.
//!
//! What is compared with a column of documents becomes a document first, in the way in which it would have been written: to SQLite and
//! MariaDB, which keep a document as its text, that text, quotes and all; to PostgreSQL and MySQL a value of a type of its own.

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
            (Expression::Related(path, id), Naming::Row(row)) => {
                let schema = row.schema();
                let Some(last) = path.last() else { return false };
                &schema[schema[*last].target].attribute(*id).data_type
            }
            (Expression::OfLink { model, of, .. }, Naming::Row(row)) => {
                let schema = row.schema();
                let documents = Documents { model: &schema[*model], ..*self };
                return documents.is_column(of);
            }
            _ => return false,
        };
        matches!(data_type, DataType::Json | DataType::Jsonb)
    }

    /// Whether what stands beside an expression is compared with documents.
    pub(super) fn is_kept_as_one(&self, expression: &Expression) -> bool {
        self.is_column(expression)
    }

    /// One side of a comparison.
    pub(super) fn document_side<'x>(
        &self,
        expression: &'x Expression,
        other: &Expression,
    ) -> Option<Piece<'x>> {
        match (self.is_column(expression), self.is_column(other)) {
            (true, _) => self.cast().is_some().then_some(Piece::Document(expression)),
            (false, true) => (!self.is_as_it_is(expression)).then_some(Piece::Document(expression)),
            (false, false) if is_document(expression) && !is_document(other) => {
                Some(Piece::Content(expression))
            }
            (false, false) => None,
        }
    }

    /// What is looked at as a text.
    pub(super) fn text<'x>(&self, expression: &'x Expression, least: Level) -> Piece<'x> {
        if self.is_column(expression) || is_document(expression) {
            Piece::Content(expression)
        } else {
            Piece::Expression(expression, least)
        }
    }

    /// The type as which documents are compared, where it is none of a text's.
    const fn cast(&self) -> Option<&'static str> {
        match self.kind {
            DialectKind::Sqlite | DialectKind::Mariadb => None,
            DialectKind::Postgres => Some(" AS JSONB)"),
            DialectKind::Mysql => Some(" AS JSON)"),
        }
    }

    /// What is no value, or is a document already; of raw SQL nothing is known.
    pub(super) const fn is_as_it_is(&self, expression: &Expression) -> bool {
        // The text of a document is one where documents are texts.
        is_document(expression) && self.cast().is_none()
            || matches!(
                expression,
                Expression::Literal(Value::Null | Value::Blob(_))
                    | Expression::Sql(_)
                    | Expression::Variable(_)
                    | Expression::Alias(_)
                    | Expression::List(_)
                    | Expression::Star
            )
    }

    /// A value as the document that it would have been written as.
    pub(super) fn document<'x>(&self, expression: &'x Expression, stack: &mut Vec<Piece<'x>>) {
        let whole = Piece::Expression(expression, Level::Whole);
        let (begin, value, end) = match (expression, self.cast()) {
            (Expression::Literal(value), cast) => {
                let document = fit(value.clone(), &DataType::Json);
                let value = Piece::Value(document.unwrap_or_else(|_| value.clone()));
                match cast {
                    Some(end) => ("CAST(", value, end),
                    None => ("", value, ""),
                }
            }
            (_, Some(end)) if self.is_column(expression) => ("CAST(", whole, end),
            _ => match self.kind {
                DialectKind::Sqlite => ("json_quote(", whole, ")"),
                DialectKind::Postgres => ("to_jsonb(", whole, ")"),
                // It makes documents of what stands beside one.
                DialectKind::Mysql => ("", whole, ""),
                DialectKind::Mariadb => ("json_extract(json_array(", whole, "), '$[0]')"),
            },
        };
        stack.extend([Piece::Word(end), value, Piece::Word(begin)]);
    }

    /// What a document is as a plain value: a text without its quotes.
    pub(super) fn content<'x>(&self, expression: &'x Expression, stack: &mut Vec<Piece<'x>>) {
        let (begin, end) = match self.kind {
            DialectKind::Sqlite => ("json_extract(", ", '$')"),
            DialectKind::Postgres => ("(CAST(", " AS JSONB) #>> '{}')"),
            DialectKind::Mysql | DialectKind::Mariadb => ("json_unquote(", ")"),
        };
        let whole = Piece::Expression(expression, Level::Whole);
        stack.extend([Piece::Word(end), whole, Piece::Word(begin)]);
    }
}

/// A document of a variable.
const fn is_document(expression: &Expression) -> bool {
    matches!(expression, Expression::Literal(Value::Json(_)))
}

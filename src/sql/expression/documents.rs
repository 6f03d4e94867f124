//! JSON documents beside other values: `c = "text"` means the document that a row gets which is written with this text.
//!
//! What is compared with a column of documents becomes a document first, in the way in which it would have been written: to SQLite and
//! MariaDB, which keep a document as its text, that text, quotes and all; to PostgreSQL and MySQL a value of a type of its own.

use super::{Level, Naming, Piece};
use crate::ir::{AssociationId, DataType, Expression, Model, Schema, fit};
use crate::sql::dialect::DialectKind;
use crate::sql::tree::TableRow;
use crate::value::Value;
use smol_str::SmolStr;

/// Tells documents from other values.
#[derive(Clone, Copy)]
pub(super) struct Documents<'a, 'e> {
    pub(super) kind: DialectKind,
    pub(super) model: &'a Model,
    pub(super) naming: Naming<'a, 'e>,
}

impl<'a, 'e> Documents<'a, 'e> {
    /// The row of a query, where it is one.
    pub(super) const fn row(&self) -> Option<&'a TableRow<'e>> {
        match self.naming {
            Naming::Row(row) => Some(row),
            Naming::Bare | Naming::Former(_) => None,
        }
    }

    /// Whether an expression is a column of documents.
    fn is_column(&self, expression: &Expression) -> bool {
        let data_type = data_type(self.model, self.naming, expression);
        matches!(data_type, Some(DataType::Json | DataType::Jsonb))
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
            self.value(expression, least)
        }
    }

    /// What is a value beside others. A member of an enumeration is its text: by a type of its own it would come where its list has it, and be
    /// nothing that functions take.
    pub(super) fn value<'x>(&self, expression: &'x Expression, least: Level) -> Piece<'x> {
        match self.enumeration(expression) {
            Some(_) => Piece::Member(expression),
            None => Piece::Expression(expression, least),
        }
    }

    /// One side of a comparison, where it is a member that is compared as a text: by its order, or with what isn't of its type.
    pub(super) fn member_side<'x>(
        &self,
        expression: &'x Expression,
        other: &Expression,
        by_order: bool,
    ) -> Option<Piece<'x>> {
        let own = self.enumeration(expression)?;
        let is_of_type =
            matches!(other, Expression::Literal(_)) || self.enumeration(other) == Some(own);
        (by_order || !is_of_type).then_some(Piece::Member(expression))
    }

    /// The enumeration of which an expression is a member, where that is a type of its own which doesn't compare as texts do.
    fn enumeration(&self, expression: &Expression) -> Option<&SmolStr> {
        match (self.kind, data_type(self.model, self.naming, expression)?) {
            (DialectKind::Postgres, DataType::Enum(it)) => it.name.as_ref(),
            _ => None,
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
                // Beside what its functions find in a document it compares without quotes: a text has them.
                DialectKind::Mariadb => ("concat(json_extract(json_array(", whole, "), '$[0]'))"),
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

/// The models along a way: that of the row at hand, then those to which the associations of an aggregate lead from it.
#[derive(Clone)]
pub(super) struct Way<'m>(Vec<&'m Model>);

impl<'m> Way<'m> {
    /// Where none has been gone yet.
    pub(super) fn at<'e: 'm>(documents: Documents<'m, 'e>) -> Self {
        Self(vec![documents.model])
    }

    /// Further, by the associations of an aggregate.
    pub(super) fn along(&self, schema: &'m Schema, path: &[AssociationId]) -> Self {
        let targets = path.iter().map(|it| &schema[schema[*it].target]);
        Self(self.0.iter().copied().chain(targets).collect())
    }

    /// So many steps back; none where that is no row of the way.
    pub(super) fn back(&self, steps: usize) -> Option<Self> {
        let left = self.0.len().checked_sub(steps).filter(|it| *it > 0)?;
        Some(Self(self.0.get(..left)?.to_vec()))
    }

    /// Whether the row at hand is meant.
    pub(super) fn is_begun(&self) -> bool {
        self.0.len() > 1
    }

    /// The type of the attribute that an expression over its last row is.
    pub(super) fn data_type<'e: 'm>(
        &self,
        naming: Naming<'_, 'e>,
        expression: &Expression,
    ) -> Option<&'m DataType> {
        // Rows around are those of the naming's row, which isn't the last of the way.
        if self.is_begun() && matches!(expression, Expression::Around(..)) {
            return None;
        }
        data_type(self.0.last()?, naming, expression)
    }
}

/// The type of the attribute that an expression is.
pub(super) fn data_type<'m, 'e: 'm>(
    model: &'m Model,
    naming: Naming<'_, 'e>,
    expression: &Expression,
) -> Option<&'m DataType> {
    let row = match naming {
        Naming::Row(row) => Some(row),
        Naming::Bare | Naming::Former(_) => None,
    };
    Some(match (expression, row) {
        (Expression::Attribute(id), _) => &model.attribute(*id).data_type,
        (Expression::Related(path, id), Some(row)) => {
            let schema = row.schema();
            &schema[schema[*path.last()?].target].attribute(*id).data_type
        }
        (Expression::OfLink { model, of, .. }, Some(row)) => {
            return data_type(&row.schema()[*model], naming, of);
        }
        (Expression::Around(back, of), Some(row)) => {
            let row = row.back(*back)?;
            return data_type(row.of(), Naming::Row(&row), of);
        }
        _ => return None,
    })
}

/// What stands around a column of a row that is sorted by, where a member of an enumeration would come where its list has it.
pub(in crate::sql) fn around_sorted(
    kind: DialectKind,
    row: &TableRow<'_>,
    expression: &Expression,
) -> Option<[&'static str; 2]> {
    match (kind, data_type(row.of(), Naming::Row(row), expression)?) {
        (DialectKind::Postgres, DataType::Enum(it)) if it.name.is_some() => {
            Some(["CAST(", " AS TEXT)"])
        }
        // As a call it is compared as its column is; a cast would be as the connection has it.
        (DialectKind::Mysql | DialectKind::Mariadb, DataType::Enum(_)) => Some(["concat(", ")"]),
        _ => None,
    }
}

/// A document of a variable.
const fn is_document(expression: &Expression) -> bool {
    matches!(expression, Expression::Literal(Value::Json(_)))
}

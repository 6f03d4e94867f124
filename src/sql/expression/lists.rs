//! Lists in JSON: whether one holds a value.

use super::documents::Documents;
use super::spelling::{is_truth, path, typed};
use super::{Level, Piece, Pieces};
use crate::ir::{Expression, JsonStep};
use crate::sql::dialect::DialectKind;
use crate::value::Value;

/// `value in list`: whether a document is a list that holds a value; null where there is no document. What is no list
/// holds nothing.
pub(super) fn list_contains<'e>(
    documents: Documents<'_, 'e>,
    value: &'e Expression,
    list: &'e Expression,
    negated: bool,
    out: &mut Pieces<'e>,
) {
    let (base, steps) = match list {
        Expression::Json(base, steps) => (&**base, steps.as_slice()),
        other => (other, [].as_slice()),
    };
    match documents.kind {
        // Its type is asked first: `json_each` of what is no list would yield the document itself.
        DialectKind::Sqlite => {
            let document = |out: &mut Pieces<'e>| {
                out.push(Piece::Expression(base, Level::Whole));
                if !steps.is_empty() {
                    out.push(Piece::Word(", "));
                    out.push(Piece::Literal(Value::Text(path(documents.kind, steps))));
                }
            };
            out.push(Piece::Word("CASE WHEN json_type("));
            document(out);
            out.push(Piece::Word(") <> 'null' THEN json_type("));
            document(out);
            out.push(Piece::Word(if negated { ") <> 'array' OR " } else { ") = 'array' AND " }));
            let whole = matches!(value, Expression::Literal(Value::Json(_) | Value::Date(_)));
            if whole {
                out.push(Piece::Word("json("));
                out.push(Piece::Document(value));
                out.push(Piece::Word(")"));
            } else {
                out.push(Piece::Expression(value, Level::Add));
            }
            out.push(Piece::Word(if negated { " NOT IN (SELECT " } else { " IN (SELECT " }));
            if whole {
                out.push(Piece::Expression(base, Level::Atom));
                out.push(Piece::Word(" -> fullkey FROM json_each("));
            } else {
                out.push(Piece::Word("atom FROM json_each("));
            }
            document(out);
            out.push(Piece::Word(if whole {
                "))"
            } else if is_truth(documents, value) {
                ") WHERE type IN ('true', 'false'))"
            } else {
                ") WHERE type IN ('text', 'integer', 'real'))"
            }));
            out.push(Piece::Word(" END"));
        }
        DialectKind::Postgres => {
            out.push(Piece::Word(if negated { "(NOT CAST(" } else { "(CAST(" }));
            out.push(Piece::Expression(base, Level::Atom));
            for step in steps {
                out.push(Piece::Word(" -> "));
                out.push(Piece::Literal(match step {
                    JsonStep::Key(key) => Value::Text(key.clone()),
                    JsonStep::Index(index) => Value::Integer(*index),
                }));
            }
            out.push(Piece::Word(" AS JSONB) @> jsonb_build_array("));
            out.push(typed(documents.kind, value, Level::Whole));
            out.push(Piece::Word("))"));
        }
        // Its type is asked first: what is no list is one of itself there.
        DialectKind::Mysql | DialectKind::Mariadb => {
            let document = |out: &mut Pieces<'e>| {
                out.push(Piece::Word("json_extract("));
                out.push(Piece::Expression(base, Level::Whole));
                out.push(Piece::Word(", "));
                out.push(Piece::Literal(Value::Text(path(documents.kind, steps))));
                out.push(Piece::Word(")"));
            };
            out.push(Piece::Word("CASE WHEN json_type("));
            document(out);
            out.push(Piece::Word(") <> 'NULL' THEN json_type("));
            document(out);
            out.push(Piece::Word(if negated {
                ") <> 'ARRAY' OR NOT "
            } else {
                ") = 'ARRAY' AND "
            }));
            out.push(Piece::Word("json_overlaps("));
            document(out);
            out.push(Piece::Word(", json_array("));
            match value {
                Expression::Literal(
                    Value::Bool(_) | Value::Json(_) | Value::Date(_) | Value::Decimal(_),
                ) => {
                    out.push(Piece::Word("json_extract("));
                    out.push(Piece::Document(value));
                    out.push(Piece::Word(", '$')"));
                }
                _ if is_truth(documents, value) => {
                    out.push(Piece::Word("json_extract(CASE WHEN "));
                    out.push(Piece::Expression(value, Level::Whole));
                    out.push(Piece::Word(" THEN 'true' ELSE 'false' END, '$')"));
                }
                _ => out.push(Piece::Expression(value, Level::Whole)),
            }
            out.push(Piece::Word(")) END"));
        }
    }
}

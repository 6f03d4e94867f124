//! Dates that servers make of texts: they pass over an offset, or keep the day that is written beside it.

use super::documents::{Documents, data_type};
use super::{Level, Piece, Pieces};
use crate::ir::{Contents, DataType, Expression};
use crate::sql::dialect::DialectKind;
use crate::value::Value;

/// `cast(text as DATE)`, where the text may have an offset: the moment in UTC, and its day. None where the database reads it so by itself,
/// or what is cast is a date already.
pub(super) fn date_of_text<'e>(
    documents: Documents<'_, 'e>,
    of: &'e Expression,
    to: &DataType,
    out: &mut Pieces<'e>,
) -> Option<()> {
    let is_day = match to {
        DataType::Date(_) => false,
        DataType::DateOnly => true,
        _ => return None,
    };
    if is_date(documents, of) || is_nested(of) {
        return None;
    }
    match documents.kind {
        DialectKind::Postgres if is_day => {
            out.push(Piece::Word("CAST(CAST("));
            out.push(Piece::Expression(of, Level::Whole));
            out.push(Piece::Word(" AS TIMESTAMP WITH TIME ZONE) AS DATE)"));
        }
        DialectKind::Sqlite | DialectKind::Postgres => return None,
        DialectKind::Mysql | DialectKind::Mariadb => {
            out.push(Piece::Word(if is_day { "CAST(CASE WHEN " } else { "CASE WHEN " }));
            let words = [
                " REGEXP '[+-][0-9]{2}:[0-9]{2}$' THEN convert_tz(CAST(left(",
                ", char_length(",
                ") - 6) AS DATETIME(3)), right(",
                ", 6), '+00:00') ELSE CAST(",
                " AS DATETIME(3)) END",
            ];
            for (place, word) in words.into_iter().enumerate() {
                let least = if place == 0 { Level::Atom } else { Level::Whole };
                out.push(Piece::Expression(of, least));
                out.push(Piece::Word(word));
            }
            out.push(Piece::Word(if is_day { " AS DATE)" } else { "" }));
        }
    }
    Some(())
}

/// So many casts to dates within one another are written out: each writes what it is of several times.
const MOST_WITHIN: usize = 3;

fn is_nested(expression: &Expression) -> bool {
    let mut casts = 0;
    expression.visit(&mut |it| {
        casts +=
            usize::from(matches!(it, Expression::Cast(_, DataType::Date(_) | DataType::DateOnly)));
    });
    casts > MOST_WITHIN
}

/// Whether an expression is a date, not a text that says one.
fn is_date(documents: Documents<'_, '_>, expression: &Expression) -> bool {
    let holds = |it: &DataType| matches!(it.holds(), Contents::Moment | Contents::Day);
    match expression {
        Expression::Literal(value) => matches!(value, Value::Date(_) | Value::Null),
        Expression::Cast(_, data_type) => holds(data_type),
        Expression::Call { name, .. } => name.eq_ignore_ascii_case("now"),
        other => data_type(documents.model, documents.naming, other).is_some_and(holds),
    }
}

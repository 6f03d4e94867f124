//! The order of what is at a place in documents, where that is a text whatever it is: null, then numbers as numbers, then texts.

use super::spelling::path;
use super::{Level, Naming};
use crate::ir::{Expression, JsonStep};
use crate::sql::dialect::DialectKind;
use crate::sql::tree::TableRow;
use crate::sql::writer::Writer;

/// The kinds of what is a number there.
const NUMBERS: &str = "('INTEGER', 'DOUBLE', 'DECIMAL', 'BOOLEAN')";

/// What is at a place in the document of a row.
pub(in crate::sql) struct JsonPlace<'r, 'e> {
    row: &'r TableRow<'e>,
    base: &'e Expression,
    steps: &'e [JsonStep],
    whole: &'e Expression,
}

impl<'r, 'e> JsonPlace<'r, 'e> {
    /// The place that an expression is, where its type isn't told by the database.
    pub(in crate::sql) fn of(
        kind: DialectKind,
        row: &'r TableRow<'e>,
        whole: &'e Expression,
    ) -> Option<Self> {
        let Expression::Json(base, steps) = whole else {
            return None;
        };
        match kind {
            DialectKind::Sqlite | DialectKind::Postgres => None,
            DialectKind::Mysql | DialectKind::Mariadb => Some(Self { row, base, steps, whole }),
        }
    }
}

impl Writer<'_> {
    /// ` WHEN .. THEN ..`: what holds of numbers there, or of all but them.
    fn where_number(&mut self, place: &JsonPlace<'_, '_>, is_number: bool) -> &mut Self {
        let (row, path) = (place.row, path(self.dialect.kind, place.steps));
        self.push(" WHEN json_type(json_extract(");
        self.named_expression(row.of(), Naming::Row(row), place.base, Level::Whole);
        self.push(", ").text(&path).push(if is_number { ")) IN " } else { ")) NOT IN " });
        self.push(NUMBERS).push(" THEN ")
    }

    fn whole(&mut self, place: &JsonPlace<'_, '_>) -> &mut Self {
        let row = place.row;
        self.named_expression(row.of(), Naming::Row(row), place.whole, Level::Add)
    }

    /// The number that it is.
    fn as_number(&mut self, place: &JsonPlace<'_, '_>) -> &mut Self {
        self.push("CASE").where_number(place, true).whole(place).push(" + 0 END")
    }

    /// The text that it is.
    fn as_text(&mut self, place: &JsonPlace<'_, '_>) -> &mut Self {
        self.push("CASE").where_number(place, false).whole(place).push(" END")
    }

    /// By what it is sorted before its text.
    pub(in crate::sql) fn document_order(&mut self, place: &JsonPlace<'_, '_>, behind: &str) {
        self.push("CASE WHEN ").whole(place).push(" IS NULL THEN 0");
        self.where_number(place, true).push("1 ELSE 2 END").push(behind);
        self.as_number(place).push(behind);
    }

    /// The least or the greatest: each number is less than any text.
    pub(in crate::sql) fn document_extreme(&mut self, place: &JsonPlace<'_, '_>, function: &str) {
        self.push("coalesce(").push(function).push("(");
        if function.eq_ignore_ascii_case("min") {
            self.as_number(place).push("), ").push(function).push("(");
            self.as_text(place).push("))");
        } else {
            self.as_text(place).push("), ").push(function).push("(");
            self.as_number(place).push("))");
        }
    }
}

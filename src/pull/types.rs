//! Types of columns as the language writes them.

use super::RowMisfits;
use super::names::{self, sql, text};
use super::options::PulledOption;
use super::server_sql::plain_of;
use crate::catalog::Column;
use crate::ir::DataType;
use crate::sql::{Dialect, StrictType, type_text};
use crate::stored::{SqlTokenKind, data_type, tokens};
use crate::verbs::OptionId;

/// A column's type: what stands as the type, and its own spelling where the word alone would write another one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PulledType {
    pub(super) written: String,
    pub(super) spelled: Option<String>,
    /// The type; none of raw SQL and enumerations.
    pub(super) data_type: Option<DataType>,
}

impl PulledType {
    /// `ENUM(a, b)`, for a column.
    pub(super) fn enumeration(members: &[String], column: &Column, rows: &RowMisfits) -> Self {
        let own = type_text(Dialect::SQLITE, &DataType::Text(None));
        let other = rows.server.is_none() && data_type(&own) != column.data_type;
        let spelled = other.then(|| column.data_type.to_string());
        Self { written: format!("ENUM({})", members.join(", ")), spelled, data_type: None }
    }

    /// A type as other databases have it, too.
    pub(super) fn of(data_type: DataType) -> Self {
        Self { written: data_type.written(), spelled: None, data_type: Some(data_type) }
    }

    /// Whether its values are true and false.
    pub(super) fn is_truth(&self) -> bool {
        self.data_type == Some(DataType::Boolean)
    }

    /// The option that keeps the column's spelling.
    pub(super) fn option(&self) -> Option<PulledOption> {
        let spelled = self.spelled.as_ref();
        spelled.map(|it| PulledOption::of(OptionId::ColumnType, text(it)))
    }
}

/// At most so many ways there are.
pub(super) const MOST_WAYS: usize = 4;

/// What PostgreSQL calls ranges, and of what they are.
const RANGES: [(&str, &str); 5] = [
    ("int4range", "INTEGER"),
    ("int8range", "BIGINT"),
    ("numrange", "DECIMAL"),
    ("tstzrange", "DATE"),
    ("daterange", "DATEONLY"),
];

/// The ways to write a column's type, best first. The last one says what the column says.
pub(super) fn types(column: &Column, strict: bool, rows: &RowMisfits) -> Vec<PulledType> {
    let written = &*column.data_type;
    let mut ways = Vec::new();
    if rows.server.is_some() {
        let plain = |written: String| PulledType { written, spelled: None, data_type: None };
        let unquoted = written.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        let named = unquoted.map_or_else(|| written.to_owned(), |it| it.replace("\"\"", "\""));
        if rows.types.contains(&named) {
            ways.push(plain(names::written(&named).into_owned()));
        } else if let Some((_, element)) = RANGES.iter().find(|it| it.0 == written) {
            ways.push(plain(format!("RANGE({element})")));
        } else if let Some(element) = written.strip_suffix("[]").and_then(DataType::of_database) {
            ways.push(plain(format!("ARRAY({})", element.written())));
        } else if let Some(members) = rows.server.and_then(|it| members(it, written)) {
            ways.push(plain(format!("ENUM({})", members.join(", "))));
        } else if written == "char(36) binary" {
            ways.push(PulledType::of(DataType::Uuid));
            ways.extend(DataType::of_database(written).map(PulledType::of));
        } else {
            let short = without_width(written).and_then(|it| DataType::of_database(&it));
            ways.extend(short.map(PulledType::of));
            ways.extend(DataType::of_database(written).map(PulledType::of));
        }
        ways.push(plain(sql(written)));
        return ways;
    }
    if let Some(word) = word(written, strict) {
        let own = if strict { word.written() } else { type_text(Dialect::SQLITE, &word) };
        let spelled = (data_type(&own) != column.data_type).then(|| written.to_owned());
        let endless = matches!(word, DataType::String { length: None, .. }) && spelled.is_some();
        ways.push(PulledType { spelled: spelled.clone(), ..PulledType::of(word) });
        // Without a length there is none.
        if endless {
            ways.push(PulledType { spelled, ..PulledType::of(DataType::Text(None)) });
        }
    }
    ways.push(PulledType { written: sql(written), spelled: None, data_type: None });
    ways
}

/// The members of `enum('a','b')`, as the language writes them.
fn members(dialect: &Dialect, written: &str) -> Option<Vec<String>> {
    let written = plain_of(dialect, written);
    let list = written.strip_prefix("enum(").and_then(|it| it.strip_suffix(')'))?;
    let mut members = Vec::new();
    for (at, it) in tokens(list).into_iter().enumerate() {
        match (it.kind, at % 2) {
            (SqlTokenKind::Text(it), 0) => members.push(names::named(&it).into_owned()),
            (SqlTokenKind::Sign(','), 1) => {}
            _ => return None,
        }
    }
    Some(members)
}

/// An integer's type without the width in which it is shown; that of `tinyint(1)` means something.
fn without_width(written: &str) -> Option<String> {
    let (word, rest) = written.split_once('(')?;
    let (_, behind) = rest.split_once(')')?;
    let is_integer = matches!(word, "tinyint" | "smallint" | "mediumint" | "int" | "bigint");
    (is_integer && written != "tinyint(1)").then(|| format!("{word}{behind}"))
}

/// The type that is written so.
fn word(written: &str, strict: bool) -> Option<DataType> {
    let known = !strict || StrictType::of(written).is_some();
    DataType::of_database(written).filter(|_| known)
}

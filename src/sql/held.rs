//! Rows that a script holds, as a table.

use super::Sql;
use super::column::write_collation;
use super::dialect::{Dialect, DialectKind};
use super::expression::write_cell;
use super::tree::{HeldColumn, HeldTable};
use super::writer::Writer;
use crate::ir::ModelId;
use crate::value::Value;

/// An aggregate of values that a script holds.
#[derive(Debug, Clone)]
pub struct ListAggregate {
    /// `sum`, `count` and their kin.
    pub function: &'static str,
    /// Whether equal values count once.
    pub distinct: bool,
    /// The values.
    pub values: Vec<Value>,
}

impl ListAggregate {
    /// Its text and parameters.
    pub fn render(self, dialect: &Dialect) -> Sql {
        let rows = self.values.into_iter().map(|it| vec![it]).collect();
        let column = HeldColumn { name: "value".into(), collation: None };
        let table = HeldTable { model: ModelId(0), columns: vec![column], rows };
        let mut writer = Writer::with_parameters(dialect);
        writer.push("SELECT ").push(self.function).push("(");
        if self.distinct {
            writer.push("DISTINCT ");
        }
        writer.name("value").push(") FROM ");
        writer.held_table(&table);
        writer.push(" AS ").name("listed");
        writer.finish()
    }
}

impl Writer<'_> {
    /// The SELECT that has them.
    pub(super) fn held_table(&mut self, table: &HeldTable) {
        let document = match self.dialect.kind {
            DialectKind::Sqlite => document(table),
            DialectKind::Postgres | DialectKind::Mysql | DialectKind::Mariadb => None,
        };
        self.push("(");
        match document {
            Some(document) => {
                self.push("SELECT ");
                self.list(table.columns.iter().enumerate(), |writer, (place, column)| {
                    let (before, behind) = match kind(table, place) {
                        CellKind::Blob => ("unhex(", ")"),
                        CellKind::Decimal => ("CAST(", " AS NUMERIC)"),
                        CellKind::Plain => ("", ""),
                    };
                    writer.push(before).push("value ->> ").push(&place.to_string());
                    writer.push(behind);
                    writer.held_name(column);
                });
                if table.columns.is_empty() {
                    self.push("1");
                }
                self.push(" FROM json_each(").value(&Value::Text(document.into())).push(")");
            }
            None => self.rows_by_row(table),
        }
        self.push(")");
    }

    /// What a column is called, and how its texts compare: as in the model's own table.
    fn held_name(&mut self, column: &HeldColumn) {
        match (self.dialect.kind, &column.collation) {
            (DialectKind::Sqlite, Some(collation)) => write_collation(self, collation),
            (DialectKind::Sqlite, None)
            | (DialectKind::Postgres | DialectKind::Mysql | DialectKind::Mariadb, _) => {}
        }
        self.push(" AS ").name(&HeldTable::called(&column.name));
    }

    /// Each row by a SELECT of its own.
    fn rows_by_row(&mut self, table: &HeldTable) {
        let none = vec![Value::Null; table.columns.len()];
        let rows = if table.rows.is_empty() { std::slice::from_ref(&none) } else { &table.rows };
        for (place, row) in rows.iter().enumerate() {
            self.push(if place > 0 { " UNION ALL SELECT " } else { "SELECT " });
            let cells = row.iter().zip(table.columns.iter().enumerate());
            self.list(cells, |writer, (value, (at, column))| {
                match (writer.dialect.kind, value) {
                    // A parameter is a text there, and computed with as a float.
                    (DialectKind::Mysql | DialectKind::Mariadb, Value::Decimal(_)) => {
                        let digits = scale(table, at).to_string();
                        writer.push("CAST(").value(value).push(" AS DECIMAL(65, ");
                        writer.push(&digits).push("))");
                    }
                    _ => {
                        writer.value(value);
                    }
                }
                if place == 0 {
                    writer.held_name(column);
                }
            });
            if table.columns.is_empty() {
                self.push("1");
            }
        }
        if table.rows.is_empty() {
            self.push(" WHERE 1 = 0");
        }
    }
}

/// How many digits the DECIMALs of a column have behind the point at most; no server has more than 30.
fn scale(table: &HeldTable, column: usize) -> usize {
    let digits = |it: &Vec<Value>| match it.get(column) {
        Some(Value::Decimal(text)) => text.split_once('.').map_or(0, |(_, digits)| digits.len()),
        _ => 0,
    };
    table.rows.iter().map(digits).max().unwrap_or_default().min(30)
}

/// How the values of a column are told in JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CellKind {
    Plain,
    Decimal,
    Blob,
}

/// How those of a column are: as the first that isn't null.
fn kind(table: &HeldTable, place: usize) -> CellKind {
    let mut values = table.rows.iter().filter_map(|it| it.get(place));
    match values.find(|it| **it != Value::Null) {
        Some(Value::Blob(_)) => CellKind::Blob,
        Some(Value::Decimal(_)) => CellKind::Decimal,
        Some(
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Date(_)
            | Value::Json(_),
        )
        | None => CellKind::Plain,
    }
}

/// The rows as one list of lists; none where JSON can't tell a value.
fn document(table: &HeldTable) -> Option<String> {
    let blobs: Vec<bool> =
        (0..table.columns.len()).map(|it| kind(table, it) == CellKind::Blob).collect();
    let mut out = String::from("[");
    for (place, row) in table.rows.iter().enumerate() {
        out.push_str(if place > 0 { ",[" } else { "[" });
        for (place, (value, blobs)) in row.iter().zip(&blobs).enumerate() {
            if place > 0 {
                out.push(',');
            }
            if *blobs && !matches!(value, Value::Blob(_) | Value::Null) {
                return None;
            }
            write_cell(value, *blobs, &mut out)?;
        }
        out.push(']');
    }
    out.push(']');
    Some(out)
}

//! `using`: what the script says that rows which are there get in a column that comes, or that changes its type, its members, or
//! whether it may be null.
//!
//! It reads the row as it was: renames are made by then, and what goes is still there.

use super::alteration::{Alteration, FillExpression, FilledRows, TableAlteration, TableChanges};
use super::engine_of;
use crate::catalog::Table;
use crate::client::Client;
use crate::client::RunResult;
use crate::client::quoted;
use crate::db::DbErrorKind;
use crate::diagnostics::{HazardKind, UnreadableUsing};
use crate::ir::{Expression, Model};
use crate::migrate::ddl::TableDdl;
use crate::migrate::history::Renamed;
use crate::sql::Writer;
use crate::words;
use smol_str::SmolStr;
use std::collections::HashMap;

impl FillExpression {
    /// What becomes of the old value, or of none.
    pub(super) fn instead_of(&self, old: Option<&str>) -> String {
        match (self.of, old) {
            (FilledRows::All, _) | (_, None) => self.sql.clone(),
            (FilledRows::Nulls, Some(old)) => format!("coalesce({old}, {})", self.sql),
            (FilledRows::OtherForm, Some(old)) => {
                format!("CASE WHEN {} THEN {} ELSE {old} END", self.rows, self.sql)
            }
        }
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        let place = match self.of {
            FilledRows::All => "",
            FilledRows::Nulls => " where it is NULL",
            FilledRows::OtherForm => " where it has another form",
        };
        format!("set `{}` to what `using` says{place}", self.column)
    }
}

impl TableAlteration<'_> {
    /// What `using` says of a column, where it has something to say to rows.
    pub(super) fn used(&self, column: &str) -> Option<&FillExpression> {
        let mut used = self.used.iter();
        used.find(|it| it.column.eq_ignore_ascii_case(column))
    }
}

/// Where `using` has something to say to rows. One that reads what isn't there is refused.
pub(super) fn used_of(
    client: &mut Client<'_>,
    alter: &Alteration,
    table: &TableDdl,
    [current, desired]: [&Table; 2],
    todo: &TableChanges,
    renames: &[Renamed],
    dates: &[String],
) -> RunResult<Vec<FillExpression>> {
    let model = &client.scripts.schema[table.model];
    let mut asked = Vec::new();
    for (place, column) in desired.columns.iter().enumerate() {
        let Some(expression) = model.using(&column.name) else {
            continue;
        };
        let whole = todo.added.contains(&place)
            || todo.converted.contains(&place)
            || todo.other_members(&column.name);
        let of = if whole {
            FilledRows::All
        } else if todo.tightened.contains(&place) {
            FilledRows::Nulls
        } else if dates.contains(&column.name) {
            FilledRows::OtherForm
        } else {
            continue;
        };
        asked.push((column, expression, of));
    }
    // Without rows there is nothing to read.
    if asked.is_empty() || !client.has_row(alter.at, &current.name, "true")? {
        return Ok(Vec::new());
    }
    let mut all = Vec::with_capacity(asked.len());
    for (column, expression, of) in asked {
        let why = match columns_read(model, current, renames, expression) {
            Ok(columns) => {
                let mut writer = Writer::inline(client.database.dialect());
                writer.former_expression(model, &columns, expression);
                let sql = format!("({})", writer.finish().text);
                let read = format!("SELECT {sql} FROM {} LIMIT 0", quoted(&current.name));
                match client.number(&read) {
                    Ok(_) => {
                        let name = quoted(&column.name);
                        let rows = match of {
                            FilledRows::All => "true".to_owned(),
                            FilledRows::Nulls => format!("{name} IS NULL"),
                            FilledRows::OtherForm => engine_of(client.database).other_form(&name),
                        };
                        all.push(FillExpression { column: column.name.clone(), sql, of, rows });
                        continue;
                    }
                    // Of what raw SQL reads, and of functions, only the database knows whether they are there.
                    Err(it) if it.kind == DbErrorKind::Refused => {
                        UnreadableUsing::Refused(it.message)
                    }
                    Err(it) => return Err(client.failure(it, alter.at)),
                }
            }
            Err(missing) => UnreadableUsing::Missing(missing.to_string()),
        };
        let attribute = model.on_column(&column.name);
        let kind = HazardKind::UsingUnreadable {
            column: column.name.clone(),
            table: current.name.clone(),
            why,
            there: current.columns.iter().map(|it| it.name.clone()).collect(),
        };
        alter.refuse(alter.hazard(kind, Some(attribute.map_or(model.span, |it| it.span))));
    }
    Ok(all)
}

impl TableChanges {
    /// Whether a column gets other members, or is an enumeration no more: a check that lists them comes or goes.
    fn other_members(&self, column: &str) -> bool {
        let mut checks = self.checks.iter().chain(&self.unchecked);
        checks.any(|it| it.lists.as_ref().is_some_and(|listed| listed == column))
    }
}

/// The columns of the names that an expression reads and no attribute has; else a name without a column.
fn columns_read(
    model: &Model,
    current: &Table,
    renames: &[Renamed],
    expression: &Expression,
) -> Result<HashMap<SmolStr, String>, SmolStr> {
    let mut columns = HashMap::new();
    let mut missing = None;
    expression.visit(&mut |it| match it {
        Expression::Former(name) => match column_of(model, current, renames, name) {
            Some(column) => {
                columns.insert(name.clone(), column);
            }
            None => missing = missing.take().or_else(|| Some(name.clone())),
        },
        Expression::Attribute(id) => {
            let attribute = model.attribute(*id);
            if current.column(&attribute.column).is_none() {
                missing = missing.take().or_else(|| Some(attribute.name.clone()));
            }
        }
        _ => {}
    });
    missing.map_or(Ok(columns), Err)
}

/// The column that was called so: by its new name, if it has one, or as it still is.
fn column_of(
    model: &Model,
    current: &Table,
    renames: &[Renamed],
    name: &SmolStr,
) -> Option<String> {
    let mut names = vec![name.clone()];
    if model.underscored {
        names.push(words::underscore(name));
    }
    for name in &names {
        let becomes = Renamed::later(renames, Some(&current.name), name);
        if becomes != *name {
            return Some(becomes);
        }
    }
    if let Some(there) = names.iter().find_map(|it| current.column(it)) {
        return Some(there.name.clone());
    }
    // It has got its new name already.
    let was = |attribute: &&crate::ir::Attribute| {
        let extra = attribute.extra.as_ref();
        extra.is_some_and(|it| it.was.as_ref() == Some(name))
    };
    let attribute = model.attributes.iter().find(was)?;
    current.column(&attribute.column).map(|it| it.name.clone())
}

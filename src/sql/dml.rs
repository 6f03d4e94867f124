//! INSERT, UPDATE and DELETE: trees of what is written, and how they are spelled.
//!
//! They are about a row of one table, whose columns are called by their names alone ([`super::Tables::bare`]) or, where an UPDATE
//! reads something beside it, by the table's. What stands in one is a [`Term`] or a [`Select`] and never a text, so that parameters have
//! their places, however statements stand in each other.

use super::ddl::table_name;
use super::dialect::{Dialect, DialectKind};
use super::expression::Level;

use super::tree::{Select, TableRow, Term};
use super::writer::{Sql, Writer};
use crate::ir::{AttributeId, Model};
use crate::value::Value;

/// What columns get.
pub type Sets<'q> = Vec<(AttributeId, Term<'q>)>;

/// INSERT
#[derive(Debug)]
pub struct Insert<'q> {
    /// A row of the table.
    pub row: TableRow<'q>,
    /// Its columns that get something.
    pub columns: Vec<AttributeId>,
    /// What they get.
    pub source: InsertSource<'q>,
    /// What is done where a row is there already.
    pub conflict: Option<Upsert<'q>>,
    /// What is told of each new row.
    pub returns: Vec<Term<'q>>,
}

/// Where new rows come from.
#[derive(Debug)]
pub enum InsertSource<'q> {
    /// What columns get, row after row.
    Cells(Vec<Term<'q>>),
    /// A SELECT of as many columns.
    Select(Box<Select<'q>>),
}

/// ON CONFLICT
#[derive(Debug)]
pub struct Upsert<'q> {
    /// What makes a row the same; anything unique where it is empty.
    pub columns: Vec<AttributeId>,
    /// What of it is changed; nothing where it is empty.
    pub sets: Sets<'q>,
}

/// UPDATE
#[derive(Debug)]
pub struct Update<'q> {
    /// A row of the table.
    pub row: TableRow<'q>,
    /// What becomes of its columns.
    pub sets: Sets<'q>,
    /// What is read beside it, and its name.
    pub from: Option<(Select<'q>, &'static str)>,
    /// What holds of each row that changes, all of it.
    pub filter: Vec<Term<'q>>,
    /// What is told of each.
    pub returns: Vec<Term<'q>>,
}

/// DELETE
#[derive(Debug)]
pub struct Delete<'q> {
    /// A row of the table.
    pub row: TableRow<'q>,
    /// What holds of each row that goes, all of it.
    pub filter: Vec<Term<'q>>,
}

/// Lets what numbers the rows of a table go on behind a number that one of them brought with it.
pub fn count_on(dialect: &Dialect, model: &Model, id: AttributeId, number: i64) -> Sql {
    let mut table = Writer::inline(dialect);
    table_name(&mut table, model);
    let mut writer = Writer::with_parameters(dialect);
    writer.push("SELECT setval(c.s, greatest(nextval(c.s), ");
    writer.value(&Value::Integer(number.saturating_add(1)));
    writer.push("), false) FROM (SELECT CAST(pg_get_serial_sequence(");
    writer.value(&Value::Text(table.finish().text.into())).push(", ");
    writer.value(&Value::Text(model.attribute(id).column.clone()));
    writer.push(") AS regclass) AS s) AS c WHERE c.s IS NOT NULL");
    writer.finish()
}

impl Insert<'_> {
    /// Its text and parameters.
    pub fn render(&self, dialect: &Dialect) -> Sql {
        let mut writer = Writer::with_parameters(dialect);
        let ignores = self.conflict.as_ref().is_some_and(|it| it.sets.is_empty());
        writer.push(match dialect.kind {
            // What else it would pass over is an error all the same: see there.
            DialectKind::Mysql | DialectKind::Mariadb if ignores => "INSERT IGNORE INTO ",
            DialectKind::Sqlite
            | DialectKind::Postgres
            | DialectKind::Mysql
            | DialectKind::Mariadb => "INSERT INTO ",
        });
        table_name(&mut writer, self.row.of());
        if self.columns.is_empty() {
            writer.push(match dialect.kind {
                DialectKind::Sqlite | DialectKind::Postgres => " DEFAULT VALUES",
                DialectKind::Mysql | DialectKind::Mariadb => " () VALUES ()",
            });
        } else {
            writer.push(" ").columns(&self.row, &self.columns);
            match &self.source {
                InsertSource::Cells(cells) => {
                    writer.push(" VALUES ");
                    writer.list(cells.chunks(self.columns.len()), |writer, cells| {
                        writer.push("(").list(cells, Writer::cell).push(")");
                    });
                }
                InsertSource::Select(select) => {
                    writer.push(" ").select(select);
                }
            }
        }
        if let Some(conflict) = &self.conflict {
            writer.upsert(&self.row, conflict);
        }
        writer.returning(&self.returns);
        writer.finish()
    }
}

impl Update<'_> {
    /// Its text and parameters.
    pub fn render(&self, dialect: &Dialect) -> Sql {
        let mut writer = Writer::with_parameters(dialect);
        let (before, behind) = match dialect.kind {
            DialectKind::Sqlite | DialectKind::Postgres => (None, self.from.as_ref()),
            DialectKind::Mysql | DialectKind::Mariadb => (self.from.as_ref(), None),
        };
        writer.push("UPDATE ");
        table_name(&mut writer, self.row.of());
        if let Some((select, name)) = before {
            writer.push(", (").select(select).push(") AS ").name(name);
        }
        writer.push(" SET ").sets(&self.row, &self.sets);
        if let Some((select, name)) = behind {
            writer.push(" FROM (").select(select).push(") AS ").name(name);
        }
        writer.conditions(" WHERE ", &self.filter);
        writer.returning(&self.returns);
        writer.finish()
    }
}

impl Delete<'_> {
    /// Its text and parameters.
    pub fn render(&self, dialect: &Dialect) -> Sql {
        let mut writer = Writer::with_parameters(dialect);
        writer.push("DELETE FROM ");
        table_name(&mut writer, self.row.of());
        writer.conditions(" WHERE ", &self.filter);
        writer.finish()
    }
}

impl Writer<'_> {
    fn columns(&mut self, row: &TableRow<'_>, columns: &[AttributeId]) -> &mut Self {
        self.names(columns.iter().map(|id| row.of().attribute(*id).column.as_str()))
    }

    fn terms(&mut self, terms: &[Term<'_>]) -> &mut Self {
        self.list(terms, |writer, it| writer.term(it, Level::Or))
    }

    /// What a column gets.
    fn cell(&mut self, term: &Term<'_>) {
        match term {
            Term::Value(value) => {
                self.untyped_value(value);
            }
            other => self.term(other, Level::Or),
        }
    }

    /// What is done where a row is there already.
    fn upsert(&mut self, row: &TableRow<'_>, conflict: &Upsert<'_>) {
        match self.dialect.kind {
            DialectKind::Sqlite | DialectKind::Postgres => {
                self.push(" ON CONFLICT ");
                if !conflict.columns.is_empty() {
                    self.columns(row, &conflict.columns).push(" ");
                }
                if conflict.sets.is_empty() {
                    self.push("DO NOTHING");
                } else {
                    self.push("DO UPDATE SET ").sets(row, &conflict.sets);
                }
            }
            DialectKind::Mysql | DialectKind::Mariadb => {
                if !conflict.sets.is_empty() {
                    self.push(" ON DUPLICATE KEY UPDATE ").sets(row, &conflict.sets);
                }
            }
        }
    }

    /// `a = 1, b = 2`
    fn sets(&mut self, row: &TableRow<'_>, sets: &[(AttributeId, Term<'_>)]) {
        self.list(sets, |writer, (id, term)| {
            writer.name(&row.of().attribute(*id).column).push(" = ");
            writer.cell(term);
        });
    }

    fn returning(&mut self, terms: &[Term<'_>]) {
        if !terms.is_empty() {
            self.push(" RETURNING ").terms(terms);
        }
    }
}

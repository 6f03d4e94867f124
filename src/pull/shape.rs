//! What a table's statement says, in a form that two spellings of it share.

use super::clause::{self, Cursor};
use super::remarks::remarks;
use crate::stored::{
    self, Clause, ClauseKind, Index, Statement, default_value, increments, plain, tokens,
};
use std::collections::HashSet;
use std::ops::Range;

/// A table.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// The columns of its primary key, in order.
    pub(super) key: Vec<String>,
    /// `AUTOINCREMENT`
    pub(super) increments: bool,
    pub(super) uniques: Vec<Unique>,
    pub(super) checks: Vec<Check>,
    pub(super) keys: Vec<Key>,
    /// What has no other place here, as written: a primary key with `ON CONFLICT`, a unique with a collation.
    pub(super) others: Vec<String>,
    pub(super) strict: bool,
    pub(super) without_rowid: bool,
    /// What its comments say, before the first column.
    pub(super) remarks: Vec<String>,
}

/// A column.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) data_type: String,
    pub(super) not_null: bool,
    /// What follows `DEFAULT`.
    pub(super) default: Option<String>,
    pub(super) collate: Option<String>,
    /// What is between the brackets, and whether it is stored.
    pub(super) generated: Option<(String, bool)>,
    /// Clauses that have no other place here, as written.
    pub(super) others: Vec<String>,
    /// All of it behind its name, but what is a table's matter too: keys and uniques.
    pub(super) rest: String,
    /// What its comments say.
    pub(super) remarks: Vec<String>,
}

/// A `UNIQUE` that has nothing but columns.
#[derive(Debug, Clone)]
pub(super) struct Unique {
    pub(super) name: Option<String>,
    pub(super) columns: Vec<String>,
}

/// A `CHECK`.
#[derive(Debug, Clone)]
pub(super) struct Check {
    pub(super) name: Option<String>,
    /// What is between its brackets.
    pub(super) text: String,
    /// The place of the column that it is written at.
    pub(super) column: Option<usize>,
}

/// A foreign key.
#[derive(Debug, Clone, Default)]
pub(super) struct Key {
    pub(super) name: Option<String>,
    pub(super) columns: Vec<String>,
    pub(super) table: String,
    /// None of them where it refers to the primary key.
    pub(super) to: Vec<String>,
    pub(super) on_delete: String,
    pub(super) on_update: String,
    /// Whether it is checked at the end of a transaction, where it says so.
    pub(super) deferred: Option<bool>,
    /// What else it says, in one spelling.
    pub(super) more: String,
    /// All of it as a table constraint.
    pub(super) text: String,
}

impl Shape {
    /// What a statement says; none where it can't be read.
    pub(super) fn read(sql: &str) -> Option<Self> {
        let statement = Statement::read(sql)?;
        let options = tokens(sql.get(statement.options.clone())?);
        let mut shape = Self {
            name: statement.table(sql)?,
            increments: increments(sql),
            strict: options.iter().any(|it| it.is("strict")),
            without_rowid: options.iter().any(|it| it.is("rowid")),
            ..Self::default()
        };
        let said = remarks(sql, &statement);
        shape.remarks = said.table;
        for (place, column) in statement.columns.iter().enumerate() {
            let written = sql.get(column.data_type.clone())?;
            let data_type = match tokens(written).as_slice() {
                [only] => only.label().unwrap_or(written).to_owned(),
                _ => written.to_owned(),
            };
            shape.columns.push(Column {
                name: column.name.clone(),
                data_type,
                remarks: said.columns.get(place).cloned().unwrap_or_default(),
                ..Column::default()
            });
            shape.rest(place, sql.get(column.data_type.clone())?);
            for clause in &column.clauses {
                shape.column_clause(&statement, sql, place, clause)?;
            }
        }
        for clause in &statement.constraints {
            shape.table_clause(&statement, sql, clause)?;
        }
        // A primary key is NOT NULL there, whether it says so or not.
        for column in &mut shape.columns {
            let is_key = shape.key.iter().any(|it| same(it, &column.name));
            column.not_null |= is_key && shape.without_rowid;
        }
        shape.without_idle_uniques();
        Some(shape)
    }

    /// A `UNIQUE` of just the primary key's columns is nothing to SQLite, unless the key is the row's number; nor is one that says what
    /// another says.
    fn without_idle_uniques(&mut self) {
        let mut seen: HashSet<Vec<String>> = HashSet::new();
        self.uniques.retain(|it| {
            let lower = it.columns.iter().map(|it| it.to_lowercase());
            seen.insert(lower.collect())
        });
        let key = &self.key;
        let is_number = |it: &Column| {
            let is_key = matches!(key.as_slice(), [only] if same(only, &it.name));
            is_key && !self.without_rowid && same(&it.data_type, "integer")
        };
        if key.is_empty() || self.columns.iter().any(is_number) {
            return;
        }
        self.uniques.retain(|it| {
            let mut pairs = it.columns.iter().zip(key);
            it.columns.len() != key.len() || !pairs.all(|(a, b)| same(a, b))
        });
    }

    /// What an index of the table says.
    pub(super) fn index(&self, sql: &str) -> Option<Index> {
        Index::of(sql, |it| self.column(it).is_some())
    }

    /// Which check of a script's is which of its own, by their places.
    pub(super) fn same_checks(&self, said: &Self) -> Vec<Option<usize>> {
        let compared = |all: &[Check], said: bool| -> Vec<_> {
            let each = all.iter().map(|it| it.compared(said));
            each.collect()
        };
        stored::same_checks(&compared(&self.checks, false), &compared(&said.checks, true))
    }

    /// The place of a column.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|it| same(&it.name, name))
    }

    fn rest(&mut self, place: usize, text: &str) {
        if let Some(column) = self.columns.get_mut(place) {
            let gap = if column.rest.is_empty() || text.is_empty() { "" } else { " " };
            column.rest.push_str(gap);
            column.rest.push_str(text);
        }
    }

    /// A clause of a column: one that is understood is read, any other is kept.
    fn column_clause(
        &mut self,
        statement: &Statement,
        sql: &str,
        place: usize,
        clause: &Clause,
    ) -> Option<()> {
        let expression = matches!(clause.kind, ClauseKind::Check | ClauseKind::Generated);
        let said = |range: &Range<usize>| {
            let text = sql.get(range.clone())?;
            Some(if expression { statement.said(sql, range.clone()) } else { text.into() })
        };
        let (body, text) = (said(&clause.body)?, said(&clause.range)?);
        let (body, text) = (body.as_ref(), text.as_ref());
        let mut cursor = Cursor::new(body);
        let column = self.columns.get_mut(place)?;
        let name = column.name.clone();
        let understood = match clause.kind {
            ClauseKind::Null => clause::is(body, "null"),
            ClauseKind::NotNull => {
                column.not_null = true;
                clause::is(body, "not null")
            }
            ClauseKind::Default => {
                column.default = Some(default_value(clause::behind(body, 1)).into_owned());
                true
            }
            ClauseKind::Collate => {
                column.collate = cursor.skip("collate").then(|| cursor.name()).flatten();
                column.collate.is_some() && cursor.is_done()
            }
            ClauseKind::Generated => {
                column.generated = clause::generated(body);
                column.generated.is_some()
            }
            ClauseKind::PrimaryKey => {
                for word in ["primary", "key", "asc", "autoincrement"] {
                    cursor.skip(word);
                }
                if cursor.is_done() {
                    self.key = vec![name];
                    return Some(());
                }
                self.others.push(format!("{name} {text}"));
                return Some(());
            }
            ClauseKind::Unique if clause::is(body, "unique") => {
                self.uniques.push(Unique { name: clause.name.clone(), columns: vec![name] });
                return Some(());
            }
            ClauseKind::ForeignKey => {
                let key = clause::key(body, &name, clause.name.as_deref());
                self.keys.push(key?);
                return Some(());
            }
            ClauseKind::Check => {
                let found = clause::check(body);
                let is_read = found.is_some();
                self.checks.extend(found.map(|text| Check {
                    name: clause.name.clone(),
                    text,
                    column: Some(place),
                }));
                is_read
            }
            ClauseKind::Unique => false,
        };
        if !understood && let Some(column) = self.columns.get_mut(place) {
            column.others.push(plain(body));
        }
        self.rest(place, text);
        Some(())
    }

    fn table_clause(&mut self, statement: &Statement, sql: &str, clause: &Clause) -> Option<()> {
        let body = sql.get(clause.body.clone())?;
        let text = sql.get(clause.range.clone())?;
        let name = clause.name.clone();
        let mut cursor = Cursor::new(body);
        match clause.kind {
            ClauseKind::PrimaryKey => {
                cursor.skip("primary");
                cursor.skip("key");
                let (columns, _) = cursor.key_columns();
                match columns.filter(|_| cursor.is_done()) {
                    Some(columns) => self.key = columns,
                    None => self.others.push(text.to_owned()),
                }
            }
            ClauseKind::Unique => {
                cursor.skip("unique");
                match cursor.names().filter(|_| cursor.is_done()) {
                    Some(columns) => self.uniques.push(Unique { name, columns }),
                    None => self.others.push(text.to_owned()),
                }
            }
            ClauseKind::Check => match clause::check(&statement.said(sql, clause.body.clone())) {
                Some(text) => self.checks.push(Check { name, text, column: None }),
                None => self.others.push(text.to_owned()),
            },
            ClauseKind::ForeignKey => self.keys.push(clause::key(body, "", name.as_deref())?),
            ClauseKind::NotNull
            | ClauseKind::Null
            | ClauseKind::Default
            | ClauseKind::Collate
            | ClauseKind::Generated => return None,
        }
        Some(())
    }
}

impl Check {
    /// As it is held against another one; `said` by a script, whose columns' checks have no name that somebody gave them.
    pub(super) fn compared(&self, said: bool) -> stored::Check {
        stored::Check {
            name: self.name.clone(),
            text: plain(&self.text),
            is_named: self.name.is_some() && !(said && self.column.is_some()),
        }
    }
}

/// Whether two names are one to SQLite.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// A type in a form that two spellings share.
pub(super) fn same_type(a: &str, b: &str) -> bool {
    let squeezed = |it: &str| plain(it).replace(' ', "");
    squeezed(a) == squeezed(b)
}

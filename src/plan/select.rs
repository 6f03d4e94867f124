//! What a query reads: one statement for the model's rows, one for each list of rows beside them.
//!
//! # Which statement reads what
//!
//! Rows to which an association leads once are joined: `LEFT JOIN`, or `INNER JOIN` where they are required. Rows to which
//! it leads many times are read by a statement of their own for a chunk of the rows that they belong to, by their keys
//! (`WHERE key IN (?, ..)`); the main statement asks with `EXISTS` for those that are required. So `limit` and `offset` count
//! the model's rows by construction, no row comes twice, two lists beside each other don't multiply, and rows stream: at
//! no time there is more than a chunk of them. It costs one statement for each list and each chunk of rows, never one a
//! row. A `hasOne` whose key nothing makes unique may lead to several rows: it is read like a list, of which the first counts.
//!
//! A `limit` in an include holds for each row that it belongs to: `row_number()` counts them.
//!
//! Scopes are applied here, and deleted rows left out.

mod aggregate;
mod build;
mod include;
mod order;
mod shape;

use crate::ir::{AssociationId, Expression, ModelId, Query, Schema};
use crate::record::Shape;
use crate::sql::{Dialect, KeyParameters, Layers, QueryContext, Sql};
use crate::value::Value;
use smol_str::SmolStr;

/// How many keys a child's statement asks for at first.
pub const CHUNK: usize = 256;

/// A planned query: its statement, and what its rows become.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Selection {
    /// The statement.
    pub statement: Sql,
    /// What a row of it becomes.
    pub shape: Shape,
    /// How many columns it has.
    pub width: usize,
    /// Those of them that are moments.
    pub moments: Vec<usize>,
    /// The statements that read lists beside its rows.
    pub children: Vec<Child>,
}

impl Selection {
    pub(super) fn new(statement: Sql, shape: Shape, width: usize, children: Vec<Child>) -> Self {
        let moments = shape.moments();
        Self { statement, shape, width, moments, children }
    }
}

/// A statement that reads lists beside rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Child {
    /// The statement, for [`CHUNK`] keys; null stands where there are fewer.
    pub selection: Selection,
    /// Where it has them.
    pub keys: KeyParameters,
    /// The columns of the keys.
    pub columns: Vec<KeyColumn>,
}

/// A column of the keys by which rows of a list belong to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyColumn {
    /// Its place in the parent's rows.
    pub parent: usize,
    /// Its place in the list's own rows.
    pub own: usize,
    /// When two values are the same.
    pub fold: Collation,
}

/// When two values of a key are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collation {
    /// Where they are.
    Exact,
    /// Whatever the case of their ASCII letters.
    Case,
    /// Whatever the number of spaces at their end.
    End,
}

/// Plans what queries read.
#[derive(Debug, Clone)]
pub struct Planner<'q> {
    /// What ids are of.
    pub schema: &'q Schema,
    /// For which database.
    pub dialect: &'q Dialect,
    /// The present moment, where it is known: default scopes may ask for it.
    pub now: Option<SmolStr>,
}

/// From where rows are read.
#[derive(Debug, Clone, Copy)]
pub(super) enum RowSource<'q> {
    /// All rows of a model.
    Model(ModelId),
    /// The one with that primary key.
    Key(ModelId, &'q [Expression]),
    /// Those to which an association leads from a row with that key.
    Link(AssociationId, &'q [Value]),
}

impl<'q> Planner<'q> {
    /// What queries are planned over.
    pub(super) fn query_context(&self) -> QueryContext<'q> {
        QueryContext { schema: self.schema, now: self.now.clone() }
    }

    /// `findAll`
    pub fn all(&self, query: &'q Query) -> Selection {
        self.selection(RowSource::Model(model(query)), query, false)
    }

    /// `findOne`
    pub fn one(&self, query: &'q Query) -> Selection {
        self.selection(RowSource::Model(model(query)), query, true)
    }

    /// `findByPk`
    pub fn by_key(&self, key: &'q [Expression], query: &'q Query) -> Selection {
        self.selection(RowSource::Key(model(query), key), query, true)
    }

    /// `getInvoices`: the rows to which an association leads from a row that has `key` in the attributes
    /// `Association::own_key`.
    pub fn linked(&self, id: AssociationId, key: &'q [Value], query: &'q Query) -> Selection {
        let one = !self.schema[id].is_to_many();
        self.selection(RowSource::Link(id, key), query, one)
    }
}

/// An association to many rows that a query includes.
pub(super) fn included_list(schema: &Schema, query: &Query) -> Option<AssociationId> {
    let mut rest = vec![(model(query), query)];
    while let Some((model, query)) = rest.pop() {
        for it in Layers::new(schema, model, query).included() {
            let association = &schema[it.association];
            if association.is_to_many() {
                return Some(it.association);
            }
            rest.push((association.target, &it.query));
        }
    }
    None
}

/// The query's model. `check` sets it in every query that is run.
fn model(query: &Query) -> ModelId {
    query.model.unwrap_or(ModelId(0))
}

//! A SELECT as a tree: what is asked for, over which tables. How it is spelled is another matter (`select.rs`).
//!
//! A [`TableRow`] is a table's row within a SELECT; an expression is over one.

mod joins;
mod many;
mod rows;
mod tables;

pub use self::joins::{required, rows_of};
pub use self::many::over_held;
pub use self::tables::leads_to_one;
use super::writer::{KeyParameters, Sql, Writer};
use crate::ir::{AssociationId, Expression, Include, JsonStep, ModelId, Order, Query, Schema};
use crate::value::Value;
use smol_str::{SmolStr, format_smolstr};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// A SELECT.
#[derive(Debug)]
pub struct Select<'q> {
    /// What a row of it has.
    pub columns: Vec<ResultColumn<'q>>,
    /// Whether equal rows count once.
    pub distinct: bool,
    /// From what.
    pub tables: Tables<'q>,
    /// What holds of each row, all of it.
    pub filter: Vec<Term<'q>>,
    /// By what rows are put together.
    pub group: Vec<Term<'q>>,
    /// What holds of each group.
    pub having: Vec<Term<'q>>,
    /// In which order.
    pub order: Vec<Sorting<'q>>,
    /// Which of the rows.
    pub slice: Slice<'q>,
}

/// Which of the rows in their order.
#[derive(Debug, Default)]
pub enum Slice<'q> {
    /// All.
    #[default]
    All,
    /// So many, behind so many.
    Rows(Option<Term<'q>>, Option<Term<'q>>),
    /// How many there are, in place of them.
    Count,
    /// So many, behind so many, of those that have the same in this.
    Each(Vec<Term<'q>>, Option<i64>, i64),
}

/// A column of the result.
#[derive(Debug)]
pub struct ResultColumn<'q> {
    /// What.
    pub term: Term<'q>,
    /// Its name; empty where nobody sees it.
    pub name: SmolStr,
}

/// A member of ORDER BY.
#[derive(Debug)]
pub struct Sorting<'q> {
    /// By what.
    pub term: Term<'q>,
    /// Which way: the direction, where nulls come, the collation.
    pub by: &'q Order,
}

/// An expression of a SELECT.
#[derive(Debug, Clone)]
pub enum Term<'q> {
    /// An expression over a row.
    Of(TableRow<'q>, &'q Expression),
    /// A table's column, the table's alias before it; by its name alone where that is empty.
    Column(SmolStr, SmolStr),
    /// A column of the row that would have come, where one is there already.
    Excluded(SmolStr),
    /// A value.
    Value(Value),
    /// What is at a place in a document, as JSON.
    JsonPart(Box<Term<'q>>, &'q [JsonStep]),
    /// An expression over no row.
    Free(&'q Expression),
    /// `a = b`
    Equal(Box<[Term<'q>; 2]>),
    /// Whether two values differ, where null is a value like others.
    Differ(Box<[Term<'q>; 2]>),
    /// `a IS NULL`
    IsNull(Box<Term<'q>>),
    /// `a IS NOT NULL`
    NotNull(Box<Term<'q>>),
    /// `a + 1`
    Next(Box<Term<'q>>),
    /// One of them holds.
    Any(Vec<Term<'q>>),
    /// `a IS NOT TRUE`
    NotTrue(Box<Term<'q>>),
    /// `a IN (?, ..)`, `(a, b) IN (VALUES (?, ?), ..)`: so many keys, null until they are known.
    Keys(Vec<Term<'q>>, usize),
    /// `a IN (?, ..)`: one of these values.
    OneOf(Box<Term<'q>>, &'q [Value]),
    /// `EXISTS (..)`
    Exists(Rc<Select<'q>>),
    /// `NOT EXISTS (..)`
    Missing(Rc<Select<'q>>),
    /// `(SELECT ..)` of one value
    Scalar(Rc<Select<'q>>),
    /// `(a, b) IN (SELECT ..)`
    In(Vec<Term<'q>>, Rc<Select<'q>>),
    /// What has no meaning where it stands. It is no SQL, so that no database takes it for a value.
    Unknown,
    /// All columns of a table
    Whole(SmolStr),
    /// `count(*)`
    Count,
    /// `sum(a)`; whether of different values only
    Aggregate(&'static str, bool, TableRow<'q>, &'q Expression),
}

impl Term<'_> {
    /// `a = 1`, `a IS NULL`
    pub fn same(term: Self, value: &Value) -> Self {
        match value {
            Value::Null => Self::IsNull(Box::new(term)),
            _ => Self::Equal(Box::new([term, Self::Value(value.clone())])),
        }
    }
}

impl<'q> Select<'q> {
    /// All rows of the tables, without a column.
    pub const fn of(tables: Tables<'q>) -> Self {
        Self {
            columns: Vec::new(),
            distinct: false,
            tables,
            filter: Vec::new(),
            group: Vec::new(),
            having: Vec::new(),
            order: Vec::new(),
            slice: Slice::All,
        }
    }

    /// Its text and parameters.
    pub fn render(&self, dialect: &super::Dialect) -> Sql {
        let mut writer = Writer::with_parameters(dialect);
        writer.select(self);
        writer.finish()
    }

    /// The same of what tells how many rows it finds.
    pub fn render_count(&self, dialect: &super::Dialect) -> Sql {
        let mut writer = Writer::with_parameters(dialect);
        writer.push("SELECT count(*) FROM (").select(self).push(") AS ").name("found");
        writer.finish()
    }

    /// Its text, values in it.
    pub fn render_inline(&self, dialect: &super::Dialect) -> String {
        let mut writer = Writer::inline(dialect);
        writer.select(self);
        writer.finish().text
    }

    /// Its text and parameters, and where the keys of [`Term::Keys`] are among them.
    pub fn render_with_keys(&self, dialect: &super::Dialect) -> (Sql, KeyParameters) {
        let mut writer = Writer::with_parameters(dialect);
        writer.select(self);
        let keys = writer.keys.take().unwrap_or_default();
        (writer.finish(), keys)
    }
}

/// A row of one of a SELECT's tables.
#[derive(Debug, Clone)]
pub struct TableRow<'q> {
    schema: &'q Schema,
    /// Of which model.
    pub model: ModelId,
    /// What its table is called in the SELECT.
    pub alias: SmolStr,
    place: usize,
    names: Rc<SelectNames<'q>>,
}

/// What queries are planned over.
#[derive(Debug, Clone)]
pub struct QueryContext<'q> {
    /// What ids are of.
    pub schema: &'q Schema,
    /// The present moment, where it is known: scopes may ask for it.
    pub now: Option<SmolStr>,
}

/// What is known within a SELECT.
#[derive(Debug)]
struct SelectNames<'q> {
    basis: QueryContext<'q>,
    /// What the query of the row at a place includes.
    included: RefCell<HashMap<(usize, AssociationId), &'q Include>>,
    /// Where an association leads from the table at a place: to which place, model and alias.
    joins: RefCell<HashMap<(usize, AssociationId), JoinTarget>>,
    /// The row of the through table by which the row at a place is reached.
    links: RefCell<HashMap<usize, JoinTarget>>,
    /// The names that the query's attributes give.
    given: RefCell<Vec<(SmolStr, &'q Expression)>>,
    /// The tables' aliases, here and around.
    taken: RefCell<HashSet<SmolStr>>,
    /// Whether the first table is rows that a script holds.
    held: Cell<bool>,
    /// Where an aggregate is over rows along associations: the row of the SELECT around from which they lead.
    around: RefCell<Option<TableRow<'q>>>,
    /// The rows on their way, the aggregate's own last.
    way: RefCell<Vec<JoinTarget>>,
}

impl<'q> SelectNames<'q> {
    fn new(basis: &QueryContext<'q>) -> Rc<Self> {
        Rc::new(Self {
            basis: basis.clone(),
            included: RefCell::default(),
            joins: RefCell::default(),
            links: RefCell::default(),
            given: RefCell::default(),
            taken: RefCell::default(),
            held: Cell::default(),
            around: RefCell::default(),
            way: RefCell::default(),
        })
    }
}

/// A table's place, model and alias.
type JoinTarget = (usize, ModelId, SmolStr);

/// The tables of a SELECT: a tree, of which each but the root is joined to another.
#[derive(Debug)]
pub struct Tables<'q> {
    pub(super) schema: &'q Schema,
    names: Rc<SelectNames<'q>>,
    pub(super) nodes: Vec<JoinNode<'q>>,
}

/// A table of the tree.
#[derive(Debug)]
pub(super) struct JoinNode<'q> {
    pub row: TableRow<'q>,
    pub inner: bool,
    pub on: Vec<Term<'q>>,
    /// The SELECT that stands in place of the table: only the first of the rows that have the same key.
    pub first: Option<Select<'q>>,
    /// The rows that stand in place of the table.
    pub held: Option<HeldTable>,
    pub joined: Vec<usize>,
    /// Whether the joined tables stand in brackets with it: its condition is about them, or they may take rows away.
    pub grouped: bool,
}

/// What is known of each of the rows that a script holds.
#[derive(Debug)]
pub struct HeldColumn {
    /// An attribute, or a name that a query gave.
    pub name: SmolStr,
    /// How its texts compare, where not letter by letter.
    pub collation: Option<SmolStr>,
}

/// Rows of a model that a script holds.
#[derive(Debug)]
pub struct HeldTable {
    /// The model.
    pub model: ModelId,
    /// What is known of each.
    pub columns: Vec<HeldColumn>,
    /// The rows' values, as many as there are columns.
    pub rows: Vec<Vec<Value>>,
}

impl HeldTable {
    /// What a column of it is called in SQL. SQLite would call `true` and `false` by their places.
    pub fn called(name: &SmolStr) -> SmolStr {
        let is_renamed = ["true", "false"].iter().any(|it| name.eq_ignore_ascii_case(it));
        if is_renamed { format_smolstr!("#{name}") } else { name.clone() }
    }
}

/// The rows that an association leads to from some rows.
#[derive(Debug)]
pub struct Linked<'q> {
    /// The target's table, and the through table beside it.
    pub tables: Tables<'q>,
    /// A row of the target.
    pub target: TableRow<'q>,
    /// The row of the through table.
    pub through: Option<TableRow<'q>>,
    /// What holds the source's key, column by column.
    pub key: Vec<Term<'q>>,
    /// What else holds of them.
    pub filter: Vec<Term<'q>>,
}

/// A query and the scopes that hold with it, the query last.
#[derive(Debug, Clone, Default)]
pub struct Layers<'q>(pub Vec<&'q Query>);

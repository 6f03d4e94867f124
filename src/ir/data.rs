//! What sentences do with rows: create, find, change, delete, link.

use super::{AssociationId, AttributeId, DataType, Expression, JsonStep, ModelId, Query, Schema};
use crate::source::Span;
use smol_str::SmolStr;
use std::sync::Arc;

/// What a sentence does with rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// `User findAll < .. >` and its kin; the query's model is set.
    Find(Find, Query),
    /// `User findByPk 1`: the key, in the order of the primary key's attributes; where, scopes and the rest are the query's.
    FindByPk(Vec<Expression>, Arc<Query>),
    /// `User findOrCreate { .. } < defaults: { .. } >`: the query asks for the row.
    FindOrCreate(Query, NewRow),
    /// `User count`, `Invoice sum amount`
    Aggregate(Aggregate, Query),
    /// `User create { .. }`
    Create(NewRow, Write),
    /// `User bulkCreate [ .. ]`
    BulkCreate(ModelId, NewRows, Write),
    /// `User upsert { .. }`
    Upsert(NewRow, Write),
    /// `User update { .. } < where: (..) >`, `ann update { .. }`
    Update(RowTarget, Vec<Assignment>, Write),
    /// `Post increment { views: 1 } < where: (..) >`; each value is added (negated already for `decrement`).
    Increment(RowTarget, Vec<Assignment>),
    /// `User destroy < where: (..), force >`, `ann destroy`
    Destroy(RowTarget, bool),
    /// `User restore < where: (..) >`, `ann restore`
    Restore(RowTarget),
    /// `User truncate`
    Truncate(ModelId),
    /// `User load "users.csv" < columns: { Name: firstName } >`
    Load(Load),
    /// `ann reload`
    Reload(SmolStr, ModelId),
    /// `ann createInvoice { .. }`, `inv setCreator ann`
    Link(Link),
}

/// What a sentence about rows yields.
#[derive(Debug, Clone, Copy)]
pub enum DataYield<'d> {
    /// Rows of a model: those that a query finds, whole ones where there is none.
    Rows(ModelId, Option<&'d Query>),
    /// One of them, or null.
    Row(ModelId, Option<&'d Query>),
    /// How many rows, or links.
    Count,
    /// Whether something holds.
    Truth,
    /// A value of all rows.
    Aggregate(&'d Aggregate),
    /// Something else.
    Other,
}

/// What is known of a variable's row behind a sentence that changed it.
#[derive(Debug, Clone, Copy)]
pub enum Learned<'d> {
    /// All of it.
    All,
    /// What it was given, of these attributes alone where some are named.
    Values(&'d [Assignment], Option<&'d [AttributeId]>),
    /// Whether it is deleted.
    Deletion,
}

impl Data {
    /// What a sentence yields that does this with rows of `model`.
    pub fn yields<'d>(&'d self, model: ModelId, schema: &Schema) -> DataYield<'d> {
        match self {
            Self::Find(Find::All, query) => DataYield::Rows(model, Some(query)),
            Self::FindByPk(_, query) => DataYield::Row(model, Some(query)),
            Self::Find(Find::One, query) | Self::FindOrCreate(query, _) => {
                DataYield::Row(model, Some(query))
            }
            Self::Aggregate(aggregate, query) if query.group.is_empty() => {
                DataYield::Aggregate(aggregate)
            }
            Self::Find(Find::AndCount, _) | Self::Aggregate(..) => DataYield::Other,
            Self::BulkCreate(..) => DataYield::Rows(model, None),
            Self::Create(..) | Self::Upsert(..) | Self::Reload(..) => DataYield::Row(model, None),
            Self::Update(..)
            | Self::Increment(..)
            | Self::Destroy(..)
            | Self::Restore(_)
            | Self::Truncate(_)
            | Self::Load(_) => DataYield::Count,
            Self::Link(link) => link.yields(schema),
        }
    }

    /// The variable whose row it changes, and what is known of that then.
    pub fn learned(&self) -> Option<(&SmolStr, Learned<'_>)> {
        match self {
            Self::Update(RowTarget::Variable(name, _), values, write) => {
                Some((name, Learned::Values(values, write.fields.as_deref())))
            }
            Self::Increment(RowTarget::Variable(name, _), values) => {
                Some((name, Learned::Values(values, None)))
            }
            Self::Destroy(RowTarget::Variable(name, _), _)
            | Self::Restore(RowTarget::Variable(name, _)) => Some((name, Learned::Deletion)),
            Self::Reload(name, _) => Some((name, Learned::All)),
            Self::Update(RowTarget::Query(_), ..)
            | Self::Increment(RowTarget::Query(_), _)
            | Self::Destroy(RowTarget::Query(_), _)
            | Self::Restore(RowTarget::Query(_))
            | Self::Find(..)
            | Self::FindByPk(..)
            | Self::FindOrCreate(..)
            | Self::Aggregate(..)
            | Self::Create(..)
            | Self::BulkCreate(..)
            | Self::Upsert(..)
            | Self::Truncate(_)
            | Self::Load(_)
            | Self::Link(_) => None,
        }
    }
}

/// Which rows of a query are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Find {
    /// `findAll`
    All,
    /// `findOne`
    One,
    /// `findAndCountAll`
    AndCount,
}

/// `count`, `sum`, `min`, `max`, `avg`
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// Which one.
    pub function: AggregateFunction,
    /// Of what; none for the rows themselves.
    pub of: Option<Expression>,
}

impl Aggregate {
    /// The rows of a query, counted.
    pub const COUNT: &Self = &Self { function: AggregateFunction::Count, of: None };
}

/// The functions of [`Aggregate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AggregateFunction {
    /// `count`
    Count,
    /// `sum`
    Sum,
    /// `min`
    Min,
    /// `max`
    Max,
    /// `avg`
    Avg,
}

impl AggregateFunction {
    /// The one of that name, in whatever letter case.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = [Self::Count, Self::Sum, Self::Min, Self::Max, Self::Avg].into_iter();
        all.find(|it| name.eq_ignore_ascii_case(it.word()))
    }

    /// Its verb.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
            Self::Avg => "avg",
        }
    }
}

/// Which rows a sentence changes.
#[derive(Debug, Clone, PartialEq)]
pub enum RowTarget {
    /// Those that a query finds: its filter, scopes and limit.
    Query(Box<Query>),
    /// The row of a variable.
    Variable(SmolStr, ModelId),
}

/// A row to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRow {
    /// Of which model.
    pub model: ModelId,
    /// What the script says of its attributes, in the script's order.
    pub values: Vec<Assignment>,
    /// What it says of rows that associations lead to, in the script's order.
    pub related: Vec<Related>,
    /// Where it is written.
    pub span: Span,
}

/// What `bulkCreate` writes.
#[derive(Debug, Clone, PartialEq)]
pub enum NewRows {
    /// Rows that the script has, in its order.
    Listed(Vec<ListedRows>),
    /// Those that a query finds, and where it stands: `bulkCreate (Post findAll)`
    Found(Box<Query>, Span),
}

/// A row of a list, or a variable in its place.
#[derive(Debug, Clone, PartialEq)]
pub enum ListedRows {
    /// `{ title: "a" }`
    Written(NewRow),
    /// A variable, or a path from one, that holds a row or rows.
    Held(VariablePath),
}

/// `firstName: "Ann"`, `"meta.lang": "it"`
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The attribute.
    pub attribute: AttributeId,
    /// A place in its JSON; empty for all of it.
    pub path: Vec<JsonStep>,
    /// What it becomes. A literal fits the attribute's type already.
    pub value: Expression,
    /// Where the value is written.
    pub span: Span,
}

/// `posts: [{ title: "a" }]`, `creator: ann`
#[derive(Debug, Clone, PartialEq)]
pub struct Related {
    /// The association.
    pub association: AssociationId,
    /// The rows, one at most for a to-one association.
    pub rows: Vec<RelatedRow>,
}

/// A row beside a new one.
#[derive(Debug, Clone, PartialEq)]
pub enum RelatedRow {
    /// To be written too; with what the through row holds.
    New(NewRow, Vec<Assignment>),
    /// There already.
    Existing(RowRef),
}

/// A row that is there.
#[derive(Debug, Clone, PartialEq)]
pub enum RowRef {
    /// A variable that holds one (or, where several are possible, a list of them).
    Variable(SmolStr, Span),
    /// Its key.
    Key(Expression, Span),
    /// Its key of several attributes, in the order of the primary key.
    CompoundKey(Vec<Expression>, Span),
}

/// How rows are written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Write {
    /// `fields`: only these attributes.
    pub fields: Option<Vec<AttributeId>>,
    /// `validate: false`
    pub unvalidated: bool,
    /// `ignoreDuplicates`
    pub ignore_duplicates: bool,
    /// `updateOnDuplicate`: these attributes of a row that is there already.
    pub update_on_duplicate: Option<Vec<AttributeId>>,
    /// `conflictFields`: what makes a row the same.
    pub conflict_fields: Option<Vec<AttributeId>>,
}

/// `User load "users.csv"`
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// Into which model.
    pub model: ModelId,
    /// The file, as written.
    pub path: SmolStr,
    /// Where it is written.
    pub span: Span,
    /// `columns`: the file's names and the attributes they stand for; others go by their own.
    pub columns: Vec<(SmolStr, AttributeId)>,
    /// `delimiter`: what stands between the fields of CSV.
    pub delimiter: u8,
    /// `skip`: so many lines before the one with the names, or before the first row.
    pub skip: u64,
    /// What becomes of rows that are there already.
    pub write: Write,
}

/// What a row does with an association: `ann addInvoice inv`.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The variable that holds the row.
    pub variable: SmolStr,
    /// The row's model.
    pub model: ModelId,
    /// The association.
    pub association: AssociationId,
    /// The variables that hold rows of its target: what the sentence changes they are to know.
    pub holders: Vec<SmolStr>,
    /// What.
    pub act: LinkAct,
}

impl Link {
    fn yields(&self, schema: &Schema) -> DataYield<'_> {
        let Some(association) = schema.associations.get(self.association.0 as usize) else {
            return DataYield::Other;
        };
        let target = association.target;
        match &self.act {
            LinkAct::Get(query) if association.is_to_many() => DataYield::Rows(target, Some(query)),
            LinkAct::Get(query) => DataYield::Row(target, Some(query)),
            LinkAct::Create(..) => DataYield::Row(target, None),
            LinkAct::Has(..) => DataYield::Truth,
            LinkAct::Count(_) | LinkAct::Add(..) | LinkAct::Set(..) | LinkAct::Remove(_) => {
                DataYield::Count
            }
        }
    }
}

/// What is done with an association.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkAct {
    /// `getInvoices < .. >`
    Get(Query),
    /// `countInvoices < .. >`
    Count(Query),
    /// `hasInvoice inv`, `hasInvoices [..]`: all of them
    Has(Vec<RowRef>, Query),
    /// `addInvoice inv < through: { .. } >`
    Add(Vec<RowRef>, Vec<Assignment>),
    /// `setInvoices [..] < destroy >`, `setCreator ann`, `setCreator null`; whether rows that are linked no more are destroyed.
    Set(Vec<RowRef>, Vec<Assignment>, bool),
    /// `removeInvoice inv`
    Remove(Vec<RowRef>),
    /// `createInvoice { .. } < through: { .. } >`
    Create(NewRow, Vec<Assignment>),
}

/// A path from a `let` variable: `ann.firstName`, `inv.creator.firstName`, `ann.meta.lang`.
#[derive(Debug, Clone, PartialEq)]
pub struct VariablePath {
    /// Its name.
    pub name: SmolStr,
    /// What follows.
    pub steps: Vec<VariableStep>,
    /// The type of the numbers that it is compared with, or of truth, where nothing is known of what it holds.
    pub beside: Option<Box<DataType>>,
    /// Where it is written.
    pub span: Span,
}

/// A step of a [`VariablePath`].
#[derive(Debug, Clone, PartialEq)]
pub enum VariableStep {
    /// An attribute of the row.
    Attribute(ModelId, AttributeId),
    /// The row, or the rows, that an association leads to: read from the database.
    Association(AssociationId),
    /// A place in JSON, or a name of a row that a query made (`n` of `count(*) as n`).
    Key(JsonStep),
}

/// `let x = ..`
#[derive(Debug, Clone, PartialEq)]
pub enum LetValue {
    /// What a sentence yields.
    Step(Box<super::Step>),
    /// What an expression is.
    Expression(Expression),
}

//! What writes rows of a model, and what is asked of them beside it.

use super::Planner;
use super::select::RowSource;
use crate::ir::{
    Association, Attribute, AttributeId, Computed, DataType, Expression, ForeignKey, JsonStep,
    KeyTarget, Model, ModelId, Query, ScopedAttribute,
};
use crate::record::{Content, Decoding, Shape};
use crate::sql::{
    Delete, Dialect, Insert, InsertSource, ResultColumn, Select, Sets, Slice, Sql, TableRow,
    Tables, Term, Update, Upsert,
};
use crate::value::Value;
use smol_str::{SmolStr, format_smolstr};
use std::rc::Rc;

/// What is read beside an UPDATE.
const NEW: &str = "new";

/// Which rows of a model a statement is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// All.
    All,
    /// Those that have these values.
    Has(Vec<(AttributeId, Value)>),
    /// Those that have one of these values.
    HasOneOf(AttributeId, Vec<Value>),
    /// Those that have another value for one of these.
    Lacks(Vec<(AttributeId, Value)>),
    /// Those that a scope of an association leaves.
    Scope(Vec<ScopedAttribute>),
    /// Those that aren't deleted.
    Live,
    /// Those that are marked as deleted.
    Deleted,
    /// Those whose attributes are those of some rows of a model: (own, model, its attributes, which rows).
    In(Vec<AttributeId>, ModelId, Vec<AttributeId>, Box<Self>),
    /// Those that a query finds; its model is set, and what its rows have isn't.
    Found(Box<Query>),
    /// Those of which all of this holds.
    Each(Vec<Self>),
}

impl Condition {
    /// The rows to which an association leads from a row that has `key` ([`Association::own_key`]).
    pub fn linked(association: &Association, key: &[Value]) -> Self {
        let key = key.iter().cloned();
        let leads = match &association.through {
            Some(through) => {
                let links = Self::Each(vec![
                    Self::Has(association.referring().zip(key).collect()),
                    Self::Scope(through.scope.clone()),
                    Self::Live,
                ]);
                let own = association.target_key().collect();
                let other = through.key.iter().map(|it| it.attribute).collect();
                Self::In(own, through.model, other, Box::new(links))
            }
            None => Self::Has(association.target_key().zip(key).collect()),
        };
        Self::Each(vec![leads, Self::Scope(association.scope.clone())])
    }
}

/// What a column gets.
#[derive(Debug, Clone, PartialEq)]
pub enum Set {
    /// A value.
    Value(Value),
    /// What the database computes: of a row that changes, as all rows were before.
    Computed(Expression),
}

impl Set {
    fn term<'q>(&'q self, row: &TableRow<'q>) -> Term<'q> {
        match self {
            Self::Value(value) => Term::Value(value.clone()),
            Self::Computed(expression) => Term::Of(row.clone(), expression),
        }
    }

    /// What is computed from more than the columns of its own row.
    fn uses_other_rows(&self, model: &Model) -> Option<&Expression> {
        match self {
            Self::Value(_) => None,
            Self::Computed(it) => (!uses_own_columns(model, it)).then_some(it),
        }
    }
}

/// What is done where a row is there already.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conflict {
    /// What makes a row the same; anything unique where it is empty.
    pub fields: Vec<AttributeId>,
    /// What of it is changed; nothing where it is empty.
    pub update: Vec<AttributeId>,
}

impl<'q> Planner<'q> {
    /// So many new rows that have these attributes; all have the same. `returns`: what became of each is told, as [`model_shape`] says.
    pub fn insert(
        &self,
        id: ModelId,
        cells: &'q [(AttributeId, Set)],
        rows: usize,
        conflict: Option<&Conflict>,
        returns: bool,
    ) -> Sql {
        let model = &self.schema[id];
        let row = Tables::bare(&self.query_context(), id).root();
        let each = (0..rows).flat_map(|_| cells);
        let insert = Insert {
            columns: cells.iter().map(|(id, _)| *id).collect(),
            source: InsertSource::Cells(each.map(|(_, it)| it.term(&row)).collect()),
            conflict: conflict.map(|it| {
                let given: Vec<_> = cells.iter().map(|(id, _)| *id).collect();
                upsert(self.dialect, model, it, &given)
            }),
            returns: if returns { model_terms(&row).collect() } else { Vec::new() },
            row,
        };
        insert.render(self.dialect)
    }

    /// Gives rows other values; one of those that change has a version more. `returns`: each is told, as [`model_shape`] says, and these
    /// expressions over it.
    ///
    /// What needs more than the columns of its own row is computed by a SELECT, for all rows before the first of them changes: an UPDATE
    /// that computed it row by row would read what it has just written.
    pub fn update(
        &self,
        id: ModelId,
        sets: &'q [(AttributeId, Set)],
        which: &'q Condition,
        returns: Option<&'q [Expression]>,
    ) -> Sql {
        let model = &self.schema[id];
        let bare = Tables::bare(&self.query_context(), id).root();
        let returns = returns.map_or_else(Vec::new, |more| {
            let more = more.iter().map(|it| Term::Of(bare.clone(), it));
            model_terms(&bare).chain(more).collect()
        });
        let sets = sets.iter().filter(|(it, _)| model.version != Some(*it));
        let (row, from, filter) = if sets.clone().any(|(_, it)| it.uses_other_rows(model).is_some())
        {
            let name = called(self.dialect, model);
            let table = Tables::new(&self.query_context(), id, &name, None).root();
            let far = sets.clone().filter_map(|(_, it)| it.uses_other_rows(model));
            let (select, filter) = self.computed(&table, far, which);
            (table, Some((select, NEW)), filter)
        } else {
            let mut filter = Vec::new();
            self.condition(&bare, which, &mut filter);
            (bare, None, filter)
        };
        let mut names = from.iter().flat_map(|(select, _)| &select.columns).map(|it| &it.name);
        let mut names = names.by_ref().filter(|it| it.starts_with('=')).cloned();
        let mut all: Sets<'q> = sets
            .map(|(attribute, set)| {
                let name = set.uses_other_rows(model).and_then(|_| names.next());
                let term = name.map_or_else(|| set.term(&row), |it| Term::Column(NEW.into(), it));
                (*attribute, term)
            })
            .collect();
        all.extend(model.version.map(|it| (it, Term::Next(Box::new(row.column(it))))));
        Update { row, sets: all, from, filter, returns }.render(self.dialect)
    }

    /// What expressions are for the rows that a condition leaves; and what finds the row of a table for each.
    fn computed(
        &self,
        table: &TableRow<'q>,
        expressions: impl Iterator<Item = &'q Expression>,
        which: &'q Condition,
    ) -> (Select<'q>, Vec<Term<'q>>) {
        let model = table.of();
        let mut tables = Tables::new(&self.query_context(), table.model, &model.name, None);
        let row = tables.root();
        let (mut columns, mut same) = (Vec::new(), Vec::new());
        for (place, column) in row_names(self.dialect, model).into_iter().enumerate() {
            let name = format_smolstr!("#{place}");
            let own = Term::Column(table.alias.clone(), column.clone());
            same.push(Term::Equal(Box::new([own, Term::Column(NEW.into(), name.clone())])));
            columns.push(ResultColumn { term: Term::Column(row.alias.clone(), column), name });
        }
        for (place, expression) in expressions.enumerate() {
            tables.join_paths(&row, expression);
            let name = format_smolstr!("={place}");
            columns.push(ResultColumn { term: Term::Of(row.clone(), expression), name });
        }
        let mut select = Select::of(tables);
        self.condition(&row, which, &mut select.filter);
        select.columns = columns;
        (select, same)
    }

    /// Takes rows out.
    pub fn delete(&self, id: ModelId, which: &'q Condition) -> Sql {
        let row = Tables::bare(&self.query_context(), id).root();
        let mut filter = Vec::new();
        self.condition(&row, which, &mut filter);
        Delete { row, filter }.render(self.dialect)
    }

    /// The rows as they are ([`model_shape`]), by their key.
    pub fn rows_by_key(&self, id: ModelId, which: &'q Condition) -> Sql {
        let mut select = self.select_where(id, which);
        let row = select.tables.root();
        select.columns = model_terms(&row).map(unnamed).collect();
        select.order = row.by_key();
        select.render(self.dialect)
    }

    /// The same, with these expressions over each; `locked`: nobody else changes them, or lets them go, until the transaction ends.
    pub fn rows_by_key_with(
        &self,
        id: ModelId,
        which: &'q Condition,
        more: &'q [Expression],
        locked: bool,
    ) -> Sql {
        let mut select = self.select_where(id, which);
        let row = select.tables.root();
        let more = more.iter().map(|it| Term::Of(row.clone(), it));
        select.columns = model_terms(&row).chain(more).map(unnamed).collect();
        select.order = row.by_key();
        let mut sql = select.render(self.dialect);
        sql.text.push_str(if locked { " FOR UPDATE" } else { "" });
        sql
    }

    /// How many they are.
    pub fn number(&self, id: ModelId, which: &'q Condition) -> Sql {
        let mut select = self.select_where(id, which);
        select.columns = vec![unnamed(Term::Count)];
        select.render(self.dialect)
    }

    /// What a row of a model refers by that refers to nothing; none where the key refers to no model.
    pub fn orphan(&self, id: ModelId, key: &'q ForeignKey) -> Option<Sql> {
        let KeyTarget::Model(parent, referenced) = &key.target else {
            return None;
        };
        let mut select = Select::of(Tables::new(&self.query_context(), id, "child", None));
        let child = select.tables.root();
        let mut parents =
            Select::of(Tables::new(&self.query_context(), *parent, "parent", Some(&child)));
        let row = parents.tables.root();
        let members = key.attributes.iter().map(|it| child.column(*it));
        let pairs = members.clone().zip(referenced);
        parents.filter =
            pairs.map(|(own, it)| Term::Equal(Box::new([row.column(*it), own]))).collect();
        select.filter = members.clone().map(|it| Term::NotNull(Box::new(it))).collect();
        select.filter.push(Term::Missing(Rc::new(parents)));
        select.columns = members.map(unnamed).collect();
        select.slice = Slice::Rows(Some(Term::Value(Value::Integer(1))), None);
        Some(select.render(self.dialect))
    }

    /// What an expression without columns is.
    pub fn value(&self, expression: &'q Expression) -> Sql {
        self.render_term(Term::Free(expression))
    }

    /// What is at a place in a document, as JSON.
    pub fn part(&self, document: &Value, steps: &'q [JsonStep]) -> Sql {
        self.render_term(Term::JsonPart(Box::new(Term::Value(document.clone())), steps))
    }

    fn render_term(&self, term: Term<'q>) -> Sql {
        let mut select = Select::of(Tables::none(&self.query_context()));
        select.columns = vec![unnamed(term)];
        select.render(self.dialect)
    }

    fn select_where(&self, id: ModelId, which: &'q Condition) -> Select<'q> {
        let mut select = Select::of(Tables::bare(&self.query_context(), id));
        self.condition(&select.tables.root(), which, &mut select.filter);
        select
    }

    /// What holds of a row that a condition leaves.
    fn condition(&self, row: &TableRow<'q>, which: &'q Condition, out: &mut Vec<Term<'q>>) {
        let model = row.of();
        match which {
            Condition::All => {}
            Condition::Has(values) => {
                out.extend(values.iter().map(|(id, it)| Term::same(row.column(*id), it)));
            }
            Condition::HasOneOf(id, values) => {
                out.push(Term::OneOf(Box::new(row.column(*id)), values));
            }
            Condition::Lacks(values) => {
                let each = values.iter().map(|(id, it)| {
                    Term::Differ(Box::new([row.column(*id), Term::Value(it.clone())]))
                });
                out.push(Term::Any(each.collect()));
            }
            Condition::Scope(scope) => out.extend(row.scoped(scope)),
            Condition::Live => out.extend(row.not_deleted()),
            Condition::Deleted => {
                out.extend(model.deleted_at.map(|it| Term::NotNull(Box::new(row.column(it)))));
            }
            Condition::In(own, other, attributes, which) => {
                let mut select = self.select_where(*other, which);
                let found = select.tables.root();
                select.columns = attributes.iter().map(|it| unnamed(found.column(*it))).collect();
                let own = own.iter().map(|it| row.column(*it));
                out.push(Term::In(own.collect(), Rc::new(select)));
            }
            Condition::Found(query) if is_plain(model, query) => {
                out.extend(query.filter.iter().map(|it| Term::Of(row.clone(), it)));
                out.extend(row.not_deleted().filter(|_| !query.with_deleted));
            }
            Condition::Found(query) => {
                let names = match model.primary_key.as_slice() {
                    [] => row_names(self.dialect, model),
                    key => key.iter().map(|it| model.attribute(*it).column.clone()).collect(),
                };
                let (mut select, _, _) =
                    self.select(RowSource::Model(row.model), query, false, false);
                let alias = select.tables.root().alias;
                let of = |alias: &SmolStr| {
                    let alias = alias.clone();
                    names.iter().map(move |it| Term::Column(alias.clone(), it.clone()))
                };
                select.columns = of(&alias).map(unnamed).collect();
                out.push(Term::In(of(&row.alias).collect(), Rc::new(select)));
            }
            Condition::Each(all) => all.iter().for_each(|it| self.condition(row, it, out)),
        }
    }
}

/// A column that nobody asks for by its name.
fn unnamed(term: Term<'_>) -> ResultColumn<'_> {
    ResultColumn { term, name: SmolStr::default() }
}

/// The attributes that a row of a model has a value for: a VIRTUAL without `get` has none.
fn attributes(model: &Model) -> impl Iterator<Item = (AttributeId, &Attribute)> {
    let has =
        |it: &Attribute| !matches!(it.data_type, DataType::Virtual) || it.computed().is_some();
    model.attributes().filter(move |(_, it)| has(it))
}

/// A row of a model as it is.
pub fn model_shape(model: &Model) -> Shape {
    let readings = attributes(model).map(|(_, it)| Decoding::of(&it.data_type));
    let contents = (0..).zip(readings).map(|(place, it)| Content::Column(place, it));
    Shape::new(attributes(model).map(|(_, it)| it.name.clone()).collect(), contents.collect())
}

/// What a row of a model has, in the order of its shape.
pub(super) fn model_terms<'q>(row: &TableRow<'q>) -> impl Iterator<Item = Term<'q>> {
    attributes(row.of()).map(|(id, it)| match it.computed() {
        Some(Computed::Get(expression)) => Term::Of(row.clone(), expression),
        Some(Computed::Generated { .. }) | None => row.column(id),
    })
}

/// What a statement calls a model's table, which is told by its name alone where it lies in a schema.
fn called(dialect: &Dialect, model: &Model) -> SmolStr {
    if dialect.schemas { model.table.clone() } else { model.full_table() }
}

/// What makes a row the same: the primary key, then each unique key that holds for all rows.
pub fn keys_of(model: &Model) -> Vec<Vec<AttributeId>> {
    let mut keys = Vec::new();
    if !model.primary_key.is_empty() {
        keys.push(model.primary_key.to_vec());
    }
    let unique = model.indexes.iter().filter(|it| it.unique && it.filter.is_none());
    keys.extend(unique.filter_map(|index| {
        let members = index.members.iter().map(|it| match &it.expression {
            Expression::Attribute(id) => Some(*id),
            _ => None,
        });
        members.collect::<Option<Vec<_>>>()
    }));
    keys
}

pub(super) fn upsert<'q>(
    dialect: &Dialect,
    model: &'q Model,
    conflict: &Conflict,
    given: &[AttributeId],
) -> Upsert<'q> {
    let new = |id: &AttributeId| Term::Excluded(model.attribute(*id).column.clone());
    let mut sets: Sets<'q> = conflict.update.iter().map(|it| (*it, new(it))).collect();
    if let Some(version) = model.version.filter(|_| !sets.is_empty()) {
        let own = Term::Column(called(dialect, model), model.attribute(version).column.clone());
        sets.push((version, Term::Next(Box::new(own))));
    }
    let mut columns = conflict.fields.clone();
    if dialect.names_conflicts && columns.is_empty() && !sets.is_empty() {
        let is_given = |key: &Vec<AttributeId>| key.iter().all(|it| given.contains(it));
        let keys = keys_of(model);
        let key = keys.iter().find(|it| is_given(it)).or(keys.first());
        columns.extend(key.into_iter().flatten());
    }
    Upsert { columns, sets }
}

/// Whether what a query finds is told by its filter alone.
fn is_plain(model: &Model, query: &Query) -> bool {
    query.scopes.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && query.include.is_empty()
        && query.group.is_empty()
        && !query.distinct
        && (query.unscoped || model.scopes.iter().all(|it| it.name != "default"))
        && query.filter.as_ref().is_none_or(|it| uses_own_columns(model, it))
}

/// The columns that tell a table's rows from each other.
fn row_names(dialect: &Dialect, model: &Model) -> Vec<SmolStr> {
    let taken = |name: &str| {
        let mut columns = model.columns();
        columns.any(|(_, it)| it.column.eq_ignore_ascii_case(name))
    };
    let free = dialect.row_names.iter().find(|it| !taken(it));
    match free.filter(|_| !model.without_rowid) {
        Some(name) => vec![(*name).into()],
        None => model.primary_key.iter().map(|it| model.attribute(*it).column.clone()).collect(),
    }
}

/// Whether an expression needs nothing but the columns of its own row.
fn uses_own_columns(model: &Model, expression: &Expression) -> bool {
    let mut own = true;
    expression.visit(&mut |it| {
        own &= match it {
            Expression::Related(..)
            | Expression::OfLink { .. }
            | Expression::Alias(_)
            | Expression::Former(_)
            | Expression::Quantified { .. }
            | Expression::AggregateOf { .. }
            | Expression::Around(..) => false,
            // Names within the SELECT that looks into it would hide the row's.
            Expression::In { list, .. } => !list.is_json_list(),
            Expression::Attribute(id) => {
                let attribute = model.attribute(*id);
                !matches!(attribute.data_type, DataType::Virtual)
                    && !matches!(attribute.computed(), Some(Computed::Get(_)))
            }
            Expression::Literal(_)
            | Expression::Json(..)
            | Expression::Variable(_)
            | Expression::Sql(_)
            | Expression::Not(_)
            | Expression::Negate(_)
            | Expression::And(_)
            | Expression::Or(_)
            | Expression::Binary(..)
            | Expression::IsNull(..)
            | Expression::Between { .. }
            | Expression::List(_)
            | Expression::OfList { .. }
            | Expression::Call { .. }
            | Expression::Star
            | Expression::Cast(..)
            | Expression::Case { .. } => true,
        };
    });
    own
}

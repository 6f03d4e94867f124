//! What rows are read with: a query, the scopes that hold with it, and what it includes.
//!
//! What is included is meant: a path through an association that a row's query includes leads to the included rows; any
//! other path, and `any`, `all`, `none` and `count`, lead to the rows that the association's own reading finds, of which
//! the target's default scope holds.

use super::{Layers, Linked, ResultColumn, Select, Slice, Sorting, TableRow, Tables, Term};
use crate::ir::{AssociationId, Expression, Include, ModelId, Order, Query, Schema};
use crate::value::Value;
use smol_str::SmolStr;
use std::rc::Rc;

impl<'q> Layers<'q> {
    /// A query over a model, with its scopes.
    pub fn new(schema: &'q Schema, model: ModelId, query: &'q Query) -> Self {
        let mut layers = query.scoped(&schema[model].scopes);
        layers.push(query);
        Self(layers)
    }

    /// What holds of a model's rows where no query is about them.
    pub fn without_query(schema: &'q Schema, model: ModelId) -> Self {
        let default = Query::default_scope(&schema[model].scopes);
        Self(default.into_iter().collect())
    }

    /// What an include asks for; where there is none, what the association's own reading finds.
    pub fn of_include(schema: &'q Schema, id: AssociationId, include: Option<&'q Include>) -> Self {
        let target = schema[id].target;
        match include {
            Some(it) => Self::new(schema, target, &it.query),
            None => Self::without_query(schema, target),
        }
    }

    /// What the last that says something says.
    pub fn last<T>(&self, of: impl Fn(&'q Query) -> Option<T>) -> Option<T> {
        self.0.iter().rev().find_map(|it| of(it))
    }

    /// Whether one of them says so.
    pub fn any(&self, of: impl Fn(&Query) -> bool) -> bool {
        self.0.iter().any(|it| of(it))
    }

    /// All of which holds of their rows.
    pub fn filters(&self) -> impl Iterator<Item = &'q Expression> {
        self.0.iter().filter_map(|it| it.filter.as_ref())
    }

    /// Their orders, one behind the other.
    pub fn orders(&self) -> impl Iterator<Item = &'q Order> {
        self.0.iter().flat_map(|it| &it.order)
    }

    /// `paranoid: false`
    pub fn with_deleted(&self) -> bool {
        self.any(|it| it.with_deleted)
    }

    /// `through: { paranoid: false }`: deleted links lead to rows, too. That deleted rows are meant doesn't say so, as in Sequelize.
    pub fn links_with_deleted(&self) -> bool {
        self.any(|it| it.through.as_ref().is_some_and(|link| link.query.with_deleted))
    }

    /// Whether they put rows together.
    pub fn puts_together(&self) -> bool {
        let selected = self.last(|it| it.attributes.as_deref()).unwrap_or(&[]);
        self.any(|it| !it.group.is_empty()) || selected.iter().any(|it| it.expression.aggregates())
    }

    /// The number that an option says.
    pub fn number(&self, of: impl Fn(&'q Query) -> Option<&'q Expression>) -> Option<i64> {
        match self.last(of)? {
            Expression::Literal(Value::Integer(it)) => Some(*it),
            _ => None,
        }
    }

    /// What they include; of two includes of one association the later holds.
    pub fn included(&self) -> Vec<&'q Include> {
        let mut included: Vec<&Include> = Vec::new();
        for it in self.0.iter().flat_map(|it| &it.include) {
            match included.iter_mut().find(|known| known.association == it.association) {
                Some(known) => *known = it,
                None => included.push(it),
            }
        }
        included
    }
}

/// That there is a row, for a required include.
pub fn required<'q>(row: &TableRow<'q>, include: &'q Include) -> Term<'q> {
    let (select, _) = rows_of(row, include.association, Some(include));
    Term::Exists(Rc::new(select))
}

/// The rows to which an association leads from a row: those that are included, or those that its own reading finds. And
/// one of them.
pub fn rows_of<'q>(
    row: &TableRow<'q>,
    id: AssociationId,
    include: Option<&'q Include>,
) -> (Select<'q>, TableRow<'q>) {
    let layers = Layers::of_include(row.schema(), id, include);
    let mut linked = Linked::within(row, id, &layers);
    linked.ask(&layers, include.and_then(|it| it.query.link_filter()));
    let target = linked.target.clone();
    (linked.select(), target)
}

impl<'q> Linked<'q> {
    /// The rows also have to be what a query asks for, and the rows of the through table what an include does.
    pub fn ask(&mut self, layers: &Layers<'q>, link: Option<&'q Expression>) {
        self.target.read_with(layers);
        for it in layers.filters() {
            self.tables.join_paths(&self.target, it);
            self.filter.push(Term::Of(self.target.clone(), it));
        }
        if let Some((row, it)) = self.through.as_ref().zip(link) {
            self.tables.join_paths(row, it);
            self.filter.push(Term::Of(row.clone(), it));
        }
        for it in layers.included().into_iter().filter(|it| it.is_required()) {
            self.filter.push(required(&self.target, it));
        }
    }

    /// A SELECT of them, without a column.
    pub fn select(self) -> Select<'q> {
        let mut select = Select::of(self.tables);
        select.filter = self.filter;
        select
    }
}

impl<'q> Tables<'q> {
    /// Joins an association to a row as a path means it: what is included, or what its own
    /// reading finds.
    pub(super) fn join_association(
        &mut self,
        from: &TableRow<'q>,
        id: AssociationId,
        include: Option<&'q Include>,
        inner: bool,
    ) -> TableRow<'q> {
        let layers = Layers::of_include(self.schema, id, include);
        let row =
            self.join(from, id, inner, &layers, include.and_then(|it| it.query.link_filter()));
        for it in layers.included().into_iter().filter(|it| it.is_required()) {
            let found = required(&row, it);
            self.on(&row).push(found);
        }
        if self.ask(&row, &layers) {
            self.group(&row);
        }
        row
    }

    /// A joined row has to be what a query asks for, unless it was joined as the first of several. Whether that needed
    /// joins behind it.
    pub fn ask(&mut self, row: &TableRow<'q>, layers: &Layers<'q>) -> bool {
        if self.is_first(row) {
            return false;
        }
        let mut used = false;
        for it in layers.filters() {
            used |= self.join_paths(row, it);
            self.on(row).push(Term::Of(row.clone(), it));
        }
        used
    }
}

/// The first of the rows that have the same key, where an association to one may find several.
pub(super) fn first_of<'q>(
    from: &TableRow<'q>,
    id: AssociationId,
    layers: &Layers<'q>,
) -> Select<'q> {
    let mut linked = Linked::new(from.query_context(), id, layers);
    linked.ask(layers, None);
    let target = linked.target.clone();
    let key = linked.key.clone();
    let mut select = linked.select();
    let mut order = Vec::new();
    for by in layers.orders() {
        select.tables.join_paths(&target, &by.expression);
        order.push(Sorting { term: Term::Of(target.clone(), &by.expression), by });
    }
    if order.is_empty() {
        order = target.by_key();
    }
    select.order = order;
    select.columns =
        vec![ResultColumn { term: Term::Whole(target.alias), name: SmolStr::default() }];
    select.slice = Slice::Each(key, Some(1), 0);
    select
}

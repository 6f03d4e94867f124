//! A query becomes a SELECT.

use super::{Child, Planner, RowSource, Selection};
use crate::ir::{AttributeId, Expression, ModelId, Order, Query};
use crate::record::Shape;
use crate::sql::{Layers, Linked, ResultColumn, Select, Slice, TableRow, Tables, Term};
use crate::value::Value;
use smol_str::SmolStr;

/// A SELECT in the making.
pub(super) struct SelectDraft<'q> {
    pub tables: Tables<'q>,
    pub columns: Vec<ResultColumn<'q>>,
    /// The places of plain columns, by their table's alias.
    places: Vec<(SmolStr, AttributeId, usize)>,
    pub filter: Vec<Term<'q>>,
    pub children: Vec<Child>,
    /// Flat rows, as the database has them.
    pub raw: bool,
    /// The orders of the queries around, of which some may be about the rows that this one reads.
    pub orders: Vec<&'q Order>,
    /// What stands among the columns: its paths are joined last, when it is known what is included.
    pub selected: Vec<(TableRow<'q>, &'q Expression)>,
}

impl<'q> SelectDraft<'q> {
    pub(super) const fn new(tables: Tables<'q>, filter: Vec<Term<'q>>, raw: bool) -> Self {
        Self {
            tables,
            columns: Vec::new(),
            places: Vec::new(),
            filter,
            children: Vec::new(),
            raw,
            orders: Vec::new(),
            selected: Vec::new(),
        }
    }

    /// Adds a column; its place.
    pub(super) fn add(&mut self, term: Term<'q>, name: SmolStr) -> usize {
        self.columns.push(ResultColumn { term, name });
        self.columns.len() - 1
    }

    /// The place of an attribute's column, which is added if it isn't there.
    pub(super) fn place_of(&mut self, row: &TableRow<'q>, id: AttributeId, name: SmolStr) -> usize {
        let known = |it: &&(SmolStr, AttributeId, usize)| it.0 == row.alias && it.1 == id;
        if let Some((_, _, place)) = self.places.iter().find(known)
            && name.is_empty()
        {
            return *place;
        }
        let place = self.add(row.attribute(id), name);
        self.places.push((row.alias.clone(), id, place));
        place
    }

    pub(super) fn finish(mut self) -> (Select<'q>, Vec<Child>) {
        for (row, it) in &self.selected {
            self.tables.join_paths(row, it);
        }
        let mut select = Select::of(self.tables);
        select.columns = self.columns;
        select.filter = self.filter;
        (select, self.children)
    }
}

impl<'q> Planner<'q> {
    /// A query and the scopes that hold with it.
    pub(super) fn layers(&self, model: ModelId, query: &'q Query) -> Layers<'q> {
        Layers::new(self.schema, model, query)
    }

    /// The tables that a query reads, what holds of their rows, and the row of a through table.
    pub(super) fn origin(
        &self,
        origin: RowSource<'q>,
        layers: &Layers<'q>,
    ) -> (Tables<'q>, Vec<Term<'q>>, Option<TableRow<'q>>) {
        let with_deleted = layers.with_deleted();
        let (model, key) = match origin {
            RowSource::Model(model) => (model, [].as_slice()),
            RowSource::Key(model, key) => (model, key),
            RowSource::Link(id, key) => {
                let linked = Linked::new(&self.query_context(), id, layers);
                let values = key.iter().map(|it| Term::Value(it.clone()));
                let same = linked.key.into_iter().zip(values);
                let mut filter: Vec<_> =
                    same.map(|(own, value)| Term::Equal(Box::new([own, value]))).collect();
                filter.extend(linked.filter);
                return (linked.tables, filter, linked.through);
            }
        };
        let of = &self.schema[model];
        let tables = Tables::new(&self.query_context(), model, &of.name, None);
        let row = tables.root();
        let mut filter: Vec<Term<'q>> = (of.primary_key.iter().zip(key))
            .map(|(id, it)| Term::Equal(Box::new([row.column(*id), Term::Of(row.clone(), it)])))
            .collect();
        if !with_deleted {
            filter.extend(row.not_deleted());
        }
        (tables, filter, None)
    }

    pub(super) fn selection(
        &self,
        origin: RowSource<'q>,
        query: &'q Query,
        one: bool,
    ) -> Selection {
        let (select, shape, children) = self.select(origin, query, one, false);
        Selection::new(select.render(self.dialect), shape, select.columns.len(), children)
    }

    pub(in crate::plan) fn select(
        &self,
        origin: RowSource<'q>,
        query: &'q Query,
        one: bool,
        flat: bool,
    ) -> (Select<'q>, Shape, Vec<Child>) {
        let model = match origin {
            RowSource::Model(model) | RowSource::Key(model, _) => model,
            RowSource::Link(id, _) => self.schema[id].target,
        };
        let layers = self.layers(model, query);
        let (tables, filter, through) = self.origin(origin, &layers);
        let raw = flat || layers.any(|it| it.raw);
        let mut draft = SelectDraft::new(tables, filter, raw);
        draft.orders = layers.orders().collect();
        let row = draft.tables.root();
        row.read_with(&layers);
        let said = layers.last(|it| it.through.as_deref());
        let asked = said.is_some_and(|it| it.query.attributes.is_some());
        let link = through.clone().filter(|_| asked || !layers.puts_together());
        let shape = self.rows(&mut draft, &row, &layers, &[], link.map(|it| (it, said)));
        Self::conditions(&mut draft, &row, &layers);
        Self::link_conditions(&mut draft, through.as_ref(), &layers);
        let order = self.sorted(&mut draft.tables, &row, 0, &layers.orders().collect::<Vec<_>>());
        let (groups, having) = Self::grouping(&mut draft, &row, &layers);
        let (mut select, children) = draft.finish();
        select.distinct = layers.any(|it| it.distinct);
        select.group = groups;
        select.having = having;
        select.order = order;
        let whole = |it: &'q Expression| Term::Of(row.clone(), it);
        let limit = if one {
            Some(Term::Value(Value::Integer(1)))
        } else {
            layers.last(|it| it.limit.as_ref()).map(whole)
        };
        let offset = layers.last(|it| it.offset.as_ref()).map(whole);
        if limit.is_some() || offset.is_some() {
            select.slice = Slice::Rows(limit, offset);
        }
        (select, shape, children)
    }

    /// What holds of a query's own rows.
    pub(super) fn conditions(draft: &mut SelectDraft<'q>, row: &TableRow<'q>, layers: &Layers<'q>) {
        for it in layers.filters() {
            draft.tables.join_paths(row, it);
            draft.filter.push(Term::Of(row.clone(), it));
        }
    }

    /// What holds of the rows of the through table by which they were reached.
    pub(super) fn link_conditions(
        draft: &mut SelectDraft<'q>,
        link: Option<&TableRow<'q>>,
        layers: &Layers<'q>,
    ) {
        if let Some((link, it)) = link.zip(layers.last(Query::link_filter)) {
            draft.tables.join_paths(link, it);
            draft.filter.push(Term::Of(link.clone(), it));
        }
    }

    /// By what a query's rows are put together, and what holds of each group.
    pub(super) fn grouping(
        draft: &mut SelectDraft<'q>,
        row: &TableRow<'q>,
        layers: &Layers<'q>,
    ) -> (Vec<Term<'q>>, Vec<Term<'q>>) {
        let groups = layers.last(|it| (!it.group.is_empty()).then_some(&it.group));
        let mut terms = |it: &'q Expression| {
            draft.tables.join_paths(row, it);
            Term::Of(row.clone(), it)
        };
        let group = groups.into_iter().flatten().map(&mut terms).collect();
        let having = layers.0.iter().filter_map(|it| it.having.as_ref());
        (group, having.map(&mut terms).collect())
    }

    /// A query as a view shows it: flat, with its values in the text.
    pub fn view(&self, query: &'q Query) -> String {
        let (select, _, _) = self.select(RowSource::Model(super::model(query)), query, false, true);
        select.render_inline(self.dialect)
    }
}

//! A query becomes a SELECT.

use super::{Child, Origin, Reader, Selection};
use crate::ir::{AttributeId, Expression, ModelId, Order, Query};
use crate::record::Shape;
use crate::sql::{Column, Linked, Row, Select, Slice, Tables, Term};
use crate::value::Value;
use smol_str::SmolStr;

/// A SELECT in the making.
pub(super) struct Draft<'q> {
    pub tables: Tables<'q>,
    pub columns: Vec<Column<'q>>,
    /// The places of plain columns, by their table's alias.
    places: Vec<(SmolStr, AttributeId, usize)>,
    pub filter: Vec<Term<'q>>,
    pub children: Vec<Child>,
    /// Flat rows, as the database has them.
    pub raw: bool,
    /// The orders of the queries around, of which some may be about the rows that this one reads.
    pub orders: Vec<&'q Order>,
}

impl<'q> Draft<'q> {
    pub(super) const fn new(tables: Tables<'q>, filter: Vec<Term<'q>>, raw: bool) -> Self {
        Self {
            tables,
            columns: Vec::new(),
            places: Vec::new(),
            filter,
            children: Vec::new(),
            raw,
            orders: Vec::new(),
        }
    }

    /// Adds a column; its place.
    pub(super) fn add(&mut self, term: Term<'q>, name: SmolStr) -> usize {
        self.columns.push(Column { term, name });
        self.columns.len() - 1
    }

    /// The place of an attribute's column, which is added if it isn't there.
    pub(super) fn place_of(&mut self, row: &Row<'q>, id: AttributeId, name: SmolStr) -> usize {
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

    pub(super) fn finish(self) -> (Select<'q>, Vec<Child>) {
        let mut select = Select::of(self.tables);
        select.columns = self.columns;
        select.filter = self.filter;
        (select, self.children)
    }
}

/// A query and the scopes that hold with it, the query last.
#[derive(Debug, Clone)]
pub(super) struct Layers<'q>(pub Vec<&'q Query>);

impl<'q> Layers<'q> {
    /// What the last that says something says.
    pub(super) fn last<T>(&self, of: impl Fn(&'q Query) -> Option<T>) -> Option<T> {
        self.0.iter().rev().find_map(|it| of(it))
    }

    pub(super) fn any(&self, of: impl Fn(&Query) -> bool) -> bool {
        self.0.iter().any(|it| of(it))
    }

    pub(super) fn filters(&self) -> impl Iterator<Item = &'q Expression> {
        self.0.iter().filter_map(|it| it.filter.as_ref())
    }

    pub(super) fn orders(&self) -> impl Iterator<Item = &'q Order> {
        self.0.iter().flat_map(|it| &it.order)
    }

    pub(super) fn with_deleted(&self) -> bool {
        self.any(|it| it.with_deleted)
    }

    /// The number that an option says.
    pub(super) fn number(&self, of: impl Fn(&'q Query) -> Option<&'q Expression>) -> Option<i64> {
        match self.last(of)? {
            Expression::Literal(Value::Integer(it)) => Some(*it),
            _ => None,
        }
    }
}

impl<'q> Reader<'q> {
    /// A query and the scopes that hold with it.
    pub(super) fn layers(&self, model: ModelId, query: &'q Query) -> Layers<'q> {
        let mut layers = query.scoped(&self.schema[model].scopes);
        layers.push(query);
        Layers(layers)
    }

    /// The tables that a query reads, what holds of their rows, and the row of a through table.
    pub(super) fn origin(
        &self,
        origin: Origin<'q>,
        layers: &Layers<'q>,
    ) -> (Tables<'q>, Vec<Term<'q>>, Option<Row<'q>>) {
        let with_deleted = layers.with_deleted();
        let (model, key) = match origin {
            Origin::Model(model) => (model, [].as_slice()),
            Origin::Key(model, key) => (model, key),
            Origin::Link(id, value) => {
                let linked = Linked::new(self.schema, id, with_deleted);
                let mut filter = linked.filter;
                let value = Term::Value(value.clone());
                filter.insert(0, Term::Equal(Box::new([linked.key, value])));
                return (linked.tables, filter, linked.through);
            }
        };
        let of = &self.schema[model];
        let tables = Tables::new(self.schema, model, &of.name, None);
        let row = tables.root();
        let mut filter: Vec<Term<'q>> = (of.primary_key.iter().zip(key))
            .map(|(id, it)| Term::Equal(Box::new([row.column(*id), Term::Of(row.clone(), it)])))
            .collect();
        if !with_deleted {
            filter.extend(row.not_deleted());
        }
        (tables, filter, None)
    }

    pub(super) fn selection(&self, origin: Origin<'q>, query: &'q Query, one: bool) -> Selection {
        let (select, shape, children) = self.select(origin, query, one, false);
        Selection {
            statement: select.render(self.dialect),
            shape,
            width: select.columns.len(),
            children,
        }
    }

    pub(super) fn select(
        &self,
        origin: Origin<'q>,
        query: &'q Query,
        one: bool,
        flat: bool,
    ) -> (Select<'q>, Shape, Vec<Child>) {
        let model = match origin {
            Origin::Model(model) | Origin::Key(model, _) => model,
            Origin::Link(id, _) => self.schema[id].target,
        };
        let layers = self.layers(model, query);
        let (tables, filter, through) = self.origin(origin, &layers);
        let raw = flat || layers.any(|it| it.raw);
        let mut draft = Draft::new(tables, filter, raw);
        draft.orders = layers.orders().collect();
        let row = draft.tables.root();
        let link = match origin {
            Origin::Link(id, _) => through.map(|it| (it, id)),
            Origin::Model(_) | Origin::Key(..) => None,
        };
        let shape = self.rows(
            &mut draft,
            &row,
            &layers,
            &[],
            link.map(|(it, _)| (it, None)),
        );
        Self::conditions(&mut draft, &row, &layers);
        let order = self.sorted(
            &mut draft.tables,
            &row,
            0,
            &layers.orders().collect::<Vec<_>>(),
        );
        let groups: Vec<_> = (layers.last(|it| (!it.group.is_empty()).then_some(&it.group)))
            .into_iter()
            .flatten()
            .collect();
        for it in &groups {
            draft.tables.use_ways(&row, it);
        }
        let having: Vec<_> = layers
            .0
            .iter()
            .filter_map(|it| it.having.as_ref())
            .collect();
        for it in &having {
            draft.tables.use_ways(&row, it);
        }
        let (mut select, children) = draft.finish();
        select.distinct = layers.any(|it| it.distinct);
        select.group = groups.iter().map(|it| Term::Of(row.clone(), it)).collect();
        select.having = having.iter().map(|it| Term::Of(row.clone(), it)).collect();
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
    pub(super) fn conditions(draft: &mut Draft<'q>, row: &Row<'q>, layers: &Layers<'q>) {
        for it in layers.filters() {
            draft.tables.use_ways(row, it);
            draft.filter.push(Term::Of(row.clone(), it));
        }
    }

    /// A query as a view shows it: flat, with its values in the text.
    pub fn view(&self, query: &'q Query) -> String {
        let (select, _, _) = self.select(Origin::Model(super::model(query)), query, false, true);
        select.render_inline(self.dialect)
    }
}

//! Orders: by what rows have themselves, and by what rows beside them have.

use super::Planner;
use crate::ir::{AssociationId, Expression, Include, Order};
use crate::sql::{Layers, ResultColumn, Slice, Sorting, TableRow, Tables, Term, rows_of};
use crate::value::Value;
use smol_str::SmolStr;
use std::rc::Rc;

/// Rows beside others.
pub(super) struct RelatedList<'l, 'q> {
    /// What includes them, if anything does.
    pub include: Option<&'q Include>,
    /// What they are read with.
    pub layers: &'l Layers<'q>,
    /// One of them.
    pub target: &'l TableRow<'q>,
    /// The row of the query around, as it is seen from here.
    pub seen: &'l TableRow<'q>,
    /// The path from that row to these.
    pub path: &'l [AssociationId],
}

impl<'q> Planner<'q> {
    /// The orders of a row's SELECT. A path through a to-many association orders by the first of the rows that it leads to,
    /// in the same order; where there is none, by null. The first `skip` steps of paths are left aside: they lead to the
    /// rows that are ordered.
    pub(super) fn sorted(
        &self,
        tables: &mut Tables<'q>,
        row: &TableRow<'q>,
        skip: usize,
        orders: &[&'q Order],
    ) -> Vec<Sorting<'q>> {
        let mut sorted = Vec::with_capacity(orders.len());
        let mut before: Vec<(Vec<AssociationId>, &'q Order)> = Vec::new();
        for by in orders {
            let expression = &by.expression;
            let many = self.path_to_many(row, expression, skip);
            let term = if let Some(path) = many {
                before.push((path.clone(), *by));
                let same = before.iter().filter(|it| it.0 == path).map(|it| it.1);
                self.first(tables, row, &path, expression, &same.collect::<Vec<_>>())
            } else {
                tables.join_paths(row, expression);
                match expression {
                    Expression::Alias(name) => row.member_given(name).map_or_else(
                        || Term::Column(SmolStr::default(), name.clone()),
                        |it| Term::Of(row.clone(), it),
                    ),
                    _ => Term::Of(row.clone(), expression),
                }
            };
            sorted.push(Sorting { term, by });
        }
        sorted
    }

    /// What the first of the rows has to which a path leads.
    fn first(
        &self,
        tables: &mut Tables<'q>,
        row: &TableRow<'q>,
        path: &[AssociationId],
        expression: &'q Expression,
        orders: &[&'q Order],
    ) -> Term<'q> {
        let Some((last, before)) = path.split_last() else {
            return Term::Value(Value::Null);
        };
        let from = tables.join_path(row, before);
        let include = from.include(*last);
        let layers = Layers::of_include(self.schema, *last, include);
        let (mut select, target) = rows_of(&from, *last, include);
        let seen = select.tables.beside(row, path, &target);
        select.tables.join_paths(&seen, expression);
        let rows = RelatedList { include, layers: &layers, target: &target, seen: &seen, path };
        select.order = self.sorted_beside(&mut select.tables, &rows, orders);
        select.columns =
            vec![ResultColumn { term: Term::Of(seen, expression), name: SmolStr::default() }];
        let limit = layers.number(|it| it.limit.as_ref()).map_or(1, |it| it.min(1));
        let offset = layers.number(|it| it.offset.as_ref()).unwrap_or(0);
        let offset = (offset > 0).then_some(Term::Value(Value::Integer(offset)));
        select.slice = Slice::Rows(Some(Term::Value(Value::Integer(limit))), offset);
        Term::Scalar(Rc::new(select))
    }

    /// The order of rows beside others: what their include says itself, then what the query around says of them; what only
    /// their model's scope says comes last.
    pub(super) fn sorted_beside(
        &self,
        tables: &mut Tables<'q>,
        list: &RelatedList<'_, 'q>,
        outer: &[&'q Order],
    ) -> Vec<Sorting<'q>> {
        let own: Vec<&Order> = list.layers.orders().collect();
        let own = self.sorted(tables, list.target, 0, &own);
        let outer = self.sorted(tables, list.seen, list.path.len(), outer);
        let said = list.include.is_some_and(|it| !it.query.order.is_empty());
        let (mut first, then) = if said { (own, outer) } else { (outer, own) };
        first.extend(then);
        first
    }

    /// Those of the orders of the queries around that are about the rows of an include, to which `path` leads.
    pub(super) fn orders_of_include(
        orders: &[&'q Order],
        path: &[AssociationId],
    ) -> Vec<&'q Order> {
        let about = |it: &&&'q Order| {
            let mut found = false;
            let mut only = true;
            it.expression.visit(&mut |it| match it {
                Expression::Related(used, _) | Expression::OfLink { path: used, .. }
                    if used.starts_with(path) =>
                {
                    found = true;
                }
                Expression::Related(..)
                | Expression::OfLink { .. }
                | Expression::Attribute(_)
                | Expression::Alias(_)
                | Expression::Quantified { .. }
                | Expression::AggregateOf { .. }
                | Expression::Around(..) => only = false,
                _ => {}
            });
            found && only
        };
        orders.iter().filter(about).copied().collect()
    }

    /// The path to many rows of the first path of an expression that leads through them, as far as the first of these
    /// associations.
    fn path_to_many(
        &self,
        row: &TableRow<'q>,
        expression: &'q Expression,
        skip: usize,
    ) -> Option<Vec<AssociationId>> {
        let mut found = None;
        expression.visit(&mut |it| {
            if let Expression::Related(path, _) | Expression::OfLink { path, .. } = it
                && found.is_none()
                // What is joined already is there (flat rows).
                && row.joined_row(path).is_none()
            {
                let mut steps = path.iter().enumerate().skip(skip);
                let many = steps.find(|(_, it)| self.schema[**it].is_to_many());
                found = many.and_then(|(place, _)| path.get(..=place)).map(<[_]>::to_vec);
            }
        });
        found
    }
}

//! Orders: by what rows have themselves, and by what rows beside them have.

use super::Reader;
use super::build::Draft;
use crate::ir::{AssociationId, Expression, Order};
use crate::sql::{Column, Row, Slice, Sorting, Tables, Term};
use crate::value::Value;
use smol_str::SmolStr;
use std::rc::Rc;

impl<'q> Reader<'q> {
    /// The orders of a row's SELECT. A path through a to-many association orders by the first of the rows that it leads to,
    /// in the same order; where there is none, by null. The first `skip` steps of paths are left aside: they lead to the
    /// rows that are ordered.
    pub(super) fn sorted(
        &self,
        tables: &mut Tables<'q>,
        row: &Row<'q>,
        skip: usize,
        orders: &[&'q Order],
    ) -> Vec<Sorting<'q>> {
        let mut sorted = Vec::with_capacity(orders.len());
        let mut before: Vec<(Vec<AssociationId>, &'q Order)> = Vec::new();
        for by in orders {
            let expression = &by.expression;
            let many = self.way_to_many(row, expression, skip);
            let term = if let Some(way) = many {
                before.push((way.clone(), *by));
                let same = before.iter().filter(|it| it.0 == way).map(|it| it.1);
                self.first(tables, row, &way, expression, &same.collect::<Vec<_>>())
            } else {
                tables.use_ways(row, expression);
                match expression {
                    Expression::Alias(name) => Term::Output(name.clone()),
                    _ => Term::Of(row.clone(), expression),
                }
            };
            sorted.push(Sorting { term, by });
        }
        sorted
    }

    /// What the first of the rows has to which a way leads.
    fn first(
        &self,
        tables: &mut Tables<'q>,
        row: &Row<'q>,
        way: &[AssociationId],
        expression: &'q Expression,
        orders: &[&'q Order],
    ) -> Term<'q> {
        let null = Term::Value(Value::Null);
        let Some((last, before)) = way.split_last() else {
            return null;
        };
        let from = tables.use_way(row, before);
        let Some((mut select, target)) = from.rows_along(&[*last]) else {
            return null;
        };
        let seen = select.tables.beside(row, way, &target);
        select.tables.use_ways(&seen, expression);
        select.order = self.sorted(&mut select.tables, &seen, way.len(), orders);
        select.columns = vec![Column {
            term: Term::Of(seen, expression),
            name: SmolStr::default(),
        }];
        select.slice = Slice::Rows(Some(Term::Value(Value::Integer(1))), None);
        Term::Scalar(Rc::new(select))
    }

    /// The orders of the query around that are about the rows of an include, to which `way` leads.
    pub(super) fn sorted_by_outer(
        &self,
        draft: &mut Draft<'q>,
        outer: &Row<'q>,
        target: &Row<'q>,
        way: &[AssociationId],
    ) -> Vec<Sorting<'q>> {
        let about = |it: &&&'q Order| {
            let mut found = false;
            let mut only = true;
            it.expression.visit(&mut |it| match it {
                Expression::Related(path, _) if path.starts_with(way) => found = true,
                Expression::Related(..)
                | Expression::Attribute(_)
                | Expression::Alias(_)
                | Expression::Quantified { .. }
                | Expression::CountOf(_) => only = false,
                _ => {}
            });
            found && only
        };
        let orders: Vec<&'q Order> = draft.orders.iter().filter(about).copied().collect();
        let seen = draft.tables.beside(outer, way, target);
        self.sorted(&mut draft.tables, &seen, way.len(), &orders)
    }

    /// The way to many rows of the first path of an expression that leads through them, as far as the first of these
    /// associations.
    fn way_to_many(
        &self,
        row: &Row<'q>,
        expression: &'q Expression,
        skip: usize,
    ) -> Option<Vec<AssociationId>> {
        let mut found = None;
        expression.visit(&mut |it| {
            if let Expression::Related(way, _) = it
                && found.is_none()
                // What is joined already is there (flat rows).
                && row.along(way).is_none()
            {
                let mut steps = way.iter().enumerate().skip(skip);
                let many = steps.find(|(_, it)| self.schema[**it].is_to_many());
                found = many
                    .and_then(|(place, _)| way.get(..=place))
                    .map(<[_]>::to_vec);
            }
        });
        found
    }
}

//! SELECTs within another: over the rows that associations lead to from a row, or from rows that a script holds.

use super::joins::rows_of;
use super::{HeldTable, QueryContext, ResultColumn, Select, Slice, TableRow, Tables, Term};
use crate::ir::{AssociationId, Expression, Quantifier};
use crate::value::Value;
use smol_str::SmolStr;
use std::rc::Rc;

impl<'q> TableRow<'q> {
    /// What is asked of the row to which a path leads that nothing has joined.
    pub(super) fn beside(
        &self,
        path: &[AssociationId],
        asked: impl FnOnce(&mut Select<'q>, &Self) -> Option<Term<'q>>,
    ) -> Option<Term<'q>> {
        let (mut select, row) = self.rows_along(path, true)?;
        let term = asked(&mut select, &row)?;
        select.columns = vec![ResultColumn { term, name: SmolStr::default() }];
        select.slice = Slice::Rows(Some(Term::Value(Value::Integer(1))), None);
        Some(Term::Scalar(Rc::new(select)))
    }

    /// The rows to which associations lead from this row, and the last's: those that are included where that is meant, else
    /// those that the associations' own reading finds.
    pub(super) fn rows_along(
        &self,
        path: &[AssociationId],
        meant: bool,
    ) -> Option<(Select<'q>, Self)> {
        let include = |row: &Self, step| row.include(step).filter(|_| meant);
        let (first, rest) = path.split_first()?;
        let (mut select, mut row) = rows_of(self, *first, include(self, *first));
        *row.names.around.borrow_mut() = Some(self.clone());
        let mut way = vec![row.clone()];
        for step in rest {
            let included = include(&row, *step);
            row = select.tables.join_association(&row, *step, included, true);
            way.push(row.clone());
        }
        row.comes_by(&way);
        Some((select, row))
    }

    /// Associations lead to it by these rows, itself the last.
    fn comes_by(&self, way: &[Self]) {
        let targets = way.iter().map(|it| (it.place, it.model, it.alias.clone()));
        *self.names.way.borrow_mut() = targets.collect();
    }

    /// The row from which so many associations lead to the row that an aggregate is over.
    pub(in crate::sql) fn back(&self, steps: usize) -> Option<Self> {
        let way = self.names.way.borrow();
        match way.len().checked_sub(steps) {
            Some(0) => self.names.around.borrow().clone(),
            Some(place) => {
                let (place, model, alias) = way.get(place - 1)?;
                Some(Self { model: *model, alias: alias.clone(), place: *place, ..self.clone() })
            }
            None => None,
        }
    }
}

/// An aggregate or a quantifier over the rows of a SELECT. `any`: a row of which it is true; `all`: no row of which it isn't;
/// `none`: no row of which it is; `count`: how many of which it is.
pub(super) fn over_rows<'q>(
    leaf: &'q Expression,
    mut select: Select<'q>,
    row: &TableRow<'q>,
) -> Term<'q> {
    let column = |term| vec![ResultColumn { term, name: SmolStr::default() }];
    if let Expression::Quantified { quantifier, condition, .. } = leaf {
        select.tables.join_paths(row, condition);
        let holds = Term::Of(row.clone(), condition);
        select.filter.push(match quantifier {
            Quantifier::Any | Quantifier::None | Quantifier::Count => holds,
            Quantifier::All => Term::NotTrue(Box::new(holds)),
        });
        if *quantifier == Quantifier::Count {
            select.columns = column(Term::Count);
        }
        let found = Rc::new(select);
        match quantifier {
            Quantifier::Count => Term::Scalar(found),
            Quantifier::Any => Term::Exists(found),
            Quantifier::All | Quantifier::None => Term::Missing(found),
        }
    } else if let Expression::AggregateOf { function, distinct, of, .. } = leaf {
        let term = match of {
            Some(of) => {
                select.tables.join_paths(row, of);
                Term::Aggregate(function.word(), *distinct, row.clone(), of)
            }
            None => Term::Count,
        };
        select.columns = column(term);
        Term::Scalar(Rc::new(select))
    } else {
        Term::Unknown
    }
}

/// The same over rows that a script holds, or over those to which associations lead from them.
pub fn over_held<'q>(basis: &QueryContext<'q>, rows: HeldTable, leaf: &'q Expression) -> Term<'q> {
    let (Expression::Quantified { path, .. } | Expression::AggregateOf { path, .. }) = leaf else {
        return Term::Unknown;
    };
    let mut tables = Tables::held(basis, rows);
    let mut row = tables.root();
    let mut way = vec![row.clone()];
    for step in path {
        row = tables.join_association(&row, *step, None, true);
        way.push(row.clone());
    }
    row.comes_by(&way);
    over_rows(leaf, Select::of(tables), &row)
}

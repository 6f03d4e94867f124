//! `count`, `sum`, `min`, `max` and `avg` of a query's rows.

use super::build::SelectDraft;
use super::shape::{RowMembers, reading_of};
use super::{Planner, RowSource, Selection, model};
use crate::ir::{Aggregate, AssociationId, Expression, Model, Quantifier, Query};
use crate::record::{Content, Decoding};
use crate::sql::{HeldTable, Slice, Tables, Term, over_held, required};
use crate::value::Value;
use smol_str::{SmolStr, format_smolstr};

impl<'q> Planner<'q> {
    /// `User count`, `Invoice sum amount`. Without `group` there is one row, of one member; with it one for each group, of
    /// the group's members and the aggregate under its verb. Rows beside the model's are never counted.
    pub fn aggregate(&self, aggregate: &'q Aggregate, query: &'q Query) -> Selection {
        self.aggregated(RowSource::Model(model(query)), aggregate, query)
    }

    /// The number of rows that `findAndCountAll` finds without its limit.
    pub fn count(&self, query: &'q Query) -> Selection {
        let layers = self.layers(model(query), query);
        if layers.puts_together() || layers.any(|it| it.distinct) {
            let (mut select, ..) = self.select(RowSource::Model(model(query)), query, false, false);
            select.slice = Slice::Count;
            let mut members = RowMembers::default();
            members.push(SmolStr::default(), Content::Column(0, Decoding::Plain));
            return Selection::new(select.render(self.dialect), members.finish(), 1, Vec::new());
        }
        self.aggregated(RowSource::Model(model(query)), Aggregate::COUNT, query)
    }

    /// The same of the rows to which an association leads: `countInvoices`
    pub fn aggregate_linked(
        &self,
        (id, key): (AssociationId, &'q [Value]),
        aggregate: &'q Aggregate,
        query: &'q Query,
    ) -> Selection {
        self.aggregated(RowSource::Link(id, key), aggregate, query)
    }

    /// What an aggregate or a quantifier is over rows that a script holds, or over those to which associations lead from them.
    pub fn over_held(&self, rows: HeldTable, of: &'q Expression) -> Selection {
        let reading = match of {
            Expression::Quantified { quantifier, .. } if *quantifier != Quantifier::Count => {
                Decoding::Boolean
            }
            _ => self.reading(&self.schema[rows.model], of),
        };
        let basis = self.query_context();
        let mut draft = SelectDraft::new(Tables::none(&basis), Vec::new(), false);
        let place = draft.add(over_held(&basis, rows, of), SmolStr::default());
        let mut members = RowMembers::default();
        members.push(SmolStr::default(), Content::Column(place, reading));
        let (select, children) = draft.finish();
        Selection::new(select.render(self.dialect), members.finish(), 1, children)
    }

    fn aggregated(
        &self,
        origin: RowSource<'q>,
        aggregate: &'q Aggregate,
        query: &'q Query,
    ) -> Selection {
        let model = match origin {
            RowSource::Model(model) | RowSource::Key(model, _) => model,
            RowSource::Link(id, _) => self.schema[id].target,
        };
        let layers = self.layers(model, query);
        let (tables, filter, through) = self.origin(origin, &layers);
        let mut draft = SelectDraft::new(tables, filter, false);
        let row = draft.tables.root();
        for it in layers.last(|it| it.attributes.as_ref()).into_iter().flatten() {
            row.give(it.name.clone(), &it.expression);
        }
        row.read_with(&layers);
        for include in layers.included().into_iter().filter(|it| it.is_required()) {
            draft.filter.push(required(&row, include));
        }
        Self::conditions(&mut draft, &row, &layers);
        Self::link_conditions(&mut draft, through.as_ref(), &layers);
        let groups: Vec<&'q Expression> = (layers
            .last(|it| (!it.group.is_empty()).then_some(&it.group)))
        .into_iter()
        .flatten()
        .collect();
        let mut members = RowMembers::default();
        for (place, it) in groups.iter().enumerate() {
            draft.tables.join_paths(&row, it);
            let name = self.group_name(row.of(), it, place);
            let column = draft.add(Term::Of(row.clone(), it), name.clone());
            let given = match it {
                Expression::Alias(name) => row.given(name),
                _ => None,
            };
            let reading = self.reading(row.of(), given.unwrap_or(it));
            members.push(name, Content::Column(column, reading));
        }
        let function = aggregate.function.word();
        let (term, reading) = match &aggregate.of {
            None => (Term::Count, Decoding::Plain),
            Some(of) => {
                draft.tables.join_paths(&row, of);
                let reading = reading_of(aggregate.function, self.reading(row.of(), of));
                let distinct = layers.any(|it| it.distinct);
                (Term::Aggregate(function, distinct, row.clone(), of), reading)
            }
        };
        let place = draft.add(term, function.into());
        members.push(function.into(), Content::Column(place, reading));
        let having: Vec<_> = layers.0.iter().filter_map(|it| it.having.as_ref()).collect();
        for it in &having {
            draft.tables.join_paths(&row, it);
        }
        let order = if groups.is_empty() {
            Vec::new()
        } else {
            let orders: Vec<_> = layers.orders().collect();
            self.sorted(&mut draft.tables, &row, 0, &orders)
        };
        let (mut select, children) = draft.finish();
        select.group = groups.iter().map(|it| Term::Of(row.clone(), it)).collect();
        select.having = having.iter().map(|it| Term::Of(row.clone(), it)).collect();
        select.order = order;
        let statement = select.render(self.dialect);
        Selection::new(statement, members.finish(), select.columns.len(), children)
    }

    /// What a member of `group` is called in the result.
    fn group_name(&self, model: &Model, expression: &Expression, place: usize) -> SmolStr {
        match expression {
            Expression::Attribute(id) => model.attribute(*id).name.clone(),
            Expression::Alias(name) => name.clone(),
            Expression::Related(path, id) => {
                let mut name = String::new();
                for step in path {
                    name.push_str(&self.schema[*step].name);
                    name.push('.');
                }
                let target = path.last().map(|it| self.schema[*it].target);
                if let Some(target) = target {
                    name.push_str(&self.schema[target].attribute(*id).name);
                }
                name.into()
            }
            _ => format_smolstr!("group{}", place + 1),
        }
    }
}

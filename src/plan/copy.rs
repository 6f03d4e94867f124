//! Rows that a query finds become new rows of a model, by one statement.

use super::Planner;
use super::select::RowSource;
use super::write::{Conflict, model_terms, upsert};
use crate::ir::{AttributeId, DataType, Expression, Model, ModelId, Query};
use crate::record::Content;
use crate::sql::{Insert, InsertSource, Layers, ResultColumn, Sql, Tables, Term};
use crate::value::Value;
use smol_str::{SmolStr, format_smolstr};

/// How found rows are copied.
#[derive(Debug)]
pub struct RowCopy<'q> {
    /// To which model.
    pub target: ModelId,
    /// The rows.
    pub query: &'q Query,
    /// What attributes get, by the members of the found rows.
    pub given: Vec<(SmolStr, AttributeId)>,
    /// What others get, the same for each row.
    pub fixed: Vec<(AttributeId, Value)>,
}

impl<'q> Planner<'q> {
    /// The attributes of `target` that the members of found rows are for, where the database may take the values as they are; none
    /// where something has to be made of them first, or a member is no attribute.
    pub fn copied(
        &self,
        target: ModelId,
        query: &'q Query,
        fields: Option<&[AttributeId]>,
    ) -> Option<Vec<(SmolStr, AttributeId)>> {
        let source = query.model?;
        let layers = Layers::new(self.schema, source, query);
        let (from, into) = (&self.schema[source], &self.schema[target]);
        if layers.any(|it| it.raw) || !layers.included().is_empty() {
            return None;
        }
        let members: Vec<(SmolStr, AttributeId)> = match layers.last(|it| it.attributes.as_ref()) {
            Some(selected) => {
                let each = selected.iter().map(|it| match it.expression {
                    Expression::Attribute(id) => Some((it.name.clone(), id)),
                    _ => None,
                });
                each.collect::<Option<_>>()?
            }
            None => from.attributes().map(|(id, it)| (it.name.clone(), id)).collect(),
        };
        let mut given = Vec::with_capacity(members.len());
        for (name, own) in members {
            let Some(id) = into.attribute_named(&name) else {
                fields?;
                continue;
            };
            if fields.is_some_and(|it| !it.contains(&id)) {
                continue;
            }
            takes_as_it_is(from, own, into, id).then_some(())?;
            given.push((name, id));
        }
        (!given.is_empty()).then_some(given)
    }

    /// `INSERT .. SELECT`; each new row is told, as [`super::model_shape`] says. And what tells how many rows are found.
    pub fn insert_found(
        &self,
        copy: &'q RowCopy<'q>,
        conflict: Option<&Conflict>,
    ) -> Option<(Sql, Sql)> {
        let model = copy.query.model?;
        let (mut select, shape, _) = self.select(RowSource::Model(model), copy.query, false, false);
        let mut found: Vec<_> = std::mem::take(&mut select.columns).into_iter().map(Some).collect();
        // Rows that differ in what isn't copied are different ones.
        (!select.distinct || found.len() == copy.given.len()).then_some(())?;
        let mut columns = Vec::with_capacity(copy.given.len() + copy.fixed.len());
        for (name, id) in &copy.given {
            let member = shape.names.iter().position(|it| it == name)?;
            let Some(Content::Column(place, _)) = shape.contents.get(member) else {
                return None;
            };
            select.columns.push(found.get_mut(*place)?.take()?);
            columns.push(*id);
        }
        for (place, (id, value)) in copy.fixed.iter().enumerate() {
            let term = Term::Value(value.clone());
            // Two that are called alike can't be counted everywhere.
            let name = format_smolstr!("={place}");
            select.columns.push(ResultColumn { term, name });
            columns.push(*id);
        }
        if conflict.is_some() && select.filter.is_empty() {
            // Without a condition SQLite takes ON for a join's.
            select.filter.push(Term::Value(Value::Bool(true)));
        }
        let count = select.render_count(self.dialect);
        let row = Tables::bare(&self.query_context(), copy.target).root();
        let insert = Insert {
            source: InsertSource::Select(Box::new(select)),
            conflict: conflict
                .map(|it| upsert(self.dialect, &self.schema[copy.target], it, &columns)),
            returns: model_terms(&row).collect(),
            columns,
            row,
        };
        Some((insert.render(self.dialect), count))
    }
}

/// Whether all values of one attribute fit another as they are kept.
fn takes_as_it_is(from: &Model, own: AttributeId, into: &Model, id: AttributeId) -> bool {
    let (own, target) = (from.attribute(own), into.attribute(id));
    let stored =
        |it: &DataType| !matches!(it, DataType::Virtual | DataType::Raw(_) | DataType::Foreign(_));
    own.data_type == target.data_type
        && stored(&own.data_type)
        && own.computed().is_none()
        && target.computed().is_none()
}

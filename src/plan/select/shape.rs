//! What a row has: attributes, and what is nested in it.

use super::Planner;
use super::build::SelectDraft;
use crate::ir::{
    AggregateFunction, AssociationId, AttributeId, DataType, Expression, Model, Selected,
    ThroughQuery,
};
use crate::record::{Content, Decoding, Shape};
use crate::sql::{Layers, TableRow, Term};
use crate::value::Value;
use smol_str::{SmolStr, format_smolstr};

/// The members of a row, while they are found.
#[derive(Debug, Default)]
pub(super) struct RowMembers {
    pub names: Vec<SmolStr>,
    pub contents: Vec<Content>,
    /// What stands before the names of flat rows: `creator.`
    pub prefix: String,
}

impl RowMembers {
    pub(super) fn push(&mut self, name: SmolStr, content: Content) {
        self.names.push(name);
        self.contents.push(content);
    }

    pub(super) fn finish(self) -> Shape {
        Shape::new(self.names.into(), self.contents)
    }
}

/// The row of a through table, and what the include says of it.
pub(super) type ThroughRow<'q> = (TableRow<'q>, Option<&'q ThroughQuery>);

impl<'q> Planner<'q> {
    /// The members of a query's rows; `path` leads to them from the rows of the query around.
    pub(super) fn rows(
        &self,
        draft: &mut SelectDraft<'q>,
        row: &TableRow<'q>,
        layers: &Layers<'q>,
        path: &[AssociationId],
        through: Option<ThroughRow<'q>>,
    ) -> Shape {
        let mut members = RowMembers::default();
        self.attributes(draft, row, layers, &mut members);
        if let Some((link, said)) = through {
            let layers = Layers(said.map(|it| &it.query).into_iter().collect());
            let name = said.and_then(|it| it.name.clone());
            let name = name.unwrap_or_else(|| link.of().name.clone());
            let own = link.of().primary_key.first().copied();
            let key =
                own.or_else(|| path.last().and_then(|it| self.schema[*it].referring().next()));
            let nested = self.nested(draft, &link, &layers, &name, &mut members);
            if let Some(shape) = nested {
                // There is one for each row: a column that is never null tells so.
                let key = key.unwrap_or(AttributeId(0));
                let place = draft.place_of(&link, key, SmolStr::default());
                members.push(name, Content::Row(place, shape));
            }
        }
        self.includes(draft, row, layers, path, &mut members);
        members.finish()
    }

    /// The attributes of a row within another; none where it has none, or where rows are flat.
    pub(super) fn nested(
        &self,
        draft: &mut SelectDraft<'q>,
        row: &TableRow<'q>,
        layers: &Layers<'q>,
        name: &str,
        outer: &mut RowMembers,
    ) -> Option<Shape> {
        if draft.raw {
            let prefix = format!("{}{name}.", outer.prefix);
            let before = std::mem::replace(&mut outer.prefix, prefix);
            self.attributes(draft, row, layers, outer);
            outer.prefix = before;
            return None;
        }
        let mut members = RowMembers::default();
        self.attributes(draft, row, layers, &mut members);
        (!members.names.is_empty()).then(|| members.finish())
    }

    /// The attributes that a query asks for: all, where it doesn't say.
    pub(super) fn attributes(
        &self,
        draft: &mut SelectDraft<'q>,
        row: &TableRow<'q>,
        layers: &Layers<'q>,
        members: &mut RowMembers,
    ) {
        let Some(selected) = layers.last(|it| it.attributes.as_deref()) else {
            for (id, attribute) in row.of().attributes() {
                let computed = attribute.computed().is_some();
                if computed || !matches!(attribute.data_type, DataType::Virtual) {
                    Self::attribute(draft, row, id, &attribute.name, members);
                }
            }
            return;
        };
        for Selected { expression, name } in selected {
            if let Expression::Attribute(id) = expression {
                row.give(name.clone(), expression);
                Self::attribute(draft, row, *id, name, members);
                continue;
            }
            draft.selected.push((row.clone(), expression));
            let (term, reading) = match expression {
                Expression::Json(base, steps) if !draft.raw && is_column(base) => (
                    Term::JsonPart(Box::new(Term::Of(row.clone(), base)), steps),
                    Decoding::JsonPart,
                ),
                _ => (Term::Of(row.clone(), expression), self.reading(row.of(), expression)),
            };
            row.give(name.clone(), expression);
            let full = format_smolstr!("{}{name}", members.prefix);
            let place = draft.add(term, full.clone());
            let reading = if draft.raw { Decoding::Plain } else { reading };
            members.push(full, Content::Column(place, reading));
        }
    }

    fn attribute(
        draft: &mut SelectDraft<'q>,
        row: &TableRow<'q>,
        id: AttributeId,
        name: &SmolStr,
        members: &mut RowMembers,
    ) {
        let full = format_smolstr!("{}{name}", members.prefix);
        let place = draft.place_of(row, id, full.clone());
        let reading = if draft.raw {
            Decoding::Plain
        } else {
            Decoding::of(&row.of().attribute(id).data_type)
        };
        members.push(full, Content::Column(place, reading));
    }

    /// How what an expression yields is read: as the attribute that it hands on.
    pub(super) fn reading(&self, model: &Model, expression: &Expression) -> Decoding {
        self.reading_along(&[model], expression)
    }

    /// The same over the last of these models' rows, to which associations lead from those of the others.
    fn reading_along(&self, way: &[&Model], expression: &Expression) -> Decoding {
        let Some(model) = way.last() else {
            return Decoding::Plain;
        };
        match expression {
            Expression::Attribute(id) => Decoding::of(&model.attribute(*id).data_type),
            Expression::Related(path, id) => path.last().map_or(Decoding::Plain, |last| {
                let target = &self.schema[self.schema[*last].target];
                Decoding::of(&target.attribute(*id).data_type)
            }),
            Expression::OfLink { model, of, .. } => self.reading(&self.schema[*model], of),
            Expression::Cast(_, data_type) => Decoding::of(data_type),
            Expression::Literal(value) => Decoding::of_value(value),
            Expression::Call { name, arguments, .. } => {
                let is = |it: &&str| name.eq_ignore_ascii_case(it);
                let hands_on = ["min", "max", "coalesce", "ifnull", "nullif"].iter().any(is);
                let first = arguments.first().map(|it| self.reading_along(way, it));
                match first {
                    Some(it) if hands_on => it,
                    Some(it @ Decoding::Decimal(_)) if is(&"sum") => it,
                    Some(_) | None => Decoding::Plain,
                }
            }
            Expression::AggregateOf { function, path, of: Some(of), .. } => {
                let targets = path.iter().map(|it| &self.schema[self.schema[*it].target]);
                let way: Vec<&Model> = [*model].into_iter().chain(targets).collect();
                reading_of(*function, self.reading_along(&way, of))
            }
            Expression::Around(back, of) => {
                let way = way.get(..way.len().saturating_sub(*back)).unwrap_or_default();
                self.reading_along(way, of)
            }
            Expression::Case { arms, otherwise, .. } => {
                let each = arms.iter().map(|(_, it)| it).chain(otherwise.as_deref());
                Decoding::common(
                    each.filter(|it| !matches!(it, Expression::Literal(Value::Null)))
                        .map(|it| self.reading_along(way, it)),
                )
            }
            _ => Decoding::Plain,
        }
    }
}

const fn is_column(expression: &Expression) -> bool {
    matches!(
        expression,
        Expression::Attribute(_) | Expression::Related(..) | Expression::OfLink { .. }
    )
}

/// How what an aggregate makes of values is read, which are read so themselves.
pub(super) fn reading_of(function: AggregateFunction, of: Decoding) -> Decoding {
    match (function, of) {
        (AggregateFunction::Min | AggregateFunction::Max, it)
        | (AggregateFunction::Sum, it @ Decoding::Decimal(_)) => it,
        (AggregateFunction::Count | AggregateFunction::Sum | AggregateFunction::Avg, _) => {
            Decoding::Plain
        }
    }
}

//! New rows as they are going to be written: every value known and checked, nothing written yet.

use super::references::ExistingRow;
use super::unlinked::{nulls, refers_to_nothing};
use super::validate::ValidationErrors;
use super::{Binding, RunResult, Runner};
use crate::diagnostics::{AttributeName, RunProblem, UnreadValue};
use crate::ir::{
    Assignment, Association, AssociationId, AssociationKind, Attribute, AttributeId, Computed,
    DataType, Default, Expression, Model, ModelId, NewRow, Related, RelatedRow, ScopedAttribute,
    Through, Write,
};
use crate::plan::Set;
use crate::record::{Item, Record};
use crate::source::Span;
use crate::sql::{has_value_at, with_values_at};
use crate::value::Value;

/// What a new row has for an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// Nothing: the database fills it.
    Absent,
    /// A value.
    Value(Value),
    /// Raw SQL: the database computes it.
    Raw(Box<Expression>),
    /// A key, known when the row that it refers to has been written.
    Later,
}

impl Cell {
    /// What the column gets, if anything.
    pub(super) fn set(&self) -> Option<Set> {
        match self {
            Self::Absent => None,
            Self::Value(value) => Some(Set::Value(value.clone())),
            Self::Raw(expression) => Some(Set::Computed((**expression).clone())),
            Self::Later => Some(Set::Value(Value::Null)),
        }
    }
}

/// A new row.
#[derive(Debug, Clone)]
pub(super) struct RowDraft {
    pub(super) model: ModelId,
    /// By attribute.
    pub(super) cells: Vec<Cell>,
    pub(super) related: Vec<RelatedDraft>,
    pub(super) at: Span,
}

/// New rows beside it.
#[derive(Debug, Clone)]
pub(super) struct RelatedDraft {
    pub(super) association: AssociationId,
    pub(super) rows: Vec<RelatedRowDraft>,
}

/// A row beside it.
#[derive(Debug, Clone)]
pub(super) struct RelatedRowDraft {
    pub(super) row: RelatedRows,
    /// The through row, for `belongsToMany`.
    pub(super) through: Option<RowDraft>,
}

/// Whether a row beside a new one is new too.
#[derive(Debug, Clone)]
pub(super) enum RelatedRows {
    New(RowDraft),
    There(Vec<ExistingRow>),
}

impl RowDraft {
    /// A row of which nothing is known.
    pub(super) fn new(id: ModelId, model: &Model, at: Span) -> Self {
        let mut cells = Vec::with_capacity(model.attributes.len());
        cells.resize_with(model.attributes.len(), || Cell::Absent);
        Self { model: id, cells, related: Vec::new(), at }
    }

    pub(super) fn cell(&self, attribute: AttributeId) -> &Cell {
        self.cells.get(attribute.0 as usize).unwrap_or(&Cell::Absent)
    }

    /// Whether the database computes something of it.
    pub(super) fn has_raw(&self) -> bool {
        self.cells.iter().any(|it| matches!(it, Cell::Raw(_)))
    }

    /// A column of a key gets its value when the row that it refers to is there; what the script says of it has to be the same.
    fn expect(&mut self, attribute: AttributeId) {
        match self.cell(attribute) {
            Cell::Value(it) if *it != Value::Null => {}
            Cell::Value(_) | Cell::Absent | Cell::Raw(_) | Cell::Later => {
                self.set(attribute, Cell::Later);
            }
        }
    }

    pub(super) fn set(&mut self, attribute: AttributeId, cell: Cell) {
        if let Some(there) = self.cells.get_mut(attribute.0 as usize) {
            *there = cell;
        }
    }
}

impl Runner<'_> {
    /// A new row and all beside it, where nothing is wrong with it.
    pub(super) fn draft_row(
        &mut self,
        at: Span,
        row: &NewRow,
        write: &Write,
    ) -> RunResult<RowDraft> {
        let mut drafting = Drafting::new(self);
        let draft = drafting.draft(row, write, &[], &[])?;
        drafting.wrong.problem(at)?;
        Ok(draft)
    }

    /// What an assignment's value is, as far as it is known before the database sees it.
    pub(super) fn assigned(
        &mut self,
        attribute: &Attribute,
        assignment: &Assignment,
    ) -> RunResult<Assigned> {
        if let Expression::Literal(value) = &assignment.value {
            return Ok(Assigned::Known(value.clone()));
        }
        if let Expression::Variable(variable) = &assignment.value {
            return Ok(match self.variable(variable)? {
                Binding::Value(value) => Assigned::Value(value),
                Binding::List(values) if is_json(attribute) => {
                    let members: Vec<_> = values.into_iter().map(Expression::Literal).collect();
                    Assigned::Known(super::bind::list_in_json(&members))
                }
                held @ (Binding::Row(_) | Binding::Rows(_) | Binding::List(_)) => {
                    let what = super::rows::found(&held);
                    Assigned::Value(Value::Json(what.into()))
                }
            });
        }
        let bound = self.bind(&assignment.value, assignment.span)?;
        if is_constant(&bound) {
            return self.computed(&bound, assignment.span).map(Assigned::Value);
        }
        Ok(Assigned::Computed(bound))
    }

    /// A document with another value at a place; none where it has no such place.
    pub(super) fn json_with(
        &mut self,
        at: Span,
        base: &Value,
        path: &[crate::ir::JsonStep],
        value: &Value,
    ) -> RunResult<Option<Value>> {
        let dialect = self.database.dialect();
        let parts = vec![(path.to_vec(), Expression::Literal(value.clone()))];
        let document = with_values_at(dialect, Expression::Literal(base.clone()), parts);
        let document = match self.computed(&document, at)? {
            Value::Text(text) => Value::Json(text),
            other => other,
        };
        let is_there = has_value_at(dialect, Expression::Literal(document.clone()), path);
        let is_there = self.computed(&is_there, at)?;
        Ok((is_there == Value::Bool(true)).then_some(document))
    }
}

/// New rows are drafted, and what is wrong with them is noted.
pub(super) struct Drafting<'r, 'a> {
    pub(super) run: &'r mut Runner<'a>,
    pub(super) wrong: ValidationErrors,
}

impl<'r, 'a> Drafting<'r, 'a> {
    pub(super) fn new(run: &'r mut Runner<'a>) -> Self {
        Self { run, wrong: ValidationErrors::default() }
    }

    /// A new row and all beside it. `later` are keys that come from elsewhere; what `scope` says holds, whatever the row does.
    pub(super) fn draft(
        &mut self,
        row: &NewRow,
        write: &Write,
        later: &[AttributeId],
        scope: &[ScopedAttribute],
    ) -> RunResult<RowDraft> {
        let schema = self.run.scripts.schema;
        let model = &schema[row.model];
        let mut draft = RowDraft::new(row.model, model, row.span);
        for assignment in &row.values {
            let left_out = |fields: &Vec<AttributeId>| !fields.contains(&assignment.attribute);
            if write.fields.as_ref().is_some_and(left_out) {
                continue;
            }
            let cell = match &assignment.value {
                // What most rows are made of.
                Expression::Literal(value) if assignment.path.is_empty() => {
                    self.known(model, assignment, value)
                }
                _ => self.cell(model, &draft, assignment)?,
            };
            draft.set(assignment.attribute, cell);
        }
        for it in scope {
            if let Some(value) = it.only() {
                draft.set(it.attribute, Cell::Value(value.clone()));
            }
        }
        for attribute in later {
            draft.expect(*attribute);
        }
        for related in &row.related {
            let related = self.related(&mut draft, related, write)?;
            draft.related.push(related);
        }
        self.fill(model, &mut draft)?;
        self.check_draft(model, &draft, &row.values, !write.unvalidated);
        for it in scope.iter().filter(|it| it.only().is_none()) {
            let value = match draft.cell(it.attribute) {
                Cell::Value(value) => value,
                Cell::Absent | Cell::Raw(_) | Cell::Later => &Value::Null,
            };
            self.wrong.out_of_scope(model, it, value, row.span);
        }
        Ok(draft)
    }

    /// A new row of nothing but values that are known.
    pub(super) fn complete(&mut self, mut draft: RowDraft, validates: bool) -> RunResult<RowDraft> {
        let model = &self.run.scripts.schema[draft.model];
        self.fill(model, &mut draft)?;
        self.check_draft(model, &draft, &[], validates);
        Ok(draft)
    }

    /// A new row that has what a row from elsewhere has.
    pub(super) fn draft_of_record(
        &mut self,
        id: ModelId,
        row: &Record,
        write: &Write,
        at: Span,
    ) -> RunResult<RowDraft> {
        let model = &self.run.scripts.schema[id];
        let mut draft = RowDraft::new(id, model, at);
        for (name, item) in row.members() {
            let found = model.attribute_named(name);
            let Some((attribute, Item::Value(value))) = found.map(|it| (it, item)) else {
                if write.fields.is_none() {
                    return Err(RunProblem::Unread {
                        what: UnreadValue::Surplus(AttributeName {
                            model: model.name.to_string(),
                            attribute: name.to_string(),
                        }),
                        at,
                    });
                }
                continue;
            };
            if write.fields.as_ref().is_some_and(|it| !it.contains(&attribute)) {
                continue;
            }
            match self.run.fit(value.clone(), &model.attribute(attribute).data_type) {
                Ok(value) => draft.set(attribute, Cell::Value(value)),
                Err(misfit) => {
                    draft.set(attribute, Cell::Later);
                    self.wrong.misfit(model, model.attribute(attribute), value, &misfit, at);
                }
            }
        }
        self.complete(draft, !write.unvalidated)
    }

    /// The row of an association's through table, if it has one.
    pub(super) fn through_row(
        &mut self,
        association: &Association,
        values: &[Assignment],
        at: Span,
    ) -> RunResult<Option<RowDraft>> {
        let Some(through) = &association.through else {
            return Ok(None);
        };
        let later = through_keys(association, through);
        self.draft_of(through.model, values, &later, &through.scope, at).map(Some)
    }

    /// A through row, or another whose values are nothing but assignments.
    pub(super) fn draft_of(
        &mut self,
        model: ModelId,
        values: &[Assignment],
        later: &[AttributeId],
        scope: &[ScopedAttribute],
        at: Span,
    ) -> RunResult<RowDraft> {
        let row = NewRow { model, values: values.to_vec(), related: Vec::new(), span: at };
        self.draft(&row, &Write::default(), later, scope)
    }

    fn related(
        &mut self,
        draft: &mut RowDraft,
        related: &Related,
        write: &Write,
    ) -> RunResult<RelatedDraft> {
        let schema = self.run.scripts.schema;
        let association = &schema[related.association];
        let plain = Write { unvalidated: write.unvalidated, ..Write::default() };
        let mut rows = Vec::with_capacity(related.rows.len());
        let later = later_keys(association);
        for row in &related.rows {
            let (beside, values): (_, &[Assignment]) = match row {
                RelatedRow::New(row, values) => {
                    let new = self.draft(row, &plain, &later, &association.scope)?;
                    (RelatedRows::New(new), values)
                }
                RelatedRow::Existing(row) => {
                    let there = self.run.rows_there(association.target, row, draft.at)?;
                    (RelatedRows::There(there), &[])
                }
            };
            let through = self.through_row(association, values, draft.at)?;
            rows.push(RelatedRowDraft { row: beside, through });
        }
        if association.kind == AssociationKind::BelongsTo {
            if rows.is_empty() {
                refers_to_nothing(schema, association, draft.at, |id| draft.cell(id).set())?;
                let mut nulls = nulls(schema, association);
                nulls.retain(|it| matches!(draft.cell(it.0), Cell::Absent));
                for (id, null) in nulls {
                    draft.set(id, Cell::Value(null));
                }
            } else {
                association.referring().for_each(|it| draft.expect(it));
            }
        }
        Ok(RelatedDraft { association: related.association, rows })
    }

    /// What an assignment gives.
    fn cell(
        &mut self,
        model: &Model,
        draft: &RowDraft,
        assignment: &Assignment,
    ) -> RunResult<Cell> {
        let attribute = model.attribute(assignment.attribute);
        if !assignment.path.is_empty() {
            let value = self.run.evaluate_value(&assignment.value, assignment.span)?;
            let base = match draft.cell(assignment.attribute) {
                Cell::Value(base) => base.clone(),
                Cell::Absent | Cell::Raw(_) | Cell::Later => Value::Null,
            };
            let path = &assignment.path;
            return Ok(match self.run.json_with(assignment.span, &base, path, &value)? {
                Some(document) => Cell::Value(document),
                None => {
                    self.wrong.no_place(model, attribute, path, &base, assignment.span);
                    Cell::Later
                }
            });
        }
        match self.run.assigned(attribute, assignment)? {
            Assigned::Value(value) => Ok(match self.run.fit(value.clone(), &attribute.data_type) {
                Ok(value) => Cell::Value(value),
                Err(misfit) => {
                    self.wrong.misfit(model, attribute, &value, &misfit, assignment.span);
                    Cell::Later
                }
            }),
            Assigned::Known(value) => Ok(self.known(model, assignment, &value)),
            Assigned::Computed(expression) => Ok(Cell::Raw(Box::new(expression))),
        }
    }

    /// Fills in what the script doesn't say.
    fn fill(&mut self, model: &Model, draft: &mut RowDraft) -> RunResult<()> {
        for (id, attribute) in model.columns() {
            if !matches!(draft.cell(id), Cell::Absent) || attribute.computed().is_some() {
                continue;
            }
            let stamp = [model.created_at, model.updated_at].contains(&Some(id));
            let value = match attribute.default.as_deref() {
                _ if stamp => self.run.now(),
                None if model.version == Some(id) => Value::Integer(0),
                None | Some(Default::Expression(_) | Default::Sql(_)) => continue,
                Some(Default::Value(value)) => value.clone(),
                Some(Default::Now) => {
                    self.run.environment.clock.moment_as(&attribute.data_type, self.run.database)
                }
                Some(Default::UuidV4) => self.run.uuid(draft.at)?,
                Some(Default::UuidV1) => self.run.uuid_of_moment(draft.at)?,
            };
            draft.set(id, Cell::Value(value));
        }
        Ok(())
    }

    /// Nulls and validators.
    fn check_draft(
        &mut self,
        model: &Model,
        draft: &RowDraft,
        values: &[Assignment],
        validates: bool,
    ) {
        for (id, attribute) in model.columns() {
            let place = || {
                let written = values.iter().rev().find(|it| it.attribute == id);
                written.map_or(draft.at, |it| it.span)
            };
            match draft.cell(id) {
                Cell::Value(Value::Null) if may_not_be_null(model, id, attribute) => {
                    self.wrong.null(model, attribute, place());
                }
                Cell::Absent
                    if attribute.default.is_none() && may_not_be_null(model, id, attribute) =>
                {
                    self.wrong.null(model, attribute, draft.at);
                }
                Cell::Value(value) if validates && attribute.extra.is_some() => {
                    self.run.validate(attribute, value, place(), &mut self.wrong);
                }
                Cell::Value(_) | Cell::Absent | Cell::Raw(_) | Cell::Later => {}
            }
        }
    }
}

/// The keys of new rows that are known only when the row has been written with which they are associated.
pub(super) fn later_keys(association: &Association) -> Vec<AttributeId> {
    match association.kind {
        AssociationKind::HasOne | AssociationKind::HasMany => association.referring().collect(),
        AssociationKind::BelongsTo | AssociationKind::BelongsToMany => Vec::new(),
    }
}

/// The attributes of both keys of a through table.
pub(super) fn through_keys(association: &Association, through: &Through) -> Vec<AttributeId> {
    association.referring().chain(through.key.iter().map(|it| it.attribute)).collect()
}

/// What is known of an assignment's value.
#[derive(Debug)]
pub(super) enum Assigned {
    /// A value that has to be fitted.
    Value(Value),
    /// A value that fits.
    Known(Value),
    /// What the database computes.
    Computed(Expression),
}

fn is_json(attribute: &Attribute) -> bool {
    matches!(attribute.data_type, DataType::Json | DataType::Jsonb)
}

/// Whether an attribute's value may neither be null nor left to the database.
fn may_not_be_null(model: &Model, id: AttributeId, attribute: &Attribute) -> bool {
    let numbers_itself = model.is_rowid(id);
    attribute.not_null
        && !attribute.auto_increment
        && !numbers_itself
        && !matches!(attribute.computed(), Some(Computed::Generated { .. }))
}

/// Whether an expression has the same value wherever it stands: no column and no raw SQL in it.
fn is_constant(expression: &Expression) -> bool {
    let mut known = true;
    expression.visit(&mut |it| {
        known &= !matches!(
            it,
            Expression::Attribute(_)
                | Expression::Related(..)
                | Expression::OfLink { .. }
                | Expression::Alias(_)
                | Expression::Former(_)
                | Expression::Sql(_)
                | Expression::Quantified { .. }
                | Expression::AggregateOf { .. }
                | Expression::Around(..)
        );
    });
    known
}

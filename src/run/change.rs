//! `update`, `increment`, `destroy`, `restore`, `truncate`, `reload`: rows that are there.

use super::draft::Assigned;
use super::evaluate::require_rows;
use super::reread::UntoldChange;
use super::rows::{Identity, later_version, missing_row, record, value, with_new_values};
use super::validate::ValidationErrors;
use super::{Binding, RunResult, Runner};
use crate::diagnostics::{RunProblem, UnreadValue};
use crate::ir::{
    Action, Assignment, AttributeId, Expression, JsonStep, KeyTarget, Model, ModelId, Operator,
    RowTarget, Schema, Write, fit,
};
use crate::plan::{Condition, Set, model_shape};
use crate::record::{Item, Record};
use crate::source::Span;
use crate::sql::{Dialect, has_value_at, in_kept_form, with_values_at};
use crate::value::Value;
use smol_str::SmolStr;
use std::ops::ControlFlow;

/// The sum of what a column holds and something.
fn added(dialect: &Dialect, model: &Model, attribute: AttributeId, more: Expression) -> Set {
    let own = Box::new(Expression::Attribute(attribute));
    let sum = Expression::Binary(Operator::Add, own, Box::new(more));
    Set::Computed(in_kept_form(dialect, &model.attribute(attribute).data_type, sum))
}

/// What becomes of a place in a document.
type DocumentEdit = (Vec<JsonStep>, Expression);

/// A place in an attribute's document.
type DocumentPlace = (AttributeId, Vec<JsonStep>);

/// The rows that a sentence is about, found.
#[derive(Debug)]
struct FoundRows<'t> {
    which: Condition,
    /// The variable, and its row.
    variable: Option<(&'t SmolStr, Record)>,
}

impl FoundRows<'_> {
    /// Fails where the row that a variable holds has become another since it was read: nothing was changed.
    fn refuse_stale(&self, at: Span, model: &Model, changed: bool) -> RunResult<()> {
        match &self.variable {
            Some((name, _)) if !changed && model.version.is_some() => {
                Err(RunProblem::Stale { name: name.to_string(), model: model.name.to_string(), at })
            }
            _ => Ok(()),
        }
    }

    /// Lets the variable hold what its row is now.
    fn update_variable(
        &self,
        run: &mut Runner<'_>,
        at: Span,
        model: &Model,
        is: Option<&Record>,
        said: &[SmolStr],
    ) -> RunResult<()> {
        self.refuse_stale(at, model, is.is_some())?;
        if let (Some((name, was)), Some(is)) = (&self.variable, is) {
            run.environment.change(name, Binding::Row(with_new_values(was, is, said)));
        }
        Ok(())
    }
}

impl Runner<'_> {
    /// The moment of a change, where the model keeps it and the script doesn't say it.
    pub(super) fn stamp(&mut self, model: &Model, sets: &mut Vec<(AttributeId, Set)>) {
        if let Some(stamp) = model.updated_at
            && sets.iter().all(|(it, _)| *it != stamp)
        {
            sets.push((stamp, Set::Value(self.now())));
        }
    }

    /// `ann reload`
    pub(super) fn reload(&mut self, at: Span, name: &SmolStr, id: ModelId) -> RunResult<Record> {
        let schema = self.scripts.schema;
        let was = self.row_of(name, at)?;
        let identity = self.identity_of(at, name, id, &was)?;
        let Some(is) = self.row_with(at, id, &identity)? else {
            return Err(missing_row(&schema[id], &identity, at));
        };
        self.environment.change(name, Binding::Row(is.clone()));
        Ok(is)
    }

    /// What tells a variable's row from all others.
    pub(super) fn identity_of(
        &self,
        at: Span,
        name: &SmolStr,
        model: ModelId,
        row: &Record,
    ) -> RunResult<Identity> {
        self.identity(model, row).ok_or_else(|| RunProblem::Unread {
            what: UnreadValue::Key {
                variable: Some(name.to_string()),
                model: self.model(model).name.to_string(),
            },
            at,
        })
    }

    /// Sets these values where one of them is another.
    pub(super) fn set_where_not(
        &mut self,
        at: Span,
        id: ModelId,
        values: &[(AttributeId, Value)],
        identity: &[(AttributeId, Value)],
    ) -> RunResult<u64> {
        let schema = self.scripts.schema;
        let own = values.iter().map(|(id, it)| (*id, Set::Value(it.clone())));
        let mut sets: Vec<(AttributeId, Set)> = own.collect();
        self.stamp(&schema[id], &mut sets);
        let which = [Condition::Has(identity.to_vec()), Condition::Lacks(values.to_vec())];
        let which = Condition::Each(which.into());
        let sql = self.planner().update(id, &sets, &which, None);
        self.send(&sql).map_err(|it| self.refusal(at).refused_change(it, id, values))
    }
}

impl<'a> Runner<'a> {
    /// What changes rows of a model for the sentence `at`.
    pub(super) fn changing(&mut self, at: Span, id: ModelId) -> Changing<'_, 'a> {
        Changing { run: self, at, id }
    }
}

/// Rows of a model that are there are changed.
pub(super) struct Changing<'r, 'a> {
    run: &'r mut Runner<'a>,
    at: Span,
    id: ModelId,
}

impl Changing<'_, '_> {
    /// The rows that a sentence is about.
    fn find_target<'t>(
        &mut self,
        target: &'t RowTarget,
        with_deleted: bool,
    ) -> RunResult<FoundRows<'t>> {
        let schema = self.run.scripts.schema;
        let model = &schema[self.id];
        match target {
            RowTarget::Variable(name, _) => {
                let row = self.run.row_of(name, self.at)?;
                let mut identity = self.run.identity_of(self.at, name, self.id, &row)?;
                if let Some(version) = model.version {
                    let known = self.run.read_of(self.at, self.id, version, &row)?;
                    identity.push((version, known));
                }
                Ok(FoundRows { which: Condition::Has(identity), variable: Some((name, row)) })
            }
            RowTarget::Query(query) => {
                require_rows(self.run, query)?;
                let mut query = self.run.bind_query(query, self.at)?;
                query.with_deleted |= with_deleted;
                query.model = Some(self.id);
                query.attributes = None;
                Ok(FoundRows { which: Condition::Found(Box::new(query)), variable: None })
            }
        }
    }

    /// `User update { .. } < where: (..) >`, `ann update { .. }`
    pub(super) fn update(
        &mut self,
        target: &RowTarget,
        assignments: &[Assignment],
        write: &Write,
    ) -> RunResult<u64> {
        let schema = self.run.scripts.schema;
        let model = &schema[self.id];
        let found = self.find_target(target, false)?;
        let mut wrong = ValidationErrors::default();
        let mut sets: Vec<(AttributeId, Set)> = Vec::new();
        let mut places: Vec<(AttributeId, Vec<_>)> = Vec::new();
        for assignment in assignments {
            let left_out = |fields: &Vec<AttributeId>| !fields.contains(&assignment.attribute);
            if write.fields.as_ref().is_some_and(left_out) {
                continue;
            }
            let place = assignment.attribute;
            if !assignment.path.is_empty() {
                let bound = self.run.bind(&assignment.value, assignment.span)?;
                let part = (assignment.path.clone(), bound);
                match places.iter_mut().find(|(it, _)| *it == place) {
                    Some((_, parts)) => parts.push(part),
                    None => places.push((place, vec![part])),
                }
                continue;
            }
            let set = self.set_of(model, assignment, write, &mut wrong)?;
            sets.retain(|(it, _)| *it != place);
            sets.push((place, set));
        }
        wrong.problem(self.at)?;
        let dialect = self.run.database.dialect();
        let set_places = places_of(&places);
        for (place, parts) in places {
            let whole = sets.iter().position(|(it, _)| *it == place);
            let document = match whole.map(|it| sets.remove(it).1) {
                Some(Set::Value(value)) => Expression::Literal(value),
                Some(Set::Computed(expression)) => expression,
                None => Expression::Attribute(place),
            };
            sets.push((place, Set::Computed(with_values_at(dialect, document, parts))));
        }
        if sets.is_empty() {
            return Ok(0);
        }
        self.change(&found, sets, &set_places)
    }

    /// What an assignment makes of a column.
    fn set_of(
        &mut self,
        model: &Model,
        assignment: &Assignment,
        write: &Write,
        wrong: &mut ValidationErrors,
    ) -> RunResult<Set> {
        let attribute = model.attribute(assignment.attribute);
        let value = match self.run.assigned(attribute, assignment)? {
            Assigned::Known(value) => match self.run.unheld(&value, &attribute.data_type) {
                None => value,
                Some(misfit) => {
                    wrong.misfit(model, attribute, &value, &misfit, assignment.span);
                    return Ok(Set::Value(Value::Null));
                }
            },
            Assigned::Value(value) => match self.run.fit(value.clone(), &attribute.data_type) {
                Ok(value) => value,
                Err(misfit) => {
                    wrong.misfit(model, attribute, &value, &misfit, assignment.span);
                    return Ok(Set::Value(Value::Null));
                }
            },
            Assigned::Computed(expression) => {
                let dialect = self.run.database.dialect();
                let kept = in_kept_form(dialect, &attribute.data_type, expression);
                return Ok(Set::Computed(kept));
            }
        };
        if value == Value::Null && attribute.not_null {
            wrong.null(model, attribute, assignment.span);
        } else if !write.unvalidated {
            self.run.validate(attribute, &value, assignment.span, wrong);
        }
        Ok(Set::Value(value))
    }

    /// `Post increment { views: 1 } < where: (..) >`
    pub(super) fn increment(
        &mut self,
        target: &RowTarget,
        assignments: &[Assignment],
    ) -> RunResult<u64> {
        let found = self.find_target(target, false)?;
        let mut sets = Vec::with_capacity(assignments.len());
        for assignment in assignments {
            let bound = self.run.bind(&assignment.value, assignment.span)?;
            let (dialect, model) = (self.run.database.dialect(), &self.run.scripts.schema[self.id]);
            let set = added(dialect, model, assignment.attribute, bound);
            sets.push((assignment.attribute, set));
        }
        self.change(&found, sets, &[])
    }

    /// Changes rows, and what the variable holds. `places` are those in documents that are set.
    fn change(
        &mut self,
        found: &FoundRows<'_>,
        mut sets: Vec<(AttributeId, Set)>,
        places: &[DocumentPlace],
    ) -> RunResult<u64> {
        let schema = self.run.scripts.schema;
        let model = &schema[self.id];
        self.run.stamp(model, &mut sets);
        let computes = |set: &Set| matches!(set, Set::Computed(_));
        let unforeseen: Vec<AttributeId> = sets
            .iter()
            .filter(|(attribute, set)| computes(set) && model.version != Some(*attribute))
            .map(|(attribute, _)| *attribute)
            .collect();
        let returns = found.variable.is_some() || !unforeseen.is_empty() || !places.is_empty();
        let dialect = self.run.database.dialect();
        let is_there = |(attribute, path): &DocumentPlace| {
            has_value_at(dialect, Expression::Attribute(*attribute), path)
        };
        let more: Vec<Expression> = places.iter().map(is_there).collect();
        let returning = returns.then_some(more.as_slice());
        let tells = dialect.tells_changed_rows;
        let sql =
            self.run.planner().update(self.id, &sets, &found.which, returning.filter(|_| tells));
        if !returns {
            let changed = self.run.send(&sql);
            return changed.map_err(|it| {
                self.run.refusal(self.at).refused_change(it, self.id, &values_of(&sets))
            });
        }
        let said: Vec<SmolStr> =
            sets.iter().map(|(it, _)| model.attribute(*it).name.clone()).collect();
        self.run.whole(self.at, |runner| {
            let shape = model_shape(model);
            let (mut changed, mut last, mut wrong) = (0_u64, None, ValidationErrors::default());
            let mut each = |row: &mut [Value]| {
                changed += 1;
                let (row, there) = row.split_at_mut(shape.names.len().min(row.len()));
                let row = record(&shape, row);
                for ((attribute, path), there) in places.iter().zip(there) {
                    let attribute = model.attribute(*attribute);
                    if matches!(there, Value::Integer(0) | Value::Bool(false)) {
                        let document = value(&row, &attribute.name).unwrap_or(&Value::Null);
                        wrong.no_place(model, attribute, path, document, self.at);
                    }
                }
                for attribute in &unforeseen {
                    let attribute = model.attribute(*attribute);
                    let Some(is) = value(&row, &attribute.name) else {
                        continue;
                    };
                    if *is == Value::Null && attribute.not_null {
                        wrong.null(model, attribute, self.at);
                    } else if let Err(misfit) = fit(is.clone(), &attribute.data_type) {
                        wrong.misfit(model, attribute, is, &misfit, self.at);
                    }
                }
                last = Some(row);
                ControlFlow::Continue(())
            };
            let asked = if tells {
                runner.query_sql(&sql.text, &sql.parameters, &mut each).map(|()| None)
            } else {
                let change = UntoldChange { id: self.id, sets: &sets, which: &found.which };
                change.carry_out(runner, &sql, &more, &mut each).map(Some)
            };
            let counted = asked.map_err(|it| {
                runner.refusal(self.at).refused_change(it, self.id, &values_of(&sets))
            })?;
            // What has another key now isn't read again.
            let changed = counted.unwrap_or(changed);
            runner.written.note(&sql.text, || sql.parameters.clone(), changed);
            wrong.problem(self.at)?;
            found.update_variable(runner, self.at, model, last.as_ref(), &said)?;
            Ok(changed)
        })
    }

    /// `User destroy < where: (..), force >`, `ann destroy`
    pub(super) fn destroy(&mut self, target: &RowTarget, force: bool) -> RunResult<u64> {
        let schema = self.run.scripts.schema;
        let model = &schema[self.id];
        let found = self.find_target(target, force)?;
        if let (true, false, Some(deleted)) = (model.paranoid, force, model.deleted_at) {
            let now = self.run.now();
            return self.mark(&found, deleted, now);
        }
        let count = self.delete(&found.which)?;
        found.refuse_stale(self.at, model, count > 0)?;
        Ok(count)
    }

    /// The same of rows that a condition finds, as their model destroys rows.
    pub(super) fn destroy_where(&mut self, which: &Condition) -> RunResult<u64> {
        let model = &self.run.scripts.schema[self.id];
        let Some(deleted) = model.deleted_at.filter(|_| model.paranoid) else {
            return self.delete(which);
        };
        let sets = [(deleted, Set::Value(self.run.now()))];
        let sql = self.run.planner().update(self.id, &sets, which, None);
        self.run.send(&sql).map_err(|it| self.run.failure(it, self.at))
    }

    /// `User restore < where: (..) >`, `ann restore`
    pub(super) fn restore(&mut self, target: &RowTarget) -> RunResult<u64> {
        let schema = self.run.scripts.schema;
        let model = &schema[self.id];
        let Some(deleted) = model.deleted_at else {
            return Ok(0);
        };
        let mut found = self.find_target(target, true)?;
        found.which = Condition::Each(vec![found.which, Condition::Deleted]);
        self.mark(&found, deleted, Value::Null)
    }

    /// Sets the attribute that marks rows as deleted.
    fn mark(
        &mut self,
        found: &FoundRows<'_>,
        deleted: AttributeId,
        value: Value,
    ) -> RunResult<u64> {
        let schema = self.run.scripts.schema;
        let model = &schema[self.id];
        let attribute = model.attribute(deleted);
        let sets = [(deleted, Set::Value(value.clone()))];
        let sql = self.run.planner().update(self.id, &sets, &found.which, None);
        let count = self.run.send(&sql).map_err(|it| self.run.failure(it, self.at))?;
        found.refuse_stale(self.at, model, count > 0)?;
        if let (Some((name, was)), true) = (&found.variable, count > 0) {
            let is = super::rows::with_members(was, [(attribute.name.clone(), Item::Value(value))]);
            let is = later_version(model, &is, 1).unwrap_or(is);
            self.run.environment.change(name, Binding::Row(is));
        }
        Ok(count)
    }

    /// `User truncate`
    pub(super) fn truncate(&mut self) -> RunResult<u64> {
        self.delete(&Condition::All)
    }

    /// Deletes the rows that a condition finds; returns how many these are.
    fn delete(&mut self, which: &Condition) -> RunResult<u64> {
        let planner = self.run.planner();
        let sql = planner.delete(self.id, which);
        if !cascades_to_itself(self.run.scripts.schema, self.id) {
            return self
                .run
                .send(&sql)
                .map_err(|it| self.run.refusal(self.at).refused_delete(it, self.id, which));
        }
        // Rows that go with another one before it is their turn the database doesn't count.
        let count = planner.number(self.id, which);
        self.run.whole(self.at, |it| {
            let found = it.number(self.at, &count)?;
            it.send(&sql)
                .map_err(|error| it.refusal(self.at).refused_delete(error, self.id, which))?;
            Ok(found)
        })
    }
}

/// The places in documents that are set, but for those that a later one replaces.
fn places_of(sets: &[(AttributeId, Vec<DocumentEdit>)]) -> Vec<DocumentPlace> {
    let mut places = Vec::new();
    for (attribute, parts) in sets {
        for (nth, (path, _)) in parts.iter().enumerate() {
            let mut later = parts.iter().skip(nth + 1);
            if !later.any(|(it, _)| path.starts_with(it)) {
                places.push((*attribute, path.clone()));
            }
        }
    }
    places
}

/// Whether rows of a model may be deleted since another of its rows is.
fn cascades_to_itself(schema: &Schema, id: ModelId) -> bool {
    let (mut reached, mut next) = (Vec::new(), vec![id]);
    while let Some(parent) = next.pop() {
        for (child, model) in schema.models() {
            let mut keys = model.foreign_keys.iter();
            let goes = keys.any(|it| {
                let refers = match &it.target {
                    KeyTarget::Model(target, _) => *target == parent,
                    KeyTarget::Table(table, _) => {
                        table.eq_ignore_ascii_case(&schema[parent].full_table())
                    }
                };
                refers && it.on_delete == Some(Action::Cascade)
            });
            if goes && child == id {
                return true;
            }
            if goes && !reached.contains(&child) {
                reached.push(child);
                next.push(child);
            }
        }
    }
    false
}

/// The values that are set, for a report.
pub(super) fn values_of(sets: &[(AttributeId, Set)]) -> Vec<(AttributeId, Value)> {
    sets.iter()
        .filter_map(|(attribute, set)| match set {
            Set::Value(value) => Some((*attribute, value.clone())),
            Set::Computed(_) => None,
        })
        .collect()
}

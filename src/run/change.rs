//! `update`, `increment`, `destroy`, `restore`, `truncate`, `reload`: rows that are there.

use super::draft::Assigned;
use super::evaluate::placed;
use super::link::later_version;
use super::links::write_version;
use super::rows::{
    Identity, identified, names, no_row, readings, record, renewed, value, write_columns,
};
use super::validate::Wrong;
use super::{Held, Ran, Runner};
use crate::diagnostics::RunProblem;
use crate::ir::{
    Action, Assignment, AttributeId, Expression, JsonStep, KeyTarget, Model, ModelId, Operator,
    Query, Schema, Target, Write, fit, iso,
};
use crate::plan::is_own;
use crate::record::{Item, Record};
use crate::source::Span;
use crate::sql::{Sql, Writer};
use crate::value::Value;
use smol_str::SmolStr;
use std::ops::ControlFlow;

/// What becomes of a column.
#[derive(Debug)]
enum Set {
    Value(Value),
    /// Computed from the rows as they were.
    Computed(Expression),
}

impl Set {
    /// What is computed from more than the columns of its own row.
    fn far(&self, model: &Model) -> Option<&Expression> {
        match self {
            Self::Value(_) => None,
            Self::Computed(it) => (!is_own(model, it)).then_some(it),
        }
    }
}

/// The sum of what a column holds and something.
fn added(attribute: AttributeId, more: Expression) -> Set {
    let own = Box::new(Expression::Attribute(attribute));
    Set::Computed(Expression::Binary(Operator::Add, own, Box::new(more)))
}

/// What becomes of a place in a document.
type Part = (Vec<JsonStep>, Expression);

/// A place in an attribute's document.
type Place = (AttributeId, Vec<JsonStep>);

/// The rows that a sentence is about, found.
#[derive(Debug)]
struct Found<'t> {
    /// The condition that finds them.
    condition: Sql,
    /// The variable, and its row.
    variable: Option<(&'t SmolStr, Record)>,
}

impl Runner<'_> {
    /// `User update { .. } < where: (..) >`, `ann update { .. }`
    pub(super) fn update(
        &mut self,
        at: Span,
        model: ModelId,
        target: &Target,
        assignments: &[Assignment],
        write: &Write,
    ) -> Ran<u64> {
        let schema = self.scripts.schema;
        let (id, model) = (model, &schema[model]);
        let found = self.find_target(at, id, target, false)?;
        let mut wrong = Wrong::default();
        let mut sets: Vec<(AttributeId, Set)> = Vec::new();
        let mut places: Vec<(AttributeId, Vec<_>)> = Vec::new();
        for assignment in assignments {
            let left_out = |fields: &Vec<AttributeId>| !fields.contains(&assignment.attribute);
            if write.fields.as_ref().is_some_and(left_out) {
                continue;
            }
            let place = assignment.attribute;
            if !assignment.path.is_empty() {
                let bound = self.bind(&assignment.value, assignment.span)?;
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
        wrong.problem(at)?;
        let set_places = places_of(&places);
        for (place, parts) in places {
            let whole = sets.iter().position(|(it, _)| *it == place);
            let document = match whole.map(|it| sets.remove(it).1) {
                Some(Set::Value(value)) => Expression::Literal(value),
                Some(Set::Computed(expression)) => expression,
                None => Expression::Attribute(place),
            };
            sets.push((place, Set::Computed(placed(document, parts))));
        }
        if sets.is_empty() {
            return Ok(0);
        }
        self.change(at, id, &found, sets, &set_places)
    }

    /// What an assignment makes of a column.
    fn set_of(
        &mut self,
        model: &Model,
        assignment: &Assignment,
        write: &Write,
        wrong: &mut Wrong,
    ) -> Ran<Set> {
        let attribute = model.attribute(assignment.attribute);
        let value = match self.assigned(attribute, assignment)? {
            Assigned::Known(value) => value,
            Assigned::Value(value) => match fit(value.clone(), &attribute.data_type) {
                Ok(value) => value,
                Err(misfit) => {
                    wrong.misfit(model, attribute, &value, &misfit, assignment.span);
                    return Ok(Set::Value(Value::Null));
                }
            },
            Assigned::Computed(expression) => return Ok(Set::Computed(expression)),
        };
        if value == Value::Null && attribute.not_null {
            wrong.null(model, attribute, assignment.span);
        } else if !write.unvalidated {
            self.validate(attribute, &value, assignment.span, wrong);
        }
        Ok(Set::Value(value))
    }

    /// `Post increment { views: 1 } < where: (..) >`
    pub(super) fn increment(
        &mut self,
        at: Span,
        model: ModelId,
        target: &Target,
        assignments: &[Assignment],
    ) -> Ran<u64> {
        let found = self.find_target(at, model, target, false)?;
        let mut sets = Vec::with_capacity(assignments.len());
        for assignment in assignments {
            let bound = self.bind(&assignment.value, assignment.span)?;
            sets.push((assignment.attribute, added(assignment.attribute, bound)));
        }
        self.change(at, model, &found, sets, &[])
    }

    /// Changes rows, and what the variable holds. `places` are those in documents that are set.
    fn change(
        &mut self,
        at: Span,
        id: ModelId,
        found: &Found<'_>,
        mut sets: Vec<(AttributeId, Set)>,
        places: &[Place],
    ) -> Ran<u64> {
        let schema = self.scripts.schema;
        let model = &schema[id];
        if let Some(stamp) = model.updated_at
            && sets.iter().all(|(it, _)| *it != stamp)
        {
            sets.push((stamp, Set::Value(self.now())));
        }
        if let Some(version) = model.version {
            sets.retain(|(it, _)| *it != version);
            let one = Expression::Literal(Value::Integer(1));
            sets.push((version, added(version, one)));
        }
        let mut writer = Writer::with_parameters(self.database.dialect());
        self.write_change(&mut writer, id, &found.condition, &sets);
        let computes = |set: &Set| matches!(set, Set::Computed(_));
        let unforeseen: Vec<AttributeId> = sets
            .iter()
            .filter(|(attribute, set)| computes(set) && model.version != Some(*attribute))
            .map(|(attribute, _)| *attribute)
            .collect();
        let returns = found.variable.is_some() || !unforeseen.is_empty() || !places.is_empty();
        if !returns {
            let sql = writer.finish();
            let changed = self.execute_sql(&sql.text, &sql.parameters);
            return changed.map_err(|it| self.refused_change(it, at, id, &sets_of(&sets)));
        }
        writer.push(" RETURNING ");
        write_columns(&mut writer, model);
        for (attribute, path) in places {
            writer.push(", ");
            write_is_there(&mut writer, &model.attribute(*attribute).column, path);
        }
        let sql = writer.finish();
        let said: Vec<SmolStr> =
            sets.iter().map(|(it, _)| model.attribute(*it).name.clone()).collect();
        self.whole(at, |runner| {
            let (names, readings) = (names(model), readings(model));
            let (mut changed, mut last, mut wrong) = (0_u64, None, Wrong::default());
            let asked = runner.query_sql(&sql.text, &sql.parameters, &mut |row| {
                changed += 1;
                let there = row.get(readings.len()..).unwrap_or_default();
                let row = record(&names, &readings, row);
                for ((attribute, path), there) in places.iter().zip(there) {
                    let attribute = model.attribute(*attribute);
                    if *there == Value::Integer(0) {
                        let document = value(&row, &attribute.name).unwrap_or(&Value::Null);
                        wrong.no_place(model, attribute, path, document, at);
                    }
                }
                for attribute in &unforeseen {
                    let attribute = model.attribute(*attribute);
                    let Some(is) = value(&row, &attribute.name) else {
                        continue;
                    };
                    if *is == Value::Null && attribute.not_null {
                        wrong.null(model, attribute, at);
                    } else if let Err(misfit) = fit(is.clone(), &attribute.data_type) {
                        wrong.misfit(model, attribute, is, &misfit, at);
                    }
                }
                last = Some(row);
                ControlFlow::Continue(())
            });
            asked.map_err(|it| runner.refused_change(it, at, id, &sets_of(&sets)))?;
            wrong.problem(at)?;
            runner.renew(at, model, found, last.as_ref(), &said)?;
            Ok(changed)
        })
    }

    /// Writes the UPDATE. What needs more than the columns of its own row is computed by a SELECT, for all rows before the first
    /// of them changes.
    fn write_change(
        &mut self,
        writer: &mut Writer<'_>,
        id: ModelId,
        condition: &Sql,
        sets: &[(AttributeId, Set)],
    ) {
        const NEW: &str = "new";
        let schema = self.scripts.schema;
        let model = &schema[id];
        let table = model.full_table();
        writer.push("UPDATE ").name(&table).push(" SET ");
        let apart = sets.iter().filter_map(|(_, it)| it.far(model));
        if apart.clone().next().is_none() {
            writer.list(sets, |writer, (attribute, set)| {
                writer.name(&model.attribute(*attribute).column).push(" = ");
                match set {
                    Set::Value(value) => writer.value(value),
                    Set::Computed(expression) => writer.value_expression(model, expression),
                };
            });
            writer.push(" WHERE ").nested(condition);
            return;
        }
        let reader = self.reader();
        let values = reader.values(id, apart, condition);
        let mut names = values.names.iter();
        writer.list(sets, |writer, (attribute, set)| {
            writer.name(&model.attribute(*attribute).column).push(" = ");
            match (set, set.far(model).and_then(|_| names.next())) {
                (_, Some(name)) => writer.name(NEW).push(".").name(name),
                (Set::Value(value), None) => writer.value(value),
                (Set::Computed(expression), None) => {
                    writer.qualified_expression(model, Some(&table), expression)
                }
            };
        });
        writer.push(" FROM (").nested(&values.statement).push(") AS ");
        writer.name(NEW).push(" WHERE ");
        for (place, (column, name)) in values.keys.iter().enumerate() {
            writer.push(if place > 0 { " AND " } else { "" });
            writer.name(&table).push(".").name(column).push(" = ");
            writer.name(NEW).push(".").name(name);
        }
    }

    /// Lets the variable hold what its row is now.
    fn renew(
        &mut self,
        at: Span,
        model: &Model,
        found: &Found<'_>,
        is: Option<&Record>,
        said: &[SmolStr],
    ) -> Ran<()> {
        let Some((name, was)) = &found.variable else {
            return Ok(());
        };
        let Some(is) = is else {
            return if model.version.is_some() {
                Err(RunProblem::Stale { name: name.to_string(), model: model.name.to_string(), at })
            } else {
                Ok(())
            };
        };
        let held = Held::Row(renewed(was, is, said));
        self.environment.change(name, held);
        Ok(())
    }

    /// `User destroy < where: (..), force >`, `ann destroy`
    pub(super) fn destroy(
        &mut self,
        at: Span,
        id: ModelId,
        target: &Target,
        force: bool,
    ) -> Ran<u64> {
        let schema = self.scripts.schema;
        let model = &schema[id];
        let found = self.find_target(at, id, target, force)?;
        if let (true, false, Some(deleted)) = (model.paranoid, force, model.deleted_at) {
            let now = self.now();
            return self.mark(at, model, &found, deleted, now);
        }
        let mut writer = Writer::with_parameters(self.database.dialect());
        writer.push("DELETE FROM ").name(&model.full_table());
        writer.push(" WHERE ").nested(&found.condition);
        let count = self.delete(at, id, &writer.finish(), &found.condition)?;
        if let (0, Some((name, _)), Some(_)) = (count, &found.variable, model.version) {
            return Err(RunProblem::Stale {
                name: name.to_string(),
                model: model.name.to_string(),
                at,
            });
        }
        Ok(count)
    }

    /// `User restore < where: (..) >`, `ann restore`
    pub(super) fn restore(&mut self, at: Span, id: ModelId, target: &Target) -> Ran<u64> {
        let schema = self.scripts.schema;
        let model = &schema[id];
        let Some(deleted) = model.deleted_at else {
            return Ok(0);
        };
        let mut found = self.find_target(at, id, target, true)?;
        let mut writer = Writer::with_parameters(self.database.dialect());
        writer.nested(&found.condition).push(" AND ");
        writer.name(&model.attribute(deleted).column).push(" IS NOT NULL");
        found.condition = writer.finish();
        self.mark(at, model, &found, deleted, Value::Null)
    }

    /// Sets the attribute that marks rows as deleted.
    fn mark(
        &mut self,
        at: Span,
        model: &Model,
        found: &Found<'_>,
        deleted: AttributeId,
        value: Value,
    ) -> Ran<u64> {
        let attribute = model.attribute(deleted);
        let mut writer = Writer::with_parameters(self.database.dialect());
        writer.push("UPDATE ").name(&model.full_table()).push(" SET ");
        writer.name(&attribute.column).push(" = ").value(&value);
        write_version(&mut writer, model);
        writer.push(" WHERE ").nested(&found.condition);
        let sql = writer.finish();
        let done = self.execute_sql(&sql.text, &sql.parameters);
        let count = done.map_err(|it| self.failure(it, at))?;
        if let (0, Some((name, _)), Some(_)) = (count, &found.variable, model.version) {
            return Err(RunProblem::Stale {
                name: name.to_string(),
                model: model.name.to_string(),
                at,
            });
        }
        if let (Some((name, was)), true) = (&found.variable, count > 0) {
            let is = super::rows::with(was, [(attribute.name.clone(), Item::Value(value))]);
            let is = later_version(model, &is, 1).unwrap_or(is);
            self.environment.change(name, Held::Row(is));
        }
        Ok(count)
    }

    /// `User truncate`
    pub(super) fn truncate(&mut self, at: Span, id: ModelId) -> Ran<u64> {
        let schema = self.scripts.schema;
        let mut writer = Writer::with_parameters(self.database.dialect());
        writer.push("DELETE FROM ").name(&schema[id].full_table());
        let sql = writer.finish();
        let all = Sql { text: "1 = 1".to_owned(), parameters: Vec::new() };
        self.delete(at, id, &sql, &all)
    }

    /// Deletes the rows that a condition finds; returns how many these are.
    fn delete(&mut self, at: Span, id: ModelId, sql: &Sql, condition: &Sql) -> Ran<u64> {
        if !cascades_to_itself(self.scripts.schema, id) {
            let done = self.execute_sql(&sql.text, &sql.parameters);
            return done.map_err(|it| self.refused_delete(it, at, id, condition));
        }
        // Rows that go with another one before it is their turn the database doesn't count.
        let mut writer = Writer::with_parameters(self.database.dialect());
        writer.push("SELECT count(*) FROM ").name(&self.model(id).full_table());
        writer.push(" WHERE ").nested(condition);
        let count = writer.finish();
        self.whole(at, |it| {
            let found = it.number(at, &count)?;
            let done = it.execute_sql(&sql.text, &sql.parameters);
            done.map_err(|error| it.refused_delete(error, at, id, condition))?;
            Ok(found)
        })
    }

    /// `ann reload`
    pub(super) fn reload(&mut self, at: Span, name: &SmolStr, id: ModelId) -> Ran<Record> {
        let schema = self.scripts.schema;
        let was = self.row_of(name, at)?;
        let identity = self.identity_of(at, name, id, &was)?;
        let rows = self.rows_where(at, id, identified(&schema[id], &identity))?;
        let Some(is) = rows.into_iter().next() else {
            let (key, value) = identity.into_iter().next().unzip();
            let key = key.map_or("key", |it| schema[id].attribute(it).name.as_str());
            let value = value.map_or_else(String::new, |it| crate::client::told(&it));
            return Err(no_row(&schema[id], key, &value, at));
        };
        self.environment.change(name, Held::Row(is.clone()));
        Ok(is)
    }

    /// What tells a variable's row from all others.
    pub(super) fn identity_of(
        &self,
        at: Span,
        name: &SmolStr,
        model: ModelId,
        row: &Record,
    ) -> Ran<Identity> {
        self.identity(model, row).ok_or_else(|| RunProblem::Unread {
            what: format!(
                "the primary key of `{name}`, a `{}`, was not read",
                self.model(model).name
            ),
            at,
            help: "without it nothing tells which row is meant".to_owned(),
        })
    }

    /// The rows that a sentence is about.
    fn find_target<'t>(
        &mut self,
        at: Span,
        id: ModelId,
        target: &'t Target,
        with_deleted: bool,
    ) -> Ran<Found<'t>> {
        let schema = self.scripts.schema;
        let model = &schema[id];
        match target {
            Target::Variable(name, _) => {
                let row = self.row_of(name, at)?;
                let mut identity = self.identity_of(at, name, id, &row)?;
                if let Some(version) = model.version {
                    let known = self.read_of(at, id, version, &row)?;
                    identity.push((version, known));
                }
                let mut writer = Writer::with_parameters(self.database.dialect());
                identified(model, &identity)(&mut writer);
                Ok(Found { condition: writer.finish(), variable: Some((name, row)) })
            }
            Target::Query(query) => {
                let mut query = self.bind_query(query, at)?;
                query.with_deleted |= with_deleted;
                Ok(Found { condition: self.keys_in(id, query), variable: None })
            }
        }
    }

    /// The condition that leaves what a query finds.
    pub(super) fn keys_in(&mut self, id: ModelId, query: Query) -> Sql {
        let schema = self.scripts.schema;
        let model = &schema[id];
        let dialect = self.database.dialect();
        let plain = query.scopes.is_empty()
            && query.limit.is_none()
            && query.offset.is_none()
            && query.include.is_empty()
            && query.group.is_empty()
            && !query.distinct
            && (query.unscoped || model.scopes.iter().all(|it| it.name != "default"))
            && query.filter.as_ref().is_none_or(|it| is_own(model, it));
        let mut writer = Writer::with_parameters(dialect);
        if plain {
            let live = model.deleted_at.filter(|_| model.paranoid && !query.with_deleted);
            match (&query.filter, live) {
                (None, None) => {
                    writer.push("1 = 1");
                }
                (Some(filter), None) => {
                    writer.push("(").expression(model, filter).push(")");
                }
                (filter, Some(deleted)) => {
                    if let Some(filter) = filter {
                        writer.push("(").expression(model, filter).push(") AND ");
                    }
                    writer.name(&model.attribute(deleted).column).push(" IS NULL");
                }
            }
            return writer.finish();
        }
        let mut query = query;
        query.model = Some(id);
        query.attributes = None;
        let (names, statement) = self.reader().keys(&query);
        match names.as_slice() {
            [one] => writer.name(one),
            names => writer.names(names.iter().copied()),
        };
        writer.push(" IN (").nested(&statement).push(")");
        writer.finish()
    }

    /// Sets these values where one of them is another.
    pub(super) fn set_where_not(
        &mut self,
        at: Span,
        id: ModelId,
        values: &[(AttributeId, Value)],
        identity: &[(AttributeId, Value)],
    ) -> Ran<u64> {
        let schema = self.scripts.schema;
        let model = &schema[id];
        let mut sets: Vec<(AttributeId, Value)> = values.to_vec();
        if let Some(stamp) = model.updated_at {
            sets.push((stamp, self.now()));
        }
        let mut writer = Writer::with_parameters(self.database.dialect());
        writer.push("UPDATE ").name(&model.full_table()).push(" SET ");
        writer.list(&sets, |writer, (attribute, value)| {
            writer.name(&model.attribute(*attribute).column).push(" = ").value(value);
        });
        write_version(&mut writer, model);
        writer.push(" WHERE ");
        identified(model, identity)(&mut writer);
        writer.push(" AND (");
        for (place, (attribute, value)) in values.iter().enumerate() {
            if place > 0 {
                writer.push(" OR ");
            }
            writer.name(&model.attribute(*attribute).column).push(" IS NOT ").value(value);
        }
        writer.push(")");
        let sql = writer.finish();
        let done = self.execute_sql(&sql.text, &sql.parameters);
        done.map_err(|it| self.refused_change(it, at, id, values))
    }
}

/// The places in documents that are set, but for those that a later one replaces.
fn places_of(sets: &[(AttributeId, Vec<Part>)]) -> Vec<Place> {
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

/// Whether a document has something at a place: SQLite's `json_set` passes over what it can't put there.
fn write_is_there(writer: &mut Writer<'_>, column: &str, path: &[JsonStep]) {
    writer.push("json_type(").name(column).push(", ");
    writer.value(&Value::Text(super::evaluate::json_path(path).into()));
    writer.push(") IS NOT NULL");
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
fn sets_of(sets: &[(AttributeId, Set)]) -> Vec<(AttributeId, Value)> {
    sets.iter()
        .filter_map(|(attribute, set)| match set {
            Set::Value(value) => Some((*attribute, value.clone())),
            Set::Computed(_) => None,
        })
        .collect()
}

/// A value as SQLite's JSON functions take it.
pub(super) fn write_json_value(writer: &mut Writer<'_>, value: &Value) {
    match value {
        Value::Bool(it) => {
            writer.push(if *it { "json('true')" } else { "json('false')" });
        }
        Value::Json(_) => {
            writer.push("json(").value(value).push(")");
        }
        Value::Date(it) => {
            writer.value(&Value::Text(iso(it)));
        }
        Value::Null
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Decimal(_)
        | Value::Text(_)
        | Value::Blob(_) => {
            writer.value(value);
        }
    }
}

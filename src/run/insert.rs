//! `create`: rows into tables, each behind those that it refers to.

use super::batch::rows_at_once;
use super::draft::{Beside, Cell, Draft, RelatedRowDraft, There};
use super::rows::{names, readings, record, with, write_columns};
use super::validate::Wrong;
use super::{Ran, Runner};
use crate::diagnostics::RunProblem;
use crate::ir::{
    Association, AssociationKind, Attribute, AttributeId, Computed, DataType, Default, Expression,
    ForeignKey, KeyTarget, Model, ModelId, NewRow, Write,
};
use crate::record::{Item, Reading, Record};
use crate::source::Span;
use crate::sql::{Dialect, Writer};
use crate::value::Value;
use smol_str::SmolStr;
use std::cell::OnceCell;
use std::ops::ControlFlow;
use std::sync::Arc;

/// What is done where a row is there already.
#[derive(Debug, Clone, PartialEq, std::default::Default)]
pub(super) struct Conflict {
    /// What makes a row the same; anything unique where it is empty.
    pub(super) fields: Vec<AttributeId>,
    /// What of it is changed; nothing where it is empty.
    pub(super) update: Vec<AttributeId>,
}

/// How rows of one model and of the same attributes are inserted.
#[derive(Debug)]
pub(super) struct Insert {
    pub(super) sql: String,
    /// The attributes that are given.
    given: Vec<AttributeId>,
    names: Arc<[SmolStr]>,
    readings: Vec<Reading>,
    /// Whether the database tells what became of the row.
    returns: bool,
    /// Whether a row that is there already is left as it is.
    may_pass: bool,
    /// The values of what it tells: of VIRTUAL attributes.
    last: Vec<Value>,
    /// How many rows one statement may take.
    pub(super) rows: usize,
    /// The statement that takes so many, once it has been asked for.
    many: OnceCell<String>,
}

impl Insert {
    /// For rows like `draft`, of which it is told what became of them.
    pub(super) fn of(
        dialect: &Dialect,
        model: &Model,
        draft: &Draft,
        conflict: Option<&Conflict>,
    ) -> Self {
        let returns = conflict.is_some() || !foreseen(model, draft);
        Self::new(dialect, model, draft, conflict, returns)
    }

    /// For rows like `draft`, of which nothing is told.
    pub(super) fn silent(dialect: &Dialect, model: &Model, draft: &Draft) -> Self {
        Self::new(dialect, model, draft, None, false)
    }

    fn new(
        dialect: &Dialect,
        model: &Model,
        draft: &Draft,
        conflict: Option<&Conflict>,
        returns: bool,
    ) -> Self {
        let given: Vec<AttributeId> = model
            .columns()
            .map(|(id, _)| id)
            .filter(|id| *draft.cell(*id) != Cell::Absent)
            .collect();
        let mut writer = Writer::with_parameters(dialect);
        write_rows(&mut writer, model, draft, &given, 1);
        if let Some(conflict) = conflict {
            write_conflict(&mut writer, model, conflict);
        }
        let mut last = Vec::new();
        if returns {
            let mut columns = Writer::with_parameters(dialect);
            write_columns(&mut columns, model);
            let columns = columns.finish();
            writer.push(" RETURNING ").push(&columns.text);
            last = columns.parameters;
        }
        let alone = returns || draft.has_raw() || refers_to_itself(model, draft.model);
        Self {
            sql: writer.finish().text,
            rows: if alone { 1 } else { rows_at_once(given.len()) },
            given,
            names: names(model),
            readings: readings(model),
            returns,
            may_pass: conflict.is_some_and(|it| it.update.is_empty()),
            last,
            many: OnceCell::new(),
        }
    }

    /// The statement that inserts [`Self::rows`] rows like `draft`.
    pub(super) fn many(&self, dialect: &Dialect, model: &Model, draft: &Draft) -> &str {
        self.many.get_or_init(|| {
            let mut writer = Writer::with_parameters(dialect);
            write_rows(&mut writer, model, draft, &self.given, self.rows);
            writer.finish().text
        })
    }

    /// Whether `draft` has the same attributes, none of them raw SQL.
    pub(super) fn fits(&self, draft: &Draft) -> bool {
        let mut given = self.given.iter();
        let same = draft.cells.iter().enumerate().all(|(place, cell)| match cell {
            Cell::Absent => true,
            Cell::Raw(_) => false,
            Cell::Value(_) | Cell::Later => given.next().is_some_and(|it| it.0 as usize == place),
        });
        same && given.next().is_none()
    }

    /// Adds the values of a row, in the order of the statement's parameters.
    pub(super) fn parameters(&self, draft: &Draft, into: &mut Vec<Value>) {
        for id in &self.given {
            match draft.cell(*id) {
                Cell::Value(value) => into.push(value.clone()),
                Cell::Raw(expression) => parameters_of(expression, into),
                Cell::Later | Cell::Absent => into.push(Value::Null),
            }
        }
        into.extend_from_slice(&self.last);
    }

    /// The values of rows for which [`Self::many`] is.
    pub(super) fn values<'d>(&'d self, drafts: &'d [Draft]) -> impl Iterator<Item = &'d Value> {
        let of = |draft: &'d Draft| {
            self.given.iter().map(move |id| match draft.cell(*id) {
                Cell::Value(value) => value,
                Cell::Raw(_) | Cell::Later | Cell::Absent => &Value::Null,
            })
        };
        drafts.iter().flat_map(of)
    }

    /// A row of these cells as the database has it now, by the number that the database gave it, if it did.
    pub(super) fn as_written(
        &self,
        model: &Model,
        cells: impl IntoIterator<Item = Cell>,
        number: i64,
    ) -> Record {
        let mut readings = self.readings.iter();
        let mut items = Vec::with_capacity(self.readings.len());
        for (attribute, cell) in model.attributes.iter().zip(cells) {
            if matches!(attribute.data_type, DataType::Virtual) {
                continue;
            }
            let reading = readings.next().copied().unwrap_or(Reading::Plain);
            items.push(Item::Value(match cell {
                cell if numbers(model, attribute, &cell) => Value::Integer(number),
                Cell::Value(value) => as_kept(value, reading),
                Cell::Absent | Cell::Later | Cell::Raw(_) => Value::Null,
            }));
        }
        Record::new(Arc::clone(&self.names), items)
    }
}

/// Whether the database gives a row its number. A null in a key that numbers itself is as good as nothing.
pub(super) fn is_numbered(model: &Model, draft: &Draft) -> bool {
    let mut columns = model.columns();
    columns.any(|(id, it)| numbers(model, it, draft.cell(id)))
}

fn numbers(model: &Model, attribute: &Attribute, cell: &Cell) -> bool {
    attribute.primary_key
        && attribute.not_null
        && !model.without_rowid
        && !matches!(cell, Cell::Value(value) if *value != Value::Null)
}

/// Whether rows of a model may refer to others of it: then each has to be there before the next one comes. What raw SQL
/// says isn't known.
pub(super) fn refers_to_itself(model: &Model, own: ModelId) -> bool {
    let raw = |it: &Attribute| matches!(it.data_type, DataType::Raw(_));
    let to_itself = |it: &ForeignKey| match &it.target {
        KeyTarget::Model(target, _) => *target == own,
        KeyTarget::Table(name, _) => name.eq_ignore_ascii_case(&model.full_table()),
    };
    !model.clauses.is_empty()
        || model.attributes.iter().any(raw)
        || model.foreign_keys.iter().any(to_itself)
}

/// `INSERT INTO .. VALUES (..), (..)`
fn write_rows(
    writer: &mut Writer<'_>,
    model: &Model,
    draft: &Draft,
    given: &[AttributeId],
    rows: usize,
) {
    writer.push("INSERT INTO ").name(&model.full_table());
    if given.is_empty() {
        writer.push(" DEFAULT VALUES");
        return;
    }
    writer.push(" ");
    writer.names(given.iter().map(|id| model.attribute(*id).column.as_str()));
    writer.push(" VALUES ");
    writer.list(0..rows, |writer, _| {
        writer.push("(");
        writer.list(given, |writer, id| match draft.cell(*id) {
            Cell::Raw(expression) => {
                writer.value_expression(model, expression);
            }
            Cell::Value(_) | Cell::Later | Cell::Absent => {
                writer.value(&Value::Null);
            }
        });
        writer.push(")");
    });
}

/// The literals of an expression, in the order in which they are written.
fn parameters_of(expression: &Expression, into: &mut Vec<Value>) {
    let mut writer = Writer::with_parameters(Dialect::SQLITE);
    writer.expression(&Model::default(), expression);
    into.extend(writer.finish().parameters);
}

fn write_conflict(writer: &mut Writer<'_>, model: &Model, conflict: &Conflict) {
    writer.push(" ON CONFLICT ");
    if !conflict.fields.is_empty() {
        let columns = conflict.fields.iter();
        writer.names(columns.map(|id| model.attribute(*id).column.as_str()));
        writer.push(" ");
    }
    if conflict.update.is_empty() {
        writer.push("DO NOTHING");
        return;
    }
    writer.push("DO UPDATE SET ");
    writer.list(&conflict.update, |writer, id| {
        let column = &model.attribute(*id).column;
        writer.name(column).push(" = excluded.").name(column);
    });
    if let Some(version) = model.version {
        let column = &model.attribute(version).column;
        writer.push(", ").name(column).push(" = ");
        writer.name(&model.full_table()).push(".").name(column);
        writer.push(" + 1");
    }
}

/// Whether all of a row is known before it is written, its number aside.
fn foreseen(model: &Model, draft: &Draft) -> bool {
    let numbered = |id: AttributeId, it: &Attribute| {
        !model.without_rowid
            && model.primary_key == [id]
            && matches!(it.data_type, DataType::Integer(_))
    };
    model.attributes().all(|(id, attribute)| {
        let computes = matches!(
            attribute.computed.as_deref(),
            Some(Computed::Get(_) | Computed::Generated { .. })
        );
        let raw = matches!(attribute.data_type, DataType::Raw(_) | DataType::Foreign(_));
        !computes
            && match draft.cell(id) {
                Cell::Raw(_) => false,
                Cell::Value(value) => !raw || *value == Value::Null,
                Cell::Later => true,
                Cell::Absent => {
                    numbered(id, attribute)
                        || matches!(
                            attribute.default.as_deref(),
                            None | Some(Default::Now | Default::UuidV4 | Default::UuidV1)
                        )
                }
            }
    })
}

impl Runner<'_> {
    /// `User create { .. }`
    pub(super) fn create(&mut self, at: Span, row: &NewRow, write: &Write) -> Ran<Record> {
        let mut wrong = Wrong::default();
        let draft = self.draft(row, write, &[], &[], &mut wrong)?;
        wrong.problem(at)?;
        if draft.related.is_empty() {
            return self.insert(at, &draft, None).map(or_empty);
        }
        self.whole(at, |it| {
            it.keys_at_end(
                at,
                |it| it.insert_all(at, draft.clone()),
                |it| it.refers_to_nothing(at, std::slice::from_ref(&draft)),
            )
        })
    }

    /// A row and all beside it.
    pub(super) fn insert_all(&mut self, at: Span, mut draft: Draft) -> Ran<Record> {
        let schema = self.scripts.schema;
        let related = std::mem::take(&mut draft.related);
        let mut members: Vec<(SmolStr, Item)> = Vec::with_capacity(related.len());
        let mut behind = Vec::new();
        for related in related {
            let association = &schema[related.association];
            if association.kind != AssociationKind::BelongsTo {
                behind.push((association, related.rows));
                continue;
            }
            let mut item = Item::Value(Value::Null);
            for row in related.rows {
                let parent = match row.row {
                    Beside::New(parent) => self.insert_all(at, parent)?,
                    Beside::There(there) => match there.into_iter().next() {
                        Some(there) => there.row,
                        None => continue,
                    },
                };
                let key = self.key_of(at, association.target, association.referenced, &parent)?;
                draft.set(association.foreign_key, Cell::Value(key));
                item = Item::Record(parent);
            }
            members.push((association.name.clone(), item));
        }
        let row = or_empty(self.insert(at, &draft, None)?);
        for (association, rows) in behind {
            let key = self.attribute_of(at, association.source, association.referenced, &row)?;
            if !rows.is_empty() {
                self.not_null(at, association.source, association.referenced, &key)?;
            }
            let mut found = Vec::with_capacity(rows.len());
            for related in rows {
                self.insert_beside(at, association, &key, related, &mut found)?;
            }
            let item = if association.is_to_many() {
                Item::List(found)
            } else {
                found.into_iter().next_back().map_or(Item::Value(Value::Null), Item::Record)
            };
            members.push((association.name.clone(), item));
        }
        Ok(with(&row, members))
    }

    /// A row behind the one that it refers to.
    pub(super) fn insert_beside(
        &mut self,
        at: Span,
        association: &Association,
        key: &Value,
        related: RelatedRowDraft,
        found: &mut Vec<Record>,
    ) -> Ran<()> {
        let schema = self.scripts.schema;
        let rows = match related.row {
            Beside::New(mut draft) => {
                if association.through.is_none() {
                    draft.set(association.foreign_key, Cell::Value(key.clone()));
                }
                vec![self.insert_all(at, draft)?]
            }
            Beside::There(there) => {
                let mut rows = Vec::with_capacity(there.len());
                for There { identity, row } in there {
                    if association.through.is_none() {
                        self.attach(at, association, key, &There { identity, row: row.clone() })?;
                        let name = schema[association.target]
                            .attribute(association.foreign_key)
                            .name
                            .clone();
                        rows.push(with(&row, [(name, Item::Value(key.clone()))]));
                    } else {
                        rows.push(row);
                    }
                }
                rows
            }
        };
        if let (Some(through), Some(mut draft)) = (&association.through, related.through) {
            for row in rows {
                let other = self.key_of(at, association.target, through.target_key, &row)?;
                draft.set(association.foreign_key, Cell::Value(key.clone()));
                draft.set(through.other_key, Cell::Value(other));
                let link = or_empty(self.insert(at, &draft, None)?);
                let name = schema[through.model].name.clone();
                found.push(with(&row, [(name, Item::Record(link))]));
            }
        } else {
            found.extend(rows);
        }
        Ok(())
    }

    /// One row; none where it is there already and is left as it is.
    pub(super) fn insert(
        &mut self,
        at: Span,
        draft: &Draft,
        conflict: Option<&Conflict>,
    ) -> Ran<Option<Record>> {
        let schema = self.scripts.schema;
        let insert = Insert::of(self.database.dialect(), &schema[draft.model], draft, conflict);
        self.insert_by(at, &insert, draft, &mut Vec::new())
    }

    /// One row, by a statement that is known.
    pub(super) fn insert_by(
        &mut self,
        at: Span,
        insert: &Insert,
        draft: &Draft,
        parameters: &mut Vec<Value>,
    ) -> Ran<Option<Record>> {
        let schema = self.scripts.schema;
        parameters.clear();
        insert.parameters(draft, parameters);
        if insert.returns {
            let mut found = None;
            let asked = self.query_sql(&insert.sql, parameters, &mut |row| {
                found = Some(record(&insert.names, &insert.readings, row));
                ControlFlow::Continue(())
            });
            asked.map_err(|it| self.refused_row(it, at, draft))?;
            if found.is_none() && !insert.may_pass {
                return Err(self.not_written(at, draft));
            }
            return Ok(found);
        }
        let written = self.execute_sql(&insert.sql, parameters);
        if written.map_err(|it| self.refused_row(it, at, draft))? == 0 {
            // The number of the last row is another one's.
            return Err(self.not_written(at, draft));
        }
        let number = self.database.last_row();
        let cells = draft.cells.iter().cloned();
        Ok(Some(insert.as_written(&schema[draft.model], cells, number)))
    }

    /// The database has let a new row go without a word.
    pub(super) fn not_written(&self, at: Span, draft: &Draft) -> RunProblem {
        RunProblem::NotWritten { model: self.scripts.schema[draft.model].name.to_string(), at }
    }

    /// Lets a row that is there refer to the row of that key.
    pub(super) fn attach(
        &mut self,
        at: Span,
        association: &Association,
        key: &Value,
        there: &There,
    ) -> Ran<u64> {
        let schema = self.scripts.schema;
        let mut wrong = Wrong::default();
        for it in association.scope.iter().filter(|it| it.only().is_none()) {
            let has = self.attribute_of(at, association.target, it.attribute, &there.row)?;
            wrong.out_of_scope(&schema[association.target], it, &has, at);
        }
        wrong.problem(at)?;
        let values = attached(association, key);
        self.set_where_not(at, association.target, &values, &there.identity)
    }
}

/// What a row holds that was linked to the row of that key.
pub(super) fn attached(association: &Association, key: &Value) -> Vec<(AttributeId, Value)> {
    let mut values = vec![(association.foreign_key, key.clone())];
    let scope = association.scope.iter();
    values.extend(scope.filter_map(|it| Some((it.attribute, it.only()?.clone()))));
    values
}

/// The row; one without members where there is none.
pub(super) fn or_empty(row: Option<Record>) -> Record {
    row.unwrap_or_else(|| Record::new([].into(), Vec::new()))
}

/// A value that was written, as it is read.
fn as_kept(value: Value, reading: Reading) -> Value {
    match (&value, reading) {
        (Value::Decimal(digits), Reading::Decimal(_)) => match digits.parse::<f64>() {
            // The database keeps a float; what it has of the digits is read.
            Ok(number) if digits.parse::<i64>().is_err() => reading.read(&Value::Float(number)),
            _ => reading.read(&digits.parse().map_or(Value::Null, Value::Integer)),
        },
        _ => value,
    }
}

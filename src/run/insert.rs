//! `create`: rows into tables, each behind those that it refers to.

use super::conflicts::one_key;
use super::draft::{Cell, RelatedRowDraft, RelatedRows, RowDraft};
use super::references::ExistingRow;
use super::refresh::named_values;
use super::rows::{deleted, record, with_members};
use super::shared_columns::{keeps_other_keys, refer};
use super::validate::ValidationErrors;
use super::{RunResult, Runner};
use crate::diagnostics::RunProblem;
use crate::ir::{
    Association, AssociationKind, Attribute, AttributeId, Computed, DataType, Default, ForeignKey,
    KeyTarget, Model, ModelId, NewRow, Write,
};
use crate::plan::{Conflict, Planner, Set, model_shape};
use crate::record::{Content, Decoding, Item, Record, Shape};
use crate::source::Span;
use crate::sql::Sql;
use crate::value::Value;
use smol_str::SmolStr;
use std::cell::OnceCell;
use std::ops::ControlFlow;
use std::sync::Arc;

/// How rows of one model and of the same attributes are inserted.
#[derive(Debug)]
pub(super) struct PreparedInsert {
    /// The statement for the row that it was made for; another one's has other parameters.
    pub(super) sql: Sql,
    /// The attributes that are given.
    given: Vec<AttributeId>,
    /// What a row is.
    pub(super) shape: Shape,
    /// Whether the database computes something of the row: then the statement is for that row alone.
    raw: bool,
    /// Whether the database tells what became of the row.
    pub(super) returns: bool,
    /// Whether a row that is there already is left as it is.
    pub(super) may_pass: bool,
    /// What is done where a row is there already.
    conflict: Option<Conflict>,
    /// How many rows one statement may take.
    pub(super) rows: usize,
    /// The statement that takes so many, once it has been asked for.
    many: OnceCell<String>,
}

impl PreparedInsert {
    /// For rows like `draft`, of which it is told what became of them.
    pub(super) fn of(planner: &Planner<'_>, draft: &RowDraft, conflict: Option<&Conflict>) -> Self {
        let returns = conflict.is_some()
            || planner.dialect.tells_new_rows
            || !is_predictable(&planner.schema[draft.model], draft);
        Self::new(planner, draft, conflict, returns)
    }

    /// For rows like `draft`, of which nothing is told.
    pub(super) fn without_returning(
        planner: &Planner<'_>,
        draft: &RowDraft,
        conflict: Option<&Conflict>,
    ) -> Self {
        Self::new(planner, draft, conflict, false)
    }

    fn new(
        planner: &Planner<'_>,
        draft: &RowDraft,
        conflict: Option<&Conflict>,
        returns: bool,
    ) -> Self {
        let model = &planner.schema[draft.model];
        let cells = sets(planner, draft);
        let raw = draft.has_raw();
        let alone = (returns && !planner.dialect.tells_new_rows)
            || raw
            || refers_to_itself(model, draft.model);
        Self {
            sql: planner.insert(draft.model, &cells, 1, conflict, returns),
            rows: if alone { 1 } else { planner.dialect.rows_at_once(cells.len()) },
            given: cells.iter().map(|(id, _)| *id).collect(),
            shape: model_shape(model),
            raw,
            returns,
            may_pass: conflict.is_some_and(|it| it.update.is_empty()),
            conflict: conflict.cloned(),
            many: OnceCell::new(),
        }
    }

    /// The same, refused where the database would take another key for the one that makes a row the same.
    pub(super) fn of_one_key(
        self,
        planner: &Planner<'_>,
        model: ModelId,
        at: Span,
    ) -> RunResult<Self> {
        one_key(planner, (model, self.conflict.as_ref()), &self.given, at)?;
        Ok(self)
    }

    /// The statement that inserts [`Self::rows`] rows like `draft`.
    pub(super) fn many(&self, planner: &Planner<'_>, draft: &RowDraft) -> &str {
        self.many.get_or_init(|| {
            let (cells, conflict) = (sets(planner, draft), self.conflict.as_ref());
            planner.insert(draft.model, &cells, self.rows, conflict, self.returns).text
        })
    }

    /// Whether `draft` has the same attributes, none of them raw SQL.
    pub(super) fn fits(&self, draft: &RowDraft) -> bool {
        let mut given = self.given.iter();
        let same = draft.cells.iter().enumerate().all(|(place, cell)| match cell {
            Cell::Absent => true,
            Cell::Raw(_) => false,
            Cell::Value(_) | Cell::Later => given.next().is_some_and(|it| it.0 as usize == place),
        });
        same && given.next().is_none()
    }

    /// Adds the values of a row, in the order of the statement's parameters.
    pub(super) fn parameters(&self, draft: &RowDraft, into: &mut Vec<Value>) {
        if self.raw {
            into.extend_from_slice(&self.sql.parameters);
            return;
        }
        into.extend(self.values(std::slice::from_ref(draft)).cloned());
        into.extend(self.told_parameters().cloned());
    }

    /// The parameters of what is told of a row.
    pub(super) fn told_parameters(&self) -> impl Iterator<Item = &Value> {
        self.sql.parameters.iter().skip(self.given.len())
    }

    /// The values of rows for which [`Self::many`] is.
    pub(super) fn values<'d>(&'d self, drafts: &'d [RowDraft]) -> impl Iterator<Item = &'d Value> {
        let of = |draft: &'d RowDraft| {
            self.given.iter().map(move |id| match draft.cell(*id) {
                Cell::Value(value) => value,
                Cell::Raw(_) | Cell::Later | Cell::Absent => &Value::Null,
            })
        };
        drafts.iter().flat_map(of)
    }

    /// A row of these cells as the database has it now, by the number that the database gave it, if it did.
    pub(super) fn inserted_record(
        &self,
        model: &Model,
        cells: impl IntoIterator<Item = Cell>,
        number: i64,
    ) -> Record {
        let mut contents = self.shape.contents.iter();
        let mut items = Vec::with_capacity(self.shape.contents.len());
        for (attribute, cell) in model.attributes.iter().zip(cells) {
            if matches!(attribute.data_type, DataType::Virtual) {
                continue;
            }
            let content = contents.next();
            items.push(Item::Value(match cell {
                cell if numbers(model, attribute, &cell) => Value::Integer(number),
                Cell::Value(value) => as_read(value, content),
                Cell::Absent | Cell::Later | Cell::Raw(_) => Value::Null,
            }));
        }
        Record::new(Arc::clone(&self.shape.names), items)
    }
}

/// Whether the database gives a row its number. A null in a key that numbers itself is as good as nothing.
pub(super) fn is_numbered(model: &Model, draft: &RowDraft) -> bool {
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
    !model.clauses().is_empty()
        || model.attributes.iter().any(raw)
        || model.foreign_keys.iter().any(to_itself)
}

/// Whether all that rows of a model may refer to is known: raw SQL, and tables that no model is of, say nothing of it.
pub(super) fn tells_all_keys(model: &Model) -> bool {
    let raw = |it: &Attribute| matches!(it.data_type, DataType::Raw(_));
    model.clauses().is_empty()
        && !model.attributes.iter().any(raw)
        && model.foreign_keys.iter().all(|it| matches!(it.target, KeyTarget::Model(..)))
}

/// What the columns of a new row get.
fn sets(planner: &Planner<'_>, draft: &RowDraft) -> Vec<(AttributeId, Set)> {
    let columns = planner.schema[draft.model].columns();
    let columns = columns.filter(|(id, _)| !is_left_out(planner, draft, id.0 as usize));
    columns.filter_map(|(id, _)| Some((id, draft.cell(id).set()?))).collect()
}

/// Whether an attribute's null is as good as nothing, and the database wouldn't take it so.
fn is_left_out(planner: &Planner<'_>, draft: &RowDraft, place: usize) -> bool {
    let model = &planner.schema[draft.model];
    !planner.dialect.null_numbers
        && matches!(draft.cells.get(place), Some(Cell::Value(Value::Null)))
        && model.attributes.get(place).is_some_and(|it| it.auto_increment)
}

/// Whether all of a row is known before it is written, its number aside.
fn is_predictable(model: &Model, draft: &RowDraft) -> bool {
    model.attributes().all(|(id, attribute)| {
        let computes =
            matches!(attribute.computed(), Some(Computed::Get(_) | Computed::Generated { .. }));
        let raw = matches!(attribute.data_type, DataType::Raw(_) | DataType::Foreign(_));
        !computes
            && match draft.cell(id) {
                Cell::Raw(_) => false,
                Cell::Value(value) => !raw || *value == Value::Null,
                Cell::Later => true,
                Cell::Absent => {
                    model.is_rowid(id)
                        || matches!(
                            attribute.default.as_deref(),
                            None | Some(Default::Now | Default::UuidV4 | Default::UuidV1)
                        )
                }
            }
    })
}

/// New rows are written for a sentence.
pub(super) struct Inserter<'r, 'a> {
    pub(super) run: &'r mut Runner<'a>,
    pub(super) at: Span,
}

impl<'a> Runner<'a> {
    /// What writes new rows for the sentence `at`.
    pub(super) fn inserter(&mut self, at: Span) -> Inserter<'_, 'a> {
        Inserter { run: self, at }
    }
}

impl Inserter<'_, '_> {
    /// `User create { .. }`
    pub(super) fn create(&mut self, row: &NewRow, write: &Write) -> RunResult<Record> {
        let draft = self.run.draft_row(self.at, row, write)?;
        if draft.related.is_empty() {
            return self.insert(&draft, None).map(or_empty);
        }
        self.run.whole(self.at, |run| {
            run.keys_at_end(
                self.at,
                |it| it.inserter(self.at).insert_all(draft.clone()),
                |it| it.refusal(self.at).refers_to_nothing(std::slice::from_ref(&draft)),
            )
        })
    }

    /// A row and all beside it.
    pub(super) fn insert_all(&mut self, mut draft: RowDraft) -> RunResult<Record> {
        let schema = self.run.scripts.schema;
        let related = std::mem::take(&mut draft.related);
        let mut members: Vec<(SmolStr, Item)> = Vec::with_capacity(related.len());
        let mut behind = Vec::new();
        for related in related {
            let association = &schema[related.association];
            if association.kind != AssociationKind::BelongsTo {
                behind.push((association, related.rows));
                continue;
            }
            let item = self.refer_to(&mut draft, association, related.rows)?;
            members.push((association.name.clone(), item));
        }
        let row = or_empty(self.insert(&draft, None)?);
        for (association, rows) in behind {
            let (source, own) = (association.source, association.own_key());
            let key = self.run.values_of(self.at, source, own.clone(), &row)?;
            if !rows.is_empty() {
                self.run.not_null(self.at, source, own, &key)?;
            }
            let mut found = Vec::with_capacity(rows.len());
            for related in rows {
                self.insert_beside(association, &key, related, &mut found)?;
            }
            let item = if association.is_to_many() {
                Item::List(found)
            } else {
                found.into_iter().next_back().map_or(Item::Value(Value::Null), Item::Record)
            };
            members.push((association.name.clone(), item));
        }
        Ok(with_members(&row, members))
    }

    /// Lets a row refer to the one that stands for an association, which is written first where it is new.
    pub(super) fn refer_to(
        &mut self,
        draft: &mut RowDraft,
        association: &Association,
        rows: Vec<RelatedRowDraft>,
    ) -> RunResult<Item> {
        let mut item = Item::Value(Value::Null);
        for row in rows {
            let parent = match row.row {
                RelatedRows::New(parent) => self.insert_all(parent)?,
                RelatedRows::There(there) => match there.into_iter().next() {
                    Some(there) => there.row,
                    None => continue,
                },
            };
            let (target, to) = (association.target, association.target_key());
            let key = self.run.key_of(self.at, target, to, &parent)?;
            refer(self.run.scripts.schema, self.at, draft, &association.key, &key)?;
            item = Item::Record(parent);
        }
        Ok(item)
    }

    /// A row behind the one that it refers to.
    pub(super) fn insert_beside(
        &mut self,
        association: &Association,
        key: &[Value],
        related: RelatedRowDraft,
        found: &mut Vec<Record>,
    ) -> RunResult<()> {
        let schema = self.run.scripts.schema;
        let rows = match related.row {
            RelatedRows::New(mut draft) => {
                if association.through.is_none() {
                    refer(schema, self.at, &mut draft, &association.key, key)?;
                }
                vec![self.insert_all(draft)?]
            }
            RelatedRows::There(there) => {
                let mut rows = Vec::with_capacity(there.len());
                for ExistingRow { identity, row } in there {
                    if association.through.is_none() {
                        self.attach(association, key, &ExistingRow { identity, row: row.clone() })?;
                        let model = &schema[association.target];
                        let values: Vec<_> =
                            association.referring().zip(key.iter().cloned()).collect();
                        rows.push(with_members(&row, named_values(model, &values)));
                    } else {
                        rows.push(row);
                    }
                }
                rows
            }
        };
        if let (Some(through), Some(mut draft)) = (&association.through, related.through) {
            for row in rows {
                let (target, to) = (association.target, association.target_key());
                let other = self.run.key_of(self.at, target, to, &row)?;
                refer(schema, self.at, &mut draft, &association.key, key)?;
                refer(schema, self.at, &mut draft, &through.key, &other)?;
                let link = or_empty(self.insert(&draft, None)?);
                let name = schema[through.model].name.clone();
                found.push(with_members(&row, [(name, Item::Record(link))]));
            }
        } else {
            found.extend(rows);
        }
        Ok(())
    }

    /// One row; none where it is there already and is left as it is.
    pub(super) fn insert(
        &mut self,
        draft: &RowDraft,
        conflict: Option<&Conflict>,
    ) -> RunResult<Option<Record>> {
        let insert = PreparedInsert::of(&self.run.planner(), draft, conflict);
        self.insert_by(&insert, draft, &mut Vec::new())
    }

    /// One row, by a statement that is known.
    pub(super) fn insert_by(
        &mut self,
        insert: &PreparedInsert,
        draft: &RowDraft,
        parameters: &mut Vec<Value>,
    ) -> RunResult<Option<Record>> {
        let schema = self.run.scripts.schema;
        parameters.clear();
        insert.parameters(draft, parameters);
        if insert.returns {
            let mut found = None;
            let asked = self.run.query_sql(&insert.sql.text, parameters, &mut |row| {
                found = Some(record(&insert.shape, row));
                ControlFlow::Continue(())
            });
            asked.map_err(|it| self.run.refusal(self.at).refused_row(it, draft))?;
            let rows = u64::from(found.is_some());
            self.run.written.note(&insert.sql.text, || parameters.clone(), rows);
            if found.is_none() && !insert.may_pass {
                return Err(self.insert_ignored(draft));
            }
            self.count_given(std::slice::from_ref(draft))?;
            return Ok(found);
        }
        let written = self.run.execute_sql(&insert.sql.text, parameters);
        if written.map_err(|it| self.run.refusal(self.at).refused_row(it, draft))? == 0 {
            // The number of the last row is another one's.
            return Err(self.insert_ignored(draft));
        }
        let number = self.run.database.last_row();
        let cells = draft.cells.iter().cloned();
        Ok(Some(insert.inserted_record(&schema[draft.model], cells, number)))
    }

    /// The database has let a new row go without a word.
    pub(super) fn insert_ignored(&self, draft: &RowDraft) -> RunProblem {
        RunProblem::NotWritten {
            model: self.run.scripts.schema[draft.model].name.to_string(),
            at: self.at,
        }
    }

    /// Lets a row that is there refer to the row of that key.
    pub(super) fn attach(
        &mut self,
        association: &Association,
        key: &[Value],
        there: &ExistingRow,
    ) -> RunResult<u64> {
        let schema = self.run.scripts.schema;
        let model = &schema[association.target];
        let mark = model.deleted_at.filter(|_| model.paranoid).into_iter();
        let marks = self.run.values_of(self.at, association.target, mark, &there.row)?;
        if marks.iter().any(|it| *it != Value::Null) {
            return Err(deleted(model, &there.identity, self.at));
        }
        let mut wrong = ValidationErrors::default();
        let open = || association.scope.iter().filter(|it| it.only().is_none());
        let asked = open().map(|it| it.attribute);
        let has = self.run.values_of(self.at, association.target, asked, &there.row)?;
        for (it, has) in open().zip(&has) {
            wrong.out_of_scope(model, it, has, self.at);
        }
        wrong.problem(self.at)?;
        let values = attached(association, key);
        keeps_other_keys(self.run, self.at, association, &values, &there.identity)?;
        self.run.set_where_not(self.at, association.target, &values, &there.identity)
    }
}

/// What a row holds that was linked to the row of that key.
pub(super) fn attached(association: &Association, key: &[Value]) -> Vec<(AttributeId, Value)> {
    let mut values: Vec<_> = association.referring().zip(key.iter().cloned()).collect();
    let scope = association.scope.iter();
    values.extend(scope.filter_map(|it| Some((it.attribute, it.only()?.clone()))));
    values
}

/// The row; one without members where there is none.
pub(super) fn or_empty(row: Option<Record>) -> Record {
    row.unwrap_or_else(|| Record::new([].into(), Vec::new()))
}

/// A value that was written, as it is read.
fn as_read(value: Value, content: Option<&Content>) -> Value {
    match (&value, content) {
        (Value::Decimal(digits), Some(Content::Column(_, reading @ Decoding::Decimal(_)))) => {
            match digits.parse::<f64>() {
                // The database keeps a float; what it has of the digits is read.
                Ok(number) if digits.parse::<i64>().is_err() => reading.read(&Value::Float(number)),
                _ => reading.read(&digits.parse().map_or(Value::Null, Value::Integer)),
            }
        }
        _ => value,
    }
}

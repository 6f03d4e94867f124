//! `bulkCreate`: many rows, all or none.

use super::conflicts::{conflict_of, one_key};
use super::draft::{Cell, Drafting, RowDraft};
use super::insert::{PreparedInsert, is_numbered, refers_to_itself};
use super::references::rows_held;
use super::rows::record;
use super::{RunResult, Runner};
use crate::ir::{
    Attribute, AttributeId, Default, ListedRows, Model, ModelId, NewRows, Query, Schema, Write,
};
use crate::plan::{Conflict, RowCopy, model_shape};
use crate::record::Record;
use crate::source::Span;
use crate::sql::Dialect;
use crate::value::Value;
use std::ops::ControlFlow;

/// Progress is told after so many rows.
pub(super) const STEP: usize = 1000;

/// How far the rows of a sentence have been written.
#[derive(Default)]
struct BulkWriter {
    /// Whether one statement may take several rows.
    batches: bool,
    /// How the last row was inserted.
    insert: Option<PreparedInsert>,
    /// The number that the database gave it, if it did.
    number: Option<i64>,
    parameters: Vec<Value>,
    written: Vec<WrittenRow>,
}

/// What became of a row.
enum WrittenRow {
    /// It is as it was to be, with the number that the database gave it, if it did.
    Foreseen(i64),
    /// What the database says; none where it was there already, and is left as it is.
    Told(Option<Box<Record>>),
}

impl Runner<'_> {
    /// `User bulkCreate [ .. ]`
    pub(super) fn bulk_create(
        &mut self,
        at: Span,
        model: ModelId,
        rows: &NewRows,
        write: &Write,
    ) -> RunResult<Vec<Record>> {
        let schema = self.scripts.schema;
        let conflict = conflict_of(&schema[model], write);
        let mut drafting = Drafting::new(self);
        let mut drafts = Vec::new();
        match rows {
            NewRows::Listed(listed) => {
                drafts.reserve(listed.len());
                for it in listed {
                    match it {
                        ListedRows::Written(row) => {
                            drafts.push(drafting.draft(row, write, &[], &[])?);
                        }
                        ListedRows::Held(variable) => {
                            for row in rows_held(drafting.run, variable)? {
                                drafts.push(drafting.draft_of_record(
                                    model,
                                    &row,
                                    write,
                                    variable.span,
                                )?);
                            }
                        }
                    }
                }
            }
            NewRows::Found(query, span) => {
                let query = drafting.run.bind_query(query, at)?;
                let copied = drafting.run.whole(at, |run| {
                    copy_rows(run, at, (model, &query), write, conflict.as_ref())
                })?;
                if let Some(made) = copied {
                    return Ok(made);
                }
                for row in drafting.run.reader(at).find_all(&query)? {
                    drafts.push(drafting.draft_of_record(model, &row, write, *span)?);
                }
            }
        }
        drafting.wrong.problem(at)?;
        let alone = drafts.iter().all(|it| it.related.is_empty());
        let forward = !alone || refers_to_itself(&schema[model], model);
        let conflict = conflict.as_ref();
        let insert = |run: &mut Runner<'_>| Bulk { run, at, conflict }.insert_many(&drafts);
        let writing = self.whole(at, |run| {
            if !forward {
                return insert(run);
            }
            run.keys_at_end(at, insert, |it| it.refusal(at).refers_to_nothing(&drafts))
        })?;
        Ok(writing.records(schema, drafts))
    }
}

/// Rows that a query finds, by one statement. None, and nothing written, where something has to be done for each of them: a value
/// fitted or validated, a UUID made; and where the database refuses one, or doesn't write it, of which it is told then which it is.
fn copy_rows(
    run: &mut Runner<'_>,
    at: Span,
    (id, query): (ModelId, &Query),
    write: &Write,
    conflict: Option<&Conflict>,
) -> RunResult<Option<Vec<Record>>> {
    let model = &run.scripts.schema[id];
    if run.options.limits.rows.is_some() || run.options.limits.memory.is_some() {
        return Ok(None);
    }
    let Some(given) = run.planner().copied(id, query, write.fields.as_deref()) else {
        return Ok(None);
    };
    let is_given = |id: AttributeId| given.iter().any(|it| it.1 == id);
    let validated =
        |it: &Attribute| it.extra.as_ref().is_some_and(|extra| !extra.validators.is_empty());
    let chance =
        |it: &Attribute| matches!(it.default.as_deref(), Some(Default::UuidV4 | Default::UuidV1));
    for (id, attribute) in model.columns() {
        let each = if is_given(id) {
            (!write.unvalidated && validated(attribute)) || model.version == Some(id)
        } else {
            chance(attribute)
        };
        if each {
            return Ok(None);
        }
    }
    let mut draft = RowDraft::new(id, model, at);
    for (_, id) in &given {
        draft.set(*id, Cell::Later);
    }
    let mut drafting = Drafting::new(run);
    let draft = drafting.complete(draft, !write.unvalidated)?;
    if !drafting.wrong.is_empty() {
        return Ok(None);
    }
    let values = model.columns().filter_map(|(id, _)| match draft.cell(id) {
        Cell::Value(value) => Some((id, value.clone())),
        Cell::Absent | Cell::Raw(_) | Cell::Later => None,
    });
    let copy = RowCopy { target: id, query, given, fixed: values.collect() };
    let written: Vec<_> = copy.given.iter().map(|it| it.1).collect();
    one_key(&run.planner(), (id, conflict), &written, at)?;
    let Some((sql, count)) = run.planner().insert_found(&copy, conflict) else {
        return Ok(None);
    };
    let shape = model_shape(model);
    let mut made = Vec::new();
    // Where one that is there already may be left as it is, nobody knows why a row wasn't written.
    let all = conflict.is_none_or(|it| !it.update.is_empty());
    let found = if all { Some(run.number(at, &count)?) } else { None };
    let depth = run.environment.depth;
    run.database.savepoint(depth).map_err(|it| run.failure(it, at))?;
    let asked = run.query_sql(&sql.text, &sql.parameters, &mut |row| {
        made.push(record(&shape, row));
        ControlFlow::Continue(())
    });
    let done = match asked {
        Ok(()) => found.is_none_or(|it| usize::try_from(it) == Ok(made.len())),
        Err(error) if error.is_constraint() && !error.ended => false,
        Err(error) => return Err(run.failure(error, at)),
    };
    let ended = if done { run.database.release(depth) } else { run.database.rollback_to(depth) };
    ended.map_err(|it| run.failure(it, at))?;
    if !done {
        return Ok(None);
    }
    let rows = u64::try_from(made.len()).unwrap_or(u64::MAX);
    run.written.note(&sql.text, || sql.parameters.clone(), rows);
    Ok(Some(made))
}

/// What writes the rows of a sentence.
struct Bulk<'r, 'a> {
    run: &'r mut Runner<'a>,
    at: Span,
    /// What is done where a row is there already.
    conflict: Option<&'r Conflict>,
}

impl Bulk<'_, '_> {
    /// Rows that are known to be right.
    fn insert_many(&mut self, drafts: &[RowDraft]) -> RunResult<BulkWriter> {
        if self.conflict.is_none()
            && drafts.len() > Dialect::ROWS_AT_ONCE
            && let Some(written) = self.insert_batches(drafts)?
        {
            return Ok(written);
        }
        let mut writing = BulkWriter::default();
        self.insert_rows(drafts, &mut writing)?;
        Ok(writing)
    }

    /// Rows by few statements. None, and nothing written, where the database numbers them in a way that isn't foreseen.
    fn insert_batches(&mut self, drafts: &[RowDraft]) -> RunResult<Option<BulkWriter>> {
        let depth = self.run.environment.depth;
        let begun = self.run.database.savepoint(depth);
        begun.map_err(|it| self.run.failure(it, self.at))?;
        let mut writing = BulkWriter { batches: true, ..BulkWriter::default() };
        let foreseen = self.insert_rows(drafts, &mut writing)?;
        let ended = if foreseen {
            self.run.database.release(depth)
        } else {
            self.run.database.rollback_to(depth)
        };
        ended.map_err(|it| self.run.failure(it, self.at))?;
        Ok(foreseen.then_some(writing))
    }

    /// Rows in order. Whether all was as foreseen.
    fn insert_rows(&mut self, drafts: &[RowDraft], writing: &mut BulkWriter) -> RunResult<bool> {
        let schema = self.run.scripts.schema;
        let planner = self.run.planner();
        let mut told = 0;
        let mut rest = drafts;
        writing.written.reserve(drafts.len());
        while let Some(first) = rest.first() {
            let done = drafts.len() - rest.len();
            if done >= told {
                self.run.sink.progress(done, drafts.len());
                told += STEP;
            }
            let known = writing.insert.take().filter(|it| it.fits(first));
            let insert = match known {
                Some(insert) => insert,
                None => PreparedInsert::of(&planner, first, self.conflict).of_one_key(
                    &planner,
                    first.model,
                    self.at,
                )?,
            };
            let (alike, behind) =
                rest.split_at(writing.batch_length(&insert, &schema[first.model], rest));
            rest = behind;
            if alike.len() > 1 && alike.len() == insert.rows {
                if !self.insert_alike(&insert, alike, writing)? {
                    return Ok(false);
                }
            } else {
                for draft in alike {
                    self.insert_next(&insert, draft, writing)?;
                }
            }
            writing.insert = Some(insert);
        }
        self.run.sink.progress(drafts.len(), drafts.len());
        Ok(true)
    }

    /// One row, and all beside it.
    fn insert_next(
        &mut self,
        insert: &PreparedInsert,
        draft: &RowDraft,
        writing: &mut BulkWriter,
    ) -> RunResult<()> {
        writing.number = None;
        if !draft.related.is_empty() {
            let row = self.run.inserter(self.at).insert_all(draft.clone())?;
            writing.written.push(WrittenRow::Told(Some(Box::new(row))));
            return Ok(());
        }
        let row = self.run.inserter(self.at).insert_by(insert, draft, &mut writing.parameters)?;
        writing.written.push(WrittenRow::Told(row.map(Box::new)));
        if !insert.returns && is_numbered(self.run.model(draft.model), draft) {
            writing.number = Some(self.run.database.last_row());
        }
        Ok(())
    }

    /// As many rows as one statement takes. Whether they got the numbers behind that of the row before.
    fn insert_alike(
        &mut self,
        insert: &PreparedInsert,
        drafts: &[RowDraft],
        writing: &mut BulkWriter,
    ) -> RunResult<bool> {
        if insert.returns {
            let told = self.run.inserter(self.at).insert_told_batch(insert, drafts);
            let told = told.map_err(|it| *it.problem)?;
            self.run.inserter(self.at).count_given(drafts)?;
            let all = told.len() == drafts.len();
            writing.written.extend(told.into_iter().map(|it| WrittenRow::Told(Some(Box::new(it)))));
            return Ok(all);
        }
        let done = self.run.inserter(self.at).insert_batch(insert, drafts);
        if done.map_err(|it| *it.problem)? != drafts.len() as u64 {
            return Ok(false);
        }
        let mut numbers = 0..;
        if let Some(before) = writing.number {
            let last = self.run.database.last_row();
            if last.checked_sub(before) != i64::try_from(drafts.len()).ok() {
                return Ok(false);
            }
            numbers = before + 1..;
            writing.number = Some(last);
        }
        let numbers = numbers.take(drafts.len());
        writing.written.extend(numbers.map(WrittenRow::Foreseen));
        Ok(true)
    }
}

impl BulkWriter {
    /// The rows as the database has them now.
    fn records(self, schema: &Schema, drafts: Vec<RowDraft>) -> Vec<Record> {
        let Some(insert) = &self.insert else {
            return Vec::new();
        };
        let rows = drafts.into_iter().zip(self.written);
        let rows = rows.filter_map(|(draft, written)| match written {
            WrittenRow::Told(row) => row.map(|it| *it),
            WrittenRow::Foreseen(number) => {
                Some(insert.inserted_record(&schema[draft.model], draft.cells, number))
            }
        });
        rows.collect()
    }

    /// How many of the first rows of `rest` are alike, so that one statement could take them; one at least.
    fn batch_length(&self, insert: &PreparedInsert, model: &Model, rest: &[RowDraft]) -> usize {
        let numbered = rest.first().is_some_and(|it| is_numbered(model, it));
        // The first number shows where the database begins to count.
        let unknown = !insert.returns && numbered != self.number.is_some();
        if !self.batches || insert.rows == 1 || unknown {
            return 1;
        }
        let alike = |it: &&RowDraft| {
            it.related.is_empty() && insert.fits(it) && is_numbered(model, it) == numbered
        };
        let rows = rest.iter().take(insert.rows);
        rows.take_while(alike).count().max(1)
    }
}

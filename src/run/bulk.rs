//! `bulkCreate`: many rows, all or none.

use super::draft::Draft;
use super::insert::{Conflict, Insert};
use super::validate::Wrong;
use super::{Ran, Runner};
use crate::ir::{Model, ModelId, NewRow, Write};
use crate::record::Record;
use crate::source::Span;

/// Progress is told after so many rows.
pub(super) const STEP: usize = 1000;

impl Runner<'_> {
    /// `User bulkCreate [ .. ]`
    pub(super) fn bulk_create(
        &mut self,
        at: Span,
        model: ModelId,
        rows: &[NewRow],
        write: &Write,
    ) -> Ran<Vec<Record>> {
        let schema = self.scripts.schema;
        let mut wrong = Wrong::default();
        let mut drafts = Vec::with_capacity(rows.len());
        for row in rows {
            drafts.push(self.draft(row, write, &[], &[], &mut wrong)?);
        }
        wrong.problem(at)?;
        let conflict = conflict_of(&schema[model], write);
        self.whole(at, |it| it.insert_many(at, drafts, conflict.as_ref()))
    }

    /// Rows that are known to be right.
    fn insert_many(
        &mut self,
        at: Span,
        drafts: Vec<Draft>,
        conflict: Option<&Conflict>,
    ) -> Ran<Vec<Record>> {
        let schema = self.scripts.schema;
        let dialect = self.database.dialect();
        let all = drafts.len();
        let mut written = Vec::with_capacity(all);
        let mut insert: Option<Insert> = None;
        let mut parameters = Vec::new();
        for (done, draft) in drafts.into_iter().enumerate() {
            if done % STEP == 0 {
                self.sink.progress(done, all);
            }
            if !draft.related.is_empty() {
                written.push(self.insert_all(at, draft)?);
                continue;
            }
            let known = insert.take().filter(|it| it.fits(&draft));
            let current = known
                .unwrap_or_else(|| Insert::of(dialect, &schema[draft.model], &draft, conflict));
            // A row that is there already, and is left as it is, isn't among the written ones.
            written.extend(self.insert_by(at, &current, &draft, &mut parameters)?);
            insert = Some(current);
        }
        self.sink.progress(all, all);
        Ok(written)
    }
}

/// What is done where a row is there already.
fn conflict_of(model: &Model, write: &Write) -> Option<Conflict> {
    let fields = write.conflict_fields.clone().unwrap_or_default();
    let Some(update) = &write.update_on_duplicate else {
        return write.ignore_duplicates.then_some(Conflict {
            fields,
            update: Vec::new(),
        });
    };
    let mut update = update.clone();
    if let Some(stamp) = model.updated_at
        && !update.contains(&stamp)
    {
        update.push(stamp);
    }
    Some(Conflict { fields, update })
}

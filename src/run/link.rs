//! `ann addInvoice inv`: what a row does with its associations.

use super::draft::{Cell, ExistingRow, RelatedRowDraft, RelatedRows};
use super::insert::{attached, or_empty};
use super::rows::{Identity, later_version, renewed, value, with};
use super::validate::ValidationErrors;
use super::{Binding, RunResult, Runner, Yield};
use crate::diagnostics::RunProblem;
use crate::ir::{
    Assignment, Association, AssociationKind, AttributeId, Link, LinkAct, Model, ModelId, NewRow,
    RelatedRow, RowRef, Through, Write,
};
use crate::plan::{Condition, Set};
use crate::record::{Item, Record, write_value};
use crate::source::Span;
use crate::value::Value;
use smol_str::SmolStr;
use std::collections::HashMap;

/// The row that a sentence begins with.
struct LinkSource<'l> {
    name: &'l SmolStr,
    row: Record,
    identity: Identity,
    association: &'l Association,
    /// What rows refer to it by; of a `belongsTo` what it refers by.
    key: Value,
    /// The variables that hold rows of the association's target.
    holders: &'l [SmolStr],
}

impl Runner<'_> {
    /// What a row does with an association.
    pub(super) fn link(&mut self, at: Span, link: &Link) -> RunResult<Yield> {
        let schema = self.scripts.schema;
        let association = &schema[link.association];
        let row = self.row_of(&link.variable, at)?;
        let own = association.own_key();
        let key = self.attribute_of(at, link.model, own, &row)?;
        let identity = self.identity_of(at, &link.variable, link.model, &row)?;
        let subject = LinkSource {
            name: &link.variable,
            row,
            identity,
            association,
            key,
            holders: &link.holders,
        };
        Ok(match &link.act {
            LinkAct::Get(query) => {
                let query = self.bind_query(query, at)?;
                let rows = self.find_linked(at, link.association, &subject.key, &query)?;
                if association.is_to_many() {
                    Yield::Rows(rows)
                } else {
                    Yield::Row(rows.into_iter().next())
                }
            }
            LinkAct::Count(query) => {
                let query = self.bind_query(query, at)?;
                let count = self.count_linked(at, link.association, &subject.key, &query)?;
                Yield::Value(Value::Integer(i64::try_from(count).unwrap_or(i64::MAX)))
            }
            LinkAct::Has(rows) => Yield::Value(Value::Bool(self.has(at, &subject, rows)?)),
            LinkAct::Add(rows, values) => {
                Yield::Count(self.whole(at, |it| it.add(at, &subject, rows, values))?)
            }
            LinkAct::Set(rows, values) => {
                Yield::Count(self.whole(at, |it| it.set_links(at, &subject, rows, values))?)
            }
            LinkAct::Remove(rows) => {
                Yield::Count(self.whole(at, |it| it.remove(at, &subject, rows))?)
            }
            LinkAct::Create(row, values) => {
                let made = self.whole(at, |it| it.create_linked(at, &subject, row, values))?;
                self.renew_within(at, row)?;
                Yield::Row(Some(made))
            }
        })
    }

    /// The rows that are named, whether or not they are there.
    fn all_named(
        &mut self,
        at: Span,
        association: &Association,
        rows: &[RowRef],
    ) -> RunResult<Vec<ExistingRow>> {
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            all.extend(self.rows_named(association.target, row, at)?);
        }
        Ok(all)
    }

    fn all_there(
        &mut self,
        at: Span,
        association: &Association,
        rows: &[RowRef],
    ) -> RunResult<Vec<ExistingRow>> {
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            all.extend(self.rows_there(association.target, row, at)?);
        }
        Ok(all)
    }

    /// Whether all of these rows are linked.
    fn has(&mut self, at: Span, subject: &LinkSource<'_>, rows: &[RowRef]) -> RunResult<bool> {
        let association = subject.association;
        for there in self.all_named(at, association, rows)? {
            let which = Condition::Each(vec![
                Condition::linked(association, &subject.key),
                Condition::Has(there.identity),
                Condition::Live,
            ]);
            let sql = self.planner().number(association.target, &which);
            if self.number(at, &sql)? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `ann addInvoice inv < through: { .. } >`
    fn add(
        &mut self,
        at: Span,
        subject: &LinkSource<'_>,
        rows: &[RowRef],
        values: &[Assignment],
    ) -> RunResult<u64> {
        let there = self.all_there(at, subject.association, rows)?;
        let mut changes = RowChanges::default();
        let count = self.link_all(at, subject, &there, values, &mut changes)?;
        self.renew_held(subject, &changes);
        Ok(count)
    }

    /// Links rows that aren't yet.
    fn link_all(
        &mut self,
        at: Span,
        subject: &LinkSource<'_>,
        there: &[ExistingRow],
        values: &[Assignment],
        changes: &mut RowChanges,
    ) -> RunResult<u64> {
        let association = subject.association;
        if !there.is_empty() {
            self.is_linkable(at, subject)?;
        }
        let mut count = 0;
        for it in there {
            let done = match (&association.through, association.kind) {
                (Some(through), _) => {
                    let other = self.key_of(at, association.target, through.target_key, &it.row)?;
                    self.link_through(at, subject, through, &other, values)?
                }
                (None, AssociationKind::BelongsTo) => {
                    let key =
                        self.key_of(at, association.target, association.referenced, &it.row)?;
                    self.refer_to(at, subject, key, Some(&it.row))?
                }
                (None, _) => {
                    let done = self.attach(at, association, &subject.key, it)?;
                    let mut values = attached(association, &subject.key);
                    values.extend(self.stamped(association.target, done));
                    changes.add(&it.identity, values, done > 0);
                    done
                }
            };
            count += done;
        }
        Ok(count)
    }

    /// That rows can be linked to the subject: they refer to it by a key that it has.
    fn is_linkable(&self, at: Span, subject: &LinkSource<'_>) -> RunResult<()> {
        let association = subject.association;
        match association.kind {
            // It refers itself.
            AssociationKind::BelongsTo => Ok(()),
            AssociationKind::HasOne | AssociationKind::HasMany | AssociationKind::BelongsToMany => {
                let (model, key) = (association.source, association.referenced);
                self.not_null(at, model, key, &subject.key)
            }
        }
    }

    /// Lets the row itself refer to another, or to none.
    fn refer_to(
        &mut self,
        at: Span,
        subject: &LinkSource<'_>,
        key: Value,
        other: Option<&Record>,
    ) -> RunResult<u64> {
        let schema = self.scripts.schema;
        let association = subject.association;
        let model = &schema[association.source];
        let values = [(association.foreign_key, key.clone())];
        let mut identity = subject.identity.clone();
        if let Some(version) = model.version {
            let known = self.read_of(at, association.source, version, &subject.row)?;
            identity.push((version, known));
            let there = self.row_with(at, association.source, &identity)?;
            if there.is_none() {
                return Err(RunProblem::Stale {
                    name: subject.name.to_string(),
                    model: model.name.to_string(),
                    at,
                });
            }
        }
        let count = self.set_where_not(at, association.source, &values, &identity)?;
        let mut values = vec![(association.foreign_key, key)];
        values.extend(self.stamped(association.source, count));
        let mut row = with(&subject.row, named(model, &values));
        if count > 0 {
            row = later_version(model, &row, 1).unwrap_or(row);
        }
        // It may have been read with the row that it referred to.
        if row.get(&association.name).is_some() {
            let none = || Item::Value(Value::Null);
            let item = other.map_or_else(none, |it| Item::Record(it.clone()));
            row = with(&row, [(association.name.clone(), item)]);
        }
        self.environment.change(subject.name, Binding::Row(row));
        Ok(count)
    }

    /// The moment at which rows of a model were changed, where that is kept and one was.
    fn stamped(&mut self, model: ModelId, changed: u64) -> Option<(AttributeId, Value)> {
        let stamp = self.scripts.schema[model].updated_at;
        let stamp = stamp.filter(|_| changed > 0)?;
        Some((stamp, self.now()))
    }

    /// A row of the through table, where there is none; else its values.
    fn link_through(
        &mut self,
        at: Span,
        subject: &LinkSource<'_>,
        through: &Through,
        other: &Value,
        values: &[Assignment],
    ) -> RunResult<u64> {
        let schema = self.scripts.schema;
        let (association, model) = (subject.association, &schema[through.model]);
        let which = Condition::Each(vec![
            Condition::Has(vec![
                (association.foreign_key, subject.key.clone()),
                (through.other_key, other.clone()),
            ]),
            Condition::Scope(through.scope.clone()),
        ]);
        // A link that was only marked as deleted is taken up again.
        let found = self.rows_where(at, through.model, &which)?;
        let mut wrong = ValidationErrors::default();
        let mut draft = self.draft_of(
            through.model,
            values,
            &[association.foreign_key, through.other_key],
            &through.scope,
            at,
            &mut wrong,
        )?;
        wrong.problem(at)?;
        let deleted = model.deleted_at.filter(|_| model.paranoid);
        let is_live = |row: &&Record| {
            let mark = deleted.and_then(|it| value(row, &model.attribute(it).name));
            mark.is_none_or(|it| *it == Value::Null)
        };
        let live = found.iter().find(is_live);
        if let Some(row) = live.or(found.first()) {
            let mut said: Vec<(AttributeId, Value)> = values
                .iter()
                .filter_map(|it| match draft.cell(it.attribute) {
                    Cell::Value(value) => Some((it.attribute, value.clone())),
                    Cell::Absent | Cell::Raw(_) | Cell::Later => None,
                })
                .collect();
            let revived = deleted.filter(|_| live.is_none());
            said.extend(revived.map(|it| (it, Value::Null)));
            if let (false, Some(identity)) = (said.is_empty(), self.identity(through.model, row)) {
                return self.set_where_not(at, through.model, &said, &identity);
            }
            return Ok(0);
        }
        draft.set(association.foreign_key, Cell::Value(subject.key.clone()));
        draft.set(through.other_key, Cell::Value(other.clone()));
        self.insert(at, &draft, None)?;
        Ok(1)
    }

    /// `ann setInvoices [..]`, `inv setCreator ann`, `inv setCreator null`
    fn set_links(
        &mut self,
        at: Span,
        subject: &LinkSource<'_>,
        rows: &[RowRef],
        values: &[Assignment],
    ) -> RunResult<u64> {
        let association = subject.association;
        let there = self.all_there(at, association, rows)?;
        let mut changes = RowChanges::default();
        if association.kind == AssociationKind::BelongsTo {
            if there.is_empty() {
                return self.refer_to(at, subject, Value::Null, None);
            }
            return self.link_all(at, subject, &there, values, &mut changes);
        }
        let count = self.unlink_others(at, subject, &there, &mut changes)?;
        let linked = self.link_all(at, subject, &there, values, &mut changes)?;
        self.renew_held(subject, &changes);
        Ok(count + linked)
    }

    /// Ends the links to all rows but these.
    fn unlink_others(
        &mut self,
        at: Span,
        subject: &LinkSource<'_>,
        keep: &[ExistingRow],
        changes: &mut RowChanges,
    ) -> RunResult<u64> {
        let association = subject.association;
        let mut which = vec![Condition::linked(association, &subject.key)];
        // A deleted row keeps its key, for when it is restored.
        if association.through.is_none() {
            which.push(Condition::Live);
        }
        let linked = self.rows_where(at, association.target, &Condition::Each(which))?;
        let mut others = Vec::new();
        for row in linked {
            let Some(identity) = self.identity(association.target, &row) else {
                continue;
            };
            if !keep.iter().any(|it| it.identity == identity) {
                others.push(ExistingRow { identity, row });
            }
        }
        self.unlink_all(at, subject, &others, changes)
    }

    /// Ends the links to these rows.
    fn unlink_all(
        &mut self,
        at: Span,
        subject: &LinkSource<'_>,
        rows: &[ExistingRow],
        changes: &mut RowChanges,
    ) -> RunResult<u64> {
        let schema = self.scripts.schema;
        let association = subject.association;
        let mut count = 0;
        for it in rows {
            let Some(through) = &association.through else {
                count += self.detach(at, subject, it, changes)?;
                continue;
            };
            let other = self.attribute_of(at, association.target, through.target_key, &it.row)?;
            let model = &schema[through.model];
            let which = Condition::Each(vec![
                Condition::Has(vec![
                    (association.foreign_key, subject.key.clone()),
                    (through.other_key, other),
                ]),
                Condition::Scope(through.scope.clone()),
                Condition::Live,
            ]);
            let sql = if let Some(deleted) = model.deleted_at.filter(|_| model.paranoid) {
                let sets = [(deleted, Set::Value(self.now()))];
                self.planner().update(through.model, &sets, &which, None)
            } else {
                self.planner().delete(through.model, &which)
            };
            count += self.send(&sql).map_err(|it| self.failure(it, at))?;
        }
        Ok(count)
    }

    /// Lets a row that refers to the subject's refer to none.
    fn detach(
        &mut self,
        at: Span,
        subject: &LinkSource<'_>,
        row: &ExistingRow,
        changes: &mut RowChanges,
    ) -> RunResult<u64> {
        let association = subject.association;
        let none = (association.foreign_key, Value::Null);
        let mut sets = vec![none.clone()];
        sets.extend(self.stamped(association.target, 1));
        let set: Vec<_> = sets.iter().map(|(id, it)| (*id, Set::Value(it.clone()))).collect();
        let which = Condition::Each(vec![
            Condition::Has(row.identity.clone()),
            Condition::linked(association, &subject.key),
        ]);
        let sql = self.planner().update(association.target, &set, &which, None);
        let done = self.send(&sql);
        let done = done.map_err(|it| self.refused_change(it, at, association.target, &[none]))?;
        if done > 0 {
            changes.add(&row.identity, sets, true);
        }
        Ok(done)
    }

    /// `ann removeInvoice inv`
    fn remove(&mut self, at: Span, subject: &LinkSource<'_>, rows: &[RowRef]) -> RunResult<u64> {
        let named = self.all_named(at, subject.association, rows)?;
        let mut changes = RowChanges::default();
        let count = self.unlink_all(at, subject, &named, &mut changes)?;
        self.renew_held(subject, &changes);
        Ok(count)
    }

    /// `ann createInvoice { .. } < through: { .. } >`
    fn create_linked(
        &mut self,
        at: Span,
        subject: &LinkSource<'_>,
        row: &NewRow,
        values: &[Assignment],
    ) -> RunResult<Record> {
        let association = subject.association;
        self.is_linkable(at, subject)?;
        let mut wrong = ValidationErrors::default();
        let key = [association.foreign_key];
        let later: &[AttributeId] = match association.kind {
            AssociationKind::HasOne | AssociationKind::HasMany => &key,
            AssociationKind::BelongsTo | AssociationKind::BelongsToMany => &[],
        };
        let write = Write::default();
        let draft = self.draft(row, &write, later, &association.scope, &mut wrong)?;
        let through = match &association.through {
            Some(through) => Some(self.draft_of(
                through.model,
                values,
                &[association.foreign_key, through.other_key],
                &through.scope,
                at,
                &mut wrong,
            )?),
            None => None,
        };
        wrong.problem(at)?;
        if association.kind == AssociationKind::BelongsTo {
            let row = self.insert_all(at, draft)?;
            let key = self.key_of(at, association.target, association.referenced, &row)?;
            self.refer_to(at, subject, key, Some(&row))?;
            return Ok(row);
        }
        let related = RelatedRowDraft { row: RelatedRows::New(draft), through };
        let mut found = Vec::with_capacity(1);
        self.insert_beside(at, association, &subject.key, related, &mut found)?;
        Ok(or_empty(found.pop()))
    }

    /// Lets variables hold what became of their rows.
    fn renew_held(&mut self, subject: &LinkSource<'_>, changes: &RowChanges) {
        if changes.0.is_empty() {
            return;
        }
        let target = subject.association.target;
        for name in subject.holders {
            let Some(held) = self.environment.share(name) else {
                continue;
            };
            let held = match held.as_ref() {
                Binding::Row(row) => self.renewed_row(target, row, changes).map(Binding::Row),
                Binding::Rows(rows) => self.renewed_rows(target, rows, changes).map(Binding::Rows),
                Binding::Value(_) | Binding::List(_) => None,
            };
            if let Some(held) = held {
                self.environment.change(name, held);
            }
        }
    }

    /// Lets the variables that stand in a new row hold what became of their rows.
    pub(super) fn renew_within(&mut self, at: Span, row: &NewRow) -> RunResult<()> {
        let schema = self.scripts.schema;
        for related in &row.related {
            let association = &schema[related.association];
            for it in &related.rows {
                match (it, association.kind) {
                    (RelatedRow::New(inner, _), _) => self.renew_within(at, inner)?,
                    (
                        RelatedRow::Existing(RowRef::Variable(name, _)),
                        AssociationKind::HasOne | AssociationKind::HasMany,
                    ) => self.renew_read(at, association.target, name)?,
                    // A key is no variable, and other kinds leave the row as it is.
                    (RelatedRow::Existing(_), _) => {}
                }
            }
        }
        Ok(())
    }

    /// Lets a variable hold what its rows are in the database.
    fn renew_read(&mut self, at: Span, model: ModelId, name: &SmolStr) -> RunResult<()> {
        let held = match self.environment.share(name).as_deref() {
            Some(Binding::Row(row)) => Binding::Row(self.read_again(at, model, row)?),
            Some(Binding::Rows(rows)) => {
                let each = rows.iter().map(|it| self.read_again(at, model, it));
                Binding::Rows(each.collect::<RunResult<_>>()?)
            }
            Some(Binding::Value(_) | Binding::List(_)) | None => return Ok(()),
        };
        self.environment.change(name, held);
        Ok(())
    }

    fn read_again(&mut self, at: Span, model: ModelId, row: &Record) -> RunResult<Record> {
        let Some(identity) = self.identity(model, row) else {
            return Ok(row.clone());
        };
        let found = self.row_with(at, model, &identity)?;
        Ok(found.map_or_else(|| row.clone(), |is| renewed(row, &is, &[])))
    }

    fn renewed_row(&self, model: ModelId, row: &Record, changes: &RowChanges) -> Option<Record> {
        let RowChange { values, times } = changes.get(&self.identity(model, row)?)?;
        let model = self.model(model);
        let known = named(model, values).filter(|(name, _)| row.get(name).is_some());
        let is = with(row, known);
        Some(later_version(model, &is, *times).unwrap_or(is))
    }

    /// The rows, where one of them is another now.
    fn renewed_rows(
        &self,
        model: ModelId,
        rows: &[Record],
        changes: &RowChanges,
    ) -> Option<Vec<Record>> {
        let mut all: Option<Vec<Record>> = None;
        for (place, row) in rows.iter().enumerate() {
            if let Some(is) = self.renewed_row(model, row, changes)
                && let Some(there) = all.get_or_insert_with(|| rows.to_vec()).get_mut(place)
            {
                *there = is;
            }
        }
        all
    }
}

/// What became of rows, by what tells them from others.
#[derive(Debug, Default)]
struct RowChanges(HashMap<String, RowChange>);

/// What became of a row.
#[derive(Debug, Default)]
struct RowChange {
    values: Vec<(AttributeId, Value)>,
    /// How many times it became something else.
    times: i64,
}

impl RowChanges {
    fn add(
        &mut self,
        identity: &[(AttributeId, Value)],
        values: Vec<(AttributeId, Value)>,
        changed: bool,
    ) {
        let there = self.0.entry(written(identity)).or_default();
        there.values = values;
        there.times += i64::from(changed);
    }

    fn get(&self, identity: &[(AttributeId, Value)]) -> Option<&RowChange> {
        self.0.get(&written(identity))
    }
}

/// An identity as a text: equal ones are equal.
fn written(identity: &[(AttributeId, Value)]) -> String {
    let mut text = String::new();
    for (_, value) in identity {
        write_value(value, &mut text);
        text.push(',');
    }
    text
}

/// Values under the names of their attributes.
fn named(model: &Model, values: &[(AttributeId, Value)]) -> impl Iterator<Item = (SmolStr, Item)> {
    values.iter().map(|(id, value)| {
        let name = model.attribute(*id).name.clone();
        (name, Item::Value(value.clone()))
    })
}

//! `ann addInvoice inv`: what a row does with its associations.

use super::draft::{Cell, Drafting, RelatedRowDraft, RelatedRows, later_keys, through_keys};
use super::insert::{attached, or_empty};
use super::references::ExistingRow;
use super::refresh::{RowChange, RowChanges, named_values, refresh_nested};
use super::rows::{Identity, later_version, value, with_members};
use super::shared_columns::{keeps_other_keys, refer};
use super::unlinked::nulls;
use super::{Binding, RunResult, Runner, Yield};
use crate::diagnostics::RunProblem;
use crate::ir::{
    Assignment, Association, AssociationId, AssociationKind, AttributeId, Expression, Link,
    LinkAct, ModelId, NewRow, Operator, Query, RowRef, Through, Write,
};
use crate::plan::{Condition, Set};
use crate::record::{Item, Record};
use crate::source::Span;
use crate::value::Value;
use smol_str::SmolStr;

/// What a row does with an association.
struct Linking<'r, 'a> {
    run: &'r mut Runner<'a>,
    at: Span,
    /// The variable that the sentence begins with, and its row.
    name: &'r SmolStr,
    row: Record,
    identity: Identity,
    id: AssociationId,
    association: &'a Association,
    /// What rows refer to it by; of a `belongsTo` what it refers by.
    key: Vec<Value>,
    /// The variables that hold rows of the association's target.
    holders: &'r [SmolStr],
    /// What became of such rows.
    changes: RowChanges,
}

/// What a row does with an association.
pub(super) fn link(run: &mut Runner<'_>, at: Span, link: &Link) -> RunResult<Yield> {
    Ok(match &link.act {
        LinkAct::Get(_) | LinkAct::Count(_) | LinkAct::Has(..) => {
            Linking::new(run, at, link)?.act(&link.act)?
        }
        LinkAct::Add(..) | LinkAct::Set(..) | LinkAct::Remove(_) => {
            run.whole(at, |it| Linking::new(it, at, link)?.act(&link.act))?
        }
        LinkAct::Create(row, _) => {
            let made = run.whole(at, |it| Linking::new(it, at, link)?.act(&link.act))?;
            refresh_nested(run, at, row)?;
            made
        }
    })
}

impl<'r, 'a> Linking<'r, 'a> {
    fn new(run: &'r mut Runner<'a>, at: Span, link: &'r Link) -> RunResult<Self> {
        let association = &run.scripts.schema[link.association];
        let row = run.row_of(&link.variable, at)?;
        let key = run.values_of(at, link.model, association.own_key(), &row)?;
        let identity = run.identity_of(at, &link.variable, link.model, &row)?;
        Ok(Self {
            run,
            at,
            name: &link.variable,
            row,
            identity,
            id: link.association,
            association,
            key,
            holders: &link.holders,
            changes: RowChanges::default(),
        })
    }

    fn act(&mut self, act: &LinkAct) -> RunResult<Yield> {
        Ok(match act {
            LinkAct::Get(query) => {
                let query = self.run.bind_query(query, self.at)?;
                let rows = self.run.reader(self.at).find_linked(self.id, &self.key, &query)?;
                if self.association.is_to_many() {
                    Yield::Rows(rows)
                } else {
                    Yield::Row(rows.into_iter().next())
                }
            }
            LinkAct::Count(query) => {
                let query = self.run.bind_query(query, self.at)?;
                let count = self.run.reader(self.at).count_linked(self.id, &self.key, &query)?;
                Yield::Value(Value::Integer(i64::try_from(count).unwrap_or(i64::MAX)))
            }
            LinkAct::Has(rows, query) => Yield::Value(Value::Bool(self.has(rows, query)?)),
            LinkAct::Add(rows, values) => Yield::Count(self.add(rows, values)?),
            LinkAct::Set(rows, values, destroys) => {
                Yield::Count(self.set_links(rows, values, *destroys)?)
            }
            LinkAct::Remove(rows) => Yield::Count(self.remove(rows)?),
            LinkAct::Create(row, values) => Yield::Row(Some(self.create_linked(row, values)?)),
        })
    }

    /// The rows that are named; those of keys may be `missing`.
    fn existing_rows(&mut self, rows: &[RowRef], missing: bool) -> RunResult<Vec<ExistingRow>> {
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            let (target, at) = (self.association.target, self.at);
            all.extend(if missing {
                self.run.rows_named(target, row, at)?
            } else {
                self.run.rows_there(target, row, at)?
            });
        }
        Ok(all)
    }

    /// Whether all of these rows are linked.
    fn has(&mut self, rows: &[RowRef], query: &Query) -> RunResult<bool> {
        // Scopes are put in where a query is bound.
        let bound = Query { unscoped: true, ..query.clone() };
        let bound = self.run.bind_query(&bound, self.at)?;
        for there in self.existing_rows(rows, true)? {
            let same = there.identity.into_iter().map(|(id, value)| {
                let column = Box::new(Expression::Attribute(id));
                match value {
                    Value::Null => Expression::IsNull(column, false),
                    value => {
                        let value = Box::new(Expression::Literal(value));
                        Expression::Binary(Operator::Equal, column, value)
                    }
                }
            });
            let filter = Expression::And(same.chain(bound.filter.clone()).collect());
            let one = Query { filter: Some(filter), ..bound.clone() };
            if self.run.reader(self.at).count_linked(self.id, &self.key, &one)? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `ann addInvoice inv < through: { .. } >`
    fn add(&mut self, rows: &[RowRef], values: &[Assignment]) -> RunResult<u64> {
        let there = self.existing_rows(rows, false)?;
        let count = self.link_all(&there, values)?;
        self.refresh_variables();
        Ok(count)
    }

    /// Links rows that aren't yet.
    fn link_all(&mut self, there: &[ExistingRow], values: &[Assignment]) -> RunResult<u64> {
        let association = self.association;
        if !there.is_empty() {
            self.is_linkable()?;
        }
        let mut count = 0;
        for it in there {
            let done = match (&association.through, association.kind) {
                (Some(through), _) => {
                    let other = self.key_of(&it.row)?;
                    self.link_through(through, &other, values)?
                }
                (None, AssociationKind::BelongsTo) => {
                    let key = self.key_of(&it.row)?;
                    self.refer_to(association.referring().zip(key).collect(), Some(&it.row))?
                }
                (None, _) => {
                    let done = self.run.inserter(self.at).attach(association, &self.key, it)?;
                    let mut values = attached(association, &self.key);
                    values.extend(self.stamped(association.target, done));
                    self.changes.add(&it.identity, values, done > 0);
                    done
                }
            };
            count += done;
        }
        Ok(count)
    }

    /// That rows can be linked to the subject: they refer to it by a key that it has.
    fn is_linkable(&self) -> RunResult<()> {
        let association = self.association;
        match association.kind {
            // It refers itself.
            AssociationKind::BelongsTo => Ok(()),
            AssociationKind::HasOne | AssociationKind::HasMany | AssociationKind::BelongsToMany => {
                self.run.not_null(self.at, association.source, association.own_key(), &self.key)
            }
        }
    }

    /// What the association finds a row of its target by.
    fn key_of(&mut self, row: &Record) -> RunResult<Vec<Value>> {
        let association = self.association;
        self.run.key_of(self.at, association.target, association.target_key(), row)
    }

    /// Lets the row itself refer to another, or to none.
    fn refer_to(
        &mut self,
        mut values: Vec<(AttributeId, Value)>,
        other: Option<&Record>,
    ) -> RunResult<u64> {
        let schema = self.run.scripts.schema;
        let association = self.association;
        let model = &schema[association.source];
        let mut identity = self.identity.clone();
        keeps_other_keys(self.run, self.at, association, &values, &identity)?;
        if let Some(version) = model.version {
            let known = self.run.read_of(self.at, association.source, version, &self.row)?;
            identity.push((version, known));
            let there = self.run.row_with(self.at, association.source, &identity)?;
            if there.is_none() {
                return Err(RunProblem::Stale {
                    name: self.name.to_string(),
                    model: model.name.to_string(),
                    at: self.at,
                });
            }
        }
        let count = self.run.set_where_not(self.at, association.source, &values, &identity)?;
        values.extend(self.stamped(association.source, count));
        let mut row = with_members(&self.row, named_values(model, &values));
        if count > 0 {
            row = later_version(model, &row, 1).unwrap_or(row);
        }
        // It may have been read with the row that it referred to.
        if row.get(&association.name).is_some() {
            let none = || Item::Value(Value::Null);
            let item = other.map_or_else(none, |it| Item::Record(it.clone()));
            row = with_members(&row, [(association.name.clone(), item)]);
        }
        self.run.environment.change(self.name, Binding::Row(row));
        Ok(count)
    }

    /// The moment at which rows of a model were changed, where that is kept and one was.
    fn stamped(&mut self, model: ModelId, changed: u64) -> Option<(AttributeId, Value)> {
        let stamp = self.run.scripts.schema[model].updated_at;
        let stamp = stamp.filter(|_| changed > 0)?;
        Some((stamp, self.run.now()))
    }

    /// A row of the through table, where there is none; else its values. Where somebody else makes it in between, it is there.
    fn link_through(
        &mut self,
        through: &Through,
        other: &[Value],
        values: &[Assignment],
    ) -> RunResult<u64> {
        match self.link_once(through, other, values) {
            Err(RunProblem::Unique { .. }) => self.link_once(through, other, values),
            done => done,
        }
    }

    fn link_once(
        &mut self,
        through: &Through,
        other: &[Value],
        values: &[Assignment],
    ) -> RunResult<u64> {
        let schema = self.run.scripts.schema;
        let (association, model) = (self.association, &schema[through.model]);
        let which = Condition::Each(vec![
            self.link_between(through, other),
            Condition::Scope(through.scope.clone()),
        ]);
        // A link that was only marked as deleted is taken up again.
        let found = self.run.rows_where(self.at, through.model, &which)?;
        let mut drafting = Drafting::new(self.run);
        let mut draft = drafting.draft_of(
            through.model,
            values,
            &through_keys(association, through),
            &through.scope,
            self.at,
        )?;
        drafting.wrong.problem(self.at)?;
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
            if let (false, Some(identity)) =
                (said.is_empty(), self.run.identity(through.model, row))
            {
                return self.run.set_where_not(self.at, through.model, &said, &identity);
            }
            return Ok(0);
        }
        refer(schema, self.at, &mut draft, &association.key, &self.key)?;
        refer(schema, self.at, &mut draft, &through.key, other)?;
        self.run.inserter(self.at).insert(&draft, None)?;
        Ok(1)
    }

    /// `ann setInvoices [..]`, `inv setCreator ann`, `inv setCreator null`
    fn set_links(
        &mut self,
        rows: &[RowRef],
        values: &[Assignment],
        destroys: bool,
    ) -> RunResult<u64> {
        let association = self.association;
        let there = self.existing_rows(rows, false)?;
        if association.kind == AssociationKind::BelongsTo {
            if there.is_empty() {
                return self.refer_to(nulls(self.run.scripts.schema, association), None);
            }
            return self.link_all(&there, values);
        }
        let count = self.unlink_others(&there, destroys)?;
        let linked = self.link_all(&there, values)?;
        self.refresh_variables();
        Ok(count + linked)
    }

    /// Ends the links to all rows but these.
    fn unlink_others(&mut self, keep: &[ExistingRow], destroys: bool) -> RunResult<u64> {
        let association = self.association;
        let mut which = vec![Condition::linked(association, &self.key)];
        // A deleted row keeps its key, for when it is restored.
        if association.through.is_none() {
            which.push(Condition::Live);
        }
        let linked = self.run.rows_where(self.at, association.target, &Condition::Each(which))?;
        let mut others = Vec::new();
        for row in linked {
            let Some(identity) = self.run.identity(association.target, &row) else {
                continue;
            };
            if !keep.iter().any(|it| it.identity == identity) {
                others.push(ExistingRow { identity, row });
            }
        }
        if !destroys {
            return self.unlink_all(&others);
        }
        let (at, target) = (self.at, association.target);
        let mut count = 0;
        for it in others {
            count += self.run.changing(at, target).destroy_where(&Condition::Has(it.identity))?;
        }
        Ok(count)
    }

    /// Ends the links to these rows.
    fn unlink_all(&mut self, rows: &[ExistingRow]) -> RunResult<u64> {
        let schema = self.run.scripts.schema;
        let association = self.association;
        let mut count = 0;
        for it in rows {
            let Some(through) = &association.through else {
                count += self.detach(it)?;
                continue;
            };
            let (target, to) = (association.target, association.target_key());
            let other = self.run.values_of(self.at, target, to, &it.row)?;
            let model = &schema[through.model];
            let which = Condition::Each(vec![
                self.link_between(through, &other),
                Condition::Scope(through.scope.clone()),
                Condition::Live,
            ]);
            let sql = if let Some(deleted) = model.deleted_at.filter(|_| model.paranoid) {
                let sets = [(deleted, Set::Value(self.run.now()))];
                self.run.planner().update(through.model, &sets, &which, None)
            } else {
                self.run.planner().delete(through.model, &which)
            };
            count += self.run.send(&sql).map_err(|it| self.run.failure(it, self.at))?;
        }
        Ok(count)
    }

    /// The rows of the through table between the subject and the row of that key.
    fn link_between(&self, through: &Through, other: &[Value]) -> Condition {
        let own = self.association.referring().zip(self.key.iter().cloned());
        let other = through.key.iter().map(|it| it.attribute).zip(other.iter().cloned());
        Condition::Has(own.chain(other).collect())
    }

    /// Lets a row that refers to the subject's refer to none.
    fn detach(&mut self, row: &ExistingRow) -> RunResult<u64> {
        let association = self.association;
        let none = nulls(self.run.scripts.schema, association);
        keeps_other_keys(self.run, self.at, association, &none, &row.identity)?;
        let mut sets = none.clone();
        sets.extend(self.stamped(association.target, 1));
        let set: Vec<_> = sets.iter().map(|(id, it)| (*id, Set::Value(it.clone()))).collect();
        // A row that is named is unlinked though the association's scope leaves it out, as Sequelize does it.
        let refers = association.target_key().zip(self.key.iter().cloned());
        let which = Condition::Has(row.identity.iter().cloned().chain(refers).collect());
        let sql = self.run.planner().update(association.target, &set, &which, None);
        let done = self.run.send(&sql);
        let done = done.map_err(|it| {
            self.run.refusal(self.at).refused_change(it, association.target, &none)
        })?;
        if done > 0 {
            self.changes.add(&row.identity, sets, true);
        }
        Ok(done)
    }

    /// `ann removeInvoice inv`
    fn remove(&mut self, rows: &[RowRef]) -> RunResult<u64> {
        let named = self.existing_rows(rows, true)?;
        let count = self.unlink_all(&named)?;
        self.refresh_variables();
        Ok(count)
    }

    /// `ann createInvoice { .. } < through: { .. } >`
    fn create_linked(&mut self, row: &NewRow, values: &[Assignment]) -> RunResult<Record> {
        let association = self.association;
        self.is_linkable()?;
        let mut drafting = Drafting::new(self.run);
        let later = later_keys(association);
        let write = Write::default();
        let draft = drafting.draft(row, &write, &later, &association.scope)?;
        let through = drafting.through_row(association, values, self.at)?;
        drafting.wrong.problem(self.at)?;
        if association.kind == AssociationKind::BelongsTo {
            let row = self.run.inserter(self.at).insert_all(draft)?;
            let key = self.key_of(&row)?;
            self.refer_to(association.referring().zip(key).collect(), Some(&row))?;
            return Ok(row);
        }
        let related = RelatedRowDraft { row: RelatedRows::New(draft), through };
        let mut found = Vec::with_capacity(1);
        self.run.inserter(self.at).insert_beside(association, &self.key, related, &mut found)?;
        Ok(or_empty(found.pop()))
    }

    /// Lets variables hold what became of their rows.
    fn refresh_variables(&mut self) {
        if self.changes.0.is_empty() {
            return;
        }
        let target = self.association.target;
        for name in self.holders {
            let Some(held) = self.run.environment.shared_binding(name) else {
                continue;
            };
            let held = match held.as_ref() {
                Binding::Row(row) => self.refreshed_row(target, row).map(Binding::Row),
                Binding::Rows(rows) => self.refreshed_rows(target, rows).map(Binding::Rows),
                Binding::Value(_) | Binding::List(_) => None,
            };
            if let Some(held) = held {
                self.run.environment.change(name, held);
            }
        }
    }

    fn refreshed_row(&self, model: ModelId, row: &Record) -> Option<Record> {
        let RowChange { values, times } = self.changes.get(&self.run.identity(model, row)?)?;
        let model = self.run.model(model);
        let known = named_values(model, values).filter(|(name, _)| row.get(name).is_some());
        let is = with_members(row, known);
        Some(later_version(model, &is, *times).unwrap_or(is))
    }

    /// The rows, where one of them is another now.
    fn refreshed_rows(&self, model: ModelId, rows: &[Record]) -> Option<Vec<Record>> {
        let mut all: Option<Vec<Record>> = None;
        for (place, row) in rows.iter().enumerate() {
            if let Some(is) = self.refreshed_row(model, row)
                && let Some(there) = all.get_or_insert_with(|| rows.to_vec()).get_mut(place)
            {
                *there = is;
            }
        }
        all
    }
}

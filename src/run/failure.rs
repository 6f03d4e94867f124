//! What a database said, as a problem of the script: with models and attributes in place of tables and columns.

use super::Runner;
use super::draft::{Cell, RelatedRows, RowDraft};
use crate::client::{RunResult, told};
use crate::db::{DbError, DbErrorKind, ErrorSubject};
use crate::diagnostics::{
    AttributeName, BrokenCheck, BrokenReference, Cause, Duplicate, RunProblem,
};
use crate::ir::{Action, AttributeId, Expression, Index, KeyTarget, Model, ModelId};
use crate::plan::Condition;
use crate::source::Span;
use crate::sql::Sql;
use crate::value::Value;
use std::ops::ControlFlow;

/// What is found out of what the database refused to a sentence.
pub(super) struct Refusal<'r, 'a> {
    run: &'r mut Runner<'a>,
    at: Span,
}

impl<'a> Runner<'a> {
    /// What is found out of what the database refused to the sentence `at`.
    pub(super) fn refusal(&mut self, at: Span) -> Refusal<'_, 'a> {
        Refusal { run: self, at }
    }
}

/// The attribute of a check that the database names so, and where it is declared.
fn broken_check(model: &Model, name: &str) -> (Option<AttributeId>, Option<Span>) {
    let named = model.checks.iter().find(|it| it.name.as_deref() == Some(name));
    let by_column = model.columns().find(|(_, it)| it.column == name).map(|it| it.0);
    let attribute = named.and_then(|it| it.attribute).or(by_column);
    let mut checks = model.checks.iter();
    let check =
        named.or_else(|| checks.find(|it| by_column.is_some() && it.attribute == by_column));
    (attribute, check.map(|it| it.span))
}

impl Refusal<'_, '_> {
    /// What the database said of a new row.
    pub(super) fn refused_row(&mut self, error: DbError, draft: &RowDraft) -> RunProblem {
        self.refused_change(error, draft.model, &known_values(draft))
    }

    /// What the database said of values that were to be written.
    pub(super) fn refused_change(
        &mut self,
        error: DbError,
        id: ModelId,
        values: &[(AttributeId, Value)],
    ) -> RunProblem {
        let schema = self.run.scripts.schema;
        let model = &schema[id];
        let value_of = |attribute: AttributeId| {
            let found = values.iter().find(|(it, _)| *it == attribute);
            found.map(|(_, value)| value)
        };
        match error.kind {
            DbErrorKind::Unique => {
                let Some(attributes) = unique_attributes(model, error.about.as_ref()) else {
                    return self.run.failure(error, self.at);
                };
                let each = attributes
                    .iter()
                    .map(|it| (attribute_name(model, *it), value_of(*it).map(told)));
                let each: Vec<_> = each.collect();
                let said = broken_index(model, &attributes, error.about.as_ref());
                let said = said.and_then(|it| it.message.clone());
                let same: Option<Vec<_>> =
                    attributes.iter().map(|it| Some((*it, value_of(*it)?.clone()))).collect();
                let deleted = match same.map(|it| self.deleted_row(id, it)).transpose() {
                    Ok(found) => found.flatten(),
                    Err(problem) => return problem,
                };
                let what = match deleted {
                    Some(_) => Duplicate::Deleted(each),
                    None => Duplicate::Existing(each),
                };
                let (what, more) = match said {
                    Some(said) => (Duplicate::Said(said.to_string()), Some(what.to_string())),
                    None => (what, None),
                };
                let own = deleted.unwrap_or_else(|| what.help_text());
                let own = Some(own).filter(|it| !it.is_empty());
                let help: Vec<_> = more.into_iter().chain(own).collect();
                let help = (!help.is_empty()).then(|| help.join("\n"));
                let cause = cause_of(error);
                RunProblem::Unique { what, at: self.at, cause, help }
            }
            DbErrorKind::ForeignKey => match self.missing_parent(model, values) {
                Err(problem) => problem,
                Ok(Some(what)) => what.at(self.at, cause_of(error)),
                Ok(None) => self.run.failure(error, self.at),
            },
            DbErrorKind::Check => {
                let (attribute, declared) = match &error.about {
                    Some(ErrorSubject::Check(name)) => broken_check(model, name),
                    Some(_) | None => (None, None),
                };
                match attribute.and_then(|it| Some((it, value_of(it)?))) {
                    Some((attribute, value)) => RunProblem::Check {
                        what: BrokenCheck::Of(attribute_name(model, attribute), told(value)).into(),
                        at: self.at,
                        rule: declared,
                        cause: cause_of(error),
                    },
                    None => {
                        let mut problem = self.run.failure(error, self.at);
                        if let RunProblem::Check { rule, .. } = &mut problem {
                            *rule = declared;
                        }
                        problem
                    }
                }
            }
            _ => self.run.failure(error, self.at),
        }
    }

    /// What to do about a row that has these values and is only marked as deleted, if there is one.
    fn deleted_row(
        &self,
        id: ModelId,
        same: Vec<(AttributeId, Value)>,
    ) -> RunResult<Option<String>> {
        let model = &self.run.scripts.schema[id];
        let Some(mark) = model.deleted_at.filter(|_| model.paranoid) else {
            return Ok(None);
        };
        let each = same
            .iter()
            .map(|(id, value)| format!("{} = {}", model.attribute(*id).name, told(value)));
        let each = each.collect::<Vec<_>>().join(" and ");
        let which = Condition::Each(vec![Condition::Has(same), Condition::Deleted]);
        let sql = self.run.planner_without_now().number(id, &which);
        if self.number_behind(&sql)? == Some(0) {
            return Ok(None);
        }
        let (name, mark) = (&model.name, &model.attribute(mark).name);
        Ok(Some(format!(
            "its `{mark}` is set: `{name} restore < where: ({each}) >` brings it back, `{name} destroy < where: ({each}), force >` takes it out for good"
        )))
    }

    /// The number that a query yields, asked because of an error; none where the database has undone the transaction since.
    fn number_behind(&self, sql: &Sql) -> RunResult<Option<i64>> {
        if self.run.database.has_ended() {
            return Ok(None);
        }
        match self.run.database.number(&sql.text, &sql.parameters) {
            Ok(number) => Ok(number),
            // What the script calls a table may be none.
            Err(error) if error.kind.is_of_statement() => Ok(None),
            Err(error) => Err(self.run.failure(error, self.at)),
        }
    }

    /// The first of some new rows, which have all been written, that refers to nothing.
    pub(super) fn refers_to_nothing(&self, drafts: &[RowDraft]) -> RunResult<Option<RunProblem>> {
        let schema = self.run.scripts.schema;
        for draft in drafts {
            let model = &schema[draft.model];
            if let Some(what) = self.missing_parent(model, &known_values(draft))? {
                let cause = no_row_of_the_key();
                return Ok(Some(what.at(self.at, cause)));
            }
            let related = draft.related.iter().flat_map(|it| &it.rows);
            for it in related {
                if let RelatedRows::New(new) = &it.row
                    && let Some(found) = self.refers_to_nothing(std::slice::from_ref(new))?
                {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    /// A row of a model that refers to nothing.
    pub(super) fn orphan(&mut self, id: ModelId) -> RunResult<Option<RunProblem>> {
        let schema = self.run.scripts.schema;
        let model = &schema[id];
        for key in &model.foreign_keys {
            let Some(sql) = self.run.planner().orphan(id, key) else {
                continue;
            };
            let mut row: Option<Vec<Value>> = None;
            let asked = self.run.query_sql(&sql.text, &sql.parameters, &mut |it| {
                row = Some(it.to_vec());
                ControlFlow::Break(())
            });
            asked.map_err(|it| self.run.failure(it, self.at))?;
            if let Some(row) = row {
                let values: Vec<_> = key.attributes.iter().copied().zip(row).collect();
                let what = self.missing_parent(model, &values)?;
                let cause = no_row_of_the_key();
                return Ok(what.map(|what| what.at(self.at, cause)));
            }
        }
        Ok(None)
    }

    /// Which key refers to nothing.
    fn missing_parent(
        &self,
        model: &Model,
        values: &[(AttributeId, Value)],
    ) -> RunResult<Option<BrokenReference>> {
        let schema = self.run.scripts.schema;
        for key in &model.foreign_keys {
            let KeyTarget::Model(parent, referenced) = &key.target else {
                continue;
            };
            let of = |own: &AttributeId| values.iter().find(|(it, _)| it == own).map(|(_, it)| it);
            let own = key.attributes.iter().map(|own| of(own).filter(|it| **it != Value::Null));
            let Some(own) = own.collect::<Option<Vec<_>>>() else {
                continue;
            };
            let which: Vec<_> = referenced.iter().copied().zip(own.into_iter().cloned()).collect();
            let which = Condition::Has(which);
            let sql = self.run.planner_without_now().number(*parent, &which);
            if self.number_behind(&sql)? == Some(0) {
                let parent = &schema[*parent];
                let own = key.attributes.iter().map(|own| {
                    let value = of(own).map_or_else(String::new, told);
                    (attribute_name(model, *own), value)
                });
                let name = |it: &AttributeId| parent.attribute(*it).name.to_string();
                return Ok(Some(BrokenReference::Missing {
                    own: own.collect(),
                    parent: parent.name.to_string(),
                    referenced: referenced.iter().map(name).collect(),
                }));
            }
        }
        Ok(None)
    }

    /// What the database said of rows that were to be deleted.
    pub(super) fn refused_delete(
        &mut self,
        error: DbError,
        id: ModelId,
        which: &Condition,
    ) -> RunProblem {
        if error.kind != DbErrorKind::ForeignKey {
            return self.run.failure(error, self.at);
        }
        let schema = self.run.scripts.schema;
        for (child_id, child) in schema.models() {
            for key in &child.foreign_keys {
                let KeyTarget::Model(parent, referenced) = &key.target else {
                    continue;
                };
                let keeps = matches!(
                    key.on_delete,
                    None | Some(Action::Restrict | Action::NoAction | Action::SetDefault)
                );
                if *parent != id || !keeps {
                    continue;
                }
                let deleted = Box::new(which.clone());
                let own = key.attributes.to_vec();
                let refers = Condition::In(own, id, referenced.to_vec(), deleted);
                let sql = self.run.planner_without_now().number(child_id, &refers);
                let count = match self.number_behind(&sql) {
                    Ok(count) => count.unwrap_or_default(),
                    Err(problem) => return problem,
                };
                if count > 0 {
                    let own = key.attributes.iter().map(|it| attribute_name(child, *it)).collect();
                    let what = BrokenReference::Referred { rows: count.unsigned_abs(), own };
                    return what.at(self.at, cause_of(error));
                }
            }
        }
        self.run.failure(error, self.at)
    }
}

/// Why a row refers to nothing, when all rows of a sentence are there.
pub(super) fn no_row_of_the_key() -> Cause {
    Cause { message: "no later row has it either".to_owned(), code: None }
}

/// What is known of a row before it is written.
fn known_values(draft: &RowDraft) -> Vec<(AttributeId, Value)> {
    let cells = (0..).map(AttributeId).zip(&draft.cells);
    let known = cells.filter_map(|(id, cell)| match cell {
        Cell::Value(value) => Some((id, value.clone())),
        Cell::Absent | Cell::Raw(_) | Cell::Later => None,
    });
    known.collect()
}

/// The attributes of a unique key that an error is about, or those of the index.
fn unique_attributes(model: &Model, about: Option<&ErrorSubject>) -> Option<Vec<AttributeId>> {
    let about = about?;
    if let ErrorSubject::Index(name) = about {
        let index = model.indexes.iter().find(|it| it.name == *name)?;
        let mut found = Vec::new();
        for member in &index.members {
            member.expression.visit(&mut |it| {
                if let Expression::Attribute(id) = it {
                    found.push(*id);
                }
            });
        }
        return Some(found);
    }
    let id = |column: &str| model.columns().find(|(_, it)| it.column == column).map(|it| it.0);
    about.columns_of(&model.full_table())?.into_iter().map(id).collect()
}

/// The unique index that a row broke.
fn broken_index<'m>(
    model: &'m Model,
    attributes: &[AttributeId],
    about: Option<&ErrorSubject>,
) -> Option<&'m Index> {
    model.indexes.iter().find(|index| match about {
        Some(ErrorSubject::Index(name)) => index.name == *name,
        Some(_) | None => {
            let members = index.members.iter().map(|it| match it.expression {
                Expression::Attribute(id) => Some(id),
                _ => None,
            });
            index.unique && members.eq(attributes.iter().copied().map(Some))
        }
    })
}

fn cause_of(error: DbError) -> Cause {
    Cause { message: error.message, code: error.code }
}

/// An attribute, as a report names it.
fn attribute_name(model: &Model, id: AttributeId) -> AttributeName {
    let (model, attribute) = (model.name.to_string(), model.attribute(id).name.to_string());
    AttributeName { model, attribute }
}

//! `findAll`, `findOne`, `findAndCountAll`, `findByPk`, `reload`, and what adds up: verbs that read rows.

use super::super::model_id;
use super::super::names;
use super::super::references::ComparedWithRow;
use super::super::row_variables;
use super::super::rows;
use super::super::rows::RowOf;
use super::super::scope::{ExpressionPlace, ExpressionScope};
use super::update::is_number;
use super::{RowSentence, RowSubject};
use crate::ast;
use crate::diagnostics::{CheckProblem, Edit, Help};
use crate::ir::{
    Aggregate, AggregateFunction, AttributeId, Data, Expression, Find, Model, StepKind,
};
use std::sync::Arc;

impl RowSentence<'_, '_> {
    pub(super) fn find(mut self, find: Find) -> Option<Data> {
        self.require_only_options()?;
        Some(Data::Find(find, self.query))
    }

    /// `findByPk 1`, `findByPk { a: 1, b: 2 }`
    pub(super) fn find_by_pk(mut self) -> Option<Data> {
        let key = self.primary_key()?;
        // One after the other they are mostly the same but for the key: they share the query, and by that its plan.
        if let Some(StepKind::Data(_, data)) = self.context.steps.last().map(|it| &it.kind)
            && let Data::FindByPk(_, before) = &**data
            && **before == self.query
        {
            return Some(Data::FindByPk(key, Arc::clone(before)));
        }
        Some(Data::FindByPk(key, Arc::new(self.query)))
    }

    fn primary_key(&mut self) -> Option<Vec<Expression>> {
        let model = self.model;
        let ids = self.context.model(model).primary_key.clone();
        let into = RowOf { model, changes: false };
        match (ids.as_slice(), self.extra, &self.sentence.argument) {
            ([id], [path], None) => {
                let key = self.context.word_expression(path)?;
                let beside = ComparedWithRow::Attribute(model, *id);
                let key = row_variables::one_row(self.context, key, path.span)?;
                Some(vec![row_variables::keyed(
                    self.context,
                    key,
                    path.span,
                    beside,
                    &ExpressionScope::script(),
                )?])
            }
            ([id], [], Some(value)) if !matches!(value.kind, ast::ValueKind::Object(_)) => {
                Some(vec![rows::value_expression(self.context, into, *id, value)?])
            }
            (ids, [], Some(ast::ValueNode { kind: ast::ValueKind::Object(braces), .. }))
                if !ids.is_empty() =>
            {
                let values = rows::assignments(self.context, into, braces)?;
                let value = |id| values.iter().find(|it| it.attribute == id);
                let found = ids.iter().map(|id| value(*id).map(|it| it.value.clone())).collect();
                if values.len() == ids.len()
                    && let Some(found) = found
                {
                    return Some(found);
                }
                let found = self.context.model(model);
                let row = key_row(found, ids, std::iter::empty());
                let example = format!("{} findByPk {row}", names::written(&found.name));
                let message = "`findByPk` takes the whole primary key and nothing else";
                self.context.malformed(self.sentence, message, &example);
                None
            }
            ([], ..) => {
                let name = &self.context.model(model).name;
                let message = format!("`{name}` has no primary key");
                let example = "User findOne < where: (..) >";
                self.context.malformed(self.sentence, &message, example);
                None
            }
            ([_, _, ..], ..) => {
                let found = self.context.model(model);
                // values of as many columns, in a list
                let given = match self.sentence.argument.as_ref().map(|it| (&it.kind, it.span)) {
                    Some((ast::ValueKind::List(all) | ast::ValueKind::Group(all), at))
                        if all.len() == ids.len() =>
                    {
                        Some((all.iter().map(|it| self.context.sources.slice(it.span)), at))
                    }
                    _ => None,
                };
                let at = given.as_ref().map(|it| it.1);
                let row = key_row(found, &ids, given.into_iter().flat_map(|it| it.0));
                let message = format!("the primary key of `{}` has several columns", found.name);
                let example = format!("{} {} {row}", names::written(&found.name), self.facts.name);
                let edits = at.map(|at| Edit { at, text: row }).into_iter().collect();
                self.context.report(CheckProblem::Malformed {
                    message,
                    at: at.unwrap_or(self.sentence.span),
                    label: "not the whole key".into(),
                    help: Some(Help { text: format!("it is written `{example}`"), edits }),
                });
                None
            }
            _ => self.malformed("`findByPk` takes a primary key"),
        }
    }

    /// `count`, `sum amount`, `max (amount * 2)`
    pub(super) fn aggregate(mut self, function: AggregateFunction) -> Option<Data> {
        let scope = ExpressionScope::new(self.model, ExpressionPlace::Where);
        let of = match (self.extra, &self.sentence.argument) {
            ([], None) => None,
            ([path], None) if path.tail.is_empty() => {
                Some(Expression::Attribute(self.attribute(&path.head)?))
            }
            ([path], None) => Some(self.context.lowering(&scope).path(path)?),
            ([], Some(value @ ast::ValueNode { kind: ast::ValueKind::Group(_), .. })) => {
                Some(self.context.expression(value, &scope)?)
            }
            _ => return self.malformed(&format!("`{}` takes one attribute", self.facts.name)),
        };
        if of.is_none() && function != AggregateFunction::Count {
            return self.malformed(&format!("`{}` of what?", self.facts.name));
        }
        let adds = matches!(function, AggregateFunction::Sum | AggregateFunction::Avg);
        if let (true, Some(Expression::Attribute(id))) = (adds, &of) {
            let attribute = self.context.model(self.model).attribute(*id);
            if !is_number(&attribute.data_type) {
                let problem = CheckProblem::DoesNotFit {
                    value: format!("`{}`", attribute.name),
                    type_name: format!("`{}`, which is of numbers", self.facts.name),
                    at: self.extra.first().map_or(self.sentence.span, |it| it.span),
                    reason: format!("it is {}", attribute.data_type.written()),
                    help: Some("give it numbers; `min`, `max` and `count` take anything".into()),
                };
                self.context.report(problem);
                return None;
            }
        }
        Some(Data::Aggregate(Aggregate { function, of }, self.query))
    }

    pub(super) fn reload(mut self) -> Option<Data> {
        self.require_only_options()?;
        match self.subject {
            RowSubject::Row(word, _) => Some(Data::Reload(word.text, model_id(self.model))),
            RowSubject::Model(_) => self.malformed("`reload` is about a row that a variable holds"),
        }
    }
}

/// A key as `findByPk` takes it: `{ orgId: 1, userId: .. }`
fn key_row<'v>(
    model: &Model,
    ids: &[AttributeId],
    mut values: impl Iterator<Item = &'v str>,
) -> String {
    let name = |id| names::written(&model.attribute(id).name);
    let members = ids.iter().map(|it| format!("{}: {}", name(*it), values.next().unwrap_or("..")));
    format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
}

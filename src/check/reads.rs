//! What sentences about rows name behind their verb: a primary key, an attribute, a file.

use super::changes::is_number;
use super::expressions::Scope;
use super::held::Beside;
use super::rows::RowOf;
use super::{Context, model_id};
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{Aggregate, AggregateFunction, Data, Expression, Load};
use crate::verbs;
use crate::verbs::{Item, Verb};

impl<'a> Context<'a> {
    /// `findByPk 1`, `findByPk { a: 1, b: 2 }`
    pub(super) fn primary_key(
        &mut self,
        sentence: &'a ast::Sentence,
        model: usize,
        extra: &'a [ast::Path],
        argument: Option<&'a ast::Value>,
        verb: &'static Verb,
    ) -> Option<Vec<Expression>> {
        let ids = self.draft(model).model.primary_key.clone();
        let into = RowOf { model, changes: false };
        match (ids.as_slice(), extra, argument) {
            ([id], [path], None) => {
                let key = self.word_expression(path)?;
                let beside = Beside::Attribute(model, *id);
                let key = self.one_row(key, path.span)?;
                Some(vec![self.keyed(key, path.span, beside, &Scope::script())?])
            }
            ([id], [], Some(value)) if !matches!(value.kind, ast::ValueKind::Object(_)) => {
                Some(vec![self.value_expression(into, *id, value)?])
            }
            (ids, [], Some(ast::Value { kind: ast::ValueKind::Object(braces), .. }))
                if !ids.is_empty() =>
            {
                let values = self.assignments(into, braces)?;
                let found: Option<Vec<Expression>> = ids
                    .iter()
                    .map(|id| {
                        values.iter().find(|it| it.attribute == *id).map(|it| it.value.clone())
                    })
                    .collect();
                if found.is_none() || values.len() != ids.len() {
                    self.malformed(
                        sentence,
                        "`findByPk` takes the whole primary key and nothing else",
                        verb.usage,
                    );
                    return None;
                }
                found
            }
            ([], ..) => {
                let name = self.draft(model).model.name.to_string();
                self.malformed(
                    sentence,
                    &format!("`{name}` has no primary key"),
                    "User findOne < where: (..) >",
                );
                None
            }
            _ => {
                self.malformed(sentence, "`findByPk` takes a primary key", verb.usage);
                None
            }
        }
    }

    pub(super) fn aggregate(
        &mut self,
        sentence: &'a ast::Sentence,
        model: usize,
        extra: &'a [ast::Path],
        argument: Option<&'a ast::Value>,
        verb: &'static Verb,
    ) -> Option<Aggregate> {
        let function = match verb.name {
            "count" => AggregateFunction::Count,
            "sum" => AggregateFunction::Sum,
            "min" => AggregateFunction::Min,
            "max" => AggregateFunction::Max,
            _ => AggregateFunction::Avg,
        };
        let scope = Scope::new(model, super::expressions::Place::Where);
        let of = match (extra, argument) {
            ([], None) => None,
            ([path], None) => Some(if path.tail.is_empty() {
                self.attribute_word(model, &path.head)?
            } else {
                self.path(path, &scope)?
            }),
            ([], Some(value @ ast::Value { kind: ast::ValueKind::Group(_), .. })) => {
                Some(self.expression(value, &scope)?)
            }
            _ => {
                self.malformed(
                    sentence,
                    &format!("`{}` takes one attribute", verb.name),
                    verb.usage,
                );
                return None;
            }
        };
        if of.is_none() && function != AggregateFunction::Count {
            self.malformed(sentence, &format!("`{}` of what?", verb.name), verb.usage);
            return None;
        }
        let adds = matches!(function, AggregateFunction::Sum | AggregateFunction::Avg);
        if let (true, Some(Expression::Attribute(id))) = (adds, &of) {
            let attribute = self.draft(model).model.attribute(*id);
            if !is_number(&attribute.data_type) {
                let at = extra.first().map_or(sentence.span, |it| it.span);
                let problem = CheckProblem::DoesNotFit {
                    value: format!("`{}`", attribute.name),
                    type_name: format!("`{}`, which is of numbers", verb.name),
                    at,
                    reason: format!("it is {}", super::types::written(&attribute.data_type)),
                    help: None,
                };
                self.report(problem);
                return None;
            }
        }
        Some(Aggregate { function, of })
    }

    fn attribute_word(&mut self, model: usize, word: &ast::Word) -> Option<Expression> {
        match self.draft(model).model.attribute_named(&word.text) {
            Some(id) => Some(Expression::Attribute(id)),
            None => {
                self.unknown_attribute(model, &word.text, word.span);
                None
            }
        }
    }

    /// `User load "users.csv" < columns: { Name: firstName } >`
    pub(super) fn load(
        &mut self,
        sentence: &'a ast::Sentence,
        model: usize,
        rest: &[Item<'a>],
        verb: &'static Verb,
    ) -> Option<Data> {
        let Some(ast::Value { kind: ast::ValueKind::Text(path), span }) = &sentence.argument else {
            self.malformed(sentence, "`load` takes a file's name", verb.usage);
            return None;
        };
        let mut columns = Vec::new();
        if let Some(item) = rest.iter().find(|it| it.name.text == "columns") {
            let Some(ast::ValueKind::Object(braces)) = item.value.map(|it| &it.kind) else {
                self.problems
                    .push(verbs::wrong_kind(*item, "an object: `columns: { Name: firstName }`"));
                return None;
            };
            let mut problems = std::mem::take(&mut self.problems);
            let items = Item::of_object(braces, &mut problems);
            self.problems = problems;
            for it in items {
                let Some(ast::ValueKind::Name(word)) = it.value.map(|it| &it.kind) else {
                    self.problems.push(verbs::wrong_kind(it, "an attribute"));
                    return None;
                };
                match self.draft(model).model.attribute_named(&word.text) {
                    Some(id) => columns.push((it.name.text.clone(), id)),
                    None => {
                        self.unknown_attribute(model, &word.text, word.span);
                        return None;
                    }
                }
            }
        }
        Some(Data::Load(Load { model: model_id(model), path: path.clone(), span: *span, columns }))
    }
}

//! `let` variables: what each holds, and paths from it.

use super::bindings::{RowType, VariableOrigin, VariableType};
use super::row_variables;
use super::scope::ExpressionScope;
use super::{Context, Entity, HostVariable, KnownVariable};
use crate::ast;
use crate::diagnostics::{CheckProblem, Help};
use crate::foreign;
use crate::ir::{DataType, Expression, JsonStep, VariablePath, VariableStep};
use crate::source::Span;
use crate::words;
use smol_str::SmolStr;

impl<'a> Context<'a> {
    pub(super) fn is_variable(&self, name: &str) -> bool {
        !self.unread.contains(name) && self.variables.iter().any(|(it, _)| it == name)
    }

    /// What the variable of that name holds: the latest one's.
    pub(super) fn variable_type(&self, name: &str) -> Option<VariableType> {
        let found = self.variables.iter().rev().find(|(it, _)| it == name);
        found.filter(|_| !self.unread.contains(name)).map(|(_, holds)| holds.clone())
    }

    /// A variable, or a path from one.
    pub(super) fn variable(
        &mut self,
        head: &ast::Word,
        tail: &[ast::PathStep],
        span: Span,
    ) -> Option<Expression> {
        let Some(mut holds) = self.variable_type(&head.text) else {
            unknown_variable(self, head);
            return None;
        };
        note_use(self, head);
        let mut steps = Vec::with_capacity(tail.len());
        for step in tail {
            let word = match step {
                ast::PathStep::Index(index, _) => {
                    steps.push(VariableStep::Key(JsonStep::Index(*index)));
                    holds = match holds {
                        VariableType::Rows(known) => VariableType::Row(known),
                        VariableType::Row(..) | VariableType::Value(_) => VariableType::Value(None),
                        VariableType::List(kind) => VariableType::Value(kind),
                    };
                    continue;
                }
                ast::PathStep::Name(word) => word,
            };
            let (found, next) = match &holds {
                VariableType::Row(known) => variable_step(self, known, word)?,
                VariableType::Value(_) | VariableType::List(_) => {
                    (VariableStep::Key(JsonStep::Key(word.text.clone())), VariableType::Value(None))
                }
                VariableType::Rows(_) => {
                    let path = self.sources.slice(Span::new(span.start, word.span.start));
                    let path = path.trim_end().trim_end_matches('.');
                    let name = &word.text;
                    let help = match name.as_str() {
                        "length" | "count" | "size" => {
                            format!("how many there are is `count({path})`").into()
                        }
                        _ => format!(
                            "take one of them: `{path}[0].{name}`; those of all are a list behind `in`: `in {path}.{name}`"
                        )
                        .into(),
                    };
                    self.report(CheckProblem::Malformed {
                        message: format!("`{path}` is not a row but a list of them"),
                        at: word.span,
                        label: "of which row?".into(),
                        help: Some(help),
                    });
                    return None;
                }
            };
            steps.push(found);
            holds = next;
        }
        Some(Expression::Variable(VariablePath {
            name: head.text.clone(),
            steps,
            beside: None,
            span,
        }))
    }

    /// What a path from a variable leads to.
    pub(super) fn type_of_path(&self, variable: &VariablePath) -> VariableType {
        let mut holds = self.variable_type(&variable.name).unwrap_or(VariableType::Value(None));
        for step in &variable.steps {
            holds = match (step, holds) {
                (VariableStep::Association(id), _) => {
                    match self.schema.associations.get(id.0 as usize) {
                        Some(it) if it.is_to_many() => {
                            VariableType::Rows(RowType::whole(it.target.0 as usize))
                        }
                        Some(it) => VariableType::Row(RowType::whole(it.target.0 as usize)),
                        None => VariableType::Value(None),
                    }
                }
                (VariableStep::Key(JsonStep::Index(_)), VariableType::Rows(known)) => {
                    VariableType::Row(known)
                }
                _ => VariableType::Value(None),
            };
        }
        holds
    }

    /// A word as a value: `true`, a variable, a path from one.
    pub(super) fn word_expression(&mut self, path: &'a ast::Path) -> Option<Expression> {
        use crate::value::Value;
        if path.tail.is_empty() && path.head.is_bare() {
            match path.head.text.as_str() {
                "null" => return Some(Expression::Literal(Value::Null)),
                "true" => return Some(Expression::Literal(Value::Bool(true))),
                "false" => return Some(Expression::Literal(Value::Bool(false))),
                _ => {}
            }
        }
        self.variable(&path.head, &path.tail, path.span)
    }

    /// The value of `print`, `let` and `assert`: anything but a sentence.
    pub(super) fn script_expression(&mut self, value: &'a ast::ValueNode) -> Option<Expression> {
        match &value.kind {
            // A document, or a list: what can't be an expression is JSON.
            ast::ValueKind::Object(_) => self.fit(value, &DataType::Json).map(Expression::Literal),
            _ => self.lowering(&ExpressionScope::script()).value_or_rows(value),
        }
    }
}

/// `in found.authorId`: of each row that a path leads to, what it has there; nothing where it is something else, none inside after a report.
#[expect(clippy::option_option, reason = "none where something else is written")]
pub(super) fn values_of_rows(
    context: &mut Context<'_>,
    path: &ast::Path,
) -> Option<Option<Expression>> {
    let (ast::PathStep::Name(word), before) = path.tail.split_last()? else {
        return None;
    };
    context.variable_type(&path.head.text)?;
    let told = context.problems.len();
    let held = context.variable(&path.head, before, path.span);
    let Some(Expression::Variable(mut held)) = held else {
        context.problems.truncate(told);
        return None;
    };
    let VariableType::Rows(known) = context.type_of_path(&held) else {
        return None;
    };
    super::attribute_named(context, known.model, &word.text)?;
    let step = variable_step(context, &known, word);
    Some(step.map(|(step, _)| {
        held.steps.push(step);
        Expression::Variable(held)
    }))
}

/// Lets the variables that are there already hold what they hold.
pub(super) fn declare_known_variables(context: &mut Context<'_>) {
    for remembered in context.given {
        let place = |it: &str| match context.entities.get(it) {
            Some((Entity::Model(index), _)) => Some(*index),
            Some((Entity::View(place), _)) => context.view_models.get(*place).copied().flatten(),
            Some((Entity::Base(_) | Entity::Enum(_), _)) | None => None,
        };
        // As long as nothing declares the model, its rows are only looked into.
        let model = remembered.model().and_then(place);
        let holds = match (&remembered.is, model) {
            (VariableOrigin::Given(HostVariable::Row(_)), Some(model)) => {
                VariableType::Row(RowType::whole(model))
            }
            (VariableOrigin::Given(HostVariable::Rows(_)), Some(model)) => {
                VariableType::Rows(RowType::whole(model))
            }
            (VariableOrigin::Held(holds, _), Some(model)) => holds.of_model(model),
            (
                VariableOrigin::Held(holds @ (VariableType::Value(_) | VariableType::List(_)), _),
                None,
            ) => holds.clone(),
            (VariableOrigin::Given(_) | VariableOrigin::Held(..), _) => VariableType::Value(None),
        };
        context.variables.push((remembered.name.clone(), holds));
    }
}

/// What is known of the variables that the scripts themselves have given values to.
pub(super) fn declared_variables(context: &Context<'_>) -> Vec<KnownVariable> {
    let own = context.variables.iter().skip(context.given.len());
    own.map(|it| known_variable(context, it)).collect()
}

/// What is known by now of the variables that earlier scripts have given values to: rows are read again.
pub(super) fn updated_variables(context: &Context<'_>) -> Vec<KnownVariable> {
    let there = context.given.iter().zip(&context.variables);
    let held = there.filter(|(it, _)| matches!(it.is, VariableOrigin::Held(_, Some(_))));
    let known = held.filter(|(_, (_, holds))| holds.model().is_some());
    known.map(|(_, it)| known_variable(context, it)).collect()
}

fn known_variable(context: &Context<'_>, (name, holds): &(SmolStr, VariableType)) -> KnownVariable {
    let model = holds.model();
    let model = model.and_then(|it| context.schema.models.get(it));
    KnownVariable {
        name: name.clone(),
        is: VariableOrigin::Held(holds.clone(), model.map(|it| it.name.clone())),
    }
}

/// The variables that hold rows of a model.
pub(super) fn variables_of_model(context: &Context<'_>, model: usize) -> Vec<SmolStr> {
    let mut names: Vec<SmolStr> = Vec::new();
    for (name, _) in &context.variables {
        let holds = match context.variable_type(name) {
            Some(VariableType::Row(it) | VariableType::Rows(it)) => it.model == model,
            Some(VariableType::Value(_) | VariableType::List(_)) | None => false,
        };
        if holds && !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// Notes that a word is a variable's.
pub(super) fn note_use(context: &Context<'_>, word: &ast::Word) {
    let place = context.variables.iter().rposition(|(it, _)| *it == word.text);
    context.notes.variable(word.span, place);
}

/// The model of a variable that holds a row, or a report.
pub(super) fn row_variable(context: &mut Context<'_>, word: &ast::Word) -> Option<RowType> {
    match context.variable_type(&word.text) {
        Some(VariableType::Row(known)) => {
            note_use(context, word);
            Some(known)
        }
        Some(other) => {
            let is = match other {
                VariableType::Rows(_) => "a list of rows",
                VariableType::List(_) => "a list of values",
                VariableType::Row(..) | VariableType::Value(_) => "a value",
            };
            context.report(CheckProblem::Malformed {
                message: format!("`{}` holds {is}, and a row is needed", word.text),
                at: word.span,
                label: "not a row".into(),
                help: Some("`findOne`, `findByPk` and `create` give rows".into()),
            });
            None
        }
        None => {
            unknown_variable(context, word);
            None
        }
    }
}

fn unknown_variable(context: &mut Context<'_>, word: &ast::Word) {
    let names = || context.variables.iter().map(|(it, _)| it.as_str());
    let constant = match word.text.as_str() {
        "undefined" | "None" | "nil" | "NULL" | "Null" => Some("null"),
        "True" | "TRUE" => Some("true"),
        "False" | "FALSE" => Some("false"),
        _ => None,
    };
    let help = match constant.or_else(|| words::nearest(&word.text, names())) {
        Some(nearest) => Help::name(word.span, nearest),
        None if let Some(said) = foreign::template(&word.text) => Help::write(word.span, &said),
        None => {
            format!("declare it above, `let {} = ..`, or write a text in quotes", word.text).into()
        }
    };
    // A sentence that can't be read may declare it.
    if [&context.doubtful, &context.unread].iter().any(|it| it.contains(word.text.as_str())) {
        return;
    }
    context.report(CheckProblem::UnknownVariable {
        name: word.text.to_string(),
        at: word.span,
        help: Some(help),
    });
}

/// Whether the arguments of a call are one variable, or a path from one.
pub(super) fn is_path_of_variable(context: &Context<'_>, arguments: &[ast::ValueNode]) -> bool {
    match arguments {
        [ast::ValueNode { kind: ast::ValueKind::Path(path), .. }] => {
            context.is_variable(&path.head.text)
        }
        [ast::ValueNode { kind: ast::ValueKind::Name(word), .. }] => {
            context.is_variable(&word.text)
        }
        _ => false,
    }
}

fn variable_step(
    context: &mut Context<'_>,
    known: &RowType,
    word: &ast::Word,
) -> Option<(VariableStep, VariableType)> {
    let model = known.model;
    let attribute = context.model(model).attribute_named(&word.text);
    let named = known.names.contains(&word.text);
    if let Some(id) = attribute
        && (row_variables::is_read(context, known, id) || !named)
    {
        context.notes.attribute(word.span, model, id);
        row_variables::require_read(context, known, id, word.span)?;
        let step = VariableStep::Attribute(super::model_id(model), id);
        return Some((step, VariableType::Value(None)));
    }
    if !named && let Some(id) = context.association_named(model, &word.text) {
        context.notes.association(word.span, id);
        let association = context.schema.associations.get(id.0 as usize)?;
        let target = RowType::whole(association.target.0 as usize);
        let many = association.is_to_many();
        let own: Vec<_> = association.own_key().collect();
        // Where its key wasn't read, the row's own tells it.
        if !own.iter().all(|it| row_variables::is_read(context, known, *it)) {
            row_variables::is_identified(context, known, word.span)?;
        }
        let holds = if many { VariableType::Rows(target) } else { VariableType::Row(target) };
        return Some((VariableStep::Association(id), holds));
    }
    if named {
        let step = VariableStep::Key(JsonStep::Key(word.text.clone()));
        return Some((step, VariableType::Value(None)));
    }
    context.unknown_attribute(model, &word.text, word.span);
    None
}

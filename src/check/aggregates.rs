//! Aggregates of the rows that associations lead to: `sum(orders.lines.total)`, `count(ann.invoices)`.

use super::bindings::{RowType, VariableType};
use super::expressions::Lowering;
use super::scope::{ExpressionScope, LinkScope, ValueType};
use super::{Context, row_variables};
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{AggregateFunction, AssociationId, AttributeId, Expression, VariablePath};
use crate::source::Span;
use smol_str::SmolStr;

/// A path from a row, which begins with an association's name.
struct PathToMany<'a> {
    /// The row's model.
    model: usize,
    /// The variable that holds the row, and the steps to it from what the variable holds; none: the row at hand.
    variable: Option<(&'a ast::Word, &'a [ast::PathStep])>,
    first: &'a ast::Word,
    rest: &'a [ast::PathStep],
}

/// What a path through associations is found to be: they, and what of the last one's rows.
type Found = (Vec<AssociationId>, Option<Box<Expression>>);

impl<'a> Lowering<'_, 'a> {
    /// What an aggregate of one argument is, if that is a path through an association to many; none inside after a report.
    #[expect(clippy::option_option, reason = "none where the argument is something else")]
    pub(super) fn of_many(&mut self, call: &'a ast::Call) -> Option<Option<Expression>> {
        let function = AggregateFunction::named(&call.name.text)?;
        let [value] = call.arguments.as_slice() else {
            return None;
        };
        if self.scope.place.is_schema() {
            return None;
        }
        let path = path_to_many(self, value)?;
        Some(aggregate(self, (call, function), &path, value))
    }

    /// Whether a name is an attribute, an association or a variable.
    pub(super) fn is_known(&self, word: &ast::Word) -> bool {
        let context = &*self.context;
        context.is_variable(&word.text)
            || self.scope.model.is_none_or(|model| {
                super::attribute_named(context, model, &word.text).is_some()
                    || context.association_named(model, &word.text).is_some()
            })
    }
}

/// The path that a value is, if one of its associations leads to many rows.
fn path_to_many<'a>(
    lowering: &Lowering<'_, 'a>,
    value: &'a ast::ValueNode,
) -> Option<PathToMany<'a>> {
    let (head, tail) = match &value.kind {
        ast::ValueKind::Name(word) => (word, [].as_slice()),
        ast::ValueKind::Path(path) => (&path.head, path.tail.as_slice()),
        _ => return None,
    };
    let context = &*lowering.context;
    if let Some(model) = lowering.scope.model {
        if super::attribute_named(context, model, &head.text).is_some() {
            return None;
        }
        if context.association_named(model, &head.text).is_some() {
            let path = PathToMany { model, variable: None, first: head, rest: tail };
            return leads_to_many(context, &path).then_some(path);
        }
    }
    let mut holds = context.variable_type(&head.text)?;
    for (place, step) in tail.iter().enumerate() {
        holds = match (step, holds) {
            (ast::PathStep::Index(..), VariableType::Rows(known)) => VariableType::Row(known),
            (ast::PathStep::Name(word), VariableType::Row(known)) => {
                if known.names.contains(&word.text) {
                    return None;
                }
                let model = known.model;
                if let Some(ast::PathStep::Index(..)) = tail.get(place + 1) {
                    let id = context.association_named(model, &word.text)?;
                    let target = context.schema.associations.get(id.0 as usize)?.target;
                    holds = VariableType::Rows(RowType::whole(target.0 as usize));
                    continue;
                }
                let variable = Some((head, tail.get(..place)?));
                let rest = tail.get(place + 1..)?;
                let path = PathToMany { model, variable, first: word, rest };
                return leads_to_many(context, &path).then_some(path);
            }
            _ => return None,
        };
    }
    None
}

/// Whether one of a path's associations leads to many rows.
fn leads_to_many(context: &Context<'_>, path: &PathToMany<'_>) -> bool {
    let (mut model, mut word, mut rest) = (path.model, path.first, path.rest);
    while super::attribute_named(context, model, &word.text).is_none()
        && let Some(id) = context.association_named(model, &word.text)
        && let Some(found) = context.schema.associations.get(id.0 as usize)
    {
        if found.is_to_many() {
            return true;
        }
        model = found.target.0 as usize;
        let Some((ast::PathStep::Name(next), more)) = rest.split_first() else {
            return false;
        };
        (word, rest) = (next, more);
    }
    false
}

fn aggregate<'a>(
    lowering: &mut Lowering<'_, 'a>,
    (call, function): (&'a ast::Call, AggregateFunction),
    path: &PathToMany<'a>,
    value: &'a ast::ValueNode,
) -> Option<Expression> {
    let from = match path.variable {
        Some((head, steps)) => Some(row_of_variable(lowering.context, head, steps, path)?),
        None => None,
    };
    let (associations, of) = aggregate_over_path(lowering, (call, function), path, value.span)?;
    Some(Expression::AggregateOf {
        function,
        distinct: call.distinct,
        from,
        path: associations,
        of,
    })
}

/// The variable's part of a path.
fn row_of_variable<'a>(
    context: &mut Context<'a>,
    head: &'a ast::Word,
    steps: &'a [ast::PathStep],
    path: &PathToMany<'a>,
) -> Option<VariablePath> {
    let span = match steps.last() {
        Some(ast::PathStep::Name(word)) => head.span.to(word.span),
        Some(ast::PathStep::Index(_, at)) => head.span.to(*at),
        None => head.span,
    };
    let Expression::Variable(variable) = context.variable(head, steps, span)? else {
        return None;
    };
    let id = context.association_named(path.model, &path.first.text)?;
    let own: Vec<_> = context.schema.associations.get(id.0 as usize)?.own_key().collect();
    if let VariableType::Row(known) = context.type_of_path(&variable)
        && !own.iter().all(|it| row_variables::is_read(context, &known, *it))
    {
        row_variables::is_identified(context, &known, path.first.span)?;
    }
    Some(variable)
}

/// The associations of a path, and what of the last one's rows.
fn aggregate_over_path<'a>(
    lowering: &mut Lowering<'_, 'a>,
    (call, function): (&'a ast::Call, AggregateFunction),
    path: &PathToMany<'a>,
    at: Span,
) -> Option<Found> {
    let (mut model, mut word, mut rest) = (path.model, path.first, path.rest);
    let mut associations = Vec::new();
    let mut link: Option<LinkScope> = None;
    loop {
        let attribute = super::attribute_named(lowering.context, model, &word.text);
        if let Some(id) = attribute {
            lowering.context.notes.attribute(word.span, model, id);
            row_variables::is_computed(lowering.context, model, id, word, lowering.scope.place)?;
            let base = Expression::Attribute(id);
            let of = match rest {
                [] if adds(function) && !is_number(lowering.context, model, word, at) => {
                    return None;
                }
                [] => base,
                _ => lowering.json_path(base, model, id, word, rest)?,
            };
            return Some((associations, Some(Box::new(of))));
        }
        let Some(id) = lowering.context.association_named(model, &word.text) else {
            if link.as_ref().is_some_and(|it| it.is_called(lowering.context, &word.text)) {
                let scope =
                    ExpressionScope { link, ..ExpressionScope::new(model, lowering.scope.place) };
                let of = lowering.context.lowering(&scope).steps(word, rest, at)?;
                return Some((associations, Some(Box::new(of))));
            }
            lowering.unknown_step(model, word, rest.is_empty());
            return None;
        };
        lowering.context.notes.association(word.span, id);
        let association = lowering.context.schema.associations.get(id.0 as usize)?;
        (model, link) = (association.target.0 as usize, LinkScope::of(association));
        associations.push(id);
        match rest.split_first() {
            Some((ast::PathStep::Name(next), more)) => (word, rest) = (next, more),
            Some((ast::PathStep::Index(_, span), _)) => {
                lowering.not_possible("a place in an association", *span, None);
                return None;
            }
            None if function == AggregateFunction::Count => return Some((associations, None)),
            None => {
                let text = lowering.context.sources.slice(at).to_owned();
                let name = counted(lowering.context, model, adds(function));
                let name = name.unwrap_or_else(|| SmolStr::new_static("id"));
                lowering.context.report(CheckProblem::WrongOperand {
                    message: format!("`{}` takes an attribute", call.name.text),
                    at,
                    found: "an association".into(),
                    help: Some(
                        format!("name an attribute of it: `{}({text}.{name})`", call.name.text)
                            .into(),
                    ),
                });
                return None;
            }
        }
    }
}

/// Whether an aggregate takes numbers alone.
const fn adds(function: AggregateFunction) -> bool {
    matches!(function, AggregateFunction::Sum | AggregateFunction::Avg)
}

/// That the attribute at a path's end holds numbers, or a report.
fn is_number(context: &mut Context<'_>, model: usize, word: &ast::Word, at: Span) -> bool {
    let own = context.model(model);
    let id = super::attribute_named(context, model, &word.text);
    let kind = id.and_then(|it| ValueType::of(&own.attribute(it).data_type));
    let Some(kind) = kind.filter(|it| !it.sort.counts()) else {
        return true;
    };
    let before = context.sources.slice(Span::new(at.start, word.span.start));
    let help = counted(context, model, true)
        .map(|it| format!("name one that holds numbers: `{before}{it}`").into());
    context.report(CheckProblem::WrongOperand {
        message: "`sum` and `avg` take numbers".into(),
        at,
        found: kind.words(),
        help,
    });
    false
}

/// An attribute of which an aggregate can be.
fn counted(context: &Context<'_>, model: usize, number: bool) -> Option<SmolStr> {
    let own = context.model(model);
    let is_key = |id: AttributeId| {
        own.primary_key.contains(&id)
            || own.foreign_keys.iter().any(|it| it.attributes.contains(&id))
    };
    let mut all = own.attributes();
    let found = all.find(|(id, attribute)| {
        let kind = ValueType::of(&attribute.data_type);
        !is_key(*id) && (!number || kind.is_some_and(|it| it.sort.counts()))
    });
    found.map(|(_, it)| it.name.clone())
}

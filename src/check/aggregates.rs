//! Aggregates of the rows that associations lead to, and of rows that a variable holds: `sum(orders.lines.total)`,
//! `sum(lines.qty * lines.price)`, `count(ann.invoices)`, `sum(rows.total)`.

use super::expressions::Lowering;
use super::many_rows::{
    HeldPath, PathToMany, associations_to_many, path_of, path_to_many, paths_within,
};
use super::scope::{AggregatedRows, ExpressionScope, LinkScope, ValueType};
use super::{Context, operands, row_variables};
use crate::ast;
use crate::ast::{Operator, Same};
use crate::diagnostics::{CheckProblem, Help, Stray};
use crate::ir::{
    AggregateFunction, AssociationId, AttributeId, Expression, HeldRows, OwnRead, key_of,
};
use crate::source::Span;
use smol_str::SmolStr;

/// What a path through associations is found to be: they, and what of the last one's rows.
type Found = (Vec<AssociationId>, Option<Expression>);

impl<'a> Lowering<'_, 'a> {
    /// What an aggregate of one argument is, if that is about the rows of an association to many, or about rows that are held;
    /// none inside after a report.
    #[expect(clippy::option_option, reason = "none where the argument is something else")]
    pub(super) fn of_many(&mut self, call: &'a ast::Call) -> Option<Option<Expression>> {
        let function = AggregateFunction::named(&call.name.text)?;
        let [value] = call.arguments.as_slice() else {
            return None;
        };
        if self.scope.place.is_schema() {
            return None;
        }
        if let Some(path) = path_of(self, value) {
            return Some(aggregate(self, (call, function), &path, value));
        }
        if let Some(found) = self.of_list(call, function, value) {
            return Some(found);
        }
        let mut paths = Vec::new();
        paths_within(self, value, &mut paths);
        if paths.is_empty() {
            return None;
        }
        Some(computed_aggregate(self, (call, function), &paths, value))
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

    /// In an aggregate of what a variable holds: a path from there.
    #[expect(clippy::option_option, reason = "none where it is another path")]
    pub(super) fn of_held(&mut self, path: &'a ast::Path) -> Option<Option<Expression>> {
        let along = self.scope.along.as_ref()?;
        let (name, steps) = along.variable.as_ref()?;
        let found = path_to_many(self, &path.head, &path.tail)?;
        let held = found.held.filter(|it| it.head.text == *name && it.steps.len() == *steps)?;
        let own = AggregatedRows { variable: None, ..along.clone() };
        let scope = ExpressionScope {
            along: Some(own),
            aliases: held.known.names.iter().map(|it| (it.clone(), None)).collect(),
            ..ExpressionScope::new(found.model, self.scope.place)
        };
        let unread = super::attribute_named(self.context, found.model, &found.first.text)
            .is_some_and(|it| !row_variables::is_read(self.context, &held.known, it));
        if found.rest.is_empty() && unread && held.known.names.contains(&found.first.text) {
            return Some(Some(Expression::Alias(found.first.text.clone())));
        }
        let mut lowering = self.context.lowering(&scope);
        Some(match found.rest {
            [] => lowering.name(found.first, None),
            rest => lowering.steps(found.first, rest, path.span),
        })
    }

    /// The rows that a variable holds, as `from` has them: what a path needs of them was read.
    pub(super) fn held_rows(
        &mut self,
        held: &HeldPath<'a>,
        path: &[AssociationId],
        at: Span,
    ) -> Option<Box<HeldRows>> {
        let span = match held.steps.last() {
            Some(ast::PathStep::Name(word)) => held.head.span.to(word.span),
            Some(ast::PathStep::Index(_, at)) => held.head.span.to(*at),
            None => held.head.span,
        };
        let Expression::Variable(variable) = self.context.variable(held.head, held.steps, span)?
        else {
            return None;
        };
        let own = key_of(&self.context.schema.associations, path);
        if !own.iter().all(|it| row_variables::is_read(self.context, &held.known, *it)) {
            row_variables::is_identified(self.context, &held.known, at)?;
        }
        Some(Box::new(HeldRows { variable, model: super::model_id(held.known.model) }))
    }

    /// That what an expression over rows that are held reads of them was read; a path's key its row tells.
    pub(super) fn reads_held(
        &mut self,
        held: &HeldPath<'_>,
        path: &[AssociationId],
        of: &Expression,
        at: Span,
    ) -> Option<()> {
        // As if it stood in an aggregate of the path.
        let whole = Expression::AggregateOf {
            function: AggregateFunction::Count,
            distinct: false,
            from: None,
            path: path.to_vec(),
            of: Some(Box::new(of.clone())),
        };
        let keys = key_of(&self.context.schema.associations, path);
        for it in whole.own_reads(&self.context.schema.associations) {
            match it {
                OwnRead::Attribute(id) if keys.contains(&id) => {}
                OwnRead::Attribute(id) => {
                    row_variables::require_read(self.context, &held.known, id, at)?;
                }
                OwnRead::Name(_) => {}
            }
        }
        Some(())
    }
}

/// `sum(lines.total)`
fn aggregate<'a>(
    lowering: &mut Lowering<'_, 'a>,
    (call, function): (&'a ast::Call, AggregateFunction),
    path: &PathToMany<'a>,
    value: &'a ast::ValueNode,
) -> Option<Expression> {
    let (associations, of) = aggregate_over_path(lowering, (call, function), path, value.span)?;
    let from = match &path.held {
        Some(held) => Some(lowering.held_rows(held, &associations, path.first.span)?),
        None => None,
    };
    if let (Some(held), Some(of)) = (&path.held, &of) {
        lowering.reads_held(held, &associations, of, path.first.span)?;
    }
    Some(Expression::AggregateOf {
        function,
        distinct: call.distinct,
        from,
        path: associations,
        of: of.map(Box::new),
    })
}

/// `sum(lines.qty * lines.price)`: over the rows to which its longest path leads, of which all others are parts.
fn computed_aggregate<'a>(
    lowering: &mut Lowering<'_, 'a>,
    (call, function): (&'a ast::Call, AggregateFunction),
    paths: &[(PathToMany<'a>, Span)],
    value: &'a ast::ValueNode,
) -> Option<Expression> {
    let ways: Vec<_> =
        paths.iter().map(|(it, _)| associations_to_many(lowering.context, it)).collect();
    let longest = paths.iter().zip(&ways).max_by_key(|it| it.1.len());
    let ((longest, longest_at), way) = longest?;
    let other = paths.iter().zip(&ways).find(|((it, _), other)| {
        !way.starts_with(other) || !same_rows(it.held.as_ref(), longest.held.as_ref())
    });
    if let Some(((_, at), _)) = other {
        two_paths(lowering, (call, function), (*at, *longest_at), value);
        return None;
    }
    let along = AggregatedRows {
        variable: longest.held.as_ref().map(|it| (it.head.text.clone(), it.steps.len())),
        path: way.clone(),
    };
    let scope = match &longest.held {
        // The rows are found before a row is at hand.
        Some(_) => ExpressionScope {
            along: Some(along),
            model: None,
            ..ExpressionScope::new(longest.model, lowering.scope.place)
        },
        None => ExpressionScope { along: Some(along), ..lowering.scope.clone() },
    };
    let mut of = lowering.context.lowering(&scope).lower(value, None)?;
    if adds(function) && !operands::is_number(lowering.context, &call.name.text, value, &scope) {
        return None;
    }
    lead_through(&mut of, way);
    let from = match &longest.held {
        Some(held) => {
            lowering.reads_held(held, way, &of, value.span)?;
            Some(lowering.held_rows(held, way, longest.first.span)?)
        }
        None => None,
    };
    let of = Some(Box::new(of));
    Some(Expression::AggregateOf { function, distinct: call.distinct, from, path: way.clone(), of })
}

/// Whether two paths begin at the same rows.
fn same_rows(one: Option<&HeldPath<'_>>, two: Option<&HeldPath<'_>>) -> bool {
    match (one, two) {
        (None, None) => true,
        (Some(one), Some(two)) => {
            one.head.text == two.head.text
                && one.steps.len() == two.steps.len()
                && one.steps.iter().zip(two.steps).all(|(one, two)| one.same(two))
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Reports paths to rows that have nothing to do with each other.
fn two_paths(
    lowering: &mut Lowering<'_, '_>,
    (call, function): (&ast::Call, AggregateFunction),
    (one, two): (Span, Span),
    value: &ast::ValueNode,
) {
    let context = &mut *lowering.context;
    let name = &call.name.text;
    let (first, second) = if one.start < two.start { (one, two) } else { (two, one) };
    let text = |span| context.sources.slice(span).to_owned();
    // A sum of sums is the sum of both.
    let split = match &value.kind {
        ast::ValueKind::Binary(it)
            if function == AggregateFunction::Sum
                && !call.distinct
                && matches!(it.operator, Operator::Add | Operator::Subtract)
                && it.left.span == first
                && it.right.span == second =>
        {
            let word = it.operator.word();
            let line = format!(
                "coalesce({name}({}), 0) {word} coalesce({name}({}), 0)",
                text(it.left.span),
                text(it.right.span)
            );
            let whole = call.name.span.to(Span::new(value.span.end, value.span.end + 1));
            Some(Help::write(whole, &line).with_text(format!("write two aggregates: `{line}`")))
        }
        _ => None,
    };
    let help = split.unwrap_or_else(|| {
        format!(
            "each aggregate is about the rows of one path; write one for each: `{name}({})`, `{name}({})`",
            text(first),
            text(second)
        )
        .into()
    });
    let problem = CheckProblem::WrongOperand {
        message: format!("`{name}` is about the rows of one path"),
        at: second,
        found: format!("other rows than those of `{}`", text(first)),
        help: Some(help),
    };
    context.report(problem);
}

/// An expression over the row from which a path leads becomes one over the row to which it does.
fn lead_through(of: &mut Expression, way: &[AssociationId]) {
    if way.is_empty() {
        return;
    }
    let mut rest = vec![of];
    while let Some(it) = rest.pop() {
        match it {
            Expression::Attribute(_)
            | Expression::Alias(_)
            | Expression::Related(..)
            | Expression::OfLink { .. }
            | Expression::Quantified { from: None, .. }
            | Expression::AggregateOf { from: None, .. } => lead_leaf_through(it, way),
            // A document and the place in it stay together.
            Expression::Json(base, steps) => {
                lead_leaf_through(base, way);
                if let Expression::Around(back, of) = &mut **base {
                    let of = std::mem::replace(&mut **of, Expression::Star);
                    let of = Expression::Json(Box::new(of), std::mem::take(steps));
                    *it = Expression::Around(*back, Box::new(of));
                }
            }
            it => rest.extend(it.parts_mut()),
        }
    }
}

fn lead_leaf_through(leaf: &mut Expression, way: &[AssociationId]) {
    let mut back = way.len();
    if let Expression::Related(path, _) | Expression::OfLink { path, .. } = leaf {
        let common = path.iter().zip(way).take_while(|(one, two)| one == two).count();
        path.drain(..common);
        back -= common;
    }
    if let Expression::Related(path, id) = leaf
        && path.is_empty()
    {
        *leaf = Expression::Attribute(*id);
    }
    if back > 0 {
        let of = std::mem::replace(leaf, Expression::Star);
        *leaf = Expression::Around(back, Box::new(of));
    }
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
    let held = path.held.as_ref().filter(|it| it.many).map(|it| &it.known);
    loop {
        // What a query has given a name is no attribute, unless that was read, too.
        let given = held.filter(|it| associations.is_empty() && it.names.contains(&word.text));
        let attribute = super::attribute_named(lowering.context, model, &word.text).filter(|it| {
            given.is_none_or(|known| row_variables::is_read(lowering.context, known, *it))
        });
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
            return Some((associations, Some(of)));
        }
        if given.is_some() && rest.is_empty() {
            return Some((associations, Some(Expression::Alias(word.text.clone()))));
        }
        let Some(id) = lowering.context.association_named(model, &word.text) else {
            if link.as_ref().is_some_and(|it| it.is_called(lowering.context, &word.text)) {
                let scope =
                    ExpressionScope { link, ..ExpressionScope::new(model, lowering.scope.place) };
                let of = lowering.context.lowering(&scope).steps(word, rest, at)?;
                return Some((associations, Some(of)));
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
                lowering.not_possible(Stray::Place, *span, None);
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

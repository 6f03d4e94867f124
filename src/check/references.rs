//! What an operand refers to, where rows may stand beside it.

use super::Context;
use super::bindings::VariableType;
use super::scope::ExpressionScope;
use crate::ast;
use crate::ir::{AssociationKind, AttributeId, Expression, KeyPair, KeyTarget, VariableStep};

/// What a key refers to: attributes of models, by one of which a row is known.
type Referred = Vec<(usize, AttributeId)>;

/// What stands beside a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum ComparedWithRow<'e, 'a> {
    /// Another operand: what was written, and what it means.
    Operand(&'a ast::ValueNode, &'e Expression),
    /// An attribute that gets a value.
    Attribute(usize, AttributeId),
}

/// What an attribute refers to; a key of its own model stands for itself.
fn reference_of(context: &Context<'_>, model: usize, id: AttributeId) -> Referred {
    let mut found = Referred::new();
    let mut add = |model: usize, id: AttributeId| {
        if !found.contains(&(model, id)) {
            found.push((model, id));
        }
    };
    for it in &context.schema.associations {
        let (source, target) = (it.source.0 as usize, it.target.0 as usize);
        // A row never stands for one column of several.
        let of = |key: &[KeyPair]| match key {
            [one] if one.attribute == id => Some(one.referenced),
            _ => None,
        };
        let (holder, to) = match (it.kind, &it.through) {
            (AssociationKind::BelongsTo, _) => (source, target),
            (_, None) => (target, source),
            (_, Some(through)) => (through.model.0 as usize, source),
        };
        if holder == model {
            let other = it.through.as_ref().and_then(|it| of(&it.key));
            for (model, id) in [(to, of(&it.key)), (target, other)] {
                if let Some(id) = id {
                    add(model, id);
                }
            }
        }
    }
    let own = context.model(model);
    for it in own.foreign_keys.iter().filter(|it| it.attributes == [id]) {
        match &it.target {
            KeyTarget::Model(target, attributes) => {
                if let [one] = attributes.as_slice() {
                    add(target.0 as usize, *one);
                }
            }
            KeyTarget::Table(table, columns) => {
                let mut models = context.models().enumerate();
                let target = models.find(|(_, it)| it.table == *table && !it.view);
                let Some((place, target)) = target else {
                    continue;
                };
                let referred = match (columns.as_slice(), target.primary_key.as_slice()) {
                    ([], [one]) => Some(*one),
                    ([column], _) => {
                        let mut columns = target.columns();
                        columns.find(|(_, it)| it.column == *column).map(|it| it.0)
                    }
                    _ => None,
                };
                if let Some(referred) = referred {
                    add(place, referred);
                }
            }
        }
    }
    let unique = own.indexes.iter().any(|it| {
        let one =
            matches!(it.members.as_slice(), [one] if one.expression == Expression::Attribute(id));
        it.unique && it.filter.is_none() && one
    });
    if unique || own.primary_key == [id] {
        add(model, id);
    }
    found
}

/// What the operand beside a row refers to.
pub(super) fn operand_reference<'a>(
    context: &Context<'a>,
    beside: ComparedWithRow<'_, 'a>,
    scope: &ExpressionScope,
) -> Referred {
    let (value, meant) = match beside {
        ComparedWithRow::Attribute(model, id) => return reference_of(context, model, id),
        ComparedWithRow::Operand(value, meant) => (value, meant),
    };
    let name = match &super::typing::inner(value).kind {
        ast::ValueKind::Name(word) => Some(word),
        _ => None,
    };
    match meant {
        Expression::Attribute(id) => {
            let Some(model) = scope.model else {
                return Referred::new();
            };
            // `country` is its key, and says itself where that leads.
            if let Some(word) = name
                && super::attribute_named(context, model, &word.text).is_none()
                && let Some(it) = context
                    .association_named(model, &word.text)
                    .and_then(|it| context.schema.associations.get(it.0 as usize))
            {
                let key = it.single_key().map(|key| (it.target.0 as usize, key.referenced));
                return key.into_iter().collect();
            }
            reference_of(context, model, *id)
        }
        Expression::Related(path, id) => {
            let last = path.last().and_then(|it| context.schema.associations.get(it.0 as usize));
            last.map_or_else(Referred::new, |it| reference_of(context, it.target.0 as usize, *id))
        }
        Expression::OfLink { model, of, .. } => {
            let scope = ExpressionScope::new(model.0 as usize, scope.place);
            operand_reference(context, ComparedWithRow::Operand(value, of), &scope)
        }
        Expression::Variable(variable) => match variable.steps.last() {
            Some(VariableStep::Attribute(model, id)) => {
                reference_of(context, model.0 as usize, *id)
            }
            _ => match context.type_of_path(variable) {
                VariableType::Row(it) | VariableType::Rows(it) => {
                    let key = context.model(it.model).primary_key.first();
                    key.map(|key| (it.model, *key)).into_iter().collect()
                }
                VariableType::Value(_) | VariableType::List(_) => Referred::new(),
            },
        },
        Expression::List(members) => match (members.first(), &super::typing::inner(value).kind) {
            (Some(first), ast::ValueKind::List(values)) => match values.first() {
                Some(value) => {
                    operand_reference(context, ComparedWithRow::Operand(value, first), scope)
                }
                None => Referred::new(),
            },
            _ => Referred::new(),
        },
        Expression::Literal(_)
        | Expression::Json(..)
        | Expression::Alias(_)
        | Expression::Former(_)
        | Expression::Sql(_)
        | Expression::Not(_)
        | Expression::Negate(_)
        | Expression::And(_)
        | Expression::Or(_)
        | Expression::Binary(..)
        | Expression::IsNull(..)
        | Expression::Between { .. }
        | Expression::In { .. }
        | Expression::Call { .. }
        | Expression::Star
        | Expression::Cast(..)
        | Expression::Case { .. }
        | Expression::Quantified { .. }
        | Expression::AggregateOf { .. }
        | Expression::OfList { .. }
        | Expression::Around(..) => Referred::new(),
    }
}

//! Associations by keys of several columns, compared with rows: `member = ann`, `member in [ann, bob]`, `member is null`.
//!
//! Such a key is compared column by column, as SQL compares rows; a key of which a column is null refers to nothing.

use super::bindings::RowType;
use super::expressions::Lowering;
use super::row_variables;
use super::typing;
use crate::ast;
use crate::ast::Operator;
use crate::diagnostics::CheckProblem;
use crate::ir::{
    AssociationKind, AttributeId, Expression, KeyPair, ShortList, VariablePath, VariableStep,
};
use crate::source::Span;

/// An association's key that stands in a condition.
struct CompoundKey {
    /// The model to which it leads.
    target: usize,
    key: ShortList<KeyPair>,
}

impl<'a> Lowering<'_, 'a> {
    /// `member = ann`, `member != null`; none where no such key is compared, none inside after a report.
    #[expect(clippy::option_option, reason = "none where something else is compared")]
    pub(super) fn compound_equality(
        &mut self,
        binary: &'a ast::Binary,
    ) -> Option<Option<Expression>> {
        let (key, other) = match self.compound_key(&binary.left) {
            Some(key) => (key, &binary.right),
            None => (self.compound_key(&binary.right)?, &binary.left),
        };
        let negated = binary.operator == Operator::NotEqual;
        if matches!(typing::inner(other).kind, ast::ValueKind::Null) {
            return Some(Some(is_null(&key, negated)));
        }
        Some(self.same_row(&key, other).map(|it| negate(&key, it, negated)))
    }

    /// `member is null`
    pub(super) fn compound_null(&mut self, of: &'a ast::IsNull) -> Option<Expression> {
        let key = self.compound_key(&of.value)?;
        Some(is_null(&key, of.negated))
    }

    /// `member in [ann, bob]`
    #[expect(clippy::option_option, reason = "none where something else is compared")]
    pub(super) fn compound_membership(
        &mut self,
        membership: &'a ast::In,
    ) -> Option<Option<Expression>> {
        let key = self.compound_key(&membership.value)?;
        let ast::ValueKind::List(items) = &typing::inner(&membership.list).kind else {
            let among = self.among_held_rows(&key, &membership.list);
            return Some(among.map(|it| negate(&key, it, membership.negated)));
        };
        let each: Vec<_> = items.iter().map(|it| self.same_row(&key, it)).collect();
        let each: Option<Vec<_>> = each.into_iter().collect();
        Some(each.map(|it| negate(&key, Expression::Or(it), membership.negated)))
    }

    /// The key of several columns by whose association's name a value is.
    fn compound_key(&mut self, value: &'a ast::ValueNode) -> Option<CompoundKey> {
        let ast::ValueKind::Name(word) = &typing::inner(value).kind else {
            return None;
        };
        let model = self.scope.model.filter(|_| !self.scope.place.is_schema())?;
        if self.context.model(model).attribute_named(&word.text).is_some()
            || self.scope.aliases.iter().any(|(it, _)| *it == word.text)
        {
            return None;
        }
        let id = self.context.association_named(model, &word.text)?;
        let association = self.context.schema.associations.get(id.0 as usize)?;
        if association.kind != AssociationKind::BelongsTo || association.key.len() < 2 {
            return None;
        }
        let (target, key) = (association.target.0 as usize, association.key.clone());
        self.context.notes.association(word.span, id);
        Some(CompoundKey { target, key })
    }

    /// That a key refers to the row that a value is.
    fn same_row(&mut self, key: &CompoundKey, value: &'a ast::ValueNode) -> Option<Expression> {
        let columns = match self.compound_key(value) {
            Some(other) if other.target == key.target => {
                let of = |to: AttributeId| other.key.iter().find(|it| it.referenced == to);
                let each = key.key.iter().map(|it| of(it.referenced));
                let each = each.map(|it| it.map(|pair| Expression::Attribute(pair.attribute)));
                each.collect::<Option<Vec<_>>>()
            }
            Some(_) => None,
            None => return self.same_held_row(key, value),
        };
        match columns {
            Some(columns) => Some(equal(key, columns)),
            None => self.no_row(key, value.span, "an association that refers to others".to_owned()),
        }
    }

    /// The same of a row that a variable holds.
    fn same_held_row(
        &mut self,
        key: &CompoundKey,
        value: &'a ast::ValueNode,
    ) -> Option<Expression> {
        let meant = self.lower_any(value, None)?;
        let Some((variable, known, false)) = row_variables::rows_of(self.context, &meant) else {
            return self.no_row(key, value.span, "no row".to_owned());
        };
        if known.model != key.target {
            let other = format!("a row of `{}`", self.context.model(known.model).name);
            return self.no_row(key, value.span, other);
        }
        let columns = self.held_columns(key, (variable.clone(), &known), value.span)?;
        Some(equal(key, columns))
    }

    /// That a key refers to one of the rows that a variable holds: `member in rows`.
    fn among_held_rows(
        &mut self,
        key: &CompoundKey,
        list: &'a ast::ValueNode,
    ) -> Option<Expression> {
        let meant = self.lower_any(list, None)?;
        let Some((variable, known, true)) = row_variables::rows_of(self.context, &meant) else {
            return self.no_row(key, list.span, "no rows".to_owned());
        };
        if known.model != key.target {
            let other = format!("rows of `{}`", self.context.model(known.model).name);
            return self.no_row(key, list.span, other);
        }
        let columns = self.held_columns(key, (variable.clone(), &known), list.span)?;
        let own = key.key.iter().map(|it| Expression::Attribute(it.attribute));
        Some(Expression::In {
            value: Box::new(Expression::List(own.collect())),
            list: Box::new(Expression::List(columns)),
            negated: false,
        })
    }

    /// What a row that is held, or each of several, has of what a key refers to.
    fn held_columns(
        &mut self,
        key: &CompoundKey,
        (variable, known): (VariablePath, &RowType),
        at: Span,
    ) -> Option<Vec<Expression>> {
        let each = key.key.iter().map(|pair| {
            row_variables::require_read(self.context, known, pair.referenced, at)?;
            let mut path = variable.clone();
            let model = super::model_id(known.model);
            path.steps.push(VariableStep::Attribute(model, pair.referenced));
            Some(Expression::Variable(path))
        });
        each.collect()
    }

    fn no_row<T>(&mut self, key: &CompoundKey, at: Span, found: String) -> Option<T> {
        let target = self.context.model(key.target);
        let names = key.key.iter().map(|it| target.attribute(it.referenced).name.as_str());
        let names = crate::verbs::list(names);
        let message = format!("a row of `{}` is compared here, by its {names}", target.name);
        let help =
            "hold rows by `let`: `member = row`, `member in [one, other]`, `member in rows`".into();
        self.context.report(CheckProblem::WrongOperand { message, at, found, help: Some(help) });
        None
    }
}

fn equal(key: &CompoundKey, columns: Vec<Expression>) -> Expression {
    let pairs = key.key.iter().zip(columns);
    let each = pairs.map(|(pair, it)| {
        let own = Box::new(Expression::Attribute(pair.attribute));
        Expression::Binary(Operator::Equal, own, Box::new(it))
    });
    Expression::And(each.collect())
}

/// Whether a key refers to nothing.
fn is_null(key: &CompoundKey, negated: bool) -> Expression {
    let own = key.key.iter().map(|it| Box::new(Expression::Attribute(it.attribute)));
    let each = own.map(|it| Expression::IsNull(it, negated)).collect();
    if negated { Expression::And(each) } else { Expression::Or(each) }
}

/// Not that; of a key that refers to something.
fn negate(key: &CompoundKey, condition: Expression, negated: bool) -> Expression {
    if negated {
        Expression::And(vec![is_null(key, true), Expression::Not(Box::new(condition))])
    } else {
        condition
    }
}

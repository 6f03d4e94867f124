//! `between`, and `in` over lists and over documents.

use super::expressions::Lowering;
use super::scope::ExpressionPlace;
use super::{comparisons, operands, quoted_names, row_variables, typing, variables};
use crate::ast;
use crate::diagnostics::Stray;
use crate::ir::{DataType, Expression};

impl<'a> Lowering<'_, 'a> {
    pub(super) fn between(&mut self, between: &'a ast::Between) -> Option<Expression> {
        let beside = self.type_of(&between.value);
        let bounds = self.moment_of(&between.low).or_else(|| self.moment_of(&between.high));
        let value = self.lower(&between.value, bounds.as_ref());
        let low = self.lower(&between.low, beside.as_ref());
        let high = self.lower(&between.high, beside.as_ref());
        let (value, low, high) = (value?, low?, high?);
        if !quoted_names::is_no_name(self.context, &between.value, &[&low, &high], self.scope) {
            return None;
        }
        for bound in [&between.low, &between.high] {
            if !comparisons::is_other(self.context, &between.value, bound, self.scope) {
                return None;
            }
        }
        let fits = operands::comparable(self.context, &between.value, &between.low, self.scope);
        if !(operands::comparable(self.context, &between.value, &between.high, self.scope) & fits) {
            return None;
        }
        Some(Expression::Between {
            value: Box::new(value),
            low: Box::new(low),
            high: Box::new(high),
            negated: between.negated,
        })
    }

    /// `"red" in tags`: whether a list in JSON holds a value.
    pub(super) fn within_document(&mut self, membership: &'a ast::In) -> Option<Expression> {
        if self.scope.place.is_schema() && self.scope.place != ExpressionPlace::Get {
            let help = "ask for it in queries; a database keeps no such condition";
            self.not_possible(Stray::InJson, membership.list.span, Some(help.into()));
            return None;
        }
        let parts = (&membership.list, &membership.value);
        if comparisons::asks_for_each(self.context, parts, self.scope) {
            return None;
        }
        let value = self.lower(&membership.value, None);
        let list = self.lower(&membership.list, None);
        let (value, list) = (Box::new(value?), Box::new(list?));
        Some(Expression::In { value, list, negated: membership.negated })
    }

    /// `tags = ["a", "b"]`: the list as the document that it is compared with; none inside after a report.
    #[expect(clippy::option_option, reason = "none where something else is compared")]
    pub(super) fn whole_list(&mut self, binary: &'a ast::Binary) -> Option<Option<Expression>> {
        let list = |it: &ast::ValueNode| match &typing::inner(it).kind {
            ast::ValueKind::List(_) => true,
            ast::ValueKind::Name(word) => {
                operands::is_list_variable(self.context, word, self.scope)
            }
            _ => false,
        };
        let document = |it| typing::is_document(self.context, it, self.scope);
        let (list, other) = if list(&binary.right) && document(&binary.left) {
            (&binary.right, &binary.left)
        } else if list(&binary.left) && document(&binary.right) {
            (&binary.left, &binary.right)
        } else {
            return None;
        };
        let list = match &typing::inner(list).kind {
            ast::ValueKind::Name(word) => {
                let held = self.context.variable(word, &[], list.span);
                held.map(|it| Expression::Cast(Box::new(it), DataType::Json))
            }
            _ => {
                let fitting = self.context.fit(typing::inner(list), &DataType::Json);
                fitting.map(Expression::Literal)
            }
        };
        let other = self.lower(other, None);
        Some(list.zip(other).map(|(list, other)| {
            Expression::Binary(binary.operator, Box::new(other), Box::new(list))
        }))
    }

    /// `found.authorId`, where `found` holds rows.
    #[expect(clippy::option_option, reason = "none where something else stands there")]
    fn values_of_held_rows(&mut self, list: &'a ast::ValueNode) -> Option<Option<Expression>> {
        let ast::ValueKind::Path(path) = &list.kind else {
            return None;
        };
        if typing::is_of_row(self.context, &path.head.text, self.scope) {
            return None;
        }
        variables::values_of_rows(self.context, path)
    }

    pub(super) fn within(&mut self, membership: &'a ast::In) -> Option<Expression> {
        if typing::is_document(self.context, &membership.list, self.scope) {
            return self.within_document(membership);
        }
        if let Some(found) = self.compound_membership(membership) {
            return found;
        }
        let members_type = self.type_of(&membership.list);
        let beside = self.type_of(&membership.value).or_else(|| members_type.clone());
        let value = self.lower_any(&membership.value, members_type.as_ref());
        let (list, fits) = match &membership.list.kind {
            ast::ValueKind::List(items) => {
                let list = self.lower_any(&membership.list, beside.as_ref())?;
                let mut fits = true;
                for item in items {
                    let value = &membership.value;
                    fits &= comparisons::is_other(self.context, value, item, self.scope)
                        && comparisons::can_be_in(
                            self.context,
                            membership,
                            items,
                            item,
                            self.scope,
                        )
                        && operands::is_member(self.context, value, item, self.scope);
                }
                (list, fits)
            }
            _ if !operands::is_list(self.context, &membership.list, self.scope) => return None,
            _ => {
                let list = match self.values_of_held_rows(&membership.list) {
                    Some(found) => found?,
                    None => self.lower_any(&membership.list, beside.as_ref())?,
                };
                (
                    list,
                    operands::is_member(
                        self.context,
                        &membership.value,
                        &membership.list,
                        self.scope,
                    ),
                )
            }
        };
        let value = value?;
        if !fits {
            return None;
        }
        if !quoted_names::is_no_name(self.context, &membership.value, &[&list], self.scope) {
            return None;
        }
        let (value, list) = row_variables::keyed_both(
            self.context,
            (value, &membership.value),
            (list, &membership.list),
            self.scope,
        )?;
        Some(Expression::In {
            value: Box::new(row_variables::no_rows(self.context, value, membership.value.span)?),
            list: Box::new(list),
            negated: membership.negated,
        })
    }
}

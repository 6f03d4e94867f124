//! Expressions: names resolved, and nothing that their place can't hold.

use super::pasted;
use super::scope::{ExpressionPlace, ExpressionScope, Sort};
use super::{
    Context, comparisons, computed, operands, quoted_names, row_variables, stray_words, sums,
    typing, variables, views,
};
use crate::ast;
use crate::ast::{Family, Operator};
use crate::diagnostics::{CheckProblem, Excess, Help, Stray};
use crate::ir;
use crate::ir::{Contents, DataType, Expression, Float};
use crate::source::Span;
use crate::value::{Pattern, Value};
use crate::verbs;
use crate::verbs::OptionItem;

/// So many conditions may be joined.
const MOST_CONDITIONS: usize = 1_000;

impl<'a> Context<'a> {
    /// What lowers expressions that stand in `scope`.
    pub(super) fn lowering<'c>(&'c mut self, scope: &'c ExpressionScope) -> Lowering<'c, 'a> {
        Lowering { context: self, scope }
    }

    /// Resolves an expression; what is wrong is reported, and then there is none.
    pub(super) fn expression(
        &mut self,
        value: &'a ast::ValueNode,
        scope: &ExpressionScope,
    ) -> Option<Expression> {
        self.lowering(scope).lower(value, None)
    }

    /// The same, of one that is true or false.
    pub(super) fn condition(
        &mut self,
        value: &'a ast::ValueNode,
        scope: &ExpressionScope,
    ) -> Option<Expression> {
        self.lowering(scope).condition(value)
    }

    /// The expression of an option, in brackets or raw.
    pub(super) fn option_expression(
        &mut self,
        model: usize,
        item: OptionItem<'a>,
        place: ExpressionPlace,
    ) -> Option<Expression> {
        self.scoped_option(item, &ExpressionScope::new(model, place))
    }

    /// The same, in a scope of its own.
    pub(super) fn scoped_option(
        &mut self,
        item: OptionItem<'a>,
        scope: &ExpressionScope,
    ) -> Option<Expression> {
        let place = scope.place;
        match item.value.map(|it| (&it.kind, it.span)) {
            Some((ast::ValueKind::Group(members), span)) => match members.as_slice() {
                [one] if place.is_condition() => self.condition(one, scope),
                [one] => self.expression(one, scope),
                _ => {
                    self.not_possible(
                        Stray::List,
                        place,
                        span,
                        Some("write one expression; `and` and `or` join conditions".into()),
                    );
                    None
                }
            },
            Some((ast::ValueKind::Sql(text), _)) => Some(Expression::Sql(text.clone())),
            _ => {
                let problem = pasted::wrong_condition(self, item, scope.model);
                self.problems.push(problem);
                None
            }
        }
    }

    pub(super) fn not_possible(
        &mut self,
        what: Stray,
        place: ExpressionPlace,
        at: Span,
        help: Option<Help>,
    ) {
        self.report(CheckProblem::NotInExpression { what, place: place.words(), at, help });
    }
}

/// Lowers the expressions of one place.
pub(super) struct Lowering<'c, 'a> {
    pub(super) context: &'c mut Context<'a>,
    pub(super) scope: &'c ExpressionScope,
}

impl<'a> Lowering<'_, 'a> {
    /// Reports what the place can't hold.
    pub(super) fn not_possible(&mut self, what: Stray, at: Span, help: Option<Help>) {
        self.context.not_possible(what, self.scope.place, at, help);
    }

    /// The same, of one that is true or false.
    pub(super) fn condition(&mut self, value: &'a ast::ValueNode) -> Option<Expression> {
        let expression = self.lower(value, None)?;
        operands::is_condition(self.context, value, self.scope).then_some(expression)
    }

    /// An expression, or rows that a variable holds.
    pub(super) fn value_or_rows(&mut self, value: &'a ast::ValueNode) -> Option<Expression> {
        let meant = self.lower_any(value, None)?;
        if row_variables::rows_of(self.context, &meant).is_some() {
            return Some(meant);
        }
        row_variables::no_rows(self.context, meant, value.span)
    }

    /// `beside` is the type of what the value is compared with.
    pub(super) fn lower(
        &mut self,
        value: &'a ast::ValueNode,
        beside: Option<&DataType>,
    ) -> Option<Expression> {
        let meant = self.lower_any(value, beside)?;
        if matches!(meant, Expression::List(_) | Expression::Variable(_))
            && !operands::is_single(self.context, value, self.scope)
        {
            return None;
        }
        row_variables::no_rows(self.context, meant, value.span)
    }

    /// The same, but it may be rows or a list, which only some operators take.
    pub(super) fn lower_any(
        &mut self,
        value: &'a ast::ValueNode,
        beside: Option<&DataType>,
    ) -> Option<Expression> {
        let meant = match &value.kind {
            // Read as what it is compared with; whether it can be is for `operands`.
            ast::ValueKind::Text(text) => Expression::Literal(match beside {
                Some(data_type) => ir::fit(Value::Text(text.clone()), data_type)
                    .unwrap_or_else(|_| Value::Text(text.clone())),
                None => Value::Text(text.clone()),
            }),
            ast::ValueKind::Null
            | ast::ValueKind::Bool(_)
            | ast::ValueKind::Integer(_)
            | ast::ValueKind::Decimal(_)
            | ast::ValueKind::Blob(_) => Expression::Literal(verbs::untyped_value(value)?),
            ast::ValueKind::Sql(text) => Expression::Sql(text.clone()),
            ast::ValueKind::Name(word) => self.name(word, beside)?,
            ast::ValueKind::Path(path) => match self.of_held(path) {
                Some(found) => found?,
                None => self.path(path)?,
            },
            ast::ValueKind::Call(call) => {
                let beside = self.moment_of(value);
                self.call(call, value.span, beside.as_ref())?
            }
            ast::ValueKind::Star => Expression::Star,
            ast::ValueKind::List(items) => {
                let items: Vec<_> = items.iter().map(|it| self.lower_any(it, beside)).collect();
                Expression::List(items.into_iter().collect::<Option<_>>()?)
            }
            ast::ValueKind::Group(members) => match members.as_slice() {
                [one] => self.lower_any(one, beside)?,
                _ => {
                    self.not_possible(
                        Stray::RoundList,
                        value.span,
                        Some("write a list in square brackets: `in [1, 2]`".into()),
                    );
                    return None;
                }
            },
            ast::ValueKind::Object(_) => {
                self.not_possible(Stray::Object, value.span, None);
                return None;
            }
            ast::ValueKind::Phrase(phrase) => {
                let at = phrase.words.first().map_or(value.span, |it| it.span);
                let what = phrase.words.first();
                let what = what.map_or(Stray::This, |it| Stray::Word(it.text.to_string()));
                let help = stray_words::meant(phrase);
                let help = help.unwrap_or_else(|| {
                    "an operator is missing before it, or it is one word too many".into()
                });
                self.not_possible(what, at, Some(help));
                return None;
            }
            ast::ValueKind::Not(inner) => Expression::Not(Box::new(self.condition(inner)?)),
            ast::ValueKind::Negate(inner) => {
                let lowered = self.lower(inner, None)?;
                if !operands::is_number(self.context, "-", inner, self.scope) {
                    return None;
                }
                Expression::Negate(Box::new(lowered))
            }
            ast::ValueKind::And(items) => {
                Expression::And(self.conditions(items, Excess::Conjuncts, "a not in [1, 2]")?)
            }
            ast::ValueKind::Or(items) => {
                Expression::Or(self.conditions(items, Excess::Alternatives, "a in [1, 2]")?)
            }
            ast::ValueKind::Binary(it) => self.binary(it)?,
            ast::ValueKind::IsNull(it)
                if !quoted_names::is_no_name(self.context, &it.value, &[], self.scope) =>
            {
                return None;
            }
            ast::ValueKind::IsNull(it) => match self.compound_null(it) {
                Some(found) => found,
                None => Expression::IsNull(Box::new(self.lower_any(&it.value, None)?), it.negated),
            },
            ast::ValueKind::Between(it) => self.between(it)?,
            ast::ValueKind::In(it) => self.within(it)?,
            ast::ValueKind::Case(it) => {
                let beside = self.moment_of(value);
                self.case(it, beside.as_ref())?
            }
            ast::ValueKind::Cast(it) => {
                let inner = self.lower(&it.value, None);
                let data_type = self.context.data_type(&it.data_type)?;
                Expression::Cast(Box::new(inner?), data_type)
            }
            ast::ValueKind::Quantified(it) => self.quantified(it, value.span)?,
        };
        Some(self.read_beside(value, meant, beside))
    }

    pub(super) fn lower_all(&mut self, items: &'a [ast::ValueNode]) -> Option<Vec<Expression>> {
        let items: Vec<_> = items.iter().map(|it| self.lower(it, None)).collect();
        items.into_iter().collect()
    }

    /// Conditions that are joined; of too many it is said what they are, and what `list` stands for them.
    fn conditions(
        &mut self,
        items: &'a [ast::ValueNode],
        excess: fn(usize) -> Excess,
        list: &str,
    ) -> Option<Vec<Expression>> {
        if let Some(first) = items.get(MOST_CONDITIONS) {
            self.context.report(CheckProblem::TooMuch {
                what: excess(items.len()),
                most: MOST_CONDITIONS,
                at: first.span,
                help: Some(format!(
                    "where one attribute is compared with many values, write a list: `{list}`"
                )),
            });
            return None;
        }
        if !comparisons::are_conditions(self.context, items, self.scope) {
            return None;
        }
        let items: Vec<_> = items.iter().map(|it| self.condition(it)).collect();
        items.into_iter().collect()
    }

    fn binary(&mut self, binary: &'a ast::Binary) -> Option<Expression> {
        if let Some(help) = views::why_not_kept(binary.operator) {
            if self.scope.place.is_schema() {
                let what = Stray::Word(binary.operator.word().to_owned());
                self.not_possible(what, binary.operator_span, Some(help.into()));
                return None;
            }
            if self.context.in_view {
                views::not_kept(self.context, binary.operator, binary.operator_span);
                return None;
            }
        }
        if sums::joins_texts(self.context, binary, self.scope) {
            return None;
        }
        let equals = matches!(binary.operator, Operator::Equal | Operator::NotEqual);
        if equals
            && let Some(found) = self.whole_list(binary).or_else(|| self.compound_equality(binary))
        {
            return found;
        }
        let (left_type, right_type) = (
            self.type_beside_operator(binary.operator, &binary.left),
            self.type_beside_operator(binary.operator, &binary.right),
        );
        let (left, right) = if equals {
            let left = self.lower_any(&binary.left, right_type.as_ref());
            let right = self.lower_any(&binary.right, left_type.as_ref());
            (left?, right?)
        } else {
            let left = self.lower(&binary.left, right_type.as_ref());
            let right = self.lower(&binary.right, left_type.as_ref());
            (left?, right?)
        };
        if !(comparisons::is_meant(self.context, binary, self.scope)
            && operands::operands(self.context, binary, self.scope))
        {
            return None;
        }
        if let (Operator::Matches, Expression::Literal(Value::Text(pattern))) =
            (binary.operator, &right)
            && let Err(reason) = Pattern::new(pattern, "")
        {
            self.context.report(CheckProblem::NoPattern {
                pattern: pattern.to_string(),
                reason,
                at: binary.right.span,
            });
            return None;
        }
        if equals {
            let negated = binary.operator == Operator::NotEqual;
            match (&left, &right) {
                (Expression::Literal(Value::Null), _) => {
                    return Some(Expression::IsNull(Box::new(right), negated));
                }
                (_, Expression::Literal(Value::Null)) => {
                    return Some(Expression::IsNull(Box::new(left), negated));
                }
                _ => {}
            }
        }
        // One row stands for a key; several stand behind `in`.
        let (left, right) = if equals {
            let left = row_variables::one_row(self.context, left, binary.left.span)?;
            let right = row_variables::one_row(self.context, right, binary.right.span)?;
            row_variables::keyed_both(
                self.context,
                (left, &binary.left),
                (right, &binary.right),
                self.scope,
            )?
        } else {
            (left, right)
        };
        if !(quoted_names::is_no_name(self.context, &binary.left, &[&right], self.scope)
            & quoted_names::is_no_name(self.context, &binary.right, &[&left], self.scope))
        {
            return None;
        }
        Some(Expression::Binary(binary.operator, Box::new(left), Box::new(right)))
    }

    /// The type by which words and texts beside an operand are read.
    pub(super) fn type_of(&mut self, value: &'a ast::ValueNode) -> Option<DataType> {
        if self.scope.place == ExpressionPlace::Using {
            return computed::members_beside(self.context, value, self.scope);
        }
        let known = typing::kind_of(self.context, value, self.scope)?;
        let data_type = match known.sort {
            Sort::Moment => known.declared.unwrap_or(DataType::Date(None)),
            Sort::Number => known.declared.unwrap_or(DataType::Float(Float::DOUBLE)),
            Sort::Truth => DataType::Boolean,
            Sort::Text | Sort::Day | Sort::Bytes => known.declared?,
        };
        match data_type.holds() {
            Contents::Member
            | Contents::Moment
            | Contents::Day
            | Contents::Bytes
            | Contents::Integer
            | Contents::Number
            | Contents::Truth => Some(data_type),
            Contents::Text
            | Contents::Time
            | Contents::Uuid
            | Contents::Json
            | Contents::Nothing
            | Contents::Anything => None,
        }
    }

    /// The same beside an operator: where nothing is compared, texts stay texts.
    fn type_beside_operator(
        &mut self,
        operator: Operator,
        value: &'a ast::ValueNode,
    ) -> Option<DataType> {
        let found = self.type_of(value);
        match operator.family() {
            Family::Comparison => found,
            Family::Pattern | Family::Arithmetic | Family::Concatenation => {
                found.filter(|it| matches!(it, DataType::Enum(_)))
            }
        }
    }

    /// `beside` is the type as which its arguments are read.
    fn call(
        &mut self,
        call: &'a ast::Call,
        at: Span,
        beside: Option<&DataType>,
    ) -> Option<Expression> {
        if let Some(suffix) = call.suffixes.first() {
            self.not_possible(Stray::Word(format!(".{}", suffix.text)), suffix.span, None);
            return None;
        }
        let name = call.name.text.to_ascii_lowercase();
        if let Some(found) = self.of_many(call) {
            return found;
        }
        if self.adds_documents(call) {
            return None;
        }
        let aggregate = Expression::is_aggregate(&name, call.arguments.len());
        let of_variable =
            name == "count" && variables::is_path_of_variable(self.context, &call.arguments);
        if aggregate && self.scope.along.is_some() {
            self.not_possible(
                Stray::InnerAggregate(call.name.text.to_string()),
                at,
                Some(
                    "only an aggregate of rows beside a row may, such as `max(lines.price)`".into(),
                ),
            );
            return None;
        }
        if aggregate
            && !of_variable
            && self.scope.place != ExpressionPlace::Aggregate
            && self.scope.place != ExpressionPlace::Order
        {
            if !self.scope.place.is_schema()
                && let [ast::ValueNode { kind: ast::ValueKind::Path(path), .. }] =
                    call.arguments.as_slice()
                && !self.is_known(&path.head)
            {
                return self.path(path);
            }
            let help = match self.scope.place {
                ExpressionPlace::Where => {
                    "`where` is about single rows; a condition on groups goes into `having`"
                }
                ExpressionPlace::Script => {
                    "ask for it in a sentence of its own: `let n = User count`; what belongs to a row that is at hand is counted by `count(ann.posts)`"
                }
                ExpressionPlace::Default
                | ExpressionPlace::Check
                | ExpressionPlace::Generated
                | ExpressionPlace::Index
                | ExpressionPlace::Filter
                | ExpressionPlace::Get
                | ExpressionPlace::Using
                | ExpressionPlace::Aggregate
                | ExpressionPlace::Order => {
                    "it is about one row and knows no others; a query computes what is about many: `User findAll < attributes: [count(posts) as posts] >`"
                }
            };
            self.not_possible(Stray::Aggregate(call.name.text.to_string()), at, Some(help.into()));
            return None;
        }
        if self.scope.place.changes_with(&name) {
            let help = "it differs each time, and the database stores the result";
            let what = Stray::Word(call.name.text.to_string());
            self.not_possible(what, at, Some(help.into()));
            return None;
        }
        let arguments = match call.arguments.as_slice() {
            [one] if name == "count" => vec![self.value_or_rows(one)?],
            arguments => {
                let each: Vec<_> = arguments.iter().map(|it| self.lower(it, beside)).collect();
                each.into_iter().collect::<Option<_>>()?
            }
        };
        if matches!(name.as_str(), "sum" | "avg" | "total" | "abs" | "round") {
            for argument in &call.arguments {
                if !operands::is_number(self.context, &name, argument, self.scope) {
                    return None;
                }
            }
        }
        Some(Expression::Call { name: call.name.text.clone(), distinct: call.distinct, arguments })
    }
}

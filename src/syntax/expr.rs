//! From a flat run of operands and operators to an expression.
//!
//! Operators wait on a stack until one that binds less comes along, so a run of any length needs no recursion; only
//! brackets and `case` do, and their number is limited.
//!
//! Invariant: no value is deeper than [`MAX_HEIGHT`], so whoever walks or drops one may recurse.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a reader names the few rules that may stand where it looks"
)]

use super::SyntaxResult;
use super::grammar::Rule;
use super::node::Node;
use super::sentence::{Reader, unknown};
use super::split::MAX_LEVEL;
use crate::ast::{
    Between, Binary, Case, Cast, In, IsNull, Operator, Phrase, Quantified, Quantifier, Strength,
    ValueKind, ValueNode,
};
use crate::diagnostics::{Edit, Help, SyntaxProblem};
use crate::source::Span;

/// How deep an expression may be.
pub(super) const MAX_HEIGHT: usize = 256;

/// An operator that waits for its right operand.
#[derive(Debug, Clone, Copy)]
struct PendingOperator {
    kind: PendingKind,
    at: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PendingKind {
    Or,
    And,
    Not,
    Binary(Operator),
    In {
        negated: bool,
    },
    /// Its lower bound is being read; `and` ends that.
    BetweenLow {
        negated: bool,
    },
    BetweenHigh {
        negated: bool,
    },
    Negate,
}

impl PendingKind {
    /// How tight it binds.
    const fn strength(self) -> Strength {
        match self {
            Self::Or => Strength::Or,
            Self::And => Strength::And,
            Self::Not => Strength::Not,
            Self::In { .. } | Self::BetweenLow { .. } | Self::BetweenHigh { .. } => {
                Strength::Equality
            }
            Self::Binary(it) => it.strength(),
            Self::Negate => Strength::Negate,
        }
    }
}

/// The run at hand.
#[derive(Debug, Default)]
struct OperatorRun {
    /// The operands, each with its height.
    operands: Vec<(ValueNode, usize)>,
    waiting: Vec<PendingOperator>,
    /// How many `between`s wait for their `and`.
    betweens: usize,
}

impl Reader {
    /// An expression, and its height.
    pub(super) fn expression(
        self,
        node: Node<'_>,
        level: usize,
    ) -> SyntaxResult<(ValueNode, usize)> {
        let whole = self.place(&node);
        let mut nodes = node.inner();
        let mut run = OperatorRun::default();
        let mut negation: Option<Span> = None;
        let mut operand = true;
        while let Some(node) = nodes.next() {
            let at = self.place(&node);
            match node.rule() {
                Rule::not if operand => run.push_pending(PendingKind::Not, at),
                Rule::minus => run.push_pending(PendingKind::Negate, at),
                Rule::not => negation = Some(at),
                Rule::operator => {
                    let not = negation.take();
                    let kind = operator(node.as_str(), not.is_some());
                    let place = not.map_or(at, |it| it.to(at));
                    let kind = kind.ok_or_else(|| SyntaxProblem::Unexpected {
                        found: "`not`".to_owned(),
                        at: place,
                        expected: "expected `in`, `like` or `between` behind `not`".to_owned(),
                        help: Some("`not` stands before a whole condition: `not (a = b)`".into()),
                    })?;
                    run.operator(kind, place)?;
                    operand = true;
                }
                Rule::null_test => {
                    run.reduce(Strength::Equality)?;
                    if let Some((value, height)) = run.operands.pop() {
                        let span = value.span.to(at);
                        let negated = node.inner().next().is_some();
                        let kind = ValueKind::IsNull(Box::new(IsNull { value, negated }));
                        run.push(span, kind, height + 1, at)?;
                    }
                }
                Rule::number
                    if run.waiting.last().is_some_and(|it| it.kind == PendingKind::Negate) =>
                {
                    // the sign belongs to the number: the smallest integer has no positive twin
                    let sign = run.waiting.pop().map_or(at, |it| it.at);
                    let kind = super::literal::number(&format!("-{}", node.as_str()), at)?;
                    let span = sign.to(at);
                    run.operands.push((ValueNode { span, kind }, 1));
                    operand = false;
                }
                _ => {
                    let (value, height) = match node.rule() {
                        Rule::case => self.case(node, level)?,
                        Rule::quantified => self.quantified(node, level)?,
                        Rule::set => self.set(node, level)?,
                        Rule::constant => {
                            let kind = match node.as_str() {
                                "true" => ValueKind::Bool(true),
                                "false" => ValueKind::Bool(false),
                                _ => ValueKind::Null,
                            };
                            (ValueNode { span: at, kind }, 0)
                        }
                        _ => self.value(node, &mut nodes, level)?,
                    };
                    run.operands.push((value, height + 1));
                    operand = false;
                }
            }
        }
        run.reduce(Strength::Or)?;
        match (run.waiting.pop(), run.operands.pop()) {
            (None, Some(it)) => Ok(it),
            (waiting, _) => {
                // a `between` without `and`
                let at = waiting.map_or(whole, |it| it.at);
                Err(Box::new(SyntaxProblem::Unexpected {
                    found: "`between` without `and`".to_owned(),
                    at,
                    expected: "expected `between .. and ..`".to_owned(),
                    help: None,
                }))
            }
        }
    }

    /// One level deeper.
    fn deeper(self, node: &Node<'_>, level: usize) -> SyntaxResult<usize> {
        if level >= MAX_LEVEL {
            let at = self.place(node);
            let at = Span::new(at.start, at.start + 1);
            let limit = MAX_LEVEL;
            return Err(Box::new(SyntaxProblem::ExpressionTooDeep { limit, at }));
        }
        Ok(level + 1)
    }

    /// `( .. )`
    pub(super) fn group(self, node: Node<'_>, level: usize) -> SyntaxResult<(ValueNode, usize)> {
        let span = self.place(&node);
        let first = node.inner().next();
        if let Some(it) = first.filter(|it| matches!(it.rule(), Rule::star | Rule::distinct)) {
            return Err(Box::new(SyntaxProblem::Unexpected {
                found: format!("`{}`", it.as_str()),
                at: self.place(&it),
                expected: "expected an expression".to_owned(),
                help: Some("`*` and `distinct` stand in calls only: `count(*)`".into()),
            }));
        }
        let (_, items, height) = self.arguments(node, level)?;
        let kind = ValueKind::Group(items);
        Ok((ValueNode { span, kind }, height))
    }

    /// What the brackets of a call hold: whether it is `distinct`, the arguments, their height.
    pub(super) fn arguments(
        self,
        node: Node<'_>,
        level: usize,
    ) -> SyntaxResult<(bool, Vec<ValueNode>, usize)> {
        let level = self.deeper(&node, level)?;
        let mut nodes = node.inner();
        let distinct = nodes.next_if(|it| it.rule() == Rule::distinct).is_some();
        let count = nodes.count_of(&[Rule::expression, Rule::star]);
        let (mut items, mut highest) = (Vec::with_capacity(count), 0);
        while let Some(node) = nodes.next() {
            if node.rule() == Rule::star {
                let span = self.place(&node);
                let kind = ValueKind::Star;
                items.push(ValueNode { span, kind });
                continue;
            }
            let (value, height) = self.expression(node, level)?;
            highest = highest.max(height);
            let mut words = Vec::new();
            let mut span = value.span;
            while let Some(node) = nodes
                .next_if(|it| !matches!(it.rule(), Rule::expression | Rule::star | Rule::options))
            {
                if node.rule() != Rule::name {
                    let text = node.as_str();
                    return Err(Box::new(SyntaxProblem::Unexpected {
                        found: match node.rule() {
                            Rule::group => "`(`".to_owned(),
                            _ => format!("`{text}`"),
                        },
                        at: self.place(&node),
                        expected: "expected `,` or `)`".to_owned(),
                        help: None,
                    }));
                }
                let word = self.word(&node)?;
                span = span.to(word.span);
                words.push(word);
            }
            items.push(if words.is_empty() {
                value
            } else {
                let options = nodes.next_if(|it| it.rule() == Rule::options);
                let options = options.map(|it| self.options(it)).transpose()?;
                span.end = options.as_ref().map_or(span.end, |it| it.span.end);
                let kind = ValueKind::Phrase(Box::new(Phrase { value, words, options }));
                ValueNode { span, kind }
            });
        }
        Ok((distinct, items, highest + 1))
    }

    /// What the brackets of `cast(value as TYPE)` hold.
    pub(super) fn cast(self, node: Node<'_>, level: usize) -> SyntaxResult<(Cast, usize)> {
        let whole = self.place(&node);
        let level = self.deeper(&node, level)?;
        let mut nodes = node.inner();
        let wrong = |at: Span| {
            Box::new(SyntaxProblem::Unexpected {
                found: "this".to_owned(),
                at,
                expected: "expected `cast(value as TYPE)`".to_owned(),
                help: None,
            })
        };
        let value = nodes.next_if(|it| it.rule() == Rule::expression);
        let value = value.ok_or_else(|| wrong(whole))?;
        let (value, height) = self.expression(value, level)?;
        let word = nodes.next_if(|it| it.rule() == Rule::name && it.as_str() == "as");
        let data_type = word.and_then(|_| nodes.next());
        let data_type = data_type.ok_or_else(|| wrong(whole))?;
        let (data_type, _) = self.value(data_type, &mut nodes, level)?;
        if let Some(it) = nodes.next() {
            return Err(wrong(self.place(&it)));
        }
        Ok((Cast { value, data_type }, height + 1))
    }

    /// `[1, 2]`
    fn set(self, node: Node<'_>, level: usize) -> SyntaxResult<(ValueNode, usize)> {
        let level = self.deeper(&node, level)?;
        let span = self.place(&node);
        let (mut items, mut highest) = (Vec::with_capacity(node.inner().count()), 0);
        for node in node.inner() {
            let (value, height) = self.expression(node, level)?;
            items.push(value);
            highest = highest.max(height);
        }
        let kind = ValueKind::List(items);
        Ok((ValueNode { span, kind }, highest + 1))
    }

    /// `any invoices (..)`
    fn quantified(self, node: Node<'_>, level: usize) -> SyntaxResult<(ValueNode, usize)> {
        let span = self.place(&node);
        let mut nodes = node.inner();
        let quantifier = match nodes.next().map(|it| it.as_str()) {
            Some("any") => Quantifier::Any,
            Some("all") => Quantifier::All,
            Some("count") => Quantifier::Count,
            _ => Quantifier::None,
        };
        let name = nodes.next().ok_or_else(|| unknown(span))?;
        let association = self.path(&name, &mut nodes)?;
        let condition = nodes.next().ok_or_else(|| unknown(span))?;
        let (condition, height) = self.group(condition, level)?;
        let kind =
            ValueKind::Quantified(Box::new(Quantified { quantifier, association, condition }));
        Ok((ValueNode { span, kind }, height + 1))
    }

    /// `case operand when a then b else c end`
    fn case(self, node: Node<'_>, level: usize) -> SyntaxResult<(ValueNode, usize)> {
        let level = self.deeper(&node, level)?;
        let span = self.place(&node);
        let (mut operand, mut arms, mut otherwise) = (None, Vec::new(), None);
        let (mut when, mut seen, mut highest) = (None, Rule::case, 0);
        for node in node.inner() {
            if node.rule() != Rule::expression {
                seen = node.rule();
                continue;
            }
            let (value, height) = self.expression(node, level)?;
            highest = highest.max(height);
            match seen {
                Rule::when => when = Some(value),
                Rule::then => arms.extend(when.take().map(|it| (it, value))),
                Rule::otherwise => otherwise = Some(value),
                _ => operand = Some(value),
            }
        }
        let kind = ValueKind::Case(Box::new(Case { operand, arms, otherwise }));
        Ok((ValueNode { span, kind }, highest + 1))
    }
}

/// The operator that `text` is, with `not` before it or not.
fn operator(text: &str, negated: bool) -> Option<PendingKind> {
    match text {
        "in" => return Some(PendingKind::In { negated }),
        "between" => return Some(PendingKind::BetweenLow { negated }),
        "like" if negated => return Some(PendingKind::Binary(Operator::NotLike)),
        "glob" if negated => return Some(PendingKind::Binary(Operator::NotGlob)),
        _ if negated => return None,
        "and" => return Some(PendingKind::And),
        "or" => return Some(PendingKind::Or),
        _ => {}
    }
    let found = Operator::ALL.iter().find(|it| it.word() == text);
    found.copied().map(PendingKind::Binary)
}

impl OperatorRun {
    fn push_pending(&mut self, kind: PendingKind, at: Span) {
        self.waiting.push(PendingOperator { kind, at });
    }

    fn push(&mut self, span: Span, kind: ValueKind, height: usize, at: Span) -> SyntaxResult<()> {
        if height > MAX_HEIGHT {
            let limit = MAX_HEIGHT;
            return Err(Box::new(SyntaxProblem::ExpressionTooDeep { limit, at }));
        }
        self.operands.push((ValueNode { span, kind }, height));
        Ok(())
    }

    /// An operator behind an operand.
    fn operator(&mut self, kind: PendingKind, at: Span) -> SyntaxResult<()> {
        if kind == PendingKind::And && self.betweens > 0 {
            // the bounds end where the `and` of the innermost `between` comes
            self.reduce(Strength::Or)?;
            if let Some(last) = self.waiting.last_mut()
                && let PendingKind::BetweenLow { negated } = last.kind
            {
                last.kind = PendingKind::BetweenHigh { negated };
                self.betweens -= 1;
            }
            return Ok(());
        }
        self.reduce(kind.strength())?;
        if matches!(kind, PendingKind::BetweenLow { .. }) {
            self.betweens += 1;
        }
        self.push_pending(kind, at);
        Ok(())
    }

    /// Applies what waits and binds at least as tight as `strength`, up to a `between` without its `and`.
    fn reduce(&mut self, strength: Strength) -> SyntaxResult<()> {
        while let Some(PendingOperator { kind, at }) = self.waiting.last().copied() {
            if kind.strength() < strength || matches!(kind, PendingKind::BetweenLow { .. }) {
                break;
            }
            self.waiting.pop();
            self.apply(kind, at)?;
        }
        Ok(())
    }

    /// Puts an operator and the operands behind and before it together: one operand.
    fn apply(&mut self, kind: PendingKind, at: Span) -> SyntaxResult<()> {
        // The grammar sees to it that an operator has its operands.
        let Some((right, height)) = self.operands.pop() else {
            return Ok(());
        };
        let right_span = right.span;
        match kind {
            PendingKind::Not => {
                let kind = ValueKind::Not(Box::new(right));
                return self.push(at.to(right_span), kind, height + 1, at);
            }
            PendingKind::Negate => {
                let kind = ValueKind::Negate(Box::new(right));
                return self.push(at.to(right_span), kind, height + 1, at);
            }
            PendingKind::Or
            | PendingKind::And
            | PendingKind::Binary(_)
            | PendingKind::In { .. }
            | PendingKind::BetweenLow { .. }
            | PendingKind::BetweenHigh { .. } => {}
        }
        let Some((left, left_height)) = self.operands.pop() else {
            return Ok(());
        };
        let span = left.span.to(right_span);
        let highest = height.max(left_height) + 1;
        match kind {
            PendingKind::And => {
                let (mut all, height) = match left.kind {
                    ValueKind::And(all) => (all, left_height.max(height + 1)),
                    kind => (vec![ValueNode { span: left.span, kind }], highest),
                };
                all.push(right);
                self.push(span, ValueKind::And(all), height, at)
            }
            PendingKind::Or => {
                let (mut all, height) = match left.kind {
                    ValueKind::Or(all) => (all, left_height.max(height + 1)),
                    kind => (vec![ValueNode { span: left.span, kind }], highest),
                };
                all.push(right);
                self.push(span, ValueKind::Or(all), height, at)
            }
            PendingKind::Binary(operator) => {
                let kind = ValueKind::Binary(Box::new(Binary {
                    operator,
                    operator_span: at,
                    left,
                    right,
                }));
                self.push(span, kind, highest, at)
            }
            PendingKind::In { negated } => {
                if matches!(right.kind, ValueKind::Group(_)) {
                    let (start, end) = (right_span.start, right_span.end);
                    let edit = |from: u32, sign: &str| Edit {
                        at: Span::new(from, from + 1),
                        text: sign.to_owned(),
                    };
                    let help = Help {
                        text: "a list is written in square brackets: `in [1, 2]`".to_owned(),
                        edits: vec![edit(start, "["), edit(end.saturating_sub(1), "]")],
                    };
                    return Err(Box::new(SyntaxProblem::Unexpected {
                        found: "a bracket".to_owned(),
                        at: right_span,
                        expected: "expected a list".to_owned(),
                        help: Some(help),
                    }));
                }
                let kind = ValueKind::In(Box::new(In { value: left, list: right, negated }));
                self.push(span, kind, highest, at)
            }
            PendingKind::BetweenHigh { negated } => {
                let Some((value, value_height)) = self.operands.pop() else {
                    return Ok(());
                };
                let span = value.span.to(right_span);
                let kind = ValueKind::Between(Box::new(Between {
                    value,
                    low: left,
                    high: right,
                    negated,
                }));
                self.push(span, kind, highest.max(value_height + 1), at)
            }
            PendingKind::Not | PendingKind::Negate | PendingKind::BetweenLow { .. } => Ok(()),
        }
    }
}

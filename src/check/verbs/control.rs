//! `let`, `print`, `assert`, `transaction` and `rollback`: verbs that say what happens with values and other sentences.

use super::super::bindings::{RowType, VariableType};
use super::super::declare::takes_no_value;
use super::super::operands;
use super::super::row_variables;
use super::super::scope::{ExpressionScope, Sort, ValueType};
use super::super::typing;
use super::super::{Context, Entity};
use super::step_of;
use crate::ast;
use crate::diagnostics::{CheckProblem, Edit, Help, Stray};
use crate::ir::{
    AggregateFunction, DataYield, Expression, LetValue, ModelId, Query, Step, StepKind,
};
use crate::source::Span;
use crate::verbs;
use crate::verbs::{Control, OptionItem, RowVerb, Verb, VerbFacts, Verbal, Yields, verbal};

/// What such a sentence does.
pub(super) fn step<'a>(
    context: &mut Context<'a>,
    sentence: &'a ast::Sentence,
    verb: Control,
) -> Option<StepKind> {
    let VerbFacts { name, usage, .. } = verb.facts();
    match verb {
        Control::Let => let_sentence(context, sentence),
        Control::Print | Control::Assert if sentence.assigned.is_some() => {
            let (Some(first), Some(last)) = (sentence.words.get(1), &sentence.assigned) else {
                takes_no_value(context, sentence, name, usage);
                return None;
            };
            let at = first.span.to(last.span);
            let text = format!("({})", context.sources.slice(at));
            let help = format!("write `{name} {text}`");
            context.report(CheckProblem::Malformed {
                message: format!("`{name}` takes one value, or an expression in brackets"),
                at,
                label: "an expression without brackets".into(),
                help: Some(Help { text: help, edits: vec![Edit { at, text }] }),
            });
            None
        }
        _ if !takes_no_value(context, sentence, name, usage) => None,
        _ if !takes_no_options(context, sentence, verb) => None,
        Control::Transaction => transaction(context, sentence),
        Control::Rollback => rollback(context, sentence),
        Control::Print => printed_expression(context, sentence, verb).map(StepKind::Print),
        Control::Assert => {
            let shown = printed_expression(context, sentence, verb)?;
            let holds = match &sentence.argument {
                Some(value) => operands::is_condition(context, value, &ExpressionScope::script()),
                None => true,
            };
            holds.then_some(StepKind::Assert(shown))
        }
    }
}

/// Whether nothing stands in angle brackets behind a verb that takes no options.
fn takes_no_options(context: &mut Context<'_>, sentence: &ast::Sentence, verb: Control) -> bool {
    let VerbFacts { name, options, .. } = verb.facts();
    let before = context.problems.len();
    let items = OptionItem::of_options(sentence.options.as_ref());
    verbs::read(&format!("`{name}`"), options, items, &mut context.problems);
    context.problems.len() == before
}

fn rollback(context: &mut Context<'_>, sentence: &ast::Sentence) -> Option<StepKind> {
    if sentence.words.len() > 1 || sentence.argument.is_some() {
        let usage = Control::Rollback.facts().usage;
        context.malformed(sentence, "`rollback` stands alone", usage);
        return None;
    }
    if context.transactions == 0 {
        context.report(CheckProblem::NotHere {
            what: Stray::Word(Control::Rollback.name().to_owned()),
            at: sentence.span,
            label: "no transaction is open".into(),
            help: Some("write it inside of `transaction { .. }`".into()),
        });
        return None;
    }
    Some(StepKind::Rollback)
}

/// `let x = ..`
fn let_sentence<'a>(context: &mut Context<'a>, sentence: &'a ast::Sentence) -> Option<StepKind> {
    let usage = Control::Let.facts().usage;
    let ([_, name], Some(assigned)) = (&*sentence.words, &sentence.assigned) else {
        context.malformed(sentence, "`let` takes a name and what it is to hold", usage);
        return None;
    };
    if !name.tail.is_empty() {
        context.malformed(sentence, "a variable's name has no dots", usage);
        return None;
    }
    let (bound, holds) = let_value(context, sentence, assigned).unzip();
    let ast::Word { text, span, .. } = &name.head;
    // Sentences about a variable have no part in the fault of the one that declares it.
    match holds.or_else(|| type_by_verb(context, assigned)) {
        Some(holds) => {
            context.unread.remove(text.as_str());
            context.notes.declare_variable(*span, context.variables.len());
            context.variables.push((text.clone(), holds));
        }
        None => _ = context.unread.insert(text),
    }
    bound.map(|it| StepKind::Let(text.clone(), it))
}

/// What a sentence that has been reported would yield, as its model and its verb have it.
fn type_by_verb(context: &Context<'_>, assigned: &ast::Sentence) -> Option<VariableType> {
    let Verbal::Second(subject, Verb::Rows(verb)) = verbal(assigned) else {
        return None;
    };
    let model = match context.entities.get(&subject.head.text)? {
        (Entity::Model(model), _) => *model,
        (Entity::View(place), _) => context.view_models.get(*place).copied().flatten()?,
        (Entity::Base(_) | Entity::Enum(_), _) => return None,
    };
    match verb.facts().yields {
        Yields::Nothing => None,
        Yields::Value => Some(VariableType::Value(None)),
        Yields::Row => Some(VariableType::Row(RowType::whole(model))),
        Yields::Rows => Some(VariableType::Rows(RowType::whole(model))),
    }
}

/// What a variable is given, and what it holds then.
fn let_value<'a>(
    context: &mut Context<'a>,
    sentence: &'a ast::Sentence,
    assigned: &'a ast::Sentence,
) -> Option<(LetValue, VariableType)> {
    // Those of a sentence are its own.
    let is_value = assigned.words.len() + usize::from(assigned.argument.is_some()) < 2;
    if is_value && !takes_no_options(context, assigned, Control::Let) {
        return None;
    }
    match (&*assigned.words, &assigned.argument) {
        ([], Some(value)) => {
            let expression = context.script_expression(value)?;
            let kind = typing::kind_of(context, value, &ExpressionScope::script());
            let holds = match &expression {
                Expression::List(_) => VariableType::List(kind),
                Expression::Variable(it) => match context.type_of_path(it) {
                    VariableType::Value(_) => VariableType::Value(kind),
                    held => held,
                },
                _ => VariableType::Value(kind),
            };
            Some((LetValue::Expression(expression), holds))
        }
        ([path], None) => {
            let expression = context.word_expression(path)?;
            let holds = match &expression {
                Expression::Variable(it) => match context.type_of_path(it) {
                    VariableType::Value(_) => VariableType::Value(typing::kind_of_variable(
                        context,
                        &path.head.text,
                        &path.tail,
                    )),
                    held => held,
                },
                _ => VariableType::Value(None),
            };
            Some((LetValue::Expression(expression), holds))
        }
        _ => {
            let step = step_of(context, assigned)?;
            let holds = yields(context, &step);
            if !matches!(step.kind, StepKind::Data(..)) {
                let usage = Control::Let.facts().usage;
                context.malformed(sentence, "`let` keeps what a sentence about rows yields", usage);
                return None;
            }
            Some((LetValue::Step(Box::new(step)), holds))
        }
    }
}

/// `print ..`, `assert ..`
fn printed_expression<'a>(
    context: &mut Context<'a>,
    sentence: &'a ast::Sentence,
    verb: Control,
) -> Option<Expression> {
    match (&*sentence.words, &sentence.argument) {
        ([_, path], None) => context.word_expression(path),
        ([_], Some(value)) => context.script_expression(value),
        _ => {
            let VerbFacts { name, usage, .. } = verb.facts();
            let message = format!("`{name}` takes one value, or an expression in brackets");
            if let ([_, subject, second, ..], Control::Print) = (&*sentence.words, verb)
                && context.entities.contains_key(&subject.head.text)
                && verbs::subject_verb(&second.head.text).is_some()
            {
                let at = Span::new(subject.span.start, sentence.span.end);
                let said = context.sources.slice(at).to_owned();
                let edits = vec![Edit {
                    at: Span::new(sentence.span.start, subject.span.start),
                    text: String::new(),
                }];
                let text = format!("a sentence shows what it yields by itself: `{said}`");
                context.report(CheckProblem::Malformed {
                    message,
                    at: sentence.span,
                    label: "a sentence".into(),
                    help: Some(Help { text, edits }),
                });
                return None;
            }
            let meant = bracketed(context, sentence, name);
            context.malformed(sentence, &message, meant.as_deref().unwrap_or(usage));
            None
        }
    }
}

/// `print count rows (n > 1)` with the brackets that it needs.
fn bracketed(context: &Context<'_>, sentence: &ast::Sentence, verb: &str) -> Option<String> {
    let (word, last) = (sentence.words.get(1)?, sentence.words.last()?);
    if !matches!(word.head.text.as_str(), "any" | "all" | "none" | "count") {
        return None;
    }
    Some(match &sentence.argument {
        Some(value) => {
            format!("{verb} ({})", context.sources.slice(word.span.to(value.span)))
        }
        None => format!("{verb} count({})", context.sources.slice(last.span)),
    })
}

/// `transaction { .. }`
fn transaction<'a>(context: &mut Context<'a>, sentence: &'a ast::Sentence) -> Option<StepKind> {
    let (1, Some(ast::ValueNode { kind: ast::ValueKind::Object(braces), .. })) =
        (sentence.words.len(), &sentence.argument)
    else {
        context.malformed(
            sentence,
            "`transaction` takes sentences in braces",
            Control::Transaction.facts().usage,
        );
        return None;
    };
    context.transactions += 1;
    let steps = sentences(context, braces, "a transaction", step_of);
    context.transactions -= 1;
    Some(StepKind::Transaction(steps))
}

/// The sentences in braces; what variables they give values to is gone behind them.
pub(in crate::check) fn sentences<'a>(
    context: &mut Context<'a>,
    braces: &'a ast::Braces,
    holder: &str,
    read: impl Fn(&mut Context<'a>, &'a ast::Sentence) -> Option<Step>,
) -> Vec<Step> {
    let kept = context.variables.len();
    let mut steps = Vec::with_capacity(braces.members.len());
    for member in &braces.members {
        match member {
            ast::Member::Sentence(sentence) => steps.extend(read(context, sentence)),
            ast::Member::Pair(pair) => context.report(CheckProblem::NotHere {
                what: Stray::TypedAttribute,
                at: pair.span(),
                label: "not a sentence".into(),
                help: Some(
                    format!(
                        "{holder} holds sentences such as {}",
                        verbs::list([RowVerb::Create.name(), RowVerb::Update.name()])
                    )
                    .into(),
                ),
            }),
        }
    }
    context.variables.truncate(kept);
    steps
}

/// What a sentence yields, for the variable that keeps it.
fn yields(context: &Context<'_>, step: &Step) -> VariableType {
    let StepKind::Data(model, data) = &step.kind else {
        return VariableType::Value(None);
    };
    let known = |of: ModelId, query: Option<&Query>| match query {
        Some(query) => row_variables::row_type_of_query(context, of.0 as usize, query),
        None => RowType::whole(of.0 as usize),
    };
    VariableType::Value(match data.yields(*model, &context.schema) {
        DataYield::Rows(of, query) => return VariableType::Rows(known(of, query)),
        DataYield::Row(of, query) => return VariableType::Row(known(of, query)),
        DataYield::Count => Some(ValueType::plain(Sort::Number)),
        DataYield::Truth => Some(ValueType::plain(Sort::Truth)),
        DataYield::Aggregate(it) => match (it.function, &it.of) {
            (AggregateFunction::Count | AggregateFunction::Sum | AggregateFunction::Avg, _) => {
                Some(ValueType::plain(Sort::Number))
            }
            (AggregateFunction::Min | AggregateFunction::Max, Some(Expression::Attribute(id))) => {
                let model = context.model(model.0 as usize);
                ValueType::of(&model.attribute(*id).data_type)
            }
            (AggregateFunction::Min | AggregateFunction::Max, _) => None,
        },
        DataYield::Other => None,
    })
}

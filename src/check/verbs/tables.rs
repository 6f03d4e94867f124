//! `sync` and `drop`: verbs that make and drop tables.

use super::super::unknown_verbs::moved;
use super::super::views;
use super::super::{Context, model_id};
use crate::ast;
use crate::diagnostics::{CheckProblem, Stray};
use crate::ir::{AlterOptions, Existing, ExtraColumns, StepKind};
use crate::verbs;
use crate::verbs::{OptionId, OptionItem, TableVerb};

/// `sync`, `drop`: of a model or of all.
pub(super) fn step<'a>(
    context: &mut Context<'a>,
    sentence: &'a ast::Sentence,
    subject: Option<&'a ast::Path>,
    verb: TableVerb,
) -> Option<StepKind> {
    let facts = verb.facts();
    if verb == TableVerb::Drop
        && subject.is_none()
        && matches!(&sentence.argument, Some(it) if matches!(it.kind, ast::ValueKind::Text(_)))
    {
        context.report(CheckProblem::NotHere {
            what: Stray::DropOfTable,
            at: sentence.span,
            label: "a declaration".into(),
            help: Some("declare it outside of braces".into()),
        });
        return None;
    }
    let words = if subject.is_some() { 2 } else { 1 };
    if sentence.words.len() != words || sentence.argument.is_some() || sentence.assigned.is_some() {
        let message = format!("`{}` stands alone or behind a model's name", facts.name);
        let options = || facts.options.iter().copied().flatten();
        let of_others = |it: &ast::Path| {
            let known = context.entities.contains_key(&it.head.text);
            verb == TableVerb::Drop && !known && it.tail.is_empty()
        };
        if let ([first, model], None, None) =
            (&*sentence.words, &sentence.argument, &sentence.assigned)
            && subject.is_none()
            && context.entities.contains_key(&model.head.text)
        {
            let written = format!("{} {}", context.sources.slice(model.span), facts.name);
            let at = first.span.to(model.span);
            let help = moved(context, sentence, at, &written);
            let label = "this sentence".into();
            context.report(CheckProblem::Malformed { message, at, label, help: Some(help) });
            return None;
        }
        let example = match sentence.words.get(words) {
            Some(it) if options().any(|opt| opt.name() == it.head.text) => {
                format!("{} < {} >", facts.name, it.head.text)
            }
            Some(it) if subject.is_none() && of_others(it) => {
                format!("{} \"{}\"", facts.name, it.head.text)
            }
            Some(it) if subject.is_none() => format!("{} {}", it.head.text, facts.name),
            Some(_) | None => facts.usage.to_owned(),
        };
        context.malformed(sentence, &message, &example);
        return None;
    }
    let model = match subject {
        None => None,
        Some(path) if !path.tail.is_empty() => {
            context.malformed(
                sentence,
                &format!("`{}` is for whole models", facts.name),
                "User sync",
            );
            return None;
        }
        Some(path) => {
            let model = context.readable_model(&path.head)?;
            if context.model(model).view {
                let at = sentence.words.get(1).map_or(path.span, |it| it.span);
                let help = format!("`{}` of all models is for the views too", facts.name);
                views::read_only(context, model, at, help);
                return None;
            }
            Some(model_id(model))
        }
    };
    let nested = context.transactions > 0;
    let owner = format!("`{}`", facts.name);
    let items = OptionItem::of_options(sentence.options.as_ref());
    let said = verbs::read(&owner, facts.options, items, &mut context.problems);
    let force = said.is_on(OptionId::Force);
    let alter = said.flag(OptionId::Alter).filter(|it| it.value);
    let rest = said.get(OptionId::Allow).or(said.get(OptionId::Keep));
    let mut existing = if force { Existing::Drop } else { Existing::Leave };
    if let Some(alter) = alter.filter(|_| nested) {
        context.report(CheckProblem::AlterInTransaction { at: alter.span });
    } else if let Some(alter) = alter.filter(|_| force) {
        context.report(CheckProblem::Contradiction {
            message: "`alter` keeps every row, and `force` drops them".into(),
            at: alter.span,
            label: "one of them".into(),
            help: Some("write `sync < alter >`, which keeps the rows".into()),
        });
    } else if alter.is_some() {
        let extra = ExtraColumns::kept(said.is_on(OptionId::Keep));
        let allow = said.losses(OptionId::Allow);
        existing = Existing::Alter(AlterOptions { allow, extra, online: false });
    } else if let Some(it) = rest {
        context.report(CheckProblem::Contradiction {
            message: format!("`{}` needs `alter`", it.option.name()),
            at: it.item.span,
            label: "nothing is altered".into(),
            help: Some("write `alter` beside it, or leave it out".into()),
        });
    }
    Some(match verb {
        TableVerb::Sync => StepKind::Sync { model, existing },
        TableVerb::Drop => StepKind::Drop { model },
    })
}

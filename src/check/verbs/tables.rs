//! `sync` and `drop`: verbs that make and drop tables.

use super::super::views;
use super::super::{Context, model_id};
use crate::ast;
use crate::diagnostics::{CheckProblem, Loss, Losses};
use crate::ir::{Existing, StepKind};
use crate::verbs;
use crate::verbs::{Item, OptionReader, TableVerb};

/// `sync`, `drop`: of a model or of all.
pub(super) fn step<'a>(
    context: &mut Context<'a>,
    sentence: &'a ast::Sentence,
    subject: Option<&'a ast::Path>,
    verb: TableVerb,
) -> Option<StepKind> {
    let facts = verb.facts();
    let words = if subject.is_some() { 2 } else { 1 };
    if sentence.words.len() != words || sentence.argument.is_some() || sentence.assigned.is_some() {
        let message = format!("`{}` stands alone or behind a model's name", facts.name);
        let options = || facts.options.iter().copied().flatten();
        let example = match sentence.words.get(words) {
            Some(it) if options().any(|opt| opt.name == it.head.text) => {
                format!("{} < {} >", facts.name, it.head.text)
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
            let model = context.readable(&path.head)?;
            if context.draft(model).model.view {
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
    let mut reader = OptionReader::new(
        &owner,
        facts.options,
        Item::of_options(sentence.options.as_ref()),
        &mut context.problems,
    );
    let force = reader.flag("force").is_some_and(|it| it.value);
    let alter = reader.flag("alter").filter(|it| it.value);
    let keep = reader.flag("keep").is_some_and(|it| it.value);
    let allow = allowed(&mut reader);
    let rest = ["allow", "keep"].iter().find_map(|it| reader.item(it));
    let mut existing = if force { Existing::Drop } else { Existing::Leave };
    if let Some(alter) = alter.filter(|_| nested) {
        reader.report(CheckProblem::AlterInTransaction { at: alter.span });
    } else if let Some(alter) = alter.filter(|_| force) {
        reader.report(CheckProblem::Contradiction {
            message: "`alter` keeps every row, and `force` drops them".into(),
            at: alter.span,
            label: "one of them".into(),
            help: None,
        });
    } else if alter.is_some() {
        existing = Existing::Alter { allow, keep };
    } else if let Some(item) = rest {
        reader.report(CheckProblem::Contradiction {
            message: format!("`{}` goes with `alter`", item.name.text),
            at: item.span,
            label: "nothing is altered".into(),
            help: None,
        });
    }
    Some(match verb {
        TableVerb::Sync => StepKind::Sync { model, existing },
        TableVerb::Drop => StepKind::Drop { model },
    })
}

/// The losses whose codes `allow` lists.
fn allowed(reader: &mut OptionReader<'_, '_>) -> Losses {
    let Some(item) = reader.item("allow") else {
        return Losses::NONE;
    };
    let mut losses = Vec::new();
    let mut wrong = false;
    let mut unknown = Vec::new();
    match item.value.map(|it| &it.kind) {
        Some(ast::ValueKind::List(items)) => {
            for it in items {
                let code = match &it.kind {
                    ast::ValueKind::Name(word) => Some(&word.text),
                    ast::ValueKind::Text(text) => Some(text),
                    _ => None,
                };
                let Some(code) = code else {
                    wrong = true;
                    continue;
                };
                match Loss::of(code).filter(|it| Loss::ALLOWED.contains(it)) {
                    Some(loss) => losses.push(loss),
                    None => unknown.push((code.to_uppercase(), it.span)),
                }
            }
        }
        _ => wrong = true,
    }
    for (code, at) in unknown {
        reader.report(CheckProblem::UnknownWord {
            word: code,
            expected: "a loss that can be allowed".into(),
            at,
            help: Some(
                format!("those that can are {}", verbs::list(Loss::ALLOWED.map(Loss::code))).into(),
            ),
        });
    }
    if wrong {
        reader.report(verbs::wrong_kind(item, "a list of codes such as [E0501]"));
    }
    Losses::of(losses)
}

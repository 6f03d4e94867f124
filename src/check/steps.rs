//! What a script does, sentence by sentence.

use super::declare::{Verbal, verbal};
use super::expressions::Scope;
use super::{Context, model_id};
use crate::ast;
use crate::diagnostics::{ALLOWED, CheckProblem};
use crate::ir::{Existing, Step, StepKind};
use crate::verbs;
use crate::verbs::{Item, OptionReader, Verb};
use smol_str::SmolStr;

impl<'a> Context<'a> {
    /// Reads the sentences that declare nothing.
    pub(super) fn read_steps(&mut self) {
        self.give();
        for pending in std::mem::take(&mut self.pending) {
            self.script = pending.script;
            let step = self.step_of(pending.sentence);
            self.steps.extend(step);
        }
    }

    /// What a sentence does.
    pub(super) fn step_of(&mut self, sentence: &'a ast::Sentence) -> Option<Step> {
        let (verb, kind) = match verbal(sentence) {
            Verbal::First(verb) => (verb, self.first_step(sentence, verb)?),
            Verbal::Second(subject, verb) if matches!(verb.name, "sync" | "drop") => {
                (verb, self.whole_step(sentence, Some(subject), verb)?)
            }
            Verbal::Second(subject, verb) => (verb, self.data_sentence(sentence, subject, verb)?),
            Verbal::Unknown(word) => {
                let subject = sentence.words.first()?;
                return if std::ptr::eq(&raw const subject.head, word) {
                    self.unknown_verb(sentence, word);
                    None
                } else {
                    self.accessor_sentence(sentence, subject, word)
                };
            }
            Verbal::Sql(_) | Verbal::Nothing => {
                self.report(CheckProblem::NotHere {
                    what: "this".into(),
                    at: sentence.span,
                    label: "not a sentence about rows".into(),
                    help: None,
                });
                return None;
            }
        };
        Some(Step { span: sentence.span, verb: verb.name.into(), kind })
    }

    /// A sentence whose verb stands first.
    fn first_step(&mut self, sentence: &'a ast::Sentence, verb: &'static Verb) -> Option<StepKind> {
        match verb.name {
            "sync" | "drop" => self.whole_step(sentence, None, verb),
            "let" => self.let_sentence(sentence),
            "print" => self.shown(sentence, verb.usage).map(StepKind::Print),
            "assert" => {
                let shown = self.shown(sentence, verb.usage)?;
                let holds = match &sentence.argument {
                    Some(value) => self.is_condition(value, &Scope::script()),
                    None => true,
                };
                holds.then_some(StepKind::Assert(shown))
            }
            "transaction" => self.transaction(sentence),
            "rollback" => {
                if sentence.words.len() > 1 || sentence.argument.is_some() {
                    self.malformed(sentence, "`rollback` stands alone", verb.usage);
                    return None;
                }
                if self.transactions == 0 {
                    self.report(CheckProblem::NotHere {
                        what: "`rollback`".into(),
                        at: sentence.span,
                        label: "no transaction is open".into(),
                        help: Some("write it inside of `transaction { .. }`".into()),
                    });
                    return None;
                }
                Some(StepKind::Rollback)
            }
            _ => {
                self.report(CheckProblem::NotHere {
                    what: format!("`{}`", verb.name),
                    at: sentence.span,
                    label: "a declaration".into(),
                    help: Some("declare it outside of braces".into()),
                });
                None
            }
        }
    }

    /// `sync`, `drop`: of a model or of all.
    fn whole_step(
        &mut self,
        sentence: &'a ast::Sentence,
        subject: Option<&'a ast::Path>,
        verb: &'static Verb,
    ) -> Option<StepKind> {
        let words = if subject.is_some() { 2 } else { 1 };
        if sentence.words.len() != words
            || sentence.argument.is_some()
            || sentence.assigned.is_some()
        {
            let message = format!("`{}` stands alone or behind a model's name", verb.name);
            let example = match sentence.words.get(words) {
                Some(it) if verb.options.iter().any(|opt| opt.name == it.head.text) => {
                    format!("{} < {} >", verb.name, it.head.text)
                }
                Some(it) if subject.is_none() => format!("{} {}", it.head.text, verb.name),
                Some(_) | None => verb.usage.to_owned(),
            };
            self.malformed(sentence, &message, &example);
            return None;
        }
        let model = match subject {
            None => None,
            Some(path) if !path.tail.is_empty() => {
                self.malformed(
                    sentence,
                    &format!("`{}` is for whole models", verb.name),
                    "User sync",
                );
                return None;
            }
            Some(path) => {
                let model = self.readable(&path.head)?;
                if self.draft(model).model.view {
                    let at = sentence.words.get(1).map_or(path.span, |it| it.span);
                    self.read_only(model, verb, at);
                    return None;
                }
                Some(model_id(model))
            }
        };
        let nested = self.transactions > 0;
        let mut problems = std::mem::take(&mut self.problems);
        let owner = format!("`{}`", verb.name);
        let mut reader = OptionReader::new(
            &owner,
            &[verb.options],
            Item::of_options(sentence.options.as_ref()),
            &mut problems,
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
        self.problems = problems;
        Some(if verb.name == verbs::SYNC.name {
            StepKind::Sync { model, existing }
        } else {
            StepKind::Drop { model }
        })
    }
}

/// The codes that `allow` lists.
fn allowed(reader: &mut OptionReader<'_, '_>) -> Vec<SmolStr> {
    let Some(item) = reader.item("allow") else {
        return Vec::new();
    };
    let mut codes = Vec::new();
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
                match code.map(|it| SmolStr::new(it.to_uppercase())) {
                    Some(code) if ALLOWED.contains(&code.as_str()) => codes.push(code),
                    Some(code) => unknown.push((code, it.span)),
                    None => wrong = true,
                }
            }
        }
        _ => wrong = true,
    }
    for (code, at) in unknown {
        reader.report(CheckProblem::UnknownWord {
            word: code.to_string(),
            expected: "a loss that can be allowed".into(),
            at,
            help: Some(format!("those that can are {}", verbs::list(ALLOWED))),
        });
    }
    if wrong {
        reader.report(verbs::wrong_kind(item, "a list of codes such as [E0501]"));
    }
    codes
}

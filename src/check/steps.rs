//! What a script does, sentence by sentence.

use super::declare::{Verbal, verbal};
use super::{Context, model_id};
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{Step, StepKind};
use crate::verbs;
use crate::verbs::{Item, OptionReader, Verb};

impl<'a> Context<'a> {
    /// Reads the sentences that declare nothing.
    pub(super) fn read_steps(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            self.script = pending.script;
            match verbal(pending.sentence) {
                Verbal::First(verb) => self.step(pending.sentence, None, verb),
                Verbal::Second(subject, verb) => self.step(pending.sentence, Some(subject), verb),
                Verbal::Unknown(_) | Verbal::Sql(_) | Verbal::Nothing => {}
            }
        }
    }

    fn step(
        &mut self,
        sentence: &'a ast::Sentence,
        subject: Option<&'a ast::Path>,
        verb: &'static Verb,
    ) {
        if !verb.ready {
            let at = sentence
                .words
                .get(usize::from(subject.is_some()))
                .map_or(sentence.span, |it| it.span);
            return self.not_yet(verb.name, at);
        }
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
            return self.malformed(sentence, &message, &example);
        }
        let model = match subject {
            None => None,
            Some(path) if !path.tail.is_empty() => {
                return self.malformed(
                    sentence,
                    &format!("`{}` is for whole models", verb.name),
                    "User sync",
                );
            }
            Some(path) => match self.model_named(&path.head) {
                Some(index) => Some(model_id(index)),
                None => return,
            },
        };
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
        let rest = ["allow", "keep"].iter().find_map(|it| reader.item(it));
        if let Some(alter) = alter {
            reader.report(CheckProblem::NotYet {
                what: "`sync < alter >`".into(),
                at: alter.span,
                help: Some("changing tables that hold rows comes with a later version; `sync` creates what is missing".into()),
            });
        } else if let Some(item) = rest {
            reader.report(CheckProblem::Contradiction {
                message: format!("`{}` goes with `alter`", item.name.text),
                at: item.span,
                label: "nothing is altered".into(),
                help: None,
            });
        }
        self.problems = problems;
        let kind = if verb.name == verbs::SYNC.name {
            StepKind::Sync { model, force }
        } else {
            StepKind::Drop { model }
        };
        self.steps.push(Step {
            span: sentence.span,
            verb: verb.name,
            kind,
        });
    }

    /// As [`Context::model_of`], after the models have moved into the schema.
    fn model_named(&mut self, word: &ast::Word) -> Option<usize> {
        if let Some(id) = self.schema.model_named(&word.text) {
            return Some(id.0 as usize);
        }
        self.model_of(word)
    }
}

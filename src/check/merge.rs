//! Several declarations of one key: put together, or refused.
//!
//! Invariant: whatever a declaration says is kept or refused here; what is said is a list, and this goes through it.

use super::Context;
use crate::diagnostics::CheckProblem;
use crate::source::Span;
use crate::verbs::{NamedFlag, OptionId, OptionValue, Setting, Settings, Spanned, Takes};

/// What a key is called in reports, made only where there is one.
pub(super) type KeyTitle<'t, 'a> = &'t dyn Fn(&Context<'a>) -> String;

impl<'a> Context<'a> {
    /// Puts what two declarations of one key say together, or reports that they disagree.
    pub(super) fn merge(
        &mut self,
        key: KeyTitle<'_, 'a>,
        into: &mut Settings<'a>,
        from: Settings<'a>,
    ) {
        for it in from {
            let Some(one) = into.get(it.option.id) else {
                into.extend([it]);
                continue;
            };
            // What they refer to is compared with what the associations say.
            if it.option.id == OptionId::References || one.same(&it) {
                continue;
            }
            let about = format!("`{}`", it.option.name());
            let (first, again) = (self.given(one), self.given(&it));
            self.disagree(key, &about, (first, one.span()), (again, it.span()));
        }
    }

    /// What an option is given, as a report shows it.
    fn given(&self, setting: &Setting<'a>) -> String {
        match &setting.given {
            OptionValue::Flag(it) => it.to_string(),
            OptionValue::Text(it) if setting.option.takes == Takes::Text => format!("{it:?}"),
            OptionValue::Text(it) => format!("`{it}`"),
            OptionValue::Named(NamedFlag::On) => "true".into(),
            OptionValue::Named(NamedFlag::Off) => "false".into(),
            OptionValue::Named(NamedFlag::As(name)) => format!("`{name}`"),
            OptionValue::Action(it) => format!("`{}`", it.word()),
            OptionValue::Deferrable(it) => format!("`{}`", it.word()),
            OptionValue::Wrong
            | OptionValue::Validators(_)
            | OptionValue::Losses(_)
            | OptionValue::Object(_)
            | OptionValue::List(_)
            | OptionValue::Written => {
                let text = self.sources.slice(setting.span());
                format!("`{}`", text.split_whitespace().collect::<Vec<_>>().join(" "))
            }
        }
    }

    pub(super) fn merge_value<T: PartialEq>(
        &mut self,
        key: KeyTitle<'_, 'a>,
        about: &str,
        into: &mut Option<Spanned<T>>,
        from: Option<Spanned<T>>,
        show: impl Fn(&T) -> String,
    ) {
        match (&into, from) {
            (Some(one), Some(two)) if one.value != two.value => {
                self.disagree(
                    key,
                    about,
                    (show(&one.value), one.span),
                    (show(&two.value), two.span),
                );
            }
            (None, Some(it)) => *into = Some(it),
            _ => {}
        }
    }

    pub(super) fn disagree(
        &mut self,
        key: KeyTitle<'_, 'a>,
        about: &str,
        first: (String, Span),
        again: (String, Span),
    ) {
        let (first, again) = if again.1 < first.1 { (again, first) } else { (first, again) };
        self.report(CheckProblem::KeysDisagree {
            key: key(self),
            about: about.to_owned(),
            first_says: format!("{} here", first.0),
            first: first.1,
            then_says: format!("{} here", again.0),
            again: again.1,
            help: Some("say the same in both, or in one of them alone".into()),
        });
    }
}

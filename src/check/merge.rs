//! Several declarations of one key: put together, or refused.
//!
//! Invariant: every option is put together here. The fields of what is said are taken apart without `..`, so that a new
//! option doesn't compile before this says what becomes of it.

use super::Context;
use super::attributes::{AttributeSaid, Rare, Unique};
use crate::ast::Same;
use crate::diagnostics::CheckProblem;
use crate::ir::{Action, Validator};
use crate::source::Span;
use crate::verbs::{Item, Said};
use smol_str::SmolStr;

impl<'a> Context<'a> {
    /// Puts what two declarations of one key say together, or reports that they disagree.
    pub(super) fn merge(
        &mut self,
        key: &str,
        into: &mut AttributeSaid<'a>,
        from: AttributeSaid<'a>,
    ) {
        let AttributeSaid { allow_null, unique, primary_key, auto_increment, default, rare } = from;
        let flag = |it: &bool| it.to_string();
        let text = |it: &SmolStr| format!("`{it}`");
        let action = |it: &Action| format!("`{}`", it.word());
        self.agree(key, "`allowNull`", &mut into.allow_null, allow_null, flag);
        self.agree(key, "`primaryKey`", &mut into.primary_key, primary_key, flag);
        let counts = &mut into.auto_increment;
        self.agree(key, "`autoIncrement`", counts, auto_increment, flag);
        self.agree(key, "`unique`", &mut into.unique, unique, |it| match it {
            Unique::No => "false".into(),
            Unique::Alone => "true".into(),
            Unique::Named(name) => format!("`{name}`"),
        });
        if let (Some(one), Some(two)) = (into.default, default)
            && !one.same(two)
        {
            self.say_otherwise(key, "`defaultValue`", one.span, two.span);
        }
        into.default = into.default.or(default);
        let Some(rare) = rare else { return };
        let Rare {
            field,
            comment,
            collate,
            references,
            on_delete,
            on_update,
            validators,
            get,
            generated,
            stored,
            check,
            was,
            using,
        } = *rare;
        self.agree(key, "`field`", &mut into.field, field, text);
        self.agree(key, "`comment`", &mut into.comment, comment, |it| format!("{it:?}"));
        self.agree(key, "`collate`", &mut into.collate, collate, text);
        // What they refer to is compared with what the associations say.
        into.references = into.references.take().or(references);
        self.agree(key, "`onDelete`", &mut into.on_delete, on_delete, action);
        self.agree(key, "`onUpdate`", &mut into.on_update, on_update, action);
        self.agree_validators(key, &mut into.validators, validators);
        self.agree_item(key, "`get`", &mut into.get, get);
        self.agree_item(key, "`generated`", &mut into.generated, generated);
        self.agree(key, "`stored`", &mut into.stored, stored, flag);
        self.agree_item(key, "`check`", &mut into.check, check);
        self.agree(key, "`was`", &mut into.was, was, text);
        self.agree_item(key, "`using`", &mut into.using, using);
    }

    /// Options whose values are compared as they are written.
    fn agree_item(
        &mut self,
        key: &str,
        about: &str,
        into: &mut Option<Item<'a>>,
        from: Option<Item<'a>>,
    ) {
        if let (Some(one), Some(two)) = (&into, &from)
            && !same(one, two)
        {
            self.say_otherwise(key, about, one.value_span(), two.value_span());
        }
        *into = into.or(from);
    }

    /// Validators: the same ones, in any order.
    fn agree_validators(&mut self, key: &str, into: &mut Vec<Validator>, from: Vec<Validator>) {
        let whole = |of: &[Validator]| match (of.first(), of.last()) {
            (Some(first), Some(last)) => Some(first.span.to(last.span)),
            _ => None,
        };
        let (Some(one), Some(two)) = (whole(into), whole(&from)) else {
            into.extend(from);
            return;
        };
        let is_in = |all: &[Validator], it: &Validator| {
            let Validator { name, arguments, message, span: _ } = it;
            all.iter()
                .any(|it| it.name == *name && it.arguments == *arguments && it.message == *message)
        };
        if into.len() != from.len() || !from.iter().all(|it| is_in(into, it)) {
            self.say_otherwise(key, "`validate`", one, two);
        }
    }

    /// Two places say different things, which are shown as they are written.
    fn say_otherwise(&mut self, key: &str, about: &str, one: Span, two: Span) {
        let says = |at: Span| {
            let words: Vec<&str> = self.sources.slice(at).split_whitespace().collect();
            format!("`{}`", words.join(" "))
        };
        let (first, again) = (says(one), says(two));
        self.disagree(key, about, (first, one), (again, two));
    }

    pub(super) fn agree<T: PartialEq>(
        &mut self,
        key: &str,
        about: &str,
        into: &mut Option<Said<T>>,
        from: Option<Said<T>>,
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
        key: &str,
        about: &str,
        first: (String, Span),
        again: (String, Span),
    ) {
        let (first, again) = if again.1 < first.1 { (again, first) } else { (first, again) };
        self.report(CheckProblem::KeysDisagree {
            key: key.to_owned(),
            about: about.to_owned(),
            first_says: format!("{} here", first.0),
            first: first.1,
            then_says: format!("{} here", again.0),
            again: again.1,
            help: Some("say the same in both, or in one of them alone".into()),
        });
    }
}

/// Whether two options say the same; a flag is true.
fn same(one: &Item<'_>, two: &Item<'_>) -> bool {
    match (one.value, two.value) {
        (Some(one), Some(two)) => one.same(two),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

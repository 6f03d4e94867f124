//! Several declarations of one key: put together, or refused.

use super::Context;
use super::attributes::AttributeSaid;
use crate::diagnostics::CheckProblem;
use crate::source::Span;
use crate::verbs::Said;

impl<'a> Context<'a> {
    /// Puts what two declarations of one key say together, or reports that they disagree.
    pub(super) fn merge(
        &mut self,
        key: &str,
        into: &mut AttributeSaid<'a>,
        mut from: AttributeSaid<'a>,
    ) {
        let flag = |it: bool| it.to_string();
        self.agree(
            key,
            "`allowNull`",
            &mut into.allow_null,
            from.allow_null,
            |it| flag(*it),
        );
        self.agree(
            key,
            "`primaryKey`",
            &mut into.primary_key,
            from.primary_key,
            |it| flag(*it),
        );
        self.agree(
            key,
            "`autoIncrement`",
            &mut into.auto_increment,
            from.auto_increment,
            |it| flag(*it),
        );
        self.agree(key, "`stored`", &mut into.stored, from.stored, |it| {
            flag(*it)
        });
        self.agree(
            key,
            "`unique`",
            &mut into.unique,
            from.unique.take(),
            |it| {
                it.as_ref()
                    .map_or_else(|| "true".into(), |it| format!("`{it}`"))
            },
        );
        self.agree(key, "`field`", &mut into.field, from.field.take(), |it| {
            format!("`{it}`")
        });
        self.agree(
            key,
            "`comment`",
            &mut into.comment,
            from.comment.take(),
            |it| format!("{it:?}"),
        );
        self.agree(
            key,
            "`collate`",
            &mut into.collate,
            from.collate.take(),
            |it| format!("`{it}`"),
        );
        self.agree(key, "`was`", &mut into.was, from.was.take(), |it| {
            format!("`{it}`")
        });
        self.agree(
            key,
            "`onDelete`",
            &mut into.on_delete,
            from.on_delete,
            |it| format!("`{}`", it.word()),
        );
        self.agree(
            key,
            "`onUpdate`",
            &mut into.on_update,
            from.on_update,
            |it| format!("`{}`", it.word()),
        );
        if let (Some(one), Some(two)) = (into.default, from.default) {
            let (first, again) = (self.sources.slice(one.span), self.sources.slice(two.span));
            if first != again {
                let (first_says, then_says) = (format!("`{first}`"), format!("`{again}`"));
                self.disagree(
                    key,
                    "`defaultValue`",
                    (first_says, one.span),
                    (then_says, two.span),
                );
            }
        }
        into.default = into.default.or(from.default);
        for validator in std::mem::take(&mut from.validators) {
            if !into.validators.iter().any(|it| it.name == validator.name) {
                into.validators.push(validator);
            }
        }
        into.references = into.references.take().or(from.references.take());
        into.get = into.get.or(from.get);
        into.generated = into.generated.or(from.generated);
        into.check = into.check.or(from.check);
        into.using = into.using.or(from.using);
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
        let (first, again) = if again.1 < first.1 {
            (again, first)
        } else {
            (first, again)
        };
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

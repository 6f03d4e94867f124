//! Associations as they are declared: each sentence read, its models found.

use super::pasted;
use super::{Context, PendingSentence};
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{Action, AssociationKind, Deferrable, ShortList};
use crate::source::Span;
use crate::verbs;
use crate::verbs::{
    KeyNames, OptionId, OptionItem, OptionValue, Setting, Settings, Spanned, Verb, Verbal, verbal,
};
use smol_str::SmolStr;

/// An association's sentence, its models found.
#[derive(Debug)]
pub(super) struct AssociationDraft<'a> {
    pub script: usize,
    pub sentence: &'a ast::Sentence,
    pub kind: AssociationKind,
    pub source: usize,
    pub target: usize,
    /// `as`: the names of one and of many, and where.
    pub alias: Option<Box<Spanned<(SmolStr, SmolStr)>>>,
    pub foreign_key: KeyOption<'a>,
    /// `otherKey`, where it is said.
    pub other_key: Option<Box<KeyOption<'a>>>,
    pub source_key: Option<Box<Spanned<KeyNames>>>,
    pub target_key: Option<Box<Spanned<KeyNames>>>,
    pub on_delete: Option<Spanned<Action>>,
    pub on_update: Option<Spanned<Action>>,
    pub constraints: Option<Spanned<bool>>,
    pub unique_key: Option<Box<Spanned<SmolStr>>>,
    pub deferrable: Option<Spanned<Deferrable>>,
    pub scope: Option<&'a ast::Braces>,
    pub through: Option<Box<ThroughSaid<'a>>>,
}

/// `foreignKey: name`, `foreignKey: { name, attribute options }`, or a list of these, one for each column
#[derive(Debug, Clone, Default)]
pub(super) struct KeyOption<'a> {
    /// The columns of which something is said; none where the option isn't there.
    pub columns: Vec<KeyColumnOption<'a>>,
    /// Where.
    pub span: Span,
}

/// What is said of a key's column.
#[derive(Debug, Clone)]
pub(super) struct KeyColumnOption<'a> {
    pub name: Option<Spanned<SmolStr>>,
    pub said: Option<Settings<'a>>,
}

/// `through: Membership`, `through: { model, unique, scope, .. }`
#[derive(Debug)]
pub(super) struct ThroughSaid<'a> {
    /// The through model.
    pub model: usize,
    pub unique: Option<Spanned<bool>>,
    pub scope: Option<&'a ast::Braces>,
}

/// Of a key of which nothing is said.
const NOTHING: &KeyOption<'_> = &KeyOption { columns: Vec::new(), span: Span::new(0, 0) };

impl<'a> AssociationDraft<'a> {
    /// What `otherKey` says.
    pub(super) fn other_key(&self) -> &KeyOption<'a> {
        self.other_key.as_deref().unwrap_or(NOTHING)
    }

    /// The sentence's first words.
    pub(super) fn words(&self) -> String {
        super::names::sentence(self.sentence)
    }

    /// The place that stands for the sentence: its words.
    pub(super) fn span(&self) -> Span {
        match (self.sentence.words.first(), self.sentence.words.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => self.sentence.span,
        }
    }

    /// Whether the key lies on the source.
    pub(super) const fn belongs(&self) -> bool {
        matches!(self.kind, AssociationKind::BelongsTo)
    }
}

impl<'a> Context<'a> {
    /// Reads all association sentences, and makes the through tables that no model is.
    pub(super) fn resolve_associations(&mut self) -> Vec<AssociationDraft<'a>> {
        let mut joins = Vec::with_capacity(self.pending.len());
        for pending in std::mem::take(&mut self.pending) {
            if let Verbal::Second(_, Verb::Associate(kind)) = verbal(pending.sentence) {
                self.script = pending.script;
                joins.extend(self.join(&pending, kind));
            } else {
                self.pending.push(pending);
            }
        }
        joins
    }

    fn join(
        &mut self,
        pending: &PendingSentence<'a>,
        kind: AssociationKind,
    ) -> Option<AssociationDraft<'a>> {
        let verb = Verb::Associate(kind).facts();
        let sentence = pending.sentence;
        let message = || format!("`{}` stands between two models", verb.name);
        if let Some(help) = pasted::named_options(sentence) {
            let at = sentence.span;
            let label = "options without their brackets".into();
            let message = message();
            self.report(CheckProblem::Malformed { message, at, label, help: Some(help) });
            return None;
        }
        let [subject, _, object] = &*sentence.words else {
            self.malformed(sentence, &message(), verb.usage);
            return None;
        };
        let tail = [subject, object].into_iter().find(|it| !it.tail.is_empty());
        if tail.is_some() || sentence.argument.is_some() || sentence.assigned.is_some() {
            self.malformed(sentence, &message(), verb.usage);
            return None;
        }
        let source = self.model_of(&subject.head);
        let target = self.model_of(&object.head);
        let owner = ["`", verb.name, "`"].concat();
        let items = || OptionItem::of_options(sentence.options.as_ref());
        let elsewhere = |it: &OptionItem<'_>| {
            !matches!(kind, AssociationKind::BelongsToMany)
                && it.name.text == OptionId::Through.name()
        };
        for it in items().filter(elsewhere) {
            pasted::through_elsewhere(self, sentence, &owner, it);
        }
        let items = items().filter(|it| !elsewhere(it));
        let mut said = verbs::read(&owner, verb.options, items, &mut self.problems);
        let timestamps = said.take(OptionId::Timestamps);
        let mut join = AssociationDraft {
            script: pending.script,
            sentence,
            kind,
            source: source.unwrap_or_default(),
            target: target.unwrap_or_default(),
            alias: self.alias(&said).map(Box::new),
            foreign_key: KeyOption::of(&said, OptionId::ForeignKey),
            other_key: said
                .has(OptionId::OtherKey)
                .then(|| Box::new(KeyOption::of(&said, OptionId::OtherKey))),
            source_key: said.key_names(OptionId::SourceKey).map(Box::new),
            target_key: said.key_names(OptionId::TargetKey).map(Box::new),
            on_delete: said.action(OptionId::OnDelete),
            on_update: said.action(OptionId::OnUpdate),
            constraints: said.flag(OptionId::Constraints),
            unique_key: said.text(OptionId::UniqueKey).map(Box::new),
            deferrable: said.deferrable(OptionId::Deferrable),
            scope: said.braces(OptionId::Scope),
            through: None,
        };
        let other = join.other_key.iter_mut().map(|it| &mut **it);
        for key in std::iter::once(&mut join.foreign_key).chain(other) {
            let names = key.columns.iter().filter_map(|it| it.name.as_ref());
            if self.is_named_twice(names) {
                *key = KeyOption::default();
            }
        }
        for key in [&mut join.source_key, &mut join.target_key] {
            if key.as_ref().is_some_and(|it| self.is_named_twice(it.value.0.iter())) {
                *key = None;
            }
        }
        if let Some(off) = join.constraints.filter(|it| !it.value) {
            for id in [OptionId::OnDelete, OptionId::OnUpdate] {
                if let Some(said) = said.action(id) {
                    self.report(CheckProblem::ActionWithoutConstraint {
                        option: id.name().into(),
                        at: said.span,
                        constraints: off.span,
                    });
                }
            }
        }
        let (source, target) = (source?, target?);
        if kind == AssociationKind::BelongsToMany {
            let Some(through) = said.get(OptionId::Through) else {
                if said.is_wrong(OptionId::Through) {
                    return None;
                }
                let name = format!("{}{}", self.model(source).name, self.model(target).plural);
                self.report(CheckProblem::MissingOption {
                    verb: verb.name.into(),
                    option: "through".into(),
                    at: join.span(),
                    help: Some(format!("name the table that holds the keys: `through: {name}`")),
                });
                return None;
            };
            let through = self.through(pending, through, timestamps, source, target)?;
            join.through = Some(Box::new(through));
        }
        Some(join)
    }

    /// Whether one name comes twice among the columns of a key, which is reported.
    fn is_named_twice<'n>(&mut self, names: impl Iterator<Item = &'n Spanned<SmolStr>>) -> bool {
        let mut seen: Vec<&Spanned<SmolStr>> = Vec::new();
        let mut names = names.peekable();
        while let Some(again) = names.next() {
            if let Some(first) = seen.iter().find(|it| it.value == again.value) {
                self.report(CheckProblem::KeyColumnTwice {
                    name: again.value.to_string(),
                    first: first.span,
                    again: again.span,
                });
                return true;
            }
            // Most keys have one column: nothing to remember.
            if names.peek().is_some() {
                seen.push(again);
            }
        }
        false
    }

    /// `as: name` or `as: { singular, plural }`
    fn alias(&mut self, said: &Settings<'a>) -> Option<Spanned<(SmolStr, SmolStr)>> {
        let it = said.get(OptionId::As)?;
        let names = match &it.given {
            OptionValue::Text(name) => (name.clone(), name.clone()),
            OptionValue::Object(parts) => {
                let part = |id| parts.text(id).map(|it| it.value);
                match (part(OptionId::Singular), part(OptionId::Plural)) {
                    (Some(one), Some(many)) => (one, many),
                    (Some(one), None) => (one.clone(), crate::words::pluralize(&one)),
                    (None, Some(many)) => (crate::words::singular(&many), many),
                    (None, None) => {
                        self.report(CheckProblem::MissingOption {
                            verb: "as".into(),
                            option: "singular".into(),
                            at: it.item.value_span(),
                            help: Some(
                                "name the association: `as: { singular: post, plural: posts }`"
                                    .into(),
                            ),
                        });
                        return None;
                    }
                }
            }
            _ => return None,
        };
        Some(Spanned { value: names, span: it.item.span })
    }
}

impl<'a> KeyOption<'a> {
    /// What `foreignKey` or `otherKey` says.
    fn of(said: &Settings<'a>, id: OptionId) -> Self {
        let Some(setting) = said.get(id) else {
            return Self::default();
        };
        let columns = match &setting.given {
            OptionValue::List(members) => members.iter().filter_map(KeyColumnOption::of).collect(),
            _ => KeyColumnOption::of(setting).into_iter().collect(),
        };
        Self { columns, span: setting.item.value_span() }
    }

    /// Where it lists several columns.
    pub(super) fn place(&self) -> Option<Span> {
        (self.columns.len() > 1).then_some(self.span)
    }

    /// The names of its columns, where all are said.
    pub(super) fn names(&self) -> Option<ShortList<SmolStr>> {
        let named = || self.columns.iter().filter_map(|it| it.name.as_ref());
        let all = !self.columns.is_empty() && named().count() == self.columns.len();
        all.then(|| named().map(|it| it.value.clone()).collect())
    }

    /// What is said of the column at a place. What has no name is said of all columns.
    pub(super) fn said(&self, place: usize) -> Option<&Settings<'a>> {
        match self.columns.as_slice() {
            [KeyColumnOption { name: None, said }] => said.as_ref(),
            columns => columns.get(place)?.said.as_ref(),
        }
    }

    /// Where the column at a place is named.
    pub(super) fn name_span(&self, place: usize) -> Option<Span> {
        self.columns.get(place)?.name.as_ref().map(|it| it.span)
    }
}

impl<'a> KeyColumnOption<'a> {
    fn of(setting: &Setting<'a>) -> Option<Self> {
        match &setting.given {
            OptionValue::Text(value) => {
                let name = Spanned { value: value.clone(), span: setting.span() };
                Some(Self { name: Some(name), said: None })
            }
            OptionValue::Object(it) => {
                let (mut said, name) = (it.clone(), it.text(OptionId::Name));
                said.take(OptionId::Name);
                Some(Self { name, said: Some(said) })
            }
            _ => None,
        }
    }
}

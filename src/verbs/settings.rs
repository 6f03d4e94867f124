//! What a script says in a list of options: each option with what it is given, read as its table says.

use super::{NamedFlag, Opt, OptionId, OptionItem, Spanned};
use crate::ast::{self, Same};
use crate::diagnostics::Losses;
use crate::ir::{Action, Deferrable, Validation};
use crate::source::Span;
use smol_str::SmolStr;

/// What an option is given.
#[derive(Debug, Clone)]
pub enum OptionValue<'a> {
    /// Nothing that counts: it has been reported.
    Wrong,
    /// `unique`, `unique: false`
    Flag(bool),
    /// `field: first_name`
    Text(SmolStr),
    /// `version: revision`
    Named(NamedFlag),
    /// `onDelete: cascade`
    Action(Action),
    /// `deferrable: initiallyDeferred`
    Deferrable(Deferrable),
    /// `validate: { isEmail }`
    Validators(Vec<Validation>),
    /// `allow: [E0501]`
    Losses(Losses),
    /// `mysql: { engine: InnoDB }`
    Object(Settings<'a>),
    /// `foreignKey: [orgId, userId]`: each member as if it stood alone.
    List(Vec<Setting<'a>>),
    /// A value whose meaning hangs on the models and variables: as it is written.
    Written,
}

/// `email`, `[orgId, userId]`: the attributes that a key refers to, and where each is written.
#[derive(Debug, Clone)]
pub struct KeyNames(pub Vec<Spanned<SmolStr>>);

impl KeyNames {
    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &SmolStr> {
        self.0.iter().map(|it| &it.value)
    }

    /// How many they are.
    pub const fn count(&self) -> usize {
        self.0.len()
    }
}

impl PartialEq for KeyNames {
    fn eq(&self, other: &Self) -> bool {
        self.names().eq(other.names())
    }
}

/// An option that a script says.
#[derive(Debug, Clone)]
pub struct Setting<'a> {
    /// The option.
    pub option: &'static Opt,
    /// How it is written.
    pub item: OptionItem<'a>,
    /// What it is given.
    pub given: OptionValue<'a>,
}

impl Setting<'_> {
    /// The place that says it.
    pub fn span(&self) -> Span {
        match &self.given {
            OptionValue::Flag(_) | OptionValue::Named(_) | OptionValue::Object(_) => self.item.span,
            OptionValue::Validators(all) => match (all.first(), all.last()) {
                (Some(first), Some(last)) => first.span.to(last.span),
                _ => self.item.value_span(),
            },
            OptionValue::Wrong
            | OptionValue::List(_)
            | OptionValue::Text(_)
            | OptionValue::Action(_)
            | OptionValue::Deferrable(_)
            | OptionValue::Losses(_)
            | OptionValue::Written => self.item.value_span(),
        }
    }

    /// Whether two say the same.
    pub fn same(&self, other: &Self) -> bool {
        match (&self.given, &other.given) {
            (OptionValue::Flag(one), OptionValue::Flag(two)) => one == two,
            (OptionValue::Text(one), OptionValue::Text(two)) => one == two,
            (OptionValue::Named(one), OptionValue::Named(two)) => one == two,
            (OptionValue::Action(one), OptionValue::Action(two)) => one == two,
            (OptionValue::Deferrable(one), OptionValue::Deferrable(two)) => one == two,
            (OptionValue::Losses(one), OptionValue::Losses(two)) => one == two,
            (OptionValue::Validators(one), OptionValue::Validators(two)) => {
                one.len() == two.len() && two.iter().all(|it| one.iter().any(|one| one.same(it)))
            }
            (OptionValue::Object(one), OptionValue::Object(two)) => {
                let within = |all: &Settings<'_>, it: &Setting<'_>| {
                    all.get(it.option.id).is_some_and(|one| one.same(it))
                };
                one.iter().count() == two.iter().count() && two.iter().all(|it| within(one, it))
            }
            (OptionValue::List(one), OptionValue::List(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.same(two))
            }
            (OptionValue::Written, OptionValue::Written) => {
                match (self.item.value, other.item.value) {
                    (Some(one), Some(two)) => one.same(two),
                    (one, two) => one.is_none() && two.is_none(),
                }
            }
            _ => false,
        }
    }
}

/// The options that a script says, each once.
#[derive(Debug, Clone, Default)]
pub struct Settings<'a> {
    all: Vec<Setting<'a>>,
}

impl<'a> Settings<'a> {
    /// Room for so many.
    pub(super) fn with_capacity(count: usize) -> Self {
        Self { all: Vec::with_capacity(count) }
    }

    /// Whether nothing is said, wrongly or not.
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All that count, in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = &Setting<'a>> {
        self.all.iter().filter(|it| !matches!(it.given, OptionValue::Wrong))
    }

    /// The option, where it is said.
    pub fn get(&self, id: OptionId) -> Option<&Setting<'a>> {
        self.iter().find(|it| it.option.id == id)
    }

    /// Whether the option is said.
    pub fn has(&self, id: OptionId) -> bool {
        self.get(id).is_some()
    }

    /// Whether the option is said wrongly or misspelled, which has been reported.
    pub fn is_wrong(&self, id: OptionId) -> bool {
        self.all.iter().any(|it| it.option.id == id && matches!(it.given, OptionValue::Wrong))
    }

    /// How the option is written.
    pub fn item(&self, id: OptionId) -> Option<OptionItem<'a>> {
        self.get(id).map(|it| it.item)
    }

    /// The option's value as written.
    pub fn value(&self, id: OptionId) -> Option<&'a ast::ValueNode> {
        self.get(id)?.item.value
    }

    /// The option's object as written.
    pub fn braces(&self, id: OptionId) -> Option<&'a ast::Braces> {
        match &self.value(id)?.kind {
            ast::ValueKind::Object(braces) => Some(braces),
            _ => None,
        }
    }

    /// `name`, `name: false`
    pub fn flag(&self, id: OptionId) -> Option<Spanned<bool>> {
        self.said(id, |it| if let OptionValue::Flag(it) = it { Some(*it) } else { None })
    }

    /// Whether a flag is said to be true.
    pub fn is_on(&self, id: OptionId) -> bool {
        self.flag(id).is_some_and(|it| it.value)
    }

    /// `name: word`
    pub fn text(&self, id: OptionId) -> Option<Spanned<SmolStr>> {
        self.said(id, |it| if let OptionValue::Text(it) = it { Some(it.clone()) } else { None })
    }

    /// `name: word`, `name: [word, word]`
    pub fn key_names(&self, id: OptionId) -> Option<Spanned<KeyNames>> {
        let it = self.get(id)?;
        let name = |it: &Setting<'a>| match &it.given {
            OptionValue::Text(name) => Some(Spanned { value: name.clone(), span: it.span() }),
            _ => None,
        };
        let value = match &it.given {
            OptionValue::List(members) => members.iter().filter_map(name).collect(),
            _ => vec![name(it)?],
        };
        Some(Spanned { value: KeyNames(value), span: it.span() })
    }

    /// `name`, `name: false`, `name: word`
    pub fn named(&self, id: OptionId) -> Option<Spanned<NamedFlag>> {
        self.said(id, |it| if let OptionValue::Named(it) = it { Some(it.clone()) } else { None })
    }

    /// `name: cascade`
    pub fn action(&self, id: OptionId) -> Option<Spanned<Action>> {
        self.said(id, |it| if let OptionValue::Action(it) = it { Some(*it) } else { None })
    }

    /// `name: initiallyDeferred`
    pub fn deferrable(&self, id: OptionId) -> Option<Spanned<Deferrable>> {
        self.said(id, |it| if let OptionValue::Deferrable(it) = it { Some(*it) } else { None })
    }

    /// `name: { .. }`, read by a table.
    pub fn object(&self, id: OptionId) -> Option<&Self> {
        match &self.get(id)?.given {
            OptionValue::Object(it) => Some(it),
            _ => None,
        }
    }

    /// `name: { isEmail }`
    pub fn validators(&self, id: OptionId) -> &[Validation] {
        match self.get(id).map(|it| &it.given) {
            Some(OptionValue::Validators(it)) => it,
            _ => &[],
        }
    }

    /// `name: [E0501]`
    pub fn losses(&self, id: OptionId) -> Losses {
        match self.get(id).map(|it| &it.given) {
            Some(OptionValue::Losses(it)) => *it,
            _ => Losses::NONE,
        }
    }

    fn said<T>(
        &self,
        id: OptionId,
        read: impl Fn(&OptionValue<'a>) -> Option<T>,
    ) -> Option<Spanned<T>> {
        let it = self.get(id)?;
        Some(Spanned { value: read(&it.given)?, span: it.span() })
    }

    /// Says one option more.
    pub(super) fn push(&mut self, one: Setting<'a>) {
        self.all.push(one);
    }

    /// Says more.
    pub fn extend(&mut self, more: impl IntoIterator<Item = Setting<'a>>) {
        self.all.extend(more);
    }

    /// Takes an option away.
    pub fn take(&mut self, id: OptionId) -> Option<Setting<'a>> {
        let found =
            |it: &Setting<'_>| it.option.id == id && !matches!(it.given, OptionValue::Wrong);
        let place = self.all.iter().position(found)?;
        Some(self.all.remove(place))
    }

    /// Takes away what isn't needed any more, and its room.
    pub fn keep(&mut self, needed: impl Fn(OptionId) -> bool) {
        self.all.retain(|it| needed(it.option.id));
        self.all.shrink_to_fit();
    }

    /// What this says, and where it says nothing what `other` says.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        for it in other {
            if !self.has(it.option.id) {
                self.all.push(it);
            }
        }
        self
    }
}

impl<'a> IntoIterator for Settings<'a> {
    type Item = Setting<'a>;
    type IntoIter = std::vec::IntoIter<Setting<'a>>;

    fn into_iter(mut self) -> Self::IntoIter {
        self.all.retain(|it| !matches!(it.given, OptionValue::Wrong));
        self.all.into_iter()
    }
}

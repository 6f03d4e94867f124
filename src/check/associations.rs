//! Associations as they are declared: each sentence read, its models found.

use super::attributes;
use super::attributes::AttributeSaid;
use super::{Context, Pending};
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{Action, AssociationKind, Deferrable};
use crate::source::Span;
use crate::verbs;
use crate::verbs::{Item, OptionReader, Said, Verb, Verbal, verbal};
use smol_str::{SmolStr, ToSmolStr};

/// An association's sentence, its models found.
#[derive(Debug)]
pub(super) struct Join<'a> {
    pub script: usize,
    pub sentence: &'a ast::Sentence,
    pub kind: AssociationKind,
    pub source: usize,
    pub target: usize,
    /// `as`: the names of one and of many, and where.
    pub alias: Option<Said<(SmolStr, SmolStr)>>,
    pub foreign_key: KeySaid<'a>,
    pub other_key: KeySaid<'a>,
    pub source_key: Option<Said<SmolStr>>,
    pub target_key: Option<Said<SmolStr>>,
    pub on_delete: Option<Said<Action>>,
    pub on_update: Option<Said<Action>>,
    pub constraints: Option<Said<bool>>,
    pub unique_key: Option<Said<SmolStr>>,
    pub deferrable: Option<Said<Deferrable>>,
    pub scope: Option<&'a ast::Braces>,
    pub through: Option<super::through::ThroughSaid<'a>>,
}

/// `foreignKey: name` or `foreignKey: { name, attribute options }`
#[derive(Debug, Clone, Default)]
pub(super) struct KeySaid<'a> {
    pub name: Option<Said<SmolStr>>,
    pub said: Option<AttributeSaid<'a>>,
}

impl Join<'_> {
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
    pub(super) fn resolve_associations(&mut self) -> Vec<Join<'a>> {
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

    fn join(&mut self, pending: &Pending<'a>, kind: AssociationKind) -> Option<Join<'a>> {
        let verb = Verb::Associate(kind).facts();
        let sentence = pending.sentence;
        let message = format!("`{}` stands between two models", verb.name);
        let [subject, _, object] = sentence.words.as_slice() else {
            self.malformed(sentence, &message, verb.usage);
            return None;
        };
        let tail = [subject, object].into_iter().find(|it| !it.tail.is_empty());
        if tail.is_some() || sentence.argument.is_some() || sentence.assigned.is_some() {
            self.malformed(sentence, &message, verb.usage);
            return None;
        }
        let source = self.model_of(&subject.head);
        let target = self.model_of(&object.head);
        let owner = format!("`{}`", verb.name);
        let mut problems = std::mem::take(&mut self.problems);
        let mut reader = OptionReader::new(
            &owner,
            verb.options,
            Item::of_options(sentence.options.as_ref()),
            &mut problems,
        );
        let alias = read_alias(&mut reader);
        let foreign_key = read_key(&mut reader, "foreignKey");
        let other_key = read_key(&mut reader, "otherKey");
        let action = |reader: &mut OptionReader<'a, '_>, name: &str| {
            let item = reader.item(name)?;
            attributes::read_action(item, reader.problems())
        };
        let mut join = Join {
            script: pending.script,
            sentence,
            kind,
            source: source.unwrap_or_default(),
            target: target.unwrap_or_default(),
            alias,
            foreign_key,
            other_key,
            source_key: reader.text("sourceKey"),
            target_key: reader.text("targetKey"),
            on_delete: action(&mut reader, "onDelete"),
            on_update: action(&mut reader, "onUpdate"),
            constraints: reader.flag("constraints"),
            unique_key: reader.text("uniqueKey"),
            deferrable: reader
                .item("deferrable")
                .and_then(|it| attributes::read_deferrable(it, reader.problems())),
            scope: reader.object("scope"),
            through: None,
        };
        if let Some(off) = join.constraints.filter(|it| !it.value) {
            for (option, said) in [("onDelete", &join.on_delete), ("onUpdate", &join.on_update)] {
                if let Some(said) = said {
                    reader.report(CheckProblem::ActionWithoutConstraint {
                        option: option.into(),
                        at: said.span,
                        constraints: off.span,
                    });
                }
            }
        }
        let through = reader.item("through");
        let misspelled = reader.is_misspelled("through");
        let timestamps = reader.flag("timestamps");
        self.problems = problems;
        let (source, target) = (source?, target?);
        if kind == AssociationKind::BelongsToMany {
            let Some(item) = through else {
                if misspelled {
                    return None;
                }
                let name =
                    format!("{}{}", self.draft(source).model.name, self.draft(target).model.plural);
                self.report(CheckProblem::MissingOption {
                    verb: verb.name.into(),
                    option: "through".into(),
                    at: join.span(),
                    help: Some(format!("name the table that holds the keys: `through: {name}`")),
                });
                return None;
            };
            join.through = Some(self.read_through(pending, item, timestamps, source, target)?);
        }
        Some(join)
    }
}

/// `as: name` or `as: { singular, plural }`
fn read_alias(reader: &mut OptionReader<'_, '_>) -> Option<Said<(SmolStr, SmolStr)>> {
    let item = reader.item("as")?;
    if let Some(ast::ValueKind::Object(braces)) = item.value.map(|it| &it.kind) {
        let items = Item::of_object(braces, reader.problems());
        let mut inner = OptionReader::new("`as`", &[verbs::NAME], items, reader.problems());
        let (singular, plural) = (inner.text("singular"), inner.text("plural"));
        let (one, many) = match (singular, plural) {
            (Some(one), Some(many)) => (one.value, many.value),
            (Some(one), None) => {
                (one.value.clone(), crate::words::pluralize(&one.value).to_smolstr())
            }
            (None, Some(many)) => (crate::words::singularize(&many.value).to_smolstr(), many.value),
            (None, None) => {
                inner.report(CheckProblem::MissingOption {
                    verb: "as".into(),
                    option: "singular".into(),
                    at: braces.span,
                    help: Some(
                        "name the association: `as: { singular: post, plural: posts }`".into(),
                    ),
                });
                return None;
            }
        };
        return Some(Said { value: (one, many), span: item.span });
    }
    let said = reader.text("as")?;
    Some(Said { value: (said.value.clone(), said.value), span: item.span })
}

fn read_key<'a>(reader: &mut OptionReader<'a, '_>, option: &str) -> KeySaid<'a> {
    let Some(item) = reader.item(option) else {
        return KeySaid::default();
    };
    let Some(ast::ValueKind::Object(braces)) = item.value.map(|it| &it.kind) else {
        return KeySaid { name: reader.text(option), said: None };
    };
    let items = Item::of_object(braces, reader.problems());
    let owner = format!("`{option}`");
    let (said, rest) = attributes::read(&owner, items, verbs::FOREIGN_KEY, reader.problems());
    let name = rest
        .into_iter()
        .find(|it| it.name.text == "name")
        .and_then(|it| verbs::read_text(it, reader.problems()));
    KeySaid { name, said: Some(said) }
}

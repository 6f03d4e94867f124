//! What a query reads beside its rows.

use super::model_id;
use super::pasted;
use super::queries::QueryReader;
use super::scopes;
use crate::ast;
use crate::diagnostics::{CheckProblem, Stray};
use crate::ir::{AssociationId, Include, Query};
use crate::verbs;
use crate::verbs::{OptionId, OptionItem, Settings};

impl<'a> QueryReader<'_, 'a> {
    pub(super) fn include(&mut self, value: &'a ast::ValueNode) -> Option<Include> {
        let (value, options) = match &value.kind {
            ast::ValueKind::Phrase(phrase) if phrase.words.is_empty() => {
                (&phrase.value, phrase.options.as_ref())
            }
            _ => (value, None),
        };
        let (word, scopes) = match &value.kind {
            ast::ValueKind::Name(word) => (word, [].as_slice()),
            ast::ValueKind::Path(path) => (&path.head, &*path.tail),
            _ => {
                pasted::wrong_include(self.context, value, self.model);
                return None;
            }
        };
        let association = self.included(word, options)?;
        let target =
            self.context.schema.associations.get(association.0 as usize)?.target.0 as usize;
        let owner = format!("the include `{}`", word.text);
        let items = OptionItem::of_options(options);
        let mut named = Query::default();
        self.are_scopes(word, target, scopes)?;
        scopes::apply_scopes(self.context, target, scopes, &mut named)?;
        let (mut query, said) = self.context.linked_query(
            &owner,
            association,
            items,
            &[verbs::QUERY, verbs::INCLUDE],
        )?;
        query.scopes = named.scopes;
        query.unscoped = named.unscoped;
        if !self.is_of_one(word, association, &said) | !self.is_of_rows(&query, &said) {
            return None;
        }
        Some(Include {
            association,
            required: said.flag(OptionId::Required).map(|it| it.value),
            separate: said.is_on(OptionId::Separate),
            query,
        })
    }

    /// That nothing behind an included name is another association, or a report.
    fn are_scopes(
        &mut self,
        word: &ast::Word,
        target: usize,
        steps: &'a [ast::PathStep],
    ) -> Option<()> {
        let own = self.context.model(target);
        for step in steps {
            let (name, at) = match step {
                ast::PathStep::Name(word) => (Some(&word.text), word.span),
                ast::PathStep::Index(_, at) => (None, *at),
            };
            let scope = |name: &smol_str::SmolStr| own.scopes.iter().any(|it| it.name == *name);
            let behind = name.filter(|it| self.context.association_named(target, it).is_some());
            if name.is_some_and(scope) || name.is_some() && behind.is_none() {
                continue;
            }
            let label = match behind {
                Some(_) => "an association behind another",
                None => "no scope",
            };
            self.context.report(CheckProblem::Malformed {
                message: "`include` takes associations, perhaps with scopes of theirs".into(),
                at,
                label: label.into(),
                help: behind.map(|it| {
                    format!("include it in the other: `{} < include: [{it}] >`", word.text).into()
                }),
            });
            return None;
        }
        Some(())
    }

    /// Of one row there is nothing to order or to count: whether an include says nothing of the kind where it leads to one.
    fn is_of_one(
        &mut self,
        word: &ast::Word,
        association: AssociationId,
        said: &Settings<'a>,
    ) -> bool {
        let found = self.context.schema.associations.get(association.0 as usize);
        let Some(kind) = found.filter(|it| !it.is_to_many()).map(|it| it.kind) else {
            return true;
        };
        let mut fits = true;
        for it in said.iter() {
            let counts = match it.option.id {
                OptionId::Separate => said.is_on(OptionId::Separate),
                OptionId::Limit
                | OptionId::Offset
                | OptionId::Order
                | OptionId::Group
                | OptionId::Having
                | OptionId::Distinct => true,
                _ => false,
            };
            if counts {
                fits = false;
                self.context.report(CheckProblem::NotHere {
                    what: Stray::Word(it.option.name().to_string()),
                    at: it.item.name.span,
                    label: format!("`{}` leads to one row", word.text),
                    help: Some(
                        format!("leave it out: a `{}` has no rows to choose among", kind.word())
                            .into(),
                    ),
                });
            }
        }
        fits
    }

    /// Rows that are put together have nothing beside them: whether an include doesn't ask for both.
    fn is_of_rows(&mut self, query: &Query, said: &Settings<'a>) -> bool {
        let mut fits = true;
        if let Some(item) = said.item(OptionId::Raw).filter(|_| query.raw) {
            fits = false;
            self.context.report(CheckProblem::NotHere {
                what: Stray::Word("raw".into()),
                at: item.name.span,
                label: "of an include".into(),
                help: Some("say it of the whole query, whose rows are flat then".into()),
            });
        }
        if let Some(item) = said.item(OptionId::Include).filter(|_| query.puts_together()) {
            fits = false;
            self.context.report(CheckProblem::NotHere {
                what: Stray::Word("include".into()),
                at: item.name.span,
                label: "beside rows that are put together".into(),
                help: Some(
                    "a group of rows has nothing beside it; leave out one of the two".into(),
                ),
            });
        }
        fits
    }

    /// An association's name, or a model to which one association leads, or the one that `as` names.
    fn included(
        &mut self,
        word: &ast::Word,
        options: Option<&'a ast::OptionList>,
    ) -> Option<AssociationId> {
        let named = OptionItem::of_options(options).find(|it| it.name.text == OptionId::As.name());
        let alias = named.and_then(|item| match item.value.map(|it| &it.kind) {
            Some(ast::ValueKind::Name(name)) => Some((&name.text, name.span)),
            Some(ast::ValueKind::Text(name)) => Some((name, item.value_span())),
            _ => None,
        });
        let own = self.context.association_named(self.model, &word.text);
        if let Some(id) = own {
            if let Some((_, at)) = alias.filter(|it| *it.0 != word.text) {
                self.context.report(CheckProblem::NotHere {
                    what: Stray::Word(OptionId::As.name().to_owned()),
                    at,
                    label: "another name than the association's".into(),
                    help: Some(
                        format!("leave it out: `{}` is included under its name", word.text).into(),
                    ),
                });
                return None;
            }
            self.context.notes.association(word.span, id);
            return Some(id);
        }
        let leading: Vec<AssociationId> = self
            .context
            .schema
            .associations_of(model_id(self.model))
            .filter(|(_, it)| self.context.model(it.target.0 as usize).name == word.text)
            .filter(|(_, it)| alias.is_none_or(|(name, _)| it.name == *name))
            .map(|(id, _)| id)
            .collect();
        match leading.as_slice() {
            [one] => {
                let target = self.context.schema[*one].target;
                self.context.notes.model(word.span, target.0 as usize);
                Some(*one)
            }
            _ => {
                let (name, at) = alias.unwrap_or((&word.text, word.span));
                self.context.unknown_association(self.model, name, at);
                None
            }
        }
    }
}

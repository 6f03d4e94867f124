//! Names and paths: `firstName`, `creator.firstName` along associations, `meta.tags[0]` into JSON, `any invoices (..)`.

use super::computed;
use super::expressions::Lowering;
use super::many_rows;
use super::row_variables;
use super::scope::{AggregatedRows, ExpressionPlace, ExpressionScope, LinkScope};
use super::{Context, model_id};
use crate::ast;
use crate::ast::Quantifier;
use crate::diagnostics::{CheckProblem, Help, Stray};
use crate::ir::{AssociationId, AttributeId, DataType, Expression, JsonStep};
use crate::source::Span;
use crate::value::Value;
use crate::verbs;
use smol_str::SmolStr;

impl Context<'_> {
    #[cold]
    pub(super) fn unknown_association(&mut self, model: usize, name: &str, at: Span) {
        if self.unread.contains(name) {
            return;
        }
        let names: Vec<SmolStr> = self
            .schema
            .associations_of(super::model_id(model))
            .map(|(_, it)| it.name.clone())
            .collect();
        let names = || names.iter().map(SmolStr::as_str);
        let linked = self
            .schema
            .associations_of(super::model_id(model))
            .find(|(_, it)| LinkScope::of(it).is_some_and(|link| link.is_called(self, name)));
        let help = match self.nearest(name, names()) {
            _ if let Some((_, it)) = linked => {
                let (link, rows) = (super::names::written(name), super::names::written(&it.name));
                let text = format!(
                    "it links rows to `{rows}`, and is named beside these: `any {rows} ({link}.. > 1)`, `order: [{rows}.{link}..]`"
                );
                text.into()
            }
            Some(nearest) => Help::name(at, nearest),
            None if names().next().is_none() => "it has no associations".into(),
            None => format!("its associations are {}", verbs::list(names())).into(),
        };
        let problem = CheckProblem::UnknownAssociation {
            model: self.model(model).name.to_string(),
            name: name.to_owned(),
            at,
            help: Some(help),
        };
        self.report(problem);
    }

    /// The association of that name.
    pub(super) fn association_named(&self, model: usize, name: &str) -> Option<AssociationId> {
        self.schema
            .associations_of(super::model_id(model))
            .find(|(_, it)| it.name == name)
            .map(|(id, _)| id)
    }
}

impl<'a> Lowering<'_, 'a> {
    pub(super) fn name(
        &mut self,
        word: &ast::Word,
        beside: Option<&DataType>,
    ) -> Option<Expression> {
        let Some(model) = self.scope.model else {
            if let Some(DataType::Enum(enumeration)) = beside
                && enumeration.members.contains(&word.text)
            {
                self.context.notes.member(word.span, enumeration, &word.text);
                return Some(Expression::Literal(Value::Text(word.text.clone())));
            }
            return self.context.variable(word, &[], word.span);
        };
        if computed::is_former(self.context, model, &word.text, self.scope) {
            self.context.notes.former(word, model);
            return Some(Expression::Former(word.text.clone()));
        }
        if let Some(id) = super::attribute_named(self.context, model, &word.text) {
            self.context.notes.attribute(word.span, model, id);
            return self.attribute_reference(id, word);
        }
        let is_variable = !self.scope.place.is_schema() && self.context.is_variable(&word.text);
        if let Some(DataType::Enum(enumeration)) = beside
            && !is_variable | enumeration.members.contains(&word.text)
        {
            // Of the members that it had before nothing is known here.
            if enumeration.members.contains(&word.text)
                || self.scope.place == ExpressionPlace::Using
            {
                self.context.notes.member(word.span, enumeration, &word.text);
                return Some(Expression::Literal(Value::Text(word.text.clone())));
            }
            let members = || enumeration.members.iter().map(SmolStr::as_str);
            let help = match self.context.nearest(&word.text, members()) {
                Some(nearest) => Help::name(word.span, nearest),
                None => format!("its members are {}", verbs::list(members())).into(),
            };
            self.context.report(CheckProblem::UnknownWord {
                word: word.text.to_string(),
                expected: "a member of the enumeration".into(),
                at: word.span,
                help: Some(help),
            });
            return None;
        }
        if self.scope.aliases.iter().any(|(it, _)| *it == word.text) {
            return Some(Expression::Alias(word.text.clone()));
        }
        if let Some(id) = self.context.association_named(model, &word.text) {
            self.context.notes.association(word.span, id);
            let association = self.context.schema.associations.get(id.0 as usize)?;
            let held = association.kind == crate::ir::AssociationKind::BelongsTo;
            if held
                && !self.scope.place.is_schema()
                && let Some(key) = association.single_key()
            {
                return Some(Expression::Attribute(key.attribute));
            }
            let target = self.context.model(association.target.0 as usize);
            let key = association.target_key().next().filter(|_| held);
            let key = key.map_or("id", |it| target.attribute(it).name.as_str()).to_owned();
            let words = if association.is_to_many() {
                format!(
                    "`any {0} (..)` says whether there are such, `count({0})` how many; `include: [{0}]` reads them",
                    word.text
                )
            } else {
                format!("name an attribute of it: `{}.{key}`", word.text)
            };
            let what = Stray::Association(word.text.to_string());
            self.not_possible(what, word.span, Some(words.into()));
            return None;
        }
        if is_variable {
            return self.context.variable(word, &[], word.span);
        }
        if self.scope.link.as_ref().is_some_and(|it| it.is_called(self.context, &word.text)) {
            let help = format!("name an attribute of it: `{}.id`", word.text);
            self.not_possible(Stray::Link(word.text.to_string()), word.span, Some(help.into()));
            return None;
        }
        if !self.scope.place.is_schema() && self.context.unread.contains(word.text.as_str()) {
            return None;
        }
        self.context.unknown_attribute(model, &word.text, word.span);
        None
    }

    fn attribute_reference(&mut self, id: AttributeId, word: &ast::Word) -> Option<Expression> {
        let is_virtual = matches!(
            self.context.model(self.scope.model?).attribute(id).data_type,
            DataType::Virtual
        );
        if self.scope.place == ExpressionPlace::Default {
            self.not_possible(Stray::Attribute(word.text.to_string()), word.span, Some("a default is computed before the row is there; `generated: (..)` computes from the row".into()));
            return None;
        }
        if is_virtual && self.scope.place.is_schema() {
            self.not_possible(
                Stray::Virtual(word.text.to_string()),
                word.span,
                Some("name the stored attributes that it is computed from".into()),
            );
            return None;
        }
        row_variables::is_computed(self.context, self.scope.model?, id, word, self.scope.place)?;
        Some(Expression::Attribute(id))
    }

    /// `creator.firstName`, `meta.tags[0]`
    pub(super) fn path(&mut self, path: &'a ast::Path) -> Option<Expression> {
        self.steps(&path.head, &path.tail, path.span)
    }

    /// The same, from one of its steps on.
    pub(super) fn steps(
        &mut self,
        head: &'a ast::Word,
        tail: &'a [ast::PathStep],
        span: Span,
    ) -> Option<Expression> {
        let Some(mut model) = self.scope.model else {
            return self.context.variable(head, tail, span);
        };
        let mut associations = Vec::new();
        // The row of a through table that may be named next, and the associations that lead to it.
        let mut link = self.scope.link.clone();
        let mut of_link: Option<(Vec<AssociationId>, usize)> = None;
        let (mut word, mut rest) = (head, tail);
        if computed::is_former(self.context, model, &word.text, self.scope) {
            self.context.notes.former(word, model);
            let base = Box::new(Expression::Former(word.text.clone()));
            return Some(Expression::Json(base, json_steps(rest)));
        }
        loop {
            if let Some(id) = super::attribute_named(self.context, model, &word.text) {
                self.context.notes.attribute(word.span, model, id);
                let base = if associations.is_empty() && of_link.is_none() {
                    self.attribute_reference(id, word)?
                } else {
                    row_variables::is_computed(self.context, model, id, word, self.scope.place)?;
                    let own = associations.is_empty();
                    if own {
                        Expression::Attribute(id)
                    } else {
                        Expression::Related(associations, id)
                    }
                };
                let base = match of_link {
                    Some((associations, model)) => Expression::OfLink {
                        path: associations,
                        model: model_id(model),
                        of: Box::new(base),
                    },
                    None => base,
                };
                if rest.is_empty() {
                    return Some(base);
                }
                return self.json_path(base, model, id, word, rest);
            }
            let Some(id) = self.context.association_named(model, &word.text) else {
                if let Some(found) = link.take_if(|it| it.is_called(self.context, &word.text)) {
                    model = found.model;
                    self.context.notes.model(word.span, model);
                    of_link = Some((std::mem::take(&mut associations), model));
                    (word, rest) = self.next_step(word, rest, span)?;
                    continue;
                }
                if associations.is_empty()
                    && of_link.is_none()
                    && !self.scope.place.is_schema()
                    && self.context.is_variable(&word.text)
                {
                    return self.context.variable(head, tail, span);
                }
                self.unknown_step(model, word, rest.is_empty());
                return None;
            };
            self.context.notes.association(word.span, id);
            if self.scope.place.is_schema() {
                self.not_possible(
                    Stray::Path(self.context.sources.slice(span).to_string()),
                    span,
                    Some("it is about one row of one table; name its own attributes".into()),
                );
                return None;
            }
            let association = self.context.schema.associations.get(id.0 as usize)?;
            let is_along = |it: &AggregatedRows| {
                it.path.split_at_checked(associations.len()).is_some_and(|(before, rest)| {
                    before == associations.as_slice() && rest.first() == Some(&id)
                })
            };
            if association.is_to_many()
                && self.scope.place != ExpressionPlace::Order
                && !self.scope.along.as_ref().is_some_and(is_along)
            {
                let (name, inner) = (
                    association.name.clone(),
                    self.context.sources.slice(span).rsplit('.').next().unwrap_or_default(),
                );
                self.not_possible(
                    Stray::PathToMany(name.to_string()),
                    span,
                    Some(match inner {
                        "count" | "length" | "size" => {
                            Help::write(span, &format!("count({name})"))
                        }
                        _ => format!("say for how many of them it holds: `any {name} ({inner} = ..)`, or `all`, or `none`").into(),
                    }),
                );
                return None;
            }
            model = association.target.0 as usize;
            link = LinkScope::of(association).filter(|_| of_link.is_none());
            associations.push(id);
            (word, rest) = self.next_step(word, rest, span)?;
        }
    }

    /// What follows a row in a path.
    fn next_step(
        &mut self,
        word: &ast::Word,
        rest: &'a [ast::PathStep],
        path: Span,
    ) -> Option<(&'a ast::Word, &'a [ast::PathStep])> {
        match rest.split_first() {
            Some((ast::PathStep::Name(next), more)) => Some((next, more)),
            Some((ast::PathStep::Index(_, span), _)) => {
                self.not_possible(Stray::Place, *span, None);
                None
            }
            None => {
                let text = self.context.sources.slice(path);
                let help = format!("name an attribute of it: `{text}.id`");
                self.not_possible(
                    Stray::Association(word.text.to_string()),
                    path,
                    Some(help.into()),
                );
                None
            }
        }
    }

    pub(super) fn json_path(
        &mut self,
        base: Expression,
        model: usize,
        id: AttributeId,
        word: &ast::Word,
        rest: &[ast::PathStep],
    ) -> Option<Expression> {
        let data_type = &self.context.model(model).attribute(id).data_type;
        if !matches!(data_type, DataType::Json | DataType::Jsonb | DataType::Raw(_)) {
            let what = data_type.written();
            self.context.report(CheckProblem::Malformed {
                message: format!("`{}` is {what}, and only JSON has parts", word.text),
                at: word.span,
                label: "no document".into(),
                help: Some(match rest {
                    [ast::PathStep::Name(step)]
                        if self.scope.place == ExpressionPlace::Order
                            && matches!(step.text.as_str(), "asc" | "desc") =>
                    {
                        Help::write(
                            word.span.to(step.span),
                            &format!("{} {}", word.text, step.text),
                        )
                    }
                    _ => format!("leave out what stands behind it: `{}`", word.text).into(),
                }),
            });
            return None;
        }
        Some(Expression::Json(Box::new(base), json_steps(rest)))
    }

    /// A step of a path that is neither an attribute nor an association.
    #[cold]
    pub(super) fn unknown_step(&mut self, model: usize, word: &ast::Word, last: bool) {
        if last {
            return self.context.unknown_attribute(model, &word.text, word.span);
        }
        self.context.unknown_association(model, &word.text, word.span);
    }

    pub(super) fn quantified(
        &mut self,
        quantified: &'a ast::Quantified,
        at: Span,
    ) -> Option<Expression> {
        let word = match quantified.quantifier {
            Quantifier::Any => "any",
            Quantifier::All => "all",
            Quantifier::None => "none",
            Quantifier::Count => "count",
        };
        if self.scope.place.is_schema() {
            self.not_possible(
                Stray::Word(word.to_owned()),
                at,
                Some("it is about one row of one table; name its own attributes".into()),
            );
            return None;
        }
        let ast::Path { head, tail, .. } = &quantified.association;
        let own = self.scope.model.filter(|model| {
            !self.context.is_variable(&head.text)
                || self.context.association_named(*model, &head.text).is_some()
        });
        let (held, names) = match own {
            Some(_) => (None, &**tail),
            None => match many_rows::held_path(self.context, head, tail) {
                Some((held, [])) if !held.many => {
                    let problem = CheckProblem::WrongOperand {
                        message: format!("`{word}` is about rows"),
                        at: quantified.association.span,
                        found: "one row".into(),
                        help: Some("name what it has many of: `any ann.posts (..)`".into()),
                    };
                    self.context.report(problem);
                    return None;
                }
                Some((held, rest)) => (Some(held), rest),
                None => {
                    self.not_possible(
                        Stray::Word(word.to_owned()),
                        at,
                        Some("it is about rows; ask for them with `count` or `findAll`".into()),
                    );
                    return None;
                }
            },
        };
        let mut model = held.as_ref().map(|it| it.known.model).or(own)?;
        let (mut associations, mut link) = (Vec::new(), None);
        let names = names.iter().map(|it| match it {
            ast::PathStep::Name(word) => Some(word),
            ast::PathStep::Index(..) => None,
        });
        for name in own.map(|_| Some(head)).into_iter().chain(names) {
            let name = name?;
            let Some(id) = self.context.association_named(model, &name.text) else {
                self.context.unknown_association(model, &name.text, name.span);
                return None;
            };
            self.context.notes.association(name.span, id);
            associations.push(id);
            let association = self.context.schema.associations.get(id.0 as usize)?;
            (model, link) = (association.target.0 as usize, LinkScope::of(association));
        }
        let given = held.iter().filter(|_| associations.is_empty()).flat_map(|it| &it.known.names);
        let inner = ExpressionScope {
            link,
            aliases: given.map(|it| (it.clone(), None)).collect(),
            ..ExpressionScope::new(model, ExpressionPlace::Where)
        };
        let condition = self.context.condition(&quantified.condition, &inner)?;
        let from = match &held {
            Some(held) => {
                if associations.is_empty() {
                    let at = quantified.condition.span;
                    self.reads_held(held, &associations, &condition, at)?;
                }
                Some(self.held_rows(held, &associations, quantified.association.span)?)
            }
            None => None,
        };
        Some(Expression::Quantified {
            quantifier: quantified.quantifier,
            from,
            path: associations,
            condition: Box::new(condition),
        })
    }
}

fn json_steps(rest: &[ast::PathStep]) -> Vec<JsonStep> {
    let step = |it: &ast::PathStep| match it {
        ast::PathStep::Name(word) => JsonStep::Key(word.text.clone()),
        ast::PathStep::Index(index, _) => JsonStep::Index(*index),
    };
    rest.iter().map(step).collect()
}

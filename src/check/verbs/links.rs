//! What associations let rows do: `ann createInvoice { .. }`, `inv setCreator ann`.

use super::super::bindings::RowType;
use super::super::row_variables;
use super::super::rows;
use super::super::rows::RowOf;
use super::super::variables;
use super::super::width::{self, Of};
use super::super::{Context, model_id};
use crate::ast;
use crate::diagnostics::{CheckProblem, Edit, Help};
use crate::ir::{Assignment, AssociationId, Expression, Link, LinkAct, Query, RowRef};
use crate::source::Span;
use crate::value::Value;
use crate::verbs;
use crate::verbs::{LinkVerb, Opt, OptionId, OptionItem, RowVerb, Verb};
use crate::words;

/// A sentence whose verb an association gives to a row.
struct LinkSentence<'c, 'a> {
    context: &'c mut Context<'a>,
    sentence: &'a ast::Sentence,
    word: &'a ast::Word,
    association: AssociationId,
    /// The model to which it leads.
    target: usize,
    /// Whether that is to many rows.
    many: bool,
    through: Option<usize>,
    /// The options of its verb.
    options: Vec<&'static [Opt]>,
}

/// `ann addInvoice inv < through: { .. } >`
pub(super) fn link<'a>(
    context: &mut Context<'a>,
    sentence: &'a ast::Sentence,
    subject: &'a ast::Path,
    known: &RowType,
    word: &'a ast::Word,
) -> Option<Link> {
    let model = known.model;
    let associations = context.schema.associations_of(model_id(model));
    let mut found =
        associations.filter_map(|(id, it)| Some((id, it, LinkVerb::of(it, &word.text)?)));
    let (first, second) = (found.next(), found.next());
    let Some((id, association, verb)) = first else {
        drop(found);
        unknown_accessor(context, model, word);
        return None;
    };
    if let Some((_, other, _)) = second {
        let problem = CheckProblem::AmbiguousVerb {
            verb: word.text.to_string(),
            model: context.model(model).name.to_string(),
            first_name: association.name.to_string(),
            second_name: other.name.to_string(),
            at: word.span,
            first: association.span,
            second: other.span,
        };
        drop(found);
        context.report(problem);
        return None;
    }
    let (target, many) = (association.target.0 as usize, association.is_to_many());
    let through = association.through.as_ref().map(|it| it.model.0 as usize);
    let options = verb.options(association);
    drop(found);
    context.notes.association(word.span, id);
    row_variables::is_identified(context, known, subject.head.span)?;
    let mut sentence =
        LinkSentence { context, sentence, word, association: id, target, many, through, options };
    let act = sentence.act(verb)?;
    Some(Link {
        variable: subject.head.text.clone(),
        model: model_id(model),
        association: id,
        holders: variables::variables_of_model(context, target),
        act,
    })
}

/// A verb that no association gives.
fn unknown_accessor(context: &mut Context<'_>, model: usize, word: &ast::Word) {
    let mut names: Vec<String> = Vec::new();
    for (_, association) in context.schema.associations_of(model_id(model)) {
        names.extend(LinkVerb::names(association));
    }
    let names = || names.iter().map(String::as_str);
    let known = names().chain(verbs::all().map(|it| -> &str { it.name() }));
    let meant = match word.text.as_str() {
        // a variable's row is there already
        "save" => Some(Verb::Rows(RowVerb::Update).name()),
        other => verbs::verb_of_others(other, false).map(Verb::name),
    };
    // the association's own name
    let read = context.schema.associations_of(model_id(model)).find(|it| it.1.name == word.text);
    let read = read.map(|it| LinkVerb::names(it.1)).and_then(|it| it.into_iter().next());
    let nearest = meant.or(read.as_deref()).or_else(|| words::nearest(&word.text, known));
    let help = Help::nearest(word.span, nearest, || {
        format!("its associations give it {}", verbs::list(names()))
    });
    context.report(CheckProblem::UnknownVerb {
        verb: word.text.to_string(),
        at: word.span,
        help: Some(help),
    });
}

impl LinkSentence<'_, '_> {
    fn act(&mut self, verb: LinkVerb) -> Option<LinkAct> {
        Some(match verb {
            LinkVerb::Get => LinkAct::Get(self.whole_query()?),
            LinkVerb::Count => LinkAct::Count(self.whole_query()?),
            LinkVerb::Create => {
                let Some(value) = &self.sentence.argument else {
                    return self.malformed("takes a row", "ann createInvoice { amount: 10 }");
                };
                let row = rows::new_row(self.context, self.target, value)?;
                LinkAct::Create(row, self.through_values()?.0)
            }
            LinkVerb::Has => LinkAct::Has(self.rows(verb)?, self.query()?),
            LinkVerb::Remove => {
                self.only_rows()?;
                LinkAct::Remove(self.rows(verb)?)
            }
            LinkVerb::Add => LinkAct::Add(self.rows(verb)?, self.through_values()?.0),
            LinkVerb::Set => {
                let rows = self.rows(verb)?;
                let (values, destroys) = self.through_values()?;
                LinkAct::Set(rows, values, destroys)
            }
        })
    }

    /// "`addInvoice` takes a row", at the sentence's words.
    fn malformed<T>(&mut self, takes: &str, example: &str) -> Option<T> {
        let message = format!("`{}` {takes}", self.word.text);
        self.context.malformed(self.sentence, &message, example);
        None
    }

    fn whole_query(&mut self) -> Option<Query> {
        if self.sentence.argument.is_some() || self.sentence.words.len() > 2 {
            let example = "ann getInvoices < where: (amount > 5) >";
            return self.malformed("takes options alone", example);
        }
        self.query()
    }

    /// What is asked of the linked rows, and of what links them.
    fn query(&mut self) -> Option<Query> {
        let owner = format!("`{}`", self.word.text);
        let items = OptionItem::of_options(self.sentence.options.as_ref());
        let (mut query, _) =
            self.context.linked_query(&owner, self.association, items, &self.options)?;
        query.model = Some(model_id(self.target));
        width::of_query(self.context, self.target, &query, Of::Scoped, self.word.span);
        Some(query)
    }

    fn only_rows(&mut self) -> Option<()> {
        match &self.sentence.options {
            None => Some(()),
            Some(options) => {
                self.context.no_options(&format!("`{}`", self.word.text), options);
                None
            }
        }
    }

    /// The rows that a link is about: a variable, a key, or a list of them; `null` is none.
    fn rows(&mut self, verb: LinkVerb) -> Option<Vec<RowRef>> {
        let extra = self.sentence.words.get(2..).unwrap_or_default();
        let none = match (extra, &self.sentence.argument) {
            ([path], None) => {
                let head = &path.head;
                let plain = path.tail.is_empty() && head.is_bare();
                (plain && head.text == "null").then_some(head.span)
            }
            ([], Some(value)) => matches!(value.kind, ast::ValueKind::Null).then_some(value.span),
            _ => None,
        };
        match (none, verb) {
            (Some(_), LinkVerb::Set) => return Some(Vec::new()),
            // No row is linked under it, and none can be taken away.
            (Some(at), LinkVerb::Has | LinkVerb::Remove) => {
                return Some(vec![RowRef::Key(Expression::Literal(Value::Null), at)]);
            }
            _ => {}
        }
        let (target, many) = (self.target, self.many);
        if let (LinkVerb::Add | LinkVerb::Set, Some(value)) = (verb, &self.sentence.argument)
            && let ast::ValueKind::Object(_) = &value.kind
            && extra.is_empty()
            // a key of several columns is an object, too
            && self.context.model(target).primary_key.len() == 1
        {
            return self.new_row_instead(value.span);
        }
        match (extra, &self.sentence.argument) {
            ([path], None) if path.tail.is_empty() && none.is_none() => {
                Some(vec![rows::row_word(self.context, target, many, &path.head)?])
            }
            ([], Some(value)) if none.is_none() => match &value.kind {
                ast::ValueKind::List(items) if many => {
                    let row = |it| rows::row_ref(self.context, target, many, it);
                    let rows: Vec<_> = items.iter().map(row).collect();
                    rows.into_iter().collect()
                }
                _ => Some(vec![rows::row_ref(self.context, target, many, value)?]),
            },
            _ => self.malformed("takes a row", "inv setCreator ann"),
        }
    }

    /// `ann addPost { title: "x" }`: rows that aren't there yet are created.
    fn new_row_instead<T>(&mut self, at: Span) -> Option<T> {
        let association = self.context.schema.associations.get(self.association.0 as usize)?;
        let is_create = |it: &String| LinkVerb::of(association, it) == Some(LinkVerb::Create);
        let create = LinkVerb::names(association).into_iter().find(is_create);
        let help = create.map(|create| {
            let row = self.context.sources.slice(at);
            let subject = self.sentence.words.first().map_or("", |it| it.head.text.as_str());
            Help {
                text: format!("write `{subject} {create} {row}`"),
                edits: vec![Edit { at: self.word.span, text: create }],
            }
        });
        self.context.report(CheckProblem::Malformed {
            message: format!("`{}` takes rows that are there", self.word.text),
            at,
            label: "a new row".into(),
            help,
        });
        None
    }

    /// What the through row holds; whether rows that are linked no more are destroyed.
    fn through_values(&mut self) -> Option<(Vec<Assignment>, bool)> {
        let owner = format!("`{}`", self.word.text);
        let items = OptionItem::of_options(self.sentence.options.as_ref());
        let problems = &mut self.context.problems;
        let before = problems.len();
        let said = verbs::read(&owner, &self.options, items, problems);
        if problems.len() > before {
            return None;
        }
        let values = match (self.through, said.braces(OptionId::Through)) {
            (Some(model), Some(braces)) => {
                rows::assignments(self.context, RowOf { model, changes: false }, braces)?
            }
            _ => Vec::new(),
        };
        Some((values, said.is_on(OptionId::Destroy)))
    }
}

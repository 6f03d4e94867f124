//! What associations let rows do: `ann createInvoice { .. }`, `inv setCreator ann`.

use super::held::Known;
use super::rows::RowOf;
use super::{Context, model_id};
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{Assignment, Association, AssociationId, Expression, Link, LinkAct, Query, RowRef};
use crate::value::Value;
use crate::verbs;
use crate::verbs::{Item, Opt};
use crate::words;

/// The option of verbs that write through rows.
const THROUGH: &[Opt] = &[Opt {
    name: "through",
    takes: "{ attribute: value }",
    summary: "what the through row holds",
}];

/// What is done, by the verb's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Get,
    Count,
    Has,
    Add,
    Set,
    Remove,
    Create,
}

/// The verbs that an association gives to its source's rows: Sequelize's names.
pub fn association_verbs(association: &Association) -> Vec<String> {
    let one = words::upper_first(&association.singular);
    let many = words::upper_first(&association.plural);
    let mut verbs = Vec::new();
    if association.is_to_many() {
        verbs.extend(
            ["get", "count", "has", "add", "set", "remove"].map(|it| format!("{it}{many}")),
        );
        verbs.extend(["has", "add", "remove", "create"].map(|it| format!("{it}{one}")));
    } else {
        verbs.extend(["get", "set", "create"].map(|it| format!("{it}{one}")));
    }
    verbs
}

fn act_of(association: &Association, verb: &str) -> Option<Act> {
    let one = words::upper_first(&association.singular);
    let many = words::upper_first(&association.plural);
    let acts = [
        ("get", Act::Get),
        ("count", Act::Count),
        ("has", Act::Has),
        ("add", Act::Add),
        ("set", Act::Set),
        ("remove", Act::Remove),
        ("create", Act::Create),
    ];
    acts.into_iter().find_map(|(begin, act)| {
        let rest = verb.strip_prefix(begin)?;
        let plural =
            matches!(act, Act::Get | Act::Count | Act::Has | Act::Add | Act::Set | Act::Remove);
        let singular = matches!(act, Act::Has | Act::Add | Act::Remove | Act::Create);
        let known = if association.is_to_many() {
            (plural && rest == many) || (singular && rest == one)
        } else {
            matches!(act, Act::Get | Act::Set | Act::Create) && rest == one
        };
        known.then_some(act)
    })
}

impl<'a> Context<'a> {
    /// `ann addInvoice inv < through: { .. } >`
    pub(super) fn link(
        &mut self,
        sentence: &'a ast::Sentence,
        subject: &'a ast::Path,
        known: &Known,
        word: &'a ast::Word,
    ) -> Option<Link> {
        let model = known.model;
        let associations = self.schema.associations_of(model_id(model));
        let mut found = associations.filter_map(|(id, it)| Some((id, act_of(it, &word.text)?)));
        let (first, second) = (found.next(), found.next());
        drop(found);
        let Some((id, act)) = first else {
            self.unknown_accessor(model, word, word.span);
            return None;
        };
        if let Some((other, _)) = second {
            let (one, two) = (&self.schema[id], &self.schema[other]);
            let problem = CheckProblem::AmbiguousVerb {
                verb: word.text.to_string(),
                model: self.draft(model).model.name.to_string(),
                first_name: one.name.to_string(),
                second_name: two.name.to_string(),
                at: word.span,
                first: one.span,
                second: two.span,
            };
            self.report(problem);
            return None;
        }
        let association = self.schema.associations.get(id.0 as usize)?;
        let target = association.target.0 as usize;
        let through = association.through.as_ref().map(|it| it.model.0 as usize);
        self.is_identified(known, subject.head.span)?;
        let act = match act {
            Act::Get | Act::Count => {
                let query = self.link_query(sentence, target, word)?;
                if act == Act::Get { LinkAct::Get(query) } else { LinkAct::Count(query) }
            }
            Act::Create => {
                let Some(value) = &sentence.argument else {
                    self.malformed(
                        sentence,
                        &format!("`{}` takes a row", word.text),
                        "ann createInvoice { amount: 10 }",
                    );
                    return None;
                };
                let row = self.new_row(target, value)?;
                LinkAct::Create(row, self.through_values(sentence, through, word)?)
            }
            Act::Has => {
                self.only_rows(sentence, word)?;
                LinkAct::Has(self.link_rows(sentence, id, word, act)?)
            }
            Act::Remove => {
                self.only_rows(sentence, word)?;
                LinkAct::Remove(self.link_rows(sentence, id, word, act)?)
            }
            Act::Add => {
                let rows = self.link_rows(sentence, id, word, act)?;
                LinkAct::Add(rows, self.through_values(sentence, through, word)?)
            }
            Act::Set => {
                let rows = self.link_rows(sentence, id, word, act)?;
                LinkAct::Set(rows, self.through_values(sentence, through, word)?)
            }
        };
        Some(Link {
            variable: subject.head.text.clone(),
            model: model_id(model),
            association: id,
            holders: self.holders(target),
            act,
        })
    }

    fn link_query(
        &mut self,
        sentence: &'a ast::Sentence,
        target: usize,
        word: &ast::Word,
    ) -> Option<Query> {
        if sentence.argument.is_some() || sentence.words.len() > 2 {
            self.malformed(
                sentence,
                &format!("`{}` takes options alone", word.text),
                "ann getInvoices < where: (amount > 5) >",
            );
            return None;
        }
        let owner = format!("`{}`", word.text);
        let items = Item::of_options(sentence.options.as_ref());
        let (mut query, _) = self.query(&owner, target, items, &[verbs::QUERY])?;
        query.model = Some(model_id(target));
        Some(query)
    }

    fn only_rows(&mut self, sentence: &ast::Sentence, word: &ast::Word) -> Option<()> {
        match &sentence.options {
            None => Some(()),
            Some(options) => {
                self.no_options(&format!("`{}`", word.text), options);
                None
            }
        }
    }

    /// The rows that a link is about: a variable, a key, or a list of them; `null` is none.
    fn link_rows(
        &mut self,
        sentence: &'a ast::Sentence,
        id: AssociationId,
        word: &ast::Word,
        act: Act,
    ) -> Option<Vec<RowRef>> {
        let association = self.schema.associations.get(id.0 as usize)?;
        let (target, many) = (association.target.0 as usize, association.is_to_many());
        let extra = sentence.words.get(2..).unwrap_or_default();
        let none = match (extra, &sentence.argument) {
            ([path], None) => {
                let head = &path.head;
                let plain = path.tail.is_empty() && head.quotes == ast::Quotes::None;
                (plain && head.text == "null").then_some(head.span)
            }
            ([], Some(value)) => matches!(value.kind, ast::ValueKind::Null).then_some(value.span),
            _ => None,
        };
        match (none, act) {
            (Some(_), Act::Set) => return Some(Vec::new()),
            // No row is linked under it, and none can be taken away.
            (Some(at), Act::Has | Act::Remove) => {
                return Some(vec![RowRef::Key(Expression::Literal(Value::Null), at)]);
            }
            _ => {}
        }
        match (extra, &sentence.argument) {
            ([path], None) if path.tail.is_empty() && none.is_none() => {
                Some(vec![self.row_word(target, many, &path.head)?])
            }
            ([], Some(value)) if none.is_none() => match &value.kind {
                ast::ValueKind::List(items) if many => {
                    let rows: Vec<_> =
                        items.iter().map(|it| self.row_ref(target, many, it)).collect();
                    rows.into_iter().collect()
                }
                _ => Some(vec![self.row_ref(target, many, value)?]),
            },
            _ => {
                self.malformed(
                    sentence,
                    &format!("`{}` takes a row", word.text),
                    "inv setCreator ann",
                );
                None
            }
        }
    }

    fn through_values(
        &mut self,
        sentence: &'a ast::Sentence,
        through: Option<usize>,
        word: &ast::Word,
    ) -> Option<Vec<Assignment>> {
        let owner = format!("`{}`", word.text);
        let table: &'static [Opt] = if through.is_some() { THROUGH } else { &[] };
        let mut problems = std::mem::take(&mut self.problems);
        let items = Item::of_options(sentence.options.as_ref());
        let before = problems.len();
        let mut reader = verbs::OptionReader::new(&owner, &[table], items, &mut problems);
        let braces = reader.object("through");
        let well = problems.len() == before;
        self.problems = problems;
        if !well {
            return None;
        }
        match (through, braces) {
            (Some(model), Some(braces)) => {
                self.assignments(RowOf { model, changes: false }, braces)
            }
            _ => Some(Vec::new()),
        }
    }
}

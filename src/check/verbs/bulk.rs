//! `bulkCreate`: rows that the script lists, that variables hold, or that a query finds.

use super::super::bindings::RowType;
use super::super::pasted;
use super::super::quoted_names::items_of;
use super::super::row_variables;
use super::super::rows;
use super::super::scopes;
use super::super::width::{self, Of};
use super::super::{model_id, names, typing};
use super::RowSentence;
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{AssociationKind, Data, Expression, ListedRows, NewRows, Query, Write};
use crate::source::Span;
use crate::verbs;
use crate::verbs::{OptionId, OptionItem, RowVerb};
use smol_str::SmolStr;

impl<'a> RowSentence<'_, 'a> {
    pub(super) fn bulk_create(mut self) -> Option<Data> {
        let write = self.write()?;
        let rows = match (self.extra, &self.sentence.argument) {
            ([path], None) => {
                let held = self.context.word_expression(path)?;
                NewRows::Listed(vec![self.held_rows(held, path.span, &write)?])
            }
            ([], Some(ast::ValueNode { kind: ast::ValueKind::List(items), .. })) => {
                let rows: Vec<_> = items.iter().map(|it| self.listed(it, &write)).collect();
                NewRows::Listed(rows.into_iter().collect::<Option<_>>()?)
            }
            ([], Some(ast::ValueNode { kind: ast::ValueKind::Group(members), span })) => {
                match members.as_slice() {
                    [ast::ValueNode { kind: ast::ValueKind::Phrase(phrase), .. }] => {
                        NewRows::Found(
                            Box::new(self.query_in_brackets(phrase, *span, &write)?),
                            *span,
                        )
                    }
                    [one] => NewRows::Listed(vec![self.listed(one, &write)?]),
                    _ => return self.no_rows(*span, "a list in round brackets"),
                }
            }
            ([], Some(value)) => {
                return self.no_rows(value.span, verbs::describe(&value.kind));
            }
            _ => return self.malformed(&format!("`{}` takes rows", self.facts.name)),
        };
        self.passes_over_no_related(&rows, &write)?;
        Some(Data::BulkCreate(model_id(self.model), rows, write))
    }

    /// That rows which may be there already are written without what belongs to them: which row that would belong to isn't known.
    fn passes_over_no_related(&mut self, rows: &NewRows, write: &Write) -> Option<()> {
        let id = if write.ignore_duplicates {
            OptionId::IgnoreDuplicates
        } else if write.update_on_duplicate.is_some() {
            OptionId::UpdateOnDuplicate
        } else {
            return Some(());
        };
        let NewRows::Listed(listed) = rows else { return Some(()) };
        let related = listed.iter().find_map(|it| match it {
            ListedRows::Written(row) => row.related.first(),
            ListedRows::Held(_) => None,
        });
        let (Some(related), Some(item)) = (related, self.said.item(id)) else { return Some(()) };
        let (option, at) = (item.name.text.clone(), item.name.span);
        let association = self.context.schema.associations.get(related.association.0 as usize)?;
        let name = association.name.clone();
        let key = association.key.first().map(|it| it.attribute);
        let help = match key.filter(|_| association.kind == AssociationKind::BelongsTo) {
            Some(key) => format!(
                "write the key in its place, `{}: 1`",
                self.context.model(self.model).attribute(key).name
            ),
            None => "make it in a sentence of its own, once the rows are there".to_owned(),
        };
        self.context.report(CheckProblem::Contradiction {
            message: format!("`{option}` has no effect on rows that are written with `{name}`"),
            at,
            label: "without effect".into(),
            help: Some(help),
        });
        None
    }

    fn no_rows<T>(&mut self, at: Span, what: &str) -> Option<T> {
        let help = pasted::phrased(self.context, self.sentence);
        self.context.report(CheckProblem::Malformed {
            message: format!("`{}` takes a list of rows", self.facts.name),
            at,
            label: format!("this is {what}"),
            help: Some(help.unwrap_or_else(|| format!("write `{}`", self.facts.usage).into())),
        });
        None
    }

    /// A row of a list, or a variable in its place.
    fn listed(&mut self, value: &'a ast::ValueNode, write: &Write) -> Option<ListedRows> {
        match &value.kind {
            ast::ValueKind::Name(_) | ast::ValueKind::Path(_) => {
                let held = self.context.script_expression(value)?;
                self.held_rows(held, value.span, write)
            }
            _ => self.new_row(value).map(ListedRows::Written),
        }
    }

    /// That a variable holds rows which the model takes.
    fn held_rows(&mut self, held: Expression, at: Span, write: &Write) -> Option<ListedRows> {
        let Some((_, known, _)) = row_variables::rows_of(self.context, &held) else {
            return self.no_rows(at, "no row, and no list of rows");
        };
        self.takes(&known, write, |_| at)?;
        match held {
            Expression::Variable(variable) => Some(ListedRows::Held(variable)),
            _ => None,
        }
    }

    /// `(Post findAll < attributes: [title] >)`
    fn query_in_brackets(
        &mut self,
        phrase: &'a ast::Phrase,
        at: Span,
        write: &Write,
    ) -> Option<Query> {
        let (head, steps) = match &phrase.value.kind {
            ast::ValueKind::Name(word) => (word, [].as_slice()),
            ast::ValueKind::Path(path) => (&path.head, &*path.tail),
            _ => return self.no_rows(at, "no query"),
        };
        let find_all = RowVerb::FindAll.name();
        if let [verb] = phrase.words.as_slice()
            && verb.text != find_all
        {
            self.context.report(CheckProblem::Malformed {
                message: format!("`{}` takes the rows of `{find_all}`", self.facts.name),
                at: verb.span,
                label: "another verb".into(),
                help: Some(
                    format!(
                        "other rows are kept first: `let rows = {} {} ..`",
                        head.text, verb.text
                    )
                    .into(),
                ),
            });
            return None;
        }
        let [_] = phrase.words.as_slice() else {
            return self.no_rows(at, "no query");
        };
        let model = self.context.readable_model(head)?;
        let mut named = Query::default();
        scopes::apply_scopes(self.context, model, steps, &mut named)?;
        let owner = format!("`{find_all}`");
        let items = OptionItem::of_options(phrase.options.as_ref());
        let tables = RowVerb::FindAll.facts().options;
        let before = self.context.problems.len();
        let (query, said) = self.context.query(&owner, model, items, tables)?;
        if self.context.problems.len() > before {
            return None;
        }
        let query = Query {
            model: Some(model_id(model)),
            scopes: named.scopes,
            unscoped: named.unscoped,
            ..query
        };
        width::of_query(self.context, model, &query, Of::Scoped, at);
        let known = row_variables::row_type_of_query(self.context, model, &query);
        let selected = said.item(OptionId::Attributes);
        let place = |name: &str| {
            let members = selected.map(items_of).unwrap_or_default();
            let named = |it: &&ast::ValueNode| name_of(it) == Some(name);
            members.iter().find(named).map_or(at, |it| it.span)
        };
        self.takes(&known, write, place)?;
        Some(query)
    }

    /// That the model has an attribute for each member of rows from elsewhere, which can be written.
    fn takes(
        &mut self,
        known: &RowType,
        write: &Write,
        place: impl Fn(&str) -> Span,
    ) -> Option<()> {
        let before = self.context.problems.len();
        let source = self.context.model(known.model);
        let read: Vec<SmolStr> = match &known.read {
            Some(read) => read.clone(),
            None => {
                let all = source
                    .attributes()
                    .filter(|(id, _)| row_variables::has_value(self.context, known.model, *id));
                all.map(|(_, it)| it.name.clone()).collect()
            }
        };
        for name in read.iter().chain(&known.names) {
            let own = self.context.model(self.model);
            let Some(id) = own.attribute_named(name) else {
                if write.fields.is_none() {
                    self.lacks(name, place(name));
                }
                continue;
            };
            if write.fields.as_ref().is_some_and(|it| !it.contains(&id)) {
                continue;
            }
            if let Some(label) = rows::why_unwritable(own.attribute(id)) {
                self.context.report(CheckProblem::Contradiction {
                    message: format!("`{name}` can't be written"),
                    at: place(name),
                    label: label.into(),
                    help: Some("say which attributes are written: `fields: [..]`".into()),
                });
            }
        }
        (self.context.problems.len() == before).then_some(())
    }

    /// "`Dst` has no attribute `n`"
    fn lacks(&mut self, name: &str, at: Span) {
        let own = self.context.model(self.model);
        let help = format!(
            "read what `{}` has alone, under its names (`{} as ..`), or write `fields: [..]`, which says what is written",
            own.name,
            names::written(name)
        );
        let problem = CheckProblem::UnknownAttribute {
            model: own.name.to_string(),
            name: name.to_owned(),
            at,
            help: Some(help.into()),
        };
        self.context.report(problem);
    }
}

/// The name of a member of `attributes`.
fn name_of(value: &ast::ValueNode) -> Option<&str> {
    match &typing::inner(value).kind {
        ast::ValueKind::Name(word) => Some(&word.text),
        ast::ValueKind::Phrase(phrase) => phrase.words.get(1).map(|it| it.text.as_str()),
        _ => None,
    }
}

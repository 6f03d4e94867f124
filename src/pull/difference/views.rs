//! Views of a script that the database has otherwise, or not at all.

use super::{ScriptUpdate, created};
use crate::catalog::{Name, ObjectKind};
use crate::plan;
use crate::pull::names::sql as verbatim;
use crate::source::Span;
use crate::sql::{Dialect, Statement, render};
use crate::stored::{QueryColumns, ViewQuery, same_object};
use crate::words::same_name;
use std::collections::HashSet;

impl<'a> ScriptUpdate<'a> {
    /// The script's views, and which are done.
    pub(super) fn views(&mut self) -> HashSet<(ObjectKind, Name)> {
        let mut done = HashSet::new();
        let planner = plan::Planner { schema: self.schema, dialect: Dialect::SQLITE, now: None };
        let known = QueryColumns::of_objects(self.found.objects.iter().copied());
        let read = |sql: &str| ViewQuery::read(sql, &known);
        let is_same = |a: &str, b: &str| {
            same_object(ObjectKind::View, a, b)
                || read(a).zip(read(b)).is_some_and(|(a, b)| a.is_same(&b))
        };
        for (view, it) in self.schema.views.iter().enumerate() {
            let name = Name::from(&it.name);
            let create = Statement::CreateView { view, select: planner.view(&it.query) };
            let said = render(&create, self.schema, Dialect::SQLITE);
            match self.statement_of(&name) {
                None => self.remove_sentence(it.span),
                Some(is) if is_same(is, &said) => {}
                Some(is) => self.another_view(it.span, is),
            }
            done.insert((ObjectKind::View, name));
        }
        self.shown_views();
        done
    }

    /// The statement that the database has of a view.
    fn statement_of(&self, name: &Name) -> Option<&'a str> {
        let found = self.found;
        let mut there = found.objects.iter();
        let is = there.find(|it| it.kind() == ObjectKind::View && *name == *it.name);
        is.and_then(|it| it.sql.as_deref())
    }

    /// What the script says that views show which SQL makes.
    fn shown_views(&mut self) {
        let is_query = |name: &str| self.schema.views.iter().any(|it| it.name == name);
        let shown = self.schema.models.iter().filter(|it| it.view && !is_query(&it.name));
        for model in shown.collect::<Vec<_>>() {
            let name = Name::from(&model.name);
            if self.statement_of(&name).is_none() {
                self.remove_sentence(model.span);
                continue;
            }
            // one that a sentence says now goes with its statement
            if self.draft.views.iter().any(|it| name == *it.name) {
                continue;
            }
            let Some(columns) = self.found.rows.shown.get(&name) else { continue };
            let own: Vec<&str> = model.attributes.iter().map(|it| it.column.as_str()).collect();
            let is_there = |it: &&str| columns.iter().any(|column| same_name(&column.name, it));
            let fresh = self.draft.shown.iter().find(|it| name == *it.0);
            if own.len() != columns.len() || !own.iter().all(is_there) {
                match (fresh, self.editor.sentence(model.span)) {
                    (Some((_, text)), Some(sentence)) if self.editor.holds(model.span) => {
                        self.editor.replace(sentence.span, text);
                    }
                    _ => self.fail(format!("the view `{}` shows other columns", model.name)),
                }
            }
        }
    }

    /// Puts what the database has of a view in place of what the script says.
    pub(super) fn another_view(&mut self, said: Span, is: &str) {
        let mut all = self.sentences_of(is).into_iter();
        let first = all.next().unwrap_or_default();
        match self.editor.sentence(said) {
            Some(sentence) if self.editor.holds(said) => {
                self.editor.replace(sentence.span, &first);
            }
            _ => self.fail("a script that it imports is to be changed".to_owned()),
        }
        for it in all {
            self.editor.append(&it);
        }
    }

    /// Adds a statement; one of a view as a sentence, or with one that says what it shows.
    pub(super) fn append_object(&mut self, statement: &str) {
        for it in self.sentences_of(statement) {
            self.editor.append(&it);
        }
    }

    /// What stands for a statement.
    fn sentences_of(&mut self, statement: &str) -> Vec<String> {
        let draft = self.draft;
        let said = draft.views.iter().find(|it| it.sql == statement);
        let name = created(statement).filter(|it| it.0 == ObjectKind::View).map(|it| it.1);
        let shown = self.schema.models.iter().find(|model| {
            let is_query = self.schema.views.iter().any(|it| it.name == model.name);
            model.view && !is_query && name.as_ref().is_some_and(|it| *it == *model.name)
        });
        if let Some(text) = said.and_then(|it| it.ways.now()) {
            // its name can't be two things
            if let Some(shown) = shown {
                self.remove_sentence(shown.span);
            }
            return vec![text.clone()];
        }
        let mut res = vec![verbatim(statement)];
        let is_it = |it: &&(String, String)| name.as_ref().is_some_and(|name| *name == *it.0);
        if shown.is_none() {
            res.extend(draft.shown.iter().find(is_it).map(|it| it.1.clone()));
        }
        res
    }
}

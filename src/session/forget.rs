//! Declarations are taken back, while the database stays as it is.

use super::Session;
use super::accept::check_with;
use crate::ast::Sentence;
use crate::check::Checked;
use crate::db::Database;
use crate::source::Span;
use crate::verbs::{Declaration, Verb, Verbal, verbal};

impl<D: Database> Session<D> {
    /// Forgets what is declared under a name, and whatever doesn't hold without it: associations, views, variables, models
    /// that extend it. Tables and their rows stay.
    ///
    /// The sentences that are gone, in order, those of variables last; none where nothing of that name is declared.
    ///
    /// ```
    /// use relata::{Session, Sqlite};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// let script = "model User { }\nmodel Post { }\nUser hasMany Post\nsync\nlet ann = User create { }";
    /// session.run("a.schema", script, &mut Vec::new())?;
    /// assert_eq!(session.forget("User"), ["model User { }", "User hasMany Post", "let ann = User create { }"]);
    /// session.run("b.schema", "model User { name: STRING }", &mut Vec::new())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn forget(&mut self, name: &str) -> Vec<String> {
        let before = self.library.clone();
        let mut gone = self.sentences(|it| declares(it) == Some(name));
        if gone.is_empty() {
            return Vec::new();
        }
        loop {
            self.library.remove(|it| gone.contains(&it.span));
            let checked = self.checked();
            let lost = self.lost(&checked);
            if lost.is_empty() {
                if checked.has_errors() {
                    self.library = before;
                    return Vec::new();
                }
                self.known.extend(checked.problems);
                self.set_declared(checked.schema, checked.names);
                break;
            }
            gone.extend(lost);
        }
        gone.sort_unstable_by_key(|it| it.start);
        let sentences = gone.iter().map(|it| self.sources.slice(*it).to_owned());
        let mut sentences: Vec<String> = sentences.collect();
        let texts = self.library.release();
        self.sources.retain(|it| !texts.contains(&it.id));
        self.kept = self.sources.len();
        let sources = &self.sources;
        self.known
            .retain(|variable| variable.span().is_none_or(|it| sources.at(it.start).is_some()));
        sentences.extend(self.forget_variables());
        sentences
    }

    /// Forgets the variables whose rows are of a model that is no more; the sentences that gave them their values.
    fn forget_variables(&mut self) -> Vec<String> {
        let schema = &self.schema;
        let (lost, kept) =
            std::mem::take(&mut self.variables).into_iter().partition::<Vec<_>, _>(|variable| {
                let model = variable.known.model();
                variable.sentence.is_some()
                    && model.is_some_and(|it| schema.model_named(it).is_none())
            });
        self.variables = kept;
        for it in &lost {
            self.environment.forget(&it.known.name);
        }
        let sentences = lost.into_iter().filter_map(|it| it.sentence);
        sentences.map(String::from).collect()
    }

    fn checked(&self) -> Checked {
        let dialect = self.database.dialect();
        let bundle = self.library.bundle();
        check_with(bundle, &self.sources, dialect, &self.variables_to_check())
    }

    /// The sentences that have errors.
    fn lost(&self, checked: &Checked) -> Vec<Span> {
        let errors: Vec<Span> = (checked.problems.iter())
            .filter(|it| !it.is_warning() && !self.known.contains(it))
            .filter_map(crate::diagnostics::Problem::span)
            .collect();
        self.sentences(|sentence| {
            let at = sentence.span;
            (errors.iter()).any(|it| at.start <= it.start && it.start < at.end)
        })
    }

    /// The places of the accepted sentences of which something holds.
    fn sentences(&self, holds: impl Fn(&Sentence) -> bool) -> Vec<Span> {
        let all = self.library.bundle().sentences();
        all.filter(|(_, it)| holds(it)).map(|(_, it)| it.span).collect()
    }
}

/// The name that a sentence gives to a model or the like.
fn declares(sentence: &Sentence) -> Option<&str> {
    let Verbal::First(Verb::Declare(verb)) = verbal(sentence) else {
        return None;
    };
    let name = match verb {
        Declaration::Model | Declaration::Enum | Declaration::View => sentence.words.get(1),
        Declaration::Abstract => sentence.words.get(2),
        Declaration::Defaults | Declaration::Import | Declaration::Once => None,
    };
    name.map(|it| it.head.text.as_str())
}

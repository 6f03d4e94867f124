//! Declarations are taken back, while the database stays as it is.

use super::{Session, check_with};
use crate::ast::{Quotes, Sentence};
use crate::check::Checked;
use crate::db::Database;
use crate::ir::StepKind;
use crate::source::Span;
use smol_str::SmolStr;

impl<D: Database> Session<D> {
    /// Forgets what is declared under a name, and whatever doesn't hold without it: associations, views, variables, models
    /// that extend it. Tables and their rows stay.
    ///
    /// The places of the declarations that are gone, in order; none where nothing of that name is declared.
    ///
    /// ```
    /// use relata::db::Sqlite;
    /// use relata::session::Session;
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.run("a.schema", "model User { }\nmodel Post { }\nUser hasMany Post", &mut Vec::new())?;
    /// let gone = session.forget("User");
    /// let gone: Vec<&str> = gone.iter().map(|it| session.sources().slice(*it)).collect();
    /// assert_eq!(gone, ["model User { }", "User hasMany Post"]);
    /// session.run("b.schema", "model User { name: STRING }", &mut Vec::new())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn forget(&mut self, name: &str) -> Vec<Span> {
        let before = self.library.clone();
        let done: Vec<Span> = (self.checked().steps.iter())
            .filter(|it| !matches!(it.kind, StepKind::Let(..)))
            .map(|it| it.span)
            .collect();
        let mut gone = self.sentences(|it| declares(it) == Some(name));
        if gone.is_empty() {
            return gone;
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
                self.schema = checked.schema;
                break;
            }
            gone.extend(lost);
        }
        let lost = before.bundle().sentences().map(|(_, it)| it);
        for name in lost
            .filter(|it| gone.contains(&it.span))
            .filter_map(variable)
        {
            self.environment.forget(name);
        }
        gone.sort_unstable_by_key(|it| it.start);
        // What has been done is no declaration.
        gone.retain(|it| !done.contains(it));
        gone
    }

    fn checked(&self) -> Checked {
        let dialect = self.database.dialect();
        check_with(self.library.bundle(), &self.sources, dialect, &self.given)
    }

    /// The sentences that have errors, and those that give a variable of such a sentence its value.
    fn lost(&self, checked: &Checked) -> Vec<Span> {
        let errors: Vec<Span> = (checked.problems.iter())
            .filter(|it| !it.is_warning() && !self.known.contains(it))
            .filter_map(crate::diagnostics::Problem::span)
            .collect();
        let wrong = |at: Span| {
            errors
                .iter()
                .any(|it| at.start <= it.start && it.start < at.end)
        };
        let bundle = self.library.bundle();
        let names: Vec<&SmolStr> = (bundle.sentences())
            .filter(|(_, it)| wrong(it.span))
            .filter_map(|(_, it)| variable(it))
            .collect();
        self.sentences(|it| wrong(it.span) || variable(it).is_some_and(|it| names.contains(&it)))
    }

    /// The places of the accepted sentences of which something holds.
    fn sentences(&self, holds: impl Fn(&Sentence) -> bool) -> Vec<Span> {
        let all = self.library.bundle().sentences();
        all.filter(|(_, it)| holds(it))
            .map(|(_, it)| it.span)
            .collect()
    }
}

/// The words of a sentence, without what follows their dots.
fn words(sentence: &Sentence) -> Vec<(&SmolStr, Quotes)> {
    let words = sentence.words.iter();
    words.map(|it| (&it.head.text, it.head.quotes)).collect()
}

/// The name that a sentence gives to a model or the like.
fn declares(sentence: &Sentence) -> Option<&str> {
    match words(sentence).as_slice() {
        [(verb, Quotes::None), (name, _), ..]
            if matches!(verb.as_str(), "model" | "enum" | "view") =>
        {
            Some(name)
        }
        [(verb, Quotes::None), _, (name, _), ..] if verb.as_str() == "abstract" => Some(name),
        _ => None,
    }
}

/// The variable that a sentence gives a value to.
fn variable(sentence: &Sentence) -> Option<&SmolStr> {
    match words(sentence).as_slice() {
        [(verb, Quotes::None), (name, _)] if verb.as_str() == "let" => Some(*name),
        _ => None,
    }
}

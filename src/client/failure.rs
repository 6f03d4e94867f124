//! What a database said, as a problem of the script: with models and attributes in place of tables and columns.

use super::ProblemContext;
use crate::db::{DbError, DbErrorKind, ErrorSubject, NewViolation};
use crate::diagnostics::{
    AttributeName, BrokenCheck, BrokenReference, Cause, Duplicate, NullViolation, RunProblem,
};
use crate::ir::Model;
use crate::source::Span;

/// A statement that failed is shown up to so many characters.
const SHOWN: usize = 300;

/// What a failing statement was about.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FailedStatement<'a> {
    /// The statement.
    pub statement: Option<&'a str>,
    /// Where its model is declared.
    pub declared: Option<Span>,
    /// Where it is written itself: raw SQL.
    pub raw: Option<Span>,
}

/// What foreign keys say of the rows since a sentence.
pub(crate) fn broken_reference(found: NewViolation) -> BrokenReference {
    match found {
        NewViolation::Orphans(rows) => BrokenReference::Orphans(rows),
        NewViolation::NotUnique(table) => BrokenReference::NotUnique(table),
    }
}

/// The place of a sentence. What no sentence asked for (`relata apply`, `relata diff`) has none, however its span begins.
pub(crate) fn place(at: Span) -> Option<Span> {
    (at.start < at.end).then_some(at)
}

impl ProblemContext<'_> {
    /// The problem of the sentence `at` that `error` is.
    #[cold]
    pub(crate) fn failure(
        &self,
        error: DbError,
        at: Span,
        about: FailedStatement<'_>,
    ) -> RunProblem {
        let cause = Cause { message: error.message, code: error.code };
        match error.kind {
            DbErrorKind::Unique => {
                let named = self.named(error.about.as_ref());
                let what = named.map_or(Duplicate::Unknown, Duplicate::Same);
                let help = Some(what.help_text());
                RunProblem::Unique { what, at, cause, help }
            }
            DbErrorKind::ForeignKey => BrokenReference::Unknown.at(at, cause),
            DbErrorKind::NotNull => {
                let named = self.named(error.about.as_ref());
                let what = named.map_or(NullViolation::Unknown, NullViolation::Of);
                RunProblem::NotNull { what, places: Vec::new(), at: Some(at), cause }
            }
            DbErrorKind::Check => {
                let what = match &error.about {
                    Some(ErrorSubject::Check(check)) => BrokenCheck::Named(check.clone()),
                    Some(_) | None => BrokenCheck::Unknown,
                };
                RunProblem::Check { what: what.into(), at, rule: None, cause }
            }
            DbErrorKind::Busy => RunProblem::Busy { at: place(at), cause },
            DbErrorKind::OutcomeUnknown => RunProblem::OutcomeUnknown { at: place(at), cause },
            DbErrorKind::CannotOpen => {
                let help = error.fault.map(|it| it.help().to_owned());
                RunProblem::CannotOpen { path: self.database.to_string(), cause, help }
            }
            DbErrorKind::NotADatabase => {
                RunProblem::NotADatabase { path: self.database.to_string(), cause, at: place(at) }
            }
            DbErrorKind::CannotWrite => RunProblem::CannotWrite { at: place(at), cause },
            DbErrorKind::Interrupted => RunProblem::Interrupted { at: place(at) },
            DbErrorKind::Late => RunProblem::TooLong { at: place(at), cause },
            DbErrorKind::TooLarge => RunProblem::Limit { what: cause.message, at },
            DbErrorKind::Forbidden => RunProblem::Forbidden { at: about.raw.unwrap_or(at), cause },
            DbErrorKind::Refused | DbErrorKind::Undone => {
                if let (None, Some(ErrorSubject::Table(table))) = (about.raw, error.about) {
                    return RunProblem::NoTable { table, at };
                }
                let help = error.fault.map(|it| it.help().to_owned());
                let inside = about.raw.map(|raw| self.inside(raw, about.statement, error.offset));
                RunProblem::Refused {
                    at: inside.or_else(|| place(at)),
                    raw: about.raw.is_some(),
                    declared: about.declared.filter(|_| about.raw.is_none()),
                    cause,
                    statement: help.or_else(|| {
                        let shown = about.statement.filter(|_| about.raw.is_none())?;
                        Some(format!("the statement was {}", shortened(shown)))
                    }),
                }
            }
        }
    }

    /// The place of the byte `offset` of the raw SQL that is written at `raw`.
    fn inside(&self, raw: Span, statement: Option<&str>, offset: Option<usize>) -> Span {
        let found = || {
            let source = self.sources.at(raw.start)?;
            let range = source.range(raw);
            let written = source.text.get(range.clone())?;
            // Only where it is written as it is: a backquote in it is written twice.
            let begin = written.find(statement?)? + range.start + offset?;
            let rest = source.text.get(begin..range.end)?;
            let word = rest.find(|it: char| !it.is_alphanumeric() && it != '_');
            let length = word.unwrap_or(rest.len());
            let first = rest.chars().next().map_or(0, char::len_utf8);
            Some(source.span(begin..begin + length.max(first)))
        };
        found().unwrap_or(raw)
    }

    /// The attributes that an error is about, by the script's names.
    fn named(&self, about: Option<&ErrorSubject>) -> Option<Vec<AttributeName>> {
        let about = about?;
        let attributes_of = |model: &Model| {
            let columns = about.columns_of(&model.full_table())?;
            let name = |column: &str| {
                let (_, attribute) = model.columns().find(|(_, it)| it.column == column)?;
                let (model, attribute) = (model.name.to_string(), attribute.name.to_string());
                Some(AttributeName { model, attribute })
            };
            columns.into_iter().map(name).collect::<Option<Vec<_>>>()
        };
        self.schema.models().find_map(|(_, it)| attributes_of(it))
    }
}

fn shortened(statement: &str) -> String {
    let line: String = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} …", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

//! Models that are written elsewhere (Prisma's schemas, DBML, the SQL of servers), brought into a script.
//!
//! Invariant: what comes of it has no errors. What can't be said is a comment, with the reason.

mod ddl;

pub use ddl::{ImportedDdl, ddl, is_of_server};

use crate::ast::{Bundle, Member, Sentence, ValueKind};
use crate::check;
use crate::diagnostics::Problem;
use crate::foreign;
use crate::plan;
use crate::source::{Sources, Span};
use crate::sql::Dialect;
use crate::syntax;
use std::fmt::Write;
use std::ops::Range;

/// What a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFormat {
    /// Prisma's schema
    Prisma,
    /// dbdiagram's
    Dbml,
    /// CREATE TABLE and the like
    Sql,
    /// Sequelize's models, as `examples/sequelize-models.js` prints them
    Sequelize,
}

impl ImportFormat {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Prisma, Self::Dbml, Self::Sql, Self::Sequelize];

    /// How it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prisma => "prisma",
            Self::Dbml => "dbml",
            Self::Sql => "sql",
            Self::Sequelize => "sequelize",
        }
    }

    /// How a file's name ends that holds it.
    const fn ending(self) -> &'static str {
        match self {
            Self::Prisma => ".prisma",
            Self::Dbml => ".dbml",
            Self::Sql => ".sql",
            Self::Sequelize => ".json",
        }
    }

    /// What a file holds, by its name.
    pub fn of_file(path: &str) -> Option<Self> {
        let lower = path.to_ascii_lowercase();
        Self::ALL.into_iter().find(|it| lower.ends_with(it.ending()))
    }
}

/// So many times a script is gone over: what is taken out may take something else with it.
const ROUNDS: usize = 20;

/// The models of a text of Prisma's or DBML's as a script, and how much of it is a comment now.
///
/// ```
/// let text = "model User {\n  id Int @id @default(autoincrement())\n  name String?\n}\n";
/// let (script, left) = relata::import::models(text);
/// assert!(script.contains("name: STRING") && left == 0, "{script}");
/// ```
pub fn models(text: &str) -> (String, usize) {
    let mut script = String::new();
    let (mut at, mut left) = (0, 0);
    for sentence in foreign::sentences(text) {
        script.push_str(text.get(at..sentence.range.start).unwrap_or_default());
        match sentence.said {
            Some(said) => {
                let original = text.get(sentence.range.clone()).unwrap_or_default();
                left += remarks(&said).saturating_sub(remarks(original));
                script.push_str(&said);
            }
            None => {
                left += 1;
                let original = text.get(sentence.range.clone()).unwrap_or_default();
                script.push_str(&commented(&sentence.why, original));
            }
        }
        script.push('\n');
        at = sentence.range.end;
    }
    script.push_str(text.get(at..).unwrap_or_default());
    let (script, more) = without_errors(&script);
    (syntax::formatted(&script), left + more)
}

/// A script that was put together elsewhere without comments of its own, and how much of it is one now.
pub fn whole(text: &str) -> (String, usize) {
    let (script, left) = without_errors(text);
    (syntax::formatted(&script), left + remarks(text))
}

/// How many lines are comments that no documentation is.
fn remarks(text: &str) -> usize {
    let is_remark =
        |it: &&str| it.trim_start().starts_with("//") && !it.trim_start().starts_with("///");
    text.lines().filter(is_remark).count()
}

/// A comment of a reason, and of what it is about.
fn commented(why: &str, original: &str) -> String {
    let mut res = format!("// {}\n", why.split_whitespace().collect::<Vec<_>>().join(" "));
    for line in original.lines().filter(|it| !it.trim().is_empty()) {
        let _ = writeln!(res, "//     {}", line.trim_end());
    }
    res
}

/// A script with a comment in place of each member and each sentence that has errors, and how many these are.
fn without_errors(text: &str) -> (String, usize) {
    let mut text = text.to_owned();
    let mut count = 0;
    for _ in 0..ROUNDS {
        let found = faulty(&text);
        if found.is_empty() {
            break;
        }
        count += found.len();
        for (range, why) in found.into_iter().rev() {
            let original = text.get(range.clone()).unwrap_or_default();
            let said = format!("\n{}\n", commented(&why, original).trim_end());
            text.replace_range(range, &said);
        }
    }
    (text, count)
}

/// The places that have errors, in order, and which.
fn faulty(text: &str) -> Vec<(Range<usize>, String)> {
    let mut sources = Sources::default();
    let Ok(id) = sources.add("", text) else { return Vec::new() };
    let source = sources.get(id);
    let parsed = syntax::parse(source);
    let mut problems = parsed.problems;
    let sentences = parsed.script.sentences.clone();
    let checked = check::check(&Bundle::of(parsed.script), &sources);
    problems.extend(checked.problems);
    problems.extend(plan::problems(&checked.schema, Dialect::SQLITE));
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    for problem in problems.iter().filter(|it| !it.is_warning()) {
        let Some(span) = problem.span() else { continue };
        let place = place(&sentences, span)
            .map_or_else(|| line_of(text, source.range(span).start), |it| source.range(it));
        let overlaps =
            |it: &(Range<usize>, String)| it.0.start < place.end && place.start < it.0.end;
        if !place.is_empty() && !found.iter().any(overlaps) {
            found.push((place, reason(problem)));
        }
    }
    found.sort_by_key(|it| it.0.start);
    found
}

fn reason(problem: &Problem) -> String {
    problem.to_string()
}

fn line_of(text: &str, at: usize) -> Range<usize> {
    let start = text.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
    let end = text.get(at..).and_then(|it| it.find('\n')).map_or(text.len(), |it| at + it);
    start..end
}

/// The member or the sentence around a place.
fn place(sentences: &[Sentence], span: Span) -> Option<Span> {
    let holds = |it: Span| it.start <= span.start && span.start < it.end.max(it.start + 1);
    let sentence = sentences.iter().find(|it| holds(it.span))?;
    let body = match sentence.argument.as_ref().map(|it| &it.kind) {
        Some(ValueKind::Object(body)) => body.members.as_slice(),
        _ => &[],
    };
    let member = body.iter().map(Member::span).find(|it| holds(*it));
    Some(member.unwrap_or(sentence.span))
}

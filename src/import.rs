//! Models that are written elsewhere (Prisma's schemas, DBML, the SQL of servers), brought into a script.
//!
//! Invariant: what comes of it has no errors. What can't be said is a comment, with the reason.

mod ddl;
mod dump;
mod removal;
mod sql;
mod uncomputed;

pub use sql::sql;

use crate::ast::{Bundle, Member, Pair, Sentence, ValueKind};
use crate::check;
use crate::db::Structure;
use crate::diagnostics::{CheckProblem, Problem, SyntaxProblem};
use crate::foreign::{self, ForeignSentence, Language};
use crate::plan;
use crate::source::{Source, Sources, Span};
use crate::sql::Dialect;
use crate::syntax;
use crate::words::plain;
use removal::{Removal, without};
use std::collections::BTreeMap;
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

    /// The name as people write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Prisma => "Prisma's schema",
            Self::Dbml => "DBML",
            Self::Sql => "SQL",
            Self::Sequelize => "Sequelize's models",
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

/// A script that was made of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportedScript {
    /// The script.
    pub text: String,
    /// How much of the file is a comment in it.
    pub left: usize,
}

/// So many times a script is gone over: what is taken out may take something else with it.
const ROUNDS: usize = 20;

/// The models of a text of Prisma's or DBML's as a script; `database` is one in memory, to try expressions in.
///
/// ```
/// let mut sources = relata::source::Sources::default();
/// let text = "model User {\n  id Int @id @default(autoincrement())\n  name String?\n}\n";
/// let id = sources.add("schema.prisma", text).unwrap();
/// let mut database = relata::db::Sqlite::in_memory().unwrap();
/// let format = relata::import::ImportFormat::Prisma;
/// let made = relata::import::models(sources.get(id), format, &mut database).unwrap();
/// assert!(made.text.contains("name: STRING") && made.left == 0, "{}", made.text);
/// ```
///
/// # Errors
/// Where a bracket has no other end, or nothing is a model.
pub fn models(
    source: &Source,
    format: ImportFormat,
    database: &mut impl Structure,
) -> Result<ImportedScript, Box<Problem>> {
    let text = &source.text;
    if let Some(place) = foreign::unpaired(text) {
        return Err(unpaired(source, format, place).into());
    }
    let read = foreign::read(text);
    if read.sentences.iter().all(|it| it.said.as_ref().is_some_and(String::is_empty)) {
        return Err(nothing(source, format, "model").into());
    }
    let mut script = String::new();
    let (mut at, mut left) = (0, 0);
    let unknown = read.others.into_iter().filter(|it| !is_own(text, it)).map(|range| {
        let why = format!("this isn't understood as {}", format.title());
        ForeignSentence { range, language: Language::Prisma, said: None, why, told: false, kept: 0 }
    });
    let mut sentences: Vec<_> = read.sentences.into_iter().chain(unknown).collect();
    sentences.sort_by_key(|it| it.range.start);
    for sentence in sentences {
        script.push_str(text.get(at..sentence.range.start).unwrap_or_default());
        let original = text.get(sentence.range.clone()).unwrap_or_default();
        match sentence.said {
            Some(said) => {
                left += remarks(&said).saturating_sub(sentence.kept);
                script.push_str(&said);
            }
            None => {
                left += 1;
                script.push_str(&commented(&sentence.why, original));
            }
        }
        script.push('\n');
        at = sentence.range.end;
    }
    script.push_str(text.get(at..).unwrap_or_default());
    let mut made = whole(&format!("{}\n\nsync\n", script.trim()), database);
    made.left += left;
    made.left = made.left.saturating_sub(remarks(&script));
    Ok(made)
}

/// A script that was put together elsewhere without comments of its own; `database` is one in memory.
pub fn whole(text: &str, database: &mut impl Structure) -> ImportedScript {
    let (script, left) = without_errors(text);
    let (script, more) = uncomputed::without_uncomputed(&script, database);
    ImportedScript { text: syntax::formatted(&script), left: left + more + remarks(text) }
}

/// What is in the braces of a model's sentence.
fn body(sentence: &Sentence) -> &[Member] {
    match sentence.argument.as_ref().map(|it| &it.kind) {
        Some(ValueKind::Object(body)) => &body.members,
        _ => &[],
    }
}

/// The attributes of a model's sentence.
fn members(sentence: &Sentence) -> impl Iterator<Item = &Pair> {
    body(sentence).iter().filter_map(|it| match it {
        Member::Pair(pair) => Some(pair),
        Member::Sentence(_) => None,
    })
}

/// Whether a sentence of a text is one of Relata's as it stands: an `enum` may be written in three languages alike.
fn is_own(text: &str, range: &Range<usize>) -> bool {
    let mut sources = Sources::default();
    let own = text.get(range.clone()).unwrap_or_default();
    let is_enum = own.get(..5).is_some_and(|it| it.eq_ignore_ascii_case("enum "));
    is_enum
        && sources.add("", own).is_ok_and(|id| syntax::parse(sources.get(id)).problems.is_empty())
}

/// A bracket without its other end.
fn unpaired(source: &Source, format: ImportFormat, place: Range<usize>) -> Problem {
    let opens = source.text.get(place.clone()).is_some_and(|it| matches!(it, "(" | "[" | "{"));
    let label =
        if opens { "this is never closed" } else { "nothing is open that this could close" };
    let help = "put that right in the file: what a bracket holds can't be told without it";
    unread(source, format, place, label, help)
}

/// Nothing in a file is what a script is made of.
fn nothing(source: &Source, format: ImportFormat, what: &'static str) -> Problem {
    let end = source.text.find('\n').unwrap_or(source.text.len());
    let label = match what {
        "table" => "no table is made here",
        _ => "no model is declared here",
    };
    let help = "say what it holds where it is something else: `--from prisma`, `dbml`, `sql` or `sequelize`";
    unread(source, format, 0..end, label, help)
}

/// A file that can't be read as what it is said to be.
pub fn unread(
    source: &Source,
    format: ImportFormat,
    place: Range<usize>,
    label: impl Into<String>,
    help: &'static str,
) -> Problem {
    SyntaxProblem::Unread {
        name: source.name.to_string(),
        what: format.title(),
        at: source.span(place),
        label: label.into(),
        help,
    }
    .into()
}

/// How many lines are comments that no documentation is.
fn remarks(text: &str) -> usize {
    let is_remark =
        |it: &&str| it.trim_start().starts_with("//") && !it.trim_start().starts_with("///");
    text.lines().filter(is_remark).count()
}

/// A comment of a reason, and of what it is about.
fn commented(why: &str, original: &str) -> String {
    let mut res = format!("// {}\n", plain(&why.split_whitespace().collect::<Vec<_>>().join(" ")));
    for line in original.lines().filter(|it| !it.trim().is_empty()) {
        let _ = writeln!(res, "//     {}", plain(line).trim_end());
    }
    res
}

/// A script with a comment in place of each option, member or sentence that has errors, and how many these are.
fn without_errors(text: &str) -> (String, usize) {
    let mut text = text.to_owned();
    let mut count = 0;
    for _ in 0..ROUNDS {
        let found = faulty(&text);
        if found.is_empty() {
            break;
        }
        count += found.len();
        text = without(&text, found);
    }
    (text, count)
}

/// What has errors, in order: one of each attribute.
fn faulty(text: &str) -> Vec<Removal> {
    let mut sources = Sources::default();
    let Ok(id) = sources.add("", text) else { return Vec::new() };
    let source = sources.get(id);
    let parsed = syntax::parse(source);
    let mut problems = parsed.problems;
    let sentences = parsed.script.sentences.clone();
    let checked = check::check(&Bundle::of(parsed.script), &sources);
    problems.extend(checked.problems);
    problems.extend(plan::problems(&checked.schema, Dialect::SQLITE));
    // by where each begins: its end, and what is done
    let mut found: BTreeMap<usize, (usize, Removal)> = BTreeMap::new();
    for problem in problems.iter().filter(|it| !it.is_warning()) {
        let Some(span) = problem.span() else { continue };
        let sentence = around(&sentences, span, |it| it.span);
        let member = sentence.and_then(|it| around(body(it), span, Member::span));
        let place = member.map(Member::span).or(sentence.map(|it| it.span));
        let place =
            place.map_or_else(|| line_of(text, source.range(span).start), |it| source.range(it));
        let before = found.range(..place.end).next_back();
        if place.is_empty() || before.is_some_and(|(_, (end, _))| place.start < *end) {
            continue;
        }
        let why = problem.to_string();
        let removal = faulty_option(source, member, problem, &why)
            .unwrap_or_else(|| Removal::whole(text, place.clone(), &why));
        found.insert(place.start, (place.end, removal));
    }
    found.into_values().map(|it| it.1).collect()
}

/// The option that a problem is about, where the attribute is worth having without it: without its type, or as no key, it would be another one.
fn faulty_option(
    source: &Source,
    member: Option<&Member>,
    problem: &Problem,
    why: &str,
) -> Option<Removal> {
    let Some(Member::Pair(pair)) = member else { return None };
    let (options, span) = (pair.options.as_ref()?, problem.span()?);
    let named = |at: usize| options.items.get(at).map(|it| it.name.text.as_str());
    let at = match problem {
        // it points at the attribute
        Problem::Check(CheckProblem::AutoIncrement { .. }) => {
            (0..options.items.len()).find(|at| named(*at) == Some("autoIncrement"))
        }
        _ => options.items.iter().position(|it| holds(it.span(), span)),
    }?;
    matches!(named(at), Some("defaultValue" | "autoIncrement" | "check"))
        .then(|| Removal::option(source, pair.span(), options, at, why))
}

fn holds(own: Span, at: Span) -> bool {
    own.start <= at.start && at.start < own.end.max(own.start + 1)
}

/// That one of these, which stand in order, which is around a place.
fn around<T>(all: &[T], at: Span, span: impl Fn(&T) -> Span) -> Option<&T> {
    let before = all.partition_point(|it| span(it).start <= at.start);
    all.get(before.checked_sub(1)?).filter(|it| holds(span(it), at))
}

fn line_of(text: &str, at: usize) -> Range<usize> {
    let start = text.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
    let end = text.get(at..).and_then(|it| it.find('\n')).map_or(text.len(), |it| at + it);
    start..end
}

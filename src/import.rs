//! Models that are written elsewhere (Prisma's schemas, DBML, the SQL of servers), brought into a script.
//!
//! Invariant: what comes of it has no errors. What can't be said is a comment, with the reason.

mod ddl;
mod dump;
mod sql;

pub use sql::sql;

use crate::ast::{Bundle, Member, OptionList, OptionPair, Pair, Sentence, ValueKind};
use crate::check;
use crate::db::Structure;
use crate::diagnostics::{Problem, SyntaxProblem};
use crate::foreign::{self, ForeignSentence, Language};
use crate::plan;
use crate::source::{Source, Sources, Span};
use crate::sql::Dialect;
use crate::syntax;
use crate::words::plain;
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
        let why = format!("{} has no such sentence that is known here", format.title());
        ForeignSentence { range, language: Language::Prisma, said: None, why }
    });
    let mut sentences: Vec<_> = read.sentences.into_iter().chain(unknown).collect();
    sentences.sort_by_key(|it| it.range.start);
    for sentence in sentences {
        script.push_str(text.get(at..sentence.range.start).unwrap_or_default());
        let original = text.get(sentence.range.clone()).unwrap_or_default();
        match sentence.said {
            Some(said) => {
                left += remarks(&said).saturating_sub(remarks(original));
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
    let (script, more) = without_unmade(&script, database);
    ImportedScript { text: syntax::formatted(&script), left: left + more + remarks(text) }
}

/// A script without the defaults in raw SQL that SQLite can't compute, and how many these are: each is a comment above its attribute.
fn without_unmade(text: &str, database: &mut impl Structure) -> (String, usize) {
    let mut sources = Sources::default();
    let Ok(id) = sources.add("", text) else { return (text.to_owned(), 0) };
    let source = sources.get(id);
    let script = syntax::parse(source).script;
    let mut removals = Vec::new();
    for pair in script.sentences.iter().flat_map(members) {
        let Some(options) = &pair.options else { continue };
        for (at, option) in options.items.iter().enumerate() {
            let Some(ValueKind::Sql(sql)) = option.value.as_ref().map(|it| &it.kind) else {
                continue;
            };
            let is_default = option.name.text == "defaultValue";
            let compiled = database.quoted_texts(&format!("SELECT ({sql})"));
            if let Some(error) = compiled.err().filter(|_| is_default) {
                let why = format!("SQLite can't compute the default {sql}: {error}");
                removals.push(Removal::option(source, pair.span(), options, at, &why));
            }
        }
    }
    let count = removals.len();
    (without(text, removals), count)
}

/// What is taken out of a script, and the comment that takes its place.
struct Removal {
    place: Range<usize>,
    /// Where the comment belongs: in that place, or above the attribute that it was said of.
    at: usize,
    comment: String,
}

impl Removal {
    /// A sentence, or a member of one.
    fn whole(text: &str, place: Range<usize>, why: &str) -> Self {
        let original = text.get(place.clone()).unwrap_or_default();
        let comment = format!("\n{}\n", commented(why, original).trim_end());
        Self { at: place.start, place, comment }
    }

    /// An option of an attribute, with its comma.
    fn option(source: &Source, pair: Span, options: &OptionList, at: usize, why: &str) -> Self {
        let start = |it: &OptionPair| source.range(it.span()).start;
        let own = options.items.get(at);
        let mut place = own.map_or(0..0, |it| source.range(it.span()));
        let original = source.text.get(place.clone()).unwrap_or_default();
        let comment = format!("\n{}", commented(why, original));
        let before = at.checked_sub(1).and_then(|it| options.items.get(it));
        match (before, options.items.get(at + 1)) {
            (Some(before), _) => place.start = source.range(before.span()).end,
            (None, Some(behind)) => place.end = start(behind),
            (None, None) => place = source.range(options.span),
        }
        Self { place, at: source.range(pair).start, comment }
    }
}

/// A text without these, which are in order.
fn without(text: &str, removals: Vec<Removal>) -> String {
    let mut text = text.to_owned();
    for Removal { place, at, comment } in removals.into_iter().rev() {
        text.replace_range(place, "");
        text.insert_str(at, &comment);
    }
    text
}

/// The attributes of a model's sentence.
fn members(sentence: &Sentence) -> impl Iterator<Item = &Pair> {
    let body = match sentence.argument.as_ref().map(|it| &it.kind) {
        Some(ValueKind::Object(body)) => body.members.as_slice(),
        _ => &[],
    };
    body.iter().filter_map(|it| match it {
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
    let mut found: Vec<(Range<usize>, Removal)> = Vec::new();
    for problem in problems.iter().filter(|it| !it.is_warning()) {
        let Some(span) = problem.span() else { continue };
        let place = place(&sentences, span)
            .map_or_else(|| line_of(text, source.range(span).start), |it| source.range(it));
        let overlaps =
            |it: &(Range<usize>, Removal)| it.0.start < place.end && place.start < it.0.end;
        if place.is_empty() || found.iter().any(overlaps) {
            continue;
        }
        let why = problem.to_string();
        let option = sentences.iter().flat_map(members).find_map(|pair| {
            let options = pair.options.as_ref()?;
            let at = options.items.iter().position(|it| holds(it.span(), span))?;
            // Without its type, or as no key, an attribute is another one.
            let name = options.items.get(at)?.name.text.as_str();
            (name == "defaultValue")
                .then(|| Removal::option(source, pair.span(), options, at, &why))
        });
        let removal = option.unwrap_or_else(|| Removal::whole(text, place.clone(), &why));
        found.push((place, removal));
    }
    found.sort_by_key(|it| it.0.start);
    found.into_iter().map(|it| it.1).collect()
}

fn holds(own: Span, at: Span) -> bool {
    own.start <= at.start && at.start < own.end.max(own.start + 1)
}

fn line_of(text: &str, at: usize) -> Range<usize> {
    let start = text.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
    let end = text.get(at..).and_then(|it| it.find('\n')).map_or(text.len(), |it| at + it);
    start..end
}

/// The member or the sentence around a place.
fn place(sentences: &[Sentence], span: Span) -> Option<Span> {
    let holds = |it: Span| holds(it, span);
    let sentence = sentences.iter().find(|it| holds(it.span))?;
    let body = match sentence.argument.as_ref().map(|it| &it.kind) {
        Some(ValueKind::Object(body)) => body.members.as_slice(),
        _ => &[],
    };
    let member = body.iter().map(Member::span).find(|it| holds(*it));
    Some(member.unwrap_or(sentence.span))
}

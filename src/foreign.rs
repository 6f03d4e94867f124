//! Sentences of other languages (Sequelize's JavaScript, Prisma, DBML, SQL, models of Rails and Django), found in a text and said in Relata's words.
//!
//! A language is a recogniser that reads one sentence into a small tree (a [`draft`]), which is written down. It is asked only where a text has
//! errors, or a sentence begins as none of Relata's does.
//!
//! Invariant: what is found is plainly another language's; whether what is said instead is right is for the parser to say.

mod computed;
mod counted;
mod dbml;
mod draft;
mod frameworks;
mod javascript;
mod lexeme;
mod moments;
mod operators;
mod phrase;
mod places;
mod prisma;
mod shapes;
mod sql;
#[cfg(test)]
mod tests;
mod types;
mod words;

pub(crate) use operators::{operators, template};
pub(crate) use phrase::{is_beside_row, phrased};
pub(crate) use shapes::reshaped;
pub(crate) use sql::{begins_sql_line, lines as sql_lines};
pub(crate) use words::{Rewording, in_order, reworded};

use crate::words::plain;
use javascript::JavaScript;
use lexeme::{Lexeme, LexemeCursor, LexemeSpelling};
use std::ops::Range;

/// A language that people come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Sequelize's
    JavaScript,
    /// Prisma's schemas
    Prisma,
    /// dbdiagram's
    Dbml,
    /// Any database's
    Sql,
    /// Rails' models and migrations
    Ruby,
    /// Django's models
    Python,
    /// Relata's own, as the prompt shows it
    Prompt,
    /// Another one, of which it is told that it is
    Other,
}

impl Language {
    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::JavaScript => "JavaScript",
            Self::Prisma => "Prisma",
            Self::Dbml => "DBML",
            Self::Sql => "SQL",
            Self::Ruby => "Ruby",
            Self::Python => "Python",
            Self::Prompt => "copied from the prompt",
            Self::Other => "another language",
        }
    }

    const fn spelling(self) -> LexemeSpelling {
        match self {
            Self::JavaScript | Self::Prisma | Self::Dbml | Self::Prompt | Self::Other => {
                LexemeSpelling::Script
            }
            // Their lines are kept as remarks.
            Self::Sql | Self::Ruby | Self::Python => LexemeSpelling::Sql,
        }
    }
}

/// A sentence of another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForeignSentence {
    /// Where it stands.
    pub(crate) range: Range<usize>,
    /// Whose it is.
    pub(crate) language: Language,
    /// The same in Relata, if that could be worked out; nothing in it where it can be left out.
    pub(crate) said: Option<String>,
    /// What to do where it couldn't, or why there is nothing to say.
    pub(crate) why: String,
    /// Whether another sentence's report is of it already.
    pub(crate) told: bool,
    /// How many of its lines are comments that the text had.
    pub(crate) kept: usize,
}

impl ForeignSentence {
    /// Puts a line in the braces of the model that this says, if it does.
    fn takes(&mut self, within: &WithinModel) -> bool {
        let Some(said) = &mut self.said else { return false };
        let head = format!("model {} {{", within.model);
        let Some(start) = said.find(&head) else { return false };
        let Some(end) = said.get(start..).and_then(|it| it.find("\n}")) else { return false };
        said.insert_str(start + end, &format!("\n  {}", within.line));
        true
    }
}

/// What becomes of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Translation {
    /// This.
    Said(String),
    /// Nothing: a script needs no such thing.
    Nothing(&'static str),
    /// It can't be worked out; the nearest thing, in words.
    Unsaid(String),
    /// The same, where another sentence's report is of it already.
    Told(String),
    /// A line in a model's braces.
    Within(WithinModel),
}

/// A line that belongs into a model: an index, a column that comes later.
#[derive(Debug, Clone, PartialEq, Eq)]
struct WithinModel {
    model: String,
    line: String,
    /// What to do with it, where the model is none of the text's tables.
    why: String,
}

/// A sentence that was recognised: where it ends, and what becomes of it.
#[derive(Debug)]
struct ForeignPart {
    end: usize,
    said: Translation,
}

/// Whether a sentence that Relata can read may be another language's, by its first word.
pub(crate) fn may_begin(head: &str) -> bool {
    const HEADS: [&str; 33] = [
        "const",
        "var",
        "await",
        "async",
        "export",
        "class",
        "function",
        "throw",
        "set",
        "use",
        "grant",
        "revoke",
        "explain",
        "with",
        "module",
        "table",
        "ref",
        "tablegroup",
        "project",
        "datasource",
        "generator",
        "type",
        "select",
        "insert",
        "delete",
        "create",
        "alter",
        "begin",
        "commit",
        "start",
        "pragma",
        "truncate",
        "update",
    ];
    HEADS.iter().any(|it| it.eq_ignore_ascii_case(head))
}

/// Whether a word is a type of Prisma's, which stands behind a field's name.
pub(crate) fn is_field_type(word: &str) -> bool {
    prisma::scalar(word).is_some()
}

/// The condition that an object of another language's says, where a script has one: `{ age: { gt: 3 } }`. Beside a document's name bare
/// words are its parts.
pub(crate) fn condition(text: &str, documents: impl Iterator<Item = String>) -> Option<String> {
    javascript::condition(text, documents)
}

/// The type and the options of an attribute that an object of another language's says: `{ type: STRING, allowNull: false }`.
pub(crate) fn attribute(text: &str) -> Option<String> {
    javascript::attribute(text)
}

/// The includes that an object of another language's says: `{ model: Post, as: posts }`, `{ posts: true }`.
pub(crate) fn include(text: &str, documents: impl Iterator<Item = String>) -> Option<String> {
    javascript::include(text, documents)
}

/// The options that are written behind a verb without their brackets, or in others: `where id = 1`, `{ where: { id: 1 } }`, `limit: 3`.
pub(crate) fn options(text: &str, documents: impl Iterator<Item = String>) -> Option<String> {
    words::options_behind(text, documents)
}

/// What an arrow function says of its parameter, about the row at hand: `u.age > 3` is `age > 3`. Nothing where a script reads its signs otherwise.
fn without_parameter(body: &str, parameter: &str) -> Option<String> {
    let mut cursor = LexemeCursor::new(body, LexemeSpelling::Script, 0);
    let (mut cuts, mut before): (Vec<(Range<usize>, &str)>, &str) = (Vec::new(), "");
    while let Some(next) = cursor.take() {
        if matches!(next.text, "||" | "=>" | "{" | "?" | "/" | "`" | "!") {
            return None;
        }
        if next.text == parameter && before != "." {
            // the row itself is no value
            cursor.eat(".").then_some(())?;
            cuts.push((next.start..cursor.end, ""));
        }
        let sign = match next.text {
            "&&" => "and",
            "===" | "==" => "=",
            "!==" => "!=",
            _ => "",
        };
        if !sign.is_empty() {
            cuts.push((next.start..next.end, sign));
        }
        before = next.text;
    }
    let mut res = body.to_owned();
    for (range, text) in cuts.into_iter().rev() {
        res.replace_range(range, text);
    }
    Some(res.trim().to_owned()).filter(|it| !it.is_empty())
}

/// What a text holds.
#[derive(Debug, Default)]
pub(crate) struct ForeignText {
    /// The sentences of other languages, in order.
    pub(crate) sentences: Vec<ForeignSentence>,
    /// Where the others are: Relata's own, and what should be one.
    pub(crate) others: Vec<Range<usize>>,
}

/// The sentences of other languages in a text, in order.
pub(crate) fn sentences(text: &str) -> Vec<ForeignSentence> {
    read(text).sentences
}

/// The first bracket of a text that has no other end.
pub(crate) fn unpaired(text: &str) -> Option<Range<usize>> {
    unclosed(text, LexemeSpelling::Script).map(|it| it.start..it.end)
}

/// The first bracket or quote of a text that has no other end.
fn unclosed(text: &str, spelling: LexemeSpelling) -> Option<Lexeme<'_>> {
    let mut cursor = LexemeCursor::new(text, spelling, 0);
    let mut open: Vec<Lexeme<'_>> = Vec::new();
    let (mut before, mut plain) = ("(", 0);
    while let Some(next) = cursor.take() {
        // a slash behind a value divides
        let begins = matches!(before, "(" | "[" | "{" | "," | ":" | "=" | "?" | "&&" | "||" | "!");
        before = next.text;
        if spelling == LexemeSpelling::Script && next.is("/") && begins && next.start >= plain {
            if cursor.pattern(next.start).is_none() {
                // none ends on this line: it isn't gone through for each slash
                plain = text
                    .get(next.start..)
                    .and_then(|it| it.find('\n'))
                    .map_or(text.len(), |it| next.start + it);
            }
            continue;
        }
        let closes = match next.text {
            "(" | "[" | "{" => {
                open.push(next);
                continue;
            }
            ")" => "(",
            "]" => "[",
            "}" => "{",
            _ if next.is_unclosed() => return Some(next),
            _ => continue,
        };
        match open.pop() {
            Some(last) if last.text == closes => {}
            Some(last) => return Some(last),
            None => return Some(next),
        }
    }
    open.first().copied()
}

/// The sentences of other languages in a text, and all others.
pub(crate) fn read(text: &str) -> ForeignText {
    let (mut found, mut others) = (Vec::new(), Vec::new());
    let mut javascript = JavaScript::of(text);
    let tables = sql::TableModels::of(text);
    let schema = prisma::PrismaSchema::of(text);
    let dbml = dbml::DbmlTables::of(text);
    let mut at = 0;
    loop {
        at = LexemeCursor::new(text, LexemeSpelling::Script, at).behind_space();
        if at >= text.len() {
            break;
        }
        let part = frameworks::sentence(text, at);
        let part = part.or_else(|| Some((Language::Ruby, javascript.active_record(text, at)?)));
        let part = part.or_else(|| Some((Language::JavaScript, javascript.statement(text, at)?)));
        let part = part.or_else(|| Some((Language::Prisma, prisma::sentence(text, at, &schema)?)));
        let part = part.or_else(|| Some((Language::Dbml, dbml::sentence(text, at, &dbml)?)));
        let part = part.or_else(|| Some((Language::Sql, sql::sentence(text, at, &tables)?)));
        match part {
            Some((language, part)) if part.end > at => {
                let end = part.end;
                // `user.age += 1` is the same in both
                let is_either = !text.get(at..end).unwrap_or_default().contains([';', '(', '{']);
                let before = found.last().map(|it: &ForeignSentence| it.language);
                let language = match before.filter(|_| is_either) {
                    Some(Language::Ruby) if language == Language::JavaScript => Language::Ruby,
                    _ => language,
                };
                add(&mut found, text, at..end, language, part.said);
                at = end;
            }
            _ => {
                let end = end_of_own_sentence(text, at);
                others.push(at..end);
                at = end;
            }
        }
    }
    for sentence in &mut found {
        refuse_unclosed(text, sentence);
        keep_comments(text, sentence);
    }
    ForeignText { sentences: found, others }
}

/// Says nothing in place of a sentence that lacks a bracket or a quote: how much it was meant to take in nobody knows.
fn refuse_unclosed(text: &str, sentence: &mut ForeignSentence) {
    let whole = text.get(sentence.range.clone()).unwrap_or_default();
    let lacking = unclosed(whole, sentence.language.spelling());
    if let (Some(_), Some(it)) = (&sentence.said, lacking) {
        let sign = it.text.chars().next().unwrap_or_default();
        let side = if it.closes() { "opened" } else { "closed" };
        sentence.said = None;
        sentence.why = format!("a `{sign}` in it is never {side}");
    }
}

/// Puts the comments within a sentence above the attribute that each is about, or above what is said in its place: a correction loses none.
fn keep_comments(text: &str, sentence: &mut ForeignSentence) {
    let Some(said) = &mut sentence.said else { return };
    let spelling = sentence.language.spelling();
    let mut cursor = LexemeCursor::new(text, spelling, sentence.range.start);
    let (mut at, mut above) = (sentence.range.start, String::new());
    let mut first_of_line: Option<Lexeme<'_>> = None;
    while let Some(lexeme) = cursor.take().filter(|it| it.start < sentence.range.end) {
        let gap = text.get(at..lexeme.start).unwrap_or_default();
        // what stands behind something on its line is about that
        let mut about = first_of_line.filter(|_| !gap.starts_with('\n'));
        for line in gap.split('\n') {
            let line = line.trim();
            let words = line.trim_start_matches(['/', '-', '*']).trim_end_matches(['/', '*']);
            if !words.trim().is_empty() && !said.contains(line) {
                let comment = format!("// {}\n", plain(words.trim()));
                let is_doc = line.starts_with("///") && sentence.language == Language::Prisma;
                let place = attribute_line(said, &about.unwrap_or(lexeme));
                if let (Some(place), true) = (place, is_doc) {
                    said.insert_str(place, &format!("  /{comment}"));
                    about = None;
                    continue;
                }
                sentence.kept += 1;
                match place {
                    Some(place) => said.insert_str(place, &format!("  {comment}")),
                    None => above.push_str(&comment),
                }
            }
            about = None;
        }
        if lexeme.breaks || first_of_line.is_none() {
            first_of_line = Some(lexeme);
        }
        at = lexeme.end;
    }
    said.insert_str(0, &above);
}

/// Where the line begins that declares an attribute of that name.
fn attribute_line(said: &str, named: &Lexeme<'_>) -> Option<usize> {
    let name = if named.is_text() { named.unquoted() } else { named.text.to_owned() };
    let head = format!("\n  {}:", draft::name(&name));
    said.find(&head).map(|it| it + 1)
}

/// Puts a sentence to those found. One that says nothing belongs to its neighbour.
fn add(
    found: &mut Vec<ForeignSentence>,
    text: &str,
    range: Range<usize>,
    language: Language,
    said: Translation,
) {
    let told = matches!(said, Translation::Told(_));
    let (said, why) = match said {
        Translation::Said(it) => (Some(it), String::new()),
        Translation::Nothing(why) => (Some(String::new()), why.to_owned()),
        Translation::Unsaid(why) | Translation::Told(why) => (None, why),
        Translation::Within(it) => {
            if found.iter_mut().rev().any(|table| table.takes(&it)) {
                let why = format!("it stands in `model {}`: leave this out", it.model);
                found.push(ForeignSentence {
                    range,
                    language,
                    said: Some(String::new()),
                    why,
                    told,
                    kept: 0,
                });
                return;
            }
            (None, it.why)
        }
    };
    let is_empty = |it: &Option<String>| it.as_ref().is_some_and(String::is_empty);
    let last = found.last_mut().filter(|last| {
        let between =
            LexemeCursor::new(text, LexemeSpelling::Script, last.range.end).behind_space();
        last.language == language && between == range.start
    });
    match last {
        Some(last) if is_empty(&said) || is_empty(&last.said) => {
            let between = text.get(last.range.end..range.start).unwrap_or_default().trim();
            if last.why.is_empty() || !is_empty(&said) && said.is_none() {
                last.why = why;
            }
            last.range.end = range.end;
            last.told |= told;
            last.said = match (last.said.take(), said) {
                (Some(one), Some(two)) => {
                    let parts = [one.as_str(), between, two.as_str()];
                    let parts = parts.into_iter().filter(|it| !it.is_empty());
                    Some(parts.collect::<Vec<_>>().join("\n"))
                }
                _ => None,
            };
        }
        _ => found.push(ForeignSentence { range, language, said, why, told, kept: 0 }),
    }
}

/// Behind one of Relata's own sentences, or of what should be one: where its line ends, outside of brackets.
fn end_of_own_sentence(text: &str, at: usize) -> usize {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
    cursor.skip();
    while let Some(next) = cursor.peek() {
        let goes_on = matches!(next.text, "<" | "{" | "}" | ">");
        if (next.breaks && !goes_on) || !cursor.skip() {
            break;
        }
        if next.is(";") {
            break;
        }
    }
    cursor.end
}

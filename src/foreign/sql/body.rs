//! Lines of SQL's in the body of a model: `PRIMARY KEY (a, b)`, `FOREIGN KEY (a) REFERENCES t (b)`, `CONSTRAINT x UNIQUE (a)`.

use super::super::draft::{ForeignAttribute, ForeignModel, name};
use super::super::lexeme::{LexemeCursor, LexemeKind, LexemeSpelling};
use super::table::{added, begins_constraint, constraint};
use super::{TableModels, Translation};
use std::ops::Range;

/// What the lines of SQL's in a model's body are in Relata.
#[derive(Debug)]
pub(crate) struct SqlLines {
    /// Where the first of them stands.
    pub(crate) first: Range<usize>,
    /// What to write, in words.
    pub(crate) help: String,
    /// The same as edits, in order; none where a part of it can't be said.
    pub(crate) edits: Vec<(Range<usize>, String)>,
}

/// An attribute that the body has.
struct BodyAttribute {
    name: String,
    /// Its `<`.
    open: Option<usize>,
    options: String,
    end: usize,
}

/// Whether a sentence of a body may be one of SQL's, by its first words.
pub(crate) fn begins_sql_line(first: &str, second: &str) -> bool {
    let is_one_of = |all: &[&str]| all.iter().any(|it| it.eq_ignore_ascii_case(first));
    let is_shared = is_one_of(&["unique", "check", "index"]);
    let is_key = second.eq_ignore_ascii_case("key") || second.eq_ignore_ascii_case("index");
    is_one_of(&["primary", "foreign", "constraint", "key", "fulltext", "spatial"])
        || is_shared && (first.starts_with(char::is_uppercase) || is_key)
}

/// The lines of SQL's in a model's sentence; `whole` is the text that declares the others.
pub(crate) fn lines(text: &str, whole: &str) -> Option<SqlLines> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, 0);
    cursor.eat("abstract");
    cursor.eat("model").then_some(())?;
    let model = name(&cursor.name()?);
    while !cursor.peek()?.is("{") {
        cursor.take();
    }
    cursor.take();
    let (mut attributes, mut places) = (Vec::new(), Vec::new());
    while let Some(next) = cursor.peek().filter(|it| !it.is("}")) {
        let mut second = cursor;
        second.take();
        let second = second.peek().map_or("", |it| it.text);
        if next.kind == LexemeKind::Word
            && begins_sql_line(next.text, second)
            && begins_constraint(&cursor)
        {
            places.push(line(&mut cursor));
        } else {
            attributes.extend(member(&mut cursor));
        }
        if !cursor.eat(",") && cursor.end <= next.start {
            cursor.skip();
        }
    }
    let first = places.first()?.clone();
    let read = LineReader {
        text,
        tables: TableModels::of(whole),
        model,
        scratch: ForeignModel {
            attributes: attributes.iter().map(BodyAttribute::bare).collect(),
            ..ForeignModel::default()
        },
        edits: Vec::new(),
        help: Vec::new(),
        behind: String::new(),
    };
    Some(read.all(places, &attributes, first))
}

/// Goes behind a line of SQL's, which may go on on the next ones; where it stands.
fn line(cursor: &mut LexemeCursor<'_>) -> Range<usize> {
    const GOES_ON: [&str; 5] = ["references", "on", "deferrable", "initially", "match"];
    let start = cursor.behind_space();
    let is_named = cursor.eat("constraint") && cursor.name().is_some();
    if is_named {
        cursor.take();
    }
    cursor.until(|it| {
        it.is(",") || it.breaks && it.start > start && !GOES_ON.iter().any(|word| it.is(word))
    });
    start..cursor.end
}

/// Goes behind one of Relata's members; what it is, if it is an attribute.
fn member(cursor: &mut LexemeCursor<'_>) -> Option<BodyAttribute> {
    let mut ahead = *cursor;
    let found = ahead.name().filter(|_| ahead.eat(":"));
    let (mut open, mut options, mut is_first) = (None, String::new(), true);
    while let Some(next) = cursor.peek() {
        let ends = next.is(",") || next.is("}") || next.breaks && !is_first && !next.is("<");
        if ends {
            break;
        }
        if next.is("<") {
            cursor.take();
            open = Some(next.start);
            cursor.until(|it| it.is(">")).clone_into(&mut options);
            cursor.eat(">");
        } else {
            cursor.skip();
        }
        is_first = false;
    }
    Some(BodyAttribute { name: found?, open, options, end: cursor.end })
}

impl BodyAttribute {
    /// Without what is said of it.
    fn bare(&self) -> ForeignAttribute {
        ForeignAttribute { name: self.name.clone(), ..ForeignAttribute::default() }
    }

    /// Its options put to those that it has.
    fn with(&self, said: &[String]) -> (Range<usize>, String) {
        let said = said.join(", ");
        match self.open {
            Some(at) => (at..at + 1, format!("< {said},")),
            None => (self.end..self.end, format!(" < {said} >")),
        }
    }
}

/// What is known while the lines are read, one after the other.
struct LineReader<'t> {
    text: &'t str,
    tables: TableModels,
    model: String,
    scratch: ForeignModel,
    edits: Vec<(Range<usize>, String)>,
    help: Vec<String>,
    /// Sentences that stand behind the model.
    behind: String,
}

impl LineReader<'_> {
    fn all(
        mut self,
        places: Vec<Range<usize>>,
        attributes: &[BodyAttribute],
        first: Range<usize>,
    ) -> SqlLines {
        let mut is_said = true;
        for place in places {
            is_said &= self.line(&place, attributes);
        }
        for (attribute, found) in attributes.iter().zip(&self.scratch.attributes) {
            let is_there = |it: &&String| {
                let word = it.split(':').next().unwrap_or_default();
                attribute.options.split([',', ' ', ':']).any(|part| part == word)
            };
            // said already, or twice
            is_said &= !found.options.iter().any(|it| it != "primaryKey" && is_there(&it));
            let new: Vec<String> =
                found.options.iter().filter(|it| !is_there(it)).cloned().collect();
            if !new.is_empty() {
                self.edits.push(attribute.with(&new));
            }
        }
        if !self.behind.is_empty() {
            let end = self.text.trim_end().len();
            let text = std::mem::take(&mut self.behind);
            self.edits.push((end..end, text));
        }
        self.edits.sort_by_key(|it| (it.0.start, it.0.end));
        if !is_said {
            self.edits.clear();
        }
        SqlLines { first, help: self.help.join("\n"), edits: self.edits }
    }

    /// One line; whether all of it can be said.
    fn line(&mut self, place: &Range<usize>, attributes: &[BodyAttribute]) -> bool {
        let before = self.scratch.body.len();
        let had: Vec<Vec<String>> =
            self.scratch.attributes.iter().map(|it| it.options.clone()).collect();
        let mut cursor = LexemeCursor::new(self.text, LexemeSpelling::Sql, place.start);
        let is_whole =
            |end: usize| self.text.get(end..place.end).is_some_and(|it| it.trim().is_empty());
        let found = constraint(&mut cursor, &mut self.scratch, &self.tables);
        if found && self.scratch.remarks.is_empty() && is_whole(cursor.end) {
            if let Some(line) = self.scratch.body.get(before) {
                self.help.push(format!("write `{line}`"));
                self.edits.push((place.clone(), line.clone()));
                return true;
            }
            let changed = self.scratch.attributes.iter().zip(&had);
            let changed = changed.filter(|it| it.0.options.len() > it.1.len());
            let (mut names, mut said) = (Vec::new(), String::new());
            for (attribute, had) in changed {
                names.push(format!("`{}`", name(&attribute.name)));
                let new = attribute.options.iter().filter(|it| !had.contains(it));
                said = new.map(String::as_str).collect::<Vec<_>>().join(", ");
            }
            self.help.push(format!("write `{said}` among the options of {}", names.join(" and ")));
            self.leave_out(place);
            return true;
        }
        self.scratch.body.truncate(before);
        self.scratch.remarks.clear();
        let written = self.text.get(place.clone()).unwrap_or_default();
        let mut words = written.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
        let is_own_key = words.by_ref().map(str::to_ascii_lowercase).eq(["primary", "key", "id"]);
        if is_own_key && !attributes.iter().any(|it| it.name == "id") {
            self.help.push("`id` is the primary key by itself: leave this out".to_owned());
            self.leave_out(place);
            return true;
        }
        let mut cursor = LexemeCursor::new(self.text, LexemeSpelling::Sql, place.start);
        if let Some(Translation::Said(it)) = added(&mut cursor, &self.model, &self.tables)
            && self.text.get(cursor.end..place.end).is_some_and(|it| it.trim().is_empty())
        {
            self.help.push(format!("behind the model, write `{it}`"));
            self.behind.push('\n');
            self.behind.push_str(&it);
            self.leave_out(place);
            return true;
        }
        let line = written.split_whitespace().collect::<Vec<_>>().join(" ");
        self.help.push(format!(
            "`{line}` has no word here as it stands: a body holds `index (a, b)`, `unique (a, b)` and `check (a > 0)`, a foreign key is an association, and a primary key is said by its attributes, `a: INTEGER < primaryKey >`"
        ));
        false
    }

    /// Takes a line out, with what separates it from the others.
    fn leave_out(&mut self, place: &Range<usize>) {
        let before = self.text.get(..place.start).unwrap_or_default();
        let kept = before.trim_end();
        let is_own_line = before.get(kept.len()..).is_some_and(|it| it.contains('\n'));
        let rest = self.text.get(place.end..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let comma = rest.get(blank..).is_some_and(|it| it.starts_with(','));
        let end = if comma { place.end + blank + 1 } else { place.end };
        let start = if is_own_line {
            before.rfind('\n').unwrap_or(kept.len())
        } else if comma {
            kept.len()
        } else {
            kept.trim_end_matches(',').len()
        };
        self.edits.push((start..end, String::new()));
    }
}

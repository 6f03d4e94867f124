//! Changes of a script's text: of members, of options, of sentences. What isn't changed stays, byte by byte.

use super::options::PulledOption;
use crate::ast::{Braces, Member, OptionList, OptionPair, Pair, Script, Sentence, ValueKind};
use crate::source::{Source, Span};
use crate::stored::normalized;
use crate::verbs::{OptionId, Verb, Verbal, verbal};
use std::ops::Range;

/// A script and what is to be changed of it.
pub(super) struct Editor<'a> {
    source: &'a Source,
    pub(super) script: &'a Script,
    edits: Vec<(Range<usize>, String)>,
    /// What comes behind its declarations.
    tail: Vec<String>,
}

impl<'a> Editor<'a> {
    pub(super) const fn new(source: &'a Source, script: &'a Script) -> Self {
        Self { source, script, edits: Vec::new(), tail: Vec::new() }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.tail.is_empty()
    }

    /// Whether a place is in this script.
    pub(super) fn holds(&self, span: Span) -> bool {
        let end = self.source.span(0..self.source.text.len()).end;
        (self.source.base..end).contains(&span.start)
    }

    /// The text with all changes.
    pub(super) fn text(mut self) -> String {
        if !self.tail.is_empty() {
            let at = self.end_of_declarations();
            let tail = self.tail.join("\n\n");
            let gap = if at == 0 { "" } else { "\n\n" };
            let end = if at == self.source.text.len() { "\n" } else { "" };
            self.edits.push((at..at, format!("{gap}{}{end}", tail.trim_end())));
        }
        self.edits.sort_by_key(|(range, _)| (range.start, range.end));
        let (mut res, mut at) = (String::new(), 0);
        for (range, new) in &self.edits {
            res.push_str(self.source.text.get(at..range.start).unwrap_or_default());
            res.push_str(new);
            at = at.max(range.end);
        }
        res.push_str(self.source.text.get(at..).unwrap_or_default());
        res
    }

    /// Where declarations end.
    fn end_of_declarations(&self) -> usize {
        let last = self.script.sentences.iter().rfind(|it| declares(it));
        match last {
            Some(last) => self.line_end(self.source.range(last.span).end),
            None => self.source.text.trim_end().len(),
        }
    }

    /// The end of what stands on a line behind a place: a comment, but nothing else.
    fn line_end(&self, at: usize) -> usize {
        let rest = self.source.text.get(at..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        let behind = line.trim();
        if behind.is_empty() || behind.starts_with("//") || behind == "," {
            at + line.trim_end().len()
        } else {
            at
        }
    }

    fn edit(&mut self, range: Range<usize>, text: &str) {
        let overlaps = |it: &(Range<usize>, String)| {
            let empty = it.0.is_empty() || range.is_empty();
            let within = it.0.start < range.end && range.start < it.0.end;
            if empty { within || it.0 == range && it.1 == text } else { within }
        };
        if !self.edits.iter().any(overlaps) {
            self.edits.push((range, text.to_owned()));
        }
    }

    pub(super) fn replace(&mut self, span: Span, text: &str) {
        self.edit(self.source.range(span), text.trim());
    }

    /// Adds sentences behind all declarations.
    pub(super) fn append(&mut self, text: &str) {
        let text = text.trim_end().to_owned();
        if !self.tail.contains(&text) {
            self.tail.push(text);
        }
    }

    /// Takes out a member or a sentence, with its documentation and the comment on its line.
    pub(super) fn remove(&mut self, span: Span) {
        let text = &self.source.text;
        let range = self.source.range(span);
        let blank = |from: u32, to: u32| {
            let between = text.get(self.source.range(Span::new(from, to)));
            between.is_some_and(|it| it.trim().is_empty())
        };
        let docs = self.script.doc(span.start, |it| blank(it.start, it.end));
        let start = docs.first().map_or(range.start, |it| self.source.range(*it).start);
        let before = text.get(..start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let begins = line.trim().is_empty();
        let end = self.line_end(range.end);
        let ends = text.get(end..).is_none_or(|it| it.is_empty() || it.starts_with(['\n', '\r']));
        if begins && ends {
            let from = before.trim_end_matches([' ', '\t']).len();
            let from = from.saturating_sub(usize::from(from > 0));
            self.edit(from..end, "");
        } else {
            let rest = text.get(range.end..).unwrap_or_default();
            let trimmed = rest.trim_start();
            if trimmed.starts_with([',', ';']) {
                self.edit(start..range.end + rest.len() - trimmed.len() + 1, "");
            } else {
                let kept = before.trim_end().trim_end_matches(',');
                self.edit(kept.len()..range.end, "");
            }
        }
    }

    /// The sentence around a place.
    pub(super) fn sentence(&self, span: Span) -> Option<&'a Sentence> {
        let around = |it: &&Sentence| it.span.start <= span.start && span.start < it.span.end;
        self.script.sentences.iter().find(around)
    }

    /// The member of a sentence's body around a place.
    pub(super) fn member(sentence: &'a Sentence, span: Span) -> Option<&'a Member> {
        let mut members = body(sentence)?.members.iter();
        members.find(|it| it.span().start <= span.start && span.start < it.span().end)
    }

    /// The attribute of a sentence's body around a place.
    pub(super) fn pair(sentence: &'a Sentence, span: Span) -> Option<&'a Pair> {
        match Self::member(sentence, span)? {
            Member::Pair(pair) => Some(pair),
            Member::Sentence(_) => None,
        }
    }

    /// The raw clause of a sentence's body that says so.
    pub(super) fn clause(sentence: &'a Sentence, text: &str) -> Option<Span> {
        let said = normalized(text);
        let members = body(sentence)?.members.iter();
        let mut clauses = members.filter_map(|it| match it {
            Member::Sentence(sentence) => {
                let argument = sentence.argument.as_ref()?;
                let ValueKind::Sql(sql) = &argument.kind else {
                    return None;
                };
                Some((sentence.span, normalized(sql)))
            }
            Member::Pair(_) => None,
        });
        clauses.find(|it| it.1 == said).map(|it| it.0)
    }

    /// Adds a line to a model's body: an attribute behind the others, a sentence at the end.
    pub(super) fn add(&mut self, sentence: &'a Sentence, text: &str, is_attribute: bool) {
        let text = text.trim();
        let indented = text.replace('\n', "\n  ");
        let Some(body) = body(sentence) else {
            let words = sentence.words.last().map_or(sentence.span, |it| it.span);
            let at = self.source.range(words).end;
            return self.edit(at..at, &format!(" {{\n  {indented}\n}}"));
        };
        let last = if is_attribute {
            let is_pair = |it: &&Member| matches!(it, Member::Pair(_));
            body.members.iter().rfind(is_pair)
        } else {
            body.members.last()
        };
        let in_line = !self.source.slice(body.span).contains('\n') && !text.contains('\n');
        if let (Some(last), true) = (last, in_line && is_attribute) {
            let at = self.source.range(last.span()).end;
            return self.edit(at..at, &format!(", {text}"));
        }
        let at = match last {
            Some(last) => self.line_end(self.source.range(last.span()).end),
            None => self.source.range(body.span).start + 1,
        };
        let rest = self.source.text.get(at..).unwrap_or_default();
        let closes = rest.trim_start_matches([' ', '\t']).starts_with('}');
        let end = if closes || !rest.starts_with(['\n', '\r']) { "\n" } else { "" };
        self.edit(at..at, &format!("\n  {indented}{end}"));
    }

    /// Makes of these options what `fresh` says of them, and leaves the others as they are. Whether that changes something.
    pub(super) fn options(
        &mut self,
        there: Option<&OptionList>,
        behind: Span,
        fresh: &[PulledOption],
        which: &[OptionId],
    ) -> bool {
        let wanted = |id: OptionId| fresh.iter().find(|it| it.id == id).map(ToString::to_string);
        let mut items = Vec::new();
        for item in there.map_or(&[][..], |it| &it.items) {
            match which.iter().find(|it| says(item, **it)) {
                Some(id) => items.extend(wanted(*id)),
                None => items.push(self.source.slice(item.span()).to_owned()),
            }
        }
        let is_there = |id: &&OptionId| {
            let mut items = there.map_or(&[][..], |it| &it.items).iter();
            items.any(|it| says(it, **id))
        };
        let new = which.iter().filter(|it| !is_there(it)).filter_map(|it| wanted(*it));
        items.extend(new);
        let old = there.map_or(&[][..], |it| &it.items).iter();
        if items.iter().map(String::as_str).eq(old.map(|it| self.source.slice(it.span()))) {
            return false;
        }
        let text = format!("< {} >", items.join(", "));
        match there {
            Some(there) if items.is_empty() => {
                let range = self.source.range(there.span);
                let before = self.source.text.get(..range.start).unwrap_or_default();
                self.edit(before.trim_end().len()..range.end, "");
            }
            Some(there) => self.replace(there.span, &text),
            None => {
                // Where it gets some already, the next round adds to them.
                let at = self.source.range(behind).end;
                let gets = |it: &(Range<usize>, String)| it.0 == (at..at) && it.1.starts_with(" <");
                if !self.edits.iter().any(gets) {
                    self.edit(at..at, &format!(" {text}"));
                }
            }
        }
        true
    }

    /// Whether a place says something else than `text`.
    pub(super) fn differs(&self, span: Span, text: &str) -> bool {
        self.source.slice(span) != text
    }

    /// Adds an attribute before another one.
    pub(super) fn add_before(&mut self, pair: &Pair, text: &str) {
        let docs = self.script.doc(pair.span().start, |span| {
            let between = self.source.text.get(self.source.range(span));
            between.is_some_and(|it| it.trim().is_empty())
        });
        let start = docs.first().map_or(pair.span(), |it| *it);
        let at = self.source.range(start).start;
        self.edit(at..at, &format!("{}\n  ", text.trim().replace('\n', "\n  ")));
    }
}

/// Whether a sentence declares something.
fn declares(sentence: &Sentence) -> bool {
    match verbal(sentence) {
        Verbal::First(verb) | Verbal::Second(_, verb) => match verb {
            Verb::Declare(_) | Verb::Associate(_) => true,
            Verb::Tables(_) | Verb::Control(_) | Verb::Rows(_) => false,
        },
        Verbal::Sql(_) | Verbal::Nothing => true,
        Verbal::Unknown(_) => false,
    }
}

fn body(sentence: &Sentence) -> Option<&Braces> {
    let ValueKind::Object(braces) = &sentence.argument.as_ref()?.kind else {
        return None;
    };
    Some(braces)
}

/// Whether an item of a list is that option.
pub(super) fn says(item: &OptionPair, id: OptionId) -> bool {
    item.name.text == id.name()
}

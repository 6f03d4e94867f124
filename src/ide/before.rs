//! What stands before a cursor: its own sentence as tokens, and what the sentences before that declare.

use super::Declarations;
use super::cursor::{Cursor, has_body};
use super::token::{Token, tokens_from};
use crate::ast::{self, Script, Sentence};
use crate::source::Source;
use crate::verbs::{self, Argument};

/// A text up to a cursor.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextBefore<'a> {
    text: &'a str,
    /// Where the sentence at the cursor begins; 0 where that isn't known.
    from: usize,
    /// What was read of the sentences before that.
    read: Option<(&'a Script, &'a Source)>,
}

impl<'a> TextBefore<'a> {
    /// A text of which nothing is known.
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text: text.get(..at).unwrap_or_default(), from: 0, read: None }
    }

    /// A script that was read: of the sentences before that at the cursor only those count as text that could be none.
    pub(super) fn of(script: &'a Script, source: &'a Source, at: usize) -> Self {
        let position = source.span(at..at).start;
        let last = |count: usize| count.checked_sub(1);
        let sentence = last(script.sentences.partition_point(|it| it.span.start <= position));
        let broken = last(script.broken.partition_point(|it| it.start <= position));
        let starts = sentence.and_then(|it| Some(script.sentences.get(it)?.span.start));
        let starts = starts.max(broken.and_then(|it| Some(script.broken.get(it)?.start)));
        let from = starts.map_or(0, |it| source.offset(it));
        Self { from, read: Some((script, source)), ..Self::new(&source.text, at) }
    }

    /// The tokens from the beginning of the sentence at the cursor on.
    pub(super) fn tokens(self) -> Vec<Token<'a>> {
        tokens_from(self.text, self.from)
    }

    /// Goes through these tokens, and what is known of the sentences before them.
    pub(super) fn walk(self, tokens: Vec<Token<'a>>, known: Declarations<'a>) -> Cursor<'a> {
        let mut cursor = Cursor::new(known.schema, known.variables);
        if let Some((script, source)) = self.read {
            pass(&mut cursor, script, source, source.span(self.from..self.from).start);
        }
        cursor.go_through(tokens);
        if cursor.frames.len() == 1 {
            cursor.note();
        }
        cursor
    }
}

/// Goes through the sentences before `end`.
fn pass<'a>(cursor: &mut Cursor<'a>, script: &'a Script, source: &'a Source, end: u32) {
    let mut broken = script.broken.iter().take_while(|it| it.start < end).peekable();
    for sentence in script.sentences.iter().take_while(|it| it.span.start < end) {
        while let Some(it) = broken.next_if(|it| it.start < sentence.span.start) {
            pass_text(cursor, source.slice(*it));
        }
        pass_sentence(cursor, sentence, source);
    }
    broken.for_each(|it| pass_text(cursor, source.slice(*it)));
}

fn pass_sentence<'a>(cursor: &mut Cursor<'a>, sentence: &'a Sentence, source: &'a Source) {
    let mut words = sentence.words.iter().map(|it| it.head.text.as_str());
    let verb = sentence.words.first().and_then(|it| verbs::first(&it.head.text));
    match verb.map(|it| it.facts().argument) {
        Some(Argument::Body) => {
            let Some(ast::ValueKind::Object(body)) = sentence.argument.as_ref().map(|it| &it.kind)
            else {
                return;
            };
            let attributes = body.members.iter().filter_map(|it| match it {
                ast::Member::Pair(pair) => Some(pair.key.text.as_str()),
                ast::Member::Sentence(_) => None,
            });
            let name = words.find(|it| !has_body(it));
            cursor.declared.extend(name.map(|it| (it, attributes.collect())));
        }
        // What variables hold is seen in the words.
        Some(Argument::Assigned | Argument::Sentences) => {
            pass_text(cursor, source.slice(sentence.span));
        }
        _ => {}
    }
}

/// Goes through a whole sentence; what it leaves open ends with it.
fn pass_text<'a>(cursor: &mut Cursor<'a>, text: &'a str) {
    cursor.go_through(tokens_from(text, 0));
    cursor.end_sentence();
}

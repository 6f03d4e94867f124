//! The grammar: grammar/*.pest says what there is.

use super::split;
use crate::source::Sources;
use pest::Parser;
use pest::error::Error;
use pest::iterators::Pairs;
use std::borrow::Cow;

/// The parser that pest makes of the grammar.
#[derive(pest_derive::Parser)]
#[grammar = "../grammar/sentence.pest"]
#[grammar = "../grammar/expression.pest"]
#[grammar = "../grammar/value.pest"]
struct Grammar;

/// What the grammar makes of a sentence's text, for `then`. The text is as it is written; comments are no matter of the grammar's.
pub(super) fn parse<T>(
    text: &str,
    then: impl FnOnce(Result<Pairs<'_, Rule>, Error<Rule>>) -> T,
) -> T {
    then(Grammar::parse(Rule::piece, &without_comments(text)))
}

/// A sentence as the grammar reads it: of the same length, and its comments are blank. So the grammar needn't look for one wherever there may
/// be white space.
fn without_comments(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let begins = |it: usize| matches!(bytes.get(it + 1), Some(b'/' | b'*'));
    if !memchr::memchr_iter(b'/', bytes).any(begins) {
        return Cow::Borrowed(text);
    }
    // They may stand in a text, too.
    let mut sources = Sources::default();
    let Ok(id) = sources.add("", text) else {
        return Cow::Borrowed(text);
    };
    let source = sources.get(id);
    let (mut blanked, mut at) = (String::with_capacity(text.len()), 0);
    for comment in split::split(source).comments {
        let from = (comment.span.start - source.base) as usize;
        blanked.push_str(text.get(at..from).unwrap_or_default());
        at = (comment.span.end - source.base) as usize;
        blanked.extend(std::iter::repeat_n(' ', at - from));
    }
    blanked.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(blanked)
}

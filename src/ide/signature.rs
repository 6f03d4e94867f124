//! What a list of options may hold, while it is written.

use super::Declarations;
use super::before::TextBefore;
use super::cursor::{self, CursorContext};
use crate::ast::Script;
use crate::source::Source;
use crate::verbs::{Opt, Takes};

/// What a list of options may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// All of it, on a line: `hasMany < as: name, .. >`
    pub label: String,
    /// What the verb does.
    pub summary: &'static str,
    /// The options, in order.
    pub parameters: Vec<SignatureParameter>,
    /// Which of them is being written.
    pub active: Option<usize>,
}

/// An option of a [`Signature`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureParameter {
    /// As it stands in the label.
    pub label: String,
    /// What it does.
    pub summary: &'static str,
}

/// What the list of options may hold in which the byte `at` lies; none elsewhere.
///
/// ```
/// use relata::ide::{Declarations, signature};
/// let known = Declarations { schema: &relata::ir::Schema::default(), variables: &[] };
/// let found = signature("sync < force, ", 14, known).unwrap();
/// assert!(found.label.starts_with("sync < "));
/// assert!(found.parameters.iter().any(|it| it.label == "force"));
/// ```
pub fn signature(text: &str, at: usize, known: Declarations<'_>) -> Option<Signature> {
    text.get(..at)?;
    signature_behind(TextBefore::new(text, at), known)
}

/// As [`signature`], in a script that was read: its other sentences aren't gone through again.
pub fn signature_in(
    script: &Script,
    source: &Source,
    at: usize,
    known: Declarations<'_>,
) -> Option<Signature> {
    source.text.get(..at)?;
    signature_behind(TextBefore::of(script, source, at), known)
}

fn signature_behind<'a>(before: TextBefore<'a>, known: Declarations<'a>) -> Option<Signature> {
    let cursor = before.walk(before.tokens(), known);
    // Within a value, the list around it is meant.
    let place =
        cursor.frames.iter().rposition(|it| matches!(it.inside, CursorContext::Options(..)))?;
    let frame = cursor.frames.get(place)?;
    let CursorContext::Options(groups, ..) = &frame.inside else {
        return None;
    };
    let around = cursor.frames.get(place.checked_sub(1)?)?;
    let (verb, _) = cursor::sentence(&around.member);
    let name = verb.map_or("", |it| it.facts().name);
    let key = frame.key().or_else(|| frame.member.first()?.name());
    let options: Vec<&Opt> = groups.iter().copied().flatten().collect();
    let label = |it: &&Opt| match it.takes {
        Takes::Flag => it.name().to_owned(),
        _ => format!("{}: {}", it.name(), it.takes.words()),
    };
    let parameters: Vec<SignatureParameter> = options
        .iter()
        .map(|it| SignatureParameter { label: label(it), summary: it.summary })
        .collect();
    let all: Vec<&str> = parameters.iter().map(|it| it.label.as_str()).collect();
    let space = if name.is_empty() { "" } else { " " };
    Some(Signature {
        label: format!("{name}{space}< {} >", all.join(", ")),
        summary: verb.map_or("", |it| it.facts().summary),
        active: key.and_then(|key| options.iter().position(|it: &&Opt| it.name() == key)),
        parameters,
    })
}

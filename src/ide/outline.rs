//! What a script declares, as a tree, and what of it folds.

use super::token::{TokenKind, tokens};
use crate::ast::{Braces, Member, Script, Sentence, ValueKind, Word};
use crate::source::{Source, Span};
use crate::verbs::{Control, Declaration, Verb, Verbal, body_verb, verbal};
use smol_str::{SmolStr, format_smolstr};
use std::ops::Range;

/// What something in an outline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutlineKind {
    /// A model, or a base of models.
    Model,
    /// A view.
    View,
    /// An enumeration.
    Enumeration,
    /// A member of one.
    Member,
    /// An attribute.
    Attribute,
    /// An association.
    Association,
    /// A part of a model's body that is no attribute: an index, a check, a scope.
    Rule,
    /// A variable.
    Variable,
    /// A data step.
    Step,
}

/// Something that a script declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlineItem {
    /// Its name, without quotes.
    pub name: SmolStr,
    /// What it is.
    pub kind: OutlineKind,
    /// More about it: an attribute's type, what an association leads to.
    pub detail: SmolStr,
    /// All of it.
    pub span: Span,
    /// Its name.
    pub name_span: Span,
    /// What it is made of.
    pub children: Vec<OutlineItem>,
}

/// What a script declares, in order.
///
/// ```
/// use relata::{ide, source::Sources, syntax};
/// let mut sources = Sources::default();
/// let id = sources.add("a.schema", "model User { name: STRING }\nUser hasMany Post").unwrap();
/// let script = syntax::parse(sources.get(id)).script;
/// let outline = ide::outline(&script, sources.get(id));
/// assert_eq!(outline[0].children[0].detail, "STRING");
/// assert_eq!(outline[1].name, "User hasMany Post");
/// ```
pub fn outline(script: &Script, source: &Source) -> Vec<OutlineItem> {
    script.sentences.iter().filter_map(|it| sentence(it, source)).collect()
}

fn sentence(written: &Sentence, source: &Source) -> Option<OutlineItem> {
    let item = |kind, name: SmolStr, name_span, detail: &str, children| {
        let (detail, span) = (detail.into(), written.span);
        Some(OutlineItem { name, kind, detail, span, name_span, children })
    };
    // The last word of those in front names what is declared: `abstract model Base`.
    let named = |place: usize| written.words.get(place).map(|it| &it.head);
    let body = || written.argument.as_ref().map_or(&[][..], |it| members(&it.kind));
    match verbal(written) {
        Verbal::First(Verb::Declare(declaration)) => match declaration {
            Declaration::Model | Declaration::Abstract => {
                let place = if declaration == Declaration::Model { 1 } else { 2 };
                let word = named(place)?;
                let children = body().iter().filter_map(|it| attribute(it, source)).collect();
                let detail = if place == 1 { "model" } else { "abstract model" };
                item(OutlineKind::Model, word.text.clone(), word.span, detail, children)
            }
            Declaration::Enum => {
                let word = named(1)?;
                let children = body().iter().filter_map(member).collect();
                item(
                    OutlineKind::Enumeration,
                    word.text.clone(),
                    word.span,
                    declaration.name(),
                    children,
                )
            }
            Declaration::View => {
                let word = named(1)?;
                item(
                    OutlineKind::View,
                    word.text.clone(),
                    word.span,
                    declaration.name(),
                    Vec::new(),
                )
            }
            Declaration::Once => {
                let title = written.title.as_ref()?;
                let text = source.slice(title.span).trim_matches('"');
                item(OutlineKind::Step, text.into(), title.span, declaration.name(), Vec::new())
            }
            Declaration::Import | Declaration::Defaults => None,
        },
        Verbal::Second(subject, Verb::Associate(kind)) => {
            let target = written.words.get(2)?;
            let name = format_smolstr!(
                "{} {} {}",
                source.slice(subject.span),
                kind.word(),
                source.slice(target.span)
            );
            item(OutlineKind::Association, name, subject.span.to(target.span), "", Vec::new())
        }
        Verbal::First(Verb::Control(Control::Let)) => {
            let word = named(1)?;
            item(
                OutlineKind::Variable,
                word.text.clone(),
                word.span,
                Control::Let.name(),
                Vec::new(),
            )
        }
        Verbal::First(_)
        | Verbal::Second(..)
        | Verbal::Unknown(_)
        | Verbal::Sql(_)
        | Verbal::Nothing => None,
    }
}

fn members(kind: &ValueKind) -> &[Member] {
    match kind {
        ValueKind::Object(braces) => {
            let Braces { members, .. } = &**braces;
            members
        }
        _ => &[],
    }
}

fn leaf(kind: OutlineKind, word: &Word, detail: SmolStr, span: Span) -> OutlineItem {
    let (name, name_span) = (word.text.clone(), word.span);
    OutlineItem { name, kind, detail, span, name_span, children: Vec::new() }
}

fn attribute(member: &Member, source: &Source) -> Option<OutlineItem> {
    match member {
        Member::Pair(pair) => {
            let detail = pair.value.as_ref().map_or("", |it| source.slice(it.span));
            Some(leaf(OutlineKind::Attribute, &pair.key, detail.into(), pair.span()))
        }
        Member::Sentence(it) => {
            let verb = body_verb(it)?;
            let word = &it.words.first()?.head;
            let rest = Span::new(word.span.end, it.span.end);
            let detail = source.slice(rest).lines().next().unwrap_or_default().trim();
            let mut res = leaf(OutlineKind::Rule, word, detail.into(), it.span);
            res.name = verb.name().into();
            Some(res)
        }
    }
}

fn member(member: &Member) -> Option<OutlineItem> {
    let Member::Sentence(it) = member else {
        return None;
    };
    let word = &it.words.first()?.head;
    Some(leaf(OutlineKind::Member, word, SmolStr::default(), it.span))
}

/// A part of a text that can be folded away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// From its opening bracket to its closing one, or a comment's lines.
    pub range: Range<usize>,
    /// Whether it is a comment.
    pub comment: bool,
}

/// What can be folded away of a text: brackets, and comments of several lines.
///
/// ```
/// let folds = relata::ide::folds("model User {\n  name: STRING\n}\n// one\n// two\n");
/// assert_eq!((folds[0].range.clone(), folds[1].comment), (11..29, true));
/// ```
pub fn folds(text: &str) -> Vec<Fold> {
    let has_lines = |range: &Range<usize>| {
        let text = text.get(range.clone()).unwrap_or_default();
        text.trim_end().contains('\n')
    };
    let (mut found, mut open): (Vec<Fold>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut comment: Option<Range<usize>> = None;
    let end = |comment: &mut Option<Range<usize>>, found: &mut Vec<Fold>| {
        found.extend(comment.take().map(|range| Fold { range, comment: true }));
    };
    let mut line_ends = 0;
    for it in tokens(text) {
        match it.kind {
            TokenKind::Newline => line_ends += 1,
            TokenKind::Comment => {
                // Lines of comments that follow one another fold as one.
                match &mut comment {
                    Some(range) if line_ends == 1 => range.end = it.range.end,
                    _ => {
                        end(&mut comment, &mut found);
                        comment = Some(it.range);
                    }
                }
                line_ends = 0;
            }
            TokenKind::Sign(b'{' | b'[' | b'(' | b'<') => open.push(it.range.start),
            TokenKind::Sign(b'}' | b']' | b')' | b'>') => {
                if let Some(start) = open.pop() {
                    found.push(Fold { range: start..it.range.end, comment: false });
                }
            }
            TokenKind::Word
            | TokenKind::Name
            | TokenKind::Text
            | TokenKind::Number
            | TokenKind::Sql
            | TokenKind::Sign(_) => {}
        }
        if !matches!(it.kind, TokenKind::Newline | TokenKind::Comment) {
            end(&mut comment, &mut found);
            line_ends = 0;
        }
    }
    end(&mut comment, &mut found);
    found.retain(|it| has_lines(&it.range));
    found.sort_by_key(|it| it.range.start);
    found
}

/// The parts of a text around the byte `at`, each within the next: a word, what brackets hold, with the brackets, the sentence, all.
///
/// ```
/// let text = "model User { name: STRING }";
/// let found = relata::ide::enclosing(text, 15);
/// let parts: Vec<&str> = found.into_iter().map(|it| &text[it]).collect();
/// assert_eq!(parts, ["name", " name: STRING ", "{ name: STRING }", text]);
/// ```
pub fn enclosing(text: &str, at: usize) -> Vec<Range<usize>> {
    let tokens = tokens(text);
    let touches = |range: &Range<usize>| range.start <= at && at <= range.end;
    let mut found: Vec<Range<usize>> = Vec::new();
    let word = |it: &super::token::Token<'_>| {
        !matches!(it.kind, TokenKind::Newline | TokenKind::Sign(_)) && touches(&it.range)
    };
    found.extend(tokens.iter().find(|it| word(it)).map(|it| it.range.clone()));
    let (mut open, mut begin, mut last): (Vec<usize>, Option<usize>, usize) = (Vec::new(), None, 0);
    let mut groups: Vec<Range<usize>> = Vec::new();
    for it in &tokens {
        match it.kind {
            TokenKind::Sign(b'{' | b'[' | b'(' | b'<') => open.push(it.range.start),
            TokenKind::Sign(b'}' | b']' | b')' | b'>') => {
                if let Some(start) = open.pop() {
                    groups.push(start + 1..it.range.start);
                    groups.push(start..it.range.end);
                }
            }
            TokenKind::Newline if open.is_empty() => {
                groups.extend(begin.take().map(|it| it..last));
            }
            _ => {}
        }
        if it.kind != TokenKind::Newline {
            begin.get_or_insert(it.range.start);
            last = it.range.end;
        }
    }
    groups.extend(begin.map(|it| it..last));
    groups.retain(touches);
    groups.sort_by_key(Range::len);
    found.extend(groups);
    found.push(0..text.len());
    // Each is within the next, and none stands twice.
    found.dedup();
    found.retain({
        let mut within: Option<Range<usize>> = None;
        move |it| {
            let wider =
                within.as_ref().is_none_or(|inner| it.start <= inner.start && it.end >= inner.end);
            if wider {
                within = Some(it.clone());
            }
            wider
        }
    });
    found
}

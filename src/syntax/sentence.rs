//! From pest's nodes to sentences.
//!
//! The nodes are flat (see grammar/sentence.pest), so a reader takes from the nodes of a bracket one after the other.
//!
//! Invariant: the text matched the grammar; what the grammar can't say is a problem, the first of a sentence ends it.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a reader names the few rules that may stand where it looks"
)]

use super::SyntaxResult;
use super::elsewise;
use super::grammar::Rule;
use super::literal;
use super::node::{Node, Nodes};
use crate::ast::{
    Braces, Call, Member, OptionList, OptionPair, Pair, Path, PathStep, Phrase, Sentence,
    ValueKind, ValueNode, Word,
};
use crate::diagnostics::SyntaxProblem;
use crate::source::Span;
use smol_str::SmolStr;

/// Reads the nodes of one sentence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    /// The position of the sentence's first byte.
    pub(super) base: u32,
}

impl Reader {
    /// Where a node stands.
    pub(super) const fn place(self, node: &Node<'_>) -> Span {
        Span::new(self.base + node.start(), self.base + node.end())
    }

    /// A sentence, or what follows `=` in one.
    pub(super) fn sentence(self, node: Node<'_>, assigned: bool) -> SyntaxResult<Sentence> {
        let mut nodes = node.inner();
        let mut sentence = Sentence::default();
        // Most lists are short, and there are many: none has room in reserve.
        let mut words = Vec::with_capacity(nodes.count_of(&[Rule::name]));
        while let Some(node) = nodes.next_if(|it| it.rule() == Rule::name) {
            words.push(self.path(&node, &mut nodes)?);
        }
        while let Some(node) = nodes.next() {
            let span = self.place(&node);
            match node.rule() {
                Rule::options => sentence.options = Some(self.options(node)?),
                Rule::sentence => sentence.assigned = Some(Box::new(self.sentence(node, true)?)),
                Rule::group => {
                    // `print now()` calls something, `index (a)` and `index(a)` don't
                    let first = usize::from(!assigned);
                    let called = words.pop_if(|it: &mut Path| it.span.end == span.start);
                    sentence.argument = Some(match called {
                        Some(it) if words.len() >= first && it.tail.is_empty() => {
                            self.call(it.head, node, &mut nodes, 0)?.0
                        }
                        called => {
                            words.extend(called);
                            self.group(node, 0)?.0
                        }
                    });
                }
                Rule::step => {
                    return Err(Box::new(SyntaxProblem::Unexpected {
                        found: "`.`".to_owned(),
                        at: Span::new(span.start, span.start + 1),
                        expected: "expected options `< .. >` or the sentence's end".to_owned(),
                        help: None,
                    }));
                }
                _ => {
                    sentence.title = sentence.argument.take().map(Box::new);
                    sentence.argument = Some(self.literal(node)?);
                }
            }
            let argument = sentence.argument.as_ref().map_or(span.end, |it| it.span.end);
            sentence.span.end = argument.max(span.end);
        }
        sentence.words = words.into();
        let first = sentence.words.first().map(|it| it.span);
        let first = first.or(sentence.argument.as_ref().map(|it| it.span));
        let last = sentence.words.last().map_or(0, |it| it.span.end);
        sentence.span.start = first.map_or(0, |it| it.start);
        sentence.span.end = sentence.span.end.max(last);
        if let Some(it) = &sentence.assigned {
            sentence.span.end = it.span.end;
        }
        Ok(sentence)
    }

    /// A name, whose quotes are resolved.
    pub(super) fn word(self, node: &Node<'_>) -> SyntaxResult<Word> {
        Self::name(node.as_str(), self.place(node))
    }

    fn name(text: &str, span: Span) -> SyntaxResult<Word> {
        let inner = |it: &str| -> Option<SmolStr> {
            Some(literal::backquoted(it.strip_prefix('`')?.strip_suffix('`')?))
        };
        let text = match inner(text) {
            None => text.into(),
            Some(it) if it.is_empty() => {
                return Err(Box::new(SyntaxProblem::EmptyName { at: span }));
            }
            Some(it) => it,
        };
        Ok(Word { span, text })
    }

    /// The name `node`, and the steps behind it.
    pub(super) fn path(self, node: &Node<'_>, nodes: &mut Nodes<'_>) -> SyntaxResult<Path> {
        let head = self.word(node)?;
        let is_step = |it: &Node<'_>| matches!(it.rule(), Rule::step | Rule::index);
        if !nodes.peek().is_some_and(|it| is_step(&it)) {
            return Ok(Path { span: head.span, head, tail: Box::default() });
        }
        let steps = nodes.clone().take_while(is_step).count();
        let (mut span, mut tail) = (head.span, Vec::with_capacity(steps));
        while let Some(node) = nodes.next_if(is_step) {
            let place = self.place(&node);
            span = span.to(place);
            tail.push(if node.rule() == Rule::step {
                PathStep::Name(self.step(&node)?)
            } else {
                let digits = node.as_str().trim_matches(['[', ']']);
                let number = digits
                    .parse()
                    .map_err(|_| SyntaxProblem::Integer { number: digits.to_owned(), at: place })?;
                PathStep::Index(number, place)
            });
        }
        Ok(Path { span, head, tail: tail.into() })
    }

    /// `.name`, without the dot.
    fn step(self, node: &Node<'_>) -> SyntaxResult<Word> {
        let span = self.place(node);
        let text = node.as_str();
        let name = text.strip_prefix('.').unwrap_or(text);
        Self::name(name, Span::new(span.start + 1, span.end))
    }

    /// `name(arguments).SUFFIX`, or a cast.
    fn call(
        self,
        name: Word,
        group: Node<'_>,
        nodes: &mut Nodes<'_>,
        level: usize,
    ) -> SyntaxResult<(ValueNode, usize)> {
        let mut span = name.span.to(self.place(&group));
        if name.is_bare() && name.text == "cast" {
            let (cast, height) = self.cast(group, level)?;
            let kind = ValueKind::Cast(Box::new(cast));
            return Ok((ValueNode { span, kind }, height));
        }
        let (distinct, arguments, height) = self.arguments(group, level)?;
        let mut suffixes = Vec::new();
        while let Some(node) = nodes.next_if(|it| it.rule() == Rule::step) {
            span = span.to(self.place(&node));
            suffixes.push(self.step(&node)?);
        }
        let call = Call { name, distinct, arguments, suffixes };
        let kind = ValueKind::Call(Box::new(call));
        Ok((ValueNode { span, kind }, height))
    }

    /// A value of which `node` is the first node. A `level` is a bracket or a `case` around it in its expression; what
    /// comes back with it is how deep it goes.
    pub(super) fn value(
        self,
        node: Node<'_>,
        nodes: &mut Nodes<'_>,
        level: usize,
    ) -> SyntaxResult<(ValueNode, usize)> {
        match node.rule() {
            Rule::name => self.named(&node, nodes, level),
            Rule::group => self.group(node, level),
            _ => Ok((self.literal(node)?, 0)),
        }
    }

    /// `name`, `a.b`, `f(x).SUFFIX`
    fn named(
        self,
        node: &Node<'_>,
        nodes: &mut Nodes<'_>,
        level: usize,
    ) -> SyntaxResult<(ValueNode, usize)> {
        let next = nodes.peek().map(|it| it.rule());
        if !matches!(next, Some(Rule::step | Rule::index | Rule::group)) {
            return Ok((named_value(self.word(node)?), 0));
        }
        let path = self.path(node, nodes)?;
        let span = path.span;
        let follows = nodes.next_if(|it| {
            // a word may stand before a bracket, too; a call's stands right before it
            it.rule() == Rule::group && self.place(it).start == span.end
        });
        let Some(group) = follows else {
            let value = if path.tail.is_empty() {
                named_value(path.head)
            } else {
                ValueNode { span, kind: ValueKind::Path(Box::new(path)) }
            };
            return Ok((value, 0));
        };
        if !path.tail.is_empty() {
            return Err(Box::new(SyntaxProblem::Unexpected {
                found: "`(`".to_owned(),
                at: Span::new(span.end, span.end + 1),
                expected: "a call's name has no dots".to_owned(),
                help: Some(elsewise::behind_dot(&path, group.as_str()).into()),
            }));
        }
        self.call(path.head, group, nodes, level)
    }

    /// A value that is one node, a group aside.
    fn literal(self, node: Node<'_>) -> SyntaxResult<ValueNode> {
        let span = self.place(&node);
        let text = node.as_str();
        let kind = match node.rule() {
            Rule::string => ValueKind::Text(literal::string(text, span)?),
            Rule::number => literal::number(text, span)?,
            Rule::raw if text.starts_with('x') => literal::blob(text, span)?,
            Rule::raw => {
                let inner = text.strip_prefix("sql`").unwrap_or(text);
                let inner = inner.strip_suffix('`').unwrap_or(inner);
                ValueKind::Sql(literal::raw_sql(inner, span)?)
            }
            Rule::object => ValueKind::Object(Box::new(self.braces(node)?)),
            Rule::list => {
                let mut items = Vec::with_capacity(node.inner().count());
                for item in node.inner() {
                    let value = self.phrase(&mut item.inner())?;
                    items.push(value.ok_or_else(|| unknown(span))?);
                }
                ValueKind::List(items)
            }
            Rule::group => return Ok(self.group(node, 0)?.0),
            _ => return Err(unknown(span).into()),
        };
        Ok(ValueNode { span, kind })
    }

    /// `value word word < options >`
    fn phrase(self, nodes: &mut Nodes<'_>) -> SyntaxResult<Option<ValueNode>> {
        let Some(node) = nodes.next() else {
            return Ok(None);
        };
        let (value, _) = self.value(node, nodes, 0)?;
        let (mut span, mut words) = (value.span, Vec::new());
        while let Some(node) = nodes.next_if(|it| it.rule() == Rule::name) {
            words.push(self.word(&node)?);
        }
        let options = nodes.next_if(|it| it.rule() == Rule::options);
        let options = options.map(|it| self.options(it)).transpose()?;
        if words.is_empty() && options.is_none() {
            return Ok(Some(value));
        }
        span.end = words.last().map_or(span.end, |it| it.span.end);
        span.end = options.as_ref().map_or(span.end, |it| it.span.end);
        let phrase = Phrase { value, words, options };
        Ok(Some(ValueNode { span, kind: ValueKind::Phrase(Box::new(phrase)) }))
    }

    /// `< .. >`
    pub(super) fn options(self, node: Node<'_>) -> SyntaxResult<OptionList> {
        let span = self.place(&node);
        let mut nodes = node.inner();
        let mut items = Vec::with_capacity(nodes.count_of(&[Rule::key]));
        while let Some(node) = nodes.next() {
            let name = self.key(&node)?;
            if is_text(&node) {
                return Err(Box::new(SyntaxProblem::Unexpected {
                    found: "a string".to_owned(),
                    at: name.span,
                    expected: "expected an option's name".to_owned(),
                    help: Some("options are written without quotes: `< name: value >`".into()),
                }));
            }
            let value = match nodes.peek().map(|it| it.rule()) {
                None | Some(Rule::key) => None,
                Some(_) => self.phrase(&mut nodes)?,
            };
            items.push(OptionPair { name, value });
        }
        Ok(OptionList { span, items: items.into() })
    }

    /// What stands before `:`.
    fn key(self, node: &Node<'_>) -> SyntaxResult<Word> {
        let (text, span) = (node.as_str(), self.place(node));
        if is_text(node) {
            return Ok(Word { span, text: literal::string(text, span)? });
        }
        Self::name(text, span)
    }

    /// `{ .. }`
    fn braces(self, node: Node<'_>) -> SyntaxResult<Braces> {
        let span = self.place(&node);
        let mut nodes = node.inner();
        let mut members = Vec::with_capacity(nodes.count_of(&[Rule::key, Rule::sentence]));
        while let Some(node) = nodes.next() {
            if node.rule() == Rule::sentence {
                members.push(Member::Sentence(Box::new(self.sentence(node, false)?)));
                continue;
            }
            let key = self.key(&node)?;
            let value = match nodes.peek().map(|it| it.rule()) {
                None | Some(Rule::options | Rule::key | Rule::sentence) => None,
                Some(_) => nodes.next().map(|it| self.value(it, &mut nodes, 0)),
            };
            let value = value.transpose()?.map(|it| it.0);
            let options = nodes.next_if(|it| it.rule() == Rule::options);
            let options = options.map(|it| self.options(it)).transpose()?;
            members.push(Member::Pair(Pair { key, value, options }));
        }
        Ok(Braces { span, members: members.into() })
    }
}

/// What a name alone is.
fn named_value(word: Word) -> ValueNode {
    let span = word.span;
    let kind = match word.text.as_str() {
        "true" if word.is_bare() => ValueKind::Bool(true),
        "false" if word.is_bare() => ValueKind::Bool(false),
        "null" if word.is_bare() => ValueKind::Null,
        _ => ValueKind::Name(word),
    };
    ValueNode { span, kind }
}

/// Whether a key is written as a text.
fn is_text(key: &Node<'_>) -> bool {
    key.as_str().starts_with(['"', '\''])
}

/// A node that no reader knows: the grammar and the readers disagree, which is better said than fatal.
pub(super) fn unknown(at: Span) -> SyntaxProblem {
    SyntaxProblem::Unexpected {
        found: "this".to_owned(),
        at,
        expected: "expected something else".to_owned(),
        help: None,
    }
}

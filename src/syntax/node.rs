//! pest's nodes of a sentence, in one list: a node is a place in it, which costs nothing to hand on.

use super::grammar::Rule;
use pest::Token;
use pest::iterators::Pairs;

/// A sentence's nodes in the order in which they begin. The list is used for one sentence after the other.
#[derive(Debug, Default)]
pub(super) struct NodeList {
    all: Vec<Entry>,
    /// Those that haven't ended, while the list is filled.
    open: Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    rule: Rule,
    /// Its first byte.
    start: u32,
    /// Behind its last byte.
    end: u32,
    /// The place behind all that it is made of.
    next: u32,
}

impl NodeList {
    /// Takes the nodes of another sentence.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "Sources::add refuses texts that would pass u32; a byte begins one node of a kind at most, and kinds are few"
    )]
    pub(super) fn fill(&mut self, nodes: Pairs<'_, Rule>) {
        self.all.clear();
        self.open.clear();
        let tokens = nodes.tokens();
        self.all.reserve(tokens.len() / 2);
        for token in tokens {
            match token {
                Token::Start { rule, pos } => {
                    let start = pos.pos() as u32;
                    self.open.push(self.all.len());
                    self.all.push(Entry { rule, start, end: start, next: 0 });
                }
                Token::End { pos, .. } => {
                    let next = self.all.len() as u32;
                    let ended = self.open.pop().and_then(|it| self.all.get_mut(it));
                    if let Some(entry) = ended {
                        (entry.end, entry.next) = (pos.pos() as u32, next);
                    }
                }
            }
        }
    }

    /// The outermost nodes of the sentence whose text that is.
    pub(super) fn nodes<'a>(&'a self, text: &'a str) -> Nodes<'a> {
        Nodes { all: &self.all, text, at: 0, end: self.all.len() }
    }
}

/// A node of the grammar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a> {
    all: &'a [Entry],
    text: &'a str,
    at: usize,
    entry: Entry,
}

impl<'a> Node<'a> {
    /// What it is.
    pub(super) const fn rule(&self) -> Rule {
        self.entry.rule
    }

    /// Its first byte in the sentence.
    pub(super) const fn start(&self) -> u32 {
        self.entry.start
    }

    /// Behind its last byte.
    pub(super) const fn end(&self) -> u32 {
        self.entry.end
    }

    /// Its text.
    pub(super) fn as_str(&self) -> &'a str {
        let range = self.entry.start as usize..self.entry.end as usize;
        self.text.get(range).unwrap_or_default()
    }

    /// What it is made of.
    pub(super) const fn inner(&self) -> Nodes<'a> {
        let end = self.entry.next as usize;
        Nodes { all: self.all, text: self.text, at: self.at + 1, end }
    }
}

/// Nodes beside one another.
#[derive(Debug, Clone)]
pub(super) struct Nodes<'a> {
    all: &'a [Entry],
    text: &'a str,
    at: usize,
    end: usize,
}

impl<'a> Nodes<'a> {
    /// The next one, which stays.
    pub(super) fn peek(&self) -> Option<Node<'a>> {
        if self.at >= self.end {
            return None;
        }
        let entry = *self.all.get(self.at)?;
        Some(Node { all: self.all, text: self.text, at: self.at, entry })
    }

    /// The next one, where something holds of it.
    pub(super) fn next_if(&mut self, holds: impl FnOnce(&Node<'a>) -> bool) -> Option<Node<'a>> {
        let node = self.peek().filter(holds)?;
        self.at = node.entry.next as usize;
        Some(node)
    }

    /// How many of them are of a kind.
    pub(super) fn count_of(&self, rules: &[Rule]) -> usize {
        self.clone().filter(|it| rules.contains(&it.rule())).count()
    }
}

impl<'a> Iterator for Nodes<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        self.next_if(|_| true)
    }
}

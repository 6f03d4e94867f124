//! Colours by meaning.

use super::project::Asked;
use super::server::{Answered, Server};
use super::told::ToldColours;
use super::{disk, places::ProtocolPlaces};
use gen_lsp_types::{
    Range as LineRange, SemanticTokens, SemanticTokensDelta, SemanticTokensDeltaParams,
    SemanticTokensDeltaResponse, SemanticTokensEdit, SemanticTokensParams,
    SemanticTokensRangeParams,
};
use relata::check::Meaning;
use relata::ide::{self, Declarations, Paint};
use relata::source::{Lines, Span, Unit};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;

/// What a token may be, in the order of [`TokenType`].
pub(super) const TYPES: [&str; 11] = [
    "keyword",
    "type",
    "class",
    "property",
    "string",
    "number",
    "comment",
    "variable",
    "enum",
    "enumMember",
    "function",
];

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenType {
    Keyword,
    Type,
    Class,
    Property,
    String,
    Number,
    Comment,
    Variable,
    Enum,
    EnumMember,
    Function,
}

const fn of_paint(paint: Paint) -> TokenType {
    match paint {
        Paint::Verb => TokenType::Keyword,
        Paint::Type => TokenType::Type,
        Paint::Model => TokenType::Class,
        Paint::Key => TokenType::Property,
        Paint::Text => TokenType::String,
        Paint::Constant => TokenType::Number,
        Paint::Comment => TokenType::Comment,
    }
}

/// None where the text itself says more: a path.
const fn of_meaning(meaning: &Meaning) -> Option<TokenType> {
    Some(match meaning {
        Meaning::Model(_) | Meaning::Base(_) | Meaning::Table(_) => TokenType::Class,
        Meaning::Attribute(..) | Meaning::Association(_) | Meaning::Former(_) => {
            TokenType::Property
        }
        Meaning::Scope(_) => TokenType::Function,
        Meaning::Enumeration(_) => TokenType::Enum,
        Meaning::Member(_) => TokenType::EnumMember,
        Meaning::Variable(_) => TokenType::Variable,
        Meaning::Script(_) => return None,
    })
}

impl ToldColours {
    fn keep(&mut self, name: String, numbers: &[u32]) -> String {
        self.answers += 1;
        let id = self.answers.to_string();
        self.scripts.insert(name, (id.clone(), numbers.to_vec()));
        id
    }
}

/// The tokens that touch a place, five numbers each.
fn numbers(asked: Asked<'_>, unit: Unit, within: Range<usize>) -> Vec<u32> {
    let source = asked.source;
    let known = Declarations { schema: asked.schema(), variables: &[] };
    let painted = asked.script().map(|it| ide::paint_in(it, source, &within, known));
    let painted = painted.into_iter().flatten();
    let mut tokens: BTreeMap<usize, (usize, TokenType)> =
        painted.map(|it| (it.range.start, (it.range.end, of_paint(it.paint)))).collect();
    let own = source.span(within.clone());
    let uses = &asked.root.checked().uses;
    let first = uses.partition_point(|it| it.at.start < own.start);
    let uses = uses.get(first..).unwrap_or_default();
    for it in uses.iter().take_while(|it| it.at.start <= own.end) {
        let range = source.range(it.at);
        // What declares an association without naming it is a verb.
        let is_verb = tokens.get(&range.start).is_some_and(|it| it.1 == TokenType::Keyword);
        let kind = of_meaning(&it.meaning).filter(|_| it.at.end <= own.end && !is_verb);
        if let Some(kind) = kind {
            tokens.insert(range.start, (range.end, kind));
        }
    }
    let lines = Lines::new(source);
    let mut numbers = Vec::new();
    let (mut last_line, mut last_column) = (0, 0);
    let mut told = 0;
    for (start, (end, kind)) in tokens {
        // Tokens don't overlap: what a text names, say, is within it.
        if start < told {
            continue;
        }
        told = end;
        // A token stands on one line; a text of several is several.
        for line in lines.line(start)..=lines.line(end.saturating_sub(1).max(start)) {
            let range = lines.range(line);
            let part = start.max(range.start)..end.min(range.end);
            if part.is_empty() {
                continue;
            }
            let Span { start: from, end: to } = source.span(part);
            let column = |at| lines.line_column(at, unit).1 - 1;
            let (from, to) = (column(from), column(to));
            let delta = if line == last_line { from - last_column } else { from };
            let each = [line - last_line, delta, to - from, kind as usize, 0];
            numbers.extend(each.map(|it| u32::try_from(it).unwrap_or(u32::MAX)));
            (last_line, last_column) = (line, from);
        }
    }
    numbers
}

fn tokens(id: Option<String>, numbers: &[u32]) -> Answered<SemanticTokens> {
    let mut answer = serde_json::json!({ "data": numbers });
    if let (Some(id), Value::Object(answer)) = (id, &mut answer) {
        answer.insert("resultId".to_owned(), Value::String(id));
    }
    super::server::read(answer)
}

/// `textDocument/semanticTokens/full`
pub(super) fn all<W: Write>(
    server: &mut Server<'_, W>,
    params: &SemanticTokensParams,
) -> Answered<Option<SemanticTokens>> {
    let unit = server.client.unit;
    let asked = server.current(&params.text_document.uri)?;
    let numbers = numbers(asked, unit, 0..asked.source.text.len());
    let id = server.colours.keep(disk::name(&params.text_document.uri), &numbers);
    tokens(Some(id), &numbers).map(Some)
}

/// `textDocument/semanticTokens/full/delta`
pub(super) fn changes<W: Write>(
    server: &mut Server<'_, W>,
    params: &SemanticTokensDeltaParams,
) -> Answered<Option<SemanticTokensDeltaResponse>> {
    let unit = server.client.unit;
    let asked = server.current(&params.text_document.uri)?;
    let new = numbers(asked, unit, 0..asked.source.text.len());
    let name = disk::name(&params.text_document.uri);
    let before = server.colours.scripts.get(&name);
    let before = before.filter(|it| it.0 == params.previous_result_id).map(|it| it.1.clone());
    let id = server.colours.keep(name, &new);
    let Some(before) = before else {
        return tokens(Some(id), &new).map(|it| Some(it.into()));
    };
    let same = before.iter().zip(&new).take_while(|(one, two)| one == two).count();
    let shorter = before.len().min(new.len()) - same;
    let both = before.iter().rev().zip(new.iter().rev()).take(shorter);
    let alike = both.take_while(|(one, two)| one == two).count();
    let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
    let changed = new.get(same..new.len() - alike).unwrap_or_default().to_vec();
    let edit = SemanticTokensEdit {
        start: number(same),
        delete_count: number(before.len() - alike - same),
        data: Some(changed),
    };
    let edits = if before == new { Vec::new() } else { vec![edit] };
    Ok(Some(SemanticTokensDelta { result_id: Some(id), edits }.into()))
}

/// `textDocument/semanticTokens/range`
pub(super) fn of_range<W: Write>(
    server: &mut Server<'_, W>,
    params: &SemanticTokensRangeParams,
) -> Answered<Option<SemanticTokens>> {
    let (unit, uri) = (server.client.unit, &params.text_document.uri);
    let name = disk::name(uri);
    // Who can be told of a difference later needn't wait for the check.
    let is_early = server.client.refreshes && !server.project.is_fresh(&name);
    let asked = if is_early { server.latest(uri)? } else { server.current(uri)? };
    let numbers = of_lines(asked, unit, params.range);
    let answer = tokens(None, &numbers).map(Some);
    if is_early {
        server.colours.early.insert(name, (params.range, numbers));
    }
    answer
}

fn of_lines(asked: Asked<'_>, unit: Unit, lines: LineRange) -> Vec<u32> {
    let mut places = ProtocolPlaces::new(asked.project, unit);
    let span = places.span(asked.source, lines);
    numbers(asked, unit, asked.source.range(span))
}

/// Whether what was told before all was checked is otherwise now.
pub(super) fn are_others<W: Write>(server: &mut Server<'_, W>) -> bool {
    let unit = server.client.unit;
    let early = std::mem::take(&mut server.colours.early);
    early.into_iter().any(|(name, (lines, told))| {
        let asked = server.project.current(&name);
        asked.is_some_and(|it| of_lines(it, unit, lines) != told)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_are_in_order() {
        assert_eq!(TYPES.get(TokenType::Function as usize), Some(&"function"));
        assert_eq!(TYPES.get(TokenType::Comment as usize), Some(&"comment"));
    }
}

//! The formatter: one style, no options.
//!
//! What fits stands on one line, but a `{` or `[` that was followed by a line's end stays open. Comments stay where
//! they are; what holds one in a place that has no form of its own is kept as it was written. Literals are copied.
//!
//! Invariant: the result means the same. The grammar's nodes of both texts are compared, and where they differ the
//! text is kept.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few kinds of value have a form of several lines"
)]

mod filled;
mod flat;
mod same;
mod whole;

use super::Parsed;
use crate::ast::{
    Braces, Comment, Member, OptionList, OptionPair, Pair, Sentence, ValueKind, ValueNode,
};
use crate::source::{Source, Span};
use unicode_width::UnicodeWidthStr as _;
pub(super) use whole::format_script;

/// How wide a line may be in the one style.
pub(super) const WIDTH: usize = 100;
/// How much a bracket indents.
const STEP: usize = 2;

/// The text in the one style. Sentences that couldn't be read are kept as they are.
pub fn format(source: &Source, parsed: &Parsed) -> String {
    format_within(source, parsed, WIDTH)
}

/// The same, with lines of another width.
pub(super) fn format_within(source: &Source, parsed: &Parsed, width: usize) -> String {
    format_script(source, &parsed.script, &parsed.problems, width)
}

#[derive(Debug)]
struct Printer<'a> {
    source: &'a Source,
    comments: &'a [Comment],
    /// The first comment that isn't printed yet.
    next: usize,
    out: String,
    /// How wide a line may be.
    width: usize,
}

impl<'a> Printer<'a> {
    fn slice(&self, span: Span) -> &'a str {
        self.source.text.get(self.source.range(span)).unwrap_or_default()
    }

    /// Copies a place, and with it the comments there.
    fn verbatim(&mut self, span: Span) {
        self.out.push_str(self.slice(span));
        while self.comments.get(self.next).is_some_and(|it| it.span.start < span.end) {
            self.next += 1;
        }
    }

    /// Whether there are comments in a place.
    fn commented(&self, span: Span) -> bool {
        let first = self.comments.partition_point(|it| it.span.start < span.start);
        self.comments.get(first).is_some_and(|it| it.span.start < span.end)
    }

    /// How far the line is indented that `position` is on, if only blanks are before it.
    fn indentation(&self, position: u32) -> usize {
        let before = self.slice(Span::new(self.source.base, position));
        let line = before.rsplit('\n').next().unwrap_or_default();
        if line.trim_matches([' ', '\t']).is_empty() { line.len() } else { 0 }
    }

    fn column(&self) -> usize {
        let line = self.out.rsplit('\n').next().unwrap_or_default();
        line.width()
    }

    /// Begins a line for what stands at `to`; `from` is where what precedes ends. One blank line is kept.
    fn line(&mut self, from: u32, to: u32, indent: usize, first: bool) {
        let between = self.slice(Span::new(from, to));
        if !self.out.is_empty() {
            self.out.push('\n');
            if !first && between.bytes().filter(|it| *it == b'\n').count() > 1 {
                self.out.push('\n');
            }
        }
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// Prints the comments before `position`; `from` is where what precedes ends. Returns where they end.
    fn comments_before(&mut self, position: u32, from: u32, indent: usize, first: bool) -> u32 {
        let (mut at, mut first) = (from, first);
        while let Some(comment) = self.comments.get(self.next) {
            if comment.span.start >= position {
                break;
            }
            let between = self.slice(Span::new(at, comment.span.start));
            if between.contains('\n') || self.out.is_empty() {
                self.line(at, comment.span.start, indent, first);
            } else {
                self.out.push(' ');
            }
            let text = self.slice(comment.span).replace("\r\n", "\n");
            self.out.push_str(text.trim_end());
            at = comment.span.end;
            first = false;
            self.next += 1;
        }
        at
    }

    /// Prints a sentence, or copies it where its meaning would not stay.
    fn checked(&mut self, sentence: &Sentence, indent: usize) {
        let (length, next) = (self.out.len(), self.next);
        self.sentence(sentence, indent);
        let printed = self.out.get(length..).unwrap_or_default();
        if !same::texts(self.source, self.slice(sentence.span), printed) {
            self.out.truncate(length);
            self.next = next;
            self.verbatim(sentence.span);
        }
    }

    /// Prints with `print`, or copies `span` where it holds comments that `print` left out.
    fn kept(&mut self, span: Span, print: impl FnOnce(&mut Self)) {
        let length = self.out.len();
        print(self);
        let next = self.comments.get(self.next);
        if next.is_some_and(|it| it.span.start < span.end) {
            self.out.truncate(length);
            self.verbatim(span);
        }
    }

    fn fits(&self, text: &str, behind: usize) -> bool {
        let first = text.lines().next().unwrap_or_default();
        self.column() + first.width() + behind <= self.width
    }

    fn sentence(&mut self, sentence: &Sentence, indent: usize) {
        let flat = self.flat(|it, out| it.flat_sentence(sentence, out));
        if let Some(flat) = flat.filter(|it| self.fits(it, 0)) {
            self.out.push_str(&flat);
            return;
        }
        self.kept(sentence.span, |printer| {
            for (index, word) in sentence.words.iter().enumerate() {
                printer.out.push_str(if index > 0 { " " } else { "" });
                printer.out.push_str(printer.slice(word.span));
            }
            if let Some(assigned) = &sentence.assigned {
                printer.out.push_str(" = ");
                printer.sentence(assigned, indent);
            }
            if let Some(title) = &sentence.title {
                printer.out.push(' ');
                printer.value(title, indent, 2);
            }
            if let Some(argument) = &sentence.argument {
                printer.out.push_str(if sentence.words.is_empty() { "" } else { " " });
                // the sentence doesn't fit: its bracket is opened, unless its options are too long anyway
                let short = sentence.options.as_ref().is_none_or(|options| {
                    let flat = printer.flat(|it, out| it.flat_options(options, out));
                    flat.is_some_and(|it| indent + 2 + it.width() <= printer.width)
                });
                match &argument.kind {
                    ValueKind::Object(braces) if short && !braces.members.is_empty() => {
                        printer.open_braces(braces, indent);
                    }
                    ValueKind::List(list) if short && !list.is_empty() => {
                        printer.open_list(argument.span, list, indent);
                    }
                    _ => printer.value(argument, indent, 2),
                }
            }
            if let Some(options) = &sentence.options {
                printer.out.push(' ');
                printer.options(options, indent, 0);
            }
        });
    }

    fn value(&mut self, value: &ValueNode, indent: usize, behind: usize) {
        let flat = self.flat(|it, out| it.flat_value(value, out));
        let fits = flat.as_ref().is_some_and(|it| self.fits(it, behind));
        match &value.kind {
            ValueKind::Object(braces) if !fits && !braces.members.is_empty() => {
                self.open_braces(braces, indent);
            }
            ValueKind::List(list) if !fits && !list.is_empty() => {
                self.open_list(value.span, list, indent);
            }
            ValueKind::Call(call) if !fits && self.filled_call(value, call, indent) => {}
            ValueKind::In(of) if !fits && self.open_membership(value, of, (indent, behind)) => {}
            ValueKind::Group(list) if !fits => self.open_group(value.span, list, indent),
            ValueKind::Phrase(phrase) if !fits => {
                self.value(&phrase.value, indent, 0);
                for word in &phrase.words {
                    self.out.push(' ');
                    self.out.push_str(self.slice(word.span));
                }
                if let Some(options) = &phrase.options {
                    self.out.push(' ');
                    self.options(options, indent, behind);
                }
            }
            _ => match flat {
                Some(flat) => self.out.push_str(&flat),
                None => self.verbatim(value.span),
            },
        }
    }

    fn options(&mut self, options: &OptionList, indent: usize, behind: usize) {
        let flat = self.flat(|it, out| it.flat_options(options, out));
        if let Some(flat) = flat.filter(|it| options.items.is_empty() || self.fits(it, behind)) {
            self.out.push_str(&flat);
            return;
        }
        self.out.push('<');
        let items: Vec<Span> = options.items.iter().map(OptionPair::span).collect();
        self.lines(options.span, &items, indent, ",", |it, index| {
            let Some(option) = options.items.get(index) else {
                return;
            };
            it.out.push_str(it.slice(option.name.span));
            if let Some(value) = &option.value {
                it.out.push_str(": ");
                it.value(value, indent + STEP, 1);
            }
        });
        self.out.push('>');
    }

    fn open_list(&mut self, span: Span, list: &[ValueNode], indent: usize) {
        self.out.push('[');
        let items: Vec<Span> = list.iter().map(|it| it.span).collect();
        self.lines(span, &items, indent, ",", |it, index| {
            if let Some(value) = list.get(index) {
                it.value(value, indent + STEP, 1);
            }
        });
        self.out.push(']');
    }

    /// `( .. )`: `and` and `or` begin lines; several members have a line each.
    fn open_group(&mut self, span: Span, list: &[ValueNode], indent: usize) {
        let (parts, word): (Vec<&ValueNode>, _) = match list {
            [ValueNode { kind: ValueKind::And(all), .. }] => (all.iter().collect(), Some("and ")),
            [ValueNode { kind: ValueKind::Or(all), .. }] => (all.iter().collect(), Some("or ")),
            all => (all.iter().collect(), None),
        };
        self.out.push('(');
        let items: Vec<Span> = parts.iter().map(|it| it.span).collect();
        let between = if word.is_none() { "," } else { "" };
        self.lines(span, &items, indent, between, |it, index| {
            it.out.push_str(word.filter(|_| index > 0).unwrap_or_default());
            if let Some(value) = parts.get(index) {
                it.value(value, indent + STEP, 1);
            }
        });
        self.out.push(')');
    }

    /// A line for each of `items`, comments among them, up to where the closing bracket goes.
    fn lines(
        &mut self,
        span: Span,
        items: &[Span],
        indent: usize,
        between: &str,
        mut print: impl FnMut(&mut Self, usize),
    ) {
        let inner = indent + STEP;
        let (mut at, mut first) = (span.start + 1, true);
        for (index, item) in items.iter().enumerate() {
            let end = self.comments_before(item.start, at, inner, first);
            first = first && end == at;
            self.line(end, item.start, inner, first);
            self.kept(*item, |it| print(it, index));
            if index + 1 < items.len() {
                self.out.push_str(between);
            }
            (at, first) = (item.end, false);
        }
        self.comments_before(span.end.saturating_sub(1), at, inner, first);
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn open_braces(&mut self, braces: &Braces, indent: usize) {
        let columns = self.columns(braces, indent + STEP);
        self.out.push('{');
        let items: Vec<Span> = braces.members.iter().map(Member::span).collect();
        self.lines(braces.span, &items, indent, "", |it, index| {
            let columns = columns.get(index).copied().unwrap_or_default();
            match braces.members.get(index) {
                Some(Member::Pair(pair)) => it.pair(pair, columns, indent + STEP),
                Some(Member::Sentence(sentence)) => it.sentence(sentence, indent + STEP),
                None => {}
            }
        });
        self.out.push('}');
    }

    /// `key: value < options >`, the value and the options in their columns as far as its line has room for them: what fits stays
    /// on one line.
    fn pair(&mut self, pair: &Pair, columns: ColumnWidths, indent: usize) {
        let columns = self.with_room(pair, columns, indent);
        self.out.push_str(self.slice(pair.key.span));
        self.out.push(':');
        if let Some(value) = &pair.value {
            self.pad(self.slice(pair.key.span), columns.key);
            self.out.push(' ');
            let length = self.out.len();
            self.value(value, indent, 0);
            let printed = self.out.get(length..).unwrap_or_default().to_owned();
            if pair.options.is_some() {
                self.pad(&printed, columns.value);
            }
        }
        if let Some(options) = &pair.options {
            self.out.push(' ');
            self.options(options, indent, 0);
        }
    }

    fn pad(&mut self, text: &str, width: usize) {
        let missing = width.saturating_sub(text.width());
        self.out.extend(std::iter::repeat_n(' ', missing));
    }

    /// The columns that a pair on one line has room for; none where it takes several lines.
    fn with_room(&self, pair: &Pair, columns: ColumnWidths, indent: usize) -> ColumnWidths {
        let Some(flat) = self.one_line(pair, indent) else {
            return ColumnWidths::default();
        };
        let key = self.slice(pair.key.span).width();
        let for_key = columns.key.saturating_sub(key);
        let for_value = match pair.options {
            Some(_) => columns.value.saturating_sub(flat.value),
            None => 0,
        };
        let room = self.width.saturating_sub(indent + flat.whole);
        if for_key + for_value <= room {
            columns
        } else if for_key <= room {
            ColumnWidths { value: 0, ..columns }
        } else {
            ColumnWidths::default()
        }
    }

    /// How long a pair and its value are, where it fits on one line without being moved into columns. That depends on nothing else, so it
    /// is the same when the text is formatted again.
    fn one_line(&self, pair: &Pair, indent: usize) -> Option<Lengths> {
        let value = pair.value.as_ref();
        let value = self.flat(|it, out| value.is_none_or(|v| it.flat_value(v, out)))?;
        let whole = self.flat(|it, out| it.flat_pair(pair, out))?;
        let whole = whole.lines().next().unwrap_or_default().width();
        let fits = !value.contains('\n') && indent + whole <= self.width;
        fits.then(|| Lengths { value: value.width(), whole })
    }

    /// The columns of each member: pairs on lines that follow each other share theirs. A blank line, a sentence and a
    /// pair of several lines begin new ones.
    fn columns(&self, braces: &Braces, indent: usize) -> Vec<ColumnWidths> {
        let mut all = vec![ColumnWidths::default(); braces.members.len()];
        let (mut begun, mut widest, mut end) = (0, ColumnWidths::default(), braces.span.start);
        for (index, member) in braces.members.iter().enumerate() {
            let span = member.span();
            let pair = match member {
                Member::Pair(pair) => Some(pair),
                Member::Sentence(_) => None,
            };
            let flat = pair.and_then(|pair| Some((pair, self.one_line(pair, indent)?)));
            let lines = self.slice(Span::new(end, span.start));
            let lines: Vec<&str> = lines.split('\n').collect();
            let inner = lines.get(1..lines.len().saturating_sub(1));
            let blank = inner.unwrap_or_default().iter().any(|it| it.trim().is_empty());
            if blank || flat.is_none() {
                all.get_mut(begun..index).unwrap_or_default().fill(widest);
                (begun, widest) = (index, ColumnWidths::default());
            }
            if let Some((pair, lengths)) = flat {
                let key = self.slice(pair.key.span).width();
                widest.key = widest.key.max(key);
                if pair.options.is_some() {
                    widest.value = widest.value.max(lengths.value);
                }
            } else {
                begun = index + 1;
            }
            end = span.end;
        }
        all.get_mut(begun..).unwrap_or_default().fill(widest);
        all
    }
}

/// How long a pair on one line is.
#[derive(Debug, Clone, Copy)]
struct Lengths {
    /// Its value.
    value: usize,
    /// All of it.
    whole: usize,
}

/// How wide the keys and the values of pairs below each other are.
#[derive(Debug, Clone, Copy, Default)]
struct ColumnWidths {
    key: usize,
    value: usize,
}

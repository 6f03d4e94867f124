//! Text to [`ast`](crate::ast), and back in one style.
//!
//! A text is cut into sentences first (`split`), then each is parsed alone (`grammar`, by pest) and read (`sentence`,
//! `expr`, `literal`). So a mistake costs one sentence and one report (`explain`).
//!
//! Invariant: parsing never fails and never panics; nothing here knows a verb.

mod characters;
mod confirm;
mod document;
mod elsewise;
mod explain;
mod expr;
mod grammar;
mod literal;
mod node;
mod pasted;
mod print;
mod respelled;
mod sentence;
mod split;

pub use document::TextDocument;
pub use print::format;

use crate::ast::{Script, Sentence};
use crate::diagnostics::{Problem, SyntaxProblem};
use crate::source::{Source, Sources, Span};
use node::NodeList;
use split::{Chunk, Split};
use std::num::NonZero;

/// What reading nodes yields: the first problem ends a sentence.
type SyntaxResult<T> = Result<T, Box<SyntaxProblem>>;

/// From this size on a text is parsed on several cores.
const LARGE: usize = 64 * 1024;
/// The stack of each; brackets are limited, so this is ample.
const STACK: usize = 8 * 1024 * 1024;

/// A text's sentences, and what is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What could be read.
    pub script: Script,
    /// What couldn't, in order of place.
    pub problems: Vec<Problem>,
}

/// Reads a text. What is no sentence is reported and left out; the sentences around it still count.
pub fn parse(source: &Source) -> Parsed {
    parse_on(source, cores(source.text.len()))
}

/// A script in the one style; as it is where it is too large to be one.
pub fn formatted(text: &str) -> String {
    formatted_within(text, print::WIDTH)
}

/// The same in lines of another width, for a narrow terminal.
pub fn formatted_within(text: &str, width: usize) -> String {
    let mut sources = Sources::default();
    let Ok(id) = sources.add("", text) else {
        return text.to_owned();
    };
    let source = sources.get(id);
    print::format_within(source, &parse(source), width)
}

/// As [`parse`], on so many threads.
pub fn parse_on(source: &Source, threads: usize) -> Parsed {
    let mut split = split::split(source);
    characters::mark(source, &mut split);
    pasted::mark(source, &mut split);
    let pieces: Vec<&Chunk> = split.pieces.iter().collect();
    let (results, is_suspicious) = read_all(source, &pieces, threads);
    if (is_suspicious || !split.problems.is_empty())
        && pasted::may_have_foreign(source, &split, &results)
        && let Some(found) = pasted::without_foreign(source, threads)
    {
        return found;
    }
    assemble(source, &mut split, results).0
}

/// On how many threads so many bytes are parsed.
fn cores(length: usize) -> usize {
    if length < LARGE { 1 } else { std::thread::available_parallelism().map_or(1, NonZero::get) }
}

/// Whether a text is whole: no bracket, comment or text of several lines is open at its end.
pub fn is_complete(source: &Source) -> bool {
    !split::split(source).incomplete
}

/// The pieces, read on so many threads, in order; and whether one of them may be a sentence of another language, which is looked at while it is
/// at hand.
fn read_all(
    source: &Source,
    pieces: &[&Chunk],
    threads: usize,
) -> (Vec<SyntaxResult<Sentence>>, bool) {
    let read_some = |some: &[&Chunk]| -> (Vec<_>, bool) {
        let (mut nodes, mut is_suspicious) = (NodeList::default(), false);
        let results = some.iter().map(|it| {
            let result = read(source, it, &mut nodes);
            is_suspicious |= pasted::may_be_foreign(&result);
            result
        });
        (results.collect(), is_suspicious)
    };
    if threads < 2 {
        return read_some(pieces);
    }
    let share = source.text.len() / threads + 1;
    let (mut shares, mut rest) = (Vec::with_capacity(threads), pieces);
    for thread in 1..threads {
        let count = rest.partition_point(|it| it.range.start < share * thread);
        let (some, behind) = rest.split_at(count);
        shares.push(some);
        rest = behind;
    }
    shares.push(rest);
    let (mut results, mut is_suspicious) = (Vec::new(), false);
    for (some, suspicious) in on_threads(&shares, read_some) {
        is_suspicious |= suspicious;
        if results.is_empty() {
            results = some;
            results.reserve_exact(pieces.len() - results.len());
        } else {
            results.extend(some);
        }
    }
    (results, is_suspicious)
}

/// What `work` makes of each share, in order. The last one's is made on this thread, where allocating costs less than on others; those of the others
/// on threads of their own.
fn on_threads<T: Sync, R: Send>(shares: &[&[T]], work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let Some((last, others)) = shares.split_last() else {
        return Vec::new();
    };
    std::thread::scope(|scope| {
        let work = &work;
        let mut running = Vec::with_capacity(others.len());
        for some in others.iter().copied() {
            let thread = std::thread::Builder::new().stack_size(STACK);
            running.push((some, thread.spawn_scoped(scope, move || work(some))));
        }
        let here = work(last);
        let there = running.into_iter().map(|(some, thread)| {
            match thread.map(std::thread::ScopedJoinHandle::join) {
                Ok(Ok(done)) => done,
                // no thread was to be had
                _ => work(some),
            }
        });
        there.chain([here]).collect()
    })
}

/// One sentence; what is in `list` is another's.
fn read(source: &Source, piece: &Chunk, list: &mut NodeList) -> SyntaxResult<Sentence> {
    if let Some(problem) = &piece.problem {
        return Err(problem.clone());
    }
    let text = source.text.get(piece.range.clone()).unwrap_or_default();
    let base = source.span(piece.range.clone()).start;
    if grammar::parse(text, |nodes| nodes.map(|it| list.fill(it)).is_err()) {
        return Err(Box::new(
            pasted::sql_lines(source, &piece.range)
                .or_else(|| pasted::reworded(source, &piece.range))
                .unwrap_or_else(|| {
                    let found = explain::explain(source, &piece.range);
                    confirm::confirmed(source, &piece.range, found)
                }),
        ));
    }
    let Some(node) = list.nodes(text).next() else { return Ok(Sentence::default()) };
    let sentence = sentence::Reader { base }.sentence(node, false).map_err(|it| {
        // what can't be an expression may be one of another language
        pasted::reworded(source, &piece.range).map_or(it, Box::new)
    })?;
    let found =
        pasted::has_sql_lines(&sentence).then(|| pasted::sql_lines(source, &piece.range)).flatten();
    found.map_or(Ok(sentence), |it| Err(Box::new(it)))
}

/// Puts the results together, so that one mistake is one report.
///
/// What follows a broken piece and is indented, or closes what isn't open, belongs to it. Lines and then a `}` that closes nothing are the body of
/// what stands above them, and its `{` is missing.
///
/// With what could be read comes, for each sentence, the number of the piece that it is.
fn assemble(
    source: &Source,
    split: &mut Split,
    results: Vec<SyntaxResult<Sentence>>,
) -> (Parsed, Vec<usize>) {
    if results.iter().all(Result::is_ok) && split.problems.is_empty() {
        // Nothing is to be put together: the list itself becomes that of the sentences.
        let numbers = (0..results.len()).collect();
        let sentences = results.into_iter().filter_map(Result::ok).collect();
        let comments = std::mem::take(&mut split.comments);
        let script = Script { source: source.id, sentences, comments, broken: Vec::new() };
        return (Parsed { script, problems: Vec::new() }, numbers);
    }
    let mut sentences = Vec::with_capacity(results.len());
    let mut numbers = Vec::with_capacity(results.len());
    let (mut broken, mut problems): (Vec<Span>, Vec<SyntaxProblem>) = (Vec::new(), Vec::new());
    // the last piece that begins its line, and what there was before it
    let (mut head, mut before) = (None, (0, 0, 0));
    let (mut failed, mut body) = (false, false);
    for (number, (piece, result)) in split.pieces.iter().zip(results).enumerate() {
        let span = source.span(piece.range.clone());
        match result {
            Err(mut problem) => {
                let mut begins = span.start;
                let lone = matches!(&*problem, SyntaxProblem::Unopened { at, .. } if at.start == span.start);
                if let SyntaxProblem::Unopened { missing, .. } = &mut *problem
                    && let (Some(head), true) = (head, body && lone)
                {
                    let head: Span = head;
                    *missing = Some(head.at_end());
                    begins = head.start;
                    sentences.truncate(before.0);
                    numbers.truncate(before.0);
                    broken.truncate(before.1);
                    problems.truncate(before.2);
                    failed = false;
                } else if !piece.indented {
                    before = (sentences.len(), broken.len(), problems.len());
                }
                if !(failed && (piece.indented || lone)) {
                    problems.push(*problem);
                }
                broken.push(Span::new(begins, span.end));
                failed = true;
            }
            Ok(sentence) => {
                if !piece.indented {
                    before = (sentences.len(), broken.len(), problems.len());
                }
                sentences.push(sentence);
                numbers.push(number);
                failed = false;
            }
        }
        body = piece.indented && head.is_some();
        if !piece.indented {
            head = Some(span);
        }
    }
    problems.append(&mut split.problems);
    let mut problems: Vec<Problem> = problems.into_iter().map(Problem::from).collect();
    problems.sort_by_cached_key(Problem::span);
    let comments = std::mem::take(&mut split.comments);
    let script = Script { source: source.id, sentences, comments, broken };
    (Parsed { script, problems }, numbers)
}

/// What pest alone makes of every sentence, for benches: how many nodes there are.
#[doc(hidden)]
pub fn nodes(source: &Source) -> usize {
    let pieces = split::split(source).pieces;
    let texts = pieces.into_iter().filter_map(|it| source.text.get(it.range));
    texts.map(|text| grammar::parse(text, |nodes| nodes.map_or(0, |it| it.len()))).sum()
}

#[cfg(test)]
mod tests;

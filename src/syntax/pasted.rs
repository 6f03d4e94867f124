//! Text of other languages: sentences that are plainly JavaScript, Prisma, DBML or SQL, and words of theirs in a sentence of Relata's.
//!
//! It is looked for only where something can't be read, or begins as no sentence does. A foreign sentence is one problem, whose help is the same in
//! Relata; around it the text is read as if it weren't there. What is said instead is a correction only if the grammar takes it.

use super::grammar;
use super::node::NodeList;
use super::split::{self, Split};
use super::{Parsed, SyntaxResult, assemble, characters, print, read_all, sentence};
use crate::ast::{Member, Path, Sentence, ValueKind};
use crate::diagnostics::{Edit, Help, Problem, SyntaxProblem};
use crate::foreign::{self, ForeignSentence, Rewording};
use crate::source::Source;
use std::ops::Range;

/// Whether a piece may be a sentence of another language: it couldn't be read, or is a sentence that may be one.
pub(super) fn may_be_foreign(result: &SyntaxResult<Sentence>) -> bool {
    result.as_ref().map_or(true, is_suspect)
}

/// Whether a sentence that could be read begins as another language's, or calls something as JavaScript does.
fn is_suspect(sentence: &Sentence) -> bool {
    let argument = sentence.argument.as_ref().map(|it| &it.kind);
    let is_called = matches!(argument, Some(ValueKind::Group(_) | ValueKind::Call(_)));
    let is_dotted = |it: &Path| !it.tail.is_empty();
    match &*sentence.words {
        [first, rest @ ..] => {
            // A call of another language has no options in `< >` behind it.
            let bare = rest.is_empty() && is_called && sentence.options.is_none();
            let follows = rest.first().map(|it| it.head.text.as_str());
            let drops = first.head.text.eq_ignore_ascii_case("drop")
                && follows.is_some_and(|it| it.eq_ignore_ascii_case("table"));
            foreign::may_begin(&first.head.text)
                || drops
                || (bare
                    && (is_dotted(first) || matches!(first.head.text.as_str(), "sync" | "drop")))
                || (first.head.text == "model" && has_fields(argument))
                || (rest.is_empty() && sentence.assigned.as_ref().is_some_and(|it| asks_only(it)))
                || sentence.assigned.as_ref().is_some_and(|it| is_suspect(it))
        }
        [] => {
            is_called && matches!(argument, Some(ValueKind::Call(it)) if it.name.text == "require")
        }
    }
}

/// `User.first`, behind a name and a sign
fn asks_only(sentence: &Sentence) -> bool {
    let is_bare = sentence.argument.is_none() && sentence.options.is_none();
    let is_asked = |it: &Path| it.head.text.starts_with(char::is_uppercase) && !it.tail.is_empty();
    is_bare && matches!(&*sentence.words, [only] if is_asked(only))
}

/// Whether fields with types of Prisma's stand in braces.
fn has_fields(argument: Option<&ValueKind>) -> bool {
    let Some(ValueKind::Object(braces)) = argument else {
        return false;
    };
    braces.members.iter().any(|member| match member {
        Member::Sentence(member) => {
            member.words.get(1).is_some_and(|it| foreign::is_field_type(&it.head.text))
        }
        Member::Pair(_) => false,
    })
}

/// Whether there is a foreign sentence among the pieces of a text that may be one, each with the pieces beside it: a look at these alone, since to go
/// through a large text takes longer than to parse it, and whoever types makes a mistake with every second letter.
pub(super) fn may_have_foreign(
    source: &Source,
    split: &Split,
    results: &[SyntaxResult<Sentence>],
) -> bool {
    if !split.problems.is_empty() {
        return true;
    }
    let mut places: Vec<Range<usize>> = Vec::new();
    for (place, _) in results.iter().enumerate().filter(|it| may_be_foreign(it.1)) {
        let around = place.saturating_sub(1)..(place + 2).min(split.pieces.len());
        match places.last_mut() {
            Some(last) if around.start <= last.end => last.end = around.end,
            _ => places.push(around),
        }
    }
    let texts = places.iter().filter_map(|it| {
        let pieces = split.pieces.get(it.clone())?;
        let range = pieces.first()?.range.start..pieces.last()?.range.end;
        source.text.get(range)
    });
    let texts: Vec<&str> = texts.collect();
    let length: usize = texts.iter().map(|it| it.len()).sum();
    length > source.text.len() / 2 || texts.iter().any(|it| !foreign::sentences(it).is_empty())
}

/// What is read of a text when its foreign sentences are left out, with a problem for each; nothing where there are none.
pub(super) fn without_foreign(source: &Source, threads: usize) -> Option<Parsed> {
    let found = foreign::sentences(&source.text);
    if found.is_empty() {
        return None;
    }
    let mut bytes = source.text.as_bytes().to_vec();
    for it in &found {
        let range = bytes.get_mut(it.range.clone()).into_iter().flatten();
        range.filter(|it| **it != b'\n').for_each(|it| *it = b' ');
    }
    let rest = Source { text: String::from_utf8(bytes).ok()?.into(), ..source.clone() };
    let mut split = split::split(&rest);
    characters::mark(&rest, &mut split);
    mark(&rest, &mut split);
    let pieces: Vec<_> = split.pieces.iter().collect();
    let (results, _) = read_all(&rest, &pieces, threads);
    let (Parsed { mut script, mut problems }, _) = assemble(&rest, &mut split, results);
    script.broken.extend(found.iter().map(|it| source.span(it.range.clone())));
    script.broken.sort_unstable();
    problems
        .extend(found.iter().filter(|it| !it.told).map(|it| Problem::from(problem(source, it))));
    problems.sort_by_cached_key(Problem::span);
    Some(Parsed { script, problems })
}

fn problem(source: &Source, found: &ForeignSentence) -> SyntaxProblem {
    let at = source.span(found.range.clone());
    let text = source.text.get(found.range.clone()).unwrap_or_default();
    let first = text.lines().next().unwrap_or_default().trim_end().len();
    let label = found.range.start..found.range.start + first;
    let help = match &found.said {
        Some(said) if said.is_empty() => {
            Help { text: found.why.clone(), edits: vec![Edit { at, text: String::new() }] }
        }
        Some(said) => match formatted(source, said) {
            Some(said) => {
                let text = shown(&said);
                Help { text, edits: vec![Edit { at, text: said }] }
            }
            None if said.contains('\n') => shown(said).into(),
            None => format!(
                "the nearest is `{said}`, which isn't all of it: a part has no word in a script"
            )
            .into(),
        },
        None => found.why.as_str().into(),
    };
    SyntaxProblem::Foreign {
        what: found.language.name(),
        at: source.span(label),
        label: if found.language == foreign::Language::Prompt {
            "with its sign"
        } else {
            "another language's"
        },
        help: Some(help),
    }
}

fn shown(said: &str) -> String {
    if said.contains('\n') { format!("write\n{said}") } else { format!("write `{said}`") }
}

/// The text in the one style, if all of it can be read.
fn formatted(source: &Source, said: &str) -> Option<String> {
    let scratch = source.scratch(said);
    let mut split = split::split(&scratch);
    characters::mark(&scratch, &mut split);
    let pieces: Vec<_> = split.pieces.iter().collect();
    let results = read_all(&scratch, &pieces, 1);
    let parsed = assemble(&scratch, &mut split, results.0).0;
    parsed.problems.is_empty().then(|| print::format(&scratch, &parsed).trim_end().to_owned())
}

/// Sentences that the splitter can't end, for a condition without brackets.
pub(super) fn mark(source: &Source, split: &mut Split) {
    for piece in &mut split.pieces {
        let angle = matches!(
            piece.problem.as_deref(),
            Some(
                SyntaxProblem::Unopened { bracket: '>', .. }
                    | SyntaxProblem::Unclosed { bracket: '<', .. }
            )
        );
        if angle && let Some(found) = reworded(source, &piece.range) {
            piece.problem = Some(Box::new(found));
        }
    }
}

/// The problem of a model whose body has lines of SQL's.
pub(super) fn sql_lines(source: &Source, range: &Range<usize>) -> Option<SyntaxProblem> {
    let text = source.text.get(range.clone())?;
    let found = foreign::sql_lines(text, &source.text)?;
    let place = |it: &Range<usize>| source.span(range.start + it.start..range.start + it.end);
    let mut changed = text.to_owned();
    for it in found.edits.iter().rev() {
        changed.replace_range(it.0.clone(), &it.1);
    }
    let edits = found.edits.iter().map(|it| Edit { at: place(&it.0), text: it.1.clone() });
    let is_whole =
        foreign::sql_lines(&changed, "").is_none() && formatted(source, &changed).is_some();
    let edits = if is_whole { edits.collect() } else { Vec::new() };
    Some(SyntaxProblem::Foreign {
        what: foreign::Language::Sql.name(),
        at: place(&found.first),
        label: "another language's",
        help: Some(Help { text: found.help, edits }),
    })
}

/// Whether a sentence that could be read is a model whose body has lines of SQL's.
pub(super) fn has_sql_lines(sentence: &Sentence) -> bool {
    let is_model = |it: &Path| matches!(it.head.text.as_str(), "model" | "abstract");
    let (Some(ValueKind::Object(braces)), true) = (
        sentence.argument.as_ref().map(|it| &it.kind),
        sentence.words.first().is_some_and(is_model),
    ) else {
        return false;
    };
    braces.members.iter().any(|member| match member {
        Member::Sentence(member) => {
            let word = |at: usize| member.words.get(at).map_or("", |it| it.head.text.as_str());
            foreign::begins_sql_line(word(0), word(1))
        }
        Member::Pair(_) => false,
    })
}

/// The problem of a sentence that can be read once some words are written as Relata writes them.
pub(super) fn reworded(source: &Source, range: &Range<usize>) -> Option<SyntaxProblem> {
    let text = source.text.get(range.clone())?;
    let phrased = foreign::phrased(text).into_iter().collect();
    let (reshaped, reworded) = (foreign::reshaped(text), foreign::reworded(text));
    let both = foreign::in_order([&*reshaped, &*reworded].concat());
    let ways: [Vec<Rewording>; 5] = [phrased, reshaped, reworded, foreign::operators(text), both];
    ways.iter().find_map(|it| said_so(source, range, it))
}

/// The problem of a sentence that can be read once these words are written so.
fn said_so(source: &Source, range: &Range<usize>, found: &[Rewording]) -> Option<SyntaxProblem> {
    let text = source.text.get(range.clone())?;
    let (first, last) = (found.first()?, found.last()?);
    let touch = |pair: &[Rewording]| matches!(pair, [one, two] if two.range.start < one.range.end);
    if found.windows(2).any(touch) {
        return None;
    }
    let mut changed = text.to_owned();
    for it in found.iter().rev() {
        changed.replace_range(it.range.clone(), &it.text);
    }
    // The grammar itself goes as deep as a text does.
    let scratch = source.scratch(changed.as_str());
    if split::split(&scratch).pieces.iter().any(|it| it.problem.is_some()) {
        return None;
    }
    let mut nodes = NodeList::default();
    if grammar::parse(&changed, |found| found.map(|it| nodes.fill(it)).is_err()) {
        return None;
    }
    let node = nodes.nodes(&changed).next()?;
    sentence::Reader { base: 0 }.sentence(node, false).ok()?;
    let mut words: Vec<&str> = Vec::new();
    for it in found {
        let help = it.help.as_str();
        if !help.is_empty() && !words.iter().any(|it| it.ends_with(help)) {
            // what was told already isn't repeated
            let known =
                |told: &&str| help.split_once(": `").is_some_and(|it| told.starts_with(it.0));
            let behind = help.find(": `").filter(|_| words.iter().any(known));
            words.push(behind.and_then(|at| help.get(at + 2..)).unwrap_or(help));
        }
    }
    let place = |it: &Range<usize>| source.span(range.start + it.start..range.start + it.end);
    let edits = found.iter().map(|it| Edit { at: place(&it.range), text: it.text.clone() });
    // signs alone are another problem's
    if words.is_empty() {
        return None;
    }
    let is_operator = words.iter().all(|it| it.starts_with('`'));
    let words = words.join(if is_operator { ", " } else { "\n" });
    let words = if is_operator {
        format!("operators are written in small letters: {words}")
    } else {
        words
    };
    let label =
        if text.get(first.range.start..last.range.end)?.contains('\n') { first } else { last };
    Some(SyntaxProblem::Foreign {
        what: "another language's spelling",
        at: place(&(first.range.start..label.range.end)),
        label: "written otherwise",
        help: Some(Help { text: words, edits: edits.collect() }),
    })
}

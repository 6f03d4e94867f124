//! Reports drawn for a terminal, by miette.

use super::excerpt::Excerpt;
use super::{Count, LineIndex, in_order, thousands, visible, wrap};
use crate::diagnostics::Problem;
use crate::source::Sources;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use std::fmt::{self, Write as _};
use unicode_width::UnicodeWidthStr as _;

/// How reports are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// How many columns there are.
    pub width: usize,
    /// Whether colours may be used.
    pub color: bool,
    /// At most how many reports are drawn; the others are counted.
    pub limit: usize,
}

/// How many reports the command line draws.
const LIMIT: usize = 50;

/// Narrower than this, nothing could be drawn.
const NARROWEST: usize = 24;

impl Default for Style {
    fn default() -> Self {
        Self { width: 100, color: false, limit: LIMIT }
    }
}

/// The problems, drawn in order of place, and how many there are of each kind.
pub fn draw(sources: &Sources, problems: &[Problem], style: Style) -> String {
    let theme =
        if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let width = style.width.max(NARROWEST);
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_width(width)
        .with_context_lines(0)
        .without_cause_chain();
    let mut index = LineIndex::new(sources);
    let mut text = String::new();
    for problem in in_order(problems).into_iter().take(style.limit) {
        let drawn = Drawn::new(problem, &mut index, width);
        let word = if problem.is_warning() { "Warning: " } else { "Error: " };
        text.push_str(word);
        if handler.render_report(&mut text, &drawn).is_err() {
            // Whatever miette can't draw is still said.
            let _ = writeln!(text, "\n  {drawn}");
        }
        text.push('\n');
    }
    let more = problems.len().saturating_sub(style.limit);
    if more > 0 {
        let s = if more == 1 { "" } else { "s" };
        let _ = writeln!(text, "… and {} more problem{s}\n", thousands(more));
    }
    if !problems.is_empty() {
        let _ = writeln!(text, "{}", Count::of(problems));
    }
    text
}

/// A problem with its own little text around its places: miette is never shown a whole file.
#[derive(Debug)]
struct Drawn {
    message: String,
    code: &'static str,
    warning: bool,
    help: Option<String>,
    excerpt: Excerpt,
}

impl Drawn {
    fn new(problem: &Problem, index: &mut LineIndex<'_>, width: usize) -> Self {
        Self {
            message: visible(&problem.to_string()).into_owned(),
            code: problem.code(),
            warning: problem.is_warning(),
            help: problem.help().map(|it| comments_in_lines(&visible(&it), width)),
            excerpt: Excerpt::new(problem.labels(), index, width),
        }
    }
}

/// What stands before each line of a help.
const MARGIN: usize = "  help: ".len();

/// A help whose lines can be pasted: a comment that is too long goes on as one.
fn comments_in_lines(help: &str, width: usize) -> String {
    let room = width.saturating_sub(MARGIN);
    let lines = help.split('\n').map(|line| {
        let text = line.trim_start();
        let Some(said) = text.strip_prefix("// ").filter(|_| line.width() > room) else {
            return line.to_owned();
        };
        let begin = format!("{}// ", " ".repeat(line.len() - text.len()));
        let pieces = wrap(said, room.saturating_sub(begin.len()).max(1)).into_iter();
        pieces.map(|it| format!("{begin}{it}")).collect::<Vec<_>>().join("\n")
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawn {}

impl Diagnostic for Drawn {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        self.warning.then_some(miette::Severity::Warning)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.excerpt.labels();
        (labels.len() > 0).then(|| Box::new(labels) as Box<_>)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::CheckProblem;
    use crate::source::Span;

    fn twice(first: Span, again: Span) -> Problem {
        let option = "foreignKey".to_owned();
        CheckProblem::DuplicateOption { option, first, again }.into()
    }

    #[track_caller]
    fn check(sources: &Sources, problems: &[Problem], width: usize, expected: &str) {
        let style = Style { width, ..Style::default() };
        let drawn = draw(sources, problems, style);
        assert_eq!(drawn.trim_end(), expected, "\n{drawn}");
    }

    #[test]
    fn a_comment_in_a_help_goes_on_as_one() {
        let shown = comments_in_lines("write\n  // one two three\n  name: STRING", 21);
        assert_eq!(shown, "write\n  // one two\n  // three\n  name: STRING");
    }

    #[test]
    fn places_in_two_files_are_one_report() {
        let mut sources = Sources::default();
        let a = sources.add("a.schema", "one\ntwo\tx\u{1b}[31m\r\n").unwrap();
        let b = sources.add("b\u{202E}.schema", "\n\nthree").unwrap();
        let problem = twice(sources.get(a).span(4..7), sources.get(b).span(2..7));
        let expected = "\
Error: E0203

  × `foreignKey` is given twice
   ╭─[a.schema:2:1]
 2 │ two x␛[31m
   · ─┬─
   ·  ╰── first given here
   ╰────
   ╭─[b�.schema:3:1]
 3 │ three
   · ──┬──
   ·   ╰── and again here
   ╰────
  help: keep one of the two

1 error";
        check(&sources, &[problem], 80, expected);
    }

    #[test]
    fn a_long_line_is_cut_around_its_places() {
        let mut sources = Sources::default();
        let long = format!("{}AB{}CD{}", "é".repeat(500), "-".repeat(500), "+".repeat(500));
        let id = sources.add("a.schema", &long).unwrap();
        let at = |range| sources.get(id).span(range);
        let problem = twice(at(1000..1002), at(1502..1504));
        let expected = "\
Error: E0203

  × `foreignKey` is given twice
   ╭─[a.schema:1:501]
 1 │ …ééééééééééAB----------…----------CD++++++++++…
   ·            ─┬                     ─┬
   ·             │                      ╰── and again here
   ·             ╰── first given here
   ╰────
  help: keep one of the two

1 error";
        check(&sources, &[problem], 60, expected);
    }

    #[test]
    fn no_line_is_wider_than_it_may_be() {
        let (cjk, emoji, persian) = ("日本語の文章", "👨‍👩‍👧", "می‌خواهم");
        for letters in [cjk, emoji, persian, "word ", "\t"] {
            let mut sources = Sources::default();
            let name = format!("{}/{}.schema", letters.trim().repeat(40), "a-file".repeat(20));
            let line = format!("{0}x{0}yy{0}\n", letters.repeat(120));
            let id = sources.add(&name, &line.repeat(3)).unwrap();
            let half = letters.len() * 120;
            let end = line.len() * 2;
            for (one, two) in [
                (0..1, half..half + 1),
                (half..half + 1, 2 * half + 1..2 * half + 3),
                (half - letters.len()..half, half..half + 1 + letters.len()),
                (0..line.len() - 1, half..end - 1),
                (half..end + 4 * letters.len(), line.len() - 1..line.len()),
            ] {
                let [one, two] = [one, two].map(|it| sources.get(id).span(it));
                let option = letters.trim().repeat(30);
                let problem = CheckProblem::DuplicateOption { option, first: one, again: two };
                for width in [40, 80, 120, 200] {
                    let style = Style { width, ..Style::default() };
                    let drawn = draw(&sources, &[problem.clone().into()], style);
                    for line in drawn.lines() {
                        assert!(line.width() <= width, "{width}: {line}\n{drawn}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let mut sources = Sources::default();
        let id = sources.add("a.schema", "one two").unwrap();
        let span = |range| sources.get(id).span(range);
        let problems = vec![twice(span(0..3), span(4..7)); 1284];
        let drawn = draw(&sources, &problems, Style::default());
        assert_eq!(drawn.matches("Error: ").count(), 50);
        assert!(drawn.ends_with("… and 1,234 more problems\n\n1,284 errors\n"));
    }

    #[test]
    fn every_place_of_every_text_can_be_drawn() {
        let texts = [
            "",
            "\n",
            "\r\n\r\n",
            "ab",
            "é\n日本\tx\n",
            "a\u{0}b\n\nc",
            "{\n{\n{\n{\n{\n{\n{\n{\n}",
        ];
        for text in texts {
            let mut sources = Sources::default();
            sources.add("before", "x").unwrap();
            let id = sources.add("a", text).unwrap();
            for start in 0..=text.len() {
                for end in start..=text.len() {
                    let at = sources.get(id).span(start..end);
                    let problem = twice(at, at.at_end());
                    for width in [0, 30, 100] {
                        let style = Style { width, ..Style::default() };
                        let drawn = draw(&sources, std::slice::from_ref(&problem), style);
                        assert!(drawn.contains("╭─[a:"), "{text:?} {start} {end}\n{drawn}");
                        assert!(!drawn.contains("Failed to read"), "{drawn}");
                    }
                }
            }
        }
    }
}

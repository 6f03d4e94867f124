//! Reports drawn for a terminal, by miette.

use super::excerpt::Excerpt;
use super::{Count, Index, in_order, thousands, visible};
use crate::diagnostics::Problem;
use crate::source::Sources;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use std::fmt::{self, Write as _};

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
        Self {
            width: 100,
            color: false,
            limit: LIMIT,
        }
    }
}

/// The problems, drawn in order of place, and how many there are of each kind.
pub fn draw(sources: &Sources, problems: &[Problem], style: Style) -> String {
    let theme = if style.color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let width = style.width.max(NARROWEST);
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_width(width)
        .with_context_lines(0)
        .without_cause_chain();
    let mut index = Index::new(sources);
    let mut text = String::new();
    for problem in in_order(problems).into_iter().take(style.limit) {
        let drawn = Drawn::new(problem, &mut index, width);
        let word = if problem.is_warning() {
            "Warning: "
        } else {
            "Error: "
        };
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
    code: String,
    warning: bool,
    help: Option<String>,
    excerpt: Excerpt,
}

impl Drawn {
    fn new(problem: &Problem, index: &mut Index<'_>, width: usize) -> Self {
        Self {
            message: visible(&problem.to_string()).into_owned(),
            code: problem.code(),
            warning: problem.is_warning(),
            help: problem.help().map(|it| visible(&it).into_owned()),
            excerpt: Excerpt::new(problem.labels(), index, width),
        }
    }
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

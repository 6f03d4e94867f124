//! A page of Markdown: its headings, and what stands between fences below them.

use crate::diagnostics::{Loss, Losses};
use crate::import::ImportFormat;
use crate::sql::Dialect;
use crate::words::nearest;
use std::fmt;
use std::ops::Range;

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockKind {
    /// Input: a script, or a part of one.
    Schema,
    /// Input: a script that is run first, in a session of its own: what it declares isn't known to those behind it.
    Before,
    /// Input: a script of that name, to be imported.
    File(String),
    /// Input: models of another language, as a file of that name.
    Models(String),
    /// Input: SQL for the database as it is.
    Db,
    /// What must come of the script before it.
    Answer(Answer),
    /// For people.
    Prose,
}

/// What can be asked of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The problems, rendered; or those that it has in a dialect.
    Report(Option<&'static str>),
    /// The DDL in a dialect.
    Sql(&'static str),
    /// The script, formatted.
    Format,
    /// The database's tables after the script ran.
    Tables,
    /// What `run --format json` prints.
    Json,
    /// What may stand at the script's end, which needn't be whole: it isn't run.
    Complete,
    /// What the name at `$0` means, where it is used, what is written to give it another name, what can be done there: the script isn't run.
    Name(NameQuestion),
    /// How the database differs from what the script declares: it isn't run. These losses are allowed.
    Diff(Losses),
    /// The same, carried out: the database becomes what the script declares, and its other sentences aren't run.
    Apply(Losses),
    /// The database as a script; or the script of that name, brought up to date with it.
    Pull(Option<String>),
    /// The database as a script for another one, and what that one can't take.
    PullFor(&'static str),
    /// The script that is made of the file of that name, given before.
    Import(String),
    /// What was undone of the database's last change.
    Rollback,
    /// What was done to the database's structure.
    History,
}

/// What is asked of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameQuestion {
    /// Where it is declared.
    Definition,
    /// Where it is used.
    References,
    /// What is written where it is to be another one.
    Rename {
        /// That one.
        name: String,
        /// Whether a database has all that is declared, whose rows are to stay.
        stored: bool,
    },
    /// What is known of it.
    Hover,
    /// What can be done with it.
    Actions,
}

impl Answer {
    /// Whether it is asked of the database, without a script before it.
    const fn stands_alone(&self) -> bool {
        match self {
            Self::Pull(_) | Self::PullFor(_) | Self::Import(_) | Self::Rollback | Self::History => {
                true
            }
            Self::Report(_)
            | Self::Sql(_)
            | Self::Format
            | Self::Tables
            | Self::Json
            | Self::Complete
            | Self::Name(_)
            | Self::Diff(_)
            | Self::Apply(_) => false,
        }
    }

    /// Whether its word is one that pages use for other things, too: where nothing is tested, it is for people.
    const fn is_common(&self) -> bool {
        match self {
            Self::Sql(_) | Self::Json | Self::Diff(_) | Self::Format => true,
            Self::Report(_)
            | Self::Tables
            | Self::Complete
            | Self::Name(_)
            | Self::Apply(_)
            | Self::Pull(_)
            | Self::PullFor(_)
            | Self::Import(_)
            | Self::Rollback
            | Self::History => false,
        }
    }
}

/// The words that begin what stands behind a fence, of blocks that are tested.
const WORDS: [&str; 19] = [
    "schema",
    "db",
    "report",
    "sql",
    "format",
    "tables",
    "json",
    "complete",
    "definition",
    "references",
    "rename",
    "rename-stored",
    "hover",
    "actions",
    "diff",
    "apply",
    "pull",
    "import",
    "rollback",
];

impl BlockKind {
    /// What the words behind a fence mean; or why they mean nothing.
    fn from_info(info: &str) -> Result<Self, String> {
        let kind = match info.split_whitespace().collect::<Vec<_>>()[..] {
            ["schema"] => Self::Schema,
            ["schema", "before"] => Self::Before,
            ["schema", name] if name.ends_with(".schema") => Self::File(name.to_owned()),
            ["prisma" | "dbml" | "sql", name] if ImportFormat::of_file(name).is_some() => {
                Self::Models(name.to_owned())
            }
            ["import", name] if ImportFormat::of_file(name).is_some() => {
                Self::Answer(Answer::Import(name.to_owned()))
            }
            ["db"] => Self::Db,
            ["report"] => Self::Answer(Answer::Report(None)),
            ["report", dialect] => Self::Answer(Answer::Report(Some(named_dialect(dialect)?.name))),
            ["definition"] => Self::Answer(Answer::Name(NameQuestion::Definition)),
            ["references"] => Self::Answer(Answer::Name(NameQuestion::References)),
            ["hover"] => Self::Answer(Answer::Name(NameQuestion::Hover)),
            ["actions"] => Self::Answer(Answer::Name(NameQuestion::Actions)),
            [word @ ("rename" | "rename-stored"), _, ..] => {
                let name = info.split_once(' ').unwrap_or_default().1.trim().to_owned();
                let stored = word == "rename-stored";
                Self::Answer(Answer::Name(NameQuestion::Rename { name, stored }))
            }
            ["complete"] => Self::Answer(Answer::Complete),
            ["diff", ref codes @ ..] => Self::Answer(Answer::Diff(allowed(codes)?)),
            ["apply", ref codes @ ..] => Self::Answer(Answer::Apply(allowed(codes)?)),
            ["rollback"] => Self::Answer(Answer::Rollback),
            ["history"] => Self::Answer(Answer::History),
            ["format"] => Self::Answer(Answer::Format),
            ["tables"] => Self::Answer(Answer::Tables),
            ["json"] => Self::Answer(Answer::Json),
            ["pull"] => Self::Answer(Answer::Pull(None)),
            ["pull", name] if name.ends_with(".schema") => {
                Self::Answer(Answer::Pull(Some(name.to_owned())))
            }
            ["pull", dialect] => Self::Answer(Answer::PullFor(named_dialect(dialect)?.name)),
            ["sql"] => Self::Answer(Answer::Sql(Dialect::SQLITE.name)),
            ["sql", dialect] => Self::Answer(Answer::Sql(named_dialect(dialect)?.name)),
            [word, ..] if WORDS.contains(&word) => {
                return Err(format!("a block can't be `{info}`"));
            }
            [word, ..] => match nearest(word, WORDS).filter(|_| !LANGUAGES.contains(&word)) {
                Some(near) => {
                    return Err(format!("a block can't be `{info}`: did you mean `{near}`?"));
                }
                None => Self::Prose,
            },
            [] => Self::Prose,
        };
        Ok(kind)
    }
}

/// Words that look like those of blocks, and are languages.
const LANGUAGES: [&str; 9] = ["js", "jsx", "json5", "jsonc", "jsonl", "sh", "fs", "ts", "text"];

fn named_dialect(name: &str) -> Result<&'static Dialect, String> {
    Dialect::named(name).ok_or_else(|| {
        let near = nearest(name, Dialect::ALL.iter().map(|it| it.name));
        let help = near.map(|it| format!(": did you mean `{it}`?")).unwrap_or_default();
        format!("there is no dialect `{name}`{help}")
    })
}

/// `allow E0501 E0502`
fn allowed(words: &[&str]) -> Result<Losses, String> {
    let codes = match words {
        [] => return Ok(Losses::NONE),
        ["allow", codes @ ..] if !codes.is_empty() => codes,
        _ => return Err(format!("`{}` is no `allow CODE`", words.join(" "))),
    };
    let losses: Vec<Loss> = codes
        .iter()
        .map(|code| {
            let loss = Loss::of(code).filter(|it| Loss::ALLOWED.contains(it));
            loss.ok_or_else(|| format!("`{code}` is no code that a change can be allowed by"))
        })
        .collect::<Result<_, _>>()?;
    Ok(Losses::of(losses))
}

/// What stands between two fences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageBlock {
    /// What it is.
    pub kind: BlockKind,
    /// The words behind its first fence.
    pub info: String,
    /// The text, every line with its end.
    pub text: String,
    /// The line of its first fence.
    pub line: usize,
    /// The bytes of the page between the fences.
    pub range: Range<usize>,
    /// What the fences (and so the text's lines) are indented by.
    pub indent: String,
    /// Its first fence: a text that holds such a line can't stand there.
    pub(super) fence: String,
}

/// A heading and its blocks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageSection {
    /// The heading's text; empty before the first.
    pub title: String,
    /// Its line; 1 before the first.
    pub line: usize,
    /// Its blocks, in order.
    pub blocks: Vec<PageBlock>,
}

/// A page that can't be a test, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageError {
    /// The line.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.message)
    }
}

impl std::error::Error for PageError {}

/// The sections of a page.
pub(super) fn parse(page: &str) -> Result<Vec<PageSection>, PageError> {
    let mut sections = vec![PageSection { line: 1, ..PageSection::default() }];
    let mut open: Option<(Fence, PageBlock)> = None;
    let mut offset = 0;
    for (line, with_end) in (1..).zip(page.split_inclusive('\n')) {
        let start = offset;
        offset += with_end.len();
        let text = with_end.trim_end_matches(['\n', '\r']);
        let Some((fence, mut block)) = open.take() else {
            if let Some((fence, info)) = Fence::opening(text) {
                let kind = BlockKind::from_info(info);
                let kind = kind.map_err(|message| PageError { line, message })?;
                let (indent, info, signs) = (fence.indent.clone(), info.to_owned(), fence.signs());
                let (text, range) = (String::new(), offset..offset);
                let block = PageBlock { kind, info, text, line, range, indent, fence: signs };
                open = Some((fence, block));
            } else if let Some(title) = heading(text) {
                let blocks = Vec::new();
                let title = title.to_owned();
                sections.push(PageSection { title, line, blocks });
            }
            continue;
        };
        if fence.is_closed_by(text) {
            block.range.end = start;
            if let Some(section) = sections.last_mut() {
                section.blocks.push(block);
            }
        } else {
            let own = with_end.strip_prefix(fence.indent.as_str());
            block.text.push_str(own.unwrap_or_else(|| with_end.trim_start_matches(' ')));
            open = Some((fence, block));
        }
    }
    match open {
        Some((_, block)) => {
            Err(PageError { line: block.line, message: "a block has no end".to_owned() })
        }
        None => Ok(sections),
    }
}

/// The text of a line that is a heading.
fn heading(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    ((1..=6).contains(&level) && title.starts_with(' '))
        .then(|| title.trim().trim_end_matches('#').trim_end())
}

/// The line that opens a block.
struct Fence {
    indent: String,
    mark: char,
    length: usize,
}

impl Fence {
    /// A fence and the words behind it.
    fn opening(line: &str) -> Option<(Self, &str)> {
        let text = line.trim_start_matches(' ');
        let mark = text.chars().next().filter(|it| matches!(it, '`' | '~'))?;
        let info = text.trim_start_matches(mark);
        let length = text.len() - info.len();
        let indent = " ".repeat(line.len() - text.len());
        let fence = Self { indent, mark, length };
        (length >= 3 && !info.contains(mark)).then(|| (fence, info.trim()))
    }

    /// The signs alone.
    fn signs(&self) -> String {
        self.mark.to_string().repeat(self.length)
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let text = line.trim();
        text.len() >= self.length && text.chars().all(|it| it == self.mark)
    }
}

/// What one script, or one piece of SQL, asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum PageStep<'a> {
    /// A script to be imported, or models of another language.
    File(&'a str, &'a PageBlock),
    /// A script that is run in a session of its own.
    Before(&'a PageBlock),
    /// SQL for the database.
    Db(&'a PageBlock),
    /// What is asked of the database as it is.
    Ask(&'a Answer, &'a PageBlock),
    /// Consecutive `schema` blocks, and the answers behind them.
    Script {
        /// The blocks, which count as one script.
        parts: Vec<&'a PageBlock>,
        /// What must come of it.
        answers: Vec<(&'a Answer, &'a PageBlock)>,
    },
}

impl PageSection {
    /// Whether it has something to try.
    pub fn is_test(&self) -> bool {
        self.blocks.iter().any(|it| match &it.kind {
            BlockKind::Schema
            | BlockKind::Before
            | BlockKind::File(_)
            | BlockKind::Models(_)
            | BlockKind::Db => true,
            BlockKind::Answer(it) => !it.is_common(),
            BlockKind::Prose => false,
        })
    }

    /// What to do, in order.
    ///
    /// # Errors
    /// Where an answer has no question.
    pub fn steps(&self) -> Result<Vec<PageStep<'_>>, PageError> {
        let mut steps: Vec<PageStep<'_>> = Vec::new();
        for block in &self.blocks {
            match (&block.kind, steps.last_mut()) {
                (BlockKind::Prose, _) => (),
                (BlockKind::File(name) | BlockKind::Models(name), _) => {
                    steps.push(PageStep::File(name, block));
                }
                (BlockKind::Before, _) => steps.push(PageStep::Before(block)),
                (BlockKind::Db, _) => steps.push(PageStep::Db(block)),
                (BlockKind::Answer(answer), _) if answer.stands_alone() => {
                    steps.push(PageStep::Ask(answer, block));
                }
                (BlockKind::Answer(answer @ Answer::Tables), Some(PageStep::Ask(..))) => {
                    steps.push(PageStep::Ask(answer, block));
                }
                (BlockKind::Schema, Some(PageStep::Script { parts, answers }))
                    if answers.is_empty() =>
                {
                    parts.push(block);
                }
                (BlockKind::Schema, _) => {
                    steps.push(PageStep::Script { parts: vec![block], answers: Vec::new() });
                }
                (BlockKind::Answer(answer), Some(PageStep::Script { answers, .. })) => {
                    answers.push((answer, block));
                }
                (BlockKind::Answer(_), _) => {
                    return Err(PageError {
                        line: block.line,
                        message: "an answer without a script before it".to_owned(),
                    });
                }
            }
        }
        Ok(steps)
    }
}

impl PageBlock {
    /// The block's text as it stands in the page.
    pub(super) fn indented(&self, text: &str) -> String {
        text.split_inclusive('\n')
            .map(|line| match line.trim_end() {
                "" => line.to_owned(),
                _ => format!("{}{line}", self.indent),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;

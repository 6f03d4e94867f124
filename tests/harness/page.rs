//! A page of Markdown as tests: a heading is a test, its blocks are what to do and what must come of it.

use relata::sql::Dialect;
use std::ops::Range;

/// What a block is. The list is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Input: a script, or a part of one.
    Schema,
    /// Input: a script of that name, to be imported.
    File(String),
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
    Sql(String),
    /// The script, formatted.
    Format,
    /// The database's tables after the script ran.
    Tables,
    /// What `run --format json` prints.
    Json,
    /// What may stand at the script's end, which needn't be whole: it isn't run.
    Complete,
    /// What the name at `$0` means, where it is used, or what is written to give it another name: the script isn't run.
    Name(Asked),
    /// How the database differs from what the script declares: it isn't run.
    Diff,
    /// The database as a script; or the script of that name, brought up to date with it.
    Pull(Option<String>),
    /// What was undone of the database's last change.
    Rollback,
    /// What was done to the database's structure.
    History,
}

/// What is asked of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Where it is declared.
    Definition,
    /// Where it is used.
    References,
    /// What is written where it is to be this one.
    Rename(String),
}

impl Answer {
    /// Whether it is asked of the database, without a script before it.
    const fn stands_alone(&self) -> bool {
        matches!(self, Self::Pull(_) | Self::Rollback | Self::History)
    }
}

/// Blocks for people. Those of Rust are tested as documentation.
const PROSE: [&str; 5] = ["text", "sh", "console", "rust", "toml"];

impl Kind {
    /// What the words behind a fence mean.
    fn from_info(info: &str) -> Option<Self> {
        match info.split_whitespace().collect::<Vec<_>>()[..] {
            ["schema"] => Some(Self::Schema),
            ["schema", name] if name.ends_with(".schema") => Some(Self::File(name.to_owned())),
            ["db"] => Some(Self::Db),
            ["report"] => Some(Self::Answer(Answer::Report(None))),
            ["report", dialect] => {
                let dialect = Dialect::named(dialect)?;
                Some(Self::Answer(Answer::Report(Some(dialect.name))))
            }
            ["definition"] => Some(Self::Answer(Answer::Name(Asked::Definition))),
            ["references"] => Some(Self::Answer(Answer::Name(Asked::References))),
            ["rename", ..] => {
                let (_, name) = info.split_once(' ')?;
                Some(Self::Answer(Answer::Name(Asked::Rename(name.trim().to_owned()))))
            }
            ["complete"] => Some(Self::Answer(Answer::Complete)),
            ["diff"] => Some(Self::Answer(Answer::Diff)),
            ["rollback"] => Some(Self::Answer(Answer::Rollback)),
            ["history"] => Some(Self::Answer(Answer::History)),
            ["format"] => Some(Self::Answer(Answer::Format)),
            ["tables"] => Some(Self::Answer(Answer::Tables)),
            ["json"] => Some(Self::Answer(Answer::Json)),
            ["pull"] => Some(Self::Answer(Answer::Pull(None))),
            ["pull", name] if name.ends_with(".schema") => {
                Some(Self::Answer(Answer::Pull(Some(name.to_owned()))))
            }
            ["sql", dialect] if Dialect::named(dialect).is_some() => {
                Some(Self::Answer(Answer::Sql(dialect.to_owned())))
            }
            [word, ..] if PROSE.contains(&word) => Some(Self::Prose),
            _ => None,
        }
    }
}

/// What stands between two fences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub kind: Kind,
    /// The text, every line with its end.
    pub text: String,
    /// The line of its first fence.
    pub line: usize,
    /// The bytes of the page between the fences.
    pub range: Range<usize>,
    /// What the fences (and so the text's lines) are indented by.
    pub indent: String,
}

/// A heading and its blocks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// The heading's text; empty before the first.
    pub title: String,
    /// Its line; 1 before the first.
    pub line: usize,
    pub blocks: Vec<Block>,
}

/// A page that can't be a test, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub line: usize,
    pub message: String,
}

/// The sections of a page.
pub fn parse(page: &str) -> Result<Vec<Section>, Mistake> {
    let mut sections = vec![Section { line: 1, ..Section::default() }];
    let mut open: Option<(Fence, Block)> = None;
    let mut offset = 0;
    for (line, with_end) in (1..).zip(page.split_inclusive('\n')) {
        let start = offset;
        offset += with_end.len();
        let text = with_end.trim_end_matches(['\n', '\r']);
        let Some((fence, mut block)) = open.take() else {
            if let Some((fence, info)) = Fence::opening(text) {
                let kind = Kind::from_info(info).ok_or_else(|| Mistake {
                    line,
                    message: format!("a block can't be `{info}`"),
                })?;
                let indent = fence.indent.clone();
                let (text, range) = (String::new(), offset..offset);
                let block = Block { kind, text, line, range, indent };
                open = Some((fence, block));
            } else if let Some(title) = heading(text) {
                let blocks = Vec::new();
                let title = title.to_owned();
                sections.push(Section { title, line, blocks });
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
            Err(Mistake { line: block.line, message: "a block has no end".to_owned() })
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

    fn is_closed_by(&self, line: &str) -> bool {
        let text = line.trim();
        text.len() >= self.length && text.chars().all(|it| it == self.mark)
    }
}

/// What one script, or one piece of SQL, asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A script to be imported.
    File(&'a str, &'a Block),
    /// SQL for the database.
    Db(&'a Block),
    /// What is asked of the database as it is.
    Ask(&'a Answer, &'a Block),
    /// Consecutive `schema` blocks, and the answers behind them.
    Script { parts: Vec<&'a Block>, answers: Vec<(&'a Answer, &'a Block)> },
}

impl Section {
    /// What to do, in order.
    pub fn steps(&self) -> Result<Vec<Step<'_>>, Mistake> {
        let mut steps: Vec<Step<'_>> = Vec::new();
        for block in &self.blocks {
            match (&block.kind, steps.last_mut()) {
                (Kind::Prose, _) => (),
                (Kind::File(name), _) => steps.push(Step::File(name, block)),
                (Kind::Db, _) => steps.push(Step::Db(block)),
                (Kind::Answer(answer), _) if answer.stands_alone() => {
                    steps.push(Step::Ask(answer, block));
                }
                (Kind::Answer(answer @ Answer::Tables), Some(Step::Ask(..))) => {
                    steps.push(Step::Ask(answer, block));
                }
                (Kind::Schema, Some(Step::Script { parts, answers })) if answers.is_empty() => {
                    parts.push(block);
                }
                (Kind::Schema, _) => {
                    steps.push(Step::Script { parts: vec![block], answers: Vec::new() });
                }
                (Kind::Answer(answer), Some(Step::Script { answers, .. })) => {
                    answers.push((answer, block));
                }
                (Kind::Answer(_), _) => {
                    return Err(Mistake {
                        line: block.line,
                        message: "an answer without a script before it".to_owned(),
                    });
                }
            }
        }
        Ok(steps)
    }
}

impl Block {
    /// The block's text as it stands in the page.
    pub fn indented(&self, text: &str) -> String {
        text.split_inclusive('\n')
            .map(|line| match line.trim_end() {
                "" => line.to_owned(),
                _ => format!("{}{line}", self.indent),
            })
            .collect()
    }
}

/// The tests of this file.
pub const TESTS: crate::Tests = &[
    ("a heading is a section and its blocks are its own", headings_and_blocks),
    ("a fence ends with one as long", long_fences),
    ("an indented block loses its indent and gets it back", indents),
    ("an unknown block fails the page", unknown_blocks),
    ("a block without an end fails the page", open_blocks),
    ("consecutive schema blocks are one script", consecutive_blocks),
    ("an answer needs a script", lonely_answers),
    ("lines may end with CRLF", crlf),
];

#[track_caller]
fn sections(page: &str) -> Vec<Section> {
    parse(page).unwrap()
}

fn headings_and_blocks() {
    let page = "intro\n\n# One thing #\n```schema\nsync\n```\n\n```text\n# no heading\n```\n## Other\n#tag\n";
    let res = sections(page);
    let titles: Vec<_> = res.iter().map(|it| (it.title.as_str(), it.line)).collect();
    assert_eq!(titles, [("", 1), ("One thing", 3), ("Other", 11)]);
    let [script, prose] = &res[1].blocks[..] else { panic!("two blocks: {:?}", res[1]) };
    assert_eq!((script.text.as_str(), script.line), ("sync\n", 4));
    assert_eq!(&page[script.range.clone()], "sync\n");
    assert_eq!(prose.kind, Kind::Prose);
}

fn long_fences() {
    let res = sections("````text\n```schema\n````\n~~~sql mysql\n```\n~~~\n");
    let texts: Vec<_> = res[0].blocks.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(texts, ["```schema\n", "```\n"]);
}

fn indents() {
    let page = "1. first\n   ```schema\n   a {\n     b\n\n   }\n   ```\n";
    let block = &sections(page)[0].blocks[0];
    assert_eq!(block.text, "a {\n  b\n\n}\n");
    assert_eq!(block.indented(&block.text), &page[block.range.clone()]);
}

fn unknown_blocks() {
    for info in ["", "shema", "sql", "sql oracle", "schema x", "report 2"] {
        let mistake = parse(&format!("\n```{info}\n```\n")).unwrap_err();
        assert_eq!(mistake.line, 2, "of `{info}`");
    }
}

fn open_blocks() {
    assert_eq!(parse("a\n```schema\nsync\n").unwrap_err().line, 2);
}

fn consecutive_blocks() {
    let page = "```db\n```\n```schema\na\n```\nand\n```schema\nb\n```\n```report\n```\n```tables\n```\n```schema\nc\n```\n";
    let res = sections(page);
    let shape: Vec<_> = (res[0].steps().unwrap().iter())
        .map(|it| match it {
            Step::File(..) | Step::Db(_) | Step::Ask(..) => (0, 0),
            Step::Script { parts, answers } => (parts.len(), answers.len()),
        })
        .collect();
    assert_eq!(shape, [(0, 0), (2, 2), (1, 0)]);
}

fn lonely_answers() {
    assert_eq!(sections("```report\n```\n")[0].steps().unwrap_err().line, 1);
    let after_db = &sections("```db\n```\n```tables\n```\n")[0];
    assert_eq!(after_db.steps().unwrap_err().line, 3);
}

fn crlf() {
    let res = sections("# A\r\n```schema\r\nsync\r\n```\r\n");
    assert_eq!((res[1].title.as_str(), res[1].blocks.len()), ("A", 1));
}

//! Golden-file tests of scripts: pages of Markdown whose headings are tests, as `relata test` runs them and the project's own are.
//!
//! Below a heading, a `schema` block is a script, `db` is SQL for the database as it was, and the blocks behind a script say what
//! must come of it: `json` (what its sentences yield), `tables`, `sql`, `report`, `diff`, `apply` and others
//! (docs/guide/08-testing.md). Each heading has a database of its own, in memory; the moment is 2022-01-16T12:00:00Z, and what is
//! random is the same each time.
//!
//! ```
//! use relata::testing::{TestHost, TestPage};
//!
//! let text = "# Names\n```schema\nmodel User { name: STRING }\nsync\nUser count\n```\n```json\n\
//!     {\"line\": 3, \"verb\": \"count\", \"model\": \"User\", \"value\": 1}\n```\n";
//! let page = TestPage::parse("users.md", text)?;
//! let results = page.run(&TestHost::default());
//! assert_eq!((results[0].title.as_str(), results[0].failures.len()), ("Names", 1));
//! // The page as it would have to be.
//! let blessed = page.blessed(&results).unwrap();
//! assert!(blessed.contains("\"value\":0}"), "{blessed}");
//! # Ok::<(), relata::testing::PageError>(())
//! ```
//!
//! Invariant: nothing here reads a file or the clock; a host gives what pages import.

mod asked;
mod corrected;
mod fixes;
mod loader;
mod page;
mod session;
mod tables;
mod transcript;

pub use page::{Answer, BlockKind, NameQuestion, PageBlock, PageError, PageSection, PageStep};
pub use session::{ScriptFindings, ScriptRun, TestAnswer, TestSession};
pub use transcript::SCRIPT;

use crate::load::{Loader, NoLoader};
use crate::run::{Files, NoFiles};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// What several may read scripts through.
type SharedLoader = Arc<Mutex<dyn Loader + Send>>;

/// What a page's scripts may import and load.
pub struct TestHost {
    loader: Box<dyn Fn() -> SharedLoader + Send + Sync>,
    files: Box<dyn Fn() -> Box<dyn Files + Send> + Send + Sync>,
}

impl Default for TestHost {
    /// Nothing but what the page itself has.
    fn default() -> Self {
        Self::new(|| NoLoader, || NoFiles)
    }
}

impl fmt::Debug for TestHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestHost").finish_non_exhaustive()
    }
}

impl TestHost {
    /// Scripts to import and files to load rows from: each heading has its own. The script of a page is called [`SCRIPT`].
    pub fn new<L: Loader + Send + 'static, F: Files + Send + 'static>(
        loader: impl Fn() -> L + Send + Sync + 'static,
        files: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self {
        Self {
            loader: Box::new(move || Arc::new(Mutex::new(loader()))),
            files: Box::new(move || Box::new(files())),
        }
    }

    fn loader(&self) -> SharedLoader {
        (self.loader)()
    }

    fn files(&self) -> Box<dyn Files + Send> {
        (self.files)()
    }
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestPage {
    /// What it is called: its path.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Its headings.
    pub sections: Vec<PageSection>,
}

/// What came of a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// The heading; empty for what stands before the first.
    pub title: String,
    /// Its line, from 1.
    pub line: usize,
    /// What isn't as the page says, in order; none where the test passes.
    pub failures: Vec<TestFailure>,
    /// Its scripts, in order.
    pub scripts: Vec<TestedScript>,
}

/// A script of a page that was checked and run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestedScript {
    /// The line of its first block.
    pub line: usize,
    /// The codes of its problems, in order.
    pub codes: Vec<&'static str>,
    /// What is left wrong where the corrections that its problems offer are made, if they don't mend what they are said to mend.
    pub uncorrected: Option<String>,
}

/// Something that isn't as a page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFailure {
    /// The line of the block, from 1.
    pub line: usize,
    /// What is wrong; several lines, perhaps.
    pub message: String,
    /// Where a block holds another text: that, and what came.
    pub difference: Option<TestDifference>,
}

/// A block that holds another text than what came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestDifference {
    /// What the block holds.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// The bytes of the page between the block's fences, and what would have to stand there; none where it can't stand in a page.
    pub edit: Option<(Range<usize>, String)>,
}

impl TestPage {
    /// Reads a page.
    ///
    /// # Errors
    /// Where a block has no end, or its words mean nothing.
    pub fn parse(name: impl Into<String>, text: impl Into<String>) -> Result<Self, PageError> {
        let text = text.into();
        Ok(Self { name: name.into(), sections: page::parse(&text)?, text })
    }

    /// The headings that are tests.
    pub fn tests(&self) -> impl Iterator<Item = &PageSection> {
        // A page without a script has none: other pages have `json` and `diff` blocks, too.
        let is_page = self.sections.iter().any(transcript::has_input);
        self.sections.iter().filter(move |it| is_page && it.is_test())
    }

    /// Carries out all of its tests.
    pub fn run(&self, host: &TestHost) -> Vec<TestResult> {
        self.tests().map(|it| it.run(host)).collect()
    }

    /// The page's text with what came in the place of what it says; none, where that is the same.
    pub fn blessed(&self, results: &[TestResult]) -> Option<String> {
        let failures = results.iter().flat_map(|it| &it.failures);
        let mut edits: Vec<_> =
            failures.filter_map(|it| it.difference.as_ref()?.edit.as_ref()).collect();
        edits.sort_by_key(|(range, _)| range.start);
        let mut text = self.text.clone();
        // The last first, so that those before keep their place.
        for (range, answer) in edits.iter().rev() {
            text.replace_range(range.clone(), answer);
        }
        (text != self.text).then_some(text)
    }
}

impl PageSection {
    /// Carries it out on a database of its own, in memory.
    pub fn run(&self, host: &TestHost) -> TestResult {
        transcript::run(self, host)
    }
}

impl TestFailure {
    /// Whether what came can stand in the page.
    pub fn can_be_blessed(&self) -> bool {
        self.difference.as_ref().is_some_and(|it| it.edit.is_some())
    }

    /// What is wrong with an answer; nothing, where it is what came.
    fn of(answer: &Answer, block: &PageBlock, actual: &str) -> Option<Self> {
        let (expected, actual) =
            (transcript::normal(answer, &block.text), transcript::normal(answer, actual));
        if expected == actual {
            return None;
        }
        let stands = !actual.lines().any(|it| it.trim_start().starts_with(&block.fence));
        let message = if stands {
            format!("what came is not what `{}` says", block.info)
        } else {
            "the answer holds a fence: give this block longer ones, of four backticks".to_owned()
        };
        let edit = stands.then(|| (block.range.clone(), block.indented(&actual)));
        let difference = TestDifference { expected, actual, edit };
        Some(Self { line: block.line, message, difference: Some(difference) })
    }
}

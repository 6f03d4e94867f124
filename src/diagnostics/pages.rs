//! The long story of each code: docs/errors, in the binary. A code without a page doesn't compile.

use super::{CheckProblem, LoadProblem, Loss, PlanProblem, RunProblem, SyntaxProblem};
use std::sync::LazyLock;

/// A page of docs/errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// `E0202`
    pub code: &'static str,
    /// The page, in Markdown.
    pub text: &'static str,
}

impl Page {
    /// What its first heading says, the code left out.
    pub fn title(&self) -> &'static str {
        let heading = self.text.lines().find_map(|it| it.strip_prefix("# "));
        let title = heading.unwrap_or_default().trim();
        let title = title.strip_prefix(self.code).unwrap_or(title);
        title.trim_start_matches([':', ' ', '–', '—', '-'])
    }
}

/// All pages, in the order of their codes.
pub fn pages() -> &'static [Page] {
    static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
        let stages = [
            SyntaxProblem::PAGES,
            LoadProblem::PAGES,
            CheckProblem::PAGES,
            PlanProblem::PAGES,
            RunProblem::PAGES,
            Loss::PAGES,
        ];
        let mut pages = stages.concat();
        pages.sort_by_key(|it| it.code);
        pages
    });
    &PAGES
}

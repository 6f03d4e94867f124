//! The long story of each code: docs/errors, in the binary.

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

/// The pages of these codes, in order; tests/tidy.rs sees to it that all are there.
macro_rules! pages {
    ($($code:literal)*) => {
        &[$(Page { code: $code, text: include_str!(concat!("../../docs/errors/", $code, ".md")) }),*]
    };
}

/// All pages, in the order of their codes.
pub const fn pages() -> &'static [Page] {
    pages![]
}

//! A piece of SQL.

use std::fmt;
use std::ops::Deref;

/// A piece of SQL as it is written, and in the one spelling by which two are compared.
///
/// ```
/// use relata::catalog::Fragment;
/// assert_eq!(Fragment::new("[Age]>=0", "age >= 0"), Fragment::new("age >= 0", "age >= 0"));
/// ```
#[derive(Debug, Clone, Default, Eq)]
pub struct Fragment {
    text: String,
    plain: String,
}

impl Fragment {
    /// What is written, and the spelling that it shares with others of its meaning.
    pub fn new(text: impl Into<String>, plain: impl Into<String>) -> Self {
        Self { text: text.into(), plain: plain.into() }
    }

    /// The spelling that it shares with others.
    pub fn normalized(&self) -> &str {
        &self.plain
    }
}

impl PartialEq for Fragment {
    fn eq(&self, other: &Self) -> bool {
        self.plain == other.plain
    }
}

impl Deref for Fragment {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

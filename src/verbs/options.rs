//! Options: their names and what they take.

/// An option of a verb, an attribute or an object.
#[derive(Debug, PartialEq, Eq)]
pub struct Opt {
    /// How it is written.
    pub name: &'static str,
    /// What it takes, in words.
    pub takes: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
}

/// A row of an option table.
pub(super) const fn opt(name: &'static str, takes: &'static str, summary: &'static str) -> Opt {
    Opt { name, takes, summary }
}

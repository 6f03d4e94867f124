//! What foreign keys say.

/// What foreign keys say of the rows that are there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyViolations {
    /// How many rows refer to nothing.
    pub rows: u64,
    /// The tables with a key that can't be followed, in order: it refers to columns that aren't unique, or aren't there.
    pub broken: Vec<String>,
}

impl KeyViolations {
    /// What is wrong and was not before.
    ///
    /// ```
    /// use relata::db::{KeyViolations, NewViolation};
    ///
    /// let before = KeyViolations { rows: 1, broken: vec!["Old".to_owned()] };
    /// assert_eq!(before.since(&before), None);
    /// let after = KeyViolations { rows: 3, ..before.clone() };
    /// assert_eq!(after.since(&before), Some(NewViolation::Orphans(2)));
    /// ```
    pub fn since(&self, before: &Self) -> Option<NewViolation> {
        let new = |it: &&String| !before.broken.contains(it);
        if let Some(table) = self.broken.iter().find(new) {
            return Some(NewViolation::NotUnique(table.clone()));
        }
        let rows = self.rows.saturating_sub(before.rows);
        (rows > 0).then_some(NewViolation::Orphans(rows))
    }
}

/// What foreign keys say of the rows, and didn't before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewViolation {
    /// So many rows refer to nothing.
    Orphans(u64),
    /// A key of this table refers to columns that aren't unique.
    NotUnique(String),
}

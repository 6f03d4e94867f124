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
    /// What is wrong and was not before, in words.
    ///
    /// ```
    /// use relata::db::KeyViolations;
    ///
    /// let before = KeyViolations { rows: 1, broken: vec!["Old".to_owned()] };
    /// assert_eq!(before.since(&before), None);
    /// let after = KeyViolations { rows: 3, ..before.clone() };
    /// assert_eq!(after.since(&before), Some("2 rows would refer to nothing".to_owned()));
    /// ```
    pub fn since(&self, before: &Self) -> Option<String> {
        let new = |it: &&String| !before.broken.contains(it);
        if let Some(table) = self.broken.iter().find(new) {
            return Some(format!(
                "a foreign key of `{table}` would refer to columns that aren't unique"
            ));
        }
        match self.rows.saturating_sub(before.rows) {
            0 => None,
            1 => Some("1 row would refer to nothing".to_owned()),
            rows => Some(format!("{rows} rows would refer to nothing")),
        }
    }
}

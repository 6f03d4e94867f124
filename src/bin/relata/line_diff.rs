//! How two texts differ, line by line.

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::udiff::UnifiedHunkHeader;
use similar::{Change, DiffOp, group_diff_ops};
use std::fmt::Write as _;
use std::ops::Range;
use std::time::{Duration, Instant};

/// The lines of two texts, and what makes the one into the other. (`similar::TextDiff` does the same, but brings all
/// algorithms along: 0.4 MB of the program.)
pub(crate) struct LineDiff<'a> {
    old: Vec<&'a str>,
    new: Vec<&'a str>,
    operations: Vec<DiffOp>,
}

impl<'a> LineDiff<'a> {
    /// Compares two texts. Behind `limit` it ends with what has been found by then, which is right, but not the least.
    pub(crate) fn new(old: &'a str, new: &'a str, limit: Option<Duration>) -> Self {
        let old: Vec<&str> = old.split_inclusive('\n').collect();
        let new: Vec<&str> = new.split_inclusive('\n').collect();
        let deadline = limit.and_then(|it| Instant::now().checked_add(it));
        let mut hook = Compact::new(Replace::new(Capture::new()), &old, &new);
        let (olds, news) = (0..old.len(), 0..new.len());
        let Ok(()) = myers::diff_deadline(&mut hook, &old, olds, &new, news, deadline);
        let operations = hook.into_inner().into_inner().into_ops();
        Self { old, new, operations }
    }

    /// The changed places: the bytes of the old text, and what stands there in the new one.
    pub(crate) fn replacements(&self) -> impl Iterator<Item = (Range<usize>, String)> {
        let mut at = 0;
        self.operations.iter().filter_map(move |operation| {
            let lines =
                |all: &[&str], range: Range<usize>| all.get(range).unwrap_or_default().concat();
            let start = at;
            at += lines(&self.old, operation.old_range()).len();
            let changed = !matches!(operation, DiffOp::Equal { .. });
            changed.then(|| (start..at, lines(&self.new, operation.new_range())))
        })
    }

    /// The changed places with so many lines around them.
    fn groups(&self, context: usize) -> Vec<Vec<DiffOp>> {
        group_diff_ops(self.operations.clone(), context)
    }

    /// The lines of the changed places, with so many lines around them.
    pub(crate) fn hunks(&self, context: usize) -> Vec<Vec<Change<&'a str>>> {
        let lines = |group: Vec<DiffOp>| -> Vec<Change<&'a str>> {
            group.iter().flat_map(|it| it.iter_changes(&self.old, &self.new)).collect()
        };
        self.groups(context).into_iter().map(lines).collect()
    }

    /// As `diff -u` shows it, with so many lines around each change.
    pub(crate) fn unified(&self, context: usize, old: &str, new: &str) -> String {
        let mut text = String::new();
        if !self.groups(context).is_empty() {
            let _ = writeln!(text, "--- {old}\n+++ {new}");
        }
        for group in self.groups(context) {
            let _ = writeln!(text, "{}", UnifiedHunkHeader::new(&group));
            for change in group.iter().flat_map(|it| it.iter_changes(&self.old, &self.new)) {
                let (sign, line) = (change.tag(), change.value());
                let _ = write!(text, "{sign}{line}");
                if !line.ends_with('\n') {
                    text.push_str("\n\\ No newline at end of file\n");
                }
            }
        }
        text
    }
}

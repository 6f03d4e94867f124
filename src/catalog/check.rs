//! Checks, and which of a table's is which of a script's.

use super::{Fragment, Name};
use crate::words::same_name;

/// A `CHECK`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckConstraint {
    /// Its name.
    pub name: Option<String>,
    /// What is between its brackets.
    pub condition: Fragment,
    /// The place of the column that it is written at.
    pub column: Option<usize>,
    /// The names in it.
    pub names: Vec<Name>,
    /// The column of which it lists the values: `(status IN ('a', 'b'))`.
    pub lists: Option<Name>,
    /// What else it says, in one spelling.
    pub more: String,
}

impl CheckConstraint {
    /// What it says, in brackets.
    pub fn text(&self) -> String {
        format!("({})", self.condition)
    }

    /// Whether it says something of that column.
    pub fn has_name(&self, column: &str) -> bool {
        self.names.iter().any(|it| it == column)
    }

    /// Whether two of them are called the same, whatever they say.
    fn has_name_of(&self, other: &Self) -> bool {
        let names = self.name.as_ref().zip(other.name.as_ref());
        names.is_some_and(|(a, b)| same_name(a, b))
    }

    /// Whether its name is one that somebody gave it. That of a check at a column of Relata's own statements is none: an enumeration's
    /// comes by itself.
    const fn is_named(&self) -> bool {
        self.name.is_some() && self.column.is_none()
    }
}

/// Whether a check that is there may be one of a script's that says the same.
type ChecksMatch = fn(&CheckConstraint, &CheckConstraint) -> bool;

/// For each check that is there, the place of the one among those desired that it is: each is one, and two equal ones are two. One
/// without a name may be any that says the same.
///
/// ```
/// use relata::catalog::{CheckConstraint, Fragment, same_checks};
/// let check = |name: Option<&str>| CheckConstraint {
///     name: name.map(str::to_owned),
///     condition: Fragment::new("h>=0", "h >= 0"),
///     ..CheckConstraint::default()
/// };
/// let (unnamed, named, other) = (check(None), check(Some("c")), check(Some("d")));
/// assert_eq!(same_checks(&[&unnamed, &named], &[&named]), [None, Some(0)]);
/// assert_eq!(same_checks(&[&unnamed], &[&named]), [Some(0)]);
/// assert_eq!(same_checks(&[&named], &[&other]), [None]);
/// ```
pub fn same_checks(
    current: &[&CheckConstraint],
    desired: &[&CheckConstraint],
) -> Vec<Option<usize>> {
    let mut res = vec![None; current.len()];
    let mut left: Vec<usize> = (0..desired.len()).collect();
    let fits: [ChecksMatch; 3] = [
        |current, desired| current.has_name_of(desired),
        |current, desired| current.name.is_none() && !desired.is_named(),
        |current, desired| current.name.is_none() || !desired.is_named(),
    ];
    for fits in fits {
        for (check, found) in current.iter().zip(&mut res) {
            if found.is_some() {
                continue;
            }
            let at = left.iter().position(|at| {
                let other = desired.get(*at);
                other.is_some_and(|it| it.condition == check.condition && fits(check, it))
            });
            *found = at.map(|at| left.remove(at));
        }
    }
    res
}

//! Which check of a table is which of a script.

/// A check: what it is called, and what it says in one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub name: Option<String>,
    /// What it says.
    pub text: String,
    /// Whether its name is one that somebody gave it. That of a check at a column of Relata's own statements is none: an
    /// enumeration's comes by itself.
    pub is_named: bool,
}

impl Check {
    /// Whether two of them are called the same, whatever they say.
    fn has_name_of(&self, other: &Self) -> bool {
        let names = self.name.as_ref().zip(other.name.as_ref());
        names.is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
    }
}

/// Whether a check that is there may be one of a script's that says the same.
type Fits = fn(&Check, &Check) -> bool;

/// For each check that is there, the place of the one among `said` that it is: each is one, and two equal ones are two. One without a name
/// may be any that says the same.
///
/// ```
/// use relata::stored::{Check, same_checks};
/// let check = |name: Option<&str>| Check { name: name.map(str::to_owned), text: "h >= 0".to_owned(), is_named: name.is_some() };
/// let (inline, named) = (check(None), check(Some("c")));
/// assert_eq!(same_checks(&[inline.clone(), named.clone()], &[named.clone()]), [None, Some(0)]);
/// assert_eq!(same_checks(&[inline.clone()], &[named.clone()]), [Some(0)]);
/// assert_eq!(same_checks(&[named.clone()], &[check(Some("d"))]), [None]);
/// ```
pub fn same_checks(there: &[Check], said: &[Check]) -> Vec<Option<usize>> {
    let mut res = vec![None; there.len()];
    let mut left: Vec<usize> = (0..said.len()).collect();
    let fits: [Fits; 3] = [
        |is, said| is.has_name_of(said),
        |is, said| is.name.is_none() && !said.is_named,
        |is, said| is.name.is_none() || !said.is_named,
    ];
    for fits in fits {
        for (it, found) in there.iter().zip(&mut res) {
            if found.is_some() {
                continue;
            }
            let at = left.iter().position(|at| {
                let other = said.get(*at);
                other.is_some_and(|other| other.text == it.text && fits(it, other))
            });
            *found = at.map(|at| left.remove(at));
        }
    }
    res
}

//! Names, as a database takes them.

use crate::words::same_name;
use smol_str::SmolStr;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// A name in a database: two that differ in the case of their letters only are one.
#[derive(Debug, Clone, Default)]
pub struct Name(SmolStr);

/// A name that is lent: what is found by it is found as by a [`Name`].
///
/// ```
/// use relata::catalog::NameRef;
/// assert_eq!(NameRef("Users"), NameRef("USERS"));
/// assert!(NameRef("a") < NameRef("B") && NameRef("ä") != NameRef("Ä"));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct NameRef<'n>(pub &'n str);

impl NameRef<'_> {
    fn letters(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().map(|it| it.to_ascii_lowercase())
    }
}

impl PartialEq for NameRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        same_name(self.0, other.0)
    }
}

impl Eq for NameRef<'_> {}

impl PartialOrd for NameRef<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for NameRef<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.letters().cmp(other.letters())
    }
}

impl Hash for NameRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // By the piece: a hash of each letter alone costs far more.
        let mut piece = [0; 32];
        for letters in self.0.as_bytes().chunks(piece.len()) {
            for (place, letter) in piece.iter_mut().zip(letters) {
                *place = letter.to_ascii_lowercase();
            }
            state.write(piece.get(..letters.len()).unwrap_or_default());
        }
        state.write_u8(0xff);
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        same_name(&self.0, other)
    }
}

impl Name {
    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl From<&String> for Name {
    fn from(name: &String) -> Self {
        Self(name.into())
    }
}

impl From<&SmolStr> for Name {
    fn from(name: &SmolStr) -> Self {
        Self(name.clone())
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        same_name(&self.0, &other.0)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        NameRef(&self.0).hash(state);
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        NameRef(&self.0).cmp(&NameRef(&other.0))
    }
}

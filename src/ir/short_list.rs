//! Lists that have one member nearly always, such as the columns of a key.

use std::ops::{Deref, DerefMut};

/// A list in which one member alone needs no room of its own.
#[derive(Debug, Clone, Eq)]
pub enum ShortList<T> {
    /// One member.
    One([T; 1]),
    /// None, or several.
    Other(Box<[T]>),
}

impl<T> ShortList<T> {
    /// Its members.
    pub fn as_slice(&self) -> &[T] {
        self
    }
}

impl<T> Default for ShortList<T> {
    fn default() -> Self {
        Self::Other(Box::default())
    }
}

impl<T> Deref for ShortList<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::One(it) => it,
            Self::Other(it) => it,
        }
    }
}

impl<T> DerefMut for ShortList<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Self::One(it) => it,
            Self::Other(it) => it,
        }
    }
}

impl<T: PartialEq> PartialEq for ShortList<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: PartialEq, const N: usize> PartialEq<[T; N]> for ShortList<T> {
    fn eq(&self, other: &[T; N]) -> bool {
        **self == *other
    }
}

impl<T: PartialEq> PartialEq<Vec<T>> for ShortList<T> {
    fn eq(&self, other: &Vec<T>) -> bool {
        **self == **other
    }
}

impl<T> FromIterator<T> for ShortList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        let mut members = members.into_iter();
        let Some(first) = members.next() else { return Self::default() };
        let Some(second) = members.next() else { return Self::One([first]) };
        let mut all = vec![first, second];
        for member in members {
            all.push(member);
        }
        Self::Other(all.into())
    }
}

impl<T> From<Vec<T>> for ShortList<T> {
    fn from(members: Vec<T>) -> Self {
        members.into_iter().collect()
    }
}

impl<'a, T> IntoIterator for &'a ShortList<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_what_it_is_made_of() {
        for members in [vec![], vec![1_u32], vec![1, 2], vec![3, 2, 1]] {
            let list: ShortList<u32> = members.iter().copied().collect();
            assert_eq!(*list, *members);
            assert_eq!(list, ShortList::from(members.clone()));
            assert_eq!(list.into_iter().count(), members.len());
        }
    }

    #[test]
    fn one_member_needs_no_room_of_its_own() {
        assert_eq!(size_of::<ShortList<u32>>(), size_of::<Box<[u32]>>());
    }
}

//! By which keys rows of a list are told apart, and where each of them is.

use crate::plan::{Collation, KeyColumn};
use crate::value::Value;
use smol_str::SmolStr;
use std::collections::HashMap;

/// A key, so that equal keys are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum RowKey {
    Integer(i64),
    Float(u64),
    Text(SmolStr),
    Blob(Box<[u8]>),
    /// Of several columns.
    Several(Box<[RowKey]>),
}

impl RowKey {
    /// The key that a row has in these columns; where one of them is null, it has none.
    pub(super) fn of<'v>(
        columns: &[KeyColumn],
        value: impl Fn(&KeyColumn) -> Option<&'v Value>,
    ) -> Option<Self> {
        if let [one] = columns {
            return Self::of_value(value(one)?, one.fold);
        }
        let each = columns.iter().map(|it| Self::of_value(value(it)?, it.fold));
        each.collect::<Option<_>>().map(Self::Several)
    }

    /// The key that a value is; null is none.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "only a float that is a whole number in range is taken for one"
    )]
    fn of_value(value: &Value, fold: Collation) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(it) => Self::Integer(i64::from(*it)),
            Value::Integer(it) => Self::Integer(*it),
            Value::Float(it) if it.fract() == 0.0 && it.abs() < 9e18 => Self::Integer(*it as i64),
            Value::Float(it) => Self::Float(it.to_bits()),
            Value::Decimal(it) | Value::Text(it) | Value::Date(it) | Value::Json(it) => {
                Self::Text(match fold {
                    Collation::Exact => it.clone(),
                    Collation::Case => it.to_ascii_lowercase().into(),
                    Collation::End => it.trim_end_matches(' ').into(),
                })
            }
            Value::Blob(it) => Self::Blob(it.clone()),
        })
    }
}

/// The places of keys, in the order in which they came.
#[derive(Debug)]
pub(super) enum KeyPlaces {
    /// Numbers, each larger than those before it: as numbers of rows mostly are.
    Rising(Vec<i64>),
    Any(HashMap<RowKey, usize>),
}

impl Default for KeyPlaces {
    fn default() -> Self {
        Self::Rising(Vec::new())
    }
}

impl KeyPlaces {
    /// The place of a key.
    pub(super) fn of(&self, key: &RowKey) -> Option<usize> {
        match (self, key) {
            (Self::Rising(numbers), RowKey::Integer(number)) => {
                // Where none is left out, its place can be counted.
                let behind = numbers.first().map_or(0, |it| number.abs_diff(*it));
                let counted = usize::try_from(behind).unwrap_or(usize::MAX);
                if numbers.get(counted) == Some(number) {
                    return Some(counted);
                }
                let place = numbers.partition_point(|it| it < number);
                (numbers.get(place) == Some(number)).then_some(place)
            }
            (Self::Rising(_), _) => None,
            (Self::Any(places), key) => places.get(key).copied(),
        }
    }

    /// Adds a key; whether it is a new one.
    pub(super) fn add(&mut self, key: RowKey) -> bool {
        if self.of(&key).is_some() {
            return false;
        }
        match (&mut *self, key) {
            (Self::Rising(numbers), RowKey::Integer(number))
                if numbers.last().is_none_or(|it| *it < number) =>
            {
                numbers.push(number);
            }
            (Self::Rising(numbers), key) => {
                let keys = numbers.drain(..).map(RowKey::Integer).chain([key]);
                *self = Self::Any(keys.zip(0..).collect());
            }
            (Self::Any(places), key) => {
                let place = places.len();
                places.insert(key, place);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[Value], new: &[bool]) {
        let mut places = KeyPlaces::default();
        let key = |it: &Value| RowKey::of_value(it, Collation::Exact).unwrap();
        let added: Vec<bool> = values.iter().map(|it| places.add(key(it))).collect();
        assert_eq!(added, new);
        let each = values.iter().zip(new).filter(|(_, new)| **new);
        for (place, (value, _)) in each.enumerate() {
            assert_eq!(places.of(&key(value)), Some(place), "{value:?}");
        }
        for other in [Value::Integer(-1), Value::Integer(6), Value::Text("5".into())] {
            assert_eq!(places.of(&key(&other)), None, "{other:?}");
        }
    }

    #[test]
    fn each_key_has_its_place_in_whatever_order_they_come() {
        let numbers = |all: &[i64]| all.iter().map(|it| Value::Integer(*it)).collect::<Vec<_>>();
        check(&numbers(&[]), &[]);
        check(&numbers(&[3, 4, 5, 5]), &[true, true, true, false]);
        check(&numbers(&[3, 5, 7, i64::MAX, 5]), &[true, true, true, true, false]);
        check(&numbers(&[i64::MIN, 9, 3, 9, 4]), &[true, true, true, false, true]);
        check(
            &[Value::Integer(5), Value::Text("a".into()), Value::Float(5.0)],
            &[true, true, false],
        );
    }
}

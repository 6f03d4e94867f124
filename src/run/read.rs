//! What sentences yield as a program's own types, by serde.

use super::Yield;
use crate::record::{Part, ReadError};
use crate::value::Value;
use serde::de::DeserializeOwned;

impl Yield {
    /// What came of the sentence, as a type of the program's: a row as a struct or (where there may be none) an `Option`
    /// of one, rows as a `Vec`, a count or a value as itself; `findOrCreate` and `upsert` as `(row, bool)`,
    /// `findAndCountAll` as `(u64, Vec<row>)`. What fits which type says [`Record::read`](crate::record::Record::read).
    ///
    /// # Errors
    /// Where a member is missing or doesn't fit, which the error names; and where the sentence failed.
    ///
    /// ```
    /// use relata::run::Yield;
    /// use relata::value::Value;
    /// assert_eq!(Yield::Value(Value::Integer(7)).read::<u8>()?, 7);
    /// assert_eq!(Yield::Row(None).read::<Option<(u8, u8)>>()?, None);
    /// # Ok::<(), relata::record::ReadError>(())
    /// ```
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ReadError> {
        T::deserialize(match self {
            Self::Ddl(statements) => Part::Texts(statements),
            Self::Value(value) => Part::Value(value),
            Self::Row(Some(row)) => Part::Record(row),
            Self::Row(None) => Part::Value(&Value::Null),
            Self::Rows(rows) => Part::Records(rows),
            Self::List(values) => Part::Values(values),
            Self::Count(count) => Part::Number(*count),
            Self::Pair(row, made) => {
                return T::deserialize(Part::Both(&Part::Record(row), &Part::Flag(*made)));
            }
            Self::Page(count, rows) => {
                return T::deserialize(Part::Both(&Part::Number(*count), &Part::Records(rows)));
            }
            Self::Failed(problem) => {
                return Err(ReadError {
                    path: String::new(),
                    message: format!("the sentence failed: {problem}"),
                });
            }
        })
    }
}

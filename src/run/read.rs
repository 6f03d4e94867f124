//! What sentences yield as a program's own types, by serde.

use super::Yield;
use crate::record::{ReadError, RecordPart};
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
            Self::Ddl(statements) => RecordPart::Texts(statements),
            Self::Value(value) => RecordPart::Value(value),
            Self::Row(Some(row)) => RecordPart::Record(row),
            Self::Row(None) => RecordPart::Value(&Value::Null),
            Self::Rows(rows) => RecordPart::Records(rows),
            Self::List(values) => RecordPart::Values(values),
            Self::Count(count) => RecordPart::Number(*count),
            Self::Pair(row, made) => {
                return T::deserialize(RecordPart::Both(
                    &RecordPart::Record(row),
                    &RecordPart::Flag(*made),
                ));
            }
            Self::Page(count, rows) => {
                return T::deserialize(RecordPart::Both(
                    &RecordPart::Number(*count),
                    &RecordPart::Records(rows),
                ));
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

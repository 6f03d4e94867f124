//! Rows as a program's own structs, by serde: what [`Record::read`] and `Yield::read` do.
//!
//! Invariant: nothing is lost on the way. A number that doesn't fit the field is an error, never a rounded one.

use super::{Item, Record};
use crate::ir::{iso, milliseconds};
use crate::value::{Value, moment};
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use smol_str::SmolStr;
use std::fmt::Display;

/// Why a row doesn't fit a struct.
///
/// ```
/// use relata::record::{Item, Record};
/// use relata::value::Value;
/// let row = Record::new(["age".into()].into(), vec![Item::Value(Value::Text("old".into()))]);
/// let found = row.read::<std::collections::BTreeMap<String, u8>>().unwrap_err();
/// assert_eq!(found.to_string(), "`age`: invalid type: string \"old\", expected u8");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", shown(.path))]
pub struct ReadError {
    /// The way to the member from the outermost row: `posts[1].title`. Empty where it is about that row itself.
    pub path: String,
    /// What doesn't fit.
    pub message: String,
}

fn shown(path: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    format!("`{path}`: ")
}

impl ReadError {
    /// The same error, seen from one step further out.
    fn within(mut self, step: &str) -> Self {
        let ends = self.path.is_empty() || self.path.starts_with('[');
        let joint = if ends { "" } else { "." };
        self.path = format!("{step}{joint}{}", self.path);
        self
    }
}

impl de::Error for ReadError {
    fn custom<T: Display>(message: T) -> Self {
        Self { path: String::new(), message: message.to_string() }
    }
}

impl Record {
    /// The row as a struct of the program's: members go by their names, the row of a to-one association fits an `Option`
    /// of a struct, the rows of a to-many one a `Vec`.
    ///
    /// | value | fits |
    /// |---|---|
    /// | an integer | integer types that it lies in, exactly, beyond 2^53 too; `f64`; 0 and 1 fit `bool` |
    /// | DECIMAL | `String`, with its scale's digits, and types that read such; `f64`; an integer type, if it is whole |
    /// | DATE | `String`, `2022-01-16T12:00:00.000Z`, and types that read such; `i64`: milliseconds since 1970 |
    /// | DATEONLY, TIME, UUID | `String`, and types that read such |
    /// | ENUM | `String`, or an enum whose variants have those names |
    /// | BLOB | `Vec<u8>`, and types that read bytes |
    /// | JSON | whatever its document fits; a `String` gets the document's text |
    ///
    /// # Errors
    /// Where a member is missing or doesn't fit; the error says which.
    ///
    /// ```
    /// use relata::record::{Item, Record};
    /// use relata::value::Value;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct User {
    ///     id: i64,
    ///     name: Option<String>,
    /// }
    ///
    /// let items = vec![Item::Value(Value::Integer(7)), Item::Value(Value::Null)];
    /// let user: User = Record::new(["id".into(), "name".into()].into(), items).read()?;
    /// assert_eq!((user.id, user.name), (7, None));
    /// # Ok::<(), relata::record::ReadError>(())
    /// ```
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ReadError> {
        T::deserialize(RecordPart::Record(self))
    }
}

/// What is read: of an outcome, of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RecordPart<'a> {
    Value(&'a Value),
    Record(&'a Record),
    Records(&'a [Record]),
    Values(&'a [Value]),
    Texts(&'a [String]),
    Number(u64),
    Flag(bool),
    Both(&'a RecordPart<'a>, &'a RecordPart<'a>),
}

impl<'a> RecordPart<'a> {
    fn of(item: &'a Item) -> Self {
        match item {
            Item::Value(it) => Self::Value(it),
            Item::Record(it) => Self::Record(it),
            Item::List(it) => Self::Records(it),
        }
    }

    /// The whole number that it is without loss.
    fn whole(self) -> Option<i128> {
        match self {
            Self::Value(Value::Integer(it)) => Some(i128::from(*it)),
            Self::Value(Value::Date(it)) => milliseconds(it).map(i128::from),
            Self::Value(Value::Decimal(it)) => match it.split_once('.') {
                Some((whole, rest)) if rest.bytes().all(|it| it == b'0') => whole.parse().ok(),
                Some(_) => None,
                None => it.parse().ok(),
            },
            Self::Number(it) => Some(i128::from(it)),
            _ => None,
        }
    }

    fn visit_whole<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let Some(whole) = self.whole() else {
            return de::Deserializer::deserialize_any(self, visitor);
        };
        match (i64::try_from(whole), u64::try_from(whole)) {
            (Ok(it), _) => visitor.visit_i64(it),
            (_, Ok(it)) => visitor.visit_u64(it),
            (Err(_), Err(_)) => visitor.visit_i128(whole),
        }
    }

    fn visit_float<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if let Self::Value(Value::Decimal(it)) = self
            && let Ok(number) = it.parse()
        {
            return visitor.visit_f64(number);
        }
        de::Deserializer::deserialize_any(self, visitor)
    }

    /// The text of a document.
    fn document(self) -> Option<&'a str> {
        match self {
            Self::Value(Value::Json(it)) => Some(it),
            _ => None,
        }
    }
}

/// Number types that are asked for, and what finds a number for them.
macro_rules! numbers {
    ($find:ident: $($name:ident)*) => {
        $(fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
            match self.document() {
                Some(it) => document(it, |it| it.$name(visitor)),
                None => self.$find(visitor),
            }
        })*
    };
}

impl<'de> de::Deserializer<'de> for RecordPart<'_> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self {
            Self::Value(value) => match value {
                Value::Null => visitor.visit_unit(),
                Value::Bool(it) => visitor.visit_bool(*it),
                Value::Integer(it) => visitor.visit_i64(*it),
                Value::Float(it) => visitor.visit_f64(*it),
                Value::Decimal(it) | Value::Text(it) => visitor.visit_str(it),
                Value::Date(it) => visitor.visit_str(&iso(moment(it).as_ref().unwrap_or(it))),
                Value::Blob(it) => visitor.visit_bytes(it),
                Value::Json(it) => document(it, |it| it.deserialize_any(visitor)),
            },
            Self::Record(it) => visitor.visit_map(MemberReader::of(it)),
            Self::Records(it) => visitor.visit_seq(Elements::of(it.iter().map(RecordPart::Record))),
            Self::Values(it) => visitor.visit_seq(Elements::of(it.iter().map(RecordPart::Value))),
            Self::Texts(it) => {
                let texts = it.iter().map(String::as_str);
                visitor.visit_seq(de::value::SeqDeserializer::new(texts))
            }
            Self::Number(it) => visitor.visit_u64(it),
            Self::Flag(it) => visitor.visit_bool(it),
            Self::Both(first, second) => {
                visitor.visit_seq(Elements::of([*first, *second].into_iter()))
            }
        }
    }

    numbers!(visit_whole: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128);
    numbers!(visit_float: deserialize_f32 deserialize_f64);

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self {
            // What an expression says: SQLite has no booleans.
            Self::Value(Value::Integer(it @ (0 | 1))) => visitor.visit_bool(*it == 1),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.document() {
            Some(it) => visitor.visit_str(it),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self {
            Self::Value(Value::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self {
            Self::Value(Value::Blob(it)) => {
                visitor.visit_seq(de::value::SeqDeserializer::new(it.iter().copied()))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        if let Some(it) = self.document() {
            return document(it, |it| it.deserialize_enum(name, variants, visitor));
        }
        match self {
            Self::Value(Value::Text(it)) => {
                let text: StrDeserializer<'_, ReadError> = it.as_str().into_deserializer();
                text.deserialize_enum(name, variants, visitor)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        char bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier
    }
}

/// `serde_json`'s reader of a text that doesn't outlive it.
type Document<'a> = serde_json::Deserializer<serde_json::de::IoRead<&'a [u8]>>;

/// Reads a document.
fn document<T>(
    text: &str,
    read: impl FnOnce(&mut Document<'_>) -> serde_json::Result<T>,
) -> Result<T, ReadError> {
    read(&mut Document::from_reader(text.as_bytes())).map_err(de::Error::custom)
}

/// The members of a row.
struct MemberReader<'a> {
    names: std::slice::Iter<'a, SmolStr>,
    items: std::slice::Iter<'a, Item>,
    name: &'a str,
}

impl<'a> MemberReader<'a> {
    fn of(record: &'a Record) -> Self {
        Self { names: record.names.iter(), items: record.items.iter(), name: "" }
    }
}

impl<'de> de::MapAccess<'de> for MemberReader<'_> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ReadError> {
        let Some(name) = self.names.next() else {
            return Ok(None);
        };
        self.name = name;
        let key: StrDeserializer<'_, ReadError> = self.name.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let item = self.items.next();
        let read = seed.deserialize(item.map_or(RecordPart::Value(&Value::Null), RecordPart::of));
        read.map_err(|it| it.within(self.name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// Parts of a sequence, and how many have gone.
struct Elements<I> {
    parts: I,
    place: usize,
}

impl<I> Elements<I> {
    const fn of(parts: I) -> Self {
        Self { parts, place: 0 }
    }
}

impl<'a, 'de, I: Iterator<Item = RecordPart<'a>>> de::SeqAccess<'de> for Elements<I> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ReadError> {
        let Some(part) = self.parts.next() else {
            return Ok(None);
        };
        let place = self.place;
        self.place += 1;
        let read = seed.deserialize(part).map(Some);
        read.map_err(|it| it.within(&format!("[{place}]")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.parts.size_hint().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::fmt::Debug;

    #[track_caller]
    fn check<T: DeserializeOwned + PartialEq + Debug>(value: &Value, expected: &T) {
        let found = T::deserialize(RecordPart::Value(value));
        assert_eq!(found.as_ref(), Ok(expected), "{value:?}");
    }

    #[track_caller]
    fn refused<T: DeserializeOwned + Debug>(value: &Value, expected: &str) {
        let found = T::deserialize(RecordPart::Value(value)).unwrap_err();
        assert_eq!(found.to_string(), expected, "{value:?}");
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Role {
        Admin,
        Clerk,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Key(i64);

    #[test]
    fn values_fit_the_types_that_hold_them() {
        let decimal = |it: &str| Value::Decimal(it.into());
        let json = |it: &str| Value::Json(it.into());
        let noon = Value::Date("2022-01-16 12:00:00.000 +00:00".into());
        check(&Value::Integer(i64::MAX), &i64::MAX);
        check(&Value::Integer((1 << 53) + 1), &9_007_199_254_740_993_u64);
        check(&Value::Integer(7), &7.0);
        check(&Value::Integer(7), &Key(7));
        check(&Value::Integer(1), &true);
        check(&Value::Null, &None::<i64>);
        check(&decimal("12.30"), &"12.30".to_owned());
        check(&decimal("12.30"), &12.3);
        check(&decimal("12.00"), &12_u8);
        check(&noon, &"2022-01-16T12:00:00.000Z".to_owned());
        check(&noon, &1_642_334_400_000_i64);
        check(&Value::Text("clerk".into()), &Role::Clerk);
        check(&Value::Text("x".into()), &'x');
        check(&Value::Blob([0, 255].into()), &vec![0_u8, 255]);
        check(&json("[1,null]"), &vec![Some(1), None]);
        check(&json("[1,null]"), &"[1,null]".to_owned());
        check(&json("12"), &12);
        check(&json("\"admin\""), &Role::Admin);
    }

    #[test]
    fn what_would_be_lost_is_refused() {
        refused::<u8>(&Value::Integer(256), "invalid value: integer `256`, expected u8");
        refused::<u64>(&Value::Integer(-1), "invalid value: integer `-1`, expected u64");
        refused::<i64>(
            &Value::Decimal("12.30".into()),
            "invalid type: string \"12.30\", expected i64",
        );
        refused::<i64>(&Value::Null, "invalid type: unit value, expected i64");
        refused::<bool>(&Value::Integer(2), "invalid type: integer `2`, expected a boolean");
        refused::<Role>(
            &Value::Text("owner".into()),
            "unknown variant `owner`, expected `admin` or `clerk`",
        );
    }
}

//! What a row holds and a script writes.

mod control;
pub(crate) mod forms;
mod json;
mod moment;
mod parsed;
mod pattern;

pub use control::{escape_json, escaped_json, is_control};
pub(crate) use json::{is_plain_json, json_escape};
pub use json::{write_json_document, write_json_text};
pub use moment::{is_stored_moment, milliseconds, moment, moment_of};
pub(crate) use parsed::date_parse;
pub use pattern::{Pattern, Patterns};

use smol_str::SmolStr;

/// A value, as Relata knows it: what a script writes as a literal, and what a row's attribute holds.
///
/// ```
/// use relata::Value;
///
/// assert_eq!(Value::from("Ann"), Value::Text("Ann".into()));
/// assert_eq!(Value::from(7), Value::Integer(7));
/// assert_eq!(Value::from(None::<i64>), Value::Null);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A 64 bit integer.
    Integer(i64),
    /// A 64 bit float.
    Float(f64),
    /// A decimal number by its digits, so that none is lost: `12.30`.
    Decimal(SmolStr),
    /// A text.
    Text(SmolStr),
    /// Bytes.
    Blob(Box<[u8]>),
    /// A moment, in the form in which databases store it: `2022-01-16 12:00:00.000 +00:00`.
    Date(SmolStr),
    /// A document, by its compact text: `{"a":1}`.
    Json(SmolStr),
}

/// Rust's own types that are values without further ado.
macro_rules! from {
    ($($type:ty => $kind:ident,)*) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$kind(value.into())
            }
        })*
    };
}

from! {
    bool => Bool,
    i8 => Integer,
    i16 => Integer,
    i32 => Integer,
    i64 => Integer,
    u8 => Integer,
    u16 => Integer,
    u32 => Integer,
    f32 => Float,
    f64 => Float,
    &str => Text,
    String => Text,
    SmolStr => Text,
    Vec<u8> => Blob,
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

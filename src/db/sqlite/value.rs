//! Values, as SQLite takes and gives them.

use crate::value::Value;
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// A value as a parameter.
pub(super) struct Parameter<'a>(pub &'a Value);

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self.0 {
            Value::Null => ValueRef::Null,
            Value::Bool(it) => ValueRef::Integer(i64::from(*it)),
            Value::Integer(it) => ValueRef::Integer(*it),
            Value::Float(it) => ValueRef::Real(*it),
            Value::Decimal(it) => decimal(it),
            Value::Text(it) | Value::Date(it) | Value::Json(it) => ValueRef::Text(it.as_bytes()),
            Value::Blob(it) => ValueRef::Blob(it),
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// The same, on its own.
pub(super) fn owned(output: ToSqlOutput<'_>) -> rusqlite::types::Value {
    use rusqlite::types::Value as Owned;
    match output {
        ToSqlOutput::Borrowed(it) => match it {
            ValueRef::Null => Owned::Null,
            ValueRef::Integer(it) => Owned::Integer(it),
            ValueRef::Real(it) => Owned::Real(it),
            ValueRef::Text(it) => Owned::Text(String::from_utf8_lossy(it).into_owned()),
            ValueRef::Blob(it) => Owned::Blob(it.into()),
        },
        ToSqlOutput::Owned(it) => it,
        _ => Owned::Null,
    }
}

/// A decimal as the number that it is to SQLite, so that it is compared as one.
fn decimal(digits: &str) -> ValueRef<'_> {
    match (digits.parse(), digits.parse()) {
        (Ok(whole), _) => ValueRef::Integer(whole),
        (Err(_), Ok(number)) => ValueRef::Real(number),
        (Err(_), Err(_)) => ValueRef::Text(digits.as_bytes()),
    }
}

/// A value as SQLite has it.
#[inline]
pub(super) fn value(stored: ValueRef<'_>) -> Value {
    match stored {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(it) => Value::Integer(it),
        ValueRef::Real(it) => Value::Float(it),
        ValueRef::Text(it) => {
            let lossy = |_| String::from_utf8_lossy(it).into();
            Value::Text(std::str::from_utf8(it).map_or_else(lossy, Into::into))
        }
        ValueRef::Blob(it) => Value::Blob(it.into()),
    }
}

//! What a field of a CSV file is to an attribute.

use crate::ir::{Attribute, DataType};
use crate::value::{Value, write_json_text};
use smol_str::ToSmolStr;

/// What a field of CSV is to an attribute: an empty one is null, where it may be and isn't a text.
pub(super) fn value_of_cell(attribute: &Attribute, text: &str) -> Value {
    match &attribute.data_type {
        DataType::String { .. } | DataType::Char { .. } | DataType::Text(_) | DataType::CiText
            if !text.is_empty() || attribute.not_null =>
        {
            Value::Text(text.into())
        }
        _ if text.is_empty() => Value::Null,
        DataType::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "1" => Value::Bool(true),
            "false" | "f" | "no" | "0" => Value::Bool(false),
            _ => Value::Text(text.into()),
        },
        DataType::Json | DataType::Jsonb => {
            let mut document = String::new();
            crate::value::write_json_document(text, &mut document);
            let mut quoted = String::new();
            write_json_text(text, &mut quoted);
            if document == quoted { Value::Text(text.into()) } else { Value::Json(document.into()) }
        }
        _ => Value::Text(text.to_smolstr()),
    }
}

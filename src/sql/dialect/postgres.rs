//! PostgreSQL, from version 12.

use super::{
    Comments, DataType, Dialect, Enumerations, Kind, NameLength, Namespace, Placeholder, lacking,
    write_arguments,
};
use crate::ir::{FloatKind, Foreign, IntegerWidth};
use std::borrow::Cow;

pub(super) const POSTGRES: Dialect = Dialect {
    kind: Kind::Postgres,
    name: "postgres",
    aliases: &["postgresql", "pg"],
    title: "PostgreSQL",
    quote: '"',
    longest_name: Some(NameLength::Bytes(63)),
    most_columns: 1_600,
    booleans: ["FALSE", "TRUE"],
    backslashes: false,
    placeholder: Placeholder::Numbered,
    adds_constraints: true,
    transactional_ddl: true,
    unique_constraints: true,
    keys_at_columns: false,
    checks_at_columns: true,
    index_names: Namespace::Schema,
    key_names: Namespace::Table,
    folds_case: false,
    other_objects: true,
    own_names: &[],
    index_if_not_exists: true,
    partial_indexes: true,
    expression_indexes: true,
    index_collations: true,
    text_keys: true,
    text_defaults: true,
    schemas: true,
    comments: Comments::Statements,
    enumerations: Enumerations::Declared,
    deferrable: true,
    sets_defaults: true,
    virtual_columns: false,
    table_kinds: false,
    decimal_digits: None,
    collations: [("BINARY", Some("C")), ("NOCASE", None), ("RTRIM", None)],
    more_collations: true,
    write_type,
    lack,
};

/// The longest VARCHAR and CHAR.
const LONGEST: u32 = 10_485_760;

fn lack(data_type: &DataType) -> Option<Cow<'static, str>> {
    match data_type {
        DataType::String { length, .. } | DataType::Char { length, .. } if *length == Some(0) => {
            Some(lacking("of no characters"))
        }
        DataType::Decimal(it) if it.precision.is_some_and(|it| it == 0 || it > 1000) => {
            Some(lacking("DECIMAL of such a precision, which is 1 to 1000 there"))
        }
        DataType::Foreign(Foreign::Array(element)) => lack(element),
        DataType::Foreign(Foreign::Range(element)) if range(element).is_none() => {
            Some(lacking("RANGE of such a type"))
        }
        DataType::String { .. }
        | DataType::Char { .. }
        | DataType::Text(_)
        | DataType::CiText
        | DataType::Integer(_)
        | DataType::Float(_)
        | DataType::Decimal(_)
        | DataType::Boolean
        | DataType::Date(_)
        | DataType::DateOnly
        | DataType::Time
        | DataType::Uuid
        | DataType::Blob(_)
        | DataType::Enum(_)
        | DataType::Json
        | DataType::Jsonb
        | DataType::Virtual
        | DataType::Raw(_)
        | DataType::Foreign(_) => None,
    }
}

/// The range type over an element type.
fn range(element: &DataType) -> Option<&'static str> {
    match element {
        DataType::Integer(it) if it.width == IntegerWidth::Big => Some("int8range"),
        DataType::Integer(_) => Some("int4range"),
        DataType::Decimal(_) => Some("numrange"),
        DataType::Date(_) => Some("tstzrange"),
        DataType::DateOnly => Some("daterange"),
        DataType::String { .. }
        | DataType::Char { .. }
        | DataType::Text(_)
        | DataType::CiText
        | DataType::Float(_)
        | DataType::Boolean
        | DataType::Time
        | DataType::Uuid
        | DataType::Blob(_)
        | DataType::Enum(_)
        | DataType::Json
        | DataType::Jsonb
        | DataType::Virtual
        | DataType::Raw(_)
        | DataType::Foreign(_) => None,
    }
}

fn write_type(data_type: &DataType, text: &mut String) {
    match data_type {
        DataType::String { length, binary } | DataType::Char { length, binary } => {
            let length = length.unwrap_or(255);
            let string = matches!(data_type, DataType::String { .. });
            if length > LONGEST {
                text.push_str("TEXT");
            } else {
                text.push_str(if string { "VARCHAR" } else { "CHAR" });
                write_arguments(text, &[Some(length)]);
            }
            if *binary {
                text.push_str(" COLLATE \"C\"");
            }
        }
        DataType::Text(_) | DataType::Enum(_) => text.push_str("TEXT"),
        DataType::CiText => text.push_str("CITEXT"),
        DataType::Integer(it) => text.push_str(match it.width {
            IntegerWidth::Tiny | IntegerWidth::Small => "SMALLINT",
            IntegerWidth::Medium | IntegerWidth::Normal => "INTEGER",
            IntegerWidth::Big => "BIGINT",
        }),
        DataType::Float(it) => {
            text.push_str(match it.kind {
                FloatKind::Float => "FLOAT",
                FloatKind::Real => "REAL",
                FloatKind::Double => "DOUBLE PRECISION",
            });
            let precision = it.length.filter(|it| (1..=53).contains(it));
            if it.kind == FloatKind::Float && it.decimals.is_none() {
                write_arguments(text, &[precision]);
            }
        }
        DataType::Decimal(it) => {
            text.push_str("DECIMAL");
            write_arguments(text, &[it.precision, it.scale]);
        }
        DataType::Boolean => text.push_str("BOOLEAN"),
        DataType::Date(_) => text.push_str("TIMESTAMP WITH TIME ZONE"),
        DataType::DateOnly => text.push_str("DATE"),
        DataType::Time => text.push_str("TIME"),
        DataType::Uuid => text.push_str("UUID"),
        DataType::Blob(_) => text.push_str("BYTEA"),
        DataType::Json => text.push_str("JSON"),
        DataType::Jsonb => text.push_str("JSONB"),
        DataType::Raw(raw) => text.push_str(raw),
        DataType::Foreign(Foreign::Array(element)) => {
            write_type(element, text);
            text.push_str("[]");
        }
        DataType::Foreign(Foreign::Range(element)) => {
            text.push_str(range(element).unwrap_or("int4range"));
        }
        DataType::Foreign(
            foreign @ (Foreign::Geometry(shape, srid) | Foreign::Geography(shape, srid)),
        ) => {
            text.push_str(foreign.word());
            if let Some(shape) = shape {
                text.push('(');
                text.push_str(shape.as_str());
                if let Some(srid) = srid {
                    text.push(',');
                    text.push_str(&srid.to_string());
                }
                text.push(')');
            }
        }
        DataType::Foreign(
            foreign @ (Foreign::Hstore
            | Foreign::Cidr
            | Foreign::Inet
            | Foreign::MacAddr
            | Foreign::TsVector),
        ) => text.push_str(foreign.word()),
        DataType::Virtual => (),
    }
}

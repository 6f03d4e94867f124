//! SQLite.

use super::{
    Comments, DataType, Dialect, Enumerations, Kind, Namespace, Placeholder, lacking,
    write_arguments, write_suffixes,
};
use crate::ir::{FloatKind, IntegerWidth, Size};
use std::borrow::Cow;

pub(super) const SQLITE: Dialect = Dialect {
    kind: Kind::Sqlite,
    name: "sqlite",
    aliases: &["sqlite3"],
    title: "SQLite",
    quote: '`',
    longest_name: None,
    most_columns: 2_000,
    booleans: ["0", "1"],
    backslashes: false,
    placeholder: Placeholder::Question,
    adds_constraints: false,
    transactional_ddl: true,
    unique_constraints: false,
    keys_at_columns: true,
    checks_at_columns: true,
    index_names: Namespace::Database,
    key_names: Namespace::Table,
    folds_case: true,
    other_objects: false,
    own_names: &[("sqlite_", "SQLite's")],
    index_if_not_exists: true,
    partial_indexes: true,
    expression_indexes: true,
    index_collations: true,
    text_keys: true,
    text_defaults: true,
    schemas: false,
    comments: Comments::None,
    enumerations: Enumerations::Check,
    deferrable: true,
    sets_defaults: true,
    virtual_columns: true,
    table_kinds: true,
    decimal_digits: Some(15),
    collations: [("BINARY", Some("BINARY")), ("NOCASE", Some("NOCASE")), ("RTRIM", Some("RTRIM"))],
    more_collations: false,
    write_type,
    lack,
};

fn lack(data_type: &DataType) -> Option<Cow<'static, str>> {
    match data_type {
        DataType::Foreign(foreign) => Some(lacking(foreign.word())),
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
        | DataType::Raw(_) => None,
    }
}

/// The word for an integer type.
pub(super) const fn integer_word(width: IntegerWidth) -> &'static str {
    match width {
        IntegerWidth::Tiny => "TINYINT",
        IntegerWidth::Small => "SMALLINT",
        IntegerWidth::Medium => "MEDIUMINT",
        IntegerWidth::Normal => "INTEGER",
        IntegerWidth::Big => "BIGINT",
    }
}

/// The word for a floating point type.
pub(super) const fn float_word(kind: FloatKind) -> &'static str {
    match kind {
        FloatKind::Float => "FLOAT",
        FloatKind::Real => "REAL",
        FloatKind::Double => "DOUBLE PRECISION",
    }
}

fn write_type(data_type: &DataType, text: &mut String) {
    match data_type {
        DataType::String { length, binary } | DataType::Char { length, binary } => {
            let string = matches!(data_type, DataType::String { .. });
            text.push_str(if string { "VARCHAR" } else { "CHAR" });
            if *binary {
                text.push_str(" BINARY");
            }
            write_arguments(text, &[Some(length.unwrap_or(255))]);
        }
        DataType::Text(_) | DataType::Enum(_) => text.push_str("TEXT"),
        DataType::CiText => text.push_str("TEXT COLLATE NOCASE"),
        DataType::Integer(it) => {
            text.push_str(integer_word(it.width));
            write_arguments(text, &[it.length]);
        }
        DataType::Float(it) => {
            text.push_str(float_word(it.kind));
            write_suffixes(text, it.unsigned, it.zerofill);
            write_arguments(text, &[it.length, it.decimals]);
        }
        DataType::Decimal(it) => {
            text.push_str("DECIMAL");
            write_arguments(text, &[it.precision, it.scale]);
        }
        DataType::Boolean => text.push_str("TINYINT(1)"),
        DataType::Date(_) => text.push_str("DATETIME"),
        DataType::DateOnly => text.push_str("DATE"),
        DataType::Time => text.push_str("TIME"),
        DataType::Uuid => text.push_str("UUID"),
        DataType::Blob(size) => text.push_str(match size {
            None => "BLOB",
            Some(Size::Tiny) => "TINYBLOB",
            Some(Size::Medium) => "MEDIUMBLOB",
            Some(Size::Long) => "LONGBLOB",
        }),
        DataType::Json => text.push_str("JSON"),
        DataType::Jsonb => text.push_str("JSONB"),
        DataType::Raw(raw) => text.push_str(raw),
        DataType::Foreign(foreign) => text.push_str(foreign.word()),
        DataType::Virtual => (),
    }
}

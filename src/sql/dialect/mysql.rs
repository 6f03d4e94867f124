//! MySQL, from version 8.

use super::sqlite::{float_word, integer_word};
use super::{
    Comments, DataType, Dialect, Enumerations, Kind, NameLength, Namespace, Placeholder, lacking,
    write_arguments, write_suffixes,
};
use crate::ir::{FloatKind, Foreign, Size};
use std::borrow::Cow;

pub(super) const MYSQL: Dialect = Dialect {
    kind: Kind::Mysql,
    name: "mysql",
    aliases: &[],
    title: "MySQL",
    quote: '`',
    longest_name: Some(NameLength::Characters(64)),
    most_columns: 4_096,
    booleans: ["FALSE", "TRUE"],
    backslashes: true,
    placeholder: Placeholder::Question,
    adds_constraints: true,
    transactional_ddl: false,
    unique_constraints: true,
    keys_at_columns: false,
    checks_at_columns: false,
    index_names: Namespace::Table,
    key_names: Namespace::Kind,
    folds_case: true,
    other_objects: true,
    own_names: &[],
    index_if_not_exists: false,
    partial_indexes: false,
    expression_indexes: true,
    index_collations: false,
    text_keys: false,
    text_defaults: false,
    schemas: false,
    comments: Comments::Inline,
    enumerations: Enumerations::Inline,
    deferrable: false,
    sets_defaults: false,
    virtual_columns: true,
    table_kinds: false,
    decimal_digits: None,
    collations: [
        ("BINARY", Some("utf8mb4_bin")),
        ("NOCASE", Some("utf8mb4_general_ci")),
        ("RTRIM", None),
    ],
    more_collations: true,
    write_type,
    lack,
};

/// The longest VARCHAR of four bytes a character; what is longer is a TEXT.
const LONGEST: u32 = 16_383;

pub(super) fn lack(data_type: &DataType) -> Option<Cow<'static, str>> {
    match data_type {
        DataType::Decimal(it)
            if it.precision.is_some_and(|it| it > 65)
                || it.scale.is_some_and(|scale| {
                    scale > 30 || it.precision.is_some_and(|it| it < scale)
                }) =>
        {
            Some(lacking(
                "DECIMAL of more than 65 digits, 30 behind the point or more there than in all",
            ))
        }
        DataType::Float(it)
            if it.decimals.is_some_and(|decimals| {
                decimals > 30 || it.length.is_some_and(|length| length > 255 || length < decimals)
            }) =>
        {
            Some(lacking(
                "FLOAT of more than 255 digits, 30 behind the point or more there than in all",
            ))
        }
        DataType::Foreign(
            foreign @ (Foreign::Array(_)
            | Foreign::Range(_)
            | Foreign::Hstore
            | Foreign::Geography(..)
            | Foreign::Cidr
            | Foreign::Inet
            | Foreign::MacAddr
            | Foreign::TsVector),
        ) => Some(lacking(foreign.word())),
        DataType::Foreign(Foreign::Geometry(..))
        | DataType::String { .. }
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

pub(super) fn write_type(data_type: &DataType, text: &mut String) {
    match data_type {
        DataType::String { length, binary } | DataType::Char { length, binary } => {
            let length = length.unwrap_or(255);
            let string = matches!(data_type, DataType::String { .. });
            if length > LONGEST {
                text.push_str("MEDIUMTEXT");
            } else {
                let short = !string && length <= 255;
                text.push_str(if short { "CHAR" } else { "VARCHAR" });
                write_arguments(text, &[Some(length)]);
            }
            if *binary {
                text.push_str(" BINARY");
            }
        }
        DataType::Text(size) => text.push_str(match size {
            None => "TEXT",
            Some(Size::Tiny) => "TINYTEXT",
            Some(Size::Medium) => "MEDIUMTEXT",
            Some(Size::Long) => "LONGTEXT",
        }),
        DataType::CiText => {
            text.push_str("TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
        }
        DataType::Integer(it) => {
            text.push_str(integer_word(it.width));
            write_arguments(text, &[it.length.filter(|it| *it <= 255)]);
            write_suffixes(text, it.unsigned, it.zerofill);
        }
        DataType::Float(it) => {
            text.push_str(float_word(it.kind));
            let one = it.kind == FloatKind::Float && it.length.is_some_and(|it| it <= 53);
            if it.decimals.is_some() || one {
                write_arguments(text, &[it.length, it.decimals]);
            }
            write_suffixes(text, it.unsigned, it.zerofill);
        }
        DataType::Decimal(it) => {
            text.push_str("DECIMAL");
            write_arguments(text, &[it.precision, it.scale]);
            write_suffixes(text, it.unsigned, it.zerofill);
        }
        DataType::Boolean => text.push_str("TINYINT(1)"),
        DataType::Date(digits) => {
            text.push_str("DATETIME");
            write_arguments(text, &[digits.map(|it| it.min(6))]);
        }
        DataType::DateOnly => text.push_str("DATE"),
        DataType::Time => text.push_str("TIME"),
        DataType::Uuid => text.push_str("CHAR(36) BINARY"),
        DataType::Blob(size) => text.push_str(match size {
            None => "BLOB",
            Some(Size::Tiny) => "TINYBLOB",
            Some(Size::Medium) => "MEDIUMBLOB",
            Some(Size::Long) => "LONGBLOB",
        }),
        // Its members are literals, which the writer quotes.
        DataType::Enum(_) => text.push_str("ENUM"),
        DataType::Json | DataType::Jsonb => text.push_str("JSON"),
        DataType::Raw(raw) => text.push_str(raw),
        DataType::Foreign(Foreign::Geometry(Some(shape), _)) => text.push_str(shape.as_str()),
        DataType::Foreign(foreign) => text.push_str(foreign.word()),
        DataType::Virtual => (),
    }
}

//! Types, as columns and casts name them.

use super::affinity::Affinity;
use super::dialect::types::spelling;
use super::dialect::{Dialect, DialectKind, Enumerations};
use super::writer::Writer;
use crate::ir::{Attribute, AttributeId, DataType, Enumeration, Model};

/// An attribute's type as its column has it.
pub fn column_type(dialect: &Dialect, model: &Model, id: AttributeId) -> String {
    let mut writer = Writer::inline(dialect);
    write_column_type(&mut writer, model, model.attribute(id));
    writer.finish().text
}

pub(super) fn write_column_type(writer: &mut Writer<'_>, model: &Model, attribute: &Attribute) {
    let dialect = writer.dialect;
    let data_type = &attribute.data_type;
    let collated = (attribute.extra.as_ref()).is_some_and(|it| it.collate.is_some());
    if let DataType::Enum(it) = data_type {
        match (dialect.enumerations, &it.name) {
            (Enumerations::Declared, Some(name)) => {
                writer.name(name);
            }
            (Enumerations::Inline, _) => {
                dialect.write_type(data_type, writer.buffer());
                members(writer, it);
            }
            (Enumerations::Check | Enumerations::Declared, _) => {
                dialect.write_type(data_type, writer.buffer());
            }
        }
    } else if model.strict && dialect.table_kinds {
        writer.push(storage_type(data_type));
        if *data_type == DataType::CiText && !collated {
            writer.push(" COLLATE NOCASE");
        }
    } else if *data_type == DataType::CiText && collated {
        // Its own collation holds.
        dialect.write_type(&DataType::Text(None), writer.buffer());
    } else {
        dialect.write_type(data_type, writer.buffer());
    }
}

/// The type in which SQLite stores a type's values; a raw type as it is.
fn storage_type(data_type: &DataType) -> &str {
    match (data_type, data_type.word()) {
        (DataType::Raw(raw), _) => raw,
        (_, Some(word)) => spelling(word).stored.word(),
        (_, None) => Affinity::Text.word(),
    }
}

/// A type as `CAST` names it.
pub(super) fn write_cast_type(writer: &mut Writer<'_>, data_type: &DataType) {
    match writer.dialect.kind {
        DialectKind::Sqlite => {
            // By the storage type: the word DATETIME would make a number of a date.
            let decimal = matches!(data_type, DataType::Decimal(_));
            let numeric = Affinity::Numeric.word();
            writer.push(if decimal { numeric } else { storage_type(data_type) });
        }
        DialectKind::Postgres => {
            if let DataType::Enum(it) = data_type
                && let Some(name) = &it.name
            {
                writer.name(name);
            } else {
                writer.dialect.write_type(data_type, writer.buffer());
            }
        }
        DialectKind::Mysql | DialectKind::Mariadb => mysql_cast_type(writer, data_type),
    }
}

fn mysql_cast_type(writer: &mut Writer<'_>, data_type: &DataType) {
    match data_type {
        DataType::Integer(it) if it.unsigned => writer.push("UNSIGNED"),
        DataType::Integer(_) | DataType::Boolean => writer.push("SIGNED"),
        DataType::Float(_) => writer.push("DOUBLE"),
        DataType::Blob(_) => writer.push("BINARY"),
        DataType::Raw(raw) => writer.push(raw),
        DataType::Json | DataType::Jsonb if writer.dialect.kind == DialectKind::Mysql => {
            writer.push("JSON")
        }
        DataType::Decimal(it) => {
            let plain = crate::ir::Decimal { unsigned: false, zerofill: false, ..*it };
            writer.dialect.write_type(&DataType::Decimal(plain), writer.buffer());
            writer
        }
        DataType::Date(_) | DataType::DateOnly | DataType::Time => {
            writer.dialect.write_type(data_type, writer.buffer());
            writer
        }
        DataType::String { .. }
        | DataType::Char { .. }
        | DataType::Text(_)
        | DataType::CiText
        | DataType::Uuid
        | DataType::Enum(_)
        | DataType::Json
        | DataType::Jsonb
        | DataType::Virtual
        | DataType::Foreign(_) => writer.push("CHAR"),
    };
}

/// `('a', 'b')`
pub(super) fn members(writer: &mut Writer<'_>, enumeration: &Enumeration) {
    writer.push("(");
    writer.list(&enumeration.members, |writer, it| {
        writer.text(it);
    });
    writer.push(")");
}

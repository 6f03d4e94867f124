//! Types, as columns and casts name them.

use super::affinity::{Affinity, StrictType};
use super::dialect::types::spelling;
use super::dialect::{Dialect, DialectKind, Enumerations};
use super::writer::Writer;
use crate::ir::{Attribute, AttributeId, DataType, Enumeration, Model};
use crate::words::is_keyword;

/// An attribute's type as its column has it.
pub fn column_type(dialect: &Dialect, model: &Model, id: AttributeId) -> String {
    let mut writer = Writer::inline(dialect);
    write_column_type(&mut writer, model, model.attribute(id));
    writer.finish().text
}

/// A type as a database's columns have it; members of enumerations aside.
pub fn type_text(dialect: &Dialect, data_type: &DataType) -> String {
    let mut written = String::new();
    dialect.write_type(data_type, &mut written);
    written
}

pub(super) fn write_column_type(writer: &mut Writer<'_>, model: &Model, attribute: &Attribute) {
    let dialect = writer.dialect;
    let data_type = &attribute.data_type;
    let collated = (attribute.extra.as_ref()).is_some_and(|it| it.collate.is_some());
    if let (Some(spelled), true) = (column_spelling(attribute), dialect.table_kinds) {
        writer.push(spelled);
        if *data_type == DataType::CiText && !collated {
            writer.push(" COLLATE NOCASE");
        }
    } else if let DataType::Enum(it) = data_type {
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

/// `columnType`, where an attribute says it.
fn column_spelling(attribute: &Attribute) -> Option<&str> {
    attribute.extra.as_ref()?.column_type.as_deref()
}

/// Why a column can't be spelled as its `columnType` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpellingFault {
    /// That is no type's name.
    NoType,
    /// The type is raw SQL, which is its spelling already.
    Raw,
    /// SQLite would treat its values as those of another type.
    Affinity {
        /// How it would treat them.
        spelled: Affinity,
        /// How it treats the type's.
        own: Affinity,
    },
    /// A strict table has no such type.
    Strict,
    /// Only an INTEGER counts up.
    Counts,
}

/// Why an attribute's column can't be spelled as it says; none where it can, or says nothing.
pub fn spelling_fault(model: &Model, id: AttributeId) -> Option<SpellingFault> {
    let attribute = model.attribute(id);
    let spelled = column_spelling(attribute)?;
    if !is_type_name(spelled) {
        return Some(SpellingFault::NoType);
    }
    if let DataType::Raw(_) = attribute.data_type {
        return Some(SpellingFault::Raw);
    }
    if attribute.auto_increment && !model.is_rowid(id) {
        return Some(SpellingFault::Counts);
    }
    if model.strict && StrictType::of(spelled).is_none() {
        return Some(SpellingFault::Strict);
    }
    let own = if model.strict {
        Affinity::of(storage_type(&attribute.data_type))
    } else {
        Affinity::of(&type_text(Dialect::SQLITE, &attribute.data_type))
    };
    let spelled = Affinity::of(spelled);
    (!spelled.stores_as(own)).then_some(SpellingFault::Affinity { spelled, own })
}

/// Whether SQLite reads a text as a type's name, and nothing else: words, and one or two numbers in brackets.
fn is_type_name(text: &str) -> bool {
    let (words, arguments) = match text.split_once('(') {
        Some((words, rest)) => (words, rest.trim_end().strip_suffix(')')),
        None => (text, Some("1")),
    };
    let is_number = |text: &str| {
        let digits = text.trim().strip_prefix(['-', '+']).unwrap_or(text.trim());
        !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit())
    };
    let is_word = |word: &str| {
        word.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
            && word.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
            && !is_keyword(word)
            // What a column is computed from begins so.
            && !["generated", "always"].iter().any(|it| it.eq_ignore_ascii_case(word))
    };
    let numbers =
        arguments.is_some_and(|it| it.split(',').count() <= 2 && it.split(',').all(is_number));
    let mut words = words.split(' ').filter(|it| !it.is_empty()).peekable();
    numbers && words.peek().is_some() && words.all(is_word)
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

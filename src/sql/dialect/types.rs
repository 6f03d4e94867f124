//! The words of types, as databases have them: one row each.

use crate::ir::{Size, TypeParts, TypeWord};
use crate::sql::affinity::Affinity;

/// A type in each database; none where it has no such.
pub(in crate::sql) struct Spelling {
    pub sqlite: Option<&'static str>,
    pub postgres: Option<&'static str>,
    /// MariaDB's too.
    pub mysql: Option<&'static str>,
    /// How SQLite stores its values.
    pub stored: Affinity,
    /// The extension that PostgreSQL needs for it.
    pub extension: Option<&'static str>,
}

const fn all(word: &'static str, stored: Affinity) -> Spelling {
    each(word, word, word, stored)
}

const fn each(
    sqlite: &'static str,
    postgres: &'static str,
    mysql: &'static str,
    stored: Affinity,
) -> Spelling {
    let (sqlite, postgres, mysql) = (Some(sqlite), Some(postgres), Some(mysql));
    Spelling { sqlite, postgres, mysql, stored, extension: None }
}

/// PostgreSQL's alone.
const fn postgres(word: &'static str) -> Spelling {
    let stored = Affinity::Text;
    Spelling { sqlite: None, postgres: Some(word), mysql: None, stored, extension: None }
}

/// The words of a type.
pub(in crate::sql) const fn spelling(word: TypeWord) -> Spelling {
    use Affinity::{Blob, Integer, Real, Text};
    match word {
        TypeWord::String => all("VARCHAR", Text),
        TypeWord::Char => all("CHAR", Text),
        TypeWord::Text => all("TEXT", Text),
        TypeWord::CiText => Spelling {
            extension: Some("citext"),
            ..each(
                "TEXT COLLATE NOCASE",
                "CITEXT",
                "TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
                Text,
            )
        },
        TypeWord::Integer => all("INTEGER", Integer),
        TypeWord::TinyInt => each("TINYINT", "SMALLINT", "TINYINT", Integer),
        TypeWord::SmallInt => all("SMALLINT", Integer),
        TypeWord::MediumInt => each("MEDIUMINT", "INTEGER", "MEDIUMINT", Integer),
        TypeWord::BigInt => all("BIGINT", Integer),
        TypeWord::Float => all("FLOAT", Real),
        TypeWord::Real => all("REAL", Real),
        TypeWord::Double => all("DOUBLE PRECISION", Real),
        TypeWord::Decimal | TypeWord::Numeric => all("DECIMAL", Real),
        TypeWord::Boolean => each("TINYINT(1)", "BOOLEAN", "TINYINT(1)", Integer),
        TypeWord::Date => each("DATETIME", "TIMESTAMP WITH TIME ZONE", "DATETIME", Text),
        TypeWord::DateOnly => all("DATE", Text),
        TypeWord::Time => all("TIME", Text),
        TypeWord::Uuid => each("UUID", "UUID", "CHAR(36) BINARY", Text),
        TypeWord::Blob => each("BLOB", "BYTEA", "BLOB", Blob),
        // MySQL's members are literals, which the writer quotes.
        TypeWord::Enum => each("TEXT", "TEXT", "ENUM", Text),
        TypeWord::Json => all("JSON", Text),
        TypeWord::Jsonb => each("JSONB", "JSONB", "JSON", Text),
        TypeWord::Virtual => all("", Text),
        TypeWord::Array => postgres("ARRAY"),
        TypeWord::Range => postgres("RANGE"),
        TypeWord::Hstore => Spelling { extension: Some("hstore"), ..postgres("HSTORE") },
        TypeWord::Geometry => {
            Spelling { mysql: Some("GEOMETRY"), extension: Some("postgis"), ..postgres("GEOMETRY") }
        }
        TypeWord::Geography => Spelling { extension: Some("postgis"), ..postgres("GEOGRAPHY") },
        TypeWord::Cidr => postgres("CIDR"),
        TypeWord::Inet => postgres("INET"),
        TypeWord::MacAddr => postgres("MACADDR"),
        TypeWord::TsVector => postgres("TSVECTOR"),
    }
}

/// `(11)`, `(10,2)`
pub(super) fn write_arguments(text: &mut String, arguments: &[Option<u32>]) {
    use std::fmt::Write as _;
    let mut open = false;
    for it in arguments.iter().map_while(|it| *it) {
        let before = if open { ',' } else { '(' };
        let _ = write!(text, "{before}{it}");
        open = true;
    }
    if open {
        text.push(')');
    }
}

/// ` UNSIGNED ZEROFILL`
pub(super) fn write_suffixes(text: &mut String, parts: &TypeParts) {
    for it in &parts.suffixes {
        text.push(' ');
        text.push_str(it.word());
    }
}

/// `TINY`, before TEXT and BLOB.
pub(super) const fn size(size: Option<Size>) -> &'static str {
    match size {
        None => "",
        Some(Size::Tiny) => "TINY",
        Some(Size::Medium) => "MEDIUM",
        Some(Size::Long) => "LONG",
    }
}

//! Types of databases and of other languages, by Relata's words.

/// A type's word, lower case, and Relata's word; whether its arguments are kept.
const TYPES: &[(&str, &str, bool)] = &[
    ("int", "INTEGER", false),
    ("integer", "INTEGER", false),
    ("int2", "SMALLINT", false),
    ("int4", "INTEGER", false),
    ("int8", "BIGINT", false),
    ("serial", "INTEGER", false),
    ("bigserial", "BIGINT", false),
    ("tinyint", "TINYINT", false),
    ("smallint", "SMALLINT", false),
    ("mediumint", "MEDIUMINT", false),
    ("bigint", "BIGINT", false),
    ("number", "DOUBLE", false),
    ("float", "FLOAT", false),
    ("float4", "FLOAT", false),
    ("float8", "DOUBLE", false),
    ("real", "REAL", false),
    ("double", "DOUBLE", false),
    ("decimal", "DECIMAL", true),
    ("numeric", "DECIMAL", true),
    ("money", "DECIMAL(19, 4)", false),
    ("string", "STRING", true),
    ("varchar", "STRING", true),
    ("varchar2", "STRING", true),
    ("nvarchar", "STRING", true),
    ("character", "CHAR", true),
    ("char", "CHAR", true),
    ("nchar", "CHAR", true),
    ("text", "TEXT", false),
    ("tinytext", "TEXT(tiny)", false),
    ("mediumtext", "TEXT(medium)", false),
    ("longtext", "TEXT(long)", false),
    ("clob", "TEXT", false),
    ("citext", "CITEXT", false),
    ("bool", "BOOLEAN", false),
    ("boolean", "BOOLEAN", false),
    ("bit", "BOOLEAN", false),
    ("date", "DATEONLY", false),
    ("datetime", "DATE", false),
    ("datetime2", "DATE", false),
    ("timestamp", "DATE", false),
    ("timestamptz", "DATE", false),
    ("time", "TIME", false),
    ("uuid", "UUID", false),
    ("blob", "BLOB", false),
    ("bytes", "BLOB", false),
    ("bytea", "BLOB", false),
    ("binary", "BLOB", false),
    ("varbinary", "BLOB", false),
    ("json", "JSON", false),
    ("jsonb", "JSONB", false),
];

/// The type that a word of SQL, DBML or Prisma means, with its arguments as written: `varchar`, `80`.
pub(super) fn of_database(word: &str, arguments: &str) -> Option<String> {
    let (_, found, keeps) = TYPES.iter().find(|it| it.0.eq_ignore_ascii_case(word))?;
    let is_number =
        |text: &str| !text.trim().is_empty() && text.trim().bytes().all(|it| it.is_ascii_digit());
    let numbers = !arguments.is_empty() && arguments.split(',').all(is_number);
    Some(if *keeps && numbers { format!("{found}({arguments})") } else { (*found).to_owned() })
}

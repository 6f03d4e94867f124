//! Types of columns as the language writes them.

use super::names::sql;
use crate::catalog::Column;

/// The ways to write a column's type, best first. The last one says what the column says.
pub(super) fn types(column: &Column, strict: bool) -> Vec<String> {
    let mut ways = Vec::new();
    ways.extend(word(&column.data_type, strict));
    ways.push(sql(&column.data_type));
    ways
}

/// The type whose column is written so.
fn word(written: &str, strict: bool) -> Option<String> {
    let upper = written.to_uppercase();
    let (name, arguments) = match upper.split_once('(') {
        Some((name, rest)) => (name.trim(), Some(rest.strip_suffix(')')?.trim())),
        None => (upper.trim(), None),
    };
    if strict {
        let word = ["INTEGER", "REAL", "TEXT", "BLOB"];
        return word.contains(&name).then(|| name.to_owned());
    }
    let with = |word: &str| match arguments {
        Some(arguments) => format!("{word}({arguments})"),
        None => word.to_owned(),
    };
    Some(match (name, arguments) {
        ("VARCHAR", Some("255")) => "STRING".to_owned(),
        ("VARCHAR", Some(_)) => with("STRING"),
        ("CHAR", Some("255")) => "CHAR".to_owned(),
        ("CHAR", Some(_)) => with("CHAR"),
        ("TINYINT", Some("1")) => "BOOLEAN".to_owned(),
        ("DOUBLE PRECISION", _) => with("DOUBLE"),
        ("DATETIME", None) => "DATE".to_owned(),
        ("DATE", None) => "DATEONLY".to_owned(),
        (
            "TEXT" | "BLOB" | "JSON" | "JSONB" | "UUID" | "TIME" | "INTEGER" | "TINYINT"
            | "SMALLINT" | "MEDIUMINT" | "BIGINT" | "FLOAT" | "REAL" | "DECIMAL",
            _,
        ) => with(name),
        _ => return None,
    })
}

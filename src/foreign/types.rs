//! Types of databases and of other languages, by Relata's words.

use crate::ir::{DataType, Float, Integer};

/// The type that a word of SQL, DBML or Prisma means, with its arguments as written: `varchar`, `80`.
pub(super) fn of_database(word: &str, arguments: &str) -> Option<String> {
    let of = |arguments: &str| DataType::of_database(&format!("{word}{arguments}"));
    let known =
        of(&format!("({arguments})")).filter(|_| !arguments.is_empty()).or_else(|| of(""))?;
    // How wide a number is shown says nothing of its values.
    let known = match known {
        DataType::Integer(it) => DataType::Integer(Integer { length: None, ..it }),
        DataType::Float(it) => DataType::Float(Float { length: None, decimals: None, ..it }),
        it => it,
    };
    Some(known.written())
}

/// `defaultValue: "{}"` of a JSON attribute: the text is the document.
pub(super) fn json_default(option: &str) -> String {
    let text = option.strip_prefix("defaultValue: \"").and_then(|it| it.strip_suffix('"'));
    match text {
        Some(document @ ("{}" | "[]")) => format!("defaultValue: {document}"),
        Some(document) => {
            let document = document.replace("\\\"", "\"").replace("\\\\", "\\");
            format!("defaultValue: sql`'{}'`", document.replace('\'', "''").replace('`', "``"))
        }
        None => option.to_owned(),
    }
}

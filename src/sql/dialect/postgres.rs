//! PostgreSQL, from version 12.

use super::types::{spelling, write_arguments};
use super::{
    Comments, Dialect, DialectKind, DocumentKeys, Enumerations, NameLength, Namespace, Placeholder,
    ShownOfGroup,
};
use crate::ir::{DataType, IntegerWidth, Suffix, TypeArguments, TypeParts, TypeWord};
use crate::value::Value;

pub(super) const POSTGRES: Dialect = Dialect {
    kind: DialectKind::Postgres,
    name: "postgres",
    aliases: &["postgresql", "pg"],
    title: "PostgreSQL",
    quote: '"',
    longest_name: Some(NameLength::Bytes(63)),
    most_columns: 1_600,
    booleans: ["FALSE", "TRUE"],
    backslashes: false,
    placeholder: Placeholder::Numbered,
    parameter_type,
    most_parameters: 65_535,
    values_at_once: usize::MAX,
    row_names: &["ctid"],
    tells_new_rows: true,
    tells_changed_rows: true,
    null_numbers: false,
    counts_given_numbers: false,
    names_conflicts: true,
    tells_keys_apart: true,
    adds_constraints: true,
    keeps_statements: false,
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
    document_keys: DocumentKeys::Binary,
    text_defaults: true,
    schemas: true,
    comments: Comments::Statements,
    enumerations: Enumerations::Declared,
    deferrable: true,
    sets_defaults: true,
    keys_in_any_order: true,
    virtual_columns: false,
    table_kinds: false,
    decimal_digits: None,
    collations: [("BINARY", Some("C")), ("NOCASE", None), ("RTRIM", None)],
    more_collations: true,
    integer_bits: 32,
    nul_in_texts: false,
    all_integers: false,
    text_bytes: None,
    shown_of_group: ShownOfGroup::OfPrimaryKey,
    unshown_names: &[],
    lacks_functions: &[
        "changes",
        "char",
        "date",
        "datetime",
        "format",
        "glob",
        "group_concat",
        "hex",
        "ifnull",
        "iif",
        "instr",
        "json_array_length",
        "json_each",
        "json_extract",
        "json_set",
        "json_type",
        "json_valid",
        "julianday",
        "last_insert_rowid",
        "like",
        "likelihood",
        "max",
        "min",
        "printf",
        "quote",
        "randomblob",
        "round",
        "soundex",
        "strftime",
        "time",
        "timediff",
        "total",
        "typeof",
        "unhex",
        "unicode",
        "unixepoch",
        "zeroblob",
    ],
    seconds: "(extract(epoch from now())::bigint)",
    word,
    write_type,
    lack,
};

fn parameter_type(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "::boolean",
        Value::Integer(it) if i32::try_from(*it).is_ok() => "::integer",
        Value::Integer(_) => "::bigint",
        Value::Float(it) if !it.is_finite() => "::double precision",
        Value::Float(_) | Value::Decimal(_) => "::numeric",
        Value::Blob(_) => "::bytea",
        // As in quotes: what stands beside it says what it is.
        Value::Null | Value::Text(_) | Value::Date(_) | Value::Json(_) => "",
    }
}

/// The longest VARCHAR and CHAR.
const LONGEST: u32 = 10_485_760;

fn lack(data_type: TypeWord, parts: &TypeParts) -> Option<&'static str> {
    let [one, _] = parts.numbers;
    match data_type.arguments() {
        TypeArguments::Length => (one == Some(0)).then_some("of no characters"),
        TypeArguments::Precision => one
            .is_some_and(|it| it == 0 || it > 1000)
            .then_some("DECIMAL of such a precision, which is 1 to 1000 there"),
        TypeArguments::Type => {
            let inner = parts.inner.as_deref()?;
            if data_type == TypeWord::Range {
                return range(inner).is_none().then_some("RANGE of such a type");
            }
            lack(inner.word()?, &inner.parts())
        }
        TypeArguments::Nothing
        | TypeArguments::Width
        | TypeArguments::Decimals
        | TypeArguments::Digits
        | TypeArguments::Size
        | TypeArguments::Members
        | TypeArguments::Shape => None,
    }
}

const fn word(word: TypeWord) -> Option<&'static str> {
    spelling(word).postgres
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

fn write_type(data_type: TypeWord, word: &str, parts: &TypeParts, text: &mut String) {
    let [one, two] = parts.numbers;
    match data_type.arguments() {
        TypeArguments::Length => {
            let length = one.unwrap_or(255);
            if length > LONGEST {
                text.push_str("TEXT");
            } else {
                text.push_str(word);
                write_arguments(text, &[Some(length)]);
            }
            if parts.suffixes.contains(&Suffix::Binary) {
                text.push_str(" COLLATE \"C\"");
            }
        }
        TypeArguments::Decimals => {
            text.push_str(word);
            if data_type == TypeWord::Float && two.is_none() {
                write_arguments(text, &[one.filter(|it| (1..=53).contains(it))]);
            }
        }
        TypeArguments::Precision => {
            text.push_str(word);
            write_arguments(text, &parts.numbers);
        }
        TypeArguments::Type => {
            let Some(inner) = parts.inner.as_deref() else { return };
            if data_type == TypeWord::Range {
                return text.push_str(range(inner).unwrap_or("int4range"));
            }
            POSTGRES.write_type(inner, text);
            text.push_str("[]");
        }
        TypeArguments::Shape => {
            text.push_str(word);
            if let Some(shape) = &parts.shape {
                text.push('(');
                text.push_str(shape.as_str());
                if let Some(srid) = one {
                    text.push(',');
                    text.push_str(&srid.to_string());
                }
                text.push(')');
            }
        }
        TypeArguments::Nothing
        | TypeArguments::Width
        | TypeArguments::Digits
        | TypeArguments::Size
        | TypeArguments::Members => text.push_str(word),
    }
}

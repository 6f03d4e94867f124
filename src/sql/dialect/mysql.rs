//! MySQL, from version 8.

use super::types::{size, spelling, write_arguments, write_suffixes};
use super::{
    Comments, Dialect, DialectKind, DocumentKeys, Enumerations, NameLength, Namespace, Placeholder,
    ShownOfGroup,
};
use crate::ir::{BareWord, TypeArguments, TypeParts, TypeWord};

pub(super) const MYSQL: Dialect = Dialect {
    kind: DialectKind::Mysql,
    name: "mysql",
    aliases: &[],
    title: "MySQL",
    quote: '`',
    longest_name: Some(NameLength::Characters(64)),
    most_columns: 4_096,
    booleans: ["FALSE", "TRUE"],
    backslashes: true,
    placeholder: Placeholder::Question,
    parameter_type: |_| "",
    most_parameters: 65_535,
    values_at_once: usize::MAX,
    row_names: &[],
    tells_new_rows: false,
    tells_changed_rows: false,
    null_numbers: true,
    counts_given_numbers: true,
    names_conflicts: false,
    tells_keys_apart: false,
    adds_constraints: true,
    keeps_statements: false,
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
    document_keys: DocumentKeys::None,
    text_defaults: false,
    schemas: false,
    comments: Comments::Inline,
    enumerations: Enumerations::Inline,
    deferrable: false,
    sets_defaults: false,
    keys_in_any_order: false,
    virtual_columns: true,
    table_kinds: false,
    decimal_digits: None,
    collations: [
        ("BINARY", Some("utf8mb4_bin")),
        ("NOCASE", Some("utf8mb4_general_ci")),
        ("RTRIM", None),
    ],
    more_collations: true,
    integer_bits: 32,
    nul_in_texts: true,
    all_integers: true,
    text_bytes: Some(65_535),
    shown_of_group: ShownOfGroup::OfPrimaryKey,
    unshown_names: &[],
    lacks_functions: &[
        "changes",
        "datetime",
        "glob",
        "iif",
        "json_array_length",
        "json_each",
        "julianday",
        "last_insert_rowid",
        "likelihood",
        "max",
        "min",
        "printf",
        "random",
        "randomblob",
        "strftime",
        "timediff",
        "total",
        "typeof",
        "unicode",
        "unixepoch",
        "zeroblob",
    ],
    seconds: "(unix_timestamp())",
    word,
    write_type,
    lack,
};

/// The longest VARCHAR of four bytes a character; what is longer is a TEXT.
const LONGEST: u32 = 16_383;

fn lack(data_type: TypeWord, parts: &TypeParts) -> Option<&'static str> {
    let [one, two] = parts.numbers;
    match data_type.arguments() {
        TypeArguments::Precision => (one > Some(65) || two > Some(30) || two > one).then_some(
            "DECIMAL of more than 65 digits, 30 behind the point or more there than in all",
        ),
        TypeArguments::Decimals => {
            (two > Some(30) || (two.is_some() && (one > Some(255) || one < two))).then_some(
                "FLOAT of more than 255 digits, 30 behind the point or more there than in all",
            )
        }
        TypeArguments::Nothing
        | TypeArguments::Length
        | TypeArguments::Width
        | TypeArguments::Digits
        | TypeArguments::Size
        | TypeArguments::Members
        | TypeArguments::Type
        | TypeArguments::Shape => None,
    }
}

const fn word(word: TypeWord) -> Option<&'static str> {
    spelling(word).mysql
}

fn write_type(data_type: TypeWord, word: &str, parts: &TypeParts, text: &mut String) {
    let [one, two] = parts.numbers;
    match data_type.arguments() {
        TypeArguments::Length => {
            let length = one.unwrap_or(255);
            if length > LONGEST {
                text.push_str("MEDIUMTEXT");
            } else {
                text.push_str(if length > 255 { "VARCHAR" } else { word });
                write_arguments(text, &[Some(length)]);
            }
        }
        TypeArguments::Width => {
            text.push_str(word);
            write_arguments(text, &[one.filter(|it| *it <= 255)]);
        }
        TypeArguments::Decimals => {
            text.push_str(word);
            let short = data_type == TypeWord::Float && one.is_some_and(|it| it <= 53);
            if two.is_some() || short {
                write_arguments(text, &parts.numbers);
            }
        }
        TypeArguments::Precision => {
            text.push_str(word);
            write_arguments(text, &parts.numbers);
        }
        TypeArguments::Digits => {
            text.push_str(word);
            write_arguments(text, &[one.map(|it| it.min(6))]);
        }
        TypeArguments::Size => {
            text.push_str(size(parts.size));
            text.push_str(word);
        }
        TypeArguments::Shape => {
            text.push_str(parts.shape.as_ref().map_or(word, BareWord::as_str));
        }
        TypeArguments::Nothing | TypeArguments::Members | TypeArguments::Type => {
            text.push_str(word);
        }
    }
    write_suffixes(text, parts);
}

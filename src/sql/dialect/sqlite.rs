//! SQLite.

use super::types::{size, spelling, write_arguments, write_suffixes};
use super::{
    Comments, Dialect, DialectKind, DocumentKeys, Enumerations, Namespace, Placeholder,
    ShownOfGroup,
};
use crate::ir::{TypeArguments, TypeParts, TypeWord};

pub(super) const SQLITE: Dialect = Dialect {
    kind: DialectKind::Sqlite,
    name: "sqlite",
    aliases: &["sqlite3"],
    title: "SQLite",
    quote: '`',
    longest_name: None,
    most_columns: 2_000,
    booleans: ["0", "1"],
    backslashes: false,
    placeholder: Placeholder::Question,
    parameter_type: |_| "",
    most_parameters: 32_766,
    values_at_once: 72,
    row_names: &["rowid", "_rowid_", "oid"],
    tells_new_rows: false,
    tells_changed_rows: true,
    null_numbers: true,
    counts_given_numbers: true,
    names_conflicts: false,
    tells_keys_apart: true,
    adds_constraints: false,
    keeps_statements: true,
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
    document_keys: DocumentKeys::All,
    text_defaults: true,
    schemas: false,
    comments: Comments::None,
    enumerations: Enumerations::Check,
    deferrable: true,
    sets_defaults: true,
    keys_in_any_order: true,
    virtual_columns: true,
    table_kinds: true,
    decimal_digits: Some(15),
    collations: [("BINARY", Some("BINARY")), ("NOCASE", Some("NOCASE")), ("RTRIM", Some("RTRIM"))],
    more_collations: false,
    integer_bits: 64,
    nul_in_texts: true,
    all_integers: false,
    text_bytes: None,
    shown_of_group: ShownOfGroup::Anything,
    lacks_functions: &[],
    unshown_names: &["true", "false"],
    seconds: "(unixepoch())",
    word,
    write_type,
    lack,
};

const fn lack(_: TypeWord, _: &TypeParts) -> Option<&'static str> {
    None
}

const fn word(word: TypeWord) -> Option<&'static str> {
    spelling(word).sqlite
}

fn write_type(data_type: TypeWord, word: &str, parts: &TypeParts, text: &mut String) {
    if data_type == TypeWord::Blob {
        text.push_str(size(parts.size));
    }
    text.push_str(word);
    match data_type.arguments() {
        TypeArguments::Length => {
            write_suffixes(text, parts);
            write_arguments(text, &[parts.numbers[0].or(Some(255))]);
        }
        TypeArguments::Decimals => {
            write_suffixes(text, parts);
            write_arguments(text, &parts.numbers);
        }
        TypeArguments::Width | TypeArguments::Precision => write_arguments(text, &parts.numbers),
        TypeArguments::Nothing
        | TypeArguments::Digits
        | TypeArguments::Size
        | TypeArguments::Members
        | TypeArguments::Type
        | TypeArguments::Shape => {}
    }
}

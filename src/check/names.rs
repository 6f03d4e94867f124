//! Names that come by themselves: keys, constraints, indexes. Pure functions.
//!
//! A model has a *name* (`User`), names of one and of many (`User`, `Users`) and a *table name* (`Users`). An attribute has a
//! name (`firstName`) and a *column name* (`first_name`). A key is an attribute that refers to another model's.
//! The rules are Sequelize 6's, letter for letter.

use crate::ast;
use crate::words;
use smol_str::{SmolStr, ToSmolStr, format_smolstr};
use std::borrow::Cow;

/// A name as a script writes it: in backquotes where it is not one word.
pub fn written(name: &str) -> Cow<'_, str> {
    let begins = name.starts_with(|it: char| it.is_alphabetic() || it == '_');
    if begins && name.chars().all(|it| it.is_alphanumeric() || it == '_') {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("`{}`", name.replace('`', "``")))
}

/// `User`, `id` -> `UserId`
pub(super) fn foreign_key(part: &str, key: &str) -> SmolStr {
    words::camelize(&format!("{part}_{key}")).to_smolstr()
}

/// The column of an attribute that doesn't name one.
pub(super) fn column(attribute: &SmolStr, underscored: bool) -> SmolStr {
    if underscored { words::underscore(attribute) } else { attribute.clone() }
}

/// The table of a model that doesn't name one.
pub(super) fn table(model: &SmolStr, plural: &SmolStr, freeze: bool, underscored: bool) -> SmolStr {
    if freeze {
        model.clone()
    } else if underscored {
        words::underscore(plural)
    } else {
        plural.clone()
    }
}

/// `user_accounts_first_name_last_name`
pub(super) fn index<'a>(table: &str, members: impl Iterator<Item = &'a str>) -> SmolStr {
    let mut text = table.to_owned();
    for member in members {
        text.push('_');
        text.push_str(member);
    }
    words::underscore(&text).to_smolstr()
}

/// `users_first_name_unique`
pub(super) fn unique<'a>(table: &str, members: impl Iterator<Item = &'a str>) -> SmolStr {
    format_smolstr!("{}_unique", index(table, members))
}

/// `users_<name>`, for `unique: name`
pub(super) fn named_unique(table: &str, name: &str) -> SmolStr {
    format_smolstr!("{}_{name}", words::underscore(table))
}

/// `invoices_ibfk_1`: `place` counts the table's foreign keys from 1.
pub(super) fn constraint(full_table: &str, place: usize) -> SmolStr {
    format_smolstr!("{}_ibfk_{place}", full_table.to_lowercase())
}

/// The words of an index member, for its default name: `lower(email)` -> `lower_email`.
pub(super) fn member(text: &str) -> SmolStr {
    words::expression_words(text)
}

/// `User hasMany Invoice`
pub(super) fn sentence(sentence: &ast::Sentence) -> String {
    let words: Vec<&str> = sentence.words.iter().take(3).map(|it| it.head.text.as_str()).collect();
    words.join(" ")
}

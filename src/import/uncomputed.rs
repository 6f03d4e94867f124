//! What stands in raw SQL of another database, and SQLite can't read: types, defaults, checks, indexes.

use super::removal::{Removal, without};
use super::{body, members};
use crate::ast::{Member, OptionPair, Sentence, ValueKind, ValueNode};
use crate::db::Structure;
use crate::source::Sources;
use crate::syntax;
use std::fmt::Write;

/// A script without what it has in raw SQL that SQLite can't read, and how much that is: each is a comment.
pub(super) fn without_uncomputed(text: &str, database: &mut impl Structure) -> (String, usize) {
    let mut sources = Sources::default();
    let Ok(id) = sources.add("", text) else { return (text.to_owned(), 0) };
    let source = sources.get(id);
    let script = syntax::parse(source).script;
    let mut removals = Vec::new();
    for sentence in &script.sentences {
        for member in body(sentence) {
            match member {
                Member::Pair(pair) => {
                    if let Some(ValueNode { span, kind: ValueKind::Sql(sql) }) = &pair.value
                        && let Err(why) = compiles(database, &format!("CREATE TABLE x (c {sql})"))
                    {
                        let why = format!("SQLite can't read the type {sql}: {why}");
                        let by = plain_type(sql);
                        removals.push(Removal::replaced(source, pair.span(), *span, by, &why));
                    }
                    let Some(options) = &pair.options else { continue };
                    for (at, option) in options.items.iter().enumerate() {
                        if let Err(why) = computed(database, sentence, option) {
                            let it = Removal::option(source, pair.span(), options, at, &why);
                            removals.push(it);
                        }
                    }
                }
                Member::Sentence(own) => {
                    let parts = own.argument.iter();
                    let given = own.options.iter().flat_map(|it| &it.items);
                    let mut parts = parts.chain(given.filter_map(|it| it.value.as_ref()));
                    if let Some(Err(why)) = parts
                        .find_map(|it| Some(checked(database, sentence, it)).filter(Result::is_err))
                    {
                        removals.push(Removal::whole(&source.text, source.range(own.span), &why));
                    }
                }
            }
        }
    }
    let count = removals.len();
    (without(text, removals), count)
}

/// Whether SQLite reads a statement, or what it says.
fn compiles(database: &mut impl Structure, sql: &str) -> Result<(), String> {
    database.quoted_texts(sql).map(|_| ()).map_err(|it| it.to_string())
}

/// Whether SQLite computes what an option of an attribute has in raw SQL, or why it doesn't.
fn computed(
    database: &mut impl Structure,
    sentence: &Sentence,
    option: &OptionPair,
) -> Result<(), String> {
    let Some(value) = &option.value else { return Ok(()) };
    match (option.name.text.as_str(), &value.kind) {
        ("defaultValue", ValueKind::Sql(sql)) => compiles(database, &format!("SELECT ({sql})"))
            .map_err(|it| format!("SQLite can't compute the default {sql}: {it}")),
        ("check", _) => checked(database, sentence, value),
        _ => Ok(()),
    }
}

/// Whether SQLite computes all raw SQL of an expression about a model's rows, or why it doesn't.
fn checked(
    database: &mut impl Structure,
    sentence: &Sentence,
    value: &ValueNode,
) -> Result<(), String> {
    if let ValueKind::Sql(sql) = &value.kind {
        let statement = format!("CREATE TABLE x ({}, CHECK ({sql}))", columns(sentence));
        return compiles(database, &statement)
            .map_err(|it| format!("SQLite can't compute {sql}: {it}"));
    }
    value.parts().into_iter().try_for_each(|it| checked(database, sentence, it))
}

/// The columns of a model's table, as SQL: those that are declared, and those that it may have by itself.
fn columns(sentence: &Sentence) -> String {
    let mut names: Vec<String> = Vec::new();
    let field = |option: &OptionPair| match option.value.as_ref().map(|it| &it.kind) {
        Some(ValueKind::Name(word)) if option.name.text == "field" => Some(word.text.to_string()),
        _ => None,
    };
    for pair in members(sentence) {
        names.extend(pair.options.iter().flat_map(|it| it.items.iter().filter_map(field)));
        names.push(pair.key.text.to_string());
    }
    names.extend(["id", "createdAt", "updatedAt", "deletedAt"].map(str::to_owned));
    let mut known = std::collections::HashSet::new();
    names.retain(|it| known.insert(it.to_lowercase()));
    let mut res = String::new();
    for name in names {
        let comma = if res.is_empty() { "" } else { ", " };
        let _ = write!(res, "{comma}\"{}\"", name.replace('"', "\"\""));
    }
    res
}

/// A type by its first word alone.
fn plain_type(sql: &str) -> String {
    let word: String = sql.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
    let word = if word.is_empty() { "TEXT" } else { &word };
    format!("sql`{word}`")
}

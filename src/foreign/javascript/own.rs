//! What a script's own values and calls say, where they are written as JavaScript's are.

use super::super::draft::options;
use super::super::lexeme::{LexemeCursor, LexemeSpelling};
use super::super::{ForeignPart, Translation};
use super::names::Names;
use super::value::JsValue;
use super::{JavaScript, client_query, model, value};
use std::collections::BTreeSet;

/// The value that a script's text holds, with what is known of its model.
fn own_value(text: &str, documents: impl Iterator<Item = String>) -> (JsValue, Names) {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, 0);
    let documents: BTreeSet<String> = documents.collect();
    (value::value(&mut cursor), Names { documents, is_script: true, ..Names::default() })
}

/// The condition that an object in a script says.
pub(in super::super) fn condition(
    text: &str,
    documents: impl Iterator<Item = String>,
) -> Option<String> {
    let (value, names) = own_value(text, documents);
    super::condition::condition(&value, &names)
}

/// The options that an object in a script says.
pub(in super::super) fn query(
    text: &str,
    documents: impl Iterator<Item = String>,
) -> Option<Vec<String>> {
    let (value, names) = own_value(text, documents);
    super::query::query(&value, &names).or_else(|| client_query::query(&value, &names))
}

/// The type and the options of an attribute that an object in a script says.
pub(in super::super) fn attribute(text: &str) -> Option<String> {
    let (value, names) = own_value(text, std::iter::empty());
    let found = model::attribute("it", &value, &names).ok()?;
    found.remarks.is_empty().then(|| format!("{}{}", found.data_type, options(&found.options)))
}

/// The includes that a value in a script says.
pub(in super::super) fn include(
    text: &str,
    documents: impl Iterator<Item = String>,
) -> Option<String> {
    let (value, names) = own_value(text, documents);
    super::query::include(&value, &names).or_else(|| client_query::included(&value, &names))
}

/// A call in a script, said as a sentence.
pub(in super::super) fn own_call(text: &str) -> Option<String> {
    let mut javascript = JavaScript::default();
    javascript.names.is_script = true;
    match javascript.statement(text, 0)? {
        ForeignPart { end, said: Translation::Said(said) } if end == text.len() => Some(said),
        _ => None,
    }
}

//! Rows that are told by conditions, as others tell them: `findOrCreate < where: (name = "Ann") >`, `update { where: .., data: .. }`.

use super::super::draft::{name, options};
use super::super::lexeme::{LexemeCursor, LexemeSpelling};
use super::parts::{ListedOption, items, row};

/// Whether a row's member is no value but what a sentence says beside its row.
pub(crate) fn is_beside_row(key: &str) -> bool {
    matches!(key, "where" | "data" | "defaults" | "values" | "set")
}

/// The sentence whose row is said by options; `inner` is what stands in its brackets.
pub(super) fn by_options(subject: &str, verb: &str, inner: &str) -> Option<String> {
    let all = items(inner)?;
    let (mut condition, mut values, mut defaults, mut said) = (None, None, None, Vec::new());
    for ListedOption { key, value, written } in all {
        match (key.as_str(), value) {
            ("where", Some(it)) => condition = Some(it),
            ("data" | "values" | "set", Some(it)) if it.starts_with('{') => values = Some(it),
            ("defaults" | "create", Some(it)) if it.starts_with('{') => defaults = Some(it),
            (key, _) if is_beside_row(key) => return None,
            _ => said.push(written),
        }
    }
    match verb {
        "findOrCreate" => {
            let row = equalities(&condition?)?;
            if let Some(it) = defaults.or(values) {
                said.insert(0, format!("defaults: {it}"));
            }
            Some(format!("{subject} {verb} {row}{}", options(&said)))
        }
        "create" | "upsert" if condition.is_none() && defaults.is_none() => {
            Some(format!("{subject} {verb} {}{}", values?, options(&said)))
        }
        "update" if defaults.is_none() => {
            let condition = condition?;
            let meant = if condition.starts_with('{') {
                format!("({})", super::super::condition(&condition, std::iter::empty())?)
            } else {
                condition
            };
            said.insert(0, format!("where: {meant}"));
            Some(format!("{subject} {verb} {}{}", values?, options(&said)))
        }
        _ => None,
    }
}

/// The row of a condition that holds of one value of each attribute: `(name = "Ann" and age = 3)`.
fn equalities(condition: &str) -> Option<String> {
    let inner = condition.get(1..condition.len().checked_sub(1)?)?;
    if condition.starts_with('{') {
        return row(inner);
    }
    if !condition.starts_with('(') {
        return None;
    }
    let mut cursor = LexemeCursor::new(inner, LexemeSpelling::Script, 0);
    let mut each = Vec::new();
    loop {
        let key = cursor.name()?;
        cursor.eat("=").then_some(())?;
        let value = cursor.until(|it| it.is("and") || it.is("or")).trim();
        let is_single = {
            let mut ahead = LexemeCursor::new(value, LexemeSpelling::Script, 0);
            ahead.skip() && ahead.peek().is_none()
        };
        is_single.then_some(())?;
        each.push(format!("{}: {value}", name(&key)));
        if cursor.peek().is_none() {
            return Some(format!("{{ {} }}", each.join(", ")));
        }
        cursor.eat("and").then_some(())?;
    }
}

//! What names in JavaScript mean: models, variables, columns.

use super::super::draft::{operand, text};
use super::super::lexeme::{LexemeCursor, LexemeKind, LexemeSpelling};
use super::value::JsValue;
use std::collections::{BTreeMap, BTreeSet};

/// What the names in a text mean.
#[derive(Debug, Default, Clone)]
pub(super) struct Names {
    /// Which model each variable is.
    pub(super) models: BTreeMap<String, String>,
    /// Attributes that hold documents: what stands in an object beside them are their parts.
    pub(super) documents: BTreeSet<String>,
    /// The variables that the script will have.
    pub(super) variables: BTreeSet<String>,
    /// What stands before a colon in the text: names that an attribute may have, so that in a condition they are no variable's.
    pub(super) keys: BTreeSet<String>,
    /// Whether the text is a script's own, so that it has all its variables.
    pub(super) is_script: bool,
}

impl Names {
    /// The model that a value names.
    pub(super) fn model(&self, value: &JsValue) -> Option<String> {
        match value {
            JsValue::Path(_) => value.last_step().map(|it| self.of(it)),
            _ => None,
        }
    }

    /// A variable of the program in a value, which a script doesn't have.
    pub(super) fn unknown_in<'v>(&self, value: &'v JsValue) -> Option<&'v str> {
        const OTHERS: [&str; 9] = [
            "transaction",
            "model",
            "through",
            "include",
            "association",
            "type",
            "logging",
            "hooks",
            "returning",
        ];
        match value {
            JsValue::Path(path) => {
                (!value.is_constant() && !self.is_variable(path)).then_some(path)
            }
            JsValue::List(items) => items.iter().find_map(|it| self.unknown_in(it)),
            JsValue::Object(members) => {
                let mut own = members.iter().filter(|it| !OTHERS.contains(&it.0.as_str()));
                own.find_map(|it| self.unknown_in(&it.1))
            }
            JsValue::Text(_)
            | JsValue::Number(_)
            | JsValue::Call(..)
            | JsValue::Regex(..)
            | JsValue::Code(_) => None,
        }
    }

    fn is_variable(&self, path: &str) -> bool {
        self.is_script || self.variables.contains(path.split('.').next().unwrap_or_default())
    }

    /// Whether a variable beside `left` in a condition would be read as an attribute.
    pub(super) fn is_ambiguous(&self, path: &str, left: &str) -> bool {
        path == left || self.keys.contains(path)
    }

    /// A row's values.
    pub(super) fn row(&self, value: &JsValue) -> Option<String> {
        if self.unknown_in(value).is_some() { None } else { value.written() }
    }

    /// The model that a variable is.
    pub(super) fn of(&self, variable: &str) -> String {
        self.models.get(variable).map_or(variable, String::as_str).to_owned()
    }
}

/// A column that is named or asked for by `col(..)`.
pub(super) fn column(value: &JsValue) -> Option<&str> {
    match value {
        JsValue::Text(it) => Some(it),
        JsValue::Call(called, arguments, _) if called.ends_with("col") => arguments.first()?.text(),
        _ => None,
    }
}

/// `amount`, `count(*)`
pub(super) fn computed(value: &JsValue) -> Option<String> {
    match value {
        JsValue::Text(it) if it == "*" => Some(it.clone()),
        JsValue::Call(called, arguments, _) if called.ends_with("fn") => {
            let (function, rest) = arguments.split_first()?;
            let rest: Option<Vec<String>> = rest
                .iter()
                .map(|it| match it {
                    JsValue::Text(it) => Some(text(it)),
                    it => computed(it),
                })
                .collect();
            Some(format!("{}({})", function.text()?.to_lowercase(), rest?.join(", ")))
        }
        it => match column(it) {
            Some("*") => Some("*".to_owned()),
            Some(it) => Some(it.split('.').map(operand).collect::<Vec<_>>().join(".")),
            None => it.literal().or_else(|| it.written()),
        },
    }
}

/// The words that stand before a colon.
pub(super) fn keys_of(text: &str) -> BTreeSet<String> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, 0);
    let (mut res, mut before) = (BTreeSet::new(), "");
    while let Some(next) = cursor.take() {
        if next.is(":") && !before.is_empty() {
            res.insert(before.to_owned());
        }
        before = if next.kind == LexemeKind::Word { next.text } else { "" };
    }
    res
}

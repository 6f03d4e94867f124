//! The names of models and enums: no two tables have one model, though their names or those of their schemas tell them apart alone.

use super::super::draft::model_of_table;
use super::plain;
use crate::words::{camelize, upper_first};
use std::collections::{HashMap, HashSet};

/// The name of each table's model, and of each enum.
#[derive(Debug, Default)]
pub(super) struct ModelNames {
    models: HashMap<String, String>,
    enums: HashMap<String, String>,
    used: HashSet<String>,
}

impl ModelNames {
    /// A table that is declared.
    pub(super) fn add_table(&mut self, table: &str) {
        if !self.models.contains_key(table) {
            let named = self.free(table, &model_of_table(table));
            self.models.insert(table.to_owned(), named);
        }
    }

    /// An enum that is declared.
    pub(super) fn add_enum(&mut self, named: &str) {
        if !self.enums.contains_key(named) {
            let own = self.free(named, &plain(named));
            self.enums.insert(named.to_owned(), own);
        }
    }

    /// The first of these that is free: the name itself, the one with its schema, the one with a number.
    fn free(&mut self, full: &str, short: &str) -> String {
        let schema = full.rsplit_once('.').map(|it| upper_first(&camelize(it.0)).to_string());
        let base = match schema {
            Some(schema) if self.used.contains(&short.to_lowercase()) => {
                let letters: String = schema.chars().filter(|it| it.is_alphanumeric()).collect();
                format!("{letters}{}", upper_first(short))
            }
            _ => short.to_owned(),
        };
        let found = first_free(&base, |base, count| format!("{base}{}", count + 1), &self.used);
        self.used.insert(found.to_lowercase());
        found
    }

    /// The model of a table; of one that isn't declared, the one it would have.
    pub(super) fn model(&self, table: &str) -> String {
        self.models.get(table).cloned().unwrap_or_else(|| model_of_table(table))
    }

    /// The enum that a type names, with its schema or without.
    pub(super) fn enumeration(&self, named: &str) -> Option<&str> {
        let named = named.strip_prefix("public.").unwrap_or(named);
        self.enums.get(named).map(String::as_str)
    }
}

/// A name, or the first with a number that isn't used, whatever its case.
pub(super) fn first_free(
    base: &str,
    numbered: impl Fn(&str, usize) -> String,
    used: &HashSet<String>,
) -> String {
    let is_free = |it: &String| !used.contains(&it.to_lowercase());
    let all = (1..).map(|count| numbered(base, count));
    let mut all = std::iter::once(base.to_owned()).chain(all);
    all.find(is_free).unwrap_or_else(|| base.to_owned())
}

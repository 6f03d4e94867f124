//! Prisma's enums.

use super::super::draft::name;
use super::super::lexeme::{LexemeCursor, LexemeSpelling};
use super::arguments::{arguments, quoted};

/// An `enum`, with what its database calls it and its values.
#[derive(Debug)]
pub(super) struct PrismaEnum {
    pub(super) name: String,
    /// `@@map("roles")`
    table_name: Option<String>,
    /// Each value, and what the database has for it.
    values: Vec<(String, String)>,
    /// Whether it says what Relata's own can't.
    is_mapped: bool,
}

impl PrismaEnum {
    /// The one whose word begins at `at`, and where it ends; nothing where it isn't Prisma's.
    pub(super) fn at(text: &str, at: usize) -> Option<(Self, usize)> {
        let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
        cursor.word()?;
        let name = cursor.word()?.to_owned();
        if !cursor.eat("{") {
            return None;
        }
        let mut res = Self { name, table_name: None, values: Vec::new(), is_mapped: false };
        while !cursor.eat("}") {
            if cursor.eat_all(&["@", "@"]) {
                let word = cursor.word()?;
                let inner = arguments(&mut cursor);
                res.is_mapped = true;
                if word == "map" {
                    res.table_name = quoted(&inner);
                }
            } else if cursor.eat("@") {
                let word = cursor.word()?;
                let inner = quoted(&arguments(&mut cursor));
                res.is_mapped = true;
                if let (Some(last), "map", Some(value)) = (res.values.last_mut(), word, inner) {
                    last.1 = value;
                }
            } else {
                let value = cursor.word()?;
                res.values.push((value.to_owned(), value.to_owned()));
            }
        }
        Some((res, cursor.end))
    }

    /// What its type is called in the database.
    pub(super) fn own_name(&self) -> &str {
        self.table_name.as_deref().unwrap_or(&self.name)
    }

    /// What the database has for one of its values.
    pub(super) fn value(&self, word: &str) -> Option<&str> {
        self.values.iter().find(|it| it.0 == word).map(|it| it.1.as_str())
    }

    /// The sentence, unless it is one of Relata's as it stands.
    pub(super) fn written(&self) -> Option<String> {
        let values: Vec<String> = self.values.iter().map(|it| name(&it.1)).collect();
        self.is_mapped
            .then(|| format!("enum {} {{ {} }}", name(self.own_name()), values.join(", ")))
    }
}

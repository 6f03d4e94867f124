//! One buffer for a statement's text: where names and values are quoted.

use super::dialect::{Dialect, DialectKind, Placeholder};
use crate::value::Value;
use std::fmt::Write as _;
use std::ops::Range;

/// A statement: its text and the values of its parameters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sql {
    /// The text, without a semicolon.
    pub text: String,
    /// The parameters' values, in order.
    pub parameters: Vec<Value>,
}

/// Where a statement has keys: parameters whose values, and whose number, come later.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyParameters {
    /// How many parameters stand before them.
    pub parameter: usize,
    /// How many keys they are.
    pub count: usize,
    /// How many columns a key has.
    pub width: usize,
    /// Their placeholders, by their place in the text.
    pub text: Range<usize>,
}

impl Sql {
    /// The statement with `count` keys, whose values are these, key after key, and then nulls. Another number of keys than it was made for
    /// only where all placeholders are alike ([`Placeholder::Question`]).
    #[must_use]
    pub fn with_keys<'v>(
        &self,
        keys: &KeyParameters,
        count: usize,
        values: impl IntoIterator<Item = &'v Value>,
    ) -> Self {
        let all = count * keys.width;
        let text =
            if count == keys.count { self.text.clone() } else { self.text_with_keys(keys, count) };
        let parts = self.parameters.split_at_checked(keys.parameter);
        let (first, rest) = parts.unwrap_or_default();
        let last = rest.get(keys.count * keys.width..).unwrap_or_default();
        let mut parameters = Vec::with_capacity(first.len() + all + last.len());
        parameters.extend_from_slice(first);
        parameters.extend(values.into_iter().take(all).cloned());
        parameters.resize(first.len() + all, Value::Null);
        parameters.extend_from_slice(last);
        Self { text, parameters }
    }

    /// The text with places for so many keys.
    fn text_with_keys(&self, keys: &KeyParameters, count: usize) -> String {
        let before = self.text.get(..keys.text.start).unwrap_or_default();
        let behind = self.text.get(keys.text.end..).unwrap_or_default();
        let all = count * keys.width;
        let mut text = String::with_capacity(before.len() + behind.len() + 3 * all + 2 * count);
        text.push_str(before);
        for place in 0..all {
            let first = place.is_multiple_of(keys.width);
            text.push_str(match (place, keys.width > 1 && first) {
                (0, false) => "?",
                (0, true) => "(?",
                (_, false) => ", ?",
                (_, true) => "), (?",
            });
        }
        text.push_str(if keys.width > 1 && all > 0 { ")" } else { "" });
        text.push_str(behind);
        text
    }
}

/// Writes SQL into one buffer.
#[derive(Debug)]
pub struct Writer<'a> {
    /// For which database.
    pub dialect: &'a Dialect,
    text: String,
    parameters: Option<Vec<Value>>,
    /// Where the keys are that are filled in later.
    pub(super) keys: Option<KeyParameters>,
}

impl<'a> Writer<'a> {
    /// A writer that puts values into the text, as DDL needs it.
    pub const fn inline(dialect: &'a Dialect) -> Self {
        Self { dialect, text: String::new(), parameters: None, keys: None }
    }

    /// A writer that puts placeholders into the text and collects the values.
    pub const fn with_parameters(dialect: &'a Dialect) -> Self {
        Self { dialect, text: String::new(), parameters: Some(Vec::new()), keys: None }
    }

    /// What has been written.
    pub fn finish(self) -> Sql {
        Sql { text: self.text, parameters: self.parameters.unwrap_or_default() }
    }

    /// Whether values become parameters.
    pub(super) const fn uses_parameters(&self) -> bool {
        self.parameters.is_some()
    }

    /// How many parameters there are so far.
    pub(super) const fn parameter_count(&self) -> usize {
        match &self.parameters {
            Some(it) => it.len(),
            None => 0,
        }
    }

    /// How many bytes have been written.
    pub const fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether nothing has been written.
    pub const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The buffer, for the dialects' type writers.
    pub(super) const fn buffer(&mut self) -> &mut String {
        &mut self.text
    }

    /// SQL as it is.
    pub fn push(&mut self, sql: &str) -> &mut Self {
        self.text.push_str(sql);
        self
    }

    /// A name in quotes; a quote in it is doubled.
    pub fn name(&mut self, name: &str) -> &mut Self {
        let quote = self.dialect.quote;
        self.text.push(quote);
        for part in name.split_inclusive(quote) {
            self.text.push_str(part);
            if part.ends_with(quote) {
                self.text.push(quote);
            }
        }
        self.text.push(quote);
        self
    }

    /// The name of an index or a constraint: shortened where it is too long.
    pub fn short_name(&mut self, name: &str) -> &mut Self {
        let dialect = self.dialect;
        self.name(&dialect.shortened(name))
    }

    /// ``(`a`, `b`)``
    pub fn names<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> &mut Self {
        self.push("(");
        self.list(names, |writer, it| {
            writer.name(it);
        });
        self.push(")")
    }

    /// `a, b, c`
    pub fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (place, item) in items.into_iter().enumerate() {
            if place > 0 {
                self.push(", ");
            }
            each(self, item);
        }
        self
    }

    /// A value: a parameter where they are collected, else a literal.
    pub fn value(&mut self, value: &Value) -> &mut Self {
        if !self.uses_parameters() {
            return self.literal(value);
        }
        match (self.dialect.kind, value) {
            // Without a column that says so they would be the letters of a text.
            (DialectKind::Mysql | DialectKind::Mariadb, Value::Blob(_)) => {
                self.push("CAST(").untyped_value(value).push(" AS BINARY)")
            }
            _ => {
                self.untyped_value(value);
                self.push((self.dialect.parameter_type)(value))
            }
        }
    }

    /// The same where a column says which type it is of.
    pub(super) fn untyped_value(&mut self, value: &Value) -> &mut Self {
        let Some(parameters) = &mut self.parameters else {
            return self.literal(value);
        };
        parameters.push(value.clone());
        match self.dialect.placeholder {
            Placeholder::Question => self.text.push('?'),
            Placeholder::Numbered => {
                let _ = write!(self.text, "${}", parameters.len());
            }
        }
        self
    }

    /// A value as a literal, wherever it is.
    pub fn literal(&mut self, value: &Value) -> &mut Self {
        match value {
            Value::Null => self.push("NULL"),
            Value::Bool(it) => {
                let [no, yes] = self.dialect.booleans;
                self.push(if *it { yes } else { no })
            }
            Value::Integer(it) => {
                let _ = write!(self.text, "{it}");
                self
            }
            Value::Float(it) => self.float(*it),
            Value::Decimal(it) => self.push(it),
            Value::Text(it) | Value::Json(it) => self.text(it),
            Value::Date(it) => self.date(it, 3),
            Value::Blob(bytes) => {
                self.push(match self.dialect.kind {
                    DialectKind::Sqlite | DialectKind::Mysql | DialectKind::Mariadb => "X'",
                    DialectKind::Postgres => "'\\x",
                });
                for byte in bytes {
                    let _ = write!(self.text, "{byte:02x}");
                }
                self.push("'")
            }
        }
    }

    /// A float, so that it is read back as the same.
    fn float(&mut self, value: f64) -> &mut Self {
        if value.is_finite() {
            let _ = write!(self.text, "{value:?}");
            return self;
        }
        self.push(match self.dialect.kind {
            DialectKind::Postgres if value.is_nan() => "CAST('NaN' AS DOUBLE PRECISION)",
            DialectKind::Postgres if value > 0.0 => "CAST('Infinity' AS DOUBLE PRECISION)",
            DialectKind::Postgres => "CAST('-Infinity' AS DOUBLE PRECISION)",
            DialectKind::Sqlite | DialectKind::Mysql | DialectKind::Mariadb if value.is_nan() => {
                "NULL"
            }
            DialectKind::Sqlite | DialectKind::Mysql | DialectKind::Mariadb if value > 0.0 => {
                "9e999"
            }
            DialectKind::Sqlite | DialectKind::Mysql | DialectKind::Mariadb => "-9e999",
        })
    }

    /// A text in quotes.
    pub fn text(&mut self, text: &str) -> &mut Self {
        if text.contains('\0') {
            return self.text_with_nul(text);
        }
        self.text.push('\'');
        self.escaped(text);
        self.text.push('\'');
        self
    }

    /// A text's characters, those that mean something in a literal escaped.
    fn escaped(&mut self, text: &str) {
        for it in text.chars() {
            if it == '\'' || (it == '\\' && self.dialect.backslashes) {
                self.text.push(it);
            }
            self.text.push(it);
        }
    }

    /// A text with a NUL in it, which ends a statement's text in SQLite and which PostgreSQL refuses.
    fn text_with_nul(&mut self, text: &str) -> &mut Self {
        match self.dialect.kind {
            DialectKind::Sqlite => {
                self.push("CAST(");
                self.literal(&Value::Blob(text.as_bytes().into()));
                self.push(" AS TEXT)")
            }
            DialectKind::Postgres => {
                self.push("E'");
                self.escaped(&text.replace('\\', "\\\\").replace('\0', "\\000"));
                self.push("'")
            }
            DialectKind::Mysql | DialectKind::Mariadb => {
                self.push("'");
                for (place, part) in text.split('\0').enumerate() {
                    if place > 0 {
                        self.push("\\0");
                    }
                    self.escaped(part);
                }
                self.push("'")
            }
        }
    }

    /// A moment, with at most so many digits of a second's fraction where the database keeps no more.
    pub(super) fn date(&mut self, date: &str, digits: usize) -> &mut Self {
        match self.dialect.kind {
            DialectKind::Sqlite | DialectKind::Postgres => self.text(date),
            // They know no offset; the moment is in UTC.
            DialectKind::Mysql | DialectKind::Mariadb => {
                let plain = date.strip_suffix(" +00:00").unwrap_or(date);
                let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
                let kept = fraction.get(..digits.min(fraction.len())).unwrap_or_default();
                let point = if kept.is_empty() { "" } else { "." };
                self.text(&format!("{whole}{point}{kept}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dialect: &Dialect, value: &Value, expected: &str) {
        let mut writer = Writer::inline(dialect);
        writer.literal(value);
        assert_eq!(writer.finish().text, expected, "{value:?} for {}", dialect.title);
    }

    #[test]
    fn literals_are_quoted_as_each_database_reads_them() {
        let text = Value::Text("it's \\ a\nline".into());
        check(Dialect::SQLITE, &text, "'it''s \\ a\nline'");
        check(Dialect::POSTGRES, &text, "'it''s \\ a\nline'");
        check(Dialect::MYSQL, &text, "'it''s \\\\ a\nline'");
        let nul = Value::Text("a\0'b".into());
        check(Dialect::SQLITE, &nul, "CAST(X'61002762' AS TEXT)");
        check(Dialect::MARIADB, &nul, "'a\\0''b'");
        check(Dialect::SQLITE, &Value::Bool(true), "1");
        check(Dialect::POSTGRES, &Value::Bool(false), "FALSE");
        let blob = Value::Blob([0, 255].into());
        check(Dialect::SQLITE, &blob, "X'00ff'");
        check(Dialect::POSTGRES, &blob, "'\\x00ff'");
        check(Dialect::SQLITE, &Value::Float(1e300), "1e300");
        check(Dialect::SQLITE, &Value::Float(2.0), "2.0");
        check(Dialect::SQLITE, &Value::Float(f64::INFINITY), "9e999");
        let date = Value::Date("2022-01-16 12:00:00.123 +00:00".into());
        check(Dialect::POSTGRES, &date, "'2022-01-16 12:00:00.123 +00:00'");
        check(Dialect::MYSQL, &date, "'2022-01-16 12:00:00.123'");
    }

    #[test]
    fn a_quote_in_a_name_is_doubled() {
        let mut writer = Writer::inline(Dialect::SQLITE);
        writer.name("a`b``").push(" ").name("");
        assert_eq!(writer.finish().text, "`a``b````` ``");
    }

    #[test]
    fn values_are_collected_where_they_are_parameters() {
        let mut writer = Writer::with_parameters(Dialect::POSTGRES);
        let values = [Value::Integer(1), Value::Null];
        writer.list(&values, |writer, it| {
            writer.value(it);
        });
        let sql = writer.finish();
        assert_eq!((sql.text.as_str(), sql.parameters), ("$1::integer, $2", values.to_vec()));
    }
}
